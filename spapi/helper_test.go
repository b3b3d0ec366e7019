package spapi_test

import (
	"bytes"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// host is where the clients of the tests believe Amazon to be.
const host = "https://sellingpartnerapi-na.amazon.com"

// newClient returns a client of one mock transport; a request that nothing answers fails the test at once.
func newClient(t *testing.T, change ...func(*spapi.Config)) (*spapi.Client, *httpmock.MockTransport) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		t.Errorf("nothing answers %s %s", req.Method, req.URL)
		return httpmock.NewStringResponse(http.StatusTeapot, ""), nil
	})
	config := spapi.Config{
		Region: spapi.NorthAmerica, Transport: mock,
		Tokens: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "Atza|token"}),
	}
	for _, f := range change {
		f(&config)
	}
	client, err := spapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client, mock
}

// collect ranges over a sequence until its end or first error.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func respond(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := newGzip(&buffer)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}
