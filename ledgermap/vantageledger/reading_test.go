package vantageledger_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// Whichever request of a question fails, the question has no answer, and the next time it has.
func TestAQuestionThatCannotBeAskedHasNoAnswer(t *testing.T) {
	entries := func() []booking.Entry {
		d := journals(t)[0]
		k := booking.Key{Tenant: booking.Tenant{Database: "DEMO", Company: "A0"}, Seller: seller, Settlement: sid, Ordinal: 1, Revision: 1}
		return []booking.Entry{{Key: k, Kind: d.Kind(), Batch: k.Batch(d.Kind()), Ref: sid + "A", Currency: d.Currency(), Document: d}}
	}
	for name, ask := range map[string]func(context.Context, *vantageledger.Ledger) error{
		"chart":    func(ctx context.Context, l *vantageledger.Ledger) error { _, err := l.Chart(ctx, "A0"); return err },
		"calendar": func(ctx context.Context, l *vantageledger.Ledger) error { _, err := l.Calendar(ctx, "A0"); return err },
		"currency": func(ctx context.Context, l *vantageledger.Ledger) error { _, err := l.Currency(ctx, "A0"); return err },
		"check":    func(ctx context.Context, l *vantageledger.Ledger) error { return l.Check(ctx, entries()) },
		"survey": func(ctx context.Context, l *vantageledger.Ledger) error {
			_, err := l.Survey(ctx, entries())
			return err
		},
		"post": func(ctx context.Context, l *vantageledger.Ledger) error {
			_, err := l.Post(ctx, entries()[0])
			if err != nil {
				return err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for at, over := 1, false; !over && !t.Failed(); at++ {
				synctest.Test(t, func(t *testing.T) {
					seen, armed := 0, false
					o := twoCompanies(vantagepointtest.Options{})
					o.Faults.Decide = func(call vantagepointtest.Call) vantagepointtest.Fault {
						// A refused chart is taken from the ledger's rows instead.
						if !armed || call.Operation == "POST token" || call.Operation == "GET Accounts" && name == "check" {
							return vantagepointtest.FaultNone
						}
						if seen++; seen == at {
							return vantagepointtest.Fault500
						}
						return vantagepointtest.FaultNone
					}
					w := newWorld(t, o)
					if name == "post" {
						w.mustRun(journals(t)[0])
						w.connect()
					}
					armed = true
					err := ask(t.Context(), w.ledger)
					if over = seen < at; over && err != nil {
						t.Errorf("nothing failed: %v", err)
					}
					if !over && err == nil && name != "post" { // whether a batch is posted is the ledger's own word
						t.Errorf("request %d failed, and there was an answer", at)
					}
					armed = false
					if err := ask(t.Context(), w.ledger); err != nil && name != "post" {
						t.Errorf("request %d had failed, and then: %v", at, err)
					}
				})
			}
		})
	}
}

// Fiscal periods that overlap name no period for a day: nothing is planned with such a calendar.
func TestACalendarThatNamesTwoPeriodsForADayIsTold(t *testing.T) {
	periods := vantagepointtest.Months(2025, 2026)
	periods[1].Start = periods[0].End
	w := newWorld(t, vantagepointtest.Options{Periods: periods})
	if c, err := w.ledger.Calendar(t.Context(), ""); err == nil {
		t.Errorf("calendar of %d periods", len(c.Periods()))
	}
}
