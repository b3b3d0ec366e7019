package round

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// unfetched returns the event groups whose settlement report should be there and is not: those of this round, and those
// that an earlier one found. They are kept, because a round asks for no group that began before what it looks at.
func (s *Seller) unfetched(ctx context.Context, sources *collect.Sources, earlier []settlement.GroupFact, now time.Time) ([]settlement.GroupFact, error) {
	groups := sources.Groups()
	for _, kept := range earlier {
		again := slices.ContainsFunc(groups, func(g settlement.GroupFact) bool { return g.ID == kept.ID })
		if !again && now.Sub(kept.End) < finances {
			groups = append(groups, kept)
		}
	}
	unfetched, err := s.Archive.Unfetched(ctx, s.ID, groups, now)
	if err != nil {
		return nil, err
	}
	if len(unfetched)+len(earlier) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(unfetched, func(a, b settlement.GroupFact) int { return a.End.Compare(b.End) })
	return unfetched, s.Store.SetUnfetched(ctx, s.Name, unfetched)
}

// UnfetchedText says which report is missing, and what to do.
func UnfetchedText(g settlement.GroupFact) string {
	return fmt.Sprintf("Amazon closed a settlement of %s %s for %s to %s (event group %s), and its report has not come: download it under Payments, "+
		"All Statements in Seller Central, and bring it in with payoutsync import",
		g.OriginalTotal, g.OriginalTotal.Currency(), g.Start.UTC().Format(time.DateOnly), g.End.UTC().Format(time.DateOnly), g.ID)
}
