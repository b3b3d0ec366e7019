package spapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func TestErrorsSayWhatHappenedWhereAndWhatToDo(t *testing.T) {
	amazons := func(code, message, details string) string {
		data, _ := json.Marshal(map[string]any{"errors": []map[string]string{{"code": code, "message": message, "details": details}, {"code": "Second"}}})
		return string(data)
	}
	for name, test := range map[string]struct {
		status int
		header []string
		body   string
		is     error
		not    error
		code   string
		text   string // must be in it
	}{
		"400":             {400, nil, amazons("InvalidInput", "Bad date", "createdSince"), spapi.ErrInvalidInput, spapi.ErrDenied, "InvalidInput", "reports.getReport: 400 InvalidInput: Bad date: createdSince"},
		"403":             {403, nil, amazons("Unauthorized", "Access to requested resource is denied.", ""), spapi.ErrDenied, spapi.ErrExpiredToken, "Unauthorized", "has the operation's role"},
		"403 expired":     {403, nil, amazons("Unauthorized", "Denied.", "The access token you provided has expired."), spapi.ErrExpiredToken, spapi.ErrThrottled, "Unauthorized", "clock"},
		"403 secret":      {403, nil, amazons("Unauthorized", "Denied.", "The LWA secret token you provided has expired."), spapi.ErrCredentials, spapi.ErrExpiredToken, "Unauthorized", "rotate the application's client secret"},
		"404":             {404, nil, amazons("NotFound", "no report", ""), spapi.ErrNotFound, spapi.ErrInvalidInput, "NotFound", "no report"},
		"429":             {429, nil, amazons("QuotaExceeded", "You exceeded your quota", ""), spapi.ErrThrottled, spapi.ErrUnavailable, "QuotaExceeded", "try again later"},
		"500":             {500, nil, amazons("InternalFailure", "oops", ""), spapi.ErrUnavailable, spapi.ErrUnanswered, "InternalFailure", "oops"},
		"503 HTML":        {503, []string{"Content-Type", "text/html"}, "<html><b>secret page</b>", spapi.ErrUnavailable, spapi.ErrNotFound, "", "24 bytes of text/html"},
		"502 empty":       {502, nil, "", spapi.ErrUnavailable, spapi.ErrNotFound, "", "no body"},
		"gateway":         {403, nil, `{"message":"Forbidden"}`, spapi.ErrDenied, spapi.ErrNotFound, "", "Forbidden"},
		"redirect":        {302, []string{"Location", "https://elsewhere.example.com/?token=topsecret"}, "", nil, spapi.ErrUnavailable, "", "redirects to elsewhere.example.com"},
		"null code":       {400, nil, `{"errors":[{"code":null,"message":null}]}`, spapi.ErrInvalidInput, spapi.ErrNotFound, "", "400"},
		"200 with errors": {200, nil, `{"payload":{},"errors":[{"code":"InternalFailure","message":"half an answer"}]}`, nil, spapi.ErrUnanswered, "InternalFailure", "half an answer"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := newClient(t, func(c *spapi.Config) {
					c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
						return respond(test.status, test.body, append(test.header, "x-amzn-RequestId", "req-1")...), nil
					})
				})
				var err error
				if test.status == 200 {
					_, err = client.Sellers.Account(t.Context())
				} else {
					_, err = client.Reports.Report(t.Context(), "1")
				}
				e, ok := errors.AsType[*spapi.Error](err)
				if !ok {
					t.Fatalf("%T %v", err, err)
				}
				if e.Status != test.status || e.Code != test.code || e.RequestID != "req-1" || e.Attempts == 0 {
					t.Errorf("%+v", *e)
				}
				if e.Unanswered {
					t.Error("a read is said to be a write that may have run")
				}
				if test.is != nil && !errors.Is(err, test.is) || errors.Is(err, test.not) {
					t.Errorf("is %v: %v, is %v: %v", test.is, errors.Is(err, test.is), test.not, errors.Is(err, test.not))
				}
				if !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), "req-1") || strings.Contains(err.Error(), "topsecret") {
					t.Errorf("text %q", err)
				}
			})
		})
	}
}

