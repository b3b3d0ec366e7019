package spapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Config describes a [Client]. It is copied; later changes have no effect.
type Config struct {
	// Region is where the seller sells. Required unless Endpoint is given.
	Region Region
	// Endpoint replaces the region's host: scheme, host and port. It must be https, or http on loopback.
	Endpoint string
	// Tokens supplies the access token, usually [LWA.TokenSource]. Required.
	// A source with the method Invalidate(string) is told when Amazon refuses its token.
	Tokens oauth2.TokenSource
	// UserAgent names your application as "Name/Version"; Amazon asks every application to say who it is.
	// Empty means this module's own name. Language and platform are appended.
	UserAgent string
	// Transport sends one request, to Amazon and to its buckets. Nil means verified TLS 1.2 or newer with sensible time limits.
	// Wrap it to trace. Do not authenticate in it: presigned buckets must not see a token.
	Transport http.RoundTripper
	// Limiter paces the calls. Nil means a new [Buckets]. Give several clients one Limiter where they work for one account.
	Limiter Limiter
	// Account names application and seller to a shared Limiter, for example "app1/A1SELLER". Amazon counts per such pair.
	Account string
	// MaxDocument is how many bytes a report document may have, unpacked. 0 means 2 GiB.
	MaxDocument int64
	// Logger gets one debug record an attempt and one warning a retry, without secrets. Nil means silence.
	Logger *slog.Logger
	// Observe, if not nil, is called after every attempt, in the goroutine that called the client.
	Observe func(context.Context, Attempt)
}

// Attempt describes one request that was sent.
type Attempt struct {
	Op      string // for example "reports.getReports"
	Method  string
	Host    string
	Number  int           // 1 for the first of its call
	Waited  time.Duration // for the pace
	Elapsed time.Duration // from sending to the last byte read
	Status  int           // 0: no answer
	Bytes   int64         // of the answer's body
	// RequestID is what Amazon's support asks for.
	RequestID string
	Err       error // why there is no answer; without secrets
}

// Client calls the Selling Partner API for one seller. Its fields are the APIs. It is safe for concurrent use.
type Client struct {
	Reports    *Reports
	Finances   *Finances
	FinancesV0 *FinancesV0
	Transfers  *Transfers
	Orders     *Orders
	Sellers    *Sellers
	Catalog    *Catalog
	Inventory  *Inventory

	config Config
	rest   *rest.Client
	bucket *rest.Client // for presigned addresses: no credential, no retry of its own
	pace   *pace
}

// NewClient checks the configuration and returns a client. It makes no call.
func NewClient(config Config) (*Client, error) {
	endpoint := config.Endpoint
	if endpoint == "" {
		if endpoint = config.Region.Endpoint(); endpoint == "" {
			return nil, fmt.Errorf("spapi: region %q is not known: use spapi.NorthAmerica, spapi.Europe or spapi.FarEast", config.Region)
		}
	}
	base, err := rest.ParseBase(endpoint)
	if err != nil {
		return nil, fmt.Errorf("spapi: endpoint: %w", err)
	}
	if config.Tokens == nil {
		return nil, fmt.Errorf("spapi: Config.Tokens is missing: use spapi.LWA{…}.TokenSource()")
	}
	agent, err := userAgent(config.UserAgent)
	if err != nil {
		return nil, err
	}
	if config.Transport == nil {
		config.Transport = rest.NewTransport()
	}
	if config.Limiter == nil {
		config.Limiter = NewBuckets()
	}
	config.MaxDocument = cmp.Or(config.MaxDocument, 2<<30)

	c := &Client{config: config, pace: &pace{limiter: config.Limiter, account: config.Account, sandbox: config.Region.IsSandbox()}}
	shared := rest.Config{
		Transport: config.Transport,
		Header:    http.Header{"User-Agent": {agent}},
		RequestID: "X-Amzn-Requestid",
		Logger:    config.Logger,
		Observe:   observer(config.Observe),
		Fail:      func(f *rest.Failure) error { return newError(f) },
	}
	bucket := shared
	bucket.Header = http.Header{"User-Agent": {agent}, "Accept": {"*/*"}, "Accept-Encoding": {"identity"}}
	bucket.RequestID = "X-Amz-Request-Id"
	bucket.Retry = rest.Retry{Faults: -1, Throttled: -1}
	c.bucket = rest.NewClient(bucket)
	shared.Base, shared.Limiter, shared.Expired = base, c.pace, tokenRefused
	c.rest = rest.NewClient(shared)
	c.rest.Authorizer = credential{config.Tokens}
	c.serve()
	return c, nil
}

