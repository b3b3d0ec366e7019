package spapitest_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// recent is a seller whose dates fit a synctest bubble, where it is 2000-01-01.
func recent() settlementtest.Seller {
	return settlementtest.Seller{Seed: 11, Count: 6, Until: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// with opens a fake without limits that plays one fault once on one operation.
func with(t *testing.T, operation string, fault spapitest.Fault) *door {
	t.Helper()
	d, _ := open(t, spapitest.Options{Rate: -1, Faults: spapitest.Faults{Steps: []spapitest.Step{{Operation: operation, Fault: fault}}}})
	return d
}

// faultChecks says how each fault of the catalogue looks from outside.
var faultChecks = map[spapitest.Fault]func(t *testing.T){
	spapitest.Throttled:     answers("listPayouts", spapitest.Throttled, 429, "QuotaExceeded"),
	spapitest.InternalError: answers("listPayouts", spapitest.InternalError, 500, "InternalFailure"),
	spapitest.Unavailable:   answers("listPayouts", spapitest.Unavailable, 503, "<!DOCTYPE html"),
	spapitest.BadGateway:    answers("listPayouts", spapitest.BadGateway, 502, ""),
	spapitest.EmptyAnswer:   answers("listPayouts", spapitest.EmptyAnswer, 200, ""),
	spapitest.HTMLAnswer:    answers("listPayouts", spapitest.HTMLAnswer, 200, "<!DOCTYPE html"),
	spapitest.ExpiredToken:  answers("listPayouts", spapitest.ExpiredToken, 403, "The access token you provided has expired."),
	spapitest.Denied:        answers("listPayouts", spapitest.Denied, 403, `"details":""`),
	spapitest.ExpiredSecret: answers("listPayouts", spapitest.ExpiredSecret, 403, "The LWA secret token you provided has expired."),
	spapitest.NoErrorCode:   answers("listPayouts", spapitest.NoErrorCode, 400, `"message":null`),
	spapitest.InvalidArguments: answers("listPayouts", spapitest.InvalidArguments, 400,
		"Request was not valid or data requested exceeds data retention period."),
	spapitest.UnknownMembers: answers("listPayouts", spapitest.UnknownMembers, 200, "addedWithoutNotice"),

	spapitest.Cut: func(t *testing.T) {
		d := with(t, "listPayouts", spapitest.Cut).login()
		_, err := d.client.Do(d.request(http.MethodGet, payoutsPath, nil, ""))
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
		d.must(payoutsPath)
		if log := d.amazon.Log(); log[1].Status != 0 || log[1].Fault != spapitest.Cut {
			t.Errorf("log %+v", log[1])
		}
	},
	spapitest.CutAnswer: func(t *testing.T) {
		d := with(t, "listPayouts", spapitest.CutAnswer).login()
		_, data, err := d.do(d.request(http.MethodGet, payoutsPath, nil, ""))
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(data) == 0 {
			t.Errorf("got %q, %v", data, err)
		}
		d.must(payoutsPath)
	},
	spapitest.LoginUnavailable: func(t *testing.T) {
		d := with(t, "token", spapitest.LoginUnavailable)
		who := d.amazon.Accounts()[0]
		status, body := d.tokenFor(query("grant_type", "refresh_token", "refresh_token", who.RefreshToken, "client_id", who.ClientID, "client_secret", who.ClientSecret))
		if status != 503 || body["error"] != "temporarily_unavailable" {
			t.Errorf("%d %v", status, body)
		}
		d.login()
	},
	spapitest.QuotaForForbidden: func(t *testing.T) {
		d := with(t, "createReport", spapitest.QuotaForForbidden).login()
		for _, want := range []int{429, 400} {
			if a := d.send(d.request(http.MethodPost, reportsPath, nil, `{"reportType":"`+settlementV2+`","marketplaceIds":["ATVPDKIKX0DER"]}`)); a.status != want {
				t.Errorf("%d %s, want %d", a.status, a.raw, want)
			}
		}
	},
	spapitest.SlowAnswer: func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d, _ := open(t, spapitest.Options{Now: time.Now, Faults: spapitest.Faults{Steps: []spapitest.Step{{Operation: "listPayouts", Fault: spapitest.SlowAnswer}}}})
			d.login()
			start := time.Now()
			d.must(payoutsPath)
			if took := time.Since(start); took != 200*time.Second {
				t.Errorf("took %s", took)
			}
		})
	},

	spapitest.RepeatedToken: func(t *testing.T) {
		d := with(t, "getReports", spapitest.RepeatedToken).login()
		first := d.must(reportsPath, "reportTypes", settlementV2, "pageSize", "2")
		token := text(first.at("nextToken"))
		if second := d.must(reportsPath, "nextToken", token); text(second.at("nextToken")) != token || len(second.list("reports")) != 2 {
			t.Errorf("%s", second.raw)
		}
	},
	spapitest.EmptyContinuation: continues(spapitest.EmptyContinuation, func(t *testing.T, _, second answer) {
		if second.status != 200 || second.list("payload", "FinancialEventGroupList") == nil || len(second.list("payload", "FinancialEventGroupList")) != 0 || second.at("payload", "NextToken") != nil {
			t.Errorf("%d %s", second.status, second.raw)
		}
	}),
	spapitest.StaleToken: continues(spapitest.StaleToken, func(t *testing.T, _, second answer) {
		if second.status != 400 || !strings.Contains(text(second.at("errors", 0, "message")), "token duration") {
			t.Errorf("%d %s", second.status, second.raw)
		}
	}),
	spapitest.VagueInvalidInput: continues(spapitest.VagueInvalidInput, func(t *testing.T, _, second answer) {
		if second.status != 400 || second.at("errors", 0, "message") != "$errorResponse.Message" {
			t.Errorf("%d %s", second.status, second.raw)
		}
	}),
	spapitest.DuplicatedItems: continues(spapitest.DuplicatedItems, func(t *testing.T, first, second answer) {
		if last := text(walk(first.list("payload", "FinancialEventGroupList"), 1, "FinancialEventGroupId")); text(second.at("payload", "FinancialEventGroupList", 0, "FinancialEventGroupId")) != last || last == "" {
			t.Errorf("second page %s does not begin with %s", second.raw, last)
		}
	}),
	spapitest.OtherTotal: continues(spapitest.OtherTotal, func(t *testing.T, _, second answer) {
		id := text(second.at("payload", "FinancialEventGroupList", 0, "FinancialEventGroupId"))
		for _, st := range spapitest.Account(seller()).Settlements {
			if st.EventGroup == id && text(second.at("payload", "FinancialEventGroupList", 0, "OriginalTotal", "CurrencyAmount")) == st.TotalText() {
				t.Errorf("group %s still has its total", id)
			}
		}
	}),
	spapitest.EmptyPage: func(t *testing.T) {
		d := with(t, "listPayouts", spapitest.EmptyPage).login()
		if a := d.must(payoutsPath); len(a.list("payouts")) != 0 || text(a.at("nextToken")) == "" {
			t.Errorf("%s", a.raw)
		}
		d = with(t, "listPayouts", spapitest.EmptyPage).login()
		if all := d.all(payoutsPath, "nextToken", []any{"payouts"}, []any{"nextToken"}); len(all) != 6 {
			t.Errorf("%d payouts behind an empty page", len(all))
		}
	},
	spapitest.MissingFirstPage: func(t *testing.T) {
		d := with(t, "getReports", spapitest.MissingFirstPage).login()
		some := d.reports("pageSize", "2")
		if all := d.reports("pageSize", "2"); len(all) != len(some)+2 || text(walk(some, 0, "reportId")) != text(walk(all, 2, "reportId")) {
			t.Errorf("%d reports, then %d", len(some), len(all))
		}
	},
	spapitest.NullTotal: func(t *testing.T) {
		d := with(t, "listFinancialEventGroups", spapitest.NullTotal).login()
		a := d.must(groupsPath)
		if g := a.at("payload", "FinancialEventGroupList", 1); walk(g, "ProcessingStatus") != "Closed" || walk(g, "OriginalTotal") != nil || !bytes.Contains(a.raw, []byte(`"OriginalTotal":null`)) {
			t.Errorf("%v", g)
		}
		if b := d.must(groupsPath); bytes.Contains(b.raw, []byte(`"OriginalTotal":null`)) {
			t.Error("the total is still gone")
		}
	},

	spapitest.ExpiredURL: func(t *testing.T) {
		d := with(t, "getReportDocument", spapitest.ExpiredURL).login()
		path := documentsPath + d.amazon.Accounts()[0].Settlements[2].Reports[0].DocumentID
		if a := d.download(text(d.must(path).at("url"))); a.status != 403 || !strings.Contains(string(a.raw), "Request has expired") {
			t.Errorf("%d %s", a.status, a.raw)
		}
		if a := d.download(text(d.must(path).at("url"))); a.status != 200 {
			t.Errorf("a fresh URL: %d %s", a.status, a.raw)
		}
	},
	spapitest.Truncated: downloads(spapitest.Truncated, func(t *testing.T, body []byte, err error, _ settlementtest.Settlement) {
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	}),
	spapitest.GzipEnds: downloads(spapitest.GzipEnds, func(t *testing.T, body []byte, err error, st settlementtest.Settlement) {
		z, zerr := gzip.NewReader(bytes.NewReader(body))
		if err != nil || zerr != nil {
			t.Fatal(err, zerr)
		}
		part, zerr := io.ReadAll(z)
		if !errors.Is(zerr, io.ErrUnexpectedEOF) || !bytes.HasPrefix(st.V2(), part) || len(part) == 0 {
			t.Errorf("%d bytes, then %v", len(part), zerr)
		}
	}),
	spapitest.NotGzip: downloads(spapitest.NotGzip, func(t *testing.T, body []byte, err error, st settlementtest.Settlement) {
		if err != nil || !bytes.Equal(body, st.V2()) {
			t.Errorf("%.60q, %v", body, err)
		}
	}),
	spapitest.HTMLDocument: downloads(spapitest.HTMLDocument, func(t *testing.T, body []byte, err error, _ settlementtest.Settlement) {
		if err != nil || !bytes.HasPrefix(body, []byte("<!DOCTYPE html")) {
			t.Errorf("%.60q, %v", body, err)
		}
	}),
	spapitest.SlowDown: downloads(spapitest.SlowDown, func(t *testing.T, body []byte, err error, _ settlementtest.Settlement) {
		if err != nil || !bytes.Contains(body, []byte("<Code>SlowDown</Code>")) {
			t.Errorf("%.60q, %v", body, err)
		}
	}),
}

