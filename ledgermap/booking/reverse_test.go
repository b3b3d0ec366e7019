package booking_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func (w *world) reverse(reason string) (booking.Result, error) {
	w.t.Helper()
	return w.engine().Reverse(w.t.Context(), booking.Reversal{Settlement: sid, Reason: reason, Period: 202603, Date: day(w.t, "2026-03-02")})
}

func day(t *testing.T, text string) ledgermap.Date {
	t.Helper()
	d, err := ledgermap.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// balances sums what the ledger holds, by account, in cents, debits positive.
func (w *world) balances() map[string]int64 {
	w.t.Helper()
	sums := map[string]int64{}
	for batch := range w.books.Batches() {
		w.books.Change(batch, func(b *booking.Booked) bool {
			for _, l := range b.Lines {
				sums[l.Account] += l.Signed().Minor()
			}
			return true
		})
	}
	maps.DeleteFunc(sums, func(_ string, cents int64) bool { return cents == 0 })
	return sums
}

func revision(t *testing.T, n int) *ledgermap.Plan {
	p := paid(t)
	p.Revision = n
	return p
}

func TestR14_3_OriginalAndReversalAreZeroOnEveryAccount(t *testing.T) {
	w := newWorld(t)
	first := w.mustRun(paid(t))
	res, err := w.reverse("wrong account for fees")
	if err != nil {
		t.Fatal(err)
	}
	if res.State != booking.StateReversed || res.Sent != 3 {
		t.Errorf("%+v", res)
	}
	if got := w.balances(); len(got) != 0 {
		t.Errorf("left on accounts: %v", got)
	}
	for i, d := range res.Documents {
		was := first.Documents[i]
		if d.Kind != was.Kind || !booking.SameRef(d.Ref, was.Ref) || d.Batch == was.Batch {
			t.Errorf("mirror %+v of %+v", d, was)
		}
	}
	want := []string{"reversal", "planned", "manifest", "intent 1001.1", "created 1001.1", "intent 1002.1", "created 1002.1", "intent 1201.1", "created 1201.1", "reversed 1.1", "reversed 2.1", "reversed 201.1"}
	if diff := cmp.Diff(want, w.events()[8:]); diff != "" {
		t.Error(diff)
	}
	again, err := w.reverse("again")
	if err != nil || again.State != booking.StateReversed || again.Sent != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.once(6)
}

func TestWhatWasSentAndStandsIsTold(t *testing.T) {
	w := newWorld(t)
	sent := func() (plan string, keys []string) {
		plan, documents, err := w.engine().Sent(t.Context(), sid, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range documents {
			keys = append(keys, fmt.Sprintf("%s %d %d", d.Kind(), d.Ordinal(), d.Period()))
		}
		return plan, keys
	}
	if plan, keys := sent(); plan != "" || len(keys) > 0 {
		t.Errorf("before anything: %s, %q", plan, keys)
	}
	p := paid(t)
	w.mustRun(p)
	plan, keys := sent()
	if plan != p.Hash() || len(keys) != len(p.Documents) {
		t.Errorf("of plan %s: %s, %q", p.Hash(), plan, keys)
	}
	if _, err := w.reverse("wrong account for fees"); err != nil {
		t.Fatal(err)
	}
	if _, keys := sent(); len(keys) > 0 {
		t.Errorf("after the reversal: %q", keys)
	}
}

func TestR4_6_TheNextRevisionNeedsAReversalWithAReason(t *testing.T) {
	w := newWorld(t)
	w.cfg.RefLength = 13 // one for the revision
	w.mustRun(paid(t))
	_, err := w.run(revision(t, 2))
	wantCode(t, err, booking.CodeRevision)
	_, err = w.reverse(" ")
	wantCode(t, err, booking.CodeState)
	if _, err := w.reverse("wrong account for fees"); err != nil {
		t.Fatal(err)
	}
	_, err = w.run(paid(t))
	wantCode(t, err, booking.CodeRevision)
	_, err = w.run(revision(t, 3))
	wantCode(t, err, booking.CodeRevision)
	res, err := w.run(revision(t, 2))
	if err != nil || res.Sent != 3 || res.Revision != 2 || !res.Settled || res.ClearingOpen() {
		t.Fatalf("%+v, %v", res, err)
	}
	if !booking.SameRef(res.Documents[0].Ref, sid+"A2") {
		t.Errorf("reference %s", res.Documents[0].Ref)
	}
	want := map[string]int64{"6100 ": 1500, "4000 ": -10000}
	if diff := cmp.Diff(want, w.balances()); diff != "" {
		t.Error(diff)
	}
	_, err = w.run(revision(t, 1))
	wantCode(t, err, booking.CodeRevision)
	w.once(9)
}

func TestNothingToReverse(t *testing.T) {
	w := newWorld(t)
	_, err := w.reverse("why not")
	wantCode(t, err, booking.CodeState)
	res := w.mustRun(paid(t))
	for _, d := range res.Documents {
		w.books.Change(d.Batch, func(*booking.Booked) bool { return false })
	}
	if _, err := w.reverse("deleted by hand"); err != nil {
		t.Fatal(err)
	}
	again, err := w.reverse("again")
	if err != nil || again.State != booking.StateReversed || again.Sent != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.once(0)
}

func TestAReversalThatCannotBeIsRefusedBeforeAnythingIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*booking.Reversal, *booking.Config)
		want   string
	}{
		"another revision":   {func(v *booking.Reversal, _ *booking.Config) { v.Revision = 2 }, "revision 2 is not the latest, which is 1"},
		"no period":          {func(v *booking.Reversal, _ *booking.Config) { v.Period = 0 }, "the mirror of document 1"},
		"shorter references": {func(_ *booking.Reversal, cfg *booking.Config) { cfg.RefLength = 11 }, booking.CodeReference},
	} {
		w := newWorld(t)
		w.mustRun(paid(t))
		before := w.events()
		v := booking.Reversal{Settlement: sid, Reason: "wrong", Period: 202603, Date: day(t, "2026-03-02")}
		c.change(&v, &w.cfg)
		if _, err := w.engine().Reverse(t.Context(), v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, w.events()); diff != "" {
			t.Errorf("%s was logged:\n%s", name, diff)
		}
		w.once(3)
	}
}

