package settlement

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Errors of money. Test for them with errors.Is.
var (
	// ErrAmount reports text that is not an exact amount of its currency.
	ErrAmount = errors.New("not an exact amount")
	// ErrOverflow reports an amount beyond ±9,223,372,036,854,775,807 minor units.
	ErrOverflow = errors.New("amount too large")

	errDecimals = fmt.Errorf("%w: more decimals than the currency has", ErrAmount)
)

// Money is an exact amount: a whole number of minor units (cents, yen, fils)
// of one currency. It is comparable with ==, serves as a map key, and allocates
// nothing. Amounts of two currencies never mix: arithmetic on them is
// [ErrCurrency], and a result that does not fit is [ErrOverflow], never a wrap.
//
// The sign is Amazon's: money to the seller is positive; fees, refunds and
// holds are negative.
//
// The zero value is nothing of no currency. It takes on the currency of what
// it is added to, so that a sum can start from it.
type Money struct {
	minor    int64 // never math.MinInt64, whose negation does not exist
	currency Currency
}

// MoneyOf returns minor units of a currency: MoneyOf(-1234, usd) is -12.34 USD.
// It panics for math.MinInt64, which is no Money. What comes from outside as
// text goes through [ParseMoney], which returns [ErrOverflow] instead.
func MoneyOf(minor int64, c Currency) Money {
	if minor == math.MinInt64 {
		panic("settlement: math.MinInt64 is not a Money")
	}
	return Money{minor, c}
}

// ParseMoney reads an amount such as "-12.34": an optional sign, digits, and
// optionally a point and digits. Digits beyond the currency's minor unit are
// accepted only if they are zeros; exponents, blanks and grouping are not.
// Report cells in local forms are read by [Reader], never by this function.
func ParseMoney(text string, c Currency) (Money, error) {
	if c.IsZero() {
		return Money{}, fmt.Errorf("%w: amount %q without one", ErrCurrency, clip(text))
	}
	minor, _, err := parseDecimal(text, '.', c.Exponent())
	if err != nil {
		return Money{}, fmt.Errorf("amount %q %s: %w", clip(text), c, err)
	}
	return Money{minor, c}, nil
}

// ParseAmount is [ParseMoney] with the currency by its code, as Amazon's APIs
// state amounts. A code that ISO 4217 does not have is [ErrCurrency].
func ParseAmount(amount, currency string) (Money, error) {
	c, err := ParseCurrency(currency)
	if err != nil {
		return Money{}, fmt.Errorf("amount %q: %w", clip(amount), err)
	}
	return ParseMoney(amount, c)
}

// parseDecimal reads an optional sign, digits, and optionally mark and digits
// as units of 10^-exponent. whole is the number of digits before the mark.
func parseDecimal(text string, mark byte, exponent int) (units int64, whole int, err error) {
	i, negative := 0, false
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		negative = text[i] == '-'
		i++
	}
	var n uint64
	first := i
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		d := uint64(text[i] - '0')
		if full(n, d) {
			return 0, 0, ErrOverflow
		}
		n = n*10 + d
	}
	whole = i - first
	if whole == 0 {
		return 0, 0, ErrAmount
	}
	if i < len(text) {
		if text[i] != mark || i+1 == len(text) {
			return 0, 0, ErrAmount
		}
		for i++; i < len(text); i++ {
			d := uint64(text[i] - '0')
			switch {
			case d > 9:
				return 0, 0, ErrAmount
			case exponent == 0:
				if d != 0 {
					return 0, 0, errDecimals
				}
				continue
			case full(n, d):
				return 0, 0, ErrOverflow
			}
			n = n*10 + d
			exponent--
		}
	}
	for ; exponent > 0; exponent-- {
		if full(n, 0) {
			return 0, 0, ErrOverflow
		}
		n *= 10
	}
	if negative {
		return -int64(n), whole, nil
	}
	return int64(n), whole, nil
}

// full reports whether n has no room for one more digit d.
func full(n, d uint64) bool {
	return n > math.MaxInt64/10 || n == math.MaxInt64/10 && d > math.MaxInt64%10
}

