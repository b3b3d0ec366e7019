package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login/logintest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

const password = "correct horse battery"

// site is a running site and a browser without scripts.
type site struct {
	*httptest.Server
	source *source
	client *http.Client
}

func serve(t testing.TB, source *source, change func(*web.Options)) site {
	t.Helper()
	options := web.Options{Source: source}
	if change != nil {
		change(&options)
	}
	s, err := web.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return site{server, source, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// withUsers asks for a log-in.
func withUsers(t testing.TB, names ...string) func(*web.Options) {
	t.Helper()
	door := login.New(logintest.New())
	for _, name := range names {
		if err := door.Add(context.Background(), name, password); err != nil {
			t.Fatal(err)
		}
	}
	return func(o *web.Options) { o.Door = door }
}

type answer struct {
	*http.Response
	body string
}

func (s site) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(body)}
}

func (s site) get(t testing.TB, path string) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.do(t, r)
}

func (s site) post(t testing.TB, path string, form url.Values, header ...string) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(t, r)
}

func (s site) login(t testing.TB, name string) {
	t.Helper()
	a := s.post(t, "/login", url.Values{"name": {name}, "password": {password}, "next": {"/approvals"}})
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/approvals" {
		t.Fatalf("log-in: %d to %s", a.StatusCode, a.Header.Get("Location"))
	}
}

func TestEveryPageShowsWhatTheSourceHolds(t *testing.T) {
	s := serve(t, full(), nil)
	for path, want := range map[string][]string{
		"/payouts":                            {"50034020328", "9,841.07", "awaiting approval", "acme-us", "/payouts/acme-us/50034020328"},
		"/payouts/acme-us/50034020328":        {"Open the report", "AMZ0001", "reserve_carry: 0.01"},
		"/payouts/acme-us/50034020328/report": {"<h1>The report</h1>"},
		"/findings":                           {"report missing", "event group G1", "unmapped", "&lt;script&gt;", "Nothing is booked until this is mended"},
		"/approvals":                          {"abcdef0123456789", "nobody yet", "2 needed", "released: <code>payoutsync accrue --period 202610 --seller acme-us</code> books it."},
		"/sellers":                            {"A1EXAMPLE", "every 6h<", "every 1h30m<", "Amazon client secret", "rotate it", ">2026-11-29</time>", ">2026-11-19</time><br>overdue", "event group G1"},
		"/jobs":                               {"discarded 1", "the ledger is away", "8 of 8"},
		"/healthz":                            {"ok"},
		"/readyz":                             {"ready"},
	} {
		a := s.get(t, path)
		for _, text := range want {
			if a.StatusCode != http.StatusOK || !strings.Contains(a.body, text) {
				t.Errorf("%s: status %d, %q is missing in\n%s", path, a.StatusCode, text, a.body)
			}
		}
	}
	if a := s.get(t, "/"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/payouts" {
		t.Errorf("/: %d", a.StatusCode)
	}
}

func TestTheFiltersReachTheSource(t *testing.T) {
	s := serve(t, full(), nil)
	a := s.get(t, "/payouts?state=refused&seller=acme-us&q=500&skip=50")
	if got := s.source.asked; got.State != "refused" || got.Seller != "acme-us" || got.Text != "500" || got.Skip != 50 || got.Most != 50 {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{`<option value="refused" selected>`, `rel="next"`, "skip=100", "skip=0"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, odd := range []string{"/payouts?skip=-5", "/payouts?skip=x"} {
		if s.get(t, odd); s.source.asked.Skip != 0 {
			t.Errorf("%s: %+v", odd, s.source.asked)
		}
	}
}

func TestEmptyPagesSayWhatIsNext(t *testing.T) {
	s := serve(t, &source{}, nil)
	for path, want := range map[string]string{
		"/payouts": "The first round", "/payouts?state=booked": "Show all", "/findings": "Nothing to look at",
		"/approvals": "No plan waits", "/sellers": "No seller", "/jobs": "No job",
	} {
		if a := s.get(t, path); !strings.Contains(a.body, want) {
			t.Errorf("%s: %q is missing", path, want)
		}
	}
}

func TestWhatIsNotThereIs404AndWhatFailsTellsTheLogOnly(t *testing.T) {
	s := serve(t, full(), nil)
	for _, path := range []string{"/payouts/acme-us/1", "/payouts/acme-us/1/report", "/nothing", "/payouts/a/b/c/d"} {
		if a := s.get(t, path); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, "nothing at this address") {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	s.source.refuses = "the plan is not what it was"
	if a := s.get(t, "/payouts/acme-us/50034020328/report"); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "The plan is not what it was.") {
		t.Errorf("a report that cannot be made: %d %s", a.StatusCode, a.body)
	}
	s.source.fails = errors.New("dial tcp 10.0.0.5: connection refused password=secret")
	for _, path := range []string{"/payouts", "/findings", "/approvals", "/sellers", "/jobs", "/payouts/acme-us/50034020328", "/readyz"} {
		if a := s.get(t, path); a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.body, "10.0.0.5") || strings.Contains(a.body, "secret") {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}

func TestNoPageHasScriptOrStyleOfItsOwnAndAllHaveTheHeaders(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script|<style|\son\w+=|style="|javascript:|https?://`)
	s := serve(t, full(), nil)
	for _, path := range []string{"/payouts", "/payouts/acme-us/50034020328", "/findings", "/approvals", "/sellers", "/jobs", "/nothing", "/healthz"} {
		a := s.get(t, path)
		if found := inline.FindString(a.body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if !strings.HasPrefix(a.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, a.Header.Get(name))
			}
		}
		if strings.Contains(a.Header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %s", path, a.Header.Get("Content-Security-Policy"))
		}
	}
	if csp := s.get(t, "/payouts/acme-us/50034020328/report").Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script") {
		t.Errorf("the report: %s", csp)
	}
	css := regexp.MustCompile(`/style-[0-9a-f]+\.css`).FindString(s.get(t, "/payouts").body)
	if a := s.get(t, css); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", css, a.StatusCode, a.Header)
	}
}

