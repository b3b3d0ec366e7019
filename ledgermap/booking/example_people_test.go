package booking_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// exampleEngine is an engine over books in memory and a log in a temporary folder.
func exampleEngine(approval booking.Approval) (engine *booking.Engine, trail *booking.FileLog, plan *ledgermap.Plan, done func()) {
	dir, err := os.MkdirTemp("", "booking")
	if err != nil {
		log.Fatal(err)
	}
	trail, err = booking.OpenFileLog(dir, []byte("a key that is kept somewhere else"))
	if err != nil {
		log.Fatal(err)
	}
	engine, err = booking.New(booking.Config{
		Ledger: &logtest.Books{}, Log: trail, Tenant: booking.Tenant{Database: "ACME"}, Seller: "A1B2C3D4E5",
		Actor: booking.Actor{Name: "payoutsync", Service: true}, Approval: approval,
	})
	if err != nil {
		log.Fatal(err)
	}
	if plan, err = logtest.Plan("17461234567", ledgermap.Journal); err != nil {
		log.Fatal(err)
	}
	return engine, trail, plan, func() { _ = errors.Join(trail.Close(), os.RemoveAll(dir)) }
}

// With approval nothing is sent before a person has released exactly the plan that was presented.
func ExampleEngine_Approve() {
	ctx := context.Background()
	engine, _, plan, done := exampleEngine(booking.ApprovalOne)
	defer done()
	presented, err := engine.Run(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(presented.State, presented.Sent)
	err = engine.Approve(ctx, booking.Release{Settlement: "17461234567", Plan: presented.PlanHash, By: "controller@acme.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	released, err := engine.Run(ctx, plan)
	fmt.Println(released.State, released.Sent, err)
	// Output:
	// awaiting_approval 0
	// booked 2 <nil>
}

// A correction is a mirror of what was booked; nothing is deleted.
func ExampleEngine_Reverse() {
	ctx := context.Background()
	engine, _, plan, done := exampleEngine(booking.ApprovalNone)
	defer done()
	if _, err := engine.Run(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	result, err := engine.Reverse(ctx, booking.Reversal{
		Settlement: "17461234567", Reason: "booked to the wrong project", Period: 202603, Date: ledgermap.Date{Year: 2026, Month: time.March, Day: 2},
	})
	fmt.Println(result.State, result.Sent, err)
	// Output:
	// reversed 2 <nil>
}

// A log that was changed is found out, with the record and the kind of damage.
func ExampleVerifyLinks() {
	ctx := context.Background()
	engine, trail, plan, done := exampleEngine(booking.ApprovalNone)
	defer done()
	if _, err := engine.Run(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	var links []booking.Link // as an auditor takes them away
	for link, err := range trail.Links(ctx, "A1B2C3D4E5") {
		if err != nil {
			fmt.Println(err)
			return
		}
		links = append(links, link)
	}
	head, err := trail.Head(ctx, "A1B2C3D4E5")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("intact:", booking.VerifyLinks(links, head).OK())
	links[1].Body = append([]byte(" "), links[1].Body...)
	for _, fault := range booking.VerifyLinks(links, head).Faults {
		fmt.Println(fault)
	}
	// Output:
	// intact: true
	// record 2 changed: its content does not have its hash
}
