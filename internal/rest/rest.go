// Package rest makes one HTTP call of a remote business system: it paces the call, signs it, sends it, sends it again only
// where that is safe, reads the answer through a limit, decodes it, and turns everything else into one [Failure] without
// secrets. Both clients of this module are thin layers over it.
//
// A call passes these stations:
//
//	retry (once per call) → per attempt: pace → credential → base transport → observer
//
// so that every attempt, repeated ones too, pays the limiter and carries a credential that is fresh at that moment.
//
// What is sent twice is decided by [Call.Replayable] and never by the HTTP method:
//
//	                                   replayable     not replayable
//	429                                again          again          refused before it ran
//	credential refused (401)           once more      once more      refused before it ran
//	408, 500, 502, 503, 504            again          no             it may have run: Failure.Unanswered
//	cut connection, no answer in time  again          no             it may have run: Failure.Unanswered
//	credential or pace not obtained    no             no             nothing was sent
package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config describes a [Client]. Zero fields mean the default that their comment names.
type Config struct {
	// Base is the address that Call.Path is appended to, see [ParseBase]. Required unless every call brings its own URL.
	Base *url.URL
	// Transport sends one attempt. Nil means [NewTransport].
	Transport http.RoundTripper
	// Authorizer signs each attempt. Nil means that no credential is sent.
	Authorizer Authorizer
	// Expired reports whether an answer refuses the credential rather than the call; then one fresh credential is fetched
	// and the call replayed once, writes too. Nil means status 401.
	Expired func(*Answer) bool
	// Transient reports whether an error answer other than 429 may be asked for again, if the call is replayable.
	// Nil means status 408, 500, 502, 503 and 504.
	Transient func(*Answer) bool
	// Limiter paces each attempt. Nil means no pace.
	Limiter Limiter
	// Header is sent with every request; User-Agent belongs here.
	Header http.Header
	// MaxBody is the largest answer in bytes that is read into memory. 0 means 64 MiB.
	MaxBody int64
	// Silence is how long the other side may say nothing, before its header or between two reads of its body.
	// 0 means 5 minutes, because calls of 200 seconds have been seen. The whole call has no limit but its context.
	Silence time.Duration
	// Retry says how often and how soon a call is repeated.
	Retry Retry
	// RequestID names the response header with the vendor's id of the request. Empty means none.
	RequestID string
	// Logger gets one debug record an attempt and one warning a retry. Nil means silence.
	Logger *slog.Logger
	// Observe, if not nil, is called after each attempt, in the goroutine of the caller.
	Observe func(context.Context, Attempt)
	// Fail turns a failure into the client's own error. Nil means that the *Failure itself is the error.
	Fail func(*Failure) error
}

// An Authorizer puts a credential on requests.
type Authorizer interface {
	// Authorize signs a request that is about to be sent and returns the secret it used, which is then kept out of every
	// error text. After an error nothing is sent and nothing repeated.
	Authorize(req *http.Request) (secret string, err error)
	// Invalidate forgets the secret if it is still the current one, so that the next Authorize fetches another.
	Invalidate(secret string)
}

// A Limiter paces calls per operation. It must be safe for concurrent use.
type Limiter interface {
	// Wait returns when op may be sent once. It returns an error at once when the context would end before that.
	Wait(ctx context.Context, op string) error
	// Answered tells what came back, so that the pace can follow the server.
	Answered(op string, status int, header http.Header)
}

// Call is one operation as it is sent.
type Call struct {
	// Op is the operation's name in errors, logs, pace and observations, for example "reports.getReports".
	Op     string
	Method string // "" means GET
	// Path holds the segments after the base address, each escaped by itself. Empty and dot segments are refused.
	Path  []string
	Query url.Values
	// URL, if not nil, is used instead of the base address, Path and Query. Its query is treated as a secret.
	URL    *url.URL
	Header http.Header
	// Body is sent as a form ([url.Values]), as it is ([]byte, with the Content-Type in Header), or as JSON (anything else).
	Body any
	// Replayable says that running the operation twice does no harm.
	Replayable bool
	// MayBeEmpty accepts an answer of zero bytes where a value is decoded; otherwise it is an error, because
	// "nothing came" must not be mistaken for "there is nothing".
	MayBeEmpty bool
	// Authorizer, if not nil, replaces the client's for this call.
	Authorizer Authorizer
}

// Answer is what the other side said, read whole; of an error answer at most 256 KiB.
type Answer struct {
	Status   int
	Header   http.Header
	Body     []byte
	Attempts int
}

// Attempt describes one request that was sent.
type Attempt struct {
	Op      string
	Method  string
	Host    string
	Number  int           // 1 for the first of its call
	Waited  time.Duration // for the limiter
	Elapsed time.Duration // from sending to the last byte read
	Status  int           // 0: no answer
	Bytes   int64         // of the answer, as far as it was read
	// RequestID is the vendor's id of the request, if it sent one.
	RequestID string
	Err       error // why there is no answer; without secrets
}

// Empty is the type of answers whose body does not matter.
type Empty struct{}

// A Refuser is an answer that can say no although its status is 2xx. [Do] asks it after decoding and turns its error into a
// [Failure].
type Refuser interface{ Refused() error }

// Client makes calls to one system. It is safe for concurrent use.
type Client struct {
	Config
	any *sync.Map // reflect.Type → bool: what holdsAny has found out
}

