package vantageledger_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestJournalsReceiptsAndDisbursementsAreBookedWithAndWithoutFiles(t *testing.T) {
	for name, o := range map[string]vantagepointtest.Options{
		"files":           {},
		"no files":        {NoFiles: true},
		"numbers as text": {Quirks: vantagepointtest.Quirks{Numbers: vantagepointtest.NumbersText, NotFound: vantagepointtest.NotFound400, UpperBatch: true}},
		"empty answers":   {Company: "A0", Quirks: vantagepointtest.Quirks{Envelope: "rows", NotFound: vantagepointtest.NotFoundEmpty, StrictEntry: true, RequireHeader: true, RequirePKey: true, RefuseUnknownFields: true}},
		"long references": {RefnoLength: 20},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, o)
			res := w.mustRun(journals(t)...)
			if res.State != booking.StateBooked || res.Sent != 4 || !res.Settled || res.ClearingOpen() {
				t.Errorf("first run: %+v", res)
			}
			again := w.mustRun(journals(t)...)
			if again.Sent != 0 || again.State != booking.StateBooked {
				t.Errorf("second run: %+v", again)
			}
			if diff := cmp.Diff(wantJournals, w.book()); diff != "" {
				t.Errorf("books (-want +got):\n%s", diff)
			}
			for _, b := range w.tenant.Batches() {
				if !b.Balanced || b.Posted {
					t.Errorf("batch %+v", b)
				}
			}
		})
	}
}

