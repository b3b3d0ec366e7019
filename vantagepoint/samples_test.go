package vantagepoint_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// sends creates a document and compares what is sent with the documented sample.
func sends[C, M, D any](t *testing.T, prefix string, s func(*vantagepoint.Client) *vantagepoint.Transactions[C, M, D], doc vantagepoint.Document[C, M, D]) {
	t.Helper()
	tn := newTenant(t)
	tn.ready()
	tn.reply("GET", "metadata/"+strings.ToUpper(prefix)+"Entry", 404, notFound)
	tn.reply("POST", "DataEntry/"+prefix+"Control", 201, `[]`)
	if _, err := s(tn.client()).Create(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, fixture(t, prefix+"_create.json")), decode(t, tn.requests("POST", "DataEntry")[0].body)); diff != "" {
		t.Errorf("%s: body (-want +got):\n%s", prefix, diff)
	}
}

func TestDocumentsAreSentAsInTheSamples(t *testing.T) {
	day := func(n int) vantagepoint.Date { return vantagepoint.NewDate(2024, time.January, n) }
	sends(t, "in", func(c *vantagepoint.Client) *vantagepoint.Transactions[vantagepoint.InvoiceControl, vantagepoint.InvoiceMaster, vantagepoint.InvoiceDetail] {
		return c.Invoices
	}, vantagepoint.Invoice{
		Control: vantagepoint.InvoiceControl{Batch: "in-51c0", Description: "Invoices 2024-01", EndDate: day(31), Creator: "APIUSER", Period: 202401},
		Masters: []vantagepoint.InvoiceMaster{{Invoice: "00000000333", WBS1: "00000100.00", TransDate: day(16), TransComment: "Invoice"}},
		Details: []vantagepoint.InvoiceDetail{{PKey: "51c00001", InvoiceSection: "C", Account: "422.00", Amount: amount("120"), RetAmount: amount("20")}},
	})
	sends(t, "cr", func(c *vantagepoint.Client) *vantagepoint.Transactions[vantagepoint.ReceiptControl, vantagepoint.ReceiptMaster, vantagepoint.ReceiptDetail] {
		return c.Receipts
	}, vantagepoint.Receipt{
		Control: vantagepoint.ReceiptControl{Batch: "cr-9e01", Description: "Deposit 2024-01-23", EndDate: day(31), Creator: "APIUSER", Period: 202401},
		Masters: []vantagepoint.ReceiptMaster{{RefNo: "00000001111", TransDate: day(23), TransComment: "Deposit", BankCode: "OPER", CurrencyCode: "USD"}},
		Details: []vantagepoint.ReceiptDetail{{PKey: "9e010001", Description: "Payout", WBS1: "00000100.00", WBS2: "01", Account: "115.00", Amount: amount("120")}},
	})
	sends(t, "cd", func(c *vantagepoint.Client) *vantagepoint.Transactions[vantagepoint.DisbursementControl, vantagepoint.DisbursementMaster, vantagepoint.DisbursementDetail] {
		return c.Disbursements
	}, vantagepoint.Disbursement{
		Control: vantagepoint.DisbursementControl{Batch: "cd-77a2", Description: "Charges 2024-01", EndDate: day(31), Creator: "APIUSER", Period: 202401, DefaultBank: "OPER"},
		Masters: []vantagepoint.DisbursementMaster{{CheckNo: "9988", TransDate: day(23), Payee: "Amazon", CurrencyCode: "USD"}},
		Details: []vantagepoint.DisbursementDetail{{PKey: "77a20001", Description: "Charge", Account: "115.00", NetAmount: amount("100"), Amount: amount("130")}},
		Tables: vantagepoint.Extra{"cdDetailTax": []map[string]any{{
			"Batch": "cd-77a2", "CheckNo": "9988", "PKey": "77a20001", "TaxCode": "NY_TAX", "Seq": 1, "TaxAmount": 30, "CompoundOnTaxCode": "",
		}}},
	})
	sends(t, "ap", func(c *vantagepoint.Client) *vantagepoint.Transactions[vantagepoint.VoucherControl, vantagepoint.VoucherMaster, vantagepoint.VoucherDetail] {
		return c.Vouchers
	}, vantagepoint.Voucher{
		Control: vantagepoint.VoucherControl{Batch: "ap-2b41", Description: "Bills 2024-01", EndDate: day(31), Creator: "APIUSER", Period: 202401},
		Masters: []vantagepoint.VoucherMaster{{
			MasterPKey: "2b41aa", Vendor: "AMAZON", InvoiceDate: day(20), Invoice: "B13334", TransDate: day(22), LiabCode: "AP", BankCode: "OPER", PayTerms: "Next",
			Voucher: "V2", CurrencyCode: "USD", PaymentCurrencyCode: "USD",
		}},
		Details: []vantagepoint.VoucherDetail{{
			PKey: "2b410001", Description: "Ads", WBS1: "00000100.00", WBS2: "B000", Account: "711.00", Amount: amount("1275"), NetAmount: amount("1200"),
		}},
		Tables: vantagepoint.Extra{"apControlDefaultTaxCodes": []any{}},
	})
}

