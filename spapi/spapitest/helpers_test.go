package spapitest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

const settlementV2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

// today is the day of most tests: the fake's clock stands there unless a test moves it.
var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func seller() settlementtest.Seller {
	return settlementtest.Seller{Seed: 11, Count: 6, Rows: 60, Until: today, Outcomes: []settlementtest.Outcome{
		settlementtest.Paid, settlementtest.Negative, settlementtest.Paid, settlementtest.Failed, settlementtest.Zero, settlementtest.Paid,
	}}
}

// door is a plain HTTP client at one of the fake's doors.
type door struct {
	t      *testing.T
	amazon *spapitest.Amazon
	client *http.Client
	base   string
	token  string
}

func open(t *testing.T, o spapitest.Options) (*door, *clock) {
	t.Helper()
	c := &clock{today}
	if o.Now == nil {
		o.Now = c.now
	}
	if o.Sellers == nil {
		o.Sellers = []spapitest.SellerAccount{spapitest.Account(seller())}
	}
	a := spapitest.New(o)
	d := &door{t: t, amazon: a, client: &http.Client{Transport: a.Transport()}, base: "https://sellingpartnerapi-na.amazon.com"}
	return d, c
}

func (d *door) login() *door {
	d.t.Helper()
	who := d.amazon.Accounts()[0]
	status, body := d.tokenFor(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {who.RefreshToken}, "client_id": {who.ClientID}, "client_secret": {who.ClientSecret}})
	if status != http.StatusOK {
		d.t.Fatalf("no token: %d %v", status, body)
	}
	d.token, _ = body["access_token"].(string)
	return d
}

func (d *door) tokenFor(form url.Values) (int, map[string]any) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.base+"/auth/o2/token", strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	res, data, err := d.do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(data, &body); err != nil {
		d.t.Fatalf("%v in %q", err, data)
	}
	return res.StatusCode, body
}

func (d *door) do(r *http.Request) (*http.Response, []byte, error) {
	res, err := d.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	return res, data, err
}

func (d *door) request(method, path string, query url.Values, body string) *http.Request {
	d.t.Helper()
	target := d.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, target, in)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Test/1.0 (Language=Go/1.26; Platform=Linux)")
	r.Header.Set("x-amz-access-token", d.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// answer is a decoded answer; numbers stay text.
type answer struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
}

func (d *door) send(r *http.Request) answer {
	d.t.Helper()
	res, data, err := d.do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: data}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	_ = dec.Decode(&a.json) // not every answer is JSON; tests look
	return a
}

func (d *door) get(path string, pairs ...string) answer {
	d.t.Helper()
	return d.send(d.request(http.MethodGet, path, query(pairs...), ""))
}

func (d *door) must(path string, pairs ...string) answer {
	d.t.Helper()
	a := d.get(path, pairs...)
	if a.status != http.StatusOK {
		d.t.Fatalf("%s %v: %d %s", path, pairs, a.status, a.raw)
	}
	return a
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// at walks into an answer: at("errors", 0, "code").
func (a answer) at(path ...any) any { return walk(a.json, path...) }

func walk(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) list(path ...any) []any {
	l, _ := a.at(path...).([]any)
	return l
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

const (
	reportsPath      = "/reports/2021-06-30/reports"
	documentsPath    = "/reports/2021-06-30/documents/"
	transactionsPath = "/finances/2024-06-19/transactions"
	summaryPath      = "/finances/2024-06-19/summary"
	groupsPath       = "/finances/v0/financialEventGroups"
	payoutsPath      = "/finances/transfers/2024-06-01/payouts"
	ordersPath       = "/orders/2026-01-01/orders"
	marketsPath      = "/sellers/v1/marketplaceParticipations"
)

// all follows a listing to its end and returns the items.
func (d *door) all(path, tokenParam string, list, next []any, pairs ...string) []any {
	d.t.Helper()
	var items []any
	q := pairs
	for range 1000 {
		a := d.must(path, q...)
		items = append(items, a.list(list...)...)
		token := text(a.at(next...))
		if token == "" {
			return items
		}
		q = []string{tokenParam, token}
		if path != reportsPath {
			q = append(q, pairs...)
		}
	}
	d.t.Fatal("the listing does not end")
	return nil
}

func (d *door) reports(pairs ...string) []any {
	d.t.Helper()
	return d.all(reportsPath, "nextToken", []any{"reports"}, []any{"nextToken"}, append([]string{"reportTypes", settlementV2}, pairs...)...)
}
