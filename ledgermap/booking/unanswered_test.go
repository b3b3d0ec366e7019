package booking_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

func TestAnUnansweredRequestThatBookedIsFoundAndNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
			if _, err := w.books.Book(context.WithoutCancel(ctx), e); err != nil {
				return booking.Receipt{}, err
			}
			<-ctx.Done() // the answer never comes
			return booking.Receipt{}, ctx.Err()
		}}
		res := w.mustRun(paid(t))
		if res.Sent != 3 || w.books.Calls()["book"] != 3 {
			t.Errorf("sent %d documents in %d requests", res.Sent, w.books.Calls()["book"])
		}
		w.once(3)
	})
}

func TestR4_3_AnUnansweredRequestIsSentAgainOnlyAfterTheTimeInWhichItCanArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var sent []time.Time
		w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
			sent = append(sent, time.Now())
			if len(sent) == 1 {
				return booking.Receipt{}, errors.New("connection reset by peer")
			}
			return w.books.Book(ctx, e)
		}}
		w.mustRun(planOf(t, january(t)))
		if len(sent) != 2 || sent[1].Sub(sent[0]) < 2*time.Minute {
			t.Errorf("sent at %v", sent)
		}
		w.once(1)
	})
}

func TestALedgerThatNeverAnswersIsGivenUpAndResumedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := &flaky{Books: w.books, book: func(context.Context, booking.Entry) (booking.Receipt, error) {
			return booking.Receipt{}, booking.ErrUnanswered
		}}
		w.cfg.Ledger = f
		res, err := w.run(paid(t))
		if !errors.Is(err, booking.ErrUnanswered) || res.State != booking.StateBooking {
			t.Fatalf("state %s, error %v", res.State, err)
		}
		f.book = w.books.Book
		w.mustRun(paid(t))
		w.once(3)
	})
}

func TestALateArrivalWithinTheWaitIsNotDoubled(t *testing.T) {
	for _, takes := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.books.TakesDuplicates = takes
			var late []booking.Entry
			w.cfg.Ledger = &flaky{Books: w.books, book: func(_ context.Context, e booking.Entry) (booking.Receipt, error) {
				late = append(late, e)
				go func() {
					time.Sleep(110 * time.Second) // of the bubble; inside Patience
					_, _ = w.books.Book(context.Background(), e)
				}()
				return booking.Receipt{}, context.DeadlineExceeded
			}}
			w.mustRun(paid(t))
			if len(late) != 3 {
				t.Errorf("sent %d times, want 3", len(late))
			}
			w.once(3)
		})
	}
}
