package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Failure is a call that did not succeed. It holds no secret: the query of addresses and the credential are gone.
type Failure struct {
	Op     string
	Method string
	// Status of the last answer; 0: no answer came.
	Status int
	// Header and Body of the last answer, the body cut at 256 KiB.
	Header   http.Header
	Body     []byte
	Attempts int
	// RequestID is the vendor's id of the last request, if it sent one.
	RequestID string
	// Unanswered says that the request was sent and that it is not known what became of it: it may have run.
	// A write must then be looked for before it is sent again.
	Unanswered bool
	// Sent says that the request was handed to the network, with whatever success.
	Sent bool
	// Err is why there is no usable answer: the context's end, a network error, an answer that is not JSON.
	// Nil when the answer speaks for itself.
	Err error
}

func (f *Failure) Error() string {
	var text strings.Builder
	text.WriteString(f.Op)
	if f.Status != 0 {
		fmt.Fprintf(&text, ": %d %s", f.Status, http.StatusText(f.Status))
	}
	if f.Err != nil {
		fmt.Fprintf(&text, ": %v", f.Err)
	}
	if f.Attempts > 1 {
		fmt.Fprintf(&text, " (%d attempts)", f.Attempts)
	}
	return text.String()
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// failure describes the run that just ended; err is what the retry layer returned.
func (r *run) failure(err error) *Failure {
	f := r.c.failure(r.call, &r.answer, r.err)
	f.Attempts, f.Sent = r.attempts, r.sent
	if f.Err == nil && err != nil { // the context ended between two attempts
		f.Err = Redact(err, "")
	}
	f.Unanswered = r.sent && (mayHaveRun(f.Status) || r.err != nil && !neverConnected(r.err))
	if f.Err == nil && f.Status/100 == 3 {
		f.Err = redirected(f.Header)
	}
	return f
}

func (c *Client) failure(call Call, a *Answer, err error) *Failure {
	f := &Failure{Op: call.Op, Method: call.Method, Status: a.Status, Header: a.Header, Body: a.Body, Attempts: a.Attempts, Sent: true, Err: err}
	if c.RequestID != "" {
		f.RequestID = a.Header.Get(c.RequestID)
	}
	// A 2xx answer that cannot be used: the call has run, but nobody knows with what result.
	f.Unanswered = err != nil && a.Status/100 == 2
	return f
}

func redirected(header http.Header) error {
	to, err := url.Parse(header.Get("Location"))
	if err != nil || to.Host == "" {
		return errors.New("the server redirects, which is not followed: check the base address")
	}
	return fmt.Errorf("the server redirects to %s, which is not followed: check the base address", to.Host)
}

// neverConnected reports whether the error shows that no connection came about, so that nothing can have run.
func neverConnected(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}

const hidden = "[hidden]"

var queries = regexp.MustCompile(`(https?://[^\s"'?#]*)[?#][^\s"']*`)

// Redact returns err with a text in which no address has a query and none of the secrets occurs. What errors.Is and
// errors.As find stays the same, except that [url.Error], which holds the whole address, is left out.
func Redact(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	for {
		u, ok := err.(*url.Error) //nolint:errorlint // only the outermost ones are peeled off
		if !ok {
			break
		}
		err = u.Err
	}
	if text := RedactText(err.Error(), secrets...); text != err.Error() {
		return &redacted{text, func() error { return err }}
	}
	return err
}

// RedactText removes the query of every address in text, and the secrets.
func RedactText(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		text = strings.ReplaceAll(text, secret, hidden)
		text = strings.ReplaceAll(text, url.QueryEscape(secret), hidden)
	}
	return queries.ReplaceAllString(text, "$1?"+hidden)
}

type redacted struct {
	text  string
	cause func() error // fmt looks into everything else
}

func (r *redacted) Error() string { return r.text }

// Is and As ask the cause without handing it out, because its own text is not fit to print.
func (r *redacted) Is(target error) bool { return errors.Is(r.cause(), target) }

func (r *redacted) As(target any) bool {
	if _, ok := target.(**url.Error); ok {
		return false
	}
	return errors.As(r.cause(), target)
}
