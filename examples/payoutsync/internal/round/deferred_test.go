package round_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// until moves the bubble's clock to an instant.
func until(t time.Time) { time.Sleep(time.Until(t)) }

func snapshots(t *testing.T, w *world) (all []ledgermap.Snapshot) {
	t.Helper()
	kept, err := w.Store.Snapshots(t.Context(), w.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kept {
		var s ledgermap.Snapshot
		if err := json.Unmarshal(k.Body, &s); err != nil || s.Hash() != k.Hash || s.Complete != k.Complete {
			t.Fatalf("snapshot of %d: %v", k.Period, err)
		}
		all = append(all, s)
	}
	return all
}

func TestR8_4_WhatIsDeferredAtAPeriodsEndIsKeptWithinTheHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 2, Rows: 400, Until: end.Add(-time.Hour)})
		w := newWorld(t, setup{account: account})
		zoneEnd := time.Date(2000, 2, 1, 0, 0, 0, 0, w.Rules.Location())
		until(zoneEnd.Add(-time.Minute))
		if taken, err := w.Snapshot(t.Context()); taken || err != nil {
			t.Fatalf("before the period's end: %v, %v", taken, err)
		}
		until(zoneEnd.Add(10 * time.Minute))
		for range 2 { // the second time there is nothing to do
			if _, err := w.Snapshot(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all := snapshots(t, w)
		if len(all) != 1 || all[0].Period != 200001 || !all[0].Complete || !all[0].Opening || len(all[0].Transactions) != len(account.Deferred) {
			t.Fatalf("%d snapshots, the first %+v; want %d transactions", len(all), all, len(account.Deferred))
		}
		if n := w.count("listTransactions"); n != 2 {
			t.Errorf("Amazon was asked %d times, want once for each status", n)
		}
		february := time.Date(2000, 3, 1, 0, 5, 0, 0, w.Rules.Location())
		until(february)
		if taken, err := w.Snapshot(t.Context()); !taken || err != nil {
			t.Fatalf("the next period: %v, %v", taken, err)
		}
		kept, err := w.Store.Snapshots(t.Context(), w.Name)
		if err != nil {
			t.Fatal(err)
		}
		before, err := round.SnapshotBefore(kept, 200002)
		if err != nil || before.Period != 200001 {
			t.Fatalf("before 200002 comes %d, %v", before.Period, err)
		}
	})
}

func TestR8_5_AnAnswerThatDoesNotComeMakesTheSnapshotIncompleteAndNothingIsEstimated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)
		away := spapitest.Faults{Steps: []spapitest.Step{{Operation: "listTransactions", Fault: spapitest.Unavailable, Times: -1}}}
		w := newWorld(t, setup{account: spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: end}), amazon: away})
		until(time.Date(2000, 2, 1, 0, 10, 0, 0, w.Rules.Location()))
		if taken, err := w.Snapshot(t.Context()); !taken || err == nil {
			t.Fatalf("%v, %v; want an error", taken, err)
		}
		if all := snapshots(t, w); len(all) != 1 || all[0].Complete {
			t.Errorf("kept: %+v", all)
		}
		if _, _, err := w.Accrue(t.Context(), 200001, true); err == nil || !strings.Contains(err.Error(), "incomplete") || !strings.Contains(err.Error(), "503") {
			t.Errorf("the accrual says %v; want what Amazon answered", err)
		}
	})
}

// refund is a refund of a seller's first deferred order, held back like it.
func refund(account spapitest.SellerAccount) settlementtest.Transaction {
	t := account.Deferred[0]
	t.ID, t.Type, t.RefundID, t.Rows, t.Amount = "refund", "Refund", "R1", nil, 0
	for _, r := range []settlementtest.Row{
		{AmountType: "ItemPrice", AmountDescription: "Principal", Amount: -40_00},
		{AmountType: "ItemPrice", AmountDescription: "Shipping", Amount: -5_00},
		{AmountType: "ItemPrice", AmountDescription: "Tax", Amount: -3_20},
		{AmountType: "ItemPrice", AmountDescription: "RestockingFee", Amount: 2_00},
		{AmountType: "ItemWithheldTax", AmountDescription: "MarketplaceFacilitatorTax-Principal", Amount: 3_20},
		{AmountType: "Promotion", AmountDescription: "Shipping", Amount: 5_00},
		{AmountType: "ItemFees", AmountDescription: "Commission", Amount: 6_00},
		{AmountType: "ItemFees", AmountDescription: "RefundCommission", Amount: -1_20},
	} {
		r.TransactionType = "Refund"
		t.Rows, t.Amount = append(t.Rows, r), t.Amount+r.Amount
	}
	return t
}

