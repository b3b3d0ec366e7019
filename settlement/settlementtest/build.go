package settlementtest

import (
	"cmp"
	"slices"
	"time"
)

// Spec is a settlement that a test names row by row.
type Spec struct {
	ID          string // default made from the other fields
	SellerID    string // default "A1EXAMPLE00001"
	Marketplace string // default ATVPDKIKX0DER
	Currency    string // default the marketplace's
	Start, End  time.Time
	Form        Form
	Rows        []Row // a zero Posted becomes Start
	Failed      bool  // the payout fails
	// Until is the day on which Payout.Status is told; default: the payout has arrived.
	Until time.Time
}

// Build makes the settlement. Its total is the sum of the rows; its period defaults to the two weeks from 2026-10-01.
func Build(spec Spec) Settlement {
	if spec.Start.IsZero() {
		spec.Start = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	}
	if spec.End.IsZero() {
		spec.End = spec.Start.AddDate(0, 0, 14)
	}
	if spec.Until.IsZero() {
		spec.Until = spec.End.AddDate(0, 0, 3)
	}
	s := Seller{
		ID: cmp.Or(spec.SellerID, "A1EXAMPLE00001"), Marketplace: spec.Marketplace, Currency: spec.Currency,
		Seed: hash(spec.ID, spec.Start.UTC().String(), len(spec.Rows)), Form: spec.Form,
	}.defaults()
	s.Until = spec.Until
	st := Settlement{
		ID: cmp.Or(spec.ID, settlementID(s, 0)), SellerID: s.ID, Marketplace: s.Marketplace, Currency: s.Currency,
		Start: spec.Start.UTC().Truncate(time.Second), End: spec.End.UTC().Truncate(time.Second), Form: s.Form, Count: len(spec.Rows),
	}
	st.Deposit = st.End.AddDate(0, 0, 2)
	rows := slices.Clone(spec.Rows)
	for i := range rows {
		if rows[i].Posted.IsZero() {
			rows[i].Posted = st.Start
		}
		st.Total += rows[i].Amount
	}
	st.lines = slices.Values(rows)
	st.finish(s, 0, spec.Failed)
	return st
}

// Reissued returns the settlement as Amazon would publish it again with other rows: the same id, period and payout, a
// report of its own a day later, and the total of the rows given. A ledger must call that a conflict. The original is as
// it was; give both to the fake Amazon.
func (s Settlement) Reissued(rows ...Row) Settlement {
	again := s
	again.lines, again.Count, again.Total = slices.Values(slices.Clone(rows)), len(rows), 0
	for _, r := range rows {
		again.Total += r.Amount
	}
	h := hash(s.ID, "reissued", len(rows), uint64(again.Total))
	again.Reports = []Report{{ID: "53" + digits(h, 9), DocumentID: documentID(MarketplaceOf(s.Marketplace).Region, h), Created: s.End.AddDate(0, 0, 1)}}
	if len(s.Reports) > 0 {
		again.Reports[0].Marketplaces = s.Reports[0].Marketplaces
	}
	return again
}

// Total is the sign that an arbitrary settlement shall have.
type Total int

const (
	AnyTotal      Total = iota // as the seed has it
	PositiveTotal              // a payout
	NegativeTotal              // a debt
	ZeroTotal                  // exactly 0
)

// Nasty narrows what [Arbitrary] makes. Every zero field is drawn from the seed.
type Nasty struct {
	Currency   string // default one of USD, EUR, JPY, KWD, GBP, CAD
	Kinds      []Kind // the words to draw from; default [Vocabulary]
	MaxRows    int    // default 60
	Start, End time.Time
	Boundaries int // month ends inside the period, if Start and End are zero; default 0 to 14 of them
	Total      Total
	Outside    bool // some rows are posted up to two days before or after the period
}

