package ledgermap_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// A loss is negative; what waits or is not booked is told with its amount.
func TestWhatStopsNothingIsFoundWithItsAmount(t *testing.T) {
	received := func(amount, currency string) ledgermap.Payout {
		p := paid(t, "2025-08-11 10:00:00")
		p.Received = money(t, amount, currency)
		return p
	}
	sale := row{kind: sold, amount: "100.00", posted: noon("2025-08-02")}
	for name, c := range map[string]struct {
		rules    *ledgermap.Rules
		currency string
		rows     []row
		in       ledgermap.Input
		want     []string
	}{
		"nothing":             {rules(t), "USD", []row{sale}, ledgermap.Input{Payout: paid(t, "2025-08-11 10:00:00")}, nil},
		"a loss":              {converting(t, "0.7000"), "CAD", []row{sale}, ledgermap.Input{Payout: received("69.00", "USD")}, []string{"exchange 0 -1.00 0"}},
		"a gain":              {converting(t, "0.7000"), "CAD", []row{sale}, ledgermap.Input{Payout: received("71.50", "USD")}, []string{"exchange 0 1.50 0"}},
		"neither":             {converting(t, "0.7000"), "CAD", []row{sale}, ledgermap.Input{Payout: received("70.00", "USD")}, nil},
		"in its own currency": {converting(t, "0.7000"), "CAD", []row{sale}, ledgermap.Input{Payout: received("100.00", "CAD")}, nil},
		"it came back":        {rules(t), "USD", []row{sale}, ledgermap.Input{Payout: ledgermap.Payout{Status: ledgermap.PayoutFailed}}, []string{"payout_failed 0 100.00 0"}},
		"tax is left":         {rules(t), "USD", []row{sale, {kind: "Order/ItemPrice/Tax", amount: "8.00", posted: noon("2025-08-02")}}, ledgermap.Input{}, []string{"tax_remainder 1 8.00 0"}},
		"a row of nothing":    {rules(t), "USD", []row{sale, {kind: sold, amount: "0.00", posted: noon("2025-08-02")}}, ledgermap.Input{}, []string{"zero_rows 1  4"}},
		"no bank, a payout and a charge": {
			rules(t), "USD",
			[]row{sale, {kind: charged, amount: "7.00", posted: noon("2025-08-02")}},
			ledgermap.Input{NoBank: true},
			[]string{"no_bank 0 107.00 0", "no_bank 0 7.00 0"},
		},
	} {
		s := august(c.rows...)
		s.currency = c.currency
		var got []string
		for _, f := range plan(t, c.rules, s.source(t), c.in).Findings {
			amount := ""
			if !f.Amount.Currency().IsZero() {
				amount = f.Amount.String()
			}
			got = append(got, fmt.Sprintf("%s %d %s %d", f.Code, f.Rows, amount, f.Example))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
