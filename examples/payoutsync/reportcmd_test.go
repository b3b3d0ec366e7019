package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func usdOf(t *testing.T, text string) settlement.Money {
	t.Helper()
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	m, err := settlement.ParseMoney(strings.ReplaceAll(text, ",", ""), usd)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sheet is the rows of a sheet, without its headings.
func sheet(t *testing.T, file, name string) [][]string {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(name)
	if err != nil || len(rows) == 0 {
		t.Fatalf("sheet %s: %v", name, err)
	}
	return rows[1:]
}

func TestReportOfAPayoutAsAPageAndAsAWorkbook(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		id := i.first(t)
		dir := t.TempDir()
		name := filepath.Join(dir, "payout.html")
		o := i.run(t, "report", "acme-us/"+id, "-o", name, "--json").expect(t, 0).lines(t)[0]
		if o["settlement_id"] != id || o["file"] != name {
			t.Errorf("object %v", o)
		}
		html := readFile(t, name)
		for _, want := range []string{"Settlement " + id, "<details><summary>", "From gross sales to the payout", "The seller&#39;s log ended at record", "agreed"} {
			if !strings.Contains(strings.ReplaceAll(html, "seller's", "seller&#39;s"), want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		name = filepath.Join(dir, "payout.xlsx")
		i.run(t, "report", id, "-o", name).expect(t, 0)
		rows := sheet(t, name, "Rows")
		total := usdOf(t, "0")
		for _, r := range rows {
			var err error
			if total, err = total.Add(usdOf(t, r[9])); err != nil {
				t.Fatal(err)
			}
			if len(r) < 12 && usdOf(t, r[9]).Sign() != 0 && len(r) != 10 {
				t.Errorf("row %v names no ledger line", r)
			}
		}
		payout := i.run(t, "status", "--json").expect(t, 0).lines(t)[2]
		if len(rows) != 40 || total.String() != payout["total"] {
			t.Errorf("%d rows add up to %s, the payout is %s", len(rows), total, payout["total"])
		}
	})
}

func TestReportWantsAPayoutOrAPeriodAndAKnownKindOfFile(t *testing.T) {
	i := synced(t, newInstall(t))
	for _, args := range [][]string{{}, {i.first(t), "--period", "202611"}, {i.first(t), "-o", "report.pdf"}, {"--period", "November"}, {"--period", "199912"}, {"acme-us/1"}} {
		if o := i.run(t, append([]string{"report"}, args...)...).expect(t, exitUsage); o.errors == "" {
			t.Errorf("%v says nothing", args)
		}
	}
	if o := i.run(t, "report", "--help").expect(t, 0); !strings.Contains(o.out, "Example: payoutsync report") {
		t.Errorf("help: %s", o.out)
	}
}

// TestTheMonthsCloseAgreesWithTheTenantsBooks adds the tenant's own lines up and compares.
func TestTheMonthsCloseAgreesWithTheTenantsBooks(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		balance := map[int]settlement.Money{} // by period: what its documents change on the clearing account
		for _, b := range i.tenant.Batches() {
			for _, e := range b.Entries {
				for _, l := range e.Lines {
					if l.Account == "115.00" {
						sum, err := balance[e.Period].Add(usdOf(t, l.Amount))
						if err != nil {
							t.Fatal(err)
						}
						balance[e.Period] = sum
					}
				}
			}
		}
		periods := []int{}
		for p := range balance {
			periods = append(periods, p)
		}
		slices.Sort(periods)
		if len(periods) < 2 {
			t.Fatalf("periods %v: not enough to roll forward", periods)
		}
		before := usdOf(t, "0")
		for _, p := range periods {
			name := filepath.Join(t.TempDir(), "month.xlsx")
			i.run(t, "report", "--period", fmt.Sprint(p), "-o", name).expect(t, 0)
			rows := sheet(t, name, "Clearing")
			total := rows[len(rows)-1]
			after, err := before.Add(balance[p])
			if err != nil {
				t.Fatal(err)
			}
			if usdOf(t, total[4]) != before || usdOf(t, total[7]) != after {
				t.Errorf("period %d: opening %s and closing %s, the tenant has %s and %s", p, total[4], total[7], before, after)
			}
			before = after
		}
		page := filepath.Join(t.TempDir(), "month.html")
		o := i.run(t, "report", "--period", fmt.Sprint(periods[len(periods)-1]), "-o", page, "--json").expect(t, 0).lines(t)[0]
		if o["open"] == nil || !strings.Contains(readFile(t, page), "acme-us, USD") {
			t.Errorf("object %v", o)
		}
	})
}

func TestARefusedPayoutHasAReportThatSaysWhyAndNoEvidence(t *testing.T) {
	i := newInstall(t)
	file := filepath.Join(i.dir, "rules.yaml")
	var kept []string
	for line := range strings.Lines(readFile(t, file)) {
		if strings.HasPrefix(line, "chart: demo") || strings.Contains(line, "  referral_fee:") || strings.Contains(line, "Commission") {
			continue
		}
		kept = append(kept, line)
	}
	if err := os.WriteFile(file, []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	i.run(t, "connect", "acme-us").expect(t, 0)
	i.run(t, "sync").expect(t, exitRefused)
	id := i.first(t)
	name := filepath.Join(t.TempDir(), "refused.html")
	i.run(t, "report", id, "-o", name).expect(t, 0)
	html := readFile(t, name)
	for _, want := range []string{"Not booked as it stands", "Commission", "What the report holds"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	name = filepath.Join(t.TempDir(), "refused.xlsx")
	i.run(t, "report", id, "-o", name).expect(t, 0)
	if rows := sheet(t, name, "Rows"); len(rows) != 40 {
		t.Errorf("%d rows, want all 40", len(rows))
	}
	if o := i.run(t, "evidence", "pack", id, "-o", filepath.Join(t.TempDir(), "x.zip")).expect(t, exitUsage); !strings.Contains(o.errors, "never planned") {
		t.Errorf("evidence: %s", o.errors)
	}
}
