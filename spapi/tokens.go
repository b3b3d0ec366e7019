package spapi

import (
	"context"
	"errors"
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

// RestrictedToken is a token for personal data.
type RestrictedToken struct {
	Token     Secret `json:"restrictedDataToken"`
	ExpiresIn int    `json:"expiresIn"` // seconds
}

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
	answer, err := rest.Do[struct {
		Token     string `json:"restrictedDataToken"`
		ExpiresIn int    `json:"expiresIn"`
	}](ctx, c.rest, rest.Call{
		Op: op, Method: http.MethodPost, Path: []string{"tokens", "2021-03-01", "restrictedDataToken"}, Body: body, Replayable: true,
	})
	if err == nil && (answer.Token == "" || answer.ExpiresIn <= 0) {
		err = &Error{Op: op, Status: http.StatusOK, err: errors.New("the answer has no token, or one that does not live")}
	}
	return RestrictedToken{NewSecret(answer.Token), answer.ExpiresIn}, err
}

// RestrictedData returns a source of restricted data tokens for the resources, to be given to [Client.WithTokens]. A token
// is kept until a minute before it expires; all who wait share one call.
func (c *Client) RestrictedData(resources ...RestrictedResource) *TokenSource {
	return &TokenSource{fetch: func(ctx context.Context) (*oauth2.Token, error) {
		token, err := c.CreateRestrictedToken(ctx, "", resources...)
		if err != nil {
			return nil, err
		}
		return &oauth2.Token{AccessToken: token.Token.Reveal(), Expiry: time.Now().Add(time.Duration(token.ExpiresIn) * time.Second)}, nil
	}}
}
