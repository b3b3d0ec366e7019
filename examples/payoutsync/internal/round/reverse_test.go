package round_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestAReversalInWhichTheTenantGoesAwayIsShownAndFinishedByTheNextRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := -1 // how many documents the tenant takes before it goes away; -1: it stays
		decide := func(c vantagepointtest.Call) vantagepointtest.Fault {
			if left > 0 && strings.HasPrefix(c.Operation, "POST DataEntry/") {
				left--
			} else if left == 0 && strings.HasPrefix(c.Operation, "POST DataEntry/") {
				return vantagepointtest.FaultHTML503
			}
			return vantagepointtest.FaultNone
		}
		w := newWorld(t, setup{account: described(settlementtest.Paid), tenant: vantagepointtest.Options{RefnoLength: 14, Faults: vantagepointtest.Faults{Decide: decide}}})
		if _, err := w.run(t); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * 24 * time.Hour) // the money arrives
		payouts, err := w.run(t)
		if err != nil || len(payouts) != 1 {
			t.Fatalf("%d payouts, %v", len(payouts), err)
		}
		id, before := payouts[0].SettlementID, len(w.tenant.Batches())
		if before < 2 {
			t.Fatalf("%d documents are booked, and half of them is to be looked at", before)
		}
		left = 1
		p, err := w.Reverse(t.Context(), id, "wrong project", ledgermap.Date{})
		if err != nil || p.Err == nil || !strings.Contains(p.Err.Error(), "payoutsync reverse acme-us/"+id) {
			t.Fatalf("%v, %v", p.Err, err)
		}
		if n := len(w.tenant.Batches()); n != before+1 {
			t.Fatalf("%d mirrors are booked, want one", n-before)
		}
		row, err := w.Store.Payout(t.Context(), w.ID, id)
		if err != nil || row.Settled || row.State != string(booking.StateBooking) || row.ErrorCode == "" || row.Error != p.Err.Error() {
			t.Errorf("it stands as %+v, %v", row, err)
		}
		if payouts, err = w.run(t); err == nil || len(payouts) != 1 || payouts[0].Err == nil {
			t.Errorf("a round while the tenant is away: %+v, %v", payouts, err)
		}
		left = -1
		if payouts, err = w.run(t); err != nil || payouts[0].State != booking.StateReversed || payouts[0].Tally.Statement.ID != id {
			t.Errorf("the round after that: %+v, %v", payouts, err)
		}
		if n := len(w.tenant.Batches()); n != 2*before {
			t.Errorf("%d documents and mirrors, want %d", n, 2*before)
		}
		row, err = w.Store.Payout(t.Context(), w.ID, id)
		if err != nil || !row.Settled || row.State != string(booking.StateReversed) || row.Error != "" || len(row.Documents) != 2*before {
			t.Errorf("it stands as %+v, %v", row, err)
		}
		if p, err = w.Replay(t.Context(), id); err != nil || p.State != booking.StateBooked || p.Revision != 2 {
			t.Errorf("the next revision: %s, revision %d, %v, %v", p.State, p.Revision, p.Err, err)
		}
	})
}

func TestAReversalKeepsTheDayThatItWasAskedForWithUntilItIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid), approval: booking.ApprovalOne})
		payouts, err := w.run(t)
		if err != nil {
			t.Fatal(err)
		}
		id := payouts[0].SettlementID
		release := func(plan string) {
			t.Helper()
			if err := w.Engine.Approve(t.Context(), booking.Release{Settlement: id, Plan: plan, By: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
		release(payouts[0].Result.PlanHash)
		if payouts, err = w.run(t); err != nil || payouts[0].State != booking.StateBooked {
			t.Fatalf("%+v, %v", payouts, err)
		}
		first, err := w.Reverse(t.Context(), id, "wrong project", ledgermap.Date{})
		if err != nil || first.State != booking.StateAwaitingApproval {
			t.Fatalf("%s, %v, %v", first.State, first.Err, err)
		}
		time.Sleep(3 * 24 * time.Hour)
		again, err := w.Reverse(t.Context(), id, "wrong project", ledgermap.Date{})
		if err != nil || again.State != booking.StateAwaitingApproval || again.Result.PlanHash != first.Result.PlanHash {
			t.Fatalf("days later: %s, %v, %v, plan %s, and it was %s", again.State, again.Err, err, again.Result.PlanHash, first.Result.PlanHash)
		}
		release(first.Result.PlanHash)
		time.Sleep(24 * time.Hour)
		if payouts, err = w.run(t); err != nil || payouts[0].State != booking.StateReversed {
			t.Errorf("after the release: %+v, %v", payouts, err)
		}
	})
}

func TestAReversalThatCannotBeginLeavesThePayoutAsItStood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		payouts, err := w.run(t)
		if err != nil {
			t.Fatal(err)
		}
		before, err := w.Store.Payout(t.Context(), w.ID, payouts[0].SettlementID)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Reverse(t.Context(), before.Settlement, " ", ledgermap.Date{})
		if err != nil || round.CodeOf(p.Err) != booking.CodeState {
			t.Errorf("without a reason: %v, %v", p.Err, err)
		}
		after, err := w.Store.Payout(t.Context(), w.ID, before.Settlement)
		if err != nil || after.State != before.State || after.Settled != before.Settled || after.Error != "" {
			t.Errorf("it stands as %+v, %v; it stood as %+v", after, err, before)
		}
	})
}
