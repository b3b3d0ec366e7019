package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/browsertest"
	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// firm is an installation for several sellers and the two systems that it works between, on loopback.
type firm struct {
	dir         string
	database    string
	approval    string
	amazon      *spapitest.Amazon
	tenant      *vantagepointtest.Tenant
	settlements int    // of all sellers together
	sellers     string // of the configuration
}

func newFirm(t *testing.T, database string, sellers, settlements int) *firm {
	t.Helper()
	f := &firm{dir: t.TempDir(), database: database, approval: "none", settlements: sellers * settlements}
	var accounts []spapitest.SellerAccount
	for i := range sellers {
		accounts = append(accounts, spapitest.Account(settlementtest.Seller{Seed: uint64(i + 1), Count: settlements, Rows: 30, Until: time.Now()}))
	}
	f.amazon = spapitest.New(spapitest.Options{Sellers: accounts, Rate: 1000})
	var err error
	if f.tenant, err = vantagepointtest.New(vantagepointtest.Options{}); err != nil {
		t.Fatal(err)
	}
	amazonURL, stopAmazon, err := f.amazon.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopAmazon)
	tenantURL, stopTenant, err := f.tenant.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopTenant)
	key := make([]byte, 32)
	rand.Read(key)
	f.write(t, "key", hex.EncodeToString(key))
	f.write(t, "rules.yaml", strings.Replace(string(ledgermap.Starter()), "\nchart: demo\n", "\n", 1))
	for i, who := range f.amazon.Accounts() {
		f.sellers += fmt.Sprintf("  - name: seller-%d\n    schedule: 1h\n    amazon: {region: na, seller_id: %s, marketplaces: [], endpoint: %q, lwa_endpoint: %q}\n"+
			"    vantagepoint: {base_url: %q, database: DEMO, company: \"\", style: files, post: false, banks: {USD: OPER}}\n", i+1, who.ID, amazonURL, amazonURL, tenantURL)
	}
	for i, who := range f.amazon.Accounts() {
		credentials, err := json.Marshal(map[string]map[string]string{
			"amazon": {"client_id": who.ClientID, "client_secret": who.ClientSecret, "refresh_token": who.RefreshToken},
			"vantagepoint": {
				"username": vantagepointtest.DemoUser, "password": vantagepointtest.DemoPassword,
				"client_id": vantagepointtest.DemoClientID, "client_secret": vantagepointtest.DemoClientSecret,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.run(t, string(credentials), "connect", fmt.Sprintf("seller-%d", i+1)).expect(t, 0)
	}
	return f
}

func (f *firm) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// config is the configuration of one machine, which has a home of its own.
func (f *firm) config(t *testing.T, machine string) string {
	t.Helper()
	f.write(t, machine+".yaml", fmt.Sprintf("home: %s\ndatabase: %s\nrules: rules.yaml\napproval: %s\nkey: file:%s\nserve: {listen: \"127.0.0.1:0\", workers: 4}\nsellers:\n%s",
		machine, f.database, f.approval, filepath.Join(f.dir, "key"), f.sellers))
	return filepath.Join(f.dir, machine+".yaml")
}

// run runs a command on the first machine.
func (f *firm) run(t *testing.T, in string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"--config", f.config(t, "one")}, args...), strings.NewReader(in), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// serving is a running serve.
type serving struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	errors *bytes.Buffer
	client *http.Client
}

// short are times of serve that are short enough for a test; without them they are those of every day.
var short = []string{
	"--scan=100ms", "--lease=3s", "--job-timeout=6s", "--rescue-after=8s", "--hold=2s", "--retry=200ms", "--grace=5s", "--timeout=2s", "--patience=4s",
}

// serve starts the program on a machine.
func (f *firm) serve(t *testing.T, machine string, flags ...string) *serving {
	t.Helper()
	return serve(t, f.config(t, machine), flags...)
}

// serve starts the program with a configuration.
func serve(t *testing.T, config string, flags ...string) *serving {
	t.Helper()
	s := &serving{t: t, errors: &bytes.Buffer{}}
	s.cmd = exec.Command(os.Args[0], append([]string{"--json", "--config", config, "serve"}, flags...)...)
	s.cmd.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1")
	s.cmd.Stderr = s.errors
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", config, s.errors)
		}
	})
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	var said struct{ Serving string }
	if err != nil || json.Unmarshal([]byte(line), &said) != nil || said.Serving == "" {
		_ = s.cmd.Wait()
		t.Fatalf("serve said %q, %v\n%s", line, err, s.errors)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	s.url = said.Serving
	jar, _ := cookiejar.New(nil)
	s.client = &http.Client{Jar: jar, Timeout: 10 * time.Second}
	return s
}

// stop ends it as an init system would, and expects it to end well.
func (s *serving) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("serve ended with %v\n%s", err, s.errors)
	}
}

// kill ends it as a power cut would.
func (s *serving) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait() // killed
}

func (s *serving) get(path string) (int, string) {
	s.t.Helper()
	resp, err := s.client.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// wait waits for a condition.
func wait(t *testing.T, most time.Duration, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s did not happen in %v", what, most)
		}
	}
}

