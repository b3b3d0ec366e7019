package collect

import (
	"context"
	"errors"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Diff compares two documents of one settlement line by line: what a reissue changed, added and left out. It reads the
// documents in bounded memory. Both must tie, as those of [Archive.Settlements] do.
func (a *Archive) Diff(ctx context.Context, first, second Entry) (changes settlement.Changes, err error) {
	before, err := a.Open(ctx, first)
	if err != nil {
		return changes, fmt.Errorf("compare report %s: %w", first.ReportID, err)
	}
	defer func() { err = errors.Join(err, before.Close()) }()
	after, err := a.Open(ctx, second)
	if err != nil {
		return changes, fmt.Errorf("compare report %s: %w", second.ReportID, err)
	}
	defer func() { err = errors.Join(err, after.Close()) }()
	if changes, err = settlement.Diff(before, after); err != nil {
		return changes, fmt.Errorf("compare reports %s and %s of settlement %s: %w", first.ReportID, second.ReportID, first.SettlementID, err)
	}
	return changes, nil
}