func TestWithUsersEverythingButHealthWantsALogIn(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	for _, path := range []string{"/", "/payouts", "/payouts/acme-us/50034020328", "/payouts/acme-us/50034020328/report", "/findings", "/approvals", "/sellers", "/jobs", "/nothing"} {
		if a := s.get(t, path); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/login") || strings.Contains(a.body, "50034020328/") {
			t.Errorf("%s: %d to %s", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/login"} {
		if a := s.get(t, path); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	if to := s.get(t, "/jobs?state=discarded").Header.Get("Location"); to != "/login?next=%2Fjobs%3Fstate%3Ddiscarded" {
		t.Errorf("to %s", to)
	}
	s.login(t, "ann")
	if a := s.get(t, "/jobs"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Log out") {
		t.Errorf("after the log-in: %d", a.StatusCode)
	}
	if a := s.post(t, "/logout", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("log-out: %d", a.StatusCode)
	}
	if a := s.get(t, "/jobs"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("after the log-out: %d", a.StatusCode)
	}
}

func TestTheCookieIsForThisSiteAndNoScript(t *testing.T) {
	for _, secure := range []bool{false, true} {
		users := withUsers(t, "ann")
		s := serve(t, full(), func(o *web.Options) { users(o); o.TLS = secure })
		a := s.post(t, "/login", url.Values{"name": {"ann"}, "password": {password}})
		c := a.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != secure || c.Path != "/" || c.Domain != "" || len(c.Value) < 40 {
			t.Errorf("%+v", c)
		}
		if secure != strings.HasPrefix(c.Name, "__Host-") || secure != (a.Header.Get("Strict-Transport-Security") != "") {
			t.Errorf("TLS %v: cookie %s", secure, c.Name)
		}
	}
}

func TestAWrongLogInSaysSoAndTriesAreLimited(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	var a answer
	for range 6 {
		a = s.post(t, "/login", url.Values{"name": {"ann"}, "password": {"wrong <b>"}})
		if len(a.Cookies()) > 0 {
			t.Fatal("a cookie for a wrong password")
		}
		if strings.Contains(a.body, "wrong <b>") || strings.Contains(a.body, "wrong &lt;b") {
			t.Error("the page shows the password")
		}
	}
	if a.StatusCode != http.StatusTooManyRequests || !strings.Contains(a.body, "Too many tries") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := s.post(t, "/login", url.Values{"name": {"bob"}, "password": {"x"}}); a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.body, "The name or the password is wrong.") {
		t.Errorf("%d", a.StatusCode)
	}
}

func TestAfterTheLogInOneStaysOnThisSite(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "evil", "javascript:alert(1)", ""} {
		a := s.post(t, "/login", url.Values{"name": {"ann"}, "password": {password}, "next": {next}})
		if a.Header.Get("Location") != "/payouts" {
			t.Errorf("%q leads to %s", next, a.Header.Get("Location"))
		}
	}
}

var formKey = regexp.MustCompile(`name="key" value="([0-9a-f]+)"`)

