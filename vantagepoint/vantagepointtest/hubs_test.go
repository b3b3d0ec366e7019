package vantagepointtest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func people() vantagepointtest.Options {
	return vantagepointtest.Options{
		Firms: []vantagepointtest.Firm{{
			ClientID: "F1", Name: "Amazon", Number: "000001", Vendor: "AMZ",
			Addresses: []vantagepointtest.Address{{Code: "HQ", City: "Seattle", Country: "US"}},
		}},
		Contacts:      []vantagepointtest.Contact{{ContactID: "C1", ClientID: "F1", LastName: "Doe"}},
		Employees:     []vantagepointtest.Employee{{Employee: "7", Company: "A0", LastName: "Roe"}, {Employee: "7", Company: "B0", LastName: "Poe"}, {Employee: "8", Company: "A0"}},
		Organizations: []vantagepointtest.Organization{{Org: "A0.00", Name: "Head office"}},
		UserHubs:      map[string][]map[string]string{"UDIC_Sellers": {{"UDIC_UID": "1", "CustName": "One"}, {"UDIC_UID": "2", "CustName": "Two"}}},
		CodeTables:    map[string][]vantagepointtest.Code{"CFGTerms": {{Code: "30", Description: "30 days"}}},
	}
}

func TestHubsAnswerListsAndArraysOfOne(t *testing.T) {
	_, c := start(t, people())
	for path, want := range map[string]string{
		"firm?fieldFilter=ClientID,Vendor":                                               `[{"ClientID":"F1","Vendor":"AMZ"}]`,
		"Firm/F1?fieldFilter=Name":                                                       `[{"Name":"Amazon"}]`,
		"firm/F1/address?fieldFilter=Address,Country":                                    `[{"Address":"HQ","Country":"US"}]`,
		"firm/F1/contact?fieldFilter=LastName":                                           `[{"LastName":"Doe"}]`,
		"firm/F1/project":                                                                `[]`,
		"contact/C1?fieldFilter=LastName":                                                `[{"LastName":"Doe"}]`,
		"employee?fieldFilter=Employee":                                                  `[{"Employee":"7"},{"Employee":"7"},{"Employee":"8"}]`,
		"employee/7%7CB0?fieldFilter=LastName":                                           `[{"LastName":"Poe"}]`,
		"employee/8?fieldFilter=EmployeeCompany":                                         `[{"EmployeeCompany":"A0"}]`,
		"organization?fieldFilter=Name":                                                  `[{"Name":"Head office"}]`,
		"codeTable/CFGTerms":                                                             `[{"Code":"30","Description":"30 days"}]`,
		"metadata/codeTable/CFGCountry?fieldFilter=Code":                                 `[{"Code":"CA"},{"Code":"DE"},{"Code":"GB"},{"Code":"US"}]`,
		"project?wbstype=wbs1&fieldFilter=WBS1":                                          `[{"WBS1":"00000000.00"},{"WBS1":"00000100.00"},{"WBS1":"00000200.00"}]`,
		"project?wbstype=wbs2&fieldFilter=WBS1,WBS2,WBS3":                                `[{"WBS1":"00000200.00","WBS2":"01","WBS3":" "}]`,
		"project?wbstype=WBS3&fieldFilter=WBS3":                                          `[{"WBS3":"A"}]`,
		"project/00000200.00?fieldFilter=Name":                                           `[{"Name":"Shop relaunch"}]`,
		"project/00000200.00%7C01%7C%20?fieldFilter=Name":                                `[{"Name":"Design"}]`,
		"project/00000200.00%7C01%7CA?fieldFilter=Name":                                  `[{"Name":"Concept"}]`,
		"project/hierarchy/00000200.00?fieldFilter=Name":                                 `[{"Name":"Shop relaunch"},{"Name":"Design"},{"Name":"Concept"}]`,
		"Accounts?pageSize=1&fieldFilter=Account,Name,Type,Status":                       `[{"Account":"101.00","Name":"Cash, operating account","Type":1,"Status":"A"}]`,
		"../vision/Accounts/?pageSize=1&fieldFilter=Account":                             `[{"Account":"101.00"}]`,
		"AccountingCompanyConfig/CFGAutoPosting?fieldFilter=ARAccount":                   `[{"ARAccount":"111.00"}]`,
		"UDIC/UDIC_Sellers?order=CustName_D&fieldFilter=UDIC_UID":                        `[{"UDIC_UID":"2"},{"UDIC_UID":"1"}]`,
		"UDIC/UDIC_Sellers/2":                                                            `[{"CustName":"Two","UDIC_UID":"2"}]`,
		"Settings/General":                                                               `[{"MultiCompany":"N","MultiCurrency":"N","FunctionalCurrencyCode":"USD"}]`,
		"KeyCvt/CFGFormatOrg?fieldFilter=OrgLevels":                                      `[{"OrgLevels":2}]`,
		"firm?filterHash[0][name]=Vendor&filterHash[0][value]=none":                      `[]`,
		"project?order=WBS1_D&pageSize=1&fieldFilter=WBS1&wbstype=wbs1":                  `[{"WBS1":"00000200.00"}]`,
		"project?filterHash[0][name]=ChargeType&filterHash[0][value]=H&fieldFilter=Name": `[{"Name":"Overhead"}]`,
	} {
		if diff := cmp.Diff(want, c.want(200, "GET", path, "").Body); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	for _, path := range []string{"firm/F2", "UDIC/none", "UDIC/UDIC_Sellers/3", "employee/7", "employee/7%7CC0", "project/1", "project/hierarchy/1", "firm/F2/address", "codeTable/none"} {
		c.want(404, "GET", path, "")
	}
	_, without := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{NoAccounts: true}})
	without.want(404, "GET", "Accounts", "")
}

