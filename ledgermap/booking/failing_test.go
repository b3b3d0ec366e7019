package booking_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

var errGone = errors.New("the system is gone")

// A failure makes one operation of log and ledger fail, cleanly: nothing was done.
type failure struct {
	at, seen int
	record   bool // what failed was the writing of a record
}

func (f *failure) next() error {
	f.seen++
	if f.seen == f.at {
		return fmt.Errorf("operation %d: %w", f.at, errGone)
	}
	return nil
}

type failingLog struct {
	booking.Log
	f *failure
}

func (l failingLog) Append(ctx context.Context, r booking.Record) (booking.Record, error) {
	if err := l.f.next(); err != nil {
		l.f.record = true
		return booking.Record{}, err
	}
	return l.Log.Append(ctx, r)
}

func (l failingLog) Records(ctx context.Context, seller, settlement string) iter.Seq2[booking.Record, error] {
	if err := l.f.next(); err != nil {
		return func(yield func(booking.Record, error) bool) { yield(booking.Record{}, err) }
	}
	return l.Log.Records(ctx, seller, settlement)
}

func (l failingLog) Head(ctx context.Context, seller string) (booking.Head, error) {
	if err := l.f.next(); err != nil {
		return booking.Head{}, err
	}
	return l.Log.Head(ctx, seller)
}

// failingLedger surveys, checks, measures and posts as Vantagepoint's does.
type failingLedger struct {
	booking.Ledger
	booking.Poster
	f *failure
}

func (l failingLedger) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	if err := l.f.next(); err != nil {
		return booking.Booked{}, err
	}
	return l.Ledger.Find(ctx, e)
}

func (l failingLedger) Survey(ctx context.Context, entries []booking.Entry) ([]*booking.Booked, error) {
	if err := l.f.next(); err != nil {
		return nil, err
	}
	shown := make([]*booking.Booked, len(entries))
	for i, e := range entries {
		if b, err := l.Ledger.Find(ctx, e); err == nil {
			shown[i] = &b
		}
	}
	return shown, nil
}

func (l failingLedger) Check(context.Context, []booking.Entry) error { return l.f.next() }
func (l failingLedger) RefLength(context.Context) (int, error)       { return 12, l.f.next() }
func (l failingLedger) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if err := l.f.next(); err != nil {
		return booking.Receipt{}, fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	return l.Ledger.Book(ctx, e)
}

func (l failingLedger) Post(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if err := l.f.next(); err != nil {
		return booking.Receipt{}, err
	}
	return l.Poster.Post(ctx, e)
}

// lagging shows what it booked only at the third look.
type lagging struct {
	booking.Ledger
	left int
}

func (l *lagging) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	l.left = 2
	return l.Ledger.Book(ctx, e)
}

func (l *lagging) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	b, err := l.Ledger.Find(ctx, e)
	if err == nil && l.left > 0 {
		l.left--
		return booking.Booked{}, booking.ErrNotFound
	}
	return b, err
}

// Whatever fails, wherever, is told, and the same call again finishes the work with every document booked once.
func TestWhateverFailsIsToldAndTheNextCallFinishes(t *testing.T) {
	booked := func(w *world) { w.mustRun(paid(w.t)) }
	for name, c := range map[string]struct {
		before  func(*world)
		do      func(*world) (booking.Result, error)
		batches int
	}{
		"booking":   {nil, func(w *world) (booking.Result, error) { return w.run(paid(w.t)) }, 3},
		"posting":   {nil, func(w *world) (booking.Result, error) { w.cfg.Post = true; return w.run(paid(w.t)) }, 3},
		"reversing": {booked, func(w *world) (booking.Result, error) { return w.reverse("wrong") }, 6},
		"returning": {booked, func(w *world) (booking.Result, error) {
			return w.run(planOf(w.t, january(w.t), february(w.t), failed(w.t)))
		}, 5},
		"a deleted draft": {func(w *world) {
			res := w.mustRun(paid(w.t))
			w.books.Change(res.Documents[1].Batch, func(*booking.Booked) bool { return false })
		}, func(w *world) (booking.Result, error) { return w.reverse("gone") }, 4},
		"approving": {nil, func(w *world) (booking.Result, error) {
			w.cfg.Approval = booking.ApprovalOne
			res, err := w.run(paid(w.t))
			if err != nil || res.State != booking.StateAwaitingApproval {
				return res, err
			}
			if err := w.engine().Approve(w.t.Context(), booking.Release{Settlement: sid, Plan: res.PlanHash, By: "ann"}); err != nil {
				return res, err
			}
			return w.run(paid(w.t))
		}, 3},
		"a lost answer": {nil, func(w *world) (booking.Result, error) {
			defer func(l booking.Ledger) { w.cfg.Ledger = l }(w.cfg.Ledger)
			w.cfg.Ledger = &watched{Ledger: w.cfg.Ledger, lose: 1}
			return w.run(paid(w.t))
		}, 3},
		"an answer before the books": {nil, func(w *world) (booking.Result, error) {
			defer func(l booking.Ledger) { w.cfg.Ledger = l }(w.cfg.Ledger)
			w.cfg.Ledger = &lagging{Ledger: w.cfg.Ledger}
			return w.run(planOf(w.t, january(w.t)))
		}, 1},
		"invoices and their receipt": {nil, func(w *world) (booking.Result, error) {
			w.cfg.Post = true
			return w.run(invoiced(w.t))
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			for at, over := 1, false; !over; at++ {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					if c.before != nil {
						c.before(w)
					}
					f := &failure{at: at}
					w.cfg.Log, w.cfg.Ledger = failingLog{w.log, f}, failingLedger{w.books, w.books, f}
					_, err := c.do(w)
					// A failure that the engine got over by itself, as a look after the ledger said yes, is none;
					// without its record it goes nowhere.
					if err != nil && !errors.Is(err, errGone) || err == nil && f.record {
						t.Errorf("operation %d failed: %v", at, err)
					}
					if over = f.seen < at; over && err != nil {
						t.Errorf("nothing failed: %v", err)
					}
					f.at = 0
					res, err := c.do(w)
					if err != nil {
						t.Errorf("operation %d failed, and then: %v", at, err)
					}
					if res.State == booking.StateBooking {
						t.Errorf("operation %d failed, and then: state %s", at, res.State)
					}
					w.once(c.batches)
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// A refusal and a conflict are told whatever the log does.
func TestARefusalAndAConflictAreToldAlsoWhereTheLogFails(t *testing.T) {
	for want, spoil := range map[error]func(*world){
		booking.ErrRefused:  func(w *world) { w.books.Refuse = func(booking.Entry) error { return booking.ErrRefused } },
		booking.ErrConflict: func(w *world) { w.mustRun(planOf(t, projects(t), february(t), receipt(t, ""))) },
	} {
		for at, over := 1, false; !over; at++ {
			w := newWorld(t)
			spoil(w)
			f := &failure{at: at}
			w.cfg.Log = failingLog{w.log, f}
			if _, err := w.run(paid(t)); err == nil || !errors.Is(err, errGone) && !errors.Is(err, want) {
				t.Errorf("%v, operation %d: %v", want, at, err)
			}
			over = f.seen < at
		}
	}
}
