package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/workbook"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func money(t *testing.T, code string, minor int64) settlement.Money {
	t.Helper()
	c, err := settlement.ParseCurrency(code)
	if err != nil {
		t.Fatal(err)
	}
	return settlement.MoneyOf(minor, c)
}

func rowsOf(rows ...workbook.Row) iter.Seq2[workbook.Row, error] {
	return func(yield func(workbook.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func write(t *testing.T, p page.Payout, rows iter.Seq2[workbook.Row, error]) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := workbook.Payout(&out, p, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// sheetXML is the XML of the n-th sheet, from 1.
func sheetXML(t *testing.T, data []byte, n int) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", n))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAPayoutsWorkbookHasItsSummaryDocumentsLinesAndRows(t *testing.T) {
	usd := func(minor int64) settlement.Money { return money(t, "USD", minor) }
	f := open(t, write(t, page.Payout{
		Seller: "acme-us", Settlement: "00123456789", Total: usd(8500), Rows: 2, Steps: []page.Step{{Label: "Sales", Amount: usd(10000)}},
		Documents: []page.Document{{
			Kind: "journal", Ref: "00123456789A", Debit: usd(10000), Credit: usd(10000), Period: 202602,
			Lines: []page.Line{{Account: "0401.00", Description: "=HYPERLINK(\"http://x\")", Credit: usd(10000), Rows: 1}},
		}},
	}, rowsOf(workbook.Row{
		Number: 3, Posted: time.Date(2026, 2, 1, 7, 8, 9, 0, time.UTC), TransactionType: "Order", OrderID: "111-0000000-0000001", SKU: "0012", Amount: usd(-150), Document: "00123456789A", Line: 1,
	}, workbook.Row{Number: 4, Amount: usd(150)})))
	if diff := cmp.Diff([]string{"Summary", "Documents", "Lines", "Rows"}, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	for _, c := range []struct{ sheet, cell, want string }{
		{"Summary", "A1", "Settlement 00123456789"},
		{"Summary", "B2", "acme-us"},
		{"Documents", "B2", "00123456789A"},
		{"Documents", "I2", "100.00"},
		{"Documents", "F2", "202602"},
		{"Lines", "C2", "0401.00"},
		{"Lines", "F2", "=HYPERLINK(\"http://x\")"},
		{"Lines", "H2", ""},
		{"Lines", "I2", "100.00"},
		{"Rows", "A2", "3"},
		{"Rows", "B2", "2026-02-01 07:08:09"},
		{"Rows", "H2", "111-0000000-0000001"},
		{"Rows", "I2", "0012"},
		{"Rows", "J2", "-1.50"},
		{"Rows", "K2", "00123456789A"},
		{"Rows", "L3", ""},
	} {
		got, err := f.GetCellValue(c.sheet, c.cell)
		if err != nil || got != c.want {
			t.Errorf("%s!%s is %q, want %q (%v)", c.sheet, c.cell, got, c.want, err)
		}
	}
	if formula, err := f.GetCellFormula("Lines", "F2"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
	for cell, want := range map[string]excelize.CellType{"C2": excelize.CellTypeInlineString, "I2": excelize.CellTypeUnset} {
		if got, err := f.GetCellType("Lines", cell); err != nil || got != want {
			t.Errorf("cell %s is of type %d, want %d (%v)", cell, got, want, err)
		}
	}
}

func TestTheDigitsInTheFileAreTheAmountsOwn(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, code := range []string{"USD", "JPY", "KWD"} {
		var rows []workbook.Row
		for _, minor := range []int64{0, 1, -1, 10, 999, 1005, -120, 99_999_999_999_999, 999_999_999_999_999, -999_999_999_999_999, 1_000_000_000_000_000, 9_007_199_254_740_993} {
			rows = append(rows, workbook.Row{Amount: money(t, code, minor)})
		}
		for range 2000 {
			rows = append(rows, workbook.Row{Amount: money(t, code, dice.Int64N(1_000_000_000_000_000)>>dice.IntN(40))})
		}
		cells := strings.Split(sheetXML(t, write(t, page.Payout{}, rowsOf(rows...)), 4), `<c r="J`)[2:] // after the heading
		for n, r := range rows {
			cell, _, ok := strings.Cut(cells[n], "</c>")
			want := r.Amount.String()
			if r.Amount.Abs().Minor() >= 1_000_000_000_000_000 {
				if !ok || !strings.Contains(cell, "<t>"+want+"<") {
					t.Fatalf("%s: cell %q, want it as text", want, cell)
				}
				continue
			}
			if strings.Contains(want, ".") { // a number's last zeros are the format's to show
				want = strings.TrimSuffix(strings.TrimRight(want, "0"), ".")
			}
			if !ok || !strings.HasSuffix(cell, "<v>"+want+"</v>") {
				t.Fatalf("%s %s: cell %q, want %s", r.Amount, code, cell, want)
			}
		}
	}
}

func TestAReportThatCannotBeReadToItsEndHasNoWorkbook(t *testing.T) {
	torn := errors.New("torn")
	var out bytes.Buffer
	err := workbook.Payout(&out, page.Payout{Settlement: "1"}, func(yield func(workbook.Row, error) bool) { yield(workbook.Row{}, torn) })
	if !errors.Is(err, torn) || out.Len() > 0 {
		t.Errorf("error %v, %d bytes", err, out.Len())
	}
}

func TestAMonthsWorkbookHasASheetForEachPart(t *testing.T) {
	usd := func(minor int64) settlement.Money { return money(t, "USD", minor) }
	roll := page.Roll{Account: "115.00", Rows: []page.RollRow{{Settlement: "1", Opening: usd(1), In: usd(2), Out: usd(-3), Closing: usd(0)}}, Total: page.RollRow{Closing: usd(0)}}
	var out bytes.Buffer
	if err := workbook.Month(&out, page.Month{Period: 202602, Books: []page.Book{{
		Seller: "acme-us", Currency: usd(0).Currency(), Clearing: roll, Reserve: roll, Deferred: []page.DeferredRow{{Marketplace: "Amazon.com", Closing: usd(5)}},
		Payouts: []page.MonthPayout{{Settlement: "0001", Total: usd(12345)}}, Open: []page.OpenItem{{Settlement: "0001", What: "refused"}},
	}}}); err != nil {
		t.Fatal(err)
	}
	f := open(t, out.Bytes())
	for _, c := range []struct{ sheet, cell, want string }{
		{"Payouts", "C2", "0001"}, {"Payouts", "J2", "123.45"}, {"Clearing", "G2", "-0.03"}, {"Clearing", "D3", "Total"}, {"Reserve", "E2", "0.01"}, {"Deferred", "G2", "0.05"}, {"Open items", "D2", "refused"},
	} {
		if got, err := f.GetCellValue(c.sheet, c.cell); err != nil || got != c.want {
			t.Errorf("%s!%s is %q, want %q (%v)", c.sheet, c.cell, got, c.want, err)
		}
	}
}
