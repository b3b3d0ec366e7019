package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/ping"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// report decodes what ping or connect printed about one seller.
func (o outcome) report(t *testing.T) map[string]ping.Check {
	t.Helper()
	var r ping.Report
	if err := json.Unmarshal([]byte(strings.TrimSpace(o.out)), &r); err != nil || r.Seller != "acme-us" || r.SellerID == "" {
		t.Fatalf("no report: %v: %s\n%s", err, o.out, o.errors)
	}
	checks := map[string]ping.Check{}
	for _, c := range r.Checks {
		checks[c.Check] = c
	}
	return checks
}

func TestPingSaysWhoAndWhatItSees(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	o := i.run(t, "ping", "--json").expect(t, 0)
	checks := o.report(t)
	const references = "vantagepoint.reference_length"
	if c := checks[references]; !c.OK || !strings.Contains(c.Message, "12 characters") || !strings.Contains(c.Remedy, "to 13") {
		t.Errorf("%s: %+v, want it well, with a warning", references, c)
	}
	delete(checks, references)
	for name, says := range map[string]string{
		"amazon.log_in": "region na", "amazon.marketplaces": "Amazon.com (US, USD)", "amazon.settlement_reports": "settlement reports", "amazon.payouts": "payouts",
		"amazon.finances": "summaries", "amazon.seller_id": i.amazon.Accounts()[0].ID, "amazon.client_secret": "ends on", "amazon.authorisation": "ends on",
		"vantagepoint.log_in": vantagepointtest.DemoUser, "vantagepoint.company": "functional currency USD", "vantagepoint.period": "which is open",
		"vantagepoint.style": "files", "vantagepoint.banks": "OPER for USD", "vantagepoint.rights.journals": "Journal Entries", "vantagepoint.rights.receipts": "Cash Receipts",
		"vantagepoint.rights.disbursements": "Cash Disbursements", "vantagepoint.rights.ledger": "PSALedger", "vantagepoint.rights.accounts": "accounts",
		"vantagepoint.rights.projects": "Projects", "clock": "agrees",
	} {
		c := checks[name]
		if !c.OK || c.Remedy != "" || !strings.Contains(c.Message, says) {
			t.Errorf("%s: %+v, want it well and to say %q", name, c, says)
		}
		delete(checks, name)
	}
	if len(checks) > 0 {
		t.Errorf("checks that nobody asked for: %v", checks)
	}
	if text := i.run(t, "ping", "acme-us").expect(t, 0); !strings.Contains(text.out, "ok") || strings.Contains(text.out, "MEND") || !strings.Contains(text.errors, "Next: `payoutsync sync --dry-run`") {
		t.Errorf("as text: %s%s", text.out, text.errors)
	}
}

func TestPingBeforeConnectNamesConnect(t *testing.T) {
	i := newInstall(t)
	i.run(t, "import", "acme-us", "none.txt") // makes the home
	if c := i.run(t, "ping", "--json").expect(t, exitUsage).report(t)["credentials"]; c.OK || c.Remedy != "payoutsync connect acme-us" || strings.Contains(c.Message, c.Remedy) {
		t.Errorf("%+v", c)
	}
}

