package booking_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

const seller = "A1B2C3D4E5"

var sealKey = []byte("0123456789abcdef0123456789abcdef")

func openLog(t *testing.T, dir string) *booking.FileLog {
	t.Helper()
	log, err := booking.OpenFileLog(dir, sealKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// writeChain writes n records and closes the log.
func writeChain(t *testing.T, dir string, n int) {
	t.Helper()
	log := openLog(t, dir)
	for i := 1; i <= n; i++ {
		_, err := log.Append(t.Context(), booking.Record{
			Seller: seller, Settlement: fmt.Sprint(100 + i%3), Event: booking.EventIntent, Actor: "tester",
			Time: time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC), Claim: fmt.Sprint("claim ", i),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func chainPath(dir string) string { return filepath.Join(dir, "chains", seller+".jsonl") }
func headPath(dir string) string  { return filepath.Join(dir, "heads", seller+".json") }

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, dir string) booking.Verification {
	t.Helper()
	log := openLog(t, dir)
	defer log.Close() // only read
	v, err := booking.Verify(t.Context(), log, seller)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func records(t *testing.T, log booking.Log, settlement string) ([]booking.Record, error) {
	t.Helper()
	var all []booking.Record
	for r, err := range log.Records(t.Context(), seller, settlement) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func TestRecordsReadBackInOrderAndTwice(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 7)
	log := openLog(t, dir)
	first, err := records(t, log, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := records(t, log, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" || len(first) != 7 {
		t.Errorf("%d records; second pass differs:\n%s", len(first), diff)
	}
	for i, r := range first {
		if r.Seq != int64(i+1) {
			t.Errorf("record %d has number %d", i+1, r.Seq)
		}
	}
	one, err := records(t, log, "101")
	if err != nil {
		t.Fatal(err)
	}
	if len(one) != 3 || one[0].Seq != 1 || one[1].Seq != 4 || one[2].Seq != 7 {
		t.Errorf("settlement 101 has %d records: %+v", len(one), one)
	}
}

func TestAClaimIsHeldOnceAndSaysByWhom(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 3)
	log := openLog(t, dir)
	_, err := log.Append(t.Context(), booking.Record{Seller: seller, Claim: "claim 2", Actor: "second"})
	claimed, ok := errors.AsType[*booking.ClaimedError](err)
	if !ok || !errors.Is(err, booking.ErrClaimed) || claimed.By.Seq != 2 || claimed.By.Actor != "tester" {
		t.Fatalf("second holder of a claim: %v", err)
	}
	if v := verify(t, copyDir(t, dir)); !v.OK() || v.Head.Count != 3 {
		t.Errorf("a refused claim changed the chain: %+v", v)
	}
}

func TestAnotherProcessIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	openLog(t, dir)
	if _, err := booking.OpenFileLog(dir, sealKey); err == nil || !strings.Contains(err.Error(), "in use by") {
		t.Errorf("second opener: %v", err)
	}
}

func TestAnAuditorCanCheckTheChainWithSha256sum(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 2)
	log := openLog(t, dir)
	for l, err := range log.Links(t.Context(), seller) {
		if err != nil {
			t.Fatal(err)
		}
		want := booking.Link{Prev: l.Prev, Body: l.Body}.Sum()
		if l.Hash != want || !bytes.Contains(read(t, chainPath(dir)), []byte(fmt.Sprintf(`{"hash":%q,"prev":%q,"body":%s}`+"\n", l.Hash, l.Prev, l.Body))) {
			t.Errorf("link %s is not on a line of its own in the documented form", l.Hash)
		}
	}
}

func copyDir(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func fault(v booking.Verification, seq int64, damage booking.Damage) bool {
	for _, f := range append(v.Faults, v.Unanswered...) {
		if f.Seq == seq && f.Damage == damage {
			return true
		}
	}
	return false
}

func TestR14_1_TamperingWithAnyRecordIsFoundAndNamed(t *testing.T) {
	const n = 9
	base := t.TempDir()
	writeChain(t, base, n)
	lines := bytes.SplitAfter(read(t, chainPath(base)), []byte("\n"))[:n]
	tampered := 0
	try := func(name string, kept [][]byte, seq int64, damage booking.Damage) {
		t.Helper()
		tampered++
		dir := copyDir(t, base)
		write(t, chainPath(dir), bytes.Join(kept, nil))
		v := verify(t, dir)
		if !fault(v, seq, damage) || len(v.Faults)+len(v.Unanswered) != 1 {
			t.Errorf("%s: want record %d %s and nothing else, got %v %v", name, seq, damage, v.Faults, v.Unanswered)
		}
		log := openLog(t, dir)
		defer log.Close() // only read
		if _, err := records(t, log, ""); !errors.Is(err, booking.ErrBroken) {
			t.Errorf("%s: the log was opened for booking all the same: %v", name, err)
		}
	}
	put := func(at int, line []byte) [][]byte {
		kept := append([][]byte{}, lines[:at]...)
		return append(append(kept, line), lines[at:]...)
	}
	for i := range n {
		seq := int64(i + 1)
		// Change: one letter of the body.
		kept := append([][]byte{}, lines...)
		kept[i] = bytes.Replace(lines[i], []byte("tester"), []byte("nobody"), 1)
		try(fmt.Sprintf("change %d", seq), kept, seq, booking.DamageChanged)
		// Remove.
		kept = append(append([][]byte{}, lines[:i]...), lines[i+1:]...)
		try(fmt.Sprintf("remove %d", seq), kept, seq, booking.DamageRemoved)
		// Swap with the next; which of the two is misplaced cannot be told.
		if i+1 < n {
			kept = append([][]byte{}, lines...)
			kept[i], kept[i+1] = kept[i+1], kept[i]
			try(fmt.Sprintf("swap %d", seq), kept, seq, booking.DamageReordered)
		}
		// Insert a copy of every record at every place.
		for at := range n + 1 {
			try(fmt.Sprintf("insert a copy of %d at %d", seq, at), put(at, lines[i]), seq, booking.DamageInserted)
		}
		// Insert a record that agrees with itself and follows the one before.
		after := booking.Head{Seller: seller, Count: seq - 1}
		if i > 0 {
			after.Hash = string(lines[i-1][9:73])
		}
		forged, _, err := booking.NewLink(after, booking.Record{Seller: seller, Actor: "forger"})
		if err != nil {
			t.Fatal(err)
		}
		line := []byte(fmt.Sprintf(`{"hash":%q,"prev":%q,"body":%s}`+"\n", forged.Hash, forged.Prev, forged.Body))
		try(fmt.Sprintf("insert a forged %d", seq), put(i, line), seq, booking.DamageInserted)
		// Replace: changed and hashed anew.
		kept = append([][]byte{}, lines...)
		kept[i] = line
		try(fmt.Sprintf("replace %d", seq), kept, seq, booking.DamageResealed)
	}
	t.Logf("%d tampered chains of %d records", tampered, n)
}

func TestR14_1_EveryByteCounts(t *testing.T) {
	const n = 3
	base := t.TempDir()
	writeChain(t, base, n)
	whole := read(t, chainPath(base))
	dir := copyDir(t, base)
	log := openLog(t, dir)
	flips := 0
	for i := range whole {
		for _, bit := range []byte{0x01, 0x20, 0x80} {
			flips++
			bad := bytes.Clone(whole)
			bad[i] ^= bit
			write(t, chainPath(dir), bad)
			v, err := booking.Verify(t.Context(), log, seller)
			if err != nil {
				t.Fatal(err)
			}
			seq := int64(bytes.Count(whole[:i], []byte("\n")) + 1)
			if !fault(v, seq, booking.DamageChanged) {
				t.Fatalf("byte %d (%q) flipped by %#x in record %d: %v", i, whole[i], bit, seq, v.Faults)
			}
		}
	}
	t.Logf("%d flipped bytes in %d records, each named", flips, n)
}

func TestACutTailIsFoundByTheHead(t *testing.T) {
	base := t.TempDir()
	writeChain(t, base, 5)
	lines := bytes.SplitAfter(read(t, chainPath(base)), []byte("\n"))
	for keep := range 5 {
		dir := copyDir(t, base)
		write(t, chainPath(dir), bytes.Join(lines[:keep], nil))
		v := verify(t, dir)
		for seq := int64(keep + 1); seq <= 5; seq++ {
			if !fault(v, seq, booking.DamageRemoved) {
				t.Errorf("cut after %d: record %d not reported: %v", keep, seq, v.Faults)
			}
		}
	}
}

func TestAChainRewrittenToTheEndIsFoundByTheHead(t *testing.T) {
	dir := t.TempDir()
	writeChain(t, dir, 3)
	// The forger writes a chain of his own that holds in itself.
	forged := t.TempDir()
	log := openLog(t, forged)
	for range 3 {
		if _, err := log.Append(t.Context(), booking.Record{Seller: seller, Actor: "forger"}); err != nil {
			t.Fatal(err)
		}
	}
	write(t, chainPath(dir), read(t, chainPath(forged)))
	if v := verify(t, dir); !fault(v, 3, booking.DamageResealed) {
		t.Errorf("rewritten chain: %v", v.Faults)
	}
}

func TestTheHeadCannotBeForged(t *testing.T) {
	base := t.TempDir()
	writeChain(t, base, 3)
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"missing": func(t *testing.T, dir string) {
			if err := os.Remove(headPath(dir)); err != nil {
				t.Fatal(err)
			}
		},
		"count changed": func(t *testing.T, dir string) {
			write(t, headPath(dir), bytes.Replace(read(t, headPath(dir)), []byte(`"count":3`), []byte(`"count":2`), 1))
		},
		"other key": func(t *testing.T, dir string) {
			h := booking.Head{Seller: seller, Count: 3, Hash: strings.Repeat("0", 64)}.Sealed([]byte("another key, as long as it must be"))
			write(t, headPath(dir), []byte(fmt.Sprintf(`{"seller":%q,"count":3,"hash":%q,"seal":%q}`, h.Seller, h.Hash, h.Seal)))
		},
		"not JSON": func(t *testing.T, dir string) { write(t, headPath(dir), []byte("{")) },
		"of another seller": func(t *testing.T, dir string) {
			other := booking.Head{Seller: "B", Count: 3}.Sealed(sealKey)
			write(t, headPath(dir), []byte(fmt.Sprintf(`{"seller":"B","count":3,"hash":"","seal":%q}`, other.Seal)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyDir(t, base)
			spoil(t, dir)
			if v := verify(t, dir); !fault(v, 0, booking.DamageHead) || len(v.Faults) != 1 {
				t.Errorf("faults %v, want the head and nothing else", v.Faults)
			}
			log := openLog(t, dir)
			if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); !errors.Is(err, booking.ErrBroken) {
				t.Errorf("a record was taken all the same: %v", err)
			}
		})
	}
}

// A crash can leave any part of the line, with the head of before.
func TestATornLineIsHealedWhereverItTore(t *testing.T) {
	base := t.TempDir()
	writeChain(t, base, 2)
	acknowledged, head := read(t, chainPath(base)), read(t, headPath(base))
	writeMore := openLog(t, base)
	if _, err := writeMore.Append(t.Context(), booking.Record{Seller: seller, Actor: "torn", Claim: "torn"}); err != nil {
		t.Fatal(err)
	}
	_ = writeMore.Close()
	line := read(t, chainPath(base))[len(acknowledged):]
	for cut := 1; cut <= len(line); cut++ {
		dir := copyDir(t, base)
		write(t, chainPath(dir), append(bytes.Clone(acknowledged), line[:cut]...))
		write(t, headPath(dir), head)
		if v := verify(t, dir); !v.OK() || len(v.Unanswered) != 1 {
			t.Fatalf("torn after %d bytes: faults %v, unanswered %v", cut, v.Faults, v.Unanswered)
		}
		log := openLog(t, dir)
		// Nobody was told that the claim was taken, so it is free.
		if _, err := log.Append(t.Context(), booking.Record{Seller: seller, Actor: "again", Claim: "torn"}); err != nil {
			t.Fatalf("torn after %d bytes: %v", cut, err)
		}
		got, err := records(t, log, "")
		if err != nil || len(got) != 4 || got[2].Event != booking.EventHealed || got[3].Actor != "again" {
			t.Fatalf("torn after %d bytes: %+v, %v", cut, got, err)
		}
		aside, err := filepath.Glob(filepath.Join(dir, "aside", "*"))
		if err != nil || len(aside) != 1 || !bytes.Equal(read(t, aside[0]), line[:cut]) {
			t.Fatalf("torn after %d bytes: set aside %v, %v", cut, aside, err)
		}
		_ = log.Close()
		if v := verify(t, dir); !v.OK() || len(v.Unanswered) != 0 || v.Head.Count != 4 {
			t.Fatalf("torn after %d bytes, healed: %+v", cut, v)
		}
	}
}

// The same bytes missing at the end of an acknowledged line are damage.
func TestATornLineThatWasAcknowledgedIsDamage(t *testing.T) {
	base := t.TempDir()
	writeChain(t, base, 2)
	whole := read(t, chainPath(base))
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := last; cut < len(whole); cut++ {
		dir := copyDir(t, base)
		write(t, chainPath(dir), whole[:cut])
		v := verify(t, dir)
		if !fault(v, 2, booking.DamageChanged) && !fault(v, 2, booking.DamageRemoved) {
			t.Fatalf("cut at byte %d of the last line: %v", cut-last, v.Faults)
		}
	}
}

func TestSellersHaveChainsOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	log := openLog(t, dir)
	names := []string{"A1", "a1", "../x", "."}
	for _, s := range names {
		if _, err := log.Append(t.Context(), booking.Record{Seller: s}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := log.Sellers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".", "../x", "A1", "a1"}, got); diff != "" {
		t.Error(diff)
	}
	for _, s := range names {
		if h, err := log.Head(t.Context(), s); err != nil || h.Count != 1 {
			t.Errorf("%s: head %+v, %v", s, h, err)
		}
	}
}

func TestASealKeyIsRequired(t *testing.T) {
	if _, err := booking.OpenFileLog(t.TempDir(), []byte("short")); err == nil {
		t.Error("a log without a key was opened")
	}
}
