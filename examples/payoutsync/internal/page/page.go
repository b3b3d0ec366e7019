// Package page renders what finance people look at: one self-contained HTML file per payout, and one per month. Each opens
// from a mail, a disk or a share, prints on paper, and loads nothing from anywhere.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Payout is everything that the page of one payout shows.
type Payout struct {
	Seller, Settlement string
	Start, End         string // as the ledger's zone reads them
	Zone               string
	Total              settlement.Money
	Rows               int
	Facts              []Fact   // where it stands, in short
	Refusal            string   // why it is refused, or which system failed
	Findings           []string // what to look at
	Steps              []Step
	Categories         []Category
	Documents          []Document
	Trail              []Record
	Head               Head
	Proof              []Fact // hashes of every input
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
	Waits                                           string // what it waits for, in words
	Period                                          int
	Lines                                           []Line
	Debit, Credit                                   settlement.Money
}

// Line is one ledger line.
type Line struct {
	Account, Name, Project, Description string // Name is the account's
	Debit, Credit                       settlement.Money
	Rows                                int
	Auto                                bool
	// Orders are what its rows are about, the first [MaxOrders] of them; Rest are the rows of all others.
	Orders []Order
	Rest   Order
}

// MaxOrders is how many orders a line shows. A page must stay small enough to open.
const MaxOrders = 50

// Order is what one order brought to a ledger line. Amounts are as in the report: positive for money to the seller.
type Order struct {
	ID     string // or what the rows are, where they name no order
	Rows   int
	Amount settlement.Money
}

// Record is one line of the audit trail.
type Record struct{ At, Who, What, Why, Hash string }

// Head is where the seller's audit log ended when the page was made.
type Head struct {
	Records int64
	Hash    string
}

// Fact is a named value, such as the hash of the rules. Bad says that somebody should look at it.
type Fact struct {
	Name, Value string
	Bad         bool
}

var (
	//go:embed frame.html
	frameHTML string
	//go:embed payout.html
	payoutHTML string
	//go:embed month.html
	monthHTML string
)

var templates = template.Must(template.New("frame").Funcs(template.FuncMap{
	"side": side, "money": grouped, "chart": chart, "bad": func(m settlement.Money) bool { return !m.IsZero() },
}).Parse(frameHTML + `{{define "payout"}}` + payoutHTML + `{{end}}{{define "month"}}` + monthHTML + `{{end}}`))

// Write renders the page. All text is escaped for where it stands.
func (p Payout) Write(w io.Writer) error {
	if err := templates.ExecuteTemplate(w, "payout", p); err != nil {
		return fmt.Errorf("render the page of settlement %s: %w", p.Settlement, err)
	}
	return nil
}

// Amount is an amount with a comma between thousands and its currency.
func Amount(m settlement.Money) string { return grouped(m) + " " + m.Currency().String() }

// side prints one side of a ledger line, and nothing for the side that is not used.
func side(m settlement.Money) string {
	if m.IsZero() {
		return ""
	}
	return grouped(m)
}

// grouped is an amount with a comma between thousands, as people read figures.
func grouped(m settlement.Money) string {
	text := m.String()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, decimals := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals {
		whole += "." + fraction
	}
	return sign + whole
}