// Each case is provoked on the fakes, and must be told apart from the others, with the screen where it is mended.
func TestPingDiagnoses(t *testing.T) {
	denied := func(operations ...string) spapitest.Options {
		var o spapitest.Options
		for _, op := range operations {
			o.Faults.Steps = append(o.Faults.Steps, spapitest.Step{Operation: op, Fault: spapitest.Denied, Times: -1})
		}
		return o
	}
	user := func(change func(*vantagepointtest.User)) vantagepointtest.Options {
		u := vantagepointtest.User{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword}
		change(&u)
		return vantagepointtest.Options{Users: []vantagepointtest.User{u}}
	}
	finance := []string{"getReports", "listPayouts", "listSummary"}
	wrong := func(system, field string) func(*testing.T, *install) {
		return func(_ *testing.T, i *install) { i.credentials[system][field] = "quite-wrong" }
	}
	for name, test := range map[string]struct {
		amazon spapitest.Options
		tenant vantagepointtest.Options
		change func(*testing.T, *install)
		check  string
		says   string
		screen string
		code   int
	}{
		"wrong client secret of Amazon":     {change: wrong("amazon", "client_secret"), check: "amazon.log_in", says: "client id and client secret", screen: "Develop Apps", code: 1},
		"wrong refresh token":               {change: wrong("amazon", "refresh_token"), check: "amazon.log_in", says: "refresh token", screen: "Manage Your Apps", code: 1},
		"revoked authorisation":             {change: func(_ *testing.T, i *install) { i.amazon.Deauthorize(i.amazon.Accounts()[0].ID) }, check: "amazon.log_in", says: "revoked", screen: "Manage Your Apps", code: 1},
		"expired client secret":             {amazon: spapitest.Options{Faults: spapitest.Faults{Steps: []spapitest.Step{{Operation: "getMarketplaceParticipations", Fault: spapitest.ExpiredSecret, Times: -1}}}}, check: "amazon.log_in", says: "has expired", screen: "Rotate secret", code: 1},
		"no Finance and Accounting":         {amazon: denied(finance...), check: "amazon.settlement_reports", says: "lacks the role Finance and Accounting", screen: "Edit App » Roles", code: 1},
		"no payouts":                        {amazon: denied("listPayouts"), check: "amazon.payouts", says: "lacks the role Finance and Accounting", screen: "Edit App » Roles", code: 1},
		"no Selling Partner Insights":       {amazon: denied("getMarketplaceParticipations"), check: "amazon.marketplaces", says: "lacks the role Selling Partner Insights", screen: "Edit App » Roles", code: 0},
		"nothing is allowed":                {amazon: denied(append(finance, "getMarketplaceParticipations")...), check: "amazon.settlement_reports", says: `or the seller has not authorised it in region "na"`, screen: "Edit App » Roles", code: 1},
		"another seller's credentials":      {change: func(t *testing.T, i *install) { i.edit(t, "payoutsync.yaml", i.amazon.Accounts()[0].ID, "A1OTHER") }, check: "amazon.seller_id", says: "not of A1OTHER", screen: "amazon.seller_id", code: 1},
		"another marketplace":               {change: func(t *testing.T, i *install) { i.edit(t, "payoutsync.yaml", "ATVPDKIKX0DER", "A1PA6795UKMFR9") }, check: "amazon.marketplaces", says: "not on the configured A1PA6795UKMFR9", screen: "amazon.marketplaces", code: 0},
		"Amazon's clock is three hours off": {amazon: spapitest.Options{Now: func() time.Time { return time.Now().Add(3 * time.Hour) }}, check: "clock", says: "3h0m0s behind", screen: "this machine", code: 1},
		"Amazon fails":                      {amazon: spapitest.Options{Faults: spapitest.Faults{Steps: []spapitest.Step{{Operation: "getReports", Fault: spapitest.HTMLAnswer, Times: -1}}}}, check: "amazon.settlement_reports", says: "not", code: 1},
		"wrong password":                    {change: wrong("vantagepoint", "password"), check: "vantagepoint.log_in", says: "does not accept user name api.user and its password", screen: "Security » Users", code: 1},
		"wrong client secret of the tenant": {change: wrong("vantagepoint", "client_secret"), check: "vantagepoint.log_in", says: "client id and client secret", screen: "API Authorization", code: 1},
		"user disabled":                     {tenant: user(func(u *vantagepointtest.User) { u.Disabled = true }), check: "vantagepoint.log_in", says: "is disabled", screen: "Security » Users", code: 1},
		"password grant not ticked":         {tenant: vantagepointtest.Options{Clients: []vantagepointtest.Client{{ID: vantagepointtest.DemoClientID, Secret: vantagepointtest.DemoClientSecret, NoPasswordGrant: true}}}, check: "vantagepoint.log_in", says: "does not allow a log-in with user and password", screen: "API Authorization: open the authorization and tick Allow Password Grant Type", code: 1},
		"wrong database":                    {change: func(t *testing.T, i *install) { i.edit(t, "payoutsync.yaml", "database: DEMO", "database: DEMMO") }, check: "vantagepoint.log_in", says: `no database "DEMMO"`, screen: "API Authorization", code: 1},
		"address without /api":              {change: func(t *testing.T, i *install) { i.edit(t, "payoutsync.yaml", "/demo/api", "/demo") }, check: "vantagepoint.log_in", says: "not Vantagepoint's interface", screen: "ends in /api", code: 1},
		"nothing listens": {change: func(t *testing.T, i *install) {
			i.edit(t, "payoutsync.yaml", "base_url: http://127.0.0.1:", "base_url: http://127.0.0.1:1/")
		}, check: "vantagepoint.log_in", says: "nothing listens", screen: "vantagepoint.base_url", code: 1},
		"no right to journals":               {tenant: user(func(u *vantagepointtest.User) { u.Deny = []string{"GET DataEntry/jeLanding"} }), check: "vantagepoint.rights.journals", says: "no access to Journal Entries", screen: "Security » Roles", code: 1},
		"no right to cash receipts":          {tenant: user(func(u *vantagepointtest.User) { u.Deny = []string{"GET DataEntry/crLanding"} }), check: "vantagepoint.rights.receipts", says: "no access to Cash Receipts", screen: "Security » Roles", code: 1},
		"no right to the posted ledger":      {tenant: user(func(u *vantagepointtest.User) { u.Deny = []string{"GET PSALedger/{Type}"} }), check: "vantagepoint.rights.ledger", says: "no access to the posted ledger", screen: "Security » Roles", code: 1},
		"several companies, none configured": {tenant: vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Currency: "USD"}}}, check: "vantagepoint.company", says: "no company is configured", screen: "vantagepoint.company", code: 1},
		"a company that is none of the user": {change: func(t *testing.T, i *install) { i.edit(t, "payoutsync.yaml", `company: "" `, `company: "Z9" `) }, check: "vantagepoint.company", says: "may not work in company Z9", screen: "vantagepoint.company", code: 1},
		"reference numbers are too short":    {tenant: vantagepointtest.Options{RefnoLength: 11}, check: "vantagepoint.reference_length", says: "have 11 characters", screen: "key formats", code: 1},
		"another functional currency":        {tenant: vantagepointtest.Options{Currency: "EUR"}, check: "vantagepoint.company", says: "but the rules say USD", screen: "rules.yaml", code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			i := installWith(t, test.amazon, test.tenant)
			if test.change != nil {
				test.change(t, &i)
			}
			// connect tells the same as ping, about credentials that are not stored.
			o := i.run(t, "connect", "acme-us", "--json")
			c := o.report(t)[test.check]
			if c.OK != (test.code == 0) || !strings.Contains(c.Message, test.says) || !strings.Contains(c.Remedy, test.screen) {
				t.Errorf("%s: %+v\nwant it to say %q and to name %q", test.check, c, test.says, test.screen)
			}
			good := !strings.HasSuffix(test.check, ".log_in") && test.check != "amazon.seller_id"
			if stored := strings.Contains(o.errors, "Stored"); stored != good || strings.Contains(o.errors, "nothing was stored") == good {
				t.Errorf("stored: %t; stderr: %s", stored, o.errors)
			}
			if good {
				i.run(t, "ping", "--json").expect(t, test.code)
			} else if o.code != test.code {
				t.Errorf("exit code %d, want %d", o.code, test.code)
			}
			if strings.Contains(o.out+o.errors, "quite-wrong") {
				t.Errorf("the secret is shown: %s%s", o.out, o.errors)
			}
		})
	}
}

