package spapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// Money is an amount as Amazon sent it: exact decimal text and a currency. It does no arithmetic; ParseAmount of the
// package settlement makes an amount of it that does. Positive means to the seller unless a field says otherwise. The zero
// Money means that Amazon sent none.
//
// The APIs write it in four ways (currencyCode/currencyAmount with and without a capital, currencyCode/amount,
// and a bare number in some breakdowns); all are read.
type Money struct {
	// Amount is plain decimal text such as "-12.30", with the digits that Amazon sent, and never an exponent.
	Amount json.Number
	// Currency is an ISO 4217 code; "" where Amazon names none.
	Currency string
}

// IsZero reports whether Amazon sent no amount. An amount of 0.00 is not zero in this sense.
func (m Money) IsZero() bool { return m == Money{} }

// String returns the amount and its currency, for example "-12.30 USD".
func (m Money) String() string { return strings.TrimSpace(m.Amount.String() + " " + m.Currency) }

// MarshalJSON writes {"currencyCode":…,"currencyAmount":…}.
func (m Money) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code   string      `json:"currencyCode,omitzero"`
		Amount json.Number `json:"currencyAmount,omitzero"`
	}{m.Currency, m.Amount})
}

// UnmarshalJSON reads an amount without passing through binary floating point.
func (m *Money) UnmarshalJSON(data []byte) error {
	*m = Money{}
	if !bytes.HasPrefix(data, []byte("{")) {
		return plain(&m.Amount, data)
	}
	var wire struct {
		Code     string          `json:"currencyCode"`
		CodeV0   string          `json:"CurrencyCode"`
		Number   json.RawMessage `json:"currencyAmount"`
		NumberV0 json.RawMessage `json:"CurrencyAmount"`
		Amount   json.RawMessage `json:"amount"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	m.Currency = cmp.Or(wire.Code, wire.CodeV0)
	for _, number := range [][]byte{wire.Number, wire.NumberV0, wire.Amount} {
		if number != nil {
			return plain(&m.Amount, number)
		}
	}
	return nil
}

// plain reads a JSON number, or a string that holds one, as decimal text.
func plain(amount *json.Number, data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "" || text == "null" {
		return nil
	}
	if !decimal(text) {
		return fmt.Errorf("%.40q is not a decimal amount", text)
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		// Java writes a BigDecimal of 1000 with scale -3 as 1E+3. More than twenty places is no amount.
		exponent := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(text[i+1:], "+"), "-"), "0")
		if len(exponent) > 2 || len(exponent) == 2 && exponent > "20" || len(text) > 60 {
			return fmt.Errorf("%.40q is not an amount of money", text)
		}
		value, ok := new(big.Rat).SetString(text)
		if !ok {
			return fmt.Errorf("%.40q is not a decimal amount", text)
		}
		places, _ := value.FloatPrec()
		text = value.FloatString(places)
	}
	*amount = json.Number(text)
	return nil
}

// decimal reports whether text has the form of a JSON number.
func decimal(text string) bool {
	return text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid([]byte(text))
}
