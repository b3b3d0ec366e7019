package ledgermap_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

func TestR6_1_BoundaryIsInTheLedgersTimeZone(t *testing.T) {
	for posted, want := range map[string]int{
		"2025-08-01 06:59:59": 202507, "2025-08-01 07:00:00": 202508, "2025-08-01 07:00:01": 202508,
		"2024-03-01 07:59:59": 202402, "2024-03-01 08:00:00": 202403, // leap day, winter time
		"2024-11-01 06:59:59": 202410, "2024-11-01 07:00:00": 202411, // the last days of summer time
	} {
		p := plan(t, rules(t), august(row{kind: "Order/ItemPrice/Principal", amount: "1.00", posted: posted}).source(t), ledgermap.Input{})
		if got := p.Documents[0].Period(); got != want {
			t.Errorf("%s UTC is in period %d, want %d", posted, got, want)
		}
	}
}

func TestR6_1_ADayWithoutATimeIsThatDayInTheLedgersTimeZone(t *testing.T) {
	p := plan(t, rules(t), august(row{kind: "Order/ItemPrice/Principal", amount: "1.00", posted: "2025-08-01"}).source(t), ledgermap.Input{})
	if got := p.Documents[0].Period(); got != 202508 {
		t.Errorf("in period %d, want 202508", got)
	}
}

func TestR6_3_OneTwoThreeAndFourteenPeriods(t *testing.T) {
	for _, n := range []int{1, 2, 3, 14} {
		s := august()
		for i := range n {
			day := date(t, "2024-01-15").AddDays(i * 30)
			s.rows = append(s.rows, row{kind: "Order/ItemPrice/Principal", amount: "10.01", posted: noon(day.String())})
		}
		p := plan(t, rules(t), s.source(t), ledgermap.Input{})
		parts := journals(p)
		if len(parts) != n {
			t.Fatalf("%d parts, want %d\n%s", len(parts), n, shape(p))
		}
		seen := make(map[string]bool)
		for i, d := range parts {
			if d.Ordinal() != i+1 || seen[d.Part()] || i > 0 && d.Period() <= parts[i-1].Period() {
				t.Errorf("part %d has ordinal %d, letter %s, period %d", i, d.Ordinal(), d.Part(), d.Period())
			}
			seen[d.Part()] = true
		}
		if got := booked(t, parts...)["115.00"]; got != p.Statement.Total {
			t.Errorf("%d parts leave %s on clearing, the total is %s", n, got, p.Statement.Total)
		}
	}
}

// The ordinals of a hundred parts lie before those of their companions.
func TestR6_3_AHundredPartsAreTheMost(t *testing.T) {
	var rows []row
	for i := range 101 {
		rows = append(rows, row{kind: sold, amount: "1.00", posted: noon(date(t, "2025-07-25").AddDays(i).String())})
	}
	in := ledgermap.Input{Calendar: weeks(t, "2025-07-01", 1, 190)}
	if p := plan(t, invoiceMode(t), august(rows[:100]...).source(t), in); len(journals(p)) != 100 {
		t.Errorf("%d parts", len(journals(p)))
	}
	if p, err := rules(t).Plan(august(rows...).source(t), in); err == nil || !strings.Contains(err.Error(), "101 fiscal periods") {
		t.Errorf("%v, planned %v", err, p)
	}
}

// The letters of parts are those of reference numbers: each once, however many periods there are.
func TestR6_3_PartsBeyondTheAlphabetHaveLettersOfTheirOwn(t *testing.T) {
	var rows []row
	for i := range 52 {
		rows = append(rows, row{kind: sold, amount: "1.00", posted: noon(date(t, "2025-07-25").AddDays(i).String())})
	}
	p := plan(t, rules(t), august(rows...).source(t), ledgermap.Input{Calendar: weeks(t, "2025-07-01", 1, 90)})
	seen := map[string]bool{}
	var some []string
	for i, d := range journals(p) {
		if seen[d.Part()] {
			t.Errorf("two parts are %s", d.Part())
		}
		seen[d.Part()] = true
		if i == 0 || i == 23 || i == 24 || i == 47 || i == 48 || i == 51 {
			some = append(some, d.Part())
		}
	}
	if diff := cmp.Diff([]string{"A", "X", "AA", "AX", "BA", "BD"}, some); diff != "" {
		t.Error(diff)
	}
	// Charges are lettered from the back.
	rows = nil
	for range 26 {
		rows = append(rows, row{kind: charged, amount: "1.00", posted: noon("2025-08-02")})
	}
	var back []string
	for _, d := range plan(t, rules(t), august(rows...).source(t), ledgermap.Input{}).Documents {
		if d.Ordinal() >= ledgermap.FirstCharge {
			back = append(back, d.Part())
		}
	}
	if len(back) != 26 || back[0] != "X" || back[23] != "A" || back[24] != "ZZ" || back[25] != "ZY" {
		t.Errorf("charges are %v", back)
	}
}

