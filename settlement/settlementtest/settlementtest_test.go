package settlementtest_test

import (
	"bytes"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

var update = flag.Bool("update", false, "rewrite testdata")

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// report is a V2 file read in the plainest way there is.
type report struct {
	header  []string
	summary map[string]string
	rows    []map[string]string
}

func read(t *testing.T, text string) report {
	t.Helper()
	var r report
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if n == 0 {
			r.header = cells
			continue
		}
		if len(cells) != len(r.header) {
			t.Fatalf("line %d has %d cells, the header has %d", n+1, len(cells), len(r.header))
		}
		row := map[string]string{}
		for i, c := range cells {
			if c != "" {
				row[r.header[i]] = c
			}
		}
		if n == 1 {
			r.summary = row
		} else {
			r.rows = append(r.rows, row)
		}
	}
	return r
}

// number reads an amount exactly, with either decimal mark.
func number(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(strings.Replace(text, ",", ".", 1))
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return r
}

func mustTie(t *testing.T, s settlementtest.Settlement) report {
	t.Helper()
	r := read(t, string(s.V2()))
	sum := new(big.Rat)
	for _, row := range r.rows {
		sum.Add(sum, number(t, row["amount"]))
	}
	if total := number(t, r.summary["total-amount"]); total.Cmp(sum) != 0 {
		t.Fatalf("settlement %s says %s, its rows add up to %s", s.ID, total.FloatString(3), sum.FloatString(3))
	}
	if len(r.rows) != s.Count {
		t.Fatalf("settlement %s says it has %d rows, the file has %d", s.ID, s.Count, len(r.rows))
	}
	if got, want := number(t, r.summary["total-amount"]), number(t, s.TotalText()); got.Cmp(want) != 0 {
		t.Fatalf("TotalText %s, file %s", want, got)
	}
	return r
}

func TestRowsAddUpToTheTotalInEveryStoreAndForm(t *testing.T) {
	for _, m := range settlementtest.Marketplaces() {
		for seed := range uint64(6) {
			s := settlementtest.Seller{Marketplace: m.ID, Seed: seed, Count: 5, Rows: int(20 + seed*17), Outcomes: []settlementtest.Outcome{
				settlementtest.Paid, settlementtest.Failed, settlementtest.Negative, settlementtest.Negative, settlementtest.Zero,
			}}
			for _, st := range s.Settlements() {
				mustTie(t, st)
			}
		}
	}
}

func TestSettlementsHaveExactlyTheRowsAskedFor(t *testing.T) {
	for _, want := range []int{40, 41, 60, 333, 5000} {
		for _, st := range (settlementtest.Seller{Seed: uint64(want), Count: 4, Rows: want}).Settlements() {
			if st.Count != want {
				t.Errorf("asked for %d rows, settlement %s has %d", want, st.ID, st.Count)
			}
		}
	}
}

func TestOutcomesAreBroughtAboutByRows(t *testing.T) {
	all := []settlementtest.Outcome{settlementtest.Paid, settlementtest.Negative, settlementtest.Zero, settlementtest.Failed, settlementtest.Paid, settlementtest.Paid}
	for seed := range uint64(30) {
		list := settlementtest.Seller{Seed: seed, Count: 6, Rows: 25, Outcomes: all}.Settlements()
		want := []struct {
			sign   int
			status string
		}{{1, "PAID"}, {-1, "NO_PAYOUT"}, {0, "NO_PAYOUT"}, {1, "FAILED"}, {1, "PAID"}, {1, "IN_TRANSIT"}}
		for i, st := range list {
			if sign := number(t, st.TotalText()).Sign(); sign != want[i].sign || st.Payout.Status != want[i].status {
				t.Errorf("seed %d, settlement %d: total %s, payout %s; want sign %d, %s", seed, i, st.TotalText(), st.Payout.Status, want[i].sign, want[i].status)
			}
			if hasTransfer := st.Total > 0; hasTransfer != (st.Payout.TraceID != "") {
				t.Errorf("seed %d, settlement %d: total %s, trace id %q", seed, i, st.TotalText(), st.Payout.TraceID)
			}
		}
	}
}

// sums returns the sum of the rows with this description.
func sumOf(st settlementtest.Settlement, description string) (sum int64) {
	for r := range st.Rows() {
		if strings.HasPrefix(r.AmountDescription, description) {
			sum += r.Amount
		}
	}
	return sum
}

