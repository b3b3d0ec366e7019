package vantageledger_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// Whichever request the tenant answers with a fault of its own, the next run finishes, with every document booked once.
func TestWhicheverRequestFailsTheNextRunFinishes(t *testing.T) {
	for name, c := range map[string]struct {
		options vantagepointtest.Options
		post    bool
		docs    func(testing.TB) []ledgermap.Document
		want    []string
	}{
		"journals":                  {twoCompanies(vantagepointtest.Options{}), false, journals, wantJournals},
		"journals without files":    {vantagepointtest.Options{NoFiles: true}, false, journals, wantJournals},
		"invoices, posted":          {vantagepointtest.Options{}, true, invoices, wantInvoices},
		"journals, posted, dropped": {vantagepointtest.Options{Quirks: vantagepointtest.Quirks{PurgePosted: true}}, true, journals, wantJournals},
	} {
		t.Run(name, func(t *testing.T) {
			for at, over := 1, false; !over && !t.Failed(); at++ {
				synctest.Test(t, func(t *testing.T) {
					seen, armed := 0, true
					o := c.options
					o.Faults.Decide = func(call vantagepointtest.Call) vantagepointtest.Fault {
						if !armed || call.Operation == "POST token" {
							return vantagepointtest.FaultNone
						}
						if seen++; seen == at {
							return vantagepointtest.Fault500
						}
						return vantagepointtest.FaultNone
					}
					w := newWorld(t, o)
					w.post = c.post
					_, err := w.run(c.docs(t)...)
					if over = seen < at; over && err != nil {
						t.Errorf("nothing failed: %v", err)
					}
					armed = false
					w.mustRun(c.docs(t)...)
					if diff := cmp.Diff(c.want, w.book()); diff != "" {
						t.Errorf("request %d failed (%v); books (-want +got):\n%s", at, err, diff)
					}
				})
			}
		})
	}
}
