package booking_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func euro(t *testing.T) settlement.Currency {
	t.Helper()
	c, err := settlement.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// january with its fees on a project.
func projects(t testing.TB) ledgermap.Document {
	t.Helper()
	spec := january(t).Spec()
	spec.Lines[1].WBS1, spec.Lines[1].WBS2 = "P1", "10"
	d, err := ledgermap.NewDocument(spec)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whatever the ledger tells of a document and the plan knows is compared, in what posting leaves of the lines, too.
func TestEveryDifferenceBetweenPlanAndLedgerIsNamed(t *testing.T) {
	cents := func(n int64) settlement.Money { return settlement.MoneyOf(n, usd(t)) }
	at := func(account, wbs1, wbs2 string, debit, credit int64) ledgermap.Line {
		return ledgermap.Line{Account: account, WBS1: wbs1, WBS2: wbs2, Debit: cents(debit), Credit: cents(credit)}
	}
	posted := func(lines ...ledgermap.Line) func(*booking.Booked) {
		return func(b *booking.Booked) { b.Summed, b.Lines = true, lines }
	}
	for name, c := range map[string]struct {
		change func(*booking.Booked)
		want   []string // none: it is the same document
	}{
		"nothing": {func(*booking.Booked) {}, nil},
		"what the ledger does not say": {func(b *booking.Booked) {
			b.Ref, b.Company, b.Period, b.Date = "", "", 0, ledgermap.Date{}
		}, nil},
		"the same in the ledger's way": {func(b *booking.Booked) {
			b.Ref, b.Company, b.Currency, b.Lines[0].Description = " 000"+strings.ToLower(sid)+"a", " us ", usd(t), "cut"
		}, nil},
		"reference": {func(b *booking.Booked) { b.Ref = "17" }, []string{"- reference 17", "+ reference " + sid + "A"}},
		"company":   {func(b *booking.Booked) { b.Company = "CA" }, []string{"- company CA", "+ company US"}},
		"period":    {func(b *booking.Booked) { b.Period = 202602 }, []string{"- period 202602", "+ period 202601"}},
		"date":      {func(b *booking.Booked) { b.Date = day(t, "2026-01-30") }, []string{"- date 2026-01-30", "+ date 2026-01-31"}},
		"currency":  {func(b *booking.Booked) { b.Currency = euro(t) }, []string{"- currency EUR", "+ currency USD"}},
		"totals that do not tie": {func(b *booking.Booked) { b.Untied = "control total 9.99" }, []string{
			"- control total 9.99", "+ totals that tie",
		}},
		"project": {func(b *booking.Booked) { b.Lines[1].WBS1 = "P2" }, []string{
			`- 6100 / P2 / 10  debit 9.00  "line 6100"`, `+ 6100 / P1 / 10  debit 9.00  "line 6100"`,
		}},
		"a line twice": {func(b *booking.Booked) { b.Lines = append(b.Lines, b.Lines[0]) }, []string{
			"- totals 4 lines, debit 60.00, credit 120.00 USD", "+ totals 3 lines, debit 60.00, credit 60.00 USD", `- 4000  credit 60.00  "line 4000"`,
		}},
		"split, turned round and with a project filled in by posting": {posted(
			at("4000", "99", "", 0, 7000), at("4000", "98", "", 1000, 0), at("6100", "p1", "10", 900, 0), at(clearing, "", "", 5100, 0),
			at("7000", "", "", 5, 0), at("7000", "", "", 0, 5),
		), nil},
		"posted to another project": {posted(
			at("4000", "", "", 0, 6000), at("6100", "P2", "10", 900, 0), at(clearing, "", "", 5100, 0),
		), []string{"- 6100 / P2 / 10  debit 9.00", "+ 6100 / P1 / 10  debit 9.00"}},
		"posted with another amount": {posted(
			at("4000", "", "", 0, 6000), at("6100", "P1", "10", 800, 0), at(clearing, "", "", 5200, 0),
		), []string{"- 6100 / P1 / 10  debit 8.00", "- 1190  debit 52.00", "+ 1190  debit 51.00", "+ 6100 / P1 / 10  debit 9.00"}},
		"posted with another credit": {posted(
			at("4000", "", "", 0, 5900), at("6100", "P1", "10", 900, 0), at(clearing, "", "", 5100, 0),
		), []string{
			"- totals 3 lines, debit 60.00, credit 59.00 USD", "+ totals 3 lines, debit 60.00, credit 60.00 USD",
			"- 4000  credit 59.00", "+ 4000  credit 60.00",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Tenant.Company = "US"
			plan := planOf(t, projects(t))
			res := w.mustRun(plan)
			w.books.Change(res.Documents[0].Batch, func(b *booking.Booked) bool { c.change(b); return true })
			_, err := w.run(plan)
			if conflict, ok := errors.AsType[*booking.ConflictError](err); err != nil && !ok || ok && conflict.Where != "ledger" {
				t.Fatal(err)
			} else if ok {
				var got []string
				for _, d := range conflict.Diff {
					got = append(got, d.String())
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			} else if c.want != nil {
				t.Errorf("no conflict, want %v", c.want)
			}
			w.once(1)
		})
	}
}

// A sum over two currencies is none: the settlement stops.
func TestLinesInTwoCurrenciesAreNotAddedUp(t *testing.T) {
	for name, c := range map[string]struct {
		summed bool
		want   string
	}{
		"as sent":   {false, "control totals"},
		"as posted": {true, "sum of account"},
	} {
		w := newWorld(t)
		res := w.mustRun(paid(t))
		w.books.Change(res.Documents[1].Batch, func(b *booking.Booked) bool {
			foreign := b.Lines[0]
			foreign.Debit, foreign.Credit = settlement.MoneyOf(1, euro(t)), settlement.MoneyOf(0, euro(t))
			b.Lines, b.Summed = append(b.Lines, foreign), c.summed
			return true
		})
		if _, err := w.run(paid(t)); !errors.Is(err, settlement.ErrCurrency) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		w.once(3)
	}
	// A document in conflict counts for the clearing account as the ledger holds it.
	w := newWorld(t)
	res := w.mustRun(paid(t))
	w.books.Change(res.Documents[0].Batch, func(b *booking.Booked) bool {
		for i := range b.Lines {
			b.Lines[i].Debit, b.Lines[i].Credit = settlement.MoneyOf(b.Lines[i].Debit.Minor(), euro(t)), settlement.MoneyOf(b.Lines[i].Credit.Minor(), euro(t))
		}
		return true
	})
	if _, err := w.run(planOf(t, projects(t), february(t), receipt(t, ""))); !errors.Is(err, booking.ErrConflict) || !strings.Contains(err.Error(), "clearing account") {
		t.Errorf("clearing account in two currencies: %v", err)
	}
}
