package spapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// RestrictedResource is an operation that returns personal data.
type RestrictedResource struct {
	Method       string   `json:"method"`                 // GET, PUT, POST or DELETE
	Path         string   `json:"path"`                   // for example "/orders/v0/orders/{orderId}/address"
	DataElements []string `json:"dataElements,omitempty"` // "buyerInfo", "shippingAddress", "buyerTaxInformation"; not for every operation
}

// RestrictedToken is a token for personal data. It prints itself without the token.
type RestrictedToken struct {
	Token     string `json:"restrictedDataToken"`
	ExpiresIn int    `json:"expiresIn"` // seconds
}

// String says how long the token lives.
func (t RestrictedToken) String() string {
	return "RestrictedToken(" + (time.Duration(t.ExpiresIn) * time.Second).String() + ")"
}

// GoString is String, for %#v.
func (t RestrictedToken) GoString() string { return t.String() }

// LogValue is String, for slog.
func (t RestrictedToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON is String, for logs and dumps that write JSON.
func (t RestrictedToken) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// CreateRestrictedToken asks for one token. [Client.RestrictedData] does so whenever one is needed. application names the
// application that will use the token, if it is another one; it is usually "".
//
// SP-API: createRestrictedDataToken, POST /tokens/2021-03-01/restrictedDataToken, 1 a second, burst 10.
func (c *Client) CreateRestrictedToken(ctx context.Context, application string, resources ...RestrictedResource) (RestrictedToken, error) {
	const op = "tokens.createRestrictedDataToken"
	if len(resources) == 0 {
		return RestrictedToken{}, invalid(op, "at least one resource is required")
	}
	body := struct {
		Application string               `json:"targetApplication,omitzero"`
		Resources   []RestrictedResource `json:"restrictedResources"`
	}{application, resources}
	// A token that nobody uses does no harm: this POST may be repeated.
	token, err := rest.Do[RestrictedToken](ctx, c.rest, rest.Call{
		Op: op, Method: http.MethodPost, Path: []string{"tokens", "2021-03-01", "restrictedDataToken"}, Body: body, Replayable: true,
	})
	if err == nil && (token.Token == "" || token.ExpiresIn <= 0) {
		return token, &Error{Op: op, Status: http.StatusOK, err: errors.New("the answer has no token, or one that does not live")}
	}
	return token, err
}

// RestrictedData returns a source of restricted data tokens for the resources, to be given to [Client.WithTokens]. A token
// is kept until a minute before it expires; all who wait share one call.
func (c *Client) RestrictedData(resources ...RestrictedResource) *TokenSource {
	return &TokenSource{fetch: func(ctx context.Context) (*oauth2.Token, error) {
		token, err := c.CreateRestrictedToken(ctx, "", resources...)
		if err != nil {
			return nil, err
		}
		return &oauth2.Token{AccessToken: token.Token, Expiry: time.Now().Add(time.Duration(token.ExpiresIn) * time.Second)}, nil
	}}
}
