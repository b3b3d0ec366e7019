package vantagepointtest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// accounts reads account numbers with a query.
func accounts(t *testing.T, c *caller, query string) []string {
	t.Helper()
	list := []string{}
	for _, row := range c.want(200, "GET", "Accounts?"+query, "").rows(t) {
		list = append(list, row["Account"].(string))
	}
	return list
}

// sevenAccounts is a chart that is easy to count.
func sevenAccounts(q vantagepointtest.Quirks) vantagepointtest.Options {
	var list []vantagepointtest.Account
	for i := 1; i <= 7; i++ {
		list = append(list, vantagepointtest.Account{
			Number: fmt.Sprint(i), Name: "Account " + string(rune('G'-i+1)), Type: vantagepointtest.AccountType(i % 3), Inactive: i == 4,
		})
	}
	return vantagepointtest.Options{Accounts: list, Banks: []vantagepointtest.Bank{}, Quirks: q}
}

func TestListsArePaged(t *testing.T) {
	_, c := start(t, sevenAccounts(vantagepointtest.Quirks{}))
	_, ignoring := start(t, sevenAccounts(vantagepointtest.Quirks{IgnorePaging: true}))
	_, short := start(t, sevenAccounts(vantagepointtest.Quirks{DefaultPageSize: 3, MaxPageSize: 4}))
	for query, want := range map[string]string{
		"": "1 2 3 4 5 6 7", "page=1&pageSize=3": "1 2 3", "page=2&pageSize=3": "4 5 6", "page=3&pageSize=3": "7", "page=4&pageSize=3": "",
		"offset=5&pageSize=50": "6 7", "offset=2&limit=2": "3 4", "limit=2": "1 2", "page=2&limit=4": "5 6 7", "offset=9": "",
		"page=9223372036854775807&pageSize=9223372036854775807": "",
	} {
		if got := strings.Join(accounts(t, c, query), " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		if got := strings.Join(accounts(t, ignoring, query), " "); got != "1 2 3 4 5 6 7" {
			t.Errorf("a server that ignores paging answers %s to %s", got, query)
		}
	}
	if got := accounts(t, short, ""); len(got) != 3 {
		t.Errorf("the default page has %d rows", len(got))
	}
	if got := accounts(t, short, "pageSize=100"); len(got) != 4 {
		t.Errorf("the longest page has %d rows", len(got))
	}
}

