package vantagepointtest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestPeriodsAreRowsAsPublished(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Periods: []vantagepointtest.Period{
		{Number: 202602, Start: "2026-02-01", End: "2026-02-25"},
		{Number: 202601, Start: "2026-01-01", End: "2026-01-31", Closed: true},
		{Number: 202613, Start: "2026-02-26", End: "2026-03-31", YearEnd: "2026-12-31"},
	}})
	want := `[{"Period":202601,"FmtPeriod":"01/2026","AccountPdStart":"2026-01-01T00:00:00.000","AccountPdEnd":"2026-01-31T00:00:00.000",` +
		`"FYStart":"2026-01-01T00:00:00.000","FYEnd":"2026-03-31T00:00:00.000","ActiveCompanyClosed":"Y","AllCompaniesClosed":"Y","ApplytoAllCompanies":""},` +
		`{"Period":202602,"FmtPeriod":"02/2026","AccountPdStart":"2026-02-01T00:00:00.000","AccountPdEnd":"2026-02-25T00:00:00.000",` +
		`"FYStart":"2026-01-01T00:00:00.000","FYEnd":"2026-03-31T00:00:00.000","ActiveCompanyClosed":"N","AllCompaniesClosed":"N","ApplytoAllCompanies":""},` +
		`{"Period":202613,"FmtPeriod":"13/2026","AccountPdStart":"2026-02-26T00:00:00.000","AccountPdEnd":"2026-03-31T00:00:00.000",` +
		`"FYStart":"2026-01-01T00:00:00.000","FYEnd":"2026-12-31T00:00:00.000","ActiveCompanyClosed":"N","AllCompaniesClosed":"N","ApplytoAllCompanies":""}]`
	if diff := cmp.Diff(want, c.want(200, "GET", "Settings/Period", "").Body); diff != "" {
		t.Error(diff)
	}
}

func TestActiveCompanyAndPeriodBelongToTheUserNotToTheToken(t *testing.T) {
	at := time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)
	_, c := start(t, vantagepointtest.Options{
		Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Name: "Second", Currency: "CAD"}, {Code: "C0", Name: "Third", Currency: "USD"}},
		Users: []vantagepointtest.User{
			{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Companies: []string{"A0", "B0"}}, {Name: "other", Password: "x"},
		},
		Now: func() time.Time { return at },
	})
	second := *c
	second.logIn(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
	other := *c
	other.logIn("other", "x")

	active := func(c *caller) [2]any {
		return [2]any{
			c.want(200, "GET", "Settings/ActiveCompany", "").rows(t)[0]["Company"], c.want(200, "GET", "Settings/ActivePeriod", "").rows(t)[0]["Period"],
		}
	}
	if diff := cmp.Diff([2]any{"A0", json.Number("202603")}, active(c)); diff != "" {
		t.Errorf("after the log-in: %s", diff)
	}
	c.want(200, "PUT", "Settings/ActiveCompany/B0", "")
	c.want(200, "PUT", "Settings/ActivePeriod/202512", "")
	if diff := cmp.Diff([2]any{"B0", json.Number("202512")}, active(&second)); diff != "" {
		t.Errorf("the same user with another token: %s", diff)
	}
	if diff := cmp.Diff([2]any{"A0", json.Number("202603")}, active(&other)); diff != "" {
		t.Errorf("another user: %s", diff)
	}
	if got := c.want(400, "PUT", "Settings/ActiveCompany/C0", "").message(t); got != "Company C0 does not exist" {
		t.Errorf("a company that is not the user's: %q", got)
	}
	if got := c.want(400, "PUT", "Settings/ActivePeriod/1", "").message(t); got != "Period 1 does not exist" {
		t.Errorf("%q", got)
	}
	want := `[{"Company":"A0","CompanyName":"Company A0","FunctionalCurrencyCode":"USD"},{"Company":"B0","CompanyName":"Second","FunctionalCurrencyCode":"CAD"}]`
	if got := c.want(200, "GET", "Settings/Company", "").Body; got != want {
		t.Errorf("companies %s", got)
	}
}

