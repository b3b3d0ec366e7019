package booking

import (
	"context"
	"errors"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// strangers asks the ledger, before the first document of a settlement is sent
// and as long as the log knows of none, for documents of the settlement that
// the plan does not have. They are there if the log was lost, or if another
// log was used before, and the plan has changed since.
//
// The ledger cannot be asked for a settlement, so it is asked for the names
// that such documents would have: the plan's numbers with another kind, the
// numbers it leaves out, and the one after the last of each range, which any
// longer plan has.
func (r *round) strangers(ctx context.Context) error {
	planned := map[int]ledgermap.Kind{}
	parts, charges := 0, 0 // how many of each the plan has
	for _, l := range r.entries {
		n := l.Key.Ordinal
		planned[n] = l.Kind
		switch {
		case n < ledgermap.FirstCompanion:
			parts = max(parts, n-ledgermap.FirstPart+1)
		case n < ledgermap.TransferLeg:
			parts = max(parts, n-ledgermap.FirstCompanion+1)
		case n >= ledgermap.FirstCharge:
			charges = max(charges, n-ledgermap.FirstCharge+1)
		}
	}
	var found []string
	for _, ask := range []struct {
		first, count int
		kinds        []ledgermap.Kind
	}{
		{ledgermap.FirstPart, parts + 1, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
		{ledgermap.FirstCompanion, parts + 1, []ledgermap.Kind{ledgermap.Journal}},
		{ledgermap.TransferLeg, 2, []ledgermap.Kind{ledgermap.Receipt, ledgermap.Journal}},
		{ledgermap.FirstCharge, charges + 1, []ledgermap.Kind{ledgermap.Disbursement, ledgermap.Receipt}},
		// A mirror of the first part says that the revision was reversed.
		{mirrored(ledgermap.FirstPart), 1, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
	} {
		for n := ask.first; n < ask.first+ask.count; n++ {
			for _, k := range ask.kinds {
				if planned[n] == k {
					continue
				}
				e := Entry{Key: r.key(n), Kind: k, Batch: r.key(n).Batch(k), Currency: r.currency}
				b, err := r.e.ledger.Find(ctx, e)
				switch {
				case errors.Is(err, ErrNotFound):
				case err != nil:
					return fmt.Errorf("booking: settlement %s: looking for batch %s, nothing was sent: %w", r.settlement, e.Batch, err)
				default:
					found = append(found, fmt.Sprintf("%s (document %d, %s)", b.Batch, n, k))
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &RefusedError{
		Code: CodeDocuments, Settlement: r.settlement,
		Message: fmt.Sprintf("the ledger holds documents of this settlement that the plan does not have, and the log knows nothing of them: batches %s; nothing was sent. Restore the log that booked them, or reverse them in the ledger and plan the next revision", list(found)),
	}
}
