// Package books reads from the audit log what is in the ledger: every document that was read back from it, with its lines.
// Reversals are documents like any other, so that sums over everything are the ledger's own.
package books

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Entry is one document in the ledger.
type Entry struct {
	Key      booking.Key
	Batch    string
	Ref      string // as the ledger has it
	Document ledgermap.Document
	Posted   bool
	// Reversed says that the document's mirror is in the ledger as well, or that somebody deleted the draft (Gone).
	Reversed, Gone bool
	Plan           string // the hash of the plan, or of the reversal, that it was booked with last

	sent   ledgermap.Document // the last that was about to be sent
	listed bool
}

// Mirror reports whether the document reverses another.
func (e Entry) Mirror() bool { return e.Document.Reverses() != "" }

// Read returns the documents of a seller's records, in the order in which they came into the ledger.
func Read(records iter.Seq2[booking.Record, error]) ([]Entry, error) {
	all := map[string]*Entry{}
	plans := map[string]string{}
	var order []*Entry
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if r.Event == booking.EventManifest {
			for _, d := range r.Documents {
				plans[d.Key] = r.Digest
			}
		}
		if r.Key == "" {
			continue
		}
		e := all[r.Key]
		if e == nil {
			key, err := booking.ParseKey(r.Key)
			if err != nil {
				return nil, fmt.Errorf("record %d: %w", r.Seq, err)
			}
			e = &Entry{Key: key}
			all[r.Key] = e
		}
		if err := e.take(r); err != nil {
			return nil, fmt.Errorf("record %d: %w", r.Seq, err)
		}
		if !e.listed && !e.Document.IsZero() {
			e.listed = true
			order = append(order, e)
		}
	}
	list := make([]Entry, 0, len(order))
	for _, e := range order {
		e.Gone, e.Plan = e.Reversed && all[e.MirrorKey().String()] == nil, plans[e.Key.String()]
		list = append(list, *e)
	}
	return list, nil
}

// MirrorKey is the key of the document that reverses this one.
func (e Entry) MirrorKey() booking.Key {
	k := e.Key
	k.Ordinal += ledgermap.ReversalOffset
	return k
}

// OriginalKey is the key of the document that a [Entry.Mirror] reverses.
func (e Entry) OriginalKey() booking.Key {
	k := e.Key
	if k.Ordinal > ledgermap.ReversalOffset {
		k.Ordinal -= ledgermap.ReversalOffset
	} else { // of an accrual
		k.Ordinal -= ledgermap.FirstAccrualReversal - ledgermap.FirstPart
	}
	return k
}

func (e *Entry) take(r booking.Record) error {
	if len(r.Document) > 0 {
		if err := json.Unmarshal(r.Document, &e.sent); err != nil {
			return err
		}
	}
	switch r.Event {
	case booking.EventCreated, booking.EventFound:
		if e.sent.IsZero() {
			return fmt.Errorf("document %s is in the ledger, and the log does not hold what it says", r.Key)
		}
		e.Document, e.Batch, e.Ref = e.sent, r.Batch, strings.TrimLeft(r.Ref, "0")
	case booking.EventPosted:
		e.Posted = true
	case booking.EventReversed:
		e.Reversed = true
	default: // nothing that changes the ledger
	}
	return nil
}

// Bank is the amount that a receipt or disbursement moves on the bank account: positive for money that came in. It is
// false for other documents.
func (e Entry) Bank() (settlement.Money, bool) {
	if k := e.Document.Kind(); k != ledgermap.Receipt && k != ledgermap.Disbursement {
		return settlement.Money{}, false
	}
	for _, l := range e.Document.Lines() {
		if l.Auto {
			return l.Signed(), true
		}
	}
	return settlement.Money{}, false
}
