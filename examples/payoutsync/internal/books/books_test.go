package books_test

import (
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func money(t *testing.T, minor int64) settlement.Money {
	t.Helper()
	c, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	return settlement.MoneyOf(minor, c)
}

// receipt is a receipt of 85.00 against clearing 80.00 and another account.
func receipt(t *testing.T) ledgermap.Document {
	t.Helper()
	d, err := ledgermap.NewDocument(ledgermap.DocumentSpec{
		SettlementID: "1", Ordinal: ledgermap.TransferLeg, Part: "Z", Kind: ledgermap.Receipt, Period: 202602, Date: ledgermap.Date{Year: 2026, Month: 2, Day: 9},
		Currency: money(t, 0).Currency(), Description: "receipt", Lines: []ledgermap.Line{
			{Account: "801.00", Debit: money(t, 500)}, {Account: "115.00", Credit: money(t, 9000)}, {Account: "101.00", Debit: money(t, 8500), Auto: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func key(ordinal int) booking.Key {
	return booking.Key{Tenant: booking.Tenant{Database: "DEMO"}, Seller: "A1", Settlement: "1", Ordinal: ordinal, Revision: 1}
}

func record(t *testing.T, k booking.Key, event booking.Event, d ledgermap.Document) booking.Record {
	t.Helper()
	r := booking.Record{Seq: 7, Key: k.String(), Event: event, Batch: "CRX", Ref: "0001Z"}
	if !d.IsZero() {
		var err error
		if r.Document, err = json.Marshal(d); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func records(list ...booking.Record) iter.Seq2[booking.Record, error] {
	return func(yield func(booking.Record, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func read(t *testing.T, list ...booking.Record) []books.Entry {
	t.Helper()
	entries, err := books.Read(records(list...))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestWhatWasSentIsInTheBooksOnceTheLedgerShowedIt(t *testing.T) {
	d, none := receipt(t), ledgermap.Document{}
	k := key(ledgermap.TransferLeg)
	if got := read(t, record(t, k, booking.EventIntent, d), record(t, k, booking.EventRefused, none)); len(got) != 0 {
		t.Errorf("refused: %+v", got)
	}
	got := read(t, record(t, k, booking.EventIntent, d), record(t, k, booking.EventCreated, none), record(t, k, booking.EventPosted, none))
	if len(got) != 1 || !got[0].Posted || got[0].Reversed || got[0].Mirror() || got[0].Ref != "1Z" || !got[0].Document.Equal(d) {
		t.Errorf("created and posted: %+v", got)
	}
	if got := read(t, record(t, k, booking.EventFound, d)); len(got) != 1 || got[0].Posted {
		t.Errorf("found: %+v", got)
	}
}

func TestTheBankMovesByTheLedgersOwnLineAndNotByTheDebitTotal(t *testing.T) {
	got := read(t, record(t, key(ledgermap.TransferLeg), booking.EventFound, receipt(t)))
	if amount, ok := got[0].Bank(); !ok || amount != money(t, 8500) {
		t.Errorf("the bank moves by %s", amount)
	}
}

func TestAReversedDocumentAndItsMirrorAreBothInTheBooks(t *testing.T) {
	d, none := receipt(t), ledgermap.Document{}
	calendar, err := ledgermap.NewCalendar([]ledgermap.Period{{Number: 202602, Start: ledgermap.Date{Year: 2026, Month: 2, Day: 1}, End: ledgermap.Date{Year: 2026, Month: 2, Day: 28}}})
	if err != nil {
		t.Fatal(err)
	}
	mirror, err := ledgermap.Reverse(d, calendar, ledgermap.Date{Year: 2026, Month: 2, Day: 11})
	if err != nil {
		t.Fatal(err)
	}
	k, m := key(d.Ordinal()), key(mirror.Ordinal())
	got := read(t, record(t, k, booking.EventFound, d), record(t, m, booking.EventFound, mirror), record(t, k, booking.EventReversed, none))
	if len(got) != 2 || !got[0].Reversed || got[0].Gone || !got[1].Mirror() {
		t.Errorf("%+v", got)
	}
	if got := read(t, record(t, k, booking.EventFound, d), record(t, k, booking.EventReversed, none)); !got[0].Gone {
		t.Error("a draft that somebody deleted is taken for one with a mirror")
	}
}

func TestABookedDocumentThatTheLogDoesNotHoldIsAnErrorWithItsRecord(t *testing.T) {
	_, err := books.Read(records(record(t, key(1), booking.EventCreated, ledgermap.Document{})))
	if err == nil || !strings.Contains(err.Error(), "record 7") {
		t.Errorf("error %v", err)
	}
}
