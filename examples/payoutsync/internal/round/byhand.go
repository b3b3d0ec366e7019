package round

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Replay looks at one settlement at once, with what Amazon's other interfaces say now. One that was reversed is planned as
// its next revision: the reversal's reason is the reason of that.
func (s *Seller) Replay(ctx context.Context, settlementID string) (Payout, error) {
	row, err := s.Store.Payout(ctx, s.ID, settlementID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Payout{}, err
	}
	if row.State == string(booking.StateReversed) && !s.DryRun {
		if err := s.Store.Reopen(ctx, s.ID, settlementID, row.Revision+1, string(booking.StateFetched)); err != nil {
			return Payout{}, err
		}
	}
	all, i, err := s.find(ctx, settlementID)
	if err != nil {
		return Payout{}, err
	}
	sources, trouble := s.Collector.Sources(ctx, all[i].Start)
	if trouble != nil {
		sources = &collect.Sources{}
	}
	p, minor, err := s.settle(ctx, settlementID, sources, All)
	return p, errors.Join(trouble, minor, err)
}

// Compare asks Amazon's other interfaces about one settlement, now and in full. Nothing is booked.
func (s *Seller) Compare(ctx context.Context, settlementID string) (settlement.Reconciliation, []string, error) {
	all, i, err := s.find(ctx, settlementID)
	if err != nil {
		return settlement.Reconciliation{}, nil, err
	}
	found := all[i]
	file, err := s.Collector.Archive.Open(ctx, found.Entry)
	if err != nil {
		return settlement.Reconciliation{}, nil, err
	}
	defer file.Close() // it was only read
	tally, err := settlement.TallyOf(file)
	if err != nil {
		return settlement.Reconciliation{}, nil, err
	}
	sources, err := s.Collector.Sources(ctx, found.Start)
	if err != nil {
		return settlement.Reconciliation{}, nil, err
	}
	r, findings, err := s.Collector.Reconcile(ctx, sources, file, false)
	if err != nil {
		return r, findings, err
	}
	if r.Verdict == settlement.Agreed {
		err = s.agree(ctx, tally.Statement, r.By)
	}
	return r, append(sources.Findings(), findings...), err
}

// Reverse books the mirror of everything that is booked of a settlement, on a day of the ledger's zone: today where on is
// zero. A day in a closed period moves to the first day of the next open one. Afterwards the settlement is left alone until
// somebody replays it.
func (s *Seller) Reverse(ctx context.Context, settlementID, reason string, on ledgermap.Date) (Payout, error) {
	row, err := s.Store.Payout(ctx, s.ID, settlementID)
	if err != nil {
		return Payout{}, fmt.Errorf("settlement %s of seller %s: %w", settlementID, s.Name, err)
	}
	p := Payout{
		Seller: s.Name, SellerID: s.ID, SettlementID: settlementID, Revision: row.Revision, State: booking.State(row.State),
		Reconciliation: settlement.Verdict(row.Reconciliation), Findings: row.Findings,
	}
	calendar, err := s.periods(ctx, ofPlans)
	if err != nil {
		return p, err
	}
	if on.IsZero() {
		on = ledgermap.DateOf(time.Now(), s.Rules.Location())
	}
	period, ok := calendar.At(on)
	if !ok || period.Closed {
		if period, ok = calendar.NextOpen(on); !ok {
			return p, &ledgermap.RefusedError{
				SettlementID: settlementID, Code: ledgermap.RefusedPeriodClosed,
				Message: fmt.Sprintf("no fiscal period is open on %s or later: open one in Vantagepoint, or give another --date", on),
			}
		}
		on = period.Start
	}
	p.Result, err = s.Engine.Reverse(booked(ctx, s, settlementID), booking.Reversal{
		Settlement: settlementID, Revision: row.Revision, Reason: reason, Period: period.Number, Date: on,
	})
	p.State, p.Err = p.Result.State, err
	if err != nil {
		return p, nil //nolint:nilerr // it is in p.Err, beside how far the reversal came
	}
	row.State, row.Settled, row.ErrorCode, row.Error = string(p.State), p.State == booking.StateReversed, "", ""
	for _, d := range p.Result.Documents {
		row.Documents = append(row.Documents, store.Document{Key: d.Key.String(), Kind: string(d.Kind), Batch: d.Batch, Ref: d.Ref, State: string(d.State), Digest: d.Digest})
	}
	return p, s.Store.SetPayout(ctx, row)
}
