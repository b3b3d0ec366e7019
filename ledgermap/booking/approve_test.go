package booking_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

func (w *world) approve(plan, by string) error {
	w.t.Helper()
	return w.engine().Approve(w.t.Context(), booking.Release{Settlement: sid, Plan: plan, By: by, Reason: "looked at it"})
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != code {
		t.Helper()
		t.Errorf("error %v, want code %s", err, code)
	}
}

func TestR15_1_NothingIsSentBeforeThePlanIsReleased(t *testing.T) {
	w := newWorld(t)
	w.cfg.Approval = booking.ApprovalOne
	for range 2 {
		res := w.mustRun(paid(t))
		if res.State != booking.StateAwaitingApproval || w.books.Calls()["book"] != 0 {
			t.Fatalf("state %s after %v", res.State, w.books.Calls())
		}
	}
	wantCode(t, w.approve("another plan", "ann"), booking.CodeApproval)
	wantCode(t, w.approve(paid(t).Hash(), " "), booking.CodeApproval)
	if err := w.approve(paid(t).Hash(), "ann"); err != nil {
		t.Fatal(err)
	}
	if res := w.mustRun(paid(t)); res.State != booking.StateBooked {
		t.Errorf("approved: %s", res.State)
	}
	if diff := cmp.Diff([]string{"planned", "approved", "manifest"}, w.events()[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestR15_1_AChangedPlanVoidsTheApproval(t *testing.T) {
	w := newWorld(t)
	w.cfg.Approval = booking.ApprovalOne
	w.mustRun(paid(t))
	if err := w.approve(paid(t).Hash(), "ann"); err != nil {
		t.Fatal(err)
	}
	changed := paid(t)
	changed.Documents[1] = document(t, 2, "B", ledgermap.Journal, 202602, "2026-02-07", "", row{clearing, 3400, 0, false}, row{"6200", 600, 0, false}, row{"4000", 0, 4000, false})
	if res := w.mustRun(changed); res.State != booking.StateAwaitingApproval {
		t.Errorf("a mutated plan: %s", res.State)
	}
	// The plan that was approved does not come back to life either.
	if res := w.mustRun(paid(t)); res.State != booking.StateAwaitingApproval {
		t.Errorf("back to the first plan: %s", res.State)
	}
	wantCode(t, w.approve(changed.Hash(), "ann"), booking.CodeApproval)
	if n := w.books.Calls()["book"]; n != 0 {
		t.Errorf("%d requests that book", n)
	}
}

func TestAnApprovedReceiptThatWaitedNeedsNoSecondApproval(t *testing.T) {
	w := newWorld(t)
	w.cfg.Approval = booking.ApprovalOne
	waiting := planOf(t, january(t), february(t), receipt(t, ledgermap.WaitPayout))
	w.mustRun(waiting)
	if err := w.approve(waiting.Hash(), "ann"); err != nil {
		t.Fatal(err)
	}
	if res := w.mustRun(waiting); res.State != booking.StateBooked || res.Waiting != 1 {
		t.Fatalf("%+v", res)
	}
	if res := w.mustRun(paid(t)); res.State != booking.StateBooked || res.Sent != 1 {
		t.Errorf("the same receipt, now paid: %+v", res)
	}
	// On another day it is another document, that nobody has seen.
	w2 := newWorld(t)
	w2.cfg.Approval = booking.ApprovalOne
	w2.mustRun(waiting)
	if err := w2.approve(waiting.Hash(), "ann"); err != nil {
		t.Fatal(err)
	}
	w2.mustRun(waiting)
	later := paid(t)
	later.Documents[2] = document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, 202602, "2026-02-10", "", row{clearing, 0, 8500, false}, row{"1010", 8500, 0, true})
	if res := w2.mustRun(later); res.State != booking.StateAwaitingApproval {
		t.Errorf("another date: %s", res.State)
	}
}

func TestR15_2_TwoPeople(t *testing.T) {
	for name, c := range map[string]struct {
		preparer  booking.Actor
		approvers []string
		refused   int // index of the approver who is turned away, -1 for none
		booked    bool
	}{
		"a service prepared, one person":             {booking.Actor{Name: "sync", Service: true}, []string{"ann"}, -1, false},
		"a service prepared, the same person twice":  {booking.Actor{Name: "sync", Service: true}, []string{"ann", "Ann "}, 1, false},
		"a service prepared, two people":             {booking.Actor{Name: "sync", Service: true}, []string{"ann", "bob"}, -1, true},
		"a person prepared, the same person":         {booking.Actor{Name: "Ann"}, []string{"ann"}, 0, false},
		"a person prepared, another":                 {booking.Actor{Name: "ann"}, []string{"bob"}, -1, true},
		"a service named like a person is no person": {booking.Actor{Name: "ann", Service: true}, []string{"ann"}, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Approval, w.cfg.Actor = booking.ApprovalTwo, c.preparer
			plan := paid(t)
			w.mustRun(plan)
			for i, by := range c.approvers {
				err := w.approve(plan.Hash(), by)
				if i == c.refused {
					wantCode(t, err, booking.CodeApproval)
				} else if err != nil {
					t.Fatal(err)
				}
			}
			want := booking.StateAwaitingApproval
			if c.booked {
				want = booking.StateBooked
			}
			if res := w.mustRun(plan); res.State != want {
				t.Errorf("state %s, want %s", res.State, want)
			}
		})
	}
}

func TestWhoApprovesTwiceIsToldWhetherAnotherPersonIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.cfg.Approval = booking.ApprovalTwo
	plan := paid(t)
	w.mustRun(plan)
	for _, step := range []struct{ by, says string }{
		{"ann", ""}, {"ann", "another person is needed"}, {"bob", ""}, {"bob", "enough people have"},
	} {
		if err := w.approve(plan.Hash(), step.by); (err == nil) != (step.says == "") || err != nil && !strings.Contains(err.Error(), step.says) {
			t.Errorf("%s: %v, want %q", step.by, err, step.says)
		}
	}
}

func TestWhatIsBookedNeedsNoApproval(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	w.cfg.Approval = booking.ApprovalTwo
	if res := w.mustRun(paid(t)); res.State != booking.StateBooked {
		t.Errorf("state %s", res.State)
	}
}

func TestAReversalNeedsApprovalToo(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	w.cfg.Approval = booking.ApprovalOne
	res, err := w.reverse("wrong account")
	if err != nil || res.State != booking.StateAwaitingApproval {
		t.Fatalf("state %s, %v", res.State, err)
	}
	if err := w.approve(res.PlanHash, "ann"); err != nil {
		t.Fatal(err)
	}
	if res, err = w.reverse("wrong account"); err != nil || res.State != booking.StateReversed {
		t.Errorf("state %s, %v", res.State, err)
	}
}

func TestWordsOfApproval(t *testing.T) {
	for word, want := range map[string]booking.Approval{"none": booking.ApprovalNone, "": booking.ApprovalNone, "manual": booking.ApprovalOne, "two-person": booking.ApprovalTwo} {
		if got, err := booking.ParseApproval(word); got != want || err != nil {
			t.Errorf("%q: %q, %v", word, got, err)
		}
	}
	if _, err := booking.ParseApproval("both"); err == nil {
		t.Error("an unknown word was accepted")
	}
}