// Arbitrary makes the settlement of this seed that no seller would have: any kinds in any order, amounts from one minor
// unit to thousands of millions, signs against custom, periods from a second to fourteen months with rows at the very
// second of a month's end, reserves in and out, totals that are negative or nothing, or no rows at all.
func Arbitrary(seed uint64, n Nasty) Settlement {
	d := dice(hash(seed, "arbitrary"))
	draw := func(list ...string) string { return list[d.n(int64(len(list)))] }
	currency := cmp.Or(n.Currency, draw("USD", "EUR", "JPY", "KWD", "GBP", "CAD"))
	kinds := n.Kinds
	if len(kinds) == 0 {
		kinds = Vocabulary()
	}
	start, end := n.period(&d)
	var rows []Row
	add := func(kind Kind, amount int64, at time.Time) {
		if amount == 0 {
			return
		}
		rows = append(rows, Row{
			TransactionType: kind.TransactionType, AmountType: kind.AmountType,
			AmountDescription: kind.AmountDescription, Amount: amount, Posted: at,
		})
	}
	for range d.n(int64(cmp.Or(n.MaxRows, 60)) + 1) {
		kind := kinds[d.n(int64(len(kinds)))]
		size := [...]int64{9, 999, 99_999, 9_999_999, 999_999_999_999}[min(d.n(8), 4)]
		amount := d.between(1, size)
		if kind.Sign < 0 || kind.Sign == 0 && d.chance(50) {
			amount = -amount
		}
		if d.chance(4) {
			amount = -amount
		}
		add(kind, amount, n.moment(&d, start, end))
	}
	for i := range rows {
		rows[i].decorate(&d)
	}
	var sum int64
	for _, r := range rows {
		sum += r.Amount
	}
	held := Kind{TransactionType: "other-transaction", AmountType: "other-transaction", AmountDescription: "Current Reserve Amount"}
	back := held
	back.AmountDescription = "Previous Reserve Amount Balance"
	balance := func(target int64) { // reach the target by a reserve in or out
		if diff := target - sum; diff < 0 {
			add(held, diff, end.Add(-min(time.Second, end.Sub(start))))
		} else {
			add(back, diff, start)
		}
	}
	switch n.Total {
	case PositiveTotal:
		balance(max(sum, 1+d.n(500_000)))
	case NegativeTotal:
		balance(min(sum, -1-d.n(500_000)))
	case ZeroTotal:
		balance(0)
	default:
		if d.chance(15) {
			balance(0)
		}
	}
	return Build(Spec{Currency: currency, Start: start, End: end, Rows: rows, Failed: d.chance(10), Marketplace: storeOf(currency)})
}

// storeOf returns the first store of a currency; the dinar has none and goes to Amazon.ae.
func storeOf(currency string) string {
	for _, m := range Marketplaces() {
		if m.Currency == currency {
			return m.ID
		}
	}
	return "A2VIGQ35RCS4UG"
}

func (n Nasty) period(d *dice) (start, end time.Time) {
	if !n.Start.IsZero() && n.End.After(n.Start) {
		return n.Start.UTC(), n.End.UTC()
	}
	months := n.Boundaries
	if months <= 0 {
		months = int(d.n(15))
	}
	first := time.Date(2023+int(d.n(3)), time.Month(1+d.n(12)), 1, 0, 0, 0, 0, time.UTC)
	// From somewhere in one month to somewhere in the month that many later.
	start = first.Add(time.Duration(d.between(0, 28*86400-3600)) * time.Second)
	end = first.AddDate(0, months, 0).Add(time.Duration(d.between(1, 27*86400)) * time.Second)
	if !end.After(start) {
		end = start.Add(time.Duration(d.between(1, 3600)) * time.Second)
	}
	return start, end
}

func (n Nasty) moment(d *dice, start, end time.Time) time.Time {
	length := int64(end.Sub(start) / time.Second)
	at := start.Add(time.Duration(d.n(length+1)) * time.Second)
	switch {
	case d.chance(10): // the last or first second of a month
		edge := monthStart(at).Add(-time.Duration(d.n(2)) * time.Second)
		if !edge.Before(start) && !edge.After(end) {
			at = edge
		}
	case n.Outside && d.chance(10):
		away := time.Duration(d.between(1, 2*86400)) * time.Second
		if at = end.Add(away); d.chance(50) {
			at = start.Add(-away)
		}
	}
	return at
}

// decorate fills in the columns beside the money, or leaves them blank, as they come.
func (r *Row) decorate(d *dice) {
	if d.chance(70) {
		r.OrderID = orderID("111", d.next())
		r.MarketplaceName = "Amazon.com"
	}
	if d.chance(50) {
		r.SKU = []string{`12" RULER`, "0012-A", "SKU WITH BLANKS", "EX-1+2/3", "=1+1", "ex|pipe;semi,comma"}[d.n(6)]
		r.Quantity = "1"
	}
	if d.chance(10) {
		r.PromotionID = "Duplicated A2ZIWDULR9BGUF 1547517750828"
	}
	if r.TransactionType == "Refund" {
		r.AdjustmentID, r.Quantity = adjustmentID(d.next()), ""
	}
}
