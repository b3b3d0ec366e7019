package round_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// must does one round that meets no trouble.
func (w *world) must(t *testing.T) []round.Payout {
	t.Helper()
	payouts, err := w.run(t)
	if err != nil {
		t.Fatal(err)
	}
	return payouts
}

// named returns the findings with a code.
func named(p round.Payout, code string) (texts []string) {
	for _, f := range p.Findings {
		if strings.HasPrefix(f, code+": ") {
			texts = append(texts, f)
		}
	}
	return texts
}

// count is the number of calls of one operation so far.
func (w *world) count(op string) int { return w.amazon.Calls()[op] }

func TestAPaidSettlementIsAgreedAndNeverAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid, settlementtest.Negative, settlementtest.Paid)})
		for range 3 {
			for _, p := range w.must(t) {
				if p.Reconciliation != settlement.Agreed || len(p.Findings) > 0 || p.Err != nil {
					t.Errorf("settlement %s: %s, findings %q, %v", p.SettlementID, p.Reconciliation, p.Findings, p.Err)
				}
			}
		}
		if n := w.count("listSummary"); n != 3 {
			t.Errorf("three settlements in three rounds cost %d calls of listSummary, want 3", n)
		}
		if w.count("listPayouts") != 3 || w.count("listFinancialEventGroups") != 3 || w.count("listTransactions") != 0 {
			t.Errorf("three rounds cost %v", w.amazon.Calls())
		}
	})
}

func TestWithoutEntitlementASettlementIsPendingWithAFindingAndBooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid)
		account.Denied = []string{"listSummary", "listPayouts", "listFinancialEventGroups"}
		w := newWorld(t, setup{account: account})
		for range 2 {
			p := w.must(t)[0]
			if p.Reconciliation != settlement.Pending || p.State != booking.StateBooked || len(named(p, "not_entitled")) != 3 || len(named(p, "pending")) != 1 {
				t.Errorf("%s in state %s, findings %q", p.Reconciliation, p.State, p.Findings)
			}
		}
		if n := w.count("listSummary"); n != 2 {
			t.Errorf("listSummary was asked %d times in two rounds: a settlement that is pending is looked at again", n)
		}
	})
}

func TestATotalThatDiffersIsRefusedWithBothFiguresAndBooksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid)
		st := account.Settlements[0]
		account.Settlements[0].Reports = nil // Amazon knows it, and the report comes as a file
		rows := slices.Collect(st.Rows())
		i := slices.IndexFunc(rows, func(r settlementtest.Row) bool { return r.OrderID != "" && r.AmountDescription == "Principal" })
		rows[i].Amount++
		report := settlementtest.Build(settlementtest.Spec{ID: st.ID, SellerID: st.SellerID, Start: st.Start, End: st.End, Rows: rows})
		w := newWorld(t, setup{account: account})
		name := filepath.Join(t.TempDir(), "report.txt")
		if err := os.WriteFile(name, report.V2(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Archive.Import(t.Context(), w.ID, name); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			p := w.must(t)[0]
			refused, ok := errors.AsType[*round.NotReconciledError](p.Err)
			if !ok || p.State != booking.StateRefused || p.Reconciliation != settlement.Differs {
				t.Fatalf("%v in state %s, %s", p.Err, p.State, p.Reconciliation)
			}
			if refused.Report.String() != report.TotalText() || refused.Second.String() != st.TotalText() ||
				!strings.Contains(p.Err.Error(), report.TotalText()) || !strings.Contains(p.Err.Error(), st.TotalText()) {
				t.Errorf("%v does not have both %s and %s", p.Err, report.TotalText(), st.TotalText())
			}
			if found := strings.Join(named(p, "differs"), "\n"); !strings.Contains(found, "order "+rows[i].OrderID) {
				t.Errorf("the findings do not name the order: %q", p.Findings)
			}
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Errorf("%d batches are booked", n)
		}
		if n := w.count("listSummary"); n != 2 {
			t.Errorf("two rounds asked %d times", n)
		}
	})
}

func TestTwoGroupsThatFitAreAmbiguousAndTheSettlementIsBookedWithAFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid)
		account.Denied = []string{"listSummary", "listPayouts"}
		twin := account.Settlements[0]
		twin.ID, twin.EventGroup, twin.Reports = "20000000001", "twin", nil
		account.Settlements = append(account.Settlements, twin)
		w := newWorld(t, setup{account: account})
		p := w.must(t)[0]
		if p.Reconciliation != settlement.Ambiguous || p.State != booking.StateBooked || len(named(p, "ambiguous")) != 1 {
			t.Errorf("%s in state %s, findings %q", p.Reconciliation, p.State, p.Findings)
		}
	})
}

