package vantagepoint

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Style is how a tenant takes transactions: Settings > Accounting > Transactions > Use Files to Group Transactions. No
// call is known that reads the setting; a client made for one style is refused by a tenant of the other.
type Style string

// The styles.
const (
	// Files: the setting is Yes. A batch is created with everything in it: POST DataEntry/jeControl.
	Files Style = "files"
	// NoFiles: the setting is No. One entry is created at a time: POST DataEntry/jeMaster/{Batch}|{RefNo}. Fiscal period
	// and company are those that are active for the user. Posted entries leave transaction entry at once.
	NoFiles Style = "nofiles"
	// LegacyLedger: the API of DeltekPS 1.0 and 1.1: POST ledger/JE with numbers as text. It can only create and read
	// what is posted.
	LegacyLedger Style = "ledger"
)

// Config describes a [Client]. Zero fields mean the default that their comment names.
type Config struct {
	// BaseURL is the whole address of the API of one tenant, up to and including /api. Required.
	// In the cloud https://TENANT.deltekfirst.com/TENANT/api, on premises https://HOST/vantagepoint/api; the two tenant
	// parts may differ, so it is never built from a name.
	BaseURL string
	// Database is the database name that Utilities > Integrations > API Authorization shows. Required.
	Database string
	// Username and Password of a Vantagepoint user with a role that may enter the transactions in question. Required.
	// One user for one integration: the active company and period are state of the user's session.
	Username string
	Password Secret
	// ClientID and ClientSecret are shown on the API Authorization form, not URL-encoded. From version 5.0 on the box
	// "Allow Password Grant Type" must be ticked there. Required.
	ClientID     string
	ClientSecret Secret
	// Integrated says that the user logs in with Windows or Entra authentication.
	Integrated bool
	// Culture is a language such as en-US. It should be the user's own: else labels come back untranslated.
	Culture string
	// LoginValues are further form values of the log-in. They are kept out of errors as passwords are.
	LoginValues map[string]Secret

	// Company is the company to work in. Before a document is looked for, written or posted it is made the active one if
	// it is not, which every program of the same user notices. Empty: whatever company is active; right for an enterprise
	// with one company.
	Company string
	// Style is how the tenant takes transactions. Empty means Files.
	Style Style
	// EmptyWBS1 sends "" for an entry without a project; otherwise one blank. Which of them a tenant wants for lines on
	// balance-sheet accounts is not documented.
	EmptyWBS1 bool
	// AllowClosedPeriods leaves it to the server to refuse a closed fiscal period: some users may post into them.
	AllowClosedPeriods bool
	// PostedBatchesStay says that posted batches can still be read by their name, which is a setting of the tenant. Then
	// FindOrCreate need not search the posted ledger of the period before it creates. Only for style Files.
	PostedBatchesStay bool
	// Settle is how long FindOrCreate keeps looking for a document after an unanswered write. 0 means 10 seconds.
	Settle time.Duration

	// Filters is how operators of filters are written. Empty means Symbols.
	Filters FilterDialect
	// Paging is how a page is asked for. Empty means PagePageSize.
	Paging PagingDialect
	// Accounts is where the chart of accounts is read from. Empty means its endpoint, and the ledger where that is refused.
	Accounts AccountSource
	// PageSize is the number of rows asked for at once. 0 means 500.
	PageSize int
	// Paths replaces paths of this package by those of a tenant: {"Accounts": "codeTable/Accounts"} sends what goes to
	// Accounts and below to codeTable/Accounts. A replacement that begins with "vision:" goes to VisionURL.
	Paths map[string]string
	// VisionURL is the address of the unpublished API beside /api, used only where Paths asks for it. Empty means BaseURL
	// with /vision for /api.
	VisionURL string
	// Patterns are tried before [Patterns] on the text of a refusal.
	Patterns []Pattern

	// Transport sends one request. Nil means verified TLS, the proxy of the environment and time limits. It sees log-ins,
	// too, under the context of whichever call needed a token: one that keeps bodies must leave them out.
	Transport http.RoundTripper
	// MaxInFlight is how many requests may run at once; Vantagepoint publishes no limit. 0 means 4.
	MaxInFlight int
	// MaxBody is the largest answer in bytes that is accepted. 0 means 64 MiB.
	MaxBody int64
	// Retry says how often reads are repeated; writes are never repeated but after a 429 or a 401.
	Retry Retry
	// UserAgent is sent with each request. Empty means the name of this module.
	UserAgent string
	// Logger gets one debug record a request and one warning a retry. Nil means silence.
	Logger *slog.Logger
	// Observe, if not nil, is called after each request that was sent.
	Observe func(context.Context, Attempt)
}

