package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestR5_3_AReportThatHasNotComeIsShownEverywhereUntilItIsBroughtIn(t *testing.T) {
	account := spapitest.Account(settlementtest.Seller{Seed: 5, Count: 3, Rows: 40, Until: time.Now()})
	withheld := account.Settlements[1]
	account.Settlements[1].Reports = nil
	i := synced(t, installWith(t, spapitest.Options{Sellers: []spapitest.SellerAccount{account}}, vantagepointtest.Options{}))
	dir := t.TempDir()
	shown := func(want bool) {
		t.Helper()
		sync := i.run(t, "sync").expect(t, 0)
		month := filepath.Join(dir, "month.html")
		i.run(t, "report", "--period", account.Settlements[2].End.Format("200601"), "-o", month).expect(t, 0)
		cfg, err := config.Load(i.config)
		if err != nil {
			t.Fatal(err)
		}
		in, err := installation.Open(t.Context(), cfg, installation.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		pages := &pages{in: in}
		var findings, sellers []string
		found, err := pages.Findings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Settlement == "" {
				findings = append(findings, f.Text)
			}
		}
		known, err := pages.Sellers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range known {
			sellers = append(sellers, s.Missing...)
		}
		for name, text := range map[string]string{
			"sync": sync.errors, "status": i.run(t, "status", "acme-us").expect(t, 0).out, "the month's close": readFile(t, month),
			"the page of findings": strings.Join(findings, "\n"), "the page of sellers": strings.Join(sellers, "\n"),
		} {
			if strings.Contains(text, withheld.EventGroup) != want {
				t.Errorf("%s names the event group: %v, want %v\n%s", name, !want, want, text)
			}
		}
		lines := i.run(t, "sync", "--json").expect(t, 0).lines(t)
		expected := lines[len(lines)-1]["summary"].(map[string]any)["expected"].(map[string]any)["acme-us"].(map[string]any)
		if groups, ok := expected["unfetched"].([]any); ok != want || ok && groups[0].(map[string]any)["event_group_id"] != withheld.EventGroup {
			t.Errorf("the summary says %v", expected)
		}
	}
	shown(true)
	name := filepath.Join(dir, "withheld.txt")
	if err := os.WriteFile(name, withheld.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	i.run(t, "import", "acme-us", name).expect(t, 0)
	shown(false)
}
