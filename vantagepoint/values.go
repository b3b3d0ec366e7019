package vantagepoint

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Flag is Vantagepoint's yes or no: "Y" and "N" on the wire, blank read as no.
type Flag bool

// MarshalJSON writes "Y" or "N".
func (f Flag) MarshalJSON() ([]byte, error) {
	if f {
		return []byte(`"Y"`), nil
	}
	return []byte(`"N"`), nil
}

// UnmarshalJSON reads Y, N, blank, null, 1, 0, true and false in any case; anything else is an error.
func (f *Flag) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "Y", "1", "TRUE":
		*f = true
	case "N", "0", "FALSE", "":
		*f = false
	default:
		return fmt.Errorf("vantagepoint: %s is neither Y nor N", quote(text))
	}
	return nil
}

// Date is a day in the calendar of the ledger, without a time zone, as Vantagepoint keeps it. The zero value is "no
// date" and travels as an empty string.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Vantagepoint writes every date as a local midnight. Other layouts are those that its endpoints were seen to answer.
const dateLayout = "2006-01-02T15:04:05.000"

// NewDate returns the day that is meant, normalising as time.Date does: NewDate(2024, 2, 30) is 1 March.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the day of t in t's own zone. Convert to the ledger's zone before.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads "2006-01-02", with or without a time of day behind it, and "" as no date. The time of day is
// dropped, as is a zone: the day that is written is the day that is meant.
func ParseDate(text string) (Date, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Date{}, nil
	}
	day := text
	if i := strings.IndexAny(day, "T "); i >= 0 {
		day = day[:i]
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return Date{}, fmt.Errorf("vantagepoint: %s is not a date of the form 2006-01-02T15:04:05.000", quote(text))
	}
	return DateOf(t), nil
}

// Time returns the start of the day in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders days; no date comes first.
func (d Date) Compare(o Date) int { return d.Time(time.UTC).Compare(o.Time(time.UTC)) }

// String returns "2006-01-02", and "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time(time.UTC).Format(time.DateOnly)
}

// MarshalJSON writes "2006-01-02T00:00:00.000", and "" for no date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte(`""`), nil
	}
	return json.Marshal(d.Time(time.UTC).Format(dateLayout))
}

// UnmarshalJSON reads what ParseDate reads, and null as no date.
func (d *Date) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	*d, err = ParseDate(text)
	return err
}

// Period is a fiscal period as Vantagepoint numbers it, YYYYPP: 202401 is the first period of fiscal year 2024. The
// fiscal year need not be the calendar year and may hold more than twelve periods (201113 exists), so find the period
// of a date with [Settings.PeriodOf], never by arithmetic.
type Period int

// Year is the fiscal year.
func (p Period) Year() int { return int(p) / 100 }

// Number is the period within the fiscal year, counted from 1.
func (p Period) Number() int { return int(p) % 100 }

// String returns the six digits.
func (p Period) String() string { return strconv.Itoa(int(p)) }

func (p Period) valid() bool { return p.Year() >= 1900 && p.Year() <= 9999 && p.Number() >= 1 }

// UnmarshalJSON reads a number or a number in a string; blank and null are 0.
func (p *Period) UnmarshalJSON(data []byte) error {
	n, err := integer(data)
	*p = Period(n)
	return err
}

// integer reads a whole number that may be written as text ("4") or with a fraction of zeros (4.0).
func integer(data []byte) (int, error) {
	text, err := scalar(data)
	if err != nil {
		return 0, err
	}
	text = strings.TrimSpace(text)
	if whole, fraction, ok := strings.Cut(text, "."); ok && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("vantagepoint: %s is not a whole number", quote(text))
	}
	return n, nil
}
