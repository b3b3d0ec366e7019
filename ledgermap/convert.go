package ledgermap

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// conversion is the rate for a date. A missing one is noted as a problem, which refuses the plan.
func (p *planner) conversion(d Date) (Conversion, bool) {
	for _, x := range p.Rules.rates {
		if x.from == p.statement.Currency && x.date.Compare(d) <= 0 && d.Compare(x.until) <= 0 {
			return Conversion{From: x.from, To: p.currency, Rate: x.value, Date: x.date, Source: x.source}, true
		}
	}
	p.refuse(RefusedCurrency, "the rules give no rate from %s to %s for %s; add one, with its source", p.statement.Currency, p.currency, d)
	return Conversion{}, false
}

// factor is the exact number of minor units of To for one minor unit of From.
func (c Conversion) factor() *big.Rat {
	r, _ := new(big.Rat).SetString(c.Rate) // every rate of the rules is a decimal, by ratePattern
	ten := func(n int) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
	}
	r.Mul(r, ten(c.To.Exponent()))
	return r.Quo(r, ten(c.From.Exponent()))
}

// convert converts one amount alone, rounding half a unit away from zero.
func convert(m settlement.Money, c Conversion) (settlement.Money, error) {
	f := c.factor()
	exact := f.Mul(f, new(big.Rat).SetInt64(m.Abs().Minor()))
	exact.Add(exact, big.NewRat(1, 2))
	units := new(big.Int).Quo(exact.Num(), exact.Denom())
	if !units.IsInt64() {
		return settlement.Money{}, fmt.Errorf("ledgermap: %s %s at %s is too large", m, c.From, c.Rate)
	}
	if got := settlement.MoneyOf(units.Int64(), c.To); m.Sign() >= 0 {
		return got, nil
	} else {
		return got.Neg(), nil
	}
}

// convertLines converts balanced lines so that they balance still, in each set of books: every line is rounded
// down, and the units that are missing go, one each, to the lines that lost most. So no line is off by a unit, and
// no line for rounding differences exists. Each line keeps its amount in the settlement's currency.
func convertLines(lines []Line, c Conversion) error {
	f := c.factor()
	type remainder struct {
		line int
		lost *big.Rat
	}
	units := make([]*big.Int, len(lines))
	missing := make(map[books]*big.Int)
	lost := make(map[books][]remainder)
	for i, l := range lines {
		exact := new(big.Rat).Mul(f, new(big.Rat).SetInt64(l.Signed().Minor()))
		floor := new(big.Int).Div(exact.Num(), exact.Denom()) // the denominator is positive, so Div rounds down
		units[i] = floor
		b := books{l.Company, l.Organisation}
		if missing[b] == nil {
			missing[b] = new(big.Int)
		}
		missing[b].Sub(missing[b], floor)
		lost[b] = append(lost[b], remainder{i, exact.Sub(exact, new(big.Rat).SetInt(floor))})
	}
	for b, n := range missing {
		slices.SortStableFunc(lost[b], func(x, y remainder) int {
			return cmp.Or(y.lost.Cmp(x.lost), cmp.Compare(x.line, y.line))
		})
		for _, r := range lost[b][:n.Int64()] {
			units[r.line].Add(units[r.line], big.NewInt(1))
		}
	}
	for i := range lines {
		if !units[i].IsInt64() || strings.HasPrefix(units[i].String(), "-9223372036854775808") {
			return fmt.Errorf("ledgermap: %s %s at %s is too large", lines[i].Signed(), c.From, c.Rate)
		}
		lines[i].Original = lines[i].Signed().Abs()
		setSigned(&lines[i], settlement.MoneyOf(units[i].Int64(), c.To))
	}
	return nil
}
