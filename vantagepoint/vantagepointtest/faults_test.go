package vantagepointtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// doors runs a test against both doors of a tenant.
func doors(t *testing.T, o vantagepointtest.Options, test func(*testing.T, *vantagepointtest.Tenant, *caller)) {
	t.Run("in memory", func(t *testing.T) {
		tenant, c := start(t, o)
		test(t, tenant, c)
	})
	t.Run("loopback", func(t *testing.T) {
		tenant, c := start(t, o)
		base, stop, err := tenant.Start()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		// No connection is used twice: net/http repeats a GET by itself when a used one dies.
		c.base, c.http = base, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		test(t, tenant, c)
	})
}

// first hits the first call of an operation.
func first(operation string, f vantagepointtest.Fault) vantagepointtest.Faults {
	return vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: operation, Fault: f}}}
}

const createJE = "POST DataEntry/jeControl"

func TestFaultsBeforeTheWriteLeaveNothing(t *testing.T) {
	for fault, want := range map[vantagepointtest.Fault]struct {
		status int
		body   string
	}{
		vantagepointtest.FaultHTML503:      {503, "<!DOCTYPE html>"},
		vantagepointtest.Fault500:          {500, "Object reference not set to an instance of an object"},
		vantagepointtest.FaultTooMany:      {429, "<!DOCTYPE html>"},
		vantagepointtest.FaultCutBefore:    {0, ""},
		vantagepointtest.FaultExpiredToken: {401, ""},
	} {
		t.Run(string(fault), func(t *testing.T) {
			doors(t, vantagepointtest.Options{Faults: first(createJE, fault)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
				r, err := c.try("POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
				if r.Status != want.status || !strings.Contains(r.Body, want.body) || (err != nil) != (want.status == 0) {
					t.Errorf("answered %d %s, %v", r.Status, r.Body, err)
				}
				if n := len(tenant.Batches()); n != 0 {
					t.Errorf("%d batches are stored", n)
				}
				if fault == vantagepointtest.FaultTooMany && r.Header.Get("Retry-After") != "1" {
					t.Errorf("429 without Retry-After: %v", r.Header)
				}
				if fault == vantagepointtest.FaultExpiredToken {
					c.want(401, "GET", "Settings/Period", "")
					c.logIn(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
				}
				c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
				if n := tenant.Calls()[createJE]; n != 2 {
					t.Errorf("%d calls counted, want the faulty one too", n)
				}
			})
		})
	}
}

func TestFaultsAfterTheWriteLeaveABatch(t *testing.T) {
	for _, fault := range []vantagepointtest.Fault{vantagepointtest.FaultLostAnswer, vantagepointtest.FaultHalfAnswer} {
		t.Run(string(fault), func(t *testing.T) {
			doors(t, vantagepointtest.Options{Faults: first(createJE, fault)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
				r, err := c.try("POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
				if err == nil {
					t.Fatalf("answered whole: %d %s", r.Status, r.Body)
				}
				if half := fault == vantagepointtest.FaultHalfAnswer; half != (r.Status == 201) || half != errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("status %d and %v", r.Status, err)
				}
				if n := len(tenant.Batches()); n != 1 {
					t.Errorf("%d batches are stored", n)
				}
				c.want(200, "GET", "DataEntry/jeControl/je-1", "")
			})
		})
	}
}

func TestALoadBalancerThatRepeatsARequest(t *testing.T) {
	doors(t, vantagepointtest.Options{Faults: first(createJE, vantagepointtest.FaultRepeated)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
		got := c.want(400, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5")).message(t)
		if got != "Record je-1 already exists and cannot be added" || len(tenant.Batches()) != 1 {
			t.Errorf("the caller is told %q, and %d batches are stored", got, len(tenant.Batches()))
		}
	})
}

func TestARepeatedRequestBooksTwiceWhereDuplicatesAreAccepted(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{
		Faults: first(createJE, vantagepointtest.FaultRepeated), Quirks: vantagepointtest.Quirks{AcceptDuplicates: true},
	})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
	if n := len(tenant.Batches()); n != 2 {
		t.Errorf("%d batches are stored", n)
	}
}

func TestAnAnswerAfterTheClientsTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := start(t, vantagepointtest.Options{
			LateBy: time.Minute,
			Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: createJE, Fault: vantagepointtest.FaultLate, Times: -1}}},
		})
		c.http.Timeout = 10 * time.Second
		began := time.Now()
		_, err := c.try("POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if n := len(tenant.Batches()); n != 1 {
			t.Errorf("%d batches are stored", n)
		}
		c.http.Timeout = 2 * time.Minute
		began = time.Now()
		c.want(201, "POST", "DataEntry/jeControl", journal("je-2", "1", "5", "5"))
		if d := time.Since(began); d != time.Minute {
			t.Errorf("a patient client waited %v", d)
		}
	})
}

func TestTokensLiveThirtyMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := start(t, vantagepointtest.Options{})
		<-time.After(30*time.Minute - time.Second)
		c.want(200, "GET", "Settings/Period", "")
		<-time.After(time.Second)
		if r := c.want(401, "GET", "Settings/Period", ""); r.Body != "" {
			t.Errorf("401 with %q", r.Body)
		}
	})
}

// trace returns which of the first n calls of an operation are hit.
func trace(t *testing.T, f vantagepointtest.Faults, n int) string {
	t.Helper()
	_, c := start(t, vantagepointtest.Options{Faults: f})
	var hits strings.Builder
	for range n {
		switch r, err := c.try("GET", "Settings/Period", ""); {
		case err != nil:
			hits.WriteByte('x')
		case r.Status != 200:
			fmt.Fprintf(&hits, "%d", r.Status/100)
		default:
			hits.WriteByte('.')
		}
	}
	return hits.String()
}

func TestStepsSayWhichCallsAreHit(t *testing.T) {
	step := func(operation string, nth, times int) vantagepointtest.Step {
		return vantagepointtest.Step{Operation: operation, Nth: nth, Times: times, Fault: vantagepointtest.FaultHTML503}
	}
	const op = "GET Settings/Period"
	for want, f := range map[string]vantagepointtest.Faults{
		"......": {Steps: []vantagepointtest.Step{step("GET Settings/Company", 1, -1)}},
		"5.....": {Steps: []vantagepointtest.Step{step(op, 0, 0)}},
		"..55..": {Steps: []vantagepointtest.Step{step(op, 3, 2)}},
		"....55": {Steps: []vantagepointtest.Step{step(op, 5, -1)}},
		".5....": {Steps: []vantagepointtest.Step{step("", 3, 1)}}, // the log-in was the first call of all
		".x5...": {
			Steps: []vantagepointtest.Step{step(op, 3, 1)},
			Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
				if c.Operation == op && c.Nth == 2 {
					return vantagepointtest.FaultCutBefore
				}
				return vantagepointtest.FaultNone
			},
		},
	} {
		if got := trace(t, f, 6); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestFaultsCanBeInjectedWhileTheTenantRuns(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	c.want(200, "GET", "Settings/Period", "")
	for _, s := range []vantagepointtest.Step{
		{Operation: "GET Settings/Period", Nth: 2, Fault: vantagepointtest.FaultHTML503}, {Fault: vantagepointtest.FaultTooMany},
	} {
		if err := tenant.Inject(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{429, 503, 200} {
		c.want(want, "GET", "Settings/Period", "")
	}
	if err := tenant.Inject(vantagepointtest.Step{Fault: "flood"}); err == nil {
		t.Error("an unknown fault is accepted")
	}
}

func TestUnknownFaultsAreRefused(t *testing.T) {
	for _, f := range []vantagepointtest.Faults{{Set: "hail"}, {Steps: []vantagepointtest.Step{{Fault: "flood"}}}} {
		if _, err := vantagepointtest.New(vantagepointtest.Options{Faults: f}); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}

func TestTheStormHangsOnTheSeedAndLeavesEveryThirdCallAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // late answers cost nothing here
		storm := func(seed uint64) string {
			return trace(t, vantagepointtest.Faults{
				Set: "storm", Seed: seed,
				Steps: []vantagepointtest.Step{{Operation: "POST token", Fault: vantagepointtest.FaultNone, Times: -1}}, // let it in
			}, 30)
		}
		one, again, two := storm(1), storm(1), storm(2)
		if one != again || one == two {
			t.Errorf("seed 1: %s, again %s, seed 2: %s", one, again, two)
		}
		for i, hit := range one + two {
			if i%3 == 2 && hit != '.' && hit != '4' { // a token that was lost before stays lost
				t.Errorf("call %d is hit: %s", i%30+1, one+two)
			}
		}
	})
}

// TestTheStormHitsWithEveryFault books through a storm as a careful client does: it looks before it sends again.
func TestTheStormHitsWithEveryFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]int{}
		tenant, err := vantagepointtest.New(vantagepointtest.Options{
			Faults: vantagepointtest.Faults{Set: "storm", Seed: 3}, LateBy: time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		c := &caller{t: t, http: &http.Client{Transport: tenant.Transport(), Timeout: 10 * time.Second}, base: tenant.BaseURL()}
		const documents = 200
		for i := range documents {
			name := fmt.Sprintf("je-%d", i)
			for {
				if r, err := c.try("GET", "DataEntry/jeControl/"+name, ""); err == nil && r.Status == 200 {
					break
				}
				r, err := c.try("POST", "DataEntry/jeControl", journal(name, "1", "5", "5"))
				switch {
				case errors.Is(err, context.DeadlineExceeded):
					seen["late"]++
				case err != nil:
					seen["cut"]++
				case r.Status == 401:
					seen["401"]++
					c.logInThrough()
				default:
					seen[fmt.Sprint(r.Status)]++
				}
			}
		}
		if n := len(tenant.Batches()); n != documents {
			t.Errorf("%d batches are stored, want %d", n, documents)
		}
		for _, kind := range []string{"late", "cut", "201", "400", "401", "429", "500", "503"} {
			if seen[kind] == 0 {
				t.Errorf("no %s among %v", kind, seen)
			}
		}
	})
}

