package pace

import (
	"context"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// Tuned is a limiter for callers with wishes of their own.
type Tuned struct {
	spapi.Limiter
	// Patience is the longest that a call may wait for its turn; what would take longer is a [*spapi.PaceError] at once, so
	// that a job is laid aside instead of holding a worker. 0 means as long as the caller's context lasts.
	Patience time.Duration
	// Faster is how many times faster than its published plans Amazon is. 0 means 1; only a simulated Amazon is faster.
	Faster float64
}

// Wait implements [spapi.Limiter].
func (t Tuned) Wait(ctx context.Context, b spapi.Bucket) error {
	if t.Faster > 0 {
		b.Plan.Rate *= t.Faster
	}
	if t.Patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.Patience)
		defer cancel()
	}
	return t.Limiter.Wait(ctx, b)
}