func TestR6_4_R10_3_RowsOutsideTheWindowAreKeptDatedTrulyAndReported(t *testing.T) {
	s := august(
		row{kind: "Order/ItemPrice/Principal", amount: "10.00", posted: noon("2025-06-30")},
		row{kind: "Refund/ItemPrice/Principal", amount: "-4.00", posted: noon("2025-08-09")},
		row{kind: "Order/ItemPrice/Principal", amount: "20.00", posted: noon("2025-08-02")},
	)
	p := plan(t, rules(t), s.source(t), ledgermap.Input{})
	if p.Documents[0].Period() != 202506 || p.Documents[0].Date().String() != "2025-06-30" {
		t.Errorf("planned\n%s", shape(p))
	}
	var got []string
	for _, f := range p.Findings {
		got = append(got, f.Code+" "+f.Amount.String())
	}
	if diff := cmp.Diff([]string{"out_of_window 10.00", "out_of_window -4.00"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestR6_4_TheWindowHoldsItsFirstAndItsLastSecond(t *testing.T) {
	s := august(row{kind: sold, amount: "1.00", posted: "2025-07-25 07:00:00"}, row{kind: sold, amount: "1.00", posted: "2025-08-08 07:00:00"})
	if p := plan(t, rules(t), s.source(t), ledgermap.Input{}); len(p.Findings) != 0 {
		t.Errorf("inside: %+v", p.Findings)
	}
	for n, want := range map[int]string{
		99: "99 rows are posted before it starts; they are kept and dated truly, the furthest on 2025-06-01 12:00:00 UTC",
		// More are not counted.
		101: "100 or more rows are posted before it starts; they are kept and dated truly, the furthest on 2025-06-01 12:00:00 UTC",
	} {
		s := august(row{kind: sold, amount: "1.00", posted: "2025-07-25 07:00:00"}) // line 3
		for i := range n {
			s.rows = append(s.rows, row{kind: sold, amount: "0.01", posted: fmt.Sprintf("2025-06-%02d 12:00:00", 30-(i+7)%30)})
		}
		f := plan(t, rules(t), s.source(t), ledgermap.Input{}).Findings
		if len(f) != 1 || f[0].Message != want || f[0].Rows != min(n, 100) || f[0].Example != 4 {
			t.Errorf("%d rows before the start: %+v", n, f)
		}
	}
}

func closedJuly(t *testing.T) ledgermap.Calendar {
	periods := months(t).Periods()
	for i := range periods {
		periods[i].Closed = periods[i].Number <= 202507
	}
	c, err := ledgermap.NewCalendar(periods)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestR7_1_AClosedOrUnknownPeriodRefusesTheSettlement(t *testing.T) {
	refused := refusal(t, rules(t), typical().source(t), ledgermap.Input{Calendar: closedJuly(t)})
	if refused.Code != ledgermap.RefusedPeriodClosed || !strings.Contains(refused.Message, "fiscal period 202507 is closed") {
		t.Errorf("%v", refused)
	}
	short := ledgermap.Months(date(t, "2025-08-01"), date(t, "2025-12-31"))
	if refused := refusal(t, rules(t), typical().source(t), ledgermap.Input{Calendar: short}); refused.Code != ledgermap.RefusedPeriodUnknown || !strings.HasPrefix(refused.Message, "4 rows are posted on days that no fiscal period holds, 2025-07-30 to 2025-07-30") {
		t.Errorf("%v", refused)
	}
}

// A settlement that ends with the year is booked before anybody opened the next one; what waits for its money has no
// period yet, and gets one that must be open when the money has moved.
func TestR7_1_AReceiptThatOnlyWaitsDoesNotRefuseTheSettlement(t *testing.T) {
	day := "2025-08-10" // of the deposit
	periods := months(t).Periods()
	for i := range periods {
		periods[i].Closed = periods[i].Number == 202508
	}
	closed, err := ledgermap.NewCalendar(periods)
	if err != nil {
		t.Fatal(err)
	}
	short := ledgermap.Months(date(t, "2025-01-01"), date(t, "2025-07-31"))
	for name, c := range map[string]struct {
		calendar ledgermap.Calendar
		period   int
		refused  string
	}{
		"closed": {closed, 202508, ledgermap.RefusedPeriodClosed}, "not there yet": {short, 0, ledgermap.RefusedPeriodUnknown},
	} {
		for _, policy := range []string{"refuse ", "next-open-period "} {
			t.Run(name+" "+policy, func(t *testing.T) {
				r := rules(t, "closed_period: refuse ", "closed_period: "+policy)
				july := august(row{kind: "Order/ItemPrice/Principal", amount: "100.00", posted: "2025-07-28 12:00:00"})
				p := plan(t, r, july.source(t), ledgermap.Input{Calendar: c.calendar})
				receipt, ok := p.Document(ledgermap.TransferLeg)
				if len(p.Documents) != 2 || !ok || receipt.WaitsFor() != ledgermap.WaitPayout || receipt.Period() != c.period || receipt.Date().String() != day {
					t.Errorf("got\n%s", shape(p))
				}
				if len(p.Findings) != 1 || p.Findings[0].Code != ledgermap.FindingPeriodLater || !strings.Contains(p.Findings[0].Message, day) {
					t.Errorf("findings %+v", p.Findings)
				}
				open, _ := plan(t, r, july.source(t), ledgermap.Input{}).Document(ledgermap.TransferLeg)
				if same := open.Digest() == receipt.Digest(); same != (c.period != 0) {
					t.Errorf("the digest while the period is open and while it is not: same %v", same)
				}
				text, err := json.Marshal(receipt)
				if err != nil {
					t.Fatal(err)
				}
				var read ledgermap.Document
				if err := json.Unmarshal(text, &read); err != nil || read.Digest() != receipt.Digest() {
					t.Errorf("read back from JSON: %v", err)
				}
				if policy == "refuse " {
					paid := ledgermap.Input{Calendar: c.calendar, Payout: paid(t, "2025-08-10 12:00:00")}
					if refused := refusal(t, r, july.source(t), paid); refused.Code != c.refused {
						t.Errorf("once it is paid: %v, want %s", refused, c.refused)
					}
				}
			})
		}
	}
}

func TestR7_2_NextOpenPeriodKeepsTheOriginalDate(t *testing.T) {
	p := plan(t, rules(t, "closed_period: refuse ", "closed_period: next-open-period "), typical().source(t), ledgermap.Input{Calendar: closedJuly(t)})
	d := p.Documents[0]
	if d.Period() != 202508 || d.Date().String() != "2025-08-01" || !strings.Contains(d.Description(), "2025-07-30") {
		t.Errorf("the part of July is in %d on %s: %q", d.Period(), d.Date(), d.Description())
	}
	if len(p.Findings) != 1 || p.Findings[0].Code != ledgermap.FindingMoved {
		t.Errorf("findings %+v", p.Findings)
	}
	none := ledgermap.Period{Number: 202507, Start: date(t, "2025-07-01"), End: date(t, "2025-08-31"), Closed: true}
	last, err := ledgermap.NewCalendar([]ledgermap.Period{none})
	if err != nil {
		t.Fatal(err)
	}
	r := rules(t, "closed_period: refuse ", "closed_period: next-open-period ")
	if refused := refusal(t, r, typical().source(t), ledgermap.Input{Calendar: last}); refused.Code != ledgermap.RefusedPeriodClosed || !strings.Contains(refused.Message, "no later one is open") {
		t.Errorf("%v", refused)
	}
}

func TestR7_4_APeriodClosedLaterMakesAnotherPlan(t *testing.T) {
	r := rules(t, "closed_period: refuse ", "closed_period: next-open-period ")
	open := plan(t, r, typical().source(t), ledgermap.Input{})
	closed := plan(t, r, typical().source(t), ledgermap.Input{Calendar: closedJuly(t)})
	if open.Hash() == closed.Hash() {
		t.Error("the plan's hash does not tell")
	}
}
