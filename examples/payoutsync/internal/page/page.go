// Package page renders what finance people look at: one self-contained HTML file per payout. It opens from a mail, a
// disk or a share, prints on paper, and loads nothing from anywhere.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Payout is everything that the page of one payout shows.
type Payout struct {
	Seller, Settlement string
	Start, End         string // as the ledger's zone reads them
	Deposit            string
	Zone               string
	State              string
	Reconciliation     string
	Total              settlement.Money
	Rows               int
	Steps              []Step
	Categories         []Category
	Documents          []Document
	Findings           []string
	Trail              []Record
	Proof              []Fact // hashes of every input, and of the log's head
}

// Step is one bar of the waterfall from gross sales to the deposit. The steps add up to the payout's total.
type Step struct {
	Label  string
	Amount settlement.Money
}

// Category is one category of report rows.
type Category struct {
	Name, Meaning string
	Rows          int
	Amount        settlement.Money
}

// Document is one document as it stands in the ledger or is about to.
type Document struct {
	Key, Batch, Ref, Kind, State, Date, Description string
	Period                                          int
	Lines                                           []Line
	Debit, Credit                                   settlement.Money
}

// Line is one ledger line.
type Line struct {
	Account, Project, Description string
	Debit, Credit                 settlement.Money
	Rows                          int
	Auto                          bool
}

// Record is one line of the audit trail.
type Record struct{ At, What, Why, Hash string }

// Fact is a named value, such as the hash of the rules.
type Fact struct{ Name, Value string }

//go:embed payout.html
var payoutHTML string

var payoutTemplate = template.Must(template.New("payout").Funcs(template.FuncMap{
	"side": side, "chart": chart, "negative": func(m settlement.Money) bool { return m.Sign() < 0 },
}).Parse(payoutHTML))

// Write renders the page. All text is escaped for where it stands.
func (p Payout) Write(w io.Writer) error {
	if err := payoutTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("render the page of settlement %s: %w", p.Settlement, err)
	}
	return nil
}

// side prints one side of a ledger line, and nothing for the side that is not used.
func side(m settlement.Money) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}
