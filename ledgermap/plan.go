package ledgermap

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// PayoutStatus is what is known of a settlement's transfer to the bank.
type PayoutStatus string

// The states of a transfer.
const (
	PayoutUnknown PayoutStatus = ""        // nobody has said
	PayoutPending PayoutStatus = "pending" // on its way
	PayoutPaid    PayoutStatus = "paid"    // the bank has it
	PayoutFailed  PayoutStatus = "failed"  // the bank sent it back, or Amazon could not send it
)

// Payout is what Amazon's Transfers or Finances service says of the settlement's transfer. The zero value is
// nothing known.
type Payout struct {
	Status  PayoutStatus `json:"status"`
	Date    time.Time    `json:"date,omitzero"`      // of the transfer; for a failed one, of its failure
	TraceID string       `json:"trace_id,omitempty"` // as on the bank statement
	Source  string       `json:"source,omitempty"`   // which operation said so

	// Received is what the bank credited, where it is known and in the company's currency although the settlement
	// is in another. The difference to what is booked goes to the exchange account, and nowhere else. A receipt
	// that rules date by the report, which does not wait for the payout, does not wait for this either.
	Received settlement.Money `json:"received,omitzero"`
}

// Hash is the SHA-256, in hex, of the facts.
func (p Payout) Hash() string {
	h := sha256.New()
	date := ""
	if !p.Date.IsZero() {
		date = p.Date.UTC().Format(time.RFC3339Nano)
	}
	digestText(h, "ledgermap/payout/1", string(p.Status), date, p.TraceID, p.Source, p.Received.Currency().String())
	digestInt(h, p.Received.Minor())
	return hex.EncodeToString(h.Sum(nil))
}

// Input is what a plan needs beside the statement and the rules.
type Input struct {
	Seller   string   // the seller's name in the configuration; empty for none
	Calendar Calendar // the company's fiscal periods, as they stood
	Payout   Payout   // what is known of the transfer
	Revision int      // 0 or 1 for the first booking, one more after each reversal

	// NoBank says that the ledger has no bank for the settlement's currency. No bank leg is planned then, and a
	// finding says so.
	NoBank bool
}

// Hashes name everything that a plan is a function of.
type Hashes struct {
	Report   string `json:"report"`   // SHA-256 of the report's uncompressed bytes
	Rules    string `json:"rules"`    // SHA-256 of the rules file's bytes
	Calendar string `json:"calendar"` // of the periods and their state
	Payout   string `json:"payout"`   // of the payout facts
}

// Finding is something a controller should know although it stops nothing.
type Finding struct {
	Code    string           `json:"code"` // a fixed word, as "out_of_window"
	Message string           `json:"message"`
	Rows    int              `json:"rows,omitempty"`    // how many report rows it is about
	Amount  settlement.Money `json:"amount,omitzero"`   // what they add up to, or the amount it is about
	Example int              `json:"example,omitempty"` // the first of the rows, as a line of the file
}

// Memo is a group of report rows that add up to zero and so make no ledger line. It is kept so that every row has
// its place.
type Memo struct {
	Period   int    `json:"period"`
	Account  string `json:"account"`
	WBS1     string `json:"wbs1,omitempty"`
	WBS2     string `json:"wbs2,omitempty"`
	WBS3     string `json:"wbs3,omitempty"`
	Category string `json:"category"`
	Group    string `json:"group,omitempty"` // the order or SKU, where lines are summarised by one
	Rows     int    `json:"rows"`
}

// Plan is what would be booked for one settlement. It is made by [Rules.Plan] and is a value to read: changing it
// changes nothing that was booked, and [Plan.Hash] tells.
type Plan struct {
	Statement settlement.Statement `json:"-"`
	Seller    string               `json:"seller"`
	Revision  int                  `json:"revision"`        // 0 for the first booking
	TimeZone  string               `json:"time_zone"`       // in which posting times became dates
	Chart     string               `json:"chart,omitempty"` // "demo" while the rules carry that mark
	Offline   bool                 `json:"offline"`         // planned with calendar months, not with a ledger's periods
	Documents []Document           `json:"documents"`
	Memos     []Memo               `json:"memos"`
	Findings  []Finding            `json:"findings"`
	Hashes    Hashes               `json:"hashes"`

	rules    *Rules
	calendar Calendar
	places   map[spot]Ref // where the rows of each cell went
	charges  []charge     // the rows of the disbursements from FirstCharge on
}

