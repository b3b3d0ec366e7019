package settlement_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestAnXMLReportIsHeldToTheSameProof(t *testing.T) {
	data, err := os.ReadFile("testdata/xml-report.xml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(data)
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(whole) }
	open, rest, _ := strings.Cut(whole, "<SettlementReport>")
	report, _, _ := strings.Cut("<SettlementReport>"+rest, "</Message>")
	twice := open + report + "</Message><Message>" + strings.ReplaceAll(report, "20000000003", "20000000004") + "</Message></AmazonEnvelope>"
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

func TestXMLInAnotherCharsetIsDecoded(t *testing.T) {
	data, _ := os.ReadFile("testdata/xml-report.xml")
	latin := strings.NewReplacer(`encoding="UTF-8"`, `encoding="ISO-8859-1"`, "A&amp;B", "Gr\xf6\xdfe").Replace(string(data))
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
