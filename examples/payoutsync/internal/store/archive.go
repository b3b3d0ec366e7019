package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Archive is the database as a [collect.Store], so that every machine has every document. A folder on this machine holds
// copies of those that were read here; it can be emptied at any time.
type Archive struct {
	db     *DB
	copies *collect.Folder
}

var _ collect.Store = (*Archive)(nil)

// NewArchive returns the archive in the database, with its copies in dir.
func NewArchive(db *DB, dir string) (*Archive, error) {
	copies, err := collect.OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	return &Archive{db, copies}, nil
}

// Keep implements [collect.Store].
func (a *Archive) Keep(ctx context.Context, r io.Reader) (object string, size int64, err error) {
	if object, size, err = a.copies.Keep(ctx, r); err != nil {
		return "", 0, err
	}
	name, err := a.copies.Path(ctx, object)
	if err != nil {
		return "", 0, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	_, err = a.db.Exec(ctx, `insert into archive_objects (object, size, data) values (?, ?, ?) on conflict (object) do nothing`, object, size, data)
	return object, size, err
}

// Path implements [collect.Store].
func (a *Archive) Path(ctx context.Context, object string) (string, error) {
	name, err := a.copies.Path(ctx, object)
	if !errors.Is(err, collect.ErrDamaged) {
		return name, err
	}
	data, err := a.read(ctx, object)
	if err != nil {
		return "", err
	}
	if _, _, err := a.copies.Keep(ctx, bytes.NewReader(data)); err != nil { // in the place of what is not what was delivered
		return "", err
	}
	return a.copies.Path(ctx, object)
}

// Check implements [collect.Store]. It reads the database, not a copy.
func (a *Archive) Check(ctx context.Context, object string) error {
	_, err := a.read(ctx, object)
	return err
}

func (a *Archive) read(ctx context.Context, object string) (data []byte, err error) {
	err = a.db.row(ctx, `select data from archive_objects where object = ?`, []any{object}, &data)
	if errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("%w: %s is missing", collect.ErrDamaged, object)
	}
	if err != nil {
		return nil, fmt.Errorf("archived document %s: %w", object, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != object {
		return nil, fmt.Errorf("%w: %s holds other bytes now (SHA-256 %x)", collect.ErrDamaged, object, sum)
	}
	return data, nil
}

// Add implements [collect.Store].
func (a *Archive) Add(ctx context.Context, e collect.Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	_, err = a.db.Exec(ctx, `insert into archive_entries (seller, n, body) select ?, coalesce(max(n), 0) + 1, ? from archive_entries where seller = ?`,
		e.Seller, string(body), e.Seller)
	return err
}

// Entries implements [collect.Store].
func (a *Archive) Entries(ctx context.Context, seller string) ([]collect.Entry, error) {
	return rows(ctx, a.db, `select body from archive_entries where seller = ? order by n`, []any{seller}, func(r *sql.Rows, e *collect.Entry) error {
		var body string
		if err := r.Scan(&body); err != nil {
			return err
		}
		return json.Unmarshal([]byte(body), e)
	})
}

// Sellers implements [collect.Store].
func (a *Archive) Sellers(ctx context.Context) ([]string, error) {
	return rows(ctx, a.db, `select distinct seller from archive_entries order by seller`, nil, func(r *sql.Rows, name *string) error { return r.Scan(name) })
}
