package collect_test

import (
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// Quirk 12: settlement ids do not grow with report ids, nor either with time.
func TestQuirk12_SettlementsAreInTheOrderOfTheirPeriodsNotOfTheirIDs(t *testing.T) {
	archive := reopen(t, t.TempDir())
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	later := settlementtest.Build(settlementtest.Spec{ID: "23874396421", Start: start.AddDate(0, 0, 14)})
	earlier := settlementtest.Build(settlementtest.Spec{ID: "23874397121", Start: start})
	put(t, archive, "50011020300", later.V2())
	put(t, archive, "50018020314", earlier.V2())
	all := settlements(t, archive, "A1")
	if len(all) != 2 || all[0].SettlementID != earlier.ID || all[1].SettlementID != later.ID {
		t.Errorf("%+v", all)
	}
}

// Quirk 11: a period may last eight weeks, and the next one may, too.
func TestQuirk11_TheNextSettlementIsExpectedAfterTheLongestPeriod(t *testing.T) {
	archive := reopen(t, t.TempDir())
	if by, err := archive.Expected(t.Context(), "A1"); err != nil || !by.IsZero() {
		t.Errorf("of a seller without settlements one is expected by %s (%v)", by, err)
	}
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for id, days := range map[string]int{"10000000001": 14, "10000000002": 56} {
		put(t, archive, id, settlementtest.Build(settlementtest.Spec{ID: id, Start: end.AddDate(0, 0, -days), End: end}).V2())
	}
	if by, err := archive.Expected(t.Context(), "A1"); err != nil || !by.Equal(end.AddDate(0, 0, 56+3)) {
		t.Errorf("expected by %s (%v); want eight weeks and three days after %s", by, err, end)
	}
	if by, err := archive.Expected(t.Context(), "A2"); err != nil || !by.IsZero() {
		t.Errorf("of another seller one is expected by %s (%v)", by, err)
	}
}
