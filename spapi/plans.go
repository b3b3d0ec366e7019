package spapi

// Plan is Amazon's usage plan of an operation: a token bucket that holds Burst calls and refills at Rate calls a second,
// per application and seller.
type Plan struct {
	Rate  float64
	Burst int
}

// PlanOf returns the documented plan of an operation. Amazon sends the rate that really applies in the header
// x-amzn-RateLimit-Limit of most answers; see [Buckets].
func PlanOf(operation string) (Plan, bool) {
	switch operation {
	case "reports.getReports", "reports.cancelReport", "reports.getReportSchedules", "reports.createReportSchedule",
		"reports.getReportSchedule", "reports.cancelReportSchedule":
		return Plan{0.0222, 10}, true
	case "reports.createReport", "reports.getReportDocument":
		return Plan{0.0167, 15}, true
	case "reports.getReport":
		return Plan{2, 15}, true
	case "finances.listTransactions", "finances.listBalances", "finances.listSummary":
		return Plan{0.5, 10}, true
	case "financesV0.listFinancialEventGroups", "financesV0.listFinancialEventsByGroupId",
		"financesV0.listFinancialEventsByOrderId", "financesV0.listFinancialEvents":
		return Plan{0.5, 30}, true
	case "transfers.listPayouts", "transfers.listExpectedPayouts":
		return Plan{0.5, 10}, true
	case "transfers.getPaymentMethods":
		return Plan{0.5, 30}, true
	case "transfers.initiatePayout":
		return Plan{0.017, 2}, true
	case "orders.searchOrders":
		return Plan{0.0056, 20}, true
	case "orders.getOrder":
		return Plan{0.5, 30}, true
	case "sellers.getMarketplaceParticipations", "sellers.getAccount":
		return Plan{0.016, 15}, true
	case "catalog.searchCatalogItems", "catalog.getCatalogItem", "inventory.getInventorySummaries":
		return Plan{2, 2}, true
	case "tokens.createRestrictedDataToken":
		return Plan{1, 10}, true
	}
	return Plan{}, false
}
