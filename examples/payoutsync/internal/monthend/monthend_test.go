package monthend_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/monthend"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

var year = func() ledgermap.Calendar {
	c, err := ledgermap.NewCalendar(ledgermap.Months(ledgermap.Date{Year: 2025, Month: 1, Day: 1}, ledgermap.Date{Year: 2026, Month: 12, Day: 31}).Periods())
	if err != nil {
		panic(err)
	}
	return c
}()

func period(t *testing.T, number int) ledgermap.Period {
	t.Helper()
	for _, p := range year.Periods() {
		if p.Number == number {
			return p
		}
	}
	t.Fatalf("no period %d", number)
	return ledgermap.Period{}
}

func starter(t *testing.T) *ledgermap.Rules {
	t.Helper()
	r, err := ledgermap.LoadRules("rules.yaml", ledgermap.Starter())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seller is a seller whose settlements are all booked and, but for the last, paid.
func seller(t *testing.T, settlements int) monthend.Seller {
	t.Helper()
	s := monthend.Seller{Name: "acme-us", Rules: starter(t), Money: func(store.Payout) string { return "paid" }}
	list := settlementtest.Seller{Seed: 3, Count: settlements, Rows: 60, Until: time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)}.Settlements()
	for n, st := range list {
		in := ledgermap.Input{Seller: s.Name, Calendar: year}
		if n < len(list)-1 {
			in.Payout = ledgermap.Payout{Status: ledgermap.PayoutPaid, Date: st.End.AddDate(0, 0, 2)}
		}
		plan, err := s.Rules.Plan(settlement.NewReader(bytes.NewReader(st.V2()), settlement.Options{}), in)
		if err != nil {
			t.Fatal(err)
		}
		statement := plan.Statement
		p := store.Payout{
			Settlement: statement.ID, State: string(booking.StateBooked), Currency: statement.Currency.String(), Total: statement.Total.String(),
			Start: statement.Start, End: statement.End, Reconciliation: string(settlement.Agreed), Settled: true,
		}
		for _, d := range plan.Documents {
			if d.WaitsFor() != ledgermap.WaitNone {
				p.Settled = false
				p.Documents = append(p.Documents, store.Document{Kind: string(d.Kind()), State: string(booking.DocumentWaiting)})
				continue
			}
			s.Entries = append(s.Entries, entry(d))
		}
		s.Payouts = append(s.Payouts, p)
	}
	return s
}

func entry(d ledgermap.Document) books.Entry {
	return books.Entry{
		Key:      booking.Key{Tenant: booking.Tenant{Database: "DEMO"}, Seller: "A1", Settlement: d.SettlementID(), Ordinal: d.Ordinal(), Revision: 1},
		Document: d, Posted: true,
	}
}

func closed(t *testing.T, s monthend.Seller, number int) page.Book {
	t.Helper()
	s.Period = period(t, number)
	list, err := monthend.Books(s)
	if err != nil || len(list) != 1 {
		t.Fatalf("period %d: %d books, %v", number, len(list), err)
	}
	return list[0]
}

func TestEachPeriodOpensWithWhatTheOneBeforeClosedWith(t *testing.T) {
	s := seller(t, 8)
	balance := map[string]settlement.Money{}
	var before page.Book
	for n, number := range []int{202603, 202604, 202605, 202606} {
		b := closed(t, s, number)
		for account, roll := range map[string]page.Roll{"115.00": b.Clearing, "116.00": b.Reserve} {
			if len(roll.Problems) > 0 {
				t.Errorf("period %d, %s: %v", number, account, roll.Problems)
			}
			// The account's balance at the period's end, counted from the documents.
			var want settlement.Money
			for _, e := range s.Entries {
				for _, l := range e.Document.Lines() {
					if l.Account == account && e.Document.Period() <= number {
						want = add(t, want, l.Signed())
					}
				}
			}
			balance[account] = want
			if got := roll.Total; got.Closing.Minor() != want.Minor() || add(t, got.Opening, got.In, got.Out) != got.Closing {
				t.Errorf("period %d, %s: %+v, the account holds %s", number, account, got, want)
			}
			last := roll.Total.Opening
			for _, r := range roll.Rows {
				if add(t, r.Opening, r.In, r.Out) != r.Closing {
					t.Errorf("period %d, %s: row %+v does not add up", number, account, r)
				}
				if account == "116.00" && r.Opening != last {
					t.Errorf("period %d: the reserve of settlement %s opens with %s after %s", number, r.Settlement, r.Opening, last)
				}
				last = r.Closing
			}
		}
		if n > 0 && (b.Clearing.Total.Opening != before.Clearing.Total.Closing || b.Reserve.Total.Opening != before.Reserve.Total.Closing) {
			t.Errorf("period %d opens with %s and %s", number, b.Clearing.Total.Opening, b.Reserve.Total.Opening)
		}
		before = b
	}
	if last := s.Payouts[len(s.Payouts)-1]; balance["115.00"].String() != last.Total {
		t.Errorf("the clearing account ends with %s, and what is on its way is %s", balance["115.00"], last.Total)
	}
}

