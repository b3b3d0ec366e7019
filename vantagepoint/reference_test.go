package vantagepoint_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestReferenceDataAreReadFromTheirPlaces(t *testing.T) {
	const page = "?page=1&pageSize=500"
	tn := newTenant(t)
	client := tn.client()
	ctx := t.Context()
	count := func(n int, err error) (string, error) { return strings.Repeat("x", n), err }
	for path, call := range map[string]func() (string, error){
		"firm" + page: func() (string, error) {
			return count(len(all(t, client.Firms.List(ctx, vantagepoint.Query{}))), nil)
		},
		"firm/A%2FB":      func() (string, error) { r, err := client.Firms.Record(ctx, "A/B"); return r.Name, err },
		"contact/C1":      func() (string, error) { r, err := client.Contacts.Record(ctx, "C1"); return r.LastName, err },
		"employee/1%7CA0": func() (string, error) { r, err := client.Employees.Record(ctx, "1|A0"); return r.LastName, err },
		"organization" + page: func() (string, error) {
			return all(t, client.Organizations.List(ctx, vantagepoint.Query{}))[0].Name, nil
		},
		"project" + page: func() (string, error) {
			return all(t, client.Projects.List(ctx, "", vantagepoint.Query{}))[0].Name, nil
		},
		"project/P%7C01%7CA":  func() (string, error) { r, err := client.Projects.Project(ctx, "P", "01", "A"); return r.Name, err },
		"project/hierarchy/P": func() (string, error) { r, err := client.Projects.Hierarchy(ctx, "P"); return r[0].Name, err },
		"codeTable/CFGx" + page: func() (string, error) {
			return all(t, client.Codes.List(ctx, "CFGx", vantagepoint.Query{}))[0].Description, nil
		},
		"Settings/Company":       func() (string, error) { r, err := client.Settings.Companies(ctx); return r[0].FirmName, err },
		"Settings/ActiveCompany": func() (string, error) { r, err := client.Settings.ActiveCompany(ctx); return r.FirmName, err },
		"Settings/General":       func() (string, error) { r, err := client.Settings.General(ctx); return r.Extra["Name"].(string), err },
		"Settings/SystemLabels":  func() (string, error) { r, err := client.Settings.Labels(ctx); return r[0].Extra["Name"].(string), err },
		"KeyCvt/CFGFormat": func() (string, error) {
			r, err := client.Settings.KeyFormats(ctx)
			return strings.Repeat("x", r.RefnoLength), err
		},
		"UDIC/Seller/S1": func() (string, error) {
			r, err := client.Hub("Seller").Record(ctx, "S1")
			return r.Extra["Name"].(string), err
		},
		"Accounts" + page: func() (string, error) {
			return all(t, client.Accounts.List(ctx, vantagepoint.Query{}))[0].Name, nil
		},
	} {
		tn.reply("GET", path, 200, `[{"Name":"x","LastName":"x","FirmName":"x","Description":"x","RefnoLength":"1","WBS2":" ","Type":"4","CustA":"kept"}]`)
		got, err := call()
		if err != nil || got != "x" {
			t.Errorf("%s: %q, %v", path, got, err)
		}
		tn.mock.Reset()
		tn.reply("POST", "token", 200, token(1))
	}
}

func TestChartOfAccountsFallsBackToTheLedger(t *testing.T) {
	tenant, client := fake(t, vantagepointtest.Options{})
	if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Journals.Post(t.Context(), "JE-a"); err != nil {
		t.Fatal(err)
	}
	rows := all(t, client.Accounts.List(t.Context(), vantagepoint.Query{}))
	if len(rows) != len(vantagepointtest.DemoAccounts()) || rows[0].Type != vantagepoint.Asset || rows[0].Name == "" {
		t.Errorf("%d accounts, first %+v", len(rows), rows[0])
	}
	ledger := clientOf(t, tenant, func(c *vantagepoint.Config) { c.Accounts = vantagepoint.AccountsFromLedger })
	var got []string
	for _, a := range all(t, ledger.Accounts.List(t.Context(), vantagepoint.Query{})) {
		got = append(got, a.Account)
	}
	if diff := cmp.Diff([]string{"115.00", "611.00", "401.00"}, got); diff != "" {
		t.Errorf("accounts of the ledger (-want +got):\n%s", diff)
	}

	_, refused := fake(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoAccounts: true}})
	if rows := all(t, refused.Accounts.List(t.Context(), vantagepoint.Query{})); len(rows) != 0 {
		t.Errorf("an empty ledger shows %d accounts", len(rows))
	}
	for source, want := range map[vantagepoint.AccountSource]error{vantagepoint.NoAccounts: vantagepoint.ErrNotFound, vantagepoint.AccountsFromEndpoint: vantagepoint.ErrNotFound} {
		tenant, _ := fake(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoAccounts: true}})
		client := clientOf(t, tenant, func(c *vantagepoint.Config) { c.Accounts = source })
		for _, err := range client.Accounts.List(t.Context(), vantagepoint.Query{}) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
}

