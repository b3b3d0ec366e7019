package vantageledger_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestALedgerNeedsAClientAndBanksOfRealCurrencies(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	if _, err := vantageledger.New(vantageledger.Config{}); err == nil {
		t.Error("made without a client")
	}
	if _, err := vantageledger.New(vantageledger.Config{Client: w.client, Banks: map[string]string{"DOLLAR": "OPER"}}); err == nil || !strings.Contains(err.Error(), "DOLLAR") {
		t.Errorf("error %v", err)
	}
	l, err := vantageledger.New(vantageledger.Config{Client: w.client, Banks: map[string]string{"USD": " OPER ", "EUR": " "}})
	if err != nil {
		t.Fatal(err)
	}
	banks := l.Banks()
	if len(banks) != 1 || banks["USD"] != "OPER" {
		t.Errorf("banks %v", banks)
	}
	banks["USD"] = "OTHER"
	if l.Banks()["USD"] != "OPER" {
		t.Error("the banks were changed through the copy")
	}
	if err := l.Check(t.Context(), nil); err != nil {
		t.Errorf("nothing to check: %v", err)
	}
}

func TestAKindThatVantagepointDoesNotHaveIsRefused(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	e := booking.Entry{Kind: "note", Batch: "XX1"}
	if _, err := w.ledger.Find(t.Context(), e); err == nil || errors.Is(err, booking.ErrNotFound) || !strings.Contains(err.Error(), `"note"`) {
		t.Errorf("found: %v", err)
	}
	if _, err := w.ledger.Book(t.Context(), e); !errors.Is(err, booking.ErrRefused) {
		t.Errorf("booked: %v", err)
	}
}

func TestADocumentThatIsThrottledForGoodWasNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vantagepointtest.Options{Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{
			{Operation: "POST DataEntry/jeControl", Fault: vantagepointtest.FaultTooMany, Times: -1},
		}}})
		if _, err := w.run(journals(t)...); !errors.Is(err, booking.ErrNotSent) || errors.Is(err, booking.ErrUnanswered) {
			t.Errorf("error %v, want %v", err, booking.ErrNotSent)
		}
	})
}

func TestACompanyThatTheUserMayNotEnterIsNamed(t *testing.T) {
	w := newWorld(t, twoCompanies(vantagepointtest.Options{}))
	w.company = "C0"
	w.connect()
	_, err := w.run(journals(t)...)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeCompany || !strings.Contains(refused.Message, "company A0 is active, and C0 cannot be made active") {
		t.Errorf("error %v, want %s", err, booking.CodeCompany)
	}
	if _, err := w.ledger.Calendar(t.Context(), "C0"); err == nil {
		t.Error("there is a calendar of a company that cannot be entered")
	}
	if _, err := w.ledger.Currency(t.Context(), "C0"); err == nil {
		t.Error("there is a currency of a company that cannot be entered")
	}
	if _, err := w.ledger.Chart(t.Context(), "C0"); err == nil {
		t.Error("there is a chart of a company that cannot be entered")
	}
}

// A role that may not look at settings works all the same where there is one company.
func TestARoleThatMayNotSeeTheActiveCompanyBooksInTheOnlyOne(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{Users: []vantagepointtest.User{{
		Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Deny: []string{"GET Settings/ActiveCompany"},
	}}})
	if res := w.mustRun(journals(t)...); res.Sent != 4 {
		t.Errorf("%+v", res)
	}
	if c, err := w.ledger.Currency(t.Context(), ""); err != nil || c.String() != "" {
		t.Errorf("currency %q, %v", c, err)
	}
}

// What the tenant shows with fractions of a cent is read by nobody as money.
func TestAnAmountThatIsNoMoneyOfTheCurrencyIsToldAndNotRounded(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	charge := journals(t)[3] // 12.50
	res := w.mustRun(charge)
	e := booking.Entry{Key: res.Documents[0].Key, Kind: charge.Kind(), Batch: res.Documents[0].Batch, Currency: money(t, 0, "JPY").Currency()}
	if b, err := w.ledger.Find(t.Context(), e); err == nil || errors.Is(err, booking.ErrNotFound) || !strings.Contains(err.Error(), res.Documents[0].Batch) {
		t.Errorf("read %+v, %v", b, err)
	}
}

// Amazon pays out in the settlement's own currency, so that currency names the bank, whatever the document was converted to.
func TestAConvertedReceiptGoesToTheBankOfItsOwnCurrency(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	spec := journals(t)[2].Spec()
	spec.Conversion = ledgermap.Conversion{From: money(t, 0, "CAD").Currency(), To: spec.Currency, Rate: "0.7", Date: spec.Date, Source: "test"}
	receipt, err := ledgermap.NewDocument(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, currency := range []string{"USD", "CAD"} {
		ok := currency == "CAD"
		if w.ledger, err = vantageledger.New(vantageledger.Config{Client: w.client, Banks: map[string]string{currency: "OPER"}}); err != nil {
			t.Fatal(err)
		}
		_, err := w.run(receipt)
		if refused, is := errors.AsType[*booking.RefusedError](err); (err == nil) != ok || err != nil && (!is || refused.Code != booking.CodeBank) {
			t.Errorf("with a bank for %s: %v", currency, err)
		}
	}
}
