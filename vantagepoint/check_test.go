package vantagepoint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// faultsOf creates the document against a tenant that must not be asked to write, and returns what is wrong with it.
func faultsOf[C, M, D any](t *testing.T, tn *tenant, s *vantagepoint.Transactions[C, M, D], doc vantagepoint.Document[C, M, D]) []string {
	t.Helper()
	_, err := s.Create(t.Context(), doc)
	e, ok := errors.AsType[*vantagepoint.Error](err)
	if !ok || !errors.Is(err, vantagepoint.ErrInvalidInput) {
		t.Errorf("want ErrInvalidInput, got %v", err)
		return nil
	}
	if n := tn.count("POST", "DataEntry"); n != 0 {
		t.Errorf("the document was sent %d times", n)
	}
	var faults []string
	for _, f := range e.Fields {
		faults = append(faults, f.String())
	}
	return faults
}

func TestJournalsAreCheckedBeforeAnyCall(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*vantagepoint.Journal)
		want  []string
	}{
		"one line": {
			func(d *vantagepoint.Journal) { d.Details = d.Details[:1] },
			[]string{"jeMaster row 1: a journal entry has two lines or more, this one 1", "jeMaster row 1: debits of 100.00, credits of 0: off by 100.00"},
		},
		"no line": {
			func(d *vantagepoint.Journal) { d.Details = nil },
			[]string{"jeDetail: there must be a line", "jeMaster row 1: a journal entry has two lines or more, this one 0"},
		},
		"off by a cent": {
			func(d *vantagepoint.Journal) { d.Details[1].CreditAmount = amount("99.99") },
			[]string{"jeMaster row 1: debits of 100.00, credits of 99.99: off by 0.01"},
		},
		"two sides": {
			func(d *vantagepoint.Journal) {
				d.Details[0].CreditAmount = amount("5")
				d.Details[1].DebitAmount = amount("5")
			},
			[]string{
				"jeDetail row 1: DebitAmount: debit 100.00 and credit 5: a line has one side",
				"jeDetail row 2: DebitAmount: debit 5 and credit 100.00: a line has one side",
			},
		},
		"no side": {
			func(d *vantagepoint.Journal) {
				d.Details = append(d.Details, vantagepoint.JournalDetail{Account: "1"})
			},
			[]string{"jeDetail row 3: DebitAmount: neither debit nor credit"},
		},
		"negative": {
			func(d *vantagepoint.Journal) {
				d.Details[0].DebitAmount, d.Details[1].CreditAmount = amount("-1"), amount("-1")
			},
			[]string{
				"jeDetail row 1: DebitAmount: debit -1, credit 0: a negative amount belongs on the other side",
				"jeDetail row 2: DebitAmount: debit 0, credit -1: a negative amount belongs on the other side",
			},
		},
		"too exact": {
			func(d *vantagepoint.Journal) {
				d.Details[0].DebitAmount, d.Details[1].CreditAmount = amount("0.00001"), amount("0.00001")
			},
			[]string{
				"jeDetail row 1: DebitAmount: 0.00001 does not fit decimal(19,4)",
				"jeDetail row 2: CreditAmount: 0.00001 does not fit decimal(19,4)",
			},
		},
		"control total": {
			func(d *vantagepoint.Journal) { d.Control.Total = amount("99") },
			[]string{"jeControl: debits: the control total is 99, the lines sum to 100.00"},
		},
		"no batch, period or date": {
			func(d *vantagepoint.Journal) {
				d.Control.Batch, d.Control.Period, d.Masters[0].TransDate = "", 0, vantagepoint.Date{}
			},
			[]string{
				"jeControl: Batch: is required", "jeControl: Period: 0 is not a fiscal period YYYYPP",
				"jeControl: EndDate: is required, here or as TransDate of an entry", "jeMaster row 1: TransDate: is required",
			},
		},
		"keys that break addresses": {
			func(d *vantagepoint.Journal) { d.Control.Batch, d.Masters[0].RefNo = "a|b", " 1" },
			[]string{
				`jeControl: Batch: "a|b": the characters | / \ have a meaning in addresses`,
				`jeMaster row 1: RefNo: " 1": blanks at the ends are lost when it is stored`,
			},
		},
		"no entry": {
			func(d *vantagepoint.Journal) {
				d.Control.EndDate, d.Masters = january, nil
			},
			[]string{
				"jeMaster: there must be an entry", `jeDetail row 1: RefNo: "" belongs to no entry`, `jeDetail row 2: RefNo: "" belongs to no entry`,
			},
		},
		"lines of another entry, keys twice": {
			func(d *vantagepoint.Journal) {
				d.Masters = append(d.Masters, vantagepoint.JournalMaster{RefNo: "0002589", TransDate: january})
				d.Details[0].RefNo, d.Details[1].RefNo, d.Details[1].PKey = "9", "2589", d.Details[0].PKey
			},
			[]string{
				`jeMaster row 2: RefNo: "0002589" occurs twice`, `jeDetail row 1: RefNo: "9" belongs to no entry`,
				`jeDetail row 2: PKey: "7f3a9c0001" occurs twice`,
				"jeMaster row 1: a journal entry has two lines or more, this one 1", "jeMaster row 1: debits of 0, credits of 100.00: off by -100.00",
				"jeMaster row 2: a journal entry has two lines or more, this one 1", "jeMaster row 2: debits of 0, credits of 100.00: off by -100.00",
			},
		},
		"no account, a task without a phase": {
			func(d *vantagepoint.Journal) {
				d.Details[0].Account, d.Details[0].WBS3 = " ", "T"
			},
			[]string{"jeDetail row 1: Account: is required", "jeDetail row 1: WBS1: a lower project level needs the one above it"},
		},
		"rows of another batch": {
			func(d *vantagepoint.Journal) { d.Masters[0].Batch, d.Details[1].Batch = "x", "y" },
			[]string{
				`jeMaster row 1: Batch: is "x", the control row says "je-7f3a9c"`, `jeDetail row 2: Batch: is "y", the control row says "je-7f3a9c"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTenant(t) // knows nothing but the log-in: any call fails the test
			doc := payroll()
			test.spoil(&doc)
			if diff := cmp.Diff(test.want, faultsOf(t, tn, tn.client().Journals, doc)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTaxesCountInTheBalance(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("POST", "DataEntry/jeControl", 201, fixture(t, "je_control.json"))
	doc := payroll()
	doc.Details[0].DebitAmount = amount("90")
	doc.Taxes = []vantagepoint.JournalTax{{PKey: "7f3a9c0001", TaxCode: "VAT", TaxDebitAmount: amount("10")}}
	if _, err := tn.client().Journals.Create(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	body := tn.requests("POST", "DataEntry")[0].body
	for _, part := range []string{`"Total":100`, `"TaxDebitAmount":10`, `"RefNo":"2589","PKey":"7f3a9c0001","TaxCode":"VAT","Seq":1`} {
		if !strings.Contains(body, part) {
			t.Errorf("the body lacks %s: %s", part, body)
		}
	}
}

func TestOtherDocumentsAreChecked(t *testing.T) {
	tn := newTenant(t)
	client := tn.client()
	r := receipt("CR-1")
	r.Control.DefaultBank, r.Control.Total, r.Taxes = "", amount("1"), []vantagepoint.JournalTax{{}}
	if diff := cmp.Diff([]string{
		"crMaster row 1: BankCode: is required", "crDetailTax: Taxes are for journals: put the rows into Tables",
		"crControl: total: the control total is 1, the lines sum to 83.17",
	}, faultsOf(t, tn, client.Receipts, r)); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	i := invoice("IN-1")
	i.Details = nil
	if diff := cmp.Diff([]string{"inDetail: there must be a line"}, faultsOf(t, tn, client.Invoices, i)); diff != "" {
		t.Errorf("invoice (-want +got):\n%s", diff)
	}
	d := disbursement("CD-1")
	d.Masters = append(d.Masters, d.Masters[0])
	nofiles := tn.client(func(c *vantagepoint.Config) { c.Style = vantagepoint.NoFiles })
	if diff := cmp.Diff([]string{
		"cdMaster: 2 entries: without files a document is one entry", `cdMaster row 2: CheckNo: "9988" occurs twice`, `cdDetail row 1: CheckNo: "" belongs to no entry`,
	}, faultsOf(t, tn, nofiles.Disbursements, d)); diff != "" {
		t.Errorf("disbursement (-want +got):\n%s", diff)
	}
}

const metadata = `[{"jeControl":{"Keys":"Batch","TableName":"jeControl","GridID":null,"Hidden":false,"Updateable":true,
"Fields":[{"FieldName":"Batch","FieldType":"String","Caption":"File Name","DefaultValue":"","Hidden":false,"Required":true,"Updateable":true,
"MaxLength":32,"Decimals":0,"MinValue":"","CodeTable":"","LimitToList":false,"CustomField":false},
{"FieldName":"Description","MaxLength":"12"}]},
"jeDetail":{"Fields":[{"FieldName":"Description","MaxLength":5},{"FieldName":"CustCode","MaxLength":3,"CustomField":true},{"FieldName":"Account","MaxLength":0}]}}]`

func TestTextsMustFitTheTenantsColumns(t *testing.T) {
	doc := payroll()
	doc.Control.Batch = "batch-name-of-exactly-32-letters"
	doc.Details[0].Description = "Säläri😀"
	doc.Details[1].Account = "12345678901234"
	doc.Details[1].Extra = vantagepoint.Extra{"CustCode": "ABCD"}

	tn := newTenant(t)
	tn.ready()
	tn.reply("GET", "metadata/JEEntry", 200, metadata)
	client := tn.client()
	want := []vantagepoint.FieldError{
		{Table: "jeControl", Field: "Description", Length: 15, Limit: 12, Reason: "15 characters, at most 12"},
		{Table: "jeDetail", Row: 1, Field: "Description", Length: 8, Limit: 5, Reason: "8 characters, at most 5"},
		{Table: "jeDetail", Row: 2, Field: "Account", Length: 14, Limit: 13, Reason: "14 characters, at most 13"},
		{Table: "jeDetail", Row: 2, Field: "CustCode", Length: 4, Limit: 3, Reason: "4 characters, at most 3"},
	}
	for range 2 {
		_, err := client.Journals.Create(t.Context(), doc)
		e, ok := errors.AsType[*vantagepoint.Error](err)
		if !ok {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, e.Fields); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
		if !strings.Contains(err.Error(), "jeDetail row 1: Description: 8 characters, at most 5") {
			t.Errorf("the error does not name field, length and limit: %v", err)
		}
	}
	if n := tn.count("GET", "metadata"); n != 1 {
		t.Errorf("the metadata were read %d times", n)
	}

	// A role that may not see them leaves the documented lengths.
	for _, status := range []int{403, 404, 500} {
		tn = newTenant(t)
		tn.ready()
		tn.reply("GET", "metadata/JEEntry", status, ``)
		_, err := tn.client().Journals.Create(t.Context(), doc)
		e, ok := errors.AsType[*vantagepoint.Error](err)
		want := []vantagepoint.FieldError{
			{Table: "jeControl", Field: "Batch", Length: 32, Limit: 30, Reason: "32 characters, at most 30"},
			{Table: "jeDetail", Row: 2, Field: "Account", Length: 14, Limit: 13, Reason: "14 characters, at most 13"},
		}
		if !ok {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, e.Fields); diff != "" {
			t.Errorf("%d: faults (-want +got):\n%s", status, diff)
		}
	}
}

func TestMetadataNameEveryColumn(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "metadata/JEEntry", 200, metadata)
	tables, err := tn.client().Metadata.Tables(t.Context(), "JEEntry")
	if err != nil {
		t.Fatal(err)
	}
	batch := tables["jeControl"].Fields[0]
	if batch.MaxLength != 32 || !batch.Required || batch.Caption != "File Name" || batch.CustomField || !tables["jeDetail"].Fields[1].CustomField {
		t.Errorf("read %+v", tables)
	}
}
