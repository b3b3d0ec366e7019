package ledgermap

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// periodParts makes one journal for each fiscal period; in invoice mode an invoice, and a companion journal for
// what has no place on an invoice.
func (p *planner) periodParts() error {
	parts := slices.Clone(p.tally.parts)
	slices.SortFunc(parts, func(a, b *part) int { return a.period.Start.Compare(b.period.Start) })
	if len(parts) > FirstCompanion-FirstPart {
		p.refuse(RefusedParts, "its lines are of %d fiscal periods, and at most %d can be booked: look whether their dates are right", len(parts), FirstCompanion-FirstPart)
		return nil
	}
	clearing := balance{line: p.line(p.clearing, "clearing"), amount: settlement.MoneyOf(0, p.currency)}
	for i, part := range parts {
		letter, text := letters(i), fmt.Sprintf("part %d/%d", i+1, len(parts))
		if p.mode == ModeInvoice {
			net, err := p.periodPart(part, Invoice, FirstPart+i, letter, text)
			if err != nil {
				return err
			}
			ar := p.line(p.receivable, "receivable")
			ar.Invoice = letter
			p.open = append(p.open, balance{line: ar, amount: net})
			net, err = p.periodPart(part, Journal, FirstCompanion+i, letter, text)
			if err == nil {
				clearing.amount, err = clearing.amount.Add(net)
			}
			if err != nil {
				return err
			}
			continue
		}
		net, err := p.periodPart(part, Journal, FirstPart+i, letter, text)
		if err == nil {
			clearing.amount, err = clearing.amount.Add(net)
		}
		if err != nil {
			return err
		}
	}
	p.open = append(p.open, clearing)
	return nil
}

// OnInvoice says which lines an AR invoice carries in invoice mode: what the marketplace sells for the seller and what
// it keeps of it. Tax, reserves, loans and transfers are no sale and go to the companion journal.
func OnInvoice(c settlement.Category) bool {
	return !offSales(c)
}

// offSales reports whether a category is tax, reserve, loan or transfer: money that passes through.
func offSales(c settlement.Category) bool {
	info, _ := c.Info()
	switch info.Class {
	case settlement.ClassTax, settlement.ClassReserve, settlement.ClassLoan, settlement.ClassTransfer:
		return true
	}
	return false
}

// periodPart makes one document of a part and answers what it leaves on the clearing account or the receivable:
// positive for a debit balance, in the document's currency.
func (p *planner) periodPart(part *part, kind Kind, ordinal int, letter, text string) (settlement.Money, error) {
	none := settlement.MoneyOf(0, p.currency)
	lines, spots, err := p.cellLines(part, kind)
	if err != nil || len(lines) == 0 {
		return none, err
	}
	spec := p.header(kind, ordinal, letter, part.last, text)
	counter := p.line(p.clearing, "clearing")
	if kind == Invoice {
		counter = p.line(p.receivable, "receivable")
		counter.Auto = true
	}
	if lines, err = p.balanceBooks(lines, counter); err != nil {
		return none, err
	}
	if p.currency != p.statement.Currency && len(p.problems) == 0 {
		var ok bool
		if spec.Conversion, ok = p.conversion(spec.Date); !ok {
			return none, nil
		}
		if err := convertLines(lines, spec.Conversion); err != nil {
			return none, err
		}
	}
	for i, l := range lines {
		if l.Signed().IsZero() { // rounded to nothing by the conversion
			if i < len(spots) {
				p.memo(spots[i], l)
			}
			continue
		}
		spec.Lines = append(spec.Lines, l)
		if i < len(spots) {
			p.plan.places[spots[i]] = Ref{Ordinal: ordinal, Line: len(spec.Lines)}
		}
	}
	if len(spec.Lines) == 0 {
		return none, nil
	}
	return lines[len(lines)-1].Signed(), p.add(spec)
}

