package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Past is a payout as it was planned: its report, and the plan made again from everything that it was made from.
type Past struct {
	Entry collect.Entry
	File  *settlement.File // the report; one loop over its lines at a time
	Tally settlement.Tally
	// Made is what the plan was made from, and Input the same without report and rules. They, Rules and Plan are zero where
	// no plan was ever made.
	Made  store.Plan
	Input ledgermap.Input
	Rules *ledgermap.Rules
	Plan  *ledgermap.Plan
}

// Close closes the report.
func (p *Past) Close() error { return p.File.Close() }

// Past opens a payout as it was planned last. A plan that does not come out again as it was is an error: something
// that it was made from is not what it was.
func (in *Installation) Past(ctx context.Context, row store.Payout) (past *Past, err error) {
	entry, made, err := in.origin(ctx, row)
	if err != nil {
		return nil, err
	}
	file, err := in.Archive.Open(ctx, entry)
	if err != nil {
		return nil, err
	}
	past = &Past{Entry: entry, File: file, Made: made}
	defer func() {
		if err != nil {
			err = errors.Join(err, past.Close())
			past = nil
		}
	}()
	if past.Tally, err = settlement.TallyOf(file); err != nil || row.Plan == "" {
		return past, err
	}
	if past.Rules, err = ledgermap.LoadRules("the rules of plan "+row.Plan, made.Rules); err != nil {
		return past, err
	}
	past.Input = ledgermap.Input{Seller: made.Name, NoBank: made.NoBank, Revision: made.Revision}
	if err = errors.Join(json.Unmarshal(made.Calendar, &past.Input.Calendar), json.Unmarshal(made.Payout, &past.Input.Payout)); err != nil {
		return past, fmt.Errorf("what plan %s of settlement %s was made from is damaged: %w", row.Plan, row.Settlement, err)
	}
	if past.Plan, err = past.Rules.Plan(file, past.Input); err != nil {
		return past, err
	}
	if hash := past.Plan.Hash(); hash != row.Plan {
		return past, &DamagedPlanError{row.ID(), row.Plan, hash}
	}
	return past, nil
}

// origin finds the archived report of a payout, and what its plan was made from.
func (in *Installation) origin(ctx context.Context, row store.Payout) (collect.Entry, store.Plan, error) {
	var made store.Plan
	if row.Plan != "" {
		var err error
		if made, err = in.Store.Plan(ctx, row.Plan); err != nil {
			return collect.Entry{}, made, fmt.Errorf("what plan %s of settlement %s was made from: %w", row.Plan, row.Settlement, err)
		}
	}
	entries, err := in.Archive.Entries(ctx, row.Seller)
	if err != nil {
		return collect.Entry{}, made, err
	}
	for _, e := range entries {
		if e.SettlementID == row.Settlement && (made.Report == "" || e.Digest == made.Report) {
			return e, made, nil
		}
	}
	return collect.Entry{}, made, fmt.Errorf("the report of settlement %s is not in the archive", row.Settlement)
}

// Report opens a settlement in the archived report that has a digest.
func (in *Installation) Report(ctx context.Context, seller, settlementID, digest string) (*settlement.File, error) {
	entries, err := in.Archive.Entries(ctx, seller)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.SettlementID == settlementID && e.Digest == digest {
			return in.Archive.Open(ctx, e)
		}
	}
	return nil, fmt.Errorf("the report of settlement %s with the SHA-256 %s is not in the archive", settlementID, digest)
}

// DamagedPlanError says that a plan does not come out again as it was.
type DamagedPlanError struct{ ID, Was, Now string }

func (e *DamagedPlanError) Error() string {
	return fmt.Sprintf("payout %s: made again, its plan has the hash %s, and it was %s: the report, the rules, the calendar or the payout facts that were kept "+
		"are not what they were: restore the home, or the PostgreSQL database, from a backup; or another version of this program made it: run that one", e.ID, e.Now, e.Was)
}
