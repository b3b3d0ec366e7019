package vantagepoint

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Class says what kind of refusal an [Error] is. Vantagepoint sends no codes, only texts; the table that turns texts
// into classes is [Patterns].
type Class string

// The classes.
const (
	ClassAuth       Class = "auth"       // the log-in or the token was refused
	ClassForbidden  Class = "forbidden"  // the role has no access
	ClassNotFound   Class = "not_found"  // no such record
	ClassDuplicate  Class = "duplicate"  // a record with this key exists
	ClassConflict   Class = "conflict"   // what is stored is not what was sent
	ClassClosed     Class = "closed"     // the fiscal period is closed
	ClassValidation Class = "validation" // the request breaks a rule of ours or of the tenant's
	ClassTruncated  Class = "truncated"  // a text is longer than its column
	ClassThrottled  Class = "throttled"  // too many requests
	ClassServer     Class = "server"     // a fault on the other side
	ClassTransport  Class = "transport"  // no usable answer came
)

// What errors.Is finds in an [Error].
var (
	ErrAuth      = errors.New("log-in refused")
	ErrForbidden = errors.New("the role has no access")
	ErrNotFound  = errors.New("not found")
	ErrDuplicate = errors.New("already exists")
	ErrConflict  = errors.New("stored differently")
	ErrClosed    = errors.New("the fiscal period is closed")
	// ErrInvalid covers validation and truncation: sending the same again will fail again.
	ErrInvalid = errors.New("invalid")
	// ErrUnanswered says that a write was sent and that it is not known whether it ran. Look for the record before
	// sending it again.
	ErrUnanswered = errors.New("unanswered: it may or may not have run")
	// ErrThrottled: too many requests; they did not run.
	ErrThrottled = errors.New("throttled")
	// ErrPaging: the pages of a listing do not add up, and what was yielded before is incomplete.
	ErrPaging = errors.New("pages do not add up")
	// ErrUnavailable covers throttling, server faults and missing answers: trying later may help, and for a write see
	// ErrUnanswered first.
	ErrUnavailable = errors.New("unavailable")
)

// Error is every failure of this package's calls. It holds no credential: passwords, secrets and tokens are removed
// from all texts, and the answer of a refused log-in is reduced to OAuth's own two fields.
type Error struct {
	Op     string // the operation, for example "journals.create"
	Status int    // HTTP status of the last answer; 0: none came, or nothing was sent
	Class  Class
	// Messages are the server's texts, split where it joined several and without repetitions, or our own.
	Messages []string
	// Fields are the places at fault, where they are known.
	Fields []FieldError
	// Differences between what was sent and what is stored, for a conflict.
	Differences []Difference
	// Hint is what to do next, if there is something to say.
	Hint string
	// Body is the beginning of the answer, cut at 2 KiB.
	Body     string
	Attempts int
	// Unanswered says that a write may have run; see [ErrUnanswered].
	Unanswered bool

	err error
}

// FieldError is one column at fault. It says "jeDetail row 2: Description: 95 characters, at most 80".
type FieldError struct {
	Table  string // "jeDetail", "" if unknown
	Row    int    // 1-based within the table, 0 if unknown
	Field  string
	Length int // in UTF-16 code units, as nvarchar counts; 0 unless the text is too long
	Limit  int // 0 unless the text is too long and the limit known
	Reason string
}

// String names the place and what is wrong with it.
func (f FieldError) String() string {
	var text strings.Builder
	text.WriteString(f.Table)
	if f.Row > 0 {
		fmt.Fprintf(&text, " row %d", f.Row)
	}
	for _, part := range []string{f.Field, f.Reason} {
		if part == "" {
			continue
		}
		if text.Len() > 0 {
			text.WriteString(": ")
		}
		text.WriteString(part)
	}
	return text.String()
}

// Difference is one figure or key that is stored otherwise than it was sent.
type Difference struct {
	Where  string // "line 3 account", "total", "lines"
	Sent   string
	Stored string
}

// String names the place and both contents.
func (d Difference) String() string {
	return fmt.Sprintf("%s: sent %s, stored %s", d.Where, quote(d.Sent), quote(d.Stored))
}

// Error says what happened, where, and what to do next.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("vantagepoint: " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&text, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	said := false
	say := func(s string) { text.WriteString(": " + s); said = true }
	if len(e.Messages) > 0 {
		say(strings.Join(e.Messages, ". "))
	}
	const most = 5
	for i, f := range e.Fields {
		if i == most {
			say(fmt.Sprintf("and %d more", len(e.Fields)-most))
			break
		}
		say(f.String())
	}
	for i, d := range e.Differences {
		if i == most {
			say(fmt.Sprintf("and %d more", len(e.Differences)-most))
			break
		}
		say(d.String())
	}
	if e.err != nil && !said {
		say(e.err.Error())
	}
	if !said && e.Status == 0 {
		say(string(e.Class))
	}
	if e.Unanswered {
		text.WriteString(" (it may or may not have run: look before sending again)")
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&text, " (%d attempts)", e.Attempts)
	}
	if e.Hint != "" {
		text.WriteString("; " + e.Hint)
	}
	return text.String()
}

// Is matches the sentinel of the error's class, and ErrUnanswered.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnanswered:
		return e.Unanswered
	case ErrAuth:
		return e.Class == ClassAuth
	case ErrForbidden:
		return e.Class == ClassForbidden
	case ErrNotFound:
		return e.Class == ClassNotFound
	case ErrDuplicate:
		return e.Class == ClassDuplicate
	case ErrConflict:
		return e.Class == ClassConflict
	case ErrClosed:
		return e.Class == ClassClosed
	case ErrInvalid:
		return e.Class == ClassValidation || e.Class == ClassTruncated
	case ErrThrottled:
		return e.Class == ClassThrottled
	case ErrUnavailable:
		return e.Class == ClassServer || e.Class == ClassTransport || e.Class == ClassThrottled
	}
	return false
}

// Unwrap returns the cause: the end of a context, a network error, an answer that cannot be read.
func (e *Error) Unwrap() error { return e.err }
