package ledgermap

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// The codes of findings.
const (
	FindingOutOfWindow  = "out_of_window" // rows posted before the settlement's start or after its end
	FindingMoved        = "moved_period"  // a document moved out of a closed period, as the rules allow
	FindingTaxRemainder = "tax_remainder" // tax collected that Amazon did not withhold: the seller's to remit
	FindingNoBank       = "no_bank"       // no bank for the currency, so no bank leg
	FindingWildcard     = "wildcard"      // a kind of line that a rule with a star took
	FindingZeroRows     = "zero_rows"     // rows with an amount of 0.00: in no ledger line, and not part of the proof by sum
	FindingPayoutFailed = "payout_failed" // the transfer came back
	FindingExchange     = "exchange"      // the difference between booked and received money
	FindingPeriodLater  = "period_later"  // a receipt waits, and no open fiscal period holds the day it is expected on
)

// Plan makes the documents of one settlement. It reads the source once, to its end, and answers
//
//   - the source's own error where the report cannot be read or does not tie (then nothing is planned),
//   - a [*RefusedError] where the rules, the currency or the calendar stand against it, with everything at once,
//   - else a plan whose documents balance, whose clearing account adds up to the settlement's total over the period
//     parts and to 0.00 over all documents.
//
// Dates and periods, where the report leaves a choice:
//
//   - a period part is dated on its latest posting, which is always inside the period and never in the future;
//   - a receipt is dated on the day of the transfer, or the deposit date of the report while nobody knows the day:
//     that date and its period are provisional, so that a period that is closed or not there yet refuses the receipt
//     when the money has moved, and not the settlement before;
//   - a negative total is carried on the day the settlement ends: the next settlement's Payable to Amazon row is
//     posted at that same second, so the liability never stands on both sides of a period's end;
//   - a charge to the seller's card is dated at its row, a failed transfer on the day it failed.
func (r *Rules) Plan(src settlement.Source, in Input) (*Plan, error) {
	if src = settlement.Genuine(src); src == nil {
		return nil, errors.New("ledgermap: there is no settlement to plan")
	}
	t := newTally(r, in.Calendar)
	for line, err := range src.Lines() {
		if err != nil {
			return nil, err
		}
		if err := t.add(&line); err != nil {
			return nil, &RefusedError{Code: RefusedAmount, Message: fmt.Sprintf("line %d: %v", line.Row, err)}
		}
	}
	statement, err := src.Statement()
	if err != nil {
		return nil, err
	}
	p := &planner{Rules: r, in: in, tally: t, statement: statement, plan: &Plan{
		Statement: statement, Seller: in.Seller, Revision: in.Revision, TimeZone: r.zoneName, Offline: in.Calendar.Offline(),
		Hashes: Hashes{Report: statement.Digest, Rules: r.hash, Calendar: in.Calendar.Hash(), Payout: in.Payout.Hash()},
		rules:  r, calendar: in.Calendar, places: make(map[spot]Ref), charges: t.charges,
	}}
	if r.demo {
		p.plan.Chart = "demo"
	}
	return p.run()
}

// planner turns a tally into documents.
type planner struct {
	*Rules
	in        Input
	tally     *tally
	statement settlement.Statement
	plan      *Plan

	currency settlement.Currency // of the documents
	open     []balance           // what is still open on the clearing account and on invoices
	problems []RefusedError
}

// balance is one open amount that the money movement has to close: positive for a debit balance.
type balance struct {
	line   Line // account, project and invoice
	amount settlement.Money
}

