package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestALineShowsItsFirstFiftyOrdersAndCountsTheRest(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var rows []settlementtest.Row
	for n := range 70 {
		for range 2 {
			rows = append(rows, settlementtest.Row{
				TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: int64(100 + n), OrderID: fmt.Sprintf("111-0000000-%07d", n), Posted: start.AddDate(0, 0, 3),
			})
		}
	}
	name := filepath.Join(t.TempDir(), "report.txt")
	st := settlementtest.Build(settlementtest.Spec{ID: "20000000007", Start: start, End: start.AddDate(0, 0, 14), Rows: rows})
	if err := os.WriteFile(name, st.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	past := &installation.Past{File: file}
	defer past.Close()
	rules, err := ledgermap.LoadRules("rules.yaml", ledgermap.Starter())
	if err != nil {
		t.Fatal(err)
	}
	if past.Plan, err = rules.Plan(settlement.NewReader(bytes.NewReader(st.V2()), settlement.Options{}), ledgermap.Input{Calendar: offlineMonths}); err != nil {
		t.Fatal(err)
	}
	lines, err := ordersOf(past)
	if err != nil {
		t.Fatal(err)
	}
	o := lines[ledgermap.Ref{Ordinal: ledgermap.FirstPart, Line: 1}]
	if o == nil || len(o.list) != page.MaxOrders || o.list[0].ID != "111-0000000-0000000" || o.list[0].Rows != 2 || o.list[0].Amount.String() != "2.00" {
		t.Fatalf("orders %+v", o)
	}
	all := o.rest.Amount
	for _, order := range o.list {
		all = sum(all, order.Amount)
	}
	if o.rest.Rows != 40 || all.String() != st.TotalText() {
		t.Errorf("%d other rows, %s in all; want 40 and %s", o.rest.Rows, all, st.TotalText())
	}
}
