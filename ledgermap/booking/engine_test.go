package booking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestASettlementIsBookedOnceAndEveryStepIsLogged(t *testing.T) {
	w := newWorld(t)
	res := w.mustRun(paid(t))
	if diff := cmp.Diff([]booking.DocumentState{"created", "created", "created"}, states(res)); diff != "" {
		t.Error(diff)
	}
	if res.State != booking.StateBooked || res.Sent != 3 || !res.Settled || res.ClearingOpen() || res.Clearing != settlement.MoneyOf(0, usd(t)) {
		t.Errorf("result %+v", res)
	}
	want := []string{
		"planned", "manifest",
		"intent 1.1", "created 1.1", "intent 2.1", "created 2.1", "intent 201.1", "created 201.1",
	}
	if diff := cmp.Diff(want, w.events()); diff != "" {
		t.Error(diff)
	}
	if res.Head.Count != int64(len(want)) {
		t.Errorf("the result's head counts %d records", res.Head.Count)
	}
	w.once(3)

	again := w.mustRun(paid(t))
	if diff := cmp.Diff([]booking.DocumentState{"found", "found", "found"}, states(again)); diff != "" || again.Sent != 0 {
		t.Errorf("second run sent %d:\n%s", again.Sent, diff)
	}
	if diff := cmp.Diff(want, w.events()); diff != "" {
		t.Errorf("the second run wrote to the log:\n%s", diff)
	}
	if n := w.books.Calls()["book"]; n != 3 {
		t.Errorf("%d requests that book, want 3", n)
	}
}

func TestTheManifestIsDurableBeforeTheFirstSendAndTheIntentBeforeEach(t *testing.T) {
	w := newWorld(t)
	w.books.Refuse = func(e booking.Entry) error {
		seen := map[booking.Event]bool{}
		// What another process would see of the log at this moment.
		copied := openLog(t, copyDir(t, w.dir))
		defer copied.Close() // only read
		recs, err := records(t, copied, sid)
		if err != nil {
			t.Error(err)
		}
		for _, r := range recs {
			if r.Event == booking.EventManifest && len(r.Documents) == 3 || r.Key == e.Key.String() {
				seen[r.Event] = true
			}
		}
		if !seen[booking.EventManifest] || !seen[booking.EventIntent] {
			t.Errorf("%s was sent with only %v in the log", e.Batch, seen)
		}
		return nil
	}
	w.mustRun(paid(t))
}

func TestR4_5_ChangedContentIsAConflictWithALineDiffAndNothingIsSent(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	changed := document(t, 1, "A", ledgermap.Journal, 202601, "2026-01-31", "", row{clearing, 5100, 0, false}, row{"6200", 900, 0, false}, row{"4000", 0, 6000, false})
	for _, where := range []string{"log", "ledger"} {
		t.Run("as the "+where+" tells", func(t *testing.T) {
			if where == "ledger" {
				w.cfg.Log = openLog(t, t.TempDir())
			}
			res, err := w.run(planOf(t, changed, february(t), receipt(t, "")))
			conflict, ok := errors.AsType[*booking.ConflictError](err)
			if !ok || conflict.Where != where {
				t.Fatalf("error %v, want a conflict with the %s", err, where)
			}
			want := []booking.Difference{{'-', `6100  debit 9.00  "line 6100"`}, {'+', `6200  debit 9.00  "line 6200"`}}
			if diff := cmp.Diff(want, conflict.Diff); diff != "" {
				t.Error(diff)
			}
			if res.State != booking.StateRefused || res.Documents[0].State != booking.DocumentConflict {
				t.Errorf("state %s, documents %v", res.State, states(res))
			}
		})
	}
	if n := w.books.Calls()["book"]; n != 3 {
		t.Errorf("%d requests that book, want the 3 of the first run", n)
	}
}

// With another time zone the rows fall into other periods: other parts, same
// numbers. Nothing may come new into the books.
func TestBookThenChangeTheTimeZoneThenNothingNew(t *testing.T) {
	onePart := document(t, 1, "A", ledgermap.Journal, 202602, "2026-02-07", "", row{clearing, 8500, 0, false}, row{"6100", 1500, 0, false}, row{"4000", 0, 10000, false})
	threeParts := []ledgermap.Document{
		january(t), february(t),
		document(t, 3, "C", ledgermap.Journal, 202603, "2026-03-01", "", row{clearing, 1, 0, false}, row{"4000", 0, 1, false}),
		receipt(t, ""),
	}
	for name, docs := range map[string][]ledgermap.Document{"fewer parts": {onePart, receipt(t, "")}, "more parts": threeParts} {
		for _, lost := range []bool{false, true} {
			w := newWorld(t)
			first := paid(t)
			if name == "more parts" {
				first.Documents[1] = document(t, 2, "B", ledgermap.Journal, 202602, "2026-02-07", "", row{clearing, 3401, 0, false}, row{"6100", 600, 0, false}, row{"4000", 0, 4001, false})
			}
			w.mustRun(first)
			before := w.books.Batches()
			if lost {
				w.cfg.Log = openLog(t, t.TempDir())
			}
			_, err := w.run(planOf(t, docs...))
			if err == nil {
				t.Errorf("%s, log lost %v: booked", name, lost)
			}
			if diff := cmp.Diff(before, w.books.Batches()); diff != "" {
				t.Errorf("%s, log lost %v: new in the books:\n%s", name, lost, diff)
			}
		}
	}
}

