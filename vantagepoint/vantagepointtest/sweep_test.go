package vantagepointtest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// places calls do for every member and element in a document, in a fixed order, with a function that puts another value there
// and gives the old one back.
func places(v any, do func(set func(any) (restore func()))) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			old := v[key]
			do(func(replacement any) func() {
				if v[key] = replacement; replacement == gone {
					delete(v, key)
				}
				return func() { v[key] = old }
			})
			places(old, do)
		}
	case []any:
		for i, old := range v {
			do(func(replacement any) func() {
				v[i] = replacement
				return func() { v[i] = old }
			})
			places(old, do)
		}
	}
}

type goneType struct{}

// gone takes a member away.
var gone = goneType{}

// MarshalJSON stands for an element that cannot be taken away.
func (goneType) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// TestNoBodyConfusesTheTenant puts odd values into every place of every kind of document. Each is either stored or refused with
// a reason, and the books can be read afterwards.
func TestNoBodyConfusesTheTenant(t *testing.T) {
	odd := []any{
		gone, nil, "", " ", "x", strings.Repeat("ä", 200), "2026-13-45", json.Number("0"), json.Number("-1"), json.Number("1.5"),
		json.Number("1e30"), json.Number("99999999999999999999"), true,
		[]any{},
		[]any{json.Number("1")},
		map[string]any{},
		"Y", "{}[]()|;",
	}
	o := people()
	tenant, c := start(t, o)
	seen := map[int]int{}
	for path, doc := range map[string]string{
		"jeControl": journal("SWEEP", "1", "5", "5"), "inControl": invoice("SWEEP", "1", "5"), "crControl": receipt("SWEEP", "1", "5"),
		"cdControl": disbursement("SWEEP", "1", "5"), "apControl": voucher("SWEEP", "5"),
	} {
		var v any
		d := json.NewDecoder(strings.NewReader(doc))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		n := 0
		places(v, func(set func(any) func()) {
			for _, value := range odd {
				restore := set(value)
				n++
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				body := strings.ReplaceAll(string(text), "SWEEP", fmt.Sprintf("%s%d", path[:2], n))
				restore()
				r := c.call("POST", "DataEntry/"+path, body)
				seen[r.Status]++
				if r.Status != 201 && r.message(t) == "" {
					t.Errorf("%d without a reason for %s", r.Status, body)
				}
			}
		})
	}
	for status := range seen {
		if status != 201 && status != 400 && status != 500 {
			t.Errorf("statuses %v", seen)
		}
	}
	if seen[201] < 500 || seen[400] < 500 {
		t.Errorf("statuses %v: the sweep is one-sided", seen)
	}
	tenant.BankReconciliation()
	tenant.TrialBalance()
	text := hledgerText(t, tenant)
	if _, err := exec.LookPath("hledger"); err == nil {
		check := exec.CommandContext(t.Context(), "hledger", "-f", "-", "check")
		check.Stdin = strings.NewReader(text)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("hledger check: %v\n%s", err, out)
		}
	} else {
		t.Log("hledger is not installed: the books were not shown to it")
	}
	t.Log(seen)
	for _, b := range tenant.Batches() {
		c.want(200, "PUT", "DataEntry/PostTransFile", order(b.Batch, b.Type, fmt.Sprint(b.Period)))
	}
	sum := map[string]int{}
	for _, b := range tenant.Batches() {
		sum[fmt.Sprint(b.Posted)]++
		if b.Posted && !b.Balanced {
			t.Errorf("batch %s is posted and does not balance", b.Batch)
		}
	}
	if sum["true"] < 100 {
		t.Errorf("posted: %v", sum)
	}
}
