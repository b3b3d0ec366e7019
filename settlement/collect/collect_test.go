package collect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

func TestEachReportIsDownloadedOnceHoweverOftenItIsListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seller(4))
		entries, errs := w.round(t)
		if len(errs) > 0 || len(entries) < 4 {
			t.Fatalf("%d entries, errors %v", len(entries), errs)
		}
		downloads := w.amazon.Calls()["download"]
		again, errs := w.round(t)
		if len(again) > 0 || len(errs) > 0 || w.amazon.Calls()["download"] != downloads {
			t.Errorf("the second round fetched %d reports again (errors %v)", len(again), errs)
		}
	})
}

func TestReportIDsOfOneSettlementAreOneSettlement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seller(4))
		entries, _ := w.round(t)
		settlements := settlements(t, w.archive, w.seller)
		if len(settlements) != 4 {
			t.Errorf("%d reports are %d settlements, want 4", len(entries), len(settlements))
		}
		for i, s := range settlements {
			if len(s.Reissued) > 0 {
				t.Errorf("settlement %s counts as reissued although its content is the same", s.SettlementID)
			}
			if i > 0 && !settlements[i-1].End.Equal(s.Start) {
				t.Errorf("settlements are not in the order of their periods: %s after %s", s.Start, settlements[i-1].End)
			}
		}
	})
}

func TestWhatAmazonForgotStaysInTheArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seller(4))
		w.round(t)
		time.Sleep(91 * 24 * time.Hour)
		if entries, errs := w.round(t); len(entries) > 0 || len(errs) > 0 {
			t.Errorf("91 days later: %d entries, errors %v", len(entries), errs)
		}
		for _, s := range settlements(t, reopen(t, w.dir), w.seller) {
			f, err := w.archive.Open(t.Context(), s.Entry)
			if err != nil {
				t.Fatal(err)
			}
			tally, err := settlement.TallyOf(f)
			if err != nil || tally.Statement.ID != s.SettlementID || tally.Statement.Digest != s.Digest {
				t.Errorf("settlement %s reads as %+v, %v", s.SettlementID, tally.Statement, err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := w.archive.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestDocumentsThatDoNotComeWholeAreErrorsAndTheNextRoundContinues(t *testing.T) {
	for _, fault := range []spapitest.Fault{
		spapitest.Truncated, spapitest.GzipEnds, spapitest.HTMLDocument, spapitest.Cut, spapitest.SlowDown,
	} {
		t.Run(string(fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var steps []spapitest.Step
				for nth := range 40 { // longer than any client's patience
					steps = append(steps, spapitest.Step{Operation: "download", Nth: nth + 1, Fault: fault})
				}
				w := newWorld(t, seller(1), steps...)
				entries, errs := w.round(t)
				if len(entries) > 0 || len(errs) == 0 {
					t.Fatalf("%d entries and %d errors; want errors alone", len(entries), len(errs))
				}
				if n := len(settlements(t, w.archive, w.seller)); n != 0 {
					t.Errorf("%d settlements in the archive although no document came whole", n)
				}
				left, err := filepath.Glob(filepath.Join(w.dir, "incoming-*"))
				if err != nil || len(left) > 0 {
					t.Errorf("temporary files are left: %v %v", left, err)
				}
				for range 20 { // the bucket mends itself at some time
					if entries, errs = w.round(t); len(errs) == 0 {
						break
					}
				}
				if len(errs) > 0 || len(settlements(t, w.archive, w.seller)) != 1 {
					t.Errorf("after the fault: %d entries, errors %v", len(entries), errs)
				}
			})
		})
	}
}

func TestAListingThatFailsIsAnErrorNotAnEmptyRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := seller(2)
		account.Denied = []string{"getReports"}
		w := newWorld(t, account)
		entries, errs := w.round(t)
		if len(entries) > 0 || len(errs) != 1 || !errors.Is(errs[0], spapi.ErrDenied) {
			t.Errorf("%d entries, errors %v; want one error that says denied", len(entries), errs)
		}
	})
}

func TestARoundThatIsCutShortSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seller(4)).rewrite(t, "/reports", func(body string) string {
			return strings.Replace(body, "{", `{"nextToken":"of no page",`, 1) // so that the list fails, too
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var entries int
		var errs []error
		for _, err := range w.Fetch(ctx) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			entries++
			cancel()
		}
		if entries != 1 || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) || !errors.Is(errs[0], spapi.ErrInvalidInput) {
			t.Errorf("%d entries, errors %v; want one entry, and one error of the context and of the list", entries, errs)
		}
	})
}

func TestACollectorNeedsAClientAnArchiveAndASeller(t *testing.T) {
	client, archive := new(spapi.Client), reopen(t, t.TempDir())
	for missing, config := range map[string]collect.Config{
		"Client":  {Archive: archive, Seller: "A1"},
		"Archive": {Client: client, Seller: "A1"},
		"Seller":  {Client: client, Archive: archive},
	} {
		if _, err := collect.New(config); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without a %s: %v", missing, err)
		}
	}
}

