package collect_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// several is a file that somebody put together from two settlements, of 1.00 USD and of 2.00 CAD.
const several = "../testdata/several-settlements.txt"

func TestAFileOfSeveralSettlementsIsThatManySettlements(t *testing.T) {
	archive := reopen(t, t.TempDir())
	first, err := archive.Import(t.Context(), "A1", several)
	if err != nil {
		t.Fatal(err)
	}
	again, err := archive.Import(t.Context(), "A1", several)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" || len(entriesOf(t, archive)) != 2 {
		t.Errorf("the second import changed something: %s", diff)
	}
	var got []string
	for _, s := range settlements(t, archive, "A1") {
		f, err := archive.Open(t.Context(), s.Entry)
		if err != nil {
			t.Fatal(err)
		}
		tally, err := settlement.TallyOf(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		st := tally.Statement
		if st.ID != s.SettlementID || st.Total.String() != s.Total || st.Currency.String() != s.Currency || st.Digest != s.Digest || len(s.Reissued) != 0 {
			t.Errorf("settlement %s of the archive reads as %+v", s.SettlementID, st)
		}
		got = append(got, st.ID+" "+st.Total.String()+" "+st.Currency.String())
	}
	if diff := cmp.Diff([]string{"20000000001 1.00 USD", "20000000002 2.00 CAD"}, got); diff != "" {
		t.Error(diff)
	}
	if err := archive.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := os.Remove(pathOf(t, archive, first[0])); err != nil {
		t.Fatal(err)
	}
	if err := archive.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "20000000001 and 20000000002") {
		t.Errorf("the document is gone: %v; want both settlements named", err)
	}
}

func TestAFileOfSeveralSettlementsIsRefusedWholeWhenOneDoesNotTie(t *testing.T) {
	text, err := os.ReadFile(several)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(text, []byte("Principal\t2.00"), []byte("Principal\t2.01"), 1)
	archive := reopen(t, t.TempDir())
	if _, err := archive.Put(t.Context(), bytes.NewReader(damaged), collect.Entry{Seller: "A1", ReportID: "r1"}); settlement.CodeOf(err) != settlement.CodeSumMismatch {
		t.Errorf("put: %v", err)
	}
	if n := len(settlements(t, archive, "A1")); n != 0 || fetched(t, archive, "r1") {
		t.Errorf("%d settlements of a report that cannot be booked", n)
	}
	name := filepath.Join(t.TempDir(), "damaged.txt")
	if err := os.WriteFile(name, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Import(t.Context(), "A1", name); settlement.CodeOf(err) != settlement.CodeSumMismatch || len(entriesOf(t, archive)) != 1 {
		t.Errorf("import: %v", err)
	}
	text = bytes.Replace(text, []byte("2.00\tCAD"), []byte("2.00\tXXX"), 1)
	if _, err := archive.Put(t.Context(), bytes.NewReader(text), collect.Entry{Seller: "A1", ReportID: "r2"}); settlement.CodeOf(err) == "" {
		t.Errorf("put: %v", err)
	}
}

func TestASettlementThatCameAloneAndInAFileOfSeveralIsNotReissued(t *testing.T) {
	combined, err := os.ReadFile(several)
	if err != nil {
		t.Fatal(err)
	}
	alone := bytes.Join(bytes.SplitAfter(combined, []byte("\n"))[:3], nil)
	otherForm := bytes.ReplaceAll(alone, []byte("\n"), []byte("\r\n"))
	for name, documents := range map[string][][]byte{"alone first": {alone, combined, otherForm}, "alone last": {combined, otherForm, alone}} {
		archive := reopen(t, t.TempDir())
		for i, text := range documents {
			if _, err := archive.Put(t.Context(), bytes.NewReader(text), collect.Entry{Seller: "A1", ReportID: fmt.Sprint("r", i)}); err != nil {
				t.Fatal(err)
			}
		}
		all := settlements(t, archive, "A1")
		if len(all) != 2 || all[0].ReportID != "r0" || len(all[0].Reissued)+len(all[1].Reissued) != 0 {
			t.Errorf("%s: %+v", name, all)
		}
		objects := map[string]bool{}
		for _, e := range entriesOf(t, archive) {
			objects[e.Object] = true
		}
		if err := archive.Verify(t.Context()); err != nil || len(objects) != 3 {
			t.Errorf("%s: %d documents are archived, %v", name, len(objects), err)
		}
	}
}

func TestR4_5_EachOtherContentOfASettlementIsReissuedOnce(t *testing.T) {
	of := func(amounts ...int64) settlementtest.Settlement {
		spec := settlementtest.Spec{ID: "12345678901"}
		for _, amount := range amounts {
			spec.Rows = append(spec.Rows, settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: amount})
		}
		return settlementtest.Build(spec)
	}
	otherForm := func(report []byte) []byte { return bytes.ReplaceAll(report, []byte("\n"), []byte("\r\n")) }
	report, sameTotal, dayLater := of(1000, 5).V2(), of(1001, 4).V2(), of(1000, 5)
	dayLater.Deposit = dayLater.Deposit.AddDate(0, 0, 1)
	dir := t.TempDir()
	archive := reopen(t, dir)
	first := put(t, archive, "r1", report)
	second := put(t, archive, "r2", sameTotal)
	put(t, archive, "r3", otherForm(sameTotal))
	put(t, archive, "r4", otherForm(report))
	put(t, archive, "r5", otherForm(sameTotal)) // another id of a document that is known
	third := put(t, archive, "r6", dayLater.V2())
	want := []collect.Settlement{{Entry: first, Reissued: []collect.Entry{second, third}}}
	for _, archive := range []*collect.Archive{archive, reopen(t, dir)} {
		if diff := cmp.Diff(want, settlements(t, archive, "A1")); diff != "" {
			t.Errorf("settlements (-want +got):\n%s", diff)
		}
	}
}

