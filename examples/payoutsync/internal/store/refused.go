package store

import (
	"context"
	"time"
)

// Refused is how a ledger refused a log-in.
type Refused struct {
	At                 time.Time // by the database's clock
	Status             int       // of HTTP
	Error, Description string    // OAuth's two words
}

// Refused returns how a log-in was refused, or [ErrNotFound].
func (db *DB) Refused(ctx context.Context, id string) (r Refused, err error) {
	var at int64
	err = db.row(ctx, `select at, status, error, description from refused where id = ?`, []any{id}, &at, &r.Status, &r.Error, &r.Description)
	r.At = timeOf(at)
	return r, err
}

// SetRefused notes that a log-in was refused, now.
func (db *DB) SetRefused(ctx context.Context, id string, r Refused) error {
	_, err := db.Exec(ctx, `insert into refused (id, at, status, error, description) values (?, $now, ?, ?, ?) on conflict (id) do update
		set at = excluded.at, status = excluded.status, error = excluded.error, description = excluded.description`, id, r.Status, r.Error, r.Description)
	return err
}

// ForgetRefused forgets that a log-in was refused.
func (db *DB) ForgetRefused(ctx context.Context, id string) error {
	_, err := db.Exec(ctx, `delete from refused where id = ?`, id)
	return err
}
