package settlementtest_test

import (
	"bytes"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// A described seller gives the same settlements for the same seed, in Amazon's own form.
func ExampleSeller_Settlements() {
	seller := settlementtest.Seller{Seed: 1, Count: 2, Marketplace: "A1PA6795UKMFR9"}
	for _, s := range seller.Settlements() {
		reader := settlement.NewReader(bytes.NewReader(s.V2()), settlement.Options{})
		for _, err := range reader.Lines() {
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		statement, err := reader.Statement()
		fmt.Println(statement.ID, statement.Total, statement.Currency, s.Payout.Status, err)
	}
	// Output:
	// 24749899912 249.38 EUR PAID <nil>
	// 24750026142 588.49 EUR IN_TRANSIT <nil>
}
