package round // a rule of its own, which no public door shows step by step

import (
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

func newSeller(t *testing.T) *Seller {
	t.Helper()
	memory, err := store.Open(t.Context(), "sqlite", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	return &Seller{ID: "A1", Store: memory}
}

func TestFactsOfAPayoutStayWhatTheyWere(t *testing.T) {
	seller := newSeller(t)
	at := func(d int) time.Time { return time.Date(2026, 11, d, 12, 0, 0, 0, time.UTC) }
	settle := func(status string, day int) ledgermap.Payout {
		t.Helper()
		p, err := seller.transfer(t.Context(), "123", collect.Transfer{Status: status, Date: at(day), Source: "listPayouts"})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, step := range []struct {
		status string
		day    int
		want   ledgermap.PayoutStatus
		date   time.Time
	}{
		{"", 0, ledgermap.PayoutUnknown, time.Time{}},
		{collect.TransferPending, 3, ledgermap.PayoutPending, at(3)},
		{collect.TransferPaid, 5, ledgermap.PayoutPaid, at(5)},
		{collect.TransferPaid, 6, ledgermap.PayoutPaid, at(5)},     // another date later: what was booked stays
		{"", 0, ledgermap.PayoutPaid, at(5)},                       // Amazon forgets
		{collect.TransferPending, 7, ledgermap.PayoutPaid, at(5)},  // or takes it back without saying failed
		{collect.TransferFailed, 8, ledgermap.PayoutFailed, at(8)}, // a bank that sends it back is new
		{collect.TransferPaid, 9, ledgermap.PayoutFailed, at(8)},   // the money that comes after all is in a later settlement
	} {
		if got := settle(step.status, step.day); got.Status != step.want || !got.Date.Equal(step.date) {
			t.Errorf("after %q on day %d: %s on %s, want %s on %s", step.status, step.day, got.Status, got.Date, step.want, step.date)
		}
	}
}

func TestWhatTheBankReceivedStaysAsItWasWhenThePayoutWasPaid(t *testing.T) {
	seller := newSeller(t)
	for _, amount := range []string{"71.50", "0.00", "72.00"} {
		received, err := settlement.ParseAmount(amount, "USD")
		if err != nil {
			t.Fatal(err)
		}
		p, err := seller.transfer(t.Context(), "123", collect.Transfer{Status: collect.TransferPaid, Received: received})
		if err != nil || p.Received.String() != "71.50" || p.Received.Currency().String() != "USD" {
			t.Errorf("%s %s, %v", p.Received, p.Received.Currency(), err)
		}
	}
}

func TestAnAgreementIsOfOneReportOnly(t *testing.T) {
	seller := newSeller(t)
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	st := settlement.Statement{ID: "123", Currency: usd, Total: settlement.MoneyOf(3950, usd), Digest: "aa"}
	if err := seller.agree(t.Context(), st, "summary"); err != nil {
		t.Fatal(err)
	}
	agreed := func(st settlement.Statement) bool {
		t.Helper()
		yes, err := seller.agreed(t.Context(), st)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	other := st
	other.Digest = "bb"
	unknown := st
	unknown.ID = "124"
	if !agreed(st) || agreed(other) || agreed(unknown) {
		t.Errorf("agreed: the report %v, another report %v, another settlement %v", agreed(st), agreed(other), agreed(unknown))
	}
}
