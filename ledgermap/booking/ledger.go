package booking

import (
	"context"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// An Entry is one document with the names it has in the ledger.
type Entry struct {
	Key      Key
	Kind     ledgermap.Kind
	Batch    string // Key.Batch(Kind)
	Ref      string // reference or invoice number
	Currency settlement.Currency
	// Document is what is to be booked. It is the zero Document when the engine
	// asks whether the ledger holds anything at all under the name.
	Document ledgermap.Document
	// Period is the fiscal period to look in where Document is zero; 0 if nobody
	// knows it.
	Period int
	// Waits says that the document is not sent in this run whatever the answer,
	// and that nobody who shares the log ever sent it.
	Waits bool
	// Glance says that a look at what lies open is enough, and what the ledger
	// only shows after a search need not be searched: either the survey of this
	// run did not show the entry and nobody who shares the log ever sent a request
	// for it, so that all that can have happened since is that a stranger booked
	// it; or a request may still arrive, so that not to find it proves nothing
	// yet, and another look follows.
	Glance bool
}

// A Ledger is where documents are booked. It sends each request it is asked
// for once, never again by itself, and answers from the books as they are,
// not from a copy that may lag behind.
type Ledger interface {
	// Find returns what the ledger holds under the entry's batch name, posted
	// or not, or ErrNotFound. A Find of its own kind only: an invoice is not
	// found under a journal's name.
	Find(ctx context.Context, e Entry) (Booked, error)

	// Book sends the document, once, and not after ctx's deadline. Its errors
	// are read with errors.Is: ErrRefused, ErrNotSent and ErrDuplicate say that
	// this request booked nothing; any other error leaves it open.
	Book(ctx context.Context, e Entry) (Receipt, error)
}

// A Surveyor is a [Ledger] that can look for all documents of a settlement with
// less effort than a Find for each takes.
type Surveyor interface {
	// Survey answers what Find answers for each of the entries, in their order;
	// nil where the ledger holds nothing. They are all documents of one
	// settlement and revision that are planned, in the order in which they are
	// sent, or the first of them alone: if the ledger holds nothing of that one,
	// it holds none of the others either, as far as they were booked from here.
	Survey(ctx context.Context, entries []Entry) ([]*Booked, error)
}

// A Checker is a [Ledger] that can say, before anything is sent, that it would
// not take the entries: a closed period, a missing account, another company
// active. Its error is best a [*RefusedError].
type Checker interface {
	Check(ctx context.Context, entries []Entry) error
}

// A Poster is a [Ledger] whose batches can be posted to the general ledger.
// Post is asked for once per look: the engine looks whether the batch is
// posted before and after.
type Poster interface {
	Post(ctx context.Context, e Entry) (Receipt, error)
}

// A Measurer is a [Ledger] that knows how long its reference numbers may be; 0
// if it does not tell.
type Measurer interface {
	RefLength(ctx context.Context) (int, error)
}

// A Receipt is what a ledger says of a request it took.
type Receipt struct {
	Requests []string // request ids, if it gives any
	// Booked is what the ledger shows of the document now, if it was asked after
	// it took the request; nil leaves the asking to the engine.
	Booked *Booked
}

// Booked is what the ledger holds.
type Booked struct {
	Batch  string // as the ledger writes it
	Ref    string // as the ledger writes it, perhaps with zeros in front
	Posted bool
	// Company is the company whose books it is in; empty if the ledger does not
	// say.
	Company string
	Period  int            // 0 if the ledger does not say
	Date    ledgermap.Date // zero if the ledger does not say
	// Currency is the zero value if the ledger does not say. Ledgers may write
	// their own over the one that was sent.
	Currency settlement.Currency
	// Lines are those that were sent, without the one the ledger makes itself.
	Lines []ledgermap.Line
	// Summed says that Lines come from where the ledger may merge or split
	// them, as posting does: the sums by account and project are compared then.
	Summed bool
	// Untied is what the ledger itself says does not tie, such as a control
	// total; empty if nothing.
	Untied string
	// Copies counts the batches under this name: 1, or more if the ledger took
	// a name twice. 0 is read as 1.
	Copies   int
	Requests []string
}

// A State says where a settlement stands after a run.
type State string

// The states of a settlement.
const (
	StateRefused          State = "refused"           // a person has to decide
	StatePlanned          State = "planned"           // nothing is in the ledger
	StateAwaitingApproval State = "awaiting_approval" // nothing is sent before a person released the plan
	StateBooking          State = "booking"           // begun, not finished: run it again
	StateBooked           State = "booked"            // everything that may be booked by now is in the ledger
	StatePosted           State = "posted"            // and posted
	StateReversed         State = "reversed"          // every document has its mirror in the ledger
)

// The codes of the engine's findings.
const (
	FindingUnconfirmed = "payout_unconfirmed" // a document was booked as paid, and the plan no longer says that it is
	FindingMultiple    = CodeMultiple         // the ledger holds a batch twice
	FindingClaimed     = "claimed_by_other"   // another worker sends a document
)

// A DocumentState says where a document stands.
type DocumentState string

// The states of a document.
const (
	DocumentPlanned  DocumentState = "planned"
	DocumentWaiting  DocumentState = "waiting"  // its money has not moved, or its invoices are not posted
	DocumentCreated  DocumentState = "created"  // booked by this run and read back
	DocumentFound    DocumentState = "found"    // was in the ledger, with the same content
	DocumentConflict DocumentState = "conflict" // the ledger or the log holds other content; left alone
	DocumentPosted   DocumentState = "posted"
	DocumentReversed DocumentState = "reversed"
)

// A DocumentResult is one document after a run.
type DocumentResult struct {
	Key    Key
	Kind   ledgermap.Kind
	Batch  string
	Ref    string // as the ledger holds it, else as it will be sent
	State  DocumentState
	Digest string
	Totals Totals
	Posted bool
}

// A Result is where a settlement stands after a run. It is filled in as far as
// the run came, also beside an error.
type Result struct {
	Settlement string
	Revision   int
	State      State
	PlanHash   string // what an approver names
	Documents  []DocumentResult
	Findings   []ledgermap.Finding // the plan's, then the engine's

	Sent       int // documents that this run put into the ledger
	Waiting    int // documents that wait for their money or their invoices
	Duplicates int // batches beyond the first that the ledger holds under one of our names

	// Clearing is the sum, debits positive, of the lines on
	// Config.ClearingAccount in all documents that the ledger read back; the
	// zero Money if no account was given or nothing was read.
	Clearing settlement.Money
	// Settled says that every document is booked and the settlement's total has
	// a bank leg, a carry, or is zero: Clearing must be 0.00 now.
	Settled bool

	Head Head // of the seller's chain after the run
}

// BookedNow reports whether the run itself booked anything.
func (r Result) BookedNow() bool { return r.Sent > 0 }

// ClearingOpen reports whether the clearing account is not 0.00 although it
// should be.
func (r Result) ClearingOpen() bool { return r.Settled && !r.Clearing.IsZero() }