// Secret is a text that no way of printing shows, however deep it lies in other structs. Its method Reveal returns it.
type Secret = rest.Secret

// NewSecret keeps a text as a [Secret].
func NewSecret(text string) Secret { return rest.NewSecret(text) }

// Attempt describes one request that was sent.
type Attempt struct {
	Op      string // for example "journals.create"
	Method  string
	Host    string
	Number  int           // 1 for the first of its call
	Elapsed time.Duration // from sending to the last byte read
	Status  int           // 0: no answer
	Bytes   int64         // of the answer's body
	Err     error         // why there is no answer; without secrets
}

func observer(observe func(context.Context, Attempt)) func(context.Context, rest.Attempt) {
	if observe == nil {
		return nil
	}
	return func(ctx context.Context, a rest.Attempt) {
		observe(ctx, Attempt{Op: a.Op, Method: a.Method, Host: a.Host, Number: a.Number, Elapsed: a.Elapsed, Status: a.Status, Bytes: a.Bytes, Err: a.Err})
	}
}

// Retry says how often and how soon a read is repeated. Zero fields mean the default that their comment names.
type Retry struct {
	// Faults is how many answers of 408, 502, 503 and 504 and cut connections one read survives. 0 means 4, negative none.
	Faults int
	// Throttled is how many 429 answers one call survives. 0 means 10, negative none.
	Throttled int
	// Base and Cap bound the wait before a retry: a random time up to Base, 2·Base, 4·Base … and never above Cap.
	// A Retry-After header asks for more, up to Cap. 0 means 500 ms and 30 s.
	Base, Cap time.Duration
}

// String names the tenant and the user, and keeps fmt from printing passwords.
func (c Config) String() string {
	return fmt.Sprintf("vantagepoint %s, database %s, user %s", c.BaseURL, c.Database, c.Username)
}

// GoString is String, so that %#v prints no password either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for package slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Client talks to one tenant as one user. It is safe for concurrent use. Make one and keep it: it holds the token, the
// lengths of the tenant's columns, and the locks that keep two goroutines from creating the same document.
type Client struct {
	Journals      *Transactions[JournalControl, JournalMaster, JournalDetail]
	Invoices      *Transactions[InvoiceControl, InvoiceMaster, InvoiceDetail]
	Receipts      *Transactions[ReceiptControl, ReceiptMaster, ReceiptDetail]
	Disbursements *Transactions[DisbursementControl, DisbursementMaster, DisbursementDetail]
	Vouchers      *Transactions[VoucherControl, VoucherMaster, VoucherDetail]

	Posting *Posting
	Ledger  *Ledger

	Accounts      *Accounts
	Projects      *Projects
	Firms         *Records[Firm]
	Contacts      *Records[Contact]
	Employees     *Records[Employee]
	Organizations *Records[Organization]
	Codes         *Codes
	Settings      *Settings
	Metadata      *Metadata
	Procedures    *Procedures

	config   Config
	rest     *rest.Client
	vision   *rest.Client
	session  *session
	matchers []matcher
	flights  chan struct{} // one token for each request that may run
	work     chan struct{} // of one: held while the user's active company and period must not change
	batches  keyedLocks
}

