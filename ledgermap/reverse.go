package ledgermap

import "fmt"

// ReversalOffset is between the ordinal of a document and that of its reversal.
const ReversalOffset = 1000

// Mirror is the reversal of a document: same kind, accounts, projects and texts, debits and credits exchanged, so that
// original and mirror are zero on every account, project, organisation and currency. It names the original by its
// digest and keeps its part, so that both carry one reference number. Where it belongs on another day than the one it
// is dated, which [Rules.Bookable] tells, that day stands in its description; meant is the zero Date elsewhere. Nobody
// has looked whether the period is open and holds the date; [Reverse] does. A reversal is not reversed: book the settlement again, as the next revision.
func Mirror(d Document, period int, on, meant Date) (Document, error) {
	if d.IsZero() || d.Reverses() != "" {
		return Document{}, fmt.Errorf("ledgermap: document %d of settlement %s is itself a reversal, or nothing", d.Ordinal(), d.SettlementID())
	}
	spec := d.Spec()
	spec.Ordinal += ReversalOffset
	spec.Reverses = d.Digest()
	spec.Period, spec.Date, spec.WaitsFor = period, on, WaitNone
	if !meant.IsZero() && meant != on {
		spec.Description = movedFrom(d.SettlementID(), meant)
	}
	for i := range spec.Lines {
		l := &spec.Lines[i]
		l.Debit, l.Credit = l.Credit, l.Debit
	}
	return NewDocument(spec)
}

// Reverse is the [Mirror] of a document in the period that holds its date, which has to be open.
func Reverse(d Document, c Calendar, on Date) (Document, error) {
	period, ok := c.At(on)
	switch {
	case !ok:
		return Document{}, fmt.Errorf("ledgermap: no fiscal period holds %s; the reversal of settlement %s needs an open one", on, d.SettlementID())
	case period.Closed:
		return Document{}, fmt.Errorf("ledgermap: fiscal period %s is closed; date the reversal of settlement %s in an open one", period, d.SettlementID())
	}
	return Mirror(d, period.Number, on, Date{})
}