func TestInvoicesAreBookedAndPaidOncePosted(t *testing.T) {
	for name, o := range map[string]vantagepointtest.Options{"files": {}, "no files": {NoFiles: true}, "purged": {Quirks: vantagepointtest.Quirks{PurgePosted: true}}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, o)
			res := w.mustRun(invoices(t)...)
			if res.Sent != 2 || res.Waiting != 1 {
				t.Errorf("before posting: %+v", res)
			}
			w.post = true
			res = w.mustRun(invoices(t)...)
			if res.State != booking.StatePosted || res.Waiting != 0 || !res.Settled || res.ClearingOpen() {
				t.Errorf("after posting: %+v", res)
			}
			if diff := cmp.Diff(wantInvoices, w.book()); diff != "" {
				t.Errorf("books (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPostedBatchesAreFoundAlsoWhereTheTenantDropsThem(t *testing.T) {
	for _, purge := range []bool{false, true} {
		w := newWorld(t, vantagepointtest.Options{
			OverheadProject: "00000000.00", Quirks: vantagepointtest.Quirks{PurgePosted: purge, Numbers: vantagepointtest.NumbersPoint},
		})
		w.post = true
		if res := w.mustRun(journals(t)...); res.State != booking.StatePosted {
			t.Errorf("purge %v: %+v", purge, res)
		}
		calls := w.tenant.Calls()["PUT DataEntry/PostTransFile"]
		if res := w.mustRun(journals(t)...); res.State != booking.StatePosted || res.Sent != 0 || w.tenant.Calls()["PUT DataEntry/PostTransFile"] != calls {
			t.Errorf("purge %v, again: %+v", purge, res)
		}
	}
}

func TestR7_3_AClosedPeriodIsRefusedAlsoForAUserWhoMayPostIntoIt(t *testing.T) {
	periods := vantagepointtest.Months(2025, 2027)
	for i := range periods {
		periods[i].Closed = periods[i].Number == 202601
	}
	w := newWorld(t, vantagepointtest.Options{
		Periods: periods,
		Users:   []vantagepointtest.User{{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, ClosedPeriods: true}},
	})
	_, err := w.run(journals(t)...)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodePeriod || !strings.Contains(refused.Message, "202601") {
		t.Errorf("error %v, want %s naming 202601", err, booking.CodePeriod)
	}
	if n := len(w.tenant.Batches()); n != 0 {
		t.Errorf("%d batches were booked", n)
	}
}

// The receipt's period is looked at when its money has moved, and not before.
func TestR7_1_AReceiptThatWaitsIsHeldToItsPeriodWhenItIsSent(t *testing.T) {
	periods := vantagepointtest.Months(2025, 2027)
	for i := range periods {
		periods[i].Closed = periods[i].Number == 202602
	}
	w := newWorld(t, vantagepointtest.Options{Periods: periods})
	january := journals(t)[0]
	leg := func(period int, waits ledgermap.Wait) ledgermap.Document {
		spec := document(t, ledgermap.TransferLeg, "Z", ledgermap.Receipt, "2026-02-09", waits, auto(debit(t, "101.00", "", 5100)), credit(t, "115.00", "", 5100)).Spec()
		spec.Period = period
		d, err := ledgermap.NewDocument(spec)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, period := range []int{0, 202602} { // before and after somebody made the period
		if res := w.mustRun(january, leg(period, ledgermap.WaitPayout)); res.State != booking.StateBooked || res.Waiting != 1 {
			t.Errorf("while it waits: %+v", res)
		}
	}
	res, err := w.run(january, leg(202602, ""))
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodePeriod || !strings.Contains(refused.Message, "202602") {
		t.Errorf("paid, period closed: %+v, %v", res, err)
	}
	if n := len(w.tenant.Batches()); n != 1 {
		t.Errorf("%d batches were booked", n)
	}
	if res := w.mustRun(january, leg(202602, ledgermap.WaitPayout)); res.Waiting != 1 {
		t.Errorf("it goes on waiting: %+v", res)
	}
}

// What waits for its invoices is checked when they are posted, in the same run.
func TestWhatWaitedForItsInvoicesIsCheckedBeforeItIsSent(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	w.post = true
	var err error
	if w.ledger, err = vantageledger.New(vantageledger.Config{Client: w.client}); err != nil { // no bank is named
		t.Fatal(err)
	}
	res, err := w.run(invoices(t)...)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeBank || res.Sent != 2 || res.State != booking.StateBooking {
		t.Errorf("%+v, %v", res, err)
	}
	if n := len(w.tenant.Batches()); n != 2 {
		t.Errorf("%d batches were booked", n)
	}
}

func TestR7_4_APeriodThatMovedMakesThePlanStale(t *testing.T) {
	periods := vantagepointtest.Months(2025, 2027)
	for i, p := range periods {
		if p.Number == 202601 {
			periods[i].End, periods[i+1].Start = "2026-01-24", "2026-01-25"
		}
	}
	w := newWorld(t, vantagepointtest.Options{Periods: periods})
	_, err := w.run(journals(t)...)
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodeStale {
		t.Errorf("error %v, want %s", err, booking.CodeStale)
	}
}

func TestEverythingThatIsMissingIsNamedAtOnce(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{RefnoLength: 11})
	var err error
	if w.ledger, err = vantageledger.New(vantageledger.Config{Client: w.client}); err != nil {
		t.Fatal(err)
	}
	_, err = w.run(journals(t)...)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeReference || !strings.Contains(refused.Message, "17461234567A has 12 characters") {
		t.Errorf("error %v, want %s", err, booking.CodeReference)
	}
	// Asked without the engine, the ledger names everything.
	plan := planOf(t, journals(t)...)
	var entries []booking.Entry
	for _, d := range plan.Documents {
		k := booking.Key{Tenant: booking.Tenant{Database: "DEMO"}, Seller: seller, Settlement: sid, Ordinal: d.Ordinal(), Revision: 1}
		entries = append(entries, booking.Entry{Key: k, Kind: d.Kind(), Batch: k.Batch(d.Kind()), Ref: sid + d.Part(), Currency: d.Currency(), Document: d})
	}
	err = w.ledger.Check(t.Context(), entries)
	for _, want := range []string{"17461234567A has 12 characters", "no bank code is configured for USD"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if n := len(w.tenant.Batches()); n != 0 {
		t.Errorf("%d batches were booked", n)
	}
}

func TestTheCompanySwitchedUnderUsIsSwitchedBackBeforeAnythingIsBelieved(t *testing.T) {
	w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
	w.mustRun(journals(t)[:2]...)
	w.switchCompany("B0")
	if res := w.mustRun(journals(t)...); res.Sent != 2 {
		t.Errorf("%+v", res)
	}
	for _, b := range w.tenant.Batches() {
		if b.Company != "A0" {
			t.Errorf("batch %s was booked in company %s", b.Batch, b.Company)
		}
	}
}

func twoCompanies(o vantagepointtest.Options) vantagepointtest.Options {
	o.Company, o.Companies = "A0", []vantagepointtest.Company{{Code: "B0", Name: "Other", Currency: "USD"}}
	return o
}

// switchCompany does what another program of the same user may do at any time.
func (w *world) switchCompany(company string) {
	w.t.Helper()
	other, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: w.tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret), Transport: w.tenant.Transport(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := other.Settings.SetActiveCompany(w.t.Context(), company); err != nil {
		w.t.Fatal(err)
	}
}

// isPost reports whether the request books a document.
func isPost(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "DataEntry/")
}

func TestACompanySwitchedJustBeforeTheRequestIsRefusedOrNamed(t *testing.T) {
	t.Run("files", func(t *testing.T) { // the batch names its company, and the tenant refuses it
		w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
		w.before = func(r *http.Request) {
			if isPost(r) {
				w.switchCompany("B0")
			}
		}
		_, err := w.run(journals(t)...)
		if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || !strings.Contains(refused.Error(), "A0 is not the active company") {
			t.Errorf("error %v", err)
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Errorf("%d batches were booked", n)
		}
	})
	t.Run("no files", func(t *testing.T) { // nothing in the request names the company: what is read back does
		w := newWorld(t, twoCompanies(vantagepointtest.Options{NoFiles: true}))
		w.before = func(r *http.Request) {
			if isPost(r) {
				w.switchCompany("B0")
			}
		}
		_, err := w.run(journals(t)...)
		if conflict, ok := errors.AsType[*booking.ConflictError](err); !ok || !strings.Contains(conflict.Error(), "company B0") {
			t.Errorf("error %v", err)
		}
		if n := len(w.tenant.Batches()); n != 1 {
			t.Errorf("%d batches were booked, want the one that stopped the settlement", n)
		}
	})
}

func TestAnUnansweredRequestIsLookedForInTheRightCompany(t *testing.T) {
	for _, noFiles := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twoCompanies(vantagepointtest.Options{
				NoFiles: noFiles, Quirks: vantagepointtest.Quirks{AcceptDuplicates: true},
				Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
					if c.Method == http.MethodPost && c.Nth == 1 && strings.Contains(c.Operation, "je") {
						return vantagepointtest.FaultLostAnswer
					}
					return vantagepointtest.FaultNone
				}},
			}))
			sent := false
			w.before = func(r *http.Request) {
				if sent && r.Method == http.MethodGet {
					sent = false
					w.switchCompany("B0") // right after the answer was lost
				}
				sent = sent || isPost(r)
			}
			w.mustRun(journals(t)[0])
			if n := len(w.tenant.Batches()); n != 1 {
				t.Errorf("no files %v: %d batches were booked", noFiles, n)
			}
		})
	}
}

