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
// that such documents would have: the numbers after the plan's own, and the
// plan's numbers with another kind. Numbers of one range follow each other
// without gaps, so that the first after the last finds any longer plan.
func (r *round) strangers(ctx context.Context) error {
	planned := map[int]ledgermap.Kind{}
	for _, l := range r.entries {
		planned[l.Key.Ordinal] = l.Kind
	}
	var found []string
	for _, range_ := range []struct {
		first, most int // numbers to ask for; most 0: up to the first that is not planned
		kinds       []ledgermap.Kind
	}{
		{ledgermap.FirstPart, 0, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
		{ledgermap.FirstCompanion, 0, []ledgermap.Kind{ledgermap.Journal}},
		{ledgermap.TransferLeg, 1, []ledgermap.Kind{ledgermap.Receipt, ledgermap.Journal}},
		{ledgermap.FailedTransfer, 1, []ledgermap.Kind{ledgermap.Journal}},
		{ledgermap.FirstCharge, 0, []ledgermap.Kind{ledgermap.Disbursement}},
		// A mirror of the first part says that the revision was reversed.
		{mirrored(ledgermap.FirstPart), 1, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
	} {
		for n := range_.first; ; n++ {
			kind, isPlanned := planned[n]
			for _, k := range range_.kinds {
				if isPlanned && k == kind {
					continue
				}
				e := Entry{Key: r.key(n), Kind: k, Batch: r.key(n).Batch(k), Currency: r.total.Currency()}
				b, err := r.e.ledger.Find(ctx, e)
				switch {
				case errors.Is(err, ErrNotFound):
				case err != nil:
					return fmt.Errorf("booking: settlement %s: looking for batch %s, nothing was sent: %w", r.settlement, e.Batch, err)
				default:
					found = append(found, fmt.Sprintf("%s (document %d, %s)", b.Batch, n, k))
				}
			}
			if !isPlanned || range_.most == 1 {
				break
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
