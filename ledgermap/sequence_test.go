package ledgermap_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

const (
	sold      = "Order/ItemPrice/Principal"
	refund    = "Refund/ItemPrice/Principal"
	fee       = "Order/ItemFees/Commission"
	payable   = "other-transaction/other-transaction/Payable to Amazon"
	charged   = "other-transaction/other-transaction/Successful charge"
	held      = "other-transaction/other-transaction/Current Reserve Amount"
	released  = "other-transaction/other-transaction/Previous Reserve Amount Balance"
	sentBack  = "other-transaction/other-transaction/Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds."
	clearing  = "115.00"
	bankUSD   = "101.00"
	owed      = "211.00"
	inReserve = "116.00"
)

// fortnight is a settlement inside August 2025 with its own number.
func fortnight(id, start, end string, rows ...row) sheet {
	return sheet{id: id, currency: "USD", start: start, end: end, deposit: end, rows: rows}
}

// prove checks what must hold for every plan: each document balances, the clearing account carries the total over the
// period parts, and nothing over all documents.
func prove(t testing.TB, p *ledgermap.Plan) {
	t.Helper()
	for _, d := range p.Documents {
		if d.DebitTotal() != d.CreditTotal() {
			t.Errorf("document %d: debit %s, credit %s", d.Ordinal(), d.DebitTotal(), d.CreditTotal())
		}
	}
	if got := booked(t, journals(p)...)[clearing]; got.Cmp(p.Statement.Total) != 0 {
		t.Errorf("over the period parts the clearing account holds %s, want the total %s", got, p.Statement.Total)
	}
	if got := booked(t, p.Documents...)[clearing]; !got.IsZero() {
		t.Errorf("over all documents the clearing account holds %s, want 0.00", got)
	}
}

// chain books several settlements one after the other and returns the balances that are left.
func chain(t *testing.T, r *ledgermap.Rules, steps ...step) map[string]string {
	t.Helper()
	books := book{}
	for _, s := range steps {
		p := plan(t, r, s.report.source(t), ledgermap.Input{Payout: s.payout})
		prove(t, p)
		for _, d := range p.Documents {
			if d.WaitsFor() == ledgermap.WaitNone {
				books.add(t, d)
			}
		}
	}
	return books.accounts()
}

type step struct {
	report sheet
	payout ledgermap.Payout
}

