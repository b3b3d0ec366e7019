package vantageledger

import (
	"errors"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// An encoder turns money into the ledger's amounts and keeps the first error.
type encoder struct{ err error }

func (e *encoder) amount(m settlement.Money) vantagepoint.Amount {
	a, err := vantagepoint.ParseAmount(m.String())
	e.err = errors.Join(e.err, err)
	return a
}

// credit is the line's amount where a positive one credits the account, as in
// invoices and receipts.
func (e *encoder) credit(l ledgermap.Line) vantagepoint.Amount { return e.amount(l.Signed().Neg()) }

// debit is the line's amount where a positive one debits the account, as in
// disbursements.
func (e *encoder) debit(l ledgermap.Line) vantagepoint.Amount { return e.amount(l.Signed()) }

// A decoder turns the ledger's amounts into money and keeps the first error.
type decoder struct {
	currency settlement.Currency
	err      error
}

// money reads an amount, which must be exact in the currency: a cent more or
// less is never rounded away.
func (d *decoder) money(a vantagepoint.Amount) settlement.Money {
	m, err := settlement.ParseMoney(a.String(), d.currency)
	d.err = errors.Join(d.err, err)
	return m
}

// line makes a line from two columns.
func (d *decoder) line(account, wbs1, wbs2, wbs3, description string, debit, credit vantagepoint.Amount) ledgermap.Line {
	return ledgermap.Line{
		Account: strings.TrimSpace(account), WBS1: strings.TrimSpace(wbs1), WBS2: strings.TrimSpace(wbs2), WBS3: strings.TrimSpace(wbs3),
		Debit: d.money(debit), Credit: d.money(credit), Description: description,
	}
}

// signed makes a line from one column, positive for a debit.
func (d *decoder) signed(account, wbs1, wbs2, wbs3, description string, amount vantagepoint.Amount) ledgermap.Line {
	debit, credit := amount, vantagepoint.Amount{}
	if amount.Sign() < 0 {
		debit, credit = vantagepoint.Amount{}, amount.Neg()
	}
	return d.line(account, wbs1, wbs2, wbs3, description, debit, credit)
}

// header is what Booked takes from control row and entry.
func header(batch, ref, company string, posted bool, period vantagepoint.Period, date vantagepoint.Date) booking.Booked {
	return booking.Booked{Batch: batch, Ref: ref, Company: strings.TrimSpace(company), Posted: posted, Period: int(period), Date: civil(date)}
}

func civil(d vantagepoint.Date) ledgermap.Date {
	if d.IsZero() {
		return ledgermap.Date{}
	}
	return ledgermap.DateOf(d.Time(time.UTC), time.UTC)
}

func vendorDate(d ledgermap.Date) vantagepoint.Date {
	return vantagepoint.NewDate(d.Year, d.Month, d.Day)
}

// sentLines are the lines that go out: the ledger makes the others itself.
func sentLines(d ledgermap.Document) []ledgermap.Line {
	var lines []ledgermap.Line
	for _, l := range d.Lines() {
		if !l.Auto {
			lines = append(lines, l)
		}
	}
	return lines
}
