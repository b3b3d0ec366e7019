package ledgermap_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Sums that no amount can hold are refused wherever they arise, and never wrap around. Each settlement's rows cancel out
// as they come, so that the report itself ties.
func TestR12_1_SumsBeyondAnyAmountAreRefusedWhereverTheyArise(t *testing.T) {
	const most = "92233720368547758.07" // cents of an int64
	july, late := noon("2025-07-30"), noon("2025-08-02")
	in := func(kind, amount, posted string) row { return row{kind: kind, amount: amount, posted: posted} }
	for name, rows := range map[string][]row{
		"one cell":            {in(sold, most, july), in(fee, "-"+most, july), in(sold, most, july), in(fee, "-"+most, july)},
		"one part":            {in(sold, most, july), in(fee, "-"+most, late), in("Order/ItemPrice/Shipping", most, july), in("Order/ItemFees/FBAPerUnitFulfillmentFee", "-"+most, late)},
		"zero rows and kinds": {in("a/b/c", most, july), in(fee, "-"+most, july), in("a/b/c", most, july), in(fee, "-"+most, july)},
		"days of no period":   {in(sold, most, noon("2031-07-30")), in(fee, "-"+most, july), in(sold, most, noon("2031-07-30")), in(fee, "-"+most, late)},
		"one document":        {in(sold, most, july), in(fee, "-"+most, july), in("Order/ItemPrice/Shipping", "0.01", july)},
	} {
		for _, mode := range []*ledgermap.Rules{rules(t), invoiceMode(t)} {
			if code := refusal(t, mode, august(rows...).source(t), ledgermap.Input{}).Code; code != ledgermap.RefusedAmount {
				t.Errorf("%s: refused as %s", name, code)
			}
		}
	}
	cell := august(in(sold, most, july), in(fee, "-"+most, july), in(sold, most, july), in(fee, "-"+most, july))
	if text := refusal(t, rules(t), cell.source(t), ledgermap.Input{}).Error(); !strings.HasPrefix(text, "ledgermap: the settlement is refused (amount_too_large): line ") {
		t.Errorf("before the settlement's id is known: %s", text)
	}
	big := func(amount string) settlement.Money {
		m, err := settlement.ParseMoney(amount, currency(t, "USD"))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	_, err := ledgermap.NewDocument(ledgermap.DocumentSpec{
		SettlementID: "1", Ordinal: 1, Part: "A", Kind: ledgermap.Journal, Period: 202507, Date: date(t, "2025-07-30"), Currency: currency(t, "USD"),
		Lines: []ledgermap.Line{{Account: "1", Debit: big(most)}, {Account: "2", Debit: big(most)}, {Account: "3", Credit: big(most)}},
	})
	if !errors.Is(err, settlement.ErrOverflow) {
		t.Errorf("a document of twice the largest amount: %v", err)
	}
}

// Documents are numbered, and the numbers of parts end where those of others begin.
func TestR6_3_MoreFiscalPeriodsThanCanBeNumberedAreRefusedWithTheirNumber(t *testing.T) {
	var rows []row
	for i := range 110 {
		rows = append(rows, row{kind: sold, amount: "1.00", posted: noon(fmt.Sprintf("%d-%02d-15", 2016+i/12, 1+i%12))})
	}
	if refused := refusal(t, rules(t), august(rows...).source(t), ledgermap.Input{}); refused.Code != ledgermap.RefusedParts || !strings.Contains(refused.Message, "of 110 fiscal periods, and at most 100") {
		t.Error(refused)
	}
}

func TestR12_1_AnAccrualBeyondAnyAmountIsRefused(t *testing.T) {
	most := money(t, "92233720368547758.07", "USD")
	of := func(id string, in, out settlement.Category) ledgermap.Deferred {
		return ledgermap.Deferred{ID: id, Marketplace: "Amazon.com", Amounts: []ledgermap.DeferredAmount{{Category: in, Amount: most}, {Category: out, Amount: most.Neg()}}}
	}
	sale, more := of("a", settlement.CategoryPrincipal, settlement.CategoryReferralFee), of("b", settlement.CategoryReimbursement, settlement.CategoryStorage)
	again := of("b", settlement.CategoryPrincipal, settlement.CategoryReferralFee)
	for name, list := range map[string][]ledgermap.Deferred{
		"one account":      {sale, again},
		"one document":     {sale, more},
		"one transaction":  {{ID: "a", Marketplace: "Amazon.com", Amounts: append(sale.Amounts[:1:1], sale.Amounts[0])}},
		"one roll forward": {{ID: "a", Amounts: sale.Amounts[:1]}, {ID: "b", Amounts: sale.Amounts[:1]}},
	} {
		now := ledgermap.Snapshot{Period: 202507, Complete: true, Opening: true, Transactions: list}
		if a, err := accruing(t).Accrue(ledgermap.Snapshot{}, now, months(t)); !strings.Contains(fmt.Sprint(err), "too large") {
			t.Errorf("%s: %v, planned\n%s", name, err, shape(cmp.Or(a.Plan, &ledgermap.Plan{})))
		}
	}
}

func TestR12_4_AConvertedAmountThatNoMoneyHoldsIsRefused(t *testing.T) {
	s := august(row{kind: sold, amount: "92233720368547758.07", posted: noon("2025-08-02")})
	s.currency = "CAD"
	if p, err := converting(t, "1.5000").Plan(s.source(t), ledgermap.Input{Calendar: months(t)}); err == nil {
		t.Errorf("planned\n%s", shape(p))
	}
}

// Rows that cancel each other have nothing to convert.
func TestR12_APartWhoseRowsAddUpToNothingNeedsNoRate(t *testing.T) {
	s := august(
		row{kind: sold, amount: "7.00", posted: noon("2025-09-02")}, row{kind: sold, amount: "-7.00", posted: noon("2025-09-02")},
		row{kind: sold, amount: "5.00", posted: noon("2025-08-02")},
	)
	s.currency = "CAD"
	p := plan(t, converting(t, "0.1000"), s.source(t), ledgermap.Input{})
	if len(journals(p)) != 1 || len(p.Memos) != 1 || p.Memos[0].Rows != 2 {
		t.Errorf("planned\n%s and memos %+v", shape(p), p.Memos)
	}
	bijection(t, p, s.source(t))
}

// What the conversion rounds to nothing is a memo, and a part of which nothing is left is no document.
func TestR12_4_APartThatIsRoundedToNothingIsNoDocument(t *testing.T) {
	s := august(
		row{kind: sold, amount: "0.01", posted: noon("2025-08-02")}, row{kind: sold, amount: "100.00", posted: noon("2025-07-30")},
		row{kind: fee, amount: "-100.01", posted: noon("2025-07-30")},
	)
	s.currency = "CAD"
	p := plan(t, converting(t, "0.1000"), s.source(t), ledgermap.Input{})
	if _, ok := p.Document(ledgermap.FirstPart + 1); ok || len(p.Memos) != 1 || p.Memos[0].Rows != 1 {
		t.Errorf("planned\n%s and memos %+v", shape(p), p.Memos)
	}
	bijection(t, p, s.source(t))
}
