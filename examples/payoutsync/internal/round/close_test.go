package round_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// closeUntil closes every period up to a month, as a controller does after its end.
func (w *world) closeUntil(t *testing.T, year int, month time.Month) {
	t.Helper()
	for day := time.Date(1999, time.October, 1, 0, 0, 0, 0, time.UTC); !day.After(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 1, 0) {
		if err := w.tenant.ClosePeriod(day.Year()*100 + int(day.Month())); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) row(t *testing.T, settlementID string) store.Payout {
	t.Helper()
	row, err := w.Store.Payout(t.Context(), w.ID, settlementID)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestR7_4_APeriodThatIsClosedLaterMovesNothingThatIsBookedAndHoldsBackNoReceipt(t *testing.T) {
	for _, policy := range []string{"refuse", "next-open-period"} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, setup{account: described(settlementtest.Paid), rules: func(starter string) string {
					return strings.Replace(starter, "\nclosed_period: refuse", "\nclosed_period: "+policy, 1)
				}})
				p := w.must(t)[0]
				if !p.InTransit() {
					t.Fatalf("at first: %s, %v", p.State, p.Err)
				}
				journals := w.books(t)["JE"]
				w.closeUntil(t, 1999, time.December)
				time.Sleep(5 * 24 * time.Hour)
				p = w.must(t)[0]
				if p.Err != nil || p.State != booking.StateBooked || p.InTransit() || w.books(t)["CR"] != 1 || w.books(t)["JE"] != journals {
					t.Fatalf("after the close: %s, %v, books %v", p.State, p.Err, w.books(t))
				}
				booked := w.row(t, p.SettlementID)
				time.Sleep(40 * 24 * time.Hour)
				w.closeUntil(t, 2000, time.January)
				p = w.must(t)[0]
				after := w.row(t, p.SettlementID)
				if p.Err != nil || !after.Settled || after.Plan != booked.Plan || w.books(t)["JE"] != journals || w.books(t)["CR"] != 1 {
					t.Errorf("after the second close: %s, %v, books %v, plan %s and then %s", p.State, p.Err, w.books(t), booked.Plan, after.Plan)
				}
			})
		})
	}
}

func TestR7_4_WhatIsNotSentYetGoesIntoNoClosedPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		p := w.must(t)[0]
		time.Sleep(40 * 24 * time.Hour) // the money came in January
		w.closeUntil(t, 2000, time.January)
		for range 2 {
			before := w.row(t, p.SettlementID)
			p = w.must(t)[0]
			refused, ok := errors.AsType[*ledgermap.RefusedError](p.Err)
			if !ok || refused.Code != ledgermap.RefusedPeriodClosed || w.books(t)["CR"] != 0 {
				t.Fatalf("%s, %v, books %v", p.State, p.Err, w.books(t))
			}
			// What is in the books stays to be seen.
			if after := w.row(t, p.SettlementID); after.State != string(booking.StateRefused) || after.Plan != before.Plan || !reflect.DeepEqual(after.Documents, before.Documents) || len(after.Documents) == 0 {
				t.Errorf("the row was %+v\nand is %+v", before, after)
			}
		}
	})
}

func TestARunThatWasCutShortBeforeACloseIsFinishedAsItWasPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: time.Now().AddDate(0, 0, 6)})
		away := true
		w := newWorld(t, setup{account: account, tenant: vantagepointtest.Options{Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
			if away && c.Operation == "POST DataEntry/jeControl" && c.Nth > 1 {
				return vantagepointtest.FaultCutBefore
			}
			return vantagepointtest.FaultNone
		}}}})
		time.Sleep(7 * 24 * time.Hour)
		if _, err := w.run(t); err == nil || w.books(t)["JE"] != 1 {
			t.Fatalf("it was not cut short: %v, books %v", err, w.books(t))
		}
		w.closeUntil(t, 1999, time.December)
		away = false
		if p := w.must(t)[0]; p.Err != nil || p.State != booking.StateBooked || w.books(t)["JE"] < 2 {
			t.Errorf("%s, %v, books %v", p.State, p.Err, w.books(t))
		}
	})
}

func TestR11_4_MoneyThatComesBackAfterItWasBookedAsPaidIsSeenWithinADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid)
		payout := &account.Settlements[0].Payout
		back := payout.History[len(payout.History)-1].At.Add(7 * 24 * time.Hour)
		payout.History = append(slices.Clone(payout.History), settlementtest.PayoutStep{Status: "FAILED", At: back, FailureReason: "the account is closed"})
		w := newWorld(t, setup{account: account})
		scheduled := func() (looked int) {
			time.Sleep(6 * time.Hour)
			if _, err := w.Run(t.Context(), round.Unsettled, func(p round.Payout) {
				if looked++; p.Err != nil {
					t.Error(p.Err)
				}
			}); err != nil {
				t.Fatal(err)
			}
			return looked
		}
		for time.Now().Add(6 * time.Hour).Before(back) {
			scheduled()
		}
		if w.books(t)["CR"] != 1 || !w.row(t, account.Settlements[0].ID).Settled {
			t.Fatalf("before it comes back: books %v", w.books(t))
		}
		scheduled()
		if n := w.books(t)["CR"]; n != 2 {
			t.Errorf("after it came back there are %d cash receipts, want the receipt and its mirror", n)
		}
		for range 8 {
			if looked := scheduled(); looked != 0 {
				t.Error("it is looked at again")
			}
		}
		// Nothing waits for it, so once a day is often enough. The seller's last round was, by SQLite's clock, today.
		if err := errors.Join(w.Store.AddSeller(t.Context(), w.Name, w.ID), w.Store.Ended(t.Context(), w.Name, false, time.Time{}, "")); err != nil {
			t.Fatal(err)
		}
		asked := w.count("listPayouts")
		if scheduled(); w.count("listPayouts") != asked {
			t.Error("it is asked for more than once a day")
		}
	})
}
