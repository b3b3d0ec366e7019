package booking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// document brings one document into the ledger, the log, and, if wanted, the
// general ledger.
func (r *round) document(ctx context.Context, l *line) error {
	if l.booked == nil && l.waits {
		return nil
	}
	for sends := 0; l.booked == nil; {
		h, err := r.e.history(ctx, r.settlement)
		if err != nil {
			return err
		}
		p := h.doc(r.set, l.item.Key)
		if p.fixed() && p.digest != l.Document.Digest() {
			return r.overtaken()
		}
		if p.fixed() && p.stage != stageInDoubt {
			// Another worker was faster, or the ledger said yes to an earlier run.
			if err := r.look(ctx, l); err != nil {
				return r.unseen(l, err)
			}
			continue
		}
		if p.fixed() {
			// Sent, or about to be sent, by this run, a dead one, or another worker.
			lost, err := r.await(ctx, l, p.intent)
			if err != nil {
				return err
			}
			if !lost {
				continue
			}
		}
		if sends == r.e.cfg.Attempts {
			return fmt.Errorf("booking: document %s: sent %d times as batch %s, and %w; the ledger does not show it. Run it again when the ledger answers",
				l.item.Key, sends, l.Batch, ErrUnanswered)
		}
		claimed, err := r.send(ctx, l, p)
		if err != nil {
			return err
		}
		if claimed {
			sends++
		}
	}
	if err := r.confirm(ctx, l); err != nil {
		return err
	}
	return r.post(ctx, l)
}

// look takes what the ledger shows as the document. The error is ErrNotFound
// if it shows nothing.
func (r *round) look(ctx context.Context, l *line) error {
	b, err := r.e.ledger.Find(ctx, l.Entry)
	if err != nil {
		return err
	}
	return r.take(ctx, l, b)
}

