package spapi_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// login is a Login with Amazon that counts.
type login struct {
	calls  atomic.Int64
	forms  []url.Values
	answer func(n int64) *http.Response
}

func (l *login) RoundTrip(req *http.Request) (*http.Response, error) {
	n := l.calls.Add(1)
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || req.URL.String() != "https://api.amazon.com/auth/o2/token" || req.Method != "POST" {
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL, err)
	}
	l.forms = append(l.forms, form)
	if l.answer != nil {
		return l.answer(n), nil
	}
	return granted(n), nil
}

func granted(n int64) *http.Response {
	return respond(200, fmt.Sprintf(`{"access_token":"Atza|%d","token_type":"bearer","expires_in":3600,"refresh_token":"Atzr|seller"}`, n))
}

func credentials(l *login) spapi.LWA {
	return spapi.LWA{ClientID: "amzn1.client", ClientSecret: spapi.NewSecret("topsecret"), RefreshToken: spapi.NewSecret("Atzr|seller"), Transport: l}
}

var _ oauth2.TokenSource = (*spapi.TokenSource)(nil)

func TestGrants(t *testing.T) {
	for name, test := range map[string]struct {
		lwa  spapi.LWA
		want url.Values
	}{
		"seller": {
			spapi.LWA{ClientID: "id", ClientSecret: spapi.NewSecret("s"), RefreshToken: spapi.NewSecret("r")},
			url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"r"}, "client_id": {"id"}, "client_secret": {"s"}},
		},
		"grantless": {
			spapi.LWA{ClientID: "id", ClientSecret: spapi.NewSecret("s"), Scope: spapi.ScopeNotifications},
			url.Values{"grant_type": {"client_credentials"}, "scope": {"sellingpartnerapi::notifications"}, "client_id": {"id"}, "client_secret": {"s"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := &login{}
			test.lwa.Transport = l
			token, err := test.lwa.TokenSource().Token()
			if err != nil || token.AccessToken != "Atza|1" || token.TokenType != "bearer" {
				t.Fatalf("%+v %v", token, err)
			}
			if diff := cmp.Diff([]url.Values{test.want}, l.forms); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIncompleteCredentialsAreNotSent(t *testing.T) {
	l := &login{}
	for _, lwa := range []spapi.LWA{
		{},
		{ClientID: "id", RefreshToken: spapi.NewSecret("r")},
		{ClientID: "id", ClientSecret: spapi.NewSecret("s")},
		{ClientID: "id", ClientSecret: spapi.NewSecret("s"), RefreshToken: spapi.NewSecret("r"), Endpoint: "http://api.amazon.com"},
	} {
		lwa.Transport = l
		if _, err := lwa.TokenSource().Token(); !errors.Is(err, spapi.ErrInvalidInput) || l.calls.Load() != 0 {
			t.Errorf("%v: %v", lwa, err)
		}
	}
}

// All who wait share one call, and each may give up for itself.
func TestThousandCallersMakeOneTokenCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &login{}
		l.answer = func(n int64) *http.Response { time.Sleep(3 * time.Second); return granted(n) }
		tokens := credentials(l).TokenSource()
		if _, err := tokens.Token(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour) // expired
		before := l.calls.Load()
		var group sync.WaitGroup
		var good, gaveUp atomic.Int64
		for i := range 1000 {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				if i%10 == 0 {
					ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				}
				defer cancel()
				token, err := tokens.TokenContext(ctx)
				switch {
				case err == nil && token.AccessToken == "Atza|2":
					good.Add(1)
				case errors.Is(err, context.DeadlineExceeded):
					gaveUp.Add(1)
				}
			})
		}
		group.Wait()
		if n := l.calls.Load() - before; n != 1 || good.Load() != 900 || gaveUp.Load() != 100 {
			t.Errorf("%d calls, %d with the token, %d gave up", n, good.Load(), gaveUp.Load())
		}
	})
}

func TestTokenIsReplacedAMinuteBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &login{}
		tokens := credentials(l).TokenSource()
		for _, step := range []struct {
			wait  time.Duration
			calls int64
		}{{0, 1}, {58 * time.Minute, 1}, {time.Minute + time.Second, 2}, {58 * time.Minute, 2}} {
			time.Sleep(step.wait)
			token, err := tokens.Token()
			if err != nil || l.calls.Load() != step.calls || token.AccessToken != fmt.Sprintf("Atza|%d", step.calls) {
				t.Errorf("%v, %d calls, %v", token, l.calls.Load(), err)
			}
		}
	})
}

// What LWA refuses for good is asked once and then left alone for five minutes; what is temporary is asked again.
func TestErrorsOfLoginAreTakenByTheirWord(t *testing.T) {
	for _, test := range []struct {
		word    string
		status  int
		forGood bool
		calls   int64
	}{
		{"invalid_client", 401, true, 1},
		{"invalid_client", 500, true, 1}, // the word counts, not the number
		{"invalid_grant", 400, true, 1},
		{"unauthorized_client", 400, true, 1},
		{"invalid_scope", 400, true, 1},
		{"server_error", 500, false, 4},
		{"temporarily_unavailable", 400, false, 4},
		{"", 503, false, 4},
	} {
		t.Run(fmt.Sprint(test.word, test.status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &login{answer: func(int64) *http.Response {
					if test.word == "" {
						return respond(test.status, "<html>")
					}
					return respond(test.status, `{"error":"`+test.word+`","error_description":"sent client_secret=topsecret and Atzr|seller"}`)
				}}
				tokens := credentials(l).TokenSource()
				_, err := tokens.Token()
				e, ok := errors.AsType[*spapi.Error](err)
				if !ok || e.Unanswered || e.Op != "lwa.token" || e.Code != test.word || e.Status != test.status || errors.Is(err, spapi.ErrCredentials) != test.forGood {
					t.Errorf("%#v", err)
				}
				if strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "Atzr|seller") {
					t.Errorf("secret in %v", err)
				}
				for range 20 {
					_, _ = tokens.Token()
				}
				if want := test.calls; test.forGood && l.calls.Load() != want || !test.forGood && l.calls.Load() != 21*want {
					t.Errorf("%d calls", l.calls.Load())
				}
				if !test.forGood {
					return
				}
				time.Sleep(5*time.Minute + time.Second)
				l.answer = nil // a rotated secret has become known
				if _, err := tokens.Token(); err != nil {
					t.Errorf("after five minutes: %v", err)
				}
			})
		})
	}
}

func TestCallWithRefusedCredentialsSaysSoAndIsNotRepeated(t *testing.T) {
	l := &login{answer: func(int64) *http.Response { return respond(401, `{"error":"invalid_client"}`) }}
	client, mock := newClient(t, func(c *spapi.Config) { c.Tokens = credentials(l).TokenSource() })
	_, err := client.Sellers.Account(t.Context())
	e, ok := errors.AsType[*spapi.Error](err)
	if !ok || e.Op != "sellers.getAccount" || !errors.Is(err, spapi.ErrCredentials) || l.calls.Load() != 1 || mock.GetTotalCallCount() != 0 {
		t.Errorf("%d token calls, %d calls: %v", l.calls.Load(), mock.GetTotalCallCount(), err)
	}
}