func TestAReversalResumesWhereItStopped(t *testing.T) {
	for stop := 1; stop <= 3; stop++ {
		w := newWorld(t)
		w.mustRun(paid(t))
		left := stop
		w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
			if left--; left == 0 {
				return booking.Receipt{}, errors.Join(booking.ErrNotSent, errors.New("no network"))
			}
			return w.books.Book(ctx, e)
		}}
		if _, err := w.reverse("wrong"); err == nil {
			t.Fatal("the stop did not stop")
		}
		// Before it is finished the settlement is not booked again.
		w.cfg.RefLength = 13
		for n := 1; n <= 2; n++ {
			_, err := w.run(revision(t, n))
			wantCode(t, err, booking.CodeRevision)
			if !strings.Contains(err.Error(), "not reversed yet") || !strings.Contains(err.Error(), "reverse it again") {
				t.Errorf("revision %d, stopped at %d: %v", n, stop, err)
			}
		}
		asked, ok, err := w.engine().Reversal(t.Context(), sid, 1)
		want := booking.Reversal{Settlement: sid, Revision: 1, Reason: "wrong", Period: 202603, Date: day(t, "2026-03-02")}
		if err != nil || !ok || asked != want {
			t.Errorf("stopped at %d: asked for %+v, %v, %v", stop, asked, ok, err)
		}
		if _, ok, err := w.engine().Reversal(t.Context(), sid, 2); ok || err != nil {
			t.Errorf("of a revision that nobody reverses: %v, %v", ok, err)
		}
		// Resumed on another day: what was begun keeps its date.
		res, err := w.engine().Reverse(t.Context(), booking.Reversal{Settlement: sid, Reason: "wrong", Period: 202604, Date: day(t, "2026-04-01")})
		if err != nil || res.State != booking.StateReversed {
			t.Fatalf("stopped at %d: %s, %v", stop, res.State, err)
		}
		if got := w.balances(); len(got) != 0 {
			t.Errorf("stopped at %d: left on accounts: %v", stop, got)
		}
		w.once(6)
	}
}

