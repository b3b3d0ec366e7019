package spapi_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func newGzip(w io.Writer) *gzip.Writer { return gzip.NewWriter(w) }

func settlements() spapi.ReportsQuery {
	return spapi.ReportsQuery{
		Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone},
		MarketplaceIDs: []string{"ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"}, CreatedSince: time.Date(2026, 9, 1, 12, 0, 0, 500e6, time.UTC),
	}
}

// The token must be the only parameter, or Amazon answers 400.
func TestReportsAreListedPageByPageWithTheTokenAlone(t *testing.T) {
	client, mock := newClient(t)
	const token = "a+b/c=="
	mock.RegisterResponderWithQuery("GET", host+"/reports/2021-06-30/reports", url.Values{
		"reportTypes": {"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"}, "processingStatuses": {"DONE"},
		"marketplaceIds": {"ATVPDKIKX0DER,A2EUQ1WTGCTBG2"}, "createdSince": {"2026-09-01T12:00:00.5Z"}, "pageSize": {"100"},
	}, httpmock.NewStringResponder(200, `{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"`+token+`"}`))
	mock.RegisterResponderWithQuery("GET", host+"/reports/2021-06-30/reports", url.Values{"nextToken": {token}},
		httpmock.NewStringResponder(200, `{"reports":[{"reportId":"3"}]}`))

	reports := client.Reports.List(t.Context(), settlements())
	first, err := collect(reports)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 3 || first[2].ID != "3" {
		t.Errorf("got %+v", first)
	}
	second, err := collect(reports)
	if diff := cmp.Diff(first, second); diff != "" || err != nil {
		t.Errorf("ranged a second time: %v %s", err, diff)
	}
	if mock.GetTotalCallCount() != 4 {
		t.Errorf("%d calls", mock.GetTotalCallCount())
	}
	for range reports { //nolint:errcheck // not even the first item is looked at
		break
	}
	if mock.GetTotalCallCount() != 5 {
		t.Errorf("a break did not stop the traffic: %d calls", mock.GetTotalCallCount())
	}
}

func TestPagesThatDoNotAddUpAreErrors(t *testing.T) {
	for name, pages := range map[string][]string{
		"token twice, items new": {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"}],"nextToken":"a"}`, `{"reports":[{"reportId":"3"}]}`},
		"token twice":            {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"}],"nextToken":"a"}`},
		"tokens in a ring":       {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[],"nextToken":"b"}`, `{"reports":[{"reportId":"2"}],"nextToken":"a"}`},
		"announced, and empty":   {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[]}`},
		"same id, other content": {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[{"reportId":"1","reportType":"x"},{"reportId":"2"}]}`},
		"announced, not there":   {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{}`},
		"same page, other token": {`{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"},{"reportId":"1"}],"nextToken":"b"}`},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := newClient(t, plays(pages...))
			got, err := collect(client.Reports.List(t.Context(), settlements()))
			if !errors.Is(err, spapi.ErrPaging) {
				t.Errorf("%d reports, error %v", len(got), err)
			}
		})
	}
}

func TestEmptyPagesAreSurvived(t *testing.T) {
	client, _ := newClient(t, plays(`{"reports":[],"nextToken":"a"}`, `{"reports":[{"reportId":"1"}],"nextToken":"b"}`, `{"reports":[{"reportId":"2"}],"nextToken":"c"}`, `{"reports":[],"nextToken":"d"}`, `{"reports":[]}`))
	got, err := collect(client.Reports.List(t.Context(), settlements()))
	if err != nil || len(got) != 2 {
		t.Errorf("%d reports, error %v", len(got), err)
	}
}

func TestOverlappingPagesYieldEachItemOnce(t *testing.T) {
	client, _ := newClient(t, plays(`{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"},{"reportId":"3"}]}`))
	got, err := collect(client.Reports.List(t.Context(), settlements()))
	if err != nil || len(got) != 3 {
		t.Errorf("%d reports, error %v", len(got), err)
	}
}

// plays makes a client's transport answer one page after the other.
func plays(bodies ...string) func(*spapi.Config) {
	return func(c *spapi.Config) {
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			body := bodies[0]
			if len(bodies) > 1 {
				bodies = bodies[1:]
			}
			return respond(200, body), nil
		})
	}
}

