package vantagepointtest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// TestEveryObservedErrorTextCanBeMet has one case for each text that working connectors know.
func TestEveryObservedErrorTextCanBeMet(t *testing.T) {
	const control, je = "DataEntry/jeControl", "je-1"
	firm := func(changes ...string) string {
		return edit(`{"ClientID":"","Client":"56","Name":"Shop","Vendor":"shop","CLAddress":[{"_transType":"I","Address":"HQ","City":"Berlin","Country":"DE"}]}`, changes)
	}
	for name, test := range map[string]struct {
		before       [][3]string // calls that must succeed
		method, path string
		body         string
		options      vantagepointtest.Options
		status       int
		want         string
	}{
		"duplicate batch": {
			before: [][3]string{{"POST", control, journal(je, "1", "1", "1")}}, method: "POST", path: control, body: journal(je, "1", "1", "1"),
			status: 400, want: "Record je-1 already exists and cannot be added",
		},
		"duplicate batch with another status": {
			options: vantagepointtest.Options{Quirks: vantagepointtest.Quirks{DuplicateStatus: 409}},
			before:  [][3]string{{"POST", control, journal(je, "1", "1", "1")}}, method: "POST", path: control, body: journal(je, "1", "1", "1"),
			status: 409, want: "Record je-1 already exists and cannot be added",
		},
		"duplicate line key": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"PKey": "je-12"`, `"PKey": "je-11"`),
			status: 400, want: "Record je-11 already exists and cannot be added",
		},
		"duplicate firm": {
			before: [][3]string{{"POST", "firm", firm()}}, method: "POST", path: "firm", body: firm(),
			status: 400, want: "Firm Number already exists: 000056<BR/>Vendor Number already exists: SHOP",
		},
		"duplicate tax code": {
			before: [][3]string{{"POST", "../vision/TaxCode", `{"Code":"vat-standard-rate","Account":"221.00"}`}},
			method: "POST", path: "../vision/TaxCode", body: `{"Code":"VAT-standa","Account":"221.00"}`,
			status: 400, want: "Tax Code VAT-STANDA already exists",
		},
		"record not found": {method: "GET", path: "firm/nobody", status: 404, want: "Record not found"},
		"records not found": {
			method: "GET", path: "DataEntry/jeControl/nothing", status: 404, want: "The requested records could not be found.",
		},
		"unknown custom field": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"Type": "3"`, `"Type": "3", "CustSeller": "A1"`),
			status: 400, want: "Field CustSeller does not exist",
		},
		"unknown field, strict tenant": {
			options: vantagepointtest.Options{Quirks: vantagepointtest.Quirks{RefuseUnknownFields: true}},
			method:  "POST", path: control, body: journal(je, "1", "1", "1", `"Type": "3"`, `"Type": "3", "Seller": "A1"`),
			status: 400, want: "Field Seller does not exist",
		},
		"key column missing": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"RefNo": "1", "TransDate"`, `"TransDate"`),
			status: 400, want: "Column:RefNo does not exist",
		},
		"hub key missing": {method: "POST", path: "firm", body: `{"Name":"Shop"}`, status: 400, want: "Column:ClientID does not exist"},
		"line key missing, strict tenant": {
			options: vantagepointtest.Options{Quirks: vantagepointtest.Quirks{RequirePKey: true}},
			method:  "POST", path: control, body: journal(je, "1", "1", "1", `"PKey": "je-11", `, ``),
			status: 400, want: "Column:PKey does not exist",
		},
		"required values": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"Batch": "je-1"`, `"Batch": ""`, `"EndDate": "2026-01-31T00:00:00.000"`, `"EndDate": ""`),
			status: 400, want: "Please provide a File Name for table jeControl<BR/>Please provide a File End Date for table jeControl",
		},
		"header values, strict tenant": {
			options: vantagepointtest.Options{Company: "A0", Quirks: vantagepointtest.Quirks{RequireHeader: true}},
			method:  "POST", path: control, body: journal(je, "1", "1", "1", `"Creator": "api.user",`, ``),
			status: 400, want: "Please provide a Company for table jeControl<BR/>Please provide a Creator for table jeControl",
		},
		"organization": {
			method: "POST", path: "project", body: `{"WBS1":"00000300.00","WBS2":" ","WBS3":" ","Name":"New"}`,
			status: 400, want: "Organization is required",
		},
		"null": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"TransDate": "2026-01-31T00:00:00.000"`, `"TransDate": null`),
			status: 400, want: "Cannot insert NULL into TransDate column",
		},
		"key format": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"Account": "115.00"`, `"Account": "11500"`),
			status: 400, want: `"11500" is invalid. The correct format is ###.##`,
		},
		"country": {
			method: "POST", path: "firm", body: firm(`"DE"`, `"ZZ"`), status: 400, want: "Country Code ZZ does not exist",
		},
		"too long": {
			method: "POST", path: control, body: journal(je, "1234567890123", "1", "1"),
			status: 400, want: "String or binary data would be truncated in table 'jeMaster', column 'RefNo'. Truncated value: '123456789012'",
		},
		"null reference": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"RefNo": "1", "PKey"`, `"RefNo": "2", "PKey"`),
			status: 500, want: "Object reference not set to an instance of an object",
		},
		"unknown account": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"115.00"`, `"999.99"`),
			status: 400, want: "Account 999.99 does not exist",
		},
		"unknown project": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"WBS1": "00000100.00", "WBS2": " "`, `"WBS1": "00000100.00", "WBS2": "9"`),
			status: 400, want: "Project 00000100.00 9 does not exist",
		},
		"unknown bank": {
			method: "POST", path: "DataEntry/crControl", body: receipt("cr", "1", "1", `"BankCode": "OPER"`, `"BankCode": "NONE"`),
			status: 400, want: "Bank Code NONE does not exist",
		},
		"unknown vendor": {method: "POST", path: "DataEntry/apControl", body: voucher("ap", "1"), status: 400, want: "Vendor AMZ does not exist"},
		"unknown period": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `202601`, `202613`), status: 400, want: "Period 202613 does not exist",
		},
		"another company's batch": {
			options: vantagepointtest.Options{Company: "A0", Companies: []vantagepointtest.Company{{Code: "B0", Currency: "USD"}}},
			method:  "POST", path: control, body: journal(je, "1", "1", "1", `"Company": ""`, `"Company": "B0"`),
			status: 400, want: "Company B0 is not the active company",
		},
		"date with a zone": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"TransDate": "2026-01-31T00:00:00.000"`, `"TransDate": "2026-01-31T00:00:00Z"`),
			status: 400, want: "Error converting value for column TransDate of table jeMaster.",
		},
		"not a flag": {
			method: "POST", path: control, body: journal(je, "1", "1", "1", `"Recurring": "N"`, `"Recurring": false`),
			status: 400, want: `"false" is invalid. The correct format is Y or N`,
		},
		"unbalanced, strict tenant": {
			options: vantagepointtest.Options{Quirks: vantagepointtest.Quirks{StrictEntry: true}},
			method:  "POST", path: control, body: journal(je, "1", "2", "1"), status: 400, want: "record 000000000001 is out of balance by 1.00",
		},
		"stored procedure missing": {
			method: "POST", path: "Utilities/InvokeCustom/Accounts", body: "{}",
			status: 500, want: "Could not find stored procedure 'DeltekStoredProcAccounts'.",
		},
		"not JSON":      {method: "POST", path: control, body: `{"Batch": `, status: 400, want: "The request is invalid: the body is not JSON."},
		"not an object": {method: "POST", path: control, body: `[]`, status: 400, want: "The request body must be one JSON object."},
		"unknown path":  {method: "GET", path: "Nothing", status: 404, want: "No HTTP resource was found that matches the request URI."},
		"wrong method": {
			method: "DELETE", path: "Settings/Period", status: 405, want: "The requested resource does not support http method 'DELETE'.",
		},
		"no right": {
			options: vantagepointtest.Options{Users: []vantagepointtest.User{{
				Name: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, Deny: []string{"PUT DataEntry/PostTransFile"},
			}}},
			method: "PUT", path: "DataEntry/PostTransFile", body: order("x", "JE", "202601"), status: 403, want: "You do not have access to this record.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Formats = vantagepointtest.Formats{
				Client: vantagepointtest.KeyFormat{Length: 6, LeadZeros: true}, Account: vantagepointtest.KeyFormat{Length: 6, Delimiter: ".", Position: 4},
			}
			tenant, c := start(t, test.options)
			for _, b := range test.before {
				c.want(201, b[0], b[1], b[2])
			}
			stored := len(tenant.Batches())
			if got := c.want(test.status, test.method, test.path, test.body).message(t); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if len(tenant.Batches()) != stored {
				t.Error("a refused batch is stored")
			}
		})
	}
}

