package spapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// These tests run against spapitest, which is written from the same documents and shares no code with the client, in a
// synctest bubble: its clock and the client's are the bubble's.

// open returns an Amazon with one seller of so many settlements, and a client of it.
func open(t *testing.T, count int, o spapitest.Options) (*spapitest.Amazon, *spapi.Client) {
	t.Helper()
	o.Sellers = []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 3, Count: count, Until: time.Now()})}
	amazon := spapitest.New(o)
	who := amazon.Accounts()[0]
	client, _ := newClient(t, func(c *spapi.Config) {
		c.Transport = amazon.Transport()
		c.Tokens = spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}.TokenSource()
	})
	return amazon, client
}

// recent selects the settlement reports that Amazon still lists.
func recent() spapi.ReportsQuery {
	return spapi.ReportsQuery{
		Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone},
		CreatedSince: time.Now().Add(time.Hour - spapi.ReportRetention),
	}
}

// throttled counts the calls of an operation that ended in 429.
func throttled(amazon *spapitest.Amazon) int {
	n := 0
	for _, call := range amazon.Log() {
		if call.Status == 429 {
			n++
		}
	}
	return n
}

// The quota of documents is 15 at once and then one in 59.9 seconds: the client may add two per cent to that.
func TestSixtySettlementsTakeAsLongAsTheQuotaAndNoLonger(t *testing.T) {
	const documents, burst = 60, 15
	const bound = (documents - burst) * 10000 * time.Second / 167 // 0.0167 a second
	for _, callers := range []int{1, 60} {
		t.Run(fmt.Sprintf("%d callers", callers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				amazon, client := open(t, documents, spapitest.Options{})
				start := time.Now()
				var ids []string
				seen := map[string]bool{}
				for report, err := range client.Reports.List(t.Context(), recent()) {
					if err != nil {
						t.Fatal(err)
					}
					if period := report.DataStart.String(); !seen[period] { // one settlement has several reports
						seen[period] = true
						ids = append(ids, report.DocumentID)
					}
				}
				if len(ids) != documents {
					t.Fatalf("%d settlements", len(ids))
				}
				var group sync.WaitGroup
				slots := make(chan struct{}, callers)
				for _, id := range ids {
					slots <- struct{}{}
					group.Go(func() {
						defer func() { <-slots }()
						document, err := client.Reports.Open(t.Context(), id)
						if err != nil {
							t.Error(err)
							return
						}
						defer func() { _ = document.Close() }()
						if _, err := io.Copy(io.Discard, document); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				took := time.Since(start)
				t.Logf("%v, the quota's lower bound is %v", took, bound)
				if took < bound-time.Second || took > bound+bound/50 {
					t.Errorf("took %v, the quota allows %v", took, bound)
				}
				if n := throttled(amazon); n != 0 {
					t.Errorf("%d calls ended in 429", n)
				}
			})
		})
	}
}

// Somebody else uses the quota up: each refill may cost one call, not more.
func TestStormOf429CostsOneCallPerRefill(t *testing.T) {
	for _, callers := range []int{1, 8} {
		t.Run(fmt.Sprintf("%d callers", callers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				amazon, client := open(t, 1, spapitest.Options{Faults: spapitest.Faults{Steps: []spapitest.Step{{Operation: "listSummary", Fault: spapitest.Throttled, Times: -1}}}})
				const interval = 2 * time.Second // 0.5 a second
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				start := time.Now()
				if _, err := collect(client.Finances.Summaries(ctx, spapi.SummariesQuery{PeriodStart: "2026-01-01", PeriodEnd: "2026-01-02"})); !errors.Is(err, spapi.ErrThrottled) {
					t.Fatal(err)
				}
				var group sync.WaitGroup
				for range callers {
					group.Go(func() {
						_, _ = collect(client.Finances.Summaries(ctx, spapi.SummariesQuery{PeriodStart: "2026-01-01", PeriodEnd: "2026-01-02"}))
					})
				}
				group.Wait()
				refills := int(time.Since(start) / interval)
				if n := throttled(amazon); n > refills+1 {
					t.Errorf("%d calls wasted in %d refills", n, refills)
				}
			})
		})
	}
}

