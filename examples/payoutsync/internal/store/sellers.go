package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Seller is what is known of a configured seller between rounds. All times are by the database's clock.
type Seller struct {
	Name, Seller string    // in the configuration; Amazon's id
	Due          time.Time // when the next round is due
	Holder       string    // who works for it now; empty for nobody
	Round        time.Time // when the last round ended
	RoundError   string    // why the last round did not see everything; empty if it did
	Found        time.Time // when a round last brought a new settlement
	Expected     time.Time // until when the next one is to come, as the last round saw
	Connected    time.Time // when its credentials were stored
	Secret       time.Time // when Amazon's client secret among them was entered first
	Authorised   time.Time // when the refresh token among them was entered first
	// Unfetched are Amazon's closed event groups whose settlement report should be there and is not.
	Unfetched []settlement.GroupFact
}

// AddSeller notes a configured seller. A new one is due at once.
func (db *DB) AddSeller(ctx context.Context, name, seller string) error {
	_, err := db.Exec(ctx, `insert into sellers (name, seller, due_at) values (?, ?, $now) on conflict (name) do update set seller = excluded.seller`, name, seller)
	return err
}

// Sellers returns all sellers by name.
func (db *DB) Sellers(ctx context.Context) ([]Seller, error) { return db.sellers(ctx, "") }

// SellerNamed returns the seller of that name, or [ErrNotFound].
func (db *DB) SellerNamed(ctx context.Context, name string) (Seller, error) {
	found, err := db.sellers(ctx, "where name = ?", name)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Seller{}, err
	}
	return found[0], nil
}

func (db *DB) sellers(ctx context.Context, where string, args ...any) ([]Seller, error) {
	return rows(ctx, db, `select name, seller, due_at, case when lease_until > $now then lease_holder else '' end, round_at, round_error, found_at, expected_at, connected_at, secret_at, authorised_at, unfetched
		from sellers `+where+` order by name`, args, func(r *sql.Rows, s *Seller) error {
		var due, round, found, expected, connected, secret, authorised int64
		var unfetched string
		err := r.Scan(&s.Name, &s.Seller, &due, &s.Holder, &round, &s.RoundError, &found, &expected, &connected, &secret, &authorised, &unfetched)
		s.Due, s.Round, s.Found, s.Expected = timeOf(due), timeOf(round), timeOf(found), timeOf(expected)
		s.Connected, s.Secret, s.Authorised = timeOf(connected), timeOf(secret), timeOf(authorised)
		if err == nil {
			err = json.Unmarshal([]byte(unfetched), &s.Unfetched)
		}
		return err
	})
}

// Lease gives the work for a seller to holder for a time, unless another has it, and reports whether it did. A holder
// that has it already has it anew. Who dies lets it go when the time has passed.
func (db *DB) Lease(ctx context.Context, name, holder string, lasts time.Duration) (bool, error) {
	n, err := db.Exec(ctx, `update sellers set lease_holder = ?, lease_until = $now + ? where name = ? and (lease_holder = ? or lease_until <= $now)`,
		holder, lasts.Milliseconds(), name, holder)
	return n == 1, err
}

// Release ends a lease of holder's.
func (db *DB) Release(ctx context.Context, name, holder string) error {
	_, err := db.Exec(ctx, `update sellers set lease_until = 0 where name = ? and lease_holder = ?`, name, holder)
	return err
}

// ReleaseAll ends every lease.
func (db *DB) ReleaseAll(ctx context.Context) error {
	_, err := db.Exec(ctx, `update sellers set lease_until = 0`)
	return err
}

// Ended notes that a round ended. brought says that it found new settlements, expected until when the next one is to come, and
// failure why it did not see everything.
func (db *DB) Ended(ctx context.Context, name string, brought bool, expected time.Time, failure string) error {
	_, err := db.Exec(ctx, `update sellers set round_at = $now, round_error = ?, expected_at = ?, found_at = case when ? = 1 then $now else found_at end where name = ?`,
		failure, milliseconds(expected), flag(brought), name)
	return err
}

// SetUnfetched notes for which event groups the settlement report should be there and is not.
func (db *DB) SetUnfetched(ctx context.Context, name string, groups []settlement.GroupFact) error {
	text, err := json.Marshal(groups)
	if err != nil {
		return fmt.Errorf("note which reports are missing: %w", err)
	}
	_, err = db.Exec(ctx, `update sellers set unfetched = ? where name = ?`, string(text), name)
	return err
}

// Failed notes why a seller's round did not go on.
func (db *DB) Failed(ctx context.Context, name, failure string) error {
	_, err := db.Exec(ctx, `update sellers set round_error = ? where name = ?`, failure, name)
	return err
}

// Connected notes that a seller's credentials were stored now, and which of Amazon's were not the ones stored before. Its
// round is due: the last one may have failed for the former.
func (db *DB) Connected(ctx context.Context, name string, newSecret, newToken bool) error {
	_, err := db.Exec(ctx, `update sellers set connected_at = $now, due_at = $now, secret_at = case when ? = 1 then $now else secret_at end,
		authorised_at = case when ? = 1 then $now else authorised_at end where name = ?`, flag(newSecret), flag(newToken), name)
	return err
}
