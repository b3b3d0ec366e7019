package round

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Reverse books the mirror of everything that is booked of a settlement, on a day of the ledger's zone: where on is zero, the
// day that it was asked for with before, else today. Whether a day in a closed period is refused or moves, the rules say.
// Afterwards the settlement is left alone until somebody replays it.
func (s *Seller) Reverse(ctx context.Context, settlementID, reason string, on ledgermap.Date) (Payout, error) {
	row, err := s.Store.Payout(ctx, s.ID, settlementID)
	if err != nil {
		return Payout{}, fmt.Errorf("settlement %s of seller %s: %w", settlementID, s.Name, err)
	}
	calendar, err := s.periods(ctx, ofPlans)
	if err != nil {
		return standingAs(row), err
	}
	v := booking.Reversal{Settlement: settlementID, Revision: row.Revision, Reason: reason}
	if on.IsZero() {
		asked, _, err := s.Engine.Reversal(ctx, settlementID, row.Revision)
		if err != nil {
			return standingAs(row), err
		}
		on, v.Meant = asked.Date, asked.Meant // a release is of documents of that day
	}
	if on.IsZero() {
		now, err := s.Store.Now(ctx)
		if err != nil {
			return standingAs(row), err
		}
		on = ledgermap.DateOf(now, s.Rules.Location())
	}
	period, day, err := s.Rules.Bookable(calendar, on)
	if refused, ok := errors.AsType[*ledgermap.RefusedError](err); ok {
		refused.SettlementID = settlementID
		if next, ok := calendar.NextOpen(on); ok {
			refused.Message += fmt.Sprintf("; or give --date %s, the first day of the next open period", next.Start)
		}
		return standingAs(row), refused
	}
	if day != on && v.Meant.IsZero() {
		v.Meant = on
	}
	v.Period, v.Date = period.Number, day
	return s.reverse(ctx, row, v)
}

// unfinished returns the reversal that a person asked for and that the settlement stands before. Where a settlement stands as
// it should and waits for nobody, there is none.
func (s *Seller) unfinished(ctx context.Context, row store.Payout) (v booking.Reversal, ok bool, err error) {
	if row.ErrorCode == "" && row.State != string(booking.StateAwaitingApproval) {
		return v, false, nil
	}
	return s.Engine.Reversal(ctx, row.Settlement, row.Revision)
}

// finish goes on with a reversal in the place of a plan: it was released meanwhile, or was cut short.
func (s *Seller) finish(ctx context.Context, row store.Payout, v booking.Reversal, entry collect.Entry) (p Payout, err error) {
	if s.DryRun {
		p = standingAs(row)
		p.Findings = append(p.Findings, "reversal: it was asked for and is not finished, because: "+v.Reason)
	} else if p, err = s.reverse(ctx, row, v); err != nil {
		return p, err
	}
	if file, err := s.Archive.Open(ctx, entry); err == nil { // the reversal needs no report
		defer file.Close() // it was only read
		p.Tally, _ = settlement.TallyOf(file)
	}
	if is[*booking.RefusedError](p.Err) || is[*booking.ConflictError](p.Err) {
		return p, nil
	}
	return p, p.Err
}

// reverse takes a reversal as far as it goes. How far is in the Payout; the error is of the store. That it begins is noted
// before, so that it is seen however it ends.
func (s *Seller) reverse(ctx context.Context, row store.Payout, v booking.Reversal) (Payout, error) {
	was := row
	again := fmt.Sprintf("the reversal is not finished; the next round goes on with it, `payoutsync reverse %s --reason …` does so at once", row.ID())
	if row.State != string(booking.StateAwaitingApproval) { // else it stays where people release it
		row.State = string(booking.StateBooking)
	}
	row.Settled, row.ErrorCode, row.Error = false, "reversing", again
	if !v.Meant.IsZero() {
		moved := fmt.Sprintf("%s: the reversal of %s is dated %s, because the fiscal period of that day is closed", ledgermap.FindingMoved, v.Meant, v.Date)
		if !slices.Contains(row.Findings, moved) {
			row.Findings = append(slices.Clone(row.Findings), moved)
		}
	}
	if err := s.Store.SetPayout(ctx, row); err != nil {
		return standingAs(was), err
	}
	result, err := s.Engine.Reverse(booked(ctx, s, row.Settlement), v)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if _, asked, unread := s.Engine.Reversal(ctx, row.Settlement, row.Revision); unread == nil && !asked {
			p := standingAs(was)
			p.State, p.Result, p.Err = result.State, result, err
			return p, s.Store.SetPayout(ctx, was) // nothing has begun
		}
		err = fmt.Errorf("%w; %s", err, again)
		row.ErrorCode, row.Error = CodeOf(err), err.Error()
	}
	switch result.State {
	case booking.StateReversed:
		row.State, row.Settled, row.Pending, row.ErrorCode, row.Error = string(result.State), true, false, "", ""
	case booking.StateAwaitingApproval:
		row.State, row.Pending, row.ErrorCode, row.Error = string(result.State), false, "", ""
	case booking.StateRefused:
		row.State, row.Pending = string(result.State), false
	default: // it is under way
	}
	for _, d := range result.Documents {
		row.Documents = slices.DeleteFunc(row.Documents, func(known store.Document) bool { return known.Key == d.Key.String() })
		row.Documents = append(row.Documents, documentRow(d))
	}
	p := standingAs(row)
	p.Result, p.Err = result, err
	return p, s.Store.SetPayout(ctx, row)
}

// standingAs is a settlement as it stood when it was looked at last.
func standingAs(row store.Payout) Payout {
	return Payout{
		Seller: row.Name, SellerID: row.Seller, SettlementID: row.Settlement, Revision: row.Revision, State: booking.State(row.State),
		Reconciliation: settlement.Verdict(row.Reconciliation), Findings: slices.Clone(row.Findings), WasSettled: row.Settled,
	}
}
