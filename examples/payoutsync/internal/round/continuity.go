package round

import (
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// continuity returns what does not fit between a seller's settlement i and those before it. The settlements are in the
// order of their periods.
func continuity(all []collect.Settlement, i int, tolerance time.Duration) []string {
	var links []settlement.Link
	var streams []stream
	for _, found := range all[:i+1] {
		link := found.Link
		link.Stream = follow(&streams, found.Entry)
		links = append(links, link)
	}
	var texts []string
	for _, f := range settlement.Continuity(links, tolerance) {
		if id := all[i].SettlementID; f.Next == id || f.Previous == id { // those before are found at their own turn
			texts = append(texts, f.Code+": "+f.Message)
		}
	}
	return texts
}

// stream is the settlements of one currency and, where an account has several of one currency, of one store.
type stream struct {
	name, currency string
	stores         []string // none: a settlement that names no store began it
}

// follow finds the stream that a settlement continues, or begins one. The stores that lines name vary from settlement to
// settlement, and one with account rows only names none, so one store in common is enough where it leaves a single
// candidate.
func follow(streams *[]stream, e collect.Entry) string {
	var fit []string
	own := stores(e)
	for _, s := range *streams {
		if s.name == e.Link.Stream {
			return s.name
		}
		common := slices.ContainsFunc(own, func(store string) bool { return slices.Contains(s.stores, store) })
		if s.currency == e.Currency && (common || e.Link.Stream == s.currency || s.name == s.currency) {
			fit = append(fit, s.name)
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	*streams = append(*streams, stream{e.Link.Stream, e.Currency, own})
	return e.Link.Stream
}

// stores are the settlement's marketplaces without those of other shops, whose orders are in the account's own stream.
func stores(e collect.Entry) []string {
	return slices.DeleteFunc(slices.Clone(e.Stores), func(store string) bool { return strings.HasPrefix(store, "Non-Amazon") })
}
