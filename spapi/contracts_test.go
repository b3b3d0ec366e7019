package spapi_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// contract is how an operation of the package meets its model.
type contract struct {
	// call makes the call with every parameter set and returns what it yields, in a form whose JSON is Amazon's.
	call func(*testing.T, *spapi.Client) any
	// root is where in the answer the yielded items are; "" for the answer itself.
	root string
	// item is the type of the items; nil where the package returns a single word of the answer.
	item reflect.Type
	// envelope lists the members outside root, which the package uses itself.
	envelope []string
}

func only[T any](t *testing.T) func(T, error) any {
	return func(v T, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var someTime = time.Date(2026, 3, 1, 10, 20, 30, 0, time.UTC)

func contracts() map[string]contract {
	v0 := []string{"payload.NextToken", "errors[].code", "errors[].message", "errors[].details"}
	errorsOnly := []string{"errors[].code", "errors[].message", "errors[].details"}
	related := spapi.RelatedIdentifier{Name: spapi.SettlementID, Value: "1"}
	marketplace := []string{"ATVPDKIKX0DER"}
	options := map[string]string{"a": "b"}
	events := spapi.EventsQuery{PostedAfter: someTime, PostedBefore: someTime, PageSize: 1}
	resource := spapi.RestrictedResource{Method: "GET", Path: "/x", DataElements: []string{"buyerInfo"}}
	return map[string]contract{
		"reports.getReports": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Report](t)(collect(c.Reports.List(t.Context(), spapi.ReportsQuery{
					Types: []spapi.ReportType{"T"}, Statuses: []spapi.ReportStatus{spapi.ReportDone}, MarketplaceIDs: marketplace,
					CreatedSince: someTime, CreatedUntil: someTime, PageSize: 7,
				})))
			},
			root: "reports[]", item: reflect.TypeFor[spapi.Report](), envelope: []string{"nextToken"},
		},
		"reports.getReport": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.Report](t)(c.Reports.Report(t.Context(), "{reportId}"))
			},
			item: reflect.TypeFor[spapi.Report](),
		},
		"reports.createReport": {
			call: func(t *testing.T, c *spapi.Client) any {
				id := only[string](t)(c.Reports.Create(t.Context(), spapi.ReportRequest{Type: "T", MarketplaceIDs: marketplace, DataStart: someTime, DataEnd: someTime, Options: options}))
				return map[string]any{"reportId": id}
			},
		},
		"reports.cancelReport": {call: func(t *testing.T, c *spapi.Client) any {
			return only[any](t)(nil, c.Reports.Cancel(t.Context(), "{reportId}"))
		}},
		"reports.getReportDocument": {
			call: func(t *testing.T, c *spapi.Client) any {
				only[spapi.ReportDocument](t)(c.Reports.Document(t.Context(), "{reportDocumentId}"))
				d := only[spapi.ReportDocument](t)(c.Reports.DocumentEncoded(t.Context(), "{reportDocumentId}")).(spapi.ReportDocument)
				return map[string]any{"reportDocumentId": d.ID, "url": d.URL.Reveal(), "compressionAlgorithm": d.Compression}
			},
			item: reflect.TypeFor[spapi.ReportDocument](),
		},
		"reports.getReportSchedules": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.ReportSchedule](t)(collect(c.Reports.Schedules(t.Context(), "T")))
			},
			root: "reportSchedules[]", item: reflect.TypeFor[spapi.ReportSchedule](),
		},
		"reports.createReportSchedule": {
			call: func(t *testing.T, c *spapi.Client) any {
				id := only[string](t)(c.Reports.CreateSchedule(t.Context(), spapi.ReportScheduleRequest{Type: "T", MarketplaceIDs: marketplace, Period: spapi.EveryDay, Options: options, First: someTime}))
				return map[string]any{"reportScheduleId": id}
			},
		},
		"reports.getReportSchedule": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.ReportSchedule](t)(c.Reports.Schedule(t.Context(), "{reportScheduleId}"))
			},
			item: reflect.TypeFor[spapi.ReportSchedule](),
		},
		"reports.cancelReportSchedule": {call: func(t *testing.T, c *spapi.Client) any {
			return only[any](t)(nil, c.Reports.CancelSchedule(t.Context(), "{reportScheduleId}"))
		}},
		"finances.listTransactions": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Transaction](t)(collect(c.Finances.Transactions(t.Context(), spapi.TransactionsQuery{
					PostedAfter: someTime, PostedBefore: someTime, MarketplaceID: "M", Status: spapi.TransactionReleased, Related: related,
				})))
			},
			root: "payload.transactions[]", item: reflect.TypeFor[spapi.Transaction](), envelope: []string{"payload.nextToken"},
		},
		"finances.listBalances": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Balance](t)(collect(c.Finances.Balances(t.Context(), spapi.BalancesQuery{MarketplaceIDs: marketplace, Type: spapi.BalanceTotal, AccountType: "A", AsOf: "2026-01-02"})))
			},
			root: "balances[]", item: reflect.TypeFor[spapi.Balance](), envelope: []string{"nextToken"},
		},
		"finances.listSummary": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Summary](t)(collect(c.Finances.Summaries(t.Context(), spapi.SummariesQuery{Related: related, PeriodStart: "2026-01-01", PeriodEnd: "2026-01-02", MarketplaceIDs: marketplace, AccountType: "A"})))
			},
			root: "summaries[]", item: reflect.TypeFor[spapi.Summary](), envelope: []string{"nextToken"},
		},
		"financesV0.listFinancialEventGroups": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEventGroup](t)(collect(c.FinancesV0.EventGroups(t.Context(), spapi.EventGroupsQuery{StartedAfter: someTime, StartedBefore: someTime, PageSize: 1})))
			},
			root: "payload.FinancialEventGroupList[]", item: reflect.TypeFor[spapi.FinancialEventGroup](), envelope: v0,
		},
		"financesV0.listFinancialEvents": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.Events(t.Context(), events)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"financesV0.listFinancialEventsByGroupId": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.EventsByGroup(t.Context(), "{eventGroupId}", events)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"financesV0.listFinancialEventsByOrderId": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.EventsByOrder(t.Context(), "{orderId}", 1)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"transfers.listPayouts": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Payout](t)(collect(c.Transfers.Payouts(t.Context(), spapi.PayoutsQuery{MarketplaceIDs: marketplace, CreatedAfter: someTime, CreatedBefore: someTime, PayoutID: "P", AccountType: "A"})))
			},
			root: "payouts[]", item: reflect.TypeFor[spapi.Payout](), envelope: []string{"nextToken"},
		},
		"transfers.listExpectedPayouts": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.ExpectedPayout](t)(collect(c.Transfers.ExpectedPayouts(t.Context(), spapi.ExpectedPayoutsQuery{MarketplaceIDs: marketplace, AccountType: "A"})))
			},
			root: "expectedPayouts[]", item: reflect.TypeFor[spapi.ExpectedPayout](), envelope: []string{"nextToken"},
		},
		"transfers.getPaymentMethods": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.PaymentMethod](t)(c.Transfers.PaymentMethods(t.Context(), "M", spapi.PaymentBankAccount))
			},
			root: "paymentMethods[]", item: reflect.TypeFor[spapi.PaymentMethod](),
		},
		"transfers.initiatePayout": {call: func(t *testing.T, c *spapi.Client) any {
			return map[string]any{"payoutReferenceId": only[string](t)(c.Transfers.MoveMoneyToBank(t.Context(), "M", "A"))}
		}},
		"orders.searchOrders": {
			call: func(t *testing.T, c *spapi.Client) any {
				q := spapi.OrdersQuery{
					CreatedAfter: someTime, CreatedBefore: someTime, Statuses: []spapi.OrderFulfillmentStatus{"S"}, MarketplaceIDs: marketplace,
					FulfilledBy: []spapi.OrderFulfiller{spapi.FulfilledByAmazon}, Include: []spapi.OrderData{spapi.OrderWithBuyer}, PageSize: 1,
				}
				only[[]spapi.Order](t)(collect(c.Orders.Search(t.Context(), q)))
				q.CreatedAfter, q.CreatedBefore, q.LastUpdatedAfter, q.LastUpdatedBefore = time.Time{}, time.Time{}, someTime, someTime
				return only[[]spapi.Order](t)(collect(c.Orders.Search(t.Context(), q)))
			},
			root: "orders[]", item: reflect.TypeFor[spapi.Order](), envelope: []string{"pagination.nextToken", "createdBefore", "lastUpdatedBefore"},
		},
		"orders.getOrder": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.Order](t)(c.Orders.Order(t.Context(), "{orderId}", spapi.OrderWithBuyer))
			},
			root: "order", item: reflect.TypeFor[spapi.Order](),
		},
		"sellers.getMarketplaceParticipations": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.MarketplaceParticipation](t)(c.Sellers.MarketplaceParticipations(t.Context()))
			},
			root: "payload[]", item: reflect.TypeFor[spapi.MarketplaceParticipation](), envelope: errorsOnly,
		},
		"sellers.getAccount": {
			call: func(t *testing.T, c *spapi.Client) any { return only[spapi.Account](t)(c.Sellers.Account(t.Context())) },
			root: "payload", item: reflect.TypeFor[spapi.Account](), envelope: errorsOnly,
		},
		"catalog.searchCatalogItems": {
			call: func(t *testing.T, c *spapi.Client) any {
				q := spapi.CatalogQuery{
					MarketplaceID: "M", Keywords: []string{"K"}, KeywordsLocale: "L", Brands: []string{"B"}, Classifications: []string{"C"},
					Include: []spapi.CatalogData{spapi.CatalogWithImages}, Locale: "L", PageSize: 1,
				}
				found := only[spapi.CatalogRefinement](t)(c.Catalog.Refinements(t.Context(), q)).(spapi.CatalogRefinement)
				if found.NumberOfResults == 0 {
					t.Error("numberOfResults is lost")
				}
				checkMembers(t, "catalog.searchCatalogItems", "refinements", reflect.TypeFor[spapi.CatalogRefinements]())
				q = spapi.CatalogQuery{MarketplaceID: "M", Identifiers: []string{"I"}, IdentifierType: spapi.IdentifierSKU, SellerID: "S"}
				return only[[]spapi.CatalogItem](t)(collect(c.Catalog.Search(t.Context(), q)))
			},
			root: "items[]", item: reflect.TypeFor[spapi.CatalogItem](),
			envelope: []string{
				"numberOfResults", "pagination.nextToken", "pagination.previousToken",
				"refinements.brands[].brandName", "refinements.brands[].numberOfResults", "refinements.classifications[].classificationId",
				"refinements.classifications[].displayName", "refinements.classifications[].numberOfResults",
			},
		},
		"catalog.getCatalogItem": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.CatalogItem](t)(c.Catalog.Item(t.Context(), "{asin}", spapi.CatalogItemQuery{MarketplaceIDs: marketplace, Include: []spapi.CatalogData{spapi.CatalogWithImages}, Locale: "L"}))
			},
			item: reflect.TypeFor[spapi.CatalogItem](),
		},
		"inventory.getInventorySummaries": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.InventorySummary](t)(collect(c.Inventory.Summaries(t.Context(), spapi.InventoryQuery{MarketplaceID: "M", Details: true, SKUs: []string{"A"}, SKU: "B", Since: someTime})))
			},
			root: "payload.inventorySummaries[]", item: reflect.TypeFor[spapi.InventorySummary](),
			envelope: append([]string{"pagination.nextToken", "payload.granularity.granularityType", "payload.granularity.granularityId"}, errorsOnly...),
		},
		"tokens.createRestrictedDataToken": {
			call: func(t *testing.T, c *spapi.Client) any {
				token := only[spapi.RestrictedToken](t)(c.CreateRestrictedToken(t.Context(), "app", resource)).(spapi.RestrictedToken)
				return map[string]any{"restrictedDataToken": token.Token.Reveal(), "expiresIn": token.ExpiresIn}
			},
			item: reflect.TypeFor[spapi.RestrictedToken](),
		},
	}
}
