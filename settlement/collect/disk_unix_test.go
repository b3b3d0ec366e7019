//go:build unix

package collect_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// limitFiles lets no file of this process grow beyond a size, until it is called off.
func limitFiles(t *testing.T, size int64) (off func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	limit := was
	limit.Cur = uint64(size)
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
}

// A disk that is full in the middle of an entry leaves nothing that the next entry would run into.
func TestAnEntryThatIsHalfWrittenIsTakenBack(t *testing.T) {
	// The limit is for a whole process, and the go command has this one write a file of its own.
	const limited = "COLLECT_TEST_LIMITED"
	if os.Getenv(limited) == "" {
		alone := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		alone.Env = append(os.Environ(), limited+"=1")
		if out, err := alone.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	folder, err := collect.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	report := settlementtest.Build(settlementtest.Spec{}).V2()
	first := put(t, collect.NewArchive(folder), "r1", report)
	info, err := os.Stat(filepath.Join(dir, "index.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	half, next := first, first
	half.ReportID, next.ReportID = "r2", "r3"
	off := limitFiles(t, info.Size()+100)
	err = folder.Add(t.Context(), half)
	off()
	if err == nil {
		t.Fatal("a full disk took an entry")
	}
	if err := folder.Add(t.Context(), next); err != nil {
		t.Fatalf("there is room again: %v", err)
	}
	if diff := cmp.Diff([]collect.Entry{first, next}, entriesOf(t, reopen(t, dir))); diff != "" {
		t.Error(diff)
	}
	if index, err := os.ReadFile(filepath.Join(dir, "index.jsonl")); err != nil || bytes.Count(index, []byte("\n")) != 2 {
		t.Errorf("the index is\n%s%v", index, err)
	}
}

func TestAPipeThatNobodyWritesIntoIsNotImported(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	folder, err := collect.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan error)
	go func() {
		_, err := collect.NewArchive(folder).Import(t.Context(), "A1", pipe)
		refused <- err
	}()
	select {
	case err := <-refused:
		if settlement.CodeOf(err) != settlement.CodeNotASettlement {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Import waits for a writer")
	}
}
