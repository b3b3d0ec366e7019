package spapitest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

func TestTheSameSettlementIsListedUnderSeveralReports(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	settlements := d.amazon.Accounts()[0].Settlements
	bySettlement := map[string]int{}
	ids := map[string]bool{}
	last := ""
	for _, r := range d.reports("pageSize", "3") {
		start := text(walk(r, "dataStartTime"))
		bySettlement[start]++
		ids[text(walk(r, "reportId"))] = true
		if created := text(walk(r, "createdTime")); last != "" && created > last {
			t.Errorf("reports are not listed newest first: %s after %s", created, last)
		} else {
			last = created
		}
		if walk(r, "processingStatus") != "DONE" || !strings.HasSuffix(start, "+00:00") {
			t.Errorf("report %v", r)
		}
	}
	twice := 0
	for _, st := range settlements {
		n := bySettlement[st.Start.Format("2006-01-02T15:04:05+00:00")]
		if n != len(st.Reports) || n == 0 {
			t.Errorf("settlement %s is listed %d times", st.ID, n)
		}
		if n > 1 {
			twice++
		}
	}
	if twice == 0 || len(ids) <= len(settlements) {
		t.Errorf("%d report ids for %d settlements", len(ids), len(settlements))
	}
}

func TestTheMarketplaceFilterDoesNotSeparate(t *testing.T) {
	account := spapitest.Account(seller(), settlementtest.Seller{Seed: 5, Marketplace: "A2EUQ1WTGCTBG2", Count: 3, Until: today})
	d, _ := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{account}})
	d.login()
	us, ca, de := len(d.reports("marketplaceIds", "ATVPDKIKX0DER")), len(d.reports("marketplaceIds", "A2EUQ1WTGCTBG2")), len(d.reports("marketplaceIds", "A1PA6795UKMFR9"))
	if us < 9 || ca < 9 || de != 0 {
		t.Errorf("reports for US %d, CA %d, DE %d: the settlements of the region come back whatever store is asked for", us, ca, de)
	}
}

func TestReportsAreKeptNinetyDays(t *testing.T) {
	s := settlementtest.Seller{Seed: 3, Count: 12, Cycle: 14 * 24 * time.Hour, Until: today}
	d, clock := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{spapitest.Account(s)}})
	d.login()
	starts := func() map[string]bool {
		m := map[string]bool{}
		for _, r := range d.reports("pageSize", "100") {
			m[text(walk(r, "dataStartTime"))] = true
		}
		return m
	}
	if n := len(starts()); n != 7 { // ended 0, 14, … 84 days ago
		t.Errorf("%d settlements of the last 90 days, want 7", n)
	}
	since := func(at time.Time) answer {
		return d.get(reportsPath, "reportTypes", settlementV2, "createdSince", at.Format(time.RFC3339))
	}
	if a := since(today.Add(-90 * 24 * time.Hour)); a.status != 200 {
		t.Errorf("exactly 90 days: %d %s", a.status, a.raw)
	}
	if a := since(today.Add(-90*24*time.Hour - time.Second)); a.status != 400 || a.at("errors", 0, "code") != "InvalidInput" {
		t.Errorf("a second more: %d %s", a.status, a.raw)
	}
	// A report that is too old is gone for getReport and getReportDocument too.
	old := d.amazon.Accounts()[0].Settlements[0].Reports[0]
	if a := d.get(reportsPath + "/" + old.ID); a.status != http.StatusNotFound {
		t.Errorf("old report: %d %s", a.status, a.raw)
	}
	if a := d.get(documentsPath + old.DocumentID); a.status != 400 || a.at("errors", 0, "message") != "Invalid reportDocumentId "+old.DocumentID {
		t.Errorf("old document: %d %s", a.status, a.raw)
	}
	// One that is not published yet is not listed.
	young := d.amazon.Accounts()[0].Settlements[11]
	clock.at = young.Reports[0].Created.Add(-time.Second)
	d.login()
	if starts()[young.Start.Format("2006-01-02T15:04:05+00:00")] {
		t.Error("a report is listed before it is published")
	}
	if a := d.get(reportsPath + "/" + young.Reports[0].ID); a.status != http.StatusNotFound {
		t.Errorf("a report that is not published yet: %d %s", a.status, a.raw)
	}
}