func TestListsAreOrderedAndCutToColumns(t *testing.T) {
	_, c := start(t, sevenAccounts(vantagepointtest.Quirks{}))
	for query, want := range map[string]string{
		"order=Account_D&pageSize=2": "7 6", "order=Name_A&pageSize=2": "7 6", "order=name_D&pageSize=2": "1 2", "order=Type_D&pageSize=3": "2 5 1",
		"order=Nothing_D&pageSize=2": "1 2", "order=Account+desc&pageSize=2": "1 2",
	} {
		if got := strings.Join(accounts(t, c, query), " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if r := c.want(200, "GET", "Accounts?pageSize=1&fieldFilter=Name,Account,Nothing", ""); r.Body != `[{"Account":"1","Name":"Account G"}]` {
		t.Errorf("fieldFilter: %s", r.Body)
	}
	c.want(201, "POST", "../vision/Accounts?fieldFilter=Account", `{"Account":"8","Name":"New","Type":1}`)
	if r := c.want(200, "PUT", "../vision/Accounts?fieldFilter=Account", `{"Account":"8","Name":"Newer"}`); r.Body != `[{"Account":"8"}]` {
		t.Errorf("fieldFilter on PUT: %s", r.Body)
	}
}

// hash writes a filterHash: each clause is name, operator, value, and further members as key=value.
func hash(clauses ...[]string) string {
	v := url.Values{}
	for i, c := range clauses {
		v.Set(fmt.Sprintf("filterHash[%d][name]", i), c[0])
		if c[1] != "" {
			v.Set(fmt.Sprintf("filterHash[%d][opp]", i), c[1])
		}
		v.Set(fmt.Sprintf("filterHash[%d][value]", i), c[2])
		for _, m := range c[3:] {
			key, value, _ := strings.Cut(m, "=")
			v.Set(fmt.Sprintf("filterHash[%d][%s]", i, key), value)
		}
	}
	return v.Encode()
}

func TestFilterHashNarrows(t *testing.T) {
	_, symbols := start(t, sevenAccounts(vantagepointtest.Quirks{}))
	_, words := start(t, sevenAccounts(vantagepointtest.Quirks{WordOperators: true}))
	for _, test := range []struct{ query, symbols, words string }{
		{hash([]string{"Account", "", "3"}), "3", "3"},
		{"filterHash[0][name]=Account&filterHash[0][value]=3&filterHash[0][opp]==", "3", ""},
		{hash([]string{"Account", "eq", "3"}), "", "3"},
		{hash([]string{"account", "!=", "3"}), "1 2 4 5 6 7", ""},
		{hash([]string{"Account", "ne", "3"}), "", "1 2 4 5 6 7"},
		{hash([]string{"Type", ">=", "1", "type=int"}), "1 2 4 5 7", ""},
		{hash([]string{"Type", "ge", "1", "type=int"}), "", "1 2 4 5 7"},
		{hash([]string{"Account", "<", "3"}), "1 2", ""},
		{hash([]string{"Account", "le", "3"}), "", "1 2 3"},
		{hash([]string{"Name", "like", "%t g"}), "1", "1"},
		{hash([]string{"Name", "like", "account%"}), "1 2 3 4 5 6 7", "1 2 3 4 5 6 7"},
		{hash([]string{"Name", "like", "g"}), "", ""},
		{hash([]string{"Account", "", "3"}, []string{"Account", "", "5"}), "3 5", "3 5"},
		{hash([]string{"Account", "", "3"}, []string{"Account", "", "5", "condition=AND"}), "", ""},
		{hash([]string{"Account", "", "3"}, []string{"Status", "", "I", "condition=OR"}), "3 4", "3 4"},
		{hash([]string{"Status", "", "A"}, []string{"Type", "", "1"}), "1 7", "1 7"},
		{hash([]string{"Nothing", "", "3"}), "1 2 3 4 5 6 7", "1 2 3 4 5 6 7"},
		{"Account=3&filter=3", "1 2 3 4 5 6 7", "1 2 3 4 5 6 7"}, // plain parameters are ignored
	} {
		if got := strings.Join(accounts(t, symbols, test.query), " "); got != test.symbols {
			t.Errorf("symbols, %s: %s, want %s", test.query, got, test.symbols)
		}
		if got := strings.Join(accounts(t, words, test.query), " "); got != test.words {
			t.Errorf("words, %s: %s, want %s", test.query, got, test.words)
		}
	}
	_, strict := start(t, sevenAccounts(vantagepointtest.Quirks{RefuseUnknownFilter: true}))
	if got := strict.want(500, "GET", "Accounts?"+hash([]string{"Nothing", "", "3"}), "").message(t); got != "Invalid column name 'Nothing'." {
		t.Errorf("%q", got)
	}
}

func TestOldVersionsDoNotFilterLandingAndDetail(t *testing.T) {
	for old, want := range map[bool]int{false: 1, true: 2} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoFilterHash: old}})
		c.want(201, "POST", "DataEntry/jeControl", journal("one", "1", "1", "1"))
		c.want(201, "POST", "DataEntry/jeControl", journal("two", "1", "1", "1"))
		if n := len(c.want(200, "GET", "DataEntry/jeLanding?"+hash([]string{"Batch", "=", "two"}), "").rows(t)); n != want {
			t.Errorf("old %v: landing shows %d", old, n)
		}
		if n := len(c.want(200, "GET", "DataEntry/jeDetail/one?"+hash([]string{"Account", "=", "401.00"}), "").rows(t)); n != want {
			t.Errorf("old %v: detail shows %d", old, n)
		}
	}
}

