package booking_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

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