func TestALongerOldPlanIsFoundInTheLedgerWhenTheLogIsLost(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	w.cfg.Log = openLog(t, t.TempDir())
	// The first document agrees; only the second and the receipt are not planned.
	_, err := w.run(planOf(t, january(t)))
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeDocuments {
		t.Errorf("error %v, want %s", err, booking.CodeDocuments)
	}
}

func TestALostLogIsWrittenAnewFromTheLedger(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	w.log = openLog(t, t.TempDir())
	w.cfg.Log = w.log
	res := w.mustRun(paid(t))
	if res.Sent != 0 || res.State != booking.StateBooked {
		t.Errorf("%+v", res)
	}
	if diff := cmp.Diff([]string{"manifest", "found 1.1", "found 2.1", "found 201.1"}, w.events()); diff != "" {
		t.Error(diff)
	}
	w.once(3)
}

func TestABankLegWaitsForItsMoneyAndJoinsTheManifest(t *testing.T) {
	w := newWorld(t)
	res := w.mustRun(planOf(t, january(t), february(t), receipt(t, ledgermap.WaitPayout)))
	if diff := cmp.Diff([]booking.DocumentState{"created", "created", "waiting"}, states(res)); diff != "" {
		t.Error(diff)
	}
	if res.Waiting != 1 || res.Settled || res.Clearing != settlement.MoneyOf(8500, usd(t)) || res.ClearingOpen() {
		t.Errorf("in transit: %+v", res)
	}
	w.once(2)
	res = w.mustRun(paid(t))
	if diff := cmp.Diff([]booking.DocumentState{"found", "found", "created"}, states(res)); diff != "" {
		t.Error(diff)
	}
	if res.Waiting != 0 || !res.Settled || res.ClearingOpen() {
		t.Errorf("paid: %+v", res)
	}
	w.once(3)
	// The facts about the payout are lost: what is booked stays booked.
	res = w.mustRun(planOf(t, january(t), february(t), receipt(t, ledgermap.WaitPayout)))
	if res.Sent != 0 || res.Waiting != 0 || !res.Settled {
		t.Errorf("after losing the payout facts: %+v", res)
	}
	w.once(3)
	if n := len(w.events()); n != 10 { // planned, manifest and two records a document, the plan and manifest once more when it was paid
		t.Errorf("%d records: %v", n, w.events())
	}
}

func TestClearingIsCountedFromWhatTheLedgerHolds(t *testing.T) {
	w := newWorld(t)
	noReceipt := planOf(t, january(t), february(t), document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, 202602, "2026-02-09", "", row{clearing, 0, 8400, false}, row{"1010", 8400, 0, true}))
	res := w.mustRun(noReceipt)
	if !res.ClearingOpen() || res.Clearing != settlement.MoneyOf(100, usd(t)) {
		t.Errorf("a receipt one dollar short leaves %s open: %v", res.Clearing, res.ClearingOpen())
	}
}

func TestAnUnansweredRequestThatBookedIsFoundAndNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
			if _, err := w.books.Book(context.WithoutCancel(ctx), e); err != nil {
				return booking.Receipt{}, err
			}
			<-ctx.Done() // the answer never comes
			return booking.Receipt{}, ctx.Err()
		}}
		res := w.mustRun(paid(t))
		if res.Sent != 3 || w.books.Calls()["book"] != 3 {
			t.Errorf("sent %d documents in %d requests", res.Sent, w.books.Calls()["book"])
		}
		w.once(3)
	})
}

func TestR4_3_AnUnansweredRequestIsSentAgainOnlyAfterTheTimeInWhichItCanArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var sent []time.Time
		w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
			sent = append(sent, time.Now())
			if len(sent) == 1 {
				return booking.Receipt{}, errors.New("connection reset by peer")
			}
			return w.books.Book(ctx, e)
		}}
		w.mustRun(planOf(t, january(t)))
		if len(sent) != 2 || sent[1].Sub(sent[0]) < 2*time.Minute {
			t.Errorf("sent at %v", sent)
		}
		w.once(1)
	})
}