// states counts payouts by state.
func (f *firm) states(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, line := range f.run(t, "", "--json", "status", "--limit=1000").expect(t, 0).lines(t) {
		counts[line["state"].(string)]++
	}
	return counts
}

func (f *firm) booked(t *testing.T) func() bool {
	return func() bool { return f.states(t)["booked"] == f.settlements }
}

// everythingIsBookedOnce compares the tenant's books with what the program knows.
func (f *firm) everythingIsBookedOnce(t *testing.T) {
	t.Helper()
	batches := map[string]int{}
	for _, b := range f.tenant.Batches() {
		batches[b.Type+" "+b.Batch]++
		if !b.Balanced {
			t.Errorf("batch %s does not balance", b.Batch)
		}
	}
	for name, n := range batches {
		if n != 1 {
			t.Errorf("batch %s is in the books %d times", name, n)
		}
	}
	s := f.run(t, "", "--json", "sync").expect(t, 0).summary(t)
	if s.Settlements != f.settlements || s.Found != f.settlements || s.Booked != 0 || s.Duplicates != 0 || s.ClearingOpen != 0 || s.Refused != 0 {
		t.Errorf("a sync afterwards ends with %+v", counts(s))
	}
	f.run(t, "", "audit", "verify").expect(t, 0)
}

// store opens the database beside whatever works.
func (f *firm) store(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), f.database, filepath.Join(f.dir, "one"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// onBothDatabases runs a test on SQLite and on PostgreSQL.
func onBothDatabases(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite") })
	t.Run("postgresql", func(t *testing.T) { test(t, pgtest.DSN(t)) })
}

func TestServeBooksEverySellerAndStopsOnSIGTERM(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, database string) {
		f := newFirm(t, database, 2, 3)
		s := f.serve(t, "one", short...)
		wait(t, time.Minute, "the booking of all payouts", f.booked(t))
		for path, want := range map[string][]string{
			"/healthz": {"ok"}, "/readyz": {"ready"}, "/payouts": {"seller-1", "seller-2", "booked"}, "/findings": {"Findings"}, "/approvals": {"No plan waits"},
			"/sellers": {"seller-2", "every 1h", "client secret until", "by <time"}, "/jobs": {"settle seller-1", "completed"},
			"/metrics": {`payoutsync_payouts{state="booked"} 6`, `payoutsync_requests_total{operation="reports.getReports",system="amazon"}`, `payoutsync_job_seconds_count{outcome="done",task="settle"} 6`, "payoutsync_database_up 1"},
		} {
			status, body := s.get(path)
			for _, text := range want {
				if status != http.StatusOK || !strings.Contains(body, text) {
					t.Errorf("%s: %d, %q is missing in\n%s", path, status, text, body)
				}
			}
			for _, who := range f.amazon.Accounts() {
				if path == "/metrics" && (strings.Contains(body, who.ID) || strings.Contains(body, "seller-1")) {
					t.Errorf("the metrics name a seller:\n%s", body)
				}
			}
		}
		link := regexp.MustCompile(`/payouts/seller-1/\d+`).FindString(second(s.get("/payouts")))
		if status, body := s.get(link + "/report"); status != http.StatusOK || !strings.Contains(body, "Audit trail") || strings.Contains(body, "<script") {
			t.Errorf("%s/report: %d\n%s", link, status, body)
		}
		s.stop()
		f.everythingIsBookedOnce(t)
	})
}

func second(_ int, body string) string { return body }

func TestSettledSettlementsAreNotLookedAtAgain(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 3)
	s := f.serve(t, "one", short...)
	wait(t, time.Minute, "the booking of all payouts", f.booked(t))
	s.stop()
	before := f.amazon.Calls()["getReportDocument"]
	if _, err := f.store(t).Exec(t.Context(), `update sellers set due_at = 1`); err != nil {
		t.Fatal(err)
	}
	s = f.serve(t, "one", short...)
	wait(t, time.Minute, "another round", func() bool {
		_, body := s.get("/metrics")
		return strings.Contains(body, `payoutsync_job_seconds_count{outcome="done",task="collect"} 1`)
	})
	if _, body := s.get("/metrics"); strings.Contains(body, `task="settle"`) {
		t.Errorf("a settled settlement was settled again:\n%s", body)
	}
	if n := f.amazon.Calls()["getReportDocument"]; n != before {
		t.Errorf("%d documents were asked for again", n-before)
	}
	s.stop()
}

func TestAKilledServeLosesAndDoublesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a killed process's jobs are taken over")
	}
	times, most := short, 3*time.Minute
	if os.Getenv("CI_LONG") == "1" { // as it is every day
		times, most = nil, 8*time.Minute
	}
	f := newFirm(t, pgtest.DSN(t), 6, 4)
	before := f.amazon.Calls()["token"]
	one, two := f.serve(t, "one", times...), f.serve(t, "two", times...)
	for i, s := range []**serving{&one, &two} {
		enough := 4 + 8*i
		wait(t, time.Minute, fmt.Sprintf("%d batches", enough), func() bool { return len(f.tenant.Batches()) >= enough })
		(*s).kill()
		if i == 0 {
			one = f.serve(t, "one", times...)
		}
	}
	killed := time.Now()
	wait(t, most, "the booking of all payouts by the process that is left", f.bookedSays(t, one))
	t.Logf("two kills; everything is booked %.1f s after the last one", time.Since(killed).Seconds())
	one.stop()
	if n := f.amazon.Calls()["token"] - before; n != 6 {
		t.Errorf("three processes got %d access tokens for six sellers", n)
	}
	f.everythingIsBookedOnce(t)
}

func TestAServeThatWasKilledOnSQLiteGoesOnAtOnceWhenItIsStartedAgain(t *testing.T) {
	f := newFirm(t, "sqlite", 2, 4)
	s := f.serve(t, "one", short...)
	for n := range 3 {
		wait(t, time.Minute, "another batch", func() bool { return len(f.tenant.Batches()) > 3*n })
		s.kill()
		s = f.serve(t, "one", short...)
	}
	started := time.Now()
	wait(t, time.Minute, "the booking of all payouts", f.bookedSays(t, s))
	t.Logf("three kills; everything is booked %.1f s after the last start", time.Since(started).Seconds())
	s.stop()
	f.everythingIsBookedOnce(t)
}

func TestTheReportIsShownByABrowserAsItIs(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 2)
	s := f.serve(t, "one", short...)
	wait(t, time.Minute, "the booking of all payouts", f.booked(t))
	p := browsertest.Open(t).Page(t, browsertest.View{Width: 1280, Height: 800, NoScript: true})
	p.Visit(s.url + "/payouts")
	p.Eval(`document.querySelector('tbody a').click()`, nil)
	p.WaitLoad()
	p.Eval(`document.querySelector('a.button').click()`, nil)
	p.WaitLoad()
	var font string
	p.Eval(`document.title + ' / ' + getComputedStyle(document.body).fontFamily`, &font)
	if !strings.Contains(font, "ettlement") || !strings.Contains(font, "system-ui") || len(p.Problems()) > 0 {
		t.Errorf("the report in the browser: %s, %v", font, p.Problems())
	}
	p.Screenshot("report")
	s.stop()
}

// bookedSays asks a running serve, because the home of the first machine is its.
func (f *firm) bookedSays(t *testing.T, s *serving) func() bool {
	t.Helper()
	return func() bool {
		_, body := s.get("/metrics")
		return strings.Contains(body, fmt.Sprintf("payoutsync_payouts{state=\"booked\"} %d\n", f.settlements))
	}
}

func TestAPlanIsReleasedByAUserAndNotByThePasserBy(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 1)
	f.approval = "two-person"
	const password = "correct horse battery"
	for _, name := range []string{"ann", "bob"} {
		f.run(t, password+"\n", "user", "add", name).expect(t, 0)
	}
	f.run(t, "short\n", "user", "add", "carl").expect(t, exitUsage)
	s := f.serve(t, "one", short...)
	wait(t, time.Minute, "a plan that waits", func() bool { return f.states(t)["awaiting_approval"] == 1 })
	if n := len(f.tenant.Batches()); n != 0 {
		t.Fatalf("%d batches are booked before anybody released them", n)
	}
	if _, body := s.get("/approvals"); strings.Contains(body, "Release as") || !strings.Contains(body, "Log in") {
		t.Errorf("without a log-in: %s", body)
	}
	for _, name := range []string{"ann", "bob"} {
		jar, _ := cookiejar.New(nil)
		s.client.Jar = jar
		resp, err := s.client.PostForm(s.url+"/login", url.Values{"name": {name}, "password": {password}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		_, page := s.get("/approvals")
		form := url.Values{}
		for _, field := range []string{"key", "seller", "settlement", "plan"} {
			value := regexp.MustCompile(`name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page)
			if value == nil {
				t.Fatalf("no form for %s:\n%s", name, page)
			}
			form.Set(field, value[1])
		}
		if name == "bob" && !strings.Contains(page, "released by ann") {
			t.Errorf("the page does not say who released it: %s", page)
		}
		for again := range 2 {
			resp, err := s.client.PostForm(s.url+"/approvals", form)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if name == "ann" && again == 1 && (resp.StatusCode != http.StatusConflict || !strings.Contains(string(body), "another person")) {
				t.Errorf("ann released twice: %d %s", resp.StatusCode, body)
			}
			if name == "ann" && len(f.tenant.Batches()) != 0 {
				t.Fatal("one person's release booked it")
			}
		}
	}
	wait(t, time.Minute, "the booking", f.booked(t))
	s.stop()
}

func TestServeRefusesToShowItsPagesToTheNetworkInClear(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 1)
	o := f.run(t, "", "serve", "--listen", "0.0.0.0:0").expect(t, exitUsage)
	for _, want := range []string{"serve.tls", "payoutsync user add"} {
		if !strings.Contains(o.errors, want) {
			t.Errorf("%q is missing in %s", want, o.errors)
		}
	}
}
