package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// corpus is the folder of real settlement files beside a working copy; it is not part of the repository.
const corpus = "../../../shared/corpus"

func corpusFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpus, "v2", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus of real files is not beside this working copy")
	}
	return files
}

func TestInspectTiesEveryRealFileToTheCentAndRefusesExcerpts(t *testing.T) {
	totals := map[string]struct {
		SettlementID string            `json:"settlement_id"`
		Currency     string            `json:"currency"`
		Total        string            `json:"total"`
		Rows         json.Number       `json:"rows"`
		ByKey        map[string]string `json:"by_key"`
	}{}
	files := corpusFiles(t)
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(corpus, "totals.json"))), &totals); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		o := payoutsync(t, "inspect", "--json", name)
		object := o.lines(t)[0]
		if strings.Contains(name, "excerpt") {
			fault, _ := object["error"].(map[string]any)
			if o.code != exitRefused || fault["code"] != "sum_mismatch" {
				t.Errorf("%s: exit code %d, %v; want a sum_mismatch", name, o.code, object)
			}
			continue
		}
		if o.code != 0 || object["ties"] != true || object["total"] != object["sum"] {
			t.Errorf("%s: exit code %d, total %v, sum %v", name, o.code, object["total"], object["sum"])
			continue
		}
		want, ok := totals["v2/"+filepath.Base(name)]
		if !ok {
			continue
		}
		if object["settlement_id"] != want.SettlementID || object["currency"] != want.Currency || object["total"] != want.Total || object["rows"] != want.Rows {
			t.Errorf("%s: got %v %v %v %v, want %+v", name, object["settlement_id"], object["currency"], object["total"], object["rows"], want)
		}
		keys, _ := object["keys"].([]any)
		if len(keys) != len(want.ByKey) {
			t.Errorf("%s: %d kinds, want %d", name, len(keys), len(want.ByKey))
		}
		for _, k := range keys {
			k := k.(map[string]any)
			key := k["transaction_type"].(string) + "|" + k["amount_type"].(string) + "|" + k["amount_description"].(string)
			// The list was written by a program that drops trailing zeros.
			if got, err := settlement.ParseMoney(want.ByKey[key], statementTotal(t, name).Currency()); err != nil || k["sum"] != got.String() {
				t.Errorf("%s: %s sums to %v, want %v", name, key, k["sum"], want.ByKey[key])
			}
		}
	}
}

func TestInspectRefusesWhatIsNoSettlement(t *testing.T) {
	corpusFiles(t)
	name := filepath.Join(corpus, "other", "us-2026-daterange-report-redacted.csv")
	o := payoutsync(t, "inspect", "--json", name).expect(t, exitRefused)
	if fault, _ := o.lines(t)[0]["error"].(map[string]any); fault["code"] != "not_a_settlement" {
		t.Errorf("got %v, want not_a_settlement", fault)
	}
}

func TestPlanMapsEveryRealFileAndItsClearingAccountEndsAtZero(t *testing.T) {
	for _, name := range corpusFiles(t) {
		o := payoutsync(t, "plan", "--json", name)
		if strings.Contains(name, "excerpt") {
			o.expect(t, exitRefused)
			continue
		}
		if o.code != 0 {
			t.Errorf("%s: exit code %d: %s", name, o.code, o.out)
			continue
		}
		total := statementTotal(t, name)
		var journals, all settlement.Money
		for _, d := range o.lines(t) {
			if d["debit_total"] != d["credit_total"] || d["offline"] != true {
				t.Errorf("%s: document %v does not balance, or is not marked offline", name, d["key"])
			}
			// A carry is a journal too, but it moves the balance on and belongs to the money movements.
			carry := strings.Contains(d["description"].(string), "carried")
			for _, l := range d["lines"].([]any) {
				l := l.(map[string]any)
				if l["account"] != "115.00" {
					continue
				}
				amount := signed(t, l, total.Currency())
				all = plus(t, all, amount)
				if d["kind"] == "journal" && !carry {
					journals = plus(t, journals, amount)
				}
			}
		}
		if journals != total && (!total.IsZero() || !journals.IsZero()) {
			t.Errorf("%s: over the journals the clearing account holds %s, want the total %s", name, journals, total)
		}
		if !all.IsZero() {
			t.Errorf("%s: over all documents the clearing account holds %s, want 0.00", name, all)
		}
	}
}

