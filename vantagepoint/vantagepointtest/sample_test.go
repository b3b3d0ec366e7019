package vantagepointtest_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// sampleTenant is one in which the published samples can be booked.
func sampleTenant() vantagepointtest.Options {
	return vantagepointtest.Options{
		Company: "A0", RefnoLength: 11,
		Accounts: []vantagepointtest.Account{
			{Number: "101.00", Name: "Cash", Type: vantagepointtest.Asset},
			{Number: "111.00", Name: "AR", Type: vantagepointtest.Asset},
			{Number: "422.00", Name: "Revenue", Type: vantagepointtest.Revenue},
			{Number: "701.00", Name: "Salaries", Type: vantagepointtest.Indirect},
		},
		Projects: []vantagepointtest.Project{
			{WBS1: "00000001.00", Name: "Overhead", Org: "A0.00.00", ChargeType: "H"}, {WBS1: "00000100.00", Name: "Job", Org: "A0.00.00"},
		},
	}
}

// The published sample of a journal entry, shortened by nothing.
const sampleJournal = `{
  "Batch": "je-7f3a9c", "Description": "Payroll 2024-01", "Recurring": "N",
  "EndDate": "2024-01-31T00:00:00.000", "DefaultCurrencyCode": "USD",
  "Total": 100.00, "CreditsTotal": 100.00, "AllowTaxEntries": "N",
  "Selected": "N", "Posted": "N", "Creator": "APIUSER", "Period": 202401, "Company": "A0",
  "RecurSchedule": "N", "RecurClearAmounts": "N", "RecurStartDate": "", "RecurFrequency": "", "RecurType": "",
  "RecurTimes": 0, "RecurExpirationDate": "", "RecurAutoPost": "N", "RecurProcessQueue": "", "RecurTimesUsed": 0,
  "RecurLastPostDate": "", "Reverse": "N", "ReverseDate": "", "ReverseAutoPost": "N", "ReverseProcessQueue": "",
  "RecurAlert": "N", "ReverseAlert": "N", "ProcessID": "",
  "jeMaster": [{
    "Batch": "je-7f3a9c", "RefNo": "00000002589", "TransDate": "2024-01-31T00:00:00.000",
    "Description": "Payroll January", "Type": "3", "UpdateBilled": "N", "Posted": "N", "Seq": 0,
    "CurrencyCode": "USD", "CurrencyExchangeOverrideMethod": "N", "CurrencyExchangeOverrideDate": "",
    "CurrencyExchangeOverrideRate": 0, "Status": "N", "AuthorizedBy": "", "RejectReason": "",
    "ModUser": "", "ModUserEmployee": "", "ModDate": "", "Diary": "", "DiaryNo": 0, "AllowAssetEntries": "N"
  }],
  "jeDetail": [
    {"Batch": "je-7f3a9c", "RefNo": "00000002589", "PKey": "7f3a9c0001", "Seq": 1, "EquipmentID": "", "EquipmentDesc": "",
     "Description": "Salaries", "WBS1": "00000001.00", "WBS2": " ", "WBS3": " ", "Account": "701.00",
     "DebitAmount": 100.00, "CreditAmount": 0, "CurrencyExchangeOverrideRate": 0, "SuppressBill": "N", "LinkCompany": "",
     "DebitAmountFunctionalCurrency": 0, "CreditAmountFunctionalCurrency": 0,
     "DebitAmountProjectCurrency": 0, "CreditAmountProjectCurrency": 0},
    {"Batch": "je-7f3a9c", "RefNo": "00000002589", "PKey": "7f3a9c0002", "Seq": 2,
     "Description": "Bank", "WBS1": "", "WBS2": " ", "WBS3": " ", "Account": "101.00",
     "DebitAmount": 0, "CreditAmount": 100.00, "SuppressBill": "N"}
  ],
  "jeDetailTax": []
}`

const sampleInvoice = `{"Batch":"in-51c0","Description":"Invoices 2024-01","Recurring":"N","EndDate":"2024-01-31T00:00:00.000","Total":120,"RetTotal":20,
 "Selected":"N","Posted":"N","Creator":"APIUSER","Period":202401,"Company":"A0",
 "inMaster":[{"Batch":"in-51c0","Invoice":"00000000333","WBS1":"00000100.00","WBS2":" ","WBS3":" ","TransDate":"2024-01-16T00:00:00.000","DueDate":"",
   "TransComment":"Invoice","Posted":"N","Seq":1,"CurrencyExchangeOverrideMethod":"N","CurrencyExchangeOverrideDate":"","CurrencyExchangeOverrideRate":0,
   "Status":"N","AuthorizedByName":"","AuthorizedBy":"","RejectReason":"","ModUser":"","ModDate":"","Diary":"","DiaryNo":0}],
 "inDetail":[{"Batch":"in-51c0","Invoice":"00000000333","WBS1":"00000100.00","WBS2":" ","WBS3":" ","PKey":"51c00001","Seq":1,"InvoiceSection":"C","TaxCode":"",
   "Account":"422.00","Amount":120,"RetAmount":20,"TaxBasis":0,"Retainer":"N","LinkWBS1":"","LinkWBS2":"","LinkWBS3":"","CreditMemoRefNo":""}]}`