func TestAHeaderThatIsNotSentComesFromTheSession(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Company: "A0"})
	c.want(200, "PUT", "Settings/ActivePeriod/202512", "")
	doc := journal("je", "1", "1", "1", `"Creator": "api.user",`, ``, `"Period": 202601, "Company": "",`, ``)
	row := c.want(201, "POST", "DataEntry/jeControl", doc).rows(t)[0]
	want := map[string]any{"Period": json.Number("202512"), "Company": "A0", "Creator": "api.user"}
	if diff := cmp.Diff(want, pick(row, "Period", "Company", "Creator")); diff != "" {
		t.Error(diff)
	}
}

func TestABatchCanBePostedFromItsOwnCompanyOnly(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Currency: "USD"}}})
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "1", "1", `"Company": ""`, `"Company": "A0"`))
	post := strings.Replace(order("je", "JE", "202601"), `"clientcompany":""`, `"clientcompany":"A0"`, 1)
	c.want(200, "PUT", "Settings/ActiveCompany/B0", "")
	if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", post)); p["retList"] != "0" {
		t.Errorf("posted from another company: %v", p)
	}
	c.want(200, "PUT", "Settings/ActiveCompany/A0", "")
	if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", order("je", "JE", "202601"))); !strings.HasSuffix(p["msg"], "belongs to another company") {
		t.Errorf("posted for a wrong clientcompany: %v", p)
	}
	if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile", post)); p["retList"] != "1" {
		t.Errorf("not posted: %v", p)
	}
	c.want(200, "PUT", "Settings/ActiveCompany/B0", "")
	for _, path := range []string{"PSALedger/JE", "DataEntry/jeLanding", "DataEntry/allLanding", "GLSummary"} {
		if rows := c.want(200, "GET", path, "").rows(t); len(rows) != 0 {
			t.Errorf("company B0 sees %v at %s", rows, path)
		}
	}
}

// column is one field of metadata, shortened.
type column struct {
	FieldName, FieldType, Caption string
	Required, CustomField         bool
	MaxLength, Decimals           int
}

func metadata(t *testing.T, c *caller, entry string) map[string]map[string]column {
	t.Helper()
	var tables map[string]struct {
		Keys, TableName string
		Fields          []column
	}
	if err := json.Unmarshal([]byte(c.want(200, "GET", "metadata/"+entry, "").Body), &tables); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]column{}
	for name, table := range tables {
		out[name] = map[string]column{"": {FieldName: table.Keys}}
		for _, f := range table.Fields {
			out[name][f.FieldName] = f
		}
	}
	return out
}

func TestMetadataTellsLengthsKeysAndCustomFields(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{
		RefnoLength:  11,
		CustomFields: map[string][]vantagepointtest.CustomField{"jeDetail": {{Name: "CustSettlement", Caption: "Settlement", MaxLength: 20}}},
	})
	je := metadata(t, c, "JEEntry")
	for name, got := range map[string]column{
		"control": je["jeControl"]["Batch"], "ref": je["jeMaster"]["RefNo"], "amount": je["jeDetail"]["DebitAmount"],
		"custom": je["jeDetail"]["CustSettlement"], "keys": je["jeDetail"][""],
	} {
		want := map[string]column{
			"control": {"Batch", "String", "File Name", true, false, 30, 0},
			"ref":     {"RefNo", "String", "Reference Number", true, false, 11, 0},
			"amount":  {"DebitAmount", "Decimal", "Debit Amount", false, false, 0, 4},
			"custom":  {"CustSettlement", "String", "Settlement", false, true, 20, 0},
			"keys":    {FieldName: "Batch,RefNo,PKey"},
		}[name]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, entry := range []string{"INEntry", "CREntry", "CDEntry", "APEntry", "Firm", "Project", "Employee"} {
		if len(metadata(t, c, entry)) == 0 {
			t.Errorf("%s is empty", entry)
		}
	}
	if cd := metadata(t, c, "CDEntry"); cd["cdDetail"]["CheckNo"].FieldName == "" || cd["cdMaster"]["Payee"].FieldName == "" {
		t.Errorf("disbursements have no CheckNo or Payee: %v", cd)
	}
	c.want(404, "GET", "metadata/ZZEntry", "")

	// What metadata tells is what the door checks, and a custom field comes back.
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "1", "1", `"SuppressBill": "N"`, `"SuppressBill": "N", "CustSettlement": "99"`))
	if d := c.want(200, "GET", "DataEntry/jeDetail/je", "").rows(t); d[0]["CustSettlement"] != "99" || d[1]["CustSettlement"] != "" {
		t.Errorf("details %v", d)
	}
}

