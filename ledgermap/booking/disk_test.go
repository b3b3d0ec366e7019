package booking_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A disk that does not take or give what the log needs is told, and nothing is acknowledged.
func TestADiskThatFailsIsTold(t *testing.T) {
	record := booking.Record{Seller: seller, Settlement: sid, Event: booking.EventReversal, Reason: "x"}
	replace := func(path string) func(*testing.T, string) { // by a folder
		return func(t *testing.T, dir string) {
			at := filepath.Join(dir, path)
			if err := os.RemoveAll(at); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(at, "inside"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := func(path string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		records int // before
		spoil   func(*testing.T, string)
		reopen  bool
	}{
		"the head cannot be replaced":              {1, replace("heads/" + seller + ".json"), false},
		"the head cannot be read":                  {1, replace("heads/" + seller + ".json"), true},
		"the folder of heads is gone":              {1, gone("heads"), false},
		"the chain cannot be read":                 {1, replace("chains/" + seller + ".jsonl"), true},
		"the folder of chains is gone, first time": {0, gone("chains"), false},
		"the first head cannot be written":         {0, gone("heads"), false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log := openLog(t, dir)
			for range c.records {
				if _, err := log.Append(t.Context(), record); err != nil {
					t.Fatal(err)
				}
			}
			if c.reopen {
				if err := log.Close(); err != nil {
					t.Fatal(err)
				}
			}
			c.spoil(t, dir)
			if c.reopen {
				var err error
				if log, err = booking.OpenFileLog(dir, sealKey); err != nil {
					return // told at once
				}
				defer log.Close() // nothing is kept
			}
			if r, err := log.Append(t.Context(), record); err == nil {
				t.Errorf("record %d was acknowledged", r.Seq)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := booking.OpenFileLog(file, sealKey); err == nil {
		t.Error("opened a log in a file")
	}
}

func TestAClosedLogTakesAndGivesNothing(t *testing.T) {
	log := openLog(t, t.TempDir())
	if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); err == nil {
		t.Error("appended to a closed log")
	}
}

func TestNamesOfTenantsAndDocumentsAreReadable(t *testing.T) {
	for tenant, want := range map[booking.Tenant]string{{Database: "acme"}: "ACME", {Database: " acme ", Company: "a0"}: "ACME/A0"} {
		if got := tenant.String(); got != want {
			t.Errorf("%+v is %q, want %q", tenant, got, want)
		}
	}
	for _, text := range []string{"ACME//A/1/0.1", "ACME//A/1/1.0", "//A/1/1.1", "ACME///1/1.1", "ACME//A//1.1", "ACME//A/%zz/1.1", "ACME//A/1/1"} {
		if k, err := booking.ParseKey(text); err == nil {
			t.Errorf("%q is key %+v", text, k)
		}
	}
	if name := (booking.Key{}).Batch("note"); name[:2] != "XX" {
		t.Errorf("a kind that is none is booked as %s", name)
	}
}