func TestALedgerThatNeverAnswersIsGivenUpAndResumedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := &flaky{Books: w.books, book: func(context.Context, booking.Entry) (booking.Receipt, error) {
			return booking.Receipt{}, booking.ErrUnanswered
		}}
		w.cfg.Ledger = f
		res, err := w.run(paid(t))
		if !errors.Is(err, booking.ErrUnanswered) || res.State != booking.StateBooking {
			t.Fatalf("state %s, error %v", res.State, err)
		}
		f.book = w.books.Book
		w.mustRun(paid(t))
		w.once(3)
	})
}

func TestALateArrivalWithinTheWaitIsNotDoubled(t *testing.T) {
	for _, takes := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.books.TakesDuplicates = takes
			var late []booking.Entry
			w.cfg.Ledger = &flaky{Books: w.books, book: func(_ context.Context, e booking.Entry) (booking.Receipt, error) {
				late = append(late, e)
				go func() {
					time.Sleep(110 * time.Second) // of the bubble; inside Patience
					_, _ = w.books.Book(context.Background(), e)
				}()
				return booking.Receipt{}, context.DeadlineExceeded
			}}
			w.mustRun(paid(t))
			if len(late) != 3 {
				t.Errorf("sent %d times, want 3", len(late))
			}
			w.once(3)
		})
	}
}

func TestARefusedDocumentCanBePlannedAnewWithoutReversal(t *testing.T) {
	w := newWorld(t)
	w.books.Refuse = func(e booking.Entry) error {
		if e.Key.Ordinal == 2 && e.Document.Lines()[1].Account == "6100" {
			return errors.Join(booking.ErrRefused, errors.New("account 6100 is inactive"))
		}
		return nil
	}
	res, err := w.run(paid(t))
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeInvalid || res.State != booking.StateBooking {
		t.Fatalf("state %s, error %v", res.State, err)
	}
	mended := document(t, 2, "B", ledgermap.Journal, 202602, "2026-02-07", "", row{clearing, 3400, 0, false}, row{"6200", 600, 0, false}, row{"4000", 0, 4000, false})
	res = w.mustRun(planOf(t, january(t), mended, receipt(t, "")))
	if diff := cmp.Diff([]booking.DocumentState{"found", "created", "created"}, states(res)); diff != "" {
		t.Error(diff)
	}
	w.once(3)
}

func TestABatchDeletedInTheLedgerIsMissedAndNotBookedAgain(t *testing.T) {
	w := newWorld(t)
	res := w.mustRun(paid(t))
	w.books.Change(res.Documents[1].Batch, func(*booking.Booked) bool { return false })
	_, err := w.run(paid(t))
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeMissing || refused.Key != res.Documents[1].Key.String() {
		t.Errorf("error %v, want %s", err, booking.CodeMissing)
	}
	if n := w.books.Calls()["book"]; n != 3 {
		t.Errorf("%d requests that book", n)
	}
}

func TestABatchChangedInTheLedgerIsAConflictAndLeftAlone(t *testing.T) {
	w := newWorld(t)
	res := w.mustRun(paid(t))
	w.books.Change(res.Documents[0].Batch, func(b *booking.Booked) bool { b.Lines[0].Account = "9999"; return true })
	for range 3 {
		_, err := w.run(paid(t))
		if conflict, ok := errors.AsType[*booking.ConflictError](err); !ok || conflict.Where != "ledger" {
			t.Fatalf("error %v, want a conflict in the ledger", err)
		}
	}
	if e := w.events(); e[len(e)-1] != "conflict 1.1" || e[len(e)-2] == "conflict 1.1" {
		t.Errorf("the conflict is logged once: %v", e)
	}
}

func TestABatchHeldTwiceIsCountedAndStopsTheSettlement(t *testing.T) {
	w := newWorld(t)
	w.books.TakesDuplicates = true
	w.mustRun(planOf(t, january(t), february(t), receipt(t, ledgermap.WaitPayout)))
	e := w.engine()
	k := booking.Key{Tenant: w.cfg.Tenant, Seller: seller, Settlement: sid, Ordinal: 1, Revision: 1}
	if _, err := w.books.Book(t.Context(), booking.Entry{Key: k, Batch: k.Batch(ledgermap.Journal), Ref: sid + "A", Document: january(t)}); err != nil {
		t.Fatal(err)
	}
	res, err := e.Run(t.Context(), paid(t))
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeMultiple || res.Duplicates != 1 {
		t.Errorf("duplicates %d, error %v", res.Duplicates, err)
	}
	if n := len(w.books.Batches()); n != 2 {
		t.Errorf("the receipt was sent all the same: %d batches", n)
	}
}

