package collect_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// What cannot be taken back must not come before an entry that is acknowledged.
func TestAnIndexThatCannotBeMendedTakesNothingUntilItIsOpenedAgain(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no device that is full")
	}
	dir := t.TempDir()
	archive := reopen(t, dir)
	index := filepath.Join(dir, "index.jsonl")
	if err := os.Symlink("/dev/full", index); err != nil {
		t.Fatal(err)
	}
	report := settlementtest.Build(settlementtest.Spec{}).V2()
	if _, err := archive.Put(t.Context(), bytes.NewReader(report), collect.Entry{Seller: "A1", ReportID: "r1"}); err == nil {
		t.Fatal("a full disk took an entry")
	}
	if err := os.Remove(index); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Put(t.Context(), bytes.NewReader(report), collect.Entry{Seller: "A1", ReportID: "r1"}); err == nil {
		t.Error("an entry was added behind one of which nobody knows what is on the disk")
	}
	entry := put(t, reopen(t, dir), "r1", report)
	if diff := cmp.Diff([]collect.Entry{entry}, entriesOf(t, reopen(t, dir))); diff != "" {
		t.Error(diff)
	}
}

// A folder's name is no pattern.
func TestAFolderMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"a[b", "[acme]"} {
		dir := filepath.Join(t.TempDir(), name)
		report := settlementtest.Build(settlementtest.Spec{}).V2()
		entry := put(t, reopen(t, dir), "r1", report)
		half := filepath.Join(dir, "incoming-1")
		if err := os.WriteFile(half, report[:100], 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]collect.Entry{entry}, entriesOf(t, reopen(t, dir))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if _, err := os.Stat(half); !os.IsNotExist(err) {
			t.Errorf("%s: the half document is still there (%v)", name, err)
		}
	}
}
