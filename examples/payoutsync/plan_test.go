package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// saleOf writes the report of a settlement of one sale.
func saleOf(t *testing.T, id, currency string) string {
	t.Helper()
	end := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	s := settlementtest.Build(settlementtest.Spec{
		ID: id, SellerID: "A1", Currency: currency, Start: end.AddDate(0, 0, -14), End: end, Until: end,
		Rows: []settlementtest.Row{{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 9000, OrderID: "111-1111111-1111111", MarketplaceName: "Amazon.com"}},
	})
	name := filepath.Join(t.TempDir(), id+".txt")
	if err := os.WriteFile(name, s.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAnImportFileOfSeveralSettlementsHasOneHeader(t *testing.T) {
	o := payoutsync(t, "plan", "--format", "vantagepoint-csv", saleOf(t, "20000000001", "USD"), saleOf(t, "20000000002", "USD")).expect(t, exitDone)
	if !strings.HasPrefix(o.out, "RefNo,") || strings.Count(o.out, "RefNo,") != 1 || !strings.Contains(o.out, "\n20000000001A,") || !strings.Contains(o.out, "\n20000000002A,") {
		t.Error(o.out)
	}
}

func TestWhatAPlanFindsIsToldBesideEveryFormat(t *testing.T) {
	name := saleOf(t, "20000000001", "CHF")
	for _, format := range []string{"table", "json", "hledger", "vantagepoint-csv"} {
		o := payoutsync(t, "plan", "--format", format, name).expect(t, exitDone)
		if said := o.out + o.errors; strings.Count(said, "no bank is named for CHF") != 1 {
			t.Errorf("%s: %s", format, said)
		}
	}
}
