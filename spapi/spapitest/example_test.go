package spapitest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// A described seller, the fake Amazon, and a client that cannot tell the difference. Nothing leaves the process.
func Example() {
	day := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	amazon := spapitest.New(spapitest.Options{
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 1, Count: 3, Until: day})},
		Now:     func() time.Time { return day },
	})
	who := amazon.Accounts()[0]
	lwa := spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}
	client, err := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: amazon.Transport()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for payout, err := range client.Transfers.Payouts(context.Background(), spapi.PayoutsQuery{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s, amount %q\n", payout.Status, payout.Amount)
	}
	fmt.Println(amazon.Calls())
	// Output:
	// NO_PAYOUT, amount ""
	// PAID, amount "206.32 USD"
	// PAID, amount "347.97 USD"
	// map[listPayouts:1 token:1]
}

// A fault is played on the call that a step names; afterwards everything is as before.
func ExampleFaults() {
	amazon := spapitest.New(spapitest.Options{
		Faults: spapitest.Faults{Steps: []spapitest.Step{
			{Operation: "getReports", Nth: 2, Fault: spapitest.InternalError},      // the second call answers 500
			{Operation: "download", Fault: spapitest.Truncated, Times: 2},          // the first two downloads end early
			{Operation: "listTransactions", Fault: spapitest.Throttled, Times: -1}, // never answered
			{Operation: "listFinancialEventGroups", Fault: spapitest.NullTotal},    // waits for a closed group
		}},
	})
	amazon.Inject(spapitest.Step{Operation: "token", Fault: spapitest.LoginUnavailable}) // from now on: the next one
}

// The catalogue is the documentation of the faults.
func ExampleCatalogue() {
	for _, f := range spapitest.Catalogue() {
		fmt.Printf("%s: %s (%s)\n", f.Fault, f.Means, f.Source)
	}
	// Output:
	// throttled: 429 QuotaExceeded to a caller that keeps the pace; no Retry-After (models#5015)
	// internal_error: 500 InternalFailure, gone when asked again (models#2684)
	// unavailable: 503 with an HTML page from the front end (models#4667)
	// bad_gateway: 502 without a body; a gateway's error can lack the JSON form (models#4850)
	// empty_answer: 200 with nothing in it, for a day in one region (models#4850)
	// html_answer: 200 with HTML instead of JSON, as a proxy or a sign-in page gives (models#4667)
	// cut: connection reset before the answer (models#2660, models#491)
	// cut_answer: connection ends within the answer (models#491, jlevers/selling-partner-api#645)
	// expired_token: 403, not 401, for an expired access token; seen after 20 of the 60 minutes (models#4122, models#2335)
	// denied: 403 with empty details: the application lacks the role (models#826)
	// expired_secret: 403 with details "The LWA secret token you provided has expired." (models#4489)
	// no_error_code: 400 whose only error has message null (models#2478)
	// invalid_arguments: 400 InvalidInput to a right request; a second later the same request is answered (models#366)
	// login_unavailable: the token endpoint fails for a while (models#2335)
	// unknown_members: the answer does not match the published schema (models#4966, models PR#4650)
	// quota_for_refusal: createReport of a settlement report answers 429 and never anything else (docs#1033)
	// slow_answer: an answer takes 200 seconds, longer than a page token lives (jlevers/selling-partner-api#239)
	// repeated_token: listTransactions gives the same token again and again (models#4224)
	// empty_continuation: a token that is not (or no longer) valid gives 200 and an empty payload: data is lost in silence (models#1172, docs#547)
	// empty_page: an empty page can precede the last one (finances_2024-06-19.json: "this operation can return empty pages")
	// stale_token: a page token lives minutes: "Token is not valid, token duration is 3 minutes" (docs#981, docs#562)
	// vague_invalid: 400 with the message "$errorResponse.Message" for a good token, now and then (models#2667)
	// missing_first_page: listing by group begins with the second page (docs#2924)
	// duplicated_items: pages overlap (models#4224)
	// null_total: OriginalTotal null on closed groups, for days (models#2156, docs#3295, docs#3306)
	// other_total: OriginalTotal differs on a NextToken page (models#4535)
	// expired_url: the document's URL lives five minutes (reports_2021-06-30.json, ReportDocument.url)
	// truncated: the download ends early, the connection with it (saleweaver/python-amazon-sp-api#879)
	// gzip_ends: "incomplete or truncated stream" although the download ended in order (saleweaver/python-amazon-sp-api#879)
	// not_gzip: compressionAlgorithm GZIP, plain text in the bucket, for days (models#2648, docs#3200)
	// html_document: a page of HTML where the report should be (models#4667 (doDownReportFile))
	// slow_down: the bucket asks to slow down (models#4667 (doDownReportFile))
}

// Inside a bubble of testing/synctest hours pass in no time: the buckets, tokens and URLs follow the bubble's clock.
func TestAClientInABubbleIsPacedAndNeverRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		amazon := spapitest.New(spapitest.Options{Sellers: []spapitest.SellerAccount{
			spapitest.Account(settlementtest.Seller{Seed: 1, Until: time.Now()}), // it is the year 2000 in there
		}})
		who := amazon.Accounts()[0]
		lwa := spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}
		client, err := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: amazon.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 100 {
			if _, err := client.Sellers.MarketplaceParticipations(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		// 15 at once, then one every 62.5 seconds: an hour and a half, through the death of a token.
		if waited, want := time.Since(start), 85*62500*time.Millisecond; waited < want-time.Second || waited > want+want/50 {
			t.Errorf("waited %s, want about %s", waited, want)
		}
		for _, call := range amazon.Log() {
			if call.Status != http.StatusOK {
				t.Errorf("refused: %+v", call)
			}
		}
	})
}
