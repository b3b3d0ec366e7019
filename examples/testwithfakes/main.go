// Testwithfakes shows how to test code of one's own that calls Amazon or Vantagepoint: see main_test.go.
//
// The code under test is an ordinary function over an ordinary client. Nothing in it knows of tests: no interface to be
// mocked, no clock to be passed in. The fakes stand where the network would be, so the client's own behaviour, its pace,
// repetition and errors, is part of what is tested.
//
//	go test -C examples ./testwithfakes
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/trial"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// paidOut adds up, by currency, what Amazon has paid to the seller's bank.
func paidOut(ctx context.Context, client *spapi.Client) (map[settlement.Currency]settlement.Money, error) {
	sums := map[settlement.Currency]settlement.Money{}
	for payout, err := range client.Transfers.Payouts(ctx, spapi.PayoutsQuery{}) {
		if err != nil {
			return nil, err // not the sums so far: a part of them would look like all of them
		}
		if payout.Status != spapi.PayoutPaid {
			continue
		}
		amount, err := settlement.ParseAmount(payout.Amount.Amount.String(), payout.Amount.Currency)
		if err != nil {
			return nil, err
		}
		if sums[amount.Currency()], err = sums[amount.Currency()].Add(amount); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func main() {
	client, err := spapi.NewClient(trial.Amazon(nil))
	if err != nil {
		log.Fatal(err)
	}
	sums, err := paidOut(context.Background(), client)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sums)
}
