package spapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// hundredReports is a page of getReports as Amazon sends it, about 44 kB.
func hundredReports() []byte {
	var b bytes.Buffer
	b.WriteString(`{"reports":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"reportType":"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2","processingEndTime":"2026-03-14T10:04:31+00:00","processingStatus":"DONE",`+
			`"marketplaceIds":["ATVPDKIKX0DER","A2EUQ1WTGCTBG2"],"reportDocumentId":"amzn1.spdoc.1.4.na.0356cf79-b8b0-4226-b4b9-0ee058ea%04d","reportId":"500%08d",`+
			`"dataEndTime":"2026-03-14T08:24:50+00:00","createdTime":"2026-03-14T10:04:30+00:00","processingStartTime":"2026-03-14T10:04:30+00:00","dataStartTime":"2026-02-28T08:24:50+00:00"}`, i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// always answers every request with the same body, without a network, so that only the code above it is measured.
type always []byte

func (a always) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"id"}, "X-Amzn-Ratelimit-Limit": {"0.0222"}},
		ContentLength: int64(len(a)), Body: io.NopCloser(bytes.NewReader(a)), Request: req,
	}, nil
}

// BenchmarkListReports is one call and its 100 reports: through the client, and with net/http and encoding/json alone.
func BenchmarkListReports(b *testing.B) {
	body := hundredReports()
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: always(body)}
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, host+"/reports/2021-06-30/reports?reportTypes=GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2&pageSize=100", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("X-Amz-Access-Token", "token")
			response, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			var answer struct {
				Reports   []spapi.Report `json:"reports"`
				NextToken string         `json:"nextToken"`
			}
			err = json.NewDecoder(response.Body).Decode(&answer)
			_ = response.Body.Close()
			if err != nil || len(answer.Reports) != 100 {
				b.Fatal(len(answer.Reports), err)
			}
		}
	})
	b.Run("spapi", func(b *testing.B) {
		client, err := spapi.NewClient(spapi.Config{
			Region: spapi.NorthAmerica, Transport: always(body), Limiter: unlimited{},
			Tokens: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "token"}),
		})
		if err != nil {
			b.Fatal(err)
		}
		q := spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}}
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for _, err := range client.Reports.List(b.Context(), q) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != 100 {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkPace is what a call pays to a bucket that is never empty.
func BenchmarkPace(b *testing.B) {
	buckets := spapi.NewBuckets()
	bucket := spapi.Bucket{Account: "a", Operation: "reports.getReports", Plan: spapi.Plan{Rate: 1e4, Burst: 1 << 30}}
	b.ReportAllocs()
	for b.Loop() {
		if err := buckets.Wait(b.Context(), bucket); err != nil {
			b.Fatal(err)
		}
		buckets.Answered(bucket, 200, 1e4)
	}
}

// unlimited is a limiter that never waits.
type unlimited struct{}

func (unlimited) Wait(context.Context, spapi.Bucket) error { return nil }
func (unlimited) Answered(spapi.Bucket, int, float64)      {}
