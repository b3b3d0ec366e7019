package bank

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// The JSON of one outcome. These shapes are what programs read.
type matchJSON struct {
	State      State      `json:"state"`
	By         By         `json:"by,omitempty"`
	Lines      []lineJSON `json:"lines"`
	Legs       []legJSON  `json:"legs"`
	Difference string     `json:"difference,omitempty"` // the line's amount less the leg's
}

type lineJSON struct {
	Line        int    `json:"line"`
	Date        string `json:"date"`
	Amount      string `json:"amount"`
	Currency    string `json:"currency"`
	Reference   string `json:"reference"`
	Description string `json:"description"`
}

type legJSON struct {
	SettlementID string `json:"settlement_id"`
	Batch        string `json:"batch"`
	Kind         string `json:"kind"`
	Date         string `json:"date"`
	Amount       string `json:"amount"`
	Currency     string `json:"currency"`
	TraceID      string `json:"trace_id"`
}

// MarshalJSON writes amounts as text with the currency's decimals.
func (m Match) MarshalJSON() ([]byte, error) {
	out := matchJSON{State: m.State, By: m.By, Lines: []lineJSON{}, Legs: []legJSON{}}
	for _, l := range m.Lines {
		out.Lines = append(out.Lines, lineJSON{l.Number, l.Date.String(), l.Amount.String(), l.Amount.Currency().String(), l.Reference, l.Description})
	}
	for _, g := range m.Legs {
		out.Legs = append(out.Legs, legJSON{g.Settlement, g.Batch, g.Kind, g.Date.String(), g.Amount.String(), g.Amount.Currency().String(), g.TraceID})
	}
	if m.State == Matched || m.State == AmountDiffers {
		out.Difference = m.Difference.String()
	}
	return json.Marshal(out)
}

// Summary counts outcomes.
type Summary struct {
	Matched       int `json:"matched"`
	AmountDiffers int `json:"amount_differs"`
	Ambiguous     int `json:"ambiguous"`
	UnmatchedLine int `json:"unmatched_lines"`
	UnmatchedLeg  int `json:"unmatched_legs"`
}

// Summarise counts outcomes.
func Summarise(matches []Match) Summary {
	var s Summary
	for _, m := range matches {
		switch m.State {
		case Matched:
			s.Matched++
		case AmountDiffers:
			s.AmountDiffers++
		case Ambiguous:
			s.Ambiguous++
		case UnmatchedLine:
			s.UnmatchedLine++
		case UnmatchedLeg:
			s.UnmatchedLeg++
		}
	}
	return s
}

// OK reports whether every line and every leg has its match.
func (s Summary) OK() bool { return s == Summary{Matched: s.Matched} }

// String says in one sentence what the outcomes come to.
func (s Summary) String() string {
	return fmt.Sprintf("%d matched, %d with another amount, %d ambiguous, %d bank lines without a booking, %d bookings without a bank line",
		s.Matched, s.AmountDiffers, s.Ambiguous, s.UnmatchedLine, s.UnmatchedLeg)
}

// WriteTable writes outcomes for people, one line each; an ambiguous one has a line for each of its lines and legs.
func WriteTable(w io.Writer, matches []Match) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "OUTCOME\tBANK LINE\tDATE\tAMOUNT\tSETTLEMENT\tBATCH\tBOOKED\tAMOUNT\tWHY")
	for _, m := range matches {
		for i := range max(len(m.Lines), len(m.Legs)) {
			line, leg := "\t\t", "\t\t\t"
			if i < len(m.Lines) {
				l := m.Lines[i]
				line = fmt.Sprintf("%d\t%s\t%s %s", l.Number, l.Date, l.Amount, l.Amount.Currency())
			}
			if i < len(m.Legs) {
				g := m.Legs[i]
				leg = fmt.Sprintf("%s\t%s\t%s\t%s %s", g.Settlement, g.Batch, g.Date, g.Amount, g.Amount.Currency())
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", strings.ReplaceAll(string(m.State), "_", " "), line, leg, m.why())
		}
	}
	return t.Flush()
}

func (m Match) why() string {
	switch m.State {
	case Matched:
		return "by " + strings.ReplaceAll(string(m.By), "_", " ")
	case AmountDiffers:
		return fmt.Sprintf("differs by %s", m.Difference)
	case Ambiguous:
		return fmt.Sprintf("%d lines and %d legs fit each other; a trace id would tell them apart", len(m.Lines), len(m.Legs))
	case UnmatchedLine:
		return "not in the books"
	case UnmatchedLeg:
		return "not on the bank's statement"
	}
	return ""
}
