package vantagepoint_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

const (
	askCompany = "GET Settings/ActiveCompany"
	askPeriod  = "GET Settings/ActivePeriod"
)

func TestABelievedCompanyAndItsPeriodAreNotAskedForAgainWhileTheTimeLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, client := fake(t, vantagepointtest.Options{
			NoFiles: true, Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "Second", Currency: "USD"}},
		}, func(c *vantagepoint.Config) { c.Style, c.Company = vantagepoint.NoFiles, "A0" })
		asked := func(batch string, wantCompany, wantPeriod int) {
			t.Helper()
			before := tenant.Calls()
			if _, err := client.Journals.Create(t.Context(), sale(batch)); err != nil {
				t.Fatal(err)
			}
			after := tenant.Calls()
			if c, p := after[askCompany]-before[askCompany], after[askPeriod]-before[askPeriod]; c != wantCompany || p != wantPeriod {
				t.Errorf("batch %s: asked %d times for the company and %d for the period, want %d and %d", batch, c, p, wantCompany, wantPeriod)
			}
		}
		asked("JE-1", 1, 1)
		active, err := client.Settings.ActiveCompany(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		client.Settings.Believe(active.Company, time.Now().Add(10*time.Second))
		asked("JE-2", 0, 1) // the period was seen before
		asked("JE-3", 0, 0)
		client.Settings.Believe(active.Company, time.Now().Add(10*time.Second)) // goes on
		asked("JE-4", 0, 0)
		if err := client.Settings.SetActivePeriod(t.Context(), 202403); err != nil {
			t.Fatal(err)
		}
		asked("JE-5", 0, 1) // set by itself
		time.Sleep(10 * time.Second)
		asked("JE-6", 1, 1)
		client.Settings.Believe("A0", time.Now().Add(time.Hour))
		if err := client.Settings.SetActiveCompany(t.Context(), "B0"); err != nil {
			t.Fatal(err)
		}
		if _, ok := client.Settings.Believed(); ok {
			t.Error("still believed after the client itself switched")
		}
		client.Settings.Believe("B0", time.Now().Add(time.Hour))
		asked("JE-7", 2, 1) // another company than the client's is never enough
		for _, b := range tenant.Batches() {
			if b.Company != "A0" || b.Period != 202401 {
				t.Errorf("batch %s is in company %s, period %d", b.Batch, b.Company, b.Period)
			}
		}
	})
}

func TestReadBackIsWhatReadReturnsInOneRequestLess(t *testing.T) {
	for _, noFiles := range []bool{false, true} {
		tenant, client := fake(t, vantagepointtest.Options{NoFiles: noFiles}, func(c *vantagepoint.Config) {
			if noFiles {
				c.Style = vantagepoint.NoFiles
			}
		})
		created, err := client.Journals.Create(t.Context(), sale("JE-1"))
		if err != nil {
			t.Fatal(err)
		}
		before := tenant.Calls()
		got, err := client.Journals.ReadBack(t.Context(), created)
		if err != nil {
			t.Fatal(err)
		}
		requests := 0
		for op, n := range tenant.Calls() {
			requests += n - before[op]
		}
		want, err := client.Journals.Read(t.Context(), "JE-1")
		if err != nil {
			t.Fatal(err)
		}
		if want.Copies = got.Copies; fmt.Sprintf("%+v", want) != fmt.Sprintf("%+v", got) {
			t.Errorf("no files %t: Read: %+v\nReadBack: %+v", noFiles, want, got)
		}
		if requests != 2 {
			t.Errorf("no files %t: %d requests", noFiles, requests)
		}
	}
}

func TestWithoutFilesWhatIsNotThereCostsOneRequest(t *testing.T) {
	tenant, client := fake(t, vantagepointtest.Options{NoFiles: true}, func(c *vantagepoint.Config) { c.Style = vantagepoint.NoFiles })
	if _, err := client.Journals.Read(t.Context(), "JE-1"); !errors.Is(err, vantagepoint.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	if calls := tenant.Calls(); calls["GET DataEntry/jeMaster/{Batch}"] != 1 || calls["GET DataEntry/jeControl/{Batch}"] != 0 {
		t.Errorf("calls %v", calls)
	}
}
