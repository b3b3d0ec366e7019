package settlement_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// strange is a report with columns that nobody knows, two of one name and one
// of none, and with bytes that are no text in any charset.
func strange() string {
	header := strings.TrimSuffix(v2Header, "\n") + "\tnew-column\tagain\tagain\t\n"
	row := func(order, tail string) string {
		return strings.TrimSuffix(v2Row("100", order, "1.00"), "\n") + tail + "\n"
	}
	report := header + v2Summary("100", "USD", "3.00") + row("1", "\tn\xff\x81w\ta1\ta2\tnameless") + row("2", "") + row("3", "\tn")
	return strings.ReplaceAll(report, "SKU-1", "S\x81\xff\"")
}

func TestUnknownColumnsAndBadBytesSurvive(t *testing.T) {
	report := strange()
	lines, s, err := read(report, settlement.Options{})
	if err != nil || len(lines) != 3 || s.Charset != "unknown-8bit" {
		t.Fatalf("%d lines, %s, %v", len(lines), s.Charset, err)
	}
	names := strings.Split(strings.SplitN(report, "\n", 2)[0], "\t")
	for _, l := range lines {
		known := map[string]string{
			"settlement-id": s.ID, "transaction-type": l.Kind.TransactionType, "order-id": l.OrderID, "merchant-order-id": l.MerchantOrderID,
			"adjustment-id": l.AdjustmentID, "shipment-id": l.ShipmentID, "marketplace-name": l.Marketplace, "amount-type": l.Kind.AmountType,
			"amount-description": l.Kind.AmountDescription, "amount": l.Amount.String(), "fulfillment-id": l.FulfillmentID,
			"posted-date": l.Posted.Format("2006-01-02"), "posted-date-time": l.Posted.Format("2006-01-02 15:04:05 UTC"),
			"order-item-code": l.OrderItemCode, "merchant-order-item-id": l.MerchantOrderItemID, "merchant-adjustment-item-id": l.MerchantAdjustmentItemID,
			"sku": l.SKU, "quantity-purchased": l.Quantity, "promotion-id": l.PromotionID,
		}
		var extra []string
		for name, value := range l.Extra.All() {
			extra = append(extra, name+"="+value)
		}
		var cells []string
		for _, name := range names[:24] {
			cells = append(cells, known[name])
		}
		for _, e := range extra {
			_, value, _ := strings.Cut(e, "=")
			cells = append(cells, value)
		}
		row := report[l.Offset : l.Offset+l.Length]
		if again := strings.Join(cells, "\t"); strings.TrimRight(again, "\t") != strings.TrimRight(row, "\t") {
			t.Errorf("line %d: %q came back as %q", l.Row, row, again)
		}
		if len(extra) != 4 || !strings.HasPrefix(extra[0], "new-column=") || !strings.HasPrefix(extra[3], "=") {
			t.Errorf("line %d: %q", l.Row, extra)
		}
	}
	if value, ok := lines[0].Extra.Get("again"); value != "a1" || !ok {
		t.Errorf("the first of two columns: %q %v", value, ok)
	}
	if value, ok := lines[1].Extra.Get("new-column"); value != "" || !ok {
		t.Errorf("a column that a short row lacks: %q %v", value, ok)
	}
	if value, ok := lines[0].Extra.Get("sku"); value != "" || ok {
		t.Errorf("a column that has a field: %q %v", value, ok)
	}
	for name := range lines[0].Extra.All() {
		if name != "new-column" {
			t.Error("a loop over the columns cannot be left")
		}
		break
	}
	if text, err := s.Text(lines[0].SKU); err == nil {
		t.Errorf("bad bytes were read as %q", text)
	}
}

func TestExtrasAreEqualByNameAndValue(t *testing.T) {
	lines, _, err := read(strange(), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := read(strange(), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := read(strings.ReplaceAll(strange(), "new-column", "old-column"), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	none, _, err := read(v2("USD", "1.00", "1.00"), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !lines[0].Extra.Equal(again[0].Extra) {
		t.Error("the same extras differ")
	}
	for what, e := range map[string]settlement.Extra{"other values": lines[2].Extra, "other names": other[0].Extra, "none": none[0].Extra} {
		if lines[0].Extra.Equal(e) {
			t.Errorf("equal to %s", what)
		}
	}
}

// The stages of reading run side by side only where there is more than one
// core. What is read may not depend on that.
func TestOneCoreReadsTheSameAsTwo(t *testing.T) {
	report := strings.Replace(big(20_000), "\t15000\t", "\t15\xe9\t", 1)
	lines, statement, err := read(report, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	alone, same, err := read(report, settlement.Options{})
	if err != nil || !slices.EqualFunc(lines, alone, func(a, b settlement.Line) bool { return cmp.Equal(a, b) }) {
		t.Errorf("the lines differ (%v)", err)
	}
	if diff := cmp.Diff(statement, same); diff != "" || same.Charset != "windows-1252" {
		t.Error(diff)
	}
	n := 0
	for _, err := range settlement.NewReader(strings.NewReader(report), settlement.Options{}).Lines() {
		if n++; err != nil || n == 15_000 {
			break
		}
	}
	if n != 15_000 {
		t.Errorf("left after %d lines", n)
	}
}