func TestGetReportsTakesFiltersOrATokenAlone(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	first := d.must(reportsPath, "reportTypes", settlementV2, "pageSize", "2", "processingStatuses", "DONE")
	token := text(first.at("nextToken"))
	if len(first.list("reports")) != 2 || token == "" {
		t.Fatalf("%s", first.raw)
	}
	second := d.must(reportsPath, "nextToken", token)
	if len(second.list("reports")) != 2 || cmp.Equal(first.list("reports"), second.list("reports")) {
		t.Errorf("second page %s", second.raw)
	}
	if again := d.must(reportsPath, "nextToken", token); !bytes.Equal(again.raw, second.raw) {
		t.Error("the same token gives another page")
	}
	both := d.get(reportsPath, "reportTypes", settlementV2, "pageSize", "2", "nextToken", token)
	if both.status != 400 || both.at("errors", 0, "message") != "NextToken cannot be specified with other input parameters" || both.at("errors", 0, "details") != "pageSize;reportTypes;" {
		t.Errorf("token with filters: %d %s", both.status, both.raw)
	}
	for _, q := range [][]string{
		{},
		{"processingStatuses", "DONE"},
		{"nextToken", "x"},
		{"reportTypes", strings.Repeat("A,", 10) + "A"},
		{"reportTypes", settlementV2, "pageSize", "101"},
		{"reportTypes", settlementV2, "pageSize", "0"},
		{"reportTypes", settlementV2, "processingStatuses", "READY"},
		{"reportTypes", settlementV2, "createdSince", "yesterday"},
	} {
		if a := d.get(reportsPath, q...); a.status != 400 || a.at("errors", 0, "code") != "InvalidInput" {
			t.Errorf("%v: %d %s", q, a.status, a.raw)
		}
	}
	repeated := d.request(http.MethodGet, reportsPath, url.Values{"reportTypes": {settlementV2, "OTHER"}}, "")
	if a := d.send(repeated); a.status != 400 {
		t.Errorf("a list as repeated parameters: %d %s", a.status, a.raw)
	}
	if def := d.must(reportsPath, "reportTypes", settlementV2); len(def.list("reports")) > 10 {
		t.Errorf("default page of %d", len(def.list("reports")))
	}
	if none := d.must(reportsPath, "reportTypes", "GET_MERCHANT_LISTINGS_ALL_DATA"); none.list("reports") == nil || len(none.list("reports")) != 0 {
		t.Errorf("a type without reports: %s", none.raw)
	}
}

func TestSettlementReportsCannotBeCreated(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	for kind, want := range map[string]string{
		settlementV2: "Request for report type 1118 is not allowed at this time",
		"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE": "Request for report type 1117 is not allowed at this time",
	} {
		a := d.send(d.request(http.MethodPost, reportsPath, nil, `{"reportType":"`+kind+`","marketplaceIds":["ATVPDKIKX0DER"]}`))
		if a.status != 400 || a.at("errors", 0, "code") != "InvalidInput" || a.at("errors", 0, "message") != want {
			t.Errorf("%s: %d %s", kind, a.status, a.raw)
		}
	}
	a := d.send(d.request(http.MethodPost, "/reports/2021-06-30/schedules", nil, `{"reportType":"`+settlementV2+`","marketplaceIds":["ATVPDKIKX0DER"],"period":"P14D"}`))
	if a.status != 400 {
		t.Errorf("schedule: %d %s", a.status, a.raw)
	}
}

