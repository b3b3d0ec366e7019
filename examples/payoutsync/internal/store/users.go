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
	return u.both(ctx, step{statement, args}, step{`delete from sessions where name = ?`, []any{name}})
}

type step struct {
	statement string
	args      []any
}

// both takes a step with a user and, where that changes something, one with sessions: both or neither. The user's row is
// locked between them.
func (u Users) both(ctx context.Context, user, sessions step) (changed bool, err error) {
	fail := func(err error) (bool, error) { return false, fmt.Errorf("write to the database: %w", err) }
	tx, err := u.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	result, err := tx.ExecContext(ctx, u.Query(user.statement), user.args...)
	if err != nil {
		return fail(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, u.Query(sessions.statement), sessions.args...); err != nil {
		return fail(err)
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return true, nil
}

// Users implements [login.Store].
func (u Users) Users(ctx context.Context) ([]string, error) {
	return rows(ctx, u.DB, `select name from users order by name`, nil, func(r *sql.Rows, name *string) error { return r.Scan(name) })
}

// AddSession implements [login.Store]. Sessions that have ended are forgotten on the way.
func (u Users) AddSession(ctx context.Context, id, name, hash string, lasts time.Duration) (bool, error) {
	if _, err := u.Exec(ctx, `delete from sessions where ends_at <= $now`); err != nil {
		return false, err
	}
	return u.both(ctx, step{`update users set hash = hash where name = ? and hash = ?`, []any{name, hash}},
		step{`insert into sessions (id, name, ends_at) values (?, ?, $now + ?)`, []any{id, name, lasts.Milliseconds()}})
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
