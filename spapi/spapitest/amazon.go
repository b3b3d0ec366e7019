package spapitest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// Options describes the Amazon. The zero value of every field means the default.
type Options struct {
	Sellers []SellerAccount
	// Now is Amazon's clock; default time.Now, which inside a synctest bubble is the bubble's.
	Now func() time.Time
	// Rate multiplies every refill rate: 1, the default, is Amazon's own pace (a document a minute), 1000 is a demo's.
	// Bursts stay as they are. A negative rate takes all limits away.
	Rate float64
	// TokenLife is how long an access token lives; default an hour.
	TokenLife time.Duration
	// Compression of report documents; default Gzip.
	Compression Compression
	// ContentType of report documents. Amazon's tells no charset; that is the default.
	ContentType string
	// PageSize limits the pages of listings that have no page-size parameter of their own; default what Amazon gives.
	PageSize int
	// ReportTime is how long a requested report takes: half of it in the queue, half in progress. Default a minute.
	ReportTime time.Duration
	// ReportEnds says how requested reports of a type end: "CANCELLED" or "FATAL" instead of "DONE".
	ReportEnds map[string]string
	Faults     Faults
}

// Compression says how report documents are stored.
type Compression int

const (
	Gzip  Compression = iota // compressionAlgorithm GZIP
	Plain                    // no compressionAlgorithm, the text as it is
)

// SellerAccount is a seller that has authorised an application. Credentials left empty are made up: ask
// [Amazon.Accounts].
type SellerAccount struct {
	ClientID, ClientSecret, RefreshToken string

	ID             string // selling partner id; default that of the first settlement
	Name           string
	MarketplaceIDs []string // where the seller sells; default the region of the first settlement. Hosts of other regions answer 403
	Settlements    []settlementtest.Settlement
	Deferred       []settlementtest.Transaction
	// Denied lists operations that answer 403 because the application lacks the role.
	Denied []string
}

// Account returns the account of described sellers with the same id: several describe the streams of one merchant, for
// example one for each currency.
func Account(streams ...settlementtest.Seller) SellerAccount {
	var a SellerAccount
	for _, s := range streams {
		s.ID = cmp.Or(s.ID, a.ID)
		list := s.Settlements()
		if a.ID == "" && len(list) > 0 {
			a.ID = list[0].SellerID
		}
		a.Name = cmp.Or(a.Name, s.Name)
		a.Settlements = append(a.Settlements, list...)
		a.Deferred = append(a.Deferred, s.Deferred()...)
	}
	return a
}

// Amazon is the fake. Its methods may be called from many goroutines.
type Amazon struct {
	options    Options
	accounts   []SellerAccount
	operations []operation

	mu        sync.Mutex
	tokens    map[string]grant   // access tokens
	buckets   map[string]*bucket // client, seller, operation
	pages     map[string]page    // page tokens
	requested []*requested       // reports made by createReport
	schedules []*schedule
	documents map[string][]byte // rendered report documents by id
	base      string            // where the bucket is reached, if Start said so
	calls     []Call
	counts    map[string]int
	faults    faultState
	serial    uint64
	facts     map[string]*facts
	products  map[string][]string  // SKUs by seller
	withdrawn map[string]bool      // sellers whose consent is gone
	payouts   map[string]time.Time // last initiatePayout by seller and store
}

// New builds the Amazon.
func New(o Options) *Amazon {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rate == 0 {
		o.Rate = 1
	}
	if o.TokenLife == 0 {
		o.TokenLife = time.Hour
	}
	o.ContentType = cmp.Or(o.ContentType, "text/plain")
	if o.ReportTime == 0 {
		o.ReportTime = time.Minute
	}
	a := &Amazon{
		options: o, operations: operations(), tokens: map[string]grant{}, buckets: map[string]*bucket{}, pages: map[string]page{},
		documents: map[string][]byte{}, counts: map[string]int{}, faults: newFaultState(o.Faults), facts: map[string]*facts{},
		products: map[string][]string{}, payouts: map[string]time.Time{}, withdrawn: map[string]bool{},
	}
	for i, s := range o.Sellers {
		if s.ID == "" && len(s.Settlements) > 0 {
			s.ID = s.Settlements[0].SellerID
		}
		s.ID = cmp.Or(s.ID, fmt.Sprintf("A1EXAMPLE%05d", i+1))
		s.Name = cmp.Or(s.Name, "Example Trading")
		s.ClientID = cmp.Or(s.ClientID, "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef")
		s.ClientSecret = cmp.Or(s.ClientSecret, "amzn1.oa2-cs.v1.not-a-secret")
		s.RefreshToken = cmp.Or(s.RefreshToken, "Atzr|test-"+s.ID)
		if len(s.MarketplaceIDs) == 0 {
			s.MarketplaceIDs = homeMarkets(s.Settlements)
		}
		a.accounts = append(a.accounts, s)
	}
	return a
}

func homeMarkets(list []settlementtest.Settlement) []string {
	region := "na"
	if len(list) > 0 {
		region = settlementtest.MarketplaceOf(list[0].Marketplace).Region
	}
	ids := settlementtest.RegionMarketplaces(region)
	for _, s := range list {
		if !slices.Contains(ids, s.Marketplace) {
			ids = append(ids, s.Marketplace)
		}
	}
	return ids
}

// Accounts returns the sellers with everything filled in, credentials too, in the order of Options.Sellers.
func (a *Amazon) Accounts() []SellerAccount { return slices.Clone(a.accounts) }

// Call is one request that reached the fake.
type Call struct {
	Operation string // Amazon's name: "getReports"; "token" for LWA, "download" for the bucket, "" if no operation has that path
	SellerID  string // empty where no valid token came with it
	Status    int    // 0 for a connection that was cut before an answer
	Fault     Fault  // the fault that was played, or none
	At        time.Time
	RequestID string
}

// Calls returns the number of requests per operation, those refused and those that ended in a fault included.
func (a *Amazon) Calls() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.counts)
}

// Log returns every request so far, oldest first.
func (a *Amazon) Log() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// RevokeTokens makes every access token that is out there invalid, as Amazon does when a seller withdraws consent and
// grants it again. Refresh tokens stay good.
func (a *Amazon) RevokeTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// Deauthorize withdraws a seller's consent: its access tokens die and its refresh token is an invalid_grant from now on.
func (a *Amazon) Deauthorize(sellerID string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.withdrawn[sellerID] = true
	maps.DeleteFunc(a.tokens, func(_ string, g grant) bool { return g.account >= 0 && a.accounts[g.account].ID == sellerID })
}

// ServeHTTP answers as the API host, as Login with Amazon and as the bucket.
func (a *Amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	w.Header().Set("Date", a.options.Now().UTC().Format(http.TimeFormat))
	switch {
	case strings.HasPrefix(path, bucketPath):
		a.serveBucket(w, r)
	case path == tokenPath:
		a.serveToken(w, r)
	default:
		a.serveAPI(w, r)
	}
}

// count notes that a request came and returns how many of that operation have come so far.
func (a *Amazon) count(op string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if op == "" {
		op = "unknown"
	}
	a.counts[op]++
	return a.counts[op]
}

func (a *Amazon) log(c Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, c)
}

// nextSerial numbers things that need an id.
func (a *Amazon) nextSerial() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	return a.serial
}