func TestAChainHangsTogetherAsRealOnesDo(t *testing.T) {
	outcomes := []settlementtest.Outcome{settlementtest.Paid, settlementtest.Negative, settlementtest.Negative, settlementtest.Failed, settlementtest.Zero}
	for seed := range uint64(20) {
		list := settlementtest.Seller{Seed: seed, Count: 12, Rows: 80, Outcomes: outcomes, Cycle: 14 * 24 * time.Hour}.Settlements()
		ids := map[string]bool{}
		for i, st := range list {
			for _, id := range []string{st.ID, st.EventGroup, st.Reports[0].ID, st.Reports[0].DocumentID} {
				if ids[id] {
					t.Errorf("seed %d: id %s is there twice", seed, id)
				}
				ids[id] = true
			}
			if len(st.ID) != 11 {
				t.Errorf("settlement id %q has not eleven digits", st.ID)
			}
			if !st.Deposit.Equal(st.End.AddDate(0, 0, 2)) {
				t.Errorf("deposit %s is not two days after %s", st.Deposit, st.End)
			}
			if i == 0 {
				continue
			}
			before := list[i-1]
			if !st.Start.Equal(before.End) {
				t.Errorf("seed %d, settlement %d starts %s, the one before ended %s", seed, i, st.Start, before.End)
			}
			if in, out := sumOf(st, "Previous Reserve"), sumOf(before, "Current Reserve"); in != -out {
				t.Errorf("seed %d, settlement %d: reserve out %d, back in %d", seed, i, out, in)
			}
			debt, charge, back := sumOf(st, "Payable to Amazon"), sumOf(st, "Successful charge"), sumOf(st, "Transfer of funds unsuccessful")
			wantDebt, wantBack := min(before.Total, 0), int64(0)
			if before.Payout.Status == "FAILED" {
				wantBack = before.Total
			}
			if debt != wantDebt || charge != -wantDebt || back != wantBack {
				t.Errorf("seed %d, settlement %d after %s (%s): payable %d, charge %d, returned transfer %d", seed, i, before.TotalText(), before.Payout.Status, debt, charge, back)
			}
			for r := range st.Rows() {
				if r.AmountDescription == "Payable to Amazon" && !r.Posted.Equal(st.Start) {
					t.Errorf("Payable to Amazon is posted %s, not at the start %s", r.Posted, st.Start)
				}
			}
		}
	}
}

func TestAPayingSettlementMostlyHoldsAReserve(t *testing.T) {
	for _, rows := range []int{40, 60, 200, 2000} {
		with, all := 0, 0
		for seed := range uint64(30) {
			for _, st := range (settlementtest.Seller{Seed: seed, Rows: rows, Outcomes: []settlementtest.Outcome{settlementtest.Paid}}).Settlements() {
				all++
				if sumOf(st, "Current Reserve") < 0 {
					with++
				}
			}
		}
		if with*100 < all*80 {
			t.Errorf("%d rows: %d of %d settlements hold a reserve", rows, with, all)
		}
	}
}

func TestEveryRowIsPostedInsideItsPeriodAndNotInTimeOrder(t *testing.T) {
	for _, cycle := range []time.Duration{time.Hour, 3 * time.Hour, 24 * time.Hour, 14 * 24 * time.Hour, 56 * 24 * time.Hour} {
		inversions := 0
		for _, st := range (settlementtest.Seller{Seed: 3, Count: 4, Rows: 200, Cycle: cycle}).Settlements() {
			last := st.Start
			for r := range st.Rows() {
				if r.Posted.Before(st.Start) || !r.Posted.Before(st.End) {
					t.Errorf("cycle %s: %s/%s posted %s outside [%s, %s)", cycle, r.TransactionType, r.AmountDescription, r.Posted, st.Start, st.End)
				}
				if r.Posted.Before(last) {
					inversions++
				}
				last = r.Posted
			}
		}
		if inversions < 10 {
			t.Errorf("cycle %s: only %d rows stand before an earlier one", cycle, inversions)
		}
	}
}

func TestFacilitatorTaxNetsToNothing(t *testing.T) {
	for _, st := range (settlementtest.Seller{Seed: 5, Rows: 2000}).Settlements() {
		var tax, withheld, refunds int64
		for r := range st.Rows() {
			switch {
			case strings.HasPrefix(r.AmountDescription, "MarketplaceFacilitatorTax"):
				withheld += r.Amount
			case r.AmountType == "ItemPrice" && strings.HasSuffix(r.AmountDescription, "Tax"):
				tax += r.Amount
			case r.TransactionType == "Refund" && r.AmountDescription == "Principal":
				refunds++
			}
		}
		if tax == 0 || tax+withheld != 0 || refunds < 5 {
			t.Errorf("settlement %s: tax %d, withheld %d, %d refunds", st.ID, tax, withheld, refunds)
		}
	}
}

func TestTheSameSellerGivesTheSameBytes(t *testing.T) {
	s := settlementtest.Seller{Seed: 42, Count: 3, Rows: 45, Until: day(2026, 6, 1)}
	first, again := s.Settlements(), s.Settlements()
	for i := range first {
		if !bytes.Equal(first[i].V2(), again[i].V2()) || !bytes.Equal(first[i].V2(), first[i].V2()) {
			t.Errorf("settlement %d differs from itself", i)
		}
	}
	s.Seed++
	if other := s.Settlements(); other[0].ID == first[0].ID || bytes.Equal(other[0].V2(), first[0].V2()) {
		t.Error("another seed gives the same settlement")
	}
	golden := filepath.Join("testdata", "us-negative.txt")
	got := first[2].V2()
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the seed no longer gives the settlement of testdata (-want +got):\n%s", diff)
	}
}

