package queue

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/rivertype"
)

// clock is PostgreSQL's clock, which River is given for the machine's: it would take jobs by the first and put them into the
// line, lay them aside and pick them up by the second, so that on a machine whose clock is ahead no job was ever due. Between
// two readings it goes on with the time that passes on the machine.
type clock struct {
	mu          sync.Mutex
	read, asked time.Time // what the database said, and when on the machine
}

var _ rivertype.TimeGenerator = (*clock)(nil)

// set reads the database's clock.
func (c *clock) set(ctx context.Context, pool *pgxpool.Pool) error {
	var read time.Time
	asked := time.Now()
	if err := pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&read); err != nil {
		return fmt.Errorf("read the database's clock: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.asked = read.UTC(), asked
	return nil
}

// Now implements [rivertype.TimeGenerator].
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read.Add(time.Since(c.asked))
}

// NowOrNil implements [rivertype.TimeGenerator]. Nil would be the database's time in most of River's statements, and the
// machine's in the one that puts jobs into the line.
func (c *clock) NowOrNil() *time.Time {
	now := c.Now()
	return &now
}