// Another process has used the quota up before this one starts: one call finds out.
func TestForeignUseOfTheQuotaIsFoundOutByOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		amazon, client := open(t, 1, spapitest.Options{})
		who := amazon.Accounts()[0]
		second, _ := newClient(t, func(c *spapi.Config) {
			c.Transport = amazon.Transport()
			c.Tokens = spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}.TokenSource()
		})
		for range 15 {
			if _, err := client.Sellers.MarketplaceParticipations(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if _, err := second.Sellers.MarketplaceParticipations(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := throttled(amazon); n != 1 {
			t.Errorf("%d calls wasted", n)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("took %v, one refill is 62.5s", took)
		}
	})
}

// A call that would have to wait longer than its context lasts says at once how long.
func TestCallThatCannotWaitSaysHowLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := open(t, 1, spapitest.Options{})
		for range 15 {
			if _, err := client.Sellers.MarketplaceParticipations(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.Sellers.MarketplaceParticipations(ctx)
		e, ok := errors.AsType[*spapi.PaceError](err)
		if !ok || !errors.Is(err, spapi.ErrThrottled) || e.Wait < time.Minute || e.Wait > 64*time.Second || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		// And one that is called off while it waits stops waiting.
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, stop)
		_, err = client.Sellers.MarketplaceParticipations(ctx)
		if !errors.Is(err, context.Canceled) || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// Every fault that users have reported: either the caller gets what it would have got without it, or an error.
func TestFaultsOfTheCatalogue(t *testing.T) {
	// What no client can notice: there is nothing in the answer that shows it.
	invisible := map[spapitest.Fault]bool{spapitest.MissingFirstPage: true, spapitest.OtherTotal: true, spapitest.NullTotal: true}
	// What this client sets right although it need not.
	mended := map[spapitest.Fault]bool{spapitest.DuplicatedItems: true}
	for _, info := range spapitest.Catalogue() {
		for name, use := range uses() {
			if info.Applies != nil && !slices.Contains(info.Applies, name) || invisible[info.Fault] {
				continue
			}
			switch info.Fault { //nolint:exhaustive // the others are played everywhere
			case spapitest.ExpiredToken:
				if name == "token" || name == "download" {
					continue // no access token goes there
				}
			case spapitest.CutAnswer, spapitest.NoErrorCode, spapitest.InvalidArguments:
				if name == "download" {
					continue // the API answers so, not the bucket, whose own ways are faults of their own
				}
			}
			t.Run(fmt.Sprintf("%s/%s", info.Fault, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					_, calm := open(t, 9, spapitest.Options{PageSize: 2})
					want, err := use(t.Context(), calm)
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour)
					amazon, client := open(t, 9, spapitest.Options{PageSize: 2})
					amazon.Inject(spapitest.Step{Operation: name, Fault: info.Fault})
					got, err := use(t.Context(), client)
					played := slices.ContainsFunc(amazon.Log(), func(c spapitest.Call) bool { return c.Fault == info.Fault })
					if !played {
						t.Skipf("%s has no room for it", name)
					}
					switch {
					case info.Recoverable || mended[info.Fault]:
						if err != nil {
							t.Errorf("%s: %v", info.Means, err)
						} else if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("%s: another answer:\n%s", info.Means, diff)
						}
					case err == nil:
						t.Errorf("%s: no error", info.Means)
					case !isOurs(err):
						t.Errorf("%s: %T %v", info.Means, err, err)
					}
				})
			})
		}
	}
}

func isOurs(err error) bool {
	_, ok := errors.AsType[*spapi.Error](err)
	return ok && strings.HasPrefix(err.Error(), "spapi: ")
}

