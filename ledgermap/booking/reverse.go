package booking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// A Reversal asks for the mirror of everything that is booked of one revision
// of a settlement.
type Reversal struct {
	Settlement string
	Revision   int    // 0: the latest
	Reason     string // required; it stays in the log
	Period     int    // an open fiscal period, YYYYPP
	Date       ledgermap.Date
	// Meant is the day that the reversal belongs on, where its period is closed
	// and the reversal moved from there to Date; else zero. It stands in the log
	// and in what the mirrors are called.
	Meant ledgermap.Date
}

// Reverse books, for every document of the settlement, one of the same kind and
// reference with debits and credits swapped, so that original and mirror are
// zero on every account and project. Nothing is deleted. It takes the same way
// as [Engine.Run]: approval, manifest, look, send once, read back; and like it,
// it can be called again after an error or a crash. What is in doubt is settled
// first, and mirrored if the ledger shows it.
//
// A document that the ledger no longer holds, because somebody deleted the
// draft, is noted as reversed with the reason, and has no mirror.
//
// Afterwards the settlement can be planned as the next revision.
func (e *Engine) Reverse(ctx context.Context, v Reversal) (Result, error) {
	e.one.Lock()
	defer e.one.Unlock()
	now, err := e.clock(ctx)
	r := &round{e: e, now: now, settlement: fold(v.Settlement), set: set{revision: v.Revision, reversal: true}}
	if err != nil {
		return r.result(ctx, err)
	}
	return r.result(ctx, r.reverse(ctx, v))
}

func (r *round) reverse(ctx context.Context, v Reversal) error {
	refuse := func(format string, args ...any) error {
		return &RefusedError{Code: CodeState, Settlement: r.settlement, Message: fmt.Sprintf(format, args...)}
	}
	if strings.TrimSpace(v.Reason) == "" {
		return refuse("a reversal needs a reason")
	}
	if err := r.e.measure(ctx); err != nil {
		return err
	}
	h, err := r.e.history(ctx, r.settlement)
	if err != nil {
		return err
	}
	latest := 0
	for s, p := range h.sets {
		if p.manifest != nil && !s.reversal {
			latest = max(latest, s.revision)
		}
	}
	switch {
	case latest == 0:
		return refuse("the log knows of nothing that was booked of it")
	case v.Revision != 0 && v.Revision != latest:
		return refuse("revision %d is not the latest, which is %d", v.Revision, latest)
	}
	r.set = set{revision: latest}
	h, err = r.settle(ctx, h)
	r.set.reversal = true
	if err != nil {
		return err
	}
	v = asBegun(v, h.of(r.set))
	gone, err := r.mirrors(ctx, h, v)
	if err != nil {
		return err
	}
	if len(r.entries) == 0 && len(gone) == 0 {
		if h.of(r.set).reversal != nil { // and the ledger holds nothing of it
			r.state = StateReversed
			return nil
		}
		return refuse("nothing of revision %d is booked, or all of it is reversed already", latest)
	}
	if err := r.ask(ctx, h, v); err != nil {
		return err
	}
	if err := r.run(ctx); err != nil || r.state == StateAwaitingApproval {
		return err
	}
	for _, key := range gone {
		if err := r.noteReversed(ctx, key, v.Reason+"; the ledger no longer holds it"); err != nil {
			return err
		}
	}
	return nil
}

// Reversal returns the reversal of a revision as it was asked for last, and
// whether anybody asked for one. It says nothing of how far that came:
// [Engine.Reverse] goes on with it, or finds all of it booked.
func (e *Engine) Reversal(ctx context.Context, settlement string, revision int) (Reversal, bool, error) {
	h, err := e.history(ctx, fold(settlement))
	if err != nil {
		return Reversal{}, false, err
	}
	asked := h.of(set{revision, true}).reversal
	if asked == nil {
		return Reversal{}, false, nil
	}
	return asked.asked(), true, nil
}

// asked reads what ask wrote.
func (r *Record) asked() Reversal {
	v := Reversal{Settlement: r.Settlement, Revision: r.Revision, Reason: r.Reason}
	v.Period, _ = strconv.Atoi(r.Inputs["period"])
	v.Date, _ = ledgermap.ParseDate(r.Inputs["date"])
	v.Meant, _ = ledgermap.ParseDate(r.Inputs["meant"]) // absent where it did not move
	return v
}

// unreversed returns the keys of the revision's documents that are in the
// ledger, or may be, and are not reversed.
func (h *history) unreversed(revision int) ([]string, error) {
	var left []string
	for text, p := range h.of(set{revision: revision}).docs {
		key, err := ParseKey(text)
		if err != nil {
			return nil, err
		}
		if key.Ordinal <= ledgermap.ReversalOffset && p.fixed() {
			left = append(left, text)
		}
	}
	return left, nil
}

// asBegun keeps date and period of a reversal that has sent a document.
func asBegun(v Reversal, s *setPast) Reversal {
	if s.reversal == nil {
		return v
	}
	for _, p := range s.docs {
		if p.fixed() {
			return s.reversal.asked()
		}
	}
	return v
}

