package vantagepointtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// pick keeps some members of a row.
func pick(row map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		out[n] = row[n]
	}
	return out
}

func TestPostOfABatchAnswers201WithTheControlRowOnly(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	r := c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "42", "100.25", "100.25"))
	rows := r.rows(t)
	if len(rows) != 1 || rows[0]["jeDetail"] != nil || rows[0]["jeMaster"] != nil {
		t.Fatalf("not the control row alone: %s", r.Body)
	}
	want := map[string]any{
		"Batch": "je-1", "EndDate": "2026-01-31T00:00:00.000", "Posted": "N", "Period": json.Number("202601"), "Company": "",
		"Total": json.Number("100.25"), "CreditsTotal": json.Number("100.25"),
		"SumDebitsTotal": json.Number("100.25"), "SumCreditsTotal": json.Number("100.25"),
		"DiffDebitsTotal": json.Number("0"), "DiffCreditsTotal": json.Number("0"),
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	if diff := cmp.Diff(want, pick(rows[0], names...)); diff != "" {
		t.Error(diff)
	}
	if got := r.Header.Get("Location"); got != "/demo/api/DataEntry/jeControl/je-1" {
		t.Errorf("Location %q", got)
	}
}

func TestReadsAnswerArraysAndThePaddedReference(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{RefnoLength: 11})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "2589", "100", "100"))
	if rows := c.want(200, "GET", "DataEntry/jeControl/JE-1", "").rows(t); len(rows) != 1 || rows[0]["Batch"] != "je-1" {
		t.Errorf("control: %v", rows)
	}
	master := c.want(200, "GET", "DataEntry/jeMaster/je-1", "").rows(t)
	if len(master) != 1 || master[0]["RefNo"] != "00000002589" || master[0]["StatusDescription"] != "In Progress" {
		t.Errorf("master: %v", master)
	}
	detail := c.want(200, "GET", "DataEntry/jeDetail/je-1", "").rows(t)
	if len(detail) != 2 {
		t.Fatalf("detail: %v", detail)
	}
	want := map[string]any{
		"RefNo": "00000002589", "PKey": "je-12", "WBS1": "00000100.00", "WBS1Name": "Online shop", "WBS2": " ", "WBS3": " ", "Org": "A0.00",
		"Account": "401.00", "AccountName": "Product sales", "AccountType": json.Number("4"), "ChargeType": "R",
		"DebitAmount": json.Number("0"), "CreditAmount": json.Number("100"), "FunctionalCurrencyCode": "USD",
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	if diff := cmp.Diff(want, pick(detail[1], names...)); diff != "" {
		t.Error(diff)
	}
	if detail[0]["WBS1"] != " " {
		t.Errorf("an empty project is read as %q, want one blank", detail[0]["WBS1"])
	}
}

func TestDiffIsControlTotalLessSumAndTheBatchIsStoredAllTheSame(t *testing.T) {
	// Deltek's own sample: control totals 44 and 44; debits 144; credits 75, of which 25 and 50 come from tax rows.
	tenant, c := start(t, vantagepointtest.Options{TaxCodes: []vantagepointtest.TaxCode{{Code: "T1", Account: "221.00"}, {Code: "T2", Account: "221.00"}}})
	doc := journal("je-1", "1", "144", "0", `"Total": 144`, `"Total": 44`, `"CreditsTotal": 0`, `"CreditsTotal": 44`,
		`"jeDetailTax": []`, `"jeDetailTax": [
		{"Batch":"je-1","RefNo":"1","PKey":"je-11","TaxCode":"t1","Seq":1,"TaxCreditAmount":25,"TaxDebitAmount":0,"CompoundOnTaxCode":""},
		{"Batch":"je-1","RefNo":"1","PKey":"je-11","TaxCode":"t2","Seq":2,"TaxCreditAmount":50,"TaxDebitAmount":0,"CompoundOnTaxCode":""}]`)
	row := c.want(201, "POST", "DataEntry/jeControl", doc).rows(t)[0]
	want := map[string]any{
		"SumDebitsTotal": json.Number("144"), "SumCreditsTotal": json.Number("75"),
		"DiffDebitsTotal": json.Number("-100"), "DiffCreditsTotal": json.Number("-31"),
	}
	if diff := cmp.Diff(want, pick(row, "SumDebitsTotal", "SumCreditsTotal", "DiffDebitsTotal", "DiffCreditsTotal")); diff != "" {
		t.Error(diff)
	}
	if b := tenant.Batches(); len(b) != 1 || b[0].Balanced {
		t.Errorf("stored %+v, want one batch out of balance", b)
	}
	if tb := tenant.TrialBalance(); tb != nil {
		t.Errorf("an unbalanced batch counts in the trial balance: %v", tb)
	}
}

