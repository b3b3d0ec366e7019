package ledgermap

import (
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// place is where report lines go: a target with what they are, or the reason why they have none. It is comparable.
type place struct {
	target
	is     settlement.Category // what the lines are; target.category names the netting group instead, where there is one
	refuse string              // why such lines cannot be booked; empty where they can
	caught bool                // by a rule with a wildcard
}

// resolver finds the place of each line. What it finds for a kind, marketplace and channel it keeps, so that a line
// costs one look into a table. It is not safe for concurrent use.
type resolver struct {
	rules  *Rules
	found  map[lineKind]*found // by kind, marketplace and channel; the category is left empty in the key
	places []place
	index  map[place]int

	lastKey lineKind
	last    *found

	foreign bool // text beyond ASCII had a say
}

// found is what the rules say of one kind of line.
type found struct {
	key      lineKind
	category settlement.Category
	rules    []*rule // those that may apply, the most specific first
	chosen   []int   // the place of each of them, and of no rule at all as the last; -1 before it is asked for
}

func newResolver(r *Rules) *resolver {
	return &resolver{rules: r, found: make(map[lineKind]*found), index: make(map[place]int)}
}

// place is the number of the line's place in places.
func (v *resolver) place(line *settlement.Line, posted Date) int {
	key := lineKind{kind: line.Kind, marketplace: line.Marketplace, fulfilment: line.FulfillmentID}
	f := v.last
	if f == nil || key != v.lastKey {
		if f = v.found[key]; f == nil {
			f = v.find(key)
		}
		v.last, v.lastKey = f, f.key
	}
	for i, x := range f.rules {
		if x.when.bySKU && !v.foreign {
			v.foreign = !ascii(line.SKU)
		}
		if x.when.matchLine(line.SKU, posted) {
			return v.choose(f, i)
		}
	}
	return v.choose(f, len(f.rules))
}

// find asks every rule about a kind that was not seen before.
func (v *resolver) find(key lineKind) *found {
	// The texts of a line share the memory of the file's block; what is kept is copied.
	key.marketplace, key.fulfilment = strings.Clone(key.marketplace), strings.Clone(key.fulfilment)
	v.foreign = v.foreign || !ascii(key.kind.TransactionType+key.kind.AmountType+key.kind.AmountDescription+key.marketplace+key.fulfilment)
	f := &found{key: key}
	f.category, _ = key.kind.Category()
	asked := key
	asked.category = f.category
	for _, x := range v.rules.rules {
		if x.when.matchKind(asked) && (!x.when.wildcard() || mayCatch(x.category, asked.kind, asked.category)) {
			f.rules = append(f.rules, x)
			if !x.when.bySKU && !x.when.dated() {
				break // it takes every line that comes this far
			}
		}
	}
	f.chosen = make([]int, len(f.rules)+1)
	for i := range f.chosen {
		f.chosen[i] = -1
	}
	v.found[key] = f
	return f
}

func (v *resolver) choose(f *found, i int) int {
	if f.chosen[i] < 0 {
		var x *rule
		if i < len(f.rules) {
			x = f.rules[i]
		}
		p := v.rules.resolve(f.category, x)
		n, ok := v.index[p]
		if !ok {
			n = len(v.places)
			v.index[p] = n
			v.places = append(v.places, p)
		}
		f.chosen[i] = n
	}
	return f.chosen[i]
}

// resolve puts a rule, if there is one, on top of the entry of its category.
func (r *Rules) resolve(known settlement.Category, x *rule) place {
	is := known
	if x != nil && x.category != "" {
		is = x.category
	}
	base, ok := r.categories[is]
	e := base
	if x != nil {
		e = x.over(base)
	}
	p := place{target: e.target, is: is, caught: x != nil && x.when.wildcard()}
	switch {
	case e.account != "":
	case is == "":
		p.refuse = "neither the vocabulary nor a rule knows this kind; add a rule that says what it is"
	case is == settlement.CategoryOther:
		p.refuse = "kinds of the category other are mapped one by one; add a rule with an account"
	case is == settlement.CategoryFeeTax && r.taxNotSet:
		p.refuse = "whether tax on fees is recoverable is not-set; write its treatment and account under categories: fee_tax"
	case !ok:
		p.refuse = "the category " + string(is) + " has no account in the rules"
	}
	if p.refuse != "" {
		return place{is: is, refuse: p.refuse}
	}
	p.category = is
	if group, ok := r.netting[is]; ok {
		p.category = settlement.Category(group)
	}
	return p
}
