package settlementtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestArbitrarySettlementsAreNastyAndStillTie(t *testing.T) {
	var seen struct{ negative, zero, empty, many, outside, single int }
	for seed := range uint64(600) {
		st := settlementtest.Arbitrary(seed, settlementtest.Nasty{Outside: true})
		mustTie(t, st)
		if st.Total < 0 {
			seen.negative++
		}
		if st.Total == 0 {
			seen.zero++
		}
		if st.Count == 0 {
			seen.empty++
		}
		if st.End.Sub(st.Start) > 300*24*time.Hour {
			seen.many++
		}
		if st.Start.Month() == st.End.Month() {
			seen.single++
		}
		for r := range st.Rows() {
			if r.Posted.Before(st.Start) || r.Posted.After(st.End) {
				seen.outside++
			}
		}
	}
	if seen.negative < 50 || seen.zero < 50 || seen.empty == 0 || seen.many < 50 || seen.single < 20 || seen.outside < 50 {
		t.Errorf("not nasty enough: %+v", seen)
	}
	for seed := range uint64(100) {
		for total, want := range map[settlementtest.Total]int{settlementtest.PositiveTotal: 1, settlementtest.NegativeTotal: -1, settlementtest.ZeroTotal: 0} {
			st := settlementtest.Arbitrary(seed, settlementtest.Nasty{Currency: "KWD", Total: total, Boundaries: 14})
			if got := number(t, mustTie(t, st).summary["total-amount"]).Sign(); got != want {
				t.Errorf("seed %d: sign of the total is %d, asked for %d", seed, got, want)
			}
			if months := int(st.End.Month()) + 12*(st.End.Year()-st.Start.Year()) - int(st.Start.Month()); months != 14 {
				t.Errorf("seed %d: %d month ends inside, asked for 14", seed, months)
			}
		}
	}
	only := []settlementtest.Kind{{TransactionType: "Brand New", AmountType: "Words", AmountDescription: "Nobody Knows"}}
	for r := range settlementtest.Arbitrary(4, settlementtest.Nasty{Kinds: only}).Rows() {
		if r.TransactionType != "Brand New" && r.TransactionType != "other-transaction" {
			t.Errorf("row of kind %s", r.TransactionType)
		}
	}
}

func TestBuildTakesTheRowsAsTheyAre(t *testing.T) {
	rows := []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 10000},
		{TransactionType: "Order", AmountType: "ItemFees", AmountDescription: "Commission", Amount: -1500, Posted: day(2026, 10, 3)},
	}
	st := settlementtest.Build(settlementtest.Spec{ID: "12345678901", Currency: "EUR", Rows: rows})
	r := mustTie(t, st)
	if r.summary["total-amount"] != "85,00" || r.summary["settlement-id"] != "12345678901" || st.Payout.Status != "PAID" {
		t.Errorf("summary %v, payout %s", r.summary, st.Payout.Status)
	}
	if rows[0].Posted != (time.Time{}) {
		t.Error("Build wrote into the caller's rows")
	}
}

func TestAReissuedSettlementHasTheSameIDAndOtherRows(t *testing.T) {
	st := settlementtest.Seller{Seed: 4}.Settlements()[1]
	again := st.Reissued(settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 77, Posted: st.Start})
	r := mustTie(t, again)
	if again.ID != st.ID || r.summary["total-amount"] != "0.77" || again.Reports[0].ID == st.Reports[0].ID || !again.Start.Equal(st.Start) {
		t.Errorf("reissued %+v", again)
	}
	mustTie(t, st)
}

func TestMultiChannelOrdersHaveAFeeAndNoItem(t *testing.T) {
	n := 0
	for r := range (settlementtest.Seller{Seed: 6, Count: 1, Rows: 3000}).Settlements()[0].Rows() {
		if r.AmountDescription != "FBA transportation fee" {
			continue
		}
		n++
		if r.MarketplaceName != "Non-Amazon US" || !strings.HasPrefix(r.OrderID, "S01-") || r.MerchantOrderID == r.OrderID || r.SKU+r.OrderItemCode != "" || r.Amount >= 0 {
			t.Errorf("row %+v", r)
		}
	}
	if n == 0 {
		t.Error("no multi-channel order")
	}
}
