package logtest

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A Ledger is a ledger whose books can be counted.
type Ledger interface {
	booking.Ledger
	// Batches returns how often the books hold each batch, by its name in upper
	// case.
	Batches() map[string]int
}

// CrashOptions describe a crash matrix.
type CrashOptions struct {
	NewStore func(t testing.TB) Store
	// NewLedger makes the books of one run. Defaults to a [Books] that takes
	// duplicates in every other run.
	NewLedger func(t testing.TB, run int) Ledger
	// NewPlan makes the plan. Defaults to [Plan].
	NewPlan func(settlementID string, kind ledgermap.Kind) (*ledgermap.Plan, error)
	Kind    ledgermap.Kind
	Runs    int
	Seed    uint64
	// RealTime runs outside of testing/synctest, for stores whose drivers keep
	// deadlines of their own; Timeout must be short then.
	RealTime bool
	Timeout  time.Duration // default: the engine's
}

// Counts are what came of a crash matrix.
type Counts struct {
	Runs    int
	Kills   int // times that a process was stopped
	Lost    int // documents that the books do not hold
	Doubled int // documents that the books hold more than once
}

// Runs returns long if the environment asks for the long form (CI_LONG=1),
// else a tenth of it.
func Runs(long int) int {
	if os.Getenv("CI_LONG") == "1" {
		return long
	}
	return max(long/10, 1)
}

