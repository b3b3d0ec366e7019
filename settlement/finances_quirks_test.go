package settlement_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// reconciled compares a report of one order's lines with transactions of that
// order. Its total is confirmed apart.
func reconciled(t *testing.T, total string, rows [][2]string, transactions ...settlement.TransactionFact) settlement.Reconciliation {
	t.Helper()
	report := v2Header + v2Summary("100", "INR", total)
	for _, row := range rows {
		report += strings.Replace(v2Row("100", "407-1", row[1]), "ItemPrice\tPrincipal", row[0], 1)
	}
	r := settlement.NewReader(strings.NewReader(report), settlement.Options{})
	sums, err := settlement.OrderSumsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Statement()
	if err != nil {
		t.Fatal(err)
	}
	return settlement.Reconcile(s, sums, settlement.SecondSource{
		Summaries: []settlement.SummaryFact{{SettlementID: "100", NetProceeds: s.Total}}, Transactions: transactions, Complete: true,
	})
}

func transaction(t *testing.T, total string, leaves ...[2]string) settlement.TransactionFact {
	f := settlement.TransactionFact{Status: "RELEASED", OrderID: "407-1", Total: money(t, total, "INR")}
	for _, leaf := range leaves {
		f.Breakdowns = append(f.Breakdowns, settlement.BreakdownFact{Type: leaf[0], Amount: money(t, leaf[1], "INR")})
	}
	return f
}

// Quirk 33: amounts of zero are listed, and one type twice in one item. All
// count, none twice.
func TestQuirk33_ZerosAndTypesThatComeTwiceAllCount(t *testing.T) {
	got := reconciled(t, "-3.00", [][2]string{{"ItemFees\tCommission", "-1.00"}, {"ItemFees\tCommission", "-2.00"}},
		transaction(t, "-3.00", [2]string{"Commission", "-1.00"}, [2]string{"Commission", "0.00"}, [2]string{"Commission", "-2.00"}, [2]string{"Tax", "0.00"}, [2]string{"Tax", "0.00"}))
	if got.Verdict != settlement.Agreed {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]settlement.BreakdownFact{{Type: "Tax", Amount: money(t, "0.00", "INR")}}, got.Uncategorised); diff != "" {
		t.Error(diff)
	}
}

// Quirk 34: the refund of an order can be posted before its shipment.
func TestQuirk34_ARefundBeforeItsShipmentIsNoDifference(t *testing.T) {
	facts := []settlement.TransactionFact{transaction(t, "-396.00"), transaction(t, "396.00")}
	for range 2 {
		got := reconciled(t, "0.00", [][2]string{{"ItemPrice\tPrincipal", "396.00"}, {"ItemPrice\tPrincipal", "-396.00"}}, facts...)
		if got.Verdict != settlement.Agreed {
			t.Errorf("%+v", got)
		}
		slices.Reverse(facts)
	}
}

// Quirk 35: a charge for cash on delivery and the fee that cancels it have names
// that no report has. They are shown, and are no difference.
func TestQuirk35_ChargesThatCancelOutAreShownAndNoDifference(t *testing.T) {
	got := reconciled(t, "10.00", [][2]string{{"ItemPrice\tPrincipal", "10.00"}},
		transaction(t, "10.00", [2]string{"Principal", "10.00"}, [2]string{"PaymentMethodFee", "5.00"}, [2]string{"CODChargeback", "-5.00"}))
	var names []string
	for _, u := range got.Uncategorised {
		names = append(names, u.Type)
	}
	if got.Verdict != settlement.Agreed || !slices.Equal(names, []string{"CODChargeback", "PaymentMethodFee", "Principal"}) {
		t.Errorf("%+v", got)
	}
}

// Quirk 36: amounts come as JSON numbers such as 396.0.
func TestQuirk36_JSONNumbersAreReadExactly(t *testing.T) {
	for text, want := range map[string]string{"396.0": "396.00", "-0.5": "-0.50", "0": "0.00", "90071992547409.93": "90071992547409.93"} {
		if got := money(t, text, "INR"); got.String() != want {
			t.Errorf("%s is %s", text, got)
		}
	}
}

// Quirk 37: a balance that is not paid stands in every group until it is, with
// the same total and a status that says nothing: the period tells which it is.
func TestQuirk37_GroupsOfOneTotalAreToldApartByTheirPeriod(t *testing.T) {
	_, s, err := read(v2("USD", "-29.99", "-29.99"), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	group := func(id string, fortnight int) settlement.GroupFact {
		return settlement.GroupFact{
			ID: id, Closed: true, FundTransferStatus: "Unknown", OriginalTotal: s.Total,
			Start: s.Start.AddDate(0, 0, 14*fortnight), End: s.End.AddDate(0, 0, 14*fortnight),
		}
	}
	got := settlement.Reconcile(s, settlement.OrderSums{}, settlement.SecondSource{Groups: []settlement.GroupFact{group("a", -1), group("b", 0), group("c", 1)}})
	if got.Verdict != settlement.Agreed || got.By != "group" || got.PayoutStatus != "Unknown" {
		t.Errorf("%+v", got)
	}
}

func TestTransactionsOfAnotherCurrencyAreADifference(t *testing.T) {
	other := transaction(t, "1.00")
	other.Total = money(t, "1.00", "USD")
	got := reconciled(t, "2.00", [][2]string{{"ItemPrice\tPrincipal", "2.00"}}, transaction(t, "1.00"), other)
	if got.Verdict != settlement.Differs || got.Differences[0].What != "currency" || !got.TotalDiffers() {
		t.Errorf("%+v", got)
	}
}

func TestRowsOfNoOrderAreNeitherLateNorCompared(t *testing.T) {
	report := v2Header + v2Summary("100", "USD", "-5.00") + v2Row("100", "", "-5.00")
	r := settlement.NewReader(strings.NewReader(report), settlement.Options{})
	sums, err := settlement.OrderSumsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Statement()
	if err != nil {
		t.Fatal(err)
	}
	second := settlement.SecondSource{Complete: true, Summaries: []settlement.SummaryFact{{SettlementID: "100", NetProceeds: s.Total}}}
	if got := settlement.Reconcile(s, sums, second); got.Verdict != settlement.Agreed || len(got.Late) > 0 {
		t.Errorf("%+v", got)
	}
}
