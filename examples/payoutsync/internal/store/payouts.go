package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Payout is where one settlement stood when it was looked at last.
type Payout struct {
	Seller     string // Amazon's seller id
	Settlement string
	Name       string // the seller's name in the configuration
	Revision   int    // 1, and one more when it is to be booked again after a reversal
	Pending    bool   // waits for its turn in a round
	Settled    bool   // nothing is left to do: scheduled rounds do not look at it again

	State           string // a booking.State
	Currency, Total string
	Start, End      time.Time
	Deposit         time.Time
	Reconciliation  string // a settlement.Verdict
	Findings        []string
	Documents       []Document
	Plan            string // the hash of the plan that was presented or booked last; empty for none
	ErrorCode       string // a fixed word; empty when it stands as it should
	Error           string
	LookedAt        time.Time
}

// ID is how people name the payout: NAME/SETTLEMENT.
func (p Payout) ID() string { return p.Name + "/" + p.Settlement }

// Booked counts the documents of its revision that were seen in the ledger, and are not reversed.
func (p Payout) Booked() (n int) {
	for _, d := range p.Documents {
		key, err := booking.ParseKey(d.Key)
		if err != nil || key.Revision != p.Revision || key.Ordinal > ledgermap.ReversalOffset {
			continue
		}
		switch booking.DocumentState(d.State) {
		case booking.DocumentCreated, booking.DocumentFound, booking.DocumentPosted:
			n++
		default:
		}
	}
	return n
}

// Document is one document of a payout.
type Document struct {
	Key    string `json:"key"`
	Kind   string `json:"kind"`
	Batch  string `json:"batch"`
	Ref    string `json:"ref,omitempty"`
	State  string `json:"state"`
	Digest string `json:"digest,omitempty"`
	Debit  string `json:"debit,omitempty"`
	Date   string `json:"date,omitempty"`
}

// AddPayout notes that a settlement is in the archive. What is known of it already stays.
func (db *DB) AddPayout(ctx context.Context, p Payout) error {
	_, err := db.Exec(ctx, `insert into payouts (seller, settlement, name, state, currency, total, starts, ends) values (?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (seller, settlement) do update set name = excluded.name`,
		p.Seller, p.Settlement, p.Name, p.State, p.Currency, p.Total, milliseconds(p.Start), milliseconds(p.End))
	return err
}

// Queue puts a settlement into the line of those to look at, with what Amazon's other interfaces said of it in this round.
func (db *DB) Queue(ctx context.Context, seller, settlement, sources string) error {
	_, err := db.Exec(ctx, `update payouts set pending = 1, sources = ? where seller = ? and settlement = ?`, sources, seller, settlement)
	return err
}

// Sources returns what [DB.Queue] was given; empty for nothing.
func (db *DB) Sources(ctx context.Context, seller, settlement string) (sources string, err error) {
	err = db.row(ctx, `select sources from payouts where seller = ? and settlement = ?`, []any{seller, settlement}, &sources)
	return sources, err
}

// Pending returns the seller's settlements that wait for their turn, in the order of their periods.
func (db *DB) Pending(ctx context.Context, seller string) ([]string, error) {
	return rows(ctx, db, `select settlement from payouts where seller = ? and pending = 1 order by starts, ends, settlement`, []any{seller},
		func(r *sql.Rows, id *string) error { return r.Scan(id) })
}

// Settled returns the seller's known settlements, and whether nothing is left to do for each.
func (db *DB) Settled(ctx context.Context, seller string) (map[string]bool, error) {
	known := map[string]bool{}
	_, err := rows(ctx, db, `select settlement, settled from payouts where seller = ?`, []any{seller}, func(r *sql.Rows, _ *struct{}) error {
		var id string
		var settled int64
		err := r.Scan(&id, &settled)
		known[id] = settled != 0
		return err
	})
	return known, err
}

// SetPayout notes where a settlement stands after it was looked at.
func (db *DB) SetPayout(ctx context.Context, p Payout) error {
	findings, err := json.Marshal(p.Findings)
	if err != nil {
		return err
	}
	documents, err := json.Marshal(p.Documents)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `insert into payouts (seller, settlement, name, revision, pending, settled, state, currency, total, starts, ends, deposit,
			reconciliation, findings, documents, plan, error_code, error, looked_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, $now)
		on conflict (seller, settlement) do update set name = excluded.name, revision = excluded.revision, pending = excluded.pending, settled = excluded.settled,
			state = excluded.state, currency = excluded.currency, total = excluded.total, starts = excluded.starts, ends = excluded.ends,
			deposit = excluded.deposit, reconciliation = excluded.reconciliation, findings = excluded.findings, documents = excluded.documents,
			plan = excluded.plan, error_code = excluded.error_code, error = excluded.error, looked_at = excluded.looked_at`,
		p.Seller, p.Settlement, p.Name, max(p.Revision, 1), flag(p.Pending), flag(p.Settled), p.State, p.Currency, p.Total,
		milliseconds(p.Start), milliseconds(p.End), milliseconds(p.Deposit), p.Reconciliation, string(findings), string(documents), p.Plan, p.ErrorCode, p.Error)
	return err
}