func TestQueriesThatAmazonWouldRefuseAreNotSent(t *testing.T) {
	client, mock := newClient(t)
	many := make([]spapi.ReportType, 11)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, err := range map[string]error{
		"no type":               second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{}))),
		"eleven types":          second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many}))),
		"page size":             second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many[:1], PageSize: 101}))),
		"backwards":             second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many[:1], CreatedSince: day, CreatedUntil: day.Add(-1)}))),
		"no start":              second(collect(client.Finances.Transactions(t.Context(), spapi.TransactionsQuery{}))),
		"181 days":              second(collect(client.Finances.Transactions(t.Context(), spapi.TransactionsQuery{PostedAfter: day, PostedBefore: day.AddDate(0, 0, 181)}))),
		"181 days of v0":        second(collect(client.FinancesV0.EventGroups(t.Context(), spapi.EventGroupsQuery{StartedAfter: day, StartedBefore: day.AddDate(0, 0, 181)}))),
		"created and updated":   second(collect(client.Orders.Search(t.Context(), spapi.OrdersQuery{CreatedAfter: day, LastUpdatedAfter: day}))),
		"neither":               second(collect(client.Orders.Search(t.Context(), spapi.OrdersQuery{}))),
		"mixed times":           second(collect(client.Orders.Search(t.Context(), spapi.OrdersQuery{CreatedAfter: day, LastUpdatedBefore: day}))),
		"51 marketplaces":       second(collect(client.Orders.Search(t.Context(), spapi.OrdersQuery{CreatedAfter: day, MarketplaceIDs: make([]string, 51)}))),
		"catalogue of nowhere":  second(collect(client.Catalog.Search(t.Context(), spapi.CatalogQuery{Keywords: []string{"x"}}))),
		"nothing to look for":   second(client.Catalog.Refinements(t.Context(), spapi.CatalogQuery{MarketplaceID: "M"})),
		"both to look for":      second(collect(client.Catalog.Search(t.Context(), spapi.CatalogQuery{MarketplaceID: "M", Keywords: []string{"x"}, Identifiers: []string{"y"}}))),
		"identifier of no kind": second(collect(client.Catalog.Search(t.Context(), spapi.CatalogQuery{MarketplaceID: "M", Identifiers: []string{"y"}}))),
		"SKU of nobody":         second(collect(client.Catalog.Search(t.Context(), spapi.CatalogQuery{MarketplaceID: "M", Identifiers: []string{"y"}, IdentifierType: spapi.IdentifierSKU}))),
		"comma":                 second(collect(client.Catalog.Search(t.Context(), spapi.CatalogQuery{MarketplaceID: "M", Keywords: []string{"red, blue"}}))),
		"item of nowhere":       second(client.Catalog.Item(t.Context(), "B0", spapi.CatalogItemQuery{})),
		"stock of nowhere":      second(collect(client.Inventory.Summaries(t.Context(), spapi.InventoryQuery{}))),
		"51 SKUs":               second(collect(client.Inventory.Summaries(t.Context(), spapi.InventoryQuery{MarketplaceID: "M", SKUs: make([]string, 51)}))),
		"report of no type":     second(client.Reports.Create(t.Context(), spapi.ReportRequest{})),
		"schedule of no type":   second(client.Reports.CreateSchedule(t.Context(), spapi.ReportScheduleRequest{})),
		"schedules of no type":  second(collect(client.Reports.Schedules(t.Context()))),
		"token for nothing":     second(client.CreateRestrictedToken(t.Context(), "")),
		"before without after":  second(collect(client.FinancesV0.Events(t.Context(), spapi.EventsQuery{PostedBefore: day}))),
		"no marketplace":        second(client.Transfers.PaymentMethods(t.Context(), "")),
		"payout of nothing":     second(client.Transfers.MoveMoneyToBank(t.Context(), "", "")),
	} {
		if !errors.Is(err, spapi.ErrInvalidInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mock.GetTotalCallCount() != 0 {
		t.Errorf("%d calls", mock.GetTotalCallCount())
	}
}

func second[T any](_ T, err error) error { return err }
