package spapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operation is one operation of the API.
type operation struct {
	name   string // Amazon's operationId
	method string
	path   string // with {placeholders}
	rate   float64
	burst  int
	params string // names of the query parameters, separated by blanks
	status int    // of success
	run    func(*call) (any, error)
}

// call is one request on its way through the fake.
type call struct {
	amazon  *Amazon
	op      operation
	w       http.ResponseWriter
	r       *http.Request
	query   url.Values
	vars    map[string]string
	body    []byte
	now     time.Time
	nth     int // of this operation
	client  string
	account int // index of the seller, -1 before one is known
	status  int
	id      string
	fault   Fault // played
	storm   Fault // chosen by the storm for this call
}

func (c *call) seller() SellerAccount { return c.amazon.accounts[c.account] }

// done notes the call, however it ended.
func (c *call) done() {
	entry := Call{Operation: c.op.name, Status: c.status, Fault: c.fault, At: c.now, RequestID: c.id}
	if c.account >= 0 {
		entry.SellerID = c.seller().ID
	}
	c.amazon.log(entry)
}

func (a *Amazon) serveAPI(w http.ResponseWriter, r *http.Request) {
	c := &call{amazon: a, w: w, r: r, query: r.URL.Query(), now: a.options.Now(), account: -1}
	c.id = fmt.Sprintf("%08x-0000-4000-8000-%012x", a.nextSerial(), c.now.Unix())
	w.Header().Set("x-amzn-RequestId", c.id)
	op, vars, known := a.route(r)
	c.op, c.vars = op, vars
	c.nth = a.count(op.name)
	defer c.done()
	if !known {
		c.refuse(&apiError{http.StatusNotFound, "NotFound", "The resource you requested does not exist.", ""})
		return
	}
	c.roll()
	if err := c.admit(); err != nil {
		c.refuse(err)
		return
	}
	if c.playEarly() {
		return
	}
	if c.hit(Throttled) || !a.take(c.client, c.seller().ID, op, c.now) {
		c.refuse(&apiError{http.StatusTooManyRequests, "QuotaExceeded", "You exceeded your quota for the requested resource.", ""})
		return
	}
	if err := c.checkParams(); err != nil {
		c.refuse(err)
		return
	}
	answer, err := op.run(c)
	if err != nil {
		var refused *apiError
		if !errors.As(err, &refused) {
			refused = &apiError{http.StatusInternalServerError, "InternalFailure", err.Error(), ""}
		}
		c.refuse(refused)
		return
	}
	w.Header().Set("x-amzn-RateLimit-Limit", a.rateHeader(op))
	if answer != nil && c.hit(UnknownMembers) {
		answer = withUnknown(answer)
	}
	if answer == nil { // an operation without an answer body
		c.status = op.status
		w.WriteHeader(op.status)
		return
	}
	c.json(op.status, answer)
}

// refuse answers with an error; the rate header goes with 400 and 404 only.
func (c *call) refuse(e *apiError) {
	if e.status == http.StatusBadRequest || e.status == http.StatusNotFound {
		if c.op.name != "" {
			c.w.Header().Set("x-amzn-RateLimit-Limit", c.amazon.rateHeader(c.op))
		}
	}
	c.w.Header().Set("x-amzn-ErrorType", e.code+"Exception")
	c.json(e.status, wireErrors{[]wireError{{e.code, e.message, e.details}}})
}

// route finds the operation by method and path; a path segment is compared after unescaping, so that an id may hold
// anything.
func (a *Amazon) route(r *http.Request) (operation, map[string]string, bool) {
	have := strings.Split(r.URL.EscapedPath(), "/")
	for _, op := range a.operations {
		if op.method != r.Method {
			continue
		}
		want := strings.Split(op.path, "/")
		if len(want) != len(have) {
			continue
		}
		vars, ok := map[string]string{}, true
		for i, w := range want {
			text, err := url.PathUnescape(have[i])
			switch {
			case err != nil:
				ok = false
			case strings.HasPrefix(w, "{"):
				vars[strings.Trim(w, "{}")] = text
				ok = ok && text != ""
			default:
				ok = ok && text == w
			}
		}
		if ok {
			return op, vars, true
		}
	}
	return operation{}, nil, false
}