func TestFormsVaryDatesAndAmountsIndependently(t *testing.T) {
	s := settlementtest.Seller{Seed: 1, Count: 1, Marketplace: "A1PA6795UKMFR9", Rows: 40}.Settlements()[0]
	line := func(f settlementtest.Form, n int) string {
		s.Form = f
		return strings.Split(string(s.V2()), "\n")[n]
	}
	for name, c := range map[string]struct {
		form settlementtest.Form
		want []string // in the summary row
	}{
		"dashed":       {settlementtest.Dashed(), []string{s.End.Format("2006-01-02 15:04:05 UTC"), "\t" + s.TotalText() + "\t"}},
		"dotted":       {settlementtest.Dotted(), []string{s.End.Format("02.01.2006 15:04:05 UTC"), "\t" + s.TotalText() + "\t"}},
		"dotted comma": {settlementtest.DottedComma(), []string{s.End.Format("02.01.2006 15:04:05 UTC"), "\t" + strings.Replace(s.TotalText(), ".", ",", 1) + "\t"}},
		"slashed":      {settlementtest.Slashed(), []string{s.End.Format("\t2006/01/02 15:04:05\t")}},
	} {
		for _, want := range c.want {
			if got := line(c.form, 1); !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in %q", name, want, got)
			}
		}
	}
	odd := settlementtest.Dashed()
	odd.BOM, odd.CRLF, odd.Columns, odd.Extra, odd.RepeatCurrency = true, true, 23, []string{"new-column"}, true
	if got := line(odd, 0); !strings.HasPrefix(got, "\ufeffsettlement-id\t") || !strings.HasSuffix(got, "quantity-purchased\tnew-column\r") {
		t.Errorf("header %q", got)
	}
	if got := strings.Split(line(odd, 2), "\t")[5]; got != "EUR" {
		t.Errorf("currency of a money row is %q", got)
	}
	yen := settlementtest.Seller{Seed: 1, Count: 1, Marketplace: "A1VC38T7YXB528"}.Settlements()[0]
	if strings.Contains(yen.TotalText(), ".") || strings.Contains(read(t, string(yen.V2())).rows[0]["amount"], ".") {
		t.Error("yen have a fraction")
	}
}

func TestDecimalsFollowTheCurrency(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{0, "USD", "0.00"},
		{5, "USD", "0.05"},
		{-5, "USD", "-0.05"},
		{-1234, "USD", "-12.34"},
		{100, "EUR", "1.00"},
		{-7, "JPY", "-7"},
		{0, "JPY", "0"},
		{1234, "KWD", "1.234"},
		{-1, "KWD", "-0.001"},
		{-9223372036854775808, "USD", "-92233720368547758.08"},
	} {
		if got := settlementtest.Decimal(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.minor, c.currency, got, c.want)
		}
	}
}

// The corpus is the measure: where it is absent, these checks cannot be made.
func corpus(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "corpus", "v2", name))
	if err != nil {
		t.Skipf("no corpus here: %v", err)
	}
	return string(data)
}

func TestFilledColumnsAreThoseOfRealFiles(t *testing.T) {
	columns := func(r report) map[string]map[string]bool {
		filled := map[string]map[string]bool{"summary": {}}
		for c := range r.summary {
			filled["summary"][c] = true
		}
		for _, row := range r.rows {
			kind := row["transaction-type"]
			if filled[kind] == nil {
				filled[kind] = map[string]bool{}
			}
			for c := range row {
				filled[kind][c] = true
			}
		}
		return filled
	}
	au := read(t, corpus(t, "au-2026-12395580393-excerpt.txt"))
	de := read(t, corpus(t, "de-2018-7293436482.txt"))
	us := read(t, corpus(t, "us-2026-25889786381-excerpt.txt"))
	mine := read(t, string(settlementtest.Seller{Seed: 9, Count: 1, Rows: 3000}.Settlements()[0].V2()))
	if diff := cmp.Diff(us.header, mine.header); diff != "" {
		t.Errorf("header (-real +mine):\n%s", diff)
	}
	got := columns(mine)
	if diff := cmp.Diff(columns(us)["summary"], got["summary"]); diff != "" {
		t.Errorf("summary row (-real +mine):\n%s", diff)
	}
	if diff := cmp.Diff(columns(au)["Order"], got["Order"]); diff != "" {
		t.Errorf("order rows (-real +mine):\n%s", diff)
	}
	refund := columns(de)["Refund"]
	refund["promotion-id"] = true // the column came after 2018
	if diff := cmp.Diff(refund, got["Refund"]); diff != "" {
		t.Errorf("refund rows (-real +mine):\n%s", diff)
	}
}
