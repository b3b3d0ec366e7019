package booking

import (
	"context"
	"errors"
	"fmt"
)

// inSequence refuses a revision whose predecessor still stands in the books,
// or that has a successor.
func (r *round) inSequence(h *history) error {
	if r.set.reversal {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return &RefusedError{Code: CodeRevision, Settlement: r.settlement, Message: fmt.Sprintf(format, args...)}
	}
	for s, p := range h.sets {
		if s.revision > r.set.revision && p.manifest != nil {
			return refuse("the plan is revision %d, and a later one is in the log: plan that one", r.set.revision)
		}
	}
	if p := h.of(set{r.set.revision, true}).reversal; p != nil {
		left, err := h.unreversed(r.set.revision)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return refuse("revision %d is being reversed, because: %s; these documents are not reversed yet: %s; reverse it again to finish that",
				r.set.revision, p.Reason, list(left))
		}
		return refuse("revision %d was reversed, because: %s; plan revision %d to book the settlement again", r.set.revision, p.Reason, r.set.revision+1)
	}
	if r.set.revision == 1 {
		return nil
	}
	before := set{revision: r.set.revision - 1}
	if h.of(set{before.revision, true}).reversal == nil {
		return refuse("revision %d is booked after revision %d was reversed with a reason; the log holds no such reversal", r.set.revision, before.revision)
	}
	left, err := h.unreversed(before.revision)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return refuse("of revision %d these documents are not reversed yet: %s; reverse it again to finish that", before.revision, list(left))
	}
	return nil
}

// agreeWithLog refuses a plan that has other content for, or no longer has, a
// document that was sent.
func (r *round) agreeWithLog(ctx context.Context, h *history) error {
	var errs []error
	planned := map[string]bool{}
	for _, l := range r.entries {
		planned[l.item.Key] = true
		p := h.doc(r.set, l.item.Key)
		if p != nil && p.stage == stageReversed && !l.reversed {
			errs = append(errs, &RefusedError{
				Code: CodeState, Settlement: r.settlement, Key: l.item.Key,
				Message: "it was booked and reversed: reverse what is left of the settlement and plan the next revision",
			})
			continue
		}
		if !p.fixed() || p.digest == l.Document.Digest() {
			continue
		}
		was, err := p.bookedDocument()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if l.waits {
			// The money had moved when it was booked; that the plan knows less now
			// changes nothing in the books.
			l.Document, l.Kind, l.Batch = was, was.Kind(), l.Key.Batch(was.Kind())
			l.item.Digest, l.item.Kind, l.item.Batch = was.Digest(), l.Kind, l.Batch
			r.find(FindingUnconfirmed, fmt.Sprintf("document %s was booked as paid, and the plan no longer says that it is", l.item.Key))
			continue
		}
		errs = append(errs, r.conflict(ctx, l, "log", p.digest, compareDocuments(was, l.Document)))
	}
	var extra []string
	for key, p := range h.of(r.set).docs {
		if p.fixed() && !planned[key] {
			extra = append(extra, key)
		}
	}
	if len(extra) > 0 {
		errs = append(errs, &RefusedError{
			Code: CodeDocuments, Settlement: r.settlement,
			Message: fmt.Sprintf("the log holds documents that the plan no longer has: %s; find what changed the plan (time zone, rules, calendar), or reverse the settlement", list(extra)),
		})
	}
	return errors.Join(errs...)
}

