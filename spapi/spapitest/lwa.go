package spapitest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

const tokenPath = "/auth/o2/token"

// grant is what an access token stands for.
type grant struct {
	clientID string
	account  int    // index of the seller, -1 for a grantless token
	scope    string // of a grantless token
	expires  time.Time
	// restricted holds "METHOD path" of the resources of a restricted data token; nil for others.
	restricted []string
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
}

type tokenError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// serveToken is Login with Amazon. Its errors are OAuth's, not the Selling Partner API's.
func (a *Amazon) serveToken(w http.ResponseWriter, r *http.Request) {
	c := &call{amazon: a, op: operation{name: "token"}, w: w, r: r, now: a.options.Now(), account: -1}
	c.nth = a.count("token")
	defer c.done()
	c.roll()
	if c.playEarly() {
		return
	}
	fail := func(status int, code, description string) {
		c.json(status, tokenError{code, description})
	}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case c.hit(LoginUnavailable):
		fail(http.StatusServiceUnavailable, "temporarily_unavailable", "The authorization server is currently unable to handle the request.")
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		fail(http.StatusMethodNotAllowed, "invalid_request", "The request must be a POST")
		return
	case kind != "application/x-www-form-urlencoded":
		fail(http.StatusBadRequest, "invalid_request", "The request is missing a required parameter : grant_type")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		fail(http.StatusBadRequest, "invalid_request", "The request body cannot be read")
		return
	}
	form := r.PostForm
	for _, name := range []string{"grant_type", "client_id", "client_secret"} {
		if form.Get(name) == "" {
			fail(http.StatusBadRequest, "invalid_request", "The request is missing a required parameter : "+name)
			return
		}
	}
	known := slices.ContainsFunc(a.accounts, func(s SellerAccount) bool {
		return s.ClientID == form.Get("client_id") && s.ClientSecret == form.Get("client_secret")
	})
	if !known {
		fail(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
		return
	}
	g := grant{clientID: form.Get("client_id"), account: -1, expires: c.now.Add(a.options.TokenLife)}
	answer := tokenAnswer{TokenType: "bearer", ExpiresIn: int(a.options.TokenLife / time.Second)}
	switch form.Get("grant_type") {
	case "refresh_token":
		g.account = slices.IndexFunc(a.accounts, func(s SellerAccount) bool {
			return s.RefreshToken == form.Get("refresh_token") && s.ClientID == g.clientID
		})
		a.mu.Lock()
		gone := g.account >= 0 && a.withdrawn[a.accounts[g.account].ID]
		a.mu.Unlock()
		if g.account < 0 || gone { // wrong, revoked, or of another application
			fail(http.StatusBadRequest, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
			return
		}
		answer.RefreshToken = form.Get("refresh_token")
		c.account = g.account
	case "client_credentials":
		scopes := []string{"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation", "sellingpartnerapi::migration"}
		if g.scope = form.Get("scope"); !slices.Contains(scopes, g.scope) {
			fail(http.StatusBadRequest, "invalid_scope", "The request has an invalid parameter : scope")
			return
		}
	default:
		fail(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server")
		return
	}
	answer.AccessToken = a.issue("Atza|", g)
	w.Header().Set("Cache-Control", "no-store")
	c.json(http.StatusOK, answer)
}

// issue makes a token that looks like Amazon's: a prefix with a bar and characters that must not be re-encoded.
func (a *Amazon) issue(prefix string, g grant) string {
	n := a.nextSerial()
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s%d%s", prefix, n, g.clientID)
	token := prefix + "IwEBI" + base64.StdEncoding.EncodeToString(h.Sum(fmt.Appendf(nil, "token-%06d-", n))) + "=="
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens[token] = g
	return token
}

// authenticate finds out who calls. It returns an error in the form of the API gateway.
func (c *call) authenticate() *apiError {
	denied := func(details string) *apiError {
		return &apiError{http.StatusForbidden, "Unauthorized", "Access to requested resource is denied.", details}
	}
	text := c.r.Header.Get("x-amz-access-token")
	if text == "" {
		return denied("Access token is missing in the request header.")
	}
	c.amazon.mu.Lock()
	g, ok := c.amazon.tokens[text]
	c.amazon.mu.Unlock()
	switch {
	case !ok:
		return denied("The access token you provided is revoked, malformed or invalid.")
	case !g.expires.After(c.now), c.hit(ExpiredToken):
		return denied("The access token you provided has expired.")
	case g.account < 0:
		return denied("") // a grantless token opens none of the operations here
	case g.restricted != nil && !slices.ContainsFunc(g.restricted, func(res string) bool { return covers(res, c.r.Method+" "+c.r.URL.Path) }):
		return denied("")
	}
	c.client, c.account = g.clientID, g.account
	switch {
	case c.hit(ExpiredSecret):
		return denied("The LWA secret token you provided has expired.")
	case slices.Contains(c.seller().Denied, c.op.name), c.hit(Denied), c.elsewhere():
		return denied("")
	}
	return nil
}

// elsewhere reports whether the request went to the host of a region in which the seller has no marketplace.
func (c *call) elsewhere() bool {
	_, region, ok := strings.Cut(c.r.Host, "sellingpartnerapi-")
	if !ok {
		return false
	}
	region, _, _ = strings.Cut(region, ".")
	return !slices.ContainsFunc(c.seller().MarketplaceIDs, func(id string) bool { return settlementtest.MarketplaceOf(id).Region == region })
}

func (c *call) json(status int, v any) {
	data, err := json.Marshal(v)
	if err != nil { // a bug of the fake: say so instead of answering half
		status, data = http.StatusInternalServerError, []byte(`{"errors":[{"code":"InternalFailure","message":"spapitest: `+err.Error()+`"}]}`)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.status = status
	c.w.WriteHeader(status)
	_, _ = c.w.Write(data) // the client has gone
}

// covers says whether a restricted resource ("GET /orders/{orderId}") is that of the request.
func covers(resource, request string) bool {
	want, have := strings.Split(resource, "/"), strings.Split(request, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || (strings.HasPrefix(w, "{") && h != "") })
}
