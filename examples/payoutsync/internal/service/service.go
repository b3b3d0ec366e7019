// Package service is what `payoutsync serve` does all day: every process scans for sellers that are due and works off the
// queue that all processes share.
//
// The work of a round is cut into short jobs. "collect" finds and fetches what is new and puts the first settlement
// that is to be looked at into the queue; "settle" takes one settlement as far as it goes and puts the next one there. So
// there is one job of a seller at a time, settlements go in the order of their periods, a job that is lost costs one step,
// and the length of a seller's history never shows in a job's time. "snapshot" looks at what is deferred when a fiscal
// period has ended.
//
// Every job holds the seller's lease while it runs, in the program's own table and by the database's clock: two jobs of a
// seller never run at a time, whatever the queue does and however the clocks of machines differ. A killed process's lease
// runs out, its job is rescued, and what it had sent is found in the ledger before anything is sent again.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// The tasks of jobs.
const (
	Collect  = "collect"
	Settle   = "settle"
	Snapshot = "snapshot"
)

// Quota is the longest that a job waits for Amazon's quota before it is laid aside; give it to
// [installation.Options.Quota].
const Quota = 20 * time.Second

// Options are the times of a [Service]. Zero fields mean the defaults, which fit Amazon's real pace; tests make them
// shorter.
type Options struct {
	Workers int // jobs at a time in this process; 0 means 8
	// Timeout ends a job, and RescueAfter gives one whose worker was killed to another; see [queue.Options].
	Timeout, RescueAfter time.Duration
	// Lease is how long a killed process keeps a seller. It must be shorter than RescueAfter, so that the rescued job
	// meets no lease. 0 means [installation.LeaseLasts].
	Lease time.Duration
	// Scan is the pause between two looks for what is due; 0 means 5 seconds.
	Scan time.Duration
	// Hold is how long a seller that was taken is left alone if nothing more is heard of it; 0 means 5 minutes.
	Hold time.Duration
	// Backlog is how many jobs may wait for a worker before no more sellers are taken; 0 means 100.
	Backlog int
	// Grace is how long jobs may end by themselves when the service stops; 0 means 20 seconds.
	Grace time.Duration
	// RetryFirst is the pause after a job's first failure; 0 means 10 seconds.
	RetryFirst time.Duration
}

// Service is the work of one process.
type Service struct {
	in      *installation.Installation
	options Options
	logger  *slog.Logger
	metrics *metrics

	Queue *queue.Queue
}

// New opens the queue in the installation's database. Nothing runs yet.
func New(ctx context.Context, in *installation.Installation, options Options, logger *slog.Logger) (*Service, error) {
	if options.Lease == 0 {
		options.Lease = installation.LeaseLasts
	}
	s := &Service{in: in, options: options, logger: logger}
	var err error
	if s.Queue, err = queue.Open(ctx, in.Store.SQL, in.Store.Pool, queue.Options{
		Work: s.work, Urgent: []string{Settle, Snapshot}, Workers: options.Workers, Timeout: options.Timeout, RescueAfter: options.RescueAfter,
		Grace: options.Grace, RetryFirst: options.RetryFirst, Logger: logger,
	}); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	return s, nil
}

// Run works until the context ends, then stops: running jobs end by themselves or are handed back within Options.Grace.
func (s *Service) Run(ctx context.Context) error {
	if err := s.Queue.Start(ctx); err != nil {
		return err
	}
	var scans sync.WaitGroup
	for _, scheduler := range []queue.Scheduler{
		{Task: Collect, Due: due(s.in.Store.TakeDue), Backlog: s.options.Backlog, Hold: s.options.Hold},
		// A snapshot has an hour, and must not wait behind a flood of rounds.
		{Task: Snapshot, Due: due(s.in.Store.TakeSnapshots), Backlog: 1000, Hold: s.options.Hold},
	} {
		scheduler.Queue, scheduler.Every, scheduler.Logger = s.Queue, s.options.Scan, s.logger
		scans.Go(func() { scheduler.Run(ctx) })
	}
	<-ctx.Done()
	scans.Wait()
	return s.Queue.Stop() //nolint:contextcheck // the context has ended; stopping has a time of its own
}

