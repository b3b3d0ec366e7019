package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// rulesFile writes the starter's rules, changed by pairs of old and new text, to a file of its own.
func rulesFile(t *testing.T, name string, pairs ...string) string {
	t.Helper()
	text := string(ledgermap.Starter())
	for n := 0; n < len(pairs); n += 2 {
		if !strings.Contains(text, pairs[n]) {
			t.Fatalf("the starter rules do not hold %q", pairs[n])
		}
		text = strings.Replace(text, pairs[n], pairs[n+1], 1)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// reportFile writes a small settlement file.
func reportFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.txt")
	s := settlementtest.Build(settlementtest.Spec{ID: "20000000007", Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
		{TransactionType: "Order", AmountType: "ItemFees", AmountDescription: "Commission", Amount: -150},
	}})
	if err := os.WriteFile(file, s.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRulesLintWithoutASellerChecksTheFileAndSaysThatTheChartWasNot(t *testing.T) {
	o := payoutsync(t, "rules", "lint", rulesFile(t, "rules.yaml")).expect(t, 0)
	if !strings.Contains(o.out, "faults: 0") || !strings.Contains(o.out, "The chart of accounts was not checked") || !strings.Contains(o.out, "chart: demo") {
		t.Errorf("printed %q", o.out)
	}
	object := payoutsync(t, "rules", "lint", "--json", rulesFile(t, "rules.yaml")).expect(t, 0).lines(t)[0]
	if object["seller"] != "" || object["demo"] != true || len(object["faults"].([]any)) != 0 || len(object["sha256"].(string)) != 64 {
		t.Errorf("object %v", object)
	}
}

func TestRulesLintListsEveryMistakeWithItsPlace(t *testing.T) {
	file := rulesFile(t, "rules.yaml", "mode: journal ", "mode: jurnal ", "receipt: paid ", "receipt: at-once ")
	o := payoutsync(t, "rules", "lint", file, "--json").expect(t, exitRefused)
	faults := o.lines(t)[0]["faults"].([]any)
	if len(faults) != 2 {
		t.Fatalf("%d faults, want both mistakes: %s", len(faults), o.out)
	}
	for _, f := range faults {
		if f := f.(map[string]any); f["line"] == nil || f["column"] == nil || f["message"] == "" {
			t.Errorf("fault without its place: %v", f)
		}
	}
	if o := payoutsync(t, "rules", "lint", file).expect(t, exitRefused); !strings.Contains(o.out, file+":") || !strings.Contains(o.out, "faults: 2") {
		t.Errorf("printed %q", o.out)
	}
	payoutsync(t, "rules", "lint", "nowhere.yaml").expect(t, exitUsage)
}

func TestRulesLintHoldsTheRulesAgainstTheSellersChart(t *testing.T) {
	i := newInstall(t)
	if o := i.run(t, "rules", "lint", "--seller", "acme-us").expect(t, exitUsage); !strings.Contains(o.errors, "payoutsync connect") {
		t.Errorf("without credentials: %s", o.errors)
	}
	i.run(t, "connect", "acme-us").expect(t, 0)
	if o := i.run(t, "rules", "lint", "--seller", "acme-us").expect(t, 0); !strings.Contains(o.out, "Checked against the chart of accounts of acme-us") {
		t.Errorf("printed %q", o.out)
	}
	text := readFile(t, filepath.Join(i.dir, "rules.yaml"))
	if err := os.WriteFile(filepath.Join(i.dir, "rules.yaml"), []byte(strings.ReplaceAll(text, `"611.00"`, `"61100"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := i.run(t, "rules", "lint", "--seller", "acme-us").expect(t, exitRefused); !strings.Contains(o.out, "did you mean 611.00?") {
		t.Errorf("printed %q", o.out)
	}
	if len(i.tenant.Batches()) != 0 {
		t.Error("a check wrote into the books")
	}
}

func TestNothingIsBookedBeforeTheRulesHavePassedOnTheChart(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		replace := func(from, to string) {
			text := readFile(t, filepath.Join(i.dir, "rules.yaml"))
			if err := os.WriteFile(filepath.Join(i.dir, "rules.yaml"), []byte(strings.ReplaceAll(text, from, to)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		replace("\nchart: demo\n", "\n")
		replace(`"801.00"`, `"801.09"`)
		i.run(t, "connect", "acme-us").expect(t, 0)
		for _, sync := range [][]string{{"sync", "--dry-run", "--json"}, {"sync", "--json"}} {
			o := i.run(t, sync...).expect(t, exitRefused)
			if len(i.tenant.Batches()) != 0 {
				t.Error("something was booked")
			}
			for _, p := range o.lines(t)[:3] {
				e, _ := p["error"].(map[string]any)
				if says := fmt.Sprint(e["message"]); e["code"] != "unfit_rules" || !strings.Contains(says, "account 801.09") || strings.Count(says, "booking:") != 1 {
					t.Errorf("%s: payout %v", sync, p)
				}
			}
		}
		replace(`"801.09"`, `"801.00"`)
		if s := i.run(t, "sync", "--json").expect(t, 0).summary(t); s.Booked != 3 {
			t.Errorf("after the rules were mended: %+v", counts(s))
		}
		calls := i.tenant.Calls()
		i.run(t, "sync").expect(t, 0)
		for op, n := range i.tenant.Calls() {
			if strings.Contains(op, "Accounts") && n != calls[op] {
				t.Errorf("the chart is read again: %s %d times, then %d", op, calls[op], n)
			}
		}
	})
}

func TestRulesTestRunsTheExamplesOfTheFile(t *testing.T) {
	if o := payoutsync(t, "rules", "test", rulesFile(t, "rules.yaml")).expect(t, 0); !strings.Contains(o.out, "3 examples, 0 failed") {
		t.Errorf("printed %q", o.out)
	}
	other := rulesFile(t, "rules.yaml", `referral_fee: {account: "611.00"`, `referral_fee: {account: "612.00"`)
	o := payoutsync(t, "rules", "test", other, "--json").expect(t, exitRefused)
	failed := o.lines(t)[0]["failed"].([]any)
	if len(failed) != 1 || failed[0].(map[string]any)["line"] == nil || !strings.Contains(o.out, "612.00") {
		t.Errorf("printed %s", o.out)
	}
	if o := payoutsync(t, "rules", "test", other).expect(t, exitRefused); !strings.Contains(o.out, other+":") {
		t.Errorf("printed %q", o.out)
	}
}

func TestRulesDiffShowsWhatWouldChangeInTheBooks(t *testing.T) {
	was, other := rulesFile(t, "old.yaml"), rulesFile(t, "new.yaml", `referral_fee: {account: "611.00"`, `referral_fee: {account: "612.00"`)
	report := reportFile(t)
	o := payoutsync(t, "rules", "diff", was, other, report, "--json").expect(t, 0)
	lines := o.lines(t)
	if len(lines) != 3 || lines[0]["account"] != "611.00" || lines[0]["old"] != "1.50" || lines[0]["new"] != "0.00" || lines[0]["delta"] != "-1.50" ||
		lines[1]["account"] != "612.00" || lines[1]["delta"] != "1.50" {
		t.Errorf("printed %s", o.out)
	}
	if o := payoutsync(t, "rules", "diff", was, other, report).expect(t, 0); !strings.Contains(o.out, "-1.50 USD") || !strings.Contains(o.out, "1 settlements compared, 0 refused: 2 balances would change") {
		t.Errorf("printed %q", o.out)
	}
	if o := payoutsync(t, "rules", "diff", was, was, report).expect(t, 0); !strings.Contains(o.out, "0 balances would change") {
		t.Errorf("the same rules: %q", o.out)
	}
}

func TestRulesDiffLeavesOutWhatOneOfTheRulesRefusesAndSaysSo(t *testing.T) {
	was := rulesFile(t, "old.yaml")
	other := rulesFile(t, "new.yaml", "currency: USD          #", "currency: EUR          #", "multi_currency: true", "multi_currency: false")
	o := payoutsync(t, "rules", "diff", was, other, reportFile(t)).expect(t, exitRefused)
	if !strings.Contains(o.errors, other) || !strings.Contains(o.errors, "foreign_currency") || !strings.Contains(o.out, "0 settlements compared, 1 refused") {
		t.Errorf("stdout %q, stderr %q", o.out, o.errors)
	}
}

func TestHelpOfTheRulesCommandsHasAnExample(t *testing.T) {
	for _, command := range []string{"lint", "test", "diff"} {
		if o := payoutsync(t, "rules", command, "--help").expect(t, 0); !strings.Contains(o.out, "Example: payoutsync rules "+command) {
			t.Errorf("rules %s --help shows no example:\n%s", command, o.out)
		}
	}
}
