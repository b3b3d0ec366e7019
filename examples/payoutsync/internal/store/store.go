// Package store is what payoutsync remembers between rounds, in one database: SQLite in the home by default, or a
// PostgreSQL that many machines share. The code is the same for both.
//
// What was booked is not here but in the audit log, which lies in the same database and is written by
// package sqllog alone. What is here says what to do next, keeps what plans were made from, and can be looked at.
package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

// ErrNotFound says that the database holds nothing of that name.
var ErrNotFound = errors.New("not found")

// notFound is an [ErrNotFound] that says itself what was looked for.
type notFound string

func (e notFound) Error() string        { return string(e) }
func (e notFound) Is(target error) bool { return target == ErrNotFound }

// An UnusableError says that a person has to mend the database, or what the configuration says of it: trying again does not
// help.
type UnusableError struct{ err error }

func (e *UnusableError) Error() string { return e.err.Error() }

// Unwrap returns what is wrong.
func (e *UnusableError) Unwrap() error { return e.err }

// DB is the open database. It is safe for use by many goroutines.
type DB struct {
	SQL     *sql.DB
	Pool    *pgxpool.Pool // nil on SQLite
	Dialect sqllog.Dialect
}

// File is the name of the SQLite database in the home.
const File = "payoutsync.db"

// Open opens the database that the configuration names, "sqlite" or a postgres:// URL, and brings its tables up to date.
// dir is the home, where the SQLite file lies.
func Open(ctx context.Context, database, dir string) (*DB, error) {
	db, err := connect(ctx, database, dir)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(unusable(err), db.Close())
	}
	return db, nil
}

// connections is how many connections to PostgreSQL a process opens at most, unless the URL says pool_max_conns: enough for
// the workers of serve, each of which uses one at a time and now and then a second, and for its pages. With fewer than
// fewest it would stand still: the queue listens on one, a lock has one, an access token's lock another, and what is done
// under both needs one more.
const (
	connections = 24
	fewest      = 4
)

func connect(ctx context.Context, database, dir string) (*DB, error) {
	if database == "sqlite" {
		if err := private(filepath.Join(dir, File)); err != nil {
			return nil, fmt.Errorf("keep the database from others: %w", err)
		}
		name := filepath.ToSlash(filepath.Join(dir, File))
		// One connection, because SQLite has one writer, and with several a busy database is an error at times.
		// Nothing here may ask for a second one while it holds the first: read to the end, then write.
		// What is deleted is overwritten, too.
		name = "file:" + name + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=secure_delete(on)&_txlock=immediate"
		db, err := sql.Open("sqlite", name)
		if err != nil {
			return nil, fmt.Errorf("open the database: %w", err)
		}
		db.SetMaxOpenConns(1)
		if err := db.PingContext(ctx); err != nil {
			return nil, errors.Join(unusable(fmt.Errorf("the database %s cannot be opened: %w", filepath.Join(dir, File), err)), db.Close())
		}
		return &DB{SQL: db, Dialect: sqllog.SQLite}, nil
	}
	config, err := poolConfig(database)
	if err != nil {
		// The error of the URL's parser shows the URL, and with it the password.
		return nil, &UnusableError{errors.New("the configured database URL cannot be used: write postgres://user:password@host:5432/name?sslmode=verify-full")}
	}
	if !strings.Contains(database, "pool_max_conns=") {
		config.MaxConns = connections
	}
	config.MaxConns = max(config.MaxConns, fewest)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, reaching(&config.ConnConfig.Config, err)
	}
	return &DB{SQL: stdlib.OpenDBFromPool(pool), Pool: pool, Dialect: sqllog.PostgreSQL}, nil
}

// poolConfig reads a database's URL. Where nothing states an sslmode, PostgreSQL's own default takes a server without TLS
// or with any certificate; whoever is on the way would read the password. Beyond this machine it is verify-full here.
func poolConfig(database string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(database)
	if err != nil || !beyond(&config.ConnConfig.Config) || os.Getenv("PGSSLMODE") != "" {
		return config, err
	}
	u, err := url.Parse(database)
	if err != nil {
		return nil, err
	}
	settings := u.Query()
	if settings.Has("sslmode") || settings.Has("ssl") {
		return config, nil
	}
	settings.Set("sslmode", "verify-full")
	u.RawQuery = settings.Encode()
	return pgxpool.ParseConfig(u.String())
}

// beyond reports whether one of the database's hosts is neither a socket nor this machine itself.
func beyond(config *pgconn.Config) bool {
	return anyHost(config, func(host string, _ *tls.Config) bool {
		network, _ := pgconn.NetworkAddress(host, 0)
		return network != "unix" && host != "localhost" && !net.ParseIP(host).IsLoopback()
	})
}

// reaching says of a database that was not reached what to state where its TLS is at fault.
func reaching(config *pgconn.Config, err error) error {
	if anyHost(config, func(_ string, c *tls.Config) bool { return c == nil }) {
		return unusable(fmt.Errorf("reach the database: %w", err)) // it was tried in clear, too
	}
	if strings.Contains(err.Error(), "server refused TLS connection") { // the driver has no name for it
		return &UnusableError{fmt.Errorf("reach the database: %w; switch TLS on there, or state sslmode=disable in the database URL if nobody can listen on the way", err)}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &UnusableError{fmt.Errorf("reach the database: %w; state the file of the authority that signed its certificate as sslrootcert in the database URL", err)}
	}
	return unusable(fmt.Errorf("reach the database: %w", err))
}

