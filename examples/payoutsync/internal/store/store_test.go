package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// onBoth runs a test on SQLite and on PostgreSQL. reopen opens the same database once more, as another process would.
func onBoth(t *testing.T, test func(t *testing.T, reopen func() *store.DB)) {
	for name, database := range map[string]func(testing.TB) string{
		"sqlite":     func(testing.TB) string { return "sqlite" },
		"postgresql": pgtest.DSN,
	} {
		t.Run(name, func(t *testing.T) {
			url, dir := database(t), t.TempDir()
			test(t, func() *store.DB {
				db, err := store.Open(t.Context(), url, dir)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				return db
			})
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPayoutIsKeptAsItStoodAndFoundByItsName(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		p := store.Payout{
			Seller: "A1", Settlement: "50034020328", Name: "acme-us", Revision: 1, State: "booked", Currency: "USD", Total: "12.30", Start: at, End: at.Add(time.Hour),
			Deposit: at.Add(2 * time.Hour), Reconciliation: "agreed", Findings: []string{"gap: …"}, Documents: []store.Document{{Key: "k", State: "created"}}, Plan: "p",
		}
		check(t, db.SetPayout(ctx, p))
		for _, id := range []string{"acme-us/50034020328", "50034020328"} {
			got, err := open().Resolve(ctx, id)
			check(t, err)
			if got.LookedAt.IsZero() || time.Since(got.LookedAt).Abs() > time.Minute {
				t.Errorf("looked at %v", got.LookedAt)
			}
			got.LookedAt = time.Time{}
			if diff := cmp.Diff(p, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
		if _, err := db.Resolve(ctx, "acme-ca/50034020328"); !errors.Is(err, store.ErrNotFound) || !strings.HasPrefix(err.Error(), "no settlement acme-ca/50034020328 is known") {
			t.Errorf("another seller's name: %v", err)
		}
		p.Seller, p.Name = "A2", "acme-ca"
		check(t, db.SetPayout(ctx, p))
		if _, err := db.Resolve(ctx, "50034020328"); err == nil || !strings.Contains(err.Error(), "acme-ca/50034020328, acme-us/50034020328") {
			t.Errorf("two sellers have it: %v; want both named", err)
		}
		for want, f := range map[int]store.PayoutFilter{
			2: {}, 1: {Name: "acme-ca"}, 0: {State: "refused"},
		} {
			found, err := db.Payouts(ctx, f)
			check(t, err)
			if len(found) != want {
				t.Errorf("%+v finds %d, want %d", f, len(found), want)
			}
		}
	})
}

func TestSettlementsWaitInTheOrderOfTheirPeriods(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		for i, id := range []string{"30", "10", "20"} {
			check(t, db.AddPayout(ctx, store.Payout{Seller: "A1", Settlement: id, Name: "acme", State: "fetched", Start: time.UnixMilli(int64(100 - i))}))
		}
		check(t, db.SetPayout(ctx, store.Payout{Seller: "A1", Settlement: "10", Name: "acme", State: "booked", Settled: true, Start: time.UnixMilli(99)}))
		check(t, db.AddPayout(ctx, store.Payout{Seller: "A1", Settlement: "10", Name: "acme", State: "fetched"})) // known: it stays
		pending, err := db.Pending(ctx, "A1")
		check(t, err)
		if diff := cmp.Diff([]string{"20", "30"}, pending); diff != "" {
			t.Errorf("pending (-want +got):\n%s", diff)
		}
		check(t, db.Queue(ctx, "A1", "10", `{"a":1}`))
		sources, err := db.Sources(ctx, "A1", "10")
		check(t, err)
		if pending, err = db.Pending(ctx, "A1"); err != nil || len(pending) != 3 || sources != `{"a":1}` {
			t.Errorf("queued again: %q, sources %q, %v", pending, sources, err)
		}
	})
}

func TestOneAtATimeWorksForASellerAndTheDeadLetGo(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		a, b, ctx := open(), open(), t.Context()
		check(t, a.AddSeller(ctx, "acme", "A1"))
		lease := func(db *store.DB, holder string, lasts time.Duration) bool {
			ok, err := db.Lease(ctx, "acme", holder, lasts)
			check(t, err)
			return ok
		}
		if !lease(a, "one", time.Hour) || lease(b, "two", time.Hour) || !lease(a, "one", time.Hour) {
			t.Error("the lease is not one holder's alone, or its holder cannot have it anew")
		}
		sellers, err := b.Sellers(ctx)
		check(t, err)
		if len(sellers) != 1 || sellers[0].Holder != "one" || sellers[0].Due.IsZero() {
			t.Errorf("sellers: %+v", sellers)
		}
		check(t, a.Release(ctx, "acme", "one"))
		if !lease(b, "two", -time.Second) || !lease(a, "one", time.Hour) {
			t.Error("a lease that was released, or has passed, still holds")
		}
	})
}

