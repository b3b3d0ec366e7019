package vantagepoint_test

import (
	"errors"
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
		BaseURL: tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword,
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret, Transport: tenant.Transport(),
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
	if _, _, err := client.Journals.FindOrCreate(t.Context(), doc); !errors.Is(err, vantagepoint.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if n := len(tenant.Batches()); n != 0 {
		t.Errorf("%d batches", n)
	}
}
