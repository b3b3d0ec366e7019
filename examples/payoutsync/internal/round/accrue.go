package round

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Missed is the reason of an [IncompleteError] where the hour of the snapshot has passed.
const Missed = "no snapshot was taken in the hour after the end"

// IncompleteError says that a period's end cannot be accrued, because what was deferred then was not seen whole.
type IncompleteError struct {
	Period int
	Reason string
}

func (e *IncompleteError) Error() string {
	return fmt.Sprintf("period %d: incomplete: %s. Nothing is estimated and nothing is booked", e.Period, e.Reason)
}

// Accrue plans and books what was deferred at the end of a period, from the snapshot that was kept then, with its reversal
// on the first day of the next period. opening says that a person has reviewed the first snapshot ever. A dry run books
// nothing. The result can be had again at any time: what is booked is found.
func (s *Seller) Accrue(ctx context.Context, period int, opening bool) (ledgermap.Accrual, booking.Result, error) {
	kept, err := s.Store.Snapshots(ctx, s.Name)
	if err != nil {
		return ledgermap.Accrual{}, booking.Result{}, err
	}
	id := ledgermap.AccrualID(period)
	calendar, err := s.calendar(ctx, id, 1, 0)
	if err != nil {
		return ledgermap.Accrual{}, booking.Result{}, err
	}
	today, err := s.Store.Now(ctx)
	if err != nil {
		return ledgermap.Accrual{}, booking.Result{}, err
	}
	now, err := SnapshotOf(kept, period, calendar, s.Rules.Location(), today)
	if err != nil {
		return ledgermap.Accrual{}, booking.Result{}, err
	}
	if now.Opening && !opening && !s.DryRun {
		_, sent, err := s.Engine.Sent(ctx, id, 1)
		if err != nil {
			return ledgermap.Accrual{}, booking.Result{}, err
		}
		if len(sent) == 0 { // else somebody has reviewed it
			return ledgermap.Accrual{}, booking.Result{}, &ledgermap.RefusedError{SettlementID: id, Code: "opening_balance", Message: fmt.Sprintf(
				"the snapshot of period %d is the first of seller %s, so that it is an opening balance: look at it with --dry-run, then book it with --opening", period, s.Name)}
		}
	}
	before, err := SnapshotBefore(kept, period)
	if err != nil {
		return ledgermap.Accrual{}, booking.Result{}, err
	}
	accrual, err := s.Rules.Accrue(before, now, calendar)
	if err != nil {
		return accrual, booking.Result{}, &ledgermap.RefusedError{SettlementID: id, Code: "accrual", Message: err.Error()}
	}
	if s.DryRun || len(accrual.Plan.Documents) == 0 {
		return accrual, booking.Result{State: booking.StatePlanned}, nil
	}
	accrual.Plan.Seller = s.Name
	// Whoever releases it looks at what it was made from: this, and the snapshots.
	if err := s.keep(ctx, accrual.Plan, ledgermap.Input{Calendar: calendar}); err != nil {
		return accrual, booking.Result{}, err
	}
	result, err := s.Engine.Run(booked(ctx, s, accrual.Plan.Statement.ID), accrual.Plan)
	return accrual, result, err
}

// Accrual makes an accrual again from what was kept of its plan and from the seller's snapshots, and says whether it is the
// opening balance.
func Accrual(made store.Plan, period int, kept []store.Snapshot) (accrual ledgermap.Accrual, opening bool, err error) {
	rules, err := ledgermap.LoadRules("the rules of plan "+made.Hash, made.Rules)
	if err != nil {
		return accrual, false, err
	}
	var calendar ledgermap.Calendar
	if err := json.Unmarshal(made.Calendar, &calendar); err != nil {
		return accrual, false, fmt.Errorf("what plan %s of accrual %s was made from is damaged: %w", made.Hash, made.Settlement, err)
	}
	now, err := SnapshotOf(kept, period, calendar, rules.Location(), made.Made)
	if err != nil {
		return accrual, false, err
	}
	before, err := SnapshotBefore(kept, period)
	if err != nil {
		return accrual, false, err
	}
	accrual, err = rules.Accrue(before, now, calendar)
	return accrual, now.Opening, err
}
