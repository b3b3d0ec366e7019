package ledgermap_test

import (
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

func TestALineSaysWhatItIsAndFitsItsColumn(t *testing.T) {
	const sales = `principal: {account: "401.00", project: "00000100.00"}`
	described := func(text string) []string {
		return []string{sales, strings.TrimSuffix(sales, "}") + `, description: "` + text + `"}`}
	}
	wide := strings.Repeat("x", 79)
	for name, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"by itself":            {nil, "Amazon 23874397121 product sales"},
		"of an order":          {[]string{"summarise: category ", "summarise: order "}, "Amazon 23874397121 product sales 701-1"},
		"of a SKU":             {[]string{"summarise: category ", "summarise: sku "}, "Amazon 23874397121 product sales Ü"},
		"by a rule":            {[]string{"\nrules:\n", "\nrules:\n  - {when: {category: principal}, description: \"sold {settlement}\"}\n"}, "sold 23874397121"},
		"of nothing":           {described("{group}."), "."},
		"everything":           {described("{settlement}|{seller}|{category}|{title}|{currency}|{period}"), "23874397121|acme|principal|product sales|USD|202508"},
		"as wide as it gets":   {described(wide + "y"), wide + "y"},
		"wider":                {described(wide + "yz"), wide + "y"},
		"half a character":     {described(wide + "😀"), wide},
		"a whole character":    {described(wide[1:] + "😀"), wide[1:] + "😀"},
		"a blank at the end":   {described(wide + " z"), wide},
		"a control character":  {described(`a\tb`), "a b"},
		"a blank where it may": {described("a "), "a"},
	} {
		s := august(row{kind: sold, amount: "1.00", posted: noon("2025-08-02"), order: "701-1", sku: "\xdc"}) // in Latin-1
		p := plan(t, rules(t, c.pairs...), s.file(t, nil), ledgermap.Input{Seller: "acme"})
		if got := p.Documents[0].Lines()[0].Description; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
