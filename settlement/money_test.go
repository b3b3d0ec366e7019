package settlement_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func currency(t testing.TB, code string) settlement.Currency {
	t.Helper()
	c, err := settlement.ParseCurrency(code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func money(t testing.TB, text, code string) settlement.Money {
	t.Helper()
	m, err := settlement.ParseAmount(text, code)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAnAmountAsAmazonStatesItIsExactOrRefused(t *testing.T) {
	if m, err := settlement.ParseAmount("-12.30", "CAD"); err != nil || m.Minor() != -1230 || m.Currency() != currency(t, "CAD") {
		t.Errorf("-12.30 CAD: %s %s, %v", m, m.Currency(), err)
	}
	for _, test := range []struct {
		amount, code string
		want         error
	}{
		{"1.00", "cad", settlement.ErrCurrency}, {"1.00", "", settlement.ErrCurrency}, {"1.005", "CAD", settlement.ErrAmount}, {"", "CAD", settlement.ErrAmount},
	} {
		if m, err := settlement.ParseAmount(test.amount, test.code); !errors.Is(err, test.want) || m != (settlement.Money{}) || !strings.Contains(err.Error(), strconv.Quote(test.amount)) {
			t.Errorf("%q %q: %s, %v", test.amount, test.code, m, err)
		}
	}
}

func TestR12_1_AmountsAreWholeMinorUnitsOfTheirCurrency(t *testing.T) {
	for _, test := range []struct {
		text, code string
		minor      int64
		out        string
	}{
		{"-12.34", "USD", -1234, "-12.34"},
		{"+0.05", "USD", 5, "0.05"},
		{"-0.00", "USD", 0, "0.00"},
		{"7", "EUR", 700, "7.00"},
		{"7.1000", "EUR", 710, "7.10"},
		{"007.5", "EUR", 750, "7.50"},
		{"1200", "JPY", 1200, "1200"},
		{"1200.00", "JPY", 1200, "1200"},
		{"0.500", "KWD", 500, "0.500"},
		{"-1.0001", "CLF", -10001, "-1.0001"},
		{"92233720368547758.07", "USD", math.MaxInt64, "92233720368547758.07"},
		{"-92233720368547758.07", "USD", -math.MaxInt64, "-92233720368547758.07"},
		{"9223372036854775807", "JPY", math.MaxInt64, "9223372036854775807"},
	} {
		m, err := settlement.ParseMoney(test.text, currency(t, test.code))
		if err != nil || m.Minor() != test.minor || m.String() != test.out {
			t.Errorf("%s %s: %d %q %v, want %d %q", test.text, test.code, m.Minor(), m, err, test.minor, test.out)
		}
	}
}

func TestWhatIsNoExactAmountIsRefused(t *testing.T) {
	for _, test := range []struct {
		text, code string
		want       error
	}{
		{"", "USD", settlement.ErrAmount},
		{"-", "USD", settlement.ErrAmount},
		{".5", "USD", settlement.ErrAmount},
		{"5.", "USD", settlement.ErrAmount},
		{"1.2.3", "USD", settlement.ErrAmount},
		{"1,234.00", "USD", settlement.ErrAmount},
		{" 1", "USD", settlement.ErrAmount},
		{"1e3", "USD", settlement.ErrAmount},
		{"--1", "USD", settlement.ErrAmount},
		{"NaN", "USD", settlement.ErrAmount},
		{"0.001", "USD", settlement.ErrAmount},
		{"1.5", "JPY", settlement.ErrAmount},
		{"92233720368547758.08", "USD", settlement.ErrOverflow},
		{"-92233720368547758.08", "USD", settlement.ErrOverflow},
		{"9223372036854775808", "JPY", settlement.ErrOverflow},
		{"92233720368547759", "USD", settlement.ErrOverflow},
	} {
		if m, err := settlement.ParseMoney(test.text, currency(t, test.code)); !errors.Is(err, test.want) {
			t.Errorf("%q %s: %s, %v, want %v", test.text, test.code, m, err, test.want)
		}
	}
	if _, err := settlement.ParseMoney("1", settlement.Currency{}); !errors.Is(err, settlement.ErrCurrency) {
		t.Errorf("amount without a currency: %v", err)
	}
}

func TestCurrenciesFollowISO4217(t *testing.T) {
	// Those with other than two decimals.
	other := map[string]int{"CLF": 4, "UYW": 4}
	for code := range strings.FieldsSeq("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF") {
		other[code] = 0
	}
	for code := range strings.FieldsSeq("BHD IQD JOD KWD LYD OMR TND") {
		other[code] = 3
	}
	known := 0
	for i := range 26 * 26 * 26 {
		code := string([]byte{byte('A' + i/26/26), byte('A' + i/26%26), byte('A' + i%26)})
		c, err := settlement.ParseCurrency(code)
		if err != nil {
			continue
		}
		known++
		want, ok := other[code]
		if !ok {
			want = 2
		}
		delete(other, code)
		if c.Exponent() != want || c.String() != code {
			t.Errorf("%s is %s with %d decimals, want %d", code, c, c.Exponent(), want)
		}
	}
	if known < 160 || len(other) != 0 {
		t.Errorf("%d currencies, without %v", known, other)
	}
	for code := range strings.FieldsSeq("USD EUR HUF IDR COP MRU SLE VED XCG ZWG") { // CLDR differs on some, others are new
		currency(t, code)
	}
	for _, code := range []string{"", "US", "usd", "USDX", "XXX", "ZZZ", "AAA", "US\x00"} {
		if _, err := settlement.ParseCurrency(code); !errors.Is(err, settlement.ErrCurrency) {
			t.Errorf("%q: %v, want ErrCurrency", code, err)
		}
	}
}

func TestR12_2_CurrenciesAreNeverAdded(t *testing.T) {
	usd, eur := money(t, "1", "USD"), money(t, "1", "EUR")
	if sum, err := usd.Add(eur); !errors.Is(err, settlement.ErrCurrency) {
		t.Errorf("USD + EUR = %s, %v", sum, err)
	}
	if sum, err := money(t, "0", "USD").Sub(eur); !errors.Is(err, settlement.ErrCurrency) {
		t.Errorf("0 USD - EUR = %s, %v", sum, err)
	}
	sum, err := settlement.Money{}.Add(usd)
	if err != nil || sum != usd {
		t.Errorf("nothing + 1 USD = %s %s, %v", sum, sum.Currency(), err)
	}
	if sum, err := usd.Add(settlement.Money{}); err != nil || sum != usd {
		t.Errorf("1 USD + nothing = %s %s, %v", sum, sum.Currency(), err)
	}
}

func TestASumThatDoesNotFitIsAnError(t *testing.T) {
	usd := currency(t, "USD")
	top, bottom, one := settlement.MoneyOf(math.MaxInt64, usd), settlement.MoneyOf(-math.MaxInt64, usd), settlement.MoneyOf(1, usd)
	for _, pair := range [][2]settlement.Money{{top, one}, {one, top}, {bottom, one.Neg()}, {top, top}, {bottom, bottom}} {
		if sum, err := pair[0].Add(pair[1]); !errors.Is(err, settlement.ErrOverflow) {
			t.Errorf("%s + %s = %s, %v", pair[0], pair[1], sum, err)
		}
	}
	if sum, err := top.Add(bottom); err != nil || sum != settlement.MoneyOf(0, usd) {
		t.Errorf("top + bottom = %s, %v", sum, err)
	}
	if sum, err := top.Sub(one); err != nil || sum.Minor() != math.MaxInt64-1 {
		t.Errorf("top - 1 = %s, %v", sum, err)
	}
}

func TestMinInt64IsNotAMoney(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("MoneyOf(MinInt64) returned")
		}
	}()
	settlement.MoneyOf(math.MinInt64, settlement.Currency{})
}

func TestSplitAndAllocateNeverLoseAUnit(t *testing.T) {
	jpy := currency(t, "JPY")
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		m := settlement.MoneyOf(random.Int64N(math.MaxInt64)-math.MaxInt64/2, jpy)
		if random.IntN(2) == 0 {
			m = settlement.MoneyOf(random.Int64N(2001)-1000, jpy)
		}
		n := 1 + random.IntN(9)
		check(t, m, m.Split(n))
		weights := make([]int64, n)
		for i := range weights {
			weights[i] = random.Int64N(math.MaxInt64 / 10)
			if random.IntN(3) == 0 {
				weights[i] = random.Int64N(4)
			}
		}
		weights[0]++
		parts, err := m.Allocate(weights...)
		if err != nil {
			t.Fatal(err)
		}
		check(t, m, parts)
		for i, p := range parts {
			if weights[i] == 0 && !p.IsZero() {
				t.Fatalf("%s by %v: part %d without weight got %s", m, weights, i, p)
			}
		}
	}
}