func TestWhenListSummaryIsAwayTheRoundSaysSoAndBooksAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid, settlementtest.Paid)
		account.Denied = []string{"listPayouts", "listFinancialEventGroups"}
		away := spapitest.Faults{Steps: []spapitest.Step{{Operation: "listSummary", Fault: spapitest.Unavailable, Times: -1}}}
		w := newWorld(t, setup{account: account, amazon: away})
		payouts, err := w.run(t)
		if !errors.Is(err, spapi.ErrUnavailable) || len(payouts) != 2 {
			t.Fatalf("%d payouts, %v", len(payouts), err)
		}
		for _, p := range payouts {
			if p.Reconciliation != settlement.Pending || p.State != booking.StateBooked || p.Err != nil || len(named(p, "no_answer")) != 1 {
				t.Errorf("%s in state %s, %v, findings %q", p.Reconciliation, p.State, p.Err, p.Findings)
			}
		}
	})
}

func TestR5_1_AGapIsNamedAtTheSettlementAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		account.Settlements = slices.Delete(account.Settlements, 1, 2)
		payouts := newWorld(t, setup{account: account}).must(t)
		gap := named(payouts[1], "gap")
		if len(payouts) != 2 || len(payouts[0].Findings) > 0 || len(gap) != 1 || !strings.Contains(gap[0], payouts[0].SettlementID) ||
			!strings.Contains(gap[0], "starts 13 days 23h59m59s after") {
			t.Errorf("findings %q and %q", payouts[0].Findings, payouts[1].Findings)
		}
	})
}

func TestR5_2_WhatASettlementPassesOnIsComparedWithWhatTheNextTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const two = 14 * 24 * time.Hour
		start := time.Now().Add(-5*two - 48*time.Hour) // reports are listed some hours after the period ends
		sale := settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 9000, OrderID: "111-1111111-1111111", MarketplaceName: "Amazon.com"}
		fee := settlementtest.Row{TransactionType: "ServiceFee", AmountType: "other-transaction", AmountDescription: "Subscription Fee", Amount: -3999}
		other := func(description string, amount int64) settlementtest.Row {
			return settlementtest.Row{TransactionType: "other-transaction", AmountType: "other-transaction", AmountDescription: description, Amount: amount}
		}
		account := spapitest.SellerAccount{}
		for i, rows := range [][]settlementtest.Row{
			{sale, other("Current Reserve Amount", -1000)},
			{fee, other("Previous Reserve Amount Balance", 1000)}, // account rows only: it names no store
			{sale, other("Payable to Amazon", -2999), other("Current Reserve Amount", -500)},
			{sale, other("Previous Reserve Amount Balance", 400)}, // one less than was held back
			{sale, other("Payable to Amazon", -1)},                // nothing was owed
		} {
			at := start.Add(time.Duration(i) * two)
			account.Settlements = append(account.Settlements, settlementtest.Build(settlementtest.Spec{
				ID: "2000000000" + string(rune('1'+i)), SellerID: "A1EXAMPLE00001", Start: at, End: at.Add(two), Until: time.Now(), Rows: rows,
			}))
		}
		payouts := newWorld(t, setup{account: account}).must(t)
		for i, want := range []string{"", "", "", "reserve_carry", "balance_carry"} {
			var codes []string
			for _, f := range payouts[i].Findings {
				code, _, _ := strings.Cut(f, ": ")
				codes = append(codes, code)
			}
			if strings.Join(codes, " ") != want {
				t.Errorf("settlement %d: findings %q, want %q", i+1, payouts[i].Findings, want)
			}
		}
	})
}

func TestStoresOfOneCurrencyDoNotOverlapEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := func(marketplace string, seed uint64) settlementtest.Seller {
			return settlementtest.Seller{ID: "A1EXAMPLE00001", Seed: seed, Count: 3, Rows: 40, Until: time.Now(), Marketplace: marketplace}
		}
		account := spapitest.Account(stream("A1PA6795UKMFR9", 3), stream("A13V1IB3VIYZZH", 4)) // Germany and France, both in EUR
		payouts := newWorld(t, setup{account: account, region: spapi.Europe}).must(t)
		if len(payouts) != 6 {
			t.Fatalf("%d payouts", len(payouts))
		}
		for _, p := range payouts {
			for _, code := range []string{"gap", "overlap", "reserve_carry", "balance_carry"} {
				if f := named(p, code); len(f) > 0 {
					t.Errorf("settlement %s: %q", p.SettlementID, f)
				}
			}
		}
	})
}
