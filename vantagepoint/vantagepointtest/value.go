package vantagepointtest

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// dec is an amount in ten-thousandths, as the tenant's decimal(19,4) columns hold it. One amount may have 13 digits before
// the mark, two less than decimal(19,4) has room for, so that sums of any batch fit.
type dec int64

const maxDec = 10_000_000_000_000_0000

var (
	errNotNumber = errors.New("not a number")
	errTooBig    = errors.New("Arithmetic overflow error converting numeric to data type numeric.") //nolint:revive,staticcheck // SQL Server's own text
)

// parseDec reads a decimal number. Digits beyond the fourth are rounded half away from zero, as SQL Server does when it
// stores into decimal(19,4). Exponents are refused.
func parseDec(text string) (dec, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, marked := strings.Cut(digits, ".")
	if whole == "" || (marked && fraction == "") || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, errNotNumber
	}
	roundUp := len(fraction) > 4 && fraction[4] >= '5'
	fraction = (fraction + "0000")[:4]
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || n >= maxDec {
		return 0, errTooBig
	}
	if roundUp {
		n++
	}
	if negative {
		n = -n
	}
	return dec(n), nil
}

// plus adds, or reports that the sum does not fit.
func (d dec) plus(o dec) (dec, error) {
	sum := d + o
	if (sum > d) != (o > 0) && o != 0 {
		return 0, errTooBig
	}
	return sum, nil
}

// text writes d with at least places and at most four decimals.
func (d dec) text(places int) string {
	sign, digits := "", strconv.FormatInt(int64(d), 10)
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	if len(digits) < 5 {
		digits = strings.Repeat("0", 5-len(digits)) + digits
	}
	whole, fraction := digits[:len(digits)-4], digits[len(digits)-4:]
	for len(fraction) > places && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// decimals is how many decimals a currency has.
func decimals(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// MarshalText and UnmarshalText keep amounts readable in the books on disk.
func (d dec) MarshalText() ([]byte, error) { return []byte(d.text(2)), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *dec) UnmarshalText(text []byte) (err error) {
	*d, err = parseDec(string(text))
	return err
}

// number is the text of a JSON number that is passed on as it came.
type number string

// obj is one JSON object of an answer, its members in order. Values are string, dec, number, int, bool,
// []obj and obj; anything else is written as null.
type obj []member

type member struct {
	name  string
	value any
}

func (o obj) get(name string) any {
	if i := slices.IndexFunc(o, func(m member) bool { return strings.EqualFold(m.name, name) }); i >= 0 {
		return o[i].value
	}
	return nil
}

func (o obj) appendJSON(b []byte, form NumberForm) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, m.name), ':')
		b = appendValue(b, m.value, form)
	}
	return append(b, '}')
}

func appendValue(b []byte, v any, form NumberForm) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case dec:
		switch form {
		case NumbersPoint:
			return append(b, v.text(1)...)
		case NumbersText:
			return append(append(append(b, '"'), v.text(2)...), '"')
		default:
			return append(b, v.text(0)...)
		}
	case number:
		if form == NumbersText {
			return append(append(append(b, '"'), v...), '"')
		}
		return append(b, v...)
	case int:
		if form == NumbersText {
			return append(strconv.AppendInt(append(b, '"'), int64(v), 10), '"')
		}
		return strconv.AppendInt(b, int64(v), 10)
	case bool:
		return strconv.AppendBool(b, v)
	case obj:
		return v.appendJSON(b, form)
	case []obj:
		b = append(b, '[')
		for i, o := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = o.appendJSON(b, form)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // a string always marshals
		return append(b, "null"...)
	}
	return append(b, quoted...)
}
