package vantageledger_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// How many requests a document costs is a promise to tenants whose limits
// nobody knows, seven and nine where it is posted: on the average of a seller's
// year, log-in, chart and calendar included. What is below that here is for
// programs that are started again and again.
const (
	callsPerDocument       = 6.25
	callsPerPostedDocument = 8.25
	callsToFind            = 3.0
)

// rulesFor are the starter rules, changed for a mode and a company.
func rulesFor(t testing.TB, mode ledgermap.Mode, company string) *ledgermap.Rules {
	t.Helper()
	pairs := []string{"mode: journal ", "mode: " + string(mode) + " ", `code: ""`, fmt.Sprintf("code: %q", company)}
	if mode == ledgermap.ModeInvoice {
		pairs = append(pairs, `  "115.00": {type: asset`, `  "111.00": {type: asset, control: receivable}`+"\n"+`  "115.00": {type: asset`,
			"clearing: {account", `invoice: {receivable: {account: "111.00", project: "00000100.00"}}`+"\nclearing: {account",
			`projects:`, "projects:\n"+`  "00000000.00": {type: overhead, name: "Overhead"}`,
			`{account: "801.00"}`, `{account: "801.00", project: "00000100.00"}`,
			`{account: "711.00"}`, `{account: "711.00", project: "00000000.00"}`, `{account: "712.00"}`, `{account: "712.00", project: "00000000.00"}`)
	}
	text := strings.NewReplacer(pairs...).Replace(string(ledgermap.Starter()))
	rules, err := ledgermap.LoadRules("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// year is a seller's year: 26 settlements of two weeks, all paid.
func year(rows int) []settlementtest.Settlement {
	return settlementtest.Seller{
		ID: seller, Seed: 1, Count: 26, Rows: rows, Cycle: 14 * 24 * time.Hour, Outcomes: []settlementtest.Outcome{settlementtest.Paid},
	}.Settlements()
}

// plans are the plans of settlements with the tenant's calendar.
func (w *world) plans(rules *ledgermap.Rules, settlements []settlementtest.Settlement, payout ledgermap.PayoutStatus) []*ledgermap.Plan {
	w.t.Helper()
	calendar, err := w.ledger.Calendar(w.t.Context(), w.company)
	if err != nil {
		w.t.Fatal(err)
	}
	var plans []*ledgermap.Plan
	for _, s := range settlements {
		p, err := rules.Plan(settlement.NewReader(bytes.NewReader(s.V2()), settlement.Options{}), ledgermap.Input{
			Seller: seller, Calendar: calendar, Payout: ledgermap.Payout{Status: payout, Date: s.Deposit},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		plans = append(plans, p)
	}
	return plans
}

// calls runs and returns how many requests the tenant got, by operation.
func (w *world) calls(run func()) map[string]int {
	before := w.tenant.Calls()
	run()
	spent := map[string]int{}
	for op, n := range w.tenant.Calls() {
		if n > before[op] {
			spent[op] = n - before[op]
		}
	}
	return spent
}

func sum(calls map[string]int) (n int) {
	for c := range maps.Values(calls) {
		n += c
	}
	return n
}

// A run books the plans and returns how many documents they have.
func (w *world) books(plans []*ledgermap.Plan) (documents int) {
	w.t.Helper()
	for _, p := range plans {
		res, err := w.engine().Run(w.t.Context(), p)
		if err != nil {
			w.t.Fatal(err)
		}
		documents += len(res.Documents)
	}
	return documents
}

func TestADocumentCostsLessThanSevenRequestsAndNineWherePosted(t *testing.T) {
	for _, mode := range []ledgermap.Mode{ledgermap.ModeJournal, ledgermap.ModeInvoice} {
		for _, noFiles := range []bool{false, true} {
			for _, company := range []string{"", "A0"} {
				for _, post := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s no files %v company %q post %v", mode, noFiles, company, post), func(t *testing.T) {
						o := vantagepointtest.Options{NoFiles: noFiles, Company: company}
						if company != "" {
							o.Companies = []vantagepointtest.Company{{Code: "B0", Name: "Other", Currency: "USD"}}
						}
						w := newWorld(t, o)
						w.post = post
						var plans []*ledgermap.Plan
						documents := 0
						first := w.calls(func() {
							plans = w.plans(rulesFor(t, mode, company), year(30), ledgermap.PayoutPaid)
							documents = w.books(plans)
						})
						again := w.calls(func() { w.books(plans) })
						booking, finding := float64(sum(first))/float64(documents), float64(sum(again))/float64(documents)
						t.Logf("%d documents: %.2f requests each to book, %.2f to find again", documents, booking, finding)
						limit := callsPerDocument
						if post {
							limit = callsPerPostedDocument
						}
						if booking > limit || finding > callsToFind {
							t.Errorf("more than %v to book or %v to find again: %v, then %v", limit, callsToFind, first, again)
						}
					})
				}
			}
		}
	}
}

// Payouts are on their way for days, and every round looks at what is booked.
func TestAPayoutOnItsWayCostsThreeRequestsADocumentAndOneForItsReceipt(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	plans := w.plans(rulesFor(t, ledgermap.ModeJournal, ""), year(30)[:1], ledgermap.PayoutPending)
	journals := w.books(plans) - 1
	if round := w.calls(func() { w.books(plans) }); sum(round) != 3*journals+1 {
		t.Errorf("a round costs %v", round)
	}
	paid := w.plans(rulesFor(t, ledgermap.ModeJournal, ""), year(30)[:1], ledgermap.PayoutPaid)
	spent := w.calls(func() { w.books(paid) })
	t.Logf("the receipt costs %d requests when its money arrives, with the look at what was booked before", sum(spent))
	if sum(spent) > 3*journals+7 {
		t.Errorf("the receipt costs %v", spent)
	}
}

func TestRequestsDoNotGrowWithTheOrders(t *testing.T) {
	var spent [2]map[string]int
	for i, rows := range []int{30, 600} {
		w := newWorld(t, vantagepointtest.Options{})
		spent[i] = w.calls(func() {
			w.books(w.plans(rulesFor(t, ledgermap.ModeJournal, ""), year(rows)[:3], ledgermap.PayoutPaid))
		})
	}
	if !maps.Equal(spent[0], spent[1]) {
		t.Errorf("few orders: %v; many: %v", spent[0], spent[1])
	}
}