func TestACompanyThatIsSwitchedAgainAndAgainIsRefused(t *testing.T) {
	w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
	w.before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "Settings/ActiveCompany") {
			w.switchCompany("B0")
		}
	}
	_, err := w.run(journals(t)...)
	if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodeCompany {
		t.Errorf("error %v, want %s", err, booking.CodeCompany)
	}
}

// A log that is lost with everything posted and gone from the files: the posted
// ledger still says what is booked, whatever became of the rules.
func TestALostLogBooksNothingTwiceWhereTheTenantDropsPostedFiles(t *testing.T) {
	for name, again := range map[string][]ledgermap.Document{
		"the same plan": journals(t), "as invoices": invoices(t),
		"another first period": journals(t)[1:],
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{PurgePosted: true}})
			w.post = true
			w.mustRun(journals(t)...)
			before := w.book()
			var err error
			if w.log, err = booking.OpenFileLog(t.TempDir(), []byte("0123456789abcdef")); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = w.log.Close() })
			res, err := w.run(again...)
			if name == "the same plan" && (err != nil || res.Sent != 0) {
				t.Errorf("%+v, %v", res, err)
			}
			if name == "as invoices" && err == nil {
				t.Errorf("%+v was not refused", res)
			}
			if diff := cmp.Diff(before, w.book()); diff != "" {
				t.Errorf("new in the books:\n%s", diff)
			}
		})
	}
}

func TestACurrencyThatTheTenantWroteOverIsAConflict(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{Currency: "CAD"})
	_, err := w.run(journals(t)[0])
	conflict, ok := errors.AsType[*booking.ConflictError](err)
	if !ok || len(conflict.Diff) == 0 || conflict.Diff[0].Text != "currency CAD" {
		t.Errorf("error %v", err)
	}
}

