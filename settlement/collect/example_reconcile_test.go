package collect_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// A settlement is held against what Amazon's other interfaces say of it, which are asked once for all settlements of a
// round. The Amazon of this example is the fake.
func ExampleCollector_Reconcile() {
	today := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	amazon := spapitest.New(spapitest.Options{
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 7, Count: 1, Until: today})},
		Now:     func() time.Time { return today },
	})
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
	seller := amazon.Accounts()[0].ID
	collector, err := collect.New(collect.Config{
		Client: client(amazon), Archive: archive, Seller: seller,
		Now: func(context.Context) (time.Time, error) { return today, nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := reconcile(context.Background(), collector, archive, seller); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 24464605251 agreed by summary, transfer pending
}

// reconcile fetches what is new and reconciles each settlement.
func reconcile(ctx context.Context, c *collect.Collector, archive *collect.Archive, seller string) error {
	for _, err := range c.Fetch(ctx) {
		if err != nil {
			return err
		}
	}
	all, err := archive.Settlements(ctx, seller)
	if err != nil || len(all) == 0 {
		return err
	}
	sources, err := c.Sources(ctx, all[0].Start)
	if err != nil {
		return err
	}
	for _, s := range all {
		f, err := archive.Open(ctx, s.Entry)
		if err != nil {
			return err
		}
		tally, err := settlement.TallyOf(f)
		if err == nil {
			var r settlement.Reconciliation
			r, _, err = c.Reconcile(ctx, sources, f, false)
			fmt.Println(s.SettlementID, r.Verdict, "by", r.By+", transfer", sources.Transfer(tally.Statement).Status)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func client(amazon *spapitest.Amazon) *spapi.Client {
	who := amazon.Accounts()[0]
	lwa := spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: amazon.Transport()}
	client, err := spapi.NewClient(spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: amazon.Transport()})
	if err != nil {
		log.Fatal(err)
	}
	return client
}
