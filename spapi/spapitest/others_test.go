package spapitest_test

import (
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// eventSum adds up the components of v0 events, totals beside components left out.
func eventSum(t *testing.T, v any) *big.Rat {
	t.Helper()
	sum := new(big.Rat)
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			sum.Add(sum, eventSum(t, x))
		}
	case map[string]any:
		if n, ok := v["CurrencyAmount"]; ok {
			return rat(t, n)
		}
		for name, x := range v {
			switch name {
			case "AdjustmentItemList", "baseValue", "taxValue": // parts of a total that is there too
			default:
				sum.Add(sum, eventSum(t, x))
			}
		}
	}
	return sum
}

func TestEventsOfAGroupAddUpToItsSettlement(t *testing.T) {
	many := seller()
	many.Rows = 700 // enough for a row of every sort
	d, _ := open(t, spapitest.Options{Rate: -1, Sellers: []spapitest.SellerAccount{spapitest.Account(many)}})
	d.login()
	lists := map[string]int{}
	for _, st := range d.amazon.Accounts()[0].Settlements {
		path := groupsPath + "/" + st.EventGroup + "/financialEvents"
		sum, q, pages := new(big.Rat), []string{"MaxResultsPerPage", "20"}, 0
		for {
			a := d.must(path, q...)
			pages++
			events, _ := a.at("payload", "FinancialEvents").(map[string]any)
			if len(events) != 34 {
				t.Fatalf("%d event lists, want 34", len(events))
			}
			for name, list := range events {
				sum.Add(sum, eventSum(t, list))
				if l, _ := list.([]any); len(l) > 0 {
					lists[name] += len(l)
				}
			}
			token := text(a.at("payload", "NextToken"))
			if token == "" {
				break
			}
			q = []string{"MaxResultsPerPage", "20", "NextToken", token}
		}
		mustEqual(t, "events of "+st.ID, sum, st.TotalText())
		if pages < 2 {
			t.Errorf("one page only")
		}
	}
	for _, name := range []string{"ShipmentEventList", "RefundEventList", "ProductAdsPaymentEventList", "ServiceFeeEventList", "AdjustmentEventList", "DebtRecoveryEventList"} {
		if lists[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
	for path, status := range map[string]int{
		groupsPath + "/BADID/financialEvents":                            400,
		"/finances/v0/financialEvents":                                   400,
		"/finances/v0/financialEvents?PostedAfter=2025-01-01T00:00:00Z":  200,
		"/finances/v0/financialEvents?PostedBefore=2025-01-01T00:00:00Z": 400,
		"/finances/v0/orders/111-0000000-0000000/financialEvents":        200,
	} {
		p, raw, _ := strings.Cut(path, "?")
		r := d.request(http.MethodGet, p, nil, "")
		r.URL.RawQuery = raw
		a := d.send(r)
		if a.status != status {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
		if status == 200 && len(a.list("payload", "FinancialEvents", "ShipmentEventList")) != 0 {
			t.Errorf("%s: %s", path, a.raw)
		}
	}
}

func TestOrdersAreThoseOfTheSettlements(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	account := d.amazon.Accounts()[0]
	want := map[string]int64{} // what the buyer pays
	for _, st := range account.Settlements {
		for tx := range st.Transactions() {
			if tx.Type != "Shipment" {
				continue
			}
			for _, r := range tx.Rows {
				if r.AmountType == "ItemPrice" || r.AmountType == "Promotion" {
					want[tx.OrderID] += r.Amount
				}
			}
		}
	}
	list := d.all(ordersPath, "paginationToken", []any{"orders"}, []any{"pagination", "nextToken"}, "createdAfter", "2026-07-01T00:00:00Z", "maxResultsPerPage", "7", "includedData", "PROCEEDS")
	if len(list) != len(want)+len(account.Deferred) {
		t.Errorf("%d orders, want %d settled and %d deferred", len(list), len(want), len(account.Deferred))
	}
	checked := 0
	for _, o := range list {
		if minor, ok := want[text(walk(o, "orderId"))]; ok {
			mustEqual(t, "grand total", rat(t, walk(o, "proceeds", "grandTotal", "amount")), settlementtest.Decimal(minor, "USD"))
			checked++
		}
	}
	if checked != len(want) {
		t.Errorf("%d of %d orders found", checked, len(want))
	}
	plain := d.must(ordersPath + "/" + text(walk(list[0], "orderId"))).at("order")
	if walk(plain, "proceeds") != nil || walk(plain, "buyer") != nil || walk(plain, "orderId") != walk(list[0], "orderId") {
		t.Errorf("an order without includedData: %v", plain)
	}
	for _, q := range [][]string{
		{},
		{"createdAfter", "2026-10-01", "lastUpdatedAfter", "2026-10-01"},
		{"createdAfter", "2026-10-01", "lastUpdatedBefore", "2026-10-02"},
		{"createdAfter", "2026-10-01", "includedData", "EVERYTHING"},
		{"createdAfter", "2026-10-01", "createdBefore", today.Add(-time.Minute).Format(time.RFC3339)},
	} {
		if a := d.get(ordersPath, q...); a.status != 400 {
			t.Errorf("%v: %d %s", q, a.status, a.raw)
		}
	}
	if a := d.get(ordersPath + "/111-0000000-0000000"); a.status != 404 {
		t.Errorf("unknown order: %d", a.status)
	}
	if none := d.must(ordersPath, "lastUpdatedAfter", "2026-07-01", "fulfillmentStatuses", "PENDING"); len(none.list("orders")) != 0 {
		t.Errorf("pending orders: %s", none.raw)
	}
}

func TestBalancesTellReserveAndDeferred(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: -1})
	d.login()
	account := d.amazon.Accounts()[0]
	last := account.Settlements[5]
	var reserve, deferred int64
	for r := range last.Rows() {
		if r.AmountDescription == "Current Reserve Amount" {
			reserve -= r.Amount
		}
	}
	for _, tx := range account.Deferred {
		deferred += tx.Amount
	}
	value := func(kind string, pairs ...string) any {
		a := d.must("/finances/2024-06-19/balances", append([]string{"balanceType", kind}, pairs...)...)
		if len(a.list("balances")) != 1 || a.at("balances", 0, "balanceType") != kind {
			t.Fatalf("%s", a.raw)
		}
		return a.at("balances", 0, "amount", "currencyAmount")
	}
	if reserve == 0 || deferred == 0 {
		t.Fatal("nothing is held back")
	}
	mustEqual(t, "reserve", rat(t, value("ACCOUNT_LEVEL_RESERVE")), settlementtest.Decimal(reserve, "USD"))
	mustEqual(t, "deferred", rat(t, value("DEFERRED")), settlementtest.Decimal(deferred, "USD"))
	mustEqual(t, "reserved", rat(t, value("RESERVED")), settlementtest.Decimal(reserve+deferred, "USD"))
	mustEqual(t, "total", rat(t, value("TOTAL")), settlementtest.Decimal(reserve+deferred, "USD"))
	mustEqual(t, "deferred in September", rat(t, value("DEFERRED", "asOfDate", "2026-09-30")), "0")
	clock.advance(10 * 24 * time.Hour)
	d.login()
	mustEqual(t, "deferred when all has matured", rat(t, value("DEFERRED")), "0")
	expected := d.must(payoutsPath + "/expected")
	mustEqual(t, "expected", rat(t, expected.at("expectedPayouts", 0, "amount", "currencyAmount")), settlementtest.Decimal(reserve, "USD"))
	if expected.at("expectedPayouts", 0, "period", "startDate") != last.End.Format("2006-01-02T15:04:05Z") {
		t.Errorf("%s", expected.raw)
	}
}

func TestCatalogueAndInventoryHoldTheProductsSold(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: -1, PageSize: 8})
	d.login()
	st := d.amazon.Accounts()[0].Settlements[0]
	_, sku := firstOrder(st)
	const items = "/catalog/2022-04-01/items"
	bySKU := d.must(items, "marketplaceIds", "ATVPDKIKX0DER", "identifiers", sku, "identifiersType", "SKU", "sellerId", st.SellerID)
	asin := text(bySKU.at("items", 0, "asin"))
	if len(asin) != 10 || bySKU.at("numberOfResults") == nil || !strings.Contains(text(bySKU.at("items", 0, "summaries", 0, "itemName")), sku) {
		t.Errorf("%s", bySKU.raw)
	}
	if one := d.must(items+"/"+asin, "marketplaceIds", "ATVPDKIKX0DER"); one.at("asin") != asin {
		t.Errorf("%s", one.raw)
	}
	all := d.all(items, "pageToken", []any{"items"}, []any{"pagination", "nextToken"}, "marketplaceIds", "ATVPDKIKX0DER", "keywords", "example")
	if len(all) < 16 {
		t.Errorf("%d items", len(all))
	}
	for _, q := range [][]string{
		{"marketplaceIds", "A"},
		{"keywords", "x"},
		{"marketplaceIds", "A", "keywords", "x", "identifiers", "y"},
		{"marketplaceIds", "A", "identifiers", "y"},
		{"marketplaceIds", "A", "identifiers", "y", "identifiersType", "SKU"},
		{"marketplaceIds", "A", "keywords", "x", "pageSize", "21"},
	} {
		if a := d.get(items, q...); a.status != 400 {
			t.Errorf("%v: %d %s", q, a.status, a.raw)
		}
	}
	if a := d.get(items+"/B000000000", "marketplaceIds", "A"); a.status != 404 {
		t.Errorf("unknown product: %d", a.status)
	}

	const stock = "/fba/inventory/v1/summaries"
	q := []string{"marketplaceIds", "ATVPDKIKX0DER", "granularityType", "Marketplace", "granularityId", "ATVPDKIKX0DER"}
	held := d.all(stock, "nextToken", []any{"payload", "inventorySummaries"}, []any{"pagination", "nextToken"}, q...)
	if len(held) != len(all) || walk(held[0], "inventoryDetails") != nil {
		t.Errorf("%d in stock, %d in the catalogue", len(held), len(all))
	}
	first := d.must(stock, q...)
	clock.advance(31 * time.Second)
	if a := d.get(stock, append(q, "nextToken", text(first.at("pagination", "nextToken")))...); a.status != 400 {
		t.Errorf("a token of 31 s: %d %s", a.status, a.raw)
	}
	if a := d.get(stock, "marketplaceIds", "A"); a.status != 400 {
		t.Errorf("no granularity: %d", a.status)
	}
}

