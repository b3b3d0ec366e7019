package vantagepoint_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// seeds is how many runs each point of failure gets: a tenth of what CI_LONG=1 asks for, and a hundredth with -short.
func seeds() uint64 {
	switch {
	case os.Getenv("CI_LONG") == "1":
		return 1000
	case testing.Short():
		return 10
	}
	return 100
}

const (
	write       = "POST DataEntry/jeControl"
	writeEntry  = "POST DataEntry/jeMaster/{Batch}" // without files
	readControl = "GET DataEntry/jeControl/{Batch}"
	readMaster  = "GET DataEntry/jeMaster/{Batch}"
	readDetail  = "GET DataEntry/jeDetail/{Batch}"
)

// lateWriter loses the connection of a write at once, while the request goes on to the server and runs after a delay.
type lateWriter struct {
	http.RoundTripper
	delay time.Duration
	left  int // writes that it does so to
}

func (l *lateWriter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || strings.HasSuffix(r.URL.Path, "/token") || l.left == 0 {
		return l.RoundTripper.RoundTrip(r)
	}
	l.left--
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	later := r.Clone(context.WithoutCancel(r.Context()))
	later.Body = io.NopCloser(bytes.NewReader(body))
	go func() {
		time.Sleep(l.delay)
		if response, err := l.RoundTripper.RoundTrip(later); err == nil {
			_ = response.Body.Close()
		}
	}()
	return nil, io.ErrUnexpectedEOF
}

// randomJournal has 2 to 9 lines that balance.
func randomJournal(random *rand.Rand, batch string) (vantagepoint.Journal, vantagepoint.Amount) {
	doc := sale(batch)
	doc.Details = nil
	var sum vantagepoint.Amount
	for range 1 + random.IntN(8) {
		cents := amount(fmt.Sprintf("%d.%02d", random.IntN(10_000), 1+random.IntN(99)))
		doc.Details = append(doc.Details, vantagepoint.JournalDetail{Account: "115.00", DebitAmount: cents})
		sum = sum.Add(cents)
	}
	doc.Details = append(doc.Details, vantagepoint.JournalDetail{Account: "401.00", WBS1: "00000100.00", CreditAmount: sum})
	return doc, sum
}

// caller is somebody who calls FindOrCreate until it is settled, as a job does that runs again.
type caller struct {
	outcome  vantagepoint.Outcome
	conflict bool
	calls    int
	err      error
}

func (c *caller) run(ctx context.Context, client *vantagepoint.Client, doc vantagepoint.Journal, wait time.Duration) {
	time.Sleep(wait)
	for c.calls = 1; ; c.calls++ {
		stored, outcome, err := client.Journals.FindOrCreate(ctx, doc)
		switch {
		case err == nil:
			c.outcome = outcome
			if len(stored.Details) != len(doc.Details) || stored.Copies != 1 {
				c.err = fmt.Errorf("%d lines and %d copies were returned", len(stored.Details), stored.Copies)
			}
			return
		case errors.Is(err, vantagepoint.ErrConflict):
			c.conflict = true
			return
		case (errors.Is(err, vantagepoint.ErrUnanswered) || errors.Is(err, vantagepoint.ErrUnavailable) || errors.Is(err, vantagepoint.ErrThrottled) || errors.Is(err, vantagepoint.ErrCredentials)) && c.calls < 5:
			time.Sleep(time.Minute)
		default:
			c.err = err
			return
		}
	}
}

