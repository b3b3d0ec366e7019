package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Plan is what one plan was made from. With the archived report it makes the same plan again, byte for byte.
type Plan struct {
	Hash               string // ledgermap.Plan.Hash
	Seller, Settlement string
	Name               string // the seller's name in the configuration, as the plan has it
	Revision           int
	NoBank             bool
	Report             string // the digest of the report
	Rules              []byte // the rules file
	Calendar           []byte // the fiscal calendar, as JSON
	Payout             []byte // what was known of the payout, as JSON
	Made               time.Time
}

// AddPlan keeps what a plan was made from. A plan that is kept already stays as it is.
func (db *DB) AddPlan(ctx context.Context, p Plan) error {
	tx, err := db.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keep plan %s: %w", p.Hash, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	hashes := make([]string, 2)
	for i, input := range [][]byte{p.Rules, p.Calendar} {
		sum := sha256.Sum256(input)
		hashes[i] = hex.EncodeToString(sum[:])
		if _, err := tx.ExecContext(ctx, db.Query(`insert into inputs (hash, body) values (?, ?) on conflict (hash) do nothing`), hashes[i], input); err != nil {
			return fmt.Errorf("keep plan %s: %w", p.Hash, err)
		}
	}
	if _, err := tx.ExecContext(ctx, db.Query(`insert into plans (hash, seller, settlement, name, revision, no_bank, report, rules, calendar, payout, made_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, $now) on conflict (hash) do nothing`),
		p.Hash, p.Seller, p.Settlement, p.Name, p.Revision, flag(p.NoBank), p.Report, hashes[0], hashes[1], string(p.Payout)); err != nil {
		return fmt.Errorf("keep plan %s: %w", p.Hash, err)
	}
	return tx.Commit()
}

// Plan returns what a plan was made from, or [ErrNotFound].
func (db *DB) Plan(ctx context.Context, hash string) (Plan, error) {
	p := Plan{Hash: hash}
	var noBank, made int64
	var payout string
	err := db.row(ctx, `select p.seller, p.settlement, p.name, p.revision, p.no_bank, p.report, r.body, c.body, p.payout, p.made_at
		from plans p join inputs r on r.hash = p.rules join inputs c on c.hash = p.calendar where p.hash = ?`, []any{hash},
		&p.Seller, &p.Settlement, &p.Name, &p.Revision, &noBank, &p.Report, &p.Rules, &p.Calendar, &payout, &made)
	p.NoBank, p.Payout, p.Made = noBank != 0, []byte(payout), timeOf(made)
	return p, err
}

// Exchange is one request to the ledger and its answer, without headers and without secrets.
type Exchange struct {
	At              time.Time
	Machine         string
	N               int64 // counts the requests of one process
	Method, URL     string
	Request, Answer string
	Status          int // 0: no answer came
}

// AddExchange keeps a request that was made for a settlement.
func (db *DB) AddExchange(ctx context.Context, seller, settlement string, e Exchange) error {
	_, err := db.Exec(ctx, `insert into exchanges (seller, settlement, at, machine, n, method, url, request, status, answer) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict do nothing`,
		seller, settlement, milliseconds(e.At), e.Machine, e.N, e.Method, e.URL, e.Request, e.Status, e.Answer)
	return err
}

// Exchanges returns the requests that were made for a settlement, in their order.
func (db *DB) Exchanges(ctx context.Context, seller, settlement string) ([]Exchange, error) {
	return rows(ctx, db, `select at, machine, n, method, url, request, status, answer from exchanges where seller = ? and settlement = ? order by at, machine, n`,
		[]any{seller, settlement}, func(r *sql.Rows, e *Exchange) error {
			var at int64
			err := r.Scan(&at, &e.Machine, &e.N, &e.Method, &e.URL, &e.Request, &e.Status, &e.Answer)
			e.At = timeOf(at)
			return err
		})
}

// Snapshot is what was deferred at the end of a fiscal period.
type Snapshot struct {
	Name     string // the seller's, in the configuration
	Period   int    // YYYYPP
	Taken    time.Time
	Hash     string // ledgermap.Snapshot.Hash
	Complete bool
	Body     []byte // the ledgermap.Snapshot, as JSON
}

// AddSnapshot keeps a snapshot. A complete one is never replaced; one that is not gives way to a later one.
func (db *DB) AddSnapshot(ctx context.Context, s Snapshot) error {
	_, err := db.Exec(ctx, `insert into snapshots (name, period, taken_at, hash, complete, body) values (?, ?, $now, ?, ?, ?)
		on conflict (name, period) do update set taken_at = excluded.taken_at, hash = excluded.hash, complete = excluded.complete, body = excluded.body
		where snapshots.complete = 0`, s.Name, s.Period, s.Hash, flag(s.Complete), string(s.Body))
	return err
}

// Snapshots returns a seller's snapshots in the order of the periods.
func (db *DB) Snapshots(ctx context.Context, name string) ([]Snapshot, error) {
	return rows(ctx, db, `select period, taken_at, hash, complete, body from snapshots where name = ? order by period`, []any{name},
		func(r *sql.Rows, s *Snapshot) error {
			var taken, complete int64
			var body string
			err := r.Scan(&s.Period, &taken, &s.Hash, &complete, &body)
			s.Name, s.Taken, s.Complete, s.Body = name, timeOf(taken), complete != 0, []byte(body)
			return err
		})
}

// HasSnapshot reports whether a seller's snapshot of a period is kept and complete.
func (db *DB) HasSnapshot(ctx context.Context, name string, period int) (bool, error) {
	var complete int64
	err := db.row(ctx, `select complete from snapshots where name = ? and period = ?`, []any{name, period}, &complete)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return complete != 0, err
}
