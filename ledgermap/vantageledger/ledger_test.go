package vantageledger_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestJournalsReceiptsAndDisbursementsAreBookedWithAndWithoutFiles(t *testing.T) {
	for name, o := range map[string]vantagepointtest.Options{
		"files":           {},
		"no files":        {NoFiles: true},
		"numbers as text": {Quirks: vantagepointtest.Quirks{Numbers: vantagepointtest.NumbersText, NotFound: vantagepointtest.NotFound400, UpperBatch: true}},
		"empty answers":   {Company: "A0", Quirks: vantagepointtest.Quirks{Envelope: "rows", NotFound: vantagepointtest.NotFoundEmpty, StrictEntry: true, RequireHeader: true, RequirePKey: true, RefuseUnknownFields: true}},
		"long references": {RefnoLength: 20},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, o)
			res := w.mustRun(journals(t)...)
			if res.State != booking.StateBooked || res.Sent != 4 || !res.Settled || res.ClearingOpen() {
				t.Errorf("first run: %+v", res)
			}
			again := w.mustRun(journals(t)...)
			if again.Sent != 0 || again.State != booking.StateBooked {
				t.Errorf("second run: %+v", again)
			}
			if diff := cmp.Diff(wantJournals, w.book()); diff != "" {
				t.Errorf("books (-want +got):\n%s", diff)
			}
			for _, b := range w.tenant.Batches() {
				if !b.Balanced || b.Posted {
					t.Errorf("batch %+v", b)
				}
			}
		})
	}
}

func TestInvoicesAreBookedAndPaidOncePosted(t *testing.T) {
	for name, o := range map[string]vantagepointtest.Options{"files": {}, "no files": {NoFiles: true}, "purged": {Quirks: vantagepointtest.Quirks{PurgePosted: true}}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, o)
			res := w.mustRun(invoices(t)...)
			if res.Sent != 2 || res.Waiting != 1 {
				t.Errorf("before posting: %+v", res)
			}
			w.post = true
			res = w.mustRun(invoices(t)...)
			if res.State != booking.StatePosted || res.Waiting != 0 || !res.Settled || res.ClearingOpen() {
				t.Errorf("after posting: %+v", res)
			}
			if res = w.mustRun(invoices(t)...); res.State != booking.StatePosted || res.Sent != 0 {
				t.Errorf("again: %+v", res)
			}
			if diff := cmp.Diff(wantInvoices, w.book()); diff != "" {
				t.Errorf("books (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPostedBatchesAreFoundAlsoWhereTheTenantDropsThem(t *testing.T) {
	for _, purge := range []bool{false, true} {
		w := newWorld(t, vantagepointtest.Options{
			OverheadProject: "00000000.00", Quirks: vantagepointtest.Quirks{PurgePosted: purge, Numbers: vantagepointtest.NumbersPoint},
		})
		w.post = true
		if res := w.mustRun(journals(t)...); res.State != booking.StatePosted {
			t.Errorf("purge %v: %+v", purge, res)
		}
		calls := w.tenant.Calls()["PUT DataEntry/PostTransFile"]
		if res := w.mustRun(journals(t)...); res.State != booking.StatePosted || res.Sent != 0 || w.tenant.Calls()["PUT DataEntry/PostTransFile"] != calls {
			t.Errorf("purge %v, again: %+v", purge, res)
		}
	}
}

// A log that is lost with everything posted and gone from the files: the posted
// ledger still says what is booked, whatever became of the rules.
func TestALostLogBooksNothingTwiceWhereTheTenantDropsPostedFiles(t *testing.T) {
	for name, again := range map[string][]ledgermap.Document{
		"the same plan": journals(t), "as invoices": invoices(t),
		"another first period": journals(t)[1:],
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{PurgePosted: true}})
			w.post = true
			w.mustRun(journals(t)...)
			before := w.book()
			var err error
			if w.log, err = booking.OpenFileLog(t.TempDir(), []byte("0123456789abcdef")); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = w.log.Close() })
			res, err := w.run(again...)
			if name == "the same plan" && (err != nil || res.Sent != 0) {
				t.Errorf("%+v, %v", res, err)
			}
			if name == "as invoices" && err == nil {
				t.Errorf("%+v was not refused", res)
			}
			if diff := cmp.Diff(before, w.book()); diff != "" {
				t.Errorf("new in the books:\n%s", diff)
			}
		})
	}
}

func TestACurrencyThatTheTenantWroteOverIsAConflict(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{Currency: "CAD"})
	_, err := w.run(journals(t)[0])
	conflict, ok := errors.AsType[*booking.ConflictError](err)
	if !ok || len(conflict.Diff) == 0 || conflict.Diff[0].Text != "currency CAD" {
		t.Errorf("error %v", err)
	}
}

// What the tenant's user changed in a draft is not what was planned.
func TestADraftThatSomebodyEditedIsAConflict(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	res := w.mustRun(journals(t)[0])
	body := map[string]any{"Batch": res.Documents[0].Batch, "Total": 61}
	edit := vantagepoint.Request{Method: "PUT", Path: []string{"DataEntry", "jeControl", res.Documents[0].Batch}, Body: body}
	if err := w.client.Do(t.Context(), edit, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.run(journals(t)[0])
	if conflict, ok := errors.AsType[*booking.ConflictError](err); !ok || !strings.Contains(conflict.Error(), "control totals that are off by 1") {
		t.Errorf("error %v", err)
	}
}

func TestFaultsOfTheTenantBookEverythingOnce(t *testing.T) {
	for _, fault := range []vantagepointtest.Fault{
		vantagepointtest.FaultHTML503, vantagepointtest.Fault500, vantagepointtest.FaultTooMany, vantagepointtest.FaultCutBefore,
		vantagepointtest.FaultLostAnswer, vantagepointtest.FaultHalfAnswer, vantagepointtest.FaultLate, vantagepointtest.FaultExpiredToken,
		vantagepointtest.FaultRepeated,
	} {
		for _, noFiles := range []bool{false, true} {
			t.Run(fmt.Sprint(fault, " no files ", noFiles), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vantagepointtest.Options{
						NoFiles: noFiles, LateBy: 3 * time.Minute,
						Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
							if c.Method == http.MethodPost && c.Nth == 1 && c.Operation != "POST token" {
								return fault
							}
							return vantagepointtest.FaultNone
						}},
					})
					w.mustRun(journals(t)...)
					if diff := cmp.Diff(wantJournals, w.book()); diff != "" {
						t.Errorf("books (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}
