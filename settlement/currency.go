package settlement

import (
	"errors"
	"fmt"
	"sort"
)

// ErrCurrency reports amounts of two currencies in one operation, or a text
// that is no ISO 4217 code. Test for it with errors.Is.
var ErrCurrency = errors.New("currency")

// Currency is an ISO 4217 currency. It is comparable and serves as a map key.
// The zero value is no currency.
type Currency struct{ index uint8 } // into iso4217; never stored outside a process

// ParseCurrency returns the currency with the given three-letter code, in
// capitals as ISO 4217 and Amazon write it. Anything else is [ErrCurrency].
func ParseCurrency(code string) (Currency, error) {
	i := sort.Search(len(iso4217), func(i int) bool { return iso4217[i].code >= code })
	if i == 0 || i == len(iso4217) || iso4217[i].code != code {
		return Currency{}, fmt.Errorf("%w: %q is not an ISO 4217 code", ErrCurrency, clip(code))
	}
	return Currency{uint8(i)}, nil
}

// String returns the three-letter code, "" for no currency.
func (c Currency) String() string { return iso4217[c.index].code }

// Exponent returns the number of decimals of the currency's minor unit: 2 for
// USD, 0 for JPY, 3 for KWD, 4 for CLF.
func (c Currency) Exponent() int { return int(iso4217[c.index].exponent) }

// IsZero reports whether c is no currency.
func (c Currency) IsZero() bool { return c == Currency{} }

// Equal is ==, in the form that go-cmp looks for.
func (c Currency) Equal(o Currency) bool { return c == o }

// MarshalText returns the code; no currency is an empty text.
func (c Currency) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (c *Currency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Currency{}
		return nil
	}
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// clip shortens foreign text for an error message.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
