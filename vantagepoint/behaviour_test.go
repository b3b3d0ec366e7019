package vantagepoint_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// TestBehaviourToDesignFor has one case for every numbered behaviour in section 4.3 of the contract reference.
func TestBehaviourToDesignFor(t *testing.T) {
	for name, test := range map[string]func(t *testing.T){
		"01 keys are rewritten when they are stored": func(t *testing.T) {
			_, client := fake(t, vantagepointtest.Options{RefnoLength: 11, Quirks: vantagepointtest.Quirks{UpperBatch: true}})
			for _, want := range []vantagepoint.Outcome{vantagepoint.Created, vantagepoint.Found} {
				doc, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("je-lower"))
				if err != nil || outcome != want {
					t.Fatalf("%s, %v", outcome, err)
				}
				if doc.Masters[0].RefNo != "00000004711" || doc.Control.Batch != "JE-LOWER" {
					t.Errorf("the stored keys were not returned: %q, %q", doc.Masters[0].RefNo, doc.Control.Batch)
				}
			}
		},
		"02 a batch name is unique in the enterprise and visible in its own company": func(t *testing.T) {
			tenant, a := fake(t, vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "Second", Currency: "USD"}}})
			if _, _, err := a.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
				t.Fatal(err)
			}
			b := clientOf(t, tenant, func(c *vantagepoint.Config) { c.Company, c.Settle = "B0", time.Millisecond })
			_, _, err := b.Journals.FindOrCreate(t.Context(), sale("JE-a"))
			if !errors.Is(err, vantagepoint.ErrDuplicate) || !strings.Contains(err.Error(), "another company") {
				t.Errorf("got %v", err)
			}
			if n := len(tenant.Batches()); n != 1 {
				t.Errorf("%d batches", n)
			}
		},
		"03 a reference is not unique": func(t *testing.T) {
			tenant, client := fake(t, vantagepointtest.Options{})
			for _, batch := range []string{"JE-a", "JE-b"} { // both with RefNo 4711
				if _, outcome, err := client.Journals.FindOrCreate(t.Context(), sale(batch)); err != nil || outcome != vantagepoint.Created {
					t.Errorf("%s: %s, %v", batch, outcome, err)
				}
			}
			if n := len(tenant.Batches()); n != 2 {
				t.Errorf("%d batches", n)
			}
		},
		"04 company and period are state of the user": func(t *testing.T) {
			for _, noFiles := range []bool{false, true} {
				tenant, client := fake(t, vantagepointtest.Options{
					Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "Second", Currency: "USD"}}, NoFiles: noFiles,
				}, func(c *vantagepoint.Config) {
					c.Company = "A0"
					if noFiles {
						c.Style = vantagepoint.NoFiles
					}
				})
				other := clientOf(t, tenant) // the same user, in another program
				for i, batch := range []string{"JE-a", "JE-b"} {
					if err := other.Settings.SetActiveCompany(t.Context(), "B0"); err != nil {
						t.Fatal(err)
					}
					if err := other.Settings.SetActivePeriod(t.Context(), vantagepoint.Period(202502+i)); err != nil {
						t.Fatal(err)
					}
					if _, _, err := client.Journals.FindOrCreate(t.Context(), sale(batch)); err != nil {
						t.Fatal(err)
					}
				}
				for _, b := range tenant.Batches() {
					if b.Company != "A0" || b.Period != 202401 {
						t.Errorf("without files %t: batch %s is in company %s, period %d", noFiles, b.Batch, b.Company, b.Period)
					}
				}
			}
		},
		"05 after a lost answer the batch may exist": func(t *testing.T) {
			tenant, client := fake(t, vantagepointtest.Options{Faults: vantagepointtest.Faults{
				Steps: []vantagepointtest.Step{{Operation: write, Fault: vantagepointtest.FaultLostAnswer}},
			}})
			_, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a"))
			if err != nil || outcome != vantagepoint.Found || tenant.Calls()[write] != 1 {
				t.Errorf("%s, %v, %d writes", outcome, err, tenant.Calls()[write])
			}
		},
		"06 unknown parameters are ignored in silence": func(t *testing.T) {
			_, client := fake(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoFilterHash: true}})
			for _, batch := range []string{"JE-a", "JE-b"} {
				if _, _, err := client.Journals.FindOrCreate(t.Context(), sale(batch)); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for row, err := range client.Journals.Landing(t.Context(), vantagepoint.Query{Filter: vantagepoint.Where("Batch", "JE-b")}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row.Batch)
			}
			if len(got) != 1 || got[0] != "JE-b" {
				t.Errorf("the filter let through %v", got)
			}
		},
		"07 the answer of a write lacks computed columns": func(t *testing.T) {
			tn := newTenant(t)
			tn.ready()
			tn.absent()
			tn.on("POST", "DataEntry/jeControl", func(r *http.Request) (*http.Response, error) {
				tn.stored()
				return answer(201, `[{"Batch":"je-7f3a9c"}]`)(r)
			})
			doc, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
			if err != nil || outcome != vantagepoint.Created || !doc.Control.SumDebitsTotal.Equal(amount("100")) {
				t.Errorf("%s, %v, sum %s", outcome, err, doc.Control.SumDebitsTotal)
			}
		},
		"08 a failed posting answers 200": func(t *testing.T) {
			tenant, client := fake(t, vantagepointtest.Options{Approvals: []string{"JE"}})
			if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
				t.Fatal(err)
			}
			result, err := client.Journals.Post(t.Context(), "JE-a")
			if result.State != vantagepoint.PostFailed || !errors.Is(err, vantagepoint.ErrConflict) || tenant.Batches()[0].Posted {
				t.Errorf("%+v, %v", result, err)
			}
			if result.Text == "" || !strings.Contains(err.Error(), result.Text) {
				t.Errorf("the server's words are missing: %q, %v", result.Text, err)
			}
		},
		"09 a filter on an unknown column is ignored": func(t *testing.T) {
			_, client := fake(t, vantagepointtest.Options{})
			if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Journals.Post(t.Context(), "JE-a"); err != nil {
				t.Fatal(err)
			}
			q := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: "202401", Type: "int"}, {Name: "Amount", Op: vantagepoint.Greater, Value: "50"}}}
			n := 0
			for row, err := range client.Ledger.Rows(t.Context(), "JE", q) {
				if err != nil {
					t.Fatal(err)
				}
				if row.Amount.Cmp(amount("50")) <= 0 {
					t.Errorf("a row of %s was let through", row.Amount)
				}
				n++
			}
			if n != 1 {
				t.Errorf("%d rows", n)
			}
		},
		"10 nothing guards against a change by somebody else": func(t *testing.T) {
			_, client := fake(t, vantagepointtest.Options{})
			if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
				t.Fatal(err)
			}
			change := map[string]any{"Batch": "JE-a", "Total": 1}
			if err := client.Do(t.Context(), vantagepoint.Request{Method: "PUT", Path: []string{"DataEntry", "jeControl", "JE-a"}, Body: change}, nil); err != nil {
				t.Fatal(err)
			}
			if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); !errors.Is(err, vantagepoint.ErrConflict) {
				t.Errorf("the change was not noticed: %v", err)
			}
			if _, err := client.Journals.Post(t.Context(), "JE-a"); !errors.Is(err, vantagepoint.ErrConflict) {
				t.Errorf("a batch that does not tie was posted: %v", err)
			}
		},
		"11 what is posted cannot be deleted": func(t *testing.T) {
			tenant, client := fake(t, vantagepointtest.Options{})
			if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
				t.Fatal(err)
			}
			if result, err := client.Journals.Post(t.Context(), "JE-a"); err != nil || result.State != vantagepoint.Posted {
				t.Fatal(result, err)
			}
			if err := client.Do(t.Context(), vantagepoint.Request{Method: "DELETE", Path: []string{"DataEntry", "jeControl", "JE-a"}}, nil); err == nil {
				t.Error("the tenant deleted a posted batch")
			}
			// It is not booked again, and not posted again either.
			if _, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil || outcome != vantagepoint.Found {
				t.Errorf("%s, %v", outcome, err)
			}
			if result, err := client.Journals.Post(t.Context(), "JE-a"); err != nil || result.State != vantagepoint.Posted || tenant.Calls()["PUT DataEntry/PostTransFile"] != 1 {
				t.Errorf("%+v, %v, posted %d times", result, err, tenant.Calls()["PUT DataEntry/PostTransFile"])
			}
		},
	} {
		t.Run(name, test)
	}
}