func check(t *testing.T, whole settlement.Money, parts []settlement.Money) {
	t.Helper()
	var sum settlement.Money
	for _, p := range parts {
		var err error
		if sum, err = sum.Add(p); err != nil {
			t.Fatal(err)
		}
		if p.Sign()*whole.Sign() < 0 {
			t.Fatalf("%s has a part %s of the other sign", whole, p)
		}
	}
	if sum != whole {
		t.Fatalf("parts of %s add up to %s", whole, sum)
	}
}

func TestSharesFollowTheLargestRemainder(t *testing.T) {
	for _, test := range []struct {
		amount  string
		weights []int64
		want    []string
	}{
		{"10.00", []int64{1, 1, 1}, []string{"3.34", "3.33", "3.33"}},
		{"-10.00", []int64{1, 1, 1}, []string{"-3.34", "-3.33", "-3.33"}},
		{"0.05", []int64{70, 30}, []string{"0.04", "0.01"}},
		{"0.05", []int64{30, 70}, []string{"0.02", "0.03"}}, // both lose half a cent: the earlier gets it
		{"1.00", []int64{0, 5, 0}, []string{"0.00", "1.00", "0.00"}},
	} {
		parts, err := money(t, test.amount, "USD").Allocate(test.weights...)
		var got []string
		for _, p := range parts {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s by %v: %v %s", test.amount, test.weights, err, diff)
		}
	}
	one := money(t, "1", "USD")
	for _, weights := range [][]int64{nil, {0, 0}, {2, -1}, {math.MaxInt64, math.MaxInt64, 2}} {
		if parts, err := one.Allocate(weights...); err == nil {
			t.Errorf("weights %v: %v, want an error", weights, parts)
		}
	}
	if parts := one.Split(0); parts != nil {
		t.Errorf("Split(0) = %v", parts)
	}
}

