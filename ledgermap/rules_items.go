package ledgermap

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// rule is an entry for the lines that satisfy a condition. What it leaves empty comes from its category's entry.
type rule struct {
	entry
	when     condition
	category settlement.Category // what the lines are, where the rule says so
}

// example is a line and where the controller expects it to go.
type example struct {
	kind                         settlement.Kind
	marketplace, sku, fulfilment string
	posted                       Date
	account, project             string
	node                         *yaml.Node
}

type netGroup struct {
	name       string
	categories []settlement.Category
	node       *yaml.Node
}

func (l *loader) category(key, value *yaml.Node) {
	c := settlement.Category(key.Value)
	if _, ok := c.Info(); !ok {
		l.fail(key, "%q is no category; the starter rules list all of them", key.Value)
		return
	}
	e := entry{node: value}
	known := l.entryFields(&e)
	known["reason"] = func(n *yaml.Node) { e.reason = l.filled(n, "reason") }
	if c == settlement.CategoryFeeTax {
		known["treatment"] = func(n *yaml.Node) { e.treatment = l.word(n, "not-set", "recoverable", "cost") }
	}
	l.fields(value, "a category", known)
	e.category = c
	l.rules.categories[c] = e
}

func (l *loader) netGroup(n *yaml.Node) {
	g := netGroup{node: n}
	l.fields(n, "netting", map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) { g.name = l.filled(n, "name") },
		"categories": func(n *yaml.Node) {
			l.list(n, "categories", func(n *yaml.Node) { g.categories = append(g.categories, settlement.Category(l.text(n))) })
		},
	})
	if g.name == "" || len(g.categories) < 2 {
		l.fail(n, "netting needs a name and two or more categories")
	}
	l.netting = append(l.netting, g)
}

func (l *loader) pattern(n *yaml.Node) pattern {
	text := l.text(n)
	before, after, star := strings.Cut(text, "*")
	if strings.Contains(after, "*") {
		l.fail(n, "%q has more than one star", text)
	}
	return pattern{prefix: before, suffix: after, star: star}
}

func (l *loader) rule(n *yaml.Node) {
	x := &rule{entry: entry{node: n}}
	wildcard := false
	known := l.entryFields(&x.entry)
	known["reason"] = func(n *yaml.Node) { x.reason = l.filled(n, "reason") }
	known["wildcard"] = func(n *yaml.Node) { wildcard = l.flag(n) }
	known["category"] = func(n *yaml.Node) {
		x.category = settlement.Category(l.text(n))
		if _, ok := x.category.Info(); !ok {
			l.fail(n, "%q is no category; the starter rules list all of them", x.category)
		}
	}
	known["when"] = func(n *yaml.Node) { x.when = l.condition(n) }
	l.fields(n, "a rule", known)
	switch {
	case x.when == condition{}:
		l.fail(n, "a rule needs when: which lines it is for")
	case x.when.wildcard() && !wildcard:
		l.fail(n, "this rule has a star in its kind; say so with wildcard: true")
	case !x.when.wildcard() && wildcard:
		l.fail(n, "wildcard: true, but no star in the kind")
	case x.account == "" && x.wbs1 == "" && x.description == "" && x.category == "":
		l.fail(n, "this rule changes nothing: give it an account, a project, a description or a category")
	}
	l.rules.rules = append(l.rules.rules, x)
}

func (l *loader) condition(n *yaml.Node) condition {
	var c condition
	words := 0
	word := func(i int) func(*yaml.Node) {
		return func(n *yaml.Node) {
			words++
			if c.kind[i] = l.pattern(n); c.kind[i] == (pattern{}) {
				l.fail(n, "a word of a kind is empty")
			}
			c.words[i] = n.Value
			c.kind[i].prefix, c.kind[i].suffix = settlement.FoldWord(c.kind[i].prefix), settlement.FoldWord(c.kind[i].suffix)
		}
	}
	l.fields(n, "when", map[string]func(*yaml.Node){
		"transaction_type":   word(0),
		"amount_type":        word(1),
		"amount_description": word(2),
		"category": func(n *yaml.Node) {
			c.category = settlement.Category(l.text(n))
			if _, ok := c.category.Info(); !ok {
				l.fail(n, "%q is no category; the starter rules list all of them", c.category)
			}
		},
		"marketplace": func(n *yaml.Node) { c.marketplace = strings.ToLower(l.filled(n, "marketplace")) },
		"sku":         func(n *yaml.Node) { c.bySKU, c.sku = true, l.pattern(n) },
		"fulfilment":  func(n *yaml.Node) { c.fulfilment = l.word(n, "AFN", "MFN") },
		"from":        func(n *yaml.Node) { c.from = l.date(n) },
		"until":       func(n *yaml.Node) { c.until = l.date(n) },
	})
	if c.byKind = words > 0; c.byKind && words < 3 {
		l.fail(n, "a kind has three words: transaction_type, amount_type and amount_description; a star stands for any")
	}
	if !c.from.IsZero() && !c.until.IsZero() && c.until.Compare(c.from) < 0 {
		l.fail(n, "until is before from")
	}
	return c
}

func (l *loader) example(n *yaml.Node) {
	x := example{node: n}
	l.fields(n, "an example", map[string]func(*yaml.Node){
		"transaction_type":   func(n *yaml.Node) { x.kind.TransactionType = l.text(n) },
		"amount_type":        func(n *yaml.Node) { x.kind.AmountType = l.text(n) },
		"amount_description": func(n *yaml.Node) { x.kind.AmountDescription = l.text(n) },
		"marketplace":        func(n *yaml.Node) { x.marketplace = l.text(n) },
		"sku":                func(n *yaml.Node) { x.sku = l.text(n) },
		"fulfilment":         func(n *yaml.Node) { x.fulfilment = l.text(n) },
		"posted":             func(n *yaml.Node) { x.posted = l.date(n) },
		"account":            func(n *yaml.Node) { x.account = l.text(n) },
		"project":            func(n *yaml.Node) { x.project = l.text(n) },
	})
	l.rules.examples = append(l.rules.examples, x)
}
