package spapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// What went wrong, for [errors.Is].
var (
	// ErrThrottled: Amazon refuses more calls for now (429), or the pace would keep the call back beyond its context.
	// Try again later.
	ErrThrottled = errors.New("throttled")
	// ErrDenied: 401 or 403. The application lacks the role, or the seller has not authorised it for this region. A
	// download, whose address says who may, is never denied in this sense.
	ErrDenied = errors.New("denied")
	// ErrExpiredToken: Amazon calls even a new access token expired. It is also ErrDenied.
	ErrExpiredToken = errors.New("access token expired")
	// ErrCredentials: Login with Amazon refuses the credential for good: wrong or expired client secret, revoked
	// authorisation, grant not allowed. Somebody must act.
	ErrCredentials = errors.New("credentials refused")
	// ErrNotFound: 404. Report and document ids are valid for their own seller alone.
	ErrNotFound = errors.New("not found")
	// ErrInvalidInput: 400, or arguments that were refused before sending.
	ErrInvalidInput = errors.New("invalid input")
	// ErrUnavailable: a 5xx answer or no answer, also after the retries.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnanswered: a write was sent and it is not known whether it ran. Look before you send it again.
	ErrUnanswered = errors.New("may have run")
	// ErrPaging: the pages of a list do not add up: a page token or a page came twice, or a page that was announced
	// holds nothing. What was yielded before is incomplete.
	ErrPaging = errors.New("pages do not add up")
	// ErrDocument: a report document cannot be read: it ends early, is not what it says, or is too large.
	ErrDocument = errors.New("document unreadable")
)

// Error is what every method of this package returns when a call fails. It holds no secrets.
type Error struct {
	Op string // "reports.getReports", or "lwa.token"
	// Status is the HTTP status of the last answer; 0: there was none.
	Status int
	// Code, Message and Details are Amazon's first error; of Login with Amazon, its error word and description.
	Code    string
	Message string
	Details string
	// All holds every error of the answer, where it has several.
	All []ErrorDetail
	// RequestID is what Amazon's support asks for.
	RequestID string
	Attempts  int
	// Unanswered: a write may have run; see [ErrUnanswered].
	Unanswered bool

	sent bool
	err  error
	kind error // a sentinel that the status does not tell
}

// ErrorDetail is one of the errors in Amazon's answer.
type ErrorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details string `json:"details,omitzero"`
}

func newError(f *rest.Failure) *Error {
	e := &Error{Op: f.Op, Status: f.Status, RequestID: f.RequestID, Attempts: f.Attempts, sent: f.Sent, err: f.Err}
	e.Unanswered = f.Unanswered && f.Method != http.MethodGet && !strings.HasPrefix(f.Op, "lwa.")
	if f.Status == 0 || f.Status/100 == 2 && f.Err != nil && !bytes.Contains(f.Body, []byte(`"errors"`)) {
		return e
	}
	var answer struct {
		Errors      []ErrorDetail `json:"errors"`
		Error       any           `json:"error"`
		Description string        `json:"error_description"`
		Message     string        `json:"message"`
	}
	var bucket struct { // S3
		XMLName xml.Name `xml:"Error"`
		Code    string   `xml:"Code"`
		Message string   `xml:"Message"`
	}
	switch {
	case json.Unmarshal(f.Body, &answer) == nil && len(answer.Errors) > 0:
		first := answer.Errors[0]
		e.Code, e.Message, e.Details, e.All = first.Code, first.Message, first.Details, answer.Errors
	case answer.Error != nil:
		e.Code, _ = answer.Error.(string)
		e.Message = answer.Description
	case answer.Message != "": // the gateway in front of the API
		e.Message = answer.Message
	case xml.Unmarshal(f.Body, &bucket) == nil:
		e.Code, e.Message = bucket.Code, bucket.Message
	case len(f.Body) == 0:
		e.Message = "the answer has no body"
	default:
		e.Message = fmt.Sprintf("the answer is not Amazon's JSON but %d bytes of %s", len(f.Body), cmp.Or(f.Header.Get("Content-Type"), "unnamed content"))
	}
	return e
}