func TestARoleThatIsMissingEndsASyncAsItEndsAPing(t *testing.T) {
	reports := spapitest.Step{Operation: "getReports", Fault: spapitest.Denied, Times: -1}
	user := vantagepointtest.User{Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Deny: []string{"GET DataEntry/jeControl/{Batch}"}}
	for name, i := range map[string]install{
		"Amazon":       installWith(t, spapitest.Options{Faults: spapitest.Faults{Steps: []spapitest.Step{reports}}}, vantagepointtest.Options{}),
		"Vantagepoint": installWith(t, spapitest.Options{}, vantagepointtest.Options{Users: []vantagepointtest.User{user}}),
	} {
		t.Run(name, func(t *testing.T) {
			i.run(t, "connect", "acme-us")
			i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
			if o := i.run(t, "sync").expect(t, exitUsage); !strings.Contains(o.errors, "role") {
				t.Errorf("stderr: %s", o.errors)
			}
		})
	}
}

func TestPingMayBeRepeatedWhenASystemFails(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	i.amazon.Inject(spapitest.Step{Operation: "getReports", Fault: spapitest.Unavailable, Times: -1})
	if c := i.run(t, "ping", "--json").expect(t, exitRemote).report(t)["amazon.settlement_reports"]; c.OK || !strings.Contains(c.Remedy, "later") {
		t.Errorf("%+v", c)
	}
}

