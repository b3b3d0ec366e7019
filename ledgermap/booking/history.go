package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// A stage is how far one document came, as the log tells it.
type stage string

const (
	stageNone     stage = ""         // never sent
	stageInDoubt  stage = "in doubt" // sent, or about to be: the ledger may hold it, now or in a moment
	stageAnswered stage = "answered" // the ledger said that it booked, but did not show it yet
	stageRefused  stage = "refused"  // the last attempt booked nothing
	stageBooked   stage = "booked"   // seen in the ledger
	stagePosted   stage = "posted"
	stageReversed stage = "reversed"
)

// legal lists, for each stage, the events that may come next and the stage
// they lead to. A history with any other move was not written by this engine,
// and nothing is booked on it.
//
// An answer can arrive after another worker has taken over and even finished,
// so a refusal of an earlier attempt is legal in every stage and moves nothing.
func legal(from stage, event Event) (stage, bool) {
	type move struct {
		from  stage
		event Event
	}
	switch (move{from, event}) {
	case move{stageNone, EventIntent}, move{stageRefused, EventIntent}, move{stageInDoubt, EventIntent}: // the last: a second try, after the wait
		return stageInDoubt, true
	case move{stageInDoubt, EventAnswered}, move{stageAnswered, EventAnswered}:
		return stageAnswered, true
	case move{stageInDoubt, EventRefused}:
		return stageRefused, true
	case move{stageInDoubt, EventCreated}, move{stageAnswered, EventCreated},
		move{stageNone, EventFound}, move{stageRefused, EventFound}, move{stageInDoubt, EventFound}, move{stageAnswered, EventFound}:
		return stageBooked, true
	case move{stageBooked, EventPosted}:
		return stagePosted, true
	case move{stageBooked, EventReversed}, move{stagePosted, EventReversed}:
		return stageReversed, true
	case move{stageBooked, EventAnswered}, move{stagePosted, EventAnswered}: // of a worker that was overtaken
		return from, true
	}
	return from, event == EventConflict // seen and left alone, at any time
}

// A past is what the log knows of one document.
type past struct {
	stage    stage
	attempts int    // highest number of an attempt
	intent   Record // the latest
	digest   string // of what was last sent, or found
	document json.RawMessage
}

// fixed reports whether the ledger holds the document or may come to hold it,
// so that its content cannot be planned anew.
func (p *past) fixed() bool {
	return p != nil && p.stage != stageNone && p.stage != stageRefused && p.stage != stageReversed
}

// unseen reports whether the document was sent, or may have been, and the
// ledger did not show it yet.
func (p *past) unseen() bool {
	return p != nil && (p.stage == stageInDoubt || p.stage == stageAnswered)
}

// booked reports whether the document was seen in the ledger and is not reversed.
func (p *past) booked() bool {
	return p != nil && (p.stage == stageBooked || p.stage == stagePosted)
}

// A set is what is booked as a unit: the documents of one revision of a
// settlement, or the mirror documents that reverse them.
type set struct {
	revision int
	reversal bool
}

func (s set) String() string {
	if s.reversal {
		return fmt.Sprintf("the reversal of revision %d", s.revision)
	}
	return fmt.Sprintf("revision %d", s.revision)
}

// A setPast is what the log knows of one set.
type setPast struct {
	planned   *Record // latest
	approved  []Record
	manifest  *Record // latest
	manifests int
	reversal  *Record // who asked for it and why, and for which date
	docs      map[string]*past
}

// A history is what the log knows of one settlement.
type history struct {
	settlement string
	sets       map[set]*setPast
}

func (h *history) of(s set) *setPast {
	p := h.sets[s]
	if p == nil {
		p = &setPast{docs: map[string]*past{}}
		h.sets[s] = p
	}
	return p
}

// doc returns what is known of the document, nil if nothing.
func (h *history) doc(s set, key string) *past { return h.of(s).docs[key] }

func (e *Engine) history(ctx context.Context, settlement string) (*history, error) {
	h := &history{settlement: settlement, sets: map[set]*setPast{}}
	for r, err := range e.log.Records(ctx, e.seller, settlement) {
		if err != nil {
			return nil, fmt.Errorf("booking: settlement %s: reading the log: %w", settlement, err)
		}
		if err := h.add(r); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *history) add(r Record) error {
	s := h.of(set{r.Revision, r.Reversal})
	switch r.Event {
	case EventPlanned:
		if s.planned != nil && !sameItems(s.planned.Documents, r.Documents) {
			s.approved = nil
		}
		s.planned = &r
	case EventApproved:
		if s.planned != nil && r.Digest == s.planned.Digest {
			s.approved = append(s.approved, r)
		}
	case EventManifest:
		s.manifest = &r
		s.manifests++
	case EventReversal:
		s.reversal = &r
	case EventIntent, EventAnswered, EventCreated, EventFound, EventRefused, EventConflict, EventPosted, EventReversed:
		return h.move(s, r)
	default:
		return &RefusedError{
			Code: CodeUnknownEvent, Settlement: h.settlement, Key: r.Key,
			Message: fmt.Sprintf("record %d of the log holds the event %q, which this version does not know: use the version that wrote it, or a later one", r.Seq, r.Event),
		}
	}
	return nil
}

func (h *history) move(s *setPast, r Record) error {
	p := s.docs[r.Key]
	if p == nil {
		p = &past{}
		s.docs[r.Key] = p
	}
	if r.Event == EventRefused && (r.Attempt < p.attempts || p.stage != stageInDoubt) {
		return nil // the late answer to an attempt that is history
	}
	next, ok := legal(p.stage, r.Event)
	if !ok {
		return &BrokenError{Seller: r.Seller, Faults: []Fault{{
			Seq: r.Seq, Damage: DamageInserted,
			Detail: fmt.Sprintf("document %s cannot be %s after it was %s", r.Key, r.Event, p.stage),
		}}}
	}
	p.stage = next
	switch r.Event {
	case EventIntent:
		p.attempts = max(p.attempts, r.Attempt)
		p.intent = r
		p.digest, p.document = r.Digest, r.Document
	case EventFound:
		p.digest = r.Digest
		if r.Document != nil {
			p.document = r.Document
		}
	default: // says nothing new of the content
	}
	return nil
}

// booked returns the document as it was sent or found.
func (p *past) bookedDocument() (ledgermap.Document, error) {
	var d ledgermap.Document
	if err := json.Unmarshal(p.document, &d); err != nil {
		return d, fmt.Errorf("booking: document in the log: %w", err)
	}
	return d, nil
}

// sameItems reports whether two lists hold the same documents with the same
// content, whatever waits.
func sameItems(a, b []Item) bool {
	return slices.EqualFunc(a, b, func(a, b Item) bool { return a.Key == b.Key && a.Digest == b.Digest })
}

// Sent returns the documents of a revision that were sent or may have been,
// and are not reversed, in the order of their keys, and the hash of the plan
// that the log has them from. A later plan has to leave them as they are.
func (e *Engine) Sent(ctx context.Context, settlement string, revision int) (plan string, documents []ledgermap.Document, err error) {
	h, err := e.history(ctx, fold(settlement))
	if err != nil {
		return "", nil, err
	}
	s := h.of(set{revision: max(revision, 1)})
	for _, key := range slices.Sorted(maps.Keys(s.docs)) {
		if !s.docs[key].fixed() {
			continue
		}
		d, err := s.docs[key].bookedDocument()
		if err != nil {
			return "", nil, err
		}
		documents = append(documents, d)
	}
	if s.manifest != nil {
		plan = s.manifest.Digest
	}
	return plan, documents, nil
}