// serve makes the services of c.
func (c *Client) serve() {
	c.Reports = &Reports{c}
	c.Finances = &Finances{c}
	c.FinancesV0 = &FinancesV0{c}
	c.Transfers = &Transfers{c}
	c.Orders = &Orders{c}
	c.Sellers = &Sellers{c}
	c.Catalog = &Catalog{c}
	c.Inventory = &Inventory{c}
}

// WithTokens returns a client that shares everything with c but the token source, pace included. Give it the tokens of
// [Client.RestrictedData] to read personal data:
//
//	restricted := client.WithTokens(client.RestrictedData(spapi.RestrictedResource{…}))
//	order, err := restricted.Orders.Order(ctx, id, spapi.OrderWithBuyer)
func (c *Client) WithTokens(tokens oauth2.TokenSource) *Client {
	other := *c
	own := *c.rest
	own.Authorizer = credential{tokens}
	other.rest, other.config.Tokens = &own, tokens
	other.serve()
	return &other
}

// String names the client without its secrets.
func (c *Client) String() string { return "spapi.Client(" + c.rest.Base.Host + ")" }

// GoString is String, so that %#v shows no secret either.
func (c *Client) GoString() string { return c.String() }

// Request is a call of an operation that this package has no method for.
type Request struct {
	// Operation names the call in errors, logs and pace, for example "ordersV0.getOrderBuyerInfo". Required.
	Operation string
	Method    string // "" means GET
	// Path is the path of the model with its parameters filled in, for example "/orders/v0/orders/123/buyerInfo".
	// Its segments are escaped here.
	Path  string
	Query url.Values
	// Body is sent as JSON, if not nil.
	Body any
	// Plan is the usage plan of an operation that [PlanOf] does not know; of one that it knows, Plan is ignored. Zero means
	// half a request a second with a burst of one, which no operation that matters here undercuts by much.
	Plan Plan
	// Replayable says that the operation may run twice. GET always may.
	Replayable bool
}

// Do calls any operation with the same tokens, pace, retries and errors as the methods. The JSON answer is decoded into
// result, unless that is nil.
func (c *Client) Do(ctx context.Context, request Request, result any) error {
	if request.Operation == "" {
		return invalid("do", "Request.Operation is missing: it names the call in errors and chooses its token bucket")
	}
	c.pace.learn(request.Operation, request.Plan)
	call := rest.Call{
		Op: request.Operation, Method: request.Method, Path: strings.Split(strings.TrimPrefix(request.Path, "/"), "/"),
		Query: request.Query, Body: request.Body, Replayable: request.Replayable || request.Method == "" || request.Method == http.MethodGet,
	}
	return c.rest.DoInto(ctx, call, result)
}

func userAgent(app string) (string, error) {
	app = cmp.Or(app, "amazon-vantagepoint/0") // as long as there is no 1.0
	if strings.ContainsFunc(app, func(r rune) bool { return r < ' ' || r > '~' }) || len(app) > 400 {
		return "", fmt.Errorf("spapi: Config.UserAgent must be at most 400 printable ASCII characters")
	}
	if !strings.Contains(app, "/") {
		return "", fmt.Errorf("spapi: Config.UserAgent %q must have the form Name/Version", app)
	}
	if strings.Contains(app, "(") {
		return app, nil
	}
	return fmt.Sprintf("%s (Language=Go/%s; Platform=%s/%s)", app, strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH), nil
}

func observer(observe func(context.Context, Attempt)) func(context.Context, rest.Attempt) {
	if observe == nil {
		return nil
	}
	return func(ctx context.Context, a rest.Attempt) { observe(ctx, Attempt(a)) }
}
