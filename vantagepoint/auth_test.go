package vantagepoint_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

const period = `[{"Period":202401,"FmtPeriod":"1/2024","AccountPdStart":"2024-01-01T00:00:00.000","AccountPdEnd":"2024-01-31T00:00:00.000",
"FYStart":"2024-01-01T00:00:00.000","FYEnd":"2024-12-31T00:00:00.000","ActiveCompanyClosed":"N","AllCompaniesClosed":"N","ApplytoAllCompanies":""}]`

func token(n int) string {
	return fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":1799,"refresh_token":"refresh-%d"}`, n, n)
}

func form(t *testing.T, r request) url.Values {
	t.Helper()
	values, err := url.ParseQuery(r.body)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// An address without its /api is answered 401 by some servers, as if the password were wrong.
func TestARefusalThatIsNoLogInsAsksForTheAddress(t *testing.T) {
	for body, want := range map[string]bool{"": true, `{"error":"invalid_grant","error_description":"The user name or password is incorrect"}`: false} {
		tn := newTenant(t)
		tn.reply("POST", "token", http.StatusUnauthorized, body)
		err := tn.client().LogIn(t.Context())
		if err == nil || strings.Contains(err.Error(), "ends in /api") != want || !strings.Contains(err.Error(), "check user name") {
			t.Errorf("after 401 with body %q the error is: %v", body, err)
		}
	}
}

func TestLogInSendsTheDocumentedForm(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "Settings/ActivePeriod", 200, period)
	client := tn.client(func(c *vantagepoint.Config) {
		c.Integrated, c.Culture, c.LoginValues = true, "en-US", map[string]vantagepoint.Secret{"scope": vantagepoint.NewSecret("all")}
	})
	if _, err := client.Settings.ActivePeriod(t.Context()); err != nil {
		t.Fatal(err)
	}
	logins := tn.requests("POST", "token")
	if len(logins) != 1 {
		t.Fatalf("%d log-ins", len(logins))
	}
	want := url.Values{
		"Username": {"api.user"}, "Password": {password}, "grant_type": {"password"}, "Integrated": {"Y"}, "database": {"ACME"},
		"Client_Id": {"client-1"}, "client_secret": {clientSecret}, "culture": {"en-US"}, "scope": {"all"},
	}
	if diff := cmp.Diff(want, form(t, logins[0])); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if got := logins[0].header.Get("Content-Type"); got != "application/x-www-form-urlencoded" {
		t.Errorf("Content-Type %s", got)
	}
	if got := logins[0].header.Get("Authorization"); got != "" {
		t.Errorf("the log-in carries a credential: %s", got)
	}
	if got := tn.requests("GET", "Settings")[0].header.Get("Authorization"); got != "Bearer "+accessToken {
		t.Errorf("Authorization %q", got)
	}
}

func TestOneLogInServesAllGoroutines(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "Settings/ActivePeriod", 200, period)
	client := tn.client()
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			if _, err := client.Settings.ActivePeriod(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := tn.count("POST", "token"); n != 1 {
		t.Errorf("%d log-ins", n)
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	tn := newTenant(t)
	tn.reply("POST", "token", 400, `{"error":"invalid_grant","error_description":"Your login has been disabled.  Please contact your system administrator."}`)
	client := tn.client()
	for range 3 {
		_, err := client.Settings.ActivePeriod(t.Context())
		if !errors.Is(err, vantagepoint.ErrCredentials) {
			t.Fatalf("want ErrCredentials, got %v", err)
		}
		for _, word := range []string{"invalid_grant", "Your login has been disabled", "check user name"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not say %q: %v", word, err)
			}
		}
	}
	if n := tn.count("POST", ""); n != 1 {
		t.Errorf("%d requests, want 1: a second try may lock the account", n)
	}
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTenant(t)
		tn.on("POST", "token", sequence(answer(200, token(1)), answer(200, token(2)), answer(400, `{"error":"invalid_grant"}`), answer(200, token(4))))
		tn.reply("GET", "Settings/ActivePeriod", 200, period)
		client := tn.client()
		call := func() {
			t.Helper()
			if _, err := client.Settings.ActivePeriod(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		call()
		time.Sleep(28 * time.Minute)
		call() // still the first token
		time.Sleep(80 * time.Second)
		call() // refresh grant
		time.Sleep(30 * time.Minute)
		call() // the refresh token is refused: password grant
		var grants []string
		for _, r := range tn.requests("POST", "token") {
			f := form(t, r)
			grants = append(grants, f.Get("grant_type")+" "+f.Get("refresh_token"))
		}
		if diff := cmp.Diff([]string{"password ", "refresh_token refresh-1", "refresh_token refresh-2", "password "}, grants); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}
		refresh := form(t, tn.requests("POST", "token")[1])
		want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"refresh-1"}, "database": {"ACME"}, "client_id": {"client-1"}, "client_secret": {clientSecret}}
		if diff := cmp.Diff(want, refresh); diff != "" {
			t.Errorf("refresh form (-want +got):\n%s", diff)
		}
		var bearers []string
		for _, r := range tn.requests("GET", "Settings") {
			bearers = append(bearers, r.header.Get("Authorization"))
		}
		if diff := cmp.Diff([]string{"Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-4"}, bearers); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
	})
}

