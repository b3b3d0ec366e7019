package spapitest_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

func rat(t *testing.T, v any) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text(v))
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	return r
}

func mustEqual(t *testing.T, what string, got *big.Rat, want string) {
	t.Helper()
	w, ok := new(big.Rat).SetString(want)
	if !ok || got.Cmp(w) != 0 {
		t.Errorf("%s: %s, want %s", what, got.FloatString(3), want)
	}
}

// tied checks that every breakdown adds up to its parent.
func tied(t *testing.T, what string, total any, breakdowns any) {
	t.Helper()
	list, _ := breakdowns.([]any)
	if len(list) == 0 {
		return
	}
	sum := new(big.Rat)
	for _, b := range list {
		sum.Add(sum, rat(t, walk(b, "breakdownAmount", "currencyAmount")))
		tied(t, what+"/"+text(walk(b, "breakdownType")), walk(b, "breakdownAmount", "currencyAmount"), walk(b, "breakdowns"))
	}
	mustEqual(t, what, sum, text(total))
}

func TestSummaryPayoutAndGroupTellWhatTheReportTells(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	payouts := d.all(payoutsPath, "nextToken", []any{"payouts"}, []any{"nextToken"})
	groups := d.all(groupsPath, "NextToken", []any{"payload", "FinancialEventGroupList"}, []any{"payload", "NextToken"}, "FinancialEventGroupStartedAfter", "2026-08-01T00:00:00Z", "MaxResultsPerPage", "2")
	settlements := d.amazon.Accounts()[0].Settlements
	if len(payouts) != 6 || len(groups) != 7 { // and an open one
		t.Fatalf("%d payouts, %d groups", len(payouts), len(groups))
	}
	wantTransfer := []string{"Succeeded", "Unknown", "Succeeded", "Failed", "Unknown", "Processing"}
	for i, st := range settlements {
		summary := d.must(summaryPath, "relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", st.ID)
		if len(summary.list("summaries")) != 1 {
			t.Fatalf("%s", summary.raw)
		}
		net := summary.at("summaries", 0, "netProceeds", "currencyAmount")
		mustEqual(t, "net proceeds of "+st.ID, rat(t, net), st.TotalText())
		tied(t, st.ID, net, summary.at("summaries", 0, "breakdowns"))

		p := payouts[len(payouts)-1-i] // newest first
		if walk(p, "relatedIdentifiers", 0, "relatedIdentifierValue") != st.ID || walk(p, "currentStatus") != st.Payout.Status {
			t.Errorf("payout %v of settlement %s (%s)", p, st.ID, st.Payout.Status)
		}
		if st.Total > 0 {
			mustEqual(t, "payout of "+st.ID, rat(t, walk(p, "amount", "currencyAmount")), st.TotalText())
			if walk(p, "traceId") != st.Payout.TraceID {
				t.Errorf("trace id %v", walk(p, "traceId"))
			}
		} else if walk(p, "amount") != nil || walk(p, "type") != nil {
			t.Errorf("a payout of nothing: %v", p)
		}
		if failed := st.Payout.Status == "FAILED"; failed != (text(walk(p, "statusHistory", 2, "failureReason")) != "") {
			t.Errorf("history %v", walk(p, "statusHistory"))
		}

		g := groups[len(groups)-1-i]
		if walk(g, "FinancialEventGroupId") != st.EventGroup || walk(g, "FinancialEventGroupStart") != st.Start.Format("2006-01-02T15:04:05Z") ||
			walk(g, "FinancialEventGroupEnd") != st.End.Format("2006-01-02T15:04:05Z") || walk(g, "FundTransferStatus") != wantTransfer[i] {
			t.Errorf("group %v of settlement %s", g, st.ID)
		}
		mustEqual(t, "OriginalTotal of "+st.ID, rat(t, walk(g, "OriginalTotal", "CurrencyAmount")), st.TotalText())
	}
	if open := groups[0]; walk(open, "ProcessingStatus") != "Open" || walk(open, "FinancialEventGroupEnd") != nil {
		t.Errorf("open group %v", open)
	}
	mustEqual(t, "debt carried in", rat(t, walk(groups[4], "BeginningBalance", "CurrencyAmount")), settlements[1].TotalText())
}

