package spapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Limiter keeps calls within Amazon's usage plans. The one of this package, [Buckets], counts within one process; a
// Limiter of your own can count across several. It must be safe for concurrent use.
type Limiter interface {
	// Wait returns nil once a call of the bucket may be made, and has counted it. Where the context would end before
	// that, it returns an error at once, preferably a *PaceError.
	Wait(ctx context.Context, b Bucket) error
	// Answered tells how Amazon answered: the status, and the rate of the header x-amzn-RateLimit-Limit in calls a
	// second, 0 where the header is missing. A 429 means that the bucket is empty.
	Answered(b Bucket, status int, rate float64)
}

// Bucket says whose and which calls are counted together, and the plan that applies unless Amazon says otherwise.
type Bucket struct {
	Account   string // Config.Account
	Operation string // "reports.getReports"; "sandbox" for all operations of a sandbox
	Plan      Plan
}

// PaceError says that a call would have to wait longer than its context lasts. It is [ErrThrottled]; nothing was sent.
type PaceError struct {
	Operation string
	Wait      time.Duration // how long the call would have to wait
	Err       error         // the end of the context, if it ended while waiting
}

// Error names the operation and when its quota is free.
func (e *PaceError) Error() string {
	text := fmt.Sprintf("the quota of %s is free in %s, which the context does not allow: try again then", e.Operation, e.Wait.Round(time.Millisecond))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the end of the context.
func (e *PaceError) Unwrap() error { return e.Err }

// Is makes a PaceError an ErrThrottled.
func (e *PaceError) Is(target error) bool { return target == ErrThrottled }

// Buckets is a [Limiter] for the clients of one process. A bucket starts full, follows the rate that Amazon sends, and is
// empty after a 429, so that a quota that somebody else has used up costs one call per refill and not more.
// Waiting calls are served in the order in which they came.
type Buckets struct {
	mu      sync.Mutex
	buckets map[[2]string]*bucket
}

// NewBuckets returns full buckets.
func NewBuckets() *Buckets { return &Buckets{buckets: map[[2]string]*bucket{}} }

// Wait implements [Limiter].
func (l *Buckets) Wait(ctx context.Context, b Bucket) error {
	return l.bucket(b).wait(ctx, b.Operation)
}

// Delay returns how long a call of the bucket would have to wait now, behind those that wait already.
func (l *Buckets) Delay(b Bucket) time.Duration {
	k := l.bucket(b)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.delay(time.Now(), k.waiting)
}

// Answered implements [Limiter].
func (l *Buckets) Answered(b Bucket, status int, perSecond float64) {
	l.bucket(b).answered(time.Now(), status == http.StatusTooManyRequests, perSecond)
}

func (l *Buckets) bucket(b Bucket) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := [2]string{b.Account, b.Operation}
	k := l.buckets[key]
	if k == nil {
		k = &bucket{turn: make(chan struct{}, 1), changed: make(chan struct{}), tokens: rate.NewLimiter(limit(b.Plan.Rate), max(b.Plan.Burst, 1))}
		l.buckets[key] = k
	}
	return k
}

// limit is the pace for one of Amazon's rates, in calls a second. Half a percent is taken off: a client that lives on
// exactly Amazon's rate runs into 429 with every call that the network happens to carry faster than the one before.
func limit(perSecond float64) rate.Limit {
	if !(perSecond > 0) || math.IsInf(perSecond, 0) {
		perSecond = 0.5
	}
	return rate.Limit(min(max(perSecond/1.005, 1.0/86400), 1e4))
}

// bucket is a token bucket with a queue. The counting is [rate.Limiter]'s; its own Wait is not used, because it does not
// wake those who wait when the rate changes.
type bucket struct {
	tokens *rate.Limiter
	turn   chan struct{} // held by the first of those who wait

	mu      sync.Mutex
	waiting int
	changed chan struct{} // closed when the rate or the filling changed from outside
}

// delay is the wait for a call with this many calls before it.
func (b *bucket) delay(now time.Time, before int) time.Duration {
	missing := float64(1+before) - b.tokens.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	// A shorter wait than a microsecond may be too short for the rounding inside.
	return max(time.Duration(math.Ceil(missing/float64(b.tokens.Limit())*float64(time.Second))), time.Microsecond)
}

func (b *bucket) wait(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	b.waiting++
	need := b.delay(time.Now(), b.waiting-1)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.waiting--
		b.mu.Unlock()
	}()
	if tooLate(ctx, need) {
		return &PaceError{Operation: op, Wait: need}
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return &PaceError{Operation: op, Wait: need, Err: ctx.Err()}
	}
	for {
		b.mu.Lock()
		changed := b.changed
		b.mu.Unlock()
		now := time.Now()
		if b.tokens.AllowN(now, 1) {
			return nil
		}
		need = max(b.delay(now, 0), time.Microsecond)
		if tooLate(ctx, need) {
			return &PaceError{Operation: op, Wait: need}
		}
		timer := time.NewTimer(need)
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return &PaceError{Operation: op, Wait: need, Err: ctx.Err()}
		}
	}
}

func tooLate(ctx context.Context, need time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && need > 0 && time.Now().Add(need).After(deadline)
}

func (b *bucket) answered(now time.Time, throttled bool, perSecond float64) {
	changed := throttled
	if perSecond > 0 && !math.IsInf(perSecond, 0) && limit(perSecond) != b.tokens.Limit() {
		b.tokens.SetLimitAt(now, limit(perSecond))
		changed = true
	}
	if throttled { // a bucket that holds nothing for a moment is empty afterwards
		burst := b.tokens.Burst()
		b.tokens.SetBurstAt(now, 0)
		b.tokens.SetBurstAt(now, burst)
	}
	if changed {
		b.mu.Lock()
		close(b.changed)
		b.changed = make(chan struct{})
		b.mu.Unlock()
	}
}

// pace joins a Limiter to the calls of one client.
type pace struct {
	limiter Limiter
	account string
	sandbox bool

	mu    sync.Mutex
	plans map[string]Plan // of Client.Do
}

func (p *pace) learn(op string, plan Plan) {
	if _, known := PlanOf(op); known || plan == (Plan{}) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plans == nil {
		p.plans = map[string]Plan{}
	}
	p.plans[op] = plan
}

func (p *pace) bucket(op string) Bucket {
	if p.sandbox {
		return Bucket{Account: p.account, Operation: "sandbox", Plan: Plan{Rate: 5, Burst: 15}}
	}
	plan, known := PlanOf(op)
	if !known {
		p.mu.Lock()
		plan, known = p.plans[op]
		p.mu.Unlock()
	}
	if !known {
		plan = Plan{Rate: 0.5, Burst: 1}
	}
	return Bucket{Account: p.account, Operation: op, Plan: plan}
}

// Wait implements [rest.Limiter].
func (p *pace) Wait(ctx context.Context, op string) error { return p.limiter.Wait(ctx, p.bucket(op)) }

// Answered implements [rest.Limiter].
func (p *pace) Answered(op string, status int, header http.Header) {
	var perSecond float64
	if !p.sandbox {
		perSecond, _ = strconv.ParseFloat(header.Get("X-Amzn-Ratelimit-Limit"), 64) //nolint:forbidigo // calls a second, not money; 0 where it is missing or no number
	}
	p.limiter.Answered(p.bucket(op), status, perSecond)
}
