package ledgermap

import (
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// pattern is an exact text, or a text with one star that stands for any characters.
type pattern struct {
	prefix, suffix string
	star           bool
}

func (p pattern) match(text string) bool {
	if !p.star {
		return text == p.prefix
	}
	return len(text) >= len(p.prefix)+len(p.suffix) && strings.HasPrefix(text, p.prefix) && strings.HasSuffix(text, p.suffix)
}

// overlaps reports whether some text matches both.
func (p pattern) overlaps(o pattern) bool {
	switch {
	case !p.star:
		return o.match(p.prefix)
	case !o.star:
		return p.match(o.prefix)
	}
	return (strings.HasPrefix(p.prefix, o.prefix) || strings.HasPrefix(o.prefix, p.prefix)) &&
		(strings.HasSuffix(p.suffix, o.suffix) || strings.HasSuffix(o.suffix, p.suffix))
}

// literal is how many characters of the pattern are fixed.
func (p pattern) literal() int { return len(p.prefix) + len(p.suffix) }

// condition says which report lines a rule is for. Everything that is set must hold.
type condition struct {
	byKind      bool
	kind        [3]pattern // transaction type, amount type, amount description, each by settlement.FoldWord
	words       [3]string  // the same as written
	category    settlement.Category
	marketplace string // in lower case; "none" for a blank one; "" for any
	bySKU       bool
	sku         pattern
	fulfilment  string // AFN or MFN; "" for any
	from, until Date   // of the posting, in the ledger's time zone; both inclusive
}

func (c *condition) wildcard() bool { return c.kind[0].star || c.kind[1].star || c.kind[2].star }

func (c *condition) dated() bool { return !c.from.IsZero() || !c.until.IsZero() }

// rank says how specific a condition is: the words of the kind count first, then the SKU, the marketplace, the
// fulfilment channel and the dates. Of two conditions for one line the greater wins. Two of the same rank that can
// meet in one line are a mistake in the rules.
func (c *condition) rank() [8]int {
	var r [8]int
	switch {
	case c.byKind && !c.wildcard():
		r[0] = 3
	case c.byKind:
		r[0], r[1] = 2, c.kind[0].literal()+c.kind[1].literal()+c.kind[2].literal()
	case c.category != "":
		r[0] = 1
	}
	switch {
	case c.bySKU && !c.sku.star:
		r[2] = 2
	case c.bySKU:
		r[2], r[3] = 1, c.sku.literal()
	}
	one := func(set bool) int {
		if set {
			return 1
		}
		return 0
	}
	r[4], r[5], r[6], r[7] = one(c.marketplace != ""), one(c.fulfilment != ""), one(c.dated()), one(c.byKind && c.category != "")
	return r
}

// meets reports whether some line satisfies both conditions.
func (c *condition) meets(o *condition) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	switch {
	case c.byKind && o.byKind && !(c.kind[0].overlaps(o.kind[0]) && c.kind[1].overlaps(o.kind[1]) && c.kind[2].overlaps(o.kind[2])),
		differ(string(c.category), string(o.category)),
		c.bySKU && o.bySKU && !c.sku.overlaps(o.sku),
		differ(c.marketplace, o.marketplace),
		differ(c.fulfilment, o.fulfilment),
		!c.until.IsZero() && !o.from.IsZero() && c.until.Compare(o.from) < 0,
		!o.until.IsZero() && !c.from.IsZero() && o.until.Compare(c.from) < 0:
		return false
	}
	return true
}

// matchKind tests what a kind, its category, its marketplace and its channel decide.
func (c *condition) matchKind(k lineKind) bool {
	if c.byKind && !(c.kind[0].match(settlement.FoldWord(k.kind.TransactionType)) && c.kind[1].match(settlement.FoldWord(k.kind.AmountType)) &&
		c.kind[2].match(settlement.FoldWord(k.kind.AmountDescription))) {
		return false
	}
	if c.category != "" && c.category != k.category || c.fulfilment != "" && c.fulfilment != k.fulfilment {
		return false
	}
	switch c.marketplace {
	case "":
		return true
	case "none":
		return k.marketplace == ""
	}
	return strings.ToLower(k.marketplace) == c.marketplace
}

// matchLine tests what is left: the SKU and the date.
func (c *condition) matchLine(sku string, posted Date) bool {
	return (!c.bySKU || c.sku.match(sku)) &&
		(c.from.IsZero() || c.from.Compare(posted) <= 0) &&
		(c.until.IsZero() || posted.Compare(c.until) <= 0)
}

// lineKind is what most rules look at. Lines share few of them, so what was found for one is kept.
type lineKind struct {
	kind        settlement.Kind
	category    settlement.Category // of the vocabulary; empty for an unknown kind
	marketplace string
	fulfilment  string
}

// mayCatch reports whether a rule with a star may take a kind as something. What the vocabulary knows stays in its
// class; of a kind that it does not know, the words decide, and in doubt the kind stays unmapped. So tax, reserves,
// loans and transfers are never taken: no star may be for their classes.
func mayCatch(as settlement.Category, k settlement.Kind, known settlement.Category) bool {
	if known != "" {
		return sameClass(known, as)
	}
	words := strings.ToLower(k.String())
	for _, w := range []string{
		"tax", "vat", "gst", "tcs", "tds", "reserve", "loan", "lending", "capital services", "advance",
		"transfer", "disburse", "payable", "successful charge", "deposit", "debt",
	} {
		if strings.Contains(words, w) {
			return false
		}
	}
	return true
}