func TestR3_2_APaidSettlementLeavesItsMoneyInTheBank(t *testing.T) {
	got := chain(t, rules(t), step{
		fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00", row{kind: sold, amount: "100.00", posted: "2025-08-05 10:00:00"}, row{kind: fee, amount: "-15.00", posted: "2025-08-05 10:00:00"}),
		paid(t, "2025-08-18 12:00:00"),
	})
	want := map[string]string{bankUSD: "85.00", "401.00": "-100.00", "611.00": "15.00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
}

func TestR11_4_AFailedTransferWaitsOnItsReceivableUntilItIsPaidAgain(t *testing.T) {
	failed := ledgermap.Payout{Status: ledgermap.PayoutFailed, Date: paid(t, "2025-08-18 12:00:00").Date, Source: "listPayouts"}
	first := step{
		fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00", row{kind: sold, amount: "85.00", posted: "2025-08-05 10:00:00"}), failed,
	}
	got := chain(t, rules(t), first)
	if diff := cmp.Diff(map[string]string{"117.00": "85.00", "401.00": "-85.00"}, got); diff != "" {
		t.Errorf("after the failure (-want +got):\n%s", diff)
	}
	second := step{
		fortnight("2", "2025-08-15 07:00:00", "2025-08-29 07:00:00", row{kind: sentBack, amount: "85.00", posted: "2025-08-19 10:00:00"}, row{kind: sold, amount: "20.00", posted: "2025-08-20 10:00:00"}),
		paid(t, "2025-09-01 12:00:00"),
	}
	got = chain(t, rules(t), first, second)
	if diff := cmp.Diff(map[string]string{bankUSD: "105.00", "401.00": "-105.00"}, got); diff != "" {
		t.Errorf("after it is paid again (-want +got):\n%s", diff)
	}
}

func TestR11_2_ANegativeTotalIsADebtUntilTheCardIsCharged(t *testing.T) {
	first := step{report: fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00", row{kind: fee, amount: "-30.00", posted: "2025-08-05 10:00:00"})}
	got := chain(t, rules(t), first)
	if diff := cmp.Diff(map[string]string{owed: "-30.00", "611.00": "30.00"}, got); diff != "" {
		t.Errorf("after the negative settlement (-want +got):\n%s", diff)
	}
	second := step{
		fortnight("2", "2025-08-15 07:00:00", "2025-08-29 07:00:00", row{kind: payable, amount: "-30.00", posted: "2025-08-15 07:00:00"}, row{kind: charged, amount: "30.00", posted: "2025-08-15 08:20:00"}, row{kind: sold, amount: "50.00", posted: "2025-08-20 10:00:00"}),
		paid(t, "2025-09-01 12:00:00"),
	}
	got = chain(t, rules(t), first, second)
	if diff := cmp.Diff(map[string]string{bankUSD: "20.00", "401.00": "-50.00", "611.00": "30.00"}, got); diff != "" {
		t.Errorf("after the charge (-want +got):\n%s", diff)
	}
}

func TestR11_2_ADebtCanBeNettedFromTheNextSales(t *testing.T) {
	got := chain(t, rules(t),
		step{report: fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00", row{kind: refund, amount: "-30.00", posted: "2025-08-05 10:00:00"})},
		step{
			fortnight("2", "2025-08-15 07:00:00", "2025-08-29 07:00:00", row{kind: payable, amount: "-30.00", posted: "2025-08-15 07:00:00"}, row{kind: sold, amount: "50.00", posted: "2025-08-20 10:00:00"}),
			paid(t, "2025-09-01 12:00:00"),
		},
	)
	if diff := cmp.Diff(map[string]string{bankUSD: "20.00", "401.00": "-50.00", "409.00": "30.00"}, got); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
}

func TestR3_3_ATotalOfZeroHasNoBankLegAndClears(t *testing.T) {
	p := plan(t, rules(t), fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00",
		row{kind: sold, amount: "50.00", posted: "2025-08-05 10:00:00"}, row{kind: held, amount: "-50.00", posted: "2025-08-15 06:00:00"}).source(t), ledgermap.Input{})
	prove(t, p)
	if len(p.Documents) != 1 || p.Documents[0].Kind() != ledgermap.Journal {
		t.Errorf("got %s, want one journal", shape(p))
	}
}

func TestR11_1_TheReserveAccountAlwaysShowsAmazonsCurrentReserve(t *testing.T) {
	got := chain(t, rules(t),
		step{fortnight("1", "2025-08-01 07:00:00", "2025-08-15 07:00:00", row{kind: sold, amount: "50.00", posted: "2025-08-05 10:00:00"}, row{kind: held, amount: "-20.00", posted: "2025-08-15 06:00:00"}), paid(t, "2025-08-18 12:00:00")},
		step{fortnight("2", "2025-08-15 07:00:00", "2025-08-29 07:00:00", row{kind: released, amount: "20.00", posted: "2025-08-15 07:00:00"}, row{kind: held, amount: "-5.00", posted: "2025-08-29 06:00:00"}), paid(t, "2025-09-01 12:00:00")},
	)
	if got[inReserve] != "5.00" {
		t.Errorf("the reserve account holds %s, want 5.00", got[inReserve])
	}
}

func TestR12_AForeignCurrencyNeedsARateOrADeclaration(t *testing.T) {
	canadian := august(row{kind: sold, amount: "100.00", posted: "2025-08-02 12:00:00"}, row{kind: fee, amount: "-10.01", posted: "2025-08-02 12:00:00"})
	canadian.currency = "CAD"
	single := []string{"multi_currency: true", "multi_currency: false"}
	if refused := refusal(t, rules(t, single...), canadian.source(t), ledgermap.Input{}); refused.Code != ledgermap.RefusedCurrency {
		t.Errorf("got %v", refused)
	}
	p := plan(t, rules(t), canadian.source(t), ledgermap.Input{})
	prove(t, p)
	if p.Documents[0].Currency().String() != "CAD" {
		t.Errorf("a multi-currency company books in %s", p.Documents[0].Currency())
	}
	rated := rules(t, append(single,
		"# exchange:", "rates:\n  - {currency: CAD, rate: \"0.7312\", date: 2025-07-01, until: 2025-12-31, source: \"test\"}\nexchange: {account: \"801.00\"}\n# exchange:")...)
	p = plan(t, rated, canadian.source(t), ledgermap.Input{})
	for _, d := range p.Documents {
		if d.Currency().String() != "USD" || d.DebitTotal() != d.CreditTotal() || d.Conversion().Rate != "0.7312" {
			t.Errorf("document %d: %s, debit %s, credit %s, rate %q", d.Ordinal(), d.Currency(), d.DebitTotal(), d.CreditTotal(), d.Conversion().Rate)
		}
	}
	if got := booked(t, p.Documents...)[clearing]; !got.IsZero() {
		t.Errorf("converted, the clearing account ends at %s", got)
	}
}

func TestTheSameInputsGiveTheSamePlanAndOtherInputsAnother(t *testing.T) {
	report := august(row{kind: sold, amount: "1.00", posted: "2025-07-30 12:00:00"}, row{kind: fee, amount: "-0.15", posted: "2025-08-02 12:00:00"})
	one := plan(t, rules(t), report.source(t), ledgermap.Input{})
	for range 20 {
		if again := plan(t, rules(t), report.source(t), ledgermap.Input{}); again.Hash() != one.Hash() || shape(again) != shape(one) {
			t.Fatal("the same inputs gave another plan")
		}
	}
	other := plan(t, rules(t, `version: "starter"`, `version: "next"`), report.source(t), ledgermap.Input{})
	if other.Hash() == one.Hash() || other.Documents[0].Digest() != one.Documents[0].Digest() {
		t.Error("other rules with the same effect must change the plan's hash and leave the documents' digests")
	}
}

func TestEveryRealFileIsPlannedWithTheStarterRules(t *testing.T) {
	files, err := filepath.Glob("../../shared/corpus/v2/*.txt")
	if err != nil || len(files) == 0 {
		t.Skip("the corpus of real files is not beside this working copy")
	}
	hledger, _ := exec.LookPath("hledger")
	if hledger == "" {
		t.Log("hledger is not installed: it does not judge the plans")
	}
	for _, name := range files {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "excerpt") { // of a longer report: its rows do not add up, and nothing is planned
			if p, err := rules(t).Plan(f, ledgermap.Input{Calendar: months(t)}); p != nil || settlement.CodeOf(err) != settlement.CodeSumMismatch {
				t.Errorf("%s: plan %v, %v", name, p, err)
			}
			continue
		}
		p := plan(t, rules(t), f, ledgermap.Input{})
		prove(t, p)
		if hledger != "" {
			hledgerAgrees(t, hledger, p)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// hledgerAgrees lets hledger check the plan and compares its balances with our own.
func hledgerAgrees(t *testing.T, hledger string, p *ledgermap.Plan) {
	t.Helper()
	var journal bytes.Buffer
	if err := ledgermap.WriteHledger(&journal, p.Documents, nil); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"balance", "--flat", "--no-total", "--format", "%(account) %(total)"}} {
		c := exec.CommandContext(t.Context(), hledger, append([]string{"-f", "-"}, args...)...)
		c.Stdin = bytes.NewReader(journal.Bytes())
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("hledger %s: %v\n%s", args[0], err, out)
		}
		if args[0] == "check" {
			continue
		}
		got := map[string]string{}
		for line := range strings.Lines(string(out)) {
			words := strings.Fields(line)
			got[words[0]] = words[1]
		}
		if diff := cmp.Diff(booked(t, p.Documents...).accounts(), got); diff != "" {
			t.Errorf("settlement %s: our balances and hledger's (-ours +hledger):\n%s", p.Statement.ID, diff)
		}
	}
}

func TestTheRealChainCarriesItsDebtsWithoutProfitOrLoss(t *testing.T) {
	names := []string{"ca-2025-50011020300", "ca-2025-50018020314", "ca-2025-50034020328", "ca-2025-50041020342"}
	books := book{}
	for i, name := range names {
		f, err := settlement.Open("../../shared/corpus/v2/"+name+"-from-v1.txt", settlement.Options{})
		if err != nil {
			t.Skip("the corpus of real files is not beside this working copy")
		}
		p := plan(t, rules(t), f, ledgermap.Input{})
		prove(t, p)
		books.add(t, p.Documents...)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		want := map[int]string{0: "-321.69", 1: "-62.31"}[i]
		if got := books.accounts()[owed]; got != want {
			t.Errorf("after %s the debt is %q, want %q", name, got, want)
		}
	}
}
