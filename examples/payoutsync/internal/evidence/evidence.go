// Package evidence writes and checks evidence packs: one zip for each payout that carries everything from Amazon's bytes
// to the booked documents, and can be checked by somebody who has nothing else.
//
// A pack is always the same bytes for the same content: its members have a fixed order, a fixed time and no compression.
// SHA256SUMS names the SHA-256 of every other member in the form that `sha256sum -c` reads; README.txt says how the rest is
// checked by hand.
package evidence

import (
	"encoding/json"
	"io"
	"iter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Pack is what a pack is made from.
type Pack struct {
	SellerID  string               // Amazon's seller id, which names the chain in the log
	Report    io.Reader            // the report as it was delivered, plain or gzipped
	Statement settlement.Statement // what the report says of itself
	// ContentType is what the report was delivered with; it can name the charset.
	ContentType string
	Rules       []byte          // the rules file
	Input       ledgermap.Input // what else the plan was made from
	Plan        *ledgermap.Plan // made from exactly these
	// Links are the seller's chain from its first record; what lies before the settlement's first record is not packed.
	Links iter.Seq2[booking.Link, error]
	Head  booking.Head // where the chain ends, sealed
	// Exchanges are the requests to the ledger and its answers, without headers and without secrets.
	Exchanges []Exchange
}

// Exchange is one request to the ledger and its answer, as they were kept.
type Exchange struct {
	At      time.Time `json:"at"`
	Machine string    `json:"machine,omitempty"`
	N       int64     `json:"n"` // counts the requests of one process
	Method  string    `json:"method"`
	URL     string    `json:"url"`
	Request string    `json:"request,omitempty"`
	Answer  string    `json:"answer,omitempty"`
	Status  int       `json:"status"` // 0: no answer came
}

// The members, in their order. The report's name ends as its bytes do.
const (
	readmeName    = "README.txt"
	statementName = "statement.json"
	rulesName     = "rules.yaml"
	calendarName  = "calendar.json"
	payoutName    = "payout.json"
	inputsName    = "inputs.json"
	planName      = "plan.json"
	approvalsName = "approvals.json"
	bookingsName  = "bookings.json"
	exchangesName = "exchanges.jsonl"
	logName       = "log.jsonl"
	headName      = "head.json"
	sumsName      = "SHA256SUMS"
)

// reportNames are the names that the report may have.
var reportNames = []string{"report.txt", "report.txt.gz", "report.xml", "report.xml.gz"}

// order is the order of the members; "" stands for the report.
var order = []string{
	readmeName, "", statementName, rulesName, calendarName, payoutName, inputsName, planName, approvalsName, bookingsName, exchangesName, logName, headName, sumsName,
}

// What a member may hold at most. Larger ones are not read further than this.
const (
	maxReport = 2 << 30
	maxText   = 256 << 20 // plan, log and exchanges
	maxSmall  = 1 << 20   // everything else
)

func limit(name string) int64 {
	switch name {
	case planName, logName, exchangesName, bookingsName, approvalsName:
		return maxText
	case readmeName, statementName, rulesName, calendarName, payoutName, inputsName, headName, sumsName:
		return maxSmall
	}
	return maxReport
}

// inputs is the JSON of what a plan is made from beside report, rules, calendar and payout facts.
type inputs struct {
	SellerID    string `json:"seller_id"`
	Seller      string `json:"seller"` // its name in the configuration
	Revision    int    `json:"revision"`
	NoBank      bool   `json:"no_bank"`
	ContentType string `json:"content_type,omitempty"` // of the report, as delivered
	Settlement  string `json:"settlement,omitempty"`   // the one of the report, which may hold several
}

// statementJSON is the JSON of what a report says of itself.
type statementJSON struct {
	SettlementID string    `json:"settlement_id"`
	Format       string    `json:"format"`
	Currency     string    `json:"currency"`
	Total        string    `json:"total"`
	Sum          string    `json:"sum"`
	Rows         int       `json:"rows"`
	Start        time.Time `json:"start"`
	End          time.Time `json:"end"`
	Deposit      time.Time `json:"deposit"`
	Marketplaces []string  `json:"marketplaces"`
	Charset      string    `json:"charset"`
	DecimalMark  string    `json:"decimal_mark"`
	DateLayout   string    `json:"date_layout"`
	SHA256       string    `json:"sha256"` // of the uncompressed report
}

func summary(s settlement.Statement) statementJSON {
	return statementJSON{
		SettlementID: s.ID, Format: s.Format, Currency: s.Currency.String(), Total: s.Total.String(), Sum: s.Sum.String(), Rows: s.Rows,
		Start: s.Start.UTC(), End: s.End.UTC(), Deposit: s.Deposit.UTC(), Marketplaces: append([]string{}, s.Marketplaces...),
		Charset: s.Charset, DecimalMark: s.DecimalMark, DateLayout: s.DateLayout, SHA256: s.Digest,
	}
}

// render is the one form in which a value stands in a pack.
func render(value any) ([]byte, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return append(text, '\n'), err
}
