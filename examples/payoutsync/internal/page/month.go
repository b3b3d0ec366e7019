package page

import (
	"fmt"
	"io"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Month is the close of one fiscal period.
type Month struct {
	Period   int
	From, To string // its first and last day
	Made     string // when the page was made
	Books    []Book
}

// Book is one seller and currency. Accounts are those of the ledger: positive is a debit balance.
type Book struct {
	Seller   string
	Currency settlement.Currency
	Zone     string

	// Clearing is what Amazon owes, settlement by settlement, and Reserve what it holds back of it.
	Clearing, Reserve Roll
	// Deferred is what Amazon held back at the period's end, by marketplace; DeferredNote says why there is none,
	// or whether it is accrued.
	Deferred     []DeferredRow
	DeferredNote string
	Payouts      []MonthPayout
	Open         []OpenItem
	Head         Head
}

// Roll is the roll-forward of an account: Opening + In + Out = Closing, in every row and in the sum.
type Roll struct {
	Account  string // code and name
	In, Out  string // what the movements are, in words
	Rows     []RollRow
	Total    RollRow
	Problems []string // empty where everything adds up
}

// RollRow is one settlement's part of a roll-forward.
type RollRow struct {
	Settlement                string
	Opening, In, Out, Closing settlement.Money
}

// DeferredRow is the roll-forward of one marketplace: Opening + Deferred - Released = Closing.
type DeferredRow struct {
	Marketplace                          string
	Opening, Deferred, Released, Closing settlement.Money
}

// MonthPayout is a payout that has documents in the period, or ends in it.
type MonthPayout struct {
	Settlement, Start, End, State, Reconciliation string
	Total                                         settlement.Money
	Earned                                        settlement.Money // what of it belongs to the period
	Money                                         string           // where the money is, in words
}

// OpenItem is something that has to be done before the books can be closed.
type OpenItem struct{ Settlement, What string }

// Write renders the page. All text is escaped for where it stands.
func (m Month) Write(w io.Writer) error {
	if err := templates.ExecuteTemplate(w, "month", m); err != nil {
		return fmt.Errorf("render the page of period %d: %w", m.Period, err)
	}
	return nil
}
