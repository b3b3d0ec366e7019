package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

// TakeDue returns at most n sellers whose round is due, longest first, and makes each of them due again after hold, in one
// statement, so that two processes do not take the same one.
func (db *DB) TakeDue(ctx context.Context, n int, hold time.Duration) ([]string, error) {
	return db.take(ctx, "due_at", n, hold)
}

// TakeSnapshots is TakeDue for sellers whose snapshot is due.
func (db *DB) TakeSnapshots(ctx context.Context, n int, hold time.Duration) ([]string, error) {
	return db.take(ctx, "snapshot_at", n, hold)
}

func (db *DB) take(ctx context.Context, column string, n int, hold time.Duration) ([]string, error) {
	// SQLite has one writer at a time; PostgreSQL passes over rows that another process is taking.
	skip := ""
	if db.Dialect == sqllog.PostgreSQL {
		skip = " for update skip locked"
	}
	return rows(ctx, db, `update sellers set `+column+` = $now + ? where name in (
		select name from sellers where `+column+` > 0 and `+column+` <= $now order by `+column+`, name limit ?`+skip+`) returning name`,
		[]any{hold.Milliseconds(), n}, func(r *sql.Rows, name *string) error { return r.Scan(name) })
}

// SetDue makes a seller's next round due after a time by the database's clock.
func (db *DB) SetDue(ctx context.Context, name string, after time.Duration) error {
	_, err := db.Exec(ctx, `update sellers set due_at = $now + ? where name = ?`, after.Milliseconds(), name)
	return err
}

// SetSnapshot notes the fiscal period whose snapshot the seller needs next, and when it is due; the zero time for not known.
func (db *DB) SetSnapshot(ctx context.Context, name string, period int, at time.Time) error {
	_, err := db.Exec(ctx, `update sellers set snapshot_period = ?, snapshot_at = ? where name = ?`, period, milliseconds(at), name)
	return err
}

// DelaySnapshot makes the seller's snapshot due again after a time by the database's clock.
func (db *DB) DelaySnapshot(ctx context.Context, name string, after time.Duration) error {
	_, err := db.Exec(ctx, `update sellers set snapshot_at = $now + ? where name = ?`, after.Milliseconds(), name)
	return err
}

// PlannedSnapshot returns what [DB.SetSnapshot] has noted: 0 where nothing was. One that was taken from the line is due again
// after the hold.
func (db *DB) PlannedSnapshot(ctx context.Context, name string) (period int, at time.Time, err error) {
	var ms int64
	err = db.row(ctx, `select snapshot_period, snapshot_at from sellers where name = ?`, []any{name}, &period, &ms)
	return period, timeOf(ms), err
}

// NextPending returns the seller's first settlement in the line after the given one, in the order of the periods, or
// [ErrNotFound]. An empty one asks for the first of all.
func (db *DB) NextPending(ctx context.Context, seller, after string) (next string, err error) {
	if after == "" {
		err = db.row(ctx, `select settlement from payouts where seller = ? and pending = 1 order by starts, ends, settlement limit 1`, []any{seller}, &next)
		return next, err
	}
	err = db.row(ctx, `select settlement from payouts where seller = ? and pending = 1
		and (starts, ends, settlement) > (select starts, ends, settlement from payouts where seller = ? and settlement = ?)
		order by starts, ends, settlement limit 1`, []any{seller, seller, after}, &next)
	return next, err
}

// IsPending reports whether a settlement is still in the line.
func (db *DB) IsPending(ctx context.Context, seller, settlement string) (bool, error) {
	var pending int64
	err := db.row(ctx, `select pending from payouts where seller = ? and settlement = ?`, []any{seller, settlement}, &pending)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return pending != 0, err
}

// PayoutCounts returns how many payouts stand in each state, and how many of all have something left to do.
func (db *DB) PayoutCounts(ctx context.Context) (states map[string]int, open int, err error) {
	states = map[string]int{}
	_, err = rows(ctx, db, `select state, count(*), sum(1 - settled) from payouts group by state`, nil, func(r *sql.Rows, _ *struct{}) error {
		var state string
		var n, unsettled int
		err := r.Scan(&state, &n, &unsettled)
		states[state] = n
		open += unsettled
		return err
	})
	return states, open, err
}

// Overdue returns how many sellers are due and for how long the first of them has been.
func (db *DB) Overdue(ctx context.Context) (sellers int, longest time.Duration, err error) {
	var ms int64
	err = db.row(ctx, `select count(*), coalesce(max($now - due_at), 0) from sellers where due_at <= $now`, nil, &sellers, &ms)
	return sellers, time.Duration(ms) * time.Millisecond, err
}

// Alive returns nil if the database takes a write: one whose disk is full still answers what is asked.
func (db *DB) Alive(ctx context.Context) error {
	_, err := db.Exec(ctx, `update alive set at = $now`)
	return err
}
