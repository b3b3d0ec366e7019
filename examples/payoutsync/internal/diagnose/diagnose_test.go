package diagnose_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// tenantError is what a client of Vantagepoint makes of an answer, or of a transport that has none.
func tenantError(t *testing.T, base string, transport http.RoundTripper) error {
	t.Helper()
	client, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: base, Database: "ACME", Username: "api.user", Password: vantagepoint.NewSecret("hush-password"), ClientID: "id", ClientSecret: vantagepoint.NewSecret("hush-secret"),
		Transport: transport, Retry: vantagepoint.Retry{Faults: -1, Throttled: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = client.LogIn(t.Context())
	if err == nil {
		t.Fatal("the log-in did not fail")
	}
	return err
}

// amazonError is the same for a client of Amazon. Its retries take no time.
func amazonError(t *testing.T, base string, transport http.RoundTripper) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		lwa := spapi.LWA{ClientID: "id", ClientSecret: spapi.NewSecret("hush-secret"), RefreshToken: spapi.NewSecret("hush-token"), Endpoint: base, Transport: transport}
		client, fault := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Endpoint: base, Transport: transport, Account: "a", Tokens: lwa.TokenSource()})
		if fault != nil {
			t.Fatal(fault)
		}
		if _, err = client.Sellers.Account(t.Context()); err == nil {
			t.Fatal("the call did not fail")
		}
	})
	return err
}

func fails(err error) http.RoundTripper {
	return roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })
}

// fault is how a transport fails.
func fault(t *testing.T, base string, transport http.RoundTripper) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(r)
	if err == nil {
		response.Body.Close()
		t.Fatal("the transport does not fail")
	}
	return err
}

func answer(status int, body string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		rec.WriteHeader(status)
		fmt.Fprint(rec, body)
		response := rec.Result()
		response.Request = r
		return response, nil
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func expect(t *testing.T, d diagnose.Diagnosis, says, remedy string) {
	t.Helper()
	if !strings.Contains(d.What, says) || !strings.Contains(d.Remedy(), remedy) {
		t.Errorf("%q, remedy %q\nwant it to say %q and to name %q", d.What, d.Remedy(), says, remedy)
	}
	if strings.Contains(d.What+d.Remedy(), "hush") {
		t.Errorf("a secret is shown: %+v", d)
	}
}

// The faults between this machine and a system, from the standard library itself where it can be made to show them.
func TestFaultsOfTheNetworkAreToldApart(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	trusting := func(change func(*tls.Config)) *http.Transport {
		transport := secure.Client().Transport.(*http.Transport).Clone()
		change(transport.TLSClientConfig)
		return transport
	}
	proxied := func(address string) *http.Transport {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Transport{Proxy: http.ProxyURL(u)}
	}
	asking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(asking.Close)
	for name, test := range map[string]struct {
		base         string
		transport    http.RoundTripper
		says, remedy string
	}{
		"unknown host":              {"https://tenant.invalid/api", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "tenant.invalid", Err: "no such host", IsNotFound: true}}), "no host called tenant.invalid", "correct the address"},
		"no name service":           {"https://tenant.invalid/api", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "tenant.invalid", Err: "timeout", IsTimeout: true}}), "name service does not answer", "DNS settings"},
		"nothing listens":           {"https://127.0.0.1:1/api", http.DefaultTransport, "nothing listens", "host and port"},
		"unknown authority":         {secure.URL + "/api", &http.Transport{}, "does not trust", "SSL_CERT_FILE"},
		"another host's":            {strings.Replace(secure.URL, "127.0.0.1", "localhost", 1) + "/api", trusting(func(c *tls.Config) { c.ServerName = "tenant.invalid" }), "not for tenant.invalid", "correct the host name"},
		"this machine's clock off":  {secure.URL + "/api", trusting(func(c *tls.Config) { c.Time = func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) } }), "not valid at the time that this machine's clock shows", "set its clock"},
		"no TLS":                    {strings.Replace(plain.URL, "http:", "https:", 1) + "/api", &http.Transport{}, "does not speak TLS", "host and port"},
		"no proxy":                  {"https://tenant.invalid/api", proxied("http://127.0.0.1:1"), "proxy cannot be reached", "HTTPS_PROXY"},
		"a proxy that wants a user": {"https://tenant.invalid/api", proxied(asking.URL), "proxy asks for a log-in", "HTTPS_PROXY"},
		"no answer in time":         {"https://tenant.invalid/api", fails(context.DeadlineExceeded), "did not answer in time", "firewall"},
		"a cut connection":          {"https://tenant.invalid/api", fails(&net.OpError{Op: "read", Err: fmt.Errorf("connection reset by peer")}), "the connection to", "firewall"},
		"an unnamed certificate":    {"https://tenant.invalid/api", fails(&tls.CertificateVerificationError{Err: x509.ConstraintViolationError{}}), "is not accepted", "certificate mended"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, diagnose.Vantagepoint(tenantError(t, test.base, test.transport), diagnose.Tenant{}), test.says, test.remedy)
			err := amazonError(t, "https://amazon.example", fails(fault(t, test.base, test.transport)))
			expect(t, diagnose.Amazon(err, diagnose.Account{}), test.says, test.remedy)
		})
	}
}

