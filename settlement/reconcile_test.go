package settlement_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestASecondSourceAgreesDiffersIsPendingOrAmbiguous(t *testing.T) {
	const report = "19.50|20.00"
	r := settlement.NewReader(strings.NewReader(v2("USD", "39.50", strings.Split(report, "|")...)), settlement.Options{})
	sums, err := settlement.OrderSumsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Statement()
	if err != nil {
		t.Fatal(err)
	}
	usd := func(text string) settlement.Money { return money(t, text, "USD") }
	group := settlement.GroupFact{ID: "g1", Closed: true, Start: s.Start, End: s.End, OriginalTotal: s.Total, FundTransferStatus: "Succeeded", TraceID: "T1"}
	other := group
	other.ID, other.OriginalTotal = "g2", usd("39.49")
	eur := group
	eur.ID, eur.OriginalTotal = "g3", money(t, "39.50", "EUR")
	order := func(id, total string) settlement.TransactionFact {
		return settlement.TransactionFact{ID: "t" + id, Status: "RELEASED", OrderID: id, Total: usd(total)}
	}
	deferred := order("1", "7.00")
	deferred.Status = "DEFERRED"
	summary := []settlement.SummaryFact{{"99", usd("1.00")}, {"100", usd("39.50")}}

	for _, test := range []struct {
		name    string
		second  settlement.SecondSource
		verdict settlement.Verdict
		differs bool   // on the total
		what    string // of the differences
	}{
		{"nothing", settlement.SecondSource{}, settlement.Pending, false, ""},
		{"summary", settlement.SecondSource{Summaries: summary}, settlement.Agreed, false, ""},
		{"other summary", settlement.SecondSource{Summaries: []settlement.SummaryFact{{"100", usd("39.51")}}}, settlement.Differs, true, "total"},
		{"summary in EUR", settlement.SecondSource{Summaries: []settlement.SummaryFact{{"100", money(t, "39.50", "EUR")}}}, settlement.Differs, true, "currency"},
		{"payout", settlement.SecondSource{Payouts: []settlement.PayoutFact{{ID: "p", SettlementIDs: []string{"100"}, Status: "PAID", Amount: usd("39.50")}}}, settlement.Agreed, false, ""},
		{"no payout yet", settlement.SecondSource{Payouts: []settlement.PayoutFact{{ID: "p", SettlementIDs: []string{"100"}, Status: "STARTED"}}}, settlement.Pending, false, ""},
		{"other payout", settlement.SecondSource{Summaries: summary, Payouts: []settlement.PayoutFact{{ID: "p", SettlementIDs: []string{"100"}, Status: "PAID", Amount: usd("39.00")}}}, settlement.Differs, false, "payout"},
		{"two payouts at once", settlement.SecondSource{Summaries: summary, Payouts: []settlement.PayoutFact{{ID: "p", SettlementIDs: []string{"100"}, Status: "PAID"}, {ID: "q", SettlementIDs: []string{"100"}, Status: "FAILED"}}}, settlement.Ambiguous, false, ""},
		{"two payouts at once of other amounts", settlement.SecondSource{Summaries: summary, Payouts: []settlement.PayoutFact{{ID: "p", SettlementIDs: []string{"100"}, Status: "PAID", Amount: usd("39.50")}, {ID: "q", SettlementIDs: []string{"100"}, Status: "PAID", Amount: usd("39.00")}}}, settlement.Ambiguous, false, ""},
		{"group among others", settlement.SecondSource{Groups: []settlement.GroupFact{eur, group, other}}, settlement.Agreed, false, ""},
		{"group of another total", settlement.SecondSource{Groups: []settlement.GroupFact{other}}, settlement.Differs, true, "total"},
		{"two equal groups", settlement.SecondSource{Groups: []settlement.GroupFact{group, group}}, settlement.Ambiguous, false, ""},
		{"two groups, neither equal", settlement.SecondSource{Groups: []settlement.GroupFact{other, other}}, settlement.Ambiguous, false, ""},
		{"group of another currency", settlement.SecondSource{Groups: []settlement.GroupFact{eur}}, settlement.Pending, false, ""},
		{"orders", settlement.SecondSource{Summaries: summary, Complete: true, Transactions: []settlement.TransactionFact{order("1", "19.50"), order("2", "25.00"), order("2", "-5.00"), deferred}}, settlement.Agreed, false, ""},
		{"an order differs", settlement.SecondSource{Summaries: summary, Complete: true, Transactions: []settlement.TransactionFact{order("1", "19.49"), order("2", "20.00")}}, settlement.Differs, false, "order"},
		{"an order is not in the report", settlement.SecondSource{Summaries: summary, Complete: true, Transactions: []settlement.TransactionFact{order("1", "19.50"), order("2", "20.00"), order("3", "1.00")}}, settlement.Differs, false, "order"},
		{"an order is late", settlement.SecondSource{Summaries: summary, Complete: true, Transactions: []settlement.TransactionFact{order("1", "19.50")}}, settlement.Pending, false, ""},
		{"incomplete transactions say nothing", settlement.SecondSource{Summaries: summary, Transactions: []settlement.TransactionFact{order("1", "1.00")}}, settlement.Agreed, false, ""},
	} {
		got := settlement.Reconcile(s, sums, test.second)
		what := ""
		for _, d := range got.Differences {
			what += d.What
		}
		if got.Verdict != test.verdict || got.TotalDiffers() != test.differs || what != test.what {
			t.Errorf("%s: %s total differs %v, differences %q %v, want %s %v %q", test.name, got.Verdict, got.TotalDiffers(), what, got.Reasons, test.verdict, test.differs, test.what)
		}
		if (got.Verdict == settlement.Pending || got.Verdict == settlement.Ambiguous) && len(got.Reasons) == 0 {
			t.Errorf("%s: no reason given", test.name)
		}
	}

	// A transfer that failed and was tried again: the last one counts, in whatever order they come.
	failed := settlement.PayoutFact{ID: "p", SettlementIDs: []string{"100"}, Status: "FAILED", Amount: usd("39.50"), Date: s.End}
	again := settlement.PayoutFact{ID: "q", SettlementIDs: []string{"100"}, Status: "PAID", Amount: usd("39.50"), Date: s.End.AddDate(0, 0, 3), TraceID: "T2"}
	for _, payouts := range [][]settlement.PayoutFact{{failed, again}, {again, failed}, {again, again}} {
		got := settlement.Reconcile(s, sums, settlement.SecondSource{Payouts: payouts})
		if got.Verdict != settlement.Agreed || got.PayoutStatus != "PAID" || got.TraceID != "T2" || !got.PayoutDate.Equal(again.Date) {
			t.Errorf("%+v", got)
		}
	}

	paid := settlement.Reconcile(s, sums, settlement.SecondSource{Groups: []settlement.GroupFact{group}})
	if paid.PayoutStatus != "Succeeded" || paid.TraceID != "T1" || paid.By != "group" {
		t.Errorf("%+v", paid)
	}
}

