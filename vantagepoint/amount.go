package vantagepoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Amount is an exact decimal number in the digits it was written in: a debit, a control total, an exchange rate.
// It carries no currency; Vantagepoint keeps that in a column of its own. The zero value is 0.
//
// Vantagepoint answers the same column as a number in one place and as text in another, so an Amount reads both.
// It writes a JSON number with the digits it was given: "100.00" goes out as 100.00. No binary floating point is
// involved anywhere.
type Amount struct{ text string }

// maxAmountDigits is far above Vantagepoint's decimal(19,4) and decimal(19,10), and bounds what a hostile answer
// such as 1e999999999 can make us allocate.
const maxAmountDigits = 60

var errAmount = errors.New("not a decimal number")

// ParseAmount reads a decimal number with a point as its mark: "-12.34", "100", ".5". Group separators, blanks
// inside, a currency or letters are errors. An exponent, as .NET prints very small numbers, is written out.
func ParseAmount(text string) (Amount, error) {
	t := strings.TrimSpace(text)
	negative := strings.HasPrefix(t, "-")
	if negative || strings.HasPrefix(t, "+") {
		t = t[1:]
	}
	mantissa, exponent := t, 0
	if i := strings.IndexAny(t, "eE"); i >= 0 {
		e, err := strconv.Atoi(t[i+1:])
		if err != nil || e > maxAmountDigits || e < -maxAmountDigits {
			return Amount{}, fmt.Errorf("vantagepoint: amount %s: %w", quote(text), errAmount)
		}
		mantissa, exponent = t[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || len(whole)+len(fraction) > maxAmountDigits || !digits(whole) || !digits(fraction) {
		return Amount{}, fmt.Errorf("vantagepoint: amount %s: %w", quote(text), errAmount)
	}
	if exponent != 0 {
		whole, fraction = shift(whole, fraction, exponent)
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	t = whole
	if fraction != "" {
		t += "." + fraction
	}
	if negative && strings.Trim(t, "0.") != "" { // no negative zero
		t = "-" + t
	}
	return Amount{text: t}, nil
}

// MustAmount is ParseAmount for constants in tests and examples; it panics on text that is not a number.
func MustAmount(text string) Amount {
	a, err := ParseAmount(text)
	if err != nil {
		panic(err)
	}
	return a
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// shift moves the decimal mark by n places, to the right when n is positive.
func shift(whole, fraction string, n int) (string, string) {
	all, point := whole+fraction, len(whole)+n
	if point < 0 {
		all, point = strings.Repeat("0", -point)+all, 0
	}
	if point > len(all) {
		all += strings.Repeat("0", point-len(all))
	}
	return all[:point], all[point:]
}

// String returns the digits with a point as mark, and "0" for the zero value.
func (a Amount) String() string {
	if a.text == "" {
		return "0"
	}
	return a.text
}

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case strings.Trim(a.text, "-0.") == "":
		return 0
	case a.text[0] == '-':
		return -1
	}
	return 1
}

// IsZero reports whether the amount is zero, however many digits it was written with.
func (a Amount) IsZero() bool { return a.Sign() == 0 }

// scale is the number of digits after the point.
func (a Amount) scale() int {
	_, fraction, _ := strings.Cut(a.text, ".")
	return len(fraction)
}

// unscaled is the amount as an integer count of 10^-scale.
func (a Amount) unscaled(scale int) *big.Int {
	whole, fraction, _ := strings.Cut(a.String(), ".")
	n, _ := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10) // digits by construction
	return n
}

func amountOf(n *big.Int, scale int) Amount {
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	t := new(big.Int).Abs(n).String()
	if len(t) <= scale {
		t = strings.Repeat("0", scale-len(t)+1) + t
	}
	if scale > 0 {
		t = t[:len(t)-scale] + "." + t[len(t)-scale:]
	}
	return Amount{text: sign + t}
}

// Add returns a+b, exactly, with the longer of the two fractions.
func (a Amount) Add(b Amount) Amount {
	scale := max(a.scale(), b.scale())
	return amountOf(new(big.Int).Add(a.unscaled(scale), b.unscaled(scale)), scale)
}

// Neg returns -a.
func (a Amount) Neg() Amount {
	switch a.Sign() {
	case 0:
		return a
	case -1:
		return Amount{text: a.text[1:]}
	}
	return Amount{text: "-" + a.text}
}

// Sub returns a-b, exactly.
func (a Amount) Sub(b Amount) Amount { return a.Add(b.Neg()) }

// Cmp compares by value: 100 and 100.00 are equal.
func (a Amount) Cmp(b Amount) int {
	scale := max(a.scale(), b.scale())
	return a.unscaled(scale).Cmp(b.unscaled(scale))
}

// Equal reports whether two amounts have the same value; == on Amounts compares digits and is rarely what is meant.
func (a Amount) Equal(b Amount) bool { return a.Cmp(b) == 0 }

// MarshalJSON writes a JSON number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number, a number in a string, and null or blank text as zero.
func (a *Amount) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		*a = Amount{}
		return nil
	}
	*a, err = ParseAmount(text)
	return err
}

// MarshalText writes the digits.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount reads.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAmount(string(text))
	return err
}

// scalar returns the text of a JSON string, number or boolean, and "" for null. Vantagepoint writes one and the
// same column as 4 and as "4", depending on the endpoint.
func scalar(data []byte) (string, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0, bytes.Equal(data, []byte("null")):
		return "", nil
	case data[0] == '"' && len(data) > 1 && bytes.IndexByte(data, '\\') < 0 && utf8.Valid(data):
		return string(data[1 : len(data)-1]), nil // nothing to undo
	case data[0] == '"':
		var s string
		err := json.Unmarshal(data, &s)
		return s, err
	case data[0] == '{', data[0] == '[':
		return "", fmt.Errorf("vantagepoint: %s where one value was expected", quote(string(data)))
	}
	return string(data), nil
}

// quote shows a value in an error, cut so that no answer can flood a log.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.Quote(strings.ToValidUTF8(s[:longest], "")) + "…"
	}
	return strconv.Quote(s)
}