// NewClient returns a client. It sends nothing; a wrong password shows at the first call, or at [Client.LogIn].
func NewClient(config Config) (*Client, error) {
	for name, value := range map[string]string{
		"BaseURL": config.BaseURL, "Database": config.Database, "Username": config.Username, "Password": config.Password.Reveal(),
		"ClientID": config.ClientID, "ClientSecret": config.ClientSecret.Reveal(),
	} {
		if value == "" {
			return nil, fmt.Errorf("vantagepoint: Config.%s is required", name)
		}
	}
	base, err := rest.ParseBase(strings.TrimRight(config.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("vantagepoint: Config.BaseURL: %w", err)
	}
	config.VisionURL = cmp.Or(strings.TrimRight(config.VisionURL, "/"), strings.TrimSuffix(base.String(), "/api")+"/vision")
	vision, err := rest.ParseBase(config.VisionURL)
	if err != nil {
		return nil, fmt.Errorf("vantagepoint: Config.VisionURL: %w", err)
	}
	if vision.Host != base.Host {
		return nil, fmt.Errorf("vantagepoint: Config.VisionURL is on %s, but the token belongs to %s", vision.Host, base.Host)
	}
	config.Style = cmp.Or(config.Style, Files)
	config.Filters = cmp.Or(config.Filters, Symbols)
	config.Paging = cmp.Or(config.Paging, PagePageSize)
	config.PageSize = cmp.Or(config.PageSize, 500)
	config.MaxInFlight = cmp.Or(config.MaxInFlight, 4)
	config.Settle = cmp.Or(config.Settle, 10*time.Second)
	config.UserAgent = cmp.Or(config.UserAgent, "amazon-vantagepoint (Go)")
	config.Paths = maps.Clone(config.Paths)
	if err := config.check(); err != nil {
		return nil, err
	}
	matchers, err := compilePatterns(append(slices.Clone(config.Patterns), Patterns()...))
	if err != nil {
		return nil, fmt.Errorf("vantagepoint: Config.Patterns: %w", err)
	}
	c := &Client{
		config: config, matchers: matchers,
		flights: make(chan struct{}, config.MaxInFlight), work: make(chan struct{}, 1),
	}
	shared := rest.Config{
		Base: base, Transport: config.Transport, Header: http.Header{"User-Agent": {config.UserAgent}},
		MaxBody: config.MaxBody, Retry: rest.Retry(config.Retry), Logger: config.Logger, Observe: observer(config.Observe),
		Transient: transient,
	}
	c.session = newSession(config)
	if shared.Transport == nil {
		shared.Transport = rest.NewTransport()
	}
	shared.Transport = quiet{shared.Transport, c.session} // one pool of connections for all three
	tokens := shared
	tokens.Fail = c.failLogin
	c.session.client = rest.NewClient(tokens)
	c.config.Password, c.config.ClientSecret, c.config.LoginValues = Secret{}, Secret{}, nil // the session alone holds them
	shared.Authorizer, shared.Fail = c.session, c.fail
	c.rest = rest.NewClient(shared)
	shared.Base = vision
	c.vision = rest.NewClient(shared)
	c.services()
	return c, nil
}

// transient reports whether a read may be repeated. Not after a 500: that is how Vantagepoint reports a missing related
// record, or a parameter that it does not like.
func transient(a *rest.Answer) bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func (c Config) check() error {
	if !slices.Contains([]Style{Files, NoFiles, LegacyLedger}, c.Style) {
		return fmt.Errorf("vantagepoint: Config.Style is %q: use files, nofiles or ledger", c.Style)
	}
	if !slices.Contains([]FilterDialect{Symbols, Words}, c.Filters) {
		return fmt.Errorf("vantagepoint: Config.Filters is %q: use symbols or words", c.Filters)
	}
	if !slices.Contains([]PagingDialect{PagePageSize, OffsetPageSize, PageLimit, MaxRows}, c.Paging) {
		return fmt.Errorf("vantagepoint: Config.Paging is %q: use page, offset, limit or maxrows", c.Paging)
	}
	if !slices.Contains([]AccountSource{AccountsAnywhere, AccountsFromEndpoint, AccountsFromLedger, NoAccounts}, c.Accounts) {
		return fmt.Errorf("vantagepoint: Config.Accounts is %q: use endpoint, ledger or none", c.Accounts)
	}
	if c.PageSize < 0 || c.MaxInFlight < 0 {
		return errors.New("vantagepoint: Config.PageSize and Config.MaxInFlight must not be negative")
	}
	return nil
}

// String names the tenant and the user, and keeps fmt from printing what the client holds.
func (c *Client) String() string { return c.config.String() }

// GoString is String, so that %#v prints no password either.
func (c *Client) GoString() string { return c.String() }

// LogIn makes sure that there is a valid token. Calls do so by themselves; it is for asking whether the credentials
// are right. A refused log-in is final for this client, because a second try may lock the account: make a new client
// with other credentials.
//
// Vantagepoint: POST token with a form, grant_type password or refresh_token.
func (c *Client) LogIn(ctx context.Context) error {
	_, err := c.session.token(ctx)
	return err
}

// Request is a call of an endpoint that this package has no method for.
type Request struct {
	Method string // "" means GET
	// Path holds the segments below the base address, {"firm", "A/B"}; they are escaped here. A first segment of
	// "vision:Accounts" means Accounts below VisionURL. Required.
	Path  []string
	Query url.Values
	// Body is sent as JSON, if not nil.
	Body any
}

// Do calls any endpoint with the same log-in, retries and errors as the methods. The JSON answer is decoded into result,
// with the rules of encoding/json, unless that is nil.
//
// GET is repeated after faults as other reads are; every other method is sent once and may end in [ErrUnanswered].
func (c *Client) Do(ctx context.Context, request Request, result any) error {
	method := cmp.Or(request.Method, http.MethodGet)
	op := method + " " + strings.Join(request.Path, "/")
	if len(request.Path) == 0 {
		return &Error{Op: op, Class: ClassValidation, Messages: []string{"Request.Path is missing"}}
	}
	call := rest.Call{Op: op, Method: method, Path: request.Path, Query: request.Query, Body: request.Body, Replayable: method == http.MethodGet}
	answer, err := c.send(ctx, call)
	if err != nil || result == nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(answer.Body, []byte("\xef\xbb\xbf"))))
	decoder.UseNumber()
	if err := decoder.Decode(result); err != nil {
		return c.unreadable(op, method, answer, err)
	}
	return nil
}