// What it would be compared with says nothing certain, so the report is fetched again.
func TestASettlementIsNotComparedWithADamagedDocument(t *testing.T) {
	archive := reopen(t, t.TempDir())
	report := settlementtest.Build(settlementtest.Spec{ID: "12345678901"}).V2()
	name := pathOf(t, archive, put(t, archive, "r1", report))
	again := bytes.ReplaceAll(report, []byte("\n"), []byte("\r\n"))
	if err := os.WriteFile(name, settlementtest.Build(settlementtest.Spec{ID: "12345678901", Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}).V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Put(t.Context(), bytes.NewReader(again), collect.Entry{Seller: "A1", ReportID: "r2"}); !errors.Is(err, collect.ErrDamaged) || fetched(t, archive, "r2") {
		t.Errorf("compared with a damaged document: %v", err)
	}
	if err := os.WriteFile(name, report, 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, archive, "r2", again)
	if all := settlements(t, archive, "A1"); len(all) != 1 || len(all[0].Reissued) != 0 {
		t.Errorf("after the document was restored: %+v", all)
	}
}

// A process that dies between the entries of one file has not brought it home.
func TestAFileOfSeveralSettlementsIsTakenAgainUntilEachHasItsEntry(t *testing.T) {
	for n := 0; ; n++ {
		folder, err := collect.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		take := func(store collect.Store) error {
			_, err := collect.NewArchive(store).Import(t.Context(), "A1", several)
			return err
		}
		if err := take(&faulty{folder, n}); err == nil {
			return
		}
		if err := take(folder); err != nil {
			t.Fatal(err)
		}
		archive := collect.NewArchive(folder)
		if all := settlements(t, archive, "A1"); len(all) != 2 || len(entriesOf(t, archive)) != 2 {
			t.Errorf("after operation %d failed: %d settlements, %d entries", n, len(all), len(entriesOf(t, archive)))
		}
	}
}
