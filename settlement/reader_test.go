package settlement_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

const v2Header = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tamount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tpromotion-id\n"

// v2 makes a report of settlement 100: its summary row, and a row for each
// amount, numbered by order id.
func v2(currency, total string, amounts ...string) string {
	b := v2Header + v2Summary("100", currency, total)
	for i, a := range amounts {
		b += v2Row("100", fmt.Sprint(i+1), a)
	}
	return b
}

func v2Summary(id, currency, total string) string {
	return id + "\t2026-03-13 20:21:38 UTC\t2026-03-27 20:21:38 UTC\t2026-03-29 20:21:38 UTC\t" + total + "\t" + currency + strings.Repeat("\t", 18) + "\n"
}

func v2Row(id, order, amount string) string {
	return id + "\t\t\t\t\t\tOrder\t" + order + "\t\t\t\tAmazon.com\tItemPrice\tPrincipal\t" + amount +
		"\tAFN\t2026-03-14\t2026-03-14 08:49:04 UTC\t0155\t\t\tSKU-1\t1\t\n"
}

// read reads a report to its end.
func read(report string, o settlement.Options) ([]settlement.Line, settlement.Statement, error) {
	r := settlement.NewReader(strings.NewReader(report), o)
	lines, err := collect(r)
	statement, again := r.Statement()
	if (err == nil) != (again == nil) {
		panic("Lines and Statement disagree")
	}
	return lines, statement, err
}