func TestTransactionsOfAGroupAddUpToItsSettlement(t *testing.T) {
	for _, size := range []int{0, 7} {
		d, _ := open(t, spapitest.Options{Rate: -1, PageSize: size})
		d.login()
		for _, st := range d.amazon.Accounts()[0].Settlements {
			list := d.all(transactionsPath, "nextToken", []any{"payload", "transactions"}, []any{"payload", "nextToken"},
				"relatedIdentifierName", "FINANCIAL_EVENT_GROUP_ID", "relatedIdentifierValue", st.EventGroup)
			sum := new(big.Rat)
			for _, tx := range list {
				total := walk(tx, "totalAmount", "currencyAmount")
				sum.Add(sum, rat(t, total))
				tied(t, "transaction", total, walk(tx, "breakdowns"))
				items, _ := walk(tx, "items").([]any)
				parts := new(big.Rat)
				for _, it := range items {
					parts.Add(parts, rat(t, walk(it, "totalAmount", "currencyAmount")))
					tied(t, "item", walk(it, "totalAmount", "currencyAmount"), walk(it, "breakdowns"))
				}
				if len(items) > 0 {
					mustEqual(t, "items of a transaction", parts, text(total))
				}
				if !related(tx, "SETTLEMENT_ID", st.ID) {
					t.Errorf("no settlement id in %v", walk(tx, "relatedIdentifiers"))
				}
			}
			mustEqual(t, "transactions of "+st.ID, sum, st.TotalText())
		}
	}
}

func related(tx any, name, value string) bool {
	list, _ := walk(tx, "relatedIdentifiers").([]any)
	return slices.ContainsFunc(list, func(id any) bool {
		return walk(id, "relatedIdentifierName") == name && (value == "" || walk(id, "relatedIdentifierValue") == value)
	})
}

func TestDeferredMoneyIsThereOnceAsDeferredAndOnceAsReleased(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	list := func(pairs ...string) []any {
		return d.all(transactionsPath, "nextToken", []any{"payload", "transactions"}, []any{"payload", "nextToken"}, append([]string{"postedAfter", "2026-08-01T00:00:00Z"}, pairs...)...)
	}
	all, deferred, released, freed := list(), list("transactionStatus", "DEFERRED"), list("transactionStatus", "RELEASED"), list("transactionStatus", "DEFERRED_RELEASED")
	if len(all) != len(deferred)+len(released)+len(freed) || len(deferred) != 4 || len(freed) == 0 {
		t.Fatalf("%d transactions: %d deferred, %d released, %d deferred and released", len(all), len(deferred), len(released), len(freed))
	}
	for _, tx := range slices.Concat(deferred, freed) {
		if related(tx, "SETTLEMENT_ID", "") || walk(tx, "contexts", 0, "contextType") != "DeferredContext" || text(walk(tx, "contexts", 0, "maturityDate")) == "" {
			t.Errorf("deferred transaction %v", tx)
		}
	}
	byID := map[string]any{}
	for _, tx := range released {
		byID[text(walk(tx, "transactionId"))] = tx
	}
	for _, tx := range freed {
		partner, ok := any(nil), false
		for _, id := range walk(tx, "relatedIdentifiers").([]any) {
			if walk(id, "relatedIdentifierName") == "RELEASE_TRANSACTION_ID" {
				partner, ok = byID[text(walk(id, "relatedIdentifierValue"))]
			}
		}
		if !ok || !related(partner, "DEFERRED_TRANSACTION_ID", text(walk(tx, "transactionId"))) {
			t.Errorf("%v has no release", walk(tx, "transactionId"))
			continue
		}
		mustEqual(t, "release", rat(t, walk(partner, "totalAmount", "currencyAmount")), text(walk(tx, "totalAmount", "currencyAmount")))
	}
	order := ""
	for _, id := range walk(freed[0], "relatedIdentifiers").([]any) {
		if walk(id, "relatedIdentifierName") == "ORDER_ID" {
			order = text(walk(id, "relatedIdentifierValue"))
		}
	}
	if byOrder := d.must(transactionsPath, "relatedIdentifierName", "ORDER_ID", "relatedIdentifierValue", order).list("payload", "transactions"); len(byOrder) < 2 {
		t.Errorf("order %s has %d transactions, want the deferred one and its release", order, len(byOrder))
	}
}

func TestADeferredTransactionIsReleasedWhenItMatures(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: -1})
	var twin settlementtest.Transaction
	for _, st := range d.amazon.Accounts()[0].Settlements {
		for tx := range st.Deferrals() {
			twin = tx
		}
	}
	for _, c := range []struct {
		at     time.Time
		status string
		count  int
	}{{twin.Maturity.Add(-time.Minute), "DEFERRED", 1}, {twin.Maturity.Add(3 * time.Minute), "DEFERRED_RELEASED", 2}} {
		clock.at = c.at
		d.login()
		list := d.must(transactionsPath, "relatedIdentifierName", "ORDER_ID", "relatedIdentifierValue", twin.OrderID).list("payload", "transactions")
		statuses := map[string]bool{}
		for _, tx := range list {
			statuses[text(walk(tx, "transactionStatus"))] = true
			if c.count == 1 && related(tx, "RELEASE_TRANSACTION_ID", "") {
				t.Error("a release is named before it is there")
			}
		}
		if len(list) != c.count || !statuses[c.status] {
			t.Errorf("at %s: %v in %d transactions, want %s in %d", c.at, statuses, len(list), c.status, c.count)
		}
	}
}

