package spapi_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func newGzip(w io.Writer) *gzip.Writer { return gzip.NewWriter(w) }

func settlements() spapi.ReportsQuery {
	return spapi.ReportsQuery{
		Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone},
		Marketplaces: []string{"ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"}, CreatedSince: time.Date(2026, 9, 1, 12, 0, 0, 500e6, time.UTC),
	}
}

// The token must be the only parameter, or Amazon answers 400.
func TestReportsAreListedPageByPageWithTheTokenAlone(t *testing.T) {
	client, mock := newClient(t)
	const token = "a+b/c=="
	mock.RegisterResponderWithQuery("GET", host+"/reports/2021-06-30/reports", url.Values{
		"reportTypes": {"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"}, "processingStatuses": {"DONE"},
		"marketplaceIds": {"ATVPDKIKX0DER,A2EUQ1WTGCTBG2"}, "createdSince": {"2026-09-01T12:00:00.5Z"}, "pageSize": {"100"},
	}, httpmock.NewStringResponder(200, `{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"`+token+`"}`))
	mock.RegisterResponderWithQuery("GET", host+"/reports/2021-06-30/reports", url.Values{"nextToken": {token}},
		httpmock.NewStringResponder(200, `{"reports":[{"reportId":"3"}]}`))

	reports := client.Reports.List(t.Context(), settlements())
	first, err := collect(reports)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 3 || first[2].ID != "3" {
		t.Errorf("got %+v", first)
	}
	second, err := collect(reports)
	if diff := cmp.Diff(first, second); diff != "" || err != nil {
		t.Errorf("ranged a second time: %v %s", err, diff)
	}
	if mock.GetTotalCallCount() != 4 {
		t.Errorf("%d calls", mock.GetTotalCallCount())
	}
	for range reports {
		break
	}
	if mock.GetTotalCallCount() != 5 {
		t.Errorf("a break did not stop the traffic: %d calls", mock.GetTotalCallCount())
	}
}

func TestPagesThatDoNotAddUpAreErrors(t *testing.T) {
	for name, pages := range map[string][]string{
		"token twice":            {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"}],"nextToken":"a"}`},
		"tokens in a ring":       {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[],"nextToken":"b"}`, `{"reports":[{"reportId":"2"}],"nextToken":"a"}`},
		"announced, and empty":   {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[]}`},
		"same id, other content": {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{"reports":[{"reportId":"1","reportType":"x"},{"reportId":"2"}]}`},
		"announced, not there":   {`{"reports":[{"reportId":"1"}],"nextToken":"a"}`, `{}`},
		"same page, other token": {`{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"},{"reportId":"1"}],"nextToken":"b"}`},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := newClient(t, plays(pages...))
			got, err := collect(client.Reports.List(t.Context(), settlements()))
			if !errors.Is(err, spapi.ErrPaging) {
				t.Errorf("%d reports, error %v", len(got), err)
			}
		})
	}
}

func TestEmptyPagesAreSurvived(t *testing.T) {
	client, _ := newClient(t, plays(`{"reports":[],"nextToken":"a"}`, `{"reports":[{"reportId":"1"}],"nextToken":"b"}`, `{"reports":[{"reportId":"2"}],"nextToken":"c"}`, `{"reports":[],"nextToken":"d"}`, `{"reports":[]}`))
	got, err := collect(client.Reports.List(t.Context(), settlements()))
	if err != nil || len(got) != 2 {
		t.Errorf("%d reports, error %v", len(got), err)
	}
}

func TestOverlappingPagesYieldEachItemOnce(t *testing.T) {
	client, _ := newClient(t, plays(`{"reports":[{"reportId":"1"},{"reportId":"2"}],"nextToken":"a"}`, `{"reports":[{"reportId":"2"},{"reportId":"3"}]}`))
	got, err := collect(client.Reports.List(t.Context(), settlements()))
	if err != nil || len(got) != 3 {
		t.Errorf("%d reports, error %v", len(got), err)
	}
}