func TestFindOrCreateUnderFaults(t *testing.T) {
	type point struct {
		steps []vantagepointtest.Step
		set   string
		late  time.Duration // of a write whose connection is lost
		calm  bool          // nothing goes wrong: exactly one caller creates, on the first call
		style vantagepoint.Style
	}
	hit := func(fault vantagepointtest.Fault, operations ...string) point {
		var p point
		for _, operation := range operations {
			p.steps = append(p.steps, vantagepointtest.Step{Operation: operation, Nth: 1, Fault: fault})
		}
		return p
	}
	withoutFiles := func(p point) point {
		p.style = vantagepoint.NoFiles
		return p
	}
	points := map[string]point{
		"nothing":                      {calm: true},
		"before send":                  hit(vantagepointtest.FaultCutBefore, write),
		"after send, load balancer":    hit(vantagepointtest.FaultHTML503, write),
		"after send, server fault":     hit(vantagepointtest.Fault500, write),
		"after send, runs 2 s later":   {late: 2 * time.Second},
		"after send, runs 40 s later":  {late: 40 * time.Second},
		"after the write":              hit(vantagepointtest.FaultLostAnswer, write),
		"during the answer":            hit(vantagepointtest.FaultHalfAnswer, write),
		"answer late":                  hit(vantagepointtest.FaultLate, write),
		"sent twice by the network":    hit(vantagepointtest.FaultRepeated, write),
		"during read-back of control":  hit(vantagepointtest.FaultHalfAnswer, readControl),
		"during read-back of entries":  hit(vantagepointtest.FaultCutBefore, readMaster),
		"during read-back of lines":    hit(vantagepointtest.FaultLostAnswer, readDetail),
		"after the write and the look": hit(vantagepointtest.FaultLostAnswer, write, readControl, readMaster, readDetail),
		"token forgotten":              hit(vantagepointtest.FaultExpiredToken, write),
		"throttled":                    hit(vantagepointtest.FaultTooMany, write),
		"storm":                        {set: "storm"},

		"without files, nothing":         withoutFiles(point{calm: true}),
		"without files, before send":     withoutFiles(hit(vantagepointtest.FaultCutBefore, writeEntry)),
		"without files, after the write": withoutFiles(hit(vantagepointtest.FaultLostAnswer, writeEntry)),
		"without files, runs later":      withoutFiles(point{late: 2 * time.Second}),
	}
	for name, p := range points {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds() {
				synctest.Test(t, func(t *testing.T) {
					random := rand.New(rand.NewPCG(seed, 1))
					faults := vantagepointtest.Faults{Set: p.set, Seed: seed}
					for _, step := range p.steps {
						step.Nth = 1 + random.IntN(3) // of the two callers' calls
						step.Times = 1 + random.IntN(2)
						faults.Steps = append(faults.Steps, step)
					}
					style := func(c *vantagepoint.Config) { c.Style = p.style }
					tenant, first := fake(t, vantagepointtest.Options{
						Faults: faults, Periods: vantagepointtest.Months(2024, 2024), NoFiles: p.style == vantagepoint.NoFiles,
					}, style)
					transport := &lateWriter{tenant.Transport(), p.late, 0}
					if p.late > 0 {
						transport.left = 1
						first = clientOf(t, tenant, style, func(c *vantagepoint.Config) { c.Transport = transport })
					}
					second := first
					if random.IntN(2) == 0 {
						second = clientOf(t, tenant, style) // another program
					}
					doc, sum := randomJournal(random, "JE-faults")
					other, otherSum := doc, sum
					differ := random.IntN(4) == 0
					if differ {
						other, otherSum = randomJournal(random, "JE-faults")
					}
					var a, b caller
					done := make(chan struct{}, 2)
					delay := time.Duration(random.Int64N(int64(3 * time.Second)))
					if random.IntN(3) == 0 {
						delay = 0
					}
					go func() { a.run(t.Context(), first, doc, 0); done <- struct{}{} }()
					go func() { b.run(t.Context(), second, other, delay); done <- struct{}{} }()
					<-done
					<-done
					time.Sleep(time.Minute) // what still runs in the network

					fail := func(format string, args ...any) {
						t.Helper()
						t.Fatalf("seed %d, steps %+v: %s; a %+v, b %+v", seed, faults.Steps, fmt.Sprintf(format, args...), a, b)
					}
					batches := tenant.Batches()
					if len(batches) != 1 || len(batches[0].Entries) != 1 {
						fail("%d batches", len(batches))
					}
					if a.err != nil || b.err != nil {
						fail("errors %v, %v", a.err, b.err)
					}
					created := 0
					for _, c := range []caller{a, b} {
						if c.outcome == vantagepoint.Created {
							created++
						}
					}
					if created > 1 || p.calm && !differ && (created != 1 || a.calls+b.calls != 2) {
						fail("%d callers created it", created)
					}
					want := sum
					switch {
					case !differ && (a.conflict || b.conflict):
						fail("a conflict between equal documents")
					case differ && a.conflict == b.conflict:
						fail("of two different documents one is booked, and the other is a conflict")
					case a.conflict:
						want = otherSum
					}
					lines := batches[0].Entries[0].Lines
					got := vantagepoint.Amount{}
					for _, l := range lines {
						if v := amount(l.Amount); v.Sign() > 0 {
							got = got.Add(v)
						}
					}
					if !got.Equal(want) || !batches[0].Balanced {
						fail("debits of %s, want %s", got, want)
					}
				})
			}
		})
	}
}

