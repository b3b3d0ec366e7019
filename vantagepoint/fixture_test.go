package vantagepoint_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

const base = "https://acme.example.com/acme/api"

// secrets of the fixture, which must never be printed.
const (
	password     = "p4ss+wörd/&%=<>\""
	clientSecret = "s3cret+/=&%zz"
	accessToken  = "access-token-1"
	refreshToken = "refresh-token-1"
)

// tenant is one mocked transport with what was sent through it. Every responder is registered with its query, and
// anything else fails the test.
type tenant struct {
	t    *testing.T
	mock *httpmock.MockTransport

	mu   sync.Mutex
	sent []request
}

type request struct {
	method, path, query, body string
	header                    http.Header
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	tn := &tenant{t: t, mock: httpmock.NewMockTransport()}
	tn.mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		t.Errorf("unexpected request %s %s", r.Method, r.URL)
		return httpmock.NewStringResponse(http.StatusNotImplemented, "unexpected"), nil
	})
	tn.reply("POST", "token", 200, `{"access_token":"`+accessToken+`","token_type":"bearer","expires_in":1799,"refresh_token":"`+refreshToken+`"}`)
	return tn
}

func (tn *tenant) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/acme/api/")
	tn.mu.Lock()
	tn.sent = append(tn.sent, request{r.Method, path, r.URL.RawQuery, string(body), r.Header.Clone()})
	tn.mu.Unlock()
	return tn.mock.RoundTrip(r)
}

// on registers a responder for a path below the base address, with or without a query.
func (tn *tenant) on(method, path string, respond httpmock.Responder) {
	address := base + "/" + path
	if address, query, ok := strings.Cut(address, "?"); ok {
		values, err := url.ParseQuery(query)
		if err != nil {
			tn.t.Fatal(err)
		}
		tn.mock.RegisterResponderWithQuery(method, address, values, respond)
		return
	}
	tn.mock.RegisterResponder(method, address, respond)
}

// reply answers the same every time.
func (tn *tenant) reply(method, path string, status int, body string) {
	tn.on(method, path, answer(status, body))
}

func answer(status int, body string) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		response := httpmock.NewStringResponse(status, body)
		response.Header.Set("Content-Type", "application/json; charset=utf-8")
		return response, nil
	}
}

// fail breaks the connection.
func fail(err error) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// sequence answers each time the next, and the last one for ever.
func sequence(responders ...httpmock.Responder) httpmock.Responder {
	var mu sync.Mutex
	n := 0
	return func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		respond := responders[min(n, len(responders)-1)]
		n++
		mu.Unlock()
		return respond(r)
	}
}

// requests returns what was sent with that method to paths that begin with prefix.
func (tn *tenant) requests(method, prefix string) []request {
	tn.mu.Lock()
	defer tn.mu.Unlock()
	var found []request
	for _, r := range tn.sent {
		if r.method == method && strings.HasPrefix(r.path, prefix) {
			found = append(found, r)
		}
	}
	return found
}

func (tn *tenant) count(method, prefix string) int { return len(tn.requests(method, prefix)) }

func config(transport http.RoundTripper) vantagepoint.Config {
	return vantagepoint.Config{
		BaseURL: base, Database: "ACME", Username: "api.user", Password: vantagepoint.NewSecret(password),
		ClientID: "client-1", ClientSecret: vantagepoint.NewSecret(clientSecret), Transport: transport,
		Retry: vantagepoint.Retry{Faults: 1, Base: 1, Cap: 1},
	}
}

func (tn *tenant) client(change ...func(*vantagepoint.Config)) *vantagepoint.Client {
	tn.t.Helper()
	c := config(tn)
	for _, f := range change {
		f(&c)
	}
	client, err := vantagepoint.NewClient(c)
	if err != nil {
		tn.t.Fatal(err)
	}
	return client
}

func amount(text string) vantagepoint.Amount { return vantagepoint.MustAmount(text) }
