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

// run takes the round from the log's history to the last document.
func (r *round) run(ctx context.Context) error {
	r.state = StatePlanned
	h, err := r.e.history(ctx, r.settlement)
	if err != nil {
		return err
	}
	if err := r.inSequence(h); err != nil {
		return err
	}
	if err := r.returned(h); err != nil {
		return err
	}
	if err := errors.Join(r.agreeWithLog(ctx, h), r.agreeWithLedger(ctx, h)); err != nil {
		return err
	}
	if len(r.pending()) > 0 {
		if released, err := r.released(ctx, h); err != nil || !released {
			return err
		}
		if err := r.check(ctx); err != nil {
			return fmt.Errorf("booking: settlement %s: nothing was sent: %w", r.settlement, err)
		}
	}
	if err := r.manifest(ctx, h); err != nil {
		return err
	}
	r.state = StateBooking
	for again := true; again; {
		for _, l := range r.entries {
			if err := r.document(ctx, l); err != nil {
				return err
			}
		}
		// What waited for the invoices goes in a second pass.
		if again = r.invoicesPosted(); again {
			if err := r.check(ctx); err != nil {
				return fmt.Errorf("booking: settlement %s: what waited for its invoices was not sent: %w", r.settlement, err)
			}
			if err := r.manifest(ctx, h); err != nil {
				return err
			}
		}
	}
	if err := r.reversed(ctx); err != nil {
		return err
	}
	r.finish()
	return nil
}

// check asks the ledger whether it would take what this run would send.
func (r *round) check(ctx context.Context) error {
	if checker, ok := r.e.ledger.(Checker); ok {
		return checker.Check(ctx, r.pending())
	}
	return nil
}

// pending are the documents that this run would send.
func (r *round) pending() []Entry {
	var p []Entry
	for _, l := range r.entries {
		if l.booked == nil && !l.waits {
			p = append(p, l.Entry)
		}
	}
	return p
}

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
		return refuse("revision %d was reversed, because: %s; plan revision %d to book the settlement again", r.set.revision, p.Reason, r.set.revision+1)
	}
	if r.set.revision == 1 {
		return nil
	}
	before := set{revision: r.set.revision - 1}
	if h.of(set{before.revision, true}).reversal == nil {
		return refuse("revision %d is booked after revision %d was reversed with a reason; the log holds no such reversal", r.set.revision, before.revision)
	}
	var left []string
	for text, p := range h.of(before).docs {
		key, err := ParseKey(text)
		if err != nil {
			return err
		}
		if key.Ordinal <= mirrorOffset && p.fixed() {
			left = append(left, text)
		}
	}
	if len(left) > 0 {
		return refuse("of revision %d these documents are not reversed yet: %s; finish the reversal first", before.revision, list(left))
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
			r.find("payout_unconfirmed", fmt.Sprintf("document %s was booked as paid, and the plan no longer says that it is", l.item.Key))
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
	shown, err := r.survey(ctx)
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

// survey looks for every document of the round.
func (r *round) survey(ctx context.Context) ([]*Booked, error) {
	entries := make([]Entry, len(r.entries))
	for i, l := range r.entries {
		entries[i] = l.Entry
	}
	if s, ok := r.e.ledger.(Surveyor); ok {
		shown, err := s.Survey(ctx, entries)
		if err != nil {
			return nil, fmt.Errorf("booking: settlement %s: looking for its documents, nothing was sent: %w", r.settlement, err)
		}
		for i, l := range r.entries {
			l.surveyed = shown[i] == nil
		}
		return shown, nil
	}
	shown := make([]*Booked, len(entries))
	for i, e := range entries {
		b, err := r.e.ledger.Find(ctx, e)
		switch {
		case err == nil:
			shown[i] = &b
		case !errors.Is(err, ErrNotFound):
			return nil, fmt.Errorf("booking: document %s: looking for batch %s, nothing was sent: %w", e.Key, e.Batch, err)
		}
	}
	return shown, nil
}

// take accepts what the ledger shows as the document, or says why not.
func (r *round) take(ctx context.Context, l *line, b Booked) error {
	if b.Copies > 1 {
		r.duplicates += b.Copies - 1
		r.find("booked_twice", fmt.Sprintf("the ledger holds batch %s %d times", l.Batch, b.Copies))
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

// released reports whether the documents may be sent. It logs the plan, so
// that there is something to approve and so that the log knows who prepared
// what from what.
func (r *round) released(ctx context.Context, h *history) (bool, error) {
	s := h.of(r.set)
	items := r.items()
	if s.planned == nil || s.planned.Digest != r.hash || !sameItems(s.planned.Documents, items) {
		rec := r.record(EventPlanned)
		rec.Digest, rec.Documents, rec.Inputs = r.hash, items, r.inputs
		rec, err := r.e.log.Append(ctx, rec)
		if err != nil {
			return false, fmt.Errorf("booking: settlement %s: logging the plan, nothing was sent: %w", r.settlement, err)
		}
		if err := h.add(rec); err != nil {
			return false, err
		}
	}
	if !approved(r.e.cfg.Approval, s) {
		r.state = StateAwaitingApproval
		return false, nil
	}
	return true, nil
}

func (r *round) items() []Item {
	var items []Item
	for _, l := range r.entries {
		items = append(items, l.item)
	}
	return items
}

// manifest logs which documents are booked as a unit, unless the log has it.
func (r *round) manifest(ctx context.Context, h *history) error {
	s := h.of(r.set)
	items := r.items()
	if s.manifest != nil && slices.Equal(s.manifest.Documents, items) {
		return nil
	}
	if s.manifest == nil && len(items) == 0 {
		return nil
	}
	rec := r.record(EventManifest)
	rec.Documents, rec.Digest = items, r.hash
	rec.Claim = fmt.Sprintf("%s manifest %d of %s", r.settlement, s.manifests+1, r.set)
	rec, err := r.e.log.Append(ctx, rec)
	if errors.Is(err, ErrClaimed) {
		// Another worker has just logged one. If it is of the same plan, go on
		// with it; document by document the claims decide who sends.
		now, err := r.e.history(ctx, r.settlement)
		if err != nil {
			return err
		}
		if !r.stillMine(now) {
			return r.overtaken()
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("booking: settlement %s: logging the manifest, nothing was sent: %w", r.settlement, err)
	}
	return h.add(rec)
}

// stillMine reports whether the plan in the log is ours. It is asked after
// something of ours became durable: of two workers with different plans, the
// one whose record came second sees the other's.
func (r *round) stillMine(h *history) bool {
	m := h.of(r.set).manifest
	return m != nil && slices.Equal(m.Documents, r.items())
}

func (r *round) overtaken() error {
	return &RefusedError{
		Code: CodeStale, Settlement: r.settlement,
		Message: "another worker began to book another plan of this settlement: run it again to see which one stands",
	}
}

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

func (r *round) find(code, message string) {
	r.findings = append(r.findings, ledgermap.Finding{Code: code, Message: message})
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