// await looks for a document in doubt until the ledger shows it or the log
// knows its outcome, or until the time has passed in which its request can
// still arrive: then it is lost, as a look after that time showed.
func (r *round) await(ctx context.Context, l *line, intent Record) (lost bool, err error) {
	until := intent.Time.Add(r.e.cfg.Patience)
	// The clock of the machine that sent it may be ahead; no request lives
	// longer than Patience from now.
	if most := r.now().Add(r.e.cfg.Patience); until.After(most) {
		until = most
	}
	pause := r.e.cfg.Patience / 512
	for {
		late := !r.now().Before(until)
		l.Glance = !late
		b, err := r.e.ledger.Find(ctx, l.Entry)
		l.Glance = false
		switch {
		case err == nil:
			return false, r.take(ctx, l, b)
		case late && errors.Is(err, ErrNotFound):
			return true, nil
		case late:
			return false, fmt.Errorf("booking: document %s: looking for batch %s: %w", l.item.Key, l.Batch, err)
		}
		// Before that time, neither an empty answer nor a failed look proves
		// anything.
		r.e.cfg.Logger.InfoContext(ctx, "waiting for the outcome of a request", "key", l.item.Key, "batch", l.Batch,
			"attempt", intent.Attempt, "actor", intent.Actor, "until", until, "look", err)
		if err := sleep(ctx, min(pause, until.Sub(r.now()))); err != nil {
			return false, fmt.Errorf("booking: document %s is in the hands of %s since %s, and its outcome is not known yet: %w: %w",
				l.item.Key, intent.Actor, intent.Time.Format(time.RFC3339), ErrClaimed, err)
		}
		pause = min(2*pause, r.e.cfg.Patience/8)
		h, err := r.e.history(ctx, r.settlement)
		if err != nil {
			return false, err
		}
		if p := h.doc(r.set, l.item.Key); p.attempts != intent.Attempt || p.stage != stageInDoubt && p.stage != stageAnswered {
			return false, nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// lookLasts is how long before a document's first request the survey may have
// looked for it. In that time a stranger, who books without this log, can come
// between, as between any look and the request; then the ledger's refusal of a
// second batch of one name is what is left.
const lookLasts = 10 * time.Second

// send claims the next attempt, durably, looks once more unless the survey just
// did, and sends; claimed is false if another worker has the attempt. Whether
// the document is in the ledger afterwards is for the caller to see; an error
// ends the run.
func (r *round) send(ctx context.Context, l *line, p *past) (claimed bool, err error) {
	rec := r.of(l, EventIntent)
	rec.Attempt = 1
	if p != nil {
		rec.Attempt = p.attempts + 1
	}
	rec.Claim = fmt.Sprintf("%s attempt %d", l.item.Key, rec.Attempt)
	rec.Totals = &l.item.Totals
	rec.Document, err = json.Marshal(l.Document)
	if err != nil {
		return false, fmt.Errorf("booking: document %s: %w", l.item.Key, err)
	}
	intent, err := r.e.log.Append(ctx, rec)
	if errors.Is(err, ErrClaimed) {
		r.find(FindingClaimed, err.Error())
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("booking: document %s: logging the intent, it was not sent: %w", l.item.Key, err)
	}
	h, err := r.e.history(ctx, r.settlement)
	if err != nil {
		return true, err
	}
	if !r.stillMine(h) {
		return true, errors.Join(r.overtaken(), r.refused(ctx, l, intent, errors.New("not sent: another plan became the manifest")))
	}
	// A first attempt that is ours alone cannot have been sent by anybody else who
	// shares the log: the survey's look was enough, if it was a moment ago.
	if first := intent.Attempt == 1; !first || r.now().Sub(l.looked) > lookLasts {
		l.Glance = l.surveyed && first
		err = r.look(ctx, l)
		l.Glance = false
		if !errors.Is(err, ErrNotFound) {
			return true, err
		}
	}
	last := rec.Time.Add(r.e.cfg.Timeout)
	left := last.Sub(r.now())
	if left <= 0 {
		// From here on others may believe that the request is lost.
		return true, r.refused(ctx, l, intent, errors.New("not sent: logging the intent took longer than a request may take"))
	}
	bookCtx, cancel := context.WithTimeout(ctx, left)
	receipt, err := r.e.ledger.Book(bookCtx, l.Entry)
	cancel()
	return true, r.answer(ctx, l, intent, receipt, err)
}

// answer reads what the ledger said to a request that books.
func (r *round) answer(ctx context.Context, l *line, intent Record, receipt Receipt, err error) error {
	switch {
	case err == nil:
		l.sent = true
		var b Booked
		if receipt.Booked != nil {
			b = *receipt.Booked
		} else {
			b, err = r.e.ledger.Find(ctx, l.Entry)
		}
		if err == nil {
			b.Requests = append(b.Requests, receipt.Requests...)
			return r.take(ctx, l, b)
		}
		// It said yes and does not show it. That is logged, because from now on
		// the document must never be sent again.
		rec := r.of(l, EventAnswered)
		rec.Attempt, rec.Requests, rec.Reason = intent.Attempt, receipt.Requests, err.Error()
		if _, err := r.e.log.Append(ctx, rec); err != nil {
			return fmt.Errorf("booking: document %s: %w", l.item.Key, err)
		}
		_, err := r.await(ctx, l, intent) // if it is lost, the next look says so
		return err
	case errors.Is(err, ErrDuplicate):
		// Somebody was first: an earlier attempt, a proxy that repeats requests,
		// another machine. What is there now decides.
		if seen := r.look(ctx, l); !errors.Is(seen, ErrNotFound) {
			l.sent = seen == nil
			return seen
		}
		return errors.Join(r.refused(ctx, l, intent, err), &RefusedError{
			Code: CodeMissing, Settlement: r.settlement, Key: l.item.Key, Err: err,
			Message: fmt.Sprintf("the ledger says that batch %s exists, and does not show it: look whether it belongs to another company or was posted and removed", l.Batch),
		})
	case errors.Is(err, ErrNotSent):
		return errors.Join(r.refused(ctx, l, intent, err), fmt.Errorf("booking: document %s: run it again when the ledger answers: %w", l.item.Key, err))
	case errors.Is(err, ErrRefused):
		refusal, ok := errors.AsType[*RefusedError](err)
		if !ok {
			refusal = &RefusedError{Code: CodeInvalid, Err: err, Message: "the ledger does not take it as it is; nothing of it was booked. Mend the cause and run it again"}
		}
		refusal.Settlement, refusal.Key = r.settlement, l.item.Key
		return errors.Join(r.refused(ctx, l, intent, err), refusal)
	}
	r.e.cfg.Logger.WarnContext(ctx, "a request that books was not answered", "key", l.item.Key, "batch", l.Batch, "attempt", intent.Attempt, "error", err)
	l.sent = true // if it is there at the end, this run put it there
	return nil
}

// refused logs that the attempt booked nothing, so that the next one need not
// wait.
func (r *round) refused(ctx context.Context, l *line, intent Record, why error) error {
	rec := r.of(l, EventRefused)
	rec.Attempt, rec.Reason = intent.Attempt, why.Error()
	_, err := r.e.log.Append(context.WithoutCancel(ctx), rec)
	return err
}

// unseen says what to do where the ledger said yes and shows nothing.
func (r *round) unseen(l *line, err error) error {
	if err == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	return &RefusedError{
		Code: CodeMissing, Settlement: r.settlement, Key: l.item.Key,
		Message: fmt.Sprintf("the ledger said that it booked batch %s and does not show it: look for it there before anything else", l.Batch),
	}
}

// confirm logs that the ledger shows the document as it was planned.
func (r *round) confirm(ctx context.Context, l *line) error {
	h, err := r.e.history(ctx, r.settlement)
	if err != nil {
		return err
	}
	p := h.doc(r.set, l.item.Key)
	if !p.booked() && (p == nil || p.stage != stageReversed) {
		rec := r.of(l, EventCreated)
		if !p.fixed() {
			rec.Event = EventFound
			content, err := json.Marshal(l.Document)
			if err != nil {
				return fmt.Errorf("booking: document %s: %w", l.item.Key, err)
			}
			rec.Document = content
		}
		seen, err := totals(l.booked.Lines, l.Currency)
		if err != nil {
			return err
		}
		rec.Ref, rec.Batch, rec.Requests, rec.Totals = l.booked.Ref, l.booked.Batch, l.booked.Requests, &seen
		rec.Claim = l.item.Key + " booked"
		if _, err := r.e.log.Append(ctx, rec); err != nil && !errors.Is(err, ErrClaimed) {
			return fmt.Errorf("booking: document %s is in the ledger as batch %s; logging that failed, run it again: %w", l.item.Key, l.Batch, err)
		}
	}
	if l.sent {
		l.state = DocumentCreated
	}
	return nil
}

// post posts the batch if that is configured, and logs that it is posted,
// whoever did it.
func (r *round) post(ctx context.Context, l *line) error {
	if !l.booked.Posted && r.e.cfg.Post {
		poster, ok := r.e.ledger.(Poster)
		if !ok {
			return errors.New("booking: this ledger cannot post")
		}
		receipt, perr := poster.Post(ctx, l.Entry)
		// Whatever it answered, what the ledger shows counts.
		var err error
		if receipt.Booked != nil {
			err = r.take(ctx, l, *receipt.Booked)
		} else {
			err = r.look(ctx, l)
		}
		if err != nil {
			return errors.Join(perr, fmt.Errorf("booking: document %s: looking at batch %s after posting: %w", l.item.Key, l.Batch, err))
		}
		if !l.booked.Posted {
			if perr == nil {
				perr = errors.New("the ledger accepted the request and does not show the batch as posted")
			}
			return fmt.Errorf("booking: document %s is booked as batch %s and not posted; post it in the ledger or run it again: %w", l.item.Key, l.Batch, perr)
		}
	}
	if !l.booked.Posted {
		return nil
	}
	rec := r.of(l, EventPosted)
	rec.Claim = l.item.Key + " posted"
	if _, err := r.e.log.Append(ctx, rec); err != nil && !errors.Is(err, ErrClaimed) {
		return fmt.Errorf("booking: document %s is posted; logging that failed, run it again: %w", l.item.Key, err)
	}
	return nil
}

// invoicesPosted lets go of what waits for the settlement's invoices, once the
// ledger shows them all as posted.
func (r *round) invoicesPosted() bool {
	released, invoices := false, false
	for _, l := range r.entries {
		if l.Kind == ledgermap.Invoice {
			invoices = true
			if l.booked == nil || !l.booked.Posted {
				return false
			}
		}
	}
	for _, l := range r.entries {
		if invoices && l.waits && l.booked == nil && l.Document.WaitsFor() == ledgermap.WaitInvoice {
			l.waits, l.item.Waiting, released = false, false, true
		}
	}
	return released
}
