package collect_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// reconciled is what came of one settlement.
type reconciled struct {
	settlement.Reconciliation
	findings []collect.Finding
	err      error
}

// reconcile runs a round and reconciles every settlement of the archive, oldest first.
func (w *world) reconcile(t *testing.T, confirmed bool) ([]reconciled, *collect.Sources) {
	t.Helper()
	if _, errs := w.round(t); len(errs) > 0 {
		t.Fatal(errs)
	}
	settlements := settlements(t, w.archive, w.seller)
	sources, err := w.Sources(t.Context(), settlements[0].Start)
	if err != nil {
		t.Fatal(err)
	}
	var all []reconciled
	for _, s := range settlements {
		f, err := w.archive.Open(t.Context(), s.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settlement.TallyOf(f); err != nil {
			t.Fatal(err)
		}
		var r reconciled
		r.Reconciliation, r.findings, r.err = w.Reconcile(t.Context(), sources, f, confirmed)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all, sources
}

// altered is an account whose only settlement is not listed, and a report of it in which one order's amount is higher by
// a cent than Finances has it.
func altered(t *testing.T, w func(spapitest.SellerAccount) *world) (*world, string) {
	t.Helper()
	account := outcomes(settlementtest.Paid)
	st := account.Settlements[0]
	rows := slices.Collect(st.Rows())
	order := ""
	for i := range rows {
		if rows[i].OrderID != "" && rows[i].AmountDescription == "Principal" {
			rows[i].Amount++
			order = rows[i].OrderID
			break
		}
	}
	account.Settlements[0].Reports = nil
	it := w(account)
	again := settlementtest.Build(settlementtest.Spec{ID: st.ID, SellerID: st.SellerID, Start: st.Start, End: st.End, Rows: rows})
	name := filepath.Join(t.TempDir(), "altered.txt")
	if err := os.WriteFile(name, again.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := it.archive.Import(t.Context(), it.seller, name); err != nil {
		t.Fatal(err)
	}
	return it, order
}

func TestSettlementsThatFinancesConfirmsAreAgreedWhateverTheirOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, outcomes(settlementtest.Paid, settlementtest.Failed, settlementtest.Negative, settlementtest.Paid))
		got, _ := w.reconcile(t, false)
		for i, r := range got {
			if r.err != nil || r.Verdict != settlement.Agreed || r.By != "summary" || len(r.findings) > 0 {
				t.Errorf("settlement %d: %s by %q, %v %q %v", i, r.Verdict, r.By, r.Differences, r.findings, r.err)
			}
		}
		if got[0].PayoutStatus != "PAID" || got[0].TraceID == "" {
			t.Errorf("the first payout: %+v", got[0].Reconciliation)
		}
	})
}

func TestReconcilingASettlementCostsOneCallHoweverManyOrdersItHasAndNoneOnceConfirmed(t *testing.T) {
	calls := func(rows int, confirmed bool) (counts map[string]int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, spapitest.Account(settlementtest.Seller{Seed: 7, Count: 3, Rows: rows, Until: time.Now()}))
			if got, _ := w.reconcile(t, confirmed); got[0].Verdict != settlement.Agreed {
				t.Errorf("%d rows: %+v", rows, got[0])
			}
			counts = w.amazon.Calls()
		})
		return counts
	}
	for _, rows := range []int{40, 4000} {
		got := calls(rows, false)
		if got["listSummary"] != 3 || got["listPayouts"] != 1 || got["listFinancialEventGroups"] != 1 || got["listTransactions"] != 0 {
			t.Errorf("three settlements of %d rows cost %v", rows, got)
		}
	}
	if got := calls(40, true); got["listSummary"] != 0 {
		t.Errorf("three settlements that are confirmed cost %v", got)
	}
}

func TestWithoutEntitlementASettlementIsPendingAndAskedForOnlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		account.Denied = []string{"listSummary", "listPayouts", "listFinancialEventGroups"}
		w := newWorld(t, account)
		got, sources := w.reconcile(t, false)
		for i, r := range got {
			if r.err != nil || r.Verdict != settlement.Pending || len(r.Reasons) == 0 {
				t.Errorf("settlement %d: %s %q %v", i, r.Verdict, r.Reasons, r.err)
			}
		}
		if n := w.amazon.Calls()["listSummary"]; n != 1 {
			t.Errorf("an interface that is closed was asked %d times", n)
		}
		f := sources.Findings()
		if len(f) != 3 || !strings.Contains(f[2].Message, "listSummary") || slices.ContainsFunc(f, func(f collect.Finding) bool { return f.Code != collect.FindingNotEntitled }) {
			t.Errorf("findings %q", f)
		}
	})
}

func TestThePayoutConfirmsWhereListSummaryIsClosedAndTheGroupWhereBothAre(t *testing.T) {
	for by, denied := range map[string][]string{"payout": {"listSummary"}, "group": {"listSummary", "listPayouts"}} {
		synctest.Test(t, func(t *testing.T) {
			account := outcomes(settlementtest.Paid)
			account.Denied = denied
			got, _ := newWorld(t, account).reconcile(t, false)
			if got[0].Verdict != settlement.Agreed || got[0].By != by {
				t.Errorf("got %s by %q, want agreed by %q", got[0].Verdict, got[0].By, by)
			}
		})
	}
}

