package web

import (
	"context"
	"errors"
	"io"
	"time"
)

// A Source is what the pages show. Everything but Approve only reads.
type Source interface {
	// Payouts returns the payouts that fit, the newest period first, and whether there are more after them.
	Payouts(ctx context.Context, f Filter) (payouts []Payout, more bool, err error)
	// Payout returns [ErrNotFound] where there is none.
	Payout(ctx context.Context, seller, settlement string) (Payout, error)
	// Report writes the page of one payout: a whole HTML document that loads nothing. It returns [ErrNotFound] where there
	// is none, and a [*RefusedError] where it cannot be made from what is kept.
	Report(ctx context.Context, seller, settlement string, w io.Writer) error
	// Findings returns what somebody should look at: reports that are missing, and of payouts that are not settled, the
	// newest period first.
	Findings(ctx context.Context) ([]Finding, error)
	// Approvals returns the plans that wait for a release.
	Approvals(ctx context.Context) ([]Approval, error)
	// Approve releases a plan in the name of a user. A [*RefusedError] says why not.
	Approve(ctx context.Context, seller, settlement, plan, user string) error
	Sellers(ctx context.Context) ([]Seller, error)
	// Jobs returns jobs of the queue in a state, "" for all, the newest first, and how many stand in each state.
	Jobs(ctx context.Context, state string) ([]Job, []Count, error)
	// Ready returns why this process cannot do its work, or nil.
	Ready(ctx context.Context) error
}

// ErrNotFound says that there is no such thing.
var ErrNotFound = errors.New("not found")

// RefusedError says why something that a person asked for was not done.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// Filter chooses payouts. Empty fields choose all.
type Filter struct {
	State, Seller string
	Text          string // the beginning of a settlement's number
	Skip, Most    int
}

// States are the states of payouts, as filters offer them.
var States = []string{"fetched", "refused", "planned", "awaiting_approval", "booking", "booked", "posted", "reversed"}

// Payout is one settlement.
type Payout struct {
	Seller, Settlement string
	State              string
	Start, End         time.Time
	Deposit            time.Time
	Total, Currency    string
	Reconciliation     string
	Settled            bool // nothing is left to do
	Findings           []string
	Error              string // why it is refused, or what failed
	Documents          []Document
	LookedAt           time.Time
}

// Document is one document of a payout.
type Document struct{ Kind, Batch, Ref, State, Date, Debit string }

// Finding is something about one payout that somebody should look at.
type Finding struct {
	Seller, Settlement string // no settlement: the report of one is missing
	Code, Text         string
	Refused            bool // nothing is booked until it is mended
}

// Approval is one plan, reversal or accrual that waits for a release.
type Approval struct {
	Seller, Settlement string // the settlement, or the name of an accrual
	Title              string // what it is
	Payout             bool   // it is of a payout, which has a page
	Plan               string // its hash
	Documents          []Document
	Booked             []Entry  // of a reversal or an accrual, in the place of Documents
	Error              string   // why it cannot be released
	By                 []string // who has released it
	Needed             int      // how many people have to
	Next               string   // what books it once it is released
}

// Entry is a document with its lines.
type Entry struct {
	Document
	Text  string
	Lines []Line
}

// Line is one line of a document.
type Line struct{ Account, Text, Debit, Credit string }

// Seller is one configured seller.
type Seller struct {
	Name, ID  string
	Schedule  time.Duration
	Next      time.Time // when it is due
	Last      time.Time // when its last round ended
	Expected  time.Time // until when its next settlement is to come; zero: not known
	Overdue   bool      // it should be there by now
	Missing   []string  // which settlement reports should be there and are not, and what to do
	LastError string    // why that round did not see everything
	Holder    string    // which process works for it now
	Tokens    []Token
}

// Token is a credential that ends.
type Token struct {
	What string    // "Amazon client secret"
	Ends time.Time // zero: nobody knows
	Soon bool      // it ends soon, or has ended
	Note string    // what to do
}

// Job is one job of the queue.
type Job struct {
	ID                           int64
	Task, Seller, Subject, State string
	Attempt, Attempts            int
	Created, Next, Begun, Ended  time.Time
	By, LastError                string
}

// Count is how many jobs stand in a state.
type Count struct {
	State string
	N     int
}
