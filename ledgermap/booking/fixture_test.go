package booking_test

import (
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

const (
	clearing = "1190"
	sid      = "17461234567"
)

func usd(t testing.TB) settlement.Currency {
	t.Helper()
	c, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A row is account, debit and credit in cents, and whether the ledger makes it.
type row struct {
	account       string
	debit, credit int64
	auto          bool
}

func document(t testing.TB, ordinal int, part string, kind ledgermap.Kind, period int, date string, waits ledgermap.Wait, rows ...row) ledgermap.Document {
	t.Helper()
	d, err := ledgermap.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	spec := ledgermap.DocumentSpec{
		SettlementID: sid, Ordinal: ordinal, Part: part, Kind: kind, Period: period, Date: d, Currency: usd(t),
		WaitsFor: waits, Description: "Amazon " + sid,
	}
	for _, r := range rows {
		spec.Lines = append(spec.Lines, ledgermap.Line{
			Account: r.account, Debit: settlement.MoneyOf(r.debit, usd(t)), Credit: settlement.MoneyOf(r.credit, usd(t)), Auto: r.auto, Description: "line " + r.account,
		})
	}
	doc, err := ledgermap.NewDocument(spec)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The settlement of the tests: 100.00 of sales in two periods, 15.00 of fees,
// 85.00 paid out.
func january(t testing.TB) ledgermap.Document {
	return document(t, 1, "A", ledgermap.Journal, 202601, "2026-01-31", "", row{clearing, 5100, 0, false}, row{"6100", 900, 0, false}, row{"4000", 0, 6000, false})
}

func february(t testing.TB) ledgermap.Document {
	return document(t, 2, "B", ledgermap.Journal, 202602, "2026-02-07", "", row{clearing, 3400, 0, false}, row{"6100", 600, 0, false}, row{"4000", 0, 4000, false})
}

func receipt(t testing.TB, waits ledgermap.Wait) ledgermap.Document {
	return document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, 202602, "2026-02-09", waits, row{clearing, 0, 8500, false}, row{"1010", 8500, 0, true})
}

func failed(t testing.TB) ledgermap.Document {
	return document(t, ledgermap.FailedTransfer, "Y", ledgermap.Journal, 202602, "2026-02-11", "", row{"1195", 8500, 0, false}, row{clearing, 0, 8500, false})
}

func planOf(t testing.TB, docs ...ledgermap.Document) *ledgermap.Plan {
	t.Helper()
	return &ledgermap.Plan{
		Statement: settlement.Statement{ID: sid, Currency: usd(t), Total: settlement.MoneyOf(8500, usd(t))},
		Documents: docs, Hashes: ledgermap.Hashes{Report: "r", Rules: "u", Calendar: "c", Payout: "p"},
	}
}

func paid(t testing.TB) *ledgermap.Plan {
	return planOf(t, january(t), february(t), receipt(t, ""))
}

type world struct {
	t     *testing.T
	dir   string
	log   *booking.FileLog
	books *logtest.Books
	cfg   booking.Config
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), books: &logtest.Books{}}
	w.log = openLog(t, w.dir)
	w.cfg = booking.Config{
		Ledger: w.books, Log: w.log, Tenant: booking.Tenant{Database: "ACME"}, Seller: seller,
		Actor: booking.Actor{Name: "payoutsync@test", Service: true}, ClearingAccount: clearing,
	}
	return w
}

func (w *world) engine() *booking.Engine {
	w.t.Helper()
	e, err := booking.New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) run(plan *ledgermap.Plan) (booking.Result, error) {
	w.t.Helper()
	return w.engine().Run(w.t.Context(), plan)
}

func (w *world) mustRun(plan *ledgermap.Plan) booking.Result {
	w.t.Helper()
	res, err := w.run(plan)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

func (w *world) events() []string {
	w.t.Helper()
	recs, err := records(w.t, w.log, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var events []string
	for _, r := range recs {
		name := string(r.Event)
		if k, err := booking.ParseKey(r.Key); err == nil {
			name += " " + strings.TrimPrefix(k.String(), "ACME//"+seller+"/"+sid+"/")
		}
		events = append(events, name)
	}
	return events
}

func (w *world) once(want int) {
	w.t.Helper()
	got := w.books.Batches()
	if len(got) != want {
		w.t.Errorf("the ledger holds %d batches, want %d: %v", len(got), want, got)
	}
	for batch, n := range got {
		if n != 1 {
			w.t.Errorf("the ledger holds %s %d times", batch, n)
		}
	}
	v, err := booking.Verify(w.t.Context(), w.log, seller)
	if err != nil || !v.OK() {
		w.t.Errorf("log: %v, %v", v.Faults, err)
	}
}

func states(res booking.Result) []booking.DocumentState {
	var s []booking.DocumentState
	for _, d := range res.Documents {
		s = append(s, d.State)
	}
	return s
}
