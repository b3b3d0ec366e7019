package vantageledger

import (
	"context"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

var _ booking.Poster = (*Ledger)(nil)

// Post implements [booking.Poster]. Vantagepoint posts a batch only if it ties,
// is approved where that is required, and the role may post its type; there is
// no way to undo it.
//
// Vantagepoint: PUT DataEntry/PostTransFile; once. Then GET
// PSALedger/{JE|IN|CR|CD}, whose rows of the batch are what it answers.
func (l *Ledger) Post(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if _, err := l.enter(ctx, e.Key.Tenant.Company, false); err != nil {
		return booking.Receipt{}, err
	}
	results, err := l.client.Posting.Post(ctx, vantagepoint.PostRequest{
		TransType: transType(e.Kind), Batch: e.Batch, Company: e.Key.Tenant.Company,
		Description: e.Document.Description(), Period: vantagepoint.Period(e.Document.Period()),
	})
	if err != nil {
		return booking.Receipt{}, fmt.Errorf("vantageledger: posting batch %s: %w", e.Batch, err)
	}
	p := newPostedRows(e)
	for _, row := range results[0].Rows {
		p.add(row)
	}
	b, err := p.booked()
	if err != nil {
		return booking.Receipt{}, nil //nolint:nilerr // the ledger cannot be read so: the engine looks in its own way
	}
	return booking.Receipt{Booked: &b}, nil
}

// transType is the ledger's name of a kind of document.
func transType(k ledgermap.Kind) string {
	switch k {
	case ledgermap.Invoice:
		return "IN"
	case ledgermap.Receipt:
		return "CR"
	case ledgermap.Disbursement:
		return "CD"
	case ledgermap.Journal:
	}
	return "JE"
}
