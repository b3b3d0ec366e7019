package ledgermap_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// deferred is a sale held back: its price less a fee of 15 %.
func deferred(t testing.TB, id, price, fee string, released bool) ledgermap.Deferred {
	return ledgermap.Deferred{ID: id, Marketplace: "Amazon.com", Released: released, Amounts: []ledgermap.DeferredAmount{
		{Category: settlement.CategoryPrincipal, Amount: money(t, price, "USD")},
		{Category: settlement.CategoryReferralFee, Amount: money(t, fee, "USD")},
	}}
}

func elsewhere(d ledgermap.Deferred, marketplace string) ledgermap.Deferred {
	d.Marketplace = marketplace
	return d
}

func accruing(t testing.TB, pairs ...string) *ledgermap.Rules {
	return rules(t, append(pairs, "# accrual: {account: \"118.00\"}", "accrual: {account: \"118.00\"}", `  "117.00": {type: asset`, `  "118.00": {type: asset, name: Deferred}
  "117.00": {type: asset`)...)
}

func TestR8_1_R8_2_DeferredTransactionsAreAccruedReversedAndRolledForward(t *testing.T) {
	r := accruing(t)
	july := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{
		deferred(t, "a", "100.00", "-15.00", false), deferred(t, "b", "10.00", "-1.50", false),
	}}
	august := ledgermap.Snapshot{Period: 202508, Complete: true, Transactions: []ledgermap.Deferred{
		deferred(t, "a", "100.00", "-15.00", true), deferred(t, "b", "10.00", "-1.50", false),
		deferred(t, "c", "50.00", "-7.50", false), deferred(t, "d", "2.00", "-0.30", true),
	}}
	september := ledgermap.Snapshot{Period: 202509, Complete: true, Transactions: []ledgermap.Deferred{
		deferred(t, "b", "10.00", "-1.50", true), deferred(t, "c", "50.00", "-7.50", true),
	}}
	before := ledgermap.Snapshot{}
	ledger := make(book)
	var rolls [][4]string
	for _, now := range []ledgermap.Snapshot{july, august, september} {
		a, err := r.Accrue(before, now, months(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.RollForward {
			rolls = append(rolls, [4]string{f.Opening.String(), f.Deferred.String(), f.Released.String(), f.Closing.String()})
		}
		for i, d := range a.Entries {
			if d.Period() != now.Period || d.Date().AddDays(1) != a.Reversals[i].Date() || a.Reversals[i].Date().Day != 1 || a.Reversals[i].Reverses() != d.Digest() {
				t.Errorf("accrual %v is reversed by %v", d.Spec(), a.Reversals[i].Spec())
			}
		}
		if n := len(a.Entries) + len(a.Reversals); len(a.Plan.Documents) != n {
			t.Errorf("the plan has %d documents, want %d", len(a.Plan.Documents), n)
		}
		for i, d := range a.Plan.Documents {
			if d.SettlementID() != "ACR"+strconv.Itoa(now.Period) || d.Part() != "A" || slices.ContainsFunc(a.Plan.Documents[:i], func(o ledgermap.Document) bool { return o.Ordinal() == d.Ordinal() }) {
				t.Errorf("document %d of %s, part %s, cannot be booked beside the others", d.Ordinal(), d.SettlementID(), d.Part())
			}
		}
		ledger.add(t, a.Entries...)
		if want := rolls[len(rolls)-1][3]; want != "0.00" && ledger["118.00"].String() != want {
			t.Errorf("at the end of %d the accrual account shows %s, deferred are %s", now.Period, ledger["118.00"], want)
		}
		ledger.add(t, a.Reversals...)
		before = now
	}
	want := [][4]string{
		{"93.50", "0.00", "0.00", "93.50"}, {"93.50", "44.20", "86.70", "51.00"}, {"51.00", "0.00", "51.00", "0.00"},
	}
	if diff := cmp.Diff(want, rolls); diff != "" {
		t.Error(diff)
	}
	if left := ledger.accounts(); len(left) != 0 {
		t.Errorf("over all time accruals and reversals leave %v", left)
	}
}

func TestOneAmountIsAccrued(t *testing.T) {
	sale := deferred(t, "a", "100.00", "-15.00", false)
	sale.Amounts = sale.Amounts[:1]
	now := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{sale}}
	a, err := accruing(t).Accrue(ledgermap.Snapshot{}, now, months(t))
	if err != nil || len(a.Entries) != 1 {
		t.Fatalf("%d entries, %v", len(a.Entries), err)
	}
	ledger := make(book)
	if ledger.add(t, a.Entries...); ledger["118.00"].String() != "100.00" {
		t.Errorf("the accrual account shows %s", ledger["118.00"])
	}
}

