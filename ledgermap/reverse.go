package ledgermap

import "fmt"

// ReversalOffset is between the ordinal of a document and that of its reversal.
const ReversalOffset = 1000

// Reverse is the mirror of a document: same kind, accounts, projects and texts, debits and credits exchanged, so that
// original and reversal are zero on every account, project, organisation and currency. It names the original by its
// digest and keeps its part, so that both carry one reference number. It belongs to the period of its own date,
// which has to be open. A reversal is not reversed: book the settlement again, as the next revision.
func Reverse(d Document, c Calendar, on Date) (Document, error) {
	period, ok := c.At(on)
	switch {
	case d.IsZero() || d.Reverses() != "":
		return Document{}, fmt.Errorf("ledgermap: document %d of settlement %s is itself a reversal, or nothing", d.Ordinal(), d.SettlementID())
	case !ok:
		return Document{}, fmt.Errorf("ledgermap: no fiscal period holds %s; the reversal of settlement %s needs an open one", on, d.SettlementID())
	case period.Closed:
		return Document{}, fmt.Errorf("ledgermap: fiscal period %s is closed; date the reversal of settlement %s in an open one", period, d.SettlementID())
	}
	spec := d.Spec()
	spec.Ordinal += ReversalOffset
	spec.Reverses = d.Digest()
	spec.Period, spec.Date, spec.WaitsFor = period.Number, on, WaitNone
	for i := range spec.Lines {
		l := &spec.Lines[i]
		l.Debit, l.Credit = l.Credit, l.Debit
	}
	return NewDocument(spec)
}
