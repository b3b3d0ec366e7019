package round_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// A soak is a seller's weeks under every documented fault, with a round every six hours, again and again with another seed:
// once in every run, for an hour of the real clock in the long form. Whatever happened, in the end every payout is booked
// once, and neither memory nor goroutines nor files have grown by what is not new.
func TestSoakOfWeeksUnderFaultsLeavesNothingBehind(t *testing.T) {
	begun, lasts := time.Now(), time.Duration(0)
	if os.Getenv("CI_LONG") == "1" {
		lasts = time.Hour
	}
	// The first weeks load what is loaded once.
	weeks(t, 1)
	goroutines, heap := runtime.NumGoroutine(), inUse()
	runs := 1
	for ; runs == 1 || time.Since(begun) < lasts; runs++ {
		weeks(t, uint64(runs+1))
	}
	after := inUse()
	t.Logf("%d times twelve weeks in %v: heap %d kB, then %d kB; %d goroutines, then %d", runs, time.Since(begun).Round(time.Second), heap>>10, after>>10, goroutines, runtime.NumGoroutine())
	if after > heap+8<<20 {
		t.Errorf("the heap has grown from %d kB to %d kB", heap>>10, after>>10)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines are left", n-goroutines)
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC() // what the first one finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func weeks(t *testing.T, seed uint64) {
	synctest.Test(t, func(t *testing.T) {
		const settlements = 6
		begin := time.Now()
		set := []string{"documented", "storm"}[seed%2]
		w := newWorld(t, setup{
			account: spapitest.Account(settlementtest.Seller{Seed: seed, Count: settlements, Rows: 60, Until: begin.AddDate(0, 0, 12*7)}),
			amazon:  spapitest.Faults{Set: set, Seed: seed},
			tenant:  vantagepointtest.Options{Faults: vantagepointtest.Faults{Set: set, Seed: seed}},
		})
		rounds := func(n int) (failed int) { // as the schedule does them
			for range n {
				time.Sleep(6 * time.Hour)
				if _, err := w.Run(t.Context(), round.Unsettled, func(round.Payout) {}); err != nil {
					failed++
				}
			}
			return failed
		}
		failed := rounds(14 * 7 * 4)
		last, err := w.run(t)
		for range 20 { // a storm goes on
			if err != nil {
				last, err = w.run(t)
			}
		}
		if err != nil || len(last) != settlements {
			t.Errorf("seed %d: %d payouts, want %d (%d rounds failed): %v", seed, len(last), settlements, failed, err)
		}
		for _, p := range last {
			if p.State != booking.StateBooked || p.Err != nil || p.InTransit() || p.Result.ClearingOpen() {
				t.Errorf("seed %d: settlement %s is %s, %v", seed, p.SettlementID, p.State, p.Err)
			}
		}
		w.books(t)
		heap, files := inUse(), w.sizes(t)
		rounds(4 * 7)
		if grown := files.grown(w.sizes(t)); grown != "" {
			t.Errorf("seed %d: a week in which nothing is new lets files grow: %s", seed, grown)
		}
		if after := inUse(); after > heap+4<<20 {
			t.Errorf("seed %d: a week in which nothing is new lets the heap grow from %d kB to %d kB", seed, heap>>10, after>>10)
		}
	})
}

type fileSizes map[string]int64

// sizes are those of the home's files, once SQLite has put what it wrote into its place.
func (w *world) sizes(t *testing.T) fileSizes {
	t.Helper()
	if _, err := w.Store.SQL.ExecContext(t.Context(), `pragma wal_checkpoint(truncate)`); err != nil {
		t.Fatal(err)
	}
	all := fileSizes{}
	err := filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[name] = info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// grown names a file that is new or larger now.
func (before fileSizes) grown(after fileSizes) string {
	for name, size := range after {
		if size > before[name] {
			return fmt.Sprintf("%s from %d to %d bytes", filepath.Base(name), before[name], size)
		}
	}
	return ""
}