func TestEachMarketplaceAndCurrencyIsAccruedByItself(t *testing.T) {
	canadian := func(d ledgermap.Deferred) ledgermap.Deferred {
		for i, a := range d.Amounts {
			d.Amounts[i].Amount = money(t, a.Amount.String(), "CAD")
		}
		return elsewhere(d, "Amazon.ca")
	}
	zero := elsewhere(deferred(t, "e", "7.00", "-7.00", false), "Amazon.mx")
	zero.Amounts[1].Category = settlement.CategoryPrincipal
	now := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{
		deferred(t, "a", "100.00", "-15.00", false), canadian(deferred(t, "b", "10.00", "-1.50", false)), deferred(t, "c", "0.00", "-2.00", false),
		elsewhere(deferred(t, "d", "20.00", "-20.00", false), "Amazon.ca"), zero, // nothing is due to the seller, but sales and fees are
	}}
	// A rule for more than the marketplace cannot be asked: of a deferred transaction no SKU, kind or day is known.
	const byMarketplace = "  - {when: {marketplace: Amazon.ca, category: principal}, account: \"402.00\"}\n"
	const byMore = byMarketplace + "  - {when: {category: principal, sku: \"*\"}, account: \"409.00\"}\n  - {when: {category: principal, from: 2025-01-01}, account: \"409.00\"}\n"
	a, err := accruing(t, "\nrules:\n", "\nrules:\n"+byMore).Accrue(ledgermap.Snapshot{}, now, ledgermap.Months(date(t, "2025-07-01"), date(t, "2025-08-01")))
	if err != nil {
		t.Fatal(err)
	}
	want := `1 A journal 202507 2025-07-31 
  402.00/00000100.00 -10.00 principal
  611.00/00000100.00 1.50 referral_fee
  118.00 8.50 accrual
2 B journal 202507 2025-07-31 
  402.00/00000100.00 -20.00 principal
  611.00/00000100.00 20.00 referral_fee
3 C journal 202507 2025-07-31 
  401.00/00000100.00 -100.00 principal
  611.00/00000100.00 17.00 referral_fee
  118.00 83.00 accrual
501 A journal 202508 2025-08-01 
  402.00/00000100.00 10.00 principal
  611.00/00000100.00 -1.50 referral_fee
  118.00 -8.50 accrual
502 B journal 202508 2025-08-01 
  402.00/00000100.00 20.00 principal
  611.00/00000100.00 -20.00 referral_fee
503 C journal 202508 2025-08-01 
  401.00/00000100.00 100.00 principal
  611.00/00000100.00 -17.00 referral_fee
  118.00 -83.00 accrual
`
	if diff := cmp.Diff(want, shape(a.Plan)); diff != "" {
		t.Error(diff)
	}
	same, err := accruing(t, "\nrules:\n", "\nrules:\n"+byMarketplace).Accrue(ledgermap.Snapshot{}, now, months(t))
	if err != nil || shape(same.Plan) != want {
		t.Errorf("without the other rules: %v\n%s", err, shape(same.Plan))
	}
	if got := a.Entries[0].Currency().String() + a.Entries[1].Currency().String(); got != "CADUSD" {
		t.Errorf("the entries of Amazon.ca are in %s", got)
	}
	single := accruing(t, "multi_currency: true", "multi_currency: false")
	if _, err := single.Accrue(ledgermap.Snapshot{}, now, months(t)); err == nil || !strings.Contains(err.Error(), "CAD is not the company's currency") {
		t.Errorf("in a company of one currency: %v", err)
	}
}

