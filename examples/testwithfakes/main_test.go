package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// connect makes a fake Amazon with one seller, and a client that cannot tell the difference. In a synctest bubble the
// fake and the client share the bubble's clock: waiting for a minute takes no time, and waits exactly a minute.
func connect(t *testing.T, faults ...spapitest.Step) (*spapi.Client, *spapitest.Amazon) {
	t.Helper()
	amazon := spapitest.New(spapitest.Options{
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 1, Count: 3, Until: time.Now()})},
		Faults:  spapitest.Faults{Steps: faults},
	})
	who := amazon.Accounts()[0]
	lwa := spapi.LWA{
		ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken),
		Transport: amazon.Transport(),
	}
	client, err := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: amazon.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return client, amazon
}

func usd(t *testing.T) settlement.Currency {
	t.Helper()
	currency, err := settlement.ParseCurrency("USD")
	if err != nil {
		t.Fatal(err)
	}
	return currency
}

func TestPaidOutAddsUpWhatIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t)
		sums, err := paidOut(t.Context(), client)
		if err != nil || len(sums) != 1 || sums[usd(t)].Sign() <= 0 {
			t.Errorf("paid out %v, %v", sums, err)
		}
	})
}

func TestPaidOutSurvivesAFaultOfAmazons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		undisturbed, _ := connect(t)
		want, err := paidOut(t.Context(), undisturbed)
		if err != nil {
			t.Fatal(err)
		}
		client, amazon := connect(t, spapitest.Step{Operation: "listPayouts", Fault: spapitest.InternalError})
		got, err := paidOut(t.Context(), client)
		if err != nil || got[usd(t)] != want[usd(t)] {
			t.Errorf("paid out %v, %v; without the fault %v", got, err, want)
		}
		if calls := amazon.Calls()["listPayouts"]; calls != 2 { // ask the fake what really happened
			t.Errorf("%d calls, want the failed one and its repetition", calls)
		}
	})
}

func TestPaidOutEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, spapitest.Step{Operation: "listPayouts", Fault: spapitest.Throttled, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		sums, err := paidOut(ctx, client)
		if !errors.Is(err, spapi.ErrThrottled) || sums != nil {
			t.Errorf("from an Amazon that refuses every call: %v, %v", sums, err)
		}
	})
}

func Example() {
	main()
	// Output:
	// map[USD:333.10]
}