func TestADeletedDraftIsReversedWithoutAMirror(t *testing.T) {
	w := newWorld(t)
	res := w.mustRun(paid(t))
	w.books.Change(res.Documents[1].Batch, func(*booking.Booked) bool { return false })
	rev, err := w.reverse("draft was deleted by hand")
	if err != nil || rev.State != booking.StateReversed || rev.Sent != 2 {
		t.Fatalf("%+v, %v", rev, err)
	}
	if got := w.balances(); len(got) != 0 {
		t.Errorf("left on accounts: %v", got)
	}
	w.cfg.RefLength = 13
	if res, err := w.run(revision(t, 2)); err != nil || res.Sent != 3 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestR11_4_AFailedPayoutTakesBackTheReceiptThatWasBooked(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	bounced := planOf(t, january(t), february(t), failed(t))
	res := w.mustRun(bounced)
	if diff := cmp.Diff([]booking.DocumentState{"found", "found", "reversed", "created", "created"}, states(res)); diff != "" {
		t.Error(diff)
	}
	if !res.Settled || res.ClearingOpen() || res.Clearing != settlement.MoneyOf(0, usd(t)) {
		t.Errorf("clearing %s, settled %v", res.Clearing, res.Settled)
	}
	want := map[string]int64{"6100 ": 1500, "4000 ": -10000, "1195 ": 8500}
	if diff := cmp.Diff(want, w.balances()); diff != "" {
		t.Error(diff)
	}
	w.once(5)
	again := w.mustRun(bounced)
	if again.Sent != 0 || !again.Settled || again.ClearingOpen() {
		t.Errorf("again: %+v", again)
	}
	// What came back cannot be planned as paid again.
	_, err := w.run(paid(t))
	wantCode(t, err, booking.CodeState)
	// The whole settlement can still be reversed.
	if res, err := w.reverse("start over"); err != nil || res.State != booking.StateReversed {
		t.Fatalf("%+v, %v", res, err)
	}
	if got := w.balances(); len(got) != 0 {
		t.Errorf("left on accounts: %v", got)
	}
}

func TestAFailedPayoutWithoutAReceiptNeedsNoMirror(t *testing.T) {
	w := newWorld(t)
	w.mustRun(planOf(t, january(t), february(t), receipt(t, ledgermap.WaitPayout)))
	res := w.mustRun(planOf(t, january(t), february(t), failed(t)))
	if res.Sent != 1 || !res.Settled || res.ClearingOpen() {
		t.Errorf("%+v", res)
	}
	w.once(3)
}

func TestALostLogDoesNotBookAReversedSettlementAgain(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	if _, err := w.reverse("wrong"); err != nil {
		t.Fatal(err)
	}
	w.cfg.Log = openLog(t, t.TempDir())
	_, err := w.run(paid(t))
	wantCode(t, err, booking.CodeDocuments)
	if !slices.Contains(slices.Collect(maps.Values(w.books.Calls())), 6) {
		t.Errorf("calls %v", w.books.Calls())
	}
}

func TestOneEngineBooksReversesAndBooksAgain(t *testing.T) {
	w := newWorld(t)
	w.cfg.RefLength = 20
	e := w.engine()
	if _, err := e.Run(t.Context(), paid(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Reverse(t.Context(), booking.Reversal{Settlement: sid, Reason: "wrong", Period: 202603, Date: day(t, "2026-03-01")}); err != nil {
		t.Fatal(err)
	}
	if res, err := e.Run(t.Context(), revision(t, 2)); err != nil || res.Sent != 3 {
		t.Errorf("%+v, %v", res, err)
	}
	w.once(9)
}