func TestOtherReportsAreCreatedPolledAndDownloaded(t *testing.T) {
	d, clock := open(t, spapitest.Options{ReportEnds: map[string]string{"GET_FATAL": "FATAL", "GET_NOTHING": "CANCELLED"}})
	d.login()
	create := func(kind string) string {
		a := d.send(d.request(http.MethodPost, reportsPath, nil, `{"reportType":"`+kind+`","marketplaceIds":["ATVPDKIKX0DER"],"dataStartTime":"2026-11-01T00:00:00Z"}`))
		if a.status != http.StatusAccepted {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		return text(a.at("reportId"))
	}
	good, fatal, nothing, dropped := create("GET_MERCHANT_LISTINGS_ALL_DATA"), create("GET_FATAL"), create("GET_NOTHING"), create("GET_AFN_INVENTORY_DATA")
	status := func(id string) string { return text(d.must(reportsPath + "/" + id).at("processingStatus")) }
	if a := d.send(d.request(http.MethodDelete, reportsPath+"/"+dropped, nil, "")); a.status != 200 || len(a.raw) != 0 {
		t.Errorf("cancel: %d %s", a.status, a.raw)
	}
	got := []string{status(good), status(dropped)}
	clock.advance(30 * time.Second)
	got = append(got, status(good))
	if a := d.send(d.request(http.MethodDelete, reportsPath+"/"+good, nil, "")); a.status != 400 {
		t.Errorf("cancel of a report in progress: %d %s", a.status, a.raw)
	}
	clock.advance(30 * time.Second)
	got = append(got, status(good), status(fatal), status(nothing), status(dropped))
	if diff := cmp.Diff([]string{"IN_QUEUE", "CANCELLED", "IN_PROGRESS", "DONE", "FATAL", "CANCELLED", "CANCELLED"}, got); diff != "" {
		t.Error(diff)
	}
	for id, want := range map[string]string{good: "report\tmarketplace", fatal: "errorDetails"} {
		document := text(d.must(reportsPath + "/" + id).at("reportDocumentId"))
		if body := string(gunzip(t, d.download(text(d.must(documentsPath+document).at("url"))).raw)); !strings.Contains(body, want) {
			t.Errorf("document of %s: %q", id, body)
		}
	}
	for _, body := range []string{`{}`, `{"reportType":"X"}`, `{"reportType":"X","marketplaceIds":["A"],"reportoption":{}}`, `nonsense`} {
		if a := d.send(d.request(http.MethodPost, reportsPath, nil, body)); a.status != 400 {
			t.Errorf("%s: %d %s", body, a.status, a.raw)
		}
	}
}

func TestSchedulesReplaceTheirLike(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	const path = "/reports/2021-06-30/schedules"
	add := func(period string) string {
		a := d.send(d.request(http.MethodPost, path, nil, `{"reportType":"GET_ORDERS","marketplaceIds":["ATVPDKIKX0DER"],"period":"`+period+`","reportOptions":{"a":"b"}}`))
		if a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		return text(a.at("reportScheduleId"))
	}
	first, second := add("P1D"), add("P7D")
	list := d.must(path, "reportTypes", "GET_ORDERS").list("reportSchedules")
	if len(list) != 1 || walk(list[0], "reportScheduleId") != second || walk(list[0], "period") != "P7D" {
		t.Errorf("%v", list)
	}
	if a := d.get(path + "/" + first); a.status != 404 {
		t.Errorf("replaced schedule: %d", a.status)
	}
	if a := d.send(d.request(http.MethodDelete, path+"/"+second, nil, "")); a.status != 200 {
		t.Errorf("cancel: %d %s", a.status, a.raw)
	}
	if a := d.get(path + "/" + second); a.status != 404 {
		t.Errorf("cancelled schedule: %d", a.status)
	}
	if a := d.get(path); a.status != 400 {
		t.Errorf("list without types: %d", a.status)
	}
}

// download gets a document as a bare client does: no headers of the API.
func (d *door) download(target string, headers ...string) answer {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, target, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return d.send(r)
}

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v in %.60q", err, data)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestADocumentIsTheSettlementsReport(t *testing.T) {
	for name, compression := range map[string]spapitest.Compression{"gzip": spapitest.Gzip, "plain": spapitest.Plain} {
		for _, real := range []bool{true, false} {
			d, _ := open(t, spapitest.Options{Compression: compression})
			if real {
				base, stop, err := d.amazon.Start()
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(stop)
				d.base, d.client = base, &http.Client{Transport: &http.Transport{}}
			}
			d.login()
			st := d.amazon.Accounts()[0].Settlements[2]
			a := d.must(documentsPath + st.Reports[0].DocumentID)
			algorithm := map[string]string{"gzip": "GZIP"}[name]
			if text(a.at("compressionAlgorithm")) != algorithm || a.at("reportDocumentId") != st.Reports[0].DocumentID {
				t.Fatalf("%s", a.raw)
			}
			target := text(a.at("url"))
			if real && strings.HasPrefix(target, d.base) {
				t.Errorf("the bucket is on the API's host: %s", target)
			}
			got := d.download(target)
			body := got.raw
			if compression == spapitest.Gzip {
				if got.header.Get("Content-Encoding") != "identity" {
					t.Errorf("Content-Encoding %q", got.header.Get("Content-Encoding"))
				}
				body = gunzip(t, body)
			}
			if !bytes.Equal(body, st.V2()) {
				t.Errorf("%s, real %t: the document is not the report", name, real)
			}
			if again := d.download(target); !bytes.Equal(again.raw, got.raw) {
				t.Error("the same document has other bytes the second time")
			}
			// With the header asked for, Go's client unpacks by itself, once.
			target = text(d.must(documentsPath+st.Reports[0].DocumentID, "enableContentEncodingUrlHeader", "true").at("url"))
			if got := d.download(target); !bytes.Equal(got.raw, st.V2()) {
				t.Errorf("%s, real %t: Content-Encoding gzip was not unpacked: %.40q", name, real, got.raw)
			}
			if got := d.download(target, "Accept-Encoding", "gzip"); compression == spapitest.Gzip && !bytes.Equal(gunzip(t, got.raw), st.V2()) {
				t.Errorf("%s, real %t: a client that asks for gzip itself gets %.40q", name, real, got.raw)
			}
		}
	}
}