// members decodes the first object of an array, so that the order of members does not count, but their presence does.
func members(t *testing.T, body string) map[string]any {
	t.Helper()
	return reply{Body: body}.rows(t)[0]
}

func TestPublishedSamplesAreAnsweredAsPublished(t *testing.T) {
	_, c := start(t, sampleTenant())
	control := c.want(201, "POST", "DataEntry/jeControl", sampleJournal).rows(t)[0]
	for name, value := range map[string]any{
		"Batch": "je-7f3a9c", "Total": json.Number("100"), "CreditsTotal": json.Number("100"), "SumDebitsTotal": json.Number("100"),
		"SumCreditsTotal": json.Number("100"), "DiffDebitsTotal": json.Number("0"), "DiffCreditsTotal": json.Number("0"),
		"Creator": "APIUSER", "Period": json.Number("202401"), "Company": "A0", "Posted": "N", "EndDate": "2024-01-31T00:00:00.000",
	} {
		if control[name] != value {
			t.Errorf("control %s is %v, want %v", name, control[name], value)
		}
	}
	want := members(t, `[{"Batch":"je-7f3a9c","RefNo":"00000002589","PKey":"7f3a9c0001","Seq":1,"EquipmentID":"","EquipmentDesc":"","Description":"Salaries",
  "WBS1":"00000001.00","WBS1Name":"Overhead","ClientName":"","WBS2Level":"N","ChargeType":"H","WBS2":" ","WBS2Name":"","WBS3Level":"N","WBS3":" ","WBS3Name":"",
  "FunctionalCurrencyCode":"USD","Org":"A0.00.00","Account":"701.00","AccountName":"Salaries","AccountCurrencyCode":"","GlobalAccount":"Y","AccountType":9,
  "DebitAmount":100,"CreditAmount":0,"TotalTaxDebit":0,"TotalTaxCredit":0,"TaxType":"","CurrencyExchangeOverrideRate":0,"SuppressBill":"N","LinkCompany":"",
  "DebitAmountFunctionalCurrency":0,"CreditAmountFunctionalCurrency":0,"DebitAmountProjectCurrency":0,"CreditAmountProjectCurrency":0}]`)
	if diff := cmp.Diff(want, members(t, c.want(200, "GET", "DataEntry/jeDetail/je-7f3a9c", "").Body)); diff != "" {
		t.Errorf("jeDetail: %s", diff)
	}
	wantInvoice := `[{"Batch":"in-51c0","Description":"Invoices 2024-01","Recurring":"N","EndDate":"2024-01-31T00:00:00.000","DefaultTaxCode":"","Total":120,` +
		`"SumTotal":120,"DiffTotal":0,"RetTotal":20,"SumRetTotal":20,"DiffRetTotal":0,"Selected":"N","Posted":"N","Creator":"APIUSER","Period":202401,"Company":"A0"}]`
	if diff := cmp.Diff(wantInvoice, c.want(201, "POST", "DataEntry/inControl", sampleInvoice).Body); diff != "" {
		t.Errorf("inControl: %s", diff)
	}
	if p := posting(t, c.want(200, "PUT", "DataEntry/PostTransFile",
		`{"parms":{"batch":"je-7f3a9c","clientcompany":"A0","description":"Payroll 2024-01","period":"202401","transtype":"JE"}}`)); p["retList"] != "1" {
		t.Fatalf("%v", p)
	}
	ledger := c.want(200, "GET", "PSALedger/JE?filterHash[0][name]=Period&filterHash[0][value]=202401&filterHash[0][type]=int&q.maxrows=1000", "").rows(t)[0]
	for name, value := range map[string]any{
		"Period": json.Number("202401"), "WBS1": "00000001.00", "WBS2": " ", "WBS3": " ", "Account": "701.00", "Org": "A0.00.00", "TransType": "JE", "SubType": "",
		"RefNo": "2589", "TransDate": "2024-01-31T00:00:00.000", "Desc1": "Payroll January", "Desc2": "Salaries", "Amount": json.Number("100"),
		"CBAmount": json.Number("0"), "AutoEntry": "N", "SkipGL": "N", "TransactionAmount": json.Number("100"), "TransactionCurrencyCode": " ",
	} {
		if ledger[name] != value {
			t.Errorf("ledger %s is %v, want %v", name, ledger[name], value)
		}
	}
}
