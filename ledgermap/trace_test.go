package ledgermap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// bijection checks that every row is in one ledger line or one memo, and that counts and sums agree both ways.
func bijection(t testing.TB, p *ledgermap.Plan, src settlement.Source) {
	t.Helper()
	rows, memo := make(map[ledgermap.Ref]int), 0
	sums := make(map[ledgermap.Ref]settlement.Money)
	all, last := 0, 0
	for row, err := range p.Trace(src) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Line.Row < last {
			t.Fatalf("row %d comes after row %d", row.Line.Row, last)
		}
		all, last = all+1, row.Line.Row
		if row.To == (ledgermap.Ref{}) {
			memo++
			continue
		}
		rows[row.To]++
		sum, err := sums[row.To].Add(row.Line.Amount)
		if err != nil {
			t.Fatal(err)
		}
		sums[row.To] = sum
	}
	if all != p.Statement.Rows {
		t.Errorf("%d rows are traced, the statement has %d", all, p.Statement.Rows)
	}
	for _, m := range p.Memos {
		memo -= m.Rows
	}
	if memo != 0 {
		t.Errorf("%d rows too many in memos", memo)
	}
	for _, d := range p.Documents {
		for i, l := range d.Lines() {
			ref := ledgermap.Ref{Ordinal: d.Ordinal(), Line: i + 1}
			if rows[ref] != l.Rows {
				t.Errorf("line %v stands for %d rows, traced are %d", ref, l.Rows, rows[ref])
			}
			if l.Rows > 0 && d.Conversion().IsZero() && sums[ref].Neg() != l.Signed() {
				t.Errorf("line %v is %s, its rows add up to %s", ref, l.Signed(), sums[ref])
			}
			delete(rows, ref)
		}
	}
	if len(rows) > 0 {
		t.Errorf("rows were traced to lines that do not exist: %v", rows)
	}
}

func TestR14_4_EveryRowIsInOneLineOrMemoAndBack(t *testing.T) {
	s := typical()
	s.rows = append(
		s.rows,
		row{kind: "Order/ItemPrice/GiftWrap", amount: "0.00", posted: noon("2025-08-02")},
		row{kind: "other-transaction/other-transaction/Successful charge", amount: "7.00", posted: noon("2025-08-02")},
	)
	for _, group := range []string{"category", "order", "sku"} {
		p := plan(t, rules(t, "summarise: category ", "summarise: "+group+" "), s.source(t), ledgermap.Input{})
		bijection(t, p, s.source(t))
	}
}

func TestExplainListsTheRowsOfOneLine(t *testing.T) {
	p := plan(t, rules(t), typical().source(t), ledgermap.Input{})
	var got []string
	for line, err := range p.Explain(typical().source(t), ledgermap.Ref{Ordinal: 2, Line: 4}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, line.Kind.String()+" "+line.Amount.String()+" "+line.OrderID)
	}
	if diff := cmp.Diff([]string{"Refund/ItemFees/Commission 6.00 1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestR14_4_ACounterLineIsExplainedByTheRowsThatItBalances(t *testing.T) {
	s := typical()
	s.rows = append(
		s.rows,
		row{kind: charged, amount: "7.00", posted: noon("2025-08-04")},
		row{kind: charged, amount: "7.00", posted: noon("2025-08-05")}, // the same again: only the row tells them apart
	)
	p := plan(t, rules(t), s.source(t), ledgermap.Input{})
	for _, d := range p.Documents {
		for i, l := range d.Lines() {
			sum, rows := money(t, "0.00", "USD"), 0
			for line, err := range p.Explain(s.source(t), ledgermap.Ref{Ordinal: d.Ordinal(), Line: i + 1}) {
				if err != nil {
					t.Fatal(err)
				}
				if sum, err = sum.Add(line.Amount); err != nil {
					t.Fatal(err)
				}
				rows++
			}
			if sum.Abs() != l.Signed().Abs() {
				t.Errorf("line %d of document %d is %s, the %d rows behind it add up to %s", i+1, d.Ordinal(), l.Signed(), rows, sum)
			}
			if d.Ordinal() >= ledgermap.FirstCharge && rows != 1 {
				t.Errorf("a charge is explained by %d rows", rows)
			}
		}
	}
	for _, err := range p.Explain(s.source(t), ledgermap.Ref{Ordinal: 1, Line: 99}) {
		if err == nil {
			t.Error("a line that does not exist has rows")
		}
	}
}

func TestTraceRefusesAnotherReport(t *testing.T) {
	in := ledgermap.Input{Calendar: ledgermap.Months(date(t, "2025-07-01"), date(t, "2025-09-30"))}
	p := plan(t, rules(t), typical().source(t), in)
	for name, c := range map[string]struct {
		change func(*row)
		want   string
		traced int // rows before it is seen
	}{
		"another order":             {func(r *row) { r.order = "9" }, "digest", len(typical().rows)},
		"an unknown kind":           {func(r *row) { r.kind = "Order/Gold/Gold" }, "line 5 is not in the plan", 2},
		"a line of another period":  {func(r *row) { r.posted = noon("2025-09-02") }, "line 5 is not in the plan", 2},
		"a day without a period":    {func(r *row) { r.posted = noon("2025-10-02") }, "line 5 is not in the plan", 2},
		"a kind that was not there": {func(r *row) { r.kind = "Order/ItemPrice/GiftWrap" }, "line 5 is not in the plan", 2},
	} {
		other := typical()
		c.change(&other.rows[2])
		traced := 0
		var last error
		for _, err := range p.Trace(other.source(t)) {
			if last = err; err == nil {
				traced++
			}
		}
		if last == nil || !strings.Contains(last.Error(), c.want) || traced != c.traced {
			t.Errorf("%s: error %v after %d rows, want one about %q after %d", name, last, traced, c.want, c.traced)
		}
	}
}
