package ledgermap

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// tally adds up a settlement's lines in one pass, while they stream by. What it keeps grows with the number of
// ledger lines, kinds and days, and not with the number of rows.
type tally struct {
	rules    *Rules
	calendar Calendar
	resolver *resolver

	statement settlement.Statement // by which text is decoded
	foreign   bool                 // a group had text beyond ASCII

	days      map[Date]int // the part of each posting date; -1 for a date outside the calendar
	lastDay   Date
	lastPart  int
	parts     []*part
	byPeriod  map[int]int
	strayDays map[Date]*KindTotal // posting dates outside the calendar

	bad     map[settlement.Kind]*KindTotal
	caught  map[settlement.Kind]*KindTotal
	charges []charge
	zero    KindTotal // rows with an amount of 0.00
	early   edge      // the first postings, to say which are outside the settlement's own window
	late    edge
}

// part is what falls into one fiscal period.
type part struct {
	period Period
	last   Date // the latest posting date
	cells  map[cellKey]*cell
}

type cellKey struct {
	place int    // in the resolver's places
	group string // the order or SKU, where lines are summarised by one
}

type cell struct {
	sum  settlement.Money
	rows int
}

// charge is one row by which Amazon charged the seller's card or bank.
type charge struct {
	row    int
	amount settlement.Money
	posted Date
	part   int
	key    cellKey
}

// tally adds up a source. Rules speak of text, and which text a report's bytes are is known at its end: until then
// they are taken for UTF-8, and where that was wrong and mattered, the source is read again.
func (r *Rules) tally(src settlement.Source, c Calendar) (*tally, settlement.Statement, error) {
	guess, err := src.Statement()
	if err != nil { // not read before
		guess = settlement.Statement{Charset: "utf-8"}
	}
	for again := false; ; again = true {
		t := newTally(r, c, guess)
		statement, err := t.read(src)
		switch {
		case err != nil && again:
			return nil, statement, fmt.Errorf("ledgermap: the report is in %s, so it is read a second time to map its text: %w", guess.Charset, err)
		case err != nil || !t.foreign && !t.resolver.foreign || statement.Charset == guess.Charset:
			return t, statement, err
		}
		guess = statement
	}
}

func (t *tally) read(src settlement.Source) (settlement.Statement, error) {
	for line, err := range src.Lines() {
		if err != nil {
			return settlement.Statement{}, err
		}
		if err := t.add(&line); err != nil {
			return settlement.Statement{}, &RefusedError{Code: RefusedAmount, Message: fmt.Sprintf("line %d: %v", line.Row, err)}
		}
	}
	return src.Statement()
}

func newTally(r *Rules, c Calendar, s settlement.Statement) *tally {
	return &tally{
		rules: r, statement: s, calendar: c, resolver: newResolver(r), days: make(map[Date]int), byPeriod: make(map[int]int),
		strayDays: make(map[Date]*KindTotal), bad: make(map[settlement.Kind]*KindTotal), caught: make(map[settlement.Kind]*KindTotal),
		early: edge{sign: 1}, late: edge{sign: -1},
	}
}

// key decodes a line and says which cell of which part it belongs to; part is -1 for a date outside the calendar.
func (t *tally) key(line *settlement.Line) (part int, key cellKey, posted Date) {
	t.statement.Decode(line)
	posted = DateOf(line.Posted, t.rules.zone)
	key.place = t.resolver.place(line, posted)
	switch t.rules.group {
	case "order":
		key.group = line.OrderID
	case "sku":
		key.group = line.SKU
	}
	return t.part(posted), key, posted
}

func (t *tally) part(d Date) int {
	if d == t.lastDay {
		return t.lastPart
	}
	n, ok := t.days[d]
	if !ok {
		n = -1
		if p, inside := t.calendar.At(d); inside {
			if n, ok = t.byPeriod[p.Number]; !ok {
				n = len(t.parts)
				t.byPeriod[p.Number] = n
				t.parts = append(t.parts, &part{period: p, cells: make(map[cellKey]*cell)})
			}
		}
		t.days[d] = n
	}
	t.lastDay, t.lastPart = d, n
	return n
}

