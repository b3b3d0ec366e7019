package round_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// unfetched does a round and returns the event groups whose report is missing by then.
func (w *world) unfetched(t *testing.T) (ids []string) {
	t.Helper()
	collected, err := w.Run(t.Context(), round.Unsettled, func(round.Payout) {})
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.Store.SellerNamed(t.Context(), w.Name)
	if err != nil || !slices.EqualFunc(row.Unfetched, collected.Unfetched, func(a, b settlement.GroupFact) bool { return a.ID == b.ID }) {
		t.Errorf("kept %v, %v; the round found %v", row.Unfetched, err, collected.Unfetched)
	}
	for _, g := range collected.Unfetched {
		ids = append(ids, g.ID)
	}
	return ids
}

func TestR5_3_AReportThatAmazonWithholdsIsNamedUntilItIsBroughtIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		withheld := account.Settlements[1]
		account.Settlements[1].Reports = nil
		w := newWorld(t, setup{account: account})
		if err := w.Store.AddSeller(t.Context(), w.Name, w.ID); err != nil {
			t.Fatal(err)
		}
		calls := map[string]int{}
		for _, days := range []int{0, 1, 40, 90} { // after a month nothing is asked that began before its period ended
			time.Sleep(time.Until(account.Settlements[2].End.AddDate(0, 0, days)))
			if got := w.unfetched(t); !slices.Equal(got, []string{withheld.EventGroup}) {
				t.Errorf("after %d days the reports of %q are missing, want %q", days, got, withheld.EventGroup)
			}
			for op, n := range w.amazon.Calls() {
				if strings.HasPrefix(op, "list") && op != "listSummary" && n > calls[op]+1 {
					t.Errorf("after %d days: %d calls of %s in one round", days, n-calls[op], op)
				}
				calls[op] = n
			}
		}
		w.bring(t, withheld.V2())
		if got := w.unfetched(t); got != nil {
			t.Errorf("with its report: %q are missing", got)
		}
	})
}

func TestR5_3_NothingIsMissingWhereAmazonDoesNotSayWhatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		account.Settlements[1].Reports = nil
		account.Denied = []string{"listFinancialEventGroups"}
		w := newWorld(t, setup{account: account})
		if err := w.Store.AddSeller(t.Context(), w.Name, w.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.unfetched(t); got != nil {
			t.Errorf("%q are missing", got)
		}
	})
}

func TestR5_3_WhatNoReportIsThereForIsForgottenWhenAmazonCannotBeAskedAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		account.Settlements[1].Reports = nil
		w := newWorld(t, setup{account: account})
		if err := w.Store.AddSeller(t.Context(), w.Name, w.ID); err != nil {
			t.Fatal(err)
		}
		w.unfetched(t)
		time.Sleep(time.Until(account.Settlements[1].End.AddDate(0, 0, 180)))
		if got := w.unfetched(t); got != nil {
			t.Errorf("after half a year %q are missing", got)
		}
	})
}
