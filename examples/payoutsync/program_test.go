package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
)

// The tests drive the program as a user does. Where a process must die, the test binary plays the program.
func TestMain(m *testing.M) {
	if os.Getenv("PAYOUTSYNC_AS_PROGRAM") != "" {
		main() // which ends the process
	}
	os.Exit(pgtest.Main(m))
}

// outcome is what a run printed and how it ended.
type outcome struct {
	code        int
	out, errors string
}

func payoutsync(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// lines decodes JSON Lines; anything else on stdout fails the test.
func (o outcome) lines(t *testing.T) []map[string]any {
	t.Helper()
	var objects []map[string]any
	for line := range strings.Lines(o.out) {
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			t.Fatalf("stdout holds a line that is no JSON object: %q", line)
		}
		objects = append(objects, object)
	}
	return objects
}

func (o outcome) summary(t *testing.T) summaryObject {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(o.out), "\n")
	var last struct{ Summary *summaryObject }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Summary == nil {
		t.Fatalf("the last line is no summary: %q\nstderr: %s", lines[len(lines)-1], o.errors)
	}
	return *last.Summary
}

func (o outcome) expect(t *testing.T, code int) outcome {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", o.code, code, o.out, o.errors)
	}
	return o
}

// agreed checks that Amazon's other interfaces confirm every payout, and that there is nothing to look at.
func (o outcome) agreed(t *testing.T) {
	t.Helper()
	for _, object := range o.lines(t) {
		if id, ok := object["settlement_id"]; ok && (object["reconciliation"] != "agreed" || len(object["findings"].([]any)) > 0) {
			t.Errorf("settlement %v: reconciliation %v, findings %v", id, object["reconciliation"], object["findings"])
		}
	}
}

// counts leaves what differs from run to run out of a summary.
func counts(s summaryObject) summaryObject {
	s.AmazonCalls, s.VantagepointCalls, s.Seconds, s.Expected = nil, nil, 0, nil
	return s
}

func TestDemoBooksEveryPayoutAndFindsThemAllTheSecondTime(t *testing.T) {
	home := t.TempDir()
	run := payoutsync(t, "demo", "--json", "--home", home).expect(t, 0)
	run.agreed(t)
	first := run.summary(t)
	want := summaryObject{Settlements: 6, Booked: 6, InTransit: 1, Documents: first.Documents}
	if diff := cmp.Diff(want, counts(first)); diff != "" {
		t.Errorf("first run (-want +got):\n%s", diff)
	}
	if first.Documents < 12 {
		t.Errorf("%d documents for six settlements over several periods; want two or more each", first.Documents)
	}
	books := readFile(t, filepath.Join(home, "ledger.hledger"))

	run = payoutsync(t, "demo", "--json", "--home", home).expect(t, 0)
	run.agreed(t)
	second := run.summary(t)
	if first.AmazonCalls["finances.listSummary"] != 6 || second.AmazonCalls["finances.listSummary"] != 0 {
		t.Errorf("listSummary was called %d times, then %d times; want once for each of 6 payouts, and never again",
			first.AmazonCalls["finances.listSummary"], second.AmazonCalls["finances.listSummary"])
	}
	want = summaryObject{Settlements: 6, Found: 6, InTransit: 1, Documents: first.Documents}
	if diff := cmp.Diff(want, counts(second)); diff != "" {
		t.Errorf("second run (-want +got):\n%s", diff)
	}
	for op := range second.VantagepointCalls {
		if strings.HasSuffix(op, ".create") {
			t.Errorf("the second run sent %s", op)
		}
	}
	if again := readFile(t, filepath.Join(home, "ledger.hledger")); again != books {
		t.Error("the books changed in a run that books nothing")
	}
}

func TestDemoLeavesWhatThePeopleNeed(t *testing.T) {
	home := t.TempDir()
	o := payoutsync(t, "demo", "--json", "--home", home).expect(t, 0)
	for _, object := range o.lines(t) {
		id, ok := object["settlement_id"].(string)
		if !ok {
			continue
		}
		page := readFile(t, filepath.Join(home, "reports", id+".html"))
		if !strings.Contains(page, id) || strings.Contains(page, "<script") || strings.Contains(page, "src=") {
			t.Errorf("the page of %s lacks its settlement, or loads something", id)
		}
	}
	for _, name := range []string{"archive/index.jsonl", "payoutsync.db", "ledger.hledger", "tenant"} {
		if _, err := os.Stat(filepath.Join(home, name)); err != nil {
			t.Errorf("the home lacks %s: %v", name, err)
		}
	}
}

func TestDemosBooksAreAcceptedByHledgerAndClearingIsOnlyOpenForMoneyOnItsWay(t *testing.T) {
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		t.Skip("hledger is not installed")
	}
	home := t.TempDir()
	o := payoutsync(t, "demo", "--json", "--home", home).expect(t, 0)
	journal := filepath.Join(home, "ledger.hledger")
	if text, err := exec.CommandContext(t.Context(), hledger, "-f", journal, "check").CombinedOutput(); err != nil {
		t.Fatalf("hledger check: %v\n%s", err, text)
	}
	text, err := exec.CommandContext(t.Context(), hledger, "-f", journal, "balance", "115.00", "--no-total", "--format", "%(total)").Output()
	if err != nil {
		t.Fatal(err)
	}
	var waiting string
	for _, object := range o.lines(t) {
		for _, d := range documentsOf(object) {
			if d["state"] == "waiting" {
				waiting = object["settlement_id"].(string)
			}
		}
	}
	total := ""
	for e := range strings.Lines(readFile(t, filepath.Join(home, "archive", "index.jsonl"))) {
		var entry struct {
			SettlementID string `json:"settlement_id"`
			Total        string `json:"total"`
		}
		if json.Unmarshal([]byte(e), &entry) == nil && entry.SettlementID == waiting {
			total = entry.Total
		}
	}
	if got := strings.Fields(string(text)); len(got) == 0 || got[0] != total {
		t.Errorf("the clearing account holds %q, want the one total %s that is on its way", text, total)
	}
}

