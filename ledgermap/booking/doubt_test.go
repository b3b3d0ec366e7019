package booking_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// cut runs the plan and ends the process while it sends the document of that number, which arrives or does not. What the log
// knows of it afterwards is that it is in doubt.
func (w *world) cut(plan *ledgermap.Plan, ordinal int, arrives bool) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	w.cfg.Ledger = &flaky{Books: w.books, book: func(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
		if e.Key.Ordinal != ordinal {
			return w.books.Book(ctx, e)
		}
		defer cancel()
		if arrives {
			_, _ = w.books.Book(ctx, e)
		}
		return booking.Receipt{}, booking.ErrUnanswered
	}}
	if _, err := w.engine().Run(ctx, plan); !errors.Is(err, context.Canceled) {
		w.t.Fatalf("error %v", err)
	}
	w.cfg.Ledger = w.books
}

// bounced is the settlement whose money came back.
func bounced(t *testing.T) *ledgermap.Plan {
	t.Helper()
	return planOf(t, january(t), february(t), failed(t))
}

// What is in doubt is looked for as it was sent, whatever the plan says now, until it shows or can no longer arrive.
func TestAPlanThatChangedFirstSettlesWhatIsInDoubtAsItWasSent(t *testing.T) {
	conflict := func(err error) bool {
		c, ok := errors.AsType[*booking.ConflictError](err)
		return ok && c.Where == "log" && len(c.Diff) == 2
	}
	refused := func(code string) func(error) bool {
		return func(err error) bool {
			r, ok := errors.AsType[*booking.RefusedError](err)
			return ok && r.Code == code
		}
	}
	booked := func(err error) bool { return err == nil }
	changed := func(t *testing.T) *ledgermap.Plan { return planOf(t, projects(t), february(t), receipt(t, "")) }
	without := func(t *testing.T) *ledgermap.Plan { return planOf(t, january(t), receipt(t, "")) }
	for name, c := range map[string]struct {
		ordinal int // of the document in doubt
		arrived bool
		plan    func(*testing.T) *ledgermap.Plan
		check   func(error) bool
		events  []string // of the second run
		once    int
	}{
		"another content, shown": {1, true, changed, conflict, []string{"created 1.1", "conflict 1.1"}, 1},
		"another content, lost": {1, false, changed, booked, []string{
			"refused 1.1", "planned", "manifest", "intent 1.1", "created 1.1", "intent 2.1", "created 2.1", "intent 201.1", "created 201.1",
		}, 3},
		"no longer planned, shown": {2, true, without, refused(booking.CodeDocuments), []string{"created 2.1"}, 2},
		"no longer planned, lost":  {2, false, without, booked, []string{"refused 2.1", "planned", "manifest", "intent 201.1", "created 201.1"}, 2},
		"a receipt whose money came back, shown": {ledgermap.TransferLeg, true, bounced, booked, []string{
			"created 201.1", "planned", "manifest", "intent 1201.1", "created 1201.1", "intent 202.1", "created 202.1", "reversed 201.1",
		}, 5},
		"a receipt whose money came back, lost": {ledgermap.TransferLeg, false, bounced, booked, []string{
			"refused 201.1", "planned", "manifest", "intent 202.1", "created 202.1",
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.cut(paid(t), c.ordinal, c.arrived)
				before, sent := len(w.events()), time.Now()
				_, err := w.run(c.plan(t))
				if !c.check(err) {
					t.Errorf("error %v", err)
				}
				if diff := cmp.Diff(c.events, w.events()[before:]); diff != "" {
					t.Error(diff)
				}
				if waited := time.Since(sent); c.arrived != (waited == 0) || !c.arrived && waited != 2*time.Minute {
					t.Errorf("waited %s", waited)
				}
				w.once(c.once)
				if again, err := w.run(c.plan(t)); !c.check(err) || again.Sent != 0 {
					t.Errorf("again: %+v, %v", again, err)
				}
			})
		})
	}
}

// A ledger that cannot be looked at settles nothing.
func TestWhatIsInDoubtIsNotTakenForLostWithoutALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cut(paid(t), 1, true)
		before := len(w.events())
		w.cfg.Ledger = &blind{Books: w.books, sent: true}
		if _, err := w.run(planOf(t, projects(t))); !errors.Is(err, errGone) {
			t.Errorf("error %v", err)
		}
		if events := w.events()[before:]; len(events) > 0 {
			t.Errorf("logged %v", events)
		}
	})
}

// A reversal settles what is in doubt as a run does: what shows is mirrored, what was lost needs no mirror.
func TestAReversalSettlesWhatIsInDoubt(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.cut(paid(t), 2, arrived)
			mirrors := map[bool]int{true: 2, false: 1}[arrived]
			res, err := w.reverse("wrong")
			if err != nil || res.State != booking.StateReversed || res.Sent != mirrors {
				t.Errorf("arrived %v: %+v, %v", arrived, res, err)
			}
			if got := w.balances(); len(got) > 0 {
				t.Errorf("arrived %v: left on accounts: %v", arrived, got)
			}
			w.once(2 * mirrors)
		})
	}
}