func TestErrorWithoutAnAnswer(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for name, test := range map[string]struct {
		cause                   error
		unavailable, unanswered bool
	}{
		"connection refused": {refused, true, false},
		"connection cut":     {io.ErrUnexpectedEOF, true, true},
		"deadline":           {context.DeadlineExceeded, true, true},
		"called off":         {context.Canceled, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := newClient(t, func(c *spapi.Config) {
				c.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, test.cause })
			})
			_, err := client.Reports.Create(t.Context(), spapi.ReportRequest{Type: "T", MarketplaceIDs: []string{"M"}})
			e, ok := errors.AsType[*spapi.Error](err)
			if !ok || !errors.Is(err, test.cause) || errors.Is(err, spapi.ErrUnavailable) != test.unavailable ||
				errors.Is(err, spapi.ErrUnanswered) != test.unanswered || e.Unanswered != test.unanswered {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestMissingIDIsRefused(t *testing.T) {
	client, mock := newClient(t)
	for _, err := range []error{
		second(client.Reports.Report(t.Context(), "")),
		second(client.Reports.Document(t.Context(), "..")),
		client.Reports.Cancel(t.Context(), ""),
		second(client.Orders.Order(t.Context(), "")),
		second(collect(client.FinancesV0.EventsByGroup(t.Context(), "", spapi.EventsQuery{}))),
	} {
		if _, ok := errors.AsType[*spapi.Error](err); !ok || mock.GetTotalCallCount() != 0 {
			t.Errorf("%d calls, %v", mock.GetTotalCallCount(), err)
		}
	}
}

func TestMoneyIsReadExactlyInEveryForm(t *testing.T) {
	for text, want := range map[string]string{
		`{"currencyCode":"USD","currencyAmount":-1234567890123.45}`: "-1234567890123.45 USD",
		`{"CurrencyCode":"EGP","CurrencyAmount":396.0}`:             "396.0 EGP",
		`{"currencyCode":"EUR","amount":"12.30"}`:                   "12.30 EUR",
		`{"currencyCode":"USD","currencyAmount":0.1}`:               "0.1 USD",
		`{"currencyCode":"JPY","currencyAmount":1E+3}`:              "1000 JPY",
		`{"currencyCode":"USD","currencyAmount":12345e-2}`:          "123.45 USD",
		`{"currencyCode":"USD","currencyAmount":1.50e1}`:            "15 USD",
		`{"currencyCode":"USD","currencyAmount":null}`:              "USD",
		`17.5`: "17.5", `null`: "", `{}`: "",
	} {
		var m spapi.Money
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.String() != want {
			t.Errorf("%s: %q, %v", text, m, err)
		}
		if m.IsZero() != (want == "") {
			t.Errorf("%s: IsZero %v", text, m.IsZero())
		}
	}
	for _, text := range []string{
		`{"currencyAmount":"1,5"}`, `{"currencyAmount":"1.234,50"}`, `{"currencyAmount":1e999999999}`, `{"currencyAmount":1e21}`, `{"currencyAmount":"NaN"}`,
		`{"currencyAmount":"Infinity"}`, `{"currencyAmount":"0x10"}`, `{"currencyAmount":true}`, `{"currencyAmount":{}}`, `{"currencyAmount":"-"}`, `{"currencyAmount":" 1"}`, `"abc"`, `[1]`,
	} {
		var m spapi.Money
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s: read as %q", text, m)
		}
	}
}

// The schema says one thing, Amazon's own examples another; both must be read.
func TestBreakdownsAreReadInEveryForm(t *testing.T) {
	want := spapi.Breakdowns{{Type: "Sales", Amount: spapi.Money{Amount: "10", Currency: "USD"}, Breakdowns: spapi.Breakdowns{{Type: "Principal", Amount: spapi.Money{Amount: "10", Currency: "USD"}}}}}
	list := `[{"breakdownType":"Sales","breakdownAmount":{"currencyAmount":10,"currencyCode":"USD"},"breakdowns":[{"breakdownType":"Principal","breakdownAmount":{"currencyAmount":10,"currencyCode":"USD"}}]}]`
	for name, text := range map[string]string{"list": list, "wrapped": `{"breakdowns":` + list + `}`} {
		var got spapi.Breakdowns
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	var got spapi.Breakdowns
	if err := json.Unmarshal([]byte(`[{"breakdownType":"Sales","amount":20000,"breakdowns":[]}]`), &got); err != nil || got[0].Amount.Amount != "20000" || got[0].Amount.Currency != "" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestEventListsThatTheModelDoesNotHaveAreKept(t *testing.T) {
	client, _ := newClient(t, plays(`{"payload":{"FinancialEvents":{"ServiceFeeEventList":[],"PerformanceBondRefundEventList":[{"Amount":1}],"EmptyNewEventList":[]}}}`))
	events, err := collect(client.FinancesV0.Events(t.Context(), spapi.EventsQuery{PostedAfter: someTime}))
	if err != nil || len(events) != 1 {
		t.Fatalf("%+v %v", events, err)
	}
	if diff := cmp.Diff(map[string]json.RawMessage{"PerformanceBondRefundEventList": json.RawMessage(`[{"Amount":1}]`)}, events[0].Other); diff != "" {
		t.Error(diff)
	}
}

func TestRealEventsAreRead(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "shared", "corpus", "finances-v0", "*.json"))
	if len(files) == 0 {
		t.Skip("the corpus is not at hand")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var wrapped map[string]json.RawMessage
		if err := json.Unmarshal(data, &wrapped); err != nil {
			t.Fatal(err)
		}
		shipments := 0
		for _, part := range wrapped {
			var events spapi.FinancialEvents
			if err := json.Unmarshal(part, &events); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, s := range events.ShipmentEventList {
				shipments++
				if s.AmazonOrderID == "" || s.PostedDate.IsZero() || len(s.ShipmentItemList) == 0 || s.ShipmentItemList[0].ItemChargeList[0].ChargeAmount.Amount == "" {
					t.Errorf("%s: %+v", file, s)
				}
			}
		}
		if shipments == 0 {
			t.Errorf("%s: no shipment", file)
		}
	}
}

func TestDoCallsWhatHasNoMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times []time.Duration
		start := time.Now()
		client, _ := newClient(t, func(c *spapi.Config) {
			c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
				times = append(times, time.Since(start))
				if len(times) == 1 {
					return respond(500, ""), nil
				}
				body, _ := io.ReadAll(req.Body)
				if got := req.Method + " " + req.URL.String() + " " + string(body) + " " + req.Header.Get("X-Amz-Access-Token"); got != `POST `+host+`/orders/v0/orders/1%202/buyerInfo?a=b {"x":1} Atza|token` {
					t.Errorf("%s", got)
				}
				return respond(200, `{"payload":{"n":12345678901234567890.5}}`), nil
			})
		})
		var answer map[string]any
		request := spapi.Request{
			Operation: "ordersV0.search", Method: "POST", Path: "/orders/v0/orders/1 2/buyerInfo", Query: map[string][]string{"a": {"b"}},
			Body: map[string]int{"x": 1}, Plan: spapi.Plan{Rate: 0.1, Burst: 1}, Replayable: true,
		}
		for range 2 {
			if err := client.Do(t.Context(), request, &answer); err != nil {
				t.Fatal(err)
			}
		}
		if answer["payload"].(map[string]any)["n"] != json.Number("12345678901234567890.5") {
			t.Errorf("%v", answer)
		}
		for i := 1; i < len(times); i++ { // one call in ten seconds, the repeated one too
			if gap := times[i] - times[i-1]; gap < 10*time.Second {
				t.Errorf("calls %v apart", gap)
			}
		}
		if err := client.Do(t.Context(), spapi.Request{Path: "/x"}, nil); !errors.Is(err, spapi.ErrInvalidInput) {
			t.Error(err)
		}
	})
}