// A transaction's total stands beside its components, and a component beside
// its own: only leaves count.
func TestTotalsBesideComponentsAreNeverCountedTwice(t *testing.T) {
	row := strings.NewReplacer("ItemPrice\tPrincipal", "ItemFees\tCommission")
	r := settlement.NewReader(strings.NewReader(row.Replace(v2("USD", "-3.00", "-3.00"))), settlement.Options{})
	sums, err := settlement.OrderSumsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := r.Statement()
	m := func(text string) settlement.Money { return money(t, text, "USD") }
	parts := []settlement.BreakdownFact{{Type: "Expenses", Amount: m("-3.00"), Parts: []settlement.BreakdownFact{
		{Type: "AmazonFees", Amount: m("-3.00"), Parts: []settlement.BreakdownFact{
			{Type: "Commission", Amount: m("-3.00")}, {Type: "Mystery", Amount: m("0.00")},
		}},
	}}}
	second := settlement.SecondSource{
		Summaries: []settlement.SummaryFact{{"100", m("-3.00")}}, Complete: true,
		Transactions: []settlement.TransactionFact{{ID: "t", Status: "RELEASED", OrderID: "1", Total: m("-3.00"), Breakdowns: parts}},
	}
	got := settlement.Reconcile(s, sums, second)
	if got.Verdict != settlement.Agreed {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]settlement.BreakdownFact{{Type: "Mystery", Amount: m("0.00")}}, got.Uncategorised); diff != "" {
		t.Error(diff)
	}
	parts[0].Parts[0].Parts[0].Amount = m("-2.99")
	if got := settlement.Reconcile(s, sums, second); got.Verdict != settlement.Differs || got.Differences[0].What != "category" || got.Differences[0].Key != "Commission" {
		t.Errorf("%+v", got)
	}
}

func link(t *testing.T, id string, start, end time.Time, total string) settlement.Link {
	return settlement.Link{ID: id, Stream: "CAD Amazon.ca", Start: start, End: end, Total: money(t, total, "CAD")}
}

