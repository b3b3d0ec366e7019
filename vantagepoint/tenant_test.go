package vantagepoint_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// fake starts a tenant in memory and a client of it.
func fake(t *testing.T, options vantagepointtest.Options, change ...func(*vantagepoint.Config)) (*vantagepointtest.Tenant, *vantagepoint.Client) {
	t.Helper()
	tenant, err := vantagepointtest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	return tenant, clientOf(t, tenant, change...)
}

func clientOf(t *testing.T, tenant *vantagepointtest.Tenant, change ...func(*vantagepoint.Config)) *vantagepoint.Client {
	t.Helper()
	config := vantagepoint.Config{
		BaseURL: tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret), Transport: tenant.Transport(),
	}
	for _, f := range change {
		f(&config)
	}
	client, err := vantagepoint.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var january = vantagepoint.NewDate(2024, time.January, 16)

// sale is a journal that the demo chart of the fake tenant takes.
func sale(batch string) vantagepoint.Journal {
	return vantagepoint.Journal{
		Control: vantagepoint.JournalControl{Batch: batch, Description: "Settlement 1", Period: 202401},
		Masters: []vantagepoint.JournalMaster{{RefNo: "4711", TransDate: january, Description: "Amazon"}},
		Details: []vantagepoint.JournalDetail{
			{Account: "115.00", Description: "Clearing", DebitAmount: amount("83.17")},
			{Account: "611.00", WBS1: "00000100.00", Description: "Referral fees", DebitAmount: amount("16.83")},
			{Account: "401.00", WBS1: "00000100.00", Description: "Sales", CreditAmount: amount("100.00")},
		},
	}
}

func invoice(batch string) vantagepoint.Invoice {
	return vantagepoint.Invoice{
		Control: vantagepoint.InvoiceControl{Batch: batch, Description: "Settlement 1", Period: 202401},
		Masters: []vantagepoint.InvoiceMaster{{Invoice: "333", WBS1: "00000100.00", TransDate: january, TransComment: "Amazon"}},
		Details: []vantagepoint.InvoiceDetail{{Account: "401.00", InvoiceSection: "E", Amount: amount("120.00")}},
	}
}

func receipt(batch string) vantagepoint.Receipt {
	return vantagepoint.Receipt{
		Control: vantagepoint.ReceiptControl{Batch: batch, Description: "Payout 1", Period: 202401, DefaultBank: "OPER"},
		Masters: []vantagepoint.ReceiptMaster{{RefNo: "240116A", TransDate: january, TransComment: "Amazon payout"}},
		Details: []vantagepoint.ReceiptDetail{{Account: "115.00", Description: "Payout", Amount: amount("83.17")}},
	}
}

func disbursement(batch string) vantagepoint.Disbursement {
	return vantagepoint.Disbursement{
		Control: vantagepoint.DisbursementControl{Batch: batch, Description: "Charge 1", Period: 202401},
		Masters: []vantagepoint.DisbursementMaster{{CheckNo: "9988", BankCode: "OPER", TransDate: january, Payee: "Amazon"}},
		Details: []vantagepoint.DisbursementDetail{{Account: "115.00", Description: "Charge", Amount: amount("39.99")}},
	}
}

func voucher(batch string) vantagepoint.Voucher {
	return vantagepoint.Voucher{
		Control: vantagepoint.VoucherControl{Batch: batch, Description: "Bill 1", Period: 202401},
		Masters: []vantagepoint.VoucherMaster{{Vendor: "V1", Invoice: "B1", Voucher: "1", TransDate: january}},
		Details: []vantagepoint.VoucherDetail{{Account: "711.00", WBS1: "00000000.00", Description: "Ads", Amount: amount("25.00")}},
	}
}

// book runs find-or-create, twice, and posts.
func book[C, M, D any](t *testing.T, s *vantagepoint.Transactions[C, M, D], doc vantagepoint.Document[C, M, D], batch string) {
	t.Helper()
	if _, outcome, err := s.FindOrCreate(t.Context(), doc); err != nil || outcome != vantagepoint.Created {
		t.Fatalf("first: %s, %v", outcome, err)
	}
	if _, outcome, err := s.FindOrCreate(t.Context(), doc); err != nil || outcome != vantagepoint.Found {
		t.Fatalf("second: %s, %v", outcome, err)
	}
	result, err := s.Post(t.Context(), batch)
	if err != nil || result.State != vantagepoint.Posted || !result.Verified || result.PostSeq == 0 {
		t.Fatalf("posted: %+v, %v", result, err)
	}
	doc2, outcome, err := s.FindOrCreate(t.Context(), doc)
	if err != nil || outcome != vantagepoint.Found {
		t.Fatalf("after posting: %s, %v, %+v", outcome, err, doc2)
	}
}

