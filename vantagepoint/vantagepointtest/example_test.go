package vantagepointtest_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// connect makes a client of a tenant in memory.
func connect(tenant *vantagepointtest.Tenant) (*vantagepoint.Client, error) {
	return vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: tenant.BaseURL(), Database: "DEMO", Transport: tenant.Transport(),
		Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
	})
}

// deposit is a cash receipt of 83.17 USD.
func deposit(batch string) vantagepoint.Receipt {
	amount, _ := vantagepoint.ParseAmount("83.17")
	day := vantagepoint.NewDate(2026, time.January, 16)
	return vantagepoint.Receipt{
		Control: vantagepoint.ReceiptControl{Batch: batch, Description: "Payout", Period: 202601, DefaultBank: "OPER"},
		Masters: []vantagepoint.ReceiptMaster{{RefNo: "4711", TransDate: day, TransComment: "Amazon payout"}},
		Details: []vantagepoint.ReceiptDetail{{Account: "115.00", Amount: amount}},
	}
}

// A test books through the client, and then asks the tenant what really got booked.
func Example() {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := connect(tenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, outcome, err := client.Receipts.FindOrCreate(context.Background(), deposit("CR1"))
	fmt.Println(outcome, err)
	for _, b := range tenant.TrialBalance() {
		fmt.Println(b.Account, b.Name, b.Amount, b.Currency)
	}
	fmt.Println("creates:", tenant.Calls()["POST DataEntry/crControl"])
	// Output:
	// created <nil>
	// 101.00 Cash, operating account 83.17 USD
	// 115.00 Amazon clearing -83.17 USD
	// creates: 1
}

// An answer that is lost after the write must not lead to a second booking.
func ExampleFaults() {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{Faults: vantagepointtest.Faults{
		Steps: []vantagepointtest.Step{{Operation: "POST DataEntry/crControl", Nth: 1, Fault: vantagepointtest.FaultLostAnswer}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := connect(tenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := client.Receipts.FindOrCreate(context.Background(), deposit("CR1")); err != nil {
		fmt.Println(err)
	}
	fmt.Println("batches:", len(tenant.Batches()), "creates:", tenant.Calls()["POST DataEntry/crControl"])
	// Output:
	// batches: 1 creates: 1
}

// A tenant of its own: another chart, two companies, no transaction files, numbers as text.
func ExampleOptions() {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{
		Company:   "US",
		Companies: []vantagepointtest.Company{{Code: "CA", Name: "Canada", Currency: "CAD"}},
		Accounts: []vantagepointtest.Account{
			{Number: "1000", Name: "Bank", Type: vantagepointtest.Asset},
			{Number: "1100", Name: "Receivable", Type: vantagepointtest.Asset},
			{Number: "4000", Name: "Sales", Type: vantagepointtest.Revenue},
		},
		AutoPosting: vantagepointtest.AutoPosting{Receivable: "1100"},
		Banks:       []vantagepointtest.Bank{{Code: "MAIN", Account: "1000"}},
		Periods:     vantagepointtest.Months(2026, 2026),
		NoFiles:     true,
		Quirks:      vantagepointtest.Quirks{Numbers: vantagepointtest.NumbersText, PurgePosted: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tenant.BaseURL())
	// Output: https://vantagepoint.test/demo/api
}

// The books can be read by hledger.
func ExampleTenant_WriteHledger() {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := connect(tenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := client.Receipts.FindOrCreate(context.Background(), deposit("CR1")); err != nil {
		fmt.Println(err)
	}
	if err := tenant.WriteHledger(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ; Vantagepoint database DEMO
	// decimal-mark .
	//
	// account 101.00  ; Cash, operating account, type: A
	// account 115.00  ; Amazon clearing, type: A
	//
	// 2026-01-16 (CR1) Amazon payout
	//     ; CR 000000004711, period 202601, draft
	//     115.00  -83.17 USD
	//     101.00  83.17 USD  ; made by the ledger
}

// The second door is a real server, for programs that are tested from outside. Dir keeps the books over its restarts.
func ExampleTenant_Start() {
	dir, err := os.MkdirTemp("", "tenant")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tenant, err := vantagepointtest.New(vantagepointtest.Options{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	baseURL, stop, err := tenant.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	fmt.Println(baseURL[:17])
	// Output: http://127.0.0.1:
}
