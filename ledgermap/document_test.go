package ledgermap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func currency(t testing.TB, code string) settlement.Currency {
	t.Helper()
	c, err := settlement.ParseCurrency(code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func money(t testing.TB, text, code string) settlement.Money {
	t.Helper()
	m, err := settlement.ParseMoney(text, currency(t, code))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func date(t testing.TB, text string) ledgermap.Date {
	t.Helper()
	d, err := ledgermap.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sale is a small balanced journal for tests to spoil.
func sale(t testing.TB) ledgermap.DocumentSpec {
	return ledgermap.DocumentSpec{
		SettlementID: "23874397121", Ordinal: 1, Part: "A", Kind: ledgermap.Journal, Period: 202508,
		Date: date(t, "2025-08-14"), Currency: currency(t, "CAD"), Description: "Amazon 23874397121",
		Lines: []ledgermap.Line{
			{Account: "1150.00", Debit: money(t, "29.00", "CAD"), Description: "Clearing", Category: "clearing"},
			{Account: "6010.00", WBS1: "AMZ", Debit: money(t, "6.00", "CAD"), Description: "Commission", Category: "referral_fee", Rows: 2},
			{Account: "0401.10", WBS1: "AMZ", Credit: money(t, "35.00", "CAD"), Description: "Sales", Category: "principal", Rows: 3},
		},
	}
}

func mustDocument(t testing.TB, spec ledgermap.DocumentSpec) ledgermap.Document {
	t.Helper()
	d, err := ledgermap.NewDocument(spec)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestR1_2_AnUnbalancedDocumentCannotBeConstructed(t *testing.T) {
	spec := sale(t)
	spec.Lines[2].Credit = money(t, "35.01", "CAD")
	d, err := ledgermap.NewDocument(spec)
	if !errors.Is(err, ledgermap.ErrUnbalanced) || !d.IsZero() {
		t.Fatalf("got document %v and error %v, want no document and ErrUnbalanced", d, err)
	}
	if !strings.Contains(err.Error(), "35.00") || !strings.Contains(err.Error(), "35.01") {
		t.Errorf("the error %q does not say both totals", err)
	}

	data, err := json.Marshal(mustDocument(t, sale(t)))
	if err != nil {
		t.Fatal(err)
	}
	unbalanced := strings.Replace(string(data), `"credit":"35.00"`, `"credit":"35.01"`, 1)
	if err := json.Unmarshal([]byte(unbalanced), &d); !errors.Is(err, ledgermap.ErrUnbalanced) {
		t.Errorf("JSON of an unbalanced document: error %v, want ErrUnbalanced", err)
	}
}

func TestR1_1_ADocumentBalancesWithinEachCompanyAndOrganisation(t *testing.T) {
	for name, spoil := range map[string]func(*ledgermap.DocumentSpec){
		"company":      func(s *ledgermap.DocumentSpec) { s.Lines[1].Company = "B0" },
		"organisation": func(s *ledgermap.DocumentSpec) { s.Lines[1].Organisation = "B0.00" },
	} {
		spec := sale(t)
		spoil(&spec)
		if _, err := ledgermap.NewDocument(spec); !errors.Is(err, ledgermap.ErrUnbalanced) {
			t.Errorf("a line of another %s: error %v, want ErrUnbalanced", name, err)
		}
	}
}

func TestNewDocumentRefusesWhatNoLedgerTakes(t *testing.T) {
	usd := money(t, "29.00", "USD")
	for name, spoil := range map[string]func(*ledgermap.DocumentSpec){
		"both sides":             func(s *ledgermap.DocumentSpec) { s.Lines[0].Credit = s.Lines[0].Debit },
		"neither side":           func(s *ledgermap.DocumentSpec) { s.Lines[0].Debit = settlement.Money{} },
		"negative amount":        func(s *ledgermap.DocumentSpec) { s.Lines[0].Debit = s.Lines[0].Debit.Neg() },
		"second currency":        func(s *ledgermap.DocumentSpec) { s.Lines[0].Debit = usd },
		"no account":             func(s *ledgermap.DocumentSpec) { s.Lines[0].Account = "" },
		"account of 14":          func(s *ledgermap.DocumentSpec) { s.Lines[0].Account = "12345678901234" },
		"long line text":         func(s *ledgermap.DocumentSpec) { s.Lines[0].Description = strings.Repeat("x", 81) },
		"long text":              func(s *ledgermap.DocumentSpec) { s.Description = strings.Repeat("x", 31) },
		"line feed":              func(s *ledgermap.DocumentSpec) { s.Lines[0].Description = "a\nb" },
		"no currency":            func(s *ledgermap.DocumentSpec) { s.Currency = settlement.Currency{} },
		"one line":               func(s *ledgermap.DocumentSpec) { s.Lines = s.Lines[:1] },
		"period 202500":          func(s *ledgermap.DocumentSpec) { s.Period = 202500 },
		"30 February":            func(s *ledgermap.DocumentSpec) { s.Date = ledgermap.Date{Year: 2025, Month: 2, Day: 30} },
		"unknown kind":           func(s *ledgermap.DocumentSpec) { s.Kind = "payroll" },
		"unknown wait":           func(s *ledgermap.DocumentSpec) { s.WaitsFor = "godot" },
		"part in figures":        func(s *ledgermap.DocumentSpec) { s.Part = "1" },
		"WBS2 of 31":             func(s *ledgermap.DocumentSpec) { s.Lines[0].WBS2 = strings.Repeat("x", 31) },
		"company of 15":          func(s *ledgermap.DocumentSpec) { s.Lines[0].Company = strings.Repeat("x", 15) },
		"two units a character":  func(s *ledgermap.DocumentSpec) { s.Description = strings.Repeat("😀", 16) },
		"minus one row":          func(s *ledgermap.DocumentSpec) { s.Lines[0].Rows = -1 },
		"period 100000":          func(s *ledgermap.DocumentSpec) { s.Period = 100000 },
		"period 1000001":         func(s *ledgermap.DocumentSpec) { s.Period = 1000001 },
		"no period":              func(s *ledgermap.DocumentSpec) { s.Period = 0 },
		"year 999":               func(s *ledgermap.DocumentSpec) { s.Date.Year = 999 },
		"year 10000":             func(s *ledgermap.DocumentSpec) { s.Date.Year = 10000 },
		"no settlement":          func(s *ledgermap.DocumentSpec) { s.SettlementID = "" },
		"ordinal 0":              func(s *ledgermap.DocumentSpec) { s.Ordinal = 0 },
		"journal with auto line": func(s *ledgermap.DocumentSpec) { s.Lines[0].Auto = true },
		"two auto lines": func(s *ledgermap.DocumentSpec) {
			s.Kind, s.Lines[0].Auto, s.Lines[1].Auto = ledgermap.Receipt, true, true
		},
	} {
		spec := sale(t)
		spoil(&spec)
		if d, err := ledgermap.NewDocument(spec); err == nil {
			t.Errorf("%s: accepted as %v", name, d)
		}
	}
}

func TestWhatJustFitsIsTaken(t *testing.T) {
	for name, change := range map[string]func(*ledgermap.DocumentSpec){
		"the widest texts": func(s *ledgermap.DocumentSpec) {
			l := &s.Lines[0]
			l.Account, l.WBS1, l.Description = "1234567890123", strings.Repeat("x", 30), strings.Repeat("😀", 40)
			l.WBS2, l.WBS3, s.Description = l.WBS1, l.WBS1, l.WBS1
			for i := range s.Lines {
				s.Lines[i].Company, s.Lines[i].Organisation = "12345678901234", l.WBS1
			}
		},
		"the first period":    func(s *ledgermap.DocumentSpec) { s.Period = 100001 },
		"the last period":     func(s *ledgermap.DocumentSpec) { s.Period = 999999 },
		"the first year":      func(s *ledgermap.DocumentSpec) { s.Date.Year = 1000 },
		"the last year":       func(s *ledgermap.DocumentSpec) { s.Date.Year = 9999 },
		"no period yet":       func(s *ledgermap.DocumentSpec) { s.Period, s.WaitsFor = 0, ledgermap.WaitPayout },
		"letters from A to Z": func(s *ledgermap.DocumentSpec) { s.Part = "AZ" },
		"two lines": func(s *ledgermap.DocumentSpec) {
			s.Lines = s.Lines[1:]
			s.Lines[0].Debit = s.Lines[1].Credit
		},
		"the ledger's line": func(s *ledgermap.DocumentSpec) { s.Kind, s.Lines[0].Auto = ledgermap.Receipt, true },
	} {
		spec := sale(t)
		change(&spec)
		if _, err := ledgermap.NewDocument(spec); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDigestIsOfTheContentAndNotOfTheKey(t *testing.T) {
	original := mustDocument(t, sale(t))
	digest := func(change func(*ledgermap.DocumentSpec)) string {
		spec := sale(t)
		change(&spec)
		d := mustDocument(t, spec)
		if d.Equal(original) || !d.Equal(mustDocument(t, spec)) {
			t.Errorf("%+v is equal to another, or not to itself", spec)
		}
		return d.Digest()
	}
	for name, change := range map[string]func(*ledgermap.DocumentSpec){
		"settlement": func(s *ledgermap.DocumentSpec) { s.SettlementID = "1" },
		"ordinal":    func(s *ledgermap.DocumentSpec) { s.Ordinal = 7 },
		"part":       func(s *ledgermap.DocumentSpec) { s.Part = "G" },
		"wait":       func(s *ledgermap.DocumentSpec) { s.WaitsFor = ledgermap.WaitPayout },
		"rows":       func(s *ledgermap.DocumentSpec) { s.Lines[2].Rows = 99 },
	} {
		if digest(change) != original.Digest() {
			t.Errorf("another %s made another digest", name)
		}
	}
	for name, change := range map[string]func(*ledgermap.DocumentSpec){
		"mirror":  func(s *ledgermap.DocumentSpec) { s.Reverses = original.Digest() },
		"date":    func(s *ledgermap.DocumentSpec) { s.Date = date(t, "2025-08-15") },
		"period":  func(s *ledgermap.DocumentSpec) { s.Period = 202509 },
		"text":    func(s *ledgermap.DocumentSpec) { s.Description = "Amazon" },
		"account": func(s *ledgermap.DocumentSpec) { s.Lines[2].Account = "401.1" },
		"project": func(s *ledgermap.DocumentSpec) { s.Lines[2].WBS1, s.Lines[2].WBS2 = "", "AMZ" },
		"order":   func(s *ledgermap.DocumentSpec) { s.Lines[0], s.Lines[1] = s.Lines[1], s.Lines[0] },
		"amounts": func(s *ledgermap.DocumentSpec) {
			s.Lines[0].Debit, s.Lines[1].Debit = s.Lines[1].Debit, s.Lines[0].Debit
		},
	} {
		if digest(change) == original.Digest() {
			t.Errorf("another %s kept the digest", name)
		}
	}
}

func TestDocumentSurvivesJSON(t *testing.T) {
	spec := sale(t)
	spec.Kind, spec.WaitsFor = ledgermap.Receipt, ledgermap.WaitPayout
	spec.Lines[0].Auto = true
	spec.Lines[1].Original = money(t, "820", "JPY")
	spec.Conversion = ledgermap.Conversion{
		From: currency(t, "JPY"), To: currency(t, "CAD"), Rate: "0.0093", Date: date(t, "2025-08-01"), Source: "Bank of Canada",
	}
	want := mustDocument(t, spec)
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got ledgermap.Document
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	for i, account := range []string{"1150.00", "6010.00", "0401.10"} { // lines are counted from 1
		if want := fmt.Sprintf(`{"line":%d,"account":%q,`, i+1, account); !strings.Contains(string(data), want) {
			t.Errorf("%s is not in %s", want, data)
		}
	}

	forged := strings.Replace(string(data), "0401.10", "0401.11", 1)
	if err := json.Unmarshal([]byte(forged), &got); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("a document changed after it was made: error %v, want one about its digest", err)
	}
}

func TestDocumentCannotBeChangedThroughItsLines(t *testing.T) {
	spec := sale(t)
	d := mustDocument(t, spec)
	spec.Lines[0].Account = "9999"
	d.Lines()[0].Account = "9999"
	if got := d.Lines()[0].Account; got != "1150.00" {
		t.Errorf("the document's first account became %s", got)
	}
}
