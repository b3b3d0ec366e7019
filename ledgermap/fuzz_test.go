package ledgermap_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// FuzzLoadRules: whatever the file holds, there are rules or mistakes with a place in the file, never both or neither.
func FuzzLoadRules(f *testing.F) {
	f.Add(string(ledgermap.Starter()))
	for _, text := range []string{
		"", "[]", "format: 1", "a: b: c", "rules: 1", "categories: [1]", "rates:\n- {currency: X}", "\xff", "categories: {principal: }",
		"rules: [{when: {sku: '*'}, category: storage}]", "? {a: b}\n: c", "a: &a [*a]", "[", "<<: {format: 1}", "--- 1\n--- 2", "!!binary x", "netting: [{}]",
		"due: [{here: }]", "banks: {USD: {charge: []}}", "clearing: {account: \"\\u0000\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ledgermap.LoadRules("rules.yaml", []byte(text))
		if (r == nil) == (err == nil) {
			t.Fatalf("rules %v and error %v", r, err)
		}
		if err == nil {
			r.Test()
			r.Lint(ledgermap.Chart{})
			return
		}
		mistake, ok := errors.AsType[*ledgermap.RuleError](err)
		if !ok || mistake.Line < 1 || mistake.Column < 1 || mistake.Line > 1+strings.Count(text, "\n")+strings.Count(text, "\r") {
			t.Fatalf("a mistake without a place in the file: %#v", err)
		}
	})
}
