package rest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

func TestRequestIsWrittenAsAsked(t *testing.T) {
	for name, test := range map[string]struct {
		call rest.Call
		want string
	}{
		"segments are escaped": {
			rest.Call{Path: []string{"a b", "c/d?e"}, Query: url.Values{"t": {"x+y/z=&"}, "u": {"1 2"}}},
			"GET /v1/a%20b/c%2Fd%3Fe?t=x%2By%2Fz%3D%26&u=1%202  ",
		},
		"form":      {rest.Call{Method: "POST", Body: url.Values{"a": {"1 2"}}}, "POST /v1 application/x-www-form-urlencoded a=1+2"},
		"JSON":      {rest.Call{Method: "POST", Body: number{1}}, `POST /v1 application/json {"N":1}`},
		"raw bytes": {rest.Call{Method: "PUT", Body: []byte("x"), Header: http.Header{"content-type": {"text/plain"}}}, "PUT /v1 text/plain x"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			d := &door{answers: []func(*http.Request) (*http.Response, error){func(req *http.Request) (*http.Response, error) {
				got = req.Method + " " + req.URL.RequestURI() + " " + req.Header.Get("Content-Type") + " "
				return status(200, "{}")(req)
			}}}
			if _, err := rest.NewClient(rest.Config{Base: base(t), Transport: d}).Send(t.Context(), test.call); err != nil {
				t.Fatal(err)
			}
			if got += d.seen[0]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestMissingIDIsRefusedBeforeSending(t *testing.T) {
	for _, id := range []string{"", ".", ".."} {
		d := &door{answers: []func(*http.Request) (*http.Response, error){status(200, "{}")}}
		_, err := rest.NewClient(rest.Config{Base: base(t), Transport: d}).Send(t.Context(), rest.Call{Op: "op", Path: []string{"reports", id}})
		if err == nil || d.n != 0 {
			t.Errorf("id %q: sent %d, %v", id, d.n, err)
		}
	}
}

func TestAnswersAreDecoded(t *testing.T) {
	client := func(code int, body string) *rest.Client {
		return rest.NewClient(rest.Config{Base: base(t), Transport: &door{answers: []func(*http.Request) (*http.Response, error){status(code, body)}}})
	}
	t.Run("array", func(t *testing.T) {
		got, err := rest.Do[[]number](t.Context(), client(200, `[{"n":1},{"n":2}]`), rest.Call{})
		if err != nil || !cmp.Equal(got, []number{{1}, {2}}) {
			t.Errorf("%v %v", got, err)
		}
	})
	t.Run("byte order mark", func(t *testing.T) {
		got, err := rest.Do[number](t.Context(), client(200, "\xef\xbb\xbf{\"n\":1}"), rest.Call{})
		if err != nil || got.N != 1 {
			t.Errorf("%v %v", got, err)
		}
	})
	t.Run("numbers in any stay exact", func(t *testing.T) {
		got, err := rest.Do[map[string]any](t.Context(), client(200, `{"a":1234567890123456.78}`), rest.Call{})
		if err != nil || got["a"] != json.Number("1234567890123456.78") {
			t.Errorf("%v %v", got, err)
		}
	})
	t.Run("empty where it may be", func(t *testing.T) {
		got, err := rest.Do[[]number](t.Context(), client(200, ""), rest.Call{MayBeEmpty: true})
		if err != nil || got != nil {
			t.Errorf("%v %v", got, err)
		}
	})
	t.Run("no content", func(t *testing.T) {
		if _, err := rest.Do[number](t.Context(), client(204, ""), rest.Call{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("body that does not matter", func(t *testing.T) {
		if _, err := rest.Do[rest.Empty](t.Context(), client(200, "<html>"), rest.Call{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("2xx that says no", func(t *testing.T) {
		_, err := rest.Do[refusal](t.Context(), client(200, `{"error":"no"}`), rest.Call{Op: "op"})
		if f, ok := errors.AsType[*rest.Failure](err); !ok || f.Status != 200 || f.Unanswered || f.Err.Error() != "no" {
			t.Errorf("%v", err)
		}
	})
}

type refusal struct{ Error string }

func (r *refusal) Refused() error { return errors.New(r.Error) }

func TestParseBaseKeepsCredentialsOffTheOpenNetwork(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://a.example.com": true, "https://a.example.com/acme/api": true,
		"http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:1": true,
		"http://a.example.com": false, "ftp://127.0.0.1": false, "a.example.com": false, "": false,
		"https://user:pw@a.example.com": false, "https://a.example.com/?q=1": false, "https://a b": false,
	} {
		if _, err := rest.ParseBase(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		} else if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("password in %v", err)
		}
	}
}
