package booking_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A sharedLog lets another worker do something, once, before or after the log takes the first record of an event.
type sharedLog struct {
	booking.Log
	event         booking.Event
	before, after func()
}

func (l *sharedLog) Append(ctx context.Context, r booking.Record) (booking.Record, error) {
	mine := r.Event == l.event && (l.before != nil || l.after != nil)
	before, after := l.before, l.after
	if mine {
		l.before, l.after = nil, nil
	}
	if mine && before != nil {
		before()
	}
	r, err := l.Log.Append(ctx, r)
	if mine && after != nil {
		after()
	}
	return r, err
}

func (w *world) append(r booking.Record) {
	w.t.Helper()
	r.Seller, r.Settlement, r.Revision = seller, sid, max(r.Revision, 1)
	if _, err := w.log.Append(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
}

// intent is the record of a worker that is about to send the document.
func intent(t *testing.T, d ledgermap.Document) booking.Record {
	t.Helper()
	content, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	key := booking.Key{Tenant: booking.Tenant{Database: "ACME"}, Seller: seller, Settlement: sid, Ordinal: d.Ordinal(), Revision: 1}.String()
	return booking.Record{Event: booking.EventIntent, Key: key, Attempt: 1, Digest: d.Digest(), Document: content, Actor: "the other", Time: time.Now()}
}

// Of two workers with different plans of one settlement one books, whenever the other one comes.
func TestAWorkerWithAnotherPlanStopsAndSendsNothing(t *testing.T) {
	other := []booking.Item{{Key: "another document"}}
	for name, c := range map[string]struct {
		event         booking.Event
		before, after func(*world)
		last          string // of the log
	}{
		"the other's manifest comes first": {
			booking.EventManifest, func(w *world) { w.mustRun(planOf(t, january(t))) }, nil, "created 1.1",
		},
		"the other's manifest follows": {
			booking.EventIntent, func(w *world) { w.append(booking.Record{Event: booking.EventManifest, Documents: other}) }, nil, "refused 1.1",
		},
		"the other sends what the plan does not have": {
			booking.EventManifest, func(w *world) {
				w.append(intent(t, document(t, 3, "C", ledgermap.Journal, 202603, "2026-03-01", "", row{clearing, 100, 0, false}, row{"4000", 0, 100, false})))
			}, nil, "refused 1.1",
		},
		"the other sends first": {
			booking.EventManifest, nil, func(w *world) { w.append(intent(t, projects(t))) }, "intent 1.1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := &sharedLog{Log: w.log, event: c.event}
			if c.before != nil {
				l.before = func() { w.cfg.Log = w.log; c.before(w) }
			}
			if c.after != nil {
				l.after = func() { c.after(w) }
			}
			w.cfg.Log = l
			_, err := w.run(paid(t))
			wantCode(t, err, booking.CodeStale)
			events := w.events()
			if events[len(events)-1] != c.last {
				t.Errorf("the log ends with %s, want %s: %v", events[len(events)-1], c.last, events)
			}
			w.once(strings.Count(c.last, "created"))
		})
	}
}

// A worker with the same plan goes on with what the faster one logged and booked.
func TestAWorkerWithTheSamePlanGoesOnWithTheOthersWork(t *testing.T) {
	for _, event := range []booking.Event{booking.EventManifest, booking.EventIntent} {
		w := newWorld(t)
		w.cfg.Log = &sharedLog{Log: w.log, event: event, before: func() { w.cfg.Log = w.log; w.mustRun(paid(t)) }}
		if res := w.mustRun(paid(t)); res.BookedNow() || res.State != booking.StateBooked || !res.Settled {
			t.Errorf("overtaken at %s: %+v", event, res)
		}
		w.once(3)
	}
}

// What the faster worker booked and the ledger no longer shows is not sent again.
func TestWhatAnotherWorkerBookedAndTheLedgerLostIsMissed(t *testing.T) {
	w := newWorld(t)
	w.cfg.Log = &sharedLog{Log: w.log, event: booking.EventManifest, after: func() {
		w.cfg.Log = w.log
		res := w.mustRun(paid(t))
		w.books.Change(res.Documents[0].Batch, func(*booking.Booked) bool { return false })
	}}
	_, err := w.run(paid(t))
	wantCode(t, err, booking.CodeMissing)
	if n := w.books.Calls()["book"]; n != 3 {
		t.Errorf("%d requests that book", n)
	}
}

// A worker whose log takes longer than a request may take does not send: others may believe by then that it did.
func TestAnIntentThatTookTooLongToLogIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Log = &sharedLog{Log: w.log, event: booking.EventIntent, after: func() { time.Sleep(time.Minute) }} // of the bubble
		w.mustRun(planOf(t, january(t)))
		if diff := cmp.Diff([]string{"planned", "manifest", "intent 1.1", "refused 1.1", "intent 1.1", "created 1.1"}, w.events()); diff != "" {
			t.Error(diff)
		}
		if n := w.books.Calls()["book"]; n != 1 {
			t.Errorf("%d requests that book", n)
		}
	})
}

// No clock that is ahead makes a worker wait longer than a request can live.
func TestAClockThatIsAheadDoesNotLengthenTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ahead := intent(t, january(t))
		ahead.Time = time.Now().Add(24 * time.Hour)
		w.append(ahead)
		began := time.Now()
		w.mustRun(planOf(t, january(t)))
		if waited := time.Since(began); waited < 2*time.Minute || waited > 3*time.Minute {
			t.Errorf("waited %s", waited)
		}
		w.once(1)
	})
}

// clocked is a log with a clock of its own, which the machine's is hours ahead of or behind.
type clocked struct {
	booking.Log
	off time.Duration
}

func (c clocked) Now(context.Context) (time.Time, error) { return time.Now().Add(c.off), nil }

// Machines that share a log with a clock go by it: what one has just sent is not taken for lost by another, and not waited
// for longer than it can live, however far their own clocks are off.
func TestMachinesWhoseClocksAreHoursOffGoByTheLogsClock(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			log := clocked{w.log, off}
			w.cfg.Log = log
			other := intent(t, january(t)) // of another machine, a moment ago
			other.Time, _ = log.Now(t.Context())
			w.append(other)
			began := time.Now()
			w.mustRun(paid(t))
			if waited := time.Since(began); waited < 2*time.Minute || waited > 3*time.Minute {
				t.Errorf("by %s: waited %s", off, waited)
			}
			w.once(3)
			recs, err := records(t, w.log, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range recs {
				if now, _ := log.Now(t.Context()); now.Sub(r.Time) > time.Hour || r.Time.After(now) {
					t.Errorf("by %s: %s is dated %s, and it is %s", off, r.Event, r.Time, now)
				}
			}
		})
	}
}

// Answers to a worker that was overtaken come when the document is booked: they move nothing.
func TestALateAnswerMovesNothing(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	for _, event := range []booking.Event{booking.EventAnswered, booking.EventRefused} {
		late := intent(t, january(t))
		late.Event, late.Document = event, nil
		w.append(late)
		if res := w.mustRun(paid(t)); res.BookedNow() || res.State != booking.StateBooked {
			t.Errorf("%s: %+v", event, res)
		}
	}
	if res, err := w.reverse("wrong"); err != nil || res.State != booking.StateReversed {
		t.Errorf("reversed: %s, %v", res.State, err)
	}
	w.once(6)
}
