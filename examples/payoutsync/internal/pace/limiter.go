// Package pace lets several processes share what Amazon counts per application and seller: the token buckets of the usage
// plans ([Limiter]) and the access tokens ([Tokens]). Both live in PostgreSQL.
package pace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// Limiter is an [spapi.Limiter] on PostgreSQL: one row per (application, seller, operation) with the theoretical arrival
// time (TAT) of the generic cell rate algorithm, the moment at which the bucket would be full again.
//
// A call reserves its turn with one statement and sleeps once; nobody polls. The row's lock puts callers in order, and
// the database's clock is the only clock, so that clocks of machines may differ. A turn that was reserved and not used,
// because its context ended meanwhile, is lost: that is on the safe side of the plan.
//
// The table is unlogged: a crash of the database empties it, each bucket is full once more, and a 429 corrects that. In
// return a reservation waits for no disk.
type Limiter struct {
	db     *pgxpool.Pool
	logger *slog.Logger

	mu    sync.Mutex
	every map[[2]string]time.Duration // as the row had it when this process last looked
}

var _ spapi.Limiter = (*Limiter)(nil)

// NewLimiter makes the table if it is missing. The logger, if not nil, hears of answers that could not be noted.
func NewLimiter(ctx context.Context, db *pgxpool.Pool, logger *slog.Logger) (*Limiter, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		// Two processes clash in PostgreSQL's catalogue although both say "if not exists".
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, tableLock); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `create unlogged table if not exists pace (
			account text, operation text, tat timestamptz not null, every interval not null, primary key (account, operation)) with (fillfactor = 50)`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make the table of Amazon's quotas: %w", err)
	}
	return &Limiter{db: db, logger: logger, every: map[[2]string]time.Duration{}}, nil
}

// tableLock is the advisory lock of those who make the table.
const tableLock = 0x70616365 // "pace"

// reserve takes the next turn unless it is further away than $5, and returns the time until then. The row's own pace
// counts, because Amazon may have told another process that it is not the published one.
//
//	$1 account, $2 operation, $3 time between calls, $4 burst, $5 patience
const reserve = `
insert into pace as p (account, operation, tat, every) values ($1, $2, clock_timestamp() + $3::interval, $3)
on conflict (account, operation) do update set tat = greatest(p.tat, clock_timestamp()) + p.every
where greatest(p.tat, clock_timestamp()) + p.every - clock_timestamp() <= $5::interval + $4::int * p.every
returning greatest('0', tat - clock_timestamp() - $4::int * every), every`

// look says how long the next turn is away.
const look = `select greatest('0', greatest(tat, clock_timestamp()) + every - clock_timestamp() - $3::int * every) from pace where account = $1 and operation = $2`

// empty notes that the bucket holds nothing: the next turn is one interval away.
const empty = `update pace set tat = greatest(tat, clock_timestamp() + $3::int * every) where account = $1 and operation = $2`

// setPace changes the time between calls. What the bucket lacks stays the same number of calls, so the time until it is
// full changes in the same ratio.
const setPace = `update pace set every = $3::interval, tat = clock_timestamp()
	+ greatest('0', tat - clock_timestamp()) * (extract(epoch from $3::interval) / extract(epoch from every))::float8
	where account = $1 and operation = $2`

// Wait implements [spapi.Limiter].
func (l *Limiter) Wait(ctx context.Context, b spapi.Bucket) error {
	patience := 24 * time.Hour
	if deadline, ok := ctx.Deadline(); ok {
		patience = max(min(patience, time.Until(deadline)), 0)
	}
	burst := max(b.Plan.Burst, 1)
	var wait, every time.Duration
	err := l.db.QueryRow(ctx, reserve, b.Account, b.Operation, interval(b.Plan.Rate), burst, patience).Scan(&wait, &every)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := l.db.QueryRow(ctx, look, b.Account, b.Operation, burst).Scan(&wait); err != nil {
			return fmt.Errorf("wait for the quota of %s: %w", b.Operation, err)
		}
		return &spapi.PaceError{Operation: b.Operation, Wait: wait}
	}
	if err != nil {
		return fmt.Errorf("wait for the quota of %s: %w", b.Operation, err)
	}
	l.mu.Lock()
	l.every[[2]string{b.Account, b.Operation}] = every
	l.mu.Unlock()
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &spapi.PaceError{Operation: b.Operation, Wait: wait, Err: ctx.Err()}
	}
}

// Answered implements [spapi.Limiter]. It writes only after a 429 or when Amazon names another rate than the row has.
func (l *Limiter) Answered(b spapi.Bucket, status int, perSecond float64) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if status == http.StatusTooManyRequests {
		l.note(ctx, b, empty, max(b.Plan.Burst, 1))
	}
	if !(perSecond > 0) || math.IsInf(perSecond, 0) {
		return
	}
	every := interval(perSecond)
	l.mu.Lock()
	known, ok := l.every[[2]string{b.Account, b.Operation}]
	l.mu.Unlock()
	if ok && known != every {
		l.note(ctx, b, setPace, every)
	}
}

func (l *Limiter) note(ctx context.Context, b spapi.Bucket, statement string, value any) {
	if _, err := l.db.Exec(ctx, statement, b.Account, b.Operation, value); err != nil {
		l.logger.WarnContext(ctx, "Amazon's answer about a quota could not be noted", "operation", b.Operation, "error", err)
	}
}

// interval is the time between two calls at one of Amazon's rates, in calls a second. Half a percent is added, as
// [spapi.Buckets] does: a client that lives on exactly Amazon's rate runs into 429 with every call that the network
// happens to carry faster than the one before. It is in whole microseconds, which is what PostgreSQL keeps.
func interval(perSecond float64) time.Duration {
	if !(perSecond > 0) || math.IsInf(perSecond, 0) {
		perSecond = 0.5
	}
	seconds := min(max(1.005/perSecond, 1e-4), 86400)
	return time.Duration(math.Ceil(seconds*1e6)) * time.Microsecond
}
