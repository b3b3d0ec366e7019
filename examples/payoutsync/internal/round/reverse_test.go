package round_test

import (
	"errors"
	"reflect"
	"slices"
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

func TestR7_2_AReversalGoesByTheRulesWhereThePeriodIsClosed(t *testing.T) {
	closed := ledgermap.Date{Year: 1999, Month: time.December, Day: 30}
	for name, c := range map[string]struct {
		policy string
		on     ledgermap.Date // zero: today, the 20th of January 2000
		want   string         // of the refusal, or of the finding
	}{
		"refuse a day":   {"refuse", closed, "fiscal period 199912 is closed"},
		"refuse today":   {"refuse", ledgermap.Date{}, "fiscal period 200001 is closed"},
		"move a day":     {"next-open-period", closed, "1999-12-30 is dated 2000-02-01"},
		"move today":     {"next-open-period", ledgermap.Date{}, "2000-01-20 is dated 2000-02-01"},
		"an open period": {"refuse", ledgermap.Date{Year: 2000, Month: time.February, Day: 3}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, setup{account: described(settlementtest.Paid), approval: booking.ApprovalOne, rules: func(starter string) string {
					return strings.Replace(starter, "\nclosed_period: refuse", "\nclosed_period: "+c.policy, 1)
				}})
				p := w.must(t)[0]
				release := func(plan string) {
					if err := w.Engine.Approve(t.Context(), booking.Release{Settlement: p.SettlementID, Plan: plan, By: "ann"}); err != nil {
						t.Fatal(err)
					}
				}
				release(p.Result.PlanHash)
				p = w.must(t)[0]
				time.Sleep(time.Until(time.Date(2000, time.January, 20, 12, 0, 0, 0, time.UTC)))
				w.closeUntil(t, 2000, time.January)
				before := w.row(t, p.SettlementID)
				reverse := func() round.Payout {
					t.Helper()
					p, err := w.Reverse(t.Context(), before.Settlement, "wrong project", c.on)
					if err != nil || p.State != booking.StateAwaitingApproval {
						t.Fatalf("%s, %v, %v", p.State, p.Err, err)
					}
					return p
				}
				if c.policy == "refuse" && c.want != "" {
					_, err := w.Reverse(t.Context(), before.Settlement, "wrong project", c.on)
					refused, ok := errors.AsType[*ledgermap.RefusedError](err)
					if !ok || refused.Code != ledgermap.RefusedPeriodClosed || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "--date 2000-02-01") {
						t.Errorf("error %v", err)
					}
					_, asked, err := w.Engine.Reversal(t.Context(), before.Settlement, 1)
					if after := w.row(t, before.Settlement); err != nil || asked || !reflect.DeepEqual(after, before) {
						t.Errorf("asked for: %v, %v; the row was %+v\nand is %+v", asked, err, before, after)
					}
					return
				}
				first := reverse()
				c.on = ledgermap.Date{} // as it was asked for
				if again := reverse(); again.Result.PlanHash != first.Result.PlanHash {
					t.Error("asked for again it is another one")
				}
				release(first.Result.PlanHash)
				if p := w.must(t)[0]; p.State != booking.StateReversed {
					t.Fatalf("released: %s, %v", p.State, p.Err)
				}
				moved := slices.ContainsFunc(w.row(t, before.Settlement).Findings, func(f string) bool { return c.want != "" && strings.Contains(f, c.want) })
				day, _, _ := strings.Cut(c.want, " ")
				noted := slices.ContainsFunc(w.tenant.Batches(), func(b vantagepointtest.Batch) bool { return strings.HasSuffix(b.Description, " was "+day) })
				if wanted := c.want != ""; moved != wanted || noted != wanted {
					t.Errorf("moved: as a finding %v, in the books %v; want %v", moved, noted, wanted)
				}
			})
		})
	}
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
