package settlement

import (
	"errors"
	"strings"
)

var (
	errAmbiguous    = errors.New("two readings")
	errInconsistent = errors.New("not in the form that the rest of this file has")
)

// numbers is the form in which one report writes its amounts. It starts unknown
// and is fixed by the first cell that has only one reading; from then on every
// cell must follow it.
type numbers struct {
	mark     byte // decimal mark, '.' or ','; 0 while unknown
	grouping byte // 'y' or 'n' once a cell of a thousand or more showed it
	negative byte // '-' or '(' once a negative cell showed it
}

// parse reads a cell as units of 10^-exponent. It fails with errAmbiguous where
// the mark is unknown and the cell leaves it open.
func (f *numbers) parse(cell string, exponent int) (int64, error) {
	if f.mark != 0 && f.negative != '(' {
		units, whole, err := parseDecimal(cell, f.mark, exponent)
		if err == nil && (whole <= 3 || f.grouping == 'n') {
			if units < 0 {
				f.negative = '-'
			}
			return units, nil
		}
	}
	return f.parseAny(cell, exponent)
}

// parseAny is parse for cells with grouping, parentheses, blanks around, or an
// undecided mark.
func (f *numbers) parseAny(cell string, exponent int) (int64, error) {
	body, negative, ok := unsign(cell)
	if !ok {
		return 0, ErrAmount
	}
	mark := f.mark
	if mark == 0 {
		if mark, ok = decide(body); !ok {
			return 0, errAmbiguous
		}
	}
	plain, grouped, ok := ungroup(body, mark)
	if !ok {
		if f.mark != 0 {
			if _, _, other := ungroup(body, '.'+','-f.mark); other {
				return 0, errInconsistent
			}
		}
		return 0, ErrAmount
	}
	units, whole, err := parseDecimal(plain, mark, exponent)
	if err != nil {
		return 0, err
	}
	grouping, sign := f.grouping, f.negative
	switch {
	case grouped:
		grouping = 'y'
	case whole > 3:
		grouping = 'n'
	}
	if negative != 0 {
		sign, units = negative, -units
	}
	if f.grouping != 0 && grouping != f.grouping || f.negative != 0 && sign != f.negative {
		return 0, errInconsistent
	}
	f.mark, f.grouping, f.negative = mark, grouping, sign
	return units, nil
}

// unsign strips blanks and the sign: '-', '+' or accountants' parentheses.
func unsign(cell string) (body string, negative byte, ok bool) {
	body = strings.Trim(cell, " ")
	switch {
	case body == "":
		return "", 0, false
	case body[0] == '-':
		body, negative = body[1:], '-'
	case body[0] == '+':
		body = body[1:]
	case body[0] == '(' && body[len(body)-1] == ')':
		body, negative = body[1:len(body)-1], '('
	}
	return body, negative, body != "" && body[0]-'0' <= 9
}

// decide returns the decimal mark that a cell proves: 0 if it has no mark at
// all, false if the cell can be read either way, as 1,234 and 1.234 can.
func decide(body string) (byte, bool) {
	if strings.IndexByte(body, '.') < 0 && strings.IndexByte(body, ',') < 0 {
		return 0, true
	}
	_, _, point := ungroup(body, '.')
	_, _, comma := ungroup(body, ',')
	switch {
	case point && comma:
		return 0, false
	case comma:
		return ',', true
	}
	return '.', true // if neither, parsing says what is wrong
}

// ungroup returns body without grouping, which is the other mark between
// groups of three digits, if body can be read with mark: at most one mark, one
// to four digits behind it.
func ungroup(body string, mark byte) (plain string, grouped, ok bool) {
	whole, fraction, decimals := body, "", false
	if i := strings.IndexByte(body, mark); mark != 0 && i >= 0 {
		whole, fraction, decimals = body[:i], body[i+1:], true
	}
	if decimals && (len(fraction) < 1 || len(fraction) > 4) || !digits(fraction) {
		return "", false, false
	}
	if digits(whole) {
		return body, false, whole != ""
	}
	groups := strings.Split(whole, string('.'+','-mark))
	for i, g := range groups {
		if !digits(g) || i > 0 && len(g) != 3 || len(g) > 3 || i == 0 && (g == "" || g[0] == '0') {
			return "", false, false
		}
	}
	if plain = strings.Join(groups, ""); decimals {
		plain += string(mark) + fraction
	}
	return plain, true, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
