package ledgermap

import (
	"cmp"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Change is what another set of rules would change on one account, project and period: signed sums, positive for a
// debit balance. The line that the ledger makes itself counts.
type Change struct {
	Period           int
	Account          string
	WBS1, WBS2, WBS3 string
	Currency         settlement.Currency
	Old, New         settlement.Money
}

// Delta is New - Old.
func (c Change) Delta() (settlement.Money, error) { return c.New.Sub(c.Old) }

// Diff lists what would change in the books between two lists of plans over the same settlements, made with two
// sets of rules: by period, account, project and currency, only where the sums differ. The deltas of a currency add
// up to zero, because both sides balance.
func Diff(before, after []*Plan) ([]Change, error) {
	type key struct {
		period                       int
		account, wbs1, wbs2, wbs3, c string
	}
	sums := make(map[key]*Change)
	for side, plans := range [][]*Plan{before, after} {
		for _, p := range plans {
			for _, d := range p.Documents {
				for _, l := range d.spec.Lines {
					k := key{d.Period(), l.Account, l.WBS1, l.WBS2, l.WBS3, d.Currency().String()}
					c := sums[k]
					if c == nil {
						zero := settlement.MoneyOf(0, d.Currency())
						c = &Change{
							Period: d.Period(), Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3, Currency: d.Currency(), Old: zero, New: zero,
						}
						sums[k] = c
					}
					to := &c.Old
					if side == 1 {
						to = &c.New
					}
					sum, err := to.Add(l.Signed())
					if err != nil {
						return nil, err
					}
					*to = sum
				}
			}
		}
	}
	var list []Change
	for _, c := range sums {
		if c.Old != c.New {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Account, b.Account), cmp.Compare(a.WBS1, b.WBS1),
			cmp.Compare(a.WBS2, b.WBS2), cmp.Compare(a.WBS3, b.WBS3), cmp.Compare(a.Currency.String(), b.Currency.String()),
		)
	})
	return list, nil
}
