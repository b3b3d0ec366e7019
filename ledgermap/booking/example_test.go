package booking_test

import (
	"context"
	"fmt"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

func ExampleEngine_Run() {
	dir, err := os.MkdirTemp("", "booking")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir) // a temporary directory
	log, err := booking.OpenFileLog(dir, []byte("a key that is kept somewhere else"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close() // everything is on disk

	engine, err := booking.New(booking.Config{
		Ledger:          &logtest.Books{}, // in production a vantageledger.Ledger
		Log:             log,
		Tenant:          booking.Tenant{Database: "ACME"},
		Seller:          "A1B2C3D4E5",
		Actor:           booking.Actor{Name: "payoutsync", Service: true},
		ClearingAccount: "1190",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// In production the plan comes from ledgermap.Rules.Plan.
	plan, err := logtest.Plan("17461234567", ledgermap.Receipt)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // again: nothing is booked twice
		result, err := engine.Run(context.Background(), plan)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(result.State, "sent:", result.Sent, "clearing:", result.Clearing)
		for _, d := range result.Documents {
			fmt.Println(" ", d.Kind, d.Batch, d.State)
		}
	}
	check, err := booking.Verify(context.Background(), log, "A1B2C3D4E5")
	fmt.Println(check.Head.Count, "records, intact:", check.OK(), err)
	// Output:
	// booked sent: 2 clearing: 0.00
	//   journal JEC4TWXN6I7PMUTAXXLHGRY7QYLKRV created
	//   receipt CRDVQAP6FGEHOCQ3ITUVP2M6BL5R7V created
	// booked sent: 0 clearing: 0.00
	//   journal JEC4TWXN6I7PMUTAXXLHGRY7QYLKRV found
	//   receipt CRDVQAP6FGEHOCQ3ITUVP2M6BL5R7V found
	// 6 records, intact: true <nil>
}
