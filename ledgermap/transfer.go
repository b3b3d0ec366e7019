package ledgermap

import (
	"fmt"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// transfer plans what follows the settlement's total: a receipt of money, a carry of debt, or the way back of a
// transfer that failed. Each closes what is open on the clearing account, and in invoice mode on the invoices.
func (p *planner) transfer() error {
	total := p.statement.Total
	failed := total.Sign() > 0 && p.in.Payout.Status == PayoutFailed
	switch {
	case failed:
		return p.failedTransfer()
	case total.Sign() > 0:
		return p.receipt()
	case total.Sign() < 0:
		return p.carry()
	case p.mode == ModeInvoice:
		return p.application()
	case p.currency != p.statement.Currency:
		return p.leftover()
	}
	return nil
}

// closing adds the lines that bring every open balance to zero and answers what they leave to the other side:
// positive for a debit that is needed.
func (p *planner) closing(spec *DocumentSpec) (settlement.Money, error) {
	rest := settlement.MoneyOf(0, p.currency)
	for _, b := range p.open {
		if b.amount.IsZero() {
			continue
		}
		line := b.line
		setSigned(&line, b.amount.Neg())
		spec.Lines = append(spec.Lines, line)
		var err error
		if rest, err = rest.Add(b.amount); err != nil {
			return rest, err
		}
	}
	return rest, nil
}

// closes adds a journal that closes the open balances against one account. In converted books that account takes the
// total at the rate of the day, and the exchange account what the parts' own rates and roundings make of it.
func (p *planner) closes(spec DocumentSpec, t target, category string) error {
	rest, err := p.closing(&spec)
	if err != nil || len(p.problems) > 0 || len(spec.Lines) == 0 {
		return err
	}
	if p.mode == ModeInvoice {
		spec.Kind, spec.WaitsFor = Receipt, WaitInvoice // a journal must not touch receivables; an application may
	}
	amount := rest
	if p.currency != p.statement.Currency {
		var ok bool
		if spec.Conversion, ok = p.conversion(spec.Date); !ok {
			return nil
		}
		if amount, err = convert(p.statement.Total, spec.Conversion); err != nil {
			return err
		}
	}
	if !amount.IsZero() {
		line := p.line(t, category)
		setSigned(&line, amount)
		spec.Lines = append([]Line{line}, spec.Lines...)
	}
	difference, err := rest.Sub(amount)
	if err != nil {
		return err
	}
	p.exchanged(&spec, difference)
	return p.add(spec)
}

// exchanged adds a realised exchange difference to a document, if there is one: positive for a loss.
func (p *planner) exchanged(spec *DocumentSpec, difference settlement.Money) {
	if difference.IsZero() {
		return
	}
	line := p.line(p.exchange, "exchange")
	setSigned(&line, difference)
	spec.Lines = append(spec.Lines, line)
	p.find(Finding{Code: FindingExchange, Message: "realised exchange difference of document " + spec.Part, Amount: difference.Neg()})
}

// carry moves a negative total to Payable to Amazon, where the next settlement's row of that name meets it.
func (p *planner) carry() error {
	if p.statement.End.IsZero() {
		p.refuse(RefusedPeriodUnknown, "the report does not say when the settlement ends")
		return nil
	}
	d := DateOf(p.statement.End, p.zone)
	return p.closes(p.header(Journal, TransferLeg, lettersBack(0), d, "carried"),
		p.categories[settlement.CategoryPayableToAmazon].target, "payable_to_amazon")
}

// failedTransfer moves the amount to the receivable that the later Transfer of funds unsuccessful row clears.
func (p *planner) failedTransfer() error {
	d, ok := p.transferDay()
	if !ok {
		return nil
	}
	p.find(Finding{Code: FindingPayoutFailed, Message: "the transfer failed: no receipt, the amount waits on the failed-transfer receivable", Amount: p.statement.Total})
	return p.closes(p.header(Journal, FailedTransfer, lettersBack(1), d, "failed"),
		p.categories[settlement.CategoryFailedTransfer].target, "failed_transfer")
}

// application closes invoices against the companion journals where the total is zero and no money moves.
func (p *planner) application() error {
	if p.statement.End.IsZero() {
		return nil
	}
	spec := p.header(Receipt, TransferLeg, lettersBack(0), DateOf(p.statement.End, p.zone), "applied")
	spec.WaitsFor = WaitInvoice
	if _, err := p.closing(&spec); err != nil || len(spec.Lines) == 0 {
		return err
	}
	return p.add(spec)
}

// leftover closes what the conversion of several parts leaves on the clearing account although the total is zero.
func (p *planner) leftover() error {
	if !slices.ContainsFunc(p.open, func(b balance) bool { return !b.amount.IsZero() }) {
		return nil
	}
	if p.statement.End.IsZero() {
		p.refuse(RefusedPeriodUnknown, "the report does not say when the settlement ends")
		return nil
	}
	return p.closes(p.header(Journal, TransferLeg, lettersBack(0), DateOf(p.statement.End, p.zone), "exchange"), target{}, "")
}

// transferDay is the day of the transfer, or the report's deposit date while nobody knows it.
func (p *planner) transferDay() (Date, bool) {
	known := p.in.Payout.Status == PayoutPaid || p.in.Payout.Status == PayoutFailed
	if known && !p.in.Payout.Date.IsZero() && !(p.receiptOn == "deposit-date" && p.in.Payout.Status == PayoutPaid) {
		return DateOf(p.in.Payout.Date, p.zone), true
	}
	if p.statement.Deposit.Equal(time.Time{}) {
		p.refuse(RefusedPeriodUnknown, "neither the report nor a payout says when the money is transferred")
		return Date{}, false
	}
	return DateOf(p.statement.Deposit, p.zone), true
}

// bank is the bank of the settlement's currency. Without one there is no bank leg, and a finding says so.
func (p *planner) bank(amount settlement.Money) (bank, bool) {
	b, ok := p.banks[p.statement.Currency]
	if !ok || p.in.NoBank {
		p.find(Finding{Code: FindingNoBank, Amount: amount, Message: fmt.Sprintf(
			"no bank is named for %s, so no bank leg is planned for %s %s", p.statement.Currency, amount, p.statement.Currency)})
		return bank{}, false
	}
	return b, true
}

// receipt is the cash receipt of a positive total.
func (p *planner) receipt() error {
	b, ok := p.bank(p.statement.Total)
	if !ok {
		return nil
	}
	d, ok := p.transferDay()
	if !ok {
		return nil
	}
	var spec DocumentSpec
	if p.in.Payout.Status == PayoutPaid || p.receiptOn == "deposit-date" {
		spec = p.header(Receipt, TransferLeg, lettersBack(0), d, "payout")
		if p.mode == ModeInvoice {
			spec.WaitsFor = WaitInvoice
		}
	} else {
		spec = p.headed(Receipt, TransferLeg, lettersBack(0), p.expected(d), d, "Amazon "+p.statement.ID+" payout")
		spec.WaitsFor = WaitPayout
	}
	booked, err := p.closing(&spec)
	if err != nil || len(p.problems) > 0 {
		return err
	}
	received, conversion, err := p.moved(p.statement.Total, d)
	if err != nil {
		return err
	}
	spec.Conversion = conversion
	got := p.in.Payout.Received
	if p.receiptOn == "paid" && got.Currency() == p.currency && p.currency != p.statement.Currency && got.Sign() > 0 {
		received = got
	}
	return p.cash(spec, b.account, received, booked)
}

// expected is the period that holds the day on which a payout is expected, be it open or not; the zero Period if there
// is none yet. It is planned anew when the money has moved, and must be open then.
func (p *planner) expected(d Date) Period {
	period, ok := p.in.Calendar.At(d)
	if !ok || period.Closed {
		p.find(Finding{Code: FindingPeriodLater, Message: fmt.Sprintf(
			"the payout is expected on %s, and no open fiscal period holds that day: open one in Vantagepoint before the money arrives", d)})
	}
	return period
}

// moved is what the bank sees of an amount, in the currency of the documents.
func (p *planner) moved(amount settlement.Money, d Date) (settlement.Money, Conversion, error) {
	if p.currency == p.statement.Currency {
		return amount, Conversion{}, nil
	}
	conversion, ok := p.conversion(d)
	if !ok {
		return settlement.MoneyOf(0, p.currency), Conversion{}, nil
	}
	converted, err := convert(amount, conversion)
	return converted, conversion, err
}

// cash completes a receipt or a disbursement whose lines so far need a debit of booked: the bank line, made by the
// ledger, and in another currency the realised difference on the exchange account.
func (p *planner) cash(spec DocumentSpec, t target, moved, booked settlement.Money) error {
	line := p.line(t, "bank")
	line.Auto = true
	setSigned(&line, moved)
	spec.Lines = append([]Line{line}, spec.Lines...)
	difference, err := booked.Sub(moved)
	if err != nil {
		return err
	}
	p.exchanged(&spec, difference)
	return p.add(spec)
}

// chargeLegs plans one cash disbursement for each row by which Amazon charged the seller's card or bank, dated at
// that row; a row that gives a charge back is a receipt. Its other side is the account on which the row stands.
func (p *planner) chargeLegs() error {
	for i, c := range p.tally.charges {
		b, ok := p.bank(c.amount)
		if !ok {
			continue
		}
		kind := Disbursement
		if c.amount.Sign() < 0 {
			kind = Receipt
		}
		spec := p.header(kind, FirstCharge+i, lettersBack(FirstCharge-TransferLeg+i), c.posted, "charge")
		if len(p.problems) > 0 {
			continue
		}
		booked, err := p.bookedCharge(c)
		if err != nil {
			return err
		}
		bankSide, conversion, err := p.moved(c.amount.Neg(), c.posted)
		if err != nil {
			return err
		}
		spec.Conversion = conversion
		line := p.line(p.tally.resolver.places[c.key.place].target, "charge")
		setSigned(&line, booked)
		spec.Lines = []Line{line}
		if err := p.cash(spec, b.charge, bankSide, booked.Neg()); err != nil {
			return err
		}
	}
	return nil
}

// bookedCharge is what the journal credited for a charge, in the currency of the documents. Of charges that share
// a converted line, the last one takes what the others leave of it, so that together they are that line.
func (p *planner) bookedCharge(c charge) (settlement.Money, error) {
	if p.currency == p.statement.Currency {
		return c.amount, nil
	}
	at := p.tally.resolver.places[c.key.place].target
	line, conversion := p.plan.line(p.plan.places[spot{period: p.tally.parts[c.part].period.Number, target: at, group: c.key.group}])
	rest := line.Signed().Neg()
	var share settlement.Money
	for _, o := range p.tally.charges {
		if o.part != c.part || o.key != c.key {
			continue
		}
		if share = rest; !p.lastCharge(o) {
			var err error
			if share, err = convert(o.amount, conversion); err != nil {
				return share, err
			}
		}
		if o == c {
			break
		}
		var err error
		if rest, err = rest.Sub(share); err != nil {
			return rest, err
		}
	}
	return share, nil
}

// lastCharge reports whether no later charge stands on the same line.
func (p *planner) lastCharge(c charge) bool {
	last := c
	for _, o := range p.tally.charges {
		if o.part == c.part && o.key == c.key {
			last = o
		}
	}
	return last == c
}
