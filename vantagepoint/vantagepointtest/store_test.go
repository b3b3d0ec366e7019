package vantagepointtest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestBooksOnDiskSurviveWithoutClose(t *testing.T) {
	o := vantagepointtest.Options{Dir: filepath.Join(t.TempDir(), "tenant")}
	first, c := start(t, o)
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "100.10", "100.10"))
	c.want(201, "POST", "DataEntry/jeControl", journal("gone", "1", "1", "1"))
	c.want(201, "POST", "DataEntry/crControl", receipt("cr", "1", "90"))
	c.want(200, "PUT", "DataEntry/crControl/cr", `{"Description":"Changed"}`)
	c.want(200, "DELETE", "DataEntry/jeControl/gone", "")
	c.want(200, "PUT", "DataEntry/PostTransFile", order("je", "JE", "202601"))
	ledger := c.want(200, "GET", "PSALedger/JE", "").Body

	second, c2 := start(t, o) // the first one is still open, as after kill -9
	if diff := cmp.Diff(first.Batches(), second.Batches()); diff != "" {
		t.Error(diff)
	}
	if got := c2.want(200, "GET", "PSALedger/JE", "").Body; got != ledger {
		t.Errorf("the ledger read\n%s\nand now\n%s", ledger, got)
	}
	c2.want(400, "POST", "DataEntry/jeControl", journal("je", "1", "1", "1"))
	p := posting(t, c2.want(200, "PUT", "DataEntry/PostTransFile", order("cr", "CR", "202601")))
	if p["postseqList"] != "195" {
		t.Errorf("posting goes on with %q, want 195", p["postseqList"])
	}
}

func TestATornLastLineIsHealedAndTheNextBookingHolds(t *testing.T) {
	dir := t.TempDir()
	o := vantagepointtest.Options{Dir: dir}
	_, c := start(t, o)
	c.want(201, "POST", "DataEntry/jeControl", journal("one", "1", "1", "1"))
	c.want(201, "POST", "DataEntry/jeControl", journal("two", "1", "1", "1"))
	name := filepath.Join(dir, "books.jsonl")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lastLine := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	long := append(bytes.Clone(whole[:len(whole)-1]), bytes.Repeat([]byte("x"), 50_000)...) // longer than what is booked next
	for _, torn := range [][]byte{whole[:lastLine+1], whole[:(lastLine+len(whole))/2], whole[:len(whole)-1], long} {
		if err := os.WriteFile(name, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		tenant, c := start(t, o)
		if b := tenant.Batches(); len(b) != 1 || b[0].Batch != "one" {
			t.Fatalf("torn at %d, whole at %d: %+v", len(torn), len(whole), b)
		}
		c.want(201, "POST", "DataEntry/jeControl", journal("two", "1", "1", "1"))
		again, _ := start(t, o)
		if n := len(again.Batches()); n != 2 {
			t.Errorf("torn at %d: after the next booking there are %d batches", len(torn), n)
		}
	}
}

func TestDamagedBooksAreRefusedWithTheirPlace(t *testing.T) {
	dir := t.TempDir()
	_, c := start(t, vantagepointtest.Options{Dir: dir})
	c.want(201, "POST", "DataEntry/crControl", receipt("one", "1", "1"))
	c.want(201, "POST", "DataEntry/jeControl", journal("two", "1", "1", "1"))
	name := filepath.Join(dir, "books.jsonl")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for want, text := range map[string]string{
		"books.jsonl:2: the books are damaged":  lines[0] + lines[1][5:] + lines[2],
		"version 1 of database \"OTHER\"":       strings.Replace(string(whole), `"DEMO"`, `"OTHER"`, 1),
		"books.jsonl:1: the books are damaged":  "\n" + string(whole),
		"burn of batch number 0, but there are": strings.Replace(string(whole), `"create"`, `"burn"`, 1),
		"unknown event \"burn\"":                string(whole) + `{"event":"burn","at":"","user":"","index":0}` + "\n",
		"post of batch number 0, but there are": lines[0] + `{"event":"post","at":"","user":"","index":0}` + "\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := vantagepointtest.New(vantagepointtest.Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = vantagepointtest.New(vantagepointtest.Options{Dir: dir, Banks: []vantagepointtest.Bank{{Code: "NEW", Account: "101.00"}}})
	if err == nil || !strings.Contains(err.Error(), "batch one names bank OPER, which Options.Banks does not have") {
		t.Errorf("books that lean on another bank: %v", err)
	}
}

// TestKillLosesNoAnsweredBooking runs a real server in a process of its own, kills it in the middle of bookings, and opens its
// books: whatever was answered must be there, once.
func TestKillLosesNoAnsweredBooking(t *testing.T) {
	dir := os.Getenv("VANTAGEPOINTTEST_KILL_DIR")
	if dir != "" {
		serveUntilKilled(t, dir)
		return
	}
	dir = t.TempDir()
	answered := map[string]bool{}
	for round := range 3 {
		server := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillLosesNoAnsweredBooking$")
		server.Env = append(os.Environ(), "VANTAGEPOINTTEST_KILL_DIR="+dir)
		out, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		address := make([]byte, 200)
		n, err := out.Read(address)
		if err != nil {
			t.Fatal(err)
		}
		c := &caller{t: t, http: &http.Client{Transport: &http.Transport{}}, base: strings.TrimSpace(string(address[:n]))}
		c.logIn(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
		for i := 0; err == nil && i < 10_000; i++ {
			name := fmt.Sprintf("round-%d-%d", round, i)
			var r reply
			if r, err = c.try("POST", "DataEntry/jeControl", journal(name, "1", "1", "1")); err == nil && r.Status == 201 {
				answered[name] = true
			}
			if i == 15 {
				go func() { _ = server.Process.Kill() }() // while bookings go on
			}
		}
		_ = server.Wait()
	}
	tenant, _ := start(t, vantagepointtest.Options{Dir: dir})
	stored := map[string]int{}
	for _, b := range tenant.Batches() {
		stored[b.Batch]++
	}
	if len(answered) < 40 {
		t.Fatalf("only %d bookings were answered", len(answered))
	}
	for name := range answered {
		if stored[name] != 1 {
			t.Errorf("batch %s was answered and is stored %d times", name, stored[name])
		}
	}
	if extra := len(stored) - len(answered); extra > 3 {
		t.Errorf("%d batches are stored that were never answered; a kill can leave one each", extra)
	}
}

func serveUntilKilled(t *testing.T, dir string) {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	base, _, err := tenant.Start()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdout.WriteString(base + "\n")
	select {}
}
