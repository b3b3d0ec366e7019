package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestASettlementThatIsNotReconciledIsARefusalWithItsCode(t *testing.T) {
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	refused := &round.NotReconciledError{SettlementID: "123", Report: settlement.MoneyOf(3950, usd), Second: settlement.MoneyOf(3951, usd), Reason: "listSummary has other net proceeds"}
	if code := exitCode(fmt.Errorf("seller acme-us: %w", refused)); code != exitRefused {
		t.Errorf("exit code %d, want %d", code, exitRefused)
	}
	object := objectOfPayout(round.Payout{SettlementID: "123", State: booking.StateRefused, Reconciliation: settlement.Differs, Err: refused})
	if object.Error == nil || object.Error.Code != "not_reconciled" || object.Reconciliation != "differs" {
		t.Fatalf("%+v", object)
	}
	for _, figure := range []string{"39.50 USD", "39.51 USD"} {
		if !strings.Contains(object.Error.Message, figure) {
			t.Errorf("%q lacks %s", object.Error.Message, figure)
		}
	}
}
