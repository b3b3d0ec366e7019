package booking_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// watched notes the looks for document 1, whether each was a glance, and the requests; it loses the first ones.
type watched struct {
	booking.Ledger
	lose int
	seen []string
}

func (w *watched) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	if e.Key.Ordinal == 1 && !e.Document.IsZero() { // else the name that a stranger would have
		w.seen = append(w.seen, map[bool]string{true: "glance", false: "look"}[e.Glance])
	}
	return w.Ledger.Find(ctx, e)
}

func (w *watched) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	w.seen = append(w.seen, "send")
	if w.lose > 0 {
		w.lose--
		return booking.Receipt{}, booking.ErrUnanswered
	}
	return w.Ledger.Book(ctx, e)
}

type surveying struct{ *watched }

func (s surveying) Survey(context.Context, []booking.Entry) ([]*booking.Booked, error) {
	return []*booking.Booked{nil}, nil
}

// Only the first request may follow the survey; before a request that follows another the ledger is looked through.
func TestADocumentIsSentAfterTheSurveyOnlyTheFirstTime(t *testing.T) {
	for name, c := range map[string]struct {
		lose    int
		surveys bool
		want    []string // what happened, repetitions left out
	}{
		"one request":           {0, true, []string{"send", "look"}},
		"the first is lost":     {1, true, []string{"send", "glance", "look", "send", "look"}},
		"without any survey":    {0, false, []string{"look", "send", "look"}},
		"lost without a survey": {1, false, []string{"look", "send", "glance", "look", "send", "look"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				l := &watched{Ledger: w.books, lose: c.lose}
				w.cfg.Ledger = l
				if c.surveys {
					w.cfg.Ledger = surveying{l}
				}
				w.mustRun(planOf(t, january(t)))
				if diff := cmp.Diff(c.want, slices.Compact(slices.Clone(l.seen))); diff != "" {
					t.Errorf("%v:\n%s", l.seen, diff)
				}
				if waits := len(l.seen); waits > 20 {
					t.Errorf("%d looks and requests", waits)
				}
				w.once(1)
			})
		})
	}
}

// A survey that was a while ago is followed by a glance before the request.
func TestADocumentThatWasLookedForAWhileAgoIsGlancedAtBeforeItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l := &watched{Ledger: w.books}
		w.cfg.Ledger = surveying{l}
		w.cfg.Log = &sharedLog{Log: w.log, event: booking.EventManifest, after: func() { time.Sleep(11 * time.Second) }} // of the bubble
		w.mustRun(planOf(t, january(t)))
		if diff := cmp.Diff([]string{"glance", "send", "look"}, l.seen); diff != "" {
			t.Error(diff)
		}
		w.once(1)
	})
}

// Where neither log nor ledger knows of the first document, the others are not looked for before it is their turn.
func TestASettlementThatNobodyKnowsIsLookedUpByItsFirstDocument(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	known := w.books.Calls()["find"]
	w.cfg.Log = openLog(t, t.TempDir())
	res := w.mustRun(paid(t))
	if diff := cmp.Diff([]booking.DocumentState{"found", "found", "found"}, states(res)); diff != "" {
		t.Errorf("with a lost log: %s", diff)
	}
	w.once(3)
	// Three documents: a look for each before it is sent and one after, and two names that the first would have in another
	// plan.
	if known != 3*2+2 {
		t.Errorf("%d looks", known)
	}
}

func TestADiffKeepsTheOrderOfTheLinesAndTellsTexts(t *testing.T) {
	w := newWorld(t)
	w.mustRun(planOf(t, january(t)))
	other := document(t, 1, "A", ledgermap.Journal, 202601, "2026-01-31", "", row{clearing, 5000, 0, false}, row{"6100", 800, 0, false}, row{"4000", 0, 5800, false})
	spec := january(t).Spec()
	spec.Lines[1].Description = "renamed"
	renamed, err := ledgermap.NewDocument(spec)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		now  ledgermap.Document
		want []string
	}{
		"other amounts": {other, []string{
			`- 1190  debit 51.00  "line 1190"`, `- 6100  debit 9.00  "line 6100"`, `- 4000  credit 60.00  "line 4000"`,
			`+ 1190  debit 50.00  "line 1190"`, `+ 6100  debit 8.00  "line 6100"`, `+ 4000  credit 58.00  "line 4000"`,
		}},
		"another text": {renamed, []string{`- 6100  debit 9.00  "line 6100"`, `+ 6100  debit 9.00  "renamed"`}},
	} {
		_, err := w.run(planOf(t, c.now))
		conflict, ok := errors.AsType[*booking.ConflictError](err)
		if !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, d := range conflict.Diff {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
