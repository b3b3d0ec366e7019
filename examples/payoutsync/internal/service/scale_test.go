package service_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/service"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// Compression: Amazon's buckets, schedules and the queue's times, all by the same idea and none of them by a clock.
const (
	hurry = 400 // Amazon refills so much faster, in its own table and in ours: a document every 0.15 s

	jobTimeout  = 10 * time.Second
	rescueAfter = 12 * time.Second
	lease       = 4 * time.Second
	schedule    = 30 * time.Second
)

// scaled are the options of a process in the simulation.
var scaled = service.Options{
	Workers: 16, Timeout: jobTimeout, RescueAfter: rescueAfter, Lease: lease, Scan: 500 * time.Millisecond, Hold: 15 * time.Second,
	Backlog: 200, Grace: 2 * time.Second, RetryFirst: time.Second,
}

// childConfig names the configuration of a child process.
const childConfig = "PAYOUTSYNC_SCALE_CONFIG"

// child is one `serve` without its pages.
func child(name string) int {
	cfg, err := config.Load(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println("listening to signals")
	in, err := installation.Open(ctx, cfg, optionsOf())
	if err == nil {
		var s *service.Service
		if s, err = service.New(ctx, in, scaled, slog.New(slog.DiscardHandler)); err == nil {
			err = s.Run(ctx)
		}
		err = errors.Join(err, in.Close())
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func optionsOf() installation.Options {
	return installation.Options{
		RulesText: ledgermap.Starter(), Faster: hurry, Quota: 2 * time.Second, Timeout: 3 * time.Second, Patience: 5 * time.Second,
		Logger: slog.New(slog.DiscardHandler),
	}
}

// size is how large a simulation is.
type size struct {
	sellers, settlements, rows int
	perTenant                  int // sellers that share a Vantagepoint tenant
	kills                      int
	post                       bool
	ahead                      time.Duration // of the database's clock
	seed                       uint64
}

// simulation is many sellers, their tenants, and processes that work for them.
type simulation struct {
	size
	t       *testing.T
	config  string
	dsn     string
	amazon  *spapitest.Amazon
	tenants []*vantagepointtest.Tenant
	running [2]*exec.Cmd
	ended   [2]chan error
}

func newSimulation(t *testing.T, s size) *simulation {
	t.Helper()
	m := &simulation{size: s, t: t, dsn: pgtest.DSNAhead(t, s.ahead)}
	cfg := &config.Config{Database: m.dsn, Rules: "rules.yaml", Approval: "none"}
	var accounts []spapitest.SellerAccount
	for i := range s.sellers {
		accounts = append(accounts, spapitest.Account(settlementtest.Seller{Seed: s.seed*1e6 + uint64(i+1), Count: s.settlements, Rows: s.rows, Until: time.Now().Add(s.ahead)}))
	}
	m.amazon = spapitest.New(spapitest.Options{Sellers: accounts, Rate: hurry, Now: func() time.Time { return time.Now().Add(s.ahead) }})
	amazonURL, stop, err := m.amazon.Start()
	m.check(err)
	t.Cleanup(stop)
	var tenantURL string
	dir := t.TempDir()
	secrets := map[string]config.Credentials{}
	for i, who := range m.amazon.Accounts() {
		if i%s.perTenant == 0 {
			tenant, err := vantagepointtest.New(vantagepointtest.Options{})
			m.check(err)
			url, stop, err := tenant.Start()
			m.check(err)
			t.Cleanup(stop)
			tenantURL, m.tenants = url, append(m.tenants, tenant)
		}
		name := fmt.Sprintf("seller-%04d", i+1)
		cfg.Sellers = append(cfg.Sellers, config.Seller{
			Name: name, Schedule: config.Duration(schedule),
			Amazon:       config.Amazon{Region: "na", SellerID: who.ID, Endpoint: amazonURL, LWAEndpoint: amazonURL},
			Vantagepoint: config.Vantagepoint{BaseURL: tenantURL, Database: "DEMO", Style: "files", Post: s.post, Banks: map[string]string{"USD": "OPER"}},
		})
		secrets[name] = config.Credentials{
			Amazon: config.AmazonCredentials{ClientID: who.ClientID, ClientSecret: who.ClientSecret, RefreshToken: who.RefreshToken},
			Vantagepoint: config.VantagepointCredentials{
				Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword,
				ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret,
			},
		}
	}
	key := make([]byte, 32)
	rand.Read(key)
	keyFile := filepath.Join(dir, "key")
	m.check(os.WriteFile(keyFile, []byte(hex.EncodeToString(key)), 0o600))
	cfg.Key = "file:" + keyFile
	for n := range m.running {
		cfg.Home = filepath.Join(dir, "home"+strconv.Itoa(n))
		text, err := yaml.Dump(cfg)
		m.check(err)
		m.check(os.WriteFile(filepath.Join(dir, strconv.Itoa(n)+".yaml"), text, 0o600))
	}
	m.config = dir
	in := m.open()
	for _, s := range in.Config.Sellers {
		m.check(in.SetCredentials(t.Context(), s, secrets[s.Name]))
	}
	m.check(in.Close())
	return m
}

func (m *simulation) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// open opens the installation in this process.
func (m *simulation) open() *installation.Installation {
	m.t.Helper()
	cfg, err := config.Load(filepath.Join(m.config, "0.yaml"))
	m.check(err)
	cfg.Home += "-look"
	in, err := installation.Open(m.t.Context(), cfg, optionsOf())
	m.check(err)
	return in
}

// start returns when the process can be asked to stop: one that was only just begun dies of the signal.
func (m *simulation) start(n int) {
	m.t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0]) // it is ended below
	cmd.Env = append(os.Environ(), childConfig+"="+filepath.Join(m.config, strconv.Itoa(n)+".yaml"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	m.check(err)
	m.check(cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	m.check(err)
	m.running[n], m.ended[n] = cmd, make(chan error, 1)
	go func(ended chan<- error) { ended <- cmd.Wait() }(m.ended[n])
}

func (m *simulation) kill(n int) {
	_ = m.running[n].Process.Kill()
	if err := <-m.ended[n]; err == nil {
		m.t.Errorf("process %d had ended before it was killed", n)
	}
}

// leader returns which process leads the queue, -1 for none.
func (m *simulation) leader(in *installation.Installation) int {
	var id string
	if err := in.Store.SQL.QueryRowContext(m.t.Context(), `select leader_id from river_leader`).Scan(&id); err != nil {
		return -1 // no table yet, or nobody
	}
	return slices.IndexFunc(m.running[:], func(p *exec.Cmd) bool { return strings.Contains(id, fmt.Sprintf("_%d_", p.Process.Pid)) })
}

// peak is the most memory that a process has had, in MB.
func peak(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kB, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kB / 1024
		}
	}
	return 0
}

// done counts the settlements that are booked and stand in no line.
func (m *simulation) done(in *installation.Installation) (n int) {
	m.t.Helper()
	m.check(in.Store.SQL.QueryRowContext(m.t.Context(), `select count(*) from payouts where state in ('booked', 'posted') and pending = 0`).Scan(&n))
	return n
}

// figures are what a simulation cost.
type figures struct {
	settlements, documents int
	took, afterLastKill    time.Duration
	kills, leaders         int // processes killed; those of them that led the queue
	amazon, vantagepoint   int
	queries                int
	calls                  map[string]int // of Vantagepoint, by operation
	memory                 [2]int         // MB
}

func (f figures) perDocument() float64 { return float64(f.vantagepoint) / float64(f.documents) }

func (f figures) String() string {
	per := func(n int) string { return fmt.Sprintf("%.1f", float64(n)/float64(f.settlements)) } // a ratio, no money
	return fmt.Sprintf("%d settlements, %d documents, %d kills (%d of the leader) in %v (done %v after the last kill): %.1f settlements/s; per settlement %s queries, %s Amazon calls, %s Vantagepoint calls (%.2f per document); memory %d and %d MB",
		f.settlements, f.documents, f.kills, f.leaders, f.took.Round(time.Second), f.afterLastKill.Round(time.Second), float64(f.settlements)/f.took.Seconds(),
		per(f.queries), per(f.amazon), per(f.vantagepoint), f.perDocument(), f.memory[0], f.memory[1])
}

func sum(calls map[string]int) (n int) {
	for c := range maps.Values(calls) {
		n += c
	}
	return n
}

// queries counts statements by PostgreSQL's own count, where it keeps one.
func (m *simulation) queries(in *installation.Installation) (n int) {
	if _, err := in.Store.SQL.ExecContext(m.t.Context(), `create extension if not exists pg_stat_statements with schema public`); err != nil {
		return 0
	}
	m.check(in.Store.SQL.QueryRowContext(m.t.Context(), `select coalesce(sum(calls), 0) from public.pg_stat_statements`).Scan(&n))
	return n
}

// run starts two processes, kills one of them now and then, and waits until everything is booked.
func (m *simulation) run() figures {
	t := m.t
	in := m.open()
	defer func() { m.check(in.Close()) }()
	dice := mathrand.New(mathrand.NewPCG(m.seed, 1))
	all := m.sellers * m.settlements
	before := m.queries(in)
	begun := time.Now()
	last := begun
	deadline := time.After(time.Duration(all)*500*time.Millisecond + 3*time.Minute)
	for n := range m.running {
		m.start(n)
	}
	kills, leaders, quiet := 0, 0, false
	// The kills spread over the work, by how much of it is done. After half of them comes a quiet spell in which the jobs
	// of killed workers are rescued.
	for done := 0; done < all; done = m.done(in) {
		pause := time.Duration(200+dice.IntN(800)) * time.Millisecond
		if kills == (m.kills+1)/2 && m.kills > 0 && !quiet {
			quiet, pause = true, rescueAfter+3*time.Second
		}
		select {
		case <-time.After(pause):
		case err := <-m.ended[0]:
			t.Fatalf("process 0 has ended: %v", err)
		case err := <-m.ended[1]:
			t.Fatalf("process 1 has ended: %v", err)
		case <-deadline:
			t.Fatalf("%d of %d settlements are booked after %v", m.done(in), all, time.Since(begun))
		}
		// The first waits for a leader: a small simulation may end before another is elected.
		leader := m.leader(in)
		if kills < m.kills && done*m.kills >= kills*all && (kills > 0 || leader >= 0) {
			n := dice.IntN(len(m.running))
			if kills%2 == 0 && leader >= 0 {
				n = leader
			}
			if n == leader {
				leaders++
			}
			m.kill(n)
			m.start(n)
			kills, last = kills+1, time.Now()
		}
	}
	f := figures{settlements: all, kills: kills, leaders: leaders, took: time.Since(begun), afterLastKill: time.Since(last), queries: m.queries(in) - before, amazon: sum(m.amazon.Calls())}
	for n, cmd := range m.running {
		f.memory[n] = peak(t, cmd.Process.Pid)
		m.check(cmd.Process.Signal(syscall.SIGTERM))
		if err := <-m.ended[n]; err != nil {
			t.Errorf("a process that was asked to stop: %v", err)
		}
	}
	f.calls = map[string]int{}
	for _, tenant := range m.tenants {
		for op, n := range tenant.Calls() {
			f.calls[op] += n
			f.vantagepoint += n
		}
	}
	f.documents = m.prove(in)
	return f
}

// prove holds the books against the log: every document once, and every chain whole. It returns how many documents there
// are.
func (m *simulation) prove(in *installation.Installation) (documents int) {
	t := m.t
	seen := map[string]int{}
	for _, tenant := range m.tenants {
		for _, b := range tenant.Batches() {
			seen[b.Batch]++
			if !b.Balanced {
				t.Errorf("batch %s does not balance", b.Batch)
			}
		}
	}
	for batch, n := range seen {
		if n > 1 {
			t.Errorf("batch %s is in the books %d times", batch, n)
		}
	}
	rows, err := in.Store.SQL.QueryContext(t.Context(), `select seller, settlement from payouts`)
	m.check(err)
	defer rows.Close() // Err tells
	var ids [][2]string
	for rows.Next() {
		var id [2]string
		m.check(rows.Scan(&id[0], &id[1]))
		ids = append(ids, id)
	}
	m.check(rows.Err())
	if len(ids) != m.sellers*m.settlements {
		t.Errorf("%d settlements are known, want %d", len(ids), m.sellers*m.settlements)
	}
	for _, id := range ids {
		p, err := in.Store.Payout(t.Context(), id[0], id[1])
		m.check(err)
		for _, d := range p.Documents {
			switch {
			case d.State == string(booking.DocumentWaiting):
			case seen[d.Batch] != 1:
				t.Errorf("settlement %s: document %s is said to be %s, and is in the books %d times", p.ID(), d.Key, d.State, seen[d.Batch])
			default:
				documents++
			}
		}
	}
	if documents != len(seen) {
		t.Errorf("the books hold %d batches, and %d documents are known", len(seen), documents)
	}
	sellers, err := in.Log.Sellers(t.Context())
	m.check(err)
	for _, seller := range sellers {
		v, err := booking.Verify(t.Context(), in.Log, seller)
		m.check(err)
		if !v.OK() {
			t.Errorf("the chain of %s: %v", seller, v.Faults)
		}
	}
	return documents
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childConfig); name != "" {
		os.Exit(child(name))
	}
	os.Exit(pgtest.Main(m))
}

// What a document may cost Vantagepoint, whose limits nobody knows: everything counted, log-ins and settings as well.
const (
	callsPerDocument       = 7.0
	callsPerPostedDocument = 9.0
)

// callsPerKill is what a process that was killed may cost beside: the one that follows logs in and reads the settings, and
// for each job that was under way it looks for what may have been sent. With hundreds of documents a kill it is no longer
// seen.
const callsPerKill = 50

// checkCalls is for tenants whose clock is the machine's: the other simulations are too small to carry the starts of their
// processes.
func (f figures) checkCalls(t *testing.T, post bool) {
	t.Helper()
	limit := callsPerDocument
	if post {
		limit = callsPerPostedDocument
	}
	if os.Getenv("CI_LONG") != "1" {
		limit += float64(f.kills*callsPerKill) / float64(f.documents) // a ratio, no money
	}
	if f.perDocument() > limit {
		t.Errorf("%.2f calls of Vantagepoint for a document, more than %.2f: %v", f.perDocument(), limit, f.calls)
	}
}

// In the long form it is a thousand sellers and the settlements of a year each.
func TestManySellersOnTwoProcessesThatAreKilledAreBookedOnce(t *testing.T) {
	for name, s := range map[string]size{
		"drafts":                   {sellers: 24, settlements: 4, rows: 40, perTenant: 8, kills: 6, seed: 1},
		"posted":                   {sellers: 24, settlements: 4, rows: 40, perTenant: 8, kills: 4, seed: 4, post: true},
		"clocks five hours ahead":  {sellers: 8, settlements: 3, rows: 40, perTenant: 8, kills: 3, seed: 5, ahead: -5 * time.Hour},
		"clocks five hours behind": {sellers: 8, settlements: 3, rows: 40, perTenant: 8, kills: 3, seed: 6, ahead: 5 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv("CI_LONG") == "1" {
				s.sellers, s.settlements, s.kills = 10*s.sellers, 26, 20
				if name == "drafts" {
					s.sellers, s.perTenant, s.kills = 1000, 25, 40
				}
			}
			if n, err := strconv.Atoi(os.Getenv("SCALE_SELLERS")); err == nil {
				s.sellers = n
			}
			f := newSimulation(t, s).run()
			t.Log(f)
			if f.kills < s.kills/2 {
				t.Errorf("%d of %d kills", f.kills, s.kills)
			}
			if f.leaders == 0 {
				t.Error("the leader of the queue was never killed")
			}
			// A killed worker's job is rescued, meets no lease any more, and finishes; what was sent and never answered is looked
			// for until the engine's patience ends.
			if most := 6*rescueAfter + time.Duration(s.sellers)*200*time.Millisecond; f.afterLastKill > most {
				t.Errorf("done %v after the last kill, more than %v", f.afterLastKill, most)
			}
			if s.ahead == 0 {
				f.checkCalls(t, s.post)
			}
		})
	}
}

func TestASettlementCostsAsManyCallsWhateverItsNumberOfOrders(t *testing.T) {
	few := newSimulation(t, size{sellers: 6, settlements: 6, rows: 30, perTenant: 6, seed: 3}).run()
	many := newSimulation(t, size{sellers: 6, settlements: 6, rows: 1500, perTenant: 6, seed: 3}).run()
	t.Log("30 rows each: ", few)
	t.Log("1,500 rows each: ", many)
	few.checkCalls(t, false)
	// The two processes share the work by chance, and each reads a company's settings for itself.
	const chance = 6 * 8
	if many.amazon > few.amazon+chance || many.vantagepoint > few.vantagepoint+chance {
		t.Errorf("%d and %d calls for settlements of 30 rows, %d and %d for those of 1,500", few.amazon, few.vantagepoint, many.amazon, many.vantagepoint)
	}
}

func TestAPostedDocumentCostsNineCallsAtMost(t *testing.T) {
	f := newSimulation(t, size{sellers: 6, settlements: 6, rows: 30, perTenant: 6, post: true, seed: 3}).run()
	t.Log(f)
	f.checkCalls(t, true)
}
