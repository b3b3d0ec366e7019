package bank_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/bank"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func usd(t *testing.T, amount string) settlement.Money {
	t.Helper()
	c, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	m, err := settlement.ParseMoney(amount, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func date(t *testing.T, text string) ledgermap.Date {
	t.Helper()
	d, err := ledgermap.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func read(t *testing.T, text string, form bank.Form) []bank.Line {
	t.Helper()
	lines, err := bank.Read("bank.csv", strings.NewReader(text), form)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// said reads a file that cannot be read and returns what is said of it.
func said(t *testing.T, text string, form bank.Form) string {
	t.Helper()
	_, err := bank.Read("bank.csv", strings.NewReader(text), form)
	if _, ok := errors.AsType[*bank.FormError](err); !ok {
		t.Fatalf("error %v, want a FormError", err)
	}
	return err.Error()
}

// plain is lines without what is not shown.
func plain(lines []bank.Line) []string {
	var list []string
	for _, l := range lines {
		list = append(list, fmt.Sprintf("%d %s %s %s [%s] [%s]", l.Number, l.Date, l.Amount, l.Amount.Currency(), l.Reference, l.Description))
	}
	return list
}

func leg(t *testing.T, settlementID, amount, day, trace string) bank.Leg {
	t.Helper()
	return bank.Leg{Settlement: settlementID, Batch: "CR" + settlementID, Kind: "receipt", Amount: usd(t, amount), Date: date(t, day), TraceID: trace}
}

// outcome is the matches in short: state, by, lines, legs.
func outcome(matches []bank.Match) []string {
	var list []string
	for _, m := range matches {
		text := string(m.State)
		if m.By != "" {
			text += " by " + string(m.By)
		}
		for _, l := range m.Lines {
			text += fmt.Sprintf(" line %d", l.Number)
		}
		for _, g := range m.Legs {
			text += " leg " + g.Settlement
		}
		list = append(list, text)
	}
	return list
}

func expect(t *testing.T, got []bank.Match, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, outcome(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesOfManyBanksAreReadWithoutBeingTold(t *testing.T) {
	want := []string{"2 2026-01-31 1234.56 USD [TRC123456] [Amazon]", "3 2026-02-14 -7.00 USD [0012] [Fee]"}
	for name, c := range map[string]struct {
		text string
		form bank.Form
	}{
		"comma":          {"Date,Amount,Currency,Reference,Description\n2026-01-31,1234.56,USD,TRC123456,Amazon\n2026-02-14,-7.00,USD,0012,Fee\n", bank.Form{}},
		"semicolon":      {"Buchungstag;Betrag;Währung;Referenz;Verwendungszweck\n31.01.2026;1.234,56;USD;TRC123456;Amazon\n14.02.2026;-7,00;USD;0012;Fee\n", bank.Form{}},
		"tab":            {"Date\tAmount\tCcy\tReference\tDetails\n01/31/2026\t1,234.56\tUSD\tTRC123456\tAmazon\n02/14/2026\t(7.00)\tUSD\t0012\tFee\n", bank.Form{}},
		"two columns":    {"Date,Description,Debit,Credit,Ref\n2026-01-31,Amazon,,\"1,234.56\",TRC123456\n2026-02-14,Fee,7.00,,0012\n", bank.Form{Currency: "USD"}},
		"currency above": {"Date,Amount (USD),Reference,Description\n2026-01-31,1234.56,TRC123456,Amazon\n2026-02-14,-7.00,0012,Fee\n", bank.Form{Currency: "EUR"}},
		"trailing -":     {"Datum;Betrag;Referenz;Text\n31.01.26;1'234.56;TRC123456;Amazon\n14.02.26;7.00-;0012;Fee\n", bank.Form{Currency: "USD"}},
		"byte mark":      {"\ufeffDATE,AMOUNT,REFERENCE,DESCRIPTION\r\n2026-01-31T00:00:00Z,$1234.56,TRC123456,Amazon\r\n2026-02-14 09:30,-$7.00,0012,Fee\r\n", bank.Form{Currency: "USD"}},
		"windows-1252":   {"Buchungstag;Betrag;W\xe4hrung;Referenz;Verwendungszweck\n31.01.2026;1234,56;USD;TRC123456;Amazon\n14.02.2026;-7,00;USD;0012;Fee\n", bank.Form{}},
		"named": {
			"When|;What;How much;Id\n2026-01-31;Amazon;1234.56;TRC123456\n2026-02-14;Fee;-7.00;0012\n",
			bank.Form{Currency: "USD", Date: "when", Amount: "How much", Reference: "Id", Description: "What", Delimiter: ";"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, plain(read(t, c.text, c.form))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatStandsBeforeTheHeadingsAndBlankLinesAreNoLines(t *testing.T) {
	got := plain(read(t, "Account,0012345\nPeriod,\"January, 2026\"\n\nDate,Amount,Reference\n2026-01-05,1.00,A\n,,\n2026-01-06,2.00,B\n", bank.Form{Currency: "USD"}))
	if diff := cmp.Diff([]string{"5 2026-01-05 1.00 USD [A] []", "7 2026-01-06 2.00 USD [B] []"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheDecimalMarkIsDecidedPerFileAndNeverGuessed(t *testing.T) {
	open := "Date;Amount\n2026-01-05;1,234\n2026-01-06;2.345\n"
	if text := said(t, "Date;Amount\n2026-01-05;1,234\n", bank.Form{Currency: "USD"}); !strings.Contains(text, "bank.csv:2") || !strings.Contains(text, "--decimal") {
		t.Errorf("1,234 alone: %s", text)
	}
	if text := said(t, open, bank.Form{Currency: "USD"}); !strings.Contains(text, "--decimal") {
		t.Errorf("1,234 and 2.345: %s", text)
	}
	for mark, want := range map[string]string{".": "1234.00", ",": "1.20"} {
		text := "Date;Amount\n2026-01-05;1,234\n"
		if mark == "," {
			text = "Date;Amount\n2026-01-05;1,200\n"
		}
		if got := read(t, text, bank.Form{Currency: "USD", Decimal: mark}); got[0].Amount != usd(t, want) {
			t.Errorf("with %q: %s, want %s", mark, got[0].Amount, want)
		}
	}
	// One line that has a single reading decides for all.
	if got := read(t, "Date;Amount\n2026-01-05;1,234\n2026-01-06;7.50\n", bank.Form{Currency: "USD"}); got[0].Amount != usd(t, "1234.00") {
		t.Errorf("decided by 7.50: %s", got[0].Amount)
	}
	if text := said(t, "Date;Amount\n2026-01-05;12.50\n2026-01-06;7,50\n", bank.Form{Currency: "USD"}); !strings.Contains(text, "bank.csv:3") {
		t.Errorf("two marks in one file: %s", text)
	}
}

func TestDayAndMonthAreNeverGuessed(t *testing.T) {
	if text := said(t, "Date,Amount\n03/04/2026,1.00\n05/06/2026,2.00\n", bank.Form{Currency: "USD"}); !strings.Contains(text, "bank.csv:2") || !strings.Contains(text, "--dates") {
		t.Errorf("no day above 12: %s", text)
	}
	if got := read(t, "Date,Amount\n03/04/2026,1.00\n05/16/2026,2.00\n", bank.Form{Currency: "USD"}); got[0].Date != date(t, "2026-03-04") {
		t.Errorf("decided by 05/16: %s", got[0].Date)
	}
	if got := read(t, "Date,Amount\n03/04/2026,1.00\n", bank.Form{Currency: "USD", Dates: "dd/MM/yyyy"}); got[0].Date != date(t, "2026-04-03") {
		t.Errorf("named: %s", got[0].Date)
	}
	if got := read(t, "Date,Amount\n07/07/2026,1.00\n", bank.Form{Currency: "USD"}); got[0].Date != date(t, "2026-07-07") {
		t.Errorf("the same day either way: %s", got[0].Date)
	}
}

func TestWhatCannotBeReadIsNamedWithItsLineAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		form       bank.Form
	}{
		"no bank's file":   {"settlement-id\tamount\tposted-date\n1\t1.00\t2026-01-05\n", "it is a settlement report", bank.Form{Currency: "USD"}},
		"no headings":      {"a,b\n1,2\n", "--amount-column", bank.Form{Currency: "USD"}},
		"wrong heading":    {"Date,Amount\n2026-01-05,1.00\n", "named", bank.Form{Currency: "USD", Reference: "Trace"}},
		"no currency":      {"Date,Amount\n2026-01-05,1.00\n", "--currency", bank.Form{}},
		"unknown currency": {"Date,Amount,Currency\n2026-01-05,1.00,XXZ\n", "bank.csv:2", bank.Form{}},
		"no amount":        {"Date,Amount\n2026-01-05,1.00\n2026-01-06,\n", "bank.csv:3", bank.Form{Currency: "USD"}},
		"no date":          {"Date,Amount\n2026-01-05,1.00\n,2.00\n", "bank.csv:3", bank.Form{Currency: "USD"}},
		"words":            {"Date,Amount\n2026-01-05,1.00\nTotal,2.00\n", "\"Total\"", bank.Form{Currency: "USD"}},
		"cents of yen":     {"Date,Amount\n2026-01-05,1.50\n", "bank.csv:2", bank.Form{Currency: "JPY"}},
		"both sides":       {"Date,Debit,Credit\n2026-01-05,1.00,2.00\n", "both", bank.Form{Currency: "USD"}},
		"delimiter":        {"Date,Amount\n2026-01-05,1.00\n", "tab", bank.Form{Currency: "USD", Delimiter: "|"}},
		"decimal":          {"Date,Amount\n2026-01-05,1.00\n", "neither", bank.Form{Currency: "USD", Decimal: "'"}},
		"date form":        {"Date,Amount\n2026-01-05,1.00\n", "MM/dd/yyyy", bank.Form{Currency: "USD", Dates: "US"}},
	} {
		if text := said(t, c.text, c.form); !strings.Contains(text, c.want) {
			t.Errorf("%s: %q, want %q in it", name, text, c.want)
		}
	}
}

func TestAHugeFileIsRefusedBeforeItIsRead(t *testing.T) {
	text := "Date,Amount\n" + strings.Repeat("2026-01-05,1.00\n", 100_001)
	if got := said(t, text, bank.Form{Currency: "USD"}); !strings.Contains(got, "more than 100000 lines") {
		t.Error(got)
	}
	if got := said(t, "Date,Amount\n"+strings.Repeat("x", 32<<20), bank.Form{Currency: "USD"}); !strings.Contains(got, "32 MiB") {
		t.Error(got)
	}
}

func TestALineThatNamesTheTraceIDMatchesWhateverItsDate(t *testing.T) {
	lines := read(t, "Date,Amount,Reference,Description\n"+
		"2026-03-01,100.00,,DES:PAYMENTS ID:TRC-123456 AMAZON\n"+ // cut by marks
		"2026-03-02,200.00,trc 777 888,\n"+ // blanks that the bank put in
		"2026-03-03,300.00,,settlement 50034020328\n", bank.Form{Currency: "USD"})
	legs := []bank.Leg{leg(t, "1", "100.00", "2026-01-01", "TRC123456"), leg(t, "2", "200.00", "2026-01-01", "TRC777888"), leg(t, "50034020328", "300.00", "2026-01-01", "")}
	expect(t, bank.Reconcile(lines, legs, 3), "matched by trace_id line 2 leg 1", "matched by trace_id line 3 leg 2", "matched by trace_id line 4 leg 50034020328")
}

func TestWithoutATraceIDAmountAndDateMatchWithinTheTolerance(t *testing.T) {
	lines := read(t, "Date,Amount\n2026-03-04,100.00\n2026-03-09,200.00\n", bank.Form{Currency: "USD"})
	legs := []bank.Leg{leg(t, "1", "100.00", "2026-03-01", "UNSEEN0001"), leg(t, "2", "200.00", "2026-03-05", "")}
	expect(t, bank.Reconcile(lines, legs, 3), "matched by amount_and_date line 2 leg 1", "unmatched_line line 3", "unmatched_leg leg 2")
	expect(t, bank.Reconcile(lines, legs, 4), "matched by amount_and_date line 2 leg 1", "matched by amount_and_date line 3 leg 2")
	expect(t, bank.Reconcile(lines, legs, 2), "unmatched_line line 2", "unmatched_line line 3", "unmatched_leg leg 1", "unmatched_leg leg 2")
}

func TestR3_4_ADifferenceOfOneCentIsAFailureAndNoMatch(t *testing.T) {
	for _, trace := range []string{"TRC123456", ""} {
		for _, amount := range []string{"1234.57", "1234.55"} {
			lines := read(t, "Date,Amount,Reference\n2026-03-01,"+amount+","+trace+"\n", bank.Form{Currency: "USD"})
			got := bank.Reconcile(lines, []bank.Leg{leg(t, "1", "1234.56", "2026-03-01", trace)}, 3)
			by := "trace_id"
			if trace == "" {
				by = "date"
			}
			expect(t, got, "amount_differs by "+by+" line 2 leg 1")
			if got[0].Difference.Abs() != usd(t, "0.01") || bank.Summarise(got).OK() {
				t.Errorf("trace %q, amount %s: difference %s, summary %v", trace, amount, got[0].Difference, bank.Summarise(got))
			}
		}
	}
}

func TestAnotherTransferOfTheDayIsNotTakenForADifference(t *testing.T) {
	lines := read(t, "Date,Amount\n2026-03-01,1250.00\n2026-03-01,-1234.55\n", bank.Form{Currency: "USD"})
	expect(t, bank.Reconcile(lines, []bank.Leg{leg(t, "1", "1234.56", "2026-03-01", "")}, 3), "unmatched_line line 2", "unmatched_line line 3", "unmatched_leg leg 1")
	lines = read(t, "Date,Amount,Currency,Reference\n2026-03-01,1234.56,EUR,TRC123456\n", bank.Form{})
	expect(t, bank.Reconcile(lines, []bank.Leg{leg(t, "1", "1234.56", "2026-03-01", "TRC123456")}, 3), "unmatched_line line 2", "unmatched_leg leg 1")
}

func TestSeveralCandidatesAreAmbiguousAndNeverGuessed(t *testing.T) {
	lines := read(t, "Date,Amount\n2026-03-01,100.00\n2026-03-02,100.00\n2026-03-20,9.00\n", bank.Form{Currency: "USD"})
	legs := []bank.Leg{leg(t, "1", "100.00", "2026-03-01", ""), leg(t, "2", "100.00", "2026-03-02", "")}
	expect(t, bank.Reconcile(lines, legs, 3), "ambiguous by amount_and_date line 2 line 3 leg 1 leg 2", "unmatched_line line 4")
	expect(t, bank.Reconcile(lines, legs[:1], 3), "ambiguous by amount_and_date line 2 line 3 leg 1", "unmatched_line line 4")
	expect(t, bank.Reconcile(lines[:1], legs, 3), "ambiguous by amount_and_date line 2 leg 1 leg 2")
	// Dates alone tell them apart where the tolerance says so.
	expect(t, bank.Reconcile(lines, legs, 0), "matched by amount_and_date line 2 leg 1", "matched by amount_and_date line 3 leg 2", "unmatched_line line 4")
}

func TestATraceIDTellsEqualAmountsApart(t *testing.T) {
	lines := read(t, "Date,Amount,Reference\n2026-03-01,100.00,TRC000002\n2026-03-01,100.00,\n", bank.Form{Currency: "USD"})
	legs := []bank.Leg{leg(t, "1", "100.00", "2026-03-01", "TRC000001"), leg(t, "2", "100.00", "2026-03-01", "TRC000002")}
	expect(t, bank.Reconcile(lines, legs, 3), "matched by trace_id line 2 leg 2", "matched by amount_and_date line 3 leg 1")
}

func TestAPayoutThatCameBackLeavesItsReturnUnmatched(t *testing.T) {
	lines := read(t, "Date,Amount,Reference\n2026-03-01,100.00,TRC000001\n2026-03-04,-100.00,TRC000001\n", bank.Form{Currency: "USD"})
	expect(t, bank.Reconcile(lines, []bank.Leg{leg(t, "1", "100.00", "2026-03-01", "TRC000001")}, 3), "matched by trace_id line 2 leg 1", "unmatched_line line 3")
}

func TestMoneyThatWentOutMatchesADisbursement(t *testing.T) {
	lines := read(t, "Date,Debit,Credit\n2026-03-01,12.50,\n", bank.Form{Currency: "USD"})
	g := leg(t, "1", "-12.50", "2026-03-01", "")
	g.Kind = "disbursement"
	expect(t, bank.Reconcile(lines, []bank.Leg{g}, 3), "matched by amount_and_date line 2 leg 1")
}

func TestLinesCanBeChosenByATextInAnyCell(t *testing.T) {
	lines := read(t, "Date,Amount,Reference,Kind\n2026-03-01,1.00,x,Amazon EDI\n2026-03-02,2.00,y,Rent\n2026-03-03,3.00,AMZN.COM,\n", bank.Form{Currency: "USD"})
	if got := plain(bank.Only(lines, "amazon")); len(got) != 1 || !strings.HasPrefix(got[0], "2 ") {
		t.Errorf("chosen: %v", got)
	}
}

func TestEveryLineAndLegIsInExactlyOneOutcome(t *testing.T) {
	var text strings.Builder
	text.WriteString("Date,Amount,Reference\n")
	var legs []bank.Leg
	for i := range 400 {
		fmt.Fprintf(&text, "2026-03-%02d,%d.%02d,TRC%06d\n", i%28+1, i%7+1, i%3, i%90)
		legs = append(legs, leg(t, fmt.Sprint(i), fmt.Sprintf("%d.%02d", i%11+1, i%2), fmt.Sprintf("2026-03-%02d", i%28+1), fmt.Sprintf("TRC%06d", i%120)))
	}
	lines := read(t, text.String(), bank.Form{Currency: "USD"})
	seenLines, seenLegs := map[int]int{}, map[string]int{}
	for _, m := range bank.Reconcile(lines, legs, 2) {
		for _, l := range m.Lines {
			seenLines[l.Number]++
		}
		for _, g := range m.Legs {
			seenLegs[g.Settlement]++
		}
		if m.State == bank.Matched && m.Lines[0].Amount != m.Legs[0].Amount {
			t.Errorf("matched %s with %s", m.Lines[0].Amount, m.Legs[0].Amount)
		}
	}
	for _, n := range seenLines {
		if n != 1 {
			t.Fatalf("a line is in %d outcomes", n)
		}
	}
	for _, n := range seenLegs {
		if n != 1 {
			t.Fatalf("a leg is in %d outcomes", n)
		}
	}
	if len(seenLines) != 400 || len(seenLegs) != 400 {
		t.Errorf("%d lines and %d legs, want 400 of each", len(seenLines), len(seenLegs))
	}
}

func TestOutcomesAsJSONAndAsATable(t *testing.T) {
	lines := read(t, "Date,Amount,Reference,Description\n2026-03-01,1234.55,0000123456,Amazon\n2026-03-09,5.00,,\n", bank.Form{Currency: "USD"})
	matches := bank.Reconcile(lines, []bank.Leg{leg(t, "77", "1234.56", "2026-03-01", "0000123456")}, 3)
	text, err := json.Marshal(matches[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"state":"amount_differs","by":"trace_id","lines":[{"line":2,"date":"2026-03-01","amount":"1234.55","currency":"USD","reference":"0000123456","description":"Amazon"}],` +
		`"legs":[{"settlement_id":"77","batch":"CR77","kind":"receipt","date":"2026-03-01","amount":"1234.56","currency":"USD","trace_id":"0000123456"}],"difference":"-0.01"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	var table bytes.Buffer
	if err := bank.WriteTable(&table, matches); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"amount differs", "differs by -0.01", "unmatched line", "not in the books"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	if s := bank.Summarise(matches); s != (bank.Summary{AmountDiffers: 1, UnmatchedLine: 1}) {
		t.Errorf("summary %+v", s)
	}
}

func FuzzAFileIsReadOrRefusedWithItsReason(f *testing.F) {
	f.Add("Date,Amount,Currency,Reference\n2026-01-31,\"1,234.56\",USD,TRC123456\n")
	f.Add("Buchungstag;Soll;Haben\n31.01.26;;1.234,56-\n")
	f.Add("\ufeffDate\tAmount\n\"2026\n-01-31\t(1)\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := bank.Read("bank.csv", strings.NewReader(text), bank.Form{Currency: "USD"})
		if err != nil {
			if _, ok := errors.AsType[*bank.FormError](err); !ok {
				t.Fatalf("error %v, want a FormError", err)
			}
			return
		}
		for _, l := range lines {
			if l.Number < 1 || l.Date.IsZero() || l.Amount.Currency().IsZero() {
				t.Fatalf("line %+v", l)
			}
		}
		if got := bank.Summarise(bank.Reconcile(lines, nil, 3)); got.UnmatchedLine != len(lines) {
			t.Fatalf("%d of %d lines are unmatched", got.UnmatchedLine, len(lines))
		}
	})
}
