package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// door is a transport that plays one answer after the other and repeats the last one.
type door struct {
	answers []func(*http.Request) (*http.Response, error)
	n       int
	seen    []string // bodies
	auth    []string
}

func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	d.seen, d.auth = append(d.seen, string(body)), append(d.auth, req.Header.Get("Authorization"))
	answer := d.answers[min(d.n, len(d.answers)-1)]
	d.n++
	return answer(req)
}

func status(code int, body string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{"X-Request": {"id-1"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func broken(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// cut answers 200 and loses the connection in the middle of the body.
func cut(*http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"n":`), failing{io.ErrUnexpectedEOF})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type tokens struct {
	n   int
	err error
}

func (t *tokens) Authorize(req *http.Request) (string, error) {
	if t.err != nil {
		return "", t.err
	}
	token := fmt.Sprintf("secret-%d", t.n)
	req.Header.Set("Authorization", "Bearer "+token)
	return token, nil
}

func (t *tokens) Invalidate(secret string) {
	if secret == fmt.Sprintf("secret-%d", t.n) {
		t.n++
	}
}

func base(t *testing.T) *url.URL {
	t.Helper()
	u, err := rest.ParseBase("https://api.example.com/v1")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

type number struct{ N int }

type pace struct {
	err      error
	answered func(op string, status int)
}

func (p pace) Wait(context.Context, string) error { return p.err }

func (p pace) Answered(op string, status int, _ http.Header) {
	if p.answered != nil {
		p.answered(op, status)
	}
}