var (
	userAgent = regexp.MustCompile(`^[^/()]+/[^ ()]+ \(.*Language=[^;)]+.*\)$`)
	amzDate   = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
)

// admit checks what the gateway checks before it looks at the request's content.
func (c *call) admit() *apiError {
	agent := c.r.Header.Get("User-Agent")
	if len(agent) > 500 || !userAgent.MatchString(agent) {
		return invalid("The user-agent header is not of the form AppName/Version (Language=…; Platform=…).", "user-agent: "+agent)
	}
	if date := c.r.Header.Get("x-amz-date"); date != "" && !amzDate.MatchString(date) {
		return invalid("The x-amz-date header is not of the form YYYYMMDDTHHMMSSZ.", "x-amz-date: "+date)
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, 1<<20+1))
	switch {
	case err != nil:
		return invalid("The request body cannot be read.", "")
	case len(body) > 1<<20:
		return &apiError{http.StatusRequestEntityTooLarge, "RequestTooLarge", "The request size exceeds the maximum accepted size.", ""}
	case len(body) > 0 && (c.r.Method == http.MethodGet || c.r.Method == http.MethodDelete):
		return invalid("A "+c.r.Method+" request must not have a body.", "")
	case len(body) > 0 && !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json"):
		return &apiError{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The request payload is in an unsupported format.", ""}
	}
	c.body = body
	return nil
}

// checkParams refuses parameters that the operation does not have (Amazon mostly overlooks them) and repeated ones:
// lists are joined by commas.
func (c *call) checkParams() *apiError {
	known := strings.Fields(c.op.params)
	for name, values := range c.query {
		if !slices.Contains(known, name) {
			return invalid("The operation "+c.op.name+" has no parameter "+name+".", name)
		}
		if len(values) > 1 {
			return invalid("The parameter "+name+" is there more than once; a list is joined by commas.", name)
		}
	}
	return nil
}

// list returns the values of a parameter that takes several.
func (c *call) list(name string, most int) ([]string, error) {
	text := c.query.Get(name)
	if text == "" {
		return nil, nil
	}
	values := strings.Split(text, ",")
	if len(values) > most {
		return nil, invalid("Too many values of "+name+".", name)
	}
	if slices.Contains(values, "") {
		return nil, invalid("An empty value of "+name+".", name)
	}
	return values, nil
}

// instant returns the time of a parameter, or the default.
func (c *call) instant(name string, otherwise time.Time) (time.Time, error) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, invalid("Invalid date of "+name+": not ISO 8601.", name+"="+text)
}

// count returns a number in [1, most], or the default.
func (c *call) count(name string, otherwise, most int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalid(fmt.Sprintf("The parameter %s must be a number from 1 to %d.", name, most), name+"="+text)
	}
	return n, nil
}

// oneOf returns a parameter that takes one of a few words, or "".
func (c *call) oneOf(name string, words ...string) (string, error) {
	text := c.query.Get(name)
	if text != "" && !slices.Contains(words, text) {
		return "", invalid("Invalid value of "+name+".", name+"="+text)
	}
	return text, nil
}

// decode reads the request body and refuses members that the model does not have.
func (c *call) decode(v any) error {
	d := json.NewDecoder(strings.NewReader(string(c.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return invalid("Could not parse the request body.", err.Error())
	}
	return nil
}

// withUnknown adds members that no model has to an answer and to its payload.
func withUnknown(answer any) any {
	data, err := json.Marshal(answer)
	if err != nil {
		return answer
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil {
		return answer
	}
	m["addedWithoutNotice"] = map[string]any{"since": "2026"}
	if p, ok := m["payload"].(map[string]any); ok {
		p["addedWithoutNotice"] = []any{1, "two"}
	}
	return m
}