// An expired token is replaced once and the call made again, writes too: it was refused before it ran.
func TestExpiredTokenIsReplacedAndTheCallRepeated(t *testing.T) {
	for name, refusal := range map[string]*http.Response{
		"401": respond(401, `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied."}]}`),
		"403": respond(403, `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":"The access token you provided has expired."}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			l := &login{}
			var sent []string
			client, _ := newClient(t, func(c *spapi.Config) {
				c.Tokens = credentials(l).TokenSource()
				c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
					sent = append(sent, req.Header.Get("X-Amz-Access-Token"))
					if len(sent) == 1 {
						return refusal, nil
					}
					return respond(202, `{"reportId":"7"}`), nil
				})
			})
			id, err := client.Reports.Create(t.Context(), spapi.ReportRequest{Type: "T", MarketplaceIDs: []string{"M"}})
			if diff := cmp.Diff([]string{"Atza|1", "Atza|2"}, sent); diff != "" || err != nil || id != "7" {
				t.Errorf("%s %v %s", id, err, diff)
			}
		})
	}
}

func TestDeniedIsNotTakenForAnExpiredToken(t *testing.T) {
	l := &login{}
	sent := 0
	client, _ := newClient(t, func(c *spapi.Config) {
		c.Tokens = credentials(l).TokenSource()
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			sent++
			return respond(403, `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":""}]}`), nil
		})
	})
	_, err := client.Sellers.Account(t.Context())
	if !errors.Is(err, spapi.ErrDenied) || errors.Is(err, spapi.ErrExpiredToken) || sent != 1 || l.calls.Load() != 1 {
		t.Errorf("sent %d, %d token calls, %v", sent, l.calls.Load(), err)
	}
}

func TestRequestsSayWhoAsksAndWhen(t *testing.T) {
	var got http.Header
	client, _ := newClient(t, func(c *spapi.Config) {
		c.UserAgent = "Acme Books/2.1"
		c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			got = req.Header
			return respond(200, `{}`), nil
		})
	})
	if _, err := client.Sellers.Account(t.Context()); err != nil {
		t.Fatal(err)
	}
	if agent := got.Get("User-Agent"); !strings.HasPrefix(agent, "Acme Books/2.1 (Language=Go/1.") || !strings.Contains(agent, "; Platform=") {
		t.Errorf("user-agent %q", agent)
	}
	if at, err := time.Parse("20060102T150405Z", got.Get("X-Amz-Date")); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("x-amz-date %q", got.Get("X-Amz-Date"))
	}
	if got.Get("X-Amz-Access-Token") != "Atza|token" || got.Get("Authorization") != "" {
		t.Errorf("credential in %v", got)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"})
	for name, config := range map[string]spapi.Config{
		"no region":           {Tokens: tokens},
		"unknown region":      {Region: "us", Tokens: tokens},
		"no tokens":           {Region: spapi.Europe},
		"http endpoint":       {Endpoint: "http://amazon.example.com", Tokens: tokens},
		"nameless user agent": {Region: spapi.Europe, Tokens: tokens, UserAgent: "sync"},
		"damaged user agent":  {Region: spapi.Europe, Tokens: tokens, UserAgent: "sync/1\r\nx: y"},
	} {
		if _, err := spapi.NewClient(config); err == nil || !strings.HasPrefix(err.Error(), "spapi: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Secrets do not show themselves, at any depth and in any way of printing. Of what lies in an unexported field, fmt calls no
// method.
func TestSecretsDoNotShowThemselves(t *testing.T) {
	tokens := credentials(&login{}).TokenSource()
	bucket := &store{t: t, answer: func(*http.Request) *http.Response { return respond(200, content) }}
	client, _ := newClient(t, func(c *spapi.Config) { c.Tokens, c.Transport = tokens, bucket })
	address, err := client.Reports.Document(t.Context(), "doc")
	if err != nil || !strings.HasSuffix(address.URL.Reveal(), "/key?X-Amz-Signature=topsecret&n=1") {
		t.Fatal(address, err)
	}
	download, err := client.Reports.Download(t.Context(), "doc")
	if err != nil {
		t.Fatal(err)
	}
	document, err := client.Reports.Open(t.Context(), "doc")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(download.Close(), document.Close()) }()
	granting, _ := newClient(t, plays(`{"restrictedDataToken":"Atz.sprdt|topsecret","expiresIn":3600}`))
	resource := spapi.RestrictedResource{Method: "GET", Path: "/x"}
	token, err := granting.CreateRestrictedToken(t.Context(), "", resource)
	if err != nil || token.Token.Reveal() != "Atz.sprdt|topsecret" {
		t.Fatal(token, err)
	}
	restricted := granting.RestrictedData(resource)
	if _, err := restricted.Token(); err != nil {
		t.Fatal(err)
	}
	lwa := credentials(&login{})
	for name, v := range map[string]any{
		"secret": lwa.ClientSecret, "LWA": lwa, "pointer to LWA": &lwa, "tokens": tokens, "restricted tokens": restricted, "restricted token": token,
		"config": spapi.Config{Tokens: tokens}, "client": client, "service": client.Reports,
		"address": address, "download": download, "document": document,
	} {
		type inner struct{ V, hidden any }
		in := inner{v, v}
		nested := struct {
			in inner
			P  *inner
			M  map[string]any
			S  []inner
		}{in, &in, map[string]any{"v": v}, []inner{in}}
		var text strings.Builder
		for _, handler := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&text, nil)} {
			slog.New(handler).Info("x", "v", v, "p", &v, "nested", nested, "map", nested.M)
		}
		data, _ := json.Marshal(nested) // what has no JSON shows nothing
		text.Write(data)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, value := range []any{v, nested, in, &in, nested.M, nested.S} {
				fmt.Fprintf(&text, verb+"\n", value)
			}
		}
		for _, secret := range []string{"topsecret", "Atzr|seller", "Atza|1"} {
			if strings.Contains(text.String(), secret) || strings.Contains(text.String(), hex.EncodeToString([]byte(secret))) {
				t.Errorf("%s shows %s:\n%s", name, secret, text.String())
			}
		}
	}
}

func TestRestrictedDataTokenIsUsedWhereItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		client, _ := newClient(t, func(c *spapi.Config) {
			c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
				var body []byte
				if req.Body != nil {
					body, _ = io.ReadAll(req.Body)
				}
				log = append(log, strings.TrimSpace(fmt.Sprint(req.Method, " ", req.URL.Path, " ", req.Header.Get("X-Amz-Access-Token"), " ", string(body))))
				if req.URL.Path == "/tokens/2021-03-01/restrictedDataToken" {
					return respond(200, `{"restrictedDataToken":"Atz.sprdt|1","expiresIn":3600}`), nil
				}
				return respond(200, `{"order":{"orderId":"1"}}`), nil
			})
		})
		restricted := client.WithTokens(client.RestrictedData(spapi.RestrictedResource{Method: "GET", Path: "/orders/2026-01-01/orders/{orderId}", DataElements: []string{"buyerInfo"}}))
		for _, c := range []*spapi.Client{restricted, restricted, client} {
			if _, err := c.Orders.Order(t.Context(), "1", spapi.OrderWithBuyer); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{
			`POST /tokens/2021-03-01/restrictedDataToken Atza|token {"restrictedResources":[{"method":"GET","path":"/orders/2026-01-01/orders/{orderId}","dataElements":["buyerInfo"]}]}`,
			"GET /orders/2026-01-01/orders/1 Atz.sprdt|1", "GET /orders/2026-01-01/orders/1 Atz.sprdt|1", "GET /orders/2026-01-01/orders/1 Atza|token",
		}
		if diff := cmp.Diff(want, log); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARefusedLoginIsToldOnceWithTheCallThatNeededIt(t *testing.T) {
	l := &login{answer: func(int64) *http.Response { return respond(401, `{"error":"invalid_client"}`) }}
	client, err := spapi.NewClient(spapi.Config{Region: spapi.Europe, Tokens: credentials(l).TokenSource(), Transport: l})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Sellers.Account(t.Context())
	const want = "spapi: sellers.getAccount: lwa.token: 401 invalid_client; check the client id and secret; a secret expires 180 days after its rotation"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