func TestARestrictedTokenOpensItsResourcesOnly(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: -1})
	d.login()
	order, _ := firstOrder(d.amazon.Accounts()[0].Settlements[1])
	ask := func(body string) answer {
		return d.send(d.request(http.MethodPost, "/tokens/2021-03-01/restrictedDataToken", nil, body))
	}
	a := ask(`{"restrictedResources":[{"method":"GET","path":"` + ordersPath + `/{orderId}","dataElements":["buyerInfo"]}]}`)
	if a.status != 200 || a.at("expiresIn") != json.Number("3600") {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	for _, body := range []string{`{}`, `{"restrictedResources":[]}`, `{"restrictedResources":[{"method":"PATCH","path":"/x"}]}`, `{"restrictedResources":[{"method":"GET"}]}`} {
		if bad := ask(body); bad.status != 400 {
			t.Errorf("%s: %d %s", body, bad.status, bad.raw)
		}
	}
	d.token = text(a.at("restrictedDataToken"))
	if got := d.get(ordersPath + "/" + order); got.status != 200 {
		t.Errorf("its own resource: %d %s", got.status, got.raw)
	}
	if got := d.get(payoutsPath); got.status != 403 {
		t.Errorf("another resource: %d", got.status)
	}
	clock.advance(time.Hour)
	if got := d.get(ordersPath + "/" + order); got.status != 403 {
		t.Errorf("after an hour: %d", got.status)
	}
}

func TestAPayoutIsInitiatedOnceADay(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: -1})
	ask := func(market string) answer {
		d.login()
		return d.send(d.request(http.MethodPost, payoutsPath, nil, `{"marketplaceId":"`+market+`","accountType":"Standard Orders"}`))
	}
	if a := ask("ATVPDKIKX0DER"); a.status != 400 {
		t.Errorf("in the United States: %d", a.status)
	}
	if a := ask("A1PA6795UKMFR9"); a.status != 200 || text(a.at("payoutReferenceId")) == "" {
		t.Errorf("in Germany: %d %s", a.status, a.raw)
	}
	clock.advance(23 * time.Hour)
	if a := ask("A1PA6795UKMFR9"); a.status != 400 {
		t.Errorf("again after 23 hours: %d", a.status)
	}
	clock.advance(time.Hour)
	if a := ask("A1PA6795UKMFR9"); a.status != 200 {
		t.Errorf("again after 24 hours: %d", a.status)
	}
}
