package round

import (
	"context"
	"errors"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
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
		if err := s.Store.Reopen(ctx, s.ID, settlementID, row.Revision+1, string(StateFetched)); err != nil {
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
	file, err := s.Archive.Open(ctx, found.Entry)
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
		return r, texts(findings), err
	}
	if r.Verdict == settlement.Agreed {
		err = s.agree(ctx, tally.Statement, r.By)
	}
	return r, texts(append(sources.Findings(), findings...)), err
}
