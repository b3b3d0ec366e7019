package service_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/service"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// setup is what a world is made from; zero fields mean one seller with three settlements on SQLite.
type setup struct {
	database string
	ahead    time.Duration // how far clocks on PostgreSQL and at Amazon are ahead of this process's; 0 leaves database as it is
	sellers  int
	count    int // settlements of each
	amazon   spapitest.Options
	tenant   vantagepointtest.Options
	rules    []byte
}

// world is a service in this process between two systems on loopback.
type world struct {
	t       *testing.T
	in      *installation.Installation
	service *service.Service
	amazon  *spapitest.Amazon
	tenant  *vantagepointtest.Tenant
	log     *log
	secrets []config.Credentials
}

// log keeps what the service says.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) says(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// short are the service's times in these tests.
var short = service.Options{
	Workers: 4, Scan: 20 * time.Millisecond, Lease: 2 * time.Second, Timeout: 20 * time.Second, RescueAfter: 25 * time.Second,
	Hold: time.Second, Grace: 5 * time.Second, RetryFirst: 50 * time.Millisecond,
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	if s.database == "" {
		s.database = "sqlite"
	}
	clock := func() time.Time { return time.Now().Add(s.ahead) }
	if s.ahead != 0 {
		s.database, s.amazon.Now = pgtest.DSNAhead(t, s.ahead), clock
	}
	for i := range max(s.sellers, 1) {
		count := s.count
		if count == 0 {
			count = 3
		}
		s.amazon.Sellers = append(s.amazon.Sellers, spapitest.Account(settlementtest.Seller{Seed: uint64(i + 1), Count: count, Rows: 20, Until: clock()}))
	}
	if s.amazon.Rate == 0 {
		s.amazon.Rate = 1000
	}
	if s.rules == nil {
		s.rules = bytes.Replace(ledgermap.Starter(), []byte("\nchart: demo\n"), []byte("\n"), 1)
	}
	w := &world{t: t, amazon: spapitest.New(s.amazon), log: &log{}}
	var err error
	w.tenant, err = vantagepointtest.New(s.tenant)
	w.check(err)
	amazonURL, stopAmazon, err := w.amazon.Start()
	w.check(err)
	t.Cleanup(stopAmazon)
	tenantURL, stopTenant, err := w.tenant.Start()
	w.check(err)
	t.Cleanup(stopTenant)
	cfg := &config.Config{Home: t.TempDir(), Database: s.database, Approval: "none"}
	for i, who := range w.amazon.Accounts() {
		cfg.Sellers = append(cfg.Sellers, config.Seller{
			Name: "seller-" + string(rune('a'+i)), Schedule: config.Duration(time.Hour),
			Amazon:       config.Amazon{Region: "na", SellerID: who.ID, Endpoint: amazonURL, LWAEndpoint: amazonURL},
			Vantagepoint: config.Vantagepoint{BaseURL: tenantURL, Database: "DEMO", Style: "files", Banks: map[string]string{"USD": "OPER"}},
		})
		w.secrets = append(w.secrets, config.Credentials{
			Amazon: config.AmazonCredentials{ClientID: who.ClientID, ClientSecret: who.ClientSecret, RefreshToken: who.RefreshToken},
			Vantagepoint: config.VantagepointCredentials{
				Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret,
			},
		})
	}
	logger := slog.New(slog.NewTextHandler(w.log, nil))
	w.in, err = installation.Open(t.Context(), cfg, installation.Options{
		RulesText: s.rules, Quota: service.Quota, Timeout: 2 * time.Second, Patience: 4 * time.Second, Logger: logger,
	})
	w.check(err)
	t.Cleanup(func() {
		if err := w.in.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log:\n%s", w.log.text.String())
		}
	})
	for i, seller := range cfg.Sellers {
		w.check(w.in.SetCredentials(t.Context(), seller, w.secrets[i]))
	}
	w.service, err = service.New(t.Context(), w.in, short, logger)
	w.check(err)
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// start runs the service until the test ends or stop is called.
func (w *world) start() (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.service.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// until waits for a condition.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("%s did not happen", what)
		}
	}
}

// booked reports whether so many payouts are booked.
func (w *world) booked(n int) func() bool {
	return func() bool {
		states, _, err := w.in.Store.PayoutCounts(w.t.Context())
		return err == nil && states["booked"] == n
	}
}

// once compares the tenant's books with themselves: no batch is there twice.
func (w *world) once() {
	w.t.Helper()
	seen := map[string]bool{}
	for _, b := range w.tenant.Batches() {
		if seen[b.Type+b.Batch] || !b.Balanced {
			w.t.Errorf("batch %s is in the books twice, or does not balance", b.Batch)
		}
		seen[b.Type+b.Batch] = true
	}
}

func (w *world) jobs(states ...queue.State) []queue.Entry {
	w.t.Helper()
	found, err := w.service.Queue.List(w.t.Context(), 100, states...)
	w.check(err)
	return found
}

func (w *world) seller(name string) store.Seller {
	w.t.Helper()
	s, err := w.in.Store.SellerNamed(w.t.Context(), name)
	w.check(err)
	return s
}

// proxy is a way to a server that can be cut.
type proxy struct {
	to string

	mu       sync.Mutex
	listener net.Listener
	address  string
	open     map[net.Conn]bool
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{to: to, address: "127.0.0.1:0"}
	p.mend(t)
	t.Cleanup(p.cut)
	return p
}

// mend lets connections through.
func (p *proxy) mend(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.listener, p.address, p.open = listener, listener.Addr().String(), map[net.Conn]bool{}
	p.mu.Unlock()
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", p.to)
			if err != nil {
				_ = from.Close()
				continue
			}
			p.mu.Lock()
			p.open[from], p.open[to] = true, true
			p.mu.Unlock()
			for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
				go func() {
					buffer := make([]byte, 32<<10)
					for {
						n, err := pair[0].Read(buffer)
						if n > 0 {
							_, _ = pair[1].Write(buffer[:n])
						}
						if err != nil {
							_, _ = pair[0].Close(), pair[1].Close()
							return
						}
					}
				}()
			}
		}
	}()
}

// cut ends every connection and refuses new ones.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.open {
		_ = c.Close()
	}
}

// storeFilter chooses all payouts.
var storeFilter = store.PayoutFilter{}

// newService is another process's service on the same installation.
func newService(t *testing.T, w *world) *world {
	t.Helper()
	other := *w
	var err error
	other.service, err = service.New(t.Context(), w.in, short, slog.New(slog.NewTextHandler(w.log, nil)))
	w.check(err)
	return &other
}
