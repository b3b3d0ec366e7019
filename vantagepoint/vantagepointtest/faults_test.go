package vantagepointtest_test

import (
	"context"
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

func on(op string, n int, f vantagepointtest.Fault) vantagepointtest.Faults {
	return vantagepointtest.Script(vantagepointtest.Step{Op: op, N: n, Fault: f})
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
			doors(t, vantagepointtest.Options{Faults: on(createJE, 1, fault)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
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
			doors(t, vantagepointtest.Options{Faults: on(createJE, 1, fault)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
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
	doors(t, vantagepointtest.Options{Faults: on(createJE, 1, vantagepointtest.FaultRepeated)}, func(t *testing.T, tenant *vantagepointtest.Tenant, c *caller) {
		got := c.want(400, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5")).message(t)
		if got != "Record je-1 already exists and cannot be added" || len(tenant.Batches()) != 1 {
			t.Errorf("the caller is told %q, and %d batches are stored", got, len(tenant.Batches()))
		}
	})
}

func TestAnAnswerAfterTheClientsTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := start(t, vantagepointtest.Options{Faults: on(createJE, 0, vantagepointtest.FaultLate), LateBy: time.Minute})
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
		time.Sleep(30*time.Minute - time.Second)
		c.want(200, "GET", "Settings/Period", "")
		time.Sleep(time.Second)
		if r := c.want(401, "GET", "Settings/Period", ""); r.Body != "" {
			t.Errorf("401 with %q", r.Body)
		}
	})
}

func TestAScriptTakesTheFirstStepThatFits(t *testing.T) {
	script := vantagepointtest.Script(
		vantagepointtest.Step{Op: "a", N: 2, Fault: vantagepointtest.Fault500},
		vantagepointtest.Step{N: 5, Fault: vantagepointtest.FaultHTML503},
		vantagepointtest.Step{Op: "a", Fault: vantagepointtest.FaultLate},
	)
	for want, call := range map[vantagepointtest.Fault]vantagepointtest.Call{
		vantagepointtest.Fault500:     {Op: "a", N: 2, Total: 5},
		vantagepointtest.FaultHTML503: {Op: "a", N: 3, Total: 5},
		vantagepointtest.FaultLate:    {Op: "a", N: 3, Total: 6},
		vantagepointtest.FaultNone:    {Op: "b", N: 2, Total: 6},
	} {
		if got := script(call); got != want {
			t.Errorf("%+v: %q, want %q", call, got, want)
		}
	}
}

func TestNamedSetsHangOnTheSeedAndLeaveEveryThirdCallAlone(t *testing.T) {
	if _, err := vantagepointtest.FaultSet("hail", 1); err == nil {
		t.Error("an unknown set is accepted")
	}
	if f, err := vantagepointtest.FaultSet("none", 1); f != nil || err != nil {
		t.Error("none is not nothing")
	}
	run := func(name string, seed uint64) (string, map[vantagepointtest.Fault]int) {
		faults, err := vantagepointtest.FaultSet(name, seed)
		if err != nil {
			t.Fatal(err)
		}
		var trace strings.Builder
		count := map[vantagepointtest.Fault]int{}
		for op := range 20 {
			for n := 1; n <= 300; n++ {
				f := faults(vantagepointtest.Call{Op: fmt.Sprint("op", op), N: n})
				if f != "" && n%3 == 0 {
					t.Fatalf("call %d of an operation is hit", n)
				}
				count[f]++
				trace.WriteString(string(f) + ",")
			}
		}
		return trace.String(), count
	}
	for name, kinds := range map[string]int{"documented": 3, "storm": 9} {
		first, count := run(name, 7)
		again, _ := run(name, 7)
		other, _ := run(name, 8)
		if first != again || first == other {
			t.Errorf("%s: equal seeds give equal traces: %v; other seeds others: %v", name, first == again, first != other)
		}
		if len(count) != kinds+1 {
			t.Errorf("%s: %v, want %d kinds of faults", name, count, kinds)
		}
		for f, n := range count {
			if n < 50 {
				t.Errorf("%s: only %d times %q of 6000", name, n, f)
			}
		}
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
