package vantageledger

import (
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

func journalDocument(e booking.Entry, enc *encoder) vantagepoint.Journal {
	d := e.Document
	doc := vantagepoint.Journal{
		Control: vantagepoint.JournalControl{
			Batch: e.Batch, Description: d.Description(), EndDate: vendorDate(d.Date()), Period: vantagepoint.Period(d.Period()),
			Company: e.Key.Tenant.Company, DefaultCurrencyCode: e.Currency.String(),
		},
		Masters: []vantagepoint.JournalMaster{{
			RefNo: e.Ref, TransDate: vendorDate(d.Date()), Description: d.Description(), CurrencyCode: e.Currency.String(),
		}},
	}
	for i, l := range sentLines(d) {
		doc.Details = append(doc.Details, vantagepoint.JournalDetail{
			PKey: e.Key.LineKey(i + 1), Seq: i + 1, Description: l.Description, Account: l.Account,
			WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3, LinkCompany: l.Company,
			DebitAmount: enc.amount(l.Debit), CreditAmount: enc.amount(l.Credit),
		})
	}
	return doc
}

func journalBooked(doc vantagepoint.Journal, d *decoder) booking.Booked {
	c := doc.Control
	var m vantagepoint.JournalMaster
	if len(doc.Masters) > 0 {
		m = doc.Masters[0]
	}
	b := header(c.Batch, m.RefNo, c.Company, bool(c.Posted || m.Posted), c.Period, m.TransDate)
	b.Currency, b.Untied = currency(m.CurrencyCode, c.DefaultCurrencyCode), untied(len(doc.Masters), c.DiffDebitsTotal, c.DiffCreditsTotal)
	for _, l := range doc.Details {
		b.Lines = append(b.Lines, d.line(l.Account, l.WBS1, l.WBS2, l.WBS3, l.Description, l.DebitAmount, l.CreditAmount))
	}
	return b
}

// An invoice's customer is the client of its project, so the invoice is on the
// project of its receivable line, or else of its first line.
func (l *Ledger) invoiceDocument(e booking.Entry, enc *encoder) vantagepoint.Invoice {
	d := e.Document
	lines := sentLines(d)
	on := lines[0]
	for _, line := range d.Lines() {
		if line.Auto && line.WBS1 != "" {
			on = line
		}
	}
	doc := vantagepoint.Invoice{
		Control: vantagepoint.InvoiceControl{
			Batch: e.Batch, Description: d.Description(), EndDate: vendorDate(d.Date()), Period: vantagepoint.Period(d.Period()),
			Company: e.Key.Tenant.Company,
		},
		Masters: []vantagepoint.InvoiceMaster{{
			Invoice: e.Ref, TransDate: vendorDate(d.Date()), TransComment: d.Description(), WBS1: on.WBS1, WBS2: on.WBS2, WBS3: on.WBS3,
		}},
	}
	for i, line := range lines {
		doc.Details = append(doc.Details, vantagepoint.InvoiceDetail{
			PKey: e.Key.LineKey(i + 1), Seq: i + 1, InvoiceSection: l.cfg.InvoiceSection, Account: line.Account,
			WBS1: line.WBS1, WBS2: line.WBS2, WBS3: line.WBS3, Amount: enc.credit(line),
		})
	}
	return doc
}

func invoiceBooked(doc vantagepoint.Invoice, d *decoder) booking.Booked {
	c := doc.Control
	var m vantagepoint.InvoiceMaster
	if len(doc.Masters) > 0 {
		m = doc.Masters[0]
	}
	b := header(c.Batch, m.Invoice, c.Company, bool(c.Posted || m.Posted), c.Period, m.TransDate)
	b.Untied = untied(len(doc.Masters), c.DiffTotal, c.DiffRetTotal)
	for _, l := range doc.Details {
		b.Lines = append(b.Lines, d.signed(l.Account, l.WBS1, l.WBS2, l.WBS3, "", l.Amount.Neg()))
	}
	return b
}

func (l *Ledger) receiptDocument(e booking.Entry, enc *encoder) vantagepoint.Receipt {
	d := e.Document
	doc := vantagepoint.Receipt{
		Control: vantagepoint.ReceiptControl{
			Batch: e.Batch, Description: d.Description(), EndDate: vendorDate(d.Date()), Period: vantagepoint.Period(d.Period()),
			Company: e.Key.Tenant.Company, DefaultBank: l.bank(d),
		},
		Masters: []vantagepoint.ReceiptMaster{{
			RefNo: e.Ref, TransDate: vendorDate(d.Date()), TransComment: d.Description(), BankCode: l.bank(d), CurrencyCode: e.Currency.String(),
		}},
	}
	for i, line := range sentLines(d) {
		row := vantagepoint.ReceiptDetail{
			PKey: e.Key.LineKey(i + 1), Seq: i + 1, Description: line.Description, Account: line.Account,
			WBS1: line.WBS1, WBS2: line.WBS2, WBS3: line.WBS3, LinkCompany: line.Company, Amount: enc.credit(line),
		}
		if line.Invoice != "" {
			// The invoice is another document of the same settlement and revision;
			// its length was checked when it was booked.
			row.Invoice, _ = e.Key.Ref(line.Invoice, 0)
		}
		doc.Details = append(doc.Details, row)
	}
	return doc
}

func receiptBooked(doc vantagepoint.Receipt, d *decoder) booking.Booked {
	c := doc.Control
	var m vantagepoint.ReceiptMaster
	if len(doc.Masters) > 0 {
		m = doc.Masters[0]
	}
	b := header(c.Batch, m.RefNo, c.Company, bool(c.Posted || m.Posted), c.Period, m.TransDate)
	b.Currency, b.Untied = currency(m.CurrencyCode, c.BankCurrencyCode), untied(len(doc.Masters), c.DiffTotal)
	for _, l := range doc.Details {
		b.Lines = append(b.Lines, d.signed(l.Account, l.WBS1, l.WBS2, l.WBS3, l.Description, l.Amount.Neg()))
	}
	return b
}

// payee is whom a charge to the seller's card or bank pays.
const payee = "Amazon"

func (l *Ledger) disbursementDocument(e booking.Entry, enc *encoder) vantagepoint.Disbursement {
	d := e.Document
	doc := vantagepoint.Disbursement{
		Control: vantagepoint.DisbursementControl{
			Batch: e.Batch, Description: d.Description(), EndDate: vendorDate(d.Date()), Period: vantagepoint.Period(d.Period()),
			Company: e.Key.Tenant.Company, DefaultBank: l.bank(d),
		},
		Masters: []vantagepoint.DisbursementMaster{{
			CheckNo: e.Ref, TransDate: vendorDate(d.Date()), Payee: payee, BankCode: l.bank(d), CurrencyCode: e.Currency.String(),
		}},
	}
	for i, line := range sentLines(d) {
		doc.Details = append(doc.Details, vantagepoint.DisbursementDetail{
			PKey: e.Key.LineKey(i + 1), Seq: i + 1, Description: line.Description, Account: line.Account,
			WBS1: line.WBS1, WBS2: line.WBS2, WBS3: line.WBS3, LinkCompany: line.Company, Amount: enc.debit(line),
		})
	}
	return doc
}

func disbursementBooked(doc vantagepoint.Disbursement, d *decoder) booking.Booked {
	c := doc.Control
	var m vantagepoint.DisbursementMaster
	if len(doc.Masters) > 0 {
		m = doc.Masters[0]
	}
	b := header(c.Batch, m.CheckNo, c.Company, bool(c.Posted || m.Posted), c.Period, m.TransDate)
	b.Currency, b.Untied = currency(m.CurrencyCode, c.BankCurrencyCode), untied(len(doc.Masters), c.DiffTotal)
	for _, l := range doc.Details {
		b.Lines = append(b.Lines, d.signed(l.Account, l.WBS1, l.WBS2, l.WBS3, l.Description, l.Amount))
	}
	return b
}

// bank is the bank code for the settlement's own currency: what Amazon pays out
// arrives there, whatever the document was converted to.
func (l *Ledger) bank(d ledgermap.Document) string {
	c := d.Currency()
	if conversion := d.Conversion(); !conversion.IsZero() {
		c = conversion.From
	}
	return l.cfg.Banks[c.String()]
}

// currency is the first of the codes that is one; the zero value if none is.
func currency(codes ...string) settlement.Currency {
	for _, code := range codes {
		if c, err := settlement.ParseCurrency(code); err == nil {
			return c
		}
	}
	return settlement.Currency{}
}

// untied says what the ledger itself holds against the batch: a difference of
// its own between control total and sum, or more than our one entry.
func untied(entries int, diffs ...vantagepoint.Amount) string {
	if entries != 1 {
		return fmt.Sprintf("%d entries in the batch", entries)
	}
	for _, d := range diffs {
		if !d.IsZero() {
			return fmt.Sprintf("control totals that are off by %s", d)
		}
	}
	return ""
}