func TestR8_1_ADeferredRefundIsContraRevenueAndNotAPromotion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: end.Add(-time.Hour)})
		account.Deferred = []settlementtest.Transaction{refund(account)}
		w := newWorld(t, setup{account: account})
		until(time.Date(2000, 2, 1, 0, 10, 0, 0, w.Rules.Location()))
		if taken, err := w.Snapshot(t.Context()); !taken || err != nil {
			t.Fatalf("%v, %v", taken, err)
		}
		got := map[settlement.Category]string{}
		for _, d := range snapshots(t, w)[0].Transactions {
			if d.ID != "refund" {
				continue
			}
			for _, a := range d.Amounts {
				got[a.Category] = a.Amount.String()
			}
		}
		want := map[settlement.Category]string{
			settlement.CategoryRefundPrincipal: "-38.00", settlement.CategoryRefundShipping: "-5.00", settlement.CategoryRefundPromotion: "5.00",
			settlement.CategoryRefundTax: "-3.20", settlement.CategoryRefundFacilitatorTax: "3.20", settlement.CategoryReferralFee: "4.80",
		}
		if !maps.Equal(got, want) {
			t.Errorf("the refund consists of %v, want %v", got, want)
		}
	})
}

func TestR8_5_ATypeOfTransactionThatIsNotKnownMakesTheSnapshotIncompleteAndIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: end.Add(-time.Hour)})
		account.Deferred[1].Type = "Chargeback"
		w := newWorld(t, setup{account: account})
		until(time.Date(2000, 2, 1, 0, 10, 0, 0, w.Rules.Location()))
		if taken, err := w.Snapshot(t.Context()); !taken || err == nil || !strings.Contains(err.Error(), `transaction type "Chargeback"`) {
			t.Errorf("%v, %v", taken, err)
		}
		if all := snapshots(t, w); len(all) != 1 || all[0].Complete || len(all[0].Transactions) != 0 {
			t.Errorf("kept: %+v", all)
		}
	})
}

func TestTheSnapshotThatIsPlannedIsTheOneWhosePeriodHasJustEndedUntilItIsKeptOrItsHourIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: time.Date(2000, 1, 31, 0, 0, 0, 0, time.UTC)})})
		january := time.Date(2000, 2, 1, 0, 0, 0, 0, w.Rules.Location())
		february := time.Date(2000, 3, 1, 0, 0, 0, 0, w.Rules.Location())
		march := time.Date(2000, 4, 1, 0, 0, 0, 0, w.Rules.Location())
		planned := func(now time.Time, period int, end time.Time) {
			t.Helper()
			until(now)
			got, at, err := w.NextSnapshot(t.Context())
			if err != nil || got != period || at.Before(end.Add(2*time.Minute)) || at.After(end.Add(5*time.Minute)) {
				t.Errorf("at %v: period %d at %v, %v; want %d some minutes after %v", now, got, at, err, period, end)
			}
		}
		planned(january.Add(-time.Minute), 200001, january)
		planned(january.Add(3*time.Second), 200001, january)
		// Amazon answers for nothing that is not two minutes old.
		if taken, err := w.Snapshot(t.Context()); taken || err != nil || w.count("listTransactions") != 0 {
			t.Errorf("seconds after the end: %v, %v", taken, err)
		}
		planned(january.Add(59*time.Minute), 200001, january)
		if taken, err := w.Snapshot(t.Context()); !taken || err != nil {
			t.Fatalf("%v, %v", taken, err)
		}
		planned(january.Add(59*time.Minute+time.Second), 200002, february)
		planned(february.Add(59*time.Minute), 200002, february)
		planned(february.Add(61*time.Minute), 200003, march) // missed
	})
}
