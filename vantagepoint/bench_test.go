package vantagepoint_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// BenchmarkLedgerRows reads a period of 10,000 posted rows.
func BenchmarkLedgerRows(b *testing.B) {
	const n = 10_000
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"Period":202401,"PostSeq":195,"PKey":"%d","WBS1":"00000001.00","WBS2":" ","WBS3":" ","Account":"701.00","Org":"A0.00.00",
"TransType":"JE","SubType":"","RefNo":"2589","TransDate":"2024-01-31T00:00:00.000","Desc1":"Payroll January","Desc2":"Salaries",
"Amount":100.25,"CBAmount":0,"AutoEntry":"N","SkipGL":"N","SuppressBill":"N","BankCode":"","Invoice":"","Vendor":"","Voucher":"",
"TransactionAmount":100.25,"TransactionCurrencyCode":" ","AmountProjectCurrency":100.25,"LinkCompany":""}`, i)
	}
	body := "[" + strings.Join(rows, ",") + "]"
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", base+"/token", httpmock.NewStringResponder(http.StatusOK, token(1)))
	mock.RegisterResponder("GET", base+"/PSALedger/JE", httpmock.NewStringResponder(http.StatusOK, body))
	client, err := vantagepoint.NewClient(config(mock))
	if err != nil {
		b.Fatal(err)
	}
	query := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: "202401", Type: "int"}}, PageSize: 100_000}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		sum := vantagepoint.Amount{}
		for row, err := range client.Ledger.Rows(b.Context(), "JE", query) {
			if err != nil {
				b.Fatal(err)
			}
			sum = sum.Add(row.Amount)
		}
		if sum.String() != "1002500.00" {
			b.Fatal(sum)
		}
	}
}
