package settlement_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// open opens a report as a file.
func open(t *testing.T, report string) *settlement.File {
	t.Helper()
	f, err := settlement.Open(write(t, "report.txt", []byte(report)), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A sum does not tell a file that holds a settlement twice where its total is 0.
func TestASettlementThatIsInTheFileTwiceIsRefused(t *testing.T) {
	once := v2("USD", "0.00", "100.00", "-100.00")
	again := strings.TrimPrefix(once, v2Header)
	row := v2Header + strings.Replace(v2Row("100", "1", "0.00"), "100\t\t\t\t\t\t", strings.TrimRight(v2Summary("100", "USD", "0.00"), "\t\n")+"\t", 1)
	for name, report := range map[string]string{"with its header": once + once, "without": once + again, "with its total on every row": row + row} {
		_, _, err := read(report, settlement.Options{})
		if settlement.CodeOf(err) != settlement.CodeTwoTotals || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lines, _, err := read(once, settlement.Options{}); err != nil || len(lines) != 2 {
		t.Errorf("once: %d lines, %v", len(lines), err)
	}
}

func TestFilesPutOneBehindTheOtherKeepTheirHeaders(t *testing.T) {
	second := v2Header + v2Summary("200", "USD", "2.00") + v2Row("200", "1", "2.00")
	first := v2("USD", "1.00", "1.00")
	for name, report := range map[string]string{
		"as it is":               first + second,
		"with a byte order mark": "\ufeff" + first + "\ufeff" + second,
		"in capitals":            strings.ToUpper(v2Header) + strings.TrimPrefix(first, v2Header) + second,
	} {
		for id, total := range map[string]string{"100": "1.00", "200": "2.00"} {
			lines, s, err := read(report, settlement.Options{Settlement: id})
			if err != nil || len(lines) != 1 || s.Total.String() != total {
				t.Errorf("%s, %s: %d lines, %v, %v", name, id, len(lines), s.Total, err)
			}
		}
	}
}

func TestASettlementIDIsLettersDigitsHyphensAndUnderscores(t *testing.T) {
	with := func(id string) error {
		_, _, err := read(strings.ReplaceAll(v2("USD", "1.00", "1.00"), "\n100\t", "\n"+id+"\t"), settlement.Options{})
		return err
	}
	if err := with("09AZaz-_"); err != nil {
		t.Error(err)
	}
	for _, b := range "/:@[`{. " {
		if err := with("1" + string(b) + "1"); settlement.CodeOf(err) != settlement.CodeBadHeader {
			t.Errorf("an id with %q: %v", b, err)
		}
	}
}

func TestBlanksInTheColumnsOfTheSummaryAreNothing(t *testing.T) {
	row := v2Row("100", "1", "1.00")
	row = strings.Replace(row, "100\t\t\t\t\t\t", "100\t \t \t \t \t \t", 1)
	row = strings.TrimSuffix(row, "\n") + "\t \n" // behind the last column
	if lines, _, err := read(v2Header+v2Summary("100", "USD", "1.00")+row, settlement.Options{}); err != nil || len(lines) != 1 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestADepositDateThatContradictsTheSummaryIsRefused(t *testing.T) {
	for _, column := range []string{"100\t\t2026-03-28 20:21:38 UTC\t\t\t\t", "100\t\t\t2026-03-28 20:21:38 UTC\t\t\t"} {
		row := strings.Replace(v2Row("100", "1", "1.00"), "100\t\t\t\t\t\t", column, 1)
		if _, _, err := read(v2Header+v2Summary("100", "USD", "1.00")+row, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeTwoTotals {
			t.Errorf("%q: %v", column, err)
		}
	}
}

func TestADayWithoutATimeIsThatDayInEveryZone(t *testing.T) {
	report := strings.Replace(v2("USD", "2.00", "1.00", "1.00"), "2026-03-14 08:49:04 UTC", "2026-03-14", 1)
	lines, _, err := read(report, settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if day := lines[0].Posted; day.Location() != settlement.Day || day.Format(time.RFC3339) != "2026-03-14T00:00:00Z" {
		t.Error(day)
	}
	if instant := lines[1].Posted; instant.Location() != time.UTC {
		t.Error(instant)
	}
}

func TestADayMayStandBeforeTimesOfEitherForm(t *testing.T) {
	report := v2("USD", "1.00", "1.00")
	report = strings.Replace(report, "2026-03-13 20:21:38 UTC", "2026-03-13", 1)
	for _, stamp := range []string{"2026-03-%sT%s+00:00", "2026-03-%s %s UTC"} {
		r := report
		for _, old := range [][2]string{{"27", "20:21:38"}, {"29", "20:21:38"}, {"14", "08:49:04"}} {
			r = strings.ReplaceAll(r, "2026-03-"+old[0]+" "+old[1]+" UTC", strings.Replace(strings.Replace(stamp, "%s", old[0], 1), "%s", old[1], 1))
		}
		if _, _, err := read(r, settlement.Options{}); err != nil {
			t.Errorf("%s: %v", stamp, err)
		}
	}
}

func TestMarketplacesThatNobodyHasAreRefusedInXMLToo(t *testing.T) {
	report := strings.Replace(xmlReport(t), "<MarketplaceName>", "<MarketplaceName>"+strings.Repeat("x", 1025), 1)
	if _, _, err := read(report, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeTooLarge {
		t.Error(err)
	}
}

// What is remembered of a report is limited in bytes, not only in number.
func TestWordsThatNobodyWritesAreRefusedBeforeTheyFillTheMemory(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for name, report := range map[string]string{
		"a kind":        strings.Replace(v2("USD", "1.00", "1.00"), "Principal", long, 1),
		"a marketplace": strings.Replace(v2("USD", "1.00", "1.00"), "Amazon.com", long, 1),
	} {
		if _, _, err := read(report, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeTooLarge {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := read(strings.Replace(report, long, long[1:], 1), settlement.Options{}); err != nil {
			t.Errorf("%s, one byte less: %v", name, err)
		}
	}
}

func TestAReportOfMoreKindsThanAnyHasIsNotAddedUp(t *testing.T) {
	rows := &strings.Builder{}
	rows.WriteString(v2Header + v2Summary("100", "USD", "0.00"))
	row := v2Row("100", "1", "0.00")
	for i := range 1<<14 + 1 {
		rows.WriteString(strings.Replace(row, "Principal", "x"+strings.Repeat("y", i%900)+string(rune('a'+i/900)), 1))
	}
	_, err := settlement.TallyOf(settlement.NewReader(strings.NewReader(rows.String()), settlement.Options{}))
	if settlement.CodeOf(err) != settlement.CodeTooLarge {
		t.Error(err)
	}
}

func TestAFileOfMoreSettlementsThanAnyHasIsNotListed(t *testing.T) {
	report := &strings.Builder{}
	report.WriteString(v2Header)
	for i := range 10_001 {
		report.WriteString(v2Summary(strings.Repeat("1", i%100+1)+"0"+strings.Repeat("2", i/100), "USD", "0.00"))
	}
	f := open(t, report.String())
	if _, err := f.Settlements(); settlement.CodeOf(err) != settlement.CodeTooLarge {
		t.Error(err)
	}
}

func TestATransactionOfXMLLargerThanAnyIsRefused(t *testing.T) {
	child := "<a>" + strings.Repeat("x", 1<<19) + "</a>"
	r := settlement.NewReader(io.MultiReader(
		strings.NewReader("<AmazonEnvelope><Message><SettlementReport><Order>"), &repeat{row: child, times: 1 << 30}), settlement.Options{MaxBytes: 1 << 30})
	if _, err := collect(r); settlement.CodeOf(err) != settlement.CodeTooLarge || !strings.Contains(err.Error(), "element") {
		t.Error(err)
	}
}

func TestATotalThatXMLStatesTwiceIsRefused(t *testing.T) {
	whole := xmlReport(t)
	total := `<TotalAmount currency="USD">3.57</TotalAmount>`
	if !strings.Contains(whole, total) {
		t.Fatal("the report states another total")
	}
	if _, _, err := read(strings.Replace(whole, total, total+total, 1), settlement.Options{}); settlement.CodeOf(err) != settlement.CodeTwoTotals {
		t.Error(err)
	}
}

func TestAFaultBehindAnAmbiguousNumberIsTold(t *testing.T) {
	head, tail, _ := strings.Cut(v2("USD", "1,234", "1,234", "0"), "Order\t2")
	_, err := collect(open(t, head+"Order\t2"+strings.Replace(tail, "2026-03-14 08:49:04 UTC", "soon", 1)))
	if settlement.CodeOf(err) != settlement.CodeAmbiguousNumber || !strings.Contains(err.Error(), "soon") {
		t.Error(err)
	}
}

func TestNoPatternForAnyDescriptionTakesTaxForAFee(t *testing.T) {
	for _, tax := range []string{"Tax", "Tax on fee", "VAT", "SGST"} {
		for _, k := range []settlement.Kind{
			{TransactionType: "CouponRedemptionFee", AmountType: "CouponRedemptionFee", AmountDescription: tax},
			{TransactionType: "other-transaction", AmountType: "Inbound Defect Fee", AmountDescription: tax},
		} {
			if c, ok := k.Category(); ok && !strings.Contains(string(c), "tax") {
				t.Errorf("%s is %s", k, c)
			}
		}
	}
}
