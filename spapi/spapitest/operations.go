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
		orders         = "/orders/2026-01-01"
		catalog        = "/catalog/2022-04-01"
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
		{"listBalances", get, finances + "/balances", 0.5, 10, "marketplaceIds balanceType accountType asOfDate nextToken", 200, listBalances},
		{"listSummary", get, finances + "/summary", 0.5, 10, "marketplaceIds accountType relatedIdentifierName relatedIdentifierValue periodStart periodEnd nextToken", 200, listSummary},

		{"listFinancialEventGroups", get, financesV0 + "/financialEventGroups", 0.5, 30, "MaxResultsPerPage FinancialEventGroupStartedBefore FinancialEventGroupStartedAfter NextToken", 200, listFinancialEventGroups},

		{"listFinancialEventsByGroupId", get, financesV0 + "/financialEventGroups/{eventGroupId}/financialEvents", 0.5, 30, "MaxResultsPerPage PostedAfter PostedBefore NextToken", 200, listFinancialEventsByGroupID},
		{"listFinancialEventsByOrderId", get, financesV0 + "/orders/{orderId}/financialEvents", 0.5, 30, "MaxResultsPerPage NextToken", 200, listFinancialEventsByOrderID},
		{"listFinancialEvents", get, financesV0 + "/financialEvents", 0.5, 30, "MaxResultsPerPage PostedAfter PostedBefore NextToken", 200, listFinancialEvents},

		{"listPayouts", get, transfers + "/payouts", 0.5, 10, "marketplaceIds createdAfter createdBefore payoutId accountType nextToken", 200, listPayouts},

		{"listExpectedPayouts", get, transfers + "/payouts/expected", 0.5, 10, "marketplaceIds accountType nextToken", 200, listExpectedPayouts},
		{"getPaymentMethods", get, transfers + "/paymentMethods", 0.5, 30, "marketplaceId paymentMethodTypes", 200, getPaymentMethods},
		{"initiatePayout", post, transfers + "/payouts", 0.017, 2, "", 200, initiatePayout},

		{"searchOrders", get, orders + "/orders", 0.0056, 20, "createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore fulfillmentStatuses marketplaceIds fulfilledBy maxResultsPerPage paginationToken includedData", 200, searchOrders},
		{"getOrder", get, orders + "/orders/{orderId}", 0.5, 30, "includedData", 200, getOrder},

		{"searchCatalogItems", get, catalog + "/items", 2, 2, "identifiers identifiersType marketplaceIds includedData locale sellerId keywords brandNames classificationIds pageSize pageToken keywordsLocale", 200, searchCatalogItems},
		{"getCatalogItem", get, catalog + "/items/{asin}", 2, 2, "marketplaceIds includedData locale", 200, getCatalogItem},
		{"getInventorySummaries", get, "/fba/inventory/v1/summaries", 2, 2, "details granularityType granularityId startDateTime sellerSkus sellerSku nextToken marketplaceIds", 200, getInventorySummaries},

		{"createRestrictedDataToken", post, "/tokens/2021-03-01/restrictedDataToken", 1, 10, "", 200, createRestrictedDataToken},
		{"getAccount", get, "/sellers/v1/account", 0.016, 15, "", 200, getAccount},
		{"getMarketplaceParticipations", get, "/sellers/v1/marketplaceParticipations", 0.016, 15, "", 200, getMarketplaceParticipations},
	}
}
