package booking

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// ErrConflict is in the chain of every [*ConflictError].
var ErrConflict = errors.New("booking: conflict")

// A ConflictError says that the document was booked before with other content,
// or that the ledger holds something else under its name. Nothing was sent and
// nothing was changed: a person decides, and corrects by reversal.
type ConflictError struct {
	Settlement string
	Key        string
	Batch      string
	Where      string // "log" or "ledger"
	Was, Now   string // digests, where both are known
	Diff       []Difference
}

// A Difference is one line of a diff: Sign '-' is what was booked, '+' what
// the plan has now.
type Difference struct {
	Sign byte
	Text string
}

// String is the sign and the text.
func (d Difference) String() string { return string(d.Sign) + " " + d.Text }

// Error names the document, what holds other content, and every difference.
func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "booking: document %s (batch %s): the %s holds it with other content than the plan; nothing was sent. "+
		"If the plan is right, reverse the settlement and book it as the next revision; if the books are right, undo what changed the plan", e.Key, e.Batch, e.Where)
	for _, d := range e.Diff {
		b.WriteString("\n  " + d.String())
	}
	return b.String()
}

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }

// sent returns the lines that go to the ledger: all but those it makes itself.
func sent(d ledgermap.Document) []ledgermap.Line {
	return slices.DeleteFunc(d.Lines(), func(l ledgermap.Line) bool { return l.Auto })
}

// totals are the control totals of lines.
func totals(lines []ledgermap.Line, c settlement.Currency) (Totals, error) {
	debit, credit := settlement.MoneyOf(0, c), settlement.MoneyOf(0, c)
	for _, l := range lines {
		var err1, err2 error
		debit, err1 = debit.Add(l.Debit)
		credit, err2 = credit.Add(l.Credit)
		if err := errors.Join(err1, err2); err != nil {
			return Totals{}, fmt.Errorf("booking: control totals: %w", err)
		}
	}
	return Totals{Count: len(lines), Debit: debit.String(), Credit: credit.String(), Currency: c.String()}, nil
}

// moneyLine is what must be the same of a line in plan and ledger. The text is
// left out, because ledgers cut and translate it; so are blanks around codes,
// their case, and zeros in front, which ledgers add by their own formats.
type moneyLine struct {
	account, wbs1, wbs2, wbs3 string
	debit, credit             int64
}

func moneyOf(l ledgermap.Line) moneyLine {
	return moneyLine{
		account: bareRef(l.Account), wbs1: bareRef(l.WBS1), wbs2: bareRef(l.WBS2), wbs3: bareRef(l.WBS3),
		debit: l.Debit.Minor(), credit: l.Credit.Minor(),
	}
}

// compareLines returns what is only in one of the two, in the order of the
// lines: nothing if they are the same lines in whatever order.
func compareLines(was, now []ledgermap.Line) []Difference {
	left := map[moneyLine]int{}
	for _, l := range was {
		left[moneyOf(l)]++
	}
	var added []Difference
	for _, l := range now {
		if left[moneyOf(l)] > 0 {
			left[moneyOf(l)]--
			continue
		}
		added = append(added, Difference{'+', lineText(l)})
	}
	var diff []Difference
	// From the back, so that of equal lines the first ones are those matched.
	for _, l := range slices.Backward(was) {
		if left[moneyOf(l)] > 0 {
			left[moneyOf(l)]--
			diff = append(diff, Difference{'-', lineText(l)})
		}
	}
	slices.Reverse(diff)
	return append(diff, added...)
}

func lineText(l ledgermap.Line) string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(l.Account))
	for _, w := range []string{l.WBS1, l.WBS2, l.WBS3} {
		if w = strings.TrimSpace(w); w != "" {
			b.WriteString(" / " + w)
		}
	}
	if l.Credit.IsZero() {
		fmt.Fprintf(&b, "  debit %s", l.Debit)
	} else {
		fmt.Fprintf(&b, "  credit %s", l.Credit)
	}
	if l.Description != "" {
		fmt.Fprintf(&b, "  %q", l.Description)
	}
	return b.String()
}

