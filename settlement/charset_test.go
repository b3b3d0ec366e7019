package settlement_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestATallyIsTextWhateverTheCharset(t *testing.T) {
	for charset, c := range map[string]struct {
		encoding.Encoding
		market string
		kinds  []string
	}{
		"windows-1252": {charmap.Windows1252, "Amazon.dé", []string{"Coupon ä", "Coupon ö"}},
		"cp932":        {japanese.ShiftJIS, "Amazon.日本", []string{"ソフト", "カバー・ア"}},
	} {
		report := v2Header + v2Summary("100", "JPY", "3") + v2Row("100", "1", "1") + v2Row("100", "2", "2")
		if charset != "cp932" {
			report = strings.Replace(report, "JPY", "EUR", 1)
		}
		report = strings.ReplaceAll(report, "Amazon.com", c.market)
		for _, kind := range c.kinds {
			report = strings.Replace(report, "Principal", kind, 1)
		}
		raw, err := c.NewEncoder().String(report)
		if err != nil {
			t.Fatal(err)
		}
		tally, err := settlement.TallyOf(settlement.NewReader(strings.NewReader(raw), settlement.Options{}))
		if err != nil || tally.Statement.Charset != charset {
			t.Fatalf("%v, %s", err, tally.Statement.Charset)
		}
		if d := cmp.Diff([]string{c.market}, tally.Statement.Marketplaces); d != "" {
			t.Error(d)
		}
		same, err := settlement.TallyOf(settlement.NewReader(strings.NewReader(report), settlement.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(same.Kinds, tally.Kinds); d != "" {
			t.Errorf("%s: %s", charset, d)
		}
		lines, s, err := read(raw, settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if lines[0].Kind.AmountDescription == c.kinds[0] {
			t.Error("a line is not in the report's own bytes")
		}
		for i := range lines {
			if s.Decode(&lines[i]); lines[i].Kind.AmountDescription != c.kinds[i] || lines[i].Marketplace != c.market {
				t.Errorf("decoded: %v, %q", lines[i].Kind, lines[i].Marketplace)
			}
		}
	}
}

func TestTwoFormsOfOneWordAreOneKind(t *testing.T) {
	report := v2Header + v2Summary("100", "JPY", "3") + v2Row("100", "1", "1") + v2Row("100", "2", "2")
	for _, form := range []string{"\x81\xe0", "\x87\x90"} { // both are ≒
		report = strings.Replace(report, "Principal", form, 1)
	}
	tally, err := settlement.TallyOf(settlement.NewReader(strings.NewReader(report), settlement.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(tally.Kinds) != 1 || tally.Kinds[0].Rows != 2 || tally.Kinds[0].Sum.String() != "3" || tally.Kinds[0].Kind.AmountDescription != "≒" {
		t.Errorf("%+v", tally.Kinds)
	}
}

func TestBytesOfNoCharsetStayDifferentAndAreSeen(t *testing.T) {
	s := settlement.Statement{Charset: "unknown-8bit"}
	line := settlement.Line{
		Kind: settlement.Kind{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Coupon \xe4 1"},
		SKU:  "\x83A", OrderID: "Größe", PromotionID: "plain",
	}
	s.Decode(&line)
	if d := cmp.Diff([]string{`Coupon \xe4\x20\x31`, `\x83\x41`, "Größe", "plain"},
		[]string{line.Kind.AmountDescription, line.SKU, line.OrderID, line.PromotionID}); d != "" {
		t.Error(d)
	}
}

func TestAKindIsPrintedAsATerminalMayHaveIt(t *testing.T) {
	k := settlement.Kind{TransactionType: "Order", AmountType: "Gebühr", AmountDescription: "\x1b[31mred"}
	if got, want := k.String(), `Order/Gebühr/"\x1b[31mred"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestFoldingKeepsBytesThatAreNoText(t *testing.T) {
	if got := settlement.FoldWord("A-\xe4 B"); got != "a\xe4b" {
		t.Errorf("%q", got)
	}
}