func TestR5_1_AGapOrAnOverlapIsFound(t *testing.T) {
	day := func(n int) time.Time { return utc("2026-01-01T00:00:00Z").AddDate(0, 0, n) }
	a, b, c := link(t, "1", day(0), day(14), "5.00"), link(t, "2", day(14), day(28), "6.00"), link(t, "3", day(28).Add(time.Second), day(42), "7.00")
	elsewhere := c
	elsewhere.ID, elsewhere.Stream, elsewhere.Start = "9", "EUR Amazon.de", day(3)
	codes := func(tolerance time.Duration, links ...settlement.Link) (codes []string) {
		for _, f := range settlement.Continuity(links, tolerance) {
			codes = append(codes, f.Code+" "+f.Previous+" "+f.Next)
		}
		return codes
	}
	for _, test := range []struct {
		name      string
		tolerance time.Duration
		links     []settlement.Link
		want      []string
	}{
		{"in any order", time.Second, []settlement.Link{c, elsewhere, a, b}, nil},
		{"ids that do not grow with time", time.Second, []settlement.Link{link(t, "9", day(0), day(14), "5.00"), link(t, "5", day(14), day(28), "6.00")}, nil},
		{"a second apart", 0, []settlement.Link{a, b, c}, []string{"gap 2 3"}},
		{"one missing", time.Minute, []settlement.Link{a, c}, []string{"gap 1 3"}},
		{"overlap", time.Minute, []settlement.Link{a, link(t, "2", day(13), day(28), "6.00")}, []string{"overlap 1 2"}},
		{"twice", time.Minute, []settlement.Link{a, a}, []string{"same_id 1 1"}},
	} {
		if diff := cmp.Diff(test.want, codes(test.tolerance, test.links...)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestR5_2_AReserveAndANegativeTotalComeBack(t *testing.T) {
	day := func(n int) time.Time { return utc("2026-01-01T00:00:00Z").AddDate(0, 0, n) }
	a, b := link(t, "1", day(0), day(14), "-321.69"), link(t, "2", day(14), day(28), "5.00")
	a.ReserveCurrent = money(t, "-10.00", "CAD")
	b.ReservePrevious, b.Payable = money(t, "10.00", "CAD"), money(t, "-321.69", "CAD")
	if f := settlement.Continuity([]settlement.Link{a, b}, 0); f != nil {
		t.Errorf("%+v", f)
	}
	b.ReservePrevious, b.Payable = money(t, "9.99", "CAD"), settlement.Money{}
	f := settlement.Continuity([]settlement.Link{a, b}, 0)
	if len(f) != 2 || f[0].Code != settlement.FindingReserve || f[1].Code != settlement.FindingBalance ||
		f[1].Expected != money(t, "-321.69", "CAD") || !strings.Contains(f[0].Message, "10.00") || !strings.Contains(f[0].Message, "9.99") {
		t.Errorf("%+v", f)
	}
}

// The four real settlements of one Canadian seller follow each other, and two
// negative totals are carried over (quirks 3 and 11).
func TestARealChainOfSettlementsHasNoFindings(t *testing.T) {
	dir := corpus(t)
	var links []settlement.Link
	for _, name := range []string{"50041020342", "50011020300", "50034020328", "50018020314"} {
		f, err := settlement.Open(dir+"/v1/ca-2025-"+name+".txt", settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		tally, err := settlement.TallyOf(f)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		l := tally.Link()
		l.Stream = "CAD" // the first has no line of a marketplace
		links = append(links, l)
	}
	if f := settlement.Continuity(links, 0); f != nil {
		t.Errorf("%+v", f)
	}
	if f := settlement.Continuity(links[:3], 0); len(f) != 1 || f[0].Code != settlement.FindingGap {
		t.Errorf("a missing settlement: %+v", f)
	}
}

func TestR5_3_KnownSettlementsAndEventGroupsAreComparedBothWays(t *testing.T) {
	day := func(n int) time.Time { return utc("2026-01-01T00:00:00Z").AddDate(0, 0, n) }
	a, b := link(t, "1", day(0), day(14), "5.00"), link(t, "2", day(14), day(28), "6.00")
	of := func(id string, l settlement.Link) settlement.GroupFact {
		return settlement.GroupFact{ID: id, Closed: true, Start: l.Start, End: l.End, OriginalTotal: l.Total}
	}
	c := link(t, "3", day(28), day(42), "7.00")
	open := of("open", link(t, "4", day(42), day(50), "1.00"))
	open.Closed = false
	unfetched, unknown := settlement.CrossCheck([]settlement.Link{a, b}, []settlement.GroupFact{of("g2", b), of("g3", c), open})
	if len(unfetched) != 1 || unfetched[0].ID != "g3" || len(unknown) != 1 || unknown[0].ID != "1" {
		t.Errorf("unfetched %v, unknown %v", unfetched, unknown)
	}
}

func TestR5_3_EachEventGroupAnswersForOneSettlement(t *testing.T) {
	start, end := utc("2026-01-01T08:00:00Z"), utc("2026-01-15T08:00:00Z")
	settlements := func(totals ...string) (links []settlement.Link) {
		for _, total := range totals {
			links = append(links, link(t, total, start, end, total))
		}
		return links
	}
	groups := func(totals ...string) (groups []settlement.GroupFact) {
		for _, total := range totals {
			g := settlement.GroupFact{ID: total, Closed: true, Start: start.Add(time.Millisecond), End: end.Add(999 * time.Millisecond)}
			if total != "" {
				g.OriginalTotal = money(t, total, "CAD")
			}
			groups = append(groups, g)
		}
		return groups
	}
	for name, test := range map[string]struct {
		links              []settlement.Link
		groups             []settlement.GroupFact
		unfetched, unknown string
	}{
		"two stores, one report":            {settlements("5.00"), groups("6.00", "5.00"), "6.00", ""},
		"two stores, one group":             {settlements("6.00", "5.00"), groups("5.00"), "", "6.00"},
		"another total":                     {settlements("5.00"), groups("6.00"), "", ""}, // a difference of its own
		"no total":                          {settlements("5.00"), groups(""), "", ""},
		"no total, beside one of its total": {settlements("5.00", "6.00"), groups("", "6.00"), "", ""},
	} {
		unfetched, unknown := settlement.CrossCheck(test.links, test.groups)
		var lacking, more []string
		for _, g := range unfetched {
			lacking = append(lacking, g.ID)
		}
		for _, l := range unknown {
			more = append(more, l.ID)
		}
		if strings.Join(lacking, " ") != test.unfetched || strings.Join(more, " ") != test.unknown {
			t.Errorf("%s: unfetched %q, unknown %q", name, lacking, more)
		}
	}
}

func TestWhatASettlementPassesOnIsTakenFromItsLines(t *testing.T) {
	account := func(description, amount string) string {
		return strings.NewReplacer("Amazon.com", "", "Order\t1\t", "other-transaction\t\t", "ItemPrice\tPrincipal", "other-transaction\t"+description).Replace(v2Row("100", "1", amount))
	}
	report := v2Header + v2Summary("100", "USD", "-7.00") + account("Previous Reserve Amount Balance", "4.00") + account("Payable to Amazon", "-9.00") +
		account("Current Reserve Amount", "-1.00") + account("Current Reserve Amount", "-2.00") + strings.ReplaceAll(v2Row("100", "2", "1.00"), "Amazon.com", "Non-Amazon US")
	tally, err := settlement.TallyOf(settlement.NewReader(strings.NewReader(report), settlement.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	s := tally.Statement
	want := settlement.Link{
		ID: "100", Stream: "USD", Start: s.Start, End: s.End, Total: money(t, "-7.00", "USD"),
		ReserveCurrent: money(t, "-3.00", "USD"), ReservePrevious: money(t, "4.00", "USD"), Payable: money(t, "-9.00", "USD"),
	}
	if diff := cmp.Diff(want, tally.Link()); diff != "" {
		t.Error(diff)
	}
}

func TestTwoCurrenciesInOneStreamAreAFinding(t *testing.T) {
	day := func(n int) time.Time { return utc("2026-01-01T00:00:00Z").AddDate(0, 0, n) }
	a, b := link(t, "1", day(0), day(14), "5.00"), link(t, "2", day(14), day(28), "6.00")
	b.Total = money(t, "6.00", "USD")
	f := settlement.Continuity([]settlement.Link{a, b}, 0)
	if len(f) != 1 || f[0].Code != settlement.FindingCurrencyMixed || !strings.Contains(f[0].Message, "CAD") || !strings.Contains(f[0].Message, "USD") {
		t.Errorf("%+v", f)
	}
}

func TestOrdersAndTheirFeesAreAddedUpApart(t *testing.T) {
	fee := func(row string) string {
		return strings.Replace(row, "\tItemPrice\tPrincipal\t", "\tItemFees\tCommission\t", 1)
	}
	report := v2Header + v2Summary("100", "USD", "10.50") + v2Row("100", "1", "7.00") + v2Row("100", "2", "5.00") + fee(v2Row("100", "1", "-1.00")) +
		fee(v2Row("100", "2", "-0.25")) + fee(v2Row("100", "", "-0.75")) + v2Row("100", "", "0.50")
	sums, err := settlement.OrderSumsOf(settlement.NewReader(strings.NewReader(report), settlement.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	want := settlement.OrderSums{
		Orders: map[string]settlement.Money{"1": money(t, "6.00", "USD"), "2": money(t, "4.75", "USD"), "": money(t, "-0.25", "USD")},
		Fees:   map[string]settlement.Money{"Commission": money(t, "-1.25", "USD")}, // a fee of no order is not one of an order's
	}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Error(diff)
	}
}
