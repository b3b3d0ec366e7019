package vantageledger_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

const (
	seller = "A1B2C3D4E5"
	sid    = "17461234567"
	shop   = "00000100.00"
)

func money(t testing.TB, minor int64, code string) settlement.Money {
	t.Helper()
	c, err := settlement.ParseCurrency(code)
	if err != nil {
		t.Fatal(err)
	}
	return settlement.MoneyOf(minor, c)
}

func debit(t testing.TB, account, project string, cents int64) ledgermap.Line {
	return ledgermap.Line{Account: account, WBS1: project, Debit: money(t, cents, "USD"), Description: "debit " + account}
}

func credit(t testing.TB, account, project string, cents int64) ledgermap.Line {
	return ledgermap.Line{Account: account, WBS1: project, Credit: money(t, cents, "USD"), Description: "credit " + account}
}

func auto(l ledgermap.Line) ledgermap.Line {
	l.Auto = true
	return l
}

func paying(l ledgermap.Line, part string) ledgermap.Line {
	l.Invoice = part
	return l
}

func document(t testing.TB, ordinal int, part string, kind ledgermap.Kind, date string, waits ledgermap.Wait, lines ...ledgermap.Line) ledgermap.Document {
	t.Helper()
	d, err := ledgermap.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ledgermap.NewDocument(ledgermap.DocumentSpec{
		SettlementID: sid, Ordinal: ordinal, Part: part, Kind: kind, Period: d.Year*100 + int(d.Month), Date: d,
		Currency: money(t, 0, "USD").Currency(), WaitsFor: waits, Description: "Amazon " + sid + " " + part, Lines: lines,
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// journals is the plan of a settlement as journal entries: January, February,
// a charge to the card, and the payout.
func journals(t testing.TB) []ledgermap.Document {
	return []ledgermap.Document{
		document(t, 1, "A", ledgermap.Journal, "2026-01-31", "", debit(t, "115.00", "", 5100), debit(t, "611.00", shop, 900), credit(t, "401.00", shop, 6000)),
		document(t, 2, "B", ledgermap.Journal, "2026-02-07", "", debit(t, "115.00", "", 3400), debit(t, "712.00", "", 600), credit(t, "401.00", shop, 4000)),
		document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, "2026-02-09", "", auto(debit(t, "101.00", "", 8500)), credit(t, "115.00", "", 8500)),
		document(t, ledgermap.FirstCharge, "X", ledgermap.Disbursement, "2026-02-05", "", auto(credit(t, "101.00", "", 1250)), debit(t, "211.00", "", 1250)),
	}
}

// invoices is the plan of a settlement as an AR invoice with its companion
// journal and the receipt that pays it.
func invoices(t testing.TB) []ledgermap.Document {
	return []ledgermap.Document{
		document(t, 1, "A", ledgermap.Invoice, "2026-02-07", "", auto(debit(t, "111.00", shop, 9000)), credit(t, "401.00", shop, 10000), debit(t, "611.00", shop, 1000)),
		document(t, ledgermap.FirstCompanion, "A", ledgermap.Journal, "2026-02-07", "", credit(t, "115.00", "", 500), debit(t, "116.00", "", 500)),
		document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, "2026-02-09", ledgermap.WaitInvoice,
			auto(debit(t, "101.00", "", 8500)), paying(credit(t, "111.00", shop, 9000), "A"), debit(t, "115.00", "", 500)),
	}
}

func planOf(t testing.TB, docs ...ledgermap.Document) *ledgermap.Plan {
	t.Helper()
	total := money(t, 8500, "USD")
	return &ledgermap.Plan{Statement: settlement.Statement{ID: sid, Currency: total.Currency(), Total: total}, Documents: docs}
}

type world struct {
	t       *testing.T
	tenant  *vantagepointtest.Tenant
	client  *vantagepoint.Client
	ledger  *vantageledger.Ledger
	log     *booking.FileLog
	style   vantagepoint.Style
	company string
	keep    bool
	post    bool
	before  func(*http.Request) // is told of each request
}

// told is a transport that tells a test of each request before it goes out.
type told struct {
	http.RoundTripper
	w *world
}

func (t told) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.w.before != nil {
		t.w.before(r)
	}
	return t.RoundTripper.RoundTrip(r)
}

