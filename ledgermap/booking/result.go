package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// finish says where the set stands when every document had its turn.
func (r *round) finish() {
	r.state = StateBooked
	posted, waiting := len(r.entries) > 0, false
	for _, l := range r.entries {
		waiting = waiting || l.booked == nil
		posted = posted && l.booked != nil && l.booked.Posted
	}
	if posted && !waiting {
		r.state = StatePosted
	}
	if r.set.reversal && !waiting {
		r.state = StateReversed
	}
}

// clearing adds the document's lines on the clearing account.
func (r *round) clearing(sum settlement.Money, b Booked) (settlement.Money, error) {
	for _, l := range b.Lines {
		if r.e.cfg.ClearingAccount == "" || fold(l.Account) != fold(r.e.cfg.ClearingAccount) {
			continue
		}
		var err error
		if sum, err = sum.Add(l.Signed()); err != nil {
			return sum, fmt.Errorf("booking: settlement %s: clearing account: %w", r.settlement, err)
		}
	}
	return sum, nil
}

// result gathers what the round learned, whatever became of it.
func (r *round) result(ctx context.Context, err error) (Result, error) {
	res := Result{
		Settlement: r.settlement, Revision: r.set.revision, State: r.state, PlanHash: r.hash,
		Findings: r.findings, Duplicates: r.duplicates,
	}
	transferred, all := r.total.IsZero(), true
	for _, l := range r.entries {
		d := DocumentResult{Key: l.Key, Kind: l.Kind, Batch: l.Batch, Ref: l.Ref, State: l.state, Digest: l.Document.Digest(), Totals: l.item.Totals}
		if l.waits && l.booked == nil && l.state == DocumentPlanned {
			d.State = DocumentWaiting
			res.Waiting++
		}
		if b := l.booked; b != nil {
			d.Ref, d.Posted = b.Ref, b.Posted
			switch {
			case l.reversed:
				d.State = DocumentReversed
			case b.Posted && l.state != DocumentConflict:
				d.State = DocumentPosted
			}
			var cerr error
			if res.Clearing, cerr = r.clearing(res.Clearing, *b); cerr != nil {
				err = errors.Join(err, cerr)
			}
			if n := l.Key.Ordinal; n == ledgermap.TransferLeg || n == ledgermap.FailedTransfer {
				transferred = true
			}
		}
		all = all && l.booked != nil
		if l.sent {
			res.Sent++
		}
		res.Documents = append(res.Documents, d)
	}
	res.Settled = all && transferred && !r.set.reversal
	// Refused is what a person must decide; what is booked stays booked.
	switch {
	case refused(err) && r.state != StateBooking:
		res.State = StateRefused
	case res.State == "":
		res.State = StatePlanned
	}
	head, herr := r.e.log.Head(context.WithoutCancel(ctx), r.e.seller)
	res.Head = head
	if err == nil {
		err = herr
	}
	return res, err
}

func refused(err error) bool {
	return errors.Is(err, ErrConflict) || errors.As(err, new(*RefusedError))
}

// list is the names, sorted, for a message.
func list(names []string) string { return strings.Join(sorted(names), ", ") }

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