// cellLines are a part's cells as lines in the settlement's currency, in a fixed order: by category, account,
// project, text and group. Cells that add up to zero become memos; keys name the others' report rows.
func (p *planner) cellLines(part *part, kind Kind) (lines []Line, spots []spot, err error) {
	order := make(map[settlement.Category]int)
	for i, info := range settlement.Categories() {
		order[info.Category] = i
	}
	keys := make([]cellKey, 0, len(part.cells))
	for key := range part.cells {
		if p.mode == ModeJournal || OnInvoice(p.tally.resolver.places[key.place].is) == (kind == Invoice) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(x, y cellKey) int {
		a, b := p.tally.resolver.places[x.place], p.tally.resolver.places[y.place]
		return cmp.Or(
			cmp.Compare(order[a.is], order[b.is]), cmp.Compare(a.category, b.category),
			cmp.Compare(a.account, b.account), cmp.Compare(a.wbs1, b.wbs1), cmp.Compare(a.wbs2, b.wbs2), cmp.Compare(a.wbs3, b.wbs3),
			cmp.Compare(a.description, b.description), cmp.Compare(x.group, y.group),
		)
	})
	index := make(map[spot]int, len(keys))
	sums := make([]cell, 0, len(keys))
	for _, key := range keys {
		place, c := p.tally.resolver.places[key.place], part.cells[key]
		at := spot{period: part.period.Number, target: place.target, group: key.group}
		n, ok := index[at] // the categories of a netting group share a target and meet here
		if !ok {
			n = len(spots)
			index[at] = n
			spots, sums = append(spots, at), append(sums, cell{})
		}
		sums[n].rows += c.rows
		if sums[n].sum, err = sums[n].sum.Add(c.sum); err != nil {
			return nil, nil, err
		}
	}
	kept := spots[:0]
	for n, at := range spots {
		line := p.line(at.target, string(at.target.category))
		line.Rows = sums[n].rows
		line.Description = p.describe(at)
		setSigned(&line, sums[n].sum.Neg()) // money for the seller credits the account
		if sums[n].sum.IsZero() {
			p.memo(at, line)
			continue
		}
		lines, kept = append(lines, line), append(kept, at)
	}
	return lines, kept, nil
}

// memo keeps rows that add up to zero.
func (p *planner) memo(at spot, l Line) {
	p.plan.places[at] = Ref{}
	p.plan.Memos = append(p.plan.Memos, Memo{
		Period: at.period, Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3, Category: l.Category,
		Group: at.group, Rows: l.Rows,
	})
}

// balanceBooks adds the counter lines: the clearing account in the home books, and between the home books and each
// other company or organisation the accounts that the rules name under due. So every set of books balances. The
// counter line in the home books is the last.
func (p *planner) balanceBooks(lines []Line, counter Line) ([]Line, error) {
	home := books{counter.Company, counter.Organisation}
	var order []books
	nets := make(map[books]settlement.Money, 1)
	total := settlement.Money{}
	for _, l := range lines {
		b := books{l.Company, l.Organisation}
		if _, seen := nets[b]; !seen {
			order = append(order, b)
		}
		var errs [2]error
		nets[b], errs[0] = nets[b].Add(l.Signed())
		total, errs[1] = total.Add(l.Signed())
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
	}
	for _, b := range order {
		if b == home || nets[b].IsZero() {
			continue
		}
		due := p.due[b]
		there, here := p.line(due.there, "due"), p.line(due.here, "due")
		there.Company, there.Organisation = b.company, b.organisation
		setSigned(&there, nets[b].Neg())
		setSigned(&here, nets[b])
		lines = append(lines, there, here)
	}
	setSigned(&counter, total.Neg())
	return append(lines, counter), nil
}

// line starts a line of a target.
func (p *planner) line(t target, category string) Line {
	b := p.booksOf(t)
	return Line{
		Account: t.account, WBS1: t.wbs1, WBS2: t.wbs2, WBS3: t.wbs3, Company: b.company, Organisation: b.organisation,
		Category: category, Description: p.describe(spot{target: target{description: t.description, category: settlement.Category(category)}}),
	}
}

// setSigned writes a signed amount into its column: a positive one is a debit.
func setSigned(l *Line, m settlement.Money) {
	zero := settlement.MoneyOf(0, m.Currency())
	if m.Sign() < 0 {
		l.Debit, l.Credit = zero, m.Neg()
	} else {
		l.Debit, l.Credit = m, zero
	}
}
