package main

import (
	"os"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// counted is a folder whose documents can be counted.
type counted struct {
	folder
	t testing.TB
}

func (c counted) Batches() map[string]int {
	files, err := os.ReadDir(string(c.folder))
	if err != nil {
		c.t.Fatal(err)
	}
	n := map[string]int{}
	for _, file := range files {
		if batch, ok := strings.CutSuffix(file.Name(), ".json"); ok {
			n[batch]++
		}
	}
	return n
}

// The process is stopped before, within and after each step, and requests arrive late; nothing is lost or doubled.
func TestEveryDocumentIsBookedOnceWhateverCrashes(t *testing.T) {
	logtest.Crash(t, logtest.CrashOptions{
		NewStore: func(t testing.TB) logtest.Store {
			dir := t.TempDir()
			var open *booking.FileLog
			closeIt := func() {
				if open != nil {
					_ = open.Close()
				}
			}
			return logtest.Store{Close: closeIt, Open: func(t testing.TB) booking.Log {
				closeIt()
				var err error
				if open, err = booking.OpenFileLog(dir, []byte("0123456789abcdef")); err != nil {
					t.Fatal(err)
				}
				return open
			}}
		},
		NewLedger: func(t testing.TB, _ int) logtest.Ledger { return counted{folder(t.TempDir()), t} },
		Kind:      ledgermap.Receipt, Runs: 50, Seed: 1,
	})
}

func Example() {
	main()
	// Output:
	// booked sent: 2
	// booked sent: 0
}