// plays makes a client's transport answer one page after the other.
func plays(bodies ...string) func(*spapi.Config) {
	return func(c *spapi.Config) {
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			body := bodies[0]
			if len(bodies) > 1 {
				bodies = bodies[1:]
			}
			return respond(200, body), nil
		})
	}
}

func TestQueriesThatAmazonWouldRefuseAreNotSent(t *testing.T) {
	client, mock := newClient(t)
	many := make([]spapi.ReportType, 11)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, err := range map[string]error{
		"no type":           second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{}))),
		"eleven types":      second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many}))),
		"page size":         second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many[:1], PageSize: 101}))),
		"backwards":         second(collect(client.Reports.List(t.Context(), spapi.ReportsQuery{Types: many[:1], CreatedSince: day, CreatedUntil: day.Add(-1)}))),
		"no start":          second(collect(client.Finances.Transactions(t.Context(), spapi.TransactionsQuery{}))),
		"181 days":          second(collect(client.Finances.Transactions(t.Context(), spapi.TransactionsQuery{PostedAfter: day, PostedBefore: day.AddDate(0, 0, 181)}))),
		"181 days of v0":    second(collect(client.FinancesV0.EventGroups(t.Context(), spapi.EventGroupsQuery{StartedAfter: day, StartedBefore: day.AddDate(0, 0, 181)}))),
		"no marketplace":    second(client.Transfers.PaymentMethods(t.Context(), "")),
		"payout of nothing": second(client.Transfers.MoveMoneyToBank(t.Context(), "", "")),
	} {
		if !errors.Is(err, spapi.ErrInvalidInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mock.GetTotalCallCount() != 0 {
		t.Errorf("%d calls", mock.GetTotalCallCount())
	}
}

func second[T any](_ T, err error) error { return err }

const (
	bucket  = "https://tortuga-prod-na.s3-external-1.amazonaws.com"
	content = "settlement-id\ttotal-amount\r\n123\t10.00\r\n"
)

// store is a bucket and the operation that gives out its addresses.
type store struct {
	t       *testing.T
	answer  func(req *http.Request) *http.Response // of the bucket
	packed  bool
	issued  int
	fetched int
}

func (s *store) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "sellingpartnerapi-na.amazon.com" {
		s.issued++
		compression := ""
		if s.packed {
			compression = `,"compressionAlgorithm":"GZIP"`
		}
		return respond(200, fmt.Sprintf(`{"reportDocumentId":"doc","url":"%s/key?X-Amz-Signature=topsecret&n=%d"%s}`, bucket, s.issued, compression)), nil
	}
	s.fetched++
	for name := range req.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-amz") || name == "authorization" {
			s.t.Errorf("header %s sent to the bucket", name)
		}
	}
	return s.answer(req), nil
}

func (s *store) client() *spapi.Client {
	client, _ := newClient(s.t, func(c *spapi.Config) { c.Transport = s })
	return client
}

