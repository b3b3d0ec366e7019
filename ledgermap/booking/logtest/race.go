package logtest

import (
	"context"
	"errors"
	"fmt"
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

// RaceOptions describe a race of processes on one store.
type RaceOptions struct {
	Store       string                         // the name that Child's open takes
	Open        func(t testing.TB) booking.Log // the same store, here
	Processes   int
	Workers     int // in each process
	Settlements int
	KillEvery   time.Duration // one process, in turn, if anything was booked since the last was killed
	Seed        uint64
}

// Race lets all workers of all processes book the same settlements, each
// worker in an order of its own, while one process after the other is killed
// and started anew as long as anything is not booked. At the end every process
// has seen every settlement booked. The
// books take duplicates: only the claims in the shared log keep them out.
func Race(t *testing.T, o RaceOptions) Counts {
	t.Helper()
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	books := &Books{TakesDuplicates: true}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: slow(books, rng), ReadHeaderTimeout: time.Minute}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	defer server.Close()      // nothing is kept

	count := Counts{Runs: o.Settlements}
	var mu sync.Mutex
	running := make([]*exec.Cmd, o.Processes)
	var all sync.WaitGroup
	for n := range o.Processes {
		all.Go(func() {
			for life := 0; ; life++ {
				var said strings.Builder
				child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$") //nolint:gosec // ourselves
				child.Env = append(os.Environ(), envStore+"="+o.Store, envBooks+"=http://"+listener.Addr().String(),
					fmt.Sprintf("%s=%d %d %d", envRace, o.Workers, o.Settlements, o.Seed+uint64(100*n+life)))
				child.Stderr = &said
				if err := child.Start(); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running[n] = child
				mu.Unlock()
				err := child.Wait()
				mu.Lock()
				running[n] = nil
				mu.Unlock()
				switch {
				case err == nil:
					return
				case child.ProcessState.ExitCode() == -1: // by a signal
					mu.Lock()
					count.Kills++
					mu.Unlock()
				default:
					t.Errorf("process %d: %v\n%s", n, err, said.String())
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(o.KillEvery)
		defer tick.Stop()
		left, _ := raceCount(t, o, books)
		for turn := 0; ; {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			lost, _ := raceCount(t, o, books)
			if lost == 0 {
				return // everything is booked: let them see it
			}
			if lost == left {
				continue // however slow the machine is, they get on
			}
			left = lost
			turn++
			mu.Lock()
			if child := running[turn%o.Processes]; child != nil {
				_ = child.Process.Kill() // it may have ended by itself
			}
			mu.Unlock()
		}
	}()
	all.Wait()
	close(done)
	count.Lost, count.Doubled = raceCount(t, o, books)
	if v, err := booking.Verify(t.Context(), o.Open(t), seller); err != nil || !v.OK() {
		t.Errorf("log: %v, %v", v.Faults, err)
	}
	t.Logf("race, seed %d: %d settlements, %d processes of %d workers, %d kills, %d lost, %d doubled",
		o.Seed, o.Settlements, o.Processes, o.Workers, count.Kills, count.Lost, count.Doubled)
	if count.Lost+count.Doubled > 0 {
		t.Errorf("%d lost, %d doubled", count.Lost, count.Doubled)
	}
	return count
}

func raceCount(t testing.TB, o RaceOptions, books *Books) (lost, doubled int) {
	batches := books.Batches()
	for n := range o.Settlements {
		plan, err := Plan(raceSettlement(n), ledgermap.Receipt)
		if err != nil {
			t.Error(err)
			return 1, 0
		}
		l, d := lostAndDoubled(plan, batches)
		lost, doubled = lost+l, doubled+d
	}
	return lost, doubled
}

func raceSettlement(n int) string { return fmt.Sprint(17461230000 + n) }

// raceChild is one process of the race.
func raceChild(store string, open func(store string) (booking.Log, error)) error {
	var workers, settlements int
	var seed uint64
	if _, err := fmt.Sscan(os.Getenv(envRace), &workers, &settlements, &seed); err != nil {
		return err
	}
	log, err := open(store)
	if err != nil {
		return err
	}
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() { errs[w] = raceWorker(log, w, settlements, seed) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func raceWorker(log booking.Log, worker, settlements int, seed uint64) error {
	cfg := config(log, remoteBooks{os.Getenv(envBooks)}, fmt.Sprintf("process %d, worker %d", os.Getpid(), worker))
	cfg.Timeout, cfg.Patience = childTimeout, childPatience
	e, err := booking.New(cfg)
	if err != nil {
		return err
	}
	for _, n := range rand.New(rand.NewPCG(seed, uint64(worker))).Perm(settlements) {
		plan, err := Plan(raceSettlement(n), ledgermap.Receipt)
		if err != nil {
			return err
		}
		res, err := e.Run(context.Background(), plan)
		// So many on one machine may be too slow for the short timeout; then the
		// engine says to run it again.
		for again := 0; errors.Is(err, booking.ErrUnanswered) && again < 10; again++ {
			res, err = e.Run(context.Background(), plan)
		}
		if err != nil {
			return fmt.Errorf("settlement %d: %w", n, err)
		}
		if res.State != booking.StateBooked {
			return fmt.Errorf("settlement %d ended in state %s", n, res.State)
		}
	}
	return nil
}
