package round // what is kept hangs on the context, which only this package marks

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// echo answers with all that it was sent, as the page of a proxy may.
type echo struct{}

func (echo) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	return &http.Response{StatusCode: http.StatusOK, Request: req, Body: io.NopCloser(strings.NewReader(req.Header.Get("Authorization") + " " + string(body)))}, err
}

func TestOnlyRequestsThatBookAreKept(t *testing.T) {
	const form, text = "application/x-www-form-urlencoded", "application/json"
	const tenant = "https://acme.deltekfirst.com/acme/api/"
	seller := newSeller(t)
	for _, r := range []struct{ method, url, kind, body string }{
		{"POST", tenant + "token", form, "grant_type=password&Password=hush&client_secret=hush"},
		{"POST", tenant + "token", form, "grant_type=refresh_token&refresh_token=hush&client_secret=hush"},
		{"POST", tenant + "token", text, `{"refresh_token":"hush"}`},
		{"POST", "https://api.amazon.com/auth/o2/token", form, "grant_type=refresh_token&client_secret=hush"},
		{"POST", tenant + "DataEntry/token", form, "client_secret=hush"},
		{"POST", tenant + "PSALedger", form, "filterHash=hush"}, // a read
		{"PUT", tenant + "Settings/ActiveCompany/A0", "", "hush"},
		{"GET", tenant + "DataEntry/jeControl/B1", text, "hush"},
		{"POST", tenant + "DataEntry/jeControl", text, `[{"Batch":"B1"}]`},
		{"PUT", tenant + "DataEntry/PostTransFile", text, `{"Batch":"B1"}`},
	} {
		req, err := http.NewRequestWithContext(booked(t.Context(), seller, "123"), r.method, r.url, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer hush")
		req.Header.Set("Content-Type", r.kind)
		answer, err := Recorder{Base: echo{}}.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(answer.Body); err != nil || string(got) != "Bearer hush "+r.body {
			t.Errorf("%s %s: the caller got %q, %v", r.method, r.url, got, err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := seller.Store.Exchanges(t.Context(), seller.ID, "123")
	if err != nil {
		t.Fatal(err)
	}
	for n, e := range kept {
		kept[n] = store.Exchange{Method: e.Method, URL: e.URL, Request: e.Request, Answer: e.Answer}
	}
	want := []store.Exchange{
		{Method: "POST", URL: "/acme/api/DataEntry/jeControl", Request: `[{"Batch":"B1"}]`, Answer: `Bearer [hidden] [{"Batch":"B1"}]`},
		{Method: "PUT", URL: "/acme/api/DataEntry/PostTransFile", Request: `{"Batch":"B1"}`, Answer: `Bearer [hidden] {"Batch":"B1"}`},
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
