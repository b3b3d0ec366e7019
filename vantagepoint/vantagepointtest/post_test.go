package vantagepointtest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// posting is the answer of PostTransFile, read as a careful person would: pair by pair.
func posting(t *testing.T, r reply) map[string]string {
	t.Helper()
	var text string
	if err := json.Unmarshal([]byte(r.Body), &text); err != nil {
		t.Fatalf("the answer is not a JSON string: %v in %s", err, r.Body)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`"(\w+)": "([^"]*)"`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestPostingAnswersAStringWithTheCommaMissing(t *testing.T) {
	for name, valid := range map[string]bool{"missing": false, "there": true} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{ValidPostAnswer: valid}})
		c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5"))
		c.want(201, "POST", "DataEntry/crControl", receipt("cr-1", "1", "5"))
		r := c.want(200, "PUT", "DataEntry/PostTransFile", "["+order("cr-1", "CR", "202601")+","+order("je-1", "JE", "202601")+"]")
		var text string
		if err := json.Unmarshal([]byte(r.Body), &text); err != nil {
			t.Fatal(err)
		}
		if json.Valid([]byte(text)) != valid {
			t.Errorf("comma %s: %s", name, text)
		}
		want := map[string]string{
			"typeList": "CR|JE", "batchList": "cr-1|je-1", "retList": "1|1", "periodList": "202601|202601", "postseqList": "194|195",
			"msg": "Cash Receipts file cr-1; 1 of 1 records posted; Posting sequence 194[CRLF]Journal Entries file je-1; 1 of 1 records posted; Posting sequence 195",
		}
		if diff := cmp.Diff(want, posting(t, r)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPostingMakesTheLinesOfTheLedgerItself(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{Firms: []vantagepointtest.Firm{{ClientID: "C1", Name: "Amazon", Vendor: "AMZ"}}})
	for _, b := range []struct{ path, doc, kind string }{
		{"jeControl", journal("je", "1", "100", "100"), "JE"},
		{"inControl", invoice("in", "333", "120"), "IN"},
		{"crControl", receipt("cr", "1", "90"), "CR"},
		{"cdControl", disbursement("cd", "1", "7"), "CD"},
		{"apControl", voucher("ap", "3"), "AP"},
	} {
		c.want(201, "POST", "DataEntry/"+b.path, b.doc)
		if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", order(b.path[:2], b.kind, "202601"))); p["retList"] != "1" {
			t.Fatalf("%s: %v", b.kind, p)
		}
	}
	type line struct{ Type, Account, Amount, Auto, Bank, RefNo string }
	var got []line
	for _, kind := range []string{"JE", "IN", "CR", "CD", "AP"} {
		for _, row := range c.want(200, "GET", "PSALedger/"+kind, "").rows(t) {
			got = append(got, line{
				kind, row["Account"].(string), row["Amount"].(json.Number).String(), row["AutoEntry"].(string), row["BankCode"].(string), row["RefNo"].(string),
			})
		}
	}
	want := []line{
		{"JE", "115.00", "100", "N", "", "1"},
		{"JE", "401.00", "-100", "N", "", "1"},
		{"IN", "401.00", "-120", "N", "", "333"},
		{"IN", "111.00", "120", "Y", "", "333"},
		{"CR", "115.00", "-90", "N", "", "1"},
		{"CR", "101.00", "90", "Y", "OPER", "1"},
		{"CD", "211.00", "7", "N", "", "1"},
		{"CD", "101.00", "-7", "Y", "OPER", "1"},
		{"AP", "712.00", "3", "N", "", "m1"},
		{"AP", "201.00", "-3", "Y", "", "m1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	sum := map[string]string{}
	for _, b := range tenant.TrialBalance() {
		sum[b.Account] = b.Posted
		if b.Amount != b.Posted {
			t.Errorf("%s holds %s, posted %s", b.Account, b.Amount, b.Posted)
		}
	}
	if diff := cmp.Diff(map[string]string{
		"101.00": "83.00", "111.00": "120.00", "115.00": "10.00", "201.00": "-3.00", "211.00": "7.00", "401.00": "-220.00", "712.00": "3.00",
	}, sum); diff != "" {
		t.Error(diff)
	}
}

func TestTheLedgerFillsInTheOverheadProjectOfAnIndirectAccount(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "5", "5", `"Account": "115.00"`, `"Account": "711.00"`))
	c.want(200, "PUT", "DataEntry/PostTransFile", order("je-1", "JE", "202601"))
	row := c.want(200, "GET", "PSALedger/JE", "").rows(t)[0]
	if diff := cmp.Diff(map[string]any{"WBS1": "00000000.00", "WBS2": " ", "Org": "A0.00", "Desc1": "Payout January", "Desc2": "Clearing", "Batch": "je-1"},
		pick(row, "WBS1", "WBS2", "Org", "Desc1", "Desc2", "Batch")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatKeepsABatchFromPosting(t *testing.T) {
	const fileX = "Journal Entries file X; 0 of 1 records posted; "
	clearing, sales := `"Account": "115.00"`, `"Account": "401.00"`
	blank, shop := `"WBS1": ""`, `"WBS1": "00000100.00"`
	for name, test := range map[string]struct {
		options vantagepointtest.Options
		doc     string
		period  string
		want    string // "" when it posts
	}{
		"nothing": {doc: journal("X", "1", "5", "5")},
		"out of balance": {
			doc: journal("X", "1", "5", "4"), want: "record 000000000001 is out of balance by 1.00",
		},
		"control total": {
			doc: journal("X", "1", "5", "5", `"Total": 5`, `"Total": 6`), want: "the control total does not match (DiffDebitsTotal)",
		},
		"control total ignored": {
			options: vantagepointtest.Options{IgnoreControlTotals: true}, doc: journal("X", "1", "5", "5", `"Total": 5`, `"Total": 6`),
		},
		"receivable in a journal": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "111.00"`),
			want: "record 000000000001: journal entries cannot use account 111.00, which the ledger keeps itself",
		},
		"payable in a journal": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "201.00"`),
			want: "record 000000000001: journal entries cannot use account 201.00, which the ledger keeps itself",
		},
		"profit in a journal": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "302.00"`),
			want: "record 000000000001: journal entries cannot use account 302.00, which the ledger keeps itself",
		},
		"direct account without project": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "611.00"`),
			want: "record 000000000001: account 611.00 needs a regular project",
		},
		"direct account with a regular project": {
			doc: journal("X", "1", "5", "5", clearing, `"Account": "611.00"`, blank, shop),
		},
		"indirect account with a regular project": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "711.00"`, blank, shop),
			want: "record 000000000001: regular project 00000100.00 needs a direct or reimbursable account, not 711.00",
		},
		"direct account with an overhead project": {
			doc:  journal("X", "1", "5", "5", clearing, `"Account": "611.00"`, blank, `"WBS1": "00000000.00"`),
			want: "record 000000000001: overhead project 00000000.00 needs an indirect account, not 611.00",
		},
		"project with lower levels": {
			doc:  journal("X", "1", "5", "5", blank, `"WBS1": "00000200.00"`),
			want: "record 000000000001: project 00000200.00 has lower levels: name one of them",
		},
		"lowest level": {
			doc: journal("X", "1", "5", "5", `"WBS1": "", "WBS2": " ", "WBS3": " "`, `"WBS1": "00000200.00", "WBS2": "01", "WBS3": "A"`),
		},
		"balance sheets by organization": {
			options: vantagepointtest.Options{OrgBalanceSheets: true}, doc: journal("X", "1", "5", "5"),
			want: "record 000000000001: account 115.00 needs a project, because organizations keep their own balance sheets",
		},
		"approval needed": {
			options: vantagepointtest.Options{Approvals: []string{"JE"}}, doc: journal("X", "1", "5", "5"),
			want: "record 000000000001 is not approved",
		},
		"approved": {
			options: vantagepointtest.Options{Approvals: []string{"JE"}}, doc: journal("X", "1", "5", "5", `"Status": "N"`, `"Status": "A"`),
		},
		"other currency": {
			options: vantagepointtest.Options{MultiCurrency: true}, doc: journal("X", "1", "5", "5", `"CurrencyCode": "USD"`, `"CurrencyCode": "EUR"`),
			want: "there is no exchange rate from EUR to USD",
		},
		"other period": {doc: journal("X", "1", "5", "5"), period: "202602", want: "the file belongs to period 202601"},
		"closed period": {
			options: vantagepointtest.Options{Periods: []vantagepointtest.Period{{Number: 202601, Start: "2026-01-01", End: "2026-01-31", Closed: true}}},
			doc:     journal("X", "1", "5", "5"), want: "period 202601 is closed",
		},
		"closed period, privileged user": {
			options: vantagepointtest.Options{
				Periods: []vantagepointtest.Period{{Number: 202601, Start: "2026-01-01", End: "2026-01-31", Closed: true}},
				Users:   []vantagepointtest.User{{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, ClosedPeriods: true}},
			},
			doc: journal("X", "1", "5", "5"),
		},
		"inactive account": {
			options: vantagepointtest.Options{Accounts: []vantagepointtest.Account{
				{Number: "115.00", Type: vantagepointtest.Asset, Inactive: true},
				{Number: "401.00", Type: vantagepointtest.Revenue},
				{Number: "101.00", Type: vantagepointtest.Asset},
			}},
			doc: journal("X", "1", "5", "5"), want: "record 000000000001: account 115.00 is inactive",
		},
		"no lines": {
			doc: journal("X", "1", "0", "0", `"jeDetail"`, `"other"`), want: "record 000000000001 has no details",
		},
		"sales account": {doc: journal("X", "1", "5", "5", sales, `"Account": "402.00"`)},
	} {
		t.Run(name, func(t *testing.T) {
			tenant, c := start(t, test.options)
			c.want(201, "POST", "DataEntry/jeControl", test.doc)
			period := test.period
			if period == "" {
				period = "202601"
			}
			p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", order("X", "JE", period)))
			posted := tenant.Batches()[0].Posted
			if test.want == "" {
				if p["retList"] != "1" || !posted {
					t.Errorf("not posted: %v", p)
				}
				return
			}
			if p["retList"] != "0" || p["postseqList"] != "0" || posted {
				t.Errorf("posted: %v", p)
			}
			if p["msg"] != fileX+test.want {
				t.Errorf("%q, want %q", p["msg"], fileX+test.want)
			}
			if rows := c.want(200, "GET", "PSALedger/JE", "").rows(t); len(rows) != 0 {
				t.Errorf("the ledger holds %v", rows)
			}
		})
	}
}

func TestAPeriodThatClosesBetweenEntryAndPosting(t *testing.T) {
	periods := vantagepointtest.Months(2026, 2026)
	tenant, c := start(t, vantagepointtest.Options{Periods: periods})
	c.want(201, "POST", "DataEntry/jeControl", journal("X", "1", "5", "5"))
	if err := tenant.ClosePeriod(202601); err != nil {
		t.Fatal(err)
	}
	if err := tenant.ClosePeriod(202513); err == nil {
		t.Error("a period that does not exist is closed")
	}
	if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", order("X", "JE", "202601"))); p["retList"] != "0" {
		t.Errorf("posted: %v", p)
	}
	if got := c.want(200, "GET", "Settings/Period?pageSize=2&fieldFilter=ActiveCompanyClosed", "").Body; got != `[{"ActiveCompanyClosed":"Y"},{"ActiveCompanyClosed":"N"}]` {
		t.Errorf("periods %s", got)
	}
	if periods[0].Closed {
		t.Error("the caller's own periods are changed")
	}
}

func TestPostingTwiceAndPostingNothingFailInsideA200(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("X", "1", "5", "5"))
	for _, test := range []struct{ order, want string }{
		{order("X", "JE", "202601"), "Journal Entries file X; 1 of 1 records posted; Posting sequence 194"},
		{order("X", "JE", "202601"), "Journal Entries file X; 0 of 1 records posted; the file is posted already"},
		{order("Y", "JE", "202601"), "Journal Entries file Y; 0 of 0 records posted; the file does not exist in the active company"},
		{order("X", "CR", "202601"), "Cash Receipts file X; 0 of 0 records posted; the file does not exist in the active company"},
		{order("X", "ZZ", "202601"), "ZZ file X; 0 of 0 records posted; there is no such transaction type"},
	} {
		if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", test.order)); p["msg"] != test.want {
			t.Errorf("%q, want %q", p["msg"], test.want)
		}
	}
	c.want(500, "PUT", "DataEntry/PostTransFile", `{"batch":"X"}`)
	for _, path := range []string{"DataEntry/jeControl/X"} {
		if got := c.want(400, "DELETE", path, "").message(t); got != "Record X is posted and cannot be deleted" {
			t.Errorf("delete: %q", got)
		}
		if got := c.want(400, "PUT", path, `{"Description":"x"}`).message(t); got != "Record X is posted and cannot be changed" {
			t.Errorf("change: %q", got)
		}
	}
}

func TestPostedBatchesStayOrVanishBySwitch(t *testing.T) {
	for purge, status := range map[bool]int{false: 200, true: 404} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{PurgePosted: purge}})
		c.want(201, "POST", "DataEntry/jeControl", journal("X", "1", "5", "5"))
		c.want(200, "PUT", "DataEntry/PostTransFile", order("X", "JE", "202601"))
		r := c.want(status, "GET", "DataEntry/jeControl/X", "")
		if !purge && r.rows(t)[0]["Posted"] != "Y" {
			t.Errorf("a posted batch reads %s", r.Body)
		}
		landing := c.want(200, "GET", "DataEntry/jeLanding", "").rows(t)
		if want := map[bool]int{false: 1, true: 0}[purge]; len(landing) != want {
			t.Errorf("landing shows %v", landing)
		}
		if rows := c.want(200, "GET", "PSALedger/JE", "").rows(t); len(rows) != 2 || rows[0]["Batch"] != "X" {
			t.Errorf("the ledger shows %v", rows)
		}
		// The name stays taken, whether the batch can be seen or not.
		c.want(400, "POST", "DataEntry/jeControl", journal("X", "1", "5", "5"))
	}
}

func TestAFailedPostingCanAlsoBeAnError(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{PostFailureStatus: 400}})
	if got := c.want(400, "PUT", "DataEntry/PostTransFile", order("Y", "JE", "202601")).message(t); !strings.Contains(got, "does not exist") {
		t.Errorf("%q", got)
	}
}

func TestJournalsDoNotShowInTheBankReconciliation(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "5", "5", `"Account": "115.00"`, `"Account": "101.00"`))
	c.want(201, "POST", "DataEntry/inControl", invoice("in", "1", "5"))
	c.want(201, "POST", "DataEntry/crControl", receipt("cr", "1", "90.10"))
	c.want(201, "POST", "DataEntry/cdControl", disbursement("cd", "1", "7"))
	want := []vantagepointtest.BankLine{
		{Bank: "OPER", Account: "101.00", Type: "CR", Batch: "cr", Ref: "000000000001", Date: "2026-01-30", Description: "Amazon deposit", Amount: "90.10", Currency: "USD"},
		{Bank: "OPER", Account: "101.00", Type: "CD", Batch: "cd", Ref: "000000000001", Date: "2026-01-15", Description: "Amazon", Amount: "-7.00", Currency: "USD"},
	}
	if diff := cmp.Diff(want, tenant.BankReconciliation()); diff != "" {
		t.Error(diff)
	}
}