// due is a function as a [queue.Due].
type due func(ctx context.Context, n int, hold time.Duration) ([]string, error)

// Take implements [queue.Due].
func (d due) Take(ctx context.Context, n int, hold time.Duration) ([]string, error) {
	return d(ctx, n, hold)
}

// work does one job under the seller's lease.
func (s *Service) work(ctx context.Context, job queue.Job) error {
	seller, err := s.in.Config.Seller(job.Seller)
	if err != nil {
		// It was taken out of the configuration, or put into that of a process that was started later: not the business of
		// this one. It is asked about once an hour.
		return queue.Never(errors.Join(err, s.later(ctx, job, time.Hour)))
	}
	started := time.Now()
	err = s.in.Hold(ctx, seller.Name, s.options.Lease, func(ctx context.Context) error {
		switch job.Task {
		case Collect:
			return s.collect(ctx, seller)
		case Settle:
			return s.settle(ctx, seller, job.Subject)
		case Snapshot:
			return s.snapshot(ctx, seller)
		}
		return queue.Never(fmt.Errorf("this program knows no task %q: a newer payoutsync put it into the queue", job.Task))
	})
	err = s.judge(ctx, seller, job, err)
	s.metrics.ended(job.Task, time.Since(started), err)
	return err
}

// later makes what a job is about due again after a time.
func (s *Service) later(ctx context.Context, job queue.Job, after time.Duration) error {
	if job.Task == Snapshot {
		return s.in.Store.DelaySnapshot(ctx, job.Seller, after)
	}
	return s.in.Store.SetDue(ctx, job.Seller, after)
}

// judge says what a job's error means for the queue.
func (s *Service) judge(ctx context.Context, seller config.Seller, job queue.Job, err error) error {
	if err == nil {
		return nil
	}
	giveUp := func() error {
		s.logger.ErrorContext(ctx, "given up until the seller's next round: a person has to mend it", "job", job.String(), "error", err)
		if job.Task == Snapshot { // a round that goes well plans it anew
			err = errors.Join(err, s.later(context.WithoutCancel(ctx), job, time.Duration(seller.Schedule)))
		}
		if job.Task == Settle { // else the round's own end has said it
			err = errors.Join(err, s.in.Store.Failed(context.WithoutCancel(ctx), seller.Name, err.Error()))
		}
		return queue.Never(err)
	}
	if _, ok := errors.AsType[*installation.BusyError](err); ok {
		return queue.Later(s.options.Lease / 8)
	}
	if wait, ok := paced(err); ok {
		return queue.Later(wait)
	}
	if _, ok := errors.AsType[*installation.ConfigError](err); ok || errors.Is(err, spapi.ErrCredentials) || errors.Is(err, vantagepoint.ErrCredentials) || errors.Is(err, vault.ErrNotFound) {
		// The seller's next round takes the credentials that are stored then. What Vantagepoint refused it does not ask again.
		s.in.Forget(job.Seller)
		return giveUp()
	}
	if errors.Is(err, booking.ErrBroken) {
		return giveUp()
	}
	return err
}

// paced reports whether nothing but Amazon's quota stands in the way, and for how long.
func paced(err error) (wait time.Duration, only bool) {
	if err == nil {
		return 0, false
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, part := range joined.Unwrap() {
			one, ok := paced(part)
			if !ok {
				return 0, false
			}
			wait = max(wait, one)
		}
		return wait, true
	}
	if late, ok := err.(*spapi.PaceError); ok { //nolint:errorlint // what it wraps was looked at before
		return max(late.Wait, time.Second), true
	}
	return paced(errors.Unwrap(err))
}
