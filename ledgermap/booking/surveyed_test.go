package booking_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// watched notes for which batches it is told that a survey did not show them, and loses the first request.
type watched struct {
	booking.Ledger
	lose     int
	surveyed []string
}

func (w *watched) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	w.surveyed = append(w.surveyed, fmt.Sprint(e.Key.Ordinal, " ", e.Surveyed))
	return w.Ledger.Find(ctx, e)
}

func (w *watched) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
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

// Only the look before a first request may lean on the survey; whatever follows a request looks anew.
func TestOnlyTheLookBeforeAFirstRequestLeansOnTheSurvey(t *testing.T) {
	for name, c := range map[string]struct {
		lose    int
		surveys bool
		want    []string // the distinct looks for the document, in their order
	}{
		"one request":           {0, true, []string{"1 true", "1 false"}},
		"the first is lost":     {1, true, []string{"1 true", "1 false"}},
		"without any survey":    {0, false, []string{"1 false"}},
		"lost without a survey": {1, false, []string{"1 false"}},
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
				looks := slices.DeleteFunc(l.surveyed, func(s string) bool { return s[:2] != "1 " })
				looks = looks[min(len(looks), 1):] // of the names that strangers would have, the invoice is number 1, too
				if !c.surveys {
					looks = looks[1:]
				}
				if diff := cmp.Diff(c.want, slices.Compact(looks)); diff != "" {
					t.Errorf("looks %v:\n%s", l.surveyed, diff)
				}
				w.once(1)
			})
		})
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
