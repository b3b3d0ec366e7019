package booking_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/internal/leaktest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// fileStore is a directory with a file log. Tearing undoes, byte by byte, what
// an append does in its order: line, then head.
func fileStore(t testing.TB) logtest.Store {
	dir := t.TempDir()
	var open *booking.FileLog
	closeIt := func() {
		if open != nil {
			_ = open.Close()
		}
	}
	t.Cleanup(closeIt)
	return logtest.Store{
		Open: func(t testing.TB) booking.Log {
			t.Helper()
			closeIt()
			var err error
			if open, err = booking.OpenFileLog(dir, sealKey); err != nil {
				t.Fatal(err)
			}
			return open
		},
		Tear: func(t testing.TB, log booking.Log, r booking.Record, rng *rand.Rand) {
			t.Helper()
			if _, err := log.Head(context.Background(), seller); err != nil {
				t.Fatal(err)
			}
			// Touch the chain, so that there is a head to go back to.
			for _, err := range log.Records(context.Background(), seller, "") {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			head, err := os.ReadFile(headPath(dir))
			if err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(chainPath(dir))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := log.Append(context.Background(), r); err != nil {
				return // a claim: nothing was written
			}
			after, err := os.ReadFile(chainPath(dir))
			if err != nil {
				t.Fatal(err)
			}
			cut := len(before) + rng.IntN(len(after)-len(before)+1)
			if !bytes.HasPrefix(after, before) {
				t.Fatal("an append changed what was there")
			}
			for path, b := range map[string][]byte{headPath(dir): head, chainPath(dir): after[:cut]} {
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
}

func TestFileLogKeepsTheContract(t *testing.T) { logtest.Run(t, fileStore) }

func TestR4_2_CrashMatrixOverTheFileLog(t *testing.T) {
	for _, kind := range []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt} {
		t.Run(string(kind), func(t *testing.T) {
			c := logtest.Crash(t, logtest.CrashOptions{NewStore: fileStore, Kind: kind, Runs: logtest.Runs(1000), Seed: 7})
			if c.Kills < c.Runs {
				t.Errorf("only %d kills in %d runs", c.Kills, c.Runs)
			}
		})
	}
}

func TestMain(m *testing.M) {
	logtest.Child(func(dir string) (booking.Log, error) { return booking.OpenFileLog(dir, sealKey) })
	os.Exit(leaktest.Run(m)) // this is the whole process, and no test may leave a goroutine behind
}

func TestR4_2_KilledProcessesOverTheFileLog(t *testing.T) {
	for _, kind := range []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt} {
		t.Run(string(kind), func(t *testing.T) {
			c := logtest.Kill(t, logtest.KillOptions{
				NewStore: func(t testing.TB) (string, func(testing.TB) booking.Log) {
					dir := t.TempDir()
					return dir, func(t testing.TB) booking.Log {
						log, err := booking.OpenFileLog(dir, sealKey)
						if err != nil {
							t.Fatal(err)
						}
						t.Cleanup(func() { _ = log.Close() })
						return log
					}
				},
				Kind: kind, Runs: logtest.Runs(60), Seed: 7,
			})
			if c.Kills == 0 {
				t.Error("nobody was killed")
			}
		})
	}
}
