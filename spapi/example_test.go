package spapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// From credentials to the first settlement. The Amazon of this example is the one for tests; leave out Endpoint and
// Transport to talk to the real one.
func Example() {
	amazon := spapitest.New(spapitest.Options{
		Now:     func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) },
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 7, Count: 3})},
	})
	who := amazon.Accounts()[0]

	tokens := spapi.LWA{
		ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken),
		Transport: amazon.Transport(),
	}.TokenSource()
	client, err := spapi.NewClient(spapi.Config{
		Region: spapi.NorthAmerica, Tokens: tokens, UserAgent: "Acme Books/1.0",
		Transport: amazon.Transport(),
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	settlements := spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone}}
	for report, err := range client.Reports.List(ctx, settlements) {
		if err != nil {
			log.Fatal(err)
		}
		document, err := client.Reports.Open(ctx, report.DocumentID)
		if err != nil {
			log.Fatal(err)
		}
		head := make([]byte, 13)
		_, err = io.ReadFull(document, head)
		if err = errors.Join(err, document.Close()); err != nil {
			log.Fatal(err)
		}
		fmt.Println(report.Type, report.DataEnd.Format(time.DateOnly), string(head))
		break // no further page is asked for
	}
	// Output:
	// GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2 2026-11-22 settlement-id
}

