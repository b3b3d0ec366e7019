package page_test

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func usd(t *testing.T, minor int64) settlement.Money {
	t.Helper()
	c, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	return settlement.MoneyOf(minor, c)
}

func render(t *testing.T, p page.Payout) string {
	t.Helper()
	var html bytes.Buffer
	if err := p.Write(&html); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

func TestHostileTextIsShownAndNeverRun(t *testing.T) {
	hostile := `<script>alert(1)</script>"><img src=x onerror=alert(2)>`
	html := render(t, page.Payout{
		Seller: hostile, Settlement: hostile, Findings: []string{hostile}, Refusal: hostile, Total: usd(t, 1),
		Facts: []page.Fact{{Name: hostile, Value: hostile}}, Steps: []page.Step{{Label: hostile, Amount: usd(t, 1)}},
		Documents: []page.Document{{Kind: hostile, Waits: hostile, Lines: []page.Line{{
			Account: hostile, Name: hostile, Project: hostile, Description: hostile, Rows: 1, Orders: []page.Order{{ID: hostile, Rows: 1, Amount: usd(t, 1)}},
		}}}},
		Trail: []page.Record{{What: hostile, Who: hostile, Why: hostile}},
	})
	var month bytes.Buffer
	m := sampleMonth(t)
	m.Books[0].Seller, m.Books[0].Open[0].What, m.Books[0].Clearing.Problems, m.Books[0].DeferredNote = hostile, hostile, []string{hostile}, hostile
	m.Books[0].Payouts[0].Money = hostile
	if err := m.Write(&month); err != nil {
		t.Fatal(err)
	}
	html += month.String()
	if strings.Contains(html, "<script") || strings.Contains(html, "<img") {
		t.Error("text of a report became markup")
	}
	if !strings.Contains(html, "&lt;script&gt;") {
		t.Error("the text is not shown at all")
	}
}

func TestThePagesLoadNothing(t *testing.T) {
	for name, html := range samples(t) {
		if found := regexp.MustCompile(`(?i)(\ssrc=|href|url\(|@import|<script|<link|https?:)`).FindString(html); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
		if !strings.Contains(html, "default-src 'none'") {
			t.Errorf("%s has no content security policy", name)
		}
	}
}

// bars returns start and width of each bar of the waterfall.
func bars(t *testing.T, html string) (bars [][2]int) {
	t.Helper()
	for _, m := range regexp.MustCompile(`<rect class="\w+" x="(-?\d+)" y="\d+" width="(-?\d+)"`).FindAllStringSubmatch(html, -1) {
		x, err1 := strconv.Atoi(m[1])
		width, err2 := strconv.Atoi(m[2])
		if err1 != nil || err2 != nil {
			t.Fatal(m)
		}
		bars = append(bars, [2]int{x, width})
	}
	return bars
}

func TestTheWaterfallJoinsAndStaysInsideThePicture(t *testing.T) {
	for _, amounts := range [][]int64{
		{100000, -2000, -30000, 500}, {-5, -5}, {0}, {1}, {math.MaxInt64 / 4, -math.MaxInt64 / 4, 7}, {-100, 300, -500, 900},
	} {
		p := page.Payout{Settlement: "1"}
		var total int64
		for i, a := range amounts {
			p.Steps = append(p.Steps, page.Step{Label: fmt.Sprint(i), Amount: usd(t, a)})
			total += a
		}
		p.Total = usd(t, total)
		got := bars(t, render(t, p))
		if len(got) != len(amounts)+1 {
			t.Fatalf("%v: %d bars, want one a step and the total", amounts, len(got))
		}
		for i, b := range got {
			if b[0] < 0 || b[0]+b[1] > 1000+2 {
				t.Errorf("%v: bar %d from %d to %d leaves the picture", amounts, i, b[0], b[0]+b[1])
			}
			if i == 0 || i == len(amounts) {
				continue
			}
			from, to := end(got[i-1], amounts[i-1]), start(b, amounts[i])
			if from-to > 2 || to-from > 2 { // a bar is two units wide at least
				t.Errorf("%v: bar %d starts at %d, but the one before it ends at %d", amounts, i, to, from)
			}
		}
	}
}

// start and end are where a bar begins and ends in the order of the steps: negative amounts go to the left.
func start(bar [2]int, amount int64) int {
	if amount < 0 {
		return bar[0] + bar[1]
	}
	return bar[0]
}

func end(bar [2]int, amount int64) int {
	if amount < 0 {
		return bar[0]
	}
	return bar[0] + bar[1]
}
