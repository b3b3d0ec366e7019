package vantagepoint_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// firms is a server of n firms that pages as the query asks, or as its limits and vices want it to.
type firms struct {
	n, most    int
	deaf       bool // ignores paging
	deafToPage bool // honours the size, but not the page
}

func (f firms) respond(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	number := func(names ...string) int {
		for _, name := range names {
			if n, err := strconv.Atoi(q.Get(name)); err == nil {
				return n
			}
		}
		return 0
	}
	size := number("pageSize", "limit", "q.maxrows")
	if f.most > 0 {
		size = min(size, f.most)
	}
	first := number("offset")
	if page := number("page"); page > 0 {
		first = (page - 1) * size
	}
	if f.deafToPage {
		first = 0
	}
	last := min(first+size, f.n)
	if f.deaf {
		first, last = 0, f.n
	}
	rows := []string{}
	for i := first; i < last; i++ {
		rows = append(rows, fmt.Sprintf(`{"ClientID":"F%04d","Name":"Firm %d"}`, i, i))
	}
	return answer(200, "["+strings.Join(rows, ",")+"]")(r)
}

func all[T any](t *testing.T, rows iter.Seq2[T, error]) []T {
	t.Helper()
	var found []T
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, row)
	}
	return found
}

func TestEveryRowOnceInEveryDialect(t *testing.T) {
	for _, paging := range []vantagepoint.PagingDialect{"", vantagepoint.PagePageSize, vantagepoint.OffsetPageSize, vantagepoint.PageLimit, vantagepoint.MaxRows} {
		for name, server := range map[string]firms{
			"none": {n: 0}, "one": {n: 1}, "a page": {n: 200}, "pages": {n: 1001}, "whole pages": {n: 600},
			"a limit of the server's own": {n: 730, most: 150}, "paging ignored": {n: 1700, deaf: true}, "paging ignored, few": {n: 150, deaf: true},
		} {
			if paging == vantagepoint.MaxRows && server.most > 0 {
				continue // cannot be told from the end
			}
			tn := newTenant(t)
			tn.on("GET", "firm", server.respond)
			client := tn.client(func(c *vantagepoint.Config) { c.Paging, c.PageSize = paging, 200 })
			rows := client.Firms.List(t.Context(), vantagepoint.Query{Order: "ClientID"})
			asked := func() (queries []string) {
				for _, r := range tn.requests("GET", "firm") {
					queries = append(queries, r.query)
				}
				return queries
			}
			first := all(t, rows)
			once := asked()
			again := all(t, rows)
			if diff := cmp.Diff(once, asked()[len(once):]); diff != "" {
				t.Errorf("%s, %s: the second pass asks otherwise (-first +second):\n%s", paging, name, diff)
			}
			if len(first) != server.n {
				t.Errorf("%s, %s: %d rows, want %d", paging, name, len(first), server.n)
			}
			if diff := cmp.Diff(first, again); diff != "" {
				t.Errorf("%s, %s: the second pass differs:\n%s", paging, name, diff)
			}
			seen := map[string]bool{}
			for _, row := range first {
				if seen[row.ClientID] {
					t.Fatalf("%s, %s: %s twice", paging, name, row.ClientID)
				}
				seen[row.ClientID] = true
			}
		}
	}
}

func TestARepeatedPageIsAnError(t *testing.T) {
	tn := newTenant(t)
	tn.on("GET", "firm", firms{n: 900, deafToPage: true}.respond)
	client := tn.client(func(c *vantagepoint.Config) { c.PageSize = 300 })
	var last error
	n := 0
	for _, err := range client.Firms.List(t.Context(), vantagepoint.Query{}) {
		if err != nil {
			last = err
			continue
		}
		n++
	}
	if !errors.Is(last, vantagepoint.ErrPaging) || n != 300 || !strings.Contains(last.Error(), "PageSize") {
		t.Errorf("%d rows, %v", n, last)
	}
}