// send makes one call, in its turn, at the path that the tenant has for it.
func (c *Client) send(ctx context.Context, call rest.Call) (*rest.Answer, error) {
	select {
	case c.flights <- struct{}{}:
		defer func() { <-c.flights }()
	case <-ctx.Done():
		return nil, &Error{Op: call.Op, Class: ClassTransport, err: context.Cause(ctx)}
	}
	path, target := c.route(call.Path)
	call.Path = path
	return target.Send(ctx, call)
}

// route applies Config.Paths; of several entries that fit the longest counts.
func (c *Client) route(path []string) ([]string, *rest.Client) {
	best, replacement := 0, ""
	for from, to := range c.config.Paths {
		n := strings.Count(from, "/") + 1
		if n > best && n <= len(path) && strings.EqualFold(from, strings.Join(path[:n], "/")) {
			best, replacement = n, to
		}
	}
	if best > 0 {
		path = append(strings.Split(replacement, "/"), path[best:]...)
	}
	if below, ok := strings.CutPrefix(path[0], "vision:"); ok {
		return append([]string{below}, path[1:]...), c.vision
	}
	return path, c.rest
}

// unreadable is the error of a 2xx answer that is not what was expected. A write has run then, with a result that
// nobody knows.
func (c *Client) unreadable(op, method string, answer *rest.Answer, err error) error {
	e := &Error{
		Op: op, Status: answer.Status, Class: ClassTransport, Attempts: answer.Attempts,
		Unanswered: method != http.MethodGet, err: c.session.hideIn(err), Body: cut(c.session.hide(string(answer.Body))),
	}
	if looksLikeHTML(answer.Body) {
		e.err = errors.New("the answer is a web page")
		e.Hint = hintBase
	}
	return e
}

// fail turns the failure of a call into an Error.
func (c *Client) fail(f *rest.Failure) error {
	if login, ok := errors.AsType[*Error](f.Err); ok { // there was no token to send the call with
		e := *login
		e.Op = f.Op + ": " + login.Op
		return &e
	}
	body := c.session.hide(string(f.Body))
	e := classify(c.matchers, f.Status, []byte(body))
	e.Op, e.Attempts, e.err, e.Body = f.Op, f.Attempts, c.session.hideIn(f.Err), cut(body)
	e.Unanswered = f.Unanswered && f.Method != http.MethodGet
	return e
}

// failLogin turns the failure of a token request into an Error. Of the answer only OAuth's two fields are kept: a
// proxy may echo the form.
func (c *Client) failLogin(f *rest.Failure) error {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	e := &Error{Op: f.Op, Status: f.Status, Attempts: f.Attempts, Class: classOfStatus(f.Status), err: c.session.hideIn(f.Err)}
	if json.Unmarshal(f.Body, &answer) == nil && answer.Error != "" {
		e.Messages = splitMessages(c.session.hide(answer.Error + "\n" + answer.Description))
		if f.Status/100 == 4 {
			e.Class = ClassCredentials
		}
	} else if f.Status/100 == 2 || f.Status == http.StatusNotFound {
		e.Hint = hintBase
	}
	return e
}

// services gives each noun its client.
func (c *Client) services() {
	c.Journals = &Transactions[JournalControl, JournalMaster, JournalDetail]{c, journalKind()}
	c.Invoices = &Transactions[InvoiceControl, InvoiceMaster, InvoiceDetail]{c, invoiceKind()}
	c.Receipts = &Transactions[ReceiptControl, ReceiptMaster, ReceiptDetail]{c, receiptKind()}
	c.Disbursements = &Transactions[DisbursementControl, DisbursementMaster, DisbursementDetail]{c, disbursementKind()}
	c.Vouchers = &Transactions[VoucherControl, VoucherMaster, VoucherDetail]{c, voucherKind()}
	c.Posting, c.Ledger = &Posting{c}, &Ledger{c}
	c.Accounts, c.Projects, c.Codes = &Accounts{c}, &Projects{c}, &Codes{c}
	c.Firms = &Records[Firm]{c, "firms", []string{"firm"}}
	c.Contacts = &Records[Contact]{c, "contacts", []string{"contact"}}
	c.Employees = &Records[Employee]{c, "employees", []string{"employee"}}
	c.Organizations = &Records[Organization]{c, "organizations", []string{"organization"}}
	c.Settings, c.Metadata, c.Procedures = &Settings{client: c}, &Metadata{client: c}, &Procedures{c}
}