func TestErrorsComeInThreeForms(t *testing.T) {
	for form, want := range map[vantagepointtest.ErrorForm][2]string{
		vantagepointtest.ErrorsJSON: {"application/json", `{"message":"Record not found","detail":""}`},
		vantagepointtest.ErrorsText: {"text/plain", "Record not found<BR/>Record not found"},
		vantagepointtest.ErrorsHTML: {"text/html", "<h2>Record not found</h2>"},
	} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{Errors: form}})
		r := c.want(404, "GET", "firm/x", "")
		if !strings.HasPrefix(r.Header.Get("Content-Type"), want[0]) || !strings.Contains(r.Body, want[1]) {
			t.Errorf("%s: %s", r.Header.Get("Content-Type"), r.Body)
		}
	}
}

func TestWithoutATokenEverythingIs401(t *testing.T) {
	for htmlBody, want := range map[bool]string{false: "", true: "<!DOCTYPE html>"} {
		tenant, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{HTML401: htmlBody}})
		for _, token := range []string{"", "made-up"} {
			c.token = token
			for _, call := range [][2]string{{"GET", "Settings/Period"}, {"POST", "DataEntry/jeControl"}, {"GET", "Nowhere"}, {"GET", "../vision/Accounts"}} {
				body := ""
				if call[0] == "POST" {
					body = journal("je", "1", "1", "1")
				}
				if r := c.want(401, call[0], call[1], body); !strings.HasPrefix(r.Body, want) || (want == "") != (r.Body == "") {
					t.Errorf("%v: %q", call, r.Body)
				}
			}
		}
		if len(tenant.Batches()) != 0 {
			t.Error("a call without a token wrote something")
		}
	}
}

func TestTheBodyMustSayThatItIsJSON(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/DataEntry/jeControl", strings.NewReader(journal("je", "1", "1", "1")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if r, err := c.send(req); err != nil || r.Status != 415 {
		t.Errorf("%d %v", r.Status, err)
	}
}

func TestStoredProceduresAnswerXMLInsideAString(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{Procedures: map[string]func(map[string]string) (string, error){
		"Echo":  func(p map[string]string) (string, error) { return "<r>" + p["Account"] + p["N"] + "</r>", nil },
		"Fails": func(map[string]string) (string, error) { return "", errors.New("divide by zero") },
	}})
	if r := c.want(200, "POST", "Utilities/InvokeCustom/Echo", `{"Account":"1","N":2}`); r.Body != `"\u003cr\u003e12\u003c/r\u003e"` {
		t.Errorf("%s", r.Body)
	}
	if got := c.want(500, "POST", "Utilities/InvokeCustom/Fails", `{}`).message(t); got != "divide by zero" {
		t.Errorf("%q", got)
	}
}
