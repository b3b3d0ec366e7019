package settlement

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Link is what a settlement passes on to the next one of its stream, and takes
// over from the one before. [Tally.Link] makes it.
type Link struct {
	ID         string
	Stream     string // settlements of one stream follow each other; see Tally.Link
	Start, End time.Time
	Total      Money

	ReserveCurrent  Money // held back at the end: zero or negative
	ReservePrevious Money // what the settlement before held back, released: zero or positive
	Payable         Money // the settlement before's negative total, carried in
}

// Link returns the ends of a tied settlement. Its stream is the currency and the
// marketplaces that lines name: an account has one stream of settlements for
// each currency, and in Europe one for each marketplace. Where the caller knows
// better (a settlement without any line of a marketplace), it sets Stream.
func (t Tally) Link() Link {
	s := t.Statement
	var names []string
	for _, name := range s.Marketplaces {
		if !strings.HasPrefix(name, "Non-Amazon") { // multi-channel orders: in the stream of the account
			names = append(names, name)
		}
	}
	l := Link{
		ID: s.ID, Stream: strings.TrimSpace(s.Currency.String() + " " + strings.Join(names, " ")),
		Start: s.Start, End: s.End, Total: s.Total,
	}
	for _, k := range t.Kinds {
		var sum *Money
		switch k.Category {
		case CategoryReserveCurrent:
			sum = &l.ReserveCurrent
		case CategoryReservePrevious:
			sum = &l.ReservePrevious
		case CategoryPayableToAmazon:
			sum = &l.Payable
		default:
			continue
		}
		*sum = Money{sum.minor + k.Sum.minor, k.Sum.currency} // parts of a sum that fitted
	}
	return l
}

// The codes of [Finding]s.
const (
	FindingGap           = "gap"            // a settlement starts after the one before ended
	FindingOverlap       = "overlap"        // a settlement starts before the one before ended
	FindingReserve       = "reserve_carry"  // what was held back is not what was released
	FindingBalance       = "balance_carry"  // a negative total did not come back as Payable to Amazon
	FindingSameID        = "same_id"        // a settlement twice
	FindingCurrencyMixed = "mixed_currency" // two currencies in one stream
)

// Finding is something that a person should look at.
type Finding struct {
	Code               string // one of the Finding constants
	Stream             string
	Previous, Next     string        // settlement-ids
	By                 time.Duration // gap or overlap
	Expected, Observed Money         // of a carry
	Message            string
}

// Continuity checks that a seller's settlements follow each other without gap
// or overlap of more than tolerance, and that each takes over what the one
// before passed on: the reserve, and a negative total. Carries are compared only
// between settlements that meet. Findings come stream by stream, in time order.
func Continuity(links []Link, tolerance time.Duration) []Finding {
	links = slices.Clone(links)
	slices.SortStableFunc(links, func(a, b Link) int {
		if c := strings.Compare(a.Stream, b.Stream); c != 0 {
			return c
		}
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	var findings []Finding
	for i := 1; i < len(links); i++ {
		a, b := links[i-1], links[i]
		if a.Stream != b.Stream {
			continue
		}
		f := Finding{Stream: b.Stream, Previous: a.ID, Next: b.ID}
		apart := b.Start.Sub(a.End)
		switch {
		case a.ID == b.ID:
			f.Code, f.Message = FindingSameID, fmt.Sprintf("settlement %s is there twice", a.ID)
		case a.Total.Currency() != b.Total.Currency():
			f.Code, f.Message = FindingCurrencyMixed, fmt.Sprintf("settlement %s is in %s, %s in %s", a.ID, a.Total.Currency(), b.ID, b.Total.Currency())
		case apart > tolerance:
			f.Code, f.By = FindingGap, apart
			f.Message = fmt.Sprintf("settlement %s starts %s after %s ended: one between them is missing", b.ID, days(apart), a.ID)
		case apart < -tolerance:
			f.Code, f.By = FindingOverlap, -apart
			f.Message = fmt.Sprintf("settlement %s starts %s before %s ended", b.ID, days(-apart), a.ID)
		default:
			findings = append(findings, carries(f, a, b)...)
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

// days is a length of time as people count it: "14 days", "1 day 2h0m1s".
func days(d time.Duration) string {
	const day = 24 * time.Hour
	whole, rest := d/day, d%day
	text := fmt.Sprintf("%d days", whole)
	switch {
	case whole == 0:
		return d.String()
	case whole == 1:
		text = "1 day"
	}
	if rest != 0 {
		text += " " + rest.String()
	}
	return text
}

func carries(f Finding, a, b Link) (findings []Finding) {
	if f.Expected, f.Observed = a.ReserveCurrent.Neg(), b.ReservePrevious; f.Expected.Minor() != f.Observed.Minor() {
		f.Code = FindingReserve
		f.Message = fmt.Sprintf("settlement %s held back %s, but %s releases %s", a.ID, f.Expected, b.ID, f.Observed)
		findings = append(findings, f)
	}
	owed := Money{0, a.Total.currency}
	if a.Total.Sign() < 0 {
		owed = a.Total
	}
	if f.Expected, f.Observed = owed, b.Payable; f.Expected.Minor() != f.Observed.Minor() {
		f.Code = FindingBalance
		f.Message = fmt.Sprintf("settlement %s leaves %s owed to Amazon, but %s takes over %s", a.ID, f.Expected, b.ID, f.Observed)
		findings = append(findings, f)
	}
	return findings
}

// CrossCheck compares the settlements that are known with the event groups of
// Finances, both ways: closed groups without a settlement of their period and
// currency, whose report was not fetched; and settlements without a group. Each
// group answers for one settlement, for that of its total if there is one. A
// group whose total Amazon does not name answers for one of its period.
func CrossCheck(links []Link, groups []GroupFact) (unfetched []GroupFact, unknown []Link) {
	unknown = slices.Clone(links)
	for _, fits := range []func(g GroupFact, l Link) bool{
		func(g GroupFact, l Link) bool { return g.OriginalTotal == l.Total },
		func(g GroupFact, l Link) bool { return g.OriginalTotal.currency == l.Total.currency },
		func(g GroupFact, _ Link) bool { return g.OriginalTotal == Money{} },
	} {
		var left []GroupFact
		for _, g := range groups {
			i := slices.IndexFunc(unknown, func(l Link) bool {
				return g.Start.Unix() == l.Start.Unix() && g.End.Unix() == l.End.Unix() && fits(g, l)
			})
			if i < 0 {
				left = append(left, g)
			} else {
				unknown = slices.Delete(unknown, i, i+1)
			}
		}
		groups = left
	}
	for _, g := range groups {
		if g.Closed {
			unfetched = append(unfetched, g)
		}
	}
	return unfetched, unknown
}
