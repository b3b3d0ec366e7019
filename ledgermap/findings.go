package ledgermap

import (
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// findings adds what a controller should know although it stops nothing.
func (p *planner) findings() {
	p.window(p.tally.early.beyond(p.statement.Start), "before it starts")
	p.window(p.tally.late.beyond(p.statement.End), "after it ends")
	p.taxRemainder()
	for _, k := range sorted(p.tally.caught) {
		p.find(Finding{
			Code: FindingWildcard, Rows: k.Rows, Amount: k.Sum, Example: k.Lines[0],
			Message: fmt.Sprintf("a rule with a star took %s as %s", k.Kind, k.Category),
		})
	}
	if z := p.tally.zero; z.Rows > 0 {
		p.find(Finding{
			Code: FindingZeroRows, Rows: z.Rows, Example: z.Lines[0],
			Message: fmt.Sprintf("rows with an amount of 0.00: %d; no sum proves that they are complete", z.Rows),
		})
	}
}

func (p *planner) window(rows []edgeRow, when string) {
	if len(rows) == 0 {
		return
	}
	sum := settlement.MoneyOf(0, p.statement.Currency)
	first := rows[0].row
	for _, r := range rows {
		if n, err := sum.Add(r.amount); err == nil {
			sum = n
		}
		first = min(first, r.row)
	}
	many := fmt.Sprint(len(rows))
	if len(rows) == maxEdge {
		many += " or more"
	}
	p.find(Finding{
		Code: FindingOutOfWindow, Rows: len(rows), Amount: sum, Example: first,
		Message: fmt.Sprintf("%s rows are posted %s; they are kept and dated truly, the furthest on %s", many, when, rows[0].posted.UTC().Format("2006-01-02 15:04:05 UTC")),
	})
}

// taxRemainder says what is left of the tax collected after what Amazon withheld and remits itself. It stays on a
// liability account, because tax belongs on nothing else: it is the seller's to remit.
func (p *planner) taxRemainder() {
	rest, rows := settlement.MoneyOf(0, p.statement.Currency), 0
	for _, part := range p.tally.parts {
		for key, c := range part.cells {
			switch p.tally.resolver.places[key.place].is {
			case settlement.CategoryTax, settlement.CategoryFacilitatorTax, settlement.CategoryRefundTax, settlement.CategoryRefundFacilitatorTax:
				if sum, err := rest.Add(c.sum); err == nil {
					rest = sum
					rows += c.rows
				}
			}
		}
	}
	if !rest.IsZero() {
		p.find(Finding{
			Code: FindingTaxRemainder, Rows: rows, Amount: rest,
			Message: "tax collected and not withheld by Amazon: it stays a liability, for the seller to remit",
		})
	}
}
