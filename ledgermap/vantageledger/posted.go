package vantageledger

import (
	"context"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// posted looks for the document in the posted ledger of its period, for tenants
// that drop posted files. Rows carry the batch only in some versions; without
// it, reference and date decide, because a reference is ours alone: settlement
// and part. The whole period is read and filtered here, because the server
// ignores filters that it does not know.
//
// Vantagepoint: GET PSALedger/{JE|IN|CR|CD}.
func (l *Ledger) posted(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	p := newPostedRows(e)
	if e.Glance || p.b.Period == 0 || l.cfg.PostedBatchesStay {
		return booking.Booked{}, fmt.Errorf("batch %s: %w", e.Batch, booking.ErrNotFound)
	}
	query := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: vantagepoint.Period(p.b.Period).String(), Type: "int"}}}
	for row, err := range l.client.Ledger.Rows(ctx, transType(e.Kind), query) {
		if err != nil {
			return booking.Booked{}, fmt.Errorf("vantageledger: posted ledger: %w", err)
		}
		if p.ours(row) {
			p.add(row)
		}
	}
	return p.booked()
}

// postedRows are rows of the posted ledger on their way to a [booking.Booked].
type postedRows struct {
	entry booking.Entry
	b     booking.Booked
	d     decoder
	runs  map[int]bool
}

func newPostedRows(e booking.Entry) *postedRows {
	period := e.Period
	if !e.Document.IsZero() {
		period = e.Document.Period()
	}
	return &postedRows{
		entry: e, d: decoder{currency: e.Currency}, runs: map[int]bool{},
		b: booking.Booked{Batch: e.Batch, Posted: true, Period: period, Summed: true},
	}
}

// ours reports whether the row is of the entry, or, where the entry has no
// document, of its settlement and revision.
func (p *postedRows) ours(row vantagepoint.LedgerRow) bool {
	if int(row.Period) != p.b.Period {
		return false
	}
	switch ref := p.ref(row); {
	case p.entry.Document.IsZero():
		return p.entry.Key.OwnsRef(ref)
	case row.Batch != "":
		return booking.SameBatch(row.Batch, p.entry.Batch)
	default:
		return booking.SameRef(ref, p.entry.Ref) && row.TransDate == vendorDate(p.entry.Document.Date())
	}
}

func (p *postedRows) ref(row vantagepoint.LedgerRow) string {
	if p.entry.Kind == ledgermap.Invoice && row.Invoice != "" {
		return row.Invoice
	}
	return row.RefNo
}

func (p *postedRows) add(row vantagepoint.LedgerRow) {
	p.runs[row.PostSeq] = true
	if row.AutoEntry || row.SkipGL {
		return // the ledger's own offsets
	}
	p.b.Ref, p.b.Date = p.ref(row), civil(row.TransDate)
	amount := row.Amount
	if c := currency(row.TransactionCurrencyCode); c == p.entry.Currency {
		amount = row.TransactionAmount // Amount is in the company's currency
	}
	p.b.Lines = append(p.b.Lines, p.d.signed(row.Account, row.WBS1, row.WBS2, row.WBS3, row.Desc2, amount))
}

func (p *postedRows) booked() (booking.Booked, error) {
	if p.d.err != nil {
		return booking.Booked{}, fmt.Errorf("vantageledger: posted ledger, batch %s: %w", p.entry.Batch, p.d.err)
	}
	if len(p.b.Lines) == 0 {
		return booking.Booked{}, fmt.Errorf("batch %s: %w", p.entry.Batch, booking.ErrNotFound)
	}
	p.b.Copies = len(p.runs) // a batch is posted in one run
	return p.b, nil
}