func TestBatchNamesAreUniqueOverTypesAndCompanies(t *testing.T) {
	o := vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "Second", Currency: "USD"}}}
	inA := []string{`"Company": ""`, `"Company": "A0"`}
	inB := []string{`"Company": ""`, `"Company": "B0"`}
	const text = "Record X1 already exists and cannot be added"
	t.Run("refused", func(t *testing.T) {
		tenant, c := start(t, o)
		c.want(201, "POST", "DataEntry/jeControl", journal("X1", "1", "1", "1", inA...))
		if got := c.want(400, "POST", "DataEntry/jeControl", journal("X1", "1", "1", "1", inA...)).message(t); got != text {
			t.Errorf("same type: %q", got)
		}
		if got := c.want(400, "POST", "DataEntry/jeControl", journal("x1", "1", "1", "1", inA...)).message(t); got != "Record x1 already exists and cannot be added" {
			t.Errorf("other case: %q", got)
		}
		if got := c.want(400, "POST", "DataEntry/crControl", receipt("X1", "1", "1", inA...)).message(t); got != text {
			t.Errorf("other type: %q", got)
		}
		c.want(200, "PUT", "Settings/ActiveCompany/B0", "")
		c.want(404, "GET", "DataEntry/jeControl/X1", "")
		if got := c.want(400, "POST", "DataEntry/jeControl", journal("X1", "1", "1", "1", inB...)).message(t); got != text {
			t.Errorf("other company, where the batch cannot be seen: %q", got)
		}
		if n := len(tenant.Batches()); n != 1 {
			t.Errorf("%d batches are stored", n)
		}
	})
	t.Run("accepted by the switch", func(t *testing.T) {
		o := o
		o.Quirks.AcceptDuplicates = true
		tenant, c := start(t, o)
		for range 2 {
			c.want(201, "POST", "DataEntry/jeControl", journal("X1", "1", "1", "1", inA...))
		}
		if rows := c.want(200, "GET", "DataEntry/jeControl/X1", "").rows(t); len(rows) != 2 {
			t.Errorf("%d control rows, want both", len(rows))
		}
		if rows := c.want(200, "GET", "DataEntry/jeDetail/X1", "").rows(t); len(rows) != 4 {
			t.Errorf("%d details, want those of both", len(rows))
		}
		if n := len(tenant.Batches()); n != 2 {
			t.Errorf("%d batches are stored", n)
		}
	})
	t.Run("per type by the switch", func(t *testing.T) {
		o := o
		o.Quirks.UniquePerType = true
		_, c := start(t, o)
		c.want(201, "POST", "DataEntry/jeControl", journal("X1", "1", "1", "1", inA...))
		c.want(201, "POST", "DataEntry/crControl", receipt("X1", "1", "1", inA...))
		c.want(400, "POST", "DataEntry/crControl", receipt("X1", "1", "1", inA...))
	})
}

func TestWhatIsNotThere(t *testing.T) {
	const text = "The requested records could not be found."
	for form, want := range map[vantagepointtest.NotFoundForm]reply{
		vantagepointtest.NotFound404:   {Status: 404},
		vantagepointtest.NotFound400:   {Status: 400},
		vantagepointtest.NotFoundEmpty: {Status: 200, Body: "[]"},
	} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NotFound: form}})
		for _, path := range []string{"jeControl", "jeMaster", "jeDetail", "inControl", "crDetail", "cdMaster", "apControl"} {
			r := c.want(want.Status, "GET", "DataEntry/"+path+"/nothing", "")
			if want.Body != "" && r.Body != want.Body || want.Body == "" && r.message(t) != text {
				t.Errorf("%s: %s", path, r.Body)
			}
		}
	}
}

