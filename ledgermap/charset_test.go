package ledgermap_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// file is the sheet as a file in a charset; nil for UTF-8.
func (s sheet) file(t testing.TB, e encoding.Encoding) *settlement.File {
	t.Helper()
	text := s.text(t)
	if e != nil {
		var err error
		if text, err = e.NewEncoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), s.id+".txt")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// inCharsets are the charsets that Amazon writes, with a store whose reports come in them and texts of theirs. The
// second half of ア is an A in cp932, and that of ソ a backslash.
var inCharsets = map[string]struct {
	encoding.Encoding
	market, kind, sku, other string
}{
	"windows-1252": {charmap.Windows1252, "Amazon.de", "Zuschlag für Öl", "MÜ-1", "ß"},
	"cp932":        {japanese.ShiftJIS, "Amazon.co.jp", "配送料ソ", "カバー・ア", "茶"},
}

func TestASettlementIsBookedAlikeInEveryCharset(t *testing.T) {
	for name, c := range inCharsets {
		s := august(
			row{kind: sold, amount: "1.00", posted: noon("2025-08-02"), order: "701-1", sku: c.sku, market: c.market},
			row{kind: sold, amount: "2.00", posted: noon("2025-08-02"), order: "701-2", sku: "N", market: c.market},
			row{kind: sold, amount: "4.00", posted: noon("2025-08-02"), order: "701-3", sku: c.other, market: c.market},
			row{kind: sold, amount: "8.00", posted: noon("2025-08-02"), order: "701-3", sku: "A", market: c.market + c.other},
			row{kind: "Order/ItemFees/" + c.kind, amount: "-0.50", posted: noon("2025-08-02"), order: "701-3", market: c.market},
		)
		first, _ := strings.CutSuffix(c.sku, "-1")
		letters := []rune(c.kind)
		for what, rule := range map[string]string{
			"an exact SKU":        `{when: {category: principal, sku: "` + c.sku + `"}, account: "402.00"}`,
			"a SKU with a star":   `{when: {category: principal, sku: "` + first + `*"}, account: "402.00"}`,
			"the end of a SKU":    `{when: {category: principal, sku: "*A"}, account: "402.00"}`,
			"a marketplace":       `{when: {category: principal, marketplace: "` + c.market + c.other + `"}, account: "402.00"}`,
			"the start of a kind": `{when: {transaction_type: Order, amount_type: ItemFees, amount_description: "` + string(letters[:2]) + `*"}, wildcard: true, category: storage}`,
		} {
			mapped := `{when: {transaction_type: Order, amount_type: ItemFees, amount_description: "` + c.kind + `"}, category: referral_fee}`
			if strings.HasSuffix(rule, "storage}") {
				mapped = `{when: {category: storage, sku: "none such"}, account: "612.00"}`
			}
			for _, group := range []string{"category", "order", "sku"} {
				r := rules(t, "summarise: category ", "summarise: "+group+" ", "\nrules:\n", "\nrules:\n  - "+mapped+"\n  - "+rule+"\n")
				text := plan(t, r, s.source(t), ledgermap.Input{})
				file := s.file(t, c)
				p := plan(t, r, file, ledgermap.Input{})
				if p.Statement.Charset != name {
					t.Fatalf("the report is in %s, want %s", p.Statement.Charset, name)
				}
				if d := cmp.Diff(documents(text), documents(p)); d != "" {
					t.Errorf("%s, %s, by %s: %s", name, what, group, d)
				}
				if d := cmp.Diff(text.Findings, p.Findings, cmp.Comparer(func(a, b settlement.Money) bool { return a == b })); d != "" {
					t.Errorf("%s, %s: findings: %s", name, what, d)
				}
				bijection(t, p, file)
				again := plan(t, r, file, ledgermap.Input{}) // the charset is known from before
				if again.Hash() != p.Hash() {
					t.Errorf("%s, %s: another plan the second time", name, what)
				}
			}
		}
	}
}

func documents(p *ledgermap.Plan) (texts []string) {
	for _, d := range p.Documents {
		for _, l := range d.Lines() {
			texts = append(texts, d.Date().String()+" "+l.Account+" "+l.Signed().String()+" "+l.Description)
		}
	}
	return texts
}

func TestARefusalNamesKindsAsText(t *testing.T) {
	for name, c := range inCharsets {
		kinds := []string{c.kind, c.kind + c.other}
		s := august(
			row{kind: "Order/ItemPrice/" + kinds[0], amount: "1.00", posted: noon("2025-08-02"), market: c.market},
			row{kind: "Order/ItemPrice/" + kinds[1], amount: "1.00", posted: noon("2025-08-02"), market: c.market},
		)
		var got []string
		refused := refusal(t, rules(t), s.file(t, c), ledgermap.Input{})
		for _, k := range refused.Kinds {
			got = append(got, k.Kind.AmountDescription)
			if !strings.Contains(refused.Error(), k.Kind.AmountDescription+":") {
				t.Errorf("%s is not in %v", k.Kind, refused)
			}
		}
		if d := cmp.Diff(kinds, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestBytesWithoutACharsetAreNoOtherText(t *testing.T) {
	s := august(
		row{kind: "Order/ItemPrice/Coupon \xe4", amount: "1.00", posted: noon("2025-08-02"), sku: "\x81"}, // not of Windows-1252
		row{kind: "Order/ItemPrice/Coupon \xf6", amount: "1.00", posted: noon("2025-08-02"), sku: "\x83A"},
	)
	taken := rules(t, "\nrules:\n", "\nrules:\n  - {when: {transaction_type: Order, amount_type: ItemPrice, amount_description: \"Coupon \ufffd\"}, category: programme_fee}\n")
	var got []string
	for _, k := range refusal(t, taken, s.file(t, nil), ledgermap.Input{}).Kinds {
		got = append(got, k.Kind.AmountDescription)
	}
	if d := cmp.Diff([]string{`Coupon \xe4`, `Coupon \xf6`}, got); d != "" {
		t.Error(d)
	}
	s.rows[0].kind, s.rows[1].kind = sold, sold
	ends := rules(t, "\nrules:\n", "\nrules:\n  - {when: {category: principal, sku: \"*A\"}, account: \"402.00\"}\n")
	if _, wrong := booked(t, plan(t, ends, s.file(t, nil), ledgermap.Input{}).Documents...)["402.00"]; wrong {
		t.Error("half a character was taken for a letter")
	}
}

func TestAStreamWhoseTextIsKnownTooLateIsNotPlanned(t *testing.T) {
	s := august(row{kind: sold, amount: "1.00", posted: noon("2025-08-02"), sku: "\xdc"})
	bySKU := rules(t, "\nrules:\n", "\nrules:\n  - {when: {category: principal, sku: \"Ü\"}, account: \"402.00\"}\n")
	if _, err := bySKU.Plan(s.source(t), ledgermap.Input{Calendar: months(t)}); err == nil || !strings.Contains(err.Error(), "use Open") {
		t.Errorf("got %v, want a word about Open", err)
	}
	plan(t, rules(t), s.source(t), ledgermap.Input{}) // no rule asks for the SKU
}

func TestAKindOfControlCharactersIsShownInQuotes(t *testing.T) {
	s := august(row{kind: "Order/ItemPrice/\x1b[31mred", amount: "1.00", posted: noon("2025-08-02")})
	if text := refusal(t, rules(t), s.source(t), ledgermap.Input{}).Error(); !strings.Contains(text, `Order/ItemPrice/"\x1b[31mred": 1 row`) {
		t.Errorf("%q", text)
	}
}
