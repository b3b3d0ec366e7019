package settlement_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// xmlReport is a small report in XML that ties.
func xmlReport(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/xml-report.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAnXMLReportIsHeldToTheSameProof(t *testing.T) {
	whole := xmlReport(t)
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(whole) }
	open, rest, _ := strings.Cut(whole, "<SettlementReport>")
	report, _, _ := strings.Cut("<SettlementReport>"+rest, "</Message>")
	twice := open + report + "</Message><Message>" + strings.ReplaceAll(report, "20000000003", "20000000004") + "</Message></AmazonEnvelope>"
	inElement, _, _ := strings.Cut(whole, "<SKU>A")
	for _, test := range []struct {
		name, report, code string
		o                  settlement.Options
	}{
		{"whole", whole, "", settlement.Options{}},
		{"an amount changed", change(">3.00<", ">3.01<"), "sum_mismatch", settlement.Options{}},
		{"a component in another currency", change(`currency="USD">20.00`, `currency="EUR">20.00`), "mixed_currency", settlement.Options{}},
		{"no such currency", change(`currency="USD">3.57`, `currency="XXX">3.57`), "bad_header", settlement.Options{}},
		{"no amount", change(">20.00<", ">twenty<"), "bad_amount", settlement.Options{}},
		{"no date", change("2020-02-02T03:04:05+00:00", "once"), "bad_date", settlement.Options{}},
		{"no id", change("AmazonSettlementID", "X"), "bad_header", settlement.Options{}},
		{"an id that is a path", change("20000000003", "../20000000003"), "bad_header", settlement.Options{}},
		{"no total", change("TotalAmount", "X"), "bad_header", settlement.Options{}},
		{"ends in the middle", whole[:len(whole)/2], "truncated", settlement.Options{}},
		{"not well formed", change("</Refund>", "</Refunds>"), "not_a_settlement", settlement.Options{}},
		{"another document", `<?xml version="1.0"?><html><body/></html>`, "not_a_settlement", settlement.Options{}},
		{"another envelope", `<AmazonEnvelope><MessageType>OrderReport</MessageType></AmazonEnvelope>`, "not_a_settlement", settlement.Options{}},
		{"an entity bomb", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><AmazonEnvelope><Header>&c;</Header></AmazonEnvelope>`, "not_a_settlement", settlement.Options{}},
		{"deep", "<AmazonEnvelope><Header>" + strings.Repeat("<a>", 100_000), "too_large", settlement.Options{}},
		{"one long text", "<AmazonEnvelope><Header>" + strings.Repeat("x", 3<<20), "too_large", settlement.Options{}},
		{"one of two", twice, "", settlement.Options{Settlement: "20000000004"}},
		{"two", twice, "two_totals", settlement.Options{}},
		{"larger than allowed", whole, "too_large", settlement.Options{MaxBytes: 2000}},
		{"a total in words", change(">3.57<", ">three<"), "bad_amount", settlement.Options{}},
		{"no start", change("2020-02-01T00:00:00+00:00", "once"), "bad_date", settlement.Options{}},
		{"advertising without an amount", change("BaseAmount", "X", "TransactionAmount", "Y"), "bad_amount", settlement.Options{}},
		{"amounts before the summary", change("SettlementData>", "Later>"), "bad_header", settlement.Options{}},
		{"ends in an element", inElement, "truncated", settlement.Options{}},
		{"bad bytes", change("A&amp;B", "A\xffB"), "bad_charset", settlement.Options{}},
		{"a control byte", change("A&amp;B", "A\x01B"), "bad_charset", settlement.Options{}},
		{"ends before it starts", change("2020-02-01T00:00:00+00:00", "2020-03-01T00:00:00+00:00"), "bad_date", settlement.Options{}},
		{"bytes that cp932 does not have", change(`encoding="UTF-8"`, `encoding="Shift_JIS"`, "A&amp;B", "A\xffB"), "bad_charset", settlement.Options{}},
		{"UTF-8 by another name", change(`encoding="UTF-8"`, `encoding="utf8"`), "", settlement.Options{}},
		{"another version of XML", change(`version="1.0"`, `version="2.0"`), "not_a_settlement", settlement.Options{}},
		{"an amount before groups of amounts", change("<ItemPrice>", `<ItemPrice><Amount currency="USD">0.00</Amount>`), "", settlement.Options{}},
		{"unknown charset", change(`encoding="UTF-8"`, `encoding="EBCDIC"`), "bad_charset", settlement.Options{}},
	} {
		_, s, err := read(test.report, test.o)
		if settlement.CodeOf(err) != test.code || (err != nil) != (test.code != "") {
			t.Errorf("%s: %v, want %q", test.name, err, test.code)
		}
		if err == nil && s.Digest != digest(test.report) {
			t.Errorf("%s: digest", test.name)
		}
	}
}

func TestABadDateOfXMLIsFoundWhereItStands(t *testing.T) {
	const date = "2020-02-02T03:04:05+00:00"
	before, after, _ := strings.Cut(xmlReport(t), date)
	_, _, err := read(before+"once"+after, settlement.Options{})
	if e, ok := errors.AsType[*settlement.ParseError](err); !ok || e.Line != strings.Count(before, "\n")+1 {
		t.Errorf("%v, want line %d", err, strings.Count(before, "\n")+1)
	}
}

// An invoice for advertising states its amount, and often the parts: the parts if
// they make it up, else the whole, never both.
func TestAdvertisingIsNeverCountedTwice(t *testing.T) {
	whole := xmlReport(t)
	const parts = `<BaseAmount currency="USD">-4.00</BaseAmount><TaxAmount currency="USD">-0.68</TaxAmount><TransactionAmount currency="USD">-4.68</TransactionAmount>`
	for _, test := range []struct {
		amounts string
		want    []string
	}{
		{parts, []string{"Cost of Advertising/TransactionTotalAmount -4.00", "Cost of Advertising/TaxAmount -0.68"}},
		{`<BaseAmount currency="USD">-4.00</BaseAmount><TaxAmount currency="USD">-0.68</TaxAmount>`, []string{"Cost of Advertising/TransactionTotalAmount -4.00", "Cost of Advertising/TaxAmount -0.68"}},
		{`<BaseAmount currency="USD">-4.00</BaseAmount><TaxAmount currency="USD">-0.60</TaxAmount><TransactionAmount currency="USD">-4.68</TransactionAmount>`, []string{"Cost of Advertising/TransactionTotalAmount -4.68"}},
		{`<TransactionAmount currency="USD">-4.68</TransactionAmount>`, []string{"Cost of Advertising/TransactionTotalAmount -4.68"}},
		{`<BaseAmount currency="USD">-4.68</BaseAmount>`, []string{"Cost of Advertising/TransactionTotalAmount -4.68"}},
	} {
		lines, _, err := read(strings.Replace(whole, parts, test.amounts, 1), settlement.Options{})
		if err != nil {
			t.Errorf("%s: %v", test.amounts, err)
			continue
		}
		var got []string
		for _, l := range lines {
			if l.Kind.TransactionType == "ServiceFee" {
				got = append(got, l.Kind.AmountType+"/"+l.Kind.AmountDescription+" "+l.Amount.String())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.amounts, diff)
		}
	}
}

func TestAnXMLFileOfSeveralSettlementsIsReadOneByOne(t *testing.T) {
	whole := xmlReport(t)
	start, end := strings.Index(whole, "<Message>"), strings.Index(whole, "</AmazonEnvelope>")
	second := strings.ReplaceAll(whole[start:end], "20000000003", "20000000004")
	f, err := settlement.Open(write(t, "two.xml", []byte(whole[:end]+second+whole[end:])), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ids, err := f.Settlements()
	if diff := cmp.Diff([]string{"20000000003", "20000000004"}, ids); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	for _, id := range ids {
		one := f.Select(id)
		for _, err := range one.Lines() { // leaving early proves nothing
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if _, err := one.Statement(); !errors.Is(err, settlement.ErrNotRead) {
			t.Error(err)
		}
		if _, err := collect(one); err != nil {
			t.Error(err)
		}
		if s, err := one.Statement(); err != nil || s.ID != id {
			t.Errorf("%s: %+v, %v", id, s, err)
		}
	}
}

// FuzzXML holds the XML reader to its word on any bytes between the tags of an
// envelope: no panic, no time or memory beyond what was given, and whatever it
// accepts adds up.
func FuzzXML(f *testing.F) {
	f.Add([]byte(xmlReport(f)))
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;"><!ENTITY d "&c;&c;">]><AmazonEnvelope><Message><SettlementReport>&d;`))
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><AmazonEnvelope>&a;</AmazonEnvelope>`))
	f.Add([]byte("<AmazonEnvelope><Message><SettlementReport>" + strings.Repeat("<Order>", 1000)))
	f.Add([]byte("<AmazonEnvelope><Message><SettlementReport><Order>" + strings.Repeat("<Fee/>", 1000)))
	f.Add([]byte(`<AmazonEnvelope><Message><SettlementReport><SettlementData><AmazonSettlementID>1</AmazonSettlementID><TotalAmount currency="JPY">0</TotalAmount></SettlementData>`))
	f.Add([]byte(`<?xml version="1.0" encoding="Shift_JIS"?><AmazonEnvelope>` + "\x95\x5c" + `</AmazonEnvelope>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !strings.HasPrefix(string(data), "<?xml") {
			data = append([]byte("<AmazonEnvelope>"), data...)
		}
		lines, s, err := read(string(data), settlement.Options{MaxBytes: 1 << 20})
		if err != nil {
			if settlement.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		var sum settlement.Money
		for _, l := range lines {
			if sum, err = sum.Add(l.Amount); err != nil {
				t.Fatal(err)
			}
		}
		if sum.Minor() != s.Total.Minor() || len(lines) != s.Rows || s.Digest != digest(string(data)) {
			t.Fatalf("%+v, lines %s", s, sum)
		}
	})
}