// Add returns m + o.
func (m Money) Add(o Money) (Money, error) {
	if m.currency != o.currency {
		switch {
		case m == Money{}:
			return o, nil
		case o == Money{}:
			return m, nil
		}
		return Money{}, fmt.Errorf("%w: %s %s and %s %s do not add up", ErrCurrency, m, m.currency, o, o.currency)
	}
	sum := m.minor + o.minor
	if (sum > m.minor) != (o.minor > 0) && o.minor != 0 || sum == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: %s + %s %s", ErrOverflow, m, o, m.currency)
	}
	return Money{sum, m.currency}, nil
}

// Sub returns m - o.
func (m Money) Sub(o Money) (Money, error) { return m.Add(o.Neg()) }

// Neg returns -m.
func (m Money) Neg() Money { return Money{-m.minor, m.currency} }

// Abs returns the amount without its sign.
func (m Money) Abs() Money {
	if m.minor < 0 {
		return m.Neg()
	}
	return m
}

// Sign returns -1, 0 or +1.
func (m Money) Sign() int {
	switch {
	case m.minor < 0:
		return -1
	case m.minor > 0:
		return 1
	}
	return 0
}

// IsZero reports whether the amount is zero, in any currency or none. (A struct
// field tagged `omitzero` therefore leaves out 0.00 as well.)
func (m Money) IsZero() bool { return m.minor == 0 }

// Cmp returns -1, 0 or +1 as m is less than, equal to or more than o. It is for
// amounts of one currency; the zero value compares as 0. Amounts of two
// currencies are ordered by currency code, which sorts but says nothing of worth.
func (m Money) Cmp(o Money) int {
	if m.currency != o.currency && m != (Money{}) && o != (Money{}) {
		if m.currency.index < o.currency.index { // the table is sorted by code
			return -1
		}
		return 1
	}
	switch {
	case m.minor < o.minor:
		return -1
	case m.minor > o.minor:
		return 1
	}
	return 0
}

// Equal is ==, in the form that go-cmp looks for.
func (m Money) Equal(o Money) bool { return m == o }

// Minor returns the amount in minor units.
func (m Money) Minor() int64 { return m.minor }

// Currency returns the amount's currency.
func (m Money) Currency() Currency { return m.currency }

// String returns the amount with all decimals of its currency and without the
// code: "-12.34", "1200" (JPY), "0.500" (KWD).
func (m Money) String() string { return string(m.Append(make([]byte, 0, 24))) }

// Append appends what String returns.
func (m Money) Append(b []byte) []byte {
	if m.minor < 0 {
		b = append(b, '-')
	}
	exponent := m.currency.Exponent()
	var buf [24]byte
	digits := strconv.AppendUint(buf[:0], uint64(m.Abs().minor), 10)
	if exponent == 0 {
		return append(b, digits...)
	}
	if len(digits) <= exponent {
		b = append(b, '0', '.')
		for i := len(digits); i < exponent; i++ {
			b = append(b, '0')
		}
		return append(b, digits...)
	}
	b = append(b, digits[:len(digits)-exponent]...)
	b = append(b, '.')
	return append(b, digits[len(digits)-exponent:]...)
}

// AppendText appends what MarshalText returns.
func (m Money) AppendText(b []byte) ([]byte, error) {
	b = m.Append(b)
	if m.currency.IsZero() {
		return b, nil
	}
	return append(append(b, ' '), m.currency.String()...), nil
}

// MarshalText returns the amount with its code, "-12.34 USD"; "0" without currency.
func (m Money) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// UnmarshalText reads what MarshalText wrote.
func (m *Money) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*m = Money{}
		return nil
	}
	amount, code, found := bytes.Cut(text, []byte(" "))
	if !found {
		return fmt.Errorf("%w: %q is not like \"12.34 USD\"", ErrAmount, clip(string(text)))
	}
	parsed, err := ParseAmount(string(amount), string(code))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}