func statementTotal(t *testing.T, name string) settlement.Money {
	t.Helper()
	tally, err := inspect(t.Context(), name, settlement.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tally.Statement.Total
}

func signed(t *testing.T, line map[string]any, c settlement.Currency) settlement.Money {
	t.Helper()
	debit, err := settlement.ParseMoney(line["debit"].(string), c)
	if err != nil {
		t.Fatal(err)
	}
	credit, err := settlement.ParseMoney(line["credit"].(string), c)
	if err != nil {
		t.Fatal(err)
	}
	difference, err := debit.Sub(credit)
	if err != nil {
		t.Fatal(err)
	}
	return difference
}

func plus(t *testing.T, a, b settlement.Money) settlement.Money {
	t.Helper()
	total, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func TestInspectSaysWhatIsWrongWithEachKindOfBadFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("running as root: every file can be read, so permission is not tried")
	}
	header := strings.Join(settlementtest.Header(), "\t") + "\n"
	report := string(settlementtest.Build(settlementtest.Spec{Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}).V2())
	for _, test := range []struct{ name, text, code string }{
		{"empty file", "", "not_a_settlement"},
		{"web page", "<!doctype html><html><body>Access denied</body></html>", "not_a_settlement"},
		{"missing column", strings.Replace(report, "\tamount\t", "\tsomething\t", 1), "bad_header"},
		{"header alone", header, "bad_header"},
		{"no such amount", strings.ReplaceAll(report, "10.00", "ten"), "bad_amount"},
		{"no such date", strings.ReplaceAll(report, "2026-10-01 ", "2026-13-01 "), "bad_date"},
		{"too little", strings.Replace(report, "Principal\t10.00", "Principal\t9.99", 1), "sum_mismatch"},
	} {
		name := filepath.Join(t.TempDir(), "report.txt")
		if err := os.WriteFile(name, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := payoutsync(t, "inspect", "--json", name).expect(t, exitRefused)
		fault, _ := o.lines(t)[0]["error"].(map[string]any)
		if fault["code"] != test.code || fault["message"] == "" {
			t.Errorf("%s: got %v, want code %s", test.name, fault, test.code)
		}
	}
	o := payoutsync(t, "inspect", "--json", t.TempDir()).expect(t, exitRefused)
	if fault, _ := o.lines(t)[0]["error"].(map[string]any); fault["code"] != "not_a_settlement" {
		t.Errorf("a folder: got %v", fault)
	}
	payoutsync(t, "inspect", "--json", filepath.Join(t.TempDir(), "nowhere.txt")).expect(t, exitUsage)
}

func TestInspectNamesNoDepositDateThatTheReportDoesNotName(t *testing.T) {
	report := settlementtest.Build(settlementtest.Spec{Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}).V2()
	rows := strings.SplitN(string(report), "\n", 3)
	cells := strings.Split(rows[1], "\t")
	cells[3] = ""
	rows[1] = strings.Join(cells, "\t")
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, []byte(strings.Join(rows, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	o := payoutsync(t, "inspect", "--json", name).expect(t, exitDone).lines(t)[0]
	if deposit, there := o["deposit"]; deposit != nil || !there {
		t.Errorf("the JSON says %v", deposit)
	}
	if o := payoutsync(t, "inspect", name).expect(t, exitDone); !strings.Contains(o.out, "deposit date not stated") {
		t.Errorf("the table says %s", o.out)
	}
}

func TestR15_4_PlanNeedsNoCredentialsOfAnySystem(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, settlementtest.Build(settlementtest.Spec{Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}).V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := payoutsync(t, "plan", "--json", name).expect(t, exitDone); len(o.lines(t)) == 0 {
		t.Errorf("planned %q", o.out)
	}
}
