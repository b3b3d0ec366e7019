package round

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Scope says which settlements a round looks at.
type Scope int

// The scopes.
const (
	Unsettled Scope = iota // those with something left to do; those that only wait for Amazon are not looked up in the ledger
	All                    // those that are settled, too: each is looked up in the ledger again
)

// finances is how long Amazon's other interfaces answer for a settlement. What they have not confirmed by then, they
// never will, and the settlement is not looked at for that any more.
const finances = 179 * 24 * time.Hour

// returns is how long after its end a settlement's money may come back though it was paid: banks return a transfer within
// days.
const returns = 35 * 24 * time.Hour

// Collected is what a round has to do.
type Collected struct {
	Brought     int       // settlements that were not known before
	Unreadable  []Payout  // documents that are archived and cannot be booked
	Settlements []string  // to be given to Settle one after the other: the order of their periods
	Expected    time.Time // when the next settlement is to come, at the latest; zero if nothing is known
	// Unfetched are the closed event groups whose settlement report should have come by now and has not.
	Unfetched []settlement.GroupFact
	// Err is what kept the round from seeing everything. What is there can be worked on all the same.
	Err error

	sources *collect.Sources
}

// Collect finds and fetches what is new, asks Amazon's other interfaces about what is to be looked at, and puts that into
// the store's line. Its calls do not grow with the number of orders, and hardly with that of settlements.
func (s *Seller) Collect(ctx context.Context, scope Scope) (Collected, error) {
	c := Collected{sources: &collect.Sources{}}
	var trouble []error
	for _, err := range s.Collector.Fetch(ctx) {
		unreadable, ok := errors.AsType[*collect.UnreadableError](err)
		switch {
		case err == nil:
		case ok:
			c.Unreadable = append(c.Unreadable, Payout{
				Seller: s.Name, SellerID: s.ID, SettlementID: unreadable.Entry.SettlementID, State: booking.StateRefused, Reconciliation: settlement.Pending, Err: err,
			})
		default:
			trouble = append(trouble, err)
		}
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return c, errors.Join(append(trouble, err)...)
	}
	open, paid, brought, err := s.open(ctx, scope, now)
	if err != nil {
		return c, errors.Join(append(trouble, err)...)
	}
	c.Brought = brought
	row, err := s.Store.SellerNamed(ctx, s.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	ask := slices.Clone(open)
	if firstOfDay := row.Round.Before(now.UTC().Truncate(24 * time.Hour)); firstOfDay {
		ask = append(ask, paid...)
	}
	if len(ask) > 0 {
		sources, err := s.Collector.Sources(ctx, slices.MinFunc(ask, byPeriod).Start)
		if err != nil {
			// What was noted before still holds; payouts that are not known yet wait for the next round.
			trouble = append(trouble, err)
		} else {
			c.sources = sources
		}
		for _, found := range paid {
			if returned, err := s.returned(ctx, found, c.sources); err != nil {
				return c, err
			} else if returned {
				open = append(open, found)
			}
		}
		slices.SortStableFunc(open, byPeriod)
	}
	for _, found := range open {
		text, err := json.Marshal(c.sources.For(settlement.Statement{ID: found.SettlementID, Start: found.Start, End: found.End}))
		if err == nil {
			err = s.Store.Queue(ctx, s.ID, found.SettlementID, string(text))
		}
		if err != nil {
			return c, err
		}
		c.Settlements = append(c.Settlements, found.SettlementID)
	}
	if c.Unfetched, err = s.unfetched(ctx, c.sources, row.Unfetched, now); err != nil {
		return c, err
	}
	c.Expected, err = s.Archive.Expected(ctx, s.ID)
	c.Err = errors.Join(trouble...)
	return c, err
}

func byPeriod(a, b collect.Settlement) int { return a.Start.Compare(b.Start) }

// returned reports whether the money of a settlement that is settled as paid came back (R11.4).
func (s *Seller) returned(ctx context.Context, found collect.Settlement, sources *collect.Sources) (bool, error) {
	if sources.Transfer(archived(found.Entry)).Status != collect.TransferFailed {
		return false, nil
	}
	var kept ledgermap.Payout
	_, err := s.Store.Fact(ctx, s.ID, found.SettlementID, store.FactPayout, &kept)
	return kept.Status == ledgermap.PayoutPaid, err
}

// open lists the settlements of the archive that a round has to look at, in the order of their periods, and those beside
// that are settled and whose money may still come back. It notes and counts those that are new.
func (s *Seller) open(ctx context.Context, scope Scope, now time.Time) (open, paid []collect.Settlement, brought int, err error) {
	all, err := s.Archive.Settlements(ctx, s.ID)
	if err != nil {
		return nil, nil, 0, err
	}
	known, err := s.Store.Settled(ctx, s.ID)
	if err != nil {
		return nil, nil, 0, err
	}
	for _, found := range all {
		settled, noted := known[found.SettlementID]
		if !noted {
			if err := s.Store.AddPayout(ctx, store.Payout{
				Seller: s.ID, Settlement: found.SettlementID, Name: s.Name, State: string(StateFetched),
				Currency: found.Currency, Total: found.Total, Start: found.Start, End: found.End,
			}); err != nil {
				return nil, nil, 0, err
			}
			brought++
		}
		// A reissue of what was settled is something to look at.
		if scope == All || !settled || len(found.Reissued) > 0 {
			open = append(open, found)
		} else if now.Sub(found.End) < returns {
			paid = append(paid, found)
		}
	}
	return open, paid, brought, nil
}

// Overdue reports whether a round that saw everything should have brought a settlement by now.
func (c Collected) Overdue(now time.Time) bool {
	return c.Err == nil && c.Brought == 0 && !c.Expected.IsZero() && now.After(c.Expected)
}

// Run does one round in this process: Collect, then Settle of every settlement in its turn, and calls each with what came
// of it. What concerns one settlement only is in its Payout, and the others go on; the error is what kept the round
// from seeing or doing everything.
func (s *Seller) Run(ctx context.Context, scope Scope, each func(Payout)) (Collected, error) {
	collected, err := s.Collect(ctx, scope)
	for _, p := range collected.Unreadable {
		each(p)
	}
	if err != nil {
		return collected, err
	}
	trouble := []error{collected.Err}
	if len(collected.Settlements) == 0 || ctx.Err() != nil {
		return collected, errors.Join(trouble...)
	}
	for _, id := range collected.Settlements {
		p, minor, err := s.settle(ctx, id, collected.sources, scope)
		each(p)
		trouble = append(trouble, minor)
		if err != nil { // the ledger is away: asking it again for every other settlement helps nobody
			return collected, errors.Join(append(trouble, err)...)
		}
	}
	return collected, errors.Join(trouble...)
}