// invalid is a call that was not made because of its arguments.
func invalid(op, message string) *Error {
	return &Error{Op: op, Code: "InvalidInput", Message: message, kind: ErrInvalidInput}
}

// Error says which operation, what Amazon answered, what to do next where that is known, and the request id.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("spapi: " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&text, ": %d", e.Status)
	}
	if e.Code != "" {
		text.WriteString(" " + e.Code)
	}
	for _, part := range []string{e.Message, e.Details} {
		if part != "" {
			text.WriteString(": " + part)
		}
	}
	if e.err != nil {
		text.WriteString(": " + strings.TrimPrefix(e.err.Error(), "spapi: ")) // the token call's error names itself too
	}
	if hint := e.hint(); hint != "" {
		text.WriteString("; " + hint)
	}
	switch {
	case e.RequestID != "":
		fmt.Fprintf(&text, " (request id %s, attempt %d)", e.RequestID, e.Attempts)
	case e.Attempts > 1:
		fmt.Fprintf(&text, " (attempt %d)", e.Attempts)
	}
	return text.String()
}

// hint says what to do next.
func (e *Error) hint() string {
	switch {
	case e.Unanswered:
		return "the call may have run: look before you send it again"
	case e.expiredSecret():
		return "rotate the application's client secret: it lasts 180 days"
	case e.Code == "invalid_client":
		return "check the client id and secret; a secret expires 180 days after its rotation"
	case e.Code == "invalid_grant":
		return "the refresh token is wrong or revoked, or belongs to another application: let the seller authorise again"
	case errors.Is(e.err, ErrCredentials), errors.Is(e.err, ErrThrottled):
		return "" // the cause says it
	case e.Is(ErrExpiredToken):
		return "a new token was refused too: check this machine's clock and the seller's authorisation"
	case e.Is(ErrDenied) && !strings.HasPrefix(e.Op, "lwa."):
		return "check that the application has the operation's role and that the seller has authorised it in this region"
	case e.Is(ErrThrottled):
		return "the quota is used up: try again later"
	}
	return ""
}

// Unwrap returns the cause: the end of the context, a network error, or the *Error of the token call.
func (e *Error) Unwrap() error { return e.err }

// Is lets [errors.Is] find the sentinels above.
func (e *Error) Is(target error) bool {
	lwa := strings.HasPrefix(e.Op, "lwa.")
	switch target {
	case e.kind:
		return target != nil
	case ErrThrottled:
		return e.Status == http.StatusTooManyRequests || e.Code == "QuotaExceeded"
	case ErrDenied:
		return (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) && e.Op != downloadOp
	case ErrExpiredToken:
		return e.Is(ErrDenied) && !e.expiredSecret() && strings.Contains(strings.ToLower(e.Message+e.Details), "expired")
	case ErrCredentials:
		if !lwa {
			return e.expiredSecret()
		}
		switch e.Code {
		case "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_request", "invalid_scope", "access_denied":
			return true
		}
		return false
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrInvalidInput:
		return e.Status == http.StatusBadRequest && !lwa
	case ErrUnavailable:
		return e.Status >= 500 || e.Status == http.StatusRequestTimeout || e.Status == 0 && e.sent && !errors.Is(e.err, context.Canceled)
	case ErrUnanswered:
		return e.Unanswered
	}
	return false
}

// expiredSecret reports whether the interface, not Login with Amazon, says that the client secret's 180 days are over:
// "The LWA secret token you provided has expired."
func (e *Error) expiredSecret() bool {
	return e.Is(ErrDenied) && strings.Contains(strings.ToLower(e.Message+e.Details), "lwa secret token")
}

// tokenRefused reports whether an answer refuses the access token, not the call: 401, or 403 with one of the texts "The
// access token you provided has expired." and "The access token you provided is revoked, malformed or invalid." A plain 403
// means that a role is missing, which no other token changes.
func tokenRefused(a *rest.Answer) bool {
	return a.Status == http.StatusUnauthorized ||
		a.Status == http.StatusForbidden && bytes.Contains(bytes.ToLower(a.Body), []byte("access token"))
}

func paging(op, format string, args ...any) *Error {
	return &Error{Op: op, Message: fmt.Sprintf(format, args...), kind: ErrPaging}
}
