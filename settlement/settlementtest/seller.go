package settlementtest

import (
	"time"
)

// Outcome says how a settlement of a described seller ends.
type Outcome int

const (
	Paid     Outcome = iota // a positive total that reaches the bank on the deposit date
	Negative                // the seller owes Amazon; the next settlement carries the debt in and a card charge clears it
	Zero                    // everything is held back: total 0.00, no payout
	Failed                  // a positive total whose transfer fails; the money comes back in the next settlement
)

// Seller describes a merchant account and how it sells. The zero value of every field means the default.
type Seller struct {
	ID          string // Amazon's selling partner id; default made from the seed, "A" and 13 characters
	Name        string // the store's name; default "Example Trading"
	Marketplace string // id of the store; default ATVPDKIKX0DER (Amazon.com)
	Currency    string // ISO 4217; default the store's
	Seed        uint64

	// Count is the number of settlements, default 6.
	Count int
	// Rows is the number of money rows in each settlement, default 60. Settlements have exactly that many, but never
	// fewer than their account rows need (about 20).
	Rows int
	// Cycle is the length of a period, at least an hour. The default is 14 days, or less where Count settlements would
	// not fit into the 88 days that getReports can see.
	Cycle time.Duration
	// Until is the day before which the last settlement ends (its time of day is dropped); default 2026-11-23. The
	// youngest payout is on its way to the bank on that day.
	Until time.Time
	// Outcomes apply to the settlements in turn, oldest first, and start again at their end. Default: Paid, Paid,
	// Negative, Paid. An outcome is brought about by real rows, not by a changed total.
	Outcomes []Outcome
	// Form of the report; default that of the currency.
	Form Form
}

// defaults returns the seller with every field filled in.
func (s Seller) defaults() Seller {
	if s.Marketplace == "" {
		s.Marketplace = "ATVPDKIKX0DER"
	}
	if s.Currency == "" {
		s.Currency = s.market().Currency
	}
	if s.ID == "" {
		s.ID = "A" + word(hash(s.Marketplace, s.Seed, "seller"), 13, 36)
	}
	if s.Name == "" {
		s.Name = "Example Trading"
	}
	if s.Count <= 0 {
		s.Count = 6
	}
	if s.Rows <= 0 {
		s.Rows = 60
	}
	if s.Cycle <= 0 {
		s.Cycle = min(14*24*time.Hour, (88 * 24 * time.Hour / time.Duration(s.Count)).Truncate(time.Minute))
	}
	s.Cycle = max(s.Cycle, time.Hour)
	if s.Until.IsZero() {
		s.Until = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	}
	s.Until = s.Until.UTC().Truncate(24 * time.Hour)
	if len(s.Outcomes) == 0 {
		s.Outcomes = []Outcome{Paid, Paid, Negative, Paid}
	}
	if s.Form.isZero() {
		s.Form = FormOf(s.Currency)
	}
	return s
}

func (s Seller) market() Marketplace { return MarketplaceOf(s.Marketplace) }

// boundary returns the instant at which settlement index starts, which is when the one before it ended. Index Count is
// the end of the last. Real periods of a stream start within seconds of the same time of day.
func (s Seller) boundary(index int) time.Time {
	d := dice(hash(s.ID, s.Seed, "boundary"))
	last := s.Until.Add(-time.Duration(d.between(2*3600, 9*3600)) * time.Second)
	jitter := time.Duration(hash(s.ID, s.Seed, "jitter", index)%3) * time.Second
	return last.Add(-time.Duration(s.Count-index) * s.Cycle).Add(jitter).Truncate(time.Second)
}

// carry is what one settlement hands to the next.
type carry struct {
	reserve int64 // held back: negative
	debt    int64 // the negative total
	failed  int64 // the transfer that came back: positive
}

// Settlements returns the chain, oldest first.
func (s Seller) Settlements() []Settlement {
	s = s.defaults()
	list := make([]Settlement, 0, s.Count)
	var in carry
	for i := range s.Count {
		g := &generator{
			seller: s, market: s.market(), index: i, in: in, outcome: s.Outcomes[i%len(s.Outcomes)],
			start: s.boundary(i), end: s.boundary(i + 1), seed: hash(s.ID, s.Marketplace, s.Currency, s.Seed, "rows", i),
		}
		st := s.settlement(i, g)
		list = append(list, st)
		in = carry{reserve: g.reserve}
		switch {
		case st.Total < 0:
			in.debt = st.Total
		case g.outcome == Failed:
			in.failed = st.Total
		}
	}
	return list
}

func (s Seller) settlement(index int, g *generator) Settlement {
	g.close()
	st := Settlement{
		ID: settlementID(s, index), SellerID: s.ID, Marketplace: s.Marketplace, Currency: s.Currency,
		Start: g.start, End: g.end, Deposit: g.end.AddDate(0, 0, 2),
		Total: g.total, Count: g.count, Form: s.Form, lines: g.lines,
	}
	st.finish(s, index, g.outcome == Failed)
	return st
}

// finish adds what Amazon's other interfaces tell about the settlement.
func (s *Settlement) finish(from Seller, index int, failed bool) {
	h := hash(s.ID, from.ID, "facts")
	region := from.market().Region
	s.EventGroup = eventGroupID(h)
	s.Payout = payoutOf(s, h, failed, from.Until)
	published := s.End.Add(time.Duration(3600+h%5400) * time.Second) // reports lag the end of their period
	all := RegionMarketplaces(region)
	s.Reports = []Report{{
		ID: "50" + digits(hash(s.ID, "report"), 6) + digits(hash(s.ID, index), 3), DocumentID: documentID(region, h),
		Created: published, Marketplaces: all,
	}}
	if index%3 == 1 { // published again, hours later, under other ids
		again := Report{
			ID:         "51" + digits(hash(s.ID, "again"), 6) + digits(hash(s.ID, index, "again"), 3),
			DocumentID: documentID(region, h+1), Created: published.Add(5 * time.Hour), Marketplaces: []string{from.Marketplace},
		}
		s.Reports = append(s.Reports, again)
	}
}
