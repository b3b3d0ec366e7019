package booking_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// A ledger that takes a request, or says that it has the batch, and never shows it, is not asked to book it again.
func TestABatchThatTheLedgerSaysItHasAndDoesNotShowIsLookedForByAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		event  string
	}{
		"it said yes":         {nil, "answered 1.1"},
		"it said it has that": {fmt.Errorf("exists: %w", booking.ErrDuplicate), "refused 1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sent := 0
				w.cfg.Ledger = &flaky{Books: w.books, book: func(context.Context, booking.Entry) (booking.Receipt, error) {
					sent++
					return booking.Receipt{}, c.answer
				}}
				for range 2 {
					_, err := w.run(paid(t))
					wantCode(t, err, booking.CodeMissing)
					if c.answer != nil && (!errors.Is(err, booking.ErrDuplicate) || !strings.Contains(err.Error(), "exists")) {
						t.Errorf("it does not say what the ledger said: %v", err)
					}
				}
				if !slices.Contains(w.events(), c.event) {
					t.Errorf("the log does not hold %q: %v", c.event, w.events())
				}
				if c.answer == nil && sent != 1 {
					t.Errorf("sent %d times", sent)
				}
				w.once(0)
			})
		})
	}
}

// A ledger that neither answers nor can be looked at leaves the document in doubt, until it can.
func TestALedgerThatCannotBeLookedAtLeavesTheDocumentInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l := &blind{Books: w.books}
		w.cfg.Ledger = l
		if _, err := w.run(paid(t)); !errors.Is(err, errGone) || !strings.Contains(err.Error(), "looking for batch") {
			t.Errorf("error %v", err)
		}
		if events := w.events(); events[len(events)-1] != "intent 1.1" {
			t.Errorf("the log ends with %v", events)
		}
		w.cfg.Ledger = w.books
		w.mustRun(paid(t))
		w.once(3)
	})
}

// blind books cannot be looked at any more from the first request on.
type blind struct {
	*logtest.Books
	sent bool
}

func (b *blind) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	b.sent = true
	_, _ = b.Books.Book(ctx, e)
	return booking.Receipt{}, booking.ErrUnanswered
}

func (b *blind) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	if b.sent {
		return booking.Booked{}, errGone
	}
	return b.Books.Find(ctx, e)
}

// showing books show in their answers what they hold; after that nobody needs to look.
type showing struct {
	*logtest.Books
	spoil func(*booking.Booked)
}

func (s showing) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	receipt, err := s.Books.Book(ctx, e)
	if err != nil {
		return receipt, err
	}
	return s.show(ctx, e, receipt)
}

func (s showing) Post(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	receipt, err := s.Books.Post(ctx, e)
	if err != nil {
		return receipt, err
	}
	return s.show(ctx, e, receipt)
}

func (s showing) show(ctx context.Context, e booking.Entry, receipt booking.Receipt) (booking.Receipt, error) {
	b, err := s.Find(ctx, e)
	if s.spoil != nil {
		s.spoil(&b)
	}
	receipt.Booked = &b
	return receipt, err
}

func TestWhatTheAnswerShowsIsReadInsteadOfALook(t *testing.T) {
	w := newWorld(t)
	w.cfg.Post = true
	w.cfg.Ledger = showing{Books: w.books}
	if res := w.mustRun(paid(t)); res.State != booking.StatePosted || res.Sent != 3 {
		t.Errorf("%+v", res)
	}
	plain := newWorld(t)
	plain.cfg.Post = true
	plain.mustRun(paid(t))
	// The showing ledger itself looks once for each of the six answers.
	if got, want := w.books.Calls()["find"], plain.books.Calls()["find"]; got != want {
		t.Errorf("%d looks, six of them the ledger's own, against %d", got, want)
	}
	w = newWorld(t)
	w.cfg.Ledger = showing{w.books, func(b *booking.Booked) { b.Period++ }}
	if _, err := w.run(paid(t)); !errors.Is(err, booking.ErrConflict) {
		t.Errorf("an answer that shows another period: %v", err)
	}
	w.once(1)
}

// idle books take every request to post and do nothing.
type idle struct{ *logtest.Books }

func (idle) Post(context.Context, booking.Entry) (booking.Receipt, error) {
	return booking.Receipt{}, nil
}

func TestAPostingThatTheLedgerDoesNotShowIsTold(t *testing.T) {
	w := newWorld(t)
	w.cfg.Post = true
	w.cfg.Ledger = idle{w.books}
	res, err := w.run(paid(t))
	if err == nil || !strings.Contains(err.Error(), "does not show the batch as posted") || res.State != booking.StateBooking {
		t.Errorf("state %s, error %v", res.State, err)
	}
	w.cfg.Ledger = w.books
	if res := w.mustRun(paid(t)); res.State != booking.StatePosted {
		t.Errorf("state %s", res.State)
	}
	w.once(3)
}
