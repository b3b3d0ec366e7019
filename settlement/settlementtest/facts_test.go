package settlementtest_test

import (
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestSummaryAndTransactionsAddUpToTheTotal(t *testing.T) {
	for _, st := range (settlementtest.Seller{Seed: 8, Rows: 300, Outcomes: []settlementtest.Outcome{settlementtest.Failed, settlementtest.Negative}}).Settlements() {
		var sum, kinds int64
		for _, g := range st.Summary() {
			sum += g.Sum
			for _, k := range g.Of {
				kinds += k.Sum
			}
		}
		var transactions, held, rows int64
		ids := map[string]bool{}
		for tx := range st.Transactions() {
			transactions += tx.Amount
			rows += int64(len(tx.Rows))
			ids[tx.ID] = true
			if tx.SettlementID != st.ID || tx.EventGroup != st.EventGroup {
				t.Errorf("transaction %s names settlement %q, group %q", tx.ID, tx.SettlementID, tx.EventGroup)
			}
		}
		for tx := range st.Deferrals() {
			held++
			if !ids[tx.ReleaseID] || ids[tx.ID] || tx.SettlementID != "" || tx.Status != "DEFERRED_RELEASED" {
				t.Errorf("deferred twin %+v", tx)
			}
		}
		if sum != st.Total || kinds != st.Total || transactions != st.Total || rows != int64(st.Count) || held == 0 {
			t.Errorf("settlement %s, total %d: headings %d, kinds %d, transactions %d, rows %d of %d, deferred %d", st.ID, st.Total, sum, kinds, transactions, rows, st.Count, held)
		}
	}
	for _, tx := range (settlementtest.Seller{Seed: 8}).Deferred() {
		if tx.Status != "DEFERRED" || tx.SettlementID != "" || !tx.Maturity.After(day(2026, 11, 23)) || tx.Amount <= 0 {
			t.Errorf("deferred transaction %+v", tx)
		}
	}
}

func TestPayoutsAgeWithTheClock(t *testing.T) {
	list := settlementtest.Seller{Seed: 2, Outcomes: []settlementtest.Outcome{settlementtest.Paid}}.Settlements()
	young := list[len(list)-1]
	if young.Payout.Status != "IN_TRANSIT" || !young.Payout.Date.IsZero() {
		t.Errorf("youngest payout is %s, dated %s", young.Payout.Status, young.Payout.Date)
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{young.End.Add(-time.Second), ""},
		{young.End, "STARTED"},
		{young.End.Add(7 * time.Hour), "IN_TRANSIT"},
		{young.Deposit.Add(-time.Second), "IN_TRANSIT"},
		{young.Deposit, "PAID"},
	} {
		if step, _ := young.Payout.StatusAt(c.at); step.Status != c.want {
			t.Errorf("at %s the payout is %q, want %q", c.at, step.Status, c.want)
		}
	}
}

func TestStreamsOfOneSellerShareNoID(t *testing.T) {
	ids := map[string]string{}
	for _, market := range []string{"A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1F83G8C2ARO7P"} { // three of them in euro
		for _, st := range (settlementtest.Seller{ID: "A1MERCHANT0001", Marketplace: market, Seed: 1}).Settlements() {
			names := []string{st.ID, st.EventGroup, st.Payout.TraceID}
			for _, r := range st.Reports {
				names = append(names, r.ID, r.DocumentID)
			}
			for _, id := range names {
				if other := ids[id]; id != "" && other != "" {
					t.Errorf("%s is an id in %s and in %s", id, other, market)
				}
				ids[id] = market
			}
		}
	}
}