// uses is one use of each operation of the settlement flow; what it returns must not depend on the day.
func uses() map[string]func(context.Context, *spapi.Client) (any, error) {
	reports := func(ctx context.Context, c *spapi.Client) ([]string, error) {
		q := recent()
		q.PageSize = 2
		q.CreatedSince = q.CreatedSince.Add(24 * time.Hour)
		all, err := collect(c.Reports.List(ctx, q))
		var ids []string
		for _, r := range all {
			ids = append(ids, r.DocumentID)
		}
		return ids, err
	}
	document := func(ctx context.Context, c *spapi.Client) (any, error) {
		ids, err := reports(ctx, c)
		if err != nil {
			return nil, err
		}
		d, err := c.Reports.Open(ctx, ids[0])
		if err != nil {
			return nil, err
		}
		defer func() { _ = d.Close() }()
		var b bytes.Buffer
		_, err = b.ReadFrom(d)
		return b.String(), err
	}
	return map[string]func(context.Context, *spapi.Client) (any, error){
		"token":             document,
		"getReportDocument": document,
		"download":          document,
		"getReports":        func(ctx context.Context, c *spapi.Client) (any, error) { ids, err := reports(ctx, c); return ids, err },
		"listTransactions": func(ctx context.Context, c *spapi.Client) (any, error) {
			return collected(c.Finances.Transactions(ctx, spapi.TransactionsQuery{PostedAfter: time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC), PostedBefore: time.Date(1999, 12, 2, 0, 0, 0, 0, time.UTC)}))
		},
		"listPayouts": func(ctx context.Context, c *spapi.Client) (any, error) {
			return collected(c.Transfers.Payouts(ctx, spapi.PayoutsQuery{}))
		},
		"listFinancialEventGroups": func(ctx context.Context, c *spapi.Client) (any, error) {
			return collected(c.FinancesV0.EventGroups(ctx, spapi.EventGroupsQuery{PageSize: 2}))
		},
		"getMarketplaceParticipations": func(ctx context.Context, c *spapi.Client) (any, error) {
			return c.Sellers.MarketplaceParticipations(ctx)
		},
	}
}

func collected[T any](seq iter.Seq2[T, error]) (any, error) {
	all, err := collect(seq)
	return all, err
}

func TestSettlementReportsCannotBeCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		amazon, client := open(t, 1, spapitest.Options{})
		_, err := client.Reports.Create(t.Context(), spapi.ReportRequest{Type: spapi.ReportSettlementV2, MarketplaceIDs: []string{"ATVPDKIKX0DER"}})
		if !errors.Is(err, spapi.ErrInvalidInput) || amazon.Calls()["createReport"] != 1 {
			t.Errorf("%d calls, %v", amazon.Calls()["createReport"], err)
		}
	})
}

// A report is made by every createReport that runs: after an answer that leaves that open the call is not repeated, and
// the error says so.
func TestWritesAreSentOnceUnlessTheyWereRefused(t *testing.T) {
	for fault, calls := range map[spapitest.Fault]int{
		spapitest.InternalError: 1, spapitest.Unavailable: 1, spapitest.BadGateway: 1, spapitest.Cut: 1, spapitest.CutAnswer: 1,
		spapitest.EmptyAnswer: 1, spapitest.HTMLAnswer: 1,
		spapitest.Throttled: 2, spapitest.ExpiredToken: 2,
	} {
		t.Run(string(fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				amazon, client := open(t, 1, spapitest.Options{})
				amazon.Inject(spapitest.Step{Operation: "createReport", Fault: fault})
				_, err := client.Reports.Create(t.Context(), spapi.ReportRequest{Type: "GET_MERCHANT_LISTINGS_ALL_DATA", MarketplaceIDs: []string{"ATVPDKIKX0DER"}})
				if n := amazon.Calls()["createReport"]; n != calls || (err == nil) != (calls == 2) || err != nil && !errors.Is(err, spapi.ErrUnanswered) {
					t.Errorf("%d calls, %v", n, err)
				}
			})
		})
	}
}