func TestPingRunsBesideAProcessThatHoldsTheHome(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	held, err := home.Open(filepath.Join(i.dir, "payoutsync-data"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	i.run(t, "ping").expect(t, 0)
}

func TestCredentialsThatLapseSoonAreWarnedOf(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	entered := func(column string, ago time.Duration) {
		t.Helper()
		db, err := store.Open(t.Context(), i.database, filepath.Join(i.dir, "payoutsync-data"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(t.Context(), "update sellers set "+column+" = ?", time.Now().Add(-ago).UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	check := func(name string) ping.Check {
		t.Helper()
		return i.run(t, "ping", "--json").expect(t, 0).report(t)[name]
	}
	entered("secret_at", 149*day)
	if c := check("amazon.client_secret"); c.Remedy != "" {
		t.Errorf("31 days before its end: %+v", c)
	}
	entered("secret_at", 151*day)
	if c := check("amazon.client_secret"); !strings.Contains(c.Remedy, "Rotate secret") || !strings.Contains(c.Message, "ends on "+time.Now().Add(29*day).UTC().Format(time.DateOnly)) {
		t.Errorf("29 days before its end: %+v", c)
	}
	if o := i.run(t, "sync", "--dry-run", "--quiet").expect(t, 0); !strings.Contains(o.errors, "Rotate secret") {
		t.Errorf("sync does not warn: %s", o.errors)
	}
	entered("authorised_at", 366*day)
	if c := check("amazon.authorisation"); !strings.Contains(c.Remedy, "Manage Your Apps") || !strings.Contains(c.Message, "ended on") {
		t.Errorf("after its end: %+v", c)
	}
	// The same secret entered again is as old as before; a new one is new.
	i.run(t, "connect", "acme-us").expect(t, 0)
	if c := check("amazon.client_secret"); c.Remedy == "" {
		t.Error("the same secret counts as new after it was entered again")
	}
	entered("secret_at", 200*day)
	i.amazon.Inject(spapitest.Step{Operation: "token", Fault: spapitest.LoginUnavailable})
	i.credentials["amazon"]["client_secret"] = "amzn1.oa2-cs.v1.another"
	if c := i.run(t, "connect", "acme-us", "--json").expect(t, exitUsage).report(t)["amazon.log_in"]; !strings.Contains(c.Message, "has expired") {
		t.Errorf("a refused secret after 200 days: %+v", c)
	}
}