// spot is a cell of the plan: what one period sends to one target.
type spot struct {
	period int // by posting date, before a closed period moves the document
	target target
	group  string
}

// Ref is a line of a plan's document, counted from 1. The zero value is no line: rows that add up to zero.
type Ref struct {
	Ordinal int `json:"ordinal"`
	Line    int `json:"line"`
}

// Hash is the SHA-256, in hex, of the whole plan: its inputs' hashes and its documents. An approval is of this
// hash; a plan that changed needs another.
func (p *Plan) Hash() string {
	h := sha256.New()
	digestText(h, "ledgermap/plan/1", p.Statement.ID, p.Seller, p.TimeZone, p.Hashes.Report, p.Hashes.Rules, p.Hashes.Calendar, p.Hashes.Payout)
	digestInt(h, int64(p.Revision), int64(len(p.Documents)))
	for _, d := range p.Documents {
		digestText(h, d.Part(), string(d.WaitsFor()), d.Digest())
		digestInt(h, int64(d.Ordinal()))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// KindTotal is one kind of report line with how often it occurs and what it adds up to.
type KindTotal struct {
	Kind     settlement.Kind
	Category settlement.Category // empty where the vocabulary does not know the kind
	Rows     int                 // how many rows
	Sum      settlement.Money    // their sum
	Lines    []int               // their line numbers in the file, the first thousand of them
	Reason   string              // why it cannot be booked
}

// maxKindLines bounds what one kind of line keeps of its line numbers.
const maxKindLines = 1000

// MarshalJSON writes the words of the kind side by side with the rest, and the sum without its currency.
func (k KindTotal) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		TransactionType   string `json:"transaction_type"`
		AmountType        string `json:"amount_type"`
		AmountDescription string `json:"amount_description"`
		Category          string `json:"category"`
		Rows              int    `json:"rows"`
		Sum               string `json:"sum"`
		Lines             []int  `json:"lines"`
		Reason            string `json:"reason"`
	}{
		k.Kind.TransactionType, k.Kind.AmountType, k.Kind.AmountDescription, string(k.Category), k.Rows,
		k.Sum.String(), k.Lines, k.Reason,
	})
}

// The codes of a [RefusedError].
const (
	RefusedUnmapped      = "unmapped"         // kinds of line that no rule and no category names
	RefusedCurrency      = "foreign_currency" // not the company's functional currency, and no rate, declaration or mode for it
	RefusedPeriodClosed  = "closed_period"    // a fiscal period is closed
	RefusedPeriodUnknown = "unknown_period"   // a date is in no fiscal period of the calendar
	RefusedProject       = "missing_project"  // a balance-sheet line without a project where organisations keep books
	RefusedCompany       = "cross_company"    // two companies and no intercompany account for both
	RefusedAmount        = "amount_too_large" // a sum does not fit 64 bits of minor units
	RefusedParts         = "too_many_periods" // it spans more fiscal periods than documents of one settlement can be numbered
)

// RefusedError says why a settlement is not planned. Nothing of it is planned then.
type RefusedError struct {
	SettlementID string      // empty where the report was not read as far as its id
	Code         string      // a fixed word
	Message      string      // what happened and what to do next
	Kinds        []KindTotal // every kind of line that cannot be booked, all at once
}

// Error is the message, and each kind on a line of its own.
func (e *RefusedError) Error() string {
	var b strings.Builder
	which := "the settlement"
	if e.SettlementID != "" {
		which = "settlement " + e.SettlementID
	}
	fmt.Fprintf(&b, "ledgermap: %s is refused (%s): %s", which, e.Code, e.Message)
	for _, k := range e.Kinds {
		rows := "rows"
		if k.Rows == 1 {
			rows = "row"
		}
		fmt.Fprintf(&b, "\n\t%s: %d %s, %s %s, first on line %d: %s", k.Kind, k.Rows, rows, k.Sum, k.Sum.Currency(), k.Lines[0], k.Reason)
	}
	return b.String()
}

// Document is the plan's document of an ordinal.
func (p *Plan) Document(ordinal int) (Document, bool) {
	for _, d := range p.Documents {
		if d.Ordinal() == ordinal {
			return d, true
		}
	}
	return Document{}, false
}

// line is the line of a reference, with the conversion of its document; empty for a memo.
func (p *Plan) line(ref Ref) (Line, Conversion) {
	d, ok := p.Document(ref.Ordinal)
	if !ok {
		return Line{}, Conversion{}
	}
	return d.spec.Lines[ref.Line-1], d.spec.Conversion
}
