package ledgermap_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

func period(t testing.TB, number int, start, end string) ledgermap.Period {
	return ledgermap.Period{Number: number, Start: date(t, start), End: date(t, end)}
}

func TestR6_3_FiscalPeriodsNeedNotBeMonths(t *testing.T) {
	c, err := ledgermap.NewCalendar([]ledgermap.Period{
		period(t, 202412, "2024-12-01", "2024-12-28"),
		period(t, 202413, "2024-12-28", "2024-12-28"),
		period(t, 202501, "2024-12-29", "2025-01-25"),
		{Number: 202502, Start: date(t, "2025-01-26"), End: date(t, "2025-02-22"), Closed: true},
		period(t, 202503, "2025-02-23", "2025-03-29"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{
		"2024-11-30": 0, "2024-12-28": 202412, "2024-12-29": 202501, "2025-01-25": 202501, "2025-01-26": 202502, "2025-03-30": 0,
	} {
		if got, _ := c.At(date(t, day)); got.Number != want {
			t.Errorf("%s is in period %d, want %d", day, got.Number, want)
		}
	}
	if got, ok := c.NextOpen(date(t, "2025-01-20")); !ok || got.Number != 202503 {
		t.Errorf("the next open period is %d, want 202503", got.Number)
	}
	if got, ok := c.NextOpen(date(t, "2025-02-23")); ok {
		t.Errorf("after the last period begins another, %d", got.Number)
	}
}

func TestPeriodsStandInTheOrderOfTheirDays(t *testing.T) {
	want := []ledgermap.Period{ // the numbers of a company's periods are its own
		period(t, 202502, "2025-01-01", "2025-01-31"), period(t, 202501, "2025-02-01", "2025-02-28"),
		period(t, 202512, "2025-03-01", "2025-03-31"), period(t, 202513, "2025-03-01", "2025-03-31"),
	}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}} {
		var given []ledgermap.Period
		for _, i := range order {
			given = append(given, want[i])
		}
		c, err := ledgermap.NewCalendar(given)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.Periods()); diff != "" {
			t.Errorf("given as %v:\n%s", order, diff)
		}
	}
}

func TestCalendarRefusesADayInTwoPeriods(t *testing.T) {
	if _, err := ledgermap.NewCalendar([]ledgermap.Period{
		period(t, 202501, "2025-01-01", "2025-01-31"), period(t, 202502, "2025-01-31", "2025-02-28"),
	}); err == nil {
		t.Error("accepted two periods that both hold 2025-01-31")
	}
}

func TestMonthsHoldEveryDay(t *testing.T) {
	c := ledgermap.Months(date(t, "2023-12-15"), date(t, "2024-03-01"))
	want := []ledgermap.Period{
		period(t, 202312, "2023-12-01", "2023-12-31"), period(t, 202401, "2024-01-01", "2024-01-31"),
		period(t, 202402, "2024-02-01", "2024-02-29"), period(t, 202403, "2024-03-01", "2024-03-31"),
	}
	if diff := cmp.Diff(want, c.Periods()); diff != "" {
		t.Error(diff)
	}
	if !c.Offline() {
		t.Error("calendar months do not say that they are offline")
	}
}

func TestCalendarSnapshotKeepsItsHash(t *testing.T) {
	want, err := ledgermap.NewCalendar([]ledgermap.Period{
		{Number: 202501, Start: date(t, "2025-01-01"), End: date(t, "2025-01-31"), Closed: true},
		period(t, 202502, "2025-02-01", "2025-02-28"),
	})
	if err != nil {
		t.Fatal(err)
	}
	offline := ledgermap.Months(date(t, "2025-01-01"), date(t, "2025-02-28"))
	for _, kept := range []ledgermap.Calendar{want, offline} {
		data, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		var got ledgermap.Calendar
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if got.Hash() != kept.Hash() || got.Offline() != kept.Offline() {
			t.Error("the snapshot has another hash")
		}
	}
	open := want.Periods()
	open[0].Closed = false
	reopened, err := ledgermap.NewCalendar(open)
	if err != nil {
		t.Fatal(err)
	}
	if reopened.Hash() == want.Hash() {
		t.Error("closing a period did not change the hash")
	}
}

func TestR7_4_WhatWasPlannedEarlierKeepsItsPeriodsAndTheRestHasTodays(t *testing.T) {
	year := func(closed ...int) ledgermap.Calendar {
		periods := ledgermap.Months(date(t, "2025-01-01"), date(t, "2025-04-30")).Periods()
		for i, p := range periods {
			periods[i].Closed = slices.Contains(closed, p.Number)
		}
		c, err := ledgermap.NewCalendar(periods)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	earlier, today := year(202501), year(202502, 202503) // January was reopened, February and March were closed
	kept, err := today.Keeping(earlier, 202502)
	if err != nil || kept.Hash() != year(202501, 202503).Hash() {
		t.Errorf("%v, %v", kept.Periods(), err)
	}
}

// Thirteen and above are adjustment periods, which share days with others; December is none.
func TestOnlyNumbersAboveTwelveAreAdjustmentPeriods(t *testing.T) {
	november := period(t, 202511, "2025-11-01", "2025-12-31")
	for number, ok := range map[int]bool{202512: false, 202513: true} {
		c, err := ledgermap.NewCalendar([]ledgermap.Period{november, period(t, number, "2025-12-31", "2025-12-31")})
		if (err == nil) != ok {
			t.Errorf("%d: %v", number, err)
		}
		if p, found := c.At(date(t, "2025-12-31")); ok && (!found || p.Number != 202511) {
			t.Errorf("the last day is in %d", p.Number)
		}
	}
}
