package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

// Credentials is the database as a [vault.Store]. What lies in it is encrypted.
type Credentials struct{ *DB }

var _ vault.Store = Credentials{}

// Get implements [vault.Store].
func (c Credentials) Get(ctx context.Context, id string) (data []byte, err error) {
	err = c.row(ctx, `select data from credentials where id = ?`, []any{id}, &data)
	if errors.Is(err, ErrNotFound) {
		return nil, vault.ErrNotFound
	}
	return data, err
}

// Put implements [vault.Store].
func (c Credentials) Put(ctx context.Context, id string, data []byte) error {
	_, err := c.Exec(ctx, `insert into credentials (id, data) values (?, ?) on conflict (id) do update set data = excluded.data`, id, data)
	return err
}

// IDs implements [vault.Store].
func (c Credentials) IDs(ctx context.Context) ([]string, error) {
	return rows(ctx, c.DB, `select id from credentials order by id`, nil, func(r *sql.Rows, id *string) error { return r.Scan(id) })
}
