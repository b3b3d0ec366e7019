package round

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
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

// Recorder keeps what is sent to the ledger to change it, and what is answered, as evidence: method, address and bodies of
// requests that are made for a settlement. Headers, log-ins and requests that only read are not kept; that the
// ledger holds what was sent is in the audit log.
type Recorder struct{ Base http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	for_, ok := req.Context().Value(aboutKey{}).(about)
	if !ok || req.Method == http.MethodGet || req.GetBody == nil {
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
