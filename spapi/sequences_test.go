package spapi_test

import (
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

func TestEverySequenceGivesTheSameTwiceAndABreakStopsTheTraffic(t *testing.T) {
	since := func() time.Time { return time.Now().Add(-40 * 24 * time.Hour) }
	tests := map[string]func(*testing.T, *spapitest.Amazon, *spapi.Client){
		"Reports.List": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			q := recent()
			q.PageSize = 2
			rangeTwice(t, a, "getReports", c.Reports.List(t.Context(), q))
		},
		"Reports.Schedules": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			const kind = spapi.ReportType("GET_MERCHANT_LISTINGS_ALL_DATA")
			if _, err := c.Reports.CreateSchedule(t.Context(), spapi.ReportScheduleRequest{Type: kind, MarketplaceIDs: []string{"ATVPDKIKX0DER"}, Period: "P1D"}); err != nil {
				t.Fatal(err)
			}
			rangeTwice(t, a, "getReportSchedules", c.Reports.Schedules(t.Context(), kind))
		},
		"Finances.Transactions": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listTransactions", c.Finances.Transactions(t.Context(), spapi.TransactionsQuery{PostedAfter: since(), PostedBefore: since().Add(24 * time.Hour)}))
		},
		"Finances.Summaries": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			id := spapi.RelatedIdentifier{Name: spapi.SettlementID, Value: a.Accounts()[0].Settlements[0].ID}
			rangeTwice(t, a, "listSummary", c.Finances.Summaries(t.Context(), spapi.SummariesQuery{Related: id}))
		},
		"Finances.Balances": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listBalances", c.Finances.Balances(t.Context(), spapi.BalancesQuery{}))
		},
		"FinancesV0.EventGroups": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listFinancialEventGroups", c.FinancesV0.EventGroups(t.Context(), spapi.EventGroupsQuery{PageSize: 2}))
		},
		"FinancesV0.Events": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listFinancialEvents", c.FinancesV0.Events(t.Context(), spapi.EventsQuery{PostedAfter: since(), PostedBefore: since().Add(24 * time.Hour), PageSize: 2}))
		},
		"FinancesV0.EventsByGroup": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			group := a.Accounts()[0].Settlements[0].EventGroup
			rangeTwice(t, a, "listFinancialEventsByGroupId", c.FinancesV0.EventsByGroup(t.Context(), group, spapi.EventsQuery{PageSize: 20}))
		},
		"FinancesV0.EventsByOrder": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listFinancialEventsByOrderId", c.FinancesV0.EventsByOrder(t.Context(), someOrder(a), 1))
		},
		"Transfers.Payouts": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listPayouts", c.Transfers.Payouts(t.Context(), spapi.PayoutsQuery{}))
		},
		"Transfers.ExpectedPayouts": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "listExpectedPayouts", c.Transfers.ExpectedPayouts(t.Context(), spapi.ExpectedPayoutsQuery{}))
		},
		"Orders.Search": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "searchOrders", c.Orders.Search(t.Context(), spapi.OrdersQuery{CreatedAfter: since(), CreatedBefore: since().Add(72 * time.Hour), PageSize: 2}))
		},
		"Catalog.Search": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "searchCatalogItems", c.Catalog.Search(t.Context(), spapi.CatalogQuery{MarketplaceID: "ATVPDKIKX0DER", Keywords: []string{"a"}, PageSize: 1}))
		},
		"Inventory.Summaries": func(t *testing.T, a *spapitest.Amazon, c *spapi.Client) {
			rangeTwice(t, a, "getInventorySummaries", c.Inventory.Summaries(t.Context(), spapi.InventoryQuery{MarketplaceID: "ATVPDKIKX0DER"}))
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				amazon, client := open(t, 4, spapitest.Options{PageSize: 2})
				test(t, amazon, client)
			})
		})
	}
}

// rangeTwice ranges over a sequence twice, and then breaks at its first item.
func rangeTwice[T any](t *testing.T, amazon *spapitest.Amazon, operation string, seq iter.Seq2[T, error]) {
	t.Helper()
	first, err := collect(seq)
	if err != nil {
		t.Fatal(err)
	}
	pages := amazon.Calls()[operation]
	second, err := collect(seq)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the second pass differs (-first +second):\n%s", diff)
	}
	if len(first) == 0 || pages == 0 {
		t.Fatalf("%d items on %d pages: nothing is proved", len(first), pages)
	}
	before := amazon.Calls()[operation]
	for _, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if calls := amazon.Calls()[operation] - before; calls != 1 {
		t.Errorf("a loop that ended at the first item made %d of %d calls", calls, pages)
	}
}

// someOrder is an order of the seller's first settlement.
func someOrder(amazon *spapitest.Amazon) string {
	for row := range amazon.Accounts()[0].Settlements[0].Rows() {
		if row.TransactionType == "Order" && row.OrderID != "" {
			return row.OrderID
		}
	}
	return ""
}
