package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

// The migrations, in the order of their names. One that was released is never changed: what is wrong with it is mended by
// the next one.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationsLock is PostgreSQL's advisory lock of those who bring the tables up to date.
const migrationsLock = 0x7061796f757473 // "payouts"

// migrate brings the tables up to date, or refuses a database that a newer version of the program has written.
func (db *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	return db.migrateBy(ctx, names)
}

func (db *DB) migrateBy(ctx context.Context, names []string) error {
	tx, err := db.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if db.Dialect == sqllog.PostgreSQL {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`select pg_advisory_xact_lock(%d)`, migrationsLock)); err != nil {
			return fmt.Errorf("wait for the database's lock: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `create table if not exists payoutsync_version (version bigint not null)`); err != nil {
		return fmt.Errorf("make the database's tables: %w", err)
	}
	var version sql.NullInt64
	if err := tx.QueryRowContext(ctx, `select max(version) from payoutsync_version`).Scan(&version); err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if version.Int64 > int64(len(names)) {
		return &UnusableError{fmt.Errorf("the database has version %d, and this program knows versions up to %d: it was written by a newer payoutsync; run that one", version.Int64, len(names))}
	}
	for n, name := range names {
		if int64(n) < version.Int64 {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		for _, statement := range statements(string(text)) {
			if _, err := tx.ExecContext(ctx, db.Query(statement)); err != nil {
				return fmt.Errorf("bring the database to version %d: %w", n+1, err)
			}
		}
		if _, err := tx.ExecContext(ctx, db.Query(`insert into payoutsync_version (version) values (?)`), n+1); err != nil {
			return fmt.Errorf("note the database's version: %w", err)
		}
	}
	return tx.Commit()
}

// statements splits a migration. Its comments are lines of their own, and no text in it holds a semicolon.
func statements(text string) (all []string) {
	var code []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			code = append(code, line)
		}
	}
	for statement := range strings.SplitSeq(strings.Join(code, ""), ";") {
		if strings.TrimSpace(statement) != "" {
			all = append(all, statement)
		}
	}
	return all
}
