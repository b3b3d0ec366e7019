package booking

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// settle finds out what became of the documents of the set that are in doubt
// and that the plan does not have as they were sent, and returns the history
// with the outcome. They are looked for as they were sent: what the ledger
// shows is booked; what it does not show when its request can no longer arrive
// is noted to have booked nothing, and may be planned anew.
//
// The second trusts what sending again trusts, and no more. Documents that the
// plan has as they were sent are settled when it is their turn.
func (r *round) settle(ctx context.Context, h *history) (*history, error) {
	for _, key := range slices.Sorted(maps.Keys(h.of(r.set).docs)) {
		// More than once if another worker sends it again meanwhile.
		for p := h.doc(r.set, key); p.unseen() && !r.plans(key, p); p = h.doc(r.set, key) {
			if err := r.resolve(ctx, key, p); err != nil {
				return nil, err
			}
			var err error
			if h, err = r.e.history(ctx, r.settlement); err != nil {
				return nil, err
			}
		}
	}
	return h, nil
}

// resolve waits for the outcome of the document's last attempt and logs it.
func (r *round) resolve(ctx context.Context, key string, p *past) error {
	was, err := p.bookedDocument()
	if err != nil {
		return err
	}
	l, err := r.line(was)
	if err != nil {
		return err
	}
	if l.item.Key != key {
		return &RefusedError{
			Code: CodeState, Settlement: r.settlement, Key: key,
			Message: fmt.Sprintf("it is %s, and was sent to other books than those that are configured: run the settlement with the configuration that sent it", p.stage),
		}
	}
	l.waits, l.item.Waiting = false, false // it was sent
	lost, err := r.await(ctx, l, p.intent)
	switch {
	case err != nil:
		return err
	case l.booked != nil:
		return r.confirm(ctx, l)
	case lost && p.stage == stageAnswered:
		return r.unseen(l, ErrNotFound)
	case lost:
		return r.refused(ctx, l, p.intent, errors.New("it was not answered, and the ledger does not show it now that it can no longer arrive"))
	}
	return nil // another worker logged the outcome, or sends it again
}

// plans reports whether the round has the document as it was sent.
func (r *round) plans(key string, p *past) bool {
	return slices.ContainsFunc(r.entries, func(l *line) bool { return l.item.Key == key && l.item.Digest == p.digest })
}