func TestTheLedgerIgnoresPlainParametersAndRefusesLimit(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	for _, b := range []string{"a", "b"} {
		c.want(201, "POST", "DataEntry/jeControl", journal(b, "1", "1", "1"))
		c.want(200, "PUT", "DataEntry/PostTransFile", order(b, "JE", "202601"))
	}
	for query, want := range map[string]int{
		"": 4, "Period=202512&PostSeq=1": 4, "q.maxrows=3": 3, "q.maxrows=1000": 4,
		hash([]string{"Period", "=", "202601", "type=int"}): 4, hash([]string{"Period", "=", "202602", "type=int"}): 0,
		hash([]string{"PostSeq", "=", "195", "type=int"}): 2, hash([]string{"PostSeq", "=", "195"}) + "&q.maxrows=1": 1,
		hash([]string{"Batch", "=", "a"}): 2, hash([]string{"Amount", "<", "0"}): 2,
	} {
		if n := len(c.want(200, "GET", "PSALedger/je?"+query, "").rows(t)); n != want {
			t.Errorf("%s: %d rows, want %d", query, n, want)
		}
	}
	for _, path := range []string{"PSALedger/JE?limit=5", "DataEntry/jeDetail/a?limit=5"} {
		if got := c.want(500, "GET", path, "").message(t); got != "Object reference not set to an instance of an object" {
			t.Errorf("%s: %q", path, got)
		}
	}
	sums := c.want(200, "GET", "GLSummary?sumColumns=Amount&groupBy=Account,Period", "")
	if want := `[{"Account":"115.00","Period":202601,"Amount":2},{"Account":"401.00","Period":202601,"Amount":-2}]`; sums.Body != want {
		t.Errorf("GLSummary %s", sums.Body)
	}
}

func TestALongQueryCanTravelInTheBodyOfAPost(t *testing.T) {
	tenant, c := start(t, sevenAccounts(vantagepointtest.Quirks{}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/Accounts", strings.NewReader(hash([]string{"Account", "", "3"})))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("dvp-postAsGet", "true")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := c.send(req)
	if err != nil || r.Status != 200 || len(r.rows(t)) != 1 {
		t.Errorf("%d %s %v", r.Status, r.Body, err)
	}
	if tenant.Calls()["GET Accounts"] != 1 {
		t.Errorf("counted %v", tenant.Calls())
	}
}

func TestListsCanComeInsideAnObject(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{Envelope: "rows"}})
	if r := c.want(200, "GET", "Accounts?pageSize=1&fieldFilter=Account", ""); r.Body != `{"rows":[{"Account":"101.00"}]}` {
		t.Errorf("%s", r.Body)
	}
}

func TestLandingListsBatchesOfTheActiveCompany(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "1", "1"))
	c.want(201, "POST", "DataEntry/crControl", receipt("cr", "1", "2", `"Recurring": "N"`, `"Recurring": "Y"`))
	c.want(200, "PUT", "DataEntry/PostTransFile", order("je", "JE", "202601"))
	je := c.want(200, "GET", "DataEntry/jeLanding?page=1&pageSize=10", "").rows(t)
	if len(je) != 1 {
		t.Fatalf("jeLanding: %v", je)
	}
	got := c.want(200, "GET", "DataEntry/jeLanding?fieldFilter=TransType,Batch,Period,RawPeriod,PostSeq,ApprovalStatusDesc,Recurring", "").Body
	want := `[{"ApprovalStatusDesc":"In Progress","TransType":"JE","Batch":"je","Period":"01/2026","RawPeriod":202601,"PostSeq":194,"Recurring":"N"}]`
	if got != want {
		t.Errorf("jeLanding %s, want %s", got, want)
	}
	got = c.want(200, "GET", "DataEntry/allLanding?fieldFilter=TransType,Period,RefNo,Total,Posted,CurrencyCode", "").Body
	want = `[{"TransType":"JE","Period":"01/2026","RefNo":"000000000001","Total":1,"CurrencyCode":"USD","Posted":"Y"},` +
		`{"TransType":"CR","Period":"Recurring","RefNo":"000000000001","Total":2,"CurrencyCode":"USD","Posted":"N"}]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