func TestPathsCanBeReplaced(t *testing.T) {
	tn := newTenant(t)
	client := tn.client(func(c *vantagepoint.Config) {
		c.Paths = map[string]string{"Accounts": "vision:Accounts", "Settings": "Cfg", "settings/period": "My/Periods"}
	})
	tn.mock.RegisterResponder("GET", "https://acme.example.com/acme/vision/Accounts", answer(200, `[{"Account":"1","Name":"x"}]`))
	if rows := all(t, client.Accounts.List(t.Context(), vantagepoint.Query{})); len(rows) != 1 {
		t.Errorf("%d accounts", len(rows))
	}
	tn.reply("GET", "My/Periods", 200, period)
	if _, err := client.Settings.Periods(t.Context()); err != nil {
		t.Error(err)
	}
	tn.reply("GET", "Cfg/ActivePeriod", 200, period)
	if _, err := client.Settings.ActivePeriod(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDoReachesEverything(t *testing.T) {
	tn := newTenant(t)
	tn.reply("PUT", "firm/A%2FB?x=y", 200, `[{"ClientID":"A/B","Number":12345678901234567890}]`)
	var out []map[string]any
	request := vantagepoint.Request{Method: "PUT", Path: []string{"firm", "A/B"}, Query: map[string][]string{"x": {"y"}}, Body: map[string]string{"Name": "n"}}
	if err := tn.client().Do(t.Context(), request, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]map[string]any{{"ClientID": "A/B", "Number": json.Number("12345678901234567890")}}, out); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if body := tn.requests("PUT", "firm")[0].body; body != `{"Name":"n"}` {
		t.Errorf("sent %s", body)
	}
	for _, path := range [][]string{nil, {""}, {"firm", "", "x"}, {"firm", "..", "token"}} {
		if err := tn.client().Do(t.Context(), vantagepoint.Request{Path: path}, nil); err == nil {
			t.Errorf("the path %q was taken", path)
		}
	}
	tn.reply("DELETE", "firm/1", 503, ``)
	remove := vantagepoint.Request{Method: "DELETE", Path: []string{"firm", "1"}}
	if err := tn.client().Do(t.Context(), remove, nil); !errors.Is(err, vantagepoint.ErrUnanswered) || tn.count("DELETE", "firm") != 1 {
		t.Errorf("%v, sent %d times", err, tn.count("DELETE", "firm"))
	}
}

func TestProceduresAnswerXMLInAString(t *testing.T) {
	tn := newTenant(t)
	tn.reply("POST", "Utilities/InvokeCustom/Accounts", 200, `"<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<NewDataSet><Table><Account>101.00</Account></Table></NewDataSet>"`)
	var out struct {
		XMLName xml.Name `xml:"NewDataSet"`
		Rows    []struct {
			Account string `xml:"Account"`
		} `xml:"Table"`
	}
	if err := tn.client().Procedures.InvokeInto(t.Context(), "Accounts", map[string]any{"Company": "A0"}, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Rows) != 1 || out.Rows[0].Account != "101.00" {
		t.Errorf("read %+v", out)
	}
	if body := tn.requests("POST", "Utilities")[0].body; body != `{"Company":"A0"}` {
		t.Errorf("sent %s", body)
	}
	tn.reply("POST", "Utilities/InvokeCustom/Lost", 502, ``)
	if _, err := tn.client().Procedures.Invoke(t.Context(), "Lost", nil); !errors.Is(err, vantagepoint.ErrUnanswered) || tn.count("POST", "Utilities/InvokeCustom/Lost") != 1 {
		t.Errorf("got %v", err)
	}
}