// compareBooked compares the plan's document with what the ledger holds: the
// reference, where the ledger says them company, period and date, count, sums
// and lines. dates is false for a document whose date is not yet a fact.
func compareBooked(e Entry, b Booked, dates bool) ([]Difference, error) {
	var diff []Difference
	differ := func(what, was, now string) {
		diff = append(diff, Difference{'-', what + " " + was}, Difference{'+', what + " " + now})
	}
	if b.Ref != "" && !SameRef(b.Ref, e.Ref) {
		differ("reference", b.Ref, e.Ref)
	}
	if ours := e.Key.Tenant.Company; ours != "" && b.Company != "" && fold(b.Company) != fold(ours) {
		differ("company", b.Company, ours)
	}
	if d := e.Document; dates {
		if b.Period != 0 && b.Period != d.Period() {
			differ("period", fmt.Sprint(b.Period), fmt.Sprint(d.Period()))
		}
		if !b.Date.IsZero() && b.Date != d.Date() {
			differ("date", b.Date.String(), d.Date().String())
		}
	}
	if none := (settlement.Currency{}); b.Currency != none && b.Currency != e.Currency {
		differ("currency", b.Currency.String(), e.Currency.String())
	}
	if b.Untied != "" {
		diff = append(diff, Difference{'-', b.Untied}, Difference{'+', "totals that tie"})
	}
	want, held := sent(e.Document), b.Lines
	if b.Summed {
		// Posting fills in a project where an account wants one and none was
		// given: where the plan gives none, the ledger's is not looked at.
		given := map[string]bool{}
		for _, l := range want {
			given[bareRef(l.Account)] = given[bareRef(l.Account)] || strings.TrimSpace(l.WBS1) != ""
		}
		var err1, err2 error
		want, err1 = summed(want, given)
		held, err2 = summed(held, given)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
	}
	lines := compareLines(held, want)
	wantTotals, err := totals(want, e.Currency)
	if err != nil {
		return nil, err
	}
	gotTotals, err := totals(held, e.Currency)
	if err != nil {
		return nil, err
	}
	// The lines say it all; the sums are compared apart, so that a fault in
	// comparing lines cannot pass what does not add up.
	if wantTotals != gotTotals {
		differ("totals", gotTotals.text(), wantTotals.text())
	}
	return append(diff, lines...), nil
}

// summed adds up the lines of each account, and of each project where projects
// says so, in the order of their first; it leaves out what comes to nothing.
func summed(lines []ledgermap.Line, projects map[string]bool) ([]ledgermap.Line, error) {
	type place struct{ account, wbs1, wbs2, wbs3 string }
	sums := map[place]settlement.Money{}
	var order []place
	for _, l := range lines {
		p := place{account: bareRef(l.Account)}
		if projects[p.account] {
			p.wbs1, p.wbs2, p.wbs3 = bareRef(l.WBS1), bareRef(l.WBS2), bareRef(l.WBS3)
		}
		sum, known := sums[p]
		if !known {
			order = append(order, p)
		}
		var err error
		if sums[p], err = sum.Add(l.Signed()); err != nil {
			return nil, fmt.Errorf("booking: sum of account %s: %w", l.Account, err)
		}
	}
	var out []ledgermap.Line
	for _, p := range order {
		l := ledgermap.Line{Account: p.account, WBS1: p.wbs1, WBS2: p.wbs2, WBS3: p.wbs3}
		none := settlement.MoneyOf(0, sums[p].Currency())
		switch sums[p].Sign() {
		case 0:
			continue
		case 1:
			l.Debit, l.Credit = sums[p], none
		default:
			l.Debit, l.Credit = none, sums[p].Neg()
		}
		out = append(out, l)
	}
	return out, nil
}

func (t Totals) text() string {
	return fmt.Sprintf("%d lines, debit %s, credit %s %s", t.Count, t.Debit, t.Credit, t.Currency)
}

// compareDocuments is the diff between a document that was booked and the one
// the plan has now under the same key.
func compareDocuments(was, now ledgermap.Document) []Difference {
	var diff []Difference
	differ := func(what, a, b string) {
		if a != b {
			diff = append(diff, Difference{'-', what + " " + a}, Difference{'+', what + " " + b})
		}
	}
	differ("kind", string(was.Kind()), string(now.Kind()))
	differ("period", fmt.Sprint(was.Period()), fmt.Sprint(now.Period()))
	differ("date", was.Date().String(), now.Date().String())
	differ("description", was.Description(), now.Description())
	lines := compareLines(was.Lines(), now.Lines())
	if len(diff)+len(lines) == 0 {
		// Only texts of lines differ.
		for i, l := range now.Lines() {
			if w := was.Lines()[i]; w != l {
				lines = append(lines, Difference{'-', lineText(w)}, Difference{'+', lineText(l)})
			}
		}
	}
	return append(diff, lines...)
}
