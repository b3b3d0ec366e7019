package booking_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
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

// invoiced is an invoice and the receipt that waits for it to be posted.
func invoiced(t *testing.T) *ledgermap.Plan {
	t.Helper()
	inv := document(t, 1, "A", ledgermap.Invoice, 202602, "2026-02-07", "", row{"1200", 10000, 0, true}, row{"4000", 0, 10000, false})
	return planOf(t, inv, receipt(t, ledgermap.WaitInvoice))
}

func TestAReceiptWaitsForItsInvoicesToBePosted(t *testing.T) {
	plan := invoiced(t)
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
	w := newWorld(t)
	w.cfg.Post = true
	for _, sent := range []int{2, 0} {
		if res := w.mustRun(invoiced(t)); res.State != booking.StatePosted || res.Sent != sent {
			t.Errorf("%s, %d sent: %v", res.State, res.Sent, states(res))
		}
	}
	w.once(2)
}

// What the ledger no longer takes when the invoices are posted stays unsent.
func TestWhatWaitedForItsInvoicesIsCheckedBeforeItIsSent(t *testing.T) {
	w := newWorld(t)
	w.cfg.Post = true
	w.cfg.Ledger = &checkingOnce{Books: w.books}
	_, err := w.run(invoiced(t))
	wantCode(t, err, booking.CodePeriod)
	w.once(1)
}

// checkingOnce books take nothing after the first time they are asked.
type checkingOnce struct {
	*logtest.Books
	asked bool
}

func (c *checkingOnce) Check(context.Context, []booking.Entry) error {
	if c.asked {
		return &booking.RefusedError{Code: booking.CodePeriod, Message: "period 202602 is closed"}
	}
	c.asked = true
	return nil
}

// Money that had moved when it was booked stays booked, whatever the plan says of it later.
func TestAReceiptThatWasBookedAsPaidStaysBookedWhereThePlanNoLongerKnowsIt(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	unpaid := document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, 202602, "2026-02-10", ledgermap.WaitPayout, row{clearing, 0, 8500, false}, row{"1010", 8500, 0, true})
	res := w.mustRun(planOf(t, january(t), february(t), unpaid))
	if len(res.Findings) != 1 || res.Findings[0].Code != booking.FindingUnconfirmed || res.Waiting != 0 || !res.Settled {
		t.Errorf("%+v", res)
	}
	w.once(3)
}