func TestDocumentIsUnpackedOnceWhateverTheHeadersSay(t *testing.T) {
	packed := string(gzipped(t, content))
	for name, test := range map[string]struct {
		declared bool
		body     string
		header   []string
	}{
		"plain":                                {false, content, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed":                               {true, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed, with Content-Encoding":        {true, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1", "Content-Encoding", "gzip"}},
		"declared packed, unpacked on the way": {true, content, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed, not declared":                 {false, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, packed: test.declared, answer: func(*http.Request) *http.Response { return respond(200, test.body, test.header...) }}
			document, err := s.client().Reports.Open(t.Context(), "doc")
			if err != nil {
				t.Fatal(err)
			}
			defer document.Close()
			got, err := io.ReadAll(document)
			if err != nil || string(got) != content || document.Charset != "iso-8859-1" {
				t.Errorf("%q %q %v", got, document.Charset, err)
			}
		})
	}
}

func TestDownloadKeepsTheBytesAsDelivered(t *testing.T) {
	packed := gzipped(t, content)
	s := &store{t: t, packed: true, answer: func(*http.Request) *http.Response { return respond(200, string(packed), "Content-Encoding", "gzip") }}
	d, err := s.client().Reports.Download(t.Context(), "doc")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got, err := io.ReadAll(d)
	if err != nil || !cmp.Equal(got, packed) || d.Compression != spapi.Gzip || d.ContentEncoding != "gzip" || d.Size != int64(len(packed)) {
		t.Errorf("%x %+v %v", got, d, err)
	}
}

func TestDocumentThatIsNotWholeIsAnError(t *testing.T) {
	packed := string(gzipped(t, strings.Repeat(content, 1000)))
	cut := func(body string) *http.Response {
		r := respond(200, body[:len(body)-10])
		r.ContentLength = int64(len(body))
		return r
	}
	for name, answer := range map[string]*http.Response{
		"connection ends early":       cut(content),
		"packed connection ends":      cut(packed),
		"gzip ends early":             respond(200, packed[:len(packed)-10]),
		"gzip damaged in the middle":  respond(200, packed[:40]+"XXXX"+packed[44:]),
		"gzip header and no more":     respond(200, packed[:3]),
		"larger than allowed":         respond(200, strings.Repeat("x", 2001)),
		"larger than allowed, packed": respond(200, string(gzipped(t, strings.Repeat("x", 2001)))),
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, answer: func(*http.Request) *http.Response { return answer }}
			client, _ := newClient(t, func(c *spapi.Config) { c.Transport, c.MaxDocument = s, 2000 })
			document, err := client.Reports.Open(t.Context(), "doc")
			if err == nil {
				_, err = io.Copy(io.Discard, document)
			}
			if !errors.Is(err, spapi.ErrDocument) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestExpiredAddressIsAskedForAgain(t *testing.T) {
	expired := `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`
	t.Run("once", func(t *testing.T) {
		s := &store{t: t, answer: func(req *http.Request) *http.Response {
			if req.URL.Query().Get("n") == "1" {
				return respond(403, expired)
			}
			return respond(200, content)
		}}
		document, err := s.client().Reports.Open(t.Context(), "doc")
		if err != nil || s.issued != 2 || s.fetched != 2 {
			t.Fatalf("%d addresses, %d fetches, %v", s.issued, s.fetched, err)
		}
		_ = document.Close()
	})
	t.Run("and then it is an error without the address", func(t *testing.T) {
		s := &store{t: t, answer: func(*http.Request) *http.Response { return respond(403, expired) }}
		_, err := s.client().Reports.Open(t.Context(), "doc")
		e, ok := errors.AsType[*spapi.Error](err)
		if !ok || e.Code != "AccessDenied" || e.Message != "Request has expired" || s.issued != 2 || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%d addresses, %v", s.issued, err)
		}
	})
}

func TestFailedTransferStartsAgainAndNeverFromAnOldAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{t: t}
		s.answer = func(*http.Request) *http.Response {
			switch s.fetched {
			case 1:
				return respond(503, "slow down")
			case 2:
				time.Sleep(5 * time.Minute) // the address dies meanwhile
				return respond(500, "")
			}
			return respond(200, content)
		}
		document, err := s.client().Reports.Open(t.Context(), "doc")
		if err != nil || s.issued != 2 || s.fetched != 3 {
			t.Fatalf("%d addresses, %d fetches, %v", s.issued, s.fetched, err)
		}
		_ = document.Close()
	})
}

func TestAddressMustBeSafe(t *testing.T) {
	for _, address := range []string{"http://bucket.example.com/key?X-Amz-Signature=topsecret", "ftp://x/y", "::", "", "https://u:topsecret@bucket.example.com/"} {
		client, mock := newClient(t)
		mock.RegisterResponder("GET", host+"/reports/2021-06-30/documents/doc", httpmock.NewJsonResponderOrPanic(200, map[string]string{"reportDocumentId": "doc", "url": address}))
		_, err := client.Reports.Download(t.Context(), "doc")
		if !errors.Is(err, spapi.ErrDocument) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
