package vantageledger_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestTheCompanySwitchedUnderUsIsSwitchedBackBeforeAnythingIsBelieved(t *testing.T) {
	w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
	w.mustRun(journals(t)[:2]...)
	w.switchCompany("B0")
	if res := w.mustRun(journals(t)...); res.Sent != 2 {
		t.Errorf("%+v", res)
	}
	for _, b := range w.tenant.Batches() {
		if b.Company != "A0" {
			t.Errorf("batch %s was booked in company %s", b.Batch, b.Company)
		}
	}
}

func twoCompanies(o vantagepointtest.Options) vantagepointtest.Options {
	o.Company, o.Companies = "A0", []vantagepointtest.Company{{Code: "B0", Name: "Other", Currency: "USD"}}
	return o
}

// switchCompany does what another program of the same user may do at any time.
func (w *world) switchCompany(company string) {
	w.t.Helper()
	other, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: w.tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret), Transport: w.tenant.Transport(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := other.Settings.SetActiveCompany(w.t.Context(), company); err != nil {
		w.t.Fatal(err)
	}
}

// isPost reports whether the request books a document.
func isPost(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "DataEntry/")
}

func TestACompanySwitchedJustBeforeTheRequestIsRefusedOrNamed(t *testing.T) {
	t.Run("files", func(t *testing.T) { // the batch names its company, and the tenant refuses it
		w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
		w.before = func(r *http.Request) {
			if isPost(r) {
				w.switchCompany("B0")
			}
		}
		_, err := w.run(journals(t)...)
		if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || !strings.Contains(refused.Error(), "A0 is not the active company") {
			t.Errorf("error %v", err)
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Errorf("%d batches were booked", n)
		}
	})
	t.Run("no files", func(t *testing.T) { // nothing in the request names the company: what is read back does
		w := newWorld(t, twoCompanies(vantagepointtest.Options{NoFiles: true}))
		w.before = func(r *http.Request) {
			if isPost(r) {
				w.switchCompany("B0")
			}
		}
		_, err := w.run(journals(t)...)
		if conflict, ok := errors.AsType[*booking.ConflictError](err); !ok || !strings.Contains(conflict.Error(), "company B0") {
			t.Errorf("error %v", err)
		}
		if n := len(w.tenant.Batches()); n != 1 {
			t.Errorf("%d batches were booked, want the one that stopped the settlement", n)
		}
	})
}

func TestAnUnansweredRequestIsLookedForInTheRightCompany(t *testing.T) {
	for _, noFiles := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twoCompanies(vantagepointtest.Options{
				NoFiles: noFiles, Quirks: vantagepointtest.Quirks{AcceptDuplicates: true},
				Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
					if c.Method == http.MethodPost && c.Nth == 1 && strings.Contains(c.Operation, "je") {
						return vantagepointtest.FaultLostAnswer
					}
					return vantagepointtest.FaultNone
				}},
			}))
			sent := false
			w.before = func(r *http.Request) {
				if sent && r.Method == http.MethodGet {
					sent = false
					w.switchCompany("B0") // right after the answer was lost
				}
				sent = sent || isPost(r)
			}
			w.mustRun(journals(t)[0])
			if n := len(w.tenant.Batches()); n != 1 {
				t.Errorf("no files %v: %d batches were booked", noFiles, n)
			}
		})
	}
}

func TestACompanyThatIsSwitchedAgainAndAgainIsRefused(t *testing.T) {
	w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
	w.before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "Settings/ActiveCompany") {
			w.switchCompany("B0")
		}
	}
	_, err := w.run(journals(t)...)
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodeCompany {
		t.Errorf("error %v, want %s", err, booking.CodeCompany)
	}
}
