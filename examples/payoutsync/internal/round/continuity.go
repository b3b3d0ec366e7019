package round

import (
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// chain checks one seller's settlements against each other as they come by in the order of their periods.
type chain struct {
	tolerance time.Duration
	links     []settlement.Link
	streams   []stream
}

// stream is the settlements of one currency and, where an account has several of one currency, of one store.
type stream struct {
	name, currency string
	stores         []string // none: a settlement that names no store began it
}

// next takes the next settlement and returns what does not fit between it and those before it.
func (c *chain) next(t settlement.Tally) []string {
	link := t.Link()
	link.Stream = c.stream(link.Stream, t.Statement)
	c.links = append(c.links, link)
	var texts []string
	for _, f := range settlement.Continuity(c.links, c.tolerance) {
		if f.Next == link.ID || f.Previous == link.ID { // those before are all checked
			texts = append(texts, f.Code+": "+f.Message)
		}
	}
	return texts
}

// stream finds the stream that a settlement continues. The stores that lines name vary from settlement to settlement, and
// one with account rows only names none, so one store in common is enough where it leaves a single candidate.
func (c *chain) stream(name string, st settlement.Statement) string {
	var fit []string
	own := stores(st)
	for _, s := range c.streams {
		if s.name == name {
			return name
		}
		common := slices.ContainsFunc(own, func(store string) bool { return slices.Contains(s.stores, store) })
		if s.currency == st.Currency.String() && (common || name == s.currency || s.name == s.currency) {
			fit = append(fit, s.name)
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	c.streams = append(c.streams, stream{name, st.Currency.String(), own})
	return name
}

// stores are the settlement's marketplaces without those of other shops, whose orders are in the account's own stream.
func stores(st settlement.Statement) []string {
	return slices.DeleteFunc(slices.Clone(st.Marketplaces), func(store string) bool { return strings.HasPrefix(store, "Non-Amazon") })
}