func TestListingsOfMoneyAnswerAsTheModelsSay(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	near := today.Add(-time.Minute).Format(time.RFC3339)
	for _, c := range []struct {
		path   string
		query  []string
		status int
		items  []any
	}{
		{transactionsPath, nil, 400, nil},
		{transactionsPath, []string{"postedAfter", near}, 400, nil},
		{transactionsPath, []string{"postedAfter", "2026-01-01T00:00:00Z", "postedBefore", "2025-01-01T00:00:00Z"}, 400, nil},
		{transactionsPath, []string{"postedAfter", "2025-01-01T00:00:00Z"}, 200, []any{"payload", "transactions"}}, // over 180 days: empty, not an error
		{transactionsPath, []string{"relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", "1"}, 400, nil},
		{transactionsPath, []string{"relatedIdentifierName", "ORDER_ID"}, 400, nil},
		{transactionsPath, []string{"postedAfter", "2026-10-01", "transactionStatus", "Released"}, 400, nil},
		{transactionsPath, []string{"postedAfter", "2026-10-01", "marketplaceId", "A1PA6795UKMFR9"}, 200, []any{"payload", "transactions"}},
		{groupsPath, []string{"FinancialEventGroupStartedAfter", "2025-01-01T00:00:00Z"}, 200, []any{"payload", "FinancialEventGroupList"}},
		{groupsPath, []string{"FinancialEventGroupStartedBefore", near}, 400, nil},
		{groupsPath, []string{"MaxResultsPerPage", "101"}, 400, nil},
		{summaryPath, nil, 400, nil},
		{summaryPath, []string{"relatedIdentifierName", "ORDER_ID", "relatedIdentifierValue", "1"}, 400, nil},
		{summaryPath, []string{"relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", "1"}, 200, []any{"summaries"}},
		{payoutsPath, []string{"payoutId", "1"}, 200, []any{"payouts"}},
		{payoutsPath, []string{"marketplaceIds", "A1PA6795UKMFR9"}, 200, []any{"payouts"}},
		{payoutsPath, []string{"nextToken", "x"}, 400, nil},
	} {
		a := d.get(c.path, c.query...)
		if a.status != c.status {
			t.Errorf("%s %v: %d %s", c.path, c.query, a.status, a.raw)
		}
		if c.items != nil && (a.list(c.items...) == nil || len(a.list(c.items...)) != 0) {
			t.Errorf("%s %v: want an empty list, got %s", c.path, c.query, a.raw)
		}
	}
	first := d.must(groupsPath, "MaxResultsPerPage", "2", "FinancialEventGroupStartedAfter", "2026-08-01T00:00:00Z")
	token := text(first.at("payload", "NextToken"))
	if a := d.get(groupsPath, "NextToken", token); a.status != 400 {
		t.Errorf("a page token without the arguments that gave it: %d %s", a.status, a.raw)
	}
	if !strings.ContainsAny(token, "+/=") {
		t.Errorf("token %q needs no escaping", token)
	}
}

func TestAPeriodSummaryAddsUpWhatWasPosted(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	a := d.must(summaryPath, "periodStart", "2026-10-01", "periodEnd", "2026-10-31")
	from, to := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var want int64
	for _, st := range d.amazon.Accounts()[0].Settlements {
		for r := range st.Rows() {
			if !r.Posted.Before(from) && r.Posted.Before(to) {
				want += r.Amount
			}
		}
	}
	mustEqual(t, "October", rat(t, a.at("summaries", 0, "netProceeds", "currencyAmount")), settlementtest.Decimal(want, "USD"))
	tied(t, "October", a.at("summaries", 0, "netProceeds", "currencyAmount"), a.at("summaries", 0, "breakdowns"))
}

func TestAPayoutArrivesWhenItsDayComes(t *testing.T) {
	d, clock := open(t, spapitest.Options{})
	d.login()
	young := d.amazon.Accounts()[0].Settlements[5]
	state := func() (string, string) {
		p := d.must(payoutsPath, "payoutId", young.ID)
		g := d.must(groupsPath, "FinancialEventGroupStartedAfter", young.Start.Format(time.RFC3339), "FinancialEventGroupStartedBefore", young.Start.Add(time.Minute).Format(time.RFC3339))
		return text(p.at("payouts", 0, "currentStatus")), text(g.at("payload", "FinancialEventGroupList", 0, "FundTransferStatus"))
	}
	if p, g := state(); p != "IN_TRANSIT" || g != "Processing" {
		t.Errorf("today: %s, %s", p, g)
	}
	clock.at = young.Deposit
	d.login()
	if p, g := state(); p != "PAID" || g != "Succeeded" {
		t.Errorf("on the deposit date: %s, %s", p, g)
	}
	clock.at = young.End.Add(-time.Hour)
	d.login()
	if p, g := state(); p != "" || g != "" {
		t.Errorf("before the period ended: %s, %s", p, g)
	}
}
