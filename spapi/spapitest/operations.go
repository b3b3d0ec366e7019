package spapitest

import "net/http"

// operations is the fake's own table of paths and usage plans, typed in from the models' descriptions.
func operations() []operation {
	const (
		get, post, del = http.MethodGet, http.MethodPost, http.MethodDelete
		reports        = "/reports/2021-06-30"
		finances       = "/finances/2024-06-19"
		financesV0     = "/finances/v0"
		transfers      = "/finances/transfers/2024-06-01"
	)
	return []operation{
		{"getReports", get, reports + "/reports", 0.0222, 10, "reportTypes processingStatuses marketplaceIds pageSize createdSince createdUntil nextToken", 200, getReports},
		{"createReport", post, reports + "/reports", 0.0167, 15, "", 202, createReport},
		{"getReport", get, reports + "/reports/{reportId}", 2, 15, "", 200, getReport},
		{"cancelReport", del, reports + "/reports/{reportId}", 0.0222, 10, "", 200, cancelReport},
		{"getReportSchedules", get, reports + "/schedules", 0.0222, 10, "reportTypes", 200, getReportSchedules},
		{"createReportSchedule", post, reports + "/schedules", 0.0222, 10, "", 201, createReportSchedule},
		{"getReportSchedule", get, reports + "/schedules/{reportScheduleId}", 0.0222, 10, "", 200, getReportSchedule},
		{"cancelReportSchedule", del, reports + "/schedules/{reportScheduleId}", 0.0222, 10, "", 200, cancelReportSchedule},
		{"getReportDocument", get, reports + "/documents/{reportDocumentId}", 0.0167, 15, "enableContentEncodingUrlHeader", 200, getReportDocument},

		{"listTransactions", get, finances + "/transactions", 0.5, 10, "postedAfter postedBefore marketplaceId transactionStatus relatedIdentifierName relatedIdentifierValue nextToken", 200, listTransactions},
		{"listSummary", get, finances + "/summary", 0.5, 10, "marketplaceIds accountType relatedIdentifierName relatedIdentifierValue periodStart periodEnd nextToken", 200, listSummary},

		{"listFinancialEventGroups", get, financesV0 + "/financialEventGroups", 0.5, 30, "MaxResultsPerPage FinancialEventGroupStartedBefore FinancialEventGroupStartedAfter NextToken", 200, listFinancialEventGroups},

		{"listPayouts", get, transfers + "/payouts", 0.5, 10, "marketplaceIds createdAfter createdBefore payoutId accountType nextToken", 200, listPayouts},

		{"getMarketplaceParticipations", get, "/sellers/v1/marketplaceParticipations", 0.016, 15, "", 200, getMarketplaceParticipations},
	}
}
