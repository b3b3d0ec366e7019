package spapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// LWA is a Login with Amazon credential: of a seller, with the RefreshToken that the seller's authorisation gave, or of the
// application itself, with a Scope, for the few grantless operations. It shows no secret when it is printed, logged or
// written as JSON.
type LWA struct {
	ClientID     string
	ClientSecret Secret // must be rotated every 180 days
	RefreshToken Secret // none asks for a grantless token of Scope
	Scope        string // for example ScopeNotifications
	// Endpoint replaces https://api.amazon.com: scheme, host and port.
	Endpoint  string
	Transport http.RoundTripper
	// Observe, if not nil, is called after every attempt to get a token; its operation is "lwa.token".
	Observe func(context.Context, Attempt)
}

// Secret is a text that no way of printing shows, however deep it lies in other structs. Its method Reveal returns it.
type Secret = rest.Secret

// NewSecret keeps a text as a [Secret].
func NewSecret(text string) Secret { return rest.NewSecret(text) }

// Scopes of grantless operations.
const (
	ScopeNotifications  = "sellingpartnerapi::notifications"
	ScopeSecretRotation = "sellingpartnerapi::client_credential:rotation"
)

// String names the credential without its secrets.
func (l LWA) String() string { return "LWA(" + l.ClientID + ")" }

// GoString is String, for %#v.
func (l LWA) GoString() string { return l.String() }

// LogValue is String, for slog.
func (l LWA) LogValue() slog.Value { return slog.StringValue(l.String()) }

// MarshalJSON is String, for logs and dumps that write JSON.
func (l LWA) MarshalJSON() ([]byte, error) { return json.Marshal(l.String()) }

// TokenSource returns a source of access tokens. Make one per credential and share it: all who wait share one call to
// Amazon, and a token is kept until a minute before it expires.
//
// What Amazon refuses for good (a wrong secret, a revoked authorisation) is asked once and then remembered for five
// minutes, so that a wrong secret does not lock the application out. Such errors are [ErrCredentials].
func (l LWA) TokenSource() *TokenSource {
	fetch := l.fetcher()
	return &TokenSource{fetch: fetch}
}

func (l LWA) fetcher() func(context.Context) (*oauth2.Token, error) {
	const op = "lwa.token"
	base, err := rest.ParseBase(cmp.Or(l.Endpoint, "https://api.amazon.com"))
	form := url.Values{"client_id": {l.ClientID}, "client_secret": {l.ClientSecret.Reveal()}}
	switch {
	case err != nil:
		err = invalid(op, "endpoint: "+err.Error())
	case l.ClientID == "" || l.ClientSecret.IsZero():
		err = invalid(op, "LWA.ClientID and LWA.ClientSecret are required")
	case !l.RefreshToken.IsZero():
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", l.RefreshToken.Reveal())
	case l.Scope != "":
		form.Set("grant_type", "client_credentials")
		form.Set("scope", l.Scope)
	default:
		err = invalid(op, "LWA needs the seller's RefreshToken, or a Scope for grantless operations")
	}
	if err != nil {
		return func(context.Context) (*oauth2.Token, error) { return nil, err }
	}
	client := rest.NewClient(rest.Config{
		Base: base, Transport: l.Transport, Silence: 30 * time.Second, MaxBody: 1 << 20,
		Retry:     rest.Retry{Faults: 3, Throttled: 3, Cap: 10 * time.Second},
		Transient: lwaTransient, RequestID: "X-Amzn-Requestid", Observe: observer(l.Observe),
		Fail: func(f *rest.Failure) error {
			// A proxy that echoes the request must not bring the secrets into an error.
			f.Body = []byte(rest.RedactText(string(f.Body), l.ClientSecret.Reveal(), l.RefreshToken.Reveal()))
			f.Err = rest.Redact(f.Err, l.ClientSecret.Reveal(), l.RefreshToken.Reveal())
			return newError(f)
		},
	})
	call := rest.Call{Op: op, Method: http.MethodPost, Path: []string{"auth", "o2", "token"}, Body: form, Replayable: true}
	return func(ctx context.Context) (*oauth2.Token, error) {
		answer, err := rest.Do[lwaAnswer](ctx, client, call)
		if err != nil {
			return nil, err
		}
		life := time.Duration(answer.ExpiresIn) * time.Second
		return &oauth2.Token{AccessToken: answer.AccessToken, TokenType: answer.TokenType, Expiry: time.Now().Add(life), ExpiresIn: answer.ExpiresIn}, nil
	}
}

type lwaAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
}

func (a *lwaAnswer) Refused() error {
	if a.AccessToken == "" || a.ExpiresIn <= 0 {
		return errors.New("the answer has no access token, or one that does not live")
	}
	return nil
}

// lwaTransient goes by the error word: the documentation names no status numbers.
func lwaTransient(a *rest.Answer) bool {
	switch lwaCode(a.Body) {
	case "server_error", "temporarily_unavailable":
		return true
	case "":
		return a.Status >= 500
	}
	return false
}

func lwaCode(body []byte) string {
	var answer struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(body, &answer) // an HTML page has no word
	return answer.Error
}

// TokenSource caches the tokens of one credential. It is an [oauth2.TokenSource] and safe for concurrent use.
type TokenSource struct {
	fetch func(context.Context) (*oauth2.Token, error)

	mu      sync.Mutex
	token   *oauth2.Token
	until   time.Time // the token is handed out before this time
	refused error     // the credential is refused for good
	quiet   time.Time // and not asked again before this time
	flight  *flight   // the call that is under way
}

type flight struct {
	done  chan struct{}
	token *oauth2.Token
	err   error
}

const (
	expiresEarly = time.Minute
	refusedFor   = 5 * time.Minute
)

// Token returns a token that is valid for a minute or more.
func (s *TokenSource) Token() (*oauth2.Token, error) { return s.TokenContext(context.Background()) }

// TokenContext is Token for a caller that may give up; the call to Amazon goes on for the others who wait for it.
func (s *TokenSource) TokenContext(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	now := time.Now()
	if s.token != nil && now.Before(s.until) {
		defer s.mu.Unlock()
		return s.token, nil
	}
	if s.refused != nil && now.Before(s.quiet) {
		defer s.mu.Unlock()
		return nil, s.refused
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flight = f
		go s.fly(context.WithoutCancel(ctx), f)
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *TokenSource) fly(ctx context.Context, f *flight) {
	f.token, f.err = s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.token, s.refused, s.flight = f.token, nil, nil
	switch {
	case f.err == nil:
		life := f.token.Expiry.Sub(now)
		s.until = now.Add(max(life-expiresEarly, life/2))
	case errors.Is(f.err, ErrCredentials):
		s.refused, s.quiet = f.err, now.Add(refusedFor)
	}
	close(f.done)
}

// Invalidate forgets the access token if it is still the current one, after Amazon has refused it.
func (s *TokenSource) Invalidate(accessToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != nil && s.token.AccessToken == accessToken {
		s.token = nil
	}
}

// String says how long the current token lives, and nothing else.
func (s *TokenSource) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == nil {
		return "TokenSource(no token)"
	}
	return "TokenSource(until " + strconv.Quote(s.until.UTC().Format(time.RFC3339)) + ")"
}

// GoString is String, for %#v.
func (s *TokenSource) GoString() string { return s.String() }

// credential puts the access token on requests: in a header of Amazon's own, not as a bearer token.
type credential struct{ tokens oauth2.TokenSource }

func (c credential) Authorize(req *http.Request) (string, error) {
	var token *oauth2.Token
	var err error
	if source, ok := c.tokens.(interface {
		TokenContext(context.Context) (*oauth2.Token, error)
	}); ok {
		token, err = source.TokenContext(req.Context())
	} else {
		token, err = c.tokens.Token()
	}
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Amz-Access-Token", token.AccessToken)
	req.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
	return token.AccessToken, nil
}

func (c credential) Invalidate(accessToken string) {
	if source, ok := c.tokens.(interface{ Invalidate(string) }); ok {
		source.Invalidate(accessToken)
	}
}
