package round

import (
	"context"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// transfer returns what to plan with, given what Amazon says now of a payout. A plan is a function of these facts, so they
// must be the same in every later round, whatever Amazon answers by then: what is final was written down and stays,
// until a payout that was paid turns out to have failed. What is new and final is durable when transfer returns.
func (s *Seller) transfer(ctx context.Context, settlementID string, now collect.Transfer) (ledgermap.Payout, error) {
	var kept ledgermap.Payout
	if _, err := s.Store.Fact(ctx, s.ID, settlementID, store.FactPayout, &kept); err != nil {
		return ledgermap.Payout{}, err
	}
	said := payout(now)
	final := said.Status == ledgermap.PayoutPaid || said.Status == ledgermap.PayoutFailed
	switch {
	case kept.Status == said.Status || (kept.Status != ledgermap.PayoutUnknown && !final):
		return kept, nil
	case kept.Status == ledgermap.PayoutFailed:
		return kept, nil // the money that came after all is in a later settlement
	case !final:
		return said, nil
	}
	return said, s.Store.SetFact(ctx, s.ID, settlementID, store.FactPayout, said)
}

func payout(t collect.Transfer) ledgermap.Payout {
	p := ledgermap.Payout{Date: t.Date, TraceID: t.TraceID, Source: t.Source, Received: t.Received}
	switch t.Status {
	case collect.TransferPaid:
		p.Status = ledgermap.PayoutPaid
	case collect.TransferFailed:
		p.Status = ledgermap.PayoutFailed
	case collect.TransferPending:
		p.Status = ledgermap.PayoutPending
	default:
		return ledgermap.Payout{}
	}
	return p
}
