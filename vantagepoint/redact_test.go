package vantagepoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

var escapedByte = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// FuzzNoCredentialIsPrinted answers every request with a body that repeats the credentials in some spelling, or with a
// broken connection whose error does, and looks for them in errors, logs and observations.
func FuzzNoCredentialIsPrinted(f *testing.F) {
	const secret, second = "p4ss+wörd/&%=<>\"\\", "cl/ient se+cret"
	for mode := range uint8(8) {
		for _, status := range []int{0, 200, 400, 401, 403, 500, 503} {
			f.Add(secret, second, `{"message":"`, `"}`, status, mode, mode%2 == 0)
			f.Add(secret, second, `<html><body>`, `</body></html>`, status, mode, mode%3 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, password, clientSecret, before, after string, status int, spelling uint8, atToken bool) {
		if len(password) < 8 || len(clientSecret) < 8 || len(before)+len(after) > 10_000 {
			t.Skip("shorter secrets would be found in every text by chance")
		}
		const token, refresh = "access-token-7f3a9c", "refresh-token-7f3a9c"
		secrets := []string{password, clientSecret, token, refresh}
		if atToken {
			secrets = secrets[:2] // no token was ever given
		}
		for _, s := range secrets {
			if strings.Contains(before+after, s) && !strings.Contains(s, "token") {
				t.Skip("the frame holds the secret by itself")
			}
		}
		echo := before
		for _, s := range secrets {
			echo += spell(s, spelling) + " "
		}
		echo += after
		broken := func(r *http.Request) (*http.Response, error) {
			if status < 100 || status > 599 {
				return nil, fmt.Errorf("proxy refused %s with %s", r.URL, echo)
			}
			response := httpmock.NewStringResponse(status, echo)
			response.Header.Set("X-Echo", r.Header.Get("Authorization"))
			return response, nil
		}
		good := func(*http.Request) (*http.Response, error) {
			return httpmock.NewStringResponse(200, fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":1799}`, token, refresh)), nil
		}
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(broken)
		if !atToken {
			mock.RegisterResponder("POST", base+"/token", good)
		}
		var out bytes.Buffer
		config := vantagepoint.Config{
			BaseURL: base, Database: "ACME", Username: "api.user", Password: vantagepoint.NewSecret(password), ClientID: "client-1", ClientSecret: vantagepoint.NewSecret(clientSecret),
			Transport: mock, Retry: vantagepoint.Retry{Faults: 1, Throttled: 1, Base: 1, Cap: 1},
			Logger:  slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Observe: func(_ context.Context, a vantagepoint.Attempt) { fmt.Fprintf(&out, "%+v\n", a) },
		}
		client, err := vantagepoint.NewClient(config)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v %#v %v %+v %#v\n", config, config, client, client, client)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "config", config, "client", client)
		for _, call := range []func() error{
			func() error { return client.LogIn(t.Context()) },
			func() error { _, err := client.Journals.Read(t.Context(), "b"); return err },
			func() error { _, err := client.Journals.Create(t.Context(), payroll()); return err },
			func() error { _, err := client.Settings.Periods(t.Context()); return err },
			func() error {
				return client.Do(t.Context(), vantagepoint.Request{Method: "POST", Path: []string{"firm"}, Query: url.Values{"a": {"b"}}, Body: map[string]string{"x": "y"}}, new(any))
			},
			func() error { _, err := client.Procedures.Invoke(t.Context(), "P", nil); return err },
			func() error {
				_, err := client.Posting.Post(t.Context(), vantagepoint.PostRequest{TransType: "JE", Batch: "b", Period: 202401})
				return err
			},
		} {
			err := call()
			fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
			if e, ok := errors.AsType[*vantagepoint.Error](err); ok {
				fmt.Fprintf(&out, "%s %v %v %s\n", e.Body, e.Messages, e.Fields, e.Hint)
				for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
					fmt.Fprintf(&out, "%v %+v\n", inner, inner)
				}
			}
		}
		// %#v writes a byte that is no text as \x80: its figures are not the answer's.
		printed := escapedByte.ReplaceAllString(out.String(), "?")
		for _, s := range secrets {
			for mode := range uint8(8) {
				if found := spell(s, mode); strings.Contains(printed, found) {
					at := strings.Index(printed, found)
					t.Fatalf("%q is printed: …%s…", s, printed[max(0, at-200):min(len(printed), at+len(found)+50)])
				}
			}
		}
	})
}

var percent = regexp.MustCompile("%[0-9A-F]{2}")

// spell writes a secret as a server or a log could.
func spell(secret string, mode uint8) string {
	inJSON := func(s string) string {
		quoted, err := json.Marshal(s)
		if err != nil {
			return s
		}
		return string(quoted[1 : len(quoted)-1])
	}
	switch mode % 8 {
	case 1:
		return url.QueryEscape(secret)
	case 2:
		return url.PathEscape(secret)
	case 3:
		return inJSON(secret)
	case 4:
		return html.EscapeString(secret)
	case 5: // as .NET writes JSON
		return strings.NewReplacer("+", `\u002B`, "&", `\u0026`, "'", `\u0027`, "<", `\u003C`, ">", `\u003E`, `"`, `\u0022`).Replace(secret)
	case 6:
		return "Basic:" + secret + ":" + inJSON(url.QueryEscape(secret))
	case 7:
		return percent.ReplaceAllStringFunc(url.QueryEscape(secret), strings.ToLower)
	}
	return secret
}

// textError shows its text however it is printed, and transport its address alone.
type (
	textError string
	transport func(*http.Request) (*http.Response, error)
)

func (e textError) Error() string { return string(e) }

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCredentialsStayHiddenInsideStructsOfOthers(t *testing.T) {
	tn := newTenant(t)
	hush := vantagepoint.NewSecret("hush")
	config := config(transport(tn.RoundTrip))
	config.Password, config.ClientSecret, config.LoginValues = hush, hush, map[string]vantagepoint.Secret{"pin": hush}
	client, err := vantagepoint.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	tn.reply("POST", "token", 200, `{"access_token":"hush","refresh_token":"hush","expires_in":1799}`)
	if err := client.LogIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	tn.on("GET", "firm/1", fail(textError("refused hush")))
	_, err = client.Firms.Record(t.Context(), "1")
	refused, ok := errors.AsType[*vantagepoint.Error](err)
	if !ok {
		t.Fatal(err)
	}
	type mine struct {
		config vantagepoint.Config
		client *vantagepoint.Client
		firms  vantagepoint.Records[vantagepoint.Firm]
		err    vantagepoint.Error
		sent   vantagepoint.Attempt
		Shown  vantagepoint.Config
	}
	own := mine{config, client, *client.Firms, *refused, vantagepoint.Attempt{Err: err}, config}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{config, &config, own, &own, []mine{own}, map[string]mine{"a": own}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "hush") || strings.Contains(text, "68757368") || strings.Contains(text, "104 117 115 104") {
				t.Errorf("%s of %T shows a secret: %s", verb, value, text)
			}
		}
	}
}