func (p *planner) run() (*Plan, error) {
	p.checkKinds()
	p.checkCurrency()
	p.checkDays()
	if err := p.refusal(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{p.periodParts, p.transfer, p.chargeLegs} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := p.refusal(); err != nil {
		return nil, err
	}
	p.findings()
	slices.SortStableFunc(p.plan.Documents, func(a, b Document) int { return a.Ordinal() - b.Ordinal() })
	return p.plan, nil
}

func (p *planner) refuse(code, format string, args ...any) {
	problem := RefusedError{Code: code, Message: fmt.Sprintf(format, args...)}
	if !slices.ContainsFunc(p.problems, func(o RefusedError) bool { return o.Code == code && o.Message == problem.Message }) {
		p.problems = append(p.problems, problem)
	}
}

// refusal is everything that stands against the plan in one error; its code is that of the first trouble.
func (p *planner) refusal() error {
	if len(p.problems) == 0 {
		return nil
	}
	all := RefusedError{SettlementID: p.statement.ID, Code: p.problems[0].Code}
	for i, problem := range p.problems {
		if i > 0 {
			all.Message += "; "
		}
		all.Message += problem.Message
		all.Kinds = append(all.Kinds, problem.Kinds...)
	}
	return &all
}

func (p *planner) checkKinds() {
	if bad := sorted(p.tally.bad); len(bad) > 0 {
		p.problems = append(p.problems, RefusedError{
			Code: RefusedUnmapped, Kinds: bad,
			Message: fmt.Sprintf("not every kind of line can be booked by %s; map those that are listed there and plan again", p.file),
		})
	}
}

func (p *planner) checkCurrency() {
	c := p.statement.Currency
	switch {
	case c == p.functional || p.multi:
		p.currency = c
	case slices.ContainsFunc(p.Rules.rates, func(x rate) bool { return x.from == c }):
		p.currency = p.functional
	default:
		p.currency = c
		p.refuse(RefusedCurrency, "the settlement is in %s and the company's currency is %s; give a dated rate for %s, or declare the company multi-currency",
			c, p.functional, c)
	}
}

func (p *planner) checkDays() {
	if len(p.tally.strayDays) == 0 {
		return
	}
	var days []Date
	rows := 0
	for d, k := range p.tally.strayDays {
		days = append(days, d)
		rows += k.Rows
	}
	slices.SortFunc(days, Date.Compare)
	p.refuse(RefusedPeriodUnknown, "%d rows are posted on days that no fiscal period holds, %s to %s; open the periods in Vantagepoint and plan again",
		rows, days[0], days[len(days)-1])
}

// bookable is the period and the date of a document that belongs on a date: the same date, or, where its period is
// closed and the rules allow it, the first day of the next open period.
func (p *planner) bookable(d Date) (period Period, on Date, moved bool) {
	period, ok := p.in.Calendar.At(d)
	switch {
	case !ok:
		p.refuse(RefusedPeriodUnknown, "no fiscal period holds %s; open it in Vantagepoint and plan again", d)
		return Period{}, d, false
	case !period.Closed:
		return period, d, false
	case p.closed == "refuse":
		p.refuse(RefusedPeriodClosed, "fiscal period %s of company %q is closed; reopen it there, or write closed_period: next-open-period", period, p.company)
		return period, d, false
	}
	next, ok := p.in.Calendar.NextOpen(d)
	if !ok {
		p.refuse(RefusedPeriodClosed, "fiscal period %s of company %q is closed and no later one is open", period, p.company)
		return period, d, false
	}
	p.find(Finding{Code: FindingMoved, Message: fmt.Sprintf("a document of %s is dated %s, because fiscal period %s is closed", d, next.Start, period)})
	return next, next.Start, true
}

func (p *planner) find(f Finding) { p.plan.Findings = append(p.plan.Findings, f) }

// header starts the specification of one of the settlement's documents.
func (p *planner) header(kind Kind, ordinal int, letter string, d Date, what string) DocumentSpec {
	period, on, moved := p.bookable(d)
	if moved { // the original date must stay readable, and the ledger's column is short
		return p.headed(kind, ordinal, letter, period, on, p.statement.ID+" was "+d.String())
	}
	return p.headed(kind, ordinal, letter, period, on, "Amazon "+p.statement.ID+" "+what)
}

func (p *planner) headed(kind Kind, ordinal int, letter string, period Period, on Date, text string) DocumentSpec {
	return DocumentSpec{
		SettlementID: p.statement.ID, Ordinal: ordinal, Part: letter, Kind: kind, Period: period.Number, Date: on,
		Currency: p.currency, Description: cut(text, maxDocumentDescription),
	}
}

// add makes the document, unless the plan is refused anyway.
func (p *planner) add(spec DocumentSpec) error {
	if len(p.problems) > 0 {
		return nil
	}
	d, err := NewDocument(spec)
	if err != nil {
		return err
	}
	p.plan.Documents = append(p.plan.Documents, d)
	return nil
}

// periodParts makes one journal for each fiscal period; in invoice mode an invoice, and a companion journal for
// what has no place on an invoice.
func (p *planner) periodParts() error {
	parts := slices.Clone(p.tally.parts)
	slices.SortFunc(parts, func(a, b *part) int { return a.period.Start.Compare(b.period.Start) })
	if len(parts) > FirstCompanion-FirstPart {
		return fmt.Errorf("ledgermap: settlement %s spans %d fiscal periods", p.statement.ID, len(parts))
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
	net := none
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
		if l.Category == counter.Category && l.Rows == 0 && l.Account == counter.Account {
			if net, err = net.Add(l.Signed()); err != nil {
				return none, err
			}
		}
	}
	if len(spec.Lines) == 0 {
		return none, nil
	}
	return net, p.add(spec)
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
		Group: p.text(at.group), Rows: l.Rows,
	})
}

// balanceBooks adds the counter lines: the clearing account in the home books, and between the home books and each
// other company or organisation the accounts that the rules name under due. So every set of books balances.
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
