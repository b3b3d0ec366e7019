package vantageledger_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// The last mile: a settlement file, by the rules, into a company of a tenant, once. The tenant of this example is the fake.
func Example() {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	client, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: tenant.BaseURL(), Database: "DEMO", Transport: tenant.Transport(),
		Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
	})
	if err != nil {
		log.Fatal(err)
	}
	ledger, err := vantageledger.New(vantageledger.Config{Client: client, Banks: map[string]string{"USD": "OPER"}})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	calendar, err := ledger.Calendar(ctx, "")
	if err != nil {
		log.Fatal(err)
	}

	report, err := settlement.Open("../testdata/example.txt", settlement.Options{})
	if err != nil {
		log.Fatal(err)
	}
	rules, err := ledgermap.LoadRules("rules.yaml", ledgermap.Starter())
	if err != nil {
		log.Fatal(err)
	}
	paid := ledgermap.Payout{Status: ledgermap.PayoutPaid, Date: time.Date(2026, time.November, 6, 12, 0, 0, 0, time.UTC)}
	plan, err := rules.Plan(report, ledgermap.Input{Calendar: calendar, Payout: paid})
	if err != nil {
		log.Fatal(err)
	}

	dir, err := os.MkdirTemp("", "trail")
	if err != nil {
		log.Fatal(err)
	}
	trail, err := booking.OpenFileLog(dir, []byte("a key that is kept somewhere else"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = errors.Join(trail.Close(), os.RemoveAll(dir)) }() // in earnest it is kept
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: trail, Tenant: booking.Tenant{Database: "DEMO"}, Seller: "A1B2C3D4E5",
		Actor: booking.Actor{Name: "example", Service: true}, ClearingAccount: rules.ClearingAccount(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		result, err := engine.Run(ctx, plan)
		fmt.Println(result.State, "sent:", result.Sent, "clearing:", result.Clearing, err)
	}
	for _, b := range tenant.TrialBalance() {
		fmt.Println(b.Account, b.Name, b.Amount)
	}
	// Output:
	// booked sent: 3 clearing: 0.00 <nil>
	// booked sent: 0 clearing: 0.00 <nil>
	// 101.00 Cash, operating account 36.94
	// 115.00 Amazon clearing 0.00
	// 221.00 Sales tax payable 0.00
	// 401.00 Product sales -45.00
	// 611.00 Direct selling fees 6.77
	// 711.00 Advertising 1.29
}