// unusable says of what a person has to mend in a database how that is done.
func unusable(err error) error {
	remedy := ""
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch refused.Code {
		case "28P01", "28000": // a wrong password, an unknown role
			remedy = "mend user and password in the database URL, in PGPASSWORD or in .pgpass, or let the server know them"
		case "3D000": // no such database
			remedy = "make it with `create database`, or name another in the database URL"
		case "42501": // no privilege
			remedy = "let the user of the database URL own the database, or `grant create on schema public` to it"
		}
	} else if failed, ok := errors.AsType[*sqlite.Error](err); ok {
		switch failed.Code() & 0xff {
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			remedy = "every command writes beside it: let this user write in its folder, or copy that to where it can be written to, and name the copy as `home`"
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			remedy = "restore it from a backup, or name another home"
		}
	}
	if remedy == "" {
		return err
	}
	return &UnusableError{fmt.Errorf("%w; %s", err, remedy)}
}

// Full reports whether an error says that a disk is full.
func Full(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code == "53100"
	}
	if failed, ok := errors.AsType[*sqlite.Error](err); ok {
		return failed.Code()&0xff == sqlite3.SQLITE_FULL
	}
	return errors.Is(err, syscall.ENOSPC)
}

func anyHost(config *pgconn.Config, is func(host string, c *tls.Config) bool) bool {
	return is(config.Host, config.TLSConfig) || slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { return is(f.Host, f.TLSConfig) })
}

// private keeps SQLite's files from everybody else: made here, -wal and -shm get the mode of the database; older versions left
// them as the umask has it.
func private(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(name + end)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue // opening it tells
		}
		// Somebody else's file has the mode that its owner wants, and -wal and -shm come and go.
		if err := os.Chmod(name+end, info.Mode().Perm()&^0o077); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Close lets the database go.
func (db *DB) Close() error {
	err := db.SQL.Close()
	if db.Pool != nil {
		db.Pool.Close()
	}
	return err
}

// Exclusively runs f while no other process runs an Exclusively of the same name on this database.
// On SQLite the home's lock does that already.
func (db *DB) Exclusively(ctx context.Context, name string, f func() error) error {
	if db.Dialect == sqllog.SQLite {
		return f()
	}
	conn, err := db.SQL.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close() // ends the session's lock, too, when unlocking failed
	if _, err := conn.ExecContext(ctx, `select pg_advisory_lock(hashtext($1))`, "payoutsync "+name); err != nil {
		return fmt.Errorf("wait for the database's lock: %w", err)
	}
	err = f()
	_, unlock := conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext($1))`, "payoutsync "+name)
	return errors.Join(err, unlock)
}

// Query is a query of this package's dialect-free SQL in the database's own: "?" stands for an argument,
// $now for the time by the database's clock in milliseconds, $bytes for a text of bytes.
func (db *DB) Query(text string) string {
	now, bytes := `cast(unixepoch('subsec') * 1000 as integer)`, `blob`
	if db.Dialect == sqllog.PostgreSQL {
		now, bytes = `(extract(epoch from clock_timestamp()) * 1000)::bigint`, `bytea`
	}
	text = strings.NewReplacer("$now", now, "$bytes", bytes).Replace(text)
	if db.Dialect != sqllog.PostgreSQL {
		return text
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// Now is the time by the database's clock, which all processes share. SQLite's is the machine's.
func (db *DB) Now(ctx context.Context) (time.Time, error) {
	if db.Dialect == sqllog.SQLite {
		return time.Now(), nil
	}
	var ms int64
	err := db.row(ctx, `select $now`, nil, &ms)
	return timeOf(ms), err
}

// Exec runs a statement of [DB.Query]'s SQL and returns how many rows it changed.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := db.SQL.ExecContext(ctx, db.Query(statement), args...)
	if err != nil {
		return 0, fmt.Errorf("write to the database: %w", err)
	}
	return result.RowsAffected()
}

// row reads one row of a query, or returns [ErrNotFound].
func (db *DB) row(ctx context.Context, query string, args []any, into ...any) error {
	err := db.SQL.QueryRowContext(ctx, db.Query(query), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	return nil
}

// rows reads all rows of a query.
func rows[T any](ctx context.Context, db *DB, query string, args []any, scan func(*sql.Rows, *T) error) (all []T, err error) {
	fail := func(err error) ([]T, error) { return nil, fmt.Errorf("read the database: %w", err) }
	found, err := db.SQL.QueryContext(ctx, db.Query(query), args...)
	if err != nil {
		return fail(err)
	}
	defer found.Close() // Err tells
	for found.Next() {
		var one T
		if err := scan(found, &one); err != nil {
			return fail(err)
		}
		all = append(all, one)
	}
	if err := found.Err(); err != nil {
		return fail(err)
	}
	return all, nil
}

// milliseconds is how times are kept; 0 is no time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