func TestPostedIsTheServersWord(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/inControl", invoice("in", "1", "5")) // sends Posted "Y" in its master, as Deltek's sample does
	if m := c.want(200, "GET", "DataEntry/inMaster/in", "").rows(t)[0]; m["Posted"] != "N" {
		t.Errorf("a batch that nobody posted reads Posted %v", m["Posted"])
	}
}

func TestReceiptsAndDisbursementsTakeTheBanksCurrencyAndName(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{
		MultiCurrency: true,
		Banks:         []vantagepointtest.Bank{{Code: "OPER", Name: "Toronto", Account: "101.00", Currency: "CAD"}},
	})
	row := c.want(201, "POST", "DataEntry/crControl", receipt("cr-1", "7", "12.30", `"DefaultBank": "OPER"`, `"DefaultBank": "oper"`)).rows(t)[0]
	want := map[string]any{
		"DefaultBank": "OPER", "DefaultBankDescription": "Toronto", "BankCurrencyCode": "CAD",
		"SumTotal": json.Number("12.3"), "DiffTotal": json.Number("0"), "PostSeq": json.Number("0"),
	}
	if diff := cmp.Diff(want, pick(row, "DefaultBank", "DefaultBankDescription", "BankCurrencyCode", "SumTotal", "DiffTotal", "PostSeq")); diff != "" {
		t.Error(diff)
	}
	if m := c.want(200, "GET", "DataEntry/crMaster/cr-1", "").rows(t)[0]; m["CurrencyCode"] != "CAD" {
		t.Errorf("USD was sent; stored %v, want the bank's CAD", m["CurrencyCode"])
	}
	c.want(201, "POST", "DataEntry/cdControl", disbursement("cd-1", "9", "5"))
	if m := c.want(200, "GET", "DataEntry/cdMaster/cd-1", "").rows(t)[0]; m["CheckNo"] != "000000000009" || m["Payee"] != "Amazon" {
		t.Errorf("disbursement: %v", m)
	}
}

func TestOneCurrencyTenantsOverwriteTheCurrency(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "1", "1", `"CurrencyCode": "USD"`, `"CurrencyCode": "EUR"`))
	if got := tenant.Journal()[0].Currency; got != "USD" {
		t.Errorf("the ledger holds %s", got)
	}
}

func TestWithoutFilesRecordsAreCreatedOneByOne(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{NoFiles: true})
	if got := c.want(400, "POST", "DataEntry/jeControl", journal("je-1", "1", "1", "1")).message(t); !strings.Contains(got, "not in use") {
		t.Errorf("a file was refused with %q", got)
	}
	c.want(200, "PUT", "Settings/ActivePeriod/202601", "")
	master := `{"Batch":"je-1","RefNo":"1","TransDate":"2026-01-31T00:00:00.000","Description":"Payout","Type":"3","CurrencyCode":"USD","Status":"N",
		"jeDetail":[{"Batch":"je-1","RefNo":"1","PKey":"a","Seq":1,"WBS1":" ","WBS2":" ","WBS3":" ","Account":"115.00","DebitAmount":5,"CreditAmount":0},
		{"Batch":"je-1","RefNo":"1","PKey":"b","Seq":2,"WBS1":" ","WBS2":" ","WBS3":" ","Account":"801.00","DebitAmount":0,"CreditAmount":5}],"jeDetailTax":[]}`
	rows := c.want(201, "POST", "DataEntry/jeMaster/je-1%7C1", master).rows(t)
	if len(rows) != 1 || rows[0]["RefNo"] != "000000000001" {
		t.Errorf("answered %v, want one master row", rows)
	}
	control := c.want(200, "GET", "DataEntry/jeControl/je-1", "").rows(t)[0]
	want := map[string]any{
		"Period": json.Number("202601"), "Total": json.Number("5"), "DiffDebitsTotal": json.Number("0"),
		"Description": "Payout", "EndDate": "2026-01-31T00:00:00.000",
	}
	if diff := cmp.Diff(want, pick(control, "Period", "Total", "DiffDebitsTotal", "Description", "EndDate")); diff != "" {
		t.Error(diff)
	}
	if got := c.want(400, "POST", "DataEntry/jeMaster/je-1%7C1", master).message(t); got != "Record je-1 already exists and cannot be added" {
		t.Errorf("twice: %q", got)
	}
	if e := tenant.Journal(); len(e) != 1 || !e[0].Balanced || len(e[0].Lines) != 2 {
		t.Errorf("booked %+v", e)
	}

	_, files := start(t, vantagepointtest.Options{})
	if got := files.want(400, "POST", "DataEntry/jeMaster/je-1%7C1", master).message(t); !strings.Contains(got, "files are in use") {
		t.Errorf("a record was refused with %q", got)
	}
}

