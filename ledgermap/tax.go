package ledgermap

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// OrderTax is an order whose tax does not net to zero: what the buyer paid, less what Amazon withheld to remit
// itself. Rest is the seller's to remit; a negative one was withheld without being collected in this settlement.
type OrderTax struct {
	OrderID                   string // empty for rows without one
	Collected, Withheld, Rest settlement.Money
	Rows                      int
}

// TaxByOrder lists the orders of a settlement whose tax leaves a rest, by order. It reads the source to its end
// and keeps one entry for each order with tax, so it is asked for apart from the plan.
func TaxByOrder(src settlement.Source) ([]OrderTax, error) {
	if src = settlement.Genuine(src); src == nil {
		return nil, errors.New("ledgermap: there is no settlement to read")
	}
	orders := make(map[string]*OrderTax)
	for line, err := range src.Lines() {
		if err != nil {
			return nil, err
		}
		category, _ := line.Kind.Category()
		collected := category == settlement.CategoryTax || category == settlement.CategoryRefundTax
		if !collected && category != settlement.CategoryFacilitatorTax && category != settlement.CategoryRefundFacilitatorTax {
			continue
		}
		o := orders[line.OrderID]
		if o == nil {
			zero := settlement.MoneyOf(0, line.Amount.Currency())
			o = &OrderTax{OrderID: strings.Clone(line.OrderID), Collected: zero, Withheld: zero, Rest: zero}
			orders[o.OrderID] = o
		}
		side := &o.Withheld
		if collected {
			side = &o.Collected
		}
		if *side, err = side.Add(line.Amount); err != nil {
			return nil, err
		}
		if o.Rest, err = o.Rest.Add(line.Amount); err != nil {
			return nil, err
		}
		o.Rows++
	}
	if _, err := src.Statement(); err != nil {
		return nil, err
	}
	var list []OrderTax
	for _, o := range orders {
		if !o.Rest.IsZero() {
			list = append(list, *o)
		}
	}
	slices.SortFunc(list, func(a, b OrderTax) int { return cmp.Compare(a.OrderID, b.OrderID) })
	return list, nil
}