func TestWrittenRecordsChangeTheirKeysAndAreKept(t *testing.T) {
	o := people()
	o.Dir = filepath.Join(t.TempDir(), "books")
	o.Formats.Client = vantagepointtest.KeyFormat{Length: 6, LeadZeros: true}
	_, c := start(t, o)
	r := c.want(201, "POST", "firm", `{"ClientID":"","Client":"56","Name":"Shop","Vendor":"shop","Unknown":1,
		"CLAddress":[{"_transType":"I","Address":"HQ","City":"Berlin","Country":"DE"}]}`)
	firm := r.rows(t)[0]
	if firm["Client"] != "000056" || firm["Vendor"] != "SHOP" || firm["ClientID"] == "" || firm["ModDate"] == "" {
		t.Errorf("stored %v", firm)
	}
	id := firm["ClientID"].(string)
	if got := r.Header.Get("Location"); got != "/demo/api/firm/"+id {
		t.Errorf("Location %q", got)
	}
	row := c.want(200, "PUT", "firm/"+id, `{"Name":"Shop 2","CLAddress":[{"_transType":"U","Address":"HQ","City":"Bonn"}]}`).rows(t)[0]
	if _, computed := row["ModDate"]; computed || row["Name"] != "Shop 2" || row["Vendor"] != "SHOP" {
		t.Errorf("PUT answers %v", row)
	}
	if got := c.want(200, "PUT", "firm/"+id, `{"ClientID":"F9"}`).rows(t)[0]["ClientID"]; got != id {
		t.Errorf("PUT made the key %v", got)
	}
	c.want(404, "GET", "firm/F9", "")
	c.want(201, "POST", "../vision/Accounts", `{"Account":"499.00","Name":"Gifts","Type":4}`)
	c.want(201, "POST", "../vision/TaxCode", `{"Code":"vat","Account":"221.00"}`)
	c.want(201, "POST", "project", `{"WBS1":"00000300.00","WBS2":" ","WBS3":" ","Name":"New","Org":"A0.01"}`)
	c.want(400, "POST", "project", `{"WBS1":"00000300.00","WBS2":" ","WBS3":" ","Name":"New","Org":"A0.01"}`)

	// All of it is there for the next batch, and after a restart.
	_, again := start(t, o)
	doc := journal("je", "1", "5", "5", `"401.00"`, `"499.00"`, `"00000100.00"`, `"00000300.00"`, `"jeDetailTax": []`,
		`"jeDetailTax": [{"Batch":"je","RefNo":"1","PKey":"je1","TaxCode":"VAT","Seq":1,"TaxDebitAmount":0,"TaxCreditAmount":0}]`)
	again.want(201, "POST", "DataEntry/jeControl", doc)
	if p := posting(t, again.want(200, "PUT", "DataEntry/PostTransFile", order("je", "JE", "202601"))); p["retList"] != "1" {
		t.Errorf("%v", p)
	}
	if got := again.want(200, "GET", "firm/"+id+"/address?fieldFilter=City,Country", "").Body; got != `[{"City":"Bonn","Country":"DE"}]` {
		t.Errorf("address %s", got)
	}
}

// TestKeysAreRewrittenOnSave has one case for each way in which a stored key differs from the one that was sent.
func TestKeysAreRewrittenOnSave(t *testing.T) {
	o := people()
	o.RefnoLength = 7
	o.Quirks.UpperBatch = true
	tenant, c := start(t, o)
	c.want(201, "POST", "DataEntry/apControl", voucher("ap-lower", "3"))
	c.want(201, "POST", "DataEntry/crControl", receipt("cr", "A1", "3", `"BankCode": "OPER"`, `"BankCode": " oper"`, `"Invoice": ""`, `"Invoice": "33"`))
	master := c.want(200, "GET", "DataEntry/apMaster/ap-lower", "").rows(t)[0]
	if diff := cmp.Diff(map[string]any{"Batch": "AP-LOWER", "Vendor": "AMZ", "Voucher": "0000001"}, pick(master, "Batch", "Vendor", "Voucher")); diff != "" {
		t.Error(diff)
	}
	receipt := c.want(200, "GET", "DataEntry/crMaster/cr%7CA1", "").rows(t)[0]
	if diff := cmp.Diff(map[string]any{"RefNo": "00000A1", "BankCode": "OPER"}, pick(receipt, "RefNo", "BankCode")); diff != "" {
		t.Error(diff)
	}
	if d := c.want(200, "GET", "DataEntry/crDetail/cr", "").rows(t)[0]; d["Invoice"] != "0000033" {
		t.Errorf("invoice %v", d["Invoice"])
	}
	if refs := tenant.Journal()[1].Ref; !strings.HasPrefix(refs, "00000") {
		t.Errorf("reference %s", refs)
	}
}