func TestXMLInAnotherCharsetIsDecoded(t *testing.T) {
	latin := strings.NewReplacer(`encoding="UTF-8"`, `encoding="ISO-8859-1"`, "A&amp;B", "Gr\xf6\xdfe").Replace(xmlReport(t))
	lines, s, err := read(latin, settlement.Options{})
	if err != nil || s.Digest != digest(latin) {
		t.Fatal(err)
	}
	if text, err := s.Text(lines[1].SKU); err != nil || text != "Größe" {
		t.Errorf("%q %v", text, err)
	}
}

func TestTenGigabytesOfXMLNothingEndAtTheLimit(t *testing.T) {
	for name, nothing := range map[string]string{"blanks": " ", "elements": "<a/>", "comments": "<!-- -->"} {
		r := settlement.NewReader(io.MultiReader(strings.NewReader("<AmazonEnvelope>"), &repeat{row: nothing, times: 1 << 40}), settlement.Options{MaxBytes: 4 << 20})
		if _, err := collect(r); settlement.CodeOf(err) != settlement.CodeTooLarge {
			t.Errorf("%s: %v", name, err)
		}
		if _, ok := errors.AsType[*settlement.ParseError](func() error { _, err := r.Statement(); return err }()); !ok {
			t.Errorf("%s: no ParseError", name)
		}
	}
}