// answers checks one faulty answer and that the next call is answered as ever.
func answers(operation string, fault spapitest.Fault, status int, part string) func(*testing.T) {
	return func(t *testing.T) {
		d := with(t, operation, fault).login()
		a := d.get(payoutsPath)
		if a.status != status || !strings.Contains(string(a.raw), part) || (part == "" && len(a.raw) > 0) {
			t.Errorf("%d %.200s, want %d %s", a.status, a.raw, status, part)
		}
		if good := d.must(payoutsPath); len(good.list("payouts")) != 6 || good.at("addedWithoutNotice") != nil {
			t.Errorf("the next call: %s", good.raw)
		}
		if log := d.amazon.Log(); log[1].Fault != fault || log[1].Status != status || log[2].Fault != "" {
			t.Errorf("log %+v", log)
		}
	}
}

// continues checks the second page of the event groups.
func continues(fault spapitest.Fault, check func(t *testing.T, first, second answer)) func(*testing.T) {
	return func(t *testing.T) {
		d := with(t, "listFinancialEventGroups", fault).login()
		first := d.must(groupsPath, "MaxResultsPerPage", "2")
		ask := func() answer {
			return d.get(groupsPath, "MaxResultsPerPage", "2", "NextToken", text(first.at("payload", "NextToken")))
		}
		check(t, first, ask())
		if good := ask(); good.status != 200 || len(good.list("payload", "FinancialEventGroupList")) != 2 {
			t.Errorf("asked again: %d %s", good.status, good.raw)
		}
	}
}

