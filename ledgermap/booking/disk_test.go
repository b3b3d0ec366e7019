package booking_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// A store that cannot be read is told as that, and never called broken, empty or whole.
func TestAStoreThatCannotBeReadIsToldAsThat(t *testing.T) {
	chain := filepath.Join("chains", seller+".jsonl")
	for name, c := range map[string]struct {
		gone, folder, file []string // what is no more, what is a folder, what is a file instead
		broken             bool     // all the same: a head that is gone beside a chain was taken away
	}{
		"the chain is a folder":               {folder: []string{chain}},
		"chains are a file":                   {file: []string{"chains"}},
		"chains are a file, the head is gone": {gone: []string{filepath.Join("heads", seller+".json")}, file: []string{"chains"}},
		"heads are gone":                      {gone: []string{"heads"}, broken: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeChain(t, dir, 2)
			log := openLog(t, dir)
			for _, path := range slices.Concat(c.gone, c.folder, c.file) {
				if err := os.RemoveAll(filepath.Join(dir, path)); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range c.folder {
				if err := os.Mkdir(filepath.Join(dir, path), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range c.file {
				write(t, filepath.Join(dir, path), nil)
			}
			v, err := booking.Verify(t.Context(), log, seller)
			if c.broken != (err == nil) || c.broken == v.OK() || errors.Is(err, booking.ErrBroken) {
				t.Errorf("%+v, %v", v, err)
			}
			if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); err == nil {
				t.Error("a record was acknowledged")
			}
			if names, err := log.Sellers(t.Context()); err == nil && !slices.Contains(names, seller) {
				t.Errorf("sellers %v", names)
			}
		})
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := booking.OpenFileLog(dir, sealKey); err == nil {
		t.Error("opened a log that cannot be locked")
	}
}

// What somebody does to the file while the log is open is found where the record is read.
func TestARecordThatChangedWhileTheLogWasOpenIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func([]byte) []byte
		broken bool // else it cannot be read
	}{
		"changed": {func(b []byte) []byte { return bytes.Replace(b, []byte("tester"), []byte("nobody"), 1) }, true},
		"cut":     {func([]byte) []byte { return nil }, false},
	} {
		dir := t.TempDir()
		writeChain(t, dir, 3)
		log := openLog(t, dir)
		if got, err := records(t, log, ""); err != nil || len(got) != 3 {
			t.Fatal(got, err)
		}
		write(t, chainPath(dir), c.spoil(read(t, chainPath(dir))))
		got, err := records(t, log, "")
		if err == nil || errors.Is(err, booking.ErrBroken) != c.broken || len(got) != 0 {
			t.Errorf("%s: %d records, %v", name, len(got), err)
		}
		// Who holds the claim cannot be said either, and nobody else gets it.
		_, err = log.Append(t.Context(), booking.Record{Seller: seller, Claim: "claim 1"})
		if err == nil || errors.Is(err, booking.ErrBroken) != c.broken || errors.Is(err, booking.ErrClaimed) {
			t.Errorf("%s: claimed again: %v", name, err)
		}
	}
}

// Half a record that cannot be set aside stays where it is, and the log takes nothing.
func TestATornLineThatCannotBeSetAsideStopsTheLog(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 2)
	torn := append(read(t, chainPath(dir)), `{"hash":"`...)
	write(t, chainPath(dir), torn)
	log := openLog(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "aside")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r, err := log.Append(t.Context(), booking.Record{Seller: seller}); err == nil {
			t.Errorf("record %d was acknowledged", r.Seq)
		}
	}
	if !bytes.Equal(read(t, chainPath(dir)), torn) {
		t.Error("the torn line is gone")
	}
}

func TestWhatACrashLeftOfAHeadIsClearedAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[acme]") // a folder's name is no pattern
	writeChain(t, dir, 2)
	litter := filepath.Join(dir, "heads", ".next-1")
	write(t, litter, []byte("{"))
	log := openLog(t, dir)
	if _, err := os.Stat(litter); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("litter: %v", err)
	}
	if got, err := log.Sellers(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("sellers %v, %v", got, err)
	}
}

// What is no record is not taken, and the log takes the next one.
func TestWhatIsNoRecordIsNotTaken(t *testing.T) {
	dir := t.TempDir()
	log := openLog(t, dir)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		record booking.Record
	}{
		"without a seller":      {t.Context(), booking.Record{}},
		"with half a document":  {t.Context(), booking.Record{Seller: seller, Document: []byte("{")}},
		"of a run that is over": {over, booking.Record{Seller: seller}},
	} {
		if _, err := log.Append(c.ctx, c.record); err == nil {
			t.Errorf("a record %s was taken", name)
		}
	}
	for _, err := range log.Records(t.Context(), "", "") {
		if err == nil {
			t.Error("there are records of no seller")
		}
	}
	if r, err := log.Append(t.Context(), booking.Record{Seller: seller}); err != nil || r.Seq != 1 {
		t.Errorf("record %d, %v", r.Seq, err)
	}
}

// Reading stops where the reader stops, and where its time is over.
func TestReadingStopsWithItsReader(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 3)
	log := openLog(t, dir)
	seen := 0
	for _, err := range log.Links(t.Context(), seller) {
		if seen++; err != nil {
			t.Error(err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range log.Links(ctx, seller) {
		if seen++; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	if seen != 2 {
		t.Errorf("%d links", seen)
	}
}

func TestAClosedLogTakesAndGivesNothing(t *testing.T) {
	dir := t.TempDir()
	log := openLog(t, dir)
	if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	open, _ := filepath.Glob("/proc/self/fd/*") // none where the system does not tell
	for _, fd := range open {
		if name, err := os.Readlink(fd); err == nil && strings.HasPrefix(name, dir) {
			t.Errorf("%s is still open", name)
		}
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