func TestA401MeansOneNewLogInAndOneReplayForWritesToo(t *testing.T) {
	tn := newTenant(t)
	tn.on("POST", "token", sequence(answer(200, token(1)), answer(200, token(2)), answer(200, token(3))))
	expired := answer(401, `<html><body>Unauthorized</body></html>`)
	tn.on("GET", "Settings/ActivePeriod", sequence(expired, answer(200, period)))
	tn.on("POST", "firm", sequence(expired, answer(201, `[]`)))
	client := tn.client()
	if _, err := client.Settings.ActivePeriod(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := client.Do(t.Context(), vantagepoint.Request{Method: "POST", Path: []string{"firm"}, Body: map[string]string{"Name": "x"}}, nil); err != nil {
		t.Fatal(err)
	}
	if got := []int{tn.count("POST", "token"), tn.count("GET", "Settings"), tn.count("POST", "firm")}; !cmp.Equal(got, []int{3, 2, 2}) {
		t.Errorf("log-ins, reads and writes sent: %v", got)
	}
	for _, r := range tn.requests("POST", "token") {
		if got := form(t, r).Get("grant_type"); got != "password" {
			t.Errorf("after a 401 the grant is %s", got)
		}
	}
}

func TestASecond401IsAnError(t *testing.T) {
	tn := newTenant(t)
	tn.reply("POST", "firm", 401, ``)
	err := tn.client().Do(t.Context(), vantagepoint.Request{Method: "POST", Path: []string{"firm"}, Body: map[string]string{"Name": "x"}}, nil)
	if !errors.Is(err, vantagepoint.ErrCredentials) || errors.Is(err, vantagepoint.ErrUnanswered) {
		t.Errorf("want ErrCredentials, and nothing unanswered: %v", err)
	}
	if n := tn.count("POST", "firm"); n != 2 {
		t.Errorf("sent %d times, want 2", n)
	}
}

func TestWaitingForTheTokenEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTenant(t)
		tn.on("POST", "token", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		client := tn.client()
		first, stop := context.WithCancel(t.Context())
		go func() { _ = client.LogIn(first) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := client.Settings.ActivePeriod(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("want the context's error, got %v", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited %s", waited)
		}
		stop()
	})
}

func TestAWebPageInsteadOfATokenSaysWhatToCheck(t *testing.T) {
	tn := newTenant(t)
	tn.reply("POST", "token", 200, `<!DOCTYPE html><html><body>Sign in</body></html>`)
	_, err := tn.client().Settings.ActivePeriod(t.Context())
	if err == nil || !strings.Contains(err.Error(), "base address") {
		t.Errorf("got %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*vantagepoint.Config){
		"BaseURL":      func(c *vantagepoint.Config) { c.BaseURL = "" },
		"https":        func(c *vantagepoint.Config) { c.BaseURL = "http://acme.example.com/api" },
		"Database":     func(c *vantagepoint.Config) { c.Database = "" },
		"Password":     func(c *vantagepoint.Config) { c.Password = vantagepoint.NewSecret("") },
		"ClientSecret": func(c *vantagepoint.Config) { c.ClientSecret = vantagepoint.NewSecret("") },
		"Style":        func(c *vantagepoint.Config) { c.Style = "batch" },
		"Filters":      func(c *vantagepoint.Config) { c.Filters = "sql" },
		"Paging":       func(c *vantagepoint.Config) { c.Paging = "cursor" },
		"VisionURL":    func(c *vantagepoint.Config) { c.VisionURL = "https://elsewhere.example.com/vision" },
		"Patterns":     func(c *vantagepoint.Config) { c.Patterns = []vantagepoint.Pattern{{Text: "("}} },
	} {
		c := config(http.DefaultTransport)
		change(&c)
		if _, err := vantagepoint.NewClient(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error does not name it: %v", name, err)
		}
	}
}

func TestNothingPrintsAPassword(t *testing.T) {
	tn := newTenant(t)
	client := tn.client()
	if err := client.LogIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, value := range []any{config(tn), client, *client.Journals, client.Journals, client.Settings, []any{client}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			checkNoSecret(t, fmt.Sprintf(format, value))
		}
	}
}

// checkNoSecret fails if a secret of the fixture is in the text, in whatever escape.
func checkNoSecret(t *testing.T, text string) {
	t.Helper()
	unquoted := strings.NewReplacer(`\"`, `"`, `\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\u003d`, "=", `\u002b`, "+", `\u002B`, "+").Replace(text)
	plain, err := url.QueryUnescape(text)
	if err != nil {
		plain = text
	}
	for _, secret := range []string{password, clientSecret, accessToken, refreshToken} {
		for _, spelling := range []string{text, unquoted, plain} {
			if strings.Contains(spelling, secret) {
				t.Fatalf("the secret %q is printed: %.200s", secret, text)
			}
		}
	}
}
