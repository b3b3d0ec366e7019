package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// The kinds of facts.
const (
	FactPayout    = "payout"    // what Amazon said of the payout when its money moved
	FactAgreement = "agreement" // which total the second source confirmed, of which report
	FactFit       = "fit"       // of a company instead of a seller, and no settlement: which rules have passed on its chart of accounts
)

// Fact reads a fact of a settlement into a value. It reports false where there is none.
func (db *DB) Fact(ctx context.Context, seller, settlement, kind string, into any) (bool, error) {
	var body string
	err := db.row(ctx, `select body from facts where seller = ? and settlement = ? and kind = ?`, []any{seller, settlement, kind}, &body)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), into)
	}
	if err != nil {
		return false, fmt.Errorf("the %s facts of settlement %s: %w", kind, settlement, err)
	}
	return true, nil
}

// SetFact keeps a fact of a settlement in the place of an earlier one of that kind. It is durable when SetFact returns.
func (db *DB) SetFact(ctx context.Context, seller, settlement, kind string, fact any) error {
	body, err := json.Marshal(fact)
	if err == nil {
		_, err = db.Exec(ctx, `insert into facts (seller, settlement, kind, body) values (?, ?, ?, ?)
			on conflict (seller, settlement, kind) do update set body = excluded.body`, seller, settlement, kind, string(body))
	}
	if err != nil {
		return fmt.Errorf("note the %s facts of settlement %s: %w", kind, settlement, err)
	}
	return nil
}
