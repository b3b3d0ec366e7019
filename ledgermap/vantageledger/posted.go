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
	b := booking.Booked{Batch: e.Batch, Posted: true, Period: e.Document.Period(), Summed: true, Copies: 1}
	d := &decoder{currency: e.Currency}
	byDate := vendorDate(e.Document.Date())
	period := vantagepoint.Period(e.Document.Period())
	query := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: period.String(), Type: "int"}}}
	runs := map[int]bool{}
	for row, err := range l.client.Ledger.Rows(ctx, transType(e.Kind), query) {
		if err != nil {
			return booking.Booked{}, fmt.Errorf("vantageledger: posted ledger: %w", err)
		}
		ref := row.RefNo
		if e.Kind == ledgermap.Invoice && row.Invoice != "" {
			ref = row.Invoice
		}
		ours := row.Batch != "" && booking.SameBatch(row.Batch, e.Batch) ||
			row.Batch == "" && booking.SameRef(ref, e.Ref) && row.TransDate == byDate
		if !ours || row.Period != period {
			continue
		}
		runs[row.PostSeq] = true
		if row.AutoEntry || row.SkipGL {
			continue // the ledger's own offsets
		}
		b.Ref, b.Date = ref, civil(row.TransDate)
		amount := row.Amount
		if c := currency(row.TransactionCurrencyCode); c == e.Currency {
			amount = row.TransactionAmount // Amount is in the company's currency
		}
		b.Lines = append(b.Lines, d.signed(row.Account, row.WBS1, row.WBS2, row.WBS3, row.Desc2, amount))
	}
	if d.err != nil {
		return booking.Booked{}, fmt.Errorf("vantageledger: posted ledger, batch %s: %w", e.Batch, d.err)
	}
	if len(b.Lines) == 0 {
		return booking.Booked{}, fmt.Errorf("batch %s: %w", e.Batch, booking.ErrNotFound)
	}
	b.Copies = len(runs) // a batch is posted in one run
	return b, nil
}
