package logtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Environment of a child.
const (
	envStore = "LOGTEST_STORE"
	envBooks = "LOGTEST_BOOKS"
	envKind  = "LOGTEST_KIND"
	envRace  = "LOGTEST_RACE" // workers, settlements and seed
)

// The waits of a child are short, because the parent's books answer at once.
const (
	childTimeout  = 300 * time.Millisecond
	childPatience = 600 * time.Millisecond
)

// Child is for TestMain: if this process is a child of [Kill], it opens the
// store that the parent names, books, and ends; else Child does nothing.
//
//	func TestMain(m *testing.M) {
//		logtest.Child(func(store string) (booking.Log, error) { … })
//		os.Exit(m.Run())
//	}
func Child(open func(store string) (booking.Log, error)) {
	store, ok := os.LookupEnv(envStore)
	if !ok {
		return
	}
	run := runChild
	if os.Getenv(envRace) != "" {
		run = raceChild
	}
	if err := run(store, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3) //nolint:forbidigo // this is the whole process
	}
	os.Exit(0) //nolint:forbidigo // this is the whole process
}

func runChild(store string, open func(store string) (booking.Log, error)) error {
	log, err := open(store)
	if err != nil {
		return err
	}
	plan, err := Plan("17461234567", ledgermap.Kind(os.Getenv(envKind)))
	if err != nil {
		return err
	}
	cfg := config(log, remoteBooks{os.Getenv(envBooks)}, fmt.Sprint("process ", os.Getpid()))
	cfg.Timeout, cfg.Patience = childTimeout, childPatience
	e, err := booking.New(cfg)
	if err != nil {
		return err
	}
	for range 20 { // a machine under load may be too slow for the short waits: the error says to run it again
		if _, err = e.Run(context.Background(), plan); !errors.Is(err, booking.ErrUnanswered) {
			break
		}
	}
	return err
}

// KillOptions describe a matrix of processes that are really killed.
type KillOptions struct {
	// NewStore makes an empty store and returns the name that Child's open
	// takes, and a way to open it here when the children are dead.
	NewStore func(t testing.TB) (store string, open func(t testing.TB) booking.Log)
	Kind     ledgermap.Kind
	Runs     int
	Seed     uint64
}

// Kill books one settlement in every run in a child process, kills it (SIGKILL)
// up to three times at moments that the seed spreads over its life, starts it
// anew until it is done, and counts. The log must verify.
func Kill(t *testing.T, o KillOptions) Counts {
	t.Helper()
	var sum Counts
	life := time.Duration(0) // of a child that nobody kills
	for run := -1; run < o.Runs && !t.Failed(); run++ {
		c, lived := killRun(t, o, run, life)
		if run < 0 {
			life = lived
			continue
		}
		sum.add(c)
	}
	t.Logf("killed processes, %s, seed %d: %d runs, %d kills, %d lost, %d doubled", o.Kind, o.Seed, sum.Runs, sum.Kills, sum.Lost, sum.Doubled)
	if sum.Lost+sum.Doubled > 0 {
		t.Errorf("%d lost, %d doubled", sum.Lost, sum.Doubled)
	}
	return sum
}

func killRun(t *testing.T, o KillOptions, run int, life time.Duration) (Counts, time.Duration) {
	t.Helper()
	rng := rand.New(rand.NewPCG(o.Seed, uint64(run)))
	count := Counts{Runs: 1}
	books := &Books{TakesDuplicates: run%2 == 1}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: slow(books, rand.New(rand.NewPCG(o.Seed, ^uint64(run)))), ReadHeaderTimeout: time.Minute}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	defer server.Close()      // nothing is kept
	store, open := o.NewStore(t)
	var lived time.Duration
	kills := 1 + rng.IntN(3)
	for {
		var said strings.Builder
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$") //nolint:gosec // ourselves
		child.Env = append(os.Environ(), envStore+"="+store, envBooks+"=http://"+listener.Addr().String(), envKind+"="+string(o.Kind))
		child.Stderr, child.Stdout = &said, io.Discard
		began := time.Now()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if kills > 0 && life > 0 {
			kills--
			timer := time.AfterFunc(time.Duration(rng.Int64N(int64(life))), func() {
				_ = child.Process.Kill() // it may have ended by itself
			})
			defer timer.Stop()
		}
		err := child.Wait()
		lived = time.Since(began)
		if err == nil {
			break
		}
		if child.ProcessState.ExitCode() == -1 { // by a signal
			count.Kills++
			continue
		}
		t.Fatalf("run %d: the child failed by itself: %v\n%s", run, err, said.String())
	}
	// What a killed child had sent may still be on its way.
	time.Sleep(childTimeout / 10) //nolint:forbidigo // real processes, real time
	plan, err := Plan("17461234567", o.Kind)
	if err != nil {
		t.Fatal(err)
	}
	count.Lost, count.Doubled = lostAndDoubled(plan, books.Batches())
	if v, err := booking.Verify(t.Context(), open(t), seller); err != nil || !v.OK() {
		t.Errorf("run %d: log: %v, %v", run, v.Faults, err)
	}
	return count, lived
}

// slow lets some requests take their time before the books see them, and some
// answers before they go out.
func slow(books http.Handler, rng *rand.Rand) http.Handler {
	var mu sync.Mutex
	pause := func() {
		mu.Lock()
		d := time.Duration(rng.IntN(8)) * time.Millisecond
		mu.Unlock()
		time.Sleep(d) //nolint:forbidigo // the network is slow here on purpose
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the child died while it sent
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		pause()
		books.ServeHTTP(w, r)
		pause()
	})
}