func TestInvoiceControlSample(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "DataEntry/inControl/in-51c0", 200, fixture(t, "in_control.json"))
	c, err := tn.client().Invoices.Control(t.Context(), "in-51c0")
	if err != nil || !c.SumTotal.Equal(amount("120")) || !c.RetTotal.Equal(amount("20")) || !c.DiffTotal.IsZero() || c.Extra["DefaultTaxCode"] != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestLandingSample(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "DataEntry/jeLanding?page=1&pageSize=500", 200, fixture(t, "landing.json"))
	rows := all(t, tn.client().Journals.Landing(t.Context(), vantagepoint.Query{}))
	if len(rows) != 2 || rows[0].RawPeriod != 202401 || rows[0].Extra["Period"] != "01/2024" || rows[1].Recurring != "Y" || rows[1].RawPeriod != 0 {
		t.Errorf("%+v", rows)
	}
}

func TestLedgerSample(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "PSALedger/JE?filterHash[0][name]=Period&filterHash[0][value]=202401&filterHash[0][type]=int&filterHash[0][seq]=1&q.maxrows=1000", 200, fixture(t, "ledger_je.json"))
	rows := all(t, tn.client().Ledger.Rows(t.Context(), "JE", vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: "202401", Type: "int"}}}))
	if len(rows) != 2 || !rows[0].Amount.Add(rows[1].Amount).IsZero() || rows[0].WBS2 != "" || rows[1].PostSeq != 195 ||
		!vantagepoint.MatchKey(rows[0].RefNo, "00000002589") || rows[0].Desc2 != "Salaries" || rows[0].TransactionCurrencyCode != "" {
		t.Errorf("%+v", rows)
	}
}

func TestPeriodSample(t *testing.T) {
	const calendar = `[{"Period":200712,"FmtPeriod":"12/2007","AccountPdStart":"2007-12-01T00:00:00.000","AccountPdEnd":"2007-12-31T00:00:00.000",
"FYStart":"2007-01-01T00:00:00.000","FYEnd":"2007-12-31T00:00:00.000","ActiveCompanyClosed":"N","AllCompaniesClosed":"N","ApplytoAllCompanies":""},
{"Period":"200713","AccountPdStart":"2007-12-31T00:00:00.000","AccountPdEnd":"2007-12-31T00:00:00.000","ActiveCompanyClosed":"Y"}]`
	tn := newTenant(t)
	tn.reply("GET", "Settings/Period", 200, calendar)
	settings := tn.client().Settings
	p, err := settings.PeriodOf(t.Context(), vantagepoint.NewDate(2007, time.December, 1))
	if err != nil || p.Period != 200712 || p.Period.Year() != 2007 || p.Period.Number() != 12 || p.ActiveCompanyClosed {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := settings.PeriodOf(t.Context(), vantagepoint.NewDate(2008, time.January, 1)); !errors.Is(err, vantagepoint.ErrNotFound) {
		t.Errorf("a day outside the calendar: %v", err)
	}
	if _, err := settings.PeriodOf(t.Context(), vantagepoint.NewDate(2007, time.December, 31)); !errors.Is(err, vantagepoint.ErrConflict) {
		t.Errorf("a day in two periods: %v", err)
	}
}