func TestAnotherTotalIsADifferenceThatNamesItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, order := altered(t, func(a spapitest.SellerAccount) *world { return newWorld(t, a) })
		got, _ := w.reconcile(t, false)
		r := got[0]
		if r.Verdict != settlement.Differs || !r.TotalDiffers() || r.err != nil {
			t.Fatalf("%+v", r)
		}
		what := map[string]settlement.Difference{}
		for _, d := range r.Differences {
			what[d.What] = d
		}
		total := what["total"]
		if by, err := total.Report.Sub(total.Second); err != nil || by.String() != "0.01" {
			t.Errorf("the report says %s, Finances %s", total.Report, total.Second)
		}
		if order == "" || what["order"].Key != order {
			t.Errorf("the difference is in order %s, found %+v", order, r.Differences)
		}
		if n := w.amazon.Calls()["listTransactions"]; n != 1 {
			t.Errorf("%d calls for the transactions of one group", n)
		}
	})
}

func TestWithoutTransactionsTheTotalStillDiffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := altered(t, func(a spapitest.SellerAccount) *world {
			a.Denied = []string{"listTransactions"}
			return newWorld(t, a)
		})
		got, _ := w.reconcile(t, false)
		if r := got[0]; r.err != nil || !r.TotalDiffers() {
			t.Errorf("%+v", r)
		}
	})
}

func TestTwoGroupsThatFitAreAmbiguousAndNoneIsChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid)
		account.Denied = []string{"listSummary", "listPayouts"}
		twin := account.Settlements[0]
		twin.ID, twin.EventGroup, twin.Reports = "20000000001", "twin", nil
		account.Settlements = append(account.Settlements, twin)
		got, _ := newWorld(t, account).reconcile(t, false)
		if len(got) != 1 || got[0].Verdict != settlement.Ambiguous || got[0].By != "" || len(got[0].Reasons) != 1 || got[0].TraceID != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnInterfaceThatFailsIsAnErrorOnceAndWhatTheOthersSayStillCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := spapitest.Step{Operation: "listSummary", Fault: spapitest.Unavailable, Times: -1}
		got, sources := newWorld(t, outcomes(settlementtest.Paid, settlementtest.Negative), fault).reconcile(t, false)
		if !errors.Is(got[0].err, spapi.ErrUnavailable) || got[1].err != nil {
			t.Errorf("errors %v and %v, want one", got[0].err, got[1].err)
		}
		if got[0].Verdict != settlement.Agreed || got[0].By != "payout" || got[1].By != "group" {
			t.Errorf("by %q and %q", got[0].By, got[1].By)
		}
		if f := sources.Findings(); len(f) != 1 || f[0].Code != collect.FindingNoAnswer || !strings.HasPrefix(f[0].Message, "listSummary") {
			t.Errorf("findings %q", f)
		}
	})
}

// rewriting changes Amazon's answers of paths that end in a word.
type rewriting struct {
	http.RoundTripper
	path    string
	replace func(body string) string
}

func (r rewriting) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := r.RoundTripper.RoundTrip(q)
	if err != nil || !strings.HasSuffix(q.URL.Path, r.path) {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	body = []byte(r.replace(string(body)))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Del("Content-Length")
	return answer, nil
}

// rewrite gives a world a collector that hears other answers.
func (w *world) rewrite(t *testing.T, path string, replace func(string) string) *world {
	t.Helper()
	w.collectThrough(t, rewriting{w.amazon.Transport(), path, replace})
	return w
}

func TestSummariesByMarketplaceAreAddedUpAndThoseOfOtherSettlementsAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid)
		st := account.Settlements[0]
		part := func(id, amount string) string {
			return `{"netProceeds":{"currencyCode":"USD","currencyAmount":` + amount + `},"relatedIdentifiers":[{"relatedIdentifierName":"SETTLEMENT_ID","relatedIdentifierValue":"` + id + `"}]}`
		}
		parts := []string{part(st.ID, settlementtest.Decimal(st.Total-1, "USD")), part(st.ID, "0.010"), part("1", "5.00"), `{"netProceeds":{"currencyCode":"USD","currencyAmount":5}}`}
		w := newWorld(t, account).rewrite(t, "/summary", func(string) string { return `{"summaries":[` + strings.Join(parts, ",") + `]}` })
		if got, _ := w.reconcile(t, false); got[0].Verdict != settlement.Agreed || got[0].By != "summary" {
			t.Errorf("%+v", got[0])
		}
	})
}

func TestAPayoutThatAmazonConvertsIsAFindingAndNoDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, outcomes(settlementtest.Paid)).rewrite(t, "/payouts", func(body string) string {
			return strings.ReplaceAll(body, `"USD"`, `"EUR"`)
		})
		got, _ := w.reconcile(t, false)
		if r := got[0]; r.Verdict != settlement.Agreed || len(r.findings) != 1 || r.findings[0].Code != collect.FindingConverted {
			t.Errorf("%s %v %q", r.Verdict, r.Differences, r.findings)
		}
	})
}
