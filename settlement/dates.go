package settlement

import (
	"errors"
	"strings"
	"time"
)

var errDate = errors.New("not a time like 2026-03-14 08:49:04 UTC")

// dates is the form in which one column group of a report writes its times. It
// starts unknown and is fixed by the first cell that has only one reading.
type dates struct {
	order     byte // 'y' year, 'd' day or 'm' month first; 0 while unknown
	separator byte // '-', '.' or '/'
	timed     bool // a cell with a time of day was read, so that iso is known
	iso       bool // date and time joined by T

	cell string // last cell parsed, and its time: rows of one order share it
	time time.Time
}

// parse reads a cell, failing with errAmbiguous where day and month may be
// either and nothing has decided it.
//
// A time without a zone is UTC, as Amazon says of these columns; a cell without
// a time of day is a [Day].
func (f *dates) parse(cell string) (time.Time, error) {
	if cell == f.cell && cell != "" {
		return f.time, nil
	}
	text := strings.Trim(cell, " ")
	date, rest := cutDate(text)
	order, separator, ok := dateForm(date)
	if !ok {
		return time.Time{}, errDate
	}
	if f.order != 0 && (separator != f.separator || (f.order == 'y') != (order == 'y')) {
		return time.Time{}, errInconsistent
	}
	decided := order != 0
	switch {
	case order == 'y':
	case f.order != 0:
		order = f.order
	case !decided && date[0:2] == date[3:5]: // the same day either way
		order = 'd'
	case !decided:
		return time.Time{}, errAmbiguous
	}
	day, ok := civil(date, order)
	if !ok {
		return time.Time{}, errDate
	}
	seconds, nanos, ok := clock(rest)
	if !ok {
		return time.Time{}, errDate
	}
	if rest != "" {
		iso := rest[0] == 'T'
		if f.timed && iso != f.iso {
			return time.Time{}, errInconsistent
		}
		f.timed, f.iso = true, iso
	}
	if decided {
		f.order, f.separator = order, separator
	}
	f.cell, f.time = cell, time.Unix(day*86400+seconds, nanos).UTC()
	if rest == "" {
		f.time = f.time.In(Day)
	}
	return f.time, nil
}

// layout names the form for people; "" while unknown.
func (f *dates) layout() string {
	s := string(f.separator)
	switch {
	case f.iso:
		return "yyyy-MM-dd'T'HH:mm:ssXXX"
	case f.order == 'y':
		return "yyyy" + s + "MM" + s + "dd"
	case f.order == 'd':
		return "dd" + s + "MM" + s + "yyyy"
	case f.order == 'm':
		return "MM" + s + "dd" + s + "yyyy"
	}
	return ""
}

// cutDate cuts a cell behind the date, where a blank or T stands before the time.
func cutDate(text string) (date, rest string) {
	for i := range len(text) {
		if text[i] == ' ' || text[i] == 'T' {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// dateForm returns what comes first in a date: 'y', 'd', 'm', or 0 where day
// and month may be either. Dates with dots always have the day first.
func dateForm(date string) (order, separator byte, ok bool) {
	switch {
	case len(date) == 10 && date[4] == date[7] && isSeparator(date[4]):
		order, separator = 'y', date[4]
	case (len(date) == 10 || len(date) == 8 && date[2] != '-') && date[2] == date[5]: // 26-03-13 may be of 2013 or of 2026
		separator = date[2]
		first, second := number(date[0:2]), number(date[3:5])
		switch {
		case separator == '.', first > 12:
			order = 'd'
		case second > 12:
			order = 'm'
		}
	}
	return order, separator, isSeparator(separator)
}

func isSeparator(b byte) bool { return b == '-' || b == '.' || b == '/' }

// civil returns the day number of a date, from 1970-01-01.
func civil(date string, order byte) (int64, bool) {
	var y, m, d int
	switch order {
	case 'y':
		y, m, d = number(date[0:4]), number(date[5:7]), number(date[8:])
	case 'd':
		d, m, y = number(date[0:2]), number(date[3:5]), number(date[6:])
	case 'm':
		m, d, y = number(date[0:2]), number(date[3:5]), number(date[6:])
	}
	if len(date) == 8 && y >= 0 {
		y += 2000 // Amazon wrote no report before
	}
	if y < 1990 || m < 1 || m > 12 || d < 1 || d > 31 || d > 28 && d > daysIn(m, y) {
		return 0, false
	}
	// Days from a March-based year, after Howard Hinnant's days_from_civil.
	if m <= 2 {
		y, m = y-1, m+12
	}
	return int64(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 719469), true
}

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// clock reads the part of a cell behind the date: nothing, or a blank or T, the
// time of day, perhaps a fraction, and a zone.
func clock(rest string) (seconds, nanos int64, ok bool) {
	if rest == "" {
		return 0, 0, true
	}
	if len(rest) < 9 || rest[3] != ':' || rest[6] != ':' {
		return 0, 0, false
	}
	h, m, s := number(rest[1:3]), number(rest[4:6]), number(rest[7:9])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 {
		return 0, 0, false
	}
	rest = rest[9:]
	if rest != "" && rest[0] == '.' {
		i := 1
		for unit := int64(1e8); i < len(rest) && rest[i]-'0' <= 9 && unit > 0; unit /= 10 {
			nanos += int64(rest[i]-'0') * unit
			i++
		}
		if i == 1 {
			return 0, 0, false
		}
		rest = rest[i:]
	}
	offset, ok := zone(strings.TrimLeft(rest, " "))
	return int64(h*3600+m*60+s) - offset, nanos, ok
}

// zone returns seconds east of UTC.
func zone(text string) (int64, bool) {
	switch text {
	case "UTC", "", "Z", "GMT":
		return 0, true
	case "IST": // India's, in reports of amazon.in; no report is known that has another one's
		return 5*3600 + 1800, true
	}
	if len(text) == 6 && text[3] == ':' {
		text = text[:3] + text[4:]
	}
	if len(text) != 5 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	h, m := number(text[1:3]), number(text[3:5])
	if h < 0 || h > 14 || m < 0 || m > 59 {
		return 0, false
	}
	east := int64(h*3600 + m*60)
	if text[0] == '-' {
		east = -east
	}
	return east, true
}

// number returns a number of two or four digits, -1 for anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return -1
		}
		n = n*10 + int(d)
	}
	if len(s) == 2 || len(s) == 4 {
		return n
	}
	return -1
}
