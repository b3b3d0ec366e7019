package ledgermap_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// TestSchemaKnowsWhatTheReaderKnows puts a name that does not exist into every table, and compares the names that
// the reader offers instead with the schema's.
func TestSchemaKnowsWhatTheReaderKnows(t *testing.T) {
	var schema any
	if err := json.Unmarshal(ledgermap.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	at := func(path string) any {
		node := schema
		for step := range strings.FieldsSeq(path) {
			m, ok := node.(map[string]any)
			if !ok || m[step] == nil {
				t.Fatalf("the schema has no %s in %s", step, path)
			}
			node = m[step]
		}
		return node
	}
	knows := regexp.MustCompile(`knows no "bogus"; it knows ([a-z_0-9, ]+)`)
	for path, text := range map[string]string{
		"": "bogus: 1", "properties company": "company: {bogus: 1}", "properties clearing": "clearing: {bogus: 1}", "properties accrual": "accrual: {bogus: 1}",
		"properties invoice":                                      "invoice: {bogus: 1}",
		"properties invoice properties receivable":                "invoice: {receivable: {bogus: 1}}",
		"properties banks additionalProperties":                   "banks: {USD: {bogus: 1}}",
		"properties rates items":                                  "rates: [{bogus: 1}]",
		"properties accounts additionalProperties":                "accounts: {\"1\": {bogus: 1}}",
		"properties projects additionalProperties":                "projects: {\"1\": {bogus: 1}}",
		"properties due items":                                    "due: [{bogus: 1}]",
		"properties categories properties storage":                "categories: {storage: {bogus: 1}}",
		"properties categories properties fee_tax":                "categories: {fee_tax: {bogus: 1}}",
		"properties netting items":                                "netting: [{bogus: 1}]",
		"properties rules items":                                  "rules: [{bogus: 1}]",
		"properties rules items properties when":                  "rules: [{when: {bogus: 1}}]",
		"properties examples items":                               "examples: [{bogus: 1}]",
		"properties banks additionalProperties properties charge": "banks: {USD: {charge: {bogus: 1}}}",
		"properties due items properties here":                    "due: [{here: {bogus: 1}}]",
	} {
		_, err := ledgermap.LoadRules("rules.yaml", []byte(text))
		if err == nil {
			t.Fatalf("%s: accepted", text)
		}
		found := knows.FindStringSubmatch(err.Error())
		if found == nil {
			t.Errorf("%s: the reader offers no names: %v", text, err)
			continue
		}
		properties := at(path + " properties").(map[string]any)
		if diff := cmp.Diff(strings.Split(found[1], ", "), slices.Sorted(maps.Keys(properties))); diff != "" {
			t.Errorf("%s: reader and schema differ: %s", text, diff)
		}
	}
}
