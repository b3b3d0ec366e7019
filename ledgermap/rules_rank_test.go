package ledgermap_test

import (
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// Two rules of the same rank are a mistake where one line can satisfy both, and only there.
func TestEquallySpecificRulesAreRefusedOnlyWhereOneLineCanMeetBoth(t *testing.T) {
	stars := func(words string) string {
		w := strings.Split(words, "/")
		return `transaction_type: "` + w[0] + `", amount_type: "` + w[1] + `", amount_description: "` + w[2] + `"`
	}
	for name, c := range map[string]struct {
		a, b string // what the two rules are for
		meet bool
	}{
		"the same":                             {`category: storage`, `category: storage`, true},
		"other categories":                     {`category: storage`, `category: inbound`, false},
		"other marketplaces":                   {`category: storage, marketplace: Amazon.ca`, `category: storage, marketplace: Amazon.com`, false},
		"a marketplace in other letters":       {`category: storage, marketplace: Amazon.ca`, `category: storage, marketplace: AMAZON.CA`, true},
		"other channels":                       {`category: storage, fulfilment: AFN`, `category: storage, fulfilment: MFN`, false},
		"SKUs that begin and end as one may":   {`category: storage, sku: "AB*"`, `category: storage, sku: "*YZ"`, true},
		"SKUs that begin otherwise":            {`category: storage, sku: "AB*"`, `category: storage, sku: "AC*"`, false},
		"SKUs that end otherwise":              {`category: storage, sku: "A*Y"`, `category: storage, sku: "A*Z"`, false},
		"two whole SKUs":                       {`category: storage, sku: AB`, `category: storage, sku: AC`, false},
		"kinds with stars that one kind meets": {stars("Order/New*/x"), stars("Order/*Fee/x"), true},
		"kinds with other types":               {stars("Order/New*/x"), stars("Refund/New*/x"), false},
		"kinds with other descriptions":        {stars("Order/New*/x"), stars("Order/New*/y"), false},
		"a kind and a category of one rank":    {stars("Order/New*/x") + `, category: storage`, stars("Order/*New/x") + `, category: inbound`, false},
		"days that follow each other":          {`category: storage, until: 2025-07-31`, `category: storage, from: 2025-08-01`, false},
		"days that follow, the later first":    {`category: storage, from: 2025-08-01`, `category: storage, until: 2025-07-31`, false},
		"one day in both":                      {`category: storage, until: 2025-08-01`, `category: storage, from: 2025-08-01`, true},
		"one day in both, the later first":     {`category: storage, from: 2025-08-01`, `category: storage, until: 2025-08-01`, true},
		"both without an end":                  {`category: storage, from: 2025-08-01`, `category: storage, from: 2025-09-01`, true},
		"both without a beginning":             {`category: storage, until: 2025-08-01`, `category: storage, until: 2025-09-01`, true},
	} {
		t.Run(name, func(t *testing.T) {
			rule := func(when string) string {
				if strings.Contains(when, "transaction_type") {
					return "  - {when: {" + when + "}, wildcard: true, category: storage}\n"
				}
				return "  - {when: {" + when + `}, description: "x"}` + "\n"
			}
			_, err := ledgermap.LoadRules("rules.yaml", edited(t, "\nrules:\n", "\nrules:\n"+rule(c.a)+rule(c.b)))
			if met := err != nil && strings.Contains(err.Error(), "equally specific"); met != c.meet || err != nil && !met {
				t.Errorf("%v, want them to meet: %t", err, c.meet)
			}
		})
	}
}

// Of the rules for one line the words of the kind decide first; the order in the file decides nothing.
func TestR13_TheMoreTheWordsOfAKindSayTheMoreSpecificIsTheRule(t *testing.T) {
	when := func(description, more string) string {
		return `{when: {transaction_type: Order, amount_type: ItemFees, amount_description: "` + description + `"` + more + `}, `
	}
	const star = "wildcard: true, "
	kind := func(a, b, c string) string {
		return `{when: {transaction_type: "` + a + `", amount_type: "` + b + `", amount_description: "` + c + `"}, ` + star
	}
	for name, c := range map[string]struct{ less, more string }{
		"the whole kind before a star":         {when("Comm*", "") + star, when("Commission", "")},
		"the whole kind before star and SKU":   {when("Comm*", ", sku: A") + star, when("Commission", "")},
		"a star before the category":           {"{when: {category: referral_fee}, ", when("Comm*", "") + star},
		"more letters before fewer":            {when("Comm*", "") + star, when("Commi*", "") + star},
		"letters of the first word, too":       {kind("Or*", "ItemFees", "*"), kind("Ord*", "ItemFees", "*")},
		"letters of the second word, too":      {kind("*", "Item*", "Commission"), kind("*", "ItemF*", "Commission")},
		"letters in all":                       {kind("Order", "ItemFees", "Com*"), kind("*", "ItemFees", "Commission")},
		"star and category before the star":    {when("Comm*", "") + star, when("Comm*", ", category: referral_fee") + star},
		"kind and SKU before the kind":         {when("Commission", ""), when("Commission", `, sku: "A*"`)},
		"more letters of the SKU before fewer": {when("Commission", `, sku: "A*"`), when("Commission", `, sku: "AB*"`)},
	} {
		less, more := c.less+`category: referral_fee, account: "612.00"}`, c.more+`category: referral_fee, account: "613.00"}`
		for _, order := range [][]string{{less, more}, {more, less}} {
			r := rules(t, "accounts:\n", "accounts:\n  \"613.00\": {type: direct}\n", "\nrules:\n", "\nrules:\n  - "+strings.Join(order, "\n  - ")+"\n")
			p := plan(t, r, august(row{kind: fee, amount: "-2.00", posted: noon("2025-08-02"), sku: "ABC"}).source(t), ledgermap.Input{})
			if got := p.Documents[0].Lines()[0].Account; got != "613.00" {
				t.Errorf("%s: on account %s by\n%s", name, got, strings.Join(order, "\n"))
			}
		}
	}
}
