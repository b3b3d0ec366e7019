package evidence_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/evidence"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHostileZipsAreRefusedBeforeTheyCost(t *testing.T) {
	many := func() []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for range 70_000 {
			if _, err := w.CreateHeader(&zip.FileHeader{Name: "plan.json", Method: zip.Store}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	bomb := func() []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f, err := w.CreateHeader(&zip.FileHeader{Name: "log.jsonl", Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		for range 64 {
			if _, err := f.Write(make([]byte, 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	commented := func() []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		if err := w.SetComment("hello"); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	pack := example(t)
	for name, c := range map[string]struct {
		zip  []byte
		want string
	}{
		"nothing":           {nil, "too short"},
		"no zip":            {[]byte(strings.Repeat("settlement-id\t", 100)), "cut short"},
		"70,000 members":    {many(), "table of contents"},
		"compressed zeros":  {bomb(), "compressed"},
		"a comment":         {commented(), "comment"},
		"a tail":            {append(bytes.Clone(pack), "tail"...), "cut short"},
		"half a pack":       {pack[:len(pack)/2], "cut short"},
		"something before":  {append([]byte("#!/bin/sh\n"), pack...), "table of contents"},
		"a small member":    {rezip(t, []member{{"rules.yaml", bytes.Repeat([]byte("#"), 2<<20)}}), "more than 1 MiB"},
		"an empty zip file": {rezip(t, nil), "missing"},
	} {
		if v := verify(t, c.zip); v.OK() || !strings.Contains(v.Err().Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, v.Err(), c.want)
		}
	}
}

// chainOf takes a log apart and puts it together again with changed records, each hashed anew.
func rewrite(t *testing.T, log []byte, change func(n int, body string) string) (lines, head string) {
	t.Helper()
	var out strings.Builder
	prev := ""
	for n, text := range strings.Split(strings.TrimSuffix(string(log), "\n"), "\n") {
		l := booking.Link{Prev: text[83:147], Body: []byte(change(n, text[156:len(text)-1]))}
		if prev != "" {
			l.Prev = prev
		}
		l.Hash = l.Sum()
		prev = l.Hash
		out.WriteString(`{"hash":"` + l.Hash + `","prev":"` + l.Prev + `","body":` + string(l.Body) + "}\n")
	}
	return out.String(), prev
}

// TestALogThatWasWrittenAnewDoesNotFitThePlan takes the part of somebody who rewrites the whole chain, the head and the
// sums: only what the report and the rules say cannot be had to go along.
func TestALogThatWasWrittenAnewDoesNotFitThePlan(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"amount":         {`"debit":"15.00"`, `"debit":"16.00"`, "cannot be read"},
		"another digest": {`"event":"created"`, `"event":"found"`, ""}, // the same content, told otherwise: the text for people differs
		"other rules":    {`"rules":"`, `"rules":"0`, "the log says that 0"},
		"no approval":    {`"event":"approved"`, `"event":"manifest"`, ""},
	} {
		members := unzip(t, example(t))
		var head string
		for i, m := range members {
			if m.name == "log.jsonl" {
				var lines string
				lines, head = rewrite(t, m.data, func(_ int, body string) string { return strings.ReplaceAll(body, c.from, c.to) })
				members[i].data = []byte(lines)
			}
		}
		for i, m := range members {
			if m.name == "head.json" {
				at := bytes.Index(m.data, []byte(`"hash": "`)) + len(`"hash": "`)
				members[i].data = append(append(bytes.Clone(m.data[:at]), head...), m.data[at+64:]...)
			}
		}
		v := verify(t, rezip(t, resum(members)))
		if v.OK() || !strings.Contains(v.Err().Error(), c.want) {
			t.Errorf("%s: %v", name, v.Err())
		}
	}
}

// forged is the seller's chain with changed records, each hashed anew, and its head.
func (b *books) forged(p evidence.Pack, change func(booking.Record) []booking.Record) evidence.Pack {
	b.t.Helper()
	var links []booking.Link
	head := booking.Head{Seller: seller}
	for l, err := range b.links() {
		if err != nil {
			b.t.Fatal(err)
		}
		r, err := l.Record()
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range change(r) {
			link, r, err := booking.NewLink(head, r)
			if err != nil {
				b.t.Fatal(err)
			}
			links = append(links, link)
			head = booking.Head{Seller: seller, Count: r.Seq, Hash: r.Hash}
		}
	}
	p.Head = head
	p.Links = func(yield func(booking.Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
	return p
}

// TestAForgedLogHasToAgreeWithItselfAndWithThePlan takes the part of somebody who makes a whole pack around another log.
func TestAForgedLogHasToAgreeWithItselfAndWithThePlan(t *testing.T) {
	one := func(r booking.Record) []booking.Record { return []booking.Record{r} }
	for name, c := range map[string]struct {
		change func(booking.Record) []booking.Record
		want   string
	}{
		"nothing changed": {one, ""},
		"another plan was approved": {func(r booking.Record) []booking.Record {
			if r.Event == booking.EventApproved {
				r.Digest = strings.Repeat("0", 64)
			}
			return one(r)
		}, "which nobody had presented"},
		"another batch": {func(r booking.Record) []booking.Record {
			if r.Event == booking.EventIntent {
				r.Batch = "JE" + strings.Repeat("A", 28)
			}
			return one(r)
		}, "is not the name that belongs"},
		"the ledger showed something else": {func(r booking.Record) []booking.Record {
			if r.Event == booking.EventCreated {
				r.Digest = strings.Repeat("0", 64)
			}
			return one(r)
		}, "the ledger showed document"},
		"a document that the plan does not have": {func(r booking.Record) []booking.Record {
			if r.Event != booking.EventCreated || !strings.HasSuffix(r.Key, "/1.1") {
				return one(r)
			}
			more := r
			more.Key = strings.TrimSuffix(r.Key, "1.1") + "7.1"
			return []booking.Record{r, more}
		}, "the plan does not have it"},
		"a mirror of what was not booked": {func(r booking.Record) []booking.Record {
			if r.Event != booking.EventCreated || !strings.HasSuffix(r.Key, "/1.1") {
				return one(r)
			}
			more := r
			more.Key = strings.TrimSuffix(r.Key, "1.1") + "1007.1"
			return []booking.Record{r, more}
		}, "reverses one that was not booked"},
		"another settlement's document": {func(r booking.Record) []booking.Record {
			r.Key = strings.Replace(r.Key, "30000000001", "30000000009", 1)
			return one(r)
		}, "no document of this settlement"},
	} {
		b := newBooks(t)
		v := verify(t, written(t, b.forged(b.booked("30000000001", b.input()), c.change)))
		if c.want == "" && !v.OK() || c.want != "" && (v.OK() || !strings.Contains(v.Err().Error(), c.want)) {
			t.Errorf("%s: %v", name, v.Err())
		}
	}
}

func TestWhatLiesAfterTheHeadIsNotPacked(t *testing.T) {
	b := newBooks(t)
	p := b.booked("30000000001", b.input())
	b.booked("30000000002", b.input())
	p.Links = b.links()
	if v := verify(t, written(t, p)); !v.OK() || v.Head != p.Head {
		t.Errorf("head %+v, %v", v.Head, v.Err())
	}
}

func TestARecordTakenOutOfTheLogIsFound(t *testing.T) {
	for _, gap := range []int{0, 1, 5} {
		members := unzip(t, example(t))
		for i, m := range members {
			if m.name == "log.jsonl" {
				lines := strings.SplitAfter(string(m.data), "\n")
				members[i].data = []byte(strings.Join(append(append([]string{}, lines[:gap]...), lines[gap+1:]...), ""))
			}
		}
		if v := verify(t, rezip(t, resum(members))); v.OK() || !named(v, "log.jsonl") && !named(v, "approvals.json") {
			t.Errorf("without record %d of the pack: %v", gap+1, v.Err())
		}
	}
}

func TestTheReadmesOwnCommandsCheckThePack(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	var head, script string
	for _, m := range unzip(t, example(t)) {
		writeFile(t, filepath.Join(dir, m.name), m.data)
		switch m.name {
		case "head.json":
			_, rest, _ := strings.Cut(string(m.data), `"hash": "`)
			head = rest[:64]
		case "README.txt":
			if !strings.Contains(string(m.data), "Amazon settlement 30000000002") {
				t.Error("the README does not name its settlement")
			}
			_, rest, _ := strings.Cut(string(m.data), "    #!/bin/bash\n")
			script, _, _ = strings.Cut(rest, "\n\n")
		}
	}
	run := func(script string) (string, error) {
		c := exec.CommandContext(t.Context(), bash, "-c", script)
		c.Dir = dir
		out, err := c.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if out, err := run("sha256sum -c SHA256SUMS"); err != nil || strings.Count(out, ": OK") != 13 {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	if out, err := run(script); err != nil || out != head {
		t.Errorf("the walk over the log ends at %q (%v), want the head %s", out, err, head)
	}
	log, err := os.ReadFile(filepath.Join(dir, "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "log.jsonl"), bytes.Replace(log, []byte(`"created"`), []byte(`"refused"`), 1))
	if out, err := run(script); err == nil || !strings.HasPrefix(out, "changed: ") {
		t.Errorf("the walk over a changed log says %q", out)
	}
}

func TestAReversedPayoutAndItsNextRevisionHold(t *testing.T) {
	b := newBooks(t)
	in := b.input()
	b.booked("30000000001", in)
	reversal := booking.Reversal{Settlement: "30000000001", Reason: "wrong account", Period: 202603, Date: ledgermap.Date{Year: 2026, Month: 3, Day: 2}}
	res, err := b.engine.Reverse(t.Context(), reversal)
	if err != nil || res.State != booking.StateAwaitingApproval {
		t.Fatal(res.State, err)
	}
	if err := b.engine.Approve(t.Context(), booking.Release{Settlement: "30000000001", Plan: res.PlanHash, By: "Ann"}); err != nil {
		t.Fatal(err)
	}
	if res, err = b.engine.Reverse(t.Context(), reversal); err != nil || res.State != booking.StateReversed {
		t.Fatal(res.State, err)
	}
	bytesOf := report(t, "30000000001")
	if v := verify(t, written(t, b.pack(bytesOf, b.plan(bytesOf, in), in))); !v.OK() || v.Booked != 0 || v.Reversed != 3 {
		t.Errorf("reversed: %d booked, %d reversed, %v", v.Booked, v.Reversed, v.Err())
	}
	in.Revision = 2
	if v := verify(t, written(t, b.booked("30000000001", in))); !v.OK() || v.Booked != 3 || v.Reversed != 0 {
		t.Errorf("booked again: %d booked, %d reversed, %v", v.Booked, v.Reversed, v.Err())
	}
}

func TestAPayoutThatWaitsForItsMoneyHolds(t *testing.T) {
	b := newBooks(t)
	in := b.input()
	in.Payout = ledgermap.Payout{}
	v := verify(t, written(t, b.booked("30000000001", in)))
	if !v.OK() || v.Documents != 3 || v.Booked != 2 {
		t.Errorf("%d of %d booked, %v", v.Booked, v.Documents, v.Err())
	}
}

func TestAPlanThatIsNotTheBookedOneIsNamed(t *testing.T) {
	b := newBooks(t)
	in := b.input()
	b.booked("30000000001", in)
	in.Payout.Date = in.Payout.Date.AddDate(0, 0, 3) // the receipt gets another date
	bytesOf := report(t, "30000000001")
	v := verify(t, written(t, b.pack(bytesOf, b.plan(bytesOf, in), in)))
	if v.OK() || !named(v, "plan.json") || !strings.Contains(v.Err().Error(), "document 201") {
		t.Errorf("%v", v.Err())
	}
}

func FuzzVerifyEndsWhateverItIsGiven(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, pack []byte) {
		if v, err := evidence.Verify(bytes.NewReader(pack), int64(len(pack))); err == nil && v.OK() {
			t.Error("that is no pack")
		}
	})
}