func TestPutChangesWhatIsSentAndAnswersWithoutComputedColumns(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "10", "10"))
	row := c.want(200, "PUT", "DataEntry/jeControl/je-1", `{"Batch":"je-1","Description":"Other","Total":12,
		"jeDetail":[{"Batch":"je-1","RefNo":"1","PKey":"je-11","DebitAmount":12}]}`).rows(t)[0]
	if _, computed := row["SumDebitsTotal"]; computed || row["Description"] != "Other" {
		t.Errorf("answered %v", row)
	}
	row = c.want(200, "GET", "DataEntry/jeControl/je-1", "").rows(t)[0]
	want := map[string]any{
		"Description": "Other", "EndDate": "2026-01-31T00:00:00.000", "SumDebitsTotal": json.Number("12"),
		"SumCreditsTotal": json.Number("10"), "DiffDebitsTotal": json.Number("0"),
	}
	if diff := cmp.Diff(want, pick(row, "Description", "EndDate", "SumDebitsTotal", "SumCreditsTotal", "DiffDebitsTotal")); diff != "" {
		t.Error(diff)
	}
	if got := c.want(400, "PUT", "DataEntry/jeControl/je-1", `{"EndDate":""}`).message(t); got != "Please provide a File End Date for table jeControl" {
		t.Errorf("clearing a required column: %q", got)
	}
	c.want(200, "DELETE", "DataEntry/jeControl/je-1", "")
	c.want(404, "GET", "DataEntry/jeControl/je-1", "")
	c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "10", "10"))
}

func TestReferencesMayRepeatOverBatches(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("a", "1", "5", "5"))
	c.want(201, "POST", "DataEntry/jeControl", journal("b", "1", "5", "5"))
}

func TestUnknownFieldsAreDroppedWithoutAWord(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	row := c.want(201, "POST", "DataEntry/jeControl", journal("a", "1", "5", "5", `"Recurring"`, `"Nonsense": 1, "Recurring"`)).rows(t)[0]
	if _, kept := row["Nonsense"]; kept {
		t.Error("an unknown field is kept")
	}
}

func TestTenantsWithoutDelete(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoDelete: true}})
	c.want(201, "POST", "DataEntry/jeControl", journal("a", "1", "5", "5"))
	c.want(405, "DELETE", "DataEntry/jeControl/a", "")
	c.want(200, "GET", "DataEntry/jeControl/a", "")
}

func TestALineWithoutProjectInTheTenantsForm(t *testing.T) {
	for form, want := range map[vantagepointtest.BlankForm][2]int{
		vantagepointtest.BlankEither: {201, 201}, vantagepointtest.BlankSpace: {500, 201}, vantagepointtest.BlankEmpty: {201, 400},
	} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{BlankProject: form}})
		c.want(want[0], "POST", "DataEntry/jeControl", journal("empty", "1", "5", "5"))
		c.want(want[1], "POST", "DataEntry/jeControl", journal("space", "1", "5", "5", `"WBS1": ""`, `"WBS1": " "`))
	}
}

func TestOfManyCallersWithOneBatchExactlyOneGetsIt(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{Dir: t.TempDir()})
	base, stop, err := tenant.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	c.base, c.http = base, &http.Client{Transport: &http.Transport{}}
	status := make(chan int, 80)
	var group sync.WaitGroup
	for caller := range 8 {
		group.Go(func() {
			for n := range 10 {
				r, err := c.try("POST", "DataEntry/jeControl", journal(fmt.Sprintf("je-%d", n), strconv.Itoa(caller), "5", "5"))
				if err != nil {
					t.Error(err)
				}
				status <- r.Status
				tenant.TrialBalance()
			}
		})
	}
	group.Wait()
	close(status)
	count := map[int]int{}
	for s := range status {
		count[s]++
	}
	if diff := cmp.Diff(map[int]int{201: 10, 400: 70}, count); diff != "" {
		t.Error(diff)
	}
	if n := len(tenant.Batches()); n != 10 {
		t.Errorf("%d batches are stored", n)
	}
}
