package vantagepointtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// caller speaks to a tenant with plain net/http.
type caller struct {
	t     testing.TB
	http  *http.Client
	base  string
	token string
}

// reply is what came back.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

// start makes a tenant, and a caller who is logged in to it in memory.
func start(t testing.TB, o vantagepointtest.Options) (*vantagepointtest.Tenant, *caller) {
	t.Helper()
	tenant, err := vantagepointtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	c := &caller{t: t, http: &http.Client{Transport: tenant.Transport()}, base: tenant.BaseURL()}
	c.logIn(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
	return tenant, c
}

func loginForm(user, password string) url.Values {
	return url.Values{
		"Username": {user}, "Password": {password}, "grant_type": {"password"}, "Integrated": {"N"}, "database": {"DEMO"},
		"Client_Id": {vantagepointtest.DemoClientID}, "client_secret": {vantagepointtest.DemoClientSecret},
	}
}

// logIn takes a token for the caller, or stops the test.
func (c *caller) logIn(user, password string) {
	c.t.Helper()
	r := c.form(loginForm(user, password))
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(r.Body), &token); err != nil || r.Status != 200 {
		c.t.Fatalf("log-in: %d %s (%v)", r.Status, r.Body, err)
	}
	c.token = token.Access
}

func (c *caller) form(v url.Values) reply {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+"/token", strings.NewReader(v.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := c.send(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// try makes a call and reports a connection that died.
func (c *caller) try(method, path, body string) (reply, error) {
	c.t.Helper()
	address := c.base + "/" + path
	if rest, ok := strings.CutPrefix(path, "../"); ok { // the sibling of the API
		address = strings.TrimSuffix(c.base, "api") + rest
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.send(req)
}

func (c *caller) send(req *http.Request) (reply, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body)}, err
}

// call makes a call that must be answered.
func (c *caller) call(method, path, body string) reply {
	c.t.Helper()
	r, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// want makes a call that must be answered with a status.
func (c *caller) want(status int, method, path, body string) reply {
	c.t.Helper()
	r := c.call(method, path, body)
	if r.Status != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, r.Status, r.Body, status)
	}
	return r
}

// rows decodes an array of objects, numbers kept as written.
func (r reply) rows(t *testing.T) []map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(r.Body))
	d.UseNumber()
	var rows []map[string]any
	if err := d.Decode(&rows); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
	return rows
}

// message is the text of an error.
func (r reply) message(t *testing.T) string {
	t.Helper()
	var e struct{ Message, Detail string }
	if err := json.Unmarshal([]byte(r.Body), &e); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
	return e.Message
}