func TestBreakStopsTheTraffic(t *testing.T) {
	tn := newTenant(t)
	tn.on("GET", "firm", firms{n: 900}.respond)
	for _, err := range tn.client().Firms.List(t.Context(), vantagepoint.Query{PageSize: 100}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if n := tn.count("GET", "firm"); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAnErrorIsTheLastElement(t *testing.T) {
	tn := newTenant(t)
	tn.on("GET", "firm", sequence(firms{n: 900}.respond, answer(403, ``)))
	var got []error
	for _, err := range tn.client().Firms.List(t.Context(), vantagepoint.Query{PageSize: 2}) {
		got = append(got, err)
	}
	if len(got) != 3 || got[0] != nil || got[1] != nil || !errors.Is(got[2], vantagepoint.ErrDenied) {
		t.Errorf("got %v", got)
	}
}

func TestNothingFoundIsNoRows(t *testing.T) {
	for _, respond := range []struct {
		status int
		body   string
	}{{200, `[]`}, {200, `null`}, {200, ``}, {400, `{"message":"The requested records could not be found."}`}, {500, `"The requested records could not be found."`}} {
		tn := newTenant(t)
		tn.reply("GET", "firm", respond.status, respond.body)
		if rows := all(t, tn.client().Firms.List(t.Context(), vantagepoint.Query{})); len(rows) != 0 {
			t.Errorf("%+v: %d rows", respond, len(rows))
		}
	}
	tn := newTenant(t)
	tn.reply("GET", "firm", 404, ``) // no such endpoint is not an empty list
	for _, err := range tn.client().Firms.List(t.Context(), vantagepoint.Query{}) {
		if !errors.Is(err, vantagepoint.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRowsAreFoundInEveryEnvelope(t *testing.T) {
	const row = `{"ClientID":"F1","Name":"Acme"}`
	for _, body := range []string{`[` + row + `]`, row, `{"rows":[` + row + `]}`, `{"Body":[` + row + `]}`, `{"data":[` + row + `],"count":1}`, "\ufeff[" + row + "]"} {
		tn := newTenant(t)
		tn.reply("GET", "firm/F1", 200, body)
		firm, err := tn.client().Firms.Record(t.Context(), "F1")
		if err != nil || firm.Name != "Acme" {
			t.Errorf("%s: %+v, %v", body, firm, err)
		}
	}
	for _, body := range []string{`{"message":"Something is wrong"}`, `"text"`, `<html></html>`, `[1]`, `[{"ClientID":{}}]`, `[{"Name":"x"`} {
		tn := newTenant(t)
		tn.reply("GET", "firm/F1", 200, body)
		if firm, err := tn.client().Firms.Record(t.Context(), "F1"); err == nil {
			t.Errorf("%s was read as %+v", body, firm)
		}
	}
}

func TestAQueryIsWrittenAsDocumented(t *testing.T) {
	query := vantagepoint.Query{
		Filter: vantagepoint.Filter{
			{Name: "Status", Value: "A", Type: "dropdown", Table: "PR"},
			{Name: "ModDate", Op: vantagepoint.GreaterEqual, Value: "2024-01-31T00:00:00", Type: "datetime", Condition: vantagepoint.And},
		},
		Fields: []string{"WBS1", "Name"}, Order: "WBS1", Descending: true, PageSize: 10, Values: url.Values{"x": {"y"}},
	}
	want := url.Values{
		"filterHash[0][name]": {"Status"}, "filterHash[0][value]": {"A"}, "filterHash[0][type]": {"dropdown"}, "filterHash[0][tablename]": {"PR"},
		"filterHash[0][seq]": {"1"}, "filterHash[1][name]": {"ModDate"}, "filterHash[1][value]": {"2024-01-31T00:00:00"}, "filterHash[1][opp]": {">="},
		"filterHash[1][type]": {"datetime"}, "filterHash[1][condition]": {"AND"}, "filterHash[1][seq]": {"2"},
		"fieldFilter": {"WBS1,Name"}, "order": {"WBS1_D"}, "page": {"1"}, "pageSize": {"10"}, "x": {"y"}, "wbstype": {"wbs2"},
	}
	for dialect, operator := range map[vantagepoint.FilterDialect]string{vantagepoint.Symbols: ">=", vantagepoint.Words: "ge"} {
		for _, postAsGet := range []bool{false, true} {
			tn := newTenant(t)
			tn.reply("GET", "project", 200, `[]`)
			tn.reply("POST", "project", 200, `[]`)
			client := tn.client(func(c *vantagepoint.Config) { c.Filters = dialect })
			query.PostAsGet = postAsGet
			all(t, client.Projects.List(t.Context(), vantagepoint.LevelPhase, query))
			want.Set("filterHash[1][opp]", operator)
			got := tn.requests("GET", "project")
			if postAsGet {
				got = tn.requests("POST", "project")
			}
			sent := got[0].query
			if postAsGet {
				sent = got[0].body
				if h := got[0].header.Get("dvp-postAsGet"); h != "true" || got[0].query != "" {
					t.Errorf("header %q, query %q", h, got[0].query)
				}
			}
			values, err := url.ParseQuery(sent)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, values); diff != "" {
				t.Errorf("%s: query (-want +got):\n%s", dialect, diff)
			}
		}
	}
	tn := newTenant(t)
	for _, err := range tn.client().Firms.List(t.Context(), vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Name", Op: "~", Value: "x"}}}) {
		if !errors.Is(err, vantagepoint.ErrInvalidInput) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRowsAreCheckedAgainstTheFilterThatAskedForThem(t *testing.T) {
	// The server ignores every filter.
	const rows = `[{"ClientID":"1","Name":"alpha","Status":"A","Number":"0007","ModDate":"2024-01-10T08:00:00.000","Amount":"10.00"},
{"ClientID":"2","Name":"Beta","Status":"I","Number":"8","ModDate":"2024-02-10T08:00:00.000","Amount":20},
{"ClientID":"3","Name":"Gamma_x","Status":"A","Number":"9","ModDate":"2024-03-10T08:00:00.000","Amount":-5}]`
	and, or := vantagepoint.And, vantagepoint.Or
	for name, test := range map[string]struct {
		filter vantagepoint.Filter
		want   string
	}{
		"equals":                    {vantagepoint.Where("Status", "A"), "1 3"},
		"without regard to case":    {vantagepoint.Where("Name", "ALPHA"), "1"},
		"without leading zeros":     {vantagepoint.Where("Number", "7"), "1"},
		"not equal":                 {vantagepoint.Filter{{Name: "Status", Op: vantagepoint.NotEqual, Value: "A"}}, "2"},
		"numbers":                   {vantagepoint.Filter{{Name: "Amount", Op: vantagepoint.Greater, Value: "9.5"}}, "1 2"},
		"at most":                   {vantagepoint.Filter{{Name: "Amount", Op: vantagepoint.LessEqual, Value: "10"}}, "1 3"},
		"dates":                     {vantagepoint.Filter{{Name: "ModDate", Op: vantagepoint.Less, Value: "2024-02-10T08:00:00"}}, "1"},
		"days":                      {vantagepoint.Filter{{Name: "ModDate", Op: vantagepoint.GreaterEqual, Value: "2024-02-10"}}, "2 3"},
		"like":                      {vantagepoint.Filter{{Name: "Name", Op: vantagepoint.Like, Value: "%a"}}, "1 2"},
		"like one character":        {vantagepoint.Filter{{Name: "Name", Op: vantagepoint.Like, Value: "_eta"}}, "2"},
		"same column: alternatives": {vantagepoint.Filter{{Name: "ClientID", Value: "1"}, {Name: "ClientID", Value: "3"}}, "1 3"},
		"a range":                   {vantagepoint.Filter{{Name: "Amount", Op: vantagepoint.Greater, Value: "0"}, {Name: "Amount", Op: vantagepoint.Less, Value: "15", Condition: and}}, "1"},
		"two columns: both":         {vantagepoint.Filter{{Name: "Status", Value: "A"}, {Name: "Number", Value: "9"}}, "3"},
		"or":                        {vantagepoint.Filter{{Name: "Status", Value: "I"}, {Name: "Number", Value: "9", Condition: or}}, "2 3"},
		"a column that is not told": {vantagepoint.Where("Country", "DE"), "1 2 3"},
	} {
		tn := newTenant(t)
		tn.reply("GET", "firm", 200, rows)
		var got []string
		for _, row := range all(t, tn.client().Firms.List(t.Context(), vantagepoint.Query{Filter: test.filter})) {
			got = append(got, row.ClientID)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: rows %v, want %s", name, got, test.want)
		}
	}
}

func TestMaxRowsAsksForMoreUntilNothingIsCut(t *testing.T) {
	tn := newTenant(t)
	tn.on("GET", "PSALedger/JE", func(r *http.Request) (*http.Response, error) {
		n, _ := strconv.Atoi(r.URL.Query().Get("q.maxrows"))
		rows := make([]map[string]int, min(n, 12_345))
		for i := range rows {
			rows[i] = map[string]int{"PostSeq": i, "Period": 202401}
		}
		body, err := json.Marshal(rows)
		if err != nil {
			return nil, err
		}
		return answer(200, string(body))(r)
	})
	rows := all(t, tn.client().Ledger.Rows(t.Context(), "je", vantagepoint.Query{}))
	if len(rows) != 12_345 || rows[12_344].PostSeq != 12_344 {
		t.Errorf("%d rows", len(rows))
	}
	var asked []string
	for _, r := range tn.requests("GET", "PSALedger") {
		asked = append(asked, r.query)
	}
	if diff := cmp.Diff([]string{"q.maxrows=1000", "q.maxrows=10000", "q.maxrows=100000"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestPagingOfTheFakeTenant(t *testing.T) {
	var people []vantagepointtest.Employee
	for i := range 250 {
		people = append(people, vantagepointtest.Employee{Employee: fmt.Sprintf("E%04d", i), FirstName: "A", LastName: "B"})
	}
	for name, quirks := range map[string]vantagepointtest.Quirks{
		"plain": {}, "ignores paging": {IgnorePaging: true}, "own limit": {MaxPageSize: 100}, "words": {WordOperators: true}, "wrapped": {Envelope: "rows"},
	} {
		_, client := fake(t, vantagepointtest.Options{Employees: people, Quirks: quirks}, func(c *vantagepoint.Config) {
			if quirks.WordOperators {
				c.Filters = vantagepoint.Words
			}
		})
		for _, size := range []int{0, 7, 50, 250} {
			if rows := all(t, client.Employees.List(t.Context(), vantagepoint.Query{PageSize: size, Order: "Employee"})); len(rows) != 250 {
				t.Errorf("%s, pages of %d: %d rows", name, size, len(rows))
			}
		}
		q := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Employee", Op: vantagepoint.GreaterEqual, Value: "E0240"}}}
		if rows := all(t, client.Employees.List(t.Context(), q)); len(rows) != 10 {
			t.Errorf("%s: the filter let %d rows through", name, len(rows))
		}
	}
}