// downloads checks one faulty download and that the next is whole.
func downloads(fault spapitest.Fault, check func(t *testing.T, body []byte, err error, st settlementtest.Settlement)) func(*testing.T) {
	return func(t *testing.T) {
		d := with(t, "download", fault).login()
		st := d.amazon.Accounts()[0].Settlements[2]
		target := text(d.must(documentsPath + st.Reports[0].DocumentID).at("url"))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, body, err := d.do(r)
		check(t, body, err, st)
		if good := gunzip(t, d.download(target).raw); !bytes.Equal(good, st.V2()) {
			t.Error("the next download is not whole")
		}
	}
}

func TestEveryFaultOfTheCatalogueLooksAsItSays(t *testing.T) {
	for _, info := range spapitest.Catalogue() {
		check, ok := faultChecks[info.Fault]
		if !ok {
			t.Errorf("no test plays %s", info.Fault)
			continue
		}
		if info.Means == "" || info.Source == "" {
			t.Errorf("%s: no meaning or no source", info.Fault)
		}
		t.Run(string(info.Fault), check)
	}
	if len(faultChecks) != len(spapitest.Catalogue()) {
		t.Error("a fault is tested that the catalogue does not list")
	}
}

func TestFaultsHappenOnSocketsTheSameWay(t *testing.T) {
	d := with(t, "listPayouts", spapitest.Cut)
	base, stop, err := d.amazon.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	d.base, d.client = base, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a reused connection would be tried again in secret
	d.login()
	if _, _, err := d.do(d.request(http.MethodGet, payoutsPath, nil, "")); err == nil {
		t.Error("no error from a connection that was cut")
	}
	d.must(payoutsPath)
	d.amazon.Inject(spapitest.Step{Operation: "listPayouts", Fault: spapitest.CutAnswer})
	if _, _, err := d.do(d.request(http.MethodGet, payoutsPath, nil, "")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut in the answer: %v", err)
	}
	d.amazon.Inject(spapitest.Step{Operation: "download", Fault: spapitest.Truncated})
	id := d.amazon.Accounts()[0].Settlements[2].Reports[0].DocumentID
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, text(d.must(documentsPath+id).at("url")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, body, err := d.do(r); !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
		t.Errorf("truncated download: %d bytes, %v", len(body), err)
	}
}