// add counts one line. Its only errors are sums that do not fit.
func (t *tally) add(line *settlement.Line) error {
	n, key, posted := t.key(line)
	t.early.add(line)
	t.late.add(line)
	if line.Amount.IsZero() {
		if err := t.zero.add(line); err != nil {
			return err
		}
	}
	where := &t.resolver.places[key.place]
	if where.refuse != "" {
		return count(t.bad, line, where)
	}
	if where.caught {
		if err := count(t.caught, line, where); err != nil {
			return err
		}
	}
	if n < 0 {
		stray := t.strayDays[posted]
		if stray == nil {
			stray = &KindTotal{}
			t.strayDays[posted] = stray
		}
		return stray.add(line)
	}
	p := t.parts[n]
	c := p.cells[key]
	if c == nil {
		key.group = strings.Clone(key.group) // it shares the memory of the file's block
		t.foreign = t.foreign || !ascii(key.group)
		c = &cell{}
		p.cells[key] = c
	}
	var err error
	if c.sum, err = c.sum.Add(line.Amount); err != nil {
		return err
	}
	c.rows++
	if p.last.Compare(posted) < 0 {
		p.last = posted
	}
	if where.is == settlement.CategoryCharge && !line.Amount.IsZero() {
		key.group = strings.Clone(key.group)
		t.charges = append(t.charges, charge{row: line.Row, amount: line.Amount, posted: posted, part: n, key: key})
	}
	return nil
}

func count(totals map[settlement.Kind]*KindTotal, line *settlement.Line, where *place) error {
	k := totals[line.Kind]
	if k == nil {
		k = &KindTotal{Kind: line.Kind, Category: where.is, Reason: where.refuse}
		totals[line.Kind] = k
	}
	return k.add(line)
}

func (k *KindTotal) add(line *settlement.Line) error {
	sum, err := k.Sum.Add(line.Amount)
	if err != nil {
		return err
	}
	k.Sum = sum
	k.Rows++
	if len(k.Lines) < maxKindLines {
		k.Lines = append(k.Lines, line.Row)
	}
	return nil
}

// sorted lists totals by their first row.
func sorted(totals map[settlement.Kind]*KindTotal) []KindTotal {
	list := make([]KindTotal, 0, len(totals))
	for _, k := range totals {
		slices.Sort(k.Lines)
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b KindTotal) int {
		if n := a.Lines[0] - b.Lines[0]; n != 0 {
			return n
		}
		return strings.Compare(a.Kind.String(), b.Kind.String())
	})
	return list
}

// edge keeps the first postings (sign 1) or the last (sign -1) of a settlement, at most maxEdge of them: enough to
// say which rows lie outside the window that the statement names at its end.
type edge struct {
	sign int
	rows []edgeRow // in order of time
}

type edgeRow struct {
	posted time.Time
	row    int
	amount settlement.Money
}

const maxEdge = 100

func (e *edge) add(line *settlement.Line) {
	if n := len(e.rows); n == maxEdge && line.Posted.Compare(e.rows[n-1].posted)*e.sign >= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(e.rows, line.Posted, func(r edgeRow, t time.Time) int {
		if n := r.posted.Compare(t) * e.sign; n != 0 {
			return n
		}
		return -1 // after those of the same time
	})
	e.rows = slices.Insert(e.rows, i, edgeRow{line.Posted, line.Row, line.Amount})
	if len(e.rows) > maxEdge {
		e.rows = e.rows[:maxEdge]
	}
}

// beyond lists the postings before the bound, for an edge of last ones after it.
func (e *edge) beyond(bound time.Time) []edgeRow {
	n := 0
	for n < len(e.rows) && e.rows[n].posted.Compare(bound)*e.sign < 0 {
		n++
	}
	return e.rows[:n]
}
