package page

import (
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// bar is one bar of the waterfall, in units of a plot that is plotWidth wide.
type bar struct {
	Label, Amount, Class string
	X, Width             int
}

// picture is a waterfall ready to draw: horizontal bars, one below the other, so that long labels fit.
type picture struct {
	Width, Zero int // Zero is where nothing is
	Bars        []bar
}

const plotWidth = 1000

// chart lays the steps out. Positions are whole units: nothing here is money, it only looks at how far each bar goes.
func chart(steps []Step, total settlement.Money) picture {
	low, high, sum := int64(0), int64(0), int64(0)
	for _, s := range steps {
		sum += s.Amount.Minor()
		low, high = min(low, sum), max(high, sum)
	}
	span := max(high-low, 1)
	at := func(minor int64) int { return int(scale(minor-low, span, plotWidth)) }
	p := picture{Width: plotWidth, Zero: at(0)}
	draw := func(label string, amount settlement.Money, from, to int64, class string) {
		x, end := at(min(from, to)), at(max(from, to))
		p.Bars = append(p.Bars, bar{Label: label, Amount: grouped(amount), Class: class, X: x, Width: max(end-x, 2)})
	}
	sum = 0
	for _, s := range steps {
		class := "in"
		if s.Amount.Sign() < 0 {
			class = "out"
		}
		draw(s.Label, s.Amount, sum, sum+s.Amount.Minor(), class)
		sum += s.Amount.Minor()
	}
	draw("Payout", total, 0, total.Minor(), "total")
	return p
}

// scale returns value × to ÷ of without overflow for any amount: amounts too large for the product are shortened first.
func scale(value, of, to int64) int64 {
	for of > 1<<40 {
		value, of = value/2, of/2
	}
	return value * to / max(of, 1)
}