func TestKeyFormatsAreTold(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Formats: vantagepointtest.Formats{
		WBS1:    vantagepointtest.KeyFormat{Length: 11, LeadZeros: true, Delimiter: ".", Position: 9},
		Account: vantagepointtest.KeyFormat{Length: 6, Delimiter: ".", Position: 4},
	}})
	row := c.want(200, "GET", "KeyCvt/CFGFormat?entity=account", "").rows(t)[0]
	want := map[string]any{
		"AccountLength": json.Number("6"), "AccountDelimiter": ".", "WBS1LeadZeros": "Y", "WBS1DelimiterPosition": json.Number("9"), "RefnoLength": json.Number("12"),
	}
	if diff := cmp.Diff(want, pick(row, "AccountLength", "AccountDelimiter", "WBS1LeadZeros", "WBS1DelimiterPosition", "RefnoLength")); diff != "" {
		t.Error(diff)
	}
	// Keys get their zeros on the way in: the stored key is not the one that was sent.
	c.want(201, "POST", "DataEntry/jeControl", journal("je", "1", "1", "1", `"00000100.00"`, `"100.00"`))
	if d := c.want(200, "GET", "DataEntry/jeDetail/je", "").rows(t); d[1]["WBS1"] != "00000100.00" {
		t.Errorf("stored project %q", d[1]["WBS1"])
	}
}

func TestLabelsInAnotherLanguageAreNotTranslated(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Users: []vantagepointtest.User{
		{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Culture: "en-US"},
	}})
	for culture, want := range map[string]string{"": "Project", "en-US": "Project", "de-DE": "Text not translated"} {
		form := loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
		form.Set("culture", culture)
		var token struct {
			Access string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(c.form(form).Body), &token); err != nil {
			t.Fatal(err)
		}
		c.token = token.Access
		if got := c.want(200, "GET", "Settings/SystemLabels", "").rows(t)[0]["LabelValue"]; got != want {
			t.Errorf("culture %q: %v", culture, got)
		}
	}
}

func TestRefreshTokens(t *testing.T) {
	for name, test := range map[string]struct {
		quirks        vantagepointtest.Quirks
		first, second int
	}{
		"many uses": {first: 200, second: 200},
		"one use":   {quirks: vantagepointtest.Quirks{RefreshOnce: true}, first: 200, second: 400},
		"no use":    {quirks: vantagepointtest.Quirks{NoRefresh: true}, first: 400, second: 400},
	} {
		_, c := start(t, vantagepointtest.Options{Quirks: test.quirks})
		var token struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
			Type    string `json:"token_type"`
			Expires int    `json:"expires_in"`
		}
		if err := json.Unmarshal([]byte(c.form(loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)).Body), &token); err != nil {
			t.Fatal(err)
		}
		if token.Type != "bearer" || token.Expires != 1799 {
			t.Errorf("%s: %+v", name, token)
		}
		form := loginForm("", "")
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", token.Refresh)
		if r := c.form(form); r.Status != test.first {
			t.Errorf("%s: first use %d %s", name, r.Status, r.Body)
		}
		if r := c.form(form); r.Status != test.second {
			t.Errorf("%s: second use %d %s", name, r.Status, r.Body)
		}
		form.Set("refresh_token", "made-up")
		if r := c.form(form); r.Status != 400 || !strings.Contains(r.Body, "invalid_grant") {
			t.Errorf("%s: a made-up token: %d %s", name, r.Status, r.Body)
		}
	}
}

func TestTooManyWrongPasswordsLockTheUser(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{LockAfter: 2}})
	for range 3 { // a right one in between begins anew
		c.form(loginForm(vantagepointtest.DemoUser, "guess"))
		c.logIn(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
	}
	for _, want := range []string{"incorrect", "incorrect", "disabled"} {
		if r := c.form(loginForm(vantagepointtest.DemoUser, "guess")); !strings.Contains(r.Body, want) {
			t.Errorf("%s, want %s", r.Body, want)
		}
	}
	if r := c.form(loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)); !strings.Contains(r.Body, "disabled") {
		t.Errorf("the right password: %s", r.Body)
	}
}