// logInThrough logs in, whatever the storm does.
func (c *caller) logInThrough() {
	for {
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+"/token",
			strings.NewReader(loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword).Encode()))
		if err != nil {
			c.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		var token struct {
			Access string `json:"access_token"`
		}
		if r, err := c.send(req); err == nil && json.Unmarshal([]byte(r.Body), &token) == nil && token.Access != "" {
			c.token = token.Access
			return
		}
	}
}

func TestTheDocumentedFaultsHitTheBookingFlow(t *testing.T) {
	_, err := vantagepointtest.New(vantagepointtest.Options{Faults: vantagepointtest.Faults{Set: "documented"}})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := vantagepointtest.New(vantagepointtest.Options{Faults: vantagepointtest.Faults{Set: "documented"}})
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{t: t, http: &http.Client{Transport: tenant.Transport()}, base: tenant.BaseURL()}
	if r := c.form(loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)); r.Status != 503 {
		t.Errorf("the first log-in answers %d", r.Status)
	}
	c.logInThrough()
	var got []string
	for i := range 9 {
		name := fmt.Sprintf("je-%d", i)
		r, err := c.try("POST", "DataEntry/jeControl", journal(name, "1", "5", "5"))
		if r.Status == 401 {
			c.logInThrough()
		}
		got = append(got, fmt.Sprint(r.Status, err != nil))
	}
	want := []string{"201 false", "0 true", "201 false", "401 false", "201 false", "503 false", "201 false", "500 false", "201 false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(tenant.Batches()); n != 6 {
		t.Errorf("%d batches are stored, want the five that were answered and the one whose answer was lost", n)
	}
}

func TestCallsCountEveryOperation(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
	c.want(200, "GET", "dataentry/JECONTROL/je-1", "")
	c.want(200, "GET", "DataEntry/jeControl/je-1", "")
	c.want(404, "GET", "Nowhere", "")
	c.want(405, "PUT", "token", "")
	want := map[string]int{"POST token": 1, createJE: 1, "GET DataEntry/jeControl/{Batch}": 2, "GET (unknown)": 1, "PUT (unknown)": 1}
	if diff := cmp.Diff(want, tenant.Calls()); diff != "" {
		t.Error(diff)
	}
}
