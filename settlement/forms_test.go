package settlement_test

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestNumberFormsAreStrictAndOneForTheFile(t *testing.T) {
	for _, test := range []struct {
		currency, total string
		rows            []string
		want            []string
		code            string
	}{
		{"USD", "3.00", []string{"1.00", " 2.00  "}, []string{"1.00", "2.00"}, ""},
		{"USD", "+3.00", []string{"+4", "-1.0000"}, []string{"4.00", "-1.00"}, ""},
		{"EUR", "3,00", []string{"1,5", "1,50"}, []string{"1.50", "1.50"}, ""},
		{"EUR", "1.003,00", []string{"1.000,00", "3,00"}, []string{"1000.00", "3.00"}, ""},
		{"EUR", "1.003,00", []string{"1.000", "3,00"}, []string{"1000.00", "3.00"}, ""}, // comma is decided: a point can only group
		{"USD", "1,000.00", []string{"1,000"}, []string{"1000.00"}, ""},
		{"USD", "1,234,567", []string{"1,234,567"}, []string{"1234567.00"}, ""}, // two commas group
		{"USD", "0,500", []string{"0,500"}, []string{"0.50"}, ""},               // no group begins with 0
		{"USD", "1234,5", []string{"1234,5"}, []string{"1234.50"}, ""},
		{"KWD", "1.500", []string{"1.250", "0.250"}, []string{"1.250", "0.250"}, ""}, // 0.250 decides
		{"JPY", "1200", []string{"1500", "-300"}, []string{"1500", "-300"}, ""},
		{"USD", "(1.00)", []string{"(2.00)", "1.00"}, []string{"-2.00", "1.00"}, ""},
		{"USD", "0.00", []string{"0.00", "(1.00)", "1.00"}, []string{"0.00", "-1.00", "1.00"}, ""}, // nothing has no sign to go by
		{"USD", "3.00", []string{"(1.00)", "-1.00"}, nil, "bad_amount"},                            // two ways to be negative
		{"USD", "3.00", []string{"1.00", "2,00"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"1,000.00", "1000.00"}, nil, "bad_amount"}, // grouped and not
		{"USD", "3.00", []string{"12,34.00"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"1,0000.00"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"3.00-"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"$3.00"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"1 000.00"}, nil, "bad_amount"},
		{"USD", "3.00", []string{"(-3.00)"}, nil, "bad_amount"},
		{"JPY", "1,234", []string{"1,234"}, nil, "ambiguous_number"},
		{"EUR", "1.234", []string{"1.234"}, nil, "ambiguous_number"},
	} {
		lines, _, err := read(v2(test.currency, test.total, test.rows...), settlement.Options{})
		if test.code != "" {
			if settlement.CodeOf(err) != test.code {
				t.Errorf("%s %q: %v, want %s", test.total, test.rows, err, test.code)
			}
			continue
		}
		if diff := cmp.Diff(test.want, amounts(lines)); err != nil || diff != "" {
			t.Errorf("%s %q: %v %s", test.total, test.rows, err, diff)
		}
	}
}

// Whole numbers read alike in every form: a report without a decimal mark needs
// no decision, however long it is.
func TestAYenReportOfManyBlocksIsNotHeldBack(t *testing.T) {
	report := strings.NewReplacer("USD", "JPY", ".00", "").Replace(big(70000)) // over 8 MiB
	_, s, err := read(report, settlement.Options{})
	if err != nil || s.Total.String() != "70000" || s.DecimalMark != "" {
		t.Errorf("%s %q %v", s.Total, s.DecimalMark, err)
	}
}