func newWorld(t *testing.T, o vantagepointtest.Options) *world {
	t.Helper()
	w := &world{t: t, style: vantagepoint.Files, company: o.Company}
	if o.NoFiles {
		w.style = vantagepoint.NoFiles
	}
	var err error
	if w.tenant, err = vantagepointtest.New(o); err != nil {
		t.Fatal(err)
	}
	if w.log, err = booking.OpenFileLog(t.TempDir(), []byte("0123456789abcdef")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.log.Close() })
	w.connect()
	return w
}

func (w *world) connect() {
	w.t.Helper()
	var err error
	w.client, err = vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: w.tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
		Style: w.style, Company: w.company, Transport: told{w.tenant.Transport(), w},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ledger, err = vantageledger.New(vantageledger.Config{Client: w.client, Banks: map[string]string{"USD": "OPER"}, PostedBatchesStay: w.keep})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(docs ...ledgermap.Document) (booking.Result, error) {
	w.t.Helper()
	return w.engine().Run(w.t.Context(), planOf(w.t, docs...))
}

func (w *world) engine() *booking.Engine {
	w.t.Helper()
	e, err := booking.New(booking.Config{
		Ledger: w.ledger, Log: w.log, Tenant: booking.Tenant{Database: "DEMO", Company: w.company}, Seller: seller,
		Actor: booking.Actor{Name: "test", Service: true}, ClearingAccount: "115.00", Post: w.post,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) mustRun(docs ...ledgermap.Document) booking.Result {
	w.t.Helper()
	res, err := w.run(docs...)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// book lists the tenant's books as text, one line each, sorted.
func (w *world) book() []string {
	var out []string
	for _, b := range w.tenant.Batches() {
		for _, e := range b.Entries {
			for _, l := range e.Lines {
				out = append(out, strings.Join(strings.Fields(fmt.Sprintln(e.Type, strings.TrimLeft(e.Ref, "0"), e.Date, e.Period, l.Account, l.WBS1, l.Amount)), " "))
			}
		}
	}
	slices.Sort(out)
	return out
}

var wantJournals = []string{
	"CD 17461234567X 2026-02-05 202602 101.00 -12.50", "CD 17461234567X 2026-02-05 202602 211.00 12.50",
	"CR 17461234567Z 2026-02-09 202602 101.00 85.00", "CR 17461234567Z 2026-02-09 202602 115.00 -85.00",
	"JE 17461234567A 2026-01-31 202601 115.00 51.00", "JE 17461234567A 2026-01-31 202601 401.00 00000100.00 -60.00",
	"JE 17461234567A 2026-01-31 202601 611.00 00000100.00 9.00",
	"JE 17461234567B 2026-02-07 202602 115.00 34.00", "JE 17461234567B 2026-02-07 202602 401.00 00000100.00 -40.00",
	"JE 17461234567B 2026-02-07 202602 712.00 6.00",
}

var wantInvoices = []string{
	"CR 17461234567Z 2026-02-09 202602 101.00 85.00", "CR 17461234567Z 2026-02-09 202602 111.00 00000100.00 -90.00",
	"CR 17461234567Z 2026-02-09 202602 115.00 5.00",
	"IN 17461234567A 2026-02-07 202602 111.00 00000100.00 90.00", "IN 17461234567A 2026-02-07 202602 401.00 00000100.00 -100.00",
	"IN 17461234567A 2026-02-07 202602 611.00 00000100.00 10.00",
	"JE 17461234567A 2026-02-07 202602 115.00 -5.00", "JE 17461234567A 2026-02-07 202602 116.00 5.00",
}
