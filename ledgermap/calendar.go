package ledgermap

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Period is one fiscal period of a company. Number is Vantagepoint's integer YYYYPP, which need not be a month and
// whose PP may exceed 12. Start and End are both inside the period.
type Period struct {
	Number int  `json:"period"`
	Start  Date `json:"start"`
	End    Date `json:"end"`
	Closed bool `json:"closed"`
}

// String is the period's number, as 202511.
func (p Period) String() string { return strconv.Itoa(p.Number) }

func (p Period) contains(d Date) bool { return p.Start.Compare(d) <= 0 && d.Compare(p.End) <= 0 }

// Calendar is a company's fiscal calendar as it stood when the plan was made: a fact that enters the plan, with a
// hash, so that a period closed later makes another plan and not the same one. The zero value has no period.
type Calendar struct {
	periods []Period // by start
	offline bool
}

// NewCalendar checks and keeps a company's periods. Two periods may share a day only where one of them is an
// adjustment period (PP above 12, inside another period of its year): that one is kept in the calendar, but no
// date ever falls into it. Any other overlap is an error, because a date must name one period.
func NewCalendar(periods []Period) (Calendar, error) {
	c := Calendar{periods: slices.Clone(periods)}
	slices.SortFunc(c.periods, func(a, b Period) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Number, b.Number))
	})
	seen := make(map[int]bool, len(periods))
	var last Period
	for _, p := range c.periods {
		switch {
		case p.Number < 100001 || p.Number > 999999 || p.Number%100 == 0:
			return Calendar{}, fmt.Errorf("ledgermap: %d is not a fiscal period like 202511", p.Number)
		case !p.Start.valid() || !p.End.valid() || p.End.Compare(p.Start) < 0:
			return Calendar{}, fmt.Errorf("ledgermap: period %d runs from %q to %q", p.Number, p.Start, p.End)
		case seen[p.Number]:
			return Calendar{}, fmt.Errorf("ledgermap: period %d is in the calendar twice", p.Number)
		}
		seen[p.Number] = true
		if c.adjustment(p) {
			continue
		}
		if last.Number != 0 && p.Start.Compare(last.End) <= 0 {
			return Calendar{}, fmt.Errorf("ledgermap: periods %d and %d both hold %s", last.Number, p.Number, p.Start)
		}
		last = p
	}
	return c, nil
}

// adjustment reports whether p is an adjustment period: its days already belong to an earlier period of its year.
func (c Calendar) adjustment(p Period) bool {
	return p.Number%100 > 12 && slices.ContainsFunc(c.periods, func(o Period) bool {
		return o.Number < p.Number && o.Number/100 == p.Number/100 && o.contains(p.Start) && o.contains(p.End)
	})
}

// Months is a calendar of open calendar months that holds every day from one
// date to another. It stands in where no ledger can be asked, and is marked
// [Calendar.Offline]: an engine refuses to book what was planned with it. What
// is to be booked is planned with the ledger's own periods, by [NewCalendar].
func Months(from, to Date) Calendar {
	c := Calendar{offline: true}
	for first := (Date{from.Year, from.Month, 1}); first.Compare(to) <= 0; {
		next := Date{first.Year, first.Month, 28}.AddDays(4)
		next.Day = 1
		c.periods = append(c.periods, Period{Number: first.Year*100 + int(first.Month), Start: first, End: next.AddDays(-1)})
		first = next
	}
	return c
}

// Offline reports whether the calendar was made up from calendar months, and not taken from a ledger.
func (c Calendar) Offline() bool { return c.offline }

// Periods lists the periods by start.
func (c Calendar) Periods() []Period { return slices.Clone(c.periods) }

// At is the period of a date, open or closed.
func (c Calendar) At(d Date) (Period, bool) {
	for _, p := range c.periods {
		if p.contains(d) && !c.adjustment(p) {
			return p, true
		}
	}
	return Period{}, false
}

// NextOpen is the first open period that starts after a date.
func (c Calendar) NextOpen(d Date) (Period, bool) {
	for _, p := range c.periods {
		if !p.Closed && p.Start.Compare(d) > 0 && !c.adjustment(p) {
			return p, true
		}
	}
	return Period{}, false
}

// Keeping returns the calendar with the periods up to a number as an earlier calendar had them. What was planned with
// that one comes out the same again, whichever of its periods were closed since.
func (c Calendar) Keeping(earlier Calendar, number int) (Calendar, error) {
	later := slices.DeleteFunc(c.Periods(), func(p Period) bool { return p.Number <= number })
	kept := slices.DeleteFunc(earlier.Periods(), func(p Period) bool { return p.Number > number })
	return NewCalendar(append(kept, later...))
}

// Hash is the SHA-256, in hex, of the periods with their state.
func (c Calendar) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "ledgermap/calendar/1 offline=%t\n", c.offline)
	for _, p := range c.periods {
		fmt.Fprintf(h, "%d %s %s closed=%t\n", p.Number, p.Start, p.End, p.Closed)
	}
	return hex.EncodeToString(h.Sum(nil))
}

type calendarJSON struct {
	Offline bool     `json:"offline,omitempty"`
	Periods []Period `json:"periods"`
}

// MarshalJSON writes the calendar as a snapshot to keep beside the plan.
func (c Calendar) MarshalJSON() ([]byte, error) {
	return json.Marshal(calendarJSON{Offline: c.offline, Periods: c.periods})
}

// UnmarshalJSON reads a snapshot, with the checks of [NewCalendar].
func (c *Calendar) UnmarshalJSON(data []byte) error {
	var wire calendarJSON
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	read, err := NewCalendar(wire.Periods)
	if err != nil {
		return err
	}
	read.offline = wire.Offline
	*c = read
	return nil
}
