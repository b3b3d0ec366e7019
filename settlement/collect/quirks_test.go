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
