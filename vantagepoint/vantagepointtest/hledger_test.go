package vantagepointtest_test

import (
	"bytes"
	"encoding/csv"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// mixedBooks holds one of each kind, an unbalanced journal, and texts that hledger could take for its own.
func mixedBooks(t *testing.T) *vantagepointtest.Tenant {
	t.Helper()
	tenant, c := start(t, vantagepointtest.Options{Firms: []vantagepointtest.Firm{{ClientID: "C1", Name: "Amazon", Vendor: "AMZ"}}})
	c.want(201, "POST", "DataEntry/jeControl", journal("je(1)", "1", "100.25", "100.25", `"Payout January"`, `"Payout; = * ! {1} \n  @ 5 USD | x"`))
	c.want(201, "POST", "DataEntry/jeControl", journal("open", "1", "5", "4"))
	c.want(201, "POST", "DataEntry/jeControl", journal("empty", "1", "0", "0", `"jeDetail"`, `"other"`))
	c.want(201, "POST", "DataEntry/inControl", invoice("in", "333", "120.1234"))
	c.want(201, "POST", "DataEntry/crControl", receipt("cr", "1", "90.1", `"Account": "115.00"`, `"Account": ""`, `"Invoice": ""`, `"Invoice": "333"`))
	c.want(201, "POST", "DataEntry/cdControl", disbursement("cd", "1", "7"))
	c.want(201, "POST", "DataEntry/apControl", voucher("ap", "3"))
	c.want(200, "PUT", "DataEntry/PostTransFile", order("cr", "CR", "202601"))
	return tenant
}

func hledgerText(t *testing.T, tenant *vantagepointtest.Tenant) string {
	t.Helper()
	var b bytes.Buffer
	if err := tenant.WriteHledger(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHledgerHoldsOneTransactionForEachBalancedEntry(t *testing.T) {
	text := hledgerText(t, mixedBooks(t))
	for _, want := range []string{
		"\n2026-01-31 (je[1]) Payout = * ! {1} @ 5 USD | x\n    ; JE 000000000001, period 202601, draft\n    115.00  100.25 USD\n    401.00  -100.25 USD  ; 00000100.00\n",
		"\n; stored, but out of balance:\n; 2026-01-31 (open) Payout January\n;     ; JE 000000000001, period 202601, draft\n;     115.00  5.00 USD\n",
		"\n; stored, but out of balance:\n; 2026-01-31 (empty) Payout January\n;     ; JE 000000000001, period 202601, draft\n\n",
		"\n2026-01-16 (in) Invoice\n    ; IN 000000000333, period 202601, draft\n    401.00  -120.1234 USD  ; 00000100.00\n    111.00  120.1234 USD  ; made by the ledger 00000100.00\n",
		"\n2026-01-30 (cr) Amazon deposit\n    ; CR 000000000001, period 202601, posted\n    111.00  -90.10 USD\n    101.00  90.10 USD  ; made by the ledger\n",
		"\n2026-01-15 (cd) Amazon\n    ; CD 000000000001, period 202601, draft\n    211.00  7.00 USD\n    101.00  -7.00 USD  ; made by the ledger\n",
		"\n    712.00  3.00 USD\n    201.00  -3.00 USD  ; made by the ledger\n",
		"account 111.00  ; Accounts receivable, type: A\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s\nin %s", want, text)
		}
	}
	if strings.ContainsAny(text, "[]") && strings.Contains(text, "    [") {
		t.Error("there are virtual postings")
	}
}

func TestHledgerAcceptsTheBooksAndFindsTheSameBalances(t *testing.T) {
	if _, err := exec.LookPath("hledger"); err != nil {
		t.Skip("hledger is not installed: the books were not shown to it")
	}
	tenant := mixedBooks(t)
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "hledger", append([]string{"-f", "-"}, args...)...)
		cmd.Stdin = strings.NewReader(hledgerText(t, tenant))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("hledger %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("check")
	run("check", "accounts")
	rows, err := csv.NewReader(strings.NewReader(run("balance", "--flat", "--empty", "--no-total", "-O", "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows[1:] {
		got[row[0]] = short(row[1])
	}
	want := map[string]string{}
	for _, b := range tenant.TrialBalance() {
		want[b.Account] = short(b.Amount + " " + b.Currency)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// short takes the zeros off the end of an amount: hledger shows all amounts of a commodity with the same decimals.
func short(amount string) string {
	number, currency, _ := strings.Cut(amount, " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + " " + currency
}

func TestHledgerNamesTheCompanyOfOtherCompaniesAccounts(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "B", Currency: "JPY"}}})
	c.want(200, "PUT", "Settings/ActiveCompany/B0", "")
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "100", "100", `"Company": ""`, `"Company": "B0"`))
	if text := hledgerText(t, tenant); !strings.Contains(text, "    B0:115.00  100 JPY\n") {
		t.Error(text)
	}
}
