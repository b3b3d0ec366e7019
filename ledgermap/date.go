package ledgermap

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Date is a civil date: a day in the ledger's own time zone, without a clock time. It is comparable; the zero
// value is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the civil date of an instant in a time zone. A time in [settlement.Day] is that day in any.
func DateOf(t time.Time, zone *time.Location) Date {
	if t.Location() == settlement.Day {
		zone = settlement.Day
	}
	year, month, day := t.In(zone).Date()
	return Date{year, month, day}
}

// ParseDate reads 2006-01-02.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("ledgermap: %q is not a date like 2006-01-02", text)
	}
	return DateOf(t, time.UTC), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is -1, 0 or 1 as d is before, on or after o.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// AddDays is the date n days later, earlier where n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC), time.UTC)
}

// valid reports whether the date exists in the calendar and has a four-digit year, as every ledger wants.
func (d Date) valid() bool {
	return d.Year >= 1000 && d.Year <= 9999 && d == d.AddDays(0)
}

// String is the date as 2006-01-02, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes 2006-01-02, or nothing for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
