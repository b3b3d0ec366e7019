package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// collect looks for what is new of a seller and begins to settle it. When the seller is due next is written last, so that
// a round that was cut short is due again soon.
func (s *Service) collect(ctx context.Context, c config.Seller) error {
	seller, err := s.in.Seller(ctx, c)
	if err != nil {
		return s.ended(ctx, c, round.Collected{}, err)
	}
	found, err := seller.Collect(ctx, round.Unsettled)
	if err != nil || ctx.Err() != nil {
		return s.ended(ctx, c, found, errors.Join(err, found.Err))
	}
	if found.Overdue(time.Now()) {
		s.logger.WarnContext(ctx, "no new settlement has come, and one was to be expected", "seller", c.Name, "expected", found.Expected)
	}
	for _, g := range found.Unfetched {
		s.logger.WarnContext(ctx, "a settlement report is missing", "seller", c.Name, "what", round.UnfetchedText(g))
	}
	if err := s.next(ctx, c, ""); err != nil {
		return s.ended(ctx, c, found, err)
	}
	s.warnOfLapses(ctx, c)
	// Only after the settlements: a ledger that is away must not keep them from the queue.
	return s.ended(ctx, c, found, errors.Join(found.Err, s.planSnapshot(ctx, seller)))
}

// ended notes how a round ended and when the next one is due. Where nothing but a quota stood in the way, that is when it is
// free again.
func (s *Service) ended(ctx context.Context, c config.Seller, found round.Collected, err error) error {
	ctx = context.WithoutCancel(ctx)
	var failure []string
	for _, p := range found.Unreadable {
		failure = append(failure, p.Err.Error())
		s.logger.WarnContext(ctx, "a settlement report cannot be booked", "seller", c.Name, "error", p.Err)
	}
	next := time.Duration(c.Schedule)
	if wait, ok := paced(err); ok {
		next, err = min(next, wait), nil
	} else if err != nil {
		failure = append(failure, err.Error())
	}
	return errors.Join(err, s.in.Store.Ended(ctx, c.Name, found.Brought > 0, found.Expected, strings.Join(failure, "; ")), s.in.Store.SetDue(ctx, c.Name, next))
}

// settle takes one settlement as far as it goes, and puts the next one of the seller into the queue.
func (s *Service) settle(ctx context.Context, c config.Seller, settlement string) error {
	seller, err := s.in.Seller(ctx, c)
	if err != nil {
		return err
	}
	p, err := seller.Settle(ctx, settlement)
	if err != nil {
		waits, check := s.in.Store.IsPending(ctx, seller.ID, settlement)
		switch {
		case check != nil:
			return errors.Join(err, check)
		case !waits: // it is booked, and only the second source did not answer: the next round asks again
			s.logger.WarnContext(ctx, "a settlement was not compared", "seller", c.Name, "settlement", settlement, "error", err)
		case !queue.LastAttempt(ctx):
			return err
		default: // those behind it must not wait for it for ever
			return errors.Join(err, s.next(ctx, c, settlement))
		}
	}
	if p.Err != nil {
		s.logger.WarnContext(ctx, "a settlement is not booked", "seller", c.Name, "settlement", settlement, "error", p.Err)
	}
	return s.next(ctx, c, settlement)
}

// next puts the seller's next settlement that waits into the queue, the one after the given one.
func (s *Service) next(ctx context.Context, c config.Seller, after string) error {
	settlement, err := s.in.Store.NextPending(ctx, c.Amazon.SellerID, after)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.Queue.Add(ctx, queue.Job{Task: Settle, Seller: c.Name, Subject: settlement})
	return err
}

// snapshot keeps what is deferred at the end of the fiscal period that has just ended.
func (s *Service) snapshot(ctx context.Context, c config.Seller) error {
	seller, err := s.in.Seller(ctx, c)
	if err != nil {
		return err
	}
	taken, err := seller.Snapshot(ctx)
	if err != nil {
		return err
	}
	if taken {
		s.logger.InfoContext(ctx, "kept what is deferred at the period's end", "seller", c.Name)
	}
	return s.planSnapshot(ctx, seller)
}

// planSnapshot notes which snapshot is to be taken next, and says if the one that was planned has been missed. It is asked
// for in every round, because a period's end may be moved.
func (s *Service) planSnapshot(ctx context.Context, seller *round.Seller) error {
	period, at, err := seller.NextSnapshot(ctx)
	if err != nil {
		return err
	}
	if period == 0 {
		s.logger.WarnContext(ctx, "the ledger has no fiscal period for today: no snapshot of deferred transactions can be planned", "seller", seller.Name)
	}
	fail := func(err error) error { return fmt.Errorf("plan the snapshot of seller %s: %w", seller.Name, err) }
	planned, when, err := s.in.Store.PlannedSnapshot(ctx, seller.Name)
	if err != nil {
		return fail(err)
	}
	if planned == period && when.Equal(at) {
		return nil
	}
	if 0 < planned && planned < period {
		kept, err := s.in.Store.HasSnapshot(ctx, seller.Name, planned)
		if err != nil {
			return fail(err)
		}
		if !kept {
			missed := &round.IncompleteError{Period: planned, Reason: round.Missed}
			s.logger.ErrorContext(ctx, "what was deferred at a period's end is not known and cannot be asked any more", "seller", seller.Name, "error", missed)
		}
	}
	if err := s.in.Store.SetSnapshot(ctx, seller.Name, cmp.Or(period, planned), at); err != nil {
		return fail(err)
	}
	return nil
}