func collect(src settlement.Source) (lines []settlement.Line, err error) {
	for line, err := range src.Lines() {
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func amounts(lines []settlement.Line) (text []string) {
	for _, l := range lines {
		text = append(text, l.Amount.String())
	}
	return text
}

func TestALineHoldsAllThatItsRowSays(t *testing.T) {
	report := v2Header + v2Summary("25889786381", "USD", "-3.22") +
		"25889786381\t\t\t\t\t\tRefund\t111-1\tm-1\ta+/1\ts-1\tAmazon.com\tItemFees\tCommission\t-3.22\tAFN\t2026-03-14\t2026-03-14 08:49:04 UTC\t0155\tmoi\tmai\tFB \"x\"\t2\tp & q\n"
	lines, statement, err := read(report, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	row := strings.LastIndex(report, "25889786381")
	want := []settlement.Line{{
		Row: 3, Offset: int64(row), Length: int64(len(report) - row - 1),
		Kind: settlement.Kind{"Refund", "ItemFees", "Commission"}, Category: settlement.CategoryReferralFee,
		Amount: money(t, "-3.22", "USD"), Posted: utc("2026-03-14T08:49:04Z"),
		OrderID: "111-1", MerchantOrderID: "m-1", AdjustmentID: "a+/1", ShipmentID: "s-1", Marketplace: "Amazon.com",
		FulfillmentID: "AFN", OrderItemCode: "0155", MerchantOrderItemID: "moi", MerchantAdjustmentItemID: "mai",
		SKU: `FB "x"`, Quantity: "2", PromotionID: "p & q",
	}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	wantStatement := settlement.Statement{
		ID: "25889786381", Currency: currency(t, "USD"),
		Start: utc("2026-03-13T20:21:38Z"), End: utc("2026-03-27T20:21:38Z"), Deposit: utc("2026-03-29T20:21:38Z"),
		Total: money(t, "-3.22", "USD"), Sum: money(t, "-3.22", "USD"), Rows: 1, Marketplaces: []string{"Amazon.com"},
		Format: "v2", Charset: "utf-8", DecimalMark: ".", DateLayout: "yyyy-MM-dd", Digest: digest(report),
	}
	if diff := cmp.Diff(wantStatement, statement); diff != "" {
		t.Error(diff)
	}
}

func TestR2_2_TheSummaryRowIsKnownByItsTotalAndNeverByABlankTransactionType(t *testing.T) {
	blank := strings.Replace(v2Row("100", "2", "-1.00"), "\tOrder\t", "\t\t", 1)
	lines, statement, err := read(v2Header+v2Summary("100", "USD", "18.50")+v2Row("100", "1", "19.50")+blank, settlement.Options{})
	if err != nil || len(lines) != 2 || statement.Rows != 2 || statement.Total != money(t, "18.50", "USD") {
		t.Fatalf("%d lines, %+v, %v; want the row without a transaction type as money, and the one with a total as the summary", len(lines), statement, err)
	}
	if lines[1].Kind.TransactionType != "" || lines[1].Amount != money(t, "-1.00", "USD") {
		t.Errorf("the row without a transaction type reads as %+v", lines[1])
	}
	if _, _, err := read(v2Header+v2Row("100", "1", "19.50")+blank, settlement.Options{}); err == nil {
		t.Error("a report without any total was read")
	}
}

func TestR2_1_ASettlementThatDoesNotTieIsRefusedWithBothFigures(t *testing.T) {
	_, _, err := read(v2("USD", "3711.36", "19.50", "-1.00"), settlement.Options{Name: "a.txt"})
	e, ok := errors.AsType[*settlement.SumError](err)
	if !ok {
		t.Fatal(err)
	}
	if e.ID != "100" || e.Total != money(t, "3711.36", "USD") || e.Sum != money(t, "18.50", "USD") || e.Rows != 2 || e.Code() != "sum_mismatch" {
		t.Errorf("%+v", e)
	}
	if d, err := e.Difference(); err != nil || d != money(t, "-3692.86", "USD") {
		t.Errorf("difference %s, %v", d, err)
	}
	for _, part := range []string{"a.txt", "100", "3711.36 USD", "18.50", "-3692.86"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestWhatIsWrongIsSaidWithItsPlace(t *testing.T) {
	withoutAmount := strings.Replace(v2("USD", "1.00", "1.00"), "\tamount\t", "\tamuont\t", 1)
	withoutID := strings.Replace(v2("USD", "1.00", "1.00"), "settlement-id\t", "id\t", 1)
	long := v2("USD", "1.00", "1.00") + "100\t" + strings.Repeat("x", 1<<20) + "\n"
	for _, test := range []struct {
		name, report, code string
		line, column       int
	}{
		{"empty", "", "not_a_settlement", 0, 0},
		{"blank", "\r\n\n  \n", "not_a_settlement", 0, 0},
		{"html", "<!DOCTYPE html><html><body>Access denied</body></html>", "not_a_settlement", 0, 0},
		{"json", `{"errors":[{"code":"QuotaExceeded"}]}`, "not_a_settlement", 0, 0},
		{"zip", "PK\x03\x04\x14\x00", "not_a_settlement", 0, 0},
		{"gzip", "\x1f\x8b\x08\x00", "not_a_settlement", 0, 0},
		{"zeros", strings.Repeat("\x00", 1000), "not_a_settlement", 0, 0},
		{"another report", "order-id\tsku\tprice\n1\t2\t3\n", "not_a_settlement", 1, 0},
		{"one endless row", strings.Repeat("x", 1<<20), "not_a_settlement", 1, 0},
		{"utf-16", "\xff\xfes\x00e\x00", "bad_charset", 0, 0},
		{"no amount column", withoutAmount, "bad_header", 1, 0},
		{"no settlement-id column", withoutID, "bad_header", 1, 0},
		{"header only", v2Header, "bad_header", 0, 0},
		{"no total", v2Header + v2Row("100", "1", "1.00"), "bad_header", 2, 6},
		{"no such currency", v2("XXX", "1.00", "1.00"), "bad_header", 2, 6},
		{"amount in words", v2("USD", "1.00", "one"), "bad_amount", 3, 15},
		{"no amount", v2("USD", "1.00", ""), "bad_amount", 3, 15},
		{"too exact", v2("USD", "1.00", "1.001"), "bad_amount", 3, 15},
		{"exponent", v2("USD", "1.00", "1e2"), "bad_amount", 3, 15},
		{"too large", v2("USD", "1.00", "92233720368547758.08"), "bad_amount", 3, 15},
		{"sum too large", v2("USD", "1.00", "92233720368547758.07", "0.01"), "bad_amount", 4, 15},
		{"no such day", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-14 ", "2026-02-30 "), "bad_date", 3, 18},
		{"64-bit year", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-14 ", "292277026596-12-04 "), "bad_date", 3, 18},
		{"two totals", v2("USD", "1.00", "1.00") + v2Summary("100", "USD", "2.00"), "two_totals", 4, 5},
		{"two settlements", v2("USD", "1.00", "1.00") + v2Summary("101", "USD", "2.00"), "two_totals", 4, 1},
		{"two currencies", v2("USD", "1.00", "1.00") + v2Summary("100", "EUR", "1.00"), "mixed_currency", 4, 6},
		{"a second header", v2("USD", "1.00", "1.00") + "settlement-id\tamount\n", "bad_header", 4, 1},
		{"a second header in another order", v2("USD", "1.00", "1.00") + "SKU\tsettlement-id\n", "bad_header", 4, 1},
		{"ends before it starts", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-13 20:21:38", "2026-04-13 20:21:38"), "bad_date", 2, 3},
		{"ends in a row", strings.TrimSuffix(v2("USD", "1.00", "1.00"), "l\t1.00\tAFN\t2026-03-14\t2026-03-14 08:49:04 UTC\t0155\t\t\tSKU-1\t1\t\n"), "truncated", 3, 15},
		{"a field too many", v2("USD", "1.00", "1.00") + strings.TrimSuffix(v2Row("100", "2", "0.00"), "\n") + "\t7\n", "bad_header", 4, 25},
		{"row too long", long, "too_large", 4, 0},
		{"blank for long", strings.Repeat("\n", 1<<20), "not_a_settlement", 0, 0},
		{"a header of 300 fields", strings.TrimSuffix(v2Header, "\n") + strings.Repeat("\tx", 300) + "\n", "not_a_settlement", 1, 0},
		{"a column twice", strings.Replace(v2Header, "\tsku\t", "\tsku\tsku\t", 1), "bad_header", 1, 0},
		{"a row of no settlement", v2("USD", "1.00", "1.00") + v2Row("", "2", "0.00"), "bad_header", 4, 1},
		{"an id that is a path", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "\n100\t", "\n../x\t"), "bad_header", 2, 1},
		{"an id from a spreadsheet", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "\n100\t", "\n2.65798E+10\t"), "bad_header", 2, 1},
		{"another id that is a path", v2("USD", "1.00", "1.00") + v2Summary("..", "USD", "1.00"), "bad_header", 4, 1},
		{"another start", v2("USD", "1.00", "1.00") + strings.Replace(v2Summary("100", "USD", "1.00"), "2026-03-13 20:21:38", "2026-03-13 20:21:39", 1), "two_totals", 4, 2},
		{"no period", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-13 20:21:38 UTC\t2026-03-27", "\t2026-03-27"), "bad_header", 0, 0},
		{"no posting time", strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-14\t2026-03-14 08:49:04 UTC", "\t"), "bad_date", 3, 17},
		{"no such marketplaces", marketplaces(1001), "not_a_settlement", 1003, 12},
	} {
		_, _, err := read(test.report, settlement.Options{Name: "report.txt"})
		e, ok := errors.AsType[*settlement.ParseError](err)
		if !ok {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if e.Code != test.code || e.Line != test.line || e.Column != test.column || e.File != "report.txt" {
			t.Errorf("%s: %s at %d:%d, want %s at %d:%d (%v)", test.name, e.Code, e.Line, e.Column, test.code, test.line, test.column, err)
		}
	}
}

// marketplaces returns a report that names n marketplaces.
func marketplaces(n int) string {
	report := v2Header + v2Summary("100", "USD", fmt.Sprintf("%d.00", n))
	for i := range n {
		report += strings.Replace(v2Row("100", "1", "1.00"), "Amazon.com", fmt.Sprintf("Amazon.%d", i), 1)
	}
	return report
}

func TestStatementIsNotToBeHadBeforeTheProof(t *testing.T) {
	r := settlement.NewReader(strings.NewReader(v2("USD", "3.00", "1.00", "2.00")), settlement.Options{})
	if _, err := r.Statement(); err != settlement.ErrNotRead {
		t.Error(err)
	}
	for _, err := range r.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Statement(); err != settlement.ErrNotRead {
			t.Error(err)
		}
		break
	}
	if _, err := r.Statement(); err != settlement.ErrNotRead {
		t.Errorf("after leaving the loop early: %v", err)
	}
	if _, err := collect(r); err == nil {
		t.Error("a Reader was read twice")
	}
}

type wrapped struct{ settlement.Source }

func TestNoWrapperPassesForASource(t *testing.T) {
	r := settlement.NewReader(strings.NewReader(""), settlement.Options{})
	if settlement.Genuine(wrapped{r}) != settlement.Source(r) {
		t.Error("the wrapper survived")
	}
	f, err := settlement.Open(write(t, "a", nil), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if settlement.Genuine(wrapped{f}) != settlement.Source(f) {
		t.Error("the wrapper survived around a file")
	}
	if settlement.Genuine(nil) != nil {
		t.Error("nil")
	}
}

func TestAFileReadsTheSameTwicePlainAndGzipped(t *testing.T) {
	report := v2("USD", "3.00", "1.00", "2.00")
	plain, zipped := write(t, "a.txt", []byte(report)), write(t, "b.txt", compress(report))
	var all [][]settlement.Line
	for _, name := range []string{plain, zipped} {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			lines, err := collect(f)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.Statement(); err != nil || s.Digest != digest(report) {
				t.Errorf("%s: %s, %v", name, s.Digest, err)
			}
			all = append(all, lines)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, lines := range all[1:] {
		if diff := cmp.Diff(all[0], lines); diff != "" {
			t.Error(diff)
		}
	}
}

func TestADamagedFileIsRefused(t *testing.T) {
	whole := compress(big(40000))
	flipped := slices.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	for name, test := range map[string]struct {
		data []byte
		code string
	}{
		"cut early":    {whole[:12], "truncated"},
		"cut in head":  {whole[:3], "truncated"},
		"cut late":     {whole[:len(whole)-4], "truncated"},
		"cut half":     {whole[:len(whole)/2], "truncated"},
		"bad checksum": {flipped, "truncated"},
		"empty":        {nil, "not_a_settlement"},
	} {
		f, err := settlement.Open(write(t, "r.gz", test.data), settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := collect(f); settlement.CodeOf(err) != test.code {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
	if _, err := settlement.Open(t.TempDir(), settlement.Options{}); settlement.CodeOf(err) != "not_a_settlement" {
		t.Errorf("a folder: %v", err)
	}
	if _, err := settlement.Open(os.DevNull, settlement.Options{}); settlement.CodeOf(err) != "not_a_settlement" {
		t.Errorf("a device: %v", err)
	}
	if _, err := settlement.Open(filepath.Join(t.TempDir(), "none"), settlement.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestAReportLargerThanItsLimitIsRefused(t *testing.T) {
	report := big(20000)
	if _, _, err := read(report, settlement.Options{MaxBytes: int64(len(report)) - 1}); settlement.CodeOf(err) != "too_large" {
		t.Error(err)
	}
	if _, _, err := read(report, settlement.Options{MaxBytes: int64(len(report))}); err != nil {
		t.Error(err)
	}
	// Ten gigabytes of nothing: refused at the limit, in little memory.
	r := settlement.NewReader(io.LimitReader(endless('\n'), 10<<30), settlement.Options{MaxBytes: 8 << 20})
	if _, err := collect(r); settlement.CodeOf(err) != "too_large" {
		t.Error(err)
	}
	// A row of two gigabytes: refused at once, not read to its end.
	row := &io.LimitedReader{R: endless('x'), N: 2 << 30}
	r = settlement.NewReader(io.MultiReader(strings.NewReader(v2("USD", "1.00", "1.00")+"100\t"), row), settlement.Options{})
	if _, err := collect(r); settlement.CodeOf(err) != "too_large" || row.N < 2<<30-8<<20 {
		t.Errorf("%v, %d bytes left", err, row.N)
	}
	r = settlement.NewReader(io.LimitReader(endless(0), 10<<30), settlement.Options{})
	if _, err := collect(r); settlement.CodeOf(err) != "not_a_settlement" {
		t.Error(err)
	}
}

func TestWhatTheStreamFailsWithComesThrough(t *testing.T) {
	broken := errors.New("connection reset")
	report := big(20000)
	r := settlement.NewReader(io.MultiReader(strings.NewReader(report[:len(report)/2]), failing{broken}), settlement.Options{})
	if _, err := collect(r); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestAStreamThatGivesNothingIsAnError(t *testing.T) {
	r := settlement.NewReader(io.MultiReader(strings.NewReader(v2("USD", "1.00", "1.00")), idle{}), settlement.Options{})
	if _, err := collect(r); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

// A stream may give one byte at a time, and now and then none.
func TestAStreamThatFaltersIsRead(t *testing.T) {
	report := v2("USD", "3.00", "1.00", "2.00")
	r := settlement.NewReader(&faltering{rest: report}, settlement.Options{})
	lines, err := collect(r)
	if s, again := r.Statement(); err != nil || again != nil || len(lines) != 2 || s.Digest != digest(report) {
		t.Errorf("%d lines, %v %v", len(lines), err, again)
	}
}

type faltering struct {
	rest string
	turn int
}

func (f *faltering) Read(p []byte) (int, error) {
	if f.turn++; f.turn%3 != 0 {
		return 0, nil
	}
	if f.rest == "" {
		return 0, io.EOF
	}
	n := copy(p[:1], f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestLeavingALargeReportEarlyStopsReading(t *testing.T) {
	r := settlement.NewReader(strings.NewReader(big(20000)), settlement.Options{})
	n := 0
	for _, err := range r.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 5000 {
			break
		}
	}
	if _, err := r.Statement(); err != settlement.ErrNotRead {
		t.Error(err)
	}
}

func TestALargeReportKeepsEveryRowInItsPlace(t *testing.T) {
	report := big(20000) // many blocks
	lines, statement, err := read(report, settlement.Options{})
	if err != nil || statement.Rows != 20000 || statement.Digest != digest(report) {
		t.Fatalf("%d rows, %v", statement.Rows, err)
	}
	rows := strings.SplitAfter(report, "\n")
	for i, l := range lines {
		row := report[l.Offset : l.Offset+l.Length]
		if row+"\n" != rows[l.Row-1] || l.OrderID != fmt.Sprint(i+1) || !strings.Contains(row, "\t"+l.OrderID+"\t") {
			t.Fatalf("line %d is not row %d", i, l.Row)
		}
	}
}

func TestOnlyTabsAndLineFeedsSeparate(t *testing.T) {
	report := v2("USD", "1.00", "1.00")
	for b := range 256 {
		if b == '\t' || b == '\n' {
			continue
		}
		sku := strings.Repeat(string([]byte{byte(b)}), 11) + "x"
		lines, _, err := read(strings.ReplaceAll(report, "SKU-1", sku), settlement.Options{})
		if err != nil || len(lines) != 1 || lines[0].SKU != sku || lines[0].Quantity != "1" {
			t.Errorf("byte %#x: %+v, %v", b, lines, err)
		}
	}
}

// big returns a report of n rows.
func big(n int) string {
	var b strings.Builder
	b.WriteString(v2Header + v2Summary("100", "USD", fmt.Sprintf("%d.00", n)))
	for i := range n {
		b.WriteString(v2Row("100", fmt.Sprint(i+1), "1.00"))
	}
	return b.String()
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func compress(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
