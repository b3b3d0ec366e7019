package main

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The test types what the program prints, but for the last command, which does not end by itself.
func TestThePrintedCommandsBookThePayouts(t *testing.T) {
	bin := t.TempDir()
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin+"/", ".", "../payoutsync").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	dir := filepath.Join(t.TempDir(), "sandbox")
	sandbox := exec.CommandContext(t.Context(), filepath.Join(bin, "sandbox"), "-dir", dir)
	out, err := sandbox.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sandbox.Process.Kill() })
	script := "set -e\n"
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "  payoutsync serve"; {
		if command, ok := strings.CutPrefix(lines.Text(), "  "); ok {
			script += command + "\n"
		}
	}
	typed := exec.CommandContext(t.Context(), "sh", "-c", script)
	typed.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if said, err := typed.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s%s", err, script, said)
	}

	if err := sandbox.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Wait(); err != nil {
		t.Fatalf("interrupted, it ends with %v", err)
	}
	books, err := os.ReadFile(filepath.Join(dir, "ledger.hledger"))
	if err != nil {
		t.Fatal(err)
	}
	if documents := regexp.MustCompile(`(?m)^20\d\d-`).FindAll(books, -1); len(documents) < 6 {
		t.Errorf("six payouts are %d documents in the tenant's books:\n%s", len(documents), books)
	}
}

// interrupted is a signal that has come already.
func interrupted() <-chan os.Signal {
	signals := make(chan os.Signal)
	close(signals)
	return signals
}

func TestNothingIsWrittenIntoAFolderThatIsThere(t *testing.T) {
	dir := t.TempDir()
	if err := serve(dir, interrupted()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it ends with %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}

func TestTheCredentialsAreNotForOthersToRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	if err := serve(dir, interrupted()); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Stat(filepath.Join(dir, "credentials.json")); err != nil || file.Mode() != 0o600 {
		t.Errorf("credentials.json is %v, %v", file.Mode(), err)
	}
}
