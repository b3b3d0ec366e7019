// Package bank holds a bank's own lines against the bank legs that are in the books: it reads the CSV file that a bank
// exports, and matches its lines by trace id, amount and date. It changes nothing and asks nobody.
//
// What a file leaves open is asked for, never guessed: a decimal mark or an order of day and month that no line proves
// is an error that names the flag. A difference of 0.01 is a difference, and two lines that fit one leg are ambiguous.
package bank

import (
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Line is one line of the bank's file. Amounts are positive for money that came in.
type Line struct {
	Number      int // of the line in the file, from 1
	Date        ledgermap.Date
	Amount      settlement.Money
	Reference   string // as the file has it; digits stay text
	Description string

	row   string          // all cells
	words map[string]bool // of every cell but date and amount, to look for ids in
}

// Only returns the lines that hold a text in any of their cells, whatever its case.
func Only(lines []Line, text string) []Line {
	var kept []Line
	for _, l := range lines {
		if strings.Contains(strings.ToUpper(l.row), strings.ToUpper(text)) {
			kept = append(kept, l)
		}
	}
	return kept
}

// Leg is a bank leg that is in the books. Amounts are positive for money that came in: a receipt is positive, a
// disbursement negative.
type Leg struct {
	Settlement string
	Batch      string
	Kind       string // receipt or disbursement
	Amount     settlement.Money
	Date       ledgermap.Date
	TraceID    string // as Amazon names the transfer; empty where it does not
}

// Form says how a bank writes its file. What is empty is found in the file.
type Form struct {
	Delimiter string // ",", ";" or "tab"
	Decimal   string // "." or ","
	Dates     string // a layout such as "MM/dd/yyyy"; see [Layouts]
	Currency  string // of every line, where no column names it

	// The headings of the columns. Debit and Credit stand for Amount in files that have one column for each direction.
	Amount, Credit, Debit, Date, Reference, Description string
}

// FormError says what of a file cannot be read, and what to do. Line is 0 where it is about the whole file.
type FormError struct {
	File    string
	Line    int
	Message string
}

func (e *FormError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Message)
}
