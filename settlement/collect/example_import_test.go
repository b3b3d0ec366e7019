package collect_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Amazon forgets reports after 90 days. A file that somebody kept is brought in by hand, here one that was put together
// from two settlements; bringing it in again changes nothing.
func ExampleArchive_Import() {
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
	for range 2 {
		entries, err := archive.Import(ctx, "A1SELLER", "../testdata/several-settlements.txt")
		for _, e := range entries {
			fmt.Println(e.SettlementID, e.Total, e.Currency)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	all, err := archive.Settlements(ctx, "A1SELLER")
	fmt.Println(len(all), "settlements", err)
	by, err := archive.Expected(ctx, "A1SELLER")
	fmt.Println("the next one is expected by", by.Format("2006-01-02"), err)
	// Output:
	// 20000000001 1.00 USD
	// 20000000002 2.00 CAD
	// 20000000001 1.00 USD
	// 20000000002 2.00 CAD
	// 2 settlements <nil>
	// the next one is expected by 2026-04-13 <nil>
}