func documentsOf(object map[string]any) []map[string]any {
	list, _ := object["documents"].([]any)
	var documents []map[string]any
	for _, d := range list {
		documents = append(documents, d.(map[string]any))
	}
	return documents
}

func TestKilledAtAnyMomentEveryPayoutIsBookedExactlyOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for several seconds")
	}
	rounds := 3
	if os.Getenv("CI_LONG") != "" {
		rounds = 40
	}
	kills := 0
	for seed := range rounds {
		home := t.TempDir()
		dice := rand.New(rand.NewPCG(uint64(seed), 7))
		for range 5 {
			c := exec.CommandContext(t.Context(), os.Args[0], "demo", "--json", "--home", home, "--seed", fmt.Sprint(seed+1))
			c.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(10+dice.IntN(700))*time.Millisecond, func() { _ = c.Process.Kill() })
			if c.Wait() != nil {
				kills++
			}
			timer.Stop()
		}
		s := payoutsync(t, "demo", "--json", "--home", home).expect(t, 0).summary(t)
		if s.Booked+s.Found != 6 || s.Refused != 0 || s.Duplicates != 0 || s.ClearingOpen != 0 {
			t.Errorf("seed %d: after the kills the run ends with %+v", seed, counts(s))
		}
		batches := map[string]int{}
		for line := range strings.Lines(readFile(t, filepath.Join(home, "ledger.hledger"))) {
			if _, rest, ok := strings.Cut(line, " ("); ok && line[0] >= '0' && line[0] <= '9' {
				batch, _, _ := strings.Cut(rest, ")")
				batches[batch]++
			}
		}
		for batch, n := range batches {
			if n != 1 {
				t.Errorf("seed %d: batch %s is in the books %d times", seed, batch, n)
			}
		}
		if want := s.Documents - s.InTransit; len(batches) != want {
			t.Errorf("seed %d: the books hold %d documents, want %d", seed, len(batches), want)
		}
	}
	if kills == 0 {
		t.Error("no run was killed before its end")
	}
	t.Logf("%d runs, %d kills: 0 lost, 0 doubled", rounds, kills)
}

func TestASecondProcessOnTheSameHomeIsToldWhoHoldsIt(t *testing.T) {
	home := t.TempDir()
	c := exec.CommandContext(t.Context(), os.Args[0], "demo", "--home", home, "--settlements", "40", "--rows", "2000", "--faults", "storm")
	c.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err := os.Stat(filepath.Join(home, "demo.json")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the first process did not start")
		}
	}
	o := payoutsync(t, "demo", "--home", home).expect(t, exitUsage)
	if !strings.Contains(o.errors, fmt.Sprintf("process %d", c.Process.Pid)) {
		t.Errorf("the message does not name the holder: %s", o.errors)
	}
}

func TestDemoRefusesOtherNumbersThanItsHomeWasMadeWith(t *testing.T) {
	home := t.TempDir()
	payoutsync(t, "demo", "--json", "--home", home, "--settlements", "2", "--rows", "30").expect(t, 0)
	o := payoutsync(t, "demo", "--json", "--home", home, "--settlements", "3").expect(t, exitUsage)
	if !strings.Contains(o.errors, "--settlements 2 --rows 30") {
		t.Errorf("the message does not say what the home holds: %s", o.errors)
	}
}

func TestFaultsOnTheWayLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for answers that do not come")
	}
	home := t.TempDir()
	s := payoutsync(t, "demo", "--json", "--quiet", "--home", home, "--faults", "documented").expect(t, 0).summary(t)
	if s.Booked != 6 || s.Refused != 0 || s.Duplicates != 0 || s.ClearingOpen != 0 {
		t.Errorf("with every documented fault the run ends with %+v", counts(s))
	}
}

func TestHelpOfEveryCommandHasAnExample(t *testing.T) {
	for _, command := range []string{"demo", "init", "inspect", "plan", "serve", "approve"} {
		o := payoutsync(t, command, "--help").expect(t, 0)
		if !strings.Contains(o.out, "Example: payoutsync "+command) {
			t.Errorf("%s --help shows no example:\n%s", command, o.out)
		}
	}
}

func TestUsageMistakesEndWithOneAndSayWhatToDo(t *testing.T) {
	for _, args := range [][]string{{"dance"}, {"plan"}, {"inspect"}, {"demo", "--faults", "some"}, {"plan", "--rules", "nowhere.yaml", "x.txt"}, {"demo", "--rows", "-1"}} {
		o := payoutsync(t, append(args, "--json")...)
		if o.code != exitUsage || o.errors == "" || o.out != "" {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q; want 1 and a message on stderr alone", args, o.code, o.out, o.errors)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
