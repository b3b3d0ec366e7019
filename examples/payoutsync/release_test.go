package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

const phrase = "correct horse battery"

// guarded is an installation whose payouts are booked, and in which nothing more is booked without a release.
func guarded(t *testing.T, i install, approval string) install {
	t.Helper()
	i.edit(t, "rules.yaml", `# accrual: {account: "118.00"}`, `accrual: {account: "117.00"}`)
	i = synced(t, i)
	i.edit(t, "payoutsync.yaml", "approval: none", "approval: "+approval)
	for _, name := range []string{"ann", "ben"} {
		i.as(t, "user", "add", name).expect(t, exitDone)
	}
	return i
}

// as runs a command with a user's password on standard input.
func (i install) as(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"--config", i.config}, args...), strings.NewReader(phrase+"\n"), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// releasers are who released something of a settlement or an accrual, by the audit log.
func (i install) releasers(t *testing.T, id string) []string {
	t.Helper()
	db, err := store.Open(t.Context(), i.database, filepath.Join(i.dir, "payoutsync-data"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // nothing is lost
	found, err := db.SQL.QueryContext(t.Context(), db.Query(`select body from booking_records where settlement = ? order by seq`), id)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close() // it was only read
	var by []string
	for found.Next() {
		var body string
		var r booking.Record
		if err := errors.Join(found.Scan(&body), json.Unmarshal([]byte(body), &r)); err != nil {
			t.Fatal(err)
		}
		if r.Event == booking.EventApproved {
			by = append(by, r.Actor)
		}
	}
	return by
}

// held keeps a snapshot of the last month's end, and returns the month's period.
func (i install) held(t *testing.T) int {
	t.Helper()
	last := time.Now().AddDate(0, 0, -time.Now().Day())
	period := last.Year()*100 + int(last.Month())
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	i.keep(t, ledgermap.Snapshot{Period: period, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{
		{ID: "a", Marketplace: "Amazon.com", Amounts: []ledgermap.DeferredAmount{
			{Category: settlement.CategoryPrincipal, Amount: settlement.MoneyOf(10000, usd)}, {Category: settlement.CategoryReferralFee, Amount: settlement.MoneyOf(-1500, usd)},
		}},
	}})
	return period
}

func TestR4_6_AReversalIsBookedWhenItIsReleasedAndNotBefore(t *testing.T) {
	for _, approval := range []string{"manual", "two-person"} {
		t.Run(approval, func(t *testing.T) {
			onBoth(t, func(t *testing.T, i install) {
				i = guarded(t, i, approval)
				id := "acme-us/" + i.first(t)
				before := len(i.tenant.Batches())
				o := i.run(t, "reverse", id, "--reason", "wrong project").expect(t, exitDone)
				if !strings.Contains(o.out, "awaiting_approval") || !strings.Contains(o.errors, "payoutsync approve "+id) {
					t.Errorf("the state and the next command are not told: %s%s", o.out, o.errors)
				}
				if o := i.run(t, "sync", "--json").expect(t, exitDone).summary(t); o.Refused != 0 {
					t.Errorf("the round refuses what waits: %+v", counts(o))
				}
				users := map[string][]string{"manual": {"ann"}, "two-person": {"ann", "ben"}}[approval]
				for n, name := range users { // who asked for it, by another name of this machine, may be one of them
					o = i.as(t, "approve", id, "--user", name).expect(t, exitDone)
					i.as(t, "approve", id, "--user", name).expect(t, exitRefused)
					if n+1 == len(users) {
						break
					}
					if o := i.run(t, "reverse", id, "--reason", "wrong project", "--json").expect(t, exitDone).lines(t)[0]; o["state"] != "awaiting_approval" {
						t.Fatalf("after the release by %s alone: %v", name, o)
					}
				}
				for _, want := range []string{"wrong project", "115.00", "339.47"} {
					if !strings.Contains(o.errors, want) {
						t.Errorf("what is released is not shown: %q is missing in %s", want, o.errors)
					}
				}
				if n := len(i.tenant.Batches()); n != before {
					t.Fatalf("%d batches were booked before the release was looked at", n-before)
				}
				if o := i.run(t, "reverse", id, "--reason", "wrong project", "--json").expect(t, exitDone).lines(t)[0]; o["state"] != "reversed" {
					t.Fatalf("after the release: %v", o)
				}
				if by := i.releasers(t, i.first(t)); !slices.Equal(by, users) {
					t.Errorf("the audit log names %v", by)
				}
				if n := len(i.tenant.Batches()); n <= before {
					t.Errorf("%d batches before the reversal, %d after it", before, n)
				}
				if o := i.run(t, "status", "--state", "reversed", "--json").expect(t, exitDone).lines(t); len(o) != 1 || o[0]["error"] != nil {
					t.Errorf("status: %v", o)
				}
				i.as(t, "approve", id, "--user", "ben").expect(t, exitUsage) // nothing waits any more
				if o := i.run(t, "replay", id, "--json").expect(t, exitDone).lines(t)[0]; o["state"] != "awaiting_approval" {
					t.Errorf("the next revision wants a release of its own: %v", o)
				}
				i.run(t, "audit", "verify").expect(t, exitDone)
			}, vantagepointtest.Options{RefnoLength: 14})
		})
	}
}

// A reversal that the rules move out of a closed period is released as it was presented, with the day that it was meant for.
func TestR7_2_AReversalThatMovedIsReleasedAsItWasPresented(t *testing.T) {
	i := guarded(t, newInstall(t), "manual")
	id := "acme-us/" + i.first(t)
	now := time.Now()
	last := now.AddDate(0, 0, -now.Day())
	if err := i.tenant.ClosePeriod(last.Year()*100 + int(last.Month())); err != nil {
		t.Fatal(err)
	}
	reverse := []string{"reverse", id, "--reason", "wrong project", "--date", last.Format(time.DateOnly)}
	if o := i.run(t, reverse...).expect(t, exitRefused); !strings.Contains(o.errors, "--date "+now.Format("2006-01-")+"01") {
		t.Errorf("the day that would do is not told: %s", o.errors)
	}
	i.edit(t, "rules.yaml", "\nclosed_period: refuse ", "\nclosed_period: next-open-period ")
	i.run(t, reverse...).expect(t, exitDone)
	if o := i.as(t, "approve", id, "--user", "ann").expect(t, exitDone); !strings.Contains(o.errors, "was "+last.Format(time.DateOnly)) {
		t.Errorf("the day it was meant for is not shown: %s", o.errors)
	}
	i.run(t, "sync").expect(t, exitDone)
	if o := i.run(t, "status", "--state", "reversed", "--json").expect(t, exitDone).lines(t); len(o) != 1 {
		t.Errorf("status: %v", o)
	}
}

func TestR4_6_TheRoundAfterTheReleaseFinishesTheReversal(t *testing.T) {
	i := guarded(t, newInstall(t), "manual")
	id := "acme-us/" + i.first(t)
	i.run(t, "reverse", id, "--reason", "wrong project").expect(t, exitDone)
	i.as(t, "approve", id, "--user", "ann").expect(t, exitDone)
	i.run(t, "sync").expect(t, exitDone)
	if o := i.run(t, "status", "--state", "reversed", "--json").expect(t, exitDone).lines(t); len(o) != 1 || o[0]["settled"] != true {
		t.Errorf("status: %v", o)
	}
}

func TestR8_1_AnAccrualIsBookedWhenItIsReleasedAndNotBefore(t *testing.T) {
	for approval, users := range map[string][]string{"manual": {"ann"}, "two-person": {"ann", "ben"}} {
		t.Run(approval, func(t *testing.T) {
			onBoth(t, func(t *testing.T, i install) {
				i = guarded(t, i, approval)
				period := i.held(t)
				id := "acme-us/" + ledgermap.AccrualID(period)
				before := len(i.tenant.Batches())
				i.as(t, "approve", id, "--user", "ann").expect(t, exitUsage) // nothing waits yet
				accrue := []string{"accrue", "--period", strconv.Itoa(period), "--opening"}
				for n, who := range users {
					o := i.run(t, accrue...).expect(t, exitDone)
					if !strings.Contains(o.out, "awaiting_approval") || !strings.Contains(o.errors, "payoutsync approve "+id) {
						t.Errorf("the state and the next command are not told: %s%s", o.out, o.errors)
					}
					o = i.as(t, "approve", id, "--user", who).expect(t, exitDone)
					for _, want := range []string{fmt.Sprint(period), "117.00", "85.00", "100.00"} {
						if !strings.Contains(o.errors, want) {
							t.Errorf("what is released is not shown: %q is missing in %s", want, o.errors)
						}
					}
					next := "Another person has to release it, too."
					if n == len(users)-1 {
						next = "payoutsync accrue --period " + fmt.Sprint(period)
					}
					if !strings.Contains(o.out, next) {
						t.Errorf("what comes next is not told: %s", o.out)
					}
					i.as(t, "approve", id, "--user", who).expect(t, exitRefused) // the same person twice
					if n := len(i.tenant.Batches()); n != before {
						t.Fatalf("%d batches were booked before", n-before)
					}
				}
				if o := i.run(t, append(accrue, "--json")...).expect(t, exitDone).lines(t)[0]; o["state"] != "booked" {
					t.Fatalf("after the release: %v", o)
				}
				if n := len(i.tenant.Batches()); n != before+2 {
					t.Errorf("%d batches are new, want the accrual and its reversal", n-before)
				}
				if by := i.releasers(t, ledgermap.AccrualID(period)); !slices.Equal(by, users) {
					t.Errorf("the audit log names %v", by)
				}
				i.as(t, "approve", id, "--user", "ben").expect(t, exitUsage) // nothing waits any more
				i.run(t, "audit", "verify").expect(t, exitDone)
			})
		})
	}
}

func TestThePageOfApprovalsShowsAndReleasesReversalsAndAccruals(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = guarded(t, i, "manual")
		settlementID, period := i.first(t), i.held(t)
		i.run(t, "reverse", settlementID, "--reason", "wrong project").expect(t, exitDone)
		i.run(t, "accrue", "--period", strconv.Itoa(period), "--opening").expect(t, exitDone)
		before := len(i.tenant.Batches())
		s := serve(t, i.config, append([]string{"--listen", "127.0.0.1:0"}, short...)...)
		jar, _ := cookiejar.New(nil)
		s.client.Jar = jar
		resp, err := s.client.PostForm(s.url+"/login", url.Values{"name": {"ann"}, "password": {phrase}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		_, page := s.get("/approvals")
		for _, want := range []string{"wrong project", "Reversal", "Accrual", "117.00", "85.00", "339.47"} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is missing in\n%s", want, page)
			}
		}
		forms := regexp.MustCompile(`(?s)<form method="post" action="/approvals">.*?</form>`).FindAllString(page, -1)
		if len(forms) != 2 {
			t.Fatalf("%d forms in\n%s", len(forms), page)
		}
		for _, text := range forms {
			form := url.Values{}
			for _, field := range regexp.MustCompile(`name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(text, -1) {
				form.Set(field[1], field[2])
			}
			resp, err := s.client.PostForm(s.url+"/approvals", form)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Errorf("%v: %d %s", form, resp.StatusCode, body)
			}
		}
		wait(t, time.Minute, "the reversal by the round of serve", func() bool {
			_, body := s.get("/payouts?state=reversed")
			return strings.Contains(body, settlementID)
		})
		s.stop()
		reversed := len(i.tenant.Batches())
		if reversed <= before {
			t.Errorf("%d batches before, %d after", before, reversed)
		}
		if o := i.run(t, "accrue", "--period", strconv.Itoa(period), "--opening", "--json").expect(t, exitDone).lines(t)[0]; o["state"] != "booked" {
			t.Errorf("after the release: %v", o)
		}
	})
}

func TestAReversalThatWasKilledMidwayIsShownAndFinished(t *testing.T) {
	for name, finish := range map[string][]string{"by hand": {"--reason", "wrong project", "reverse"}, "by a replay": {"replay"}, "by a round": nil} {
		t.Run(name, func(t *testing.T) {
			var kill atomic.Pointer[exec.Cmd]
			i := synced(t, newInstall(t, vantagepointtest.Options{RefnoLength: 14, Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
				if strings.HasPrefix(c.Operation, "POST DataEntry/") {
					if c := kill.Swap(nil); c != nil {
						_ = c.Process.Kill() // the tenant books it all the same
					}
				}
				return vantagepointtest.FaultNone
			}}}))
			id := "acme-us/" + i.first(t)
			before := len(i.tenant.Batches())
			c := exec.CommandContext(t.Context(), os.Args[0], "--config", i.config, "reverse", id, "--reason", "wrong project")
			c.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			kill.Store(c) // long before it has logged in
			if err := c.Wait(); err == nil {
				t.Fatal("it was not killed")
			}
			half := len(i.tenant.Batches())
			if half != before+1 {
				t.Fatalf("%d mirrors are booked, want one", half-before)
			}
			if p := i.payout(t, id); p["settled"] != false || p["state"] != "booking" || !strings.Contains(fmt.Sprint(p["error"]), "payoutsync reverse "+id) {
				t.Errorf("status of a reversal that is not finished: %v", p)
			}
			command := []string{"sync"}
			if n := len(finish); n > 0 {
				command = append([]string{finish[n-1], id}, finish[:n-1]...)
			}
			i.run(t, command...).expect(t, exitDone)
			if p := i.payout(t, id); p["settled"] != true || p["state"] != "reversed" || p["error"] != nil {
				t.Errorf("status of a reversal that is finished: %v", p)
			}
			if n := len(i.tenant.Batches()); n <= half {
				t.Errorf("%d batches when half of it was booked, and %d in the end", half, n)
			}
			if o := i.run(t, "replay", id, "--json").expect(t, exitDone).lines(t)[0]; o["state"] != "booked" {
				t.Errorf("the next revision: %v", o)
			}
			i.run(t, "audit", "verify").expect(t, exitDone)
		})
	}
}

// payout is where a payout stands.
func (i install) payout(t *testing.T, id string) map[string]any {
	t.Helper()
	for _, p := range i.run(t, "status", "--json").expect(t, exitDone).lines(t) {
		if p["id"] == id {
			return p
		}
	}
	t.Fatalf("status does not show %s", id)
	return nil
}
