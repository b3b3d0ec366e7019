// Package sqllog is a booking.Log in a database, for many processes at a time.
// It uses database/sql and imports no driver: SQLite and PostgreSQL are known.
//
//	db, err := sql.Open("sqlite", "file:log.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)")
//	log, err := sqllog.Open(ctx, db, sqllog.Config{Dialect: sqllog.SQLite, Key: key})
//
// An append is one transaction: it takes the seller's head, which lets one
// process through at a time, writes the record and the new sealed head, and
// commits. There is nothing half written after a crash. A unique index on
// claims stands behind the check for them.
//
// The tables are booking_records and booking_heads; nothing is ever updated in
// the first. Body and hash are stored as they are hashed, so that the chain can
// be checked in SQL or with sha256sum:
//
//	select prev, body, hash from booking_records where seller = 'A1…' order by seq
package sqllog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Dialect is the kind of database.
type Dialect string

// The databases that are known.
const (
	// SQLite wants journal_mode WAL, synchronous FULL and a busy_timeout in the
	// driver's data source name, where they hold for every connection.
	SQLite Dialect = "sqlite"
	// PostgreSQL wants synchronous_commit and fsync left on.
	PostgreSQL Dialect = "postgresql"
)

// ErrNotDurable says that a database would acknowledge what a power cut can take back. The error around it says what to set.
var ErrNotDurable = errors.New("a power cut can take back what was acknowledged")

// Config describes a [Log].
type Config struct {
	Dialect Dialect // required
	// Key seals the heads; at least 16 bytes. Keep it away from the database:
	// who can write both can cut a chain unseen. Required.
	Key []byte
}

// A Log is a booking.Log in a database. It is safe for use by many goroutines,
// and by many processes on one database. The caller closes the database.
type Log struct {
	db      *sql.DB
	dialect Dialect
	key     []byte

	mu      sync.Mutex
	checked map[string]booking.Head // up to where each chain was found whole by this process
}

var (
	_ booking.Log   = (*Log)(nil)
	_ booking.Clock = (*Log)(nil)
)

// Now implements [booking.Clock]: the clock of PostgreSQL. SQLite's is that of
// the machine.
func (l *Log) Now(ctx context.Context) (now time.Time, err error) {
	if l.dialect != PostgreSQL {
		return time.Now(), nil
	}
	if err = l.db.QueryRowContext(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		err = fmt.Errorf("sqllog: reading the database's clock: %w", err)
	}
	return now.UTC(), err
}

// Open makes the tables if they are missing, and refuses a database that would
// acknowledge what a power cut can take back: an [ErrNotDurable].
func Open(ctx context.Context, db *sql.DB, cfg Config) (*Log, error) {
	if len(cfg.Key) < 16 {
		return nil, fmt.Errorf("sqllog: the key that seals the heads has %d bytes, at least 16 are wanted", len(cfg.Key))
	}
	l := &Log{db: db, dialect: cfg.Dialect, key: slices.Clone(cfg.Key), checked: map[string]booking.Head{}}
	if err := l.durable(ctx); err != nil {
		return nil, err
	}
	if err := l.makeTables(ctx); err != nil {
		return nil, fmt.Errorf("sqllog: making the tables: %w", err)
	}
	return l, nil
}

// tablesLock is PostgreSQL's advisory lock of those who make the tables: two
// processes clash in its catalogue although both say "if not exists".
const tablesLock = 0x626f6f6b696e67 // "booking"