func TestRefusedDocumentsStayArchivedWithTheirReason(t *testing.T) {
	archive := reopen(t, t.TempDir())
	report := settlementtest.Build(settlementtest.Spec{Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}).V2()
	damaged := bytes.Replace(report, []byte("Principal\t10.00"), []byte("Principal\t9.99"), 1)
	for range 2 { // a second time it is the same document: no second line
		_, err := archive.Put(t.Context(), bytes.NewReader(damaged), collect.Entry{Seller: "A1", ReportID: "r1"})
		unreadable, ok := errors.AsType[*collect.UnreadableError](err)
		if !ok || settlement.CodeOf(err) != settlement.CodeSumMismatch || unreadable.Entry.Refused != settlement.CodeSumMismatch {
			t.Fatalf("got %v, want an *UnreadableError with sum_mismatch", err)
		}
	}
	entries := entriesOf(t, archive)
	if len(entries) != 1 || entries[0].Refused != settlement.CodeSumMismatch {
		t.Errorf("the index holds %+v, want the refused document once", entries)
	}
	if kept, err := os.ReadFile(pathOf(t, archive, entries[0])); err != nil || !bytes.Equal(kept, damaged) {
		t.Errorf("the archived bytes differ from those that came (%v)", err)
	}
	if fetched(t, archive, "r1") {
		t.Error("a refused report counts as fetched, so Amazon could never mend it")
	}
	if _, err := archive.Put(t.Context(), bytes.NewReader(report), collect.Entry{Seller: "A1", ReportID: "r1"}); err != nil || !fetched(t, archive, "r1") {
		t.Errorf("the mended report was not taken: %v", err)
	}
}

func TestR4_5_AReissueIsKeptBesideTheFirstAndNeverReplacesIt(t *testing.T) {
	archive := reopen(t, t.TempDir())
	spec := settlementtest.Spec{ID: "12345678901", Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}}
	first := put(t, archive, "r1", settlementtest.Build(spec).V2())
	put(t, archive, "r2", settlementtest.Build(spec).V2()) // the same content under another id
	spec.Rows[0].Amount = 1001
	other := put(t, archive, "r3", settlementtest.Build(spec).V2())
	put(t, archive, "r4", settlementtest.Build(spec).V2())

	want := []collect.Settlement{{Entry: first, Reissued: []collect.Entry{other}}}
	if diff := cmp.Diff(want, settlements(t, archive, "A1")); diff != "" {
		t.Errorf("settlements (-want +got):\n%s", diff)
	}
}

func TestPackedAndPlainDocumentsOfOneReportAreTheSameSettlement(t *testing.T) {
	archive := reopen(t, t.TempDir())
	plain := settlementtest.Build(settlementtest.Spec{}).V2()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	a, b := put(t, archive, "r1", plain), put(t, archive, "r2", packed.Bytes())
	if a.Digest != b.Digest || a.Object == b.Object {
		t.Errorf("digests %s and %s, objects %s and %s; want one digest and two objects", a.Digest, b.Digest, a.Object, b.Object)
	}
}

func TestAnInterruptedWriteLosesOnlyWhatWasNeverAcknowledged(t *testing.T) {
	dir := t.TempDir()
	archive := reopen(t, dir)
	entry := put(t, archive, "r1", settlementtest.Build(settlementtest.Spec{}).V2())
	index := filepath.Join(dir, "index.jsonl")
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		torn := append(bytes.Clone(whole), whole[:cut]...)
		if err := os.WriteFile(index, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]collect.Entry{entry}, entriesOf(t, reopen(t, dir))); diff != "" {
			t.Fatalf("cut after %d bytes (-want +got):\n%s", cut, diff)
		}
		if healed, err := os.ReadFile(index); err != nil || !bytes.Equal(healed, whole) {
			t.Fatalf("cut after %d bytes: the torn line is still there (%v)", cut, err)
		}
	}
	if err := os.WriteFile(index, append([]byte("{]\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := collect.OpenArchive(dir); err == nil || !strings.Contains(err.Error(), "index.jsonl:1:") {
		t.Errorf("a damaged line in the middle: %v; want an error that names it", err)
	}
}

func TestVerifyNamesEveryObjectThatIsNotWhatWasDelivered(t *testing.T) {
	archive := reopen(t, t.TempDir())
	changed := put(t, archive, "r1", settlementtest.Build(settlementtest.Spec{ID: "10000000001"}).V2())
	missing := put(t, archive, "r2", settlementtest.Build(settlementtest.Spec{ID: "10000000002"}).V2())
	put(t, archive, "r3", settlementtest.Build(settlementtest.Spec{ID: "10000000003"}).V2())
	if err := archive.Verify(t.Context()); err != nil {
		t.Fatalf("before any damage: %v", err)
	}
	if err := os.WriteFile(pathOf(t, archive, changed), []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(pathOf(t, archive, missing)); err != nil {
		t.Fatal(err)
	}
	err := archive.Verify(t.Context())
	if !errors.Is(err, collect.ErrDamaged) || !strings.Contains(err.Error(), "10000000001") || !strings.Contains(err.Error(), "10000000002") || strings.Contains(err.Error(), "10000000003") {
		t.Errorf("got %v; want the first two settlements named, and not the third", err)
	}
}

func TestImportIsDeliveryByHandAndHappensOnce(t *testing.T) {
	archive := reopen(t, t.TempDir())
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, settlementtest.Build(settlementtest.Spec{}).V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := archive.Import(t.Context(), "A1", name)
	if err != nil {
		t.Fatal(err)
	}
	again, err := archive.Import(t.Context(), "A1", name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" || len(entriesOf(t, archive)) != 1 {
		t.Errorf("the second import changed something: %s", diff)
	}
	damaged := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(damaged, []byte("<!DOCTYPE html><html></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Import(t.Context(), "A1", damaged); settlement.CodeOf(err) == "" || !strings.Contains(err.Error(), damaged) || len(entriesOf(t, archive)) != 1 {
		t.Errorf("a file that is no report: %v, and %d entries", err, len(entriesOf(t, archive)))
	}
	if _, err := archive.Import(t.Context(), "A1", filepath.Join(t.TempDir(), "nowhere.txt")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func put(t *testing.T, archive *collect.Archive, reportID string, document []byte) collect.Entry {
	t.Helper()
	entries, err := archive.Put(t.Context(), bytes.NewReader(document), collect.Entry{Seller: "A1", ReportID: reportID})
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	return entries[0]
}
