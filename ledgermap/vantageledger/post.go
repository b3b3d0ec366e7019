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
// Vantagepoint: PUT DataEntry/PostTransFile; once.
func (l *Ledger) Post(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if _, err := l.enter(ctx, e.Key.Tenant.Company); err != nil {
		return booking.Receipt{}, err
	}
	_, err := l.client.Posting.Post(ctx, vantagepoint.PostRequest{
		TransType: transType(e.Kind), Batch: e.Batch, Company: e.Key.Tenant.Company,
		Description: e.Document.Description(), Period: vantagepoint.Period(e.Document.Period()),
	})
	if err != nil {
		return booking.Receipt{}, fmt.Errorf("vantageledger: posting batch %s: %w", e.Batch, err)
	}
	return booking.Receipt{}, nil
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