func TestR8_3_R8_5_AccrualRefusesWhatIsNotSure(t *testing.T) {
	r := accruing(t)
	july := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{deferred(t, "a", "100.00", "-15.00", false)}}
	august := ledgermap.Snapshot{Period: 202508, Complete: true, Transactions: []ledgermap.Deferred{deferred(t, "a", "100.00", "-15.00", true)}}
	list := ledgermap.Months(date(t, "2025-01-01"), date(t, "2026-02-28")).Periods()
	list[12].Closed = true // January 2026
	calendar, err := ledgermap.NewCalendar(list)
	if err != nil {
		t.Fatal(err)
	}
	change := func(s ledgermap.Snapshot, f func(*ledgermap.Snapshot)) ledgermap.Snapshot { f(&s); return s }
	for name, c := range map[string]struct {
		before, now ledgermap.Snapshot
		want        string
	}{
		"R8_3 no opening balance": {ledgermap.Snapshot{}, august, "opening balance"},
		"R8_5 incomplete":         {july, change(august, func(s *ledgermap.Snapshot) { s.Complete = false }), "incomplete"},
		"a transaction vanished":  {july, change(august, func(s *ledgermap.Snapshot) { s.Transactions = nil }), "no more"},
		"a transaction changed": {july, change(august, func(s *ledgermap.Snapshot) {
			s.Transactions = []ledgermap.Deferred{deferred(t, "a", "99.00", "-15.00", true)}
		}), "not what it was"},
		"a transaction moved": {july, change(august, func(s *ledgermap.Snapshot) {
			s.Transactions = []ledgermap.Deferred{elsewhere(deferred(t, "a", "100.00", "-15.00", true), "Amazon.ca")}
		}), "not what it was"},
		"a second opening balance": {july, change(august, func(s *ledgermap.Snapshot) { s.Opening = true }), "before it is of period 202507"},
		"a later one before it":    {change(july, func(s *ledgermap.Snapshot) { s.Period = 202509 }), august, "before it is of period 202509"},
		"a closed period":          {july, change(august, func(s *ledgermap.Snapshot) { s.Period = 202601 }), "it is closed"},
		"a closed period after it": {july, change(august, func(s *ledgermap.Snapshot) {
			s.Period, s.Transactions = 202512, []ledgermap.Deferred{deferred(t, "a", "100.00", "-15.00", false)}
		}), "202601 is closed"},
		"a period of no calendar": {july, change(august, func(s *ledgermap.Snapshot) { s.Period = 202813 }), "not in the fiscal calendar"},
		"no period after it":      {july, change(august, func(s *ledgermap.Snapshot) { s.Period = 202602 }), "2026-03-01"},
		"two currencies in one": {july, change(august, func(s *ledgermap.Snapshot) {
			d := deferred(t, "b", "1.00", "-0.15", false)
			d.Amounts[1].Amount = money(t, "-0.15", "CAD")
			s.Transactions = append(slices.Clone(s.Transactions), d)
		}), "transaction b"},
		"a category without an account": {july, change(august, func(s *ledgermap.Snapshot) {
			d := deferred(t, "b", "1.00", "-0.15", false)
			d.Amounts[1].Category = settlement.CategoryFeeTax
			s.Transactions = append(slices.Clone(s.Transactions), d)
		}), "transaction b: whether tax on fees"},
		"no category": {july, change(august, func(s *ledgermap.Snapshot) {
			d := deferred(t, "b", "1.00", "-0.15", false)
			d.Amounts[1].Category = "bribe"
			s.Transactions = append(slices.Clone(s.Transactions), d)
		}), "transaction b: the category bribe"},
		"the same period again": {july, change(august, func(s *ledgermap.Snapshot) { s.Period = 202507 }), "202507"},
	} {
		if _, err := r.Accrue(c.before, c.now, calendar); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want one that speaks of %q", name, err, c.want)
		}
	}
	if _, err := rules(t).Accrue(ledgermap.Snapshot{}, july, months(t)); err == nil || !strings.Contains(err.Error(), "accrual") {
		t.Errorf("without an accrual account: %v", err)
	}
}

func TestR7_2_AnAccrualsReversalGoesByTheRulesIntoTheNextOpenPeriod(t *testing.T) {
	list := months(t).Periods()
	i := slices.IndexFunc(list, func(p ledgermap.Period) bool { return p.Number == 202508 })
	list[i].Closed = true
	calendar, err := ledgermap.NewCalendar(list)
	if err != nil {
		t.Fatal(err)
	}
	july := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{deferred(t, "a", "100.00", "-15.00", false)}}
	a, err := accruing(t, "closed_period: refuse ", "closed_period: next-open-period ").Accrue(ledgermap.Snapshot{}, july, calendar)
	if err != nil {
		t.Fatal(err)
	}
	if d := a.Reversals[0]; d.Period() != 202509 || d.Date() != date(t, "2025-09-01") || d.Description() != "ACR202507 was 2025-08-01" {
		t.Errorf("it is reversed in %d on %s: %q", d.Period(), d.Date(), d.Description())
	}
	if len(a.Plan.Findings) != 1 || a.Plan.Findings[0].Code != ledgermap.FindingMoved {
		t.Errorf("findings %+v", a.Plan.Findings)
	}
}

func TestR8_4_ASnapshotsHashIsOfItsContent(t *testing.T) {
	a, b := deferred(t, "a", "100.00", "-15.00", false), deferred(t, "b", "10.00", "-1.50", false)
	one := ledgermap.Snapshot{Period: 202507, Complete: true, Transactions: []ledgermap.Deferred{a, b}}
	two := ledgermap.Snapshot{Period: 202507, Complete: true, Transactions: []ledgermap.Deferred{b, a}}
	if one.Hash() != two.Hash() {
		t.Error("another order has another hash")
	}
	two.Transactions[0].Released = true
	if one.Hash() == two.Hash() {
		t.Error("a release does not change the hash")
	}
}

func TestATransactionThatStandsTwiceInASnapshotIsRefusedByName(t *testing.T) {
	twice := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{
		deferred(t, "a", "100.00", "-15.00", false), deferred(t, "a", "100.00", "-15.00", false),
	}}
	if _, err := accruing(t).Accrue(ledgermap.Snapshot{}, twice, months(t)); err == nil || !strings.Contains(err.Error(), "transaction a is in the snapshot twice") {
		t.Errorf("got %v", err)
	}
}