func TestEveryKindOfDocumentIsBookedOnceAndPosted(t *testing.T) {
	for name, options := range map[string]vantagepointtest.Options{
		"files": {}, "without files": {NoFiles: true}, "posted batches vanish": {Quirks: vantagepointtest.Quirks{PurgePosted: true}},
		"strict columns": {Quirks: vantagepointtest.Quirks{RequirePKey: true, RequireHeader: true, UpperBatch: true, Numbers: vantagepointtest.NumbersText}},
	} {
		t.Run(name, func(t *testing.T) {
			options.Company, options.Firms = "A0", []vantagepointtest.Firm{{ClientID: "F1", Name: "Vendor", Vendor: "V1"}}
			tenant, client := fake(t, options, func(c *vantagepoint.Config) {
				if options.NoFiles {
					c.Style = vantagepoint.NoFiles
				}
			})
			t.Run("journal", func(t *testing.T) { book(t, client.Journals, sale("JE-a1"), "JE-a1") })
			t.Run("invoice", func(t *testing.T) { book(t, client.Invoices, invoice("IN-a1"), "IN-a1") })
			t.Run("receipt", func(t *testing.T) { book(t, client.Receipts, receipt("CR-a1"), "CR-a1") })
			t.Run("disbursement", func(t *testing.T) { book(t, client.Disbursements, disbursement("CD-a1"), "CD-a1") })
			t.Run("voucher", func(t *testing.T) { book(t, client.Vouchers, voucher("AP-a1"), "AP-a1") })
			if got := len(tenant.Batches()); got != 5 {
				t.Errorf("%d batches, want 5", got)
			}
			for _, b := range tenant.Batches() {
				if !b.Posted || !b.Balanced || b.Period != 202401 {
					t.Errorf("batch %+v", b)
				}
			}
		})
	}
}

func TestUnknownAccountIsRefusedByTheTenant(t *testing.T) {
	tenant, client := fake(t, vantagepointtest.Options{})
	doc := sale("JE-a2")
	doc.Details[0].Account = "999.99"
	if _, _, err := client.Journals.FindOrCreate(t.Context(), doc); !errors.Is(err, vantagepoint.ErrInvalidInput) {
		t.Errorf("got %v", err)
	}
	if n := len(tenant.Batches()); n != 0 {
		t.Errorf("%d batches", n)
	}
}

func TestTheWrongFileModeIsExplained(t *testing.T) {
	for _, noFiles := range []bool{true, false} {
		tenant, client := fake(t, vantagepointtest.Options{NoFiles: noFiles}, func(c *vantagepoint.Config) {
			if !noFiles {
				c.Style = vantagepoint.NoFiles
			}
		})
		_, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a"))
		if err == nil || !strings.Contains(err.Error(), "Use Files to Group Transactions") || len(tenant.Batches()) != 0 {
			t.Errorf("tenant without files %t: %v, %d batches", noFiles, err, len(tenant.Batches()))
		}
	}
}

func TestABankMayNumberByItself(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("GET", "metadata/CREntry", 404, notFound)
	tn.reply("GET", "PSALedger/CR", 200, `[{"TransDate":"2024-01-16T00:00:00.000","Account":"115.00","Amount":-83.17,"RefNo":""}]`)
	tn.reply("GET", "DataEntry/crControl/CR-a", 200, `[]`)
	tn.on("POST", "DataEntry/crControl", func(r *http.Request) (*http.Response, error) {
		tn.reply("GET", "DataEntry/crControl/CR-a", 200, `[{"Batch":"CR-a","Period":202401,"Total":83.17,"SumTotal":83.17,"DiffTotal":0}]`)
		tn.reply("GET", "DataEntry/crMaster/CR-a", 200, `[{"Batch":"CR-a","RefNo":"000000000777","TransDate":"2024-01-16T00:00:00.000","BankCode":"OPER","CurrencyCode":"CAD","Seq":1}]`)
		tn.reply("GET", "DataEntry/crDetail/CR-a", 200, `[{"Batch":"CR-a","RefNo":"000000000777","PKey":"other","Seq":1,"Account":"115.00","Amount":83.17}]`)
		return answer(201, `[]`)(r)
	})
	for _, ref := range []string{"", "[AUTONUMBER]"} {
		doc := receipt("CR-a")
		doc.Masters[0].RefNo = ref
		stored, _, err := tn.client().Receipts.FindOrCreate(t.Context(), doc)
		if err != nil || stored.Masters[0].RefNo != "000000000777" {
			t.Errorf("reference %q: %v, stored %+v", ref, err, stored.Masters)
		}
	}
	if n := tn.count("POST", "DataEntry"); n != 1 {
		t.Errorf("written %d times", n)
	}
}

func TestAnotherCurrencyIsFoundInThePostedLedger(t *testing.T) {
	row := func(account, functional, entered string) string {
		return `{"Batch":"JE-cad","Period":202401,"Account":"` + account + `","WBS1":" ","Amount":` + functional + `,"TransactionAmount":` + entered + `,"TransactionCurrencyCode":"CAD"}`
	}
	tn := newTenant(t)
	tn.ready()
	tn.reply("GET", "DataEntry/jeControl/JE-cad", 404, notFound)
	tn.reply("GET", "PSALedger/JE", 200, `[`+row("115.00", "75.00", "100.00")+`,`+row("401.00", "-75.00", "-100.00")+`,
		{"Batch":"JE-cad","Period":202401,"SubType":"T","Account":"221.00","Amount":7}]`)
	doc := sale("JE-cad")
	doc.Control.DefaultCurrencyCode = "CAD"
	doc.Details = []vantagepoint.JournalDetail{{Account: "115.00", DebitAmount: amount("100")}, {Account: "401.00", CreditAmount: amount("100")}}
	if stored, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), doc); err != nil || outcome != vantagepoint.Found || !stored.Posted {
		t.Errorf("%s, %v", outcome, err)
	}
}
