package bank

import (
	"cmp"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// State is what became of lines and legs.
type State string

// The states. Everything but Matched wants somebody to look.
const (
	Matched       State = "matched"        // one line and one leg, equal to the cent
	AmountDiffers State = "amount_differs" // one line and one leg that belong together, and are not equal
	Ambiguous     State = "ambiguous"      // several lines or legs fit each other, and nothing tells them apart
	UnmatchedLine State = "unmatched_line" // the bank has it, the books do not
	UnmatchedLeg  State = "unmatched_leg"  // the books have it, the bank does not
)

// By says what joined a line and a leg.
type By string

// The ways, from the surest down.
const (
	ByID         By = "trace_id"        // the line names the trace id, or the settlement
	ByAmountDate By = "amount_and_date" // equal amounts, dates at most the tolerance apart
	ByDate       By = "date"            // dates at most the tolerance apart, amounts at most one per cent: never a match
)

// Match is one outcome. Matched and AmountDiffers have one line and one leg; Ambiguous has all that fit each other.
type Match struct {
	State State
	By    By // empty for what is unmatched
	Lines []Line
	Legs  []Leg
	// Difference is the line's amount less the leg's.
	Difference settlement.Money
}

// minWord is how long an id must be to be looked for in a bank's text. Shorter ones stand there by chance.
const minWord = 6

// Reconcile holds lines against legs. Every line and every leg is in exactly one of the outcomes, which are in the order
// of the lines, then of the legs without one. days is how far the bank's date and the books' may lie apart.
//
// In this order, each step with what the one before left:
//
//  1. the line names the leg's trace id or settlement, and the amounts are equal;
//  2. the line names them, and the amounts are not: amount_differs;
//  3. the amounts are equal and the dates at most days apart;
//  4. the dates are at most days apart, the amounts at most one per cent: amount_differs, because it is nearly always
//     a fee that the bank kept, or a slip.
//
// A step joins a line and a leg only if each is the other's only candidate. In steps 1 to 3 several candidates are
// ambiguous; in step 4 they stay unmatched.
func Reconcile(lines []Line, legs []Leg, days int) []Match {
	m := newMatcher(lines, legs, days)
	same := func(l Line, g Leg) bool { return l.Amount == g.Amount }
	m.step(m.named, same, Matched, ByID, Ambiguous)
	m.step(m.named, func(l Line, g Leg) bool { return l.Amount.Currency() == g.Amount.Currency() }, AmountDiffers, ByID, Ambiguous)
	m.step(m.equal, m.close, Matched, ByAmountDate, Ambiguous)
	m.step(m.around, near, AmountDiffers, ByDate, "")
	return m.rest()
}

// matcher finds candidates without comparing every line with every leg.
type matcher struct {
	lines    []Line
	legs     []Leg
	days     int
	byWord   map[string][]int
	byAmount map[settlement.Money][]int
	byDay    map[ledgermap.Date][]int
	usedLine []bool
	usedLeg  []bool
	out      []Match
}

func newMatcher(lines []Line, legs []Leg, days int) *matcher {
	m := &matcher{
		lines: lines, legs: legs, days: days, usedLine: make([]bool, len(lines)), usedLeg: make([]bool, len(legs)),
		byWord: map[string][]int{}, byAmount: map[settlement.Money][]int{}, byDay: map[ledgermap.Date][]int{},
	}
	for i, l := range lines {
		for w := range l.words {
			if len(w) >= minWord {
				m.byWord[w] = append(m.byWord[w], i)
			}
		}
		m.byAmount[l.Amount] = append(m.byAmount[l.Amount], i)
		m.byDay[l.Date] = append(m.byDay[l.Date], i)
	}
	return m
}

// named are the lines that name the leg's trace id or settlement.
func (m *matcher) named(g Leg) []int {
	var list []int
	for _, id := range []string{g.TraceID, g.Settlement} {
		list = append(list, m.byWord[bare(id)]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (m *matcher) equal(g Leg) []int { return m.byAmount[g.Amount] }

// around are the lines whose date is at most the tolerance from the leg's.
func (m *matcher) around(g Leg) []int {
	var list []int
	for n := -m.days; n <= m.days; n++ {
		list = append(list, m.byDay[g.Date.AddDays(n)]...)
	}
	return list
}

func (m *matcher) close(l Line, g Leg) bool {
	return l.Date.AddDays(-m.days).Compare(g.Date) <= 0 && g.Date.Compare(l.Date.AddDays(m.days)) <= 0
}

// near reports whether two amounts differ by one per cent of the leg's at most.
func near(l Line, g Leg) bool {
	d, err := l.Amount.Sub(g.Amount)
	return err == nil && d.Abs().Minor() <= g.Amount.Abs().Minor()/100
}

// step joins what is left and fits: pairs that fit nothing else become state, everything else that fits becomes tangled,
// or stays where that is empty.
func (m *matcher) step(candidates func(Leg) []int, fits func(Line, Leg) bool, state State, by By, tangled State) {
	ofLeg, ofLine := map[int][]int{}, map[int][]int{}
	for j, g := range m.legs {
		if m.usedLeg[j] {
			continue
		}
		for _, i := range candidates(g) {
			if !m.usedLine[i] && fits(m.lines[i], g) {
				ofLeg[j] = append(ofLeg[j], i)
				ofLine[i] = append(ofLine[i], j)
			}
		}
	}
	for j := range m.legs {
		if m.usedLeg[j] || len(ofLeg[j]) == 0 {
			continue
		}
		lines, legs := group(j, ofLeg, ofLine)
		switch {
		case len(lines) == 1 && len(legs) == 1:
			m.add(state, by, lines, legs)
		case tangled != "":
			m.add(tangled, by, lines, legs)
		}
	}
}

// group is everything that a leg hangs together with.
func group(start int, ofLeg, ofLine map[int][]int) (lines, legs []int) {
	legs = []int{start}
	for n := 0; n < len(legs); n++ {
		for _, i := range ofLeg[legs[n]] {
			if slices.Contains(lines, i) {
				continue
			}
			lines = append(lines, i)
			for _, j := range ofLine[i] {
				if !slices.Contains(legs, j) {
					legs = append(legs, j)
				}
			}
		}
	}
	return lines, legs
}

func (m *matcher) add(state State, by By, lines, legs []int) {
	out := Match{State: state, By: by}
	slices.Sort(lines)
	slices.Sort(legs)
	for _, i := range lines {
		m.usedLine[i] = true
		out.Lines = append(out.Lines, m.lines[i])
	}
	for _, j := range legs {
		m.usedLeg[j] = true
		out.Legs = append(out.Legs, m.legs[j])
	}
	if len(out.Lines) == 1 && len(out.Legs) == 1 {
		if d, err := out.Lines[0].Amount.Sub(out.Legs[0].Amount); err == nil {
			out.Difference = d
		}
	}
	m.out = append(m.out, out)
}

// rest adds what nothing was found for, and puts all outcomes in order.
func (m *matcher) rest() []Match {
	for i := range m.lines {
		if !m.usedLine[i] {
			m.add(UnmatchedLine, "", []int{i}, nil)
		}
	}
	for j := range m.legs {
		if !m.usedLeg[j] {
			m.add(UnmatchedLeg, "", nil, []int{j})
		}
	}
	slices.SortStableFunc(m.out, func(a, b Match) int {
		switch {
		case len(a.Lines) > 0 && len(b.Lines) > 0:
			return cmp.Compare(a.Lines[0].Number, b.Lines[0].Number)
		case len(a.Lines) == 0 && len(b.Lines) == 0:
			return cmp.Or(a.Legs[0].Date.Compare(b.Legs[0].Date), cmp.Compare(a.Legs[0].Settlement, b.Legs[0].Settlement))
		}
		return cmp.Compare(len(b.Lines), len(a.Lines))
	})
	return m.out
}