func TestAReleaseIsOfTheUserWhoIsLoggedIn(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	s.login(t, "ann")
	page := s.get(t, "/approvals").body
	key := formKey.FindStringSubmatch(page)
	if key == nil || !strings.Contains(page, "Release as ann") {
		t.Fatal(page)
	}
	form := url.Values{"key": {key[1]}, "seller": {"acme-us"}, "settlement": {"50034020328"}, "plan": {"abcdef0123456789aa"}}
	a := s.post(t, "/approvals", form, "Sec-Fetch-Site", "same-origin")
	if a.StatusCode != http.StatusSeeOther || len(s.source.released) != 1 || s.source.released[0] != "acme-us/50034020328 abcdef0123456789aa by ann" {
		t.Errorf("%d, %v", a.StatusCode, s.source.released)
	}
	if after := s.get(t, a.Header.Get("Location")).body; !strings.Contains(after, "is in the audit trail") {
		t.Error(after)
	}
	s.source.refuses = "ann has approved this plan already"
	if a := s.post(t, "/approvals", form); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Ann has approved this plan already.") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestOtherSitesReleaseNothing(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann", "bob"))
	s.login(t, "ann")
	key := formKey.FindStringSubmatch(s.get(t, "/approvals").body)[1]
	form := url.Values{"key": {key}, "seller": {"acme-us"}, "settlement": {"50034020328"}, "plan": {"abcdef0123456789aa"}}
	if a := s.post(t, "/approvals", form, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", a.StatusCode)
	}
	if a := s.post(t, "/approvals", form, "Origin", "https://evil.example"); a.StatusCode != http.StatusForbidden {
		t.Errorf("an old browser on another site: %d", a.StatusCode)
	}
	for _, wrong := range []string{"", "00", strings.Repeat("0", len(key))} {
		form.Set("key", wrong)
		if a := s.post(t, "/approvals", form); a.StatusCode != http.StatusForbidden {
			t.Errorf("with the key %q: %d", wrong, a.StatusCode)
		}
	}
	s.login(t, "bob") // another session: ann's form does not fit any more
	form.Set("key", key)
	if a := s.post(t, "/approvals", form); a.StatusCode != http.StatusForbidden {
		t.Errorf("with another session's key: %d", a.StatusCode)
	}
	if len(s.source.released) > 0 {
		t.Errorf("released: %v", s.source.released)
	}
}

func TestWithoutUsersNothingCanBeReleased(t *testing.T) {
	s := serve(t, full(), nil)
	if strings.Contains(s.get(t, "/approvals").body, "<form") {
		t.Error("there is a form")
	}
	form := url.Values{"key": {login.FormKey("")}, "seller": {"acme-us"}, "settlement": {"50034020328"}, "plan": {"abcdef0123456789aa"}}
	if a := s.post(t, "/approvals", form); a.StatusCode != http.StatusForbidden || len(s.source.released) > 0 {
		t.Errorf("%d, %v", a.StatusCode, s.source.released)
	}
}

func TestMetricsWantAUserWhereThePagesDo(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "payoutsync_jobs 1") })
	free := serve(t, full(), func(o *web.Options) { o.Metrics = metrics })
	if a := free.get(t, "/metrics"); a.body != "payoutsync_jobs 1" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	users := withUsers(t, "prometheus")
	s := serve(t, full(), func(o *web.Options) { users(o); o.Metrics = metrics })
	ask := func(password string) answer {
		r, _ := http.NewRequest(http.MethodGet, s.URL+"/metrics", nil)
		if password != "" {
			r.SetBasicAuth("prometheus", password)
		}
		return s.do(t, r)
	}
	if a := ask(""); a.StatusCode != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%d", a.StatusCode)
	}
	if a := ask("wrong"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d", a.StatusCode)
	}
	if a := ask(password); a.body != "payoutsync_jobs 1" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestAForeignNameForThisAddressIsNotServed(t *testing.T) {
	s := serve(t, full(), func(o *web.Options) { o.Hosts = web.Access{Address: "127.0.0.1:0"}.Hosts() })
	if a := s.get(t, "/payouts"); a.StatusCode != http.StatusOK {
		t.Errorf("%d", a.StatusCode)
	}
	for host, want := range map[string]int{"localhost:80": http.StatusOK, "[::1]:8470": http.StatusOK, "evil.example": http.StatusMisdirectedRequest, "127.0.0.1.evil.example:80": http.StatusMisdirectedRequest} {
		r, _ := http.NewRequest(http.MethodGet, s.URL+"/payouts", nil)
		r.Host = host
		if a := s.do(t, r); a.StatusCode != want {
			t.Errorf("%s: %d", host, a.StatusCode)
		}
	}
}

func TestALargeFormIsRefused(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	a := s.post(t, "/login", url.Values{"name": {"ann"}, "password": {strings.Repeat("x", 1<<20)}})
	if a.StatusCode == http.StatusSeeOther {
		t.Errorf("%d", a.StatusCode)
	}
}