func TestASecondCopyIsReportedWhereTheTenantAcceptsDuplicates(t *testing.T) {
	// The network repeats the write, and this tenant does not refuse the second.
	tenant, client := fake(t, vantagepointtest.Options{
		Quirks: vantagepointtest.Quirks{AcceptDuplicates: true},
		Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: write, Fault: vantagepointtest.FaultRepeated}}},
	})
	_, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-twice"))
	if len(tenant.Batches()) != 2 || !errors.Is(err, vantagepoint.ErrConflict) {
		t.Errorf("%d batches, %v", len(tenant.Batches()), err)
	}
}

func TestOneClientCreatesOnceEvenWhereTheTenantAcceptsDuplicates(t *testing.T) {
	tenant, client := fake(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{AcceptDuplicates: true}})
	outcomes := make(chan vantagepoint.Outcome, 8)
	for range cap(outcomes) {
		go func() {
			_, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("JE-once"))
			if err != nil {
				t.Error(err)
			}
			outcomes <- outcome
		}()
	}
	count := map[vantagepoint.Outcome]int{}
	for range cap(outcomes) {
		count[<-outcomes]++
	}
	if diff := cmp.Diff(map[vantagepoint.Outcome]int{vantagepoint.Created: 1, vantagepoint.Found: 7}, count); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if n := len(tenant.Batches()); n != 1 {
		t.Errorf("%d batches", n)
	}
}

func TestTheEndOfTheContextDuringAWriteLeavesItOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, client := fake(t, vantagepointtest.Options{
			LateBy: time.Minute,
			Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: write, Fault: vantagepointtest.FaultLate}}},
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		_, _, err := client.Journals.FindOrCreate(ctx, sale("JE-late"))
		if !errors.Is(err, vantagepoint.ErrUnanswered) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("returned after %s", waited)
		}
		time.Sleep(2 * time.Minute)
		_, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("JE-late"))
		if err != nil || outcome != vantagepoint.Found || len(tenant.Batches()) != 1 {
			t.Errorf("%s, %v, %d batches", outcome, err, len(tenant.Batches()))
		}
	})
}

// TestFindOrCreateOverARealConnection makes sure that net/http repeats no write by itself when a kept connection dies.
func TestFindOrCreateOverARealConnection(t *testing.T) {
	for _, fault := range []vantagepointtest.Fault{
		vantagepointtest.FaultNone, vantagepointtest.FaultCutBefore, vantagepointtest.FaultLostAnswer, vantagepointtest.FaultHalfAnswer, vantagepointtest.FaultHTML503,
	} {
		tenant, err := vantagepointtest.New(vantagepointtest.Options{Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: write, Fault: fault}}}})
		if err != nil {
			t.Fatal(err)
		}
		address, stop, err := tenant.Start()
		if err != nil {
			t.Fatal(err)
		}
		client := clientOf(t, tenant, func(c *vantagepoint.Config) { c.BaseURL, c.Transport, c.Settle = address, nil, time.Millisecond })
		var c caller
		_, c.outcome, c.err = client.Journals.FindOrCreate(t.Context(), sale("JE-a"))
		wrote := fault != vantagepointtest.FaultCutBefore && fault != vantagepointtest.FaultHTML503
		if n := tenant.Calls()[write]; n != 1 {
			t.Errorf("%q: sent %d times", fault, n)
		}
		if wrote != (c.err == nil) || !wrote && !errors.Is(c.err, vantagepoint.ErrUnanswered) {
			t.Errorf("%q: %s, %v", fault, c.outcome, c.err)
		}
		if _, outcome, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil || wrote != (outcome == vantagepoint.Found) || len(tenant.Batches()) != 1 {
			t.Errorf("%q, again: %s, %v, %d batches", fault, outcome, err, len(tenant.Batches()))
		}
		stop()
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	}
}
