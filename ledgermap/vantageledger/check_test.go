package vantageledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

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
	for deny, next := range map[string]string{
		"POST DataEntry/jeControl": "give the user's role the right to enter this transaction type in this company",
		"GET Settings/Period":      "the user's role may not read the fiscal periods: give it that right",
	} {
		w := newWorld(t, vantagepointtest.Options{
			Users: []vantagepointtest.User{{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Deny: []string{deny}}},
		})
		_, err := w.run(journals(t)...)
		if refused, ok := errors.AsType[*booking.RefusedError](err); !ok || refused.Code != booking.CodeRights {
			t.Errorf("without %s: %v, want %s", deny, err, booking.CodeRights)
		}
		if says := err.Error(); strings.Count(says, "booking:") != 1 || !strings.HasSuffix(says, next) || strings.Contains(says, "settlement  ") {
			t.Errorf("it does not say once what happened, and last what to do: %s", says)
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Errorf("%d batches were booked", n)
		}
	}
}
