package booking_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// A network that loses, delays and repeats, by the seed.
type network struct {
	*logtest.Books
	rng  *rand.Rand
	what map[string]int
}

func (n *network) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	arrive := func() (booking.Receipt, error) { return n.Books.Book(context.WithoutCancel(ctx), e) }
	switch n.rng.IntN(6) {
	case 0:
		n.what["booked, no answer"]++
		_, _ = arrive()
		<-ctx.Done()
		return booking.Receipt{}, ctx.Err()
	case 1:
		n.what["answered after the time-out"]++
		_, _ = arrive()
		<-ctx.Done()
		time.Sleep(time.Second) // of the bubble
		return booking.Receipt{}, ctx.Err()
	case 2:
		n.what["arrived after the time-out"]++
		late := time.Minute + time.Duration(n.rng.Int64N(int64(time.Minute)))
		go func() {
			time.Sleep(late - time.Millisecond) // of the bubble
			_, _ = arrive()
		}()
		return booking.Receipt{}, errors.New("broken pipe")
	case 3:
		if n.TakesDuplicates {
			break // a repeated request is not to be helped there
		}
		n.what["repeated by a load balancer"]++
		_, _ = arrive()
		return arrive()
	case 4:
		n.what["never arrived"]++
		return booking.Receipt{}, errors.New("no route to host")
	}
	n.what["answered"]++
	return arrive()
}

func TestLostAnswersBookOnce(t *testing.T) {
	const seed = 11
	runs, lost, doubled := logtest.Runs(1000), 0, 0
	what := map[string]int{}
	for run := range runs {
		synctest.Test(t, func(t *testing.T) {
			kind := []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt}[run%3]
			plan, err := logtest.Plan(sid, kind)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.books.TakesDuplicates = run%2 == 0
			w.cfg.Ledger = &network{Books: w.books, rng: rand.New(rand.NewPCG(seed, uint64(run))), what: what}
			w.cfg.Attempts = 20
			res := w.mustRun(plan)
			time.Sleep(5 * time.Minute) // of the bubble; whatever was still on its way
			if res.State != booking.StateBooked || res.Sent != len(plan.Documents) {
				t.Errorf("run %d: %+v", run, res)
			}
			batches := w.books.Batches()
			lost += len(plan.Documents) - len(batches)
			for _, n := range batches {
				doubled += n - 1
			}
		})
	}
	t.Logf("lost answers, seed %d: %d runs, %v: %d lost, %d doubled", seed, runs, what, lost, doubled)
	if lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled", lost, doubled)
	}
}

// The tests above can fail: where nothing is waited for or nothing is looked
// up, the same network makes doubles.
func TestLostAnswersWouldDoubleWithoutTheWait(t *testing.T) {
	doubled := 0
	for run := range 50 {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.books.TakesDuplicates = true
			w.cfg.Ledger = &network{Books: w.books, rng: rand.New(rand.NewPCG(11, uint64(run))), what: map[string]int{}}
			w.cfg.Attempts, w.cfg.Timeout, w.cfg.Patience = 20, time.Millisecond, 2*time.Millisecond
			_, _ = w.run(planOf(t, january(t)))
			time.Sleep(5 * time.Minute) // of the bubble
			for _, n := range w.books.Batches() {
				doubled += n - 1
			}
		})
	}
	if doubled == 0 {
		t.Error("with a wait far too short nothing was doubled: the test proves nothing")
	}
}
