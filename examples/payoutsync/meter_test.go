package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestWithoutATerminalLongWorkSaysNowAndThenHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		a := &app{err: &errs}
		m := a.meter("audit of A1", 400, unitRecords)
		for range 300 {
			time.Sleep(100 * time.Millisecond) // of the bubble: thirty seconds of work
			m.add(1)
		}
		m.end()
		want := "audit of A1: 100 of 400 records (25%)\naudit of A1: 200 of 400 records (50%)\naudit of A1: 300 of 400 records (75%)\n"
		if errs.String() != want {
			t.Errorf("got\n%swant\n%s", errs.String(), want)
		}
	})
}

func TestQuietAndShortWorkSayNothingOfTheirProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		quiet, short := (&app{err: &errs, quiet: true}).meter("x", 10, unitBytes), (&app{err: &errs}).meter("x", 10, unitBytes)
		short.add(10)
		short.end()
		time.Sleep(time.Minute)
		quiet.add(10)
		quiet.end()
		if errs.Len() > 0 {
			t.Errorf("got %q", errs.String())
		}
	})
}

// A bar is for a terminal, on stderr; what is printed for good is the same with it and without it.
func TestABarIsOnATerminalOnly(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil {
		t.Skip("script, which gives a program a terminal, is not installed")
	}
	dir := t.TempDir()
	names := []string{filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt")}
	for i, name := range names {
		s := settlementtest.Seller{Seed: uint64(i + 1), Count: 1, Rows: 30000, Until: time.Now()}.Settlements()[0]
		if err := os.WriteFile(name, s.V2(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	command := "exec " + os.Args[0] + " inspect --json " + strings.Join(names, " ") + " > " + out
	onTerminal := func(more string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), script, "--quiet", "--return", "--command", command+more, filepath.Join(dir, "typescript"))
		c.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1", "TERM=xterm")
		shown, err := c.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
		return string(shown)
	}
	bar := regexp.MustCompile(`inspect +\d+% `)
	if shown := onTerminal(""); !bar.MatchString(shown) {
		t.Errorf("no bar on a terminal: %q", shown)
	}
	if printed, want := readFile(t, out), payoutsync(t, append([]string{"inspect", "--json"}, names...)...).expect(t, 0); printed != want.out || want.errors != "" {
		t.Errorf("with a bar it prints\n%swithout one\n%sand on stderr %q", printed, want.out, want.errors)
	}
	for _, more := range []string{" --quiet", " 2> " + out + ".err"} {
		if shown := onTerminal(more); shown != "" {
			t.Errorf("%s: a bar is shown: %q", more, shown)
		}
	}
}
