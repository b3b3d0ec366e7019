package settlementtest

import (
	"strings"
	"time"
)

// Form is the way a region writes dates and amounts. Date form and decimal mark vary independently of each other.
type Form struct {
	Date         string // layout of posted-date
	DateTime     string // layout of every date with a time
	DecimalComma bool
	// Columns is the number of columns: 24, or 23 (files of 2018 lack promotion-id). Zero: 24.
	Columns int
	// Extra are names of columns after the last known one; their cells hold the column's name.
	Extra []string
	// RepeatCurrency writes the currency on every row, as made-up samples do and Amazon does not.
	RepeatCurrency bool
	BOM            bool // start with a UTF-8 byte order mark
	CRLF           bool // end lines with CR LF
}

// Dashed is the form of the United States: 2026-03-13 20:21:38 UTC and 19.50.
func Dashed() Form { return form("2006-01-02", " UTC", false) }

// Dotted is the form of Australia, Canada, the Emirates and others: 17.07.2026 07:06:34 UTC and 19.50.
func Dotted() Form { return form("02.01.2006", " UTC", false) }

// DottedComma is the form of the euro countries: 03.05.2018 09:10:07 UTC and 19,50.
func DottedComma() Form { return form("02.01.2006", " UTC", true) }

// Slashed is the form of Japan: 2026/07/17 07:06:34 (no zone word, still UTC), and yen have no fraction.
func Slashed() Form { return form("2006/01/02", "", false) }

func form(date, zone string, comma bool) Form {
	return Form{Date: date, DateTime: date + " 15:04:05" + zone, DecimalComma: comma}
}

// FormOf returns the form in which reports in that currency come.
func FormOf(currency string) Form {
	switch currency {
	case "USD":
		return Dashed()
	case "EUR":
		return DottedComma()
	case "JPY":
		return Slashed()
	default:
		return Dotted()
	}
}

func (f Form) isZero() bool { return f.DateTime == "" }

// Exponent returns the number of decimals of a currency (ISO 4217): yen have none, dinars three.
func Exponent(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

// Decimal writes minor units as a decimal number with '.': Decimal(-1234, "USD") is "-12.34".
func Decimal(minor int64, currency string) string {
	return string(appendDecimal(nil, minor, Exponent(currency), '.'))
}

func appendDecimal(b []byte, minor int64, exponent int, mark byte) []byte {
	u := uint64(minor)
	if minor < 0 {
		b, u = append(b, '-'), -u
	}
	var d [24]byte
	i := len(d)
	for n := 0; u > 0 || n <= exponent; n++ {
		if n == exponent && exponent > 0 {
			i--
			d[i] = mark
		}
		i--
		d[i] = '0' + byte(u%10)
		u /= 10
	}
	return append(b, d[i:]...)
}

// Header returns the 24 column names of the V2 flat file, in Amazon's order.
func Header() []string {
	return strings.Split("settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "+
		"transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type "+
		"amount-description amount fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id "+
		"merchant-adjustment-item-id sku quantity-purchased promotion-id", " ")
}

// cell is a date written once for many rows: rows of one order share their posting time.
type cell struct {
	at         time.Time
	date, full string
}

func (c *cell) of(t time.Time, f Form) (date, full string) {
	if !t.Equal(c.at) || c.full == "" {
		c.at, c.date, c.full = t, t.UTC().Format(f.Date), t.UTC().Format(f.DateTime)
	}
	return c.date, c.full
}