func add(t *testing.T, amounts ...settlement.Money) settlement.Money {
	t.Helper()
	var total settlement.Money
	for _, m := range amounts {
		var err error
		if total, err = total.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	return total
}

func TestAPayoutOverTwoPeriodsIsInBothWithItsPart(t *testing.T) {
	s := seller(t, 8)
	parts := map[string]settlement.Money{}
	seen := map[string]int{}
	in, out := map[string]settlement.Money{}, map[string]settlement.Money{}
	for _, number := range []int{202603, 202604, 202605, 202606} {
		for _, r := range closed(t, s, number).Clearing.Rows {
			in[r.Settlement], out[r.Settlement] = add(t, in[r.Settlement], r.In), add(t, out[r.Settlement], r.Out)
		}
		for _, p := range closed(t, s, number).Payouts {
			parts[p.Settlement] = add(t, parts[p.Settlement], p.Earned)
			seen[p.Settlement]++
		}
	}
	two := 0
	for _, p := range s.Payouts {
		if parts[p.Settlement].String() != p.Total {
			t.Errorf("the parts of settlement %s come to %s, its total is %s", p.Settlement, parts[p.Settlement], p.Total)
		}
		if seen[p.Settlement] > 1 {
			two++
		}
		if id := p.Settlement; in[id].String() != p.Total || p.Settled && out[id] != in[id].Neg() || !p.Settled && !out[id].IsZero() {
			t.Errorf("settlement %s, total %s: %s earned and %s paid", id, p.Total, in[id], out[id])
		}
	}
	if two == 0 {
		t.Error("no settlement of the test spans two periods")
	}
}

func TestWhatIsLeftOnTheClearingAccountIsNamed(t *testing.T) {
	s := seller(t, 4)
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	cent := settlement.MoneyOf(1, usd)
	id := s.Payouts[0].Settlement
	d, err := ledgermap.NewDocument(ledgermap.DocumentSpec{
		SettlementID: id, Ordinal: ledgermap.FirstPart + 7, Part: "H", Kind: ledgermap.Journal, Period: 202605, Date: ledgermap.Date{Year: 2026, Month: 5, Day: 20}, Currency: usd,
		Lines: []ledgermap.Line{{Account: "115.00", Debit: cent}, {Account: "401.00", Credit: cent}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Entries = append(s.Entries, entry(d))
	problems := closed(t, s, 202606).Clearing.Problems
	if len(problems) != 1 || !strings.Contains(problems[0], id) || !strings.Contains(problems[0], "0.01 USD") {
		t.Errorf("problems %v", problems)
	}
}

func TestAReceiptWhoseMoneyCameBackLeavesTheClearingAccountOpenAndThatIsNoProblem(t *testing.T) {
	s := seller(t, 3)
	for i, e := range s.Entries {
		if e.Key.Ordinal == ledgermap.TransferLeg && e.Document.Kind() == ledgermap.Receipt {
			m, err := ledgermap.Reverse(e.Document, year, ledgermap.Date{Year: 2026, Month: 6, Day: 1})
			if err != nil {
				t.Fatal(err)
			}
			s.Entries[i].Reversed = true
			s.Entries = append(s.Entries, entry(m))
			if b := closed(t, s, 202606); len(b.Clearing.Problems) > 0 {
				t.Errorf("problems %v", b.Clearing.Problems)
			}
			return
		}
	}
	t.Fatal("no receipt")
}

func TestADraftThatSomebodyDeletedIsInNoSum(t *testing.T) {
	s := seller(t, 3)
	whole := closed(t, s, 202606).Clearing.Total.Closing
	for i, e := range s.Entries {
		if e.Key.Ordinal == ledgermap.TransferLeg {
			s.Entries[i].Reversed, s.Entries[i].Gone = true, true
			if now := closed(t, s, 202606).Clearing.Total.Closing; now == whole {
				t.Errorf("closing %s with and without the receipt of settlement %s", now, e.Key.Settlement)
			}
			return
		}
	}
}

func TestAReversedPayoutIsZeroInTheMonthOfItsReversal(t *testing.T) {
	s := seller(t, 3)
	var mirrors []books.Entry
	id := s.Payouts[0].Settlement
	for i, e := range s.Entries {
		if e.Document.SettlementID() != id {
			continue
		}
		m, err := ledgermap.Reverse(e.Document, year, ledgermap.Date{Year: 2026, Month: 6, Day: 1})
		if err != nil {
			t.Fatal(err)
		}
		s.Entries[i].Reversed = true
		mirrors = append(mirrors, entry(m))
	}
	s.Entries = append(s.Entries, mirrors...)
	s.Payouts[0].State, s.Payouts[0].Settled = string(booking.StateReversed), false
	b := closed(t, s, 202606)
	for _, r := range b.Clearing.Rows {
		if r.Settlement == id && (r.In.Minor() != -r.Out.Minor() || !r.Closing.IsZero()) {
			t.Errorf("reversed: %+v", r)
		}
	}
	if len(b.Clearing.Problems) > 0 {
		t.Errorf("problems %v", b.Clearing.Problems)
	}
}

func TestOpenItemsSayWhatHasToBeDone(t *testing.T) {
	s := seller(t, 5)
	s.Payouts[1].Settled, s.Payouts[1].State, s.Payouts[1].Error = false, "refused", "1 kinds of line cannot be booked\n\tand more"
	s.Payouts[2].Settled, s.Payouts[2].State = false, string(booking.StateAwaitingApproval)
	s.Payouts[3].Settled, s.Payouts[3].Reconciliation = false, string(settlement.Pending)
	s.Entries[len(s.Entries)-1].Posted = false
	var got []string
	for _, o := range closed(t, s, 202606).Open {
		got = append(got, o.What)
	}
	want := []string{
		"refused: 1 kinds of line cannot be booked", "its plan waits for a release", "the second source says: pending", "its receipt waits",
		"1 documents of the period are drafts, as far as the last round saw: post them in Vantagepoint",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if open := closed(t, s, 202605).Open; len(open) > 3 {
		t.Errorf("what ends in June is open in May: %v", open)
	}
}

func TestR5_3_AReportThatIsMissingIsOpenFromThePeriodInWhichItsSettlementEnds(t *testing.T) {
	s := seller(t, 5)
	end := time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)
	for _, currency := range []string{"USD", "CAD"} {
		total, err := settlement.ParseAmount("12.34", currency)
		if err != nil {
			t.Fatal(err)
		}
		s.Unfetched = append(s.Unfetched, settlement.GroupFact{ID: "G" + currency, Closed: true, Start: end.AddDate(0, 0, -14), End: end, OriginalTotal: total})
	}
	for number, want := range map[int]string{202604: "", 202605: "CAD: GCAD, USD: GUSD", 202606: "CAD: GCAD, USD: GUSD"} {
		s.Period = period(t, number)
		list, err := monthend.Books(s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range list {
			for _, o := range b.Open {
				if _, after, ok := strings.Cut(o.What, "(event group "); ok {
					group, _, _ := strings.Cut(after, ")")
					got = append(got, b.Currency.String()+": "+group)
				}
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("period %d: %q, want %q", number, got, want)
		}
	}
}

func TestAPeriodWithoutAnythingHasNoBook(t *testing.T) {
	s := seller(t, 2)
	s.Period = period(t, 202501)
	if list, err := monthend.Books(s); err != nil || len(list) != 0 {
		t.Errorf("%d books, %v", len(list), fmt.Sprint(err))
	}
}
