package logtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

const (
	seller   = "A1B2C3D4E5"
	clearing = "1190"
)

// Plan returns a small plan of one settlement whose documents are of the kind
// in question: two journals; an invoice and its companion journal; a journal
// and the receipt of its payout.
func Plan(settlementID string, kind ledgermap.Kind) (*ledgermap.Plan, error) {
	usd, err := settlement.ParseCurrency("USD")
	if err != nil {
		return nil, err
	}
	money := func(cents int64) settlement.Money { return settlement.MoneyOf(cents, usd) }
	plan := &ledgermap.Plan{Statement: settlement.Statement{ID: settlementID, Currency: usd, Total: money(8500)}}
	add := func(ordinal int, part string, kind ledgermap.Kind, lines ...ledgermap.Line) {
		if err != nil {
			return
		}
		var d ledgermap.Document
		d, err = ledgermap.NewDocument(ledgermap.DocumentSpec{
			SettlementID: settlementID, Ordinal: ordinal, Part: part, Kind: kind, Period: 202602,
			Date: ledgermap.Date{Year: 2026, Month: time.February, Day: 7}, Currency: usd, Description: "Amazon " + settlementID, Lines: lines,
		})
		plan.Documents = append(plan.Documents, d)
	}
	debit := func(account string, cents int64) ledgermap.Line {
		return ledgermap.Line{Account: account, Debit: money(cents)}
	}
	credit := func(account string, cents int64) ledgermap.Line {
		return ledgermap.Line{Account: account, Credit: money(cents)}
	}
	made := func(l ledgermap.Line) ledgermap.Line {
		l.Auto = true
		return l
	}
	switch kind {
	case ledgermap.Journal:
		add(1, "A", kind, debit(clearing, 5100), debit("6100", 900), credit("4000", 6000))
		add(2, "B", kind, debit(clearing, 3400), debit("6100", 600), credit("4000", 4000))
	case ledgermap.Invoice:
		add(1, "A", kind, made(debit("1200", 9000)), credit("4000", 10000), debit("6100", 1000))
		add(ledgermap.FirstCompanion, "A", ledgermap.Journal, credit(clearing, 500), debit("1195", 500))
	case ledgermap.Receipt:
		add(1, "A", ledgermap.Journal, debit(clearing, 8500), debit("6100", 1500), credit("4000", 10000))
		add(ledgermap.TransferLeg, "Z", kind, made(debit("1010", 8500)), credit(clearing, 8500))
	default:
		err = fmt.Errorf("logtest: no plan for %s", kind)
	}
	return plan, err
}

// rename returns the plan with other descriptions of its documents.
func rename(plan *ledgermap.Plan) (*ledgermap.Plan, error) {
	renamed := *plan
	renamed.Documents = slices.Clone(plan.Documents)
	for i, d := range renamed.Documents {
		spec := d.Spec()
		spec.Description = "renamed"
		var err error
		if renamed.Documents[i], err = ledgermap.NewDocument(spec); err != nil {
			return nil, err
		}
	}
	return &renamed, nil
}

// config is that of every engine of the suite.
func config(log booking.Log, ledger booking.Ledger, actor string) booking.Config {
	return booking.Config{
		Ledger: ledger, Log: log, Tenant: booking.Tenant{Database: "ACME"}, Seller: seller,
		Actor: booking.Actor{Name: actor, Service: true}, ClearingAccount: clearing,
	}
}

// lostAndDoubled counts what of the plan the books do not hold, and what they
// hold more than once.
func lostAndDoubled(plan *ledgermap.Plan, batches map[string]int) (lost, doubled int) {
	for _, d := range plan.Documents {
		k := booking.Key{
			Tenant: booking.Tenant{Database: "ACME"}, Seller: seller,
			Settlement: d.SettlementID(), Ordinal: d.Ordinal(), Revision: 1,
		}
		switch n := batches[k.Batch(d.Kind())]; {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	return lost, doubled
}
