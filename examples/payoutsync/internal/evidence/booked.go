package evidence

import (
	"encoding/json"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// past is what the log says became of one document.
type past struct {
	key      booking.Key
	seq      int64  // of the record that said it last
	digest   string // of what was sent or found
	booked   bool   // read back from the ledger
	reversed bool   // its mirror is in the ledger
	document ledgermap.Document
}

// checkBooked compares the plan's documents with what the log says was sent and read back.
func (c *checker) checkBooked() {
	if c.plan == nil || c.story == nil || c.story.settlement != fold(c.Settlement) {
		return
	}
	revision := max(c.plan.Revision, 1)
	presented := map[string]bool{}
	var inputs map[string]string // of the plan that was presented last
	documents := map[string]*past{}
	var keys []string // in the order of the log
	for _, r := range c.story.records {
		switch r.Event {
		case booking.EventPlanned:
			presented[r.Digest] = true
			if r.Revision == revision && !r.Reversal {
				inputs = r.Inputs
			}
		case booking.EventApproved:
			if !presented[r.Digest] {
				c.fault(logName, "record %d approves plan %s, which nobody had presented", r.Seq, r.Digest)
			}
		}
		if r.Key == "" {
			continue
		}
		p := documents[r.Key]
		if p == nil {
			key, err := booking.ParseKey(r.Key)
			if err != nil || key.Settlement != fold(c.Settlement) {
				c.fault(logName, "record %d is about %q, which is no document of this settlement", r.Seq, r.Key)
				continue
			}
			p = &past{key: key}
			documents[r.Key], keys = p, append(keys, r.Key)
		}
		c.follow(p, r)
	}
	c.checkInputs(inputs)
	c.comparePlan(documents, revision)
	for _, name := range keys {
		c.checkDocument(documents[name], documents, revision)
	}
}

// follow takes one record of a document.
func (c *checker) follow(p *past, r booking.Record) {
	p.seq = r.Seq
	switch r.Event {
	case booking.EventIntent:
		p.digest = r.Digest
		if err := json.Unmarshal(r.Document, &p.document); err != nil {
			c.fault(logName, "record %d: the document that was sent cannot be read: %v", r.Seq, err)
			return
		}
		if d := p.document; d.Digest() != r.Digest || d.Ordinal() != p.key.Ordinal || fold(d.SettlementID()) != p.key.Settlement {
			c.fault(logName, "record %d: the document that was sent is not the one that the record names", r.Seq)
		} else if r.Batch != p.key.Batch(d.Kind()) {
			c.fault(logName, "record %d: batch %s is not the name that belongs to document %s", r.Seq, r.Batch, r.Key)
		}
	case booking.EventCreated, booking.EventFound:
		if p.digest != "" && p.digest != r.Digest {
			c.fault(logName, "record %d: the ledger showed document %s with digest %s, and %s was sent", r.Seq, r.Key, r.Digest, p.digest)
		}
		p.digest, p.booked = r.Digest, true
		if len(r.Document) > 0 && p.document.IsZero() {
			_ = json.Unmarshal(r.Document, &p.document) // of a find, where there is one; the digest is what counts
		}
	case booking.EventReversed:
		p.reversed = true
	default: // answers that changed nothing
	}
}

// checkInputs compares the hashes of what was packed with those of the plan that was presented last. Calendar and payout
// facts may have moved on since without changing a document.
func (c *checker) checkInputs(presented map[string]string) {
	if presented == nil {
		return // found in the ledger by a log that did not send it
	}
	for _, in := range []struct{ name, member, packed string }{
		{"report", c.report, c.plan.Hashes.Report}, {"rules", rulesName, c.plan.Hashes.Rules},
	} {
		if presented[in.name] != in.packed {
			c.fault(in.member, "its SHA-256 is %s, and the log says that %s was planned with", in.packed, presented[in.name])
		}
	}
}

// comparePlan compares each document of the plan with what was booked under its key.
func (c *checker) comparePlan(documents map[string]*past, revision int) {
	for _, d := range c.plan.Documents {
		for _, p := range documents {
			if p.key.Ordinal != d.Ordinal() || p.key.Revision != revision || !p.booked {
				continue
			}
			if p.reversed {
				c.Reversed++
				continue
			}
			c.Booked++
			if p.digest != d.Digest() {
				c.fault(planName, "document %d has digest %s, and the log says that %s is booked (record %d)", d.Ordinal(), d.Digest(), p.digest, p.seq)
			}
		}
	}
}

// checkDocument checks a document of the log: one that is booked and not reversed is in the plan, and a mirror is of a
// document that was booked.
func (c *checker) checkDocument(p *past, documents map[string]*past, revision int) {
	if !p.booked {
		return
	}
	if p.key.Ordinal > ledgermap.ReversalOffset {
		original := p.key
		original.Ordinal -= ledgermap.ReversalOffset
		o := documents[original.String()]
		if o == nil || !p.document.IsZero() && p.document.Reverses() != o.digest {
			c.fault(logName, "document %s reverses one that was not booked (record %d)", p.key, p.seq)
		}
		return
	}
	if _, ok := c.plan.Document(p.key.Ordinal); !ok && p.key.Revision == revision && !p.reversed {
		c.fault(planName, "document %s is booked (record %d), and the plan does not have it", p.key, p.seq)
	}
}
