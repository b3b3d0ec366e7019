package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
)

// Users is the database as a [login.Store].
type Users struct{ *DB }

var _ login.Store = Users{}

// UserHash implements [login.Store].
func (u Users) UserHash(ctx context.Context, name string) (hash string, err error) {
	err = u.row(ctx, `select hash from users where name = ?`, []any{name}, &hash)
	return hash, none(err)
}

// SetUser implements [login.Store].
func (u Users) SetUser(ctx context.Context, name, hash string) error {
	_, err := u.change(ctx, name, `insert into users (name, hash) values (?, ?) on conflict (name) do update set hash = excluded.hash`, name, hash)
	return err
}

// RemoveUser implements [login.Store].
func (u Users) RemoveUser(ctx context.Context, name string) (bool, error) {
	return u.change(ctx, name, `delete from users where name = ?`, name)
}

// change changes a user and ends the user's sessions, both or neither.
func (u Users) change(ctx context.Context, name, statement string, args ...any) (changed bool, err error) {
	fail := func(err error) (bool, error) { return false, fmt.Errorf("write to the database: %w", err) }
	tx, err := u.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	result, err := tx.ExecContext(ctx, u.Query(statement), args...)
	if err != nil {
		return fail(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fail(err)
	}
	if _, err := tx.ExecContext(ctx, u.Query(`delete from sessions where name = ?`), name); err != nil {
		return fail(err)
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return n > 0, nil
}

// Users implements [login.Store].
func (u Users) Users(ctx context.Context) ([]string, error) {
	return rows(ctx, u.DB, `select name from users order by name`, nil, func(r *sql.Rows, name *string) error { return r.Scan(name) })
}

// AddSession implements [login.Store]. Sessions that have ended are forgotten on the way.
func (u Users) AddSession(ctx context.Context, id, name string, lasts time.Duration) error {
	if _, err := u.Exec(ctx, `delete from sessions where ends_at <= $now`); err != nil {
		return err
	}
	_, err := u.Exec(ctx, `insert into sessions (id, name, ends_at) values (?, ?, $now + ?)`, id, name, lasts.Milliseconds())
	return err
}

// SessionUser implements [login.Store].
func (u Users) SessionUser(ctx context.Context, id string) (name string, err error) {
	err = u.row(ctx, `select name from sessions where id = ? and ends_at > $now`, []any{id}, &name)
	return name, none(err)
}

// RemoveSession implements [login.Store].
func (u Users) RemoveSession(ctx context.Context, id string) error {
	_, err := u.Exec(ctx, `delete from sessions where id = ?`, id)
	return err
}

// none takes the error from what is not there.
func none(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
