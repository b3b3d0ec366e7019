package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// reported is a file of a settlement with these descriptions, in Windows-1252 or UTF-8.
func reported(t *testing.T, latin bool, descriptions ...string) string {
	t.Helper()
	var rows []settlementtest.Row
	for _, d := range descriptions {
		rows = append(rows, settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: d, MarketplaceName: "Amazon.dé", Amount: 1000})
	}
	return reportOf(t, latin, rows...)
}

func reportOf(t *testing.T, latin bool, rows ...settlementtest.Row) string {
	t.Helper()
	text := string(settlementtest.Build(settlementtest.Spec{Rows: rows}).V2())
	if latin {
		var err error
		if text, err = charmap.Windows1252.NewEncoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWhatIsPrintedOfAReportIsTextInEveryCharset(t *testing.T) {
	kinds := []string{"Coupon ä", "Coupon ö"}
	utf8, latin := reported(t, false, kinds...), reported(t, true, kinds...)
	for _, command := range []string{"inspect", "plan"} {
		code := map[string]int{"inspect": exitDone, "plan": exitRefused}[command]
		want := payoutsync(t, command, "--json", utf8).expect(t, code).lines(t)[0]
		got := payoutsync(t, command, "--json", latin).expect(t, code).lines(t)[0]
		for _, key := range []string{"marketplaces", "keys", "unknown", "error"} {
			if d := cmp.Diff(want[key], got[key]); d != "" {
				t.Errorf("%s: %s: %s", command, key, d)
			}
		}
		o := payoutsync(t, command, latin)
		for _, kind := range kinds {
			if !strings.Contains(o.out+o.errors, "Order/ItemPrice/"+kind) {
				t.Errorf("%s: %s is not in %q and %q", command, kind, o.out, o.errors)
			}
		}
	}
}

func TestATerminalDoesNotObeyAReport(t *testing.T) {
	name := reported(t, false, "\x1b[31mred\a")
	for _, command := range []string{"inspect", "plan"} {
		o := payoutsync(t, command, name)
		if text := o.out + o.errors; strings.ContainsAny(text, "\x1b\a") || !strings.Contains(text, `"\x1b[31mred\a"`) {
			t.Errorf("%s: %q", command, text)
		}
	}
	if got, want := shown("Ü 1\x1b[31m"), `"Ü 1\x1b[31m"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTheRowsBehindALedgerLineAreTextInEveryCharset(t *testing.T) {
	row := settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Öl", MarketplaceName: "Amazon.dé", SKU: "MÜ-1", Amount: 1000}
	name := reportOf(t, true, row)
	rules, err := ledgermap.LoadRules("rules.yaml", bytes.Replace(ledgermap.Starter(), []byte("\nrules:\n"),
		[]byte("\nrules:\n  - {when: {transaction_type: Order, amount_type: ItemPrice, amount_description: Öl}, category: shipping}\n"), 1))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner{rules: rules}.plan(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	past := &installation.Past{File: file, Plan: plan, Tally: settlement.Tally{Statement: plan.Statement}}
	for row, err := range workbookRows(store.Payout{}, past) {
		if err != nil {
			t.Fatal(err)
		}
		if got := []string{row.AmountDescription, row.Marketplace, row.SKU}; !slices.Equal(got, []string{"Öl", "Amazon.dé", "MÜ-1"}) || row.Line == 0 {
			t.Errorf("a row of the workbook: %q, line %d", got, row.Line)
		}
	}
	orders, err := ordersOf(past)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orders {
		if o.list[0].ID != "Öl" {
			t.Errorf("on the page: %q", o.list[0].ID)
		}
	}
	var out bytes.Buffer
	if err := (&app{out: &out}).explainLine(asked{}, past, ledgermap.Ref{Ordinal: 1, Line: 1}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "MÜ-1  Order / ItemPrice / Öl") {
		t.Errorf("explained: %q", out.String())
	}
}
