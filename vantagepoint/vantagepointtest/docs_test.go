package vantagepointtest_test

import (
	"fmt"
	"strings"
)

// The documents of these tests, in the shape of Deltek's samples. Amounts go in as JSON text.

// journal is a jeControl body with one record: a debit on one account, a credit on another.
func journal(batch, ref, debit, credit string, changes ...string) string {
	return edit(fmt.Sprintf(`{
  "Batch": %[1]q, "Description": "Payout", "Recurring": "N", "EndDate": "2026-01-31T00:00:00.000", "DefaultCurrencyCode": "USD",
  "Total": %[3]s, "CreditsTotal": %[4]s, "AllowTaxEntries": "N", "Selected": "N", "Posted": "N", "Creator": "api.user",
  "Period": 202601, "Company": "", "RecurSchedule": "N", "Reverse": "N",
  "jeMaster": [{"Batch": %[1]q, "RefNo": %[2]q, "TransDate": "2026-01-31T00:00:00.000", "Description": "Payout January", "Type": "3",
    "UpdateBilled": "N", "Posted": "N", "Seq": 0, "CurrencyCode": "USD", "CurrencyExchangeOverrideMethod": "N",
    "CurrencyExchangeOverrideDate": "", "CurrencyExchangeOverrideRate": 0, "Status": "N"}],
  "jeDetail": [
    {"Batch": %[1]q, "RefNo": %[2]q, "PKey": "%[1]s1", "Seq": 1, "Description": "Clearing", "WBS1": "", "WBS2": " ", "WBS3": " ",
     "Account": "115.00", "DebitAmount": %[3]s, "CreditAmount": 0, "SuppressBill": "N"},
    {"Batch": %[1]q, "RefNo": %[2]q, "PKey": "%[1]s2", "Seq": 2, "Description": "Sales", "WBS1": "00000100.00", "WBS2": " ", "WBS3": " ",
     "Account": "401.00", "DebitAmount": 0, "CreditAmount": %[4]s, "SuppressBill": "N"}],
  "jeDetailTax": []}`, batch, ref, debit, credit), changes)
}

// receipt is a crControl body: money on bank OPER for the clearing account.
func receipt(batch, ref, amount string, changes ...string) string {
	return edit(fmt.Sprintf(`{
  "Batch": %[1]q, "Description": "Deposit", "Recurring": "N", "EndDate": "2026-01-31T00:00:00.000", "Total": %[3]s, "DefaultBank": "OPER",
  "Selected": "N", "Posted": "N", "Creator": "api.user", "Period": 202601, "Company": "",
  "crMaster": [{"Batch": %[1]q, "RefNo": %[2]q, "TransDate": "2026-01-30T00:00:00.000", "TransComment": "Amazon deposit", "Posted": "N",
    "BankCode": "OPER", "Seq": 1, "CurrencyCode": "USD", "Status": "N"}],
  "crDetail": [{"Batch": %[1]q, "RefNo": %[2]q, "PKey": "%[1]s1", "Seq": 1, "Description": "Settlement 1", "WBS1": "", "WBS2": " ",
    "WBS3": " ", "Invoice": "", "Account": "115.00", "Amount": %[3]s, "Interest": "N", "TaxCode": "", "Retainer": "N"}]}`,
		batch, ref, amount), changes)
}

// disbursement is a cdControl body: a charge on bank OPER for the payable to Amazon.
func disbursement(batch, check, amount string, changes ...string) string {
	return edit(fmt.Sprintf(`{
  "Batch": %[1]q, "Description": "Charge", "Recurring": "N", "EndDate": "2026-01-31T00:00:00.000", "Total": %[3]s, "DefaultBank": "OPER",
  "Selected": "N", "Posted": "N", "Creator": "api.user", "Period": 202601, "Company": "",
  "cdMaster": [{"Batch": %[1]q, "CheckNo": %[2]q, "TransDate": "2026-01-15T00:00:00.000", "Payee": "Amazon", "BankCode": "OPER", "Seq": 1}],
  "cdDetail": [{"Batch": %[1]q, "CheckNo": %[2]q, "PKey": "%[1]s1", "Seq": 1, "Description": "Successful charge", "WBS1": "", "WBS2": "",
    "WBS3": "", "Account": "211.00", "Amount": %[3]s, "NetAmount": %[3]s}]}`, batch, check, amount), changes)
}

// invoice is an inControl body: one section billed on a project.
func invoice(batch, number, amount string, changes ...string) string {
	return edit(fmt.Sprintf(`{
  "Batch": %[1]q, "Description": "Invoices", "Recurring": "N", "EndDate": "2026-01-31T00:00:00.000", "Total": %[3]s, "RetTotal": 0,
  "Selected": "N", "Posted": "N", "Creator": "api.user", "Period": 202601, "Company": "",
  "inMaster": [{"Batch": %[1]q, "Invoice": %[2]q, "WBS1": "00000100.00", "WBS2": " ", "WBS3": " ", "TransDate": "2026-01-16T00:00:00.000",
    "DueDate": "", "TransComment": "Invoice", "Posted": "Y", "Seq": 1, "Status": "N"}],
  "inDetail": [{"Batch": %[1]q, "Invoice": %[2]q, "WBS1": "00000100.00", "WBS2": " ", "WBS3": " ", "PKey": "%[1]s1", "Seq": 1,
    "InvoiceSection": "C", "TaxCode": "", "Account": "401.00", "Amount": %[3]s, "RetAmount": 0, "TaxBasis": 0, "Retainer": "N"}]}`,
		batch, number, amount), changes)
}

// voucher is an apControl body.
func voucher(batch, amount string, changes ...string) string {
	return edit(fmt.Sprintf(`{
  "Batch": %[1]q, "Description": "Vouchers", "Recurring": "N", "EndDate": "2026-01-31T00:00:00.000", "Total": %[2]s,
  "Selected": "N", "Posted": "N", "Creator": "api.user", "Period": 202601, "Company": "",
  "apMaster": [{"Batch": %[1]q, "MasterPKey": "m1", "Vendor": "amz", "Invoice": "F-1", "Voucher": "", "TransDate": "2026-01-16T00:00:00.000",
    "LiabCode": "", "BankCode": "", "PayTerms": "", "Address": "<Default>"}],
  "apDetail": [{"Batch": %[1]q, "MasterPKey": "m1", "PKey": "%[1]s1", "Seq": 1, "Description": "Fees", "WBS1": "", "WBS2": " ", "WBS3": " ",
    "Account": "712.00", "Amount": %[2]s, "NetAmount": %[2]s, "SuppressBill": "N", "PONumber": ""}],
  "apControlDefaultTaxCodes": []}`, batch, amount), changes)
}

// edit replaces text in a document: pairs of old and new. An old text that is not there is a mistake of the test.
func edit(doc string, changes []string) string {
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(doc, changes[i]) {
			panic("the document does not hold " + changes[i])
		}
		doc = strings.Replace(doc, changes[i], changes[i+1], 1)
	}
	return doc
}

// order is the body that posts a batch.
func order(batch, kind, period string) string {
	return fmt.Sprintf(`{"parms":{"batch":%q,"clientcompany":"","description":"","period":%q,"transtype":%q}}`, batch, period, kind)
}
