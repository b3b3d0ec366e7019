package page

import (
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// bar is one bar of the waterfall in the picture's own units.
type bar struct {
	Label, Amount, Class      string
	X, Y, Width, LabelY, Join int
	Text                      int
}

// picture is a waterfall ready to draw: horizontal bars, one below the other, so that long labels fit.
type picture struct {
	Width, Height, Zero int
	Bars                []bar
	Summary             string
}

const (
	chartLeft  = 220 // room for the labels
	chartPlot  = 440
	chartRight = 110 // room for the amounts
	rowHeight  = 28
)

// chart lays the steps out. Positions are whole units: nothing here is money, it only looks at how far each bar goes.
func chart(steps []Step, total settlement.Money) picture {
	low, high, sum := int64(0), int64(0), int64(0)
	for _, s := range steps {
		sum += s.Amount.Minor()
		low, high = min(low, sum), max(high, sum)
	}
	span := max(high-low, 1)
	at := func(minor int64) int { return chartLeft + int(scale(minor-low, span, chartPlot)) }
	p := picture{Width: chartLeft + chartPlot + chartRight, Zero: at(0)}
	draw := func(label string, amount settlement.Money, from, to int64, class string) {
		y := len(p.Bars) * rowHeight
		x, end := at(min(from, to)), at(max(from, to))
		p.Bars = append(p.Bars, bar{
			Label: label, Amount: amount.String(), Class: class, X: x, Y: y + 5, Width: max(end-x, 1), LabelY: y + 19, Join: at(to), Text: chartLeft + chartPlot + chartRight - 6,
		})
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
	p.Height = len(p.Bars) * rowHeight
	p.Summary = fmt.Sprintf("Waterfall of %d steps that end at a payout of %s %s", len(steps), total, total.Currency())
	return p
}

// scale returns value × to ÷ of without overflow for any amount: amounts too large for the product are shortened first.
func scale(value, of, to int64) int64 {
	for of > 1<<40 {
		value, of = value/2, of/2
	}
	return value * to / max(of, 1)
}