func TestTheDecidingCellIsSoughtEightMebibytesAheadAtMost(t *testing.T) {
	row := func(amount string) string { return v2Row("100", "1", amount) }
	zeros := func(n int) string { return strings.Repeat(row("0"), n) }
	perMiB := 1<<20/len(row("0")) + 1
	total := v2Header + v2Summary("100", "EUR", "1,234") // 1234 or 1.234
	near := total + zeros(7*perMiB) + row("1,233") + row("0.75") + row("0.25")
	lines, s, err := read(near, settlement.Options{})
	if err != nil || s.Total.String() != "1234.00" || lines[len(lines)-3].Amount.String() != "1233.00" {
		t.Errorf("within reach: %s, %v", s.Total, err)
	}
	far := total + zeros(9*perMiB) + row("1,233") + row("0.75") + row("0.25")
	if _, _, err := read(far, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeAmbiguousNumber || !strings.Contains(err.Error(), "8 MiB") {
		t.Errorf("out of reach: %v", err)
	}
	last := v2Header + zeros(9*perMiB) + v2Summary("100", "EUR", "0.00")
	if _, _, err := read(last, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeBadHeader || !strings.Contains(err.Error(), "8 MiB") {
		t.Errorf("a currency out of reach: %v", err)
	}
	slashes := strings.ReplaceAll(v2Header+v2Summary("100", "EUR", "0.00")+zeros(9*perMiB), "2026-03-14 ", "04/03/2026 ")
	slashes = strings.NewReplacer("2026-03-13 ", "01/03/2026 ", "2026-03-27 ", "05/03/2026 ", "2026-03-29 ", "06/03/2026 ").Replace(slashes)
	if _, _, err := read(slashes+strings.ReplaceAll(row("0.00"), "2026-03-14 ", "14/03/2026 "), settlement.Options{}); settlement.CodeOf(err) != settlement.CodeAmbiguousDate || !strings.Contains(err.Error(), "8 MiB") {
		t.Errorf("a date out of reach: %v", err)
	}
	if _, _, err := read(v2("EUR", "1,234", "1,234"), settlement.Options{}); err == nil || strings.Contains(err.Error(), "8 MiB") {
		t.Errorf("a short report: %v", err)
	}
	f, err := settlement.Open(write(t, "far.txt", []byte(far)), settlement.Options{}) // a file can be read again
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := collect(f); err != nil {
		t.Errorf("a file: %v", err)
	}
}

func TestDateForms(t *testing.T) {
	report := func(stamp string) string {
		return strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-14 08:49:04 UTC", stamp)
	}
	sameForm := func(old, format string) string { // the whole report in one form
		r := v2("USD", "1.00", "1.00")
		for _, day := range []string{"13", "14", "27", "29"} {
			r = strings.ReplaceAll(r, "2026-03-"+day+" ", fmt.Sprintf(format, day))
		}
		return strings.ReplaceAll(r, "UTC", old)
	}
	for _, test := range []struct{ report, want, layout string }{
		{sameForm("UTC", "2026-03-%s "), "2026-03-14T08:49:04Z", "yyyy-MM-dd"},
		{sameForm("UTC", "%s.03.2026 "), "2026-03-14T08:49:04Z", "dd.MM.yyyy"},
		{sameForm("", "2026/03/%s "), "2026-03-14T08:49:04Z", "yyyy/MM/dd"},
		{sameForm("IST", "%s/03/2026 "), "2026-03-14T03:19:04Z", "dd/MM/yyyy"},
		{sameForm("GMT", "03/%s/2026 "), "2026-03-14T08:49:04Z", "MM/dd/yyyy"},
		{sameForm("+01:00", "2026-03-%sT"), "2026-03-14T07:49:04Z", "yyyy-MM-dd'T'HH:mm:ssXXX"},
		{sameForm("-0800", "2026-03-%s "), "2026-03-14T16:49:04Z", "yyyy-MM-dd"},
	} {
		lines, s, err := read(test.report, settlement.Options{})
		if err != nil || !lines[0].Posted.Equal(utc(test.want)) || s.DateLayout != test.layout {
			t.Errorf("%s: %v %s %v", test.layout, lines, s.DateLayout, err)
		}
	}
	for _, bad := range []string{
		"2026-13-01 00:00:00 UTC", "2026-02-29 00:00:00 UTC", "2026-03-14 24:00:00 UTC", "2026-03-14 08:60:00 UTC", "2026-03-14 08:49 UTC",
		"2026-3-14 08:49:04 UTC", "2026-03-14 08:49:04 PST", "2026-03-14 08:49:04 +25:00", "14.03.2026 08:49:04 UTC", "yesterday", "0000-01-01 00:00:00 UTC", "\x00",
	} {
		if _, _, err := read(report(bad), settlement.Options{}); settlement.CodeOf(err) != settlement.CodeBadDate {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"2024-02-29 00:00:00 UTC", "2000-02-29 23:59:59 UTC", "2026-02-28 00:00:00.125 UTC", "2026-04-30 00:00:00Z"} {
		if _, _, err := read(report(good), settlement.Options{}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"2100-02-29 00:00:00 UTC", "2026-04-31 00:00:00 UTC", "2026-03-14T08:49:04 UTC", "2026-03-14 08:49:04. UTC", "2026-0x-14 08:49:04 UTC", "2026-03-14 08:49:04 +01:60", "2026-03-14 08:49:04 +15:00", "2026-03-14 08:49:04 01:00"} {
		if _, _, err := read(report(bad), settlement.Options{}); settlement.CodeOf(err) != settlement.CodeBadDate {
			t.Errorf("%q: %v", bad, err)
		}
	}
	mixed := strings.Replace(sameForm("UTC", "%s/03/2026 "), "14/03/2026 ", "14-03-2026 ", 1) // one order, two separators
	if _, _, err := read(mixed, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeBadDate {
		t.Errorf("two separators: %v", err)
	}
	if _, _, err := read(sameForm("UTC", "26-03-%s "), settlement.Options{}); settlement.CodeOf(err) != settlement.CodeBadDate { // nobody writes a short year between hyphens
		t.Errorf("a short year first: %v", err)
	}
	// posted-date is looked at only where posted-date-time is blank: 09/06/25
	// beside 2025-06-09 is not for us to explain.
	odd := strings.ReplaceAll(v2("USD", "1.00", "1.00"), "\t2026-03-14\t", "\t03/14/26\t")
	if _, _, err := read(odd, settlement.Options{}); err != nil {
		t.Error(err)
	}
}

// 03/04/2026 may be in March or in April: any date of the file that can be read
// one way only decides, be it far behind.
func TestADateThatDecidesMayComeLater(t *testing.T) {
	report := func(start, end, posted, postedDate string) string {
		return v2Header + "100\t" + start + " 00:00:00 UTC\t" + end + " 00:00:00 UTC\t" + end + " 00:00:00 UTC\t2.00\tUSD" + strings.Repeat("\t", 18) + "\n" +
			strings.Replace(v2Row("100", "1", "2.00"), "2026-03-14\t2026-03-14 08:49:04 UTC", postedDate+"\t"+posted, 1)
	}
	for _, test := range []struct{ report, want string }{
		{report("03/04/2026", "04/04/2026", "13/04/2026 00:00:00 UTC", ""), "2026-04-13T00:00:00Z dd/MM/yyyy"},
		{report("04/03/2026", "04/04/2026", "04/13/2026 00:00:00 UTC", ""), "2026-04-13T00:00:00Z MM/dd/yyyy"},
		{report("2026-04-03", "2026-04-30", "", "13/04/2026"), "2026-04-13T00:00:00Z yyyy-MM-dd"}, // posted-date has a form of its own
		{report("2026-04-03", "2026-04-30", "", "04/04/2026"), "2026-04-04T00:00:00Z yyyy-MM-dd"}, // the same day either way
		{report("2026-04-03", "2026-04-30", "", "03/04/2026"), ""},
		{report("03/04/2026", "05/04/2026", "04/04/2026 00:00:00 UTC", ""), ""},
	} {
		lines, s, err := read(test.report, settlement.Options{})
		if test.want == "" {
			if settlement.CodeOf(err) != settlement.CodeAmbiguousDate {
				t.Errorf("%v, want ambiguous_date", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.want, err)
		} else if got := lines[0].Posted.Format(time.RFC3339) + " " + s.DateLayout; got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestTheCharsetIsSettledByTheStrongestEvidence(t *testing.T) {
	report := func(sku string) string { return strings.ReplaceAll(v2("USD", "1.00", "1.00"), "SKU-1", sku) }
	const utf8, latin, japanese = "Gr\u00f6\u00dfe", "Gr\xf6\xdfe", "\x95\x5c\x8e\x86"
	for _, test := range []struct {
		name, report  string
		o             settlement.Options
		charset, text string
	}{
		{"plain", report("SKU"), settlement.Options{}, "utf-8", "SKU"},
		{"utf-8", report(utf8), settlement.Options{}, "utf-8", "Größe"},
		{"byte order mark", "\ufeff" + report(utf8), settlement.Options{}, "utf-8", "Größe"},
		{"usual one", report(latin), settlement.Options{}, "windows-1252", "Größe"},
		{"usual one of Japan", strings.ReplaceAll(report(japanese), "Amazon.com", "Amazon.co.jp"), settlement.Options{}, "cp932", "表紙"},
		{"a kanji behind the half-width letters", strings.ReplaceAll(report("\xe0\x80"), "Amazon.com", "Amazon.co.jp"), settlement.Options{}, "cp932", "烙"},
		{"content type", report(japanese), settlement.Options{ContentType: "text/plain; charset=Windows-31J"}, "cp932", "表紙"},
		{"content type without", report(latin), settlement.Options{ContentType: "application/octet-stream"}, "windows-1252", "Größe"},
		{"override", report(utf8), settlement.Options{Charset: "latin1", ContentType: "text/plain; charset=utf-8"}, "windows-1252", "GrÃ¶ÃŸe"},
		{"undefined bytes are kept", report("a\x81b"), settlement.Options{}, "unknown-8bit", ""},
	} {
		lines, s, err := read(test.report, test.o)
		if err != nil || s.Charset != test.charset {
			t.Errorf("%s: %s, %v", test.name, s.Charset, err)
			continue
		}
		if text, err := s.Text(lines[0].SKU); text != test.text || (err != nil) != (test.text == "") {
			t.Errorf("%s: %q, %v", test.name, text, err)
		}
	}
	for name, o := range map[string]settlement.Options{
		"declared otherwise": {ContentType: "text/plain; charset=utf-8"},
		"unknown label":      {Charset: "klingon"},
	} {
		if _, _, err := read(report(latin), o); settlement.CodeOf(err) != settlement.CodeBadCharset {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Memory is bounded by blocks, not by the file.
func TestMemoryDoesNotGrowWithTheReport(t *testing.T) {
	allocations := 2.0
	// Goroutines that wait for one another make the runtime allocate; on a busy machine they wait more often.
	for try := 0; try < 3 && allocations > 1; try++ {
		var live uint64
		if live, allocations = memoryOfReading(t, 400_000); live > 16<<20 {
			t.Errorf("%d bytes live", live)
		}
	}
	if allocations > 1 {
		t.Errorf("%.2f allocations per 1,000 rows", allocations)
	}
}

// memoryOfReading returns the bytes that are live at most while so many rows are read, and the allocations per 1,000 rows.
func memoryOfReading(t *testing.T, rows int) (live uint64, perThousand float64) {
	t.Helper()
	head := v2Header + v2Summary("100", "USD", fmt.Sprintf("%d.00", rows))
	row := v2Row("100", "1", "1.00")
	r := settlement.NewReader(io.MultiReader(strings.NewReader(head), &repeat{row: row, times: rows}), settlement.Options{})
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var mallocs uint64
	n := 0
	for _, err := range r.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			if n == 50_000 {
				mallocs = now.Mallocs // from here on, without what is set up once
			}
			live = max(live, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
	}
	if n != rows {
		t.Errorf("%d rows", n)
	}
	runtime.ReadMemStats(&now)
	return live, float64(now.Mallocs-mallocs) / float64(rows-50_000) * 1000
}

type repeat struct {
	row   string
	times int
	rest  string
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if r.rest == "" {
			if r.times == 0 {
				return n, io.EOF
			}
			r.rest, r.times = r.row, r.times-1
		}
		m := copy(p[n:], r.rest)
		r.rest, n = r.rest[m:], n+m
	}
	return n, nil
}

func TestARowOfTooManyFieldsIsRefusedWithEitherLineEnd(t *testing.T) {
	for _, end := range []string{"\n", "\r\n"} {
		for fields := 24; fields < 600; fields++ {
			row := strings.TrimSuffix(v2Row("100", "2", "0.00"), "\n") + strings.Repeat("\tx", fields-24)
			report := strings.ReplaceAll(v2("USD", "1.00", "1.00")+row+"\n", "\n", end)
			_, _, err := read(report, settlement.Options{})
			if (err == nil) != (fields == 24) || err != nil && settlement.CodeOf(err) != "bad_header" {
				t.Fatalf("%d fields: %v", fields, err)
			}
		}
	}
}

// Columns are found by name; each that is needed is named where it is missing or ambiguous.
func TestAHeaderThatLacksAColumnSaysWhich(t *testing.T) {
	header, rows, _ := strings.Cut(v2("USD", "1.00", "1.00"), "\n")
	needed := map[string]bool{}
	for _, name := range []string{
		"settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency", "transaction-type", "order-id",
		"marketplace-name", "sku", "amount-type", "amount-description", "amount",
	} {
		needed[name] = true
	}
	for name := range strings.SplitSeq(header, "\t") {
		_, _, err := read(strings.Replace("\t"+header+"\t", "\t"+name+"\t", "\tx-"+name+"\t", 1)[1:]+"\n"+rows, settlement.Options{})
		if needed[name] != (err != nil) || err != nil && (settlement.CodeOf(err) != "bad_header" || !strings.Contains(err.Error(), "lacks "+name)) {
			t.Errorf("without %s: %v", name, err)
		}
		if _, _, err := read(header+"\t"+name+"\n"+rows, settlement.Options{}); err == nil || !strings.Contains(err.Error(), "has twice: "+name) {
			t.Errorf("with %s twice: %v", name, err)
		}
	}
}

func TestColumnsAreFoundByNameWhereverTheyStand(t *testing.T) {
	report := v2("USD", "3.00", "1.00", "2.00")
	report = strings.Replace(report, "\t2026-03-14\t2026-03-14 08:49:04 UTC\t", "\t14.03.2026\t\t", 1) // a row without a time
	want, _, err := read(report, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 24 {
		var moved strings.Builder // with column i first
		for row := range strings.Lines(report) {
			cells := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
			moved.WriteString(strings.Join(slices.Concat(cells[i:i+1], cells[:i], cells[i+1:]), "\t") + "\n")
		}
		got, _, err := read(moved.String(), settlement.Options{})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("with column %d first: %v %s", i, err, diff)
		}
	}
}

func TestGzippedBytesThatAreReadAsTextAreNamedAsSuch(t *testing.T) {
	_, _, err := read("\x1f\x8b\x08\x00\x00", settlement.Options{})
	if settlement.CodeOf(err) != settlement.CodeNotASettlement || !strings.Contains(err.Error(), "gunzip") {
		t.Errorf("%v", err)
	}
}
