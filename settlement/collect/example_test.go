package collect_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// Each report is downloaded once; the second round finds it in the archive. The Amazon of this example is the fake.
func ExampleCollector_Fetch() {
	today := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	amazon := spapitest.New(spapitest.Options{
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 7, Count: 2, Until: today})},
		Now:     func() time.Time { return today },
	})
	who := amazon.Accounts()[0]
	lwa := spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}
	client, err := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: amazon.Transport()})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir) // in earnest it is kept for ever
	archive, err := collect.OpenArchive(dir)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	collector, err := collect.New(collect.Config{Client: client, Archive: archive, Seller: who.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	for round := range 2 {
		for entry, err := range collector.Fetch(ctx) {
			if err != nil { // of this report; the others go on
				fmt.Println(err)
				continue
			}
			fmt.Println("round", round+1, entry.SettlementID, entry.Total, entry.Currency)
		}
	}
	all, err := archive.Settlements(ctx, who.ID)
	fmt.Println(len(all), "settlements", err)
	// Output:
	// round 1 24464605251 269.35 USD
	// round 1 24464700211 184.40 USD
	// round 1 24464700211 184.40 USD
	// 2 settlements <nil>
}
