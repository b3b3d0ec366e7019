package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
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
	if h, err = r.settle(ctx, h); err != nil {
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
			return r.because("nothing was sent", err)
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
				return r.because("what waited for its invoices was not sent", err)
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
	checker, ok := r.e.ledger.(Checker)
	if !ok {
		return nil
	}
	err := checker.Check(ctx, r.pending())
	if refused, ok := errors.AsType[*RefusedError](err); ok && refused.Settlement == "" {
		refused.Settlement = r.settlement
	}
	return err
}

// because says what a failure kept from happening. A refusal says so itself.
func (r *round) because(what string, err error) error {
	if _, ok := errors.AsType[*RefusedError](err); ok {
		return err
	}
	return fmt.Errorf("booking: settlement %s: %s: %w", r.settlement, what, err)
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

// stillMine reports whether the plan in the log is ours, and nothing was sent
// that it does not have. It is asked after something of ours became durable: of
// two workers with different plans, the one whose record came second sees the
// other's.
func (r *round) stillMine(h *history) bool {
	s := h.of(r.set)
	for key, p := range s.docs {
		if p.fixed() && !r.plans(key, p) {
			return false
		}
	}
	return s.manifest != nil && slices.Equal(s.manifest.Documents, r.items())
}

func (r *round) overtaken() error {
	return &RefusedError{
		Code: CodeStale, Settlement: r.settlement,
		Message: "another worker began to book another plan of this settlement: run it again to see which one stands",
	}
}

func (r *round) find(code, message string) {
	r.findings = append(r.findings, ledgermap.Finding{Code: code, Message: message})
}
