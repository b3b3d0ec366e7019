package spapitest_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

func TestLoginGivesATokenOrOAuthsError(t *testing.T) {
	one, two := spapitest.Account(seller()), spapitest.Account(settlementtest.Seller{Seed: 12, Until: today})
	two.ClientID, two.ClientSecret = "other-app", "other-secret"
	d, _ := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{one, two}})
	who, other := d.amazon.Accounts()[0], d.amazon.Accounts()[1]
	good := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {who.RefreshToken}, "client_id": {who.ClientID}, "client_secret": {who.ClientSecret}}
	change := func(pairs ...string) url.Values {
		v := url.Values{}
		maps.Copy(v, good)
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		code   string
	}{
		"good":                       {good, 200, ""},
		"wrong secret":               {change("client_secret", "x"), 401, "invalid_client"},
		"unknown client":             {change("client_id", "x"), 401, "invalid_client"},
		"secret of another client":   {change("client_secret", other.ClientSecret), 401, "invalid_client"},
		"unknown refresh token":      {change("refresh_token", "Atzr|x"), 400, "invalid_grant"},
		"token of another client":    {change("refresh_token", other.RefreshToken), 400, "invalid_grant"},
		"no grant type":              {change("grant_type", ""), 400, "invalid_request"},
		"unknown grant type":         {change("grant_type", "password"), 400, "unsupported_grant_type"},
		"grantless":                  {change("grant_type", "client_credentials", "scope", "sellingpartnerapi::notifications"), 200, ""},
		"grantless with wrong scope": {change("grant_type", "client_credentials", "scope", "x"), 400, "invalid_scope"},
	} {
		status, body := d.tokenFor(c.form)
		if status != c.status || text(body["error"]) != c.code {
			t.Errorf("%s: %d %v, want %d %s", name, status, body, c.status, c.code)
		}
		if c.status != 200 {
			if text(body["error_description"]) == "" {
				t.Errorf("%s: no error_description in %v", name, body)
			}
			continue
		}
		if !strings.HasPrefix(text(body["access_token"]), "Atza|") || body["token_type"] != "bearer" || body["expires_in"] != 3600.0 {
			t.Errorf("%s: %v", name, body)
		}
	}
}

func TestTokensDieWithTheClockAndWhenRevoked(t *testing.T) {
	d, clock := open(t, spapitest.Options{})
	d.login()
	details := func() string {
		a := d.get(marketsPath)
		if a.status == http.StatusOK {
			return "ok"
		}
		if a.status != http.StatusForbidden || a.at("errors", 0, "code") != "Unauthorized" || a.header.Get("x-amzn-RateLimit-Limit") != "" {
			t.Errorf("%d %s %v", a.status, a.raw, a.header)
		}
		return text(a.at("errors", 0, "details"))
	}
	clock.advance(time.Hour - time.Second)
	if got := details(); got != "ok" {
		t.Errorf("a second before the hour: %s", got)
	}
	clock.advance(time.Second)
	if got := details(); got != "The access token you provided has expired." {
		t.Errorf("after the hour: %s", got)
	}
	d.login()
	d.amazon.RevokeTokens()
	if got := details(); got != "The access token you provided is revoked, malformed or invalid." {
		t.Errorf("revoked: %s", got)
	}
	d.token = ""
	if got := details(); got != "Access token is missing in the request header." {
		t.Errorf("missing: %s", got)
	}
}

func TestASellerCanWithdrawItsConsent(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	who := d.amazon.Accounts()[0]
	d.amazon.Deauthorize(who.ID)
	if a := d.get(marketsPath); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.raw)
	}
	status, body := d.tokenFor(query("grant_type", "refresh_token", "refresh_token", who.RefreshToken, "client_id", who.ClientID, "client_secret", who.ClientSecret))
	if status != 400 || body["error"] != "invalid_grant" {
		t.Errorf("%d %v", status, body)
	}
}

func TestAGrantlessTokenOpensNoSellersData(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	who := d.amazon.Accounts()[0]
	_, body := d.tokenFor(url.Values{"grant_type": {"client_credentials"}, "scope": {"sellingpartnerapi::notifications"}, "client_id": {who.ClientID}, "client_secret": {who.ClientSecret}})
	d.token = text(body["access_token"])
	if a := d.get(payoutsPath); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestTheGatewayChecksTheRequestBeforeItsContent(t *testing.T) {
	account := spapitest.Account(seller())
	account.Denied = []string{"listPayouts"}
	d, _ := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{account}})
	d.login()
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
		code   string
	}{
		"as documented":        {func(*http.Request) {}, 200, ""},
		"with x-amz-date":      {func(r *http.Request) { r.Header.Set("x-amz-date", "20261123T120000Z") }, 200, ""},
		"odd x-amz-date":       {func(r *http.Request) { r.Header.Set("x-amz-date", "2026-11-23") }, 400, "InvalidInput"},
		"no user agent":        {func(r *http.Request) { r.Header.Del("User-Agent") }, 400, "InvalidInput"},
		"no language in it":    {func(r *http.Request) { r.Header.Set("User-Agent", "Test/1.0") }, 400, "InvalidInput"},
		"a long user agent":    {func(r *http.Request) { r.Header.Set("User-Agent", "T/1 (Language="+strings.Repeat("x", 500)+")") }, 400, "InvalidInput"},
		"unknown parameter":    {func(r *http.Request) { r.URL.RawQuery = "marketplaceId=x" }, 400, "InvalidInput"},
		"unknown path":         {func(r *http.Request) { r.URL.Path += "/x" }, 404, "NotFound"},
		"role that is missing": {func(r *http.Request) { r.URL.Path = payoutsPath }, 403, "Unauthorized"},
		"body in a GET": {func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
			*r = *d.request(http.MethodGet, marketsPath, nil, "{}")
		}, 400, "InvalidInput"},
	} {
		r := d.request(http.MethodGet, marketsPath, nil, "")
		c.change(r)
		a := d.send(r)
		if a.status != c.status || text(a.at("errors", 0, "code")) != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, a.status, a.raw, c.status, c.code)
		}
		if a.header.Get("x-amzn-RequestId") == "" {
			t.Errorf("%s: no request id", name)
		}
		if limit, want := a.header.Get("x-amzn-RateLimit-Limit"), a.status == 200 || a.status == 400; name != "unknown path" && want != (limit == "0.016") {
			t.Errorf("%s: %d with rate header %q", name, a.status, limit)
		}
	}
}

func TestHostsOfRegionsWithoutTheSellersMarketplacesDenyAccess(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	for host, want := range map[string]int{"sellingpartnerapi-na.amazon.com": 200, "sellingpartnerapi-eu.amazon.com": 403, "sellingpartnerapi-fe.amazon.com": 403} {
		r := d.request(http.MethodGet, marketsPath, nil, "")
		r.Host = host
		if a := d.send(r); a.status != want {
			t.Errorf("%s answers %d %s, want %d", host, a.status, a.raw, want)
		}
	}
}

func TestAnswersAreDatedByAmazonsClock(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	d, _ := open(t, spapitest.Options{Now: func() time.Time { return at }})
	d.login()
	if got := d.get(marketsPath).header.Get("Date"); got != "Sun, 01 Nov 2026 12:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
}