// agreeWithLedger looks every document up, and refuses if the ledger holds
// other content, holds a batch twice, or no longer holds what was booked.
func (r *round) agreeWithLedger(ctx context.Context, h *history) error {
	shown, err := r.survey(ctx, h)
	if err != nil {
		return err
	}
	var errs []error
	for i, l := range r.entries {
		b, p := shown[i], h.doc(r.set, l.item.Key)
		if b == nil {
			if p.booked() || l.reversed || p != nil && p.stage == stageAnswered {
				errs = append(errs, &RefusedError{
					Code: CodeMissing, Settlement: r.settlement, Key: l.item.Key,
					Message: fmt.Sprintf("it was booked as batch %s, and the ledger does not show it: look whether another company is active or somebody deleted it; if it is gone for good, reverse the settlement with that as the reason and plan the next revision", l.Batch),
				})
			}
			continue
		}
		if l.state == DocumentConflict {
			l.booked = b // reported already
			continue
		}
		if err := r.take(ctx, l, *b); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 && h.of(r.set).manifest == nil && !r.set.reversal {
		errs = append(errs, r.strangers(ctx))
	}
	return errors.Join(errs...)
}

// survey looks for every document of the round. Where the log knows of none and
// the ledger does not hold the first, which is sent before all others, it holds
// none of the others: they are looked for when their turn to be sent comes, and
// not here.
func (r *round) survey(ctx context.Context, h *history) ([]*Booked, error) {
	shown := make([]*Booked, len(r.entries))
	unknown := len(r.entries) > 1 && h.of(r.set).manifest == nil && !r.set.reversal && !r.entries[0].waits
	if unknown {
		if err := r.lookFor(ctx, h, r.entries[:1], shown); err != nil {
			return nil, err
		}
	}
	if !unknown || shown[0] != nil {
		if err := r.lookFor(ctx, h, r.entries, shown); err != nil {
			return nil, err
		}
	}
	if _, ok := r.e.ledger.(Surveyor); ok {
		for i, l := range r.entries {
			l.surveyed = shown[i] == nil
		}
	}
	return shown, nil
}

// lookFor fills in what the ledger shows of the lines, and notes when it was
// looked for those that it does not show.
func (r *round) lookFor(ctx context.Context, h *history, lines []*line, shown []*Booked) error {
	at := r.now()
	if s, ok := r.e.ledger.(Surveyor); ok {
		entries := make([]Entry, len(lines))
		for i, l := range lines {
			entries[i] = l.Entry
			entries[i].Waits = l.waits && !h.doc(r.set, l.item.Key).fixed()
		}
		found, err := s.Survey(ctx, entries)
		if err != nil {
			return fmt.Errorf("booking: settlement %s: looking for its documents, nothing was sent: %w", r.settlement, err)
		}
		copy(shown, found)
	} else {
		for i, l := range lines {
			b, err := r.e.ledger.Find(ctx, l.Entry)
			switch {
			case err == nil:
				shown[i] = &b
			case !errors.Is(err, ErrNotFound):
				return fmt.Errorf("booking: document %s: looking for batch %s, nothing was sent: %w", l.Key, l.Batch, err)
			}
		}
	}
	for i, l := range lines {
		if shown[i] == nil {
			l.looked = at
		}
	}
	return nil
}

// take accepts what the ledger shows as the document, or says why not.
func (r *round) take(ctx context.Context, l *line, b Booked) error {
	if b.Copies > 1 {
		r.duplicates += b.Copies - 1
		r.find(FindingMultiple, fmt.Sprintf("the ledger holds batch %s %d times", l.Batch, b.Copies))
		l.booked = &b
		l.state = DocumentConflict
		return &RefusedError{
			Code: CodeMultiple, Settlement: r.settlement, Key: l.item.Key,
			Message: fmt.Sprintf("the ledger holds batch %s %d times: reverse the surplus in the ledger by hand; nothing more is sent for this settlement", l.Batch, b.Copies),
		}
	}
	diff, err := compareBooked(l.Entry, b, !l.waits)
	if err != nil {
		return err
	}
	if len(diff) > 0 {
		return r.conflict(ctx, l, "ledger", "", diff)
	}
	l.booked, l.waits, l.item.Waiting = &b, false, false
	if l.state == DocumentPlanned {
		l.state = DocumentFound
	}
	return nil
}

// conflict logs, once for each content, that the document is not what is
// booked.
func (r *round) conflict(ctx context.Context, l *line, where, was string, diff []Difference) error {
	l.state = DocumentConflict
	c := &ConflictError{Settlement: r.settlement, Key: l.item.Key, Batch: l.Batch, Where: where, Was: was, Now: l.Document.Digest(), Diff: diff}
	rec := r.of(l, EventConflict)
	rec.Reason = c.Error()
	rec.Claim = fmt.Sprintf("%s conflict %s %s", l.item.Key, where, l.Document.Digest())
	if _, err := r.e.log.Append(ctx, rec); err != nil && !errors.Is(err, ErrClaimed) {
		return errors.Join(c, err)
	}
	return c
}