// NewClient returns a client with the defaults of config filled in.
func NewClient(config Config) *Client {
	if config.Transport == nil {
		config.Transport = NewTransport()
	}
	if config.Expired == nil {
		config.Expired = func(a *Answer) bool { return a.Status == http.StatusUnauthorized }
	}
	if config.Transient == nil {
		config.Transient = func(a *Answer) bool {
			return mayHaveRun(a.Status) && a.Status <= http.StatusGatewayTimeout && a.Status != http.StatusNotImplemented
		}
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Fail == nil {
		config.Fail = func(f *Failure) error { return f }
	}
	config.MaxBody = cmp.Or(config.MaxBody, 64<<20)
	config.Silence = cmp.Or(config.Silence, 5*time.Minute)
	config.Retry = config.Retry.withDefaults()
	config.Header = config.Header.Clone()
	return &Client{Config: config, any: new(sync.Map)}
}

// Do makes the call and decodes its JSON answer into a T. Numbers inside values of type any become [json.Number].
// A body after an [Empty] T is ignored.
func Do[T any](ctx context.Context, c *Client, call Call) (T, error) {
	var value T
	if err := c.DoInto(ctx, call, &value); err != nil {
		var none T
		return none, err
	}
	return value, nil
}

// DoInto is Do for a value that the caller points to. A nil value ignores the body.
func (c *Client) DoInto(ctx context.Context, call Call, value any) error {
	answer, err := c.Send(ctx, call)
	if err != nil || value == nil {
		return err
	}
	if err := c.decode(answer, value, call.MayBeEmpty); err != nil {
		return c.Fail(c.failure(call, answer, err))
	}
	if r, ok := value.(Refuser); ok {
		if err := r.Refused(); err != nil {
			f := c.failure(call, answer, err)
			f.Unanswered = false
			return c.Fail(f)
		}
	}
	return nil
}

// Send makes the call and returns its 2xx answer undecoded.
func (c *Client) Send(ctx context.Context, call Call) (*Answer, error) {
	r, err := c.run(ctx, call, false)
	if err != nil {
		return nil, err
	}
	return &r.answer, nil
}

// Stream makes the call and returns its 2xx answer with an unread body, which the caller must close. Reading it fails when
// the other side is silent for too long or the context ends; a body that was cut is not fetched again.
func (c *Client) Stream(ctx context.Context, call Call) (*http.Response, error) {
	r, err := c.run(ctx, call, true)
	if err != nil {
		return nil, err
	}
	return r.response, nil
}

func (c *Client) decode(a *Answer, value any, mayBeEmpty bool) error {
	if _, ok := value.(*Empty); ok {
		return nil
	}
	body := bytes.TrimPrefix(a.Body, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(body)) == 0 {
		if mayBeEmpty || a.Status == http.StatusNoContent {
			return nil
		}
		return errors.New("the answer has no body")
	}
	if err := c.unmarshal(body, value); err != nil {
		return fmt.Errorf("the answer (%s) is not the expected JSON: %w", cmp.Or(a.Header.Get("Content-Type"), "no content type"), err)
	}
	return nil
}

// unmarshal reads one JSON value and nothing after it. Where a number can end up in an any, it becomes a [json.Number] and
// not a float64; only a decoder can do that, and it copies the text first, so that others do without.
func (c *Client) unmarshal(text []byte, value any) error {
	kind := reflect.TypeOf(value)
	found, ok := c.any.Load(kind)
	if !ok {
		found, _ = c.any.LoadOrStore(kind, holdsAny(kind, nil))
	}
	if !found.(bool) {
		return json.Unmarshal(text, value)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one value")
	}
	return nil
}

// holdsAny reports whether a value of the type can hold an interface.
func holdsAny(t reflect.Type, stack []reflect.Type) bool {
	if slices.Contains(stack, t) {
		return false // it is being looked at
	}
	stack = append(stack, t)
	switch t.Kind() { //nolint:exhaustive // the others hold nothing
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsAny(t.Elem(), stack)
	case reflect.Struct:
		for field := range t.Fields() {
			if holdsAny(field.Type, stack) {
				return true
			}
		}
	}
	return false
}

// request builds the request of all attempts; each gets a clone.
func (c *Client) request(call Call) (u *url.URL, header http.Header, body []byte, err error) {
	header = c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	switch b := call.Body.(type) {
	case nil:
	case []byte:
		body = b
	case url.Values:
		body = []byte(b.Encode())
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		if body, err = json.Marshal(b); err != nil {
			return nil, nil, nil, fmt.Errorf("the request cannot be written as JSON: %w", err)
		}
		header.Set("Content-Type", "application/json")
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json")
	}
	for name, values := range call.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if call.URL != nil {
		return call.URL, header, body, nil
	}
	if c.Base == nil {
		return nil, nil, nil, errors.New("the client has no base address")
	}
	path, escaped := strings.TrimSuffix(c.Base.Path, "/"), strings.TrimSuffix(c.Base.EscapedPath(), "/")
	for i, segment := range call.Path {
		if segment == "" || segment == "." || segment == ".." {
			return nil, nil, nil, fmt.Errorf("part %d of the path /%s is %q: an id is missing or wrong", i+1, strings.Join(call.Path, "/"), segment)
		}
		path += "/" + segment
		escaped += "/" + url.PathEscape(segment)
	}
	u = new(*c.Base)
	u.Path, u.RawPath = path, escaped
	// A plus sign for a blank is a habit of forms; %20 means the same to every server.
	u.RawQuery = strings.ReplaceAll(call.Query.Encode(), "+", "%20")
	return u, header, body, nil
}