// Crash books one settlement in every run and stops the process, up to three
// times, at a point that the seed chooses among all points of input and
// output: before, within and after each append to the log and each request to
// the ledger, where a request that was cut off may still arrive later. Then it
// resumes until the settlement is booked, and counts. The log must verify.
//
// In every third run, every other process comes with another plan of the same
// documents; what is in doubt then is settled before the plan is looked at, and
// one of the plans must be booked in the end.
//
// The process is not really killed: every operation after the stop fails, and
// the log is opened anew. See [Kill].
func Crash(t *testing.T, o CrashOptions) Counts {
	t.Helper()
	if o.NewLedger == nil {
		o.NewLedger = func(_ testing.TB, run int) Ledger { return &Books{TakesDuplicates: run%2 == 1} }
	}
	if o.NewPlan == nil {
		o.NewPlan = Plan
	}
	var sum Counts
	points := 0 // of a run that nothing stops
	for run := -1; run < o.Runs; run++ {
		one := func(t *testing.T) {
			c, passed := crashOnce(t, o, run, points)
			if run < 0 {
				points = passed
				return
			}
			sum.add(c)
		}
		if o.RealTime {
			one(t)
		} else {
			synctest.Test(t, one)
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("crash matrix, %s, seed %d: %d runs, %d kills, %d lost, %d doubled", o.Kind, o.Seed, sum.Runs, sum.Kills, sum.Lost, sum.Doubled)
	if sum.Lost+sum.Doubled > 0 {
		t.Errorf("%d lost, %d doubled", sum.Lost, sum.Doubled)
	}
	return sum
}

func (c *Counts) add(o Counts) {
	c.Runs, c.Kills, c.Lost, c.Doubled = c.Runs+o.Runs, c.Kills+o.Kills, c.Lost+o.Lost, c.Doubled+o.Doubled
}

// crashOnce is one run with stops at the given number of points, or without
// any if that is 0. It returns how many points the last process passed.
func crashOnce(t *testing.T, o CrashOptions, run, points int) (count Counts, passed int) {
	rng := rand.New(rand.NewPCG(o.Seed, uint64(run)))
	plan, err := o.NewPlan("17461234567", o.Kind)
	if err != nil {
		t.Fatal(err)
	}
	store, books := o.NewStore(t), o.NewLedger(t, run)
	if store.Close != nil {
		defer store.Close()
	}
	count.Runs = 1
	var arriving sync.WaitGroup
	timeout := o.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	plans := []*ledgermap.Plan{plan}
	if run%3 == 1 {
		renamed, err := rename(plan)
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, renamed)
	}
	slow := 0 // runs that a machine under load was too slow for
	over := 0 // processes in a row that found the other plan booked
	for n, stops := 0, 1+rng.IntN(3); ; n, stops = n+1, stops-1 {
		p := &process{t: t, rng: rng, end: -1, arriving: &arriving, timeout: timeout, store: store}
		if stops > 0 && points > 0 {
			p.end = rng.IntN(points)
		}
		log := store.Open(t)
		cfg := config(&dyingLog{log, p}, dying(books, p), "worker")
		cfg.Timeout = timeout
		e, err := booking.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		res, err := e.Run(t.Context(), plans[n%len(plans)])
		if err == nil && !p.dead {
			if res.State != booking.StateBooked {
				t.Errorf("run %d ended in state %s", run, res.State)
			}
			passed = p.passed
			break
		}
		if !p.dead && errors.Is(err, booking.ErrUnanswered) && slow < 8 {
			slow++ // it says itself what to do: run it again, with the same plan
			timeout *= 2
			n--
			continue
		}
		if !p.dead {
			if over++; errors.Is(err, booking.ErrConflict) && over < len(plans) && len(books.Batches()) > 0 {
				continue // with what is in the books
			}
			t.Errorf("run %d: %v", run, err)
			break
		}
		count.Kills++
		over = 0
	}
	arriving.Wait()
	count.Lost, count.Doubled = lostAndDoubled(plan, books.Batches())
	if v, err := booking.Verify(t.Context(), store.Open(t), seller); err != nil || !v.OK() {
		t.Errorf("run %d: log: %v, %v", run, v.Faults, err)
	}
	return count, passed
}

var errStopped = errors.New("logtest: the process was stopped here")

// A process counts its points of input and output, and dies at one of them:
// from then on all it does fails.
type process struct {
	t        testing.TB
	rng      *rand.Rand
	passed   int // points lived through
	end      int // the point to die at; negative: none
	dead     bool
	arriving *sync.WaitGroup
	timeout  time.Duration
	store    Store
}

// dies passes one point, and reports whether the process ends there.
func (p *process) dies() bool {
	if p.passed == p.end {
		p.dead = true
	}
	p.passed++
	return p.dead
}

type dyingLog struct {
	booking.Log
	p *process
}

func (l *dyingLog) Append(ctx context.Context, r booking.Record) (booking.Record, error) {
	if l.p.dead || l.p.dies() {
		return booking.Record{}, errStopped
	}
	if l.p.dies() { // within
		if l.p.store.Tear != nil {
			l.p.store.Tear(l.p.t, l.Log, r, l.p.rng)
		}
		return booking.Record{}, errStopped
	}
	got, err := l.Log.Append(ctx, r)
	if l.p.dies() {
		return booking.Record{}, errStopped
	}
	return got, err
}

func (l *dyingLog) Records(ctx context.Context, seller, settlement string) iter.Seq2[booking.Record, error] {
	if l.p.dead {
		return func(yield func(booking.Record, error) bool) { yield(booking.Record{}, errStopped) }
	}
	return l.Log.Records(ctx, seller, settlement)
}

func (l *dyingLog) Head(ctx context.Context, seller string) (booking.Head, error) {
	if l.p.dead {
		return booking.Head{}, errStopped
	}
	return l.Log.Head(ctx, seller)
}

type dyingLedger struct {
	booking.Ledger
	p *process
}

// dyingSurveyor is a dyingLedger of a ledger that surveys.
type dyingSurveyor struct {
	*dyingLedger
	booking.Surveyor
}

func dying(l booking.Ledger, p *process) booking.Ledger {
	d := &dyingLedger{l, p}
	if s, ok := l.(booking.Surveyor); ok {
		return &dyingSurveyor{d, s}
	}
	return d
}

func (l *dyingSurveyor) Survey(ctx context.Context, entries []booking.Entry) ([]*booking.Booked, error) {
	if l.p.dead || l.p.dies() {
		return nil, errStopped
	}
	return l.Surveyor.Survey(ctx, entries)
}

func (l *dyingLedger) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	if l.p.dead || l.p.dies() {
		return booking.Booked{}, errStopped
	}
	return l.Ledger.Find(ctx, e)
}

func (l *dyingLedger) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if l.p.dead || l.p.dies() {
		return booking.Receipt{}, errStopped
	}
	if l.p.dies() { // within: it is on its way, and arrives later, in time
		late := time.Duration(l.p.rng.Int64N(int64(l.p.timeout)))
		l.p.arriving.Go(func() {
			time.Sleep(late) //nolint:forbidigo // the network is slow here on purpose
			// A machine under load may sleep too long, and no request arrives after
			// the engine's patience: that is what the engine builds on.
			if last, ok := ctx.Deadline(); !ok || time.Since(last) < l.p.timeout/4 {
				_, _ = l.Ledger.Book(context.WithoutCancel(ctx), e)
			}
		})
		return booking.Receipt{}, errStopped
	}
	got, err := l.Ledger.Book(ctx, e)
	if l.p.dies() {
		return booking.Receipt{}, errStopped
	}
	return got, err
}
