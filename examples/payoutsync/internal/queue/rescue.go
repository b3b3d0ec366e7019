package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// rescue gives the jobs that were begun and never ended to other workers. River's leader would do it by its machine's
// clock, and hours too late or while they run if that is wrong; so every process does, by the database's.
const rescue = `update river_job set
	state = case when attempt < max_attempts then 'available' else 'discarded' end::river_job_state,
	finalized_at = case when attempt < max_attempts then null else now() end, scheduled_at = now()
	where state = 'running' and attempted_at < now() - $1::interval`

// rescueNever is when River rescues by itself: later than any clock is wrong.
const rescueNever = 10 * 365 * 24 * time.Hour

// tend rescues jobs and keeps the clock right until the context ends.
func (q *Queue) tend(ctx context.Context, pool *pgxpool.Pool, c *clock) {
	tick := time.NewTicker(min(q.options.RescueAfter/6, 30*time.Second))
	defer tick.Stop()
	away := false
	for {
		err := c.set(ctx, pool)
		if err == nil {
			if _, err = pool.Exec(ctx, rescue, q.options.RescueAfter); err != nil {
				err = fmt.Errorf("hand on the jobs of workers that were killed: %w", err)
			}
		}
		if err != nil && !away && ctx.Err() == nil {
			q.options.Logger.WarnContext(ctx, "the queue is not tended; trying on", "error", err)
		}
		away = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