func TestStepsWaitForTheirCallAndAreUsedUp(t *testing.T) {
	d, _ := open(t, spapitest.Options{Rate: -1, Faults: spapitest.Faults{Steps: []spapitest.Step{
		{Operation: "listPayouts", Nth: 3, Fault: spapitest.Throttled, Times: 2},
	}}})
	d.login()
	var got []int
	for range 6 {
		got = append(got, d.get(payoutsPath).status)
	}
	d.amazon.Inject(spapitest.Step{Operation: "listPayouts", Nth: 2, Fault: spapitest.InternalError})
	d.amazon.Inject(spapitest.Step{Fault: spapitest.Unavailable, Operation: "listSummary", Times: -1})
	for range 3 {
		got = append(got, d.get(payoutsPath).status)
	}
	if want := []int{200, 200, 429, 429, 200, 200, 200, 500, 200}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for range 5 {
		if a := d.get(summaryPath, "relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", "1"); a.status != 503 {
			t.Errorf("always: %d", a.status)
		}
	}
}

func TestWrongFaultsAreNamed(t *testing.T) {
	for _, f := range []spapitest.Faults{{Set: "hurricane"}, {Steps: []spapitest.Step{{Fault: "gremlin"}}}} {
		if err := spapitest.CheckFaults(f); err == nil || !strings.Contains(err.Error(), "spapitest:") {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for _, set := range []string{"", "none", "documented", "storm"} {
		if err := spapitest.CheckFaults(spapitest.Faults{Set: set}); err != nil {
			t.Error(err)
		}
	}
}
