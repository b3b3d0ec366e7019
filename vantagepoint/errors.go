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
	ClassCredentials Class = "credentials" // the log-in or the token was refused
	ClassDenied      Class = "denied"      // the role has no access
	ClassNotFound    Class = "not_found"   // no such record
	ClassDuplicate   Class = "duplicate"   // a record with this key exists
	ClassConflict    Class = "conflict"    // what is stored or in force is not what was sent or asked for
	ClassClosed      Class = "closed"      // the fiscal period is closed
	ClassValidation  Class = "validation"  // the request breaks a rule of ours or of the tenant's
	ClassTruncated   Class = "truncated"   // a text is longer than its column
	ClassThrottled   Class = "throttled"   // too many requests
	ClassServer      Class = "server"      // a fault on the other side
	ClassTransport   Class = "transport"   // no usable answer came
)

// What went wrong, for [errors.Is].
var (
	// ErrCredentials: the log-in is refused, or a new token is (401). Somebody must act; trying again may lock the user.
	ErrCredentials = errors.New("credentials refused")
	// ErrDenied: 403. The user's role has no access to this, or not in this company. Somebody must give it.
	ErrDenied = errors.New("denied")
	// ErrNotFound: there is no such record, or 404: no such endpoint, which may be a matter of Config.Paths.
	ErrNotFound = errors.New("not found")
	// ErrDuplicate: a record with this key exists, and nothing was written. Read it before creating another.
	ErrDuplicate = errors.New("already exists")
	// ErrConflict: what is stored, posted or active is not what was sent or asked for; Error.Differences says in what.
	// Nothing was overwritten. Somebody must find out which is right.
	ErrConflict = errors.New("stored differently")
	// ErrClosed: the fiscal period is closed, and nothing was written. Reopen it or take an open one.
	ErrClosed = errors.New("the fiscal period is closed")
	// ErrInvalidInput: the request breaks a rule of the tenant's, or of ours and was not sent; Error.Fields says where.
	// Sending the same again will fail again.
	ErrInvalidInput = errors.New("invalid input")
	// ErrThrottled: too many requests (429), also after the retries. The call did not run; try again later.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable: a fault of the server's or no usable answer, also after the retries. Try again later; for a write
	// see ErrUnanswered first.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnanswered: a write was sent and it is not known whether it ran. Look before you send it again.
	ErrUnanswered = errors.New("may have run")
	// ErrPaging: the pages of a listing do not add up, and what was yielded before is incomplete. Set Query.PageSize or
	// Config.Paging as the error says.
	ErrPaging = errors.New("pages do not add up")
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
		text.WriteString(" (it may have run: look before you send it again)")
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
	case ErrCredentials:
		return e.Class == ClassCredentials
	case ErrDenied:
		return e.Class == ClassDenied
	case ErrNotFound:
		return e.Class == ClassNotFound
	case ErrDuplicate:
		return e.Class == ClassDuplicate
	case ErrConflict:
		return e.Class == ClassConflict
	case ErrClosed:
		return e.Class == ClassClosed
	case ErrInvalidInput:
		return e.Class == ClassValidation || e.Class == ClassTruncated
	case ErrThrottled:
		return e.Class == ClassThrottled
	case ErrUnavailable:
		return e.Class == ClassServer || e.Class == ClassTransport
	}
	return false
}

// Unwrap returns the cause: the end of a context, a network error, an answer that cannot be read.
func (e *Error) Unwrap() error { return e.err }
