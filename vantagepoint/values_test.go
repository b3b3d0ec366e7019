package vantagepoint_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

func TestAmountKeepsItsDigits(t *testing.T) {
	for text, want := range map[string]string{
		"100": "100", "100.00": "100.00", "-12.34": "-12.34", ".5": "0.5", "-0.00": "0.00", "007": "7", "+3": "3",
		"\t121.00": "121.00", "1E-05": "0.00001", "1.5e3": "1500", "12.345E1": "123.45",
		"99999999999999999999.9999": "99999999999999999999.9999",
	} {
		got, err := vantagepoint.ParseAmount(text)
		if err != nil || got.String() != want {
			t.Errorf("ParseAmount(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1,234.00", "12 34", "USD 1", "1e999999999", "0x10", "--1", "1.2.3", "NaN", "1e", strings.Repeat("9", 61)} {
		if got, err := vantagepoint.ParseAmount(text); err == nil {
			t.Errorf("ParseAmount(%q) = %s, want an error", text, got)
		}
	}
}

func TestAmountArithmeticIsExact(t *testing.T) {
	sum := vantagepoint.Amount{}
	for range 10 {
		sum = sum.Add(amount("0.1"))
	}
	if sum.String() != "1.0" || !sum.Equal(amount("1")) {
		t.Errorf("ten times 0.1 = %s", sum)
	}
	if got := amount("44").Sub(amount("144.25")).String(); got != "-100.25" {
		t.Errorf("44 - 144.25 = %s", got)
	}
	if got := amount("0.05").Sub(amount("0.1")).String(); got != "-0.05" {
		t.Errorf("0.05 - 0.1 = %s", got)
	}
	if amount("-0.00").Sign() != 0 || amount("-0.01").Sign() != -1 || amount("0.01").Sign() != 1 || !(vantagepoint.Amount{}).IsZero() {
		t.Error("signs are wrong")
	}
	if got := amount("-1.50").Neg().Cmp(amount("1.5")); got != 0 {
		t.Errorf("-(-1.50) is not 1.5: %d", got)
	}
}

func TestColumnsAreReadAsNumberOrText(t *testing.T) {
	type columns struct {
		Amount vantagepoint.Amount
		Flag   vantagepoint.Flag
		Date   vantagepoint.Date
		Period vantagepoint.Period
	}
	day := vantagepoint.NewDate(2024, time.January, 31)
	for text, want := range map[string]columns{
		`{"Amount":121.0,"Flag":"Y","Date":"2024-01-31T00:00:00.000","Period":202401}`: {amount("121"), true, day, 202401},
		`{"Amount":"121.00","Flag":"y","Date":"2024-01-31","Period":"202401"}`:         {amount("121"), true, day, 202401},
		`{"Amount":"","Flag":"","Date":"","Period":""}`:                                {},
		`{"Amount":null,"Flag":null,"Date":null,"Period":null}`:                        {},
		`{"Amount":"-4","Flag":"N","Date":"2024-01-31 13:14:15","Period":202401.0}`:    {amount("-4"), false, day, 202401},
	} {
		var got columns
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{`{"Amount":"1,5"}`, `{"Amount":{}}`, `{"Flag":"maybe"}`, `{"Date":"31/01/2024"}`, `{"Date":"2024-02-30"}`, `{"Period":"01/2024"}`, `{"Period":202401.5}`} {
		if err := json.Unmarshal([]byte(text), new(columns)); err == nil {
			t.Errorf("%s: want an error", text)
		}
	}
	out, err := json.Marshal(columns{amount("100.00"), true, day, 202401})
	if want := `{"Amount":100.00,"Flag":"Y","Date":"2024-01-31T00:00:00.000","Period":202401}`; err != nil || string(out) != want {
		t.Errorf("written %s, %v; want %s", out, err, want)
	}
	if out, _ = json.Marshal(columns{}); string(out) != `{"Amount":0,"Flag":"N","Date":"","Period":0}` {
		t.Errorf("zero values written %s", out)
	}
}

func TestRowsKeepColumnsTheyDoNotKnow(t *testing.T) {
	const row = `{"Batch":"b1","Period":"202401","Total":"100.10","Posted":"N","CustRate":1.2345678901234567890,"CustText":"x","Creator":null}`
	var control vantagepoint.JournalControl
	if err := json.Unmarshal([]byte(row), &control); err != nil {
		t.Fatal(err)
	}
	want := vantagepoint.Extra{"CustRate": json.Number("1.2345678901234567890"), "CustText": "x"}
	if diff := cmp.Diff(want, control.Extra); diff != "" {
		t.Errorf("Extra (-want +got):\n%s", diff)
	}
	if control.Period != 202401 || !control.Total.Equal(amount("100.1")) || control.Creator != "" {
		t.Errorf("columns were misread: %+v", control)
	}
	out, err := json.Marshal(control)
	if err != nil || !strings.Contains(string(out), `"CustRate":1.2345678901234567890`) || !strings.Contains(string(out), `"Total":100.10`) {
		t.Errorf("written %s, %v", out, err)
	}
	if strings.Contains(string(out), "DiffDebitsTotal") {
		t.Errorf("a computed column was written: %s", out)
	}
	control.Extra = vantagepoint.Extra{"Batch": "twice"}
	if _, err := json.Marshal(control); err == nil {
		t.Error("Extra may name a column that has a field")
	}
}

func TestProjectLevelsAreBlankOnTheWireAndEmptyHere(t *testing.T) {
	var line vantagepoint.JournalDetail
	if err := json.Unmarshal([]byte(`{"WBS1":"00000001.00","WBS2":" ","WBS3":" "}`), &line); err != nil {
		t.Fatal(err)
	}
	if line.WBS1 != "00000001.00" || line.WBS2 != "" || line.WBS3 != "" {
		t.Errorf("read %q %q %q", line.WBS1, line.WBS2, line.WBS3)
	}
	out, err := json.Marshal(line)
	if err != nil || !strings.Contains(string(out), `"WBS2":" ","WBS3":" "`) {
		t.Errorf("written %s, %v", out, err)
	}
}

func TestKeysMatchWithoutPaddingAndCase(t *testing.T) {
	for _, pair := range [][2]string{{"2589", "00000002589"}, {"abc", "ABC"}, {" ", ""}, {"000", "0"}, {"A1", "A1 "}} {
		if !vantagepoint.MatchKey(pair[0], pair[1]) {
			t.Errorf("%q and %q are the same key", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"2589", "25890"}, {"0", ""}, {"A-1", "A1"}, {"1.00", "1"}} {
		if vantagepoint.MatchKey(pair[0], pair[1]) {
			t.Errorf("%q and %q are different keys", pair[0], pair[1])
		}
	}
}

func TestNamesAreDerivedAndFit(t *testing.T) {
	a, b := vantagepoint.BatchName("JE", "acme/123/1"), vantagepoint.BatchName("JE", "acme/123/2")
	if a == b || len(a) != 30 || a != vantagepoint.BatchName("JE", "acme/123/1") || strings.ToUpper(a) != a {
		t.Errorf("batch names %s, %s", a, b)
	}
	if k := vantagepoint.LineKey(a, 1); len(k) != 32 || k == vantagepoint.LineKey(a, 2) || k == vantagepoint.LineKey(b, 1) {
		t.Errorf("line key %s", k)
	}
}

// FuzzRowsHoldWhatTheJSONHolds compares the rows' own reading with encoding/json's.
func FuzzRowsHoldWhatTheJSONHolds(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : 1.50 , "b":"x\"}" , "c":[{"d":[1,"]"]}],"e":{"f":"\\"},"a":null}`, `{"\u0061":true,"":false}`, `null`, `[]`, `{"a"`,
		`{"Batch":"b","Total":"1.00","Posted":"Y","Period":"202401","Cust":1e5}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var record vantagepoint.Record
		err := json.Unmarshal(data, &record)
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.UseNumber()
		var want map[string]any
		if !json.Valid(data) || decoder.Decode(&want) != nil || want == nil {
			if err == nil && len(record.Extra) > 0 {
				t.Errorf("%q was read as %+v", data, record)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, record.Extra); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
		// Whatever it is, a typed row reads it or says why not.
		var control vantagepoint.JournalControl
		if err := json.Unmarshal(data, &control); err != nil {
			return
		}
		out, err := json.Marshal(control)
		if err != nil || !json.Valid(out) {
			t.Errorf("%q is written as %s, %v", data, out, err)
		}
	})
}
