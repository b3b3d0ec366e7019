package round

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// about is the settlement that requests are made for.
type about struct {
	seller     *Seller
	settlement string
}

type aboutKey struct{}

// booked marks the requests made under the context as those of one settlement, for [Recorder].
func booked(ctx context.Context, s *Seller, settlementID string) context.Context {
	return context.WithValue(ctx, aboutKey{}, about{s, settlementID})
}

// exchangeLimit is how much of a request or an answer is kept.
const exchangeLimit = 1 << 20

var exchanges atomic.Int64

// Recorder keeps what is sent to the ledger to change its books, and what is answered, as evidence: method, address and
// bodies of requests that are made for a settlement. Headers and requests that only read are not kept; that the ledger holds
// what was sent is in the audit log.
//
// A client logs in whenever its token has died, through the same transport and for whoever met that. So what is kept is what
// [books] knows, and nothing else.
type Recorder struct{ Base http.RoundTripper }

// books reports whether a request writes into transaction entry: JSON that changes something below DataEntry.
func books(req *http.Request) bool {
	return req.Method != http.MethodGet && req.Header.Get("Content-Type") == "application/json" &&
		slices.Contains(strings.Split(req.URL.Path, "/"), "DataEntry")
}

// RoundTrip implements [http.RoundTripper].
func (r Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	for_, ok := req.Context().Value(aboutKey{}).(about)
	if !ok || !books(req) || req.GetBody == nil {
		return r.Base.RoundTrip(req)
	}
	e := store.Exchange{At: time.Now(), N: exchanges.Add(1), Method: req.Method, URL: req.URL.Path}
	if host, err := os.Hostname(); err == nil {
		e.Machine = host
	}
	if body, err := req.GetBody(); err == nil {
		text, _ := io.ReadAll(io.LimitReader(body, exchangeLimit)) // bytes in memory
		e.Request = string(text)
	}
	answer, err := r.Base.RoundTrip(req)
	if err == nil {
		e.Status = answer.StatusCode
		var kept bytes.Buffer
		_, readErr := io.CopyN(&kept, answer.Body, exchangeLimit)
		e.Answer = kept.String()
		if _, token, _ := strings.Cut(req.Header.Get("Authorization"), " "); token != "" {
			e.Answer = strings.ReplaceAll(e.Answer, token, "[hidden]") // a proxy's page may repeat the request
		}
		rest := io.Reader(answer.Body)
		if readErr != nil && readErr != io.EOF {
			rest = failing{readErr}
		}
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(&kept, rest), answer.Body}
	}
	// What cannot be kept must not stop what was sent; the audit log has the document itself.
	_ = for_.seller.Store.AddExchange(context.WithoutCancel(req.Context()), for_.seller.ID, for_.settlement, e)
	return answer, err
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