// mirrors enters the mirror of every booked document into the round, and
// returns the keys of those that are no longer in the ledger.
func (r *round) mirrors(ctx context.Context, h *history, v Reversal) (gone []string, err error) {
	main := set{revision: r.set.revision}
	docs := h.of(main).docs
	for _, text := range slices.Sorted(maps.Keys(docs)) {
		p := docs[text]
		key, err := ParseKey(text)
		if err != nil {
			return nil, err
		}
		mirror := h.doc(r.set, r.key(key.Ordinal+ledgermap.ReversalOffset).String())
		switch {
		case key.Ordinal > ledgermap.ReversalOffset:
			continue // itself a mirror, of a receipt whose money came back
		case !p.booked() && !mirror.fixed():
			continue
		}
		was, err := p.bookedDocument()
		if err != nil {
			return nil, err
		}
		if !mirror.fixed() {
			original := Entry{Key: key, Kind: was.Kind(), Batch: key.Batch(was.Kind()), Currency: was.Currency(), Document: was}
			_, err := r.e.ledger.Find(ctx, original)
			if errors.Is(err, ErrNotFound) {
				gone = append(gone, text)
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("booking: document %s: looking for batch %s, nothing was sent: %w", text, original.Batch, err)
			}
		}
		if err := r.mirror(was, v.Period, v.Date, v.Meant); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.entries, func(a, b *line) int { return a.Key.Ordinal - b.Key.Ordinal })
	return gone, nil
}

// mirror enters the document's mirror into the round.
func (r *round) mirror(was ledgermap.Document, period int, date, meant ledgermap.Date) error {
	d, err := ledgermap.Mirror(was, period, date, meant)
	if err != nil {
		return fmt.Errorf("booking: the mirror of document %d of settlement %s: %w", was.Ordinal(), r.settlement, err)
	}
	l, err := r.line(d)
	if err != nil {
		return err
	}
	r.entries = append(r.entries, l)
	return nil
}

// ask logs who wants the reversal, and why.
func (r *round) ask(ctx context.Context, h *history, v Reversal) error {
	items, err := json.Marshal(r.items())
	if err != nil {
		return fmt.Errorf("booking: settlement %s: %w", r.settlement, err)
	}
	sum := sha256.Sum256(append([]byte("amazon-vantagepoint/reversal/1\n"+v.Reason+"\n"), items...))
	r.hash = hex.EncodeToString(sum[:])
	if s := h.of(r.set).reversal; s != nil && s.Digest == r.hash {
		return nil
	}
	rec := r.record(EventReversal)
	rec.Reason, rec.Digest = v.Reason, r.hash
	rec.Inputs = map[string]string{"period": strconv.Itoa(v.Period), "date": v.Date.String()}
	if !v.Meant.IsZero() {
		rec.Inputs["meant"] = v.Meant.String()
	}
	_, err = r.e.log.Append(ctx, rec)
	return err
}

// noteReversed logs that the document's mirror is booked, or that there is
// nothing left to mirror.
func (r *round) noteReversed(ctx context.Context, key, why string) error {
	rec := r.record(EventReversed)
	rec.Reversal = false // it is a move of the original
	rec.Key, rec.Reason, rec.Claim = key, why, key+" reversed"
	if _, err := r.e.log.Append(ctx, rec); err != nil && !errors.Is(err, ErrClaimed) {
		return fmt.Errorf("booking: document %s: %w", key, err)
	}
	return nil
}

// reversed logs, for every mirror that the ledger shows, that its original is
// reversed.
func (r *round) reversed(ctx context.Context) error {
	for _, l := range r.entries {
		if l.Key.Ordinal <= ledgermap.ReversalOffset || l.booked == nil {
			continue
		}
		original := r.key(l.Key.Ordinal - ledgermap.ReversalOffset).String()
		if err := r.noteReversed(ctx, original, "its mirror is batch "+l.Batch); err != nil {
			return err
		}
	}
	return nil
}

// returned enters the mirror of a receipt that was booked before Amazon said
// that its money did not arrive: the plan then holds the failed transfer
// instead of the receipt.
func (r *round) returned(h *history) error {
	i := slices.IndexFunc(r.entries, func(l *line) bool { return l.Key.Ordinal == ledgermap.FailedTransfer })
	planned := slices.ContainsFunc(r.entries, func(l *line) bool { return l.Key.Ordinal == ledgermap.TransferLeg })
	p := h.doc(r.set, r.key(ledgermap.TransferLeg).String())
	if i < 0 || planned || p == nil || !p.booked() && p.stage != stageReversed {
		return nil
	}
	was, err := p.bookedDocument()
	if err != nil || was.Kind() != ledgermap.Receipt {
		return err
	}
	original, err := r.line(was)
	if err != nil {
		return err
	}
	original.reversed, original.waits, original.item.Waiting = true, false, false
	failed := r.entries[i]
	r.entries = slices.Insert(r.entries, i, original)
	if err := r.mirror(was, failed.Document.Period(), failed.Document.Date(), ledgermap.Date{}); err != nil {
		return err
	}
	// The mirror goes before the failed transfer; if it was sent already, it is
	// what it was, whatever the date of the failure is now said to be.
	last := r.entries[len(r.entries)-1]
	r.entries = slices.Insert(r.entries[:len(r.entries)-1], i+1, last)
	if m := h.doc(r.set, last.item.Key); m.fixed() {
		sent, err := m.bookedDocument()
		if err != nil {
			return err
		}
		again, err := r.line(sent)
		if err != nil {
			return err
		}
		r.entries[i+1] = again
	}
	return nil
}