func TestPostingIsDoneOnceAndOnlyWhenConfigured(t *testing.T) {
	w := newWorld(t)
	if res := w.mustRun(paid(t)); res.State != booking.StateBooked || w.books.Calls()["post"] != 0 {
		t.Errorf("without Post: %s after %d posts", res.State, w.books.Calls()["post"])
	}
	w.cfg.Post = true
	for range 2 {
		if res := w.mustRun(paid(t)); res.State != booking.StatePosted || states(res)[0] != booking.DocumentPosted {
			t.Errorf("with Post: %s %v", res.State, states(res))
		}
	}
	if n := w.books.Calls()["post"]; n != 3 {
		t.Errorf("posted %d times", n)
	}
}

func TestAReceiptWaitsForItsInvoicesToBePosted(t *testing.T) {
	inv := document(t, 1, "A", ledgermap.Invoice, 202602, "2026-02-07", "", row{"1200", 10000, 0, true}, row{"4000", 0, 10000, false})
	plan := planOf(t, inv, receipt(t, ledgermap.WaitInvoice))
	w := newWorld(t)
	if res := w.mustRun(plan); res.Waiting != 1 || states(res)[1] != booking.DocumentWaiting {
		t.Errorf("invoice not posted: %v", states(res))
	}
	w.cfg.Post = true
	if res := w.mustRun(plan); res.Waiting != 0 || res.State != booking.StatePosted {
		t.Errorf("invoice posted by this run: %s %v", res.State, states(res))
	}
	w.once(2)
}

func TestInvoicesAndTheirReceiptGoInOneRunWherePostingIsConfigured(t *testing.T) {
	inv := document(t, 1, "A", ledgermap.Invoice, 202602, "2026-02-07", "", row{"1200", 10000, 0, true}, row{"4000", 0, 10000, false})
	w := newWorld(t)
	w.cfg.Post = true
	for _, sent := range []int{2, 0} {
		if res := w.mustRun(planOf(t, inv, receipt(t, ledgermap.WaitInvoice))); res.State != booking.StatePosted || res.Sent != sent {
			t.Errorf("%s, %d sent: %v", res.State, res.Sent, states(res))
		}
	}
	w.once(2)
}

func TestAPlanWithCalendarMonthsIsNotBooked(t *testing.T) {
	w := newWorld(t)
	plan := paid(t)
	plan.Offline = true
	if _, err := w.run(plan); err == nil || w.books.Calls()["find"] != 0 {
		t.Errorf("error %v after %v", err, w.books.Calls())
	}
}

func TestNothingIsSentWhenTheLedgerSaysItWouldNotTakeIt(t *testing.T) {
	w := newWorld(t)
	w.cfg.Ledger = &checking{Books: w.books, err: &booking.RefusedError{Code: booking.CodePeriod, Settlement: sid, Message: "period 202601 is closed"}}
	_, err := w.run(paid(t))
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodePeriod {
		t.Errorf("error %v", err)
	}
	if w.books.Calls()["book"] != 0 {
		t.Error("sent all the same")
	}
}

func TestTheLedgerSaysHowLongReferencesMayBe(t *testing.T) {
	for length, want := range map[int]string{11: booking.CodeReference, 0: "", 12: ""} {
		w := newWorld(t)
		w.cfg.Ledger = &measuring{Books: w.books, length: length}
		_, err := w.run(paid(t))
		if want == "" && err != nil {
			t.Errorf("length %d: %v", length, err)
		} else if want != "" {
			wantCode(t, err, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := booking.New(booking.Config{}); err == nil || !strings.Contains(err.Error(), "Actor.Name, Ledger, Log, Seller, Tenant.Database") {
		t.Errorf("empty Config: %v", err)
	}
	w := newWorld(t)
	w.cfg.Timeout, w.cfg.Patience = time.Minute, time.Minute
	if _, err := booking.New(w.cfg); err == nil {
		t.Error("a wait as short as the request's own time-out was accepted")
	}
}

type flaky struct {
	*logtest.Books
	book func(context.Context, booking.Entry) (booking.Receipt, error)
}

func (f *flaky) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	return f.book(ctx, e)
}

type measuring struct {
	*logtest.Books
	length int
}

func (m *measuring) RefLength(context.Context) (int, error) { return m.length, nil }

type checking struct {
	*logtest.Books
	err error
}

func (c *checking) Check(context.Context, []booking.Entry) error { return c.err }
