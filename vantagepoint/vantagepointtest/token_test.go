package vantagepointtest_test

import (
	"net/url"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestLogInChecksEveryPartAndSaysWhichKindIsWrong(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Users: []vantagepointtest.User{
		{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword},
		{Name: "gone", Password: "x", Disabled: true},
		{Name: "domain", Password: "x", Integrated: true},
	}, Clients: []vantagepointtest.Client{
		{ID: vantagepointtest.DemoClientID, Secret: vantagepointtest.DemoClientSecret},
		{ID: "code-only", Secret: "x", NoPasswordGrant: true},
	}})
	const login = `{"error":"invalid_grant","error_description":"The user name or password is incorrect."}`
	for name, test := range map[string]struct {
		change url.Values
		status int
		body   string // "" for any
	}{
		"right":                 {url.Values{}, 200, ""},
		"names in lower case":   {url.Values{"Username": nil, "username": {"API.USER"}, "Client_Id": nil, "client_id": {vantagepointtest.DemoClientID}}, 200, ""},
		"without Integrated":    {url.Values{"Integrated": nil}, 200, ""},
		"database in lowercase": {url.Values{"database": {"demo"}}, 200, ""},
		"wrong password":        {url.Values{"Password": {"guess"}}, 400, login},
		"unknown user":          {url.Values{"Username": {"nobody"}}, 400, login},
		"disabled user": {
			url.Values{"Username": {"gone"}, "Password": {"x"}},
			400,
			`{"error":"invalid_grant","error_description":"Your login has been disabled.  Please contact your system administrator."}`,
		},
		"domain user without Integrated": {url.Values{"Username": {"domain"}, "Password": {"x"}}, 400, login},
		"domain user":                    {url.Values{"Username": {"domain"}, "Password": {"x"}, "Integrated": {"Y"}}, 200, ""},
		"wrong secret": {
			url.Values{"client_secret": {"guess"}},
			400,
			`{"error":"invalid_client","error_description":"The client is not authorized. Check the client ID and the client secret."}`,
		},
		"no password grant": {url.Values{"Client_Id": {"code-only"}, "client_secret": {"x"}}, 400, `{"error":"unsupported_grant_type"}`},
		"other grant":       {url.Values{"grant_type": {"authorization_code"}}, 400, `{"error":"unsupported_grant_type"}`},
		"wrong database":    {url.Values{"database": {"OTHER"}}, 400, `{"error":"invalid_grant","error_description":"The database is not valid."}`},
	} {
		t.Run(name, func(t *testing.T) {
			form := loginForm(vantagepointtest.DemoUser, vantagepointtest.DemoPassword)
			for key, values := range test.change {
				if form.Del(key); values != nil {
					form[key] = values
				}
			}
			r := c.form(form)
			if r.Status != test.status || (test.body != "" && r.Body != test.body) {
				t.Errorf("answered %d %s, want %d %s", r.Status, r.Body, test.status, test.body)
			}
		})
	}
}
