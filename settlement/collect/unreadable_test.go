package collect_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// An answer that cannot be read exactly is a finding, and confirms nothing; what the other interfaces say still counts.
func TestAmountsThatCannotBeReadAreFindingsAndNeverGuessed(t *testing.T) {
	for _, test := range []struct {
		path, finding, by string
	}{
		{"/summary", "unreadable: listSummary of settlement ", "payout"},
		{"/payouts", "unreadable: listPayouts, payout ", "summary"},
		{"/financialEventGroups", "unreadable: listFinancialEventGroups, group ", "summary"},
	} {
		t.Run(test.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, outcomes(settlementtest.Paid)).rewrite(t, test.path, func(body string) string {
					return strings.ReplaceAll(body, `"USD"`, `"XXX"`)
				})
				got, _ := w.reconcile(t, false)
				if r := got[0]; r.err != nil || r.Verdict != settlement.Agreed || r.By != test.by || len(r.findings) != 1 || !strings.HasPrefix(r.findings[0].String(), test.finding) {
					t.Errorf("%s by %q, findings %q, %v", r.Verdict, r.By, r.findings, r.err)
				}
			})
		})
	}
}

func TestASettlementThatListSummaryDoesNotKnowIsConfirmedByItsPayout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, outcomes(settlementtest.Paid), spapitest.Step{Operation: "listSummary", Fault: spapitest.InvalidArguments, Times: -1})
		got, _ := w.reconcile(t, false)
		if r := got[0]; r.err != nil || r.Verdict != settlement.Agreed || r.By != "payout" || len(r.findings) != 1 || r.findings[0].Code != collect.FindingNotFound {
			t.Errorf("%s by %q, findings %q, %v", r.Verdict, r.By, r.findings, r.err)
		}
	})
}

func TestAnUnreadableDocumentIsNamedWithWhatIsWrong(t *testing.T) {
	archive := reopen(t, t.TempDir())
	_, err := archive.Put(t.Context(), strings.NewReader("<html>"), collect.Entry{Seller: "A1", ReportID: "r1"})
	if err == nil || !strings.Contains(err.Error(), "report r1 ") || !strings.Contains(err.Error(), "web page") {
		t.Error(err)
	}
}

// A process that only looks may do so beside one that writes: what is half written is not its business.
func TestLookingAtAFolderMendsNothing(t *testing.T) {
	dir := t.TempDir()
	entry := put(t, reopen(t, dir), "r1", settlementtest.Build(settlementtest.Spec{}).V2())
	index, half := filepath.Join(dir, "index.jsonl"), filepath.Join(dir, "incoming-1")
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	torn := append(bytes.Clone(whole), `{"seller":"A1","rep`...)
	for name, data := range map[string][]byte{index: torn, half: []byte("half a document")} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := collect.OpenFolderReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := folder.Entries(t.Context(), "A1"); err != nil || len(entries) != 1 || entries[0].Object != entry.Object {
		t.Errorf("%+v, %v", entries, err)
	}
	if now, err := os.ReadFile(index); err != nil || !bytes.Equal(now, torn) {
		t.Errorf("the index was changed (%v)", err)
	}
	if _, err := os.Stat(half); err != nil {
		t.Error("a document that is being written was removed")
	}
	reopen(t, dir) // the one who writes does mend
	if now, err := os.ReadFile(index); err != nil || !bytes.Equal(now, whole) {
		t.Errorf("the torn line is still there (%v)", err)
	}
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("the half document is still there (%v)", err)
	}
}