// Reopen puts a settlement into the line once more, to be planned as that revision from now on.
func (db *DB) Reopen(ctx context.Context, seller, settlement string, revision int, state string) error {
	_, err := db.Exec(ctx, `update payouts set revision = ?, settled = 0, pending = 1, state = ? where seller = ? and settlement = ?`, revision, state, seller, settlement)
	return err
}

const payoutColumns = `seller, settlement, name, revision, pending, settled, state, currency, total, starts, ends, deposit,
	reconciliation, findings, documents, plan, error_code, error, looked_at`

func scanPayout(scan func(...any) error, p *Payout) error {
	var pending, settled, starts, ends, deposit, looked int64
	var findings, documents string
	if err := scan(&p.Seller, &p.Settlement, &p.Name, &p.Revision, &pending, &settled, &p.State, &p.Currency, &p.Total, &starts, &ends, &deposit,
		&p.Reconciliation, &findings, &documents, &p.Plan, &p.ErrorCode, &p.Error, &looked); err != nil {
		return err
	}
	p.Pending, p.Settled = pending != 0, settled != 0
	p.Start, p.End, p.Deposit, p.LookedAt = timeOf(starts), timeOf(ends), timeOf(deposit), timeOf(looked)
	return errors.Join(json.Unmarshal([]byte(findings), &p.Findings), json.Unmarshal([]byte(documents), &p.Documents))
}

// Payout returns one settlement, or [ErrNotFound].
func (db *DB) Payout(ctx context.Context, seller, settlement string) (Payout, error) {
	found, err := db.payouts(ctx, `where seller = ? and settlement = ?`, seller, settlement)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Payout{}, err
	}
	return found[0], nil
}

func (db *DB) payouts(ctx context.Context, where string, args ...any) ([]Payout, error) {
	return rows(ctx, db, `select `+payoutColumns+` from payouts `+where, args, func(r *sql.Rows, p *Payout) error { return scanPayout(r.Scan, p) })
}

// PayoutFilter selects payouts; its zero fields select all.
type PayoutFilter struct {
	Name     string    // of the seller
	State    string    // a booking.State
	Begins   string    // how the settlement's number begins
	From, To time.Time // settlements that end in [From, To)
	Open     bool      // only those that are not settled
	Limit    int       // 0: 1,000
	Offset   int
}

// Payouts returns settlements, the latest first.
func (db *DB) Payouts(ctx context.Context, f PayoutFilter) ([]Payout, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(condition string, arg any) { where, args = append(where, condition), append(args, arg) }
	if f.Name != "" {
		add("name = ?", f.Name)
	}
	if f.State != "" {
		add("state = ?", f.State)
	}
	if f.Begins != "" {
		add("substr(settlement, 1, length(?)) = ?", f.Begins)
		args = append(args, f.Begins)
	}
	if !f.From.IsZero() {
		add("ends >= ?", milliseconds(f.From))
	}
	if !f.To.IsZero() {
		add("ends < ?", milliseconds(f.To))
	}
	if f.Open {
		add("settled = ?", 0)
	}
	args = append(args, cmp.Or(f.Limit, 1000), f.Offset)
	return db.payouts(ctx, `where `+strings.Join(where, " and ")+` order by starts desc, ends desc, name, settlement limit ? offset ?`, args...)
}

// Resolve finds the payout that a person names: NAME/SETTLEMENT, or the settlement alone where only one seller has it.
func (db *DB) Resolve(ctx context.Context, id string) (Payout, error) {
	name, settlement, named := strings.Cut(id, "/")
	if !named {
		name, settlement = "", id
	}
	found, err := db.payouts(ctx, `where settlement = ? and (name = ? or ? = '') order by name`, settlement, name, name)
	switch {
	case err != nil:
		return Payout{}, err
	case len(found) == 0:
		return Payout{}, notFound("no settlement " + id + " is known; `payoutsync status` lists those that are")
	case len(found) > 1:
		ids := make([]string, len(found))
		for i, p := range found {
			ids[i] = p.ID()
		}
		return Payout{}, fmt.Errorf("several sellers have a settlement %s: write one of %s", id, strings.Join(ids, ", "))
	}
	return found[0], nil
}

// Batch finds the payout that a ledger batch belongs to, and the key of its document.
func (db *DB) Batch(ctx context.Context, batch string) (p Payout, key string, err error) {
	found, err := db.payouts(ctx, `where documents like ?`, `%"batch":"`+strings.NewReplacer(`%`, ``, `_`, ``).Replace(batch)+`"%`)
	if err != nil {
		return Payout{}, "", err
	}
	for _, p := range found {
		for _, d := range p.Documents {
			if strings.EqualFold(d.Batch, batch) {
				return p, d.Key, nil
			}
		}
	}
	return Payout{}, "", notFound("no payout has a batch " + batch)
}
