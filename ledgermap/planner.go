package ledgermap

import (
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

// Plan makes the documents of one settlement. It reads the source to its end, and once more where text beyond ASCII
// has a say and the report turns out to be in another charset than UTF-8: a [settlement.Reader] cannot be read again,
// and such a report is planned from a [settlement.File]. It answers
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
	if in.Revision == 1 {
		in.Revision = 0 // what it is in the hash of a plan
	}
	t, statement, err := r.tally(src, in.Calendar)
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
		if err := step(); errors.Is(err, settlement.ErrOverflow) {
			p.refuse(RefusedAmount, "a sum of its documents does not fit 64 bits: %v", err)
			break
		} else if err != nil {
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
			Message: fmt.Sprintf("not every kind of line can be booked by %s; map these there and plan again", p.file),
		})
	}
}

func (p *planner) checkCurrency() {
	c := p.statement.Currency
	switch {
	case p.mode == ModeInvoice && c != p.functional:
		p.currency = c
		p.refuse(RefusedCurrency, "the settlement is in %s and the company's currency is %s; an AR invoice names no currency, so book this one with mode: journal",
			c, p.functional)
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

// ofCompany names the company where there are several.
func (r *Rules) ofCompany() string {
	if r.company == "" {
		return ""
	}
	return " of company " + r.company
}

// Bookable is the period and the day of what belongs on a day: that day, or, where its period is closed and the rules
// allow it, the first day of the next open period. The error is a [*RefusedError].
func (r *Rules) Bookable(c Calendar, d Date) (Period, Date, error) {
	refuse := func(code, format string, args ...any) error {
		return &RefusedError{Code: code, Message: fmt.Sprintf(format, args...)}
	}
	period, ok := c.At(d)
	switch {
	case !ok:
		return Period{}, d, refuse(RefusedPeriodUnknown, "no fiscal period holds %s; open it in Vantagepoint and plan again", d)
	case !period.Closed:
		return period, d, nil
	case r.closed == "refuse":
		return period, d, refuse(RefusedPeriodClosed, "fiscal period %s%s is closed; reopen it in Vantagepoint, or write closed_period: next-open-period", period, r.ofCompany())
	}
	next, ok := c.NextOpen(d)
	if !ok {
		return period, d, refuse(RefusedPeriodClosed, "fiscal period %s%s is closed and no later one is open", period, r.ofCompany())
	}
	return next, next.Start, nil
}

// bookable is [Rules.Bookable] for a document of the plan.
func (p *planner) bookable(d Date) (period Period, on Date, moved bool) {
	period, on, err := p.Bookable(p.in.Calendar, d)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		p.refuse(refused.Code, "%s", refused.Message)
		return period, on, false
	}
	if moved = on != d; moved {
		p.find(movedTo(p.in.Calendar, d, on))
	}
	return period, on, moved
}

// movedTo says that a document left the day that it belongs on.
func movedTo(c Calendar, d, on Date) Finding {
	period, _ := c.At(d)
	return Finding{Code: FindingMoved, Message: fmt.Sprintf("a document of %s is dated %s, because fiscal period %s is closed", d, on, period)}
}

// movedFrom is the description of such a document: the original date must stay readable, and the ledger's column is short.
func movedFrom(id string, d Date) string { return id + " was " + d.String() }

func (p *planner) find(f Finding) { p.plan.Findings = append(p.plan.Findings, f) }

// header starts the specification of one of the settlement's documents.
func (p *planner) header(kind Kind, ordinal int, letter string, d Date, what string) DocumentSpec {
	period, on, moved := p.bookable(d)
	if moved {
		return p.headed(kind, ordinal, letter, period, on, movedFrom(p.statement.ID, d))
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
