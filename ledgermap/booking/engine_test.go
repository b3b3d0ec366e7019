package booking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

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

func TestClearingIsCountedFromWhatTheLedgerHolds(t *testing.T) {
	w := newWorld(t)
	noReceipt := planOf(t, january(t), february(t), document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, 202602, "2026-02-09", "", row{clearing, 0, 8400, false}, row{"1010", 8400, 0, true}))
	res := w.mustRun(noReceipt)
	if !res.ClearingOpen() || res.Clearing != settlement.MoneyOf(100, usd(t)) {
		t.Errorf("a receipt one dollar short leaves %s open: %v", res.Clearing, res.ClearingOpen())
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