func (l *Log) makeTables(ctx context.Context) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	statements := []string{
		`create table if not exists booking_records (
			seller text not null, seq bigint not null, prev text not null, hash text not null, body text not null,
			settlement text not null, claim text, primary key (seller, seq), unique (seller, claim))`,
		`create index if not exists booking_records_settlement on booking_records (seller, settlement, seq)`,
		`create table if not exists booking_heads (
			seller text primary key, count bigint not null, hash text not null, seal text not null)`,
	}
	if l.dialect == PostgreSQL {
		statements = append([]string{fmt.Sprintf(`select pg_advisory_xact_lock(%d)`, tablesLock)}, statements...)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// durable reads back what the data source name asked for: drivers ignore names
// that they do not know.
func (l *Log) durable(ctx context.Context) error {
	read := func(query string) (string, error) {
		var value string
		if err := l.db.QueryRowContext(ctx, query).Scan(&value); err != nil {
			return "", fmt.Errorf("sqllog: %s: %w", query, err)
		}
		return strings.ToLower(value), nil
	}
	switch l.dialect {
	case SQLite:
		level, err := read(`pragma synchronous`)
		if err != nil {
			return err
		}
		if level != "2" && level != "3" {
			return fmt.Errorf("sqllog: synchronous is %s, so that %w: add _pragma=synchronous(FULL) to the data source name", level, ErrNotDurable)
		}
		mode, err := read(`pragma journal_mode`)
		if err != nil {
			return err
		}
		if mode != "wal" {
			return fmt.Errorf("sqllog: journal_mode is %s: add _pragma=journal_mode(WAL) to the data source name", mode)
		}
	case PostgreSQL:
		for _, setting := range []string{"fsync", "synchronous_commit"} {
			value, err := read(`show ` + setting)
			if err != nil {
				return err
			}
			if value == "off" {
				return fmt.Errorf("sqllog: %s is off in PostgreSQL, so that %w: switch it on there, for this user and database, too", setting, ErrNotDurable)
			}
		}
	default:
		return fmt.Errorf("sqllog: Config.Dialect %q is not one of %s, %s", l.dialect, SQLite, PostgreSQL)
	}
	return nil
}

// q writes ? as the dialect wants it.
func (l *Log) q(query string) string {
	if l.dialect != PostgreSQL {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// Append implements booking.Log.
func (l *Log) Append(ctx context.Context, r booking.Record) (booking.Record, error) {
	if r.Seller == "" {
		return booking.Record{}, errors.New("sqllog: no seller named")
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return booking.Record{}, fmt.Errorf("sqllog: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	stored, err := l.write(ctx, tx, r)
	if err != nil {
		return booking.Record{}, err
	}
	if err := tx.Commit(); err != nil {
		return booking.Record{}, fmt.Errorf("sqllog: it is not known whether record %d of seller %s was kept: %w", stored.Seq, r.Seller, err)
	}
	return stored, nil
}

// write is what happens in one transaction. The first statement is one that
// writes, so that SQLite takes its write lock before anything is read.
func (l *Log) write(ctx context.Context, tx *sql.Tx, r booking.Record) (booking.Record, error) {
	fail := func(err error) (booking.Record, error) {
		return booking.Record{}, fmt.Errorf("sqllog: seller %s: %w", r.Seller, err)
	}
	empty := booking.Head{Seller: r.Seller}.Sealed(l.key)
	if _, err := tx.ExecContext(ctx, l.q(`insert into booking_heads (seller, count, hash, seal) values (?, 0, '', ?) on conflict (seller) do nothing`),
		r.Seller, empty.Seal); err != nil {
		return fail(err)
	}
	lock := ``
	if l.dialect == PostgreSQL {
		lock = ` for update`
	}
	head, err := l.head(tx.QueryRowContext(ctx, l.q(`select count, hash, seal from booking_heads where seller = ?`+lock), r.Seller), r.Seller)
	if err != nil {
		return booking.Record{}, err
	}
	// The head alone must not be trusted to be where the chain ends.
	var count int64
	var last sql.NullString
	if err := tx.QueryRowContext(ctx, l.q(`select coalesce(max(seq), 0) from booking_records where seller = ?`), r.Seller).Scan(&count); err != nil {
		return fail(err)
	}
	if count > 0 {
		if err := tx.QueryRowContext(ctx, l.q(`select hash from booking_records where seller = ? and seq = ?`), r.Seller, count).Scan(&last); err != nil {
			return fail(err)
		}
	}
	if count != head.Count || last.String != head.Hash {
		return booking.Record{}, &booking.BrokenError{Seller: r.Seller, Faults: []booking.Fault{{
			Seq: head.Count, Damage: booking.DamageHead,
			Detail: fmt.Sprintf("the head counts %d records, the table ends with %d", head.Count, count),
		}}}
	}
	if r.Claim != "" {
		by, err := l.links(ctx, tx, `select prev, hash, body from booking_records where seller = ? and claim = ?`, r.Seller, r.Claim)
		if err != nil {
			return fail(err)
		}
		if len(by) > 0 {
			holder, err := by[0].Record()
			if err != nil {
				return fail(err)
			}
			return booking.Record{}, &booking.ClaimedError{Claim: r.Claim, By: holder}
		}
	}
	link, stored, err := booking.NewLink(head, r)
	if err != nil {
		return booking.Record{}, err
	}
	claim := sql.NullString{String: r.Claim, Valid: r.Claim != ""}
	if _, err := tx.ExecContext(ctx, l.q(`insert into booking_records (seller, seq, prev, hash, body, settlement, claim) values (?, ?, ?, ?, ?, ?, ?)`),
		r.Seller, stored.Seq, link.Prev, link.Hash, string(link.Body), r.Settlement, claim); err != nil {
		return fail(err)
	}
	next := booking.Head{Seller: r.Seller, Count: stored.Seq, Hash: stored.Hash}.Sealed(l.key)
	if _, err := tx.ExecContext(ctx, l.q(`update booking_heads set count = ?, hash = ?, seal = ? where seller = ?`),
		next.Count, next.Hash, next.Seal, r.Seller); err != nil {
		return fail(err)
	}
	return stored, nil
}

// head reads and checks a row of booking_heads.
func (l *Log) head(row *sql.Row, seller string) (booking.Head, error) {
	h := booking.Head{Seller: seller}
	if err := row.Scan(&h.Count, &h.Hash, &h.Seal); err != nil {
		return booking.Head{}, err
	}
	if h.Count < 0 || !h.SealedBy(l.key) {
		return booking.Head{}, &booking.BrokenError{Seller: seller, Faults: []booking.Fault{{
			Damage: booking.DamageHead,
			Detail: "the head does not carry the seal of this log's key: it was changed, or the key is another",
		}}}
	}
	return h, nil
}

// Head implements booking.Log.
func (l *Log) Head(ctx context.Context, seller string) (booking.Head, error) {
	h, err := l.readHead(ctx, seller)
	if !errors.Is(err, sql.ErrNoRows) {
		return h, err
	}
	var n int64
	if err := l.db.QueryRowContext(ctx, l.q(`select count(*) from booking_records where seller = ?`), seller).Scan(&n); err != nil {
		return booking.Head{}, fmt.Errorf("sqllog: seller %s: %w", seller, err)
	}
	if n == 0 {
		return booking.Head{Seller: seller}, nil
	}
	// Another process may have written the first record, with its head, between
	// the two questions; no head is ever taken away again.
	if h, err = l.readHead(ctx, seller); !errors.Is(err, sql.ErrNoRows) {
		return h, err
	}
	return booking.Head{}, &booking.BrokenError{Seller: seller, Faults: []booking.Fault{{
		Damage: booking.DamageHead,
		Detail: fmt.Sprintf("the head is missing, and there are %d records", n),
	}}}
}

func (l *Log) readHead(ctx context.Context, seller string) (booking.Head, error) {
	h, err := l.head(l.db.QueryRowContext(ctx, l.q(`select count, hash, seal from booking_heads where seller = ?`), seller), seller)
	if err != nil && !errors.Is(err, booking.ErrBroken) {
		err = fmt.Errorf("sqllog: seller %s: %w", seller, err)
	}
	return h, err
}

// Sellers implements booking.Log.
func (l *Log) Sellers(ctx context.Context) ([]string, error) {
	rows, err := l.db.QueryContext(ctx, `select seller from booking_heads union select distinct seller from booking_records`)
	if err != nil {
		return nil, fmt.Errorf("sqllog: sellers: %w", err)
	}
	defer rows.Close() // rows.Err tells
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("sqllog: sellers: %w", err)
		}
		names = append(names, name)
	}
	slices.Sort(names) // not the database's collation
	return names, rows.Err()
}