// What the ledger said it booked is never taken for lost.
func TestAnAnsweredDocumentThatIsNotShownIsNeverPlannedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first := intent(t, january(t))
		w.append(first)
		first.Event, first.Document = booking.EventAnswered, nil
		w.append(first)
		time.Sleep(5 * time.Minute) // of the bubble
		_, err := w.run(planOf(t, projects(t)))
		wantCode(t, err, booking.CodeMissing)
		w.append(booking.Record{Event: booking.EventManifest})
		_, err = w.reverse("wrong")
		wantCode(t, err, booking.CodeMissing)
		w.once(0)
	})
}

// A worker that still has the old plan sends again just when the new plan takes its request for lost.
func TestWhatIsSentAgainMeanwhileIsWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cut(paid(t), 1, false)
		w.cfg.Log = &sharedLog{Log: w.log, event: booking.EventRefused, before: func() {
			second := intent(t, january(t))
			second.Attempt = 2
			w.append(second)
			_, _ = w.books.Book(t.Context(), booking.Entry{Batch: batchOf(t, second), Ref: sid + "A", Document: january(t)})
		}}
		_, err := w.run(planOf(t, projects(t)))
		if _, ok := errors.AsType[*booking.ConflictError](err); !ok {
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff([]string{"intent 1.1", "intent 1.1", "refused 1.1", "created 1.1", "conflict 1.1"}, w.events()[2:]); diff != "" {
			t.Error(diff)
		}
		w.once(1)
	})
}

func batchOf(t *testing.T, r booking.Record) string {
	t.Helper()
	key, err := booking.ParseKey(r.Key)
	if err != nil {
		t.Fatal(err)
	}
	return key.Batch(ledgermap.Journal)
}

// Another tenant's books cannot tell what became of a request.
func TestWhatWasSentToOtherBooksIsNotTakenForLost(t *testing.T) {
	w := newWorld(t)
	w.cut(paid(t), 1, true)
	before := len(w.events())
	w.cfg.Tenant.Company = "CA"
	_, err := w.run(planOf(t, january(t)))
	wantCode(t, err, booking.CodeState)
	_, err = w.reverse("wrong")
	wantCode(t, err, booking.CodeState)
	if events := w.events()[before:]; len(events) > 0 {
		t.Errorf("logged %v", events)
	}
}

// Whatever is lost, late or cut off while two workers have different plans, the books hold one of the plans in the end, once.
func TestTwoWorkersWithDifferentPlansAndLostAnswersBookOnePlanOnce(t *testing.T) {
	const seed = 23
	plans := []func(testing.TB) *ledgermap.Plan{
		paid,
		func(t testing.TB) *ledgermap.Plan { return planOf(t, projects(t), february(t), receipt(t, "")) },
		func(t testing.TB) *ledgermap.Plan { return planOf(t, january(t), receipt(t, "")) },
		func(t testing.TB) *ledgermap.Plan { return planOf(t, projects(t), receipt(t, "")) },
	}
	won := map[int]int{}
	for run := range logtest.Runs(1000) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.books.TakesDuplicates = run%2 == 0
			rng := rand.New(rand.NewPCG(seed, uint64(run)))
			chosen := rng.Perm(len(plans))[:2]
			var workers sync.WaitGroup
			for n, plan := range chosen {
				mine := rand.New(rand.NewPCG(seed+uint64(n)+1, uint64(run)))
				cfg := w.cfg
				cfg.Ledger = &network{Books: w.books, rng: mine, what: map[string]int{}}
				workers.Go(func() {
					for range 4 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(mine.Int64N(int64(5*time.Minute))))
						e, err := booking.New(cfg)
						if err != nil {
							t.Error(err)
						}
						_, _ = e.Run(ctx, plans[plan](t)) // cut off, overtaken, in conflict or done
						cancel()
						time.Sleep(time.Duration(mine.Int64N(int64(time.Minute)))) // of the bubble
					}
				})
			}
			workers.Wait()
			time.Sleep(5 * time.Minute) // whatever was still on its way
			var errs []error
			for _, plan := range chosen {
				res, err := w.run(plans[plan](t))
				if err == nil {
					won[plan]++
					w.once(len(res.Documents))
					return
				}
				errs = append(errs, err)
			}
			t.Errorf("run %d: neither plan can be booked: %v", run, errs)
		})
	}
	t.Logf("seed %d: runs by the plan that was booked: %v", seed, won)
	if len(won) < len(plans) {
		t.Errorf("only the plans %v were booked", won)
	}
}
