package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Credentials are one seller's secrets, as `payoutsync connect` reads them as JSON and the vault keeps them encrypted.
// Printed or logged, they show nothing.
type Credentials struct {
	Amazon       AmazonCredentials       `json:"amazon"`
	Vantagepoint VantagepointCredentials `json:"vantagepoint"`
}

// AmazonCredentials are those of a Login with Amazon application and the seller's authorisation of it.
type AmazonCredentials struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
}

// VantagepointCredentials are those of an API authorisation and of the user who books.
type VantagepointCredentials struct {
	Username     string `json:"username"`
	Password     string `json:"password"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// String shows nothing.
func (Credentials) String() string { return "credentials" }

// GoString shows nothing.
func (Credentials) GoString() string { return "credentials" }

// String shows nothing.
func (AmazonCredentials) String() string { return "credentials" }

// GoString shows nothing.
func (AmazonCredentials) GoString() string { return "credentials" }

// String shows nothing.
func (VantagepointCredentials) String() string { return "credentials" }

// GoString shows nothing.
func (VantagepointCredentials) GoString() string { return "credentials" }

// ReadCredentials reads and checks the JSON form. Its errors name fields and never values.
func ReadCredentials(r io.Reader) (Credentials, error) {
	var c Credentials
	decoder := json.NewDecoder(io.LimitReader(r, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return Credentials{}, errors.New(`the credentials are not JSON; expected {"amazon":{"client_id":"","client_secret":"","refresh_token":""},` +
				`"vantagepoint":{"username":"","password":"","client_id":"","client_secret":""}}`)
		}
		if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return Credentials{}, fmt.Errorf("the credentials have another form than expected: %s is a JSON %s; it must be a text", other.Field, other.Value)
		}
		return Credentials{}, fmt.Errorf("the credentials have another form than expected: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	var missing []string
	for _, f := range []struct{ name, value string }{
		{"amazon.client_id", c.Amazon.ClientID},
		{"amazon.client_secret", c.Amazon.ClientSecret},
		{"amazon.refresh_token", c.Amazon.RefreshToken},
		{"vantagepoint.username", c.Vantagepoint.Username},
		{"vantagepoint.password", c.Vantagepoint.Password},
		{"vantagepoint.client_id", c.Vantagepoint.ClientID},
		{"vantagepoint.client_secret", c.Vantagepoint.ClientSecret},
	} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 {
		return Credentials{}, fmt.Errorf("the credentials lack %s", strings.Join(missing, ", "))
	}
	return c, nil
}
