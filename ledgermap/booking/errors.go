package booking

import (
	"errors"
	"fmt"
	"strings"
)

// The codes of a [*RefusedError], the fixed words that programs print.
const (
	CodeReference    = "reference_too_long" // settlement id, letter and revision do not fit the ledger's reference number
	CodePeriod       = "closed_period"      // the ledger's period is closed, or not in its calendar
	CodeStale        = "stale_plan"         // the ledger changed since the plan was made
	CodeAccount      = "missing_account"    // an account or project is missing, or not active
	CodeCompany      = "wrong_company"      // another company than the configured one is active
	CodeRights       = "no_rights"          // the user's role may not do this
	CodeBank         = "missing_bank"       // no bank code is configured for the currency
	CodeRevision     = "revision"           // a revision without a reversal before it, or one that is past
	CodeState        = "state"              // not possible in the state that the settlement is in
	CodeApproval     = "approval"           // approved by the wrong person, or not this plan
	CodeMissing      = "missing_in_ledger"  // the log says booked, the ledger does not show it
	CodeMultiple     = "booked_twice"       // the ledger holds a batch twice
	CodeDocuments    = "other_documents"    // log or ledger hold documents of this settlement that the plan does not
	CodeInvalid      = "invalid"            // the ledger does not take the document as it is
	CodeOffline      = "offline_plan"       // planned without the ledger's calendar
	CodeUnknownEvent = "unknown_event"      // the log holds an event that this version does not know
)

// A RefusedError says why nothing was sent, and what to do.
type RefusedError struct {
	Code       string // a fixed word
	Settlement string
	Key        string // of the document, if it is about one
	Message    string // what happened, and what to do next
	Err        error  // what the ledger said, if it is its refusal
}

// Error names the settlement or document, the code and the message.
func (e *RefusedError) Error() string {
	where := "settlement " + e.Settlement
	if e.Key != "" {
		where = "document " + e.Key
	}
	if e.Err != nil {
		return fmt.Sprintf("booking: %s refused (%s): %s; %s", where, e.Code, strings.TrimSuffix(e.Err.Error(), "."), e.Message)
	}
	return fmt.Sprintf("booking: %s refused (%s): %s", where, e.Code, e.Message)
}

// Unwrap returns what the ledger said, or nil.
func (e *RefusedError) Unwrap() error { return e.Err }

// Is reports that one with the ledger's own words is an [ErrRefused].
func (e *RefusedError) Is(target error) bool { return target == ErrRefused && e.Err != nil }

// What a [Ledger] answers, through errors.Is. An error from Book that is none
// of these is taken for ErrUnanswered, because that is the careful reading.
var (
	// ErrNotFound: the ledger holds nothing under this batch name.
	ErrNotFound = errors.New("booking: not in the ledger")
	// ErrUnanswered: the ledger may or may not have booked.
	ErrUnanswered = errors.New("booking: the ledger did not answer")
	// ErrDuplicate: the ledger did not book, because it has the batch already.
	ErrDuplicate = errors.New("booking: the ledger has this batch already")
	// ErrNotSent: the request did not go out, or was turned away before the
	// ledger looked at it (log-in, too many requests). It can be tried again.
	ErrNotSent = errors.New("booking: nothing was sent to the ledger")
	// ErrRefused: the ledger answered that it did not book.
	ErrRefused = errors.New("booking: the ledger refused the document")
)