func TestWordsOfVantagepointsLogInAreToldApart(t *testing.T) {
	for words, want := range map[string][2]string{
		`{"error":"invalid_grant","error_description":"Your login has been disabled.  Please contact your system administrator."}`: {"is disabled", "Security » Users"},
		`{"error":"invalid_grant","error_description":"The database is not valid."}`:                                               {`no database "ACME"`, "API Authorization"},
		`{"error":"invalid_grant","error_description":"You must change your password."}`:                                           {"must be changed", "Change Password at Next Login"},
		`{"error":"invalid_grant","error_description":"The user name or password is incorrect."}`:                                  {"user name api.user and its password", "tried once"},
		`{"error":"invalid_client"}`:                             {"client id and client secret", "API Authorization"},
		`{"error":"unsupported_grant_type"}`:                     {"does not allow a log-in with user and password", "tick Allow Password Grant Type"},
		`{"error":"unauthorized_client"}`:                        {"does not allow a log-in with user and password", "tick Allow Password Grant Type"},
		`<html><body>Welcome to the guest network</body></html>`: {"not Vantagepoint's interface", "ends in /api"},
	} {
		expect(t, diagnose.Vantagepoint(tenantError(t, "https://acme.example/api", answer(400, words)), diagnose.Tenant{Database: "ACME", User: "api.user"}), want[0], want[1])
	}
	for status, page := range map[int]string{503: "Service Unavailable", 429: "Too Many Requests"} {
		d := diagnose.Vantagepoint(tenantError(t, "https://acme.example/api", answer(status, "<html><body>"+page+"</body></html>")), diagnose.Tenant{})
		expect(t, d, fmt.Sprintf("a fault of its own (%d", status), "try again later")
		if !d.Later {
			t.Errorf("a %d is not called temporary", status)
		}
	}
}

func TestWordsOfLoginWithAmazonAreToldApart(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	old := diagnose.Account{Region: "na", Secret: now.AddDate(0, 0, -181), Authorised: now.AddDate(-1, 0, -1), Now: now}
	young := diagnose.Account{Region: "na", Secret: now.AddDate(0, 0, -10), Authorised: now.AddDate(0, 0, -10), Now: now}
	for _, test := range []struct {
		word         string
		about        diagnose.Account
		says, remedy string
	}{
		{"invalid_client", young, "one of them is wrong", "View: compare"},
		{"invalid_client", old, "has expired: it lasts 180 days", "Rotate secret"},
		{"invalid_grant", young, "revoked", "Manage Your Apps"},
		{"invalid_grant", old, "older than a year", "Manage Your Apps"},
		{"unauthorized_client", young, "does not let this application", "draft, suspended"},
		{"unsupported_grant_type", young, "refuses the request (unsupported_grant_type)", "lwa_endpoint"},
	} {
		expect(t, diagnose.Amazon(amazonError(t, "https://amazon.example", answer(400, `{"error":"`+test.word+`","error_description":"x"}`)), test.about), test.says, test.remedy)
	}
}

func TestAWrongRegionAndAMissingRoleAreToldApart(t *testing.T) {
	denied := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/auth/o2/token" {
			return answer(200, `{"access_token":"Atza|x","token_type":"bearer","expires_in":3600}`).RoundTrip(r)
		}
		return answer(403, `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":""}]}`).RoundTrip(r)
	})
	err := amazonError(t, "https://amazon.example", denied)
	about := diagnose.Account{Region: "na", Needs: diagnose.FinanceAndAccounting}
	expect(t, diagnose.Amazon(err, about), `or the seller has not authorised it in region "na"`, "tick Finance and Accounting")
	about.Allowed = true
	if d := diagnose.Amazon(err, about); strings.Contains(d.What, "region") {
		t.Errorf("although another call was allowed: %+v", d)
	}
	about.Answers = spapi.Europe
	expect(t, diagnose.Amazon(err, about), `answered by "eu" and not by "na"`, "write region: eu")
}

func TestCredentialsAreWarnedOfThirtyDaysBeforeTheyEnd(t *testing.T) {
	entered := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for after, want := range map[int]string{149: "", 151: "ends on 2026-06-30", 181: "ended on 2026-06-30"} {
		all := diagnose.Lapses(entered, time.Time{}, entered.AddDate(0, 0, after))
		if len(all) != 1 || all[0].Credential != "client_secret" || all[0].Warn != (want != "") || !strings.Contains(all[0].What, want) || all[0].Warn != (all[0].Remedy() != "") {
			t.Errorf("after %d days: %+v", after, all)
		}
	}
	if all := diagnose.Lapses(entered, entered, entered.AddDate(0, 0, 340)); len(all) != 2 || !all[1].Warn || all[1].Credential != "authorisation" {
		t.Errorf("%+v", all)
	}
}