func TestAwaitFollowsAReportToItsEnd(t *testing.T) {
	const kind = "GET_MERCHANT_LISTINGS_ALL_DATA"
	for end, want := range map[string]error{"DONE": nil, "CANCELLED": spapi.ErrReportCancelled, "FATAL": spapi.ErrReportFatal} {
		t.Run(end, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, client := open(t, 1, spapitest.Options{ReportTime: 10 * time.Minute, ReportEnds: map[string]string{kind: end}})
				id, err := client.Reports.Create(t.Context(), spapi.ReportRequest{Type: kind, MarketplaceIDs: []string{"ATVPDKIKX0DER"}})
				if err != nil {
					t.Fatal(err)
				}
				short, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if _, err := client.Reports.Await(short, id); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "is still") {
					t.Errorf("after a minute: %v", err)
				}
				start := time.Now()
				report, err := client.Reports.Await(t.Context(), id)
				if !errors.Is(err, want) || report.ID != id || string(report.Status) != end {
					t.Errorf("%+v %v", report, err)
				}
				if took := time.Since(start); took < 8*time.Minute || took > 11*time.Minute {
					t.Errorf("took %v", took)
				}
				if e, ok := errors.AsType[*spapi.ReportError](err); ok != (want != nil) || ok && e.Report.ID != id {
					t.Errorf("%v", err)
				}
				if end == "DONE" && report.DocumentID == "" {
					t.Error("no document")
				}
			})
		})
	}
}

func TestThousandCallsWithAnExpiredTokenMakeOneTokenCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		amazon, client := open(t, 1, spapitest.Options{Rate: -1})
		for range 2 {
			before := amazon.Calls()["token"]
			var group sync.WaitGroup
			for i := range 1000 {
				group.Go(func() {
					err := client.Do(t.Context(), spapi.Request{Operation: fmt.Sprint("own bucket ", i), Path: "/sellers/v1/marketplaceParticipations"}, nil)
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if n := amazon.Calls()["token"] - before; n != 1 {
				t.Errorf("%d token calls", n)
			}
			time.Sleep(2 * time.Hour)
		}
		// And where Amazon takes the token back before its time, all who are refused share the next one.
		if err := client.Do(t.Context(), spapi.Request{Operation: "x", Path: "/sellers/v1/marketplaceParticipations"}, nil); err != nil {
			t.Fatal(err)
		}
		before := amazon.Calls()["token"]
		amazon.RevokeTokens()
		var group sync.WaitGroup
		for i := range 1000 {
			group.Go(func() {
				if err := client.Do(t.Context(), spapi.Request{Operation: fmt.Sprint("another bucket ", i), Path: "/sellers/v1/marketplaceParticipations"}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := amazon.Calls()["token"] - before; n != 1 {
			t.Errorf("%d token calls after the revocation", n)
		}
	})
}

// The same over real sockets: two ports, one for the API and one for the bucket, which refuses whoever shows it a token.
func TestSettlementsOverTheNetwork(t *testing.T) {
	for _, compression := range []spapitest.Compression{spapitest.Gzip, spapitest.Plain} {
		amazon := spapitest.New(spapitest.Options{
			Rate: 1000, Compression: compression, Faults: spapitest.Faults{Steps: []spapitest.Step{
				{Operation: "getReportDocument", Fault: spapitest.ExpiredURL}, {Operation: "download", Nth: 2, Fault: spapitest.Truncated},
			}},
			Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 5, Count: 4, Rows: 2000, Until: time.Now()})},
		})
		address, stop, err := amazon.Start()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		who := amazon.Accounts()[0]
		client, err := spapi.NewClient(spapi.Config{
			Endpoint: address,
			Tokens:   spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Endpoint: address}.TokenSource(),
		})
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]bool{}
		for report, err := range client.Reports.List(t.Context(), recent()) {
			if err != nil {
				t.Fatal(err)
			}
			document, err := client.Reports.Open(t.Context(), report.DocumentID)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(document)
			if err = errors.Join(err, document.Close()); err != nil {
				t.Fatal(err)
			}
			files[string(text)] = true
		}
		for _, s := range who.Settlements {
			if !files[string(s.V2())] {
				t.Errorf("settlement %s did not arrive as it is", s.ID)
			}
		}
	}
}
