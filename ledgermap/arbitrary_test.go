package ledgermap_test

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// everything is the starter with a place for every kind that the generator knows: tax on fees recoverable, and a
// rule for each kind that the vocabulary does not know or calls other.
func everything(t testing.TB, pairs ...string) *ledgermap.Rules {
	t.Helper()
	var more strings.Builder
	starter := string(ledgermap.Starter())
	seen := map[string]bool{}
	for _, k := range settlementtest.Vocabulary() {
		kind := settlement.Kind{TransactionType: k.TransactionType, AmountType: k.AmountType, AmountDescription: k.AmountDescription}
		category, ok := kind.Category()
		key := strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(kind.String()))
		if ok && category != settlement.CategoryOther || seen[key] || strings.Contains(starter, "amount_description: "+k.AmountDescription+"}") {
			continue
		}
		seen[key] = true
		fmt.Fprintf(&more, "  - {when: {transaction_type: %q, amount_type: %q, amount_description: %q}, category: other, account: \"801.00\"}\n",
			k.TransactionType, k.AmountType, k.AmountDescription)
	}
	return rules(t, append([]string{
		"fee_tax: {treatment: not-set}", `fee_tax: {treatment: recoverable, account: "221.00"}`, "\nrules:\n", "\nrules:\n" + more.String(),
		"\nbanks:\n", "\nbanks:\n  KWD: {account: \"101.00\"}\n",
	}, pairs...)...)
}

// converted makes USD the only currency of the books.
func converted() []string {
	var b strings.Builder
	for code, rate := range map[string]string{"EUR": "1.0837", "JPY": "0.006713", "KWD": "3.2541", "GBP": "1.2719", "CAD": "0.7312"} {
		fmt.Fprintf(&b, "  - {currency: %s, rate: \"%s\", date: 2015-01-01, until: 2027-12-31, source: \"test\"}\n", code, rate)
	}
	return []string{
		"multi_currency: true", "multi_currency: false",
		"# exchange:", "rates:\n" + b.String() + "exchange: {account: \"801.00\"}\n# exchange:",
	}
}

func variants(t testing.TB, currency string) map[string]*ledgermap.Rules {
	return map[string]*ledgermap.Rules{
		"journal":   everything(t),
		"per order": everything(t, "summarise: category", "summarise: order"),
		"per sku":   everything(t, "summarise: category", "summarise: sku", "America/Los_Angeles", "Pacific/Kiritimati"),
		"invoice":   everything(t, append(invoiceEdits(), "currency: USD", "currency: "+currency)...),
		"converted": everything(t, converted()...),
	}
}

func sourceOf(s settlementtest.Settlement) settlement.Source {
	return settlement.NewReader(bytes.NewReader(s.V2()), settlement.Options{Name: s.ID})
}

// arbitrary yields generated settlements with the rules and the calendar to plan each by.
func arbitrary(t testing.TB, n int) iter.Seq2[string, generated] {
	sets := map[string]map[string]*ledgermap.Rules{} // by currency and variant
	calendars := []ledgermap.Calendar{months(t), weeks(t, "2015-01-04", 28, 170)}
	return func(yield func(string, generated) bool) {
		for seed := range n {
			s := settlementtest.Arbitrary(uint64(seed), settlementtest.Nasty{Outside: seed%3 == 0})
			if sets[s.Currency] == nil {
				sets[s.Currency] = variants(t, s.Currency)
			}
			for _, name := range slices.Sorted(maps.Keys(sets[s.Currency])) {
				g := generated{s, sets[s.Currency][name], ledgermap.Input{Calendar: calendars[seed%2]}, name}
				if !yield(fmt.Sprintf("seed %d, %s", seed, name), g) {
					return
				}
			}
		}
	}
}

type generated struct {
	settlementtest.Settlement
	rules   *ledgermap.Rules
	in      ledgermap.Input
	variant string
}

// seeds is how many settlements a property is tried on, each under every variant of the rules.
func seeds() int {
	if testing.Short() {
		return 20
	}
	return 100
}

func TestR1_1_R3_1_R12_4_R14_4_ArbitrarySettlementsBalanceClearAndExplainThemselves(t *testing.T) {
	kinds, seen := map[ledgermap.Kind]int{}, map[string]int{}
	for name, g := range arbitrary(t, seeds()) {
		p, err := g.rules.Plan(sourceOf(g.Settlement), g.in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		periods := map[int]bool{}
		for _, d := range journals(p) {
			periods[d.Period()] = true
		}
		seen[fmt.Sprintf("%d periods", len(periods))]++
		seen[p.Statement.Currency.String()]++
		seen[fmt.Sprintf("total %+d", p.Statement.Total.Sign())]++
		for _, d := range p.Documents {
			kinds[d.Kind()]++
			for side, sum := range sides(t, d) {
				if !sum.IsZero() {
					t.Errorf("%s: document %d is off by %s in %v", name, d.Ordinal(), sum, side)
				}
			}
		}
		bijection(t, p, sourceOf(g.Settlement))
		open := []string{clearing}
		if g.variant == "invoice" {
			open = append(open, "111.00")
		}
		for _, account := range open {
			if got := booked(t, p.Documents...)[account]; !got.IsZero() {
				t.Errorf("%s: account %s ends at %s\n%s", name, account, got, shape(p))
			}
		}
		if g.variant != "converted" {
			net := settlement.Money{}
			for _, account := range open {
				if net, err = net.Add(booked(t, journals(p)...)[account]); err != nil {
					t.Fatal(err)
				}
			}
			if net.Minor() != g.Total {
				t.Errorf("%s: the period parts leave %s, the total is %s", name, net, g.TotalText())
			}
		}
	}
	for _, kind := range []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt, ledgermap.Disbursement} {
		if kinds[kind] == 0 {
			t.Errorf("no settlement made a %s: the property was not tried on one", kind)
		}
	}
	if testing.Short() {
		return
	}
	for _, want := range []string{"1 periods", "2 periods", "14 periods", "15 periods", "USD", "EUR", "JPY", "KWD", "total +0", "total +1", "total -1"} {
		if seen[want] == 0 {
			t.Errorf("the property was not tried on a settlement of %s: %v", want, seen)
		}
	}
}

// sides are the signed sums of a document by company and organisation.
func sides(t testing.TB, d ledgermap.Document) map[[2]string]settlement.Money {
	t.Helper()
	sums := map[[2]string]settlement.Money{}
	for _, l := range d.Lines() {
		of := [2]string{l.Company, l.Organisation}
		sum, err := sums[of].Add(l.Signed())
		if err != nil {
			t.Fatal(err)
		}
		sums[of] = sum
	}
	return sums
}
