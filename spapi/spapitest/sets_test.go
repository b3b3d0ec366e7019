package spapitest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// patient is a client that does what a recoverable fault asks for: it waits, asks again, takes a new token or URL. It
// gives up after a number of tries, so that a set of faults that cannot be survived shows.
func (d *door) patient(t *testing.T, path string, pairs ...string) answer {
	t.Helper()
	for range 8 {
		res, data, err := d.do(d.request(http.MethodGet, path, query(pairs...), ""))
		if err != nil {
			continue
		}
		switch {
		case res.StatusCode == http.StatusForbidden:
			d.patientLogin(t)
		case res.StatusCode == http.StatusOK:
			a := answer{status: 200, header: res.Header, raw: data}
			dec := json.NewDecoder(bytes.NewReader(data))
			dec.UseNumber()
			if dec.Decode(&a.json) == nil {
				return a
			}
		}
	}
	t.Fatalf("%s %v: gave up", path, pairs)
	return answer{}
}

func (d *door) patientLogin(t *testing.T) {
	t.Helper()
	who := d.amazon.Accounts()[0]
	for range 5 {
		status, body := d.tokenFor(query("grant_type", "refresh_token", "refresh_token", who.RefreshToken, "client_id", who.ClientID, "client_secret", who.ClientSecret))
		if status == 200 {
			d.token = text(body["access_token"])
			return
		}
	}
	t.Fatal("no token after five tries")
}

// patientDownload asks for the URL and downloads until the document is whole.
func (d *door) patientDownload(t *testing.T, id string) []byte {
	t.Helper()
	for range 8 {
		target := text(d.patient(t, documentsPath+id).at("url"))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, body, err := d.do(r)
		if err != nil || res.StatusCode != 200 {
			continue
		}
		if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			return body
		}
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			continue
		}
		if out, err := io.ReadAll(z); err == nil {
			return out
		}
	}
	t.Fatalf("document %s: gave up", id)
	return nil
}

func TestAClientThatBehavesSurvivesTheNamedSets(t *testing.T) {
	sets := []spapitest.Faults{{Set: "documented"}}
	for seed := range uint64(10) {
		sets = append(sets, spapitest.Faults{Set: "storm", Seed: seed})
	}
	var storms struct{ faults, calls int }
	for _, f := range sets {
		d, _ := open(t, spapitest.Options{Rate: -1, Faults: f})
		d.patientLogin(t)
		seen := map[string]bool{}
		next := []string{"reportTypes", settlementV2, "pageSize", "3"}
		for len(next) > 0 {
			a := d.patient(t, reportsPath, next...)
			for _, r := range a.list("reports") {
				body := d.patientDownload(t, text(walk(r, "reportDocumentId")))
				for _, st := range d.amazon.Accounts()[0].Settlements {
					if bytes.Equal(body, st.V2()) {
						seen[st.ID] = true
					}
				}
			}
			next = nil
			if token := text(a.at("nextToken")); token != "" {
				next = []string{"nextToken", token}
			}
		}
		for id := range seen {
			d.patient(t, summaryPath, "relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", id)
			d.patient(t, payoutsPath, "payoutId", id)
		}
		if len(seen) != 6 {
			t.Errorf("%+v: %d settlements of 6", f, len(seen))
		}
		played := map[spapitest.Fault]int{}
		calls := 0
		for _, c := range d.amazon.Log() {
			calls++
			if c.Fault != "" {
				played[c.Fault]++
			}
		}
		total := 0
		for fault, n := range played {
			total += n
			for _, info := range spapitest.Catalogue() {
				if info.Fault == fault && !info.Recoverable {
					t.Errorf("%+v plays %s, which is not recoverable", f, fault)
				}
			}
		}
		t.Logf("%s, seed %d: %d faults in %d calls: %v", f.Set, f.Seed, total, calls, played)
		if f.Set == "documented" && len(played) < 12 {
			t.Errorf("only %d kinds of fault were played: %v", len(played), played)
		}
		if f.Set == "storm" {
			storms.faults += total
			storms.calls += calls
		}
	}
	if percent := storms.faults * 100 / storms.calls; percent < 18 || percent > 35 {
		t.Errorf("storms of %d faults in %d calls", storms.faults, storms.calls)
	}
}