func TestWhatAPlanWasMadeFromIsKeptOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		p := store.Plan{
			Hash: "h", Seller: "A1", Settlement: "1", Name: "acme", Revision: 2, NoBank: true, Report: "r", Rules: []byte("rules:\n\x00\xff"),
			Calendar: []byte(`{"periods":[]}`), Payout: []byte(`{}`),
		}
		check(t, db.AddPlan(ctx, p))
		other := p
		other.Revision = 3
		check(t, db.AddPlan(ctx, other))
		got, err := db.Plan(ctx, "h")
		check(t, err)
		got.Made = time.Time{}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := db.Plan(ctx, "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown plan: %v", err)
		}
	})
}

func TestR8_4_ACompleteSnapshotIsNeverReplaced(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		for _, s := range []store.Snapshot{
			{Name: "acme", Period: 202611, Hash: "begun", Body: []byte(`{}`)},
			{Name: "acme", Period: 202611, Hash: "whole", Complete: true, Body: []byte(`{}`)},
			{Name: "acme", Period: 202611, Hash: "later", Complete: true, Body: []byte(`{}`)},
		} {
			check(t, db.AddSnapshot(ctx, s))
		}
		all, err := db.Snapshots(ctx, "acme")
		check(t, err)
		if len(all) != 1 || all[0].Hash != "whole" || !all[0].Complete {
			t.Errorf("snapshots: %+v", all)
		}
	})
}

func TestFactsAndExchangesComeBackAsTheyWere(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		var got map[string]string
		if known, err := db.Fact(ctx, "A1", "1", store.FactPayout, &got); known || err != nil {
			t.Errorf("before: %v %v", known, err)
		}
		check(t, db.SetFact(ctx, "A1", "1", store.FactPayout, map[string]string{"status": "paid"}))
		if known, err := db.Fact(ctx, "A1", "1", store.FactPayout, &got); !known || err != nil || got["status"] != "paid" {
			t.Errorf("after: %v %v %v", known, got, err)
		}
		e := store.Exchange{At: time.UnixMilli(5).UTC(), Machine: "m", N: 1, Method: "POST", URL: "/je", Request: "{}", Status: 200, Answer: "[]"}
		check(t, db.AddExchange(ctx, "A1", "1", e))
		all, err := db.Exchanges(ctx, "A1", "1")
		check(t, err)
		if diff := cmp.Diff([]store.Exchange{e}, all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestTheDatabaseIsAnArchiveForMachinesThatNeverMet(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		ctx := t.Context()
		db := open()
		machine := func() (*collect.Archive, string) {
			dir := t.TempDir()
			s, err := store.NewArchive(db, dir)
			check(t, err)
			return collect.NewArchive(s), dir
		}
		one, _ := machine()
		document := settlementtest.Build(settlementtest.Spec{ID: "10000000001"}).V2()
		entries, err := one.Put(ctx, bytes.NewReader(document), collect.Entry{Seller: "A1", ReportID: "r1"})
		check(t, err)
		two, dir := machine()
		settlements, err := two.Settlements(ctx, "A1")
		check(t, err)
		if len(settlements) != 1 || settlements[0].Digest != entries[0].Digest {
			t.Fatalf("the other machine sees %+v", settlements)
		}
		for range 2 { // from the database, then from the copy
			name, err := two.Path(ctx, settlements[0].Entry)
			check(t, err)
			if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, document) || !strings.HasPrefix(name, filepath.Clean(dir)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		name, err := two.Path(ctx, settlements[0].Entry)
		check(t, err)
		check(t, os.WriteFile(name, []byte("a copy that somebody changed"), 0o600))
		name, err = two.Path(ctx, settlements[0].Entry)
		check(t, err)
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, document) {
			t.Errorf("the copy is not what was delivered: %s, %v", got, err)
		}
		check(t, two.Verify(ctx))
		_, err = db.Exec(ctx, `update archive_objects set data = ?`, []byte("something else"))
		check(t, err)
		if err := two.Verify(ctx); !errors.Is(err, collect.ErrDamaged) || !strings.Contains(err.Error(), "10000000001") {
			t.Errorf("changed bytes: %v", err)
		}
	})
}

func TestCredentialsLieInTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		ctx := t.Context()
		c := store.Credentials{DB: open()}
		if _, err := c.Get(ctx, "a"); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		check(t, c.Put(ctx, "a", []byte{0, 255}))
		check(t, c.Put(ctx, "a", []byte{1, 254}))
		data, err := c.Get(ctx, "a")
		ids, err2 := c.IDs(ctx)
		if err != nil || err2 != nil || !bytes.Equal(data, []byte{1, 254}) || len(ids) != 1 {
			t.Errorf("%v %v %v %v", data, ids, err, err2)
		}
	})
}

func TestNobodyElseMayReadTheDatabaseInAHomeThatOthersMayEnter(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	check(t, os.Chmod(dir, 0o755))
	for _, how := range []string{"made", "found as an older version left it"} {
		db, err := store.Open(t.Context(), "sqlite", dir)
		check(t, err)
		defer db.Close() // nothing is kept
		files, err := filepath.Glob(filepath.Join(dir, store.File+"*"))
		check(t, err)
		if len(files) != 3 {
			t.Fatalf("the database is %q, want it with its -wal and -shm", files)
		}
		for _, name := range files {
			info, err := os.Stat(name)
			check(t, err)
			if mode := info.Mode().Perm(); mode != 0o600 {
				t.Errorf("%s, %s, has mode %o, want 600", filepath.Base(name), how, mode)
			}
			check(t, os.Chmod(name, 0o644))
		}
	}
}

func TestManyProcessesMakeTheTablesAtOnce(t *testing.T) {
	url := pgtest.DSN(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			db, err := store.Open(context.Background(), url, "")
			if err != nil {
				t.Error(err)
				return
			}
			_ = db.Close()
		})
	}
	wg.Wait()
}

func TestAPoolThatIsTooSmallToWorkIsMadeLargeEnough(t *testing.T) {
	db, err := store.Open(t.Context(), pgtest.DSN(t)+"&pool_max_conns=1", "")
	check(t, err)
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 { // the queue's listener, and the lock of an access token
		conn, err := db.Pool.Acquire(ctx)
		check(t, err)
		defer conn.Release()
	}
	check(t, db.Exclusively(ctx, "vault", func() error { return db.Alive(ctx) }))
}

// withoutTLS is a database server that refuses TLS. It returns its port, and what a client said to it in clear.
func withoutTLS(t *testing.T) (port string, inClear <-chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	said := make(chan string, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 8)
			_, err = io.ReadFull(c, request)
			if err == nil && binary.BigEndian.Uint32(request[4:]) == 80877103 { // may we speak TLS?
				_, _ = c.Write([]byte{'N'})
				_, err = io.ReadFull(c, request)
			}
			if err == nil {
				said <- string(request)
			}
			_ = c.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	check(t, err)
	return port, said
}

func TestADatabaseBeyondThisMachineIsNotSpokenToInClearUnlessThatIsStated(t *testing.T) {
	const beyond, here = "0.0.0.0", "127.0.0.1" // the first is no loopback address, and leads here nevertheless
	for name, c := range map[string]struct {
		host, settings, environment string
		clear                       bool
	}{
		"beyond":                         {host: beyond},
		"beyond, stated":                 {host: beyond, settings: "&sslmode=prefer", clear: true},
		"beyond, stated to be verified":  {host: beyond, settings: "&sslmode=verify-full"},
		"beyond, in the environment":     {host: beyond, environment: "prefer", clear: true},
		"on loopback":                    {host: here, clear: true},
		"on loopback, to be verified":    {host: here, settings: "&sslmode=require"},
		"here, or beyond where it fails": {host: here + "," + beyond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PGSSLMODE", c.environment)
			port, inClear := withoutTLS(t)
			_, err := store.Open(t.Context(), "postgres://me:sesame@"+c.host+"/x?port="+port+"&connect_timeout=10"+c.settings, "")
			if err == nil || strings.Contains(err.Error(), "sesame") {
				t.Fatalf("got %v", err)
			}
			unusable, ok := errors.AsType[*store.UnusableError](err)
			if heard := len(inClear) > 0; heard != c.clear || ok == c.clear || (ok && !strings.Contains(unusable.Error(), "sslmode=disable")) {
				t.Errorf("it was spoken to in clear: %v; %v", heard, err)
			}
		})
	}
}

func TestADatabaseURLNeverShows(t *testing.T) {
	for _, url := range []string{"postgres://me:sesame@:bad:/x", "postgres://me:sesame@127.0.0.1:1/x?connect_timeout=1"} {
		_, err := store.Open(t.Context(), url, "")
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%v", err)
		}
	}
}