func TestTheBucketRefusesTokensAndStaleOrChangedURLs(t *testing.T) {
	d, clock := open(t, spapitest.Options{})
	d.login()
	id := d.amazon.Accounts()[0].Settlements[2].Reports[0].DocumentID
	target := text(d.must(documentsPath + id).at("url"))
	if !strings.Contains(target, "/bucket/%2FNinetyDays/") {
		t.Errorf("no escaped slash in %s", target)
	}
	whole, _, _ := strings.Cut(target, "&X-Amz-Signature")
	for name, c := range map[string]struct {
		got    answer
		status int
		code   string
	}{
		"as given":            {d.download(target), 200, ""},
		"with access token":   {d.download(target, "x-amz-access-token", d.token), 400, "InvalidRequest"},
		"with authorization":  {d.download(target, "Authorization", "Bearer x"), 400, "InvalidArgument"},
		"path unescaped":      {d.download(strings.Replace(target, "%2F", "/", 1)), 403, "SignatureDoesNotMatch"},
		"another document":    {d.download(strings.Replace(target, id, "other", 1)), 403, "SignatureDoesNotMatch"},
		"a longer life":       {d.download(strings.Replace(target, "Expires=300", "Expires=900", 1)), 403, "SignatureDoesNotMatch"},
		"cut off at the end":  {d.download(whole), 403, "AccessDenied"},
		"without its query":   {d.download(strings.Split(target, "?")[0]), 403, "AccessDenied"},
		"another path at all": {d.download("https://bucket.example/bucket/x"), 403, "AccessDenied"},
	} {
		if c.got.status != c.status || !strings.Contains(string(c.got.raw), c.code) {
			t.Errorf("%s: %d %.200s, want %d %s", name, c.got.status, c.got.raw, c.status, c.code)
		}
	}
	clock.advance(5*time.Minute - time.Second)
	if got := d.download(target); got.status != 200 {
		t.Errorf("after 4:59: %d", got.status)
	}
	clock.advance(time.Second)
	if got := d.download(target); got.status != 403 || !strings.Contains(string(got.raw), "Request has expired") {
		t.Errorf("after 5:00: %d %s", got.status, got.raw)
	}
	calls := d.amazon.Log()
	if n := len(slices.DeleteFunc(calls, func(c spapitest.Call) bool { return c.Operation != "download" })); n != d.amazon.Calls()["download"] || n != 11 {
		t.Errorf("%d downloads in the log, %v counted", n, d.amazon.Calls())
	}
}

func TestADownloadCanGoOnWhereItWasCut(t *testing.T) {
	d, _ := open(t, spapitest.Options{Compression: spapitest.Plain})
	d.login()
	st := d.amazon.Accounts()[0].Settlements[2]
	target := text(d.must(documentsPath + st.Reports[0].DocumentID).at("url"))
	whole := d.download(target)
	size := strconv.Itoa(len(whole.raw))
	for header, want := range map[string]struct {
		status int
		body   []byte
		span   string
	}{
		"bytes=100-":          {206, whole.raw[100:], "bytes 100-" + strconv.Itoa(len(whole.raw)-1) + "/" + size},
		"bytes=0-9":           {206, whole.raw[:10], "bytes 0-9/" + size},
		"bytes=5-99999999":    {206, whole.raw[5:], "bytes 5-" + strconv.Itoa(len(whole.raw)-1) + "/" + size},
		"bytes=" + size + "-": {416, nil, "bytes */" + size},
		"lines=1-2":           {200, whole.raw, ""},
		"bytes=9-1":           {200, whole.raw, ""},
	} {
		got := d.download(target, "Range", header)
		if got.status != want.status || !bytes.Equal(got.raw, want.body) || got.header.Get("Content-Range") != want.span || got.header.Get("ETag") != whole.header.Get("ETag") {
			t.Errorf("%s: %d, %d bytes, %q", header, got.status, len(got.raw), got.header.Get("Content-Range"))
		}
	}
}

func TestASellerSeesItsOwnReportsOnly(t *testing.T) {
	other := spapitest.Account(settlementtest.Seller{Seed: 77, Until: today})
	d, _ := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{spapitest.Account(seller()), other}})
	d.login()
	theirs := d.amazon.Accounts()[1].Settlements[5].Reports[0]
	if a := d.get(reportsPath + "/" + theirs.ID); a.status != 404 {
		t.Errorf("report of another seller: %d %s", a.status, a.raw)
	}
	if a := d.get(documentsPath + theirs.DocumentID); a.status != 400 {
		t.Errorf("document of another seller: %d %s", a.status, a.raw)
	}
	token := text(d.must(reportsPath, "reportTypes", settlementV2, "pageSize", "1").at("nextToken"))
	who := d.amazon.Accounts()[1]
	_, body := d.tokenFor(query("grant_type", "refresh_token", "refresh_token", who.RefreshToken, "client_id", who.ClientID, "client_secret", who.ClientSecret))
	d.token = text(body["access_token"])
	if a := d.get(reportsPath, "nextToken", token); a.status != 400 {
		t.Errorf("page token of another seller: %d %s", a.status, a.raw)
	}
}
