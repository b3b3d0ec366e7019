package settlement_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func diff(t *testing.T, first, second string) settlement.Changes {
	t.Helper()
	var files [2]*settlement.File
	for i, report := range []string{first, second} {
		f, err := settlement.Open(write(t, fmt.Sprint(i), []byte(report)), settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		files[i] = f
	}
	changes, err := settlement.Diff(files[0], files[1])
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestR4_5_AReissueIsShownLineByLine(t *testing.T) {
	row := func(order, amount string) string { return v2Row("100", order, amount) }
	first := v2Header + v2Summary("100", "USD", "10.00") + row("1", "4.00") + row("2", "1.00") + row("2", "1.00") + row("3", "4.00")
	second := v2Header + v2Summary("100", "USD", "9.50") + row("3", "4.00") + row("1", "4.50") + row("2", "1.00") + row("9", "0.00")
	got := diff(t, first, second)
	line := func(order, says string) string {
		return "Order/ItemPrice/Principal order-id=" + order + " order-item-code=0155 sku=SKU-1 " + says +
			" 2026-03-14T08:49:04Z marketplace-name=Amazon.com fulfillment-id=AFN quantity-purchased=1"
	}
	want := settlement.Changes{
		Stated: []string{"total 10.00 USD became 9.50 USD"},
		Lines: []settlement.LineChange{
			{FirstRow: 3, SecondRow: 4, First: line("1", "4.00"), Second: line("1", "4.50")},
			{FirstRow: 5, First: line("2", "1.00")}, // it was there twice
			{SecondRow: 6, Second: line("9", "0.00")},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	text := "total 10.00 USD became 9.50 USD\n- line 3: " + line("1", "4.00") + "\n+ line 4: " + line("1", "4.50") +
		"\n- line 5: " + line("2", "1.00") + "\n+ line 6: " + line("9", "0.00") + "\n"
	if d := cmp.Diff(text, got.String()); d != "" {
		t.Error(d)
	}
}

func TestEveryCellThatDiffersIsAChange(t *testing.T) {
	header := strings.TrimSuffix(v2Header, "\n") + "\tnew-column\n"
	cells := strings.Split("100\t\t\t\t\t\tOrder\t1\tm\ta\ts\tAmazon.com\tItemPrice\tPrincipal\t0.00\tAFN\t2026-03-14\t2026-03-14 08:49:04 UTC\titem\tmoi\tmai\tsku\t1\tpromo\tnew", "\t")
	report := func(cells []string) string {
		return header + v2Summary("100", "USD", "0.00") + strings.Join(cells, "\t") + "\n"
	}
	for i := 6; i < len(cells); i++ {
		changed := append([]string{}, cells...)
		switch changed[i] {
		case "0.00", "2026-03-14":
			continue // the total would not tie; a date without time is not read beside one with it
		case "2026-03-14 08:49:04 UTC":
			changed[i] = "2026-03-14 08:49:05 UTC"
		default:
			changed[i] += "\xe9 \"x"
		}
		if got := diff(t, report(cells), report(changed)); len(got.Lines) == 0 || got.More {
			t.Errorf("column %d: %+v", i+1, got)
		} else if got.Lines[0].First == got.Lines[0].Second || strings.Contains(got.String(), "\xe9") {
			t.Errorf("column %d is not shown: %s", i+1, got)
		}
	}
}

func TestWhatIsOnlyWrittenDifferentlyIsNoChange(t *testing.T) {
	report := v2("USD", "3.00", "1.00", "2.00")
	moved := v2Header + v2Summary("100", "USD", "3.00") + v2Row("100", "2", "2.00") + v2Row("100", "1", "1.00")
	for name, second := range map[string]string{
		"the same": report, "moved": moved, "line ends": strings.ReplaceAll(report, "\n", "\r\n"), "byte order mark": "\ufeff" + report,
		"compressed": string(compress(report)),
	} {
		if got := diff(t, report, second); len(got.Stated)+len(got.Lines) > 0 || got.More || !strings.Contains(got.String(), "no line says anything else") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestALongDiffIsBoundedAndSaysSo(t *testing.T) {
	first, second := big(20_000), strings.ReplaceAll(big(20_000), "SKU-1", "SKU-2")
	got := diff(t, first, second)
	if len(got.Lines) != 50 || !got.More || !strings.HasSuffix(got.String(), "and more\n") {
		t.Errorf("%d lines, more %v", len(got.Lines), got.More)
	}
	if got.Lines[0].FirstRow != 3 {
		t.Errorf("the first line shown is %d", got.Lines[0].FirstRow)
	}
	one := strings.Replace(first, "\t15000\t\t", "\t15000\tX\t", 1) // far inside, alone
	got = diff(t, first, one)
	if len(got.Lines) != 1 && len(got.Lines) != 2 || got.More || got.Lines[0].FirstRow != 15002 {
		t.Errorf("%+v", got)
	}
}

func TestADocumentThatDoesNotTieHasNoDiff(t *testing.T) {
	good, err := settlement.Open(write(t, "a", []byte(v2("USD", "1.00", "1.00"))), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer good.Close()
	bad, err := settlement.Open(write(t, "b", []byte(v2("USD", "1.00", "2.00"))), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	for _, pair := range [][2]*settlement.File{{good, bad}, {bad, good}} {
		if _, err := settlement.Diff(pair[0], pair[1]); settlement.CodeOf(err) != settlement.CodeSumMismatch {
			t.Error(err)
		}
	}
}

func TestTheSameTextInAnotherCharsetIsNoChange(t *testing.T) {
	report := v2Header + v2Summary("100", "USD", "3.00") + strings.ReplaceAll(v2Row("100", "1", "1.00")+v2Row("100", "2", "2.00"), "SKU-1", "Größe")
	latin, err := charmap.Windows1252.NewEncoder().String(report)
	if err != nil {
		t.Fatal(err)
	}
	if c := diff(t, report, latin); !c.None() {
		t.Errorf("in another charset: %v", c)
	}
	if c := diff(t, latin, strings.Replace(report, "Größe", "Grösse", 1)); len(c.Lines) != 1 && !strings.Contains(c.String(), `sku="Größe"`) {
		t.Errorf("another word: %v", c)
	}
}