// What the tenant's user changed in a draft is not what was planned.
func TestADraftThatSomebodyEditedIsAConflict(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	res := w.mustRun(journals(t)[0])
	body := map[string]any{"Batch": res.Documents[0].Batch, "Total": 61}
	if err := w.client.Do(t.Context(), "PUT", "DataEntry/jeControl/"+res.Documents[0].Batch, nil, body, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.run(journals(t)[0])
	if conflict, ok := errors.AsType[*booking.ConflictError](err); !ok || !strings.Contains(conflict.Error(), "control totals that are off by 1") {
		t.Errorf("error %v", err)
	}
}

func TestFaultsOfTheTenantBookEverythingOnce(t *testing.T) {
	for _, fault := range []vantagepointtest.Fault{
		vantagepointtest.FaultHTML503, vantagepointtest.Fault500, vantagepointtest.FaultTooMany, vantagepointtest.FaultCutBefore,
		vantagepointtest.FaultLostAnswer, vantagepointtest.FaultHalfAnswer, vantagepointtest.FaultLate, vantagepointtest.FaultExpiredToken,
		vantagepointtest.FaultRepeated,
	} {
		for _, noFiles := range []bool{false, true} {
			t.Run(fmt.Sprint(fault, " no files ", noFiles), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vantagepointtest.Options{
						NoFiles: noFiles, LateBy: 3 * time.Minute,
						Faults: vantagepointtest.Faults{Decide: func(c vantagepointtest.Call) vantagepointtest.Fault {
							if c.Method == http.MethodPost && c.Nth == 1 && c.Operation != "POST token" {
								return fault
							}
							return vantagepointtest.FaultNone
						}},
					})
					w.mustRun(journals(t)...)
					if diff := cmp.Diff(wantJournals, w.book()); diff != "" {
						t.Errorf("books (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

func TestCalendarAndReferenceLengthAreTheTenants(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{RefnoLength: 11})
	calendar, err := w.ledger.Calendar(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if p := calendar.Periods(); len(p) != 252 || p[0].Number != 201501 {
		t.Errorf("%d periods", len(p))
	}
	if n, err := w.ledger.RefLength(t.Context()); n != 11 || err != nil {
		t.Errorf("reference length %d, %v", n, err)
	}
	if c, err := w.ledger.Currency(t.Context(), ""); c.String() != "USD" || err != nil {
		t.Errorf("currency %s, %v", c, err)
	}
}

func TestR13_4_AccountsAndProjectsThatTheTenantWouldNotTakeAreNamedBeforeAnythingIsSent(t *testing.T) {
	accounts := vantagepointtest.DemoAccounts()
	accounts = slices.DeleteFunc(accounts, func(a vantagepointtest.Account) bool { return a.Number == "712.00" })
	for i := range accounts {
		accounts[i].Inactive = accounts[i].Number == "401.00"
	}
	projects := vantagepointtest.DemoProjects()
	for i := range projects {
		if projects[i].WBS1 == shop {
			projects[i].Status = "D"
		}
	}
	w := newWorld(t, vantagepointtest.Options{Accounts: accounts, Projects: projects})
	docs := append(journals(t), document(t, 3, "C", ledgermap.Journal, "2026-02-08", "",
		debit(t, "611.00", "00000200.00", 100), credit(t, "611.00", "00000900.00", 100)))
	_, err := w.run(docs...)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeAccount {
		t.Fatalf("error %v, want %s", err, booking.CodeAccount)
	}
	for _, want := range []string{
		"account 712.00 does not exist", "account 401.00 (Product sales) is inactive", "project 00000100.00 (Online shop) is not active",
		"project 00000900.00 does not exist", "project 00000200.00 (Shop relaunch) has levels below it",
	} {
		if !strings.Contains(refused.Message, want) {
			t.Errorf("%q is not in %q", want, refused.Message)
		}
	}
	if n := len(w.tenant.Batches()); n != 0 {
		t.Errorf("%d batches were booked", n)
	}
}

func TestATenantThatShowsNoChartJudgesForItself(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{
		Quirks: vantagepointtest.Quirks{NoAccounts: true},
		Users: []vantagepointtest.User{{
			Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword,
			Deny: []string{"GET project", "GET KeyCvt/CFGFormat", "GET GLSummary", "GET metadata/{Entity}"},
		}},
	})
	w.mustRun(journals(t)...)
	if diff := cmp.Diff(wantJournals, w.book()); diff != "" {
		t.Errorf("books (-want +got):\n%s", diff)
	}
}

func TestARoleWithoutRightsIsToldWhichOne(t *testing.T) {
	for _, deny := range []string{"POST DataEntry/jeControl", "GET Settings/Period"} {
		w := newWorld(t, vantagepointtest.Options{
			Users: []vantagepointtest.User{{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Deny: []string{deny}}},
		})
		_, err := w.run(journals(t)...)
		if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodeRights {
			t.Errorf("without %s: %v, want %s", deny, err, booking.CodeRights)
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Errorf("%d batches were booked", n)
		}
	}
}