func TestMoneyComparesAndTellsItsSign(t *testing.T) {
	a, b := money(t, "-1.50", "USD"), money(t, "2", "USD")
	if a.Cmp(b) != -1 || b.Cmp(a) != 1 || a.Cmp(money(t, "-1.5", "USD")) != 0 || a.Cmp(settlement.Money{}) != -1 || b.Cmp(settlement.Money{}) != 1 {
		t.Error("order of -1.50, 0, 2.00 is wrong")
	}
	if money(t, "9", "EUR").Cmp(b) != -1 {
		t.Error("EUR sorts before USD")
	}
	if a.Sign() != -1 || b.Sign() != 1 || a.Abs() != money(t, "1.5", "USD") || a.Neg() != a.Abs() || !money(t, "0", "USD").IsZero() {
		t.Error("sign")
	}
	if a == money(t, "-1.50", "EUR") || a != money(t, "-1.5", "USD") {
		t.Error("== compares amount and currency")
	}
}

func TestMoneyRoundTripsAsText(t *testing.T) {
	for _, m := range []settlement.Money{money(t, "-0.05", "USD"), money(t, "1200", "JPY"), money(t, "0", "KWD"), {}} {
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back settlement.Money
		if err := json.Unmarshal(data, &back); err != nil || back != m {
			t.Errorf("%s: %s, %v", data, back, err)
		}
	}
	if text, _ := money(t, "-0.05", "USD").MarshalText(); string(text) != "-0.05 USD" {
		t.Errorf("text %q", text)
	}
	for _, bad := range []string{"", "12.34", "12.34 XXX", "12.345 USD", "USD 12.34", "1 USD "} {
		var m settlement.Money
		if err := m.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %s", bad, m)
		}
	}
}

func TestCurrenciesRoundTripAsText(t *testing.T) {
	for _, code := range []string{"", "USD", "JPY"} {
		var c settlement.Currency
		if code != "" {
			c = currency(t, code)
		}
		text, err := c.MarshalText()
		if err != nil || string(text) != code {
			t.Errorf("%q: %q %v", code, text, err)
		}
		again := currency(t, "EUR")
		if err := again.UnmarshalText(text); err != nil || again != c {
			t.Errorf("%q came back as %q, %v", code, again, err)
		}
	}
	var c settlement.Currency
	if err := c.UnmarshalText([]byte("usd")); !errors.Is(err, settlement.ErrCurrency) {
		t.Errorf("usd: %v", err)
	}
}

func TestParsingAndAddingMoneyAllocatesNothing(t *testing.T) {
	usd := currency(t, "USD")
	sum := settlement.Money{}
	allocations := testing.AllocsPerRun(100, func() {
		m, err := settlement.ParseMoney("-12.34", usd)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err = sum.Add(m); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func BenchmarkMoneyParseAndAdd(b *testing.B) {
	usd := currency(b, "USD")
	sum := settlement.Money{}
	b.ReportAllocs()
	for b.Loop() {
		m, err := settlement.ParseMoney("-12.34", usd)
		if err != nil {
			b.Fatal(err)
		}
		if sum, err = sum.Add(m); err != nil {
			b.Fatal(err)
		}
	}
}
