package round_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// other is a report of the same settlement that ties, too, and says something else.
func other(id string) []byte {
	return settlementtest.Build(settlementtest.Spec{ID: id, Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 4242},
	}}).V2()
}

// reissue brings another report of a settlement.
func (w *world) reissue(t *testing.T, id string) {
	t.Helper()
	w.bring(t, other(id))
}

// bring imports a report.
func (w *world) bring(t *testing.T, report []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "again.txt")
	if err := os.WriteFile(name, report, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Archive.Import(t.Context(), w.ID, name); err != nil {
		t.Fatal(err)
	}
}

func TestAReissuedSettlementIsRefusedWithBothFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		if _, err := w.run(t); err != nil {
			t.Fatal(err)
		}
		settlements, err := w.Archive.Settlements(t.Context(), w.ID)
		if err != nil {
			t.Fatal(err)
		}
		id := settlements[0].SettlementID
		w.reissue(t, id)
		before := w.books(t)
		payouts, err := w.run(t)
		if err != nil {
			t.Fatal(err)
		}
		reissued, ok := errors.AsType[*round.ReissuedError](payouts[0].Err)
		if !ok || !strings.Contains(reissued.Error(), "42.42") || !strings.Contains(reissued.Error(), "\n+ line 3: ") || payouts[0].State != booking.StateRefused {
			t.Errorf("got %v in state %s", payouts[0].Err, payouts[0].State)
		}
		if after := w.books(t); after["JE"] != before["JE"] {
			t.Error("something was booked for the reissue")
		}
	})
}

func TestAReissueLeavesWhatIsBookedToBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		id := w.must(t)[0].SettlementID
		booked := w.row(t, id)
		w.reissue(t, id)
		w.must(t)
		if after := w.row(t, id); after.ErrorCode != "reissued" || after.Plan != booked.Plan || !reflect.DeepEqual(after.Documents, booked.Documents) {
			t.Errorf("the row was %+v\nand is %+v", booked, after)
		}
	})
}

func TestASettledSettlementThatComesAgainInAFileOfSeveralStaysSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid, settlementtest.Paid)})
		id := w.must(t)[0].SettlementID
		before, books := w.row(t, id), w.books(t)
		_, rows, _ := bytes.Cut(other("20000000001"), []byte("\n"))
		w.bring(t, append(w.account.Settlements[0].V2(), rows...))
		looked := map[string]bool{}
		if _, err := w.Run(t.Context(), round.Unsettled, func(p round.Payout) { looked[p.SettlementID] = true }); err != nil {
			t.Fatal(err)
		}
		if after := w.row(t, id); !before.Settled || looked[id] || !looked["20000000001"] || !reflect.DeepEqual(before, after) {
			t.Errorf("the round looked at %v; the row was %+v\nand is %+v", looked, before, after)
		}
		if after := w.books(t); !reflect.DeepEqual(books, after) { // the other one is of a year that the company has not opened
			t.Errorf("the books held %v and hold %v", books, after)
		}
	})
}

func TestAnArchivedReportThatIsNotWhatWasDeliveredIsRefusedUntilItIsRestored(t *testing.T) {
	for name, damage := range map[string]func(path, id string) error{
		"another that ties": func(path, id string) error {
			return os.WriteFile(path, other(id), 0o600)
		},
		"cut":     func(path, _ string) error { return os.Truncate(path, 500) },
		"missing": func(path, _ string) error { return os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, setup{account: described(settlementtest.Paid)})
				check := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				w.DryRun, w.Fits = true, func(context.Context, string) error { return nil }
				_, err := w.run(t)
				check(err)
				settlements, err := w.Archive.Settlements(t.Context(), w.ID)
				check(err)
				path, err := w.Archive.Path(t.Context(), settlements[0].Entry)
				check(err)
				delivered, err := os.ReadFile(path)
				check(err)
				check(damage(path, settlements[0].SettlementID))
				w.DryRun = false
				payouts, err := w.run(t)
				if err != nil || payouts[0].State != booking.StateRefused || !errors.Is(payouts[0].Err, collect.ErrDamaged) || len(w.books(t)) > 0 {
					t.Errorf("damaged: state %s, %v, %v, books %v", payouts[0].State, payouts[0].Err, err, w.books(t))
				}
				if row := w.row(t, settlements[0].SettlementID); row.Total != settlements[0].Total || row.Currency != "USD" || !row.Start.Equal(settlements[0].Start) {
					t.Errorf("what was known of it is not known any more: %+v", row)
				}
				check(os.WriteFile(path, delivered, 0o600))
				if payouts, err := w.run(t); err != nil || payouts[0].State != booking.StateBooked {
					t.Errorf("restored: state %s, %v, %v", payouts[0].State, payouts[0].Err, err)
				}
			})
		})
	}
}