// The pace follows the rate that Amazon sends, up and down, and wakes those who wait.
func TestPaceFollowsTheHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		buckets := spapi.NewBuckets()
		b := spapi.Bucket{Account: "a", Operation: "op", Plan: spapi.Plan{Rate: 0.01, Burst: 1}}
		wait := func() time.Duration {
			start := time.Now()
			if err := buckets.Wait(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		near := func(got, want time.Duration) {
			t.Helper()
			if got < want || got > want+want/50 {
				t.Errorf("waited %v, want %v", got, want)
			}
		}
		near(wait(), 0)
		near(buckets.Delay(b), 100*time.Second)
		time.AfterFunc(10*time.Second, func() { buckets.Answered(b, 200, 0.1) }) // ten times as fast from here on
		near(wait(), 19*time.Second)
		near(wait(), 10*time.Second)
		for _, nonsense := range []float64{0, -1} {
			buckets.Answered(b, 200, nonsense)
		}
		near(wait(), 10*time.Second)
		time.Sleep(time.Hour)
		near(wait(), 0)
		time.Sleep(time.Hour)
		buckets.Answered(b, 429, 0) // full by our count, empty by Amazon's
		near(wait(), 10*time.Second)
	})
}

// Those who wait are served in the order in which they came, and one that gives up costs the others nothing.
func TestWaitersKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		buckets := spapi.NewBuckets()
		b := spapi.Bucket{Operation: "op", Plan: spapi.Plan{Rate: 1, Burst: 1}}
		served := make(chan int, 10)
		ctx, stop := context.WithCancel(t.Context())
		for i := range 10 {
			c := t.Context()
			if i == 3 {
				c = ctx
			}
			go func() {
				if buckets.Wait(c, b) == nil {
					served <- i
				}
			}()
			synctest.Wait()
		}
		stop()
		start := time.Now()
		var order []int
		for range 9 {
			order = append(order, <-served)
		}
		if diff := cmp.Diff([]int{0, 1, 2, 4, 5, 6, 7, 8, 9}, order); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took < 8*time.Second || took > 8*time.Second+200*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// Two clients of one account share a limiter and so a bucket; another account has its own.
func TestLimiterIsSharedPerAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := spapi.NewBuckets()
		client := func(account string) *spapi.Client {
			c, _ := newClient(t, plays(`{"payload":{}}`), func(c *spapi.Config) { c.Limiter, c.Account = limiter, account })
			return c
		}
		for range 15 {
			_, _ = client("a").Sellers.Account(t.Context())
		}
		start := time.Now()
		_, _ = client("b").Sellers.Account(t.Context())
		if took := time.Since(start); took != 0 {
			t.Errorf("another account waited %v", took)
		}
		_, _ = client("a").Sellers.Account(t.Context())
		if took := time.Since(start); took < time.Minute {
			t.Errorf("the same account waited %v", took)
		}
	})
}

func TestEveryAttemptIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []spapi.Attempt
		n := 0
		client, _ := newClient(t, func(c *spapi.Config) {
			c.Observe = func(_ context.Context, a spapi.Attempt) { seen = append(seen, a) }
			c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return respond(503, "busy", "x-amzn-RequestId", "r1"), nil
				}
				time.Sleep(time.Second)
				return respond(200, `{"reportId":"1"}`, "x-amzn-RequestId", "r2"), nil
			})
		})
		if _, err := client.Reports.Report(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		want := []spapi.Attempt{
			{Op: "reports.getReport", Method: "GET", Host: "sellingpartnerapi-na.amazon.com", Number: 1, Status: 503, Bytes: 4, RequestID: "r1"},
			{Op: "reports.getReport", Method: "GET", Host: "sellingpartnerapi-na.amazon.com", Number: 2, Status: 200, Bytes: 16, RequestID: "r2", Elapsed: time.Second},
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMarketplacesAndRegions(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range spapi.Marketplaces() {
		if seen[m.ID] || m.Region.Endpoint() == "" || len(m.Country) != 2 || len(m.Currency) != 3 {
			t.Errorf("%+v", m)
		}
		seen[m.ID] = true
		if got, ok := spapi.LookupMarketplace(m.ID); !ok || got != m {
			t.Errorf("%+v", got)
		}
	}
	if _, ok := spapi.LookupMarketplace("X"); ok || len(seen) != 23 {
		t.Errorf("%d marketplaces", len(seen))
	}
	for text, want := range map[string]string{
		"na": "https://sellingpartnerapi-na.amazon.com", "EU": "https://sellingpartnerapi-eu.amazon.com", "fe-sandbox": "https://sandbox.sellingpartnerapi-fe.amazon.com",
	} {
		if r, err := spapi.ParseRegion(text); err != nil || r.Endpoint() != want {
			t.Errorf("%s: %s %v", text, r, err)
		}
	}
	if _, err := spapi.ParseRegion("us-east-1"); err == nil {
		t.Error("us-east-1 is not a region here")
	}
}
