package ledgermap_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestHledgerAcceptsPlansInEveryCurrencyAndMode(t *testing.T) {
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		t.Skip("hledger is not installed (Debian package hledger): it cannot judge our books")
	}
	for i, currency := range []string{"USD", "EUR", "JPY", "KWD", "CAD"} {
		sets := variants(t, currency)
		names := slices.Sorted(maps.Keys(sets))
		s := settlementtest.Arbitrary(uint64(i), settlementtest.Nasty{Currency: currency})
		hledgerAgrees(t, hledger, plan(t, sets[names[i%len(names)]], sourceOf(s), ledgermap.Input{}))
		hledgerAgrees(t, hledger, plan(t, sets["journal"], sourceOf(s), ledgermap.Input{}))
	}
}

// A date in square brackets in a comment is the posting's own date for hledger, and moves the amount to another month.
func TestNoTextMovesAnAmountInHledgersBooks(t *testing.T) {
	for _, sku := range []string{"LED (12-24)", "BOLT [10/32]", "A[12-24]B", "C;D,E:F|G"} {
		p := plan(t, rules(t, "summarise: category ", "summarise: sku "), august(row{kind: sold, amount: "1.00", posted: noon("2025-08-02"), sku: sku}).source(t), ledgermap.Input{})
		var journal strings.Builder
		if err := ledgermap.WriteHledger(&journal, p.Documents, nil); err != nil {
			t.Fatal(err)
		}
		if text := journal.String(); strings.ContainsAny(text, "[]") || !strings.Contains(text, "product sales "+sku[:1]) {
			t.Errorf("%s:\n%s", sku, text)
		}
	}
}

// TestImportFileHoldsTheJournals reads the file back as Vantagepoint's import would: by column name.
func TestImportFileHoldsTheJournals(t *testing.T) {
	const name = `=HYPERLINK("x")`
	r := rules(t, `tax: {account: "221.00"}`, `tax: {account: "221.00", description: '`+name+`, {settlement}'}`,
		`facilitator_tax: {account: "221.00"}`, `facilitator_tax: {account: "221.00", description: "a-b"}`, `reimbursement: {account: "801.00"}`, `reimbursement: {account: "801.00", description: x}`)
	p := plan(t, r, typical().source(t), ledgermap.Input{})
	var file bytes.Buffer
	left, err := ledgermap.WriteJournalCSV(&file, p.Documents, func(d ledgermap.Document) string { return d.SettlementID() + d.Part() })
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Kind() != ledgermap.Receipt {
		t.Errorf("left over are %d documents, want the receipt", len(left))
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, c := range rows[0] {
		column[c] = i
	}
	if len(rows[0]) != 36 || rows[0][35] != "LinkCompany" {
		t.Errorf("the header has %d columns and ends with %s; DEJournalEntry has 36", len(rows[0]), rows[0][len(rows[0])-1])
	}
	var got, want [][]string
	for _, row := range rows[1:] {
		got = append(got, []string{
			row[column["RefNo"]], row[column["TransDate"]], row[column["Account"]], row[column["WBS1"]], row[column["DebitAmount"]],
			row[column["CreditAmount"]], row[column["CurrencyCode"]], row[column["DetailDescription"]],
		})
	}
	for _, d := range journals(p) {
		for _, l := range d.Lines() {
			text := l.Description
			if strings.HasPrefix(text, "=") {
				text = " " + text // which no spreadsheet computes
			}
			want = append(want, []string{d.SettlementID() + d.Part(), d.Date().String(), l.Account, l.WBS1, l.Debit.String(), l.Credit.String(), "USD", text})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARefusalIsReadableAsTextAndAsJSON(t *testing.T) {
	refused := refusal(t, rules(t), august(
		row{kind: "Order/ItemPrice/Something new", amount: "3.00", posted: noon("2025-08-02")},
		row{kind: "Order/ItemPrice/Something new", amount: "-1.25", posted: noon("2025-08-03")},
	).source(t), ledgermap.Input{})
	for _, want := range []string{"settlement 23874397121", "unmapped", "Order/ItemPrice/Something new", "2 rows", "1.75 USD", "line 3"} {
		if !strings.Contains(refused.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, refused)
		}
	}
	data, err := json.Marshal(refused.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	delete(got[0], "reason")
	want := []map[string]any{{
		"transaction_type": "Order", "amount_type": "ItemPrice", "amount_description": "Something new", "category": "",
		"rows": 2.0, "sum": "1.75", "lines": []any{3.0, 4.0},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
