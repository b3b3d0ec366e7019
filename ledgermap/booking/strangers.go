package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// strangers asks the ledger, before the first document of a settlement is sent
// and as long as the log knows of none, for documents of the settlement that
// the plan does not have. They are there if the log was lost, or if another
// log was used before, and the plan has changed since.
//
// The ledger cannot be asked for a settlement, so it is asked for the names
// that such documents would have. The first document of a settlement is booked
// before all others and is never deleted from here; so where it is not in the
// ledger, neither as planned nor as the first document of the other mode, the
// settlement is not. Where anything of it is, every name is asked for.
func (r *round) strangers(ctx context.Context) error {
	names := r.firstNames()
	if slices.ContainsFunc(r.entries, func(l *line) bool { return l.booked != nil }) {
		names = r.otherNames()
	}
	var found []string
	for len(names) > 0 {
		e := names[0]
		names = names[1:]
		b, err := r.e.ledger.Find(ctx, e)
		switch {
		case errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return fmt.Errorf("booking: settlement %s: looking for batch %s, nothing was sent: %w", r.settlement, e.Batch, err)
		}
		if len(found) == 0 {
			names = r.otherNames() // from the start: all of them are wanted for the message
		}
		if text := fmt.Sprintf("%s (document %d, %s)", b.Batch, e.Key.Ordinal, e.Kind); !slices.Contains(found, text) {
			found = append(found, text)
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

// firstNames are the names that the settlement's first document would have in
// a plan of the other mode: an invoice for a journal, or, where it has nothing
// for an invoice, the companion journal, and the other way round.
func (r *round) firstNames() []Entry {
	var names []Entry
	planned := r.planned()
	add := func(n int, k ledgermap.Kind) {
		e := r.name(n, k)
		if len(r.entries) > 0 {
			e.Period = r.entries[0].Document.Period()
		}
		names = append(names, e)
	}
	for _, k := range []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice} {
		if planned[ledgermap.FirstPart] != k {
			add(ledgermap.FirstPart, k)
		}
	}
	_, companion := planned[ledgermap.FirstCompanion]
	if !companion && !slices.ContainsFunc(r.entries, func(l *line) bool { return l.Key.Ordinal == ledgermap.FirstPart && invoiced(l.Document) }) {
		add(ledgermap.FirstCompanion, ledgermap.Journal)
	}
	return names
}

// invoiced reports whether the document holds a line that an invoice carries in
// invoice mode.
func invoiced(d ledgermap.Document) bool {
	return slices.ContainsFunc(d.Lines(), func(l ledgermap.Line) bool {
		return l.Rows > 0 && ledgermap.OnInvoice(settlement.Category(l.Category))
	})
}

// planned is the kind of each document of the round, by its number.
func (r *round) planned() map[int]ledgermap.Kind {
	planned := map[int]ledgermap.Kind{}
	for _, l := range r.entries {
		planned[l.Key.Ordinal] = l.Kind
	}
	return planned
}

// otherNames are the names of all documents that the settlement may have and
// that are not planned: the plan's numbers with another kind, the numbers it
// leaves out, and the one after the last of each range, which any longer plan
// has.
func (r *round) otherNames() []Entry {
	planned := r.planned()
	parts, charges := 0, 0 // how many of each the plan has
	for n := range planned {
		switch {
		case n < ledgermap.FirstCompanion:
			parts = max(parts, n-ledgermap.FirstPart+1)
		case n < ledgermap.TransferLeg:
			parts = max(parts, n-ledgermap.FirstCompanion+1)
		case n >= ledgermap.FirstCharge:
			charges = max(charges, n-ledgermap.FirstCharge+1)
		}
	}
	var names []Entry
	for _, ask := range []struct {
		first, count int
		kinds        []ledgermap.Kind
	}{
		{ledgermap.FirstPart, parts + 1, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
		{ledgermap.FirstCompanion, parts + 1, []ledgermap.Kind{ledgermap.Journal}},
		{ledgermap.TransferLeg, 2, []ledgermap.Kind{ledgermap.Receipt, ledgermap.Journal}},
		{ledgermap.FirstCharge, charges + 1, []ledgermap.Kind{ledgermap.Disbursement, ledgermap.Receipt}},
		// A mirror of the first part says that the revision was reversed.
		{ledgermap.FirstPart + ledgermap.ReversalOffset, 1, []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice}},
	} {
		for n := ask.first; n < ask.first+ask.count; n++ {
			for _, k := range ask.kinds {
				if planned[n] != k {
					names = append(names, r.name(n, k))
				}
			}
		}
	}
	return names
}

// name is an entry that asks whether the ledger holds anything under the name.
func (r *round) name(n int, k ledgermap.Kind) Entry {
	return Entry{Key: r.key(n), Kind: k, Batch: r.key(n).Batch(k), Currency: r.currency}
}
