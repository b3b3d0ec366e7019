package vantagepointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// maxBody is more than any batch needs and keeps a runaway client from eating the test's memory.
const maxBody = 64 << 20

// errCut is what a client sees through [Tenant.Transport] when a fault cuts the connection.
var errCut = errors.New("vantagepointtest: connection reset by peer")

// BaseURL is the base URL that a client uses with [Tenant.Transport]. Behind Start, use the one that Start returns.
func (t *Tenant) BaseURL() string { return "https://vantagepoint.test" + t.opt.Path }

// Start serves the tenant on a free port of the loopback interface. It returns the base URL, which ends in "/api", and a
// function that stops the server at once, cutting what is under way.
func (t *Tenant) Start() (baseURL string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("vantagepointtest: no port to listen on: %w", err)
	}
	server := &http.Server{Handler: t, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always ErrServerClosed, after stop
	}()
	stop = func() {
		_ = server.Close()
		<-done
	}
	return "http://" + listener.Addr().String() + t.opt.Path, stop, nil
}

// Transport is the tenant as a round tripper: no sockets, no goroutines, so it works inside a testing/synctest bubble.
// It answers for any host.
func (t *Tenant) Transport() http.RoundTripper { return transport{t} }

type transport struct{ t *Tenant }

func (d transport) RoundTrip(hr *http.Request) (*http.Response, error) {
	var body []byte
	if hr.Body != nil {
		defer func() { _ = hr.Body.Close() }()
		var err error
		if body, err = readBody(hr.Body); err != nil {
			return nil, err
		}
	}
	if err := hr.Context().Err(); err != nil {
		return nil, err
	}
	a, fate := d.t.do(newRequest(hr, body))
	if err := hr.Context().Err(); err != nil {
		return nil, err
	}
	if fate == fateCut {
		return nil, errCut
	}
	var out io.Reader = bytes.NewReader(a.body)
	if fate == fateHalf {
		out = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), failingReader{})
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header, Request: hr,
		Body: io.NopCloser(out), ContentLength: int64(len(a.body)),
	}, nil
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// ServeHTTP answers one call.
func (t *Tenant) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	body, err := readBody(hr.Body)
	if err != nil {
		return // the client went away before it had sent everything
	}
	a, fate := t.do(newRequest(hr, body))
	if fate == fateCut {
		panic(http.ErrAbortHandler) // net/http's way to cut a connection; it is recovered and not logged
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if fate == fateHalf {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body)
}

func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("vantagepointtest: a request body of more than %d bytes", maxBody)
	}
	return body, err
}

// request is one call, taken apart.
type request struct {
	ctx    context.Context
	method string
	path   string // escaped
	query  url.Values
	header http.Header
	body   []byte
	params map[string]string // from the route
	who    *session          // nil where no token is needed
}

func newRequest(hr *http.Request, body []byte) *request {
	// An error means that parts of the query are malformed; they are ignored, like other parameters the server does not know.
	query, _ := url.ParseQuery(hr.URL.RawQuery)
	r := &request{
		ctx: hr.Context(), method: hr.Method, path: hr.URL.EscapedPath(), query: query,
		header: hr.Header, body: body, params: map[string]string{},
	}
	if r.method == http.MethodPost && hr.Header.Get("Dvp-Postasget") == "true" {
		// The long-query form: a GET whose query is the form body.
		r.method = http.MethodGet
		if form, err := url.ParseQuery(string(body)); err == nil {
			for name, values := range form {
				r.query[name] = append(r.query[name], values...)
			}
		}
	}
	return r
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// fate is how an answer travels.
type fate int

const (
	fateWhole fate = iota
	fateHalf
	fateCut
)

// do answers a call with the faults that are due.
func (t *Tenant) do(r *request) (answer, fate) {
	a, fault := t.locked(r)
	switch fault {
	case FaultCutBefore, FaultLostAnswer:
		return answer{}, fateCut
	case FaultHalfAnswer:
		return a, fateHalf
	case FaultLate:
		late := time.NewTimer(t.opt.LateBy)
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.ctx.Done():
		}
	default:
	}
	return a, fateWhole
}

// locked counts a call, decides about its fault, and works out its answer. One call at a time does so.
func (t *Tenant) locked(r *request) (answer, Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rt, params := t.route(r)
	r.params = params
	t.calls[rt.op]++
	t.total++
	fault := t.opt.Faults.next(Call{Operation: rt.op, Method: r.method, Path: r.path, Nth: t.calls[rt.op], Total: t.total})
	switch fault {
	case FaultHTML503:
		return html(http.StatusServiceUnavailable, "Service Unavailable"), fault
	case Fault500:
		return t.fail(nullReference()), fault
	case FaultTooMany:
		a := html(http.StatusTooManyRequests, "Too Many Requests")
		a.header.Set("Retry-After", "1")
		return a, fault
	case FaultCutBefore:
		return answer{}, fault
	case FaultExpiredToken:
		delete(t.access, bearer(r))
	case FaultRepeated:
		t.handle(rt, r)
	default:
	}
	return t.handle(rt, r), fault
}

// handle runs one call behind the check of its token. The lock is held.
func (t *Tenant) handle(rt route, r *request) answer {
	if !rt.open {
		s, ok := t.access[bearer(r)]
		if !ok || !t.opt.Now().Before(s.expires) {
			a := answer{status: http.StatusUnauthorized, header: http.Header{"Www-Authenticate": {"Bearer"}}}
			if t.opt.Quirks.HTML401 {
				a = html(http.StatusUnauthorized, "Unauthorized")
			}
			return a
		}
		r.who = &s
		if slices.Contains(s.user.Deny, rt.op) {
			return t.fail(&problem{http.StatusForbidden, "You do not have access to this record."})
		}
	}
	return rt.serve(r)
}