// exampleClient returns a client of an Amazon that gives each path one answer.
func exampleClient(answers map[string]string) *spapi.Client {
	client, err := spapi.NewClient(spapi.Config{
		Region: spapi.Europe,
		Tokens: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "Atza|…"}),
		Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			body, ok := answers[req.URL.Path]
			if !ok {
				return respond(http.StatusNotFound, `{"errors":[{"code":"NotFound","message":"nothing here"}]}`), nil
			}
			return respond(http.StatusOK, body), nil
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func ExampleReports_Create() {
	client := exampleClient(map[string]string{
		"/reports/2021-06-30/reports": `{"reportId":"50017"}`,
		"/reports/2021-06-30/reports/50017": `{"reportId":"50017","reportType":"GET_MERCHANT_LISTINGS_ALL_DATA","processingStatus":"FATAL",
			"createdTime":"2026-03-01T00:00:00Z","reportDocumentId":"amzn1.spdoc.why"}`,
	})
	ctx := context.Background()
	id, err := client.Reports.Create(ctx, spapi.ReportRequest{Type: "GET_MERCHANT_LISTINGS_ALL_DATA", MarketplaceIDs: []string{"A1PA6795UKMFR9"}})
	if err != nil {
		log.Fatal(err)
	}
	report, err := client.Reports.Await(ctx, id)
	if failed, ok := errors.AsType[*spapi.ReportError](err); ok {
		fmt.Println(failed)
		fmt.Println("read", failed.Report.DocumentID, "to know why")
		return
	}
	fmt.Println(report.DocumentID)
	// Output:
	// spapi: report 50017 (GET_MERCHANT_LISTINGS_ALL_DATA) ended FATAL: document amzn1.spdoc.why says why
	// read amzn1.spdoc.why to know why
}

func ExampleFinances_Summaries() {
	client := exampleClient(map[string]string{"/finances/2024-06-19/summary": `{"summaries":[{"netProceeds":{"currencyCode":"EUR","currencyAmount":9841.07},
		"relatedIdentifiers":[{"relatedIdentifierName":"SETTLEMENT_ID","relatedIdentifierValue":"25624439742"}],
		"breakdowns":[{"breakdownType":"Sales","breakdownAmount":{"currencyCode":"EUR","currencyAmount":12000.00}},
		{"breakdownType":"Expenses","breakdownAmount":{"currencyCode":"EUR","currencyAmount":-2158.93}}]}]}`})
	query := spapi.SummariesQuery{Related: spapi.RelatedIdentifier{Name: spapi.SettlementID, Value: "25624439742"}}
	for summary, err := range client.Finances.Summaries(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(summary.RelatedIdentifiers.Value(spapi.SettlementID), summary.NetProceeds)
		for _, part := range summary.Breakdowns {
			fmt.Println(part.Type, part.Amount)
		}
	}
	// Output:
	// 25624439742 9841.07 EUR
	// Sales 12000.00 EUR
	// Expenses -2158.93 EUR
}

func ExampleFinances_Transactions() {
	client := exampleClient(map[string]string{"/finances/2024-06-19/transactions": `{"payload":{"transactions":[
		{"transactionId":"t1","transactionType":"Shipment","transactionStatus":"RELEASED","totalAmount":{"currencyCode":"EUR","currencyAmount":17.20}},
		{"transactionId":"t2","transactionType":"Shipment","transactionStatus":"DEFERRED","totalAmount":{"currencyCode":"EUR","currencyAmount":30.00},
		"contexts":[{"contextType":"DeferredContext","deferralReason":"DD7","maturityDate":"2026-03-08T00:00:00Z"}]}]}}`})
	query := spapi.TransactionsQuery{PostedAfter: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	for t, err := range client.Finances.Transactions(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		if t.Status == spapi.TransactionDeferred { // its release will be a transaction of its own
			fmt.Println(t.ID, "counts from", t.Contexts[0].MaturityDate.Format(time.DateOnly))
			continue
		}
		fmt.Println(t.ID, t.TotalAmount)
	}
	// Output:
	// t1 17.20 EUR
	// t2 counts from 2026-03-08
}

func ExampleFinancesV0_EventGroups() {
	client := exampleClient(map[string]string{"/finances/v0/financialEventGroups": `{"payload":{"FinancialEventGroupList":[
		{"FinancialEventGroupId":"22YgYW55IGNhcm5hbCBwbGVhEXAMPLE","ProcessingStatus":"Closed","FundTransferStatus":"Succeeded",
		"OriginalTotal":{"CurrencyCode":"EUR","CurrencyAmount":19.00},"FinancialEventGroupStart":"2026-02-01T08:24:50Z","FinancialEventGroupEnd":"2026-02-15T08:24:50Z"}]}}`})
	query := spapi.EventGroupsQuery{StartedAfter: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for group, err := range client.FinancesV0.EventGroups(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(group.Start.Format(time.DateOnly), group.End.Format(time.DateOnly), group.OriginalTotal, group.FundTransferStatus)
	}
	// Output:
	// 2026-02-01 2026-02-15 19.00 EUR Succeeded
}

func ExampleTransfers_Payouts() {
	client := exampleClient(map[string]string{"/finances/transfers/2024-06-01/payouts": `{"payouts":[{"id":"p1","currentStatus":"PAID","traceId":"T-81",
		"amount":{"currencyCode":"EUR","currencyAmount":9841.07},"statusHistory":[{"status":"STARTED","lastUpdatedDate":"2026-03-01T00:00:00Z"},
		{"status":"PAID","lastUpdatedDate":"2026-03-03T00:00:00Z"}],
		"relatedIdentifiers":[{"relatedIdentifierName":"SETTLEMENT_ID","relatedIdentifierValue":"25624439742"}]}]}`})
	for payout, err := range client.Transfers.Payouts(context.Background(), spapi.PayoutsQuery{}) {
		if err != nil {
			log.Fatal(err)
		}
		if payout.Status == spapi.PayoutPaid {
			fmt.Println("settlement", payout.RelatedIdentifiers.Value(spapi.SettlementID), "paid", payout.Amount, "trace", payout.TraceID)
		}
	}
	// Output:
	// settlement 25624439742 paid 9841.07 EUR trace T-81
}

func ExampleOrders_Order() {
	client := exampleClient(map[string]string{"/orders/2026-01-01/orders/306-1234567-7654321": `{"order":{"orderId":"306-1234567-7654321",
		"fulfillment":{"fulfillmentStatus":"SHIPPED"},"proceeds":{"grandTotal":{"amount":"49.98","currencyCode":"EUR"}}}}`})
	order, err := client.Orders.Order(context.Background(), "306-1234567-7654321", spapi.OrderWithProceeds, spapi.OrderWithFulfillment)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.ID, order.Fulfillment.Status, order.Proceeds.GrandTotal)

	_, err = client.Orders.Order(context.Background(), "306-0000000-0000000")
	fmt.Println(errors.Is(err, spapi.ErrNotFound))
	// Output:
	// 306-1234567-7654321 SHIPPED 49.98 EUR
	// true
}

func ExampleSellers_MarketplaceParticipations() {
	client := exampleClient(map[string]string{"/sellers/v1/marketplaceParticipations": `{"payload":[{"storeName":"Acme",
		"marketplace":{"id":"A1PA6795UKMFR9","name":"Amazon.de","countryCode":"DE","defaultCurrencyCode":"EUR"},"participation":{"isParticipating":true}}]}`})
	participations, err := client.Sellers.MarketplaceParticipations(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range participations {
		fmt.Println(p.Marketplace.Name, p.Marketplace.Currency, p.Participation.IsParticipating)
	}
	// Output:
	// Amazon.de EUR true
}

func ExampleCatalog_Item() {
	client := exampleClient(map[string]string{"/catalog/2022-04-01/items/B07FGXZQZ1": `{"asin":"B07FGXZQZ1","summaries":[{"marketplaceId":"A1PA6795UKMFR9","itemName":"Lamp"}]}`})
	item, err := client.Catalog.Item(context.Background(), "B07FGXZQZ1", spapi.CatalogItemQuery{MarketplaceIDs: []string{"A1PA6795UKMFR9"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(item.ASIN, item.Summaries[0].ItemName)
	// Output:
	// B07FGXZQZ1 Lamp
}

func ExampleInventory_Summaries() {
	client := exampleClient(map[string]string{"/fba/inventory/v1/summaries": `{"payload":{"granularity":{},"inventorySummaries":[{"sellerSku":"LAMP-1","totalQuantity":12,
		"inventoryDetails":{"fulfillableQuantity":9}}]}}`})
	query := spapi.InventoryQuery{MarketplaceID: "A1PA6795UKMFR9", Details: true}
	for stock, err := range client.Inventory.Summaries(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(stock.SellerSKU, stock.Details.FulfillableQuantity, "of", stock.TotalQuantity)
	}
	// Output:
	// LAMP-1 9 of 12
}

// Personal data needs a token of its own, for named operations.
func ExampleClient_WithTokens() {
	client := exampleClient(map[string]string{
		"/tokens/2021-03-01/restrictedDataToken": `{"restrictedDataToken":"Atz.sprdt|…","expiresIn":3600}`,
		"/orders/2026-01-01/orders/1":            `{"order":{"orderId":"1","buyer":{"buyerName":"A. Buyer"}}}`,
	})
	restricted := client.WithTokens(client.RestrictedData(spapi.RestrictedResource{
		Method: "GET", Path: "/orders/2026-01-01/orders/{orderId}", DataElements: []string{"buyerInfo"},
	}))
	order, err := restricted.Orders.Order(context.Background(), "1", spapi.OrderWithBuyer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Buyer.Name)
	// Output:
	// A. Buyer
}

// An operation that has no method is called with the same tokens, pace, repetition and errors.
func ExampleClient_Do() {
	client := exampleClient(map[string]string{"/solicitations/v1/orders/1": `{"_links":{"actions":[]}}`})
	var answer struct {
		Links struct {
			Actions []struct{} `json:"actions"`
		} `json:"_links"`
	}
	err := client.Do(context.Background(), spapi.Request{
		Operation: "solicitations.getSolicitationActionsForOrder", Path: "/solicitations/v1/orders/1",
		Plan: spapi.Plan{Rate: 1, Burst: 5},
	}, &answer)
	fmt.Println(len(answer.Links.Actions), err)
	// Output:
	// 0 <nil>
}

// Calls that cannot be made in time say so at once.
func ExamplePaceError() {
	client := exampleClient(map[string]string{"/sellers/v1/account": `{"payload":{}}`})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for range 16 { // the burst is 15, then one a minute
		_, err := client.Sellers.Account(ctx)
		if pace, ok := errors.AsType[*spapi.PaceError](err); ok {
			fmt.Println(pace.Operation, "again in about", pace.Wait.Round(time.Minute))
		}
	}
	// Output:
	// sellers.getAccount again in about 1m0s
}
