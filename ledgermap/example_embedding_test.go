package ledgermap_test

import (
	"fmt"
	"log"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// From a settlement file to balanced documents. The README shows this example.
func Example_embedding() {
	report, err := settlement.Open("testdata/example.txt", settlement.Options{})
	if err != nil {
		log.Fatal(err)
	}
	rules, err := ledgermap.LoadRules("rules.yaml", ledgermap.Starter())
	if err != nil {
		log.Fatal(err)
	}
	year := ledgermap.Months(ledgermap.Date{Year: 2026, Month: time.January, Day: 1}, ledgermap.Date{Year: 2026, Month: time.December, Day: 31})
	plan, err := rules.Plan(report, ledgermap.Input{Calendar: year})
	if err != nil {
		log.Fatal(err) // does not tie, or names every kind of line that no rule maps
	}
	for _, d := range plan.Documents {
		fmt.Println(d.Kind(), d.Date(), d.DebitTotal(), d.Currency())
	}
	// Output:
	// journal 2026-10-31 21.65 USD
	// journal 2026-11-02 25.00 USD
	// receipt 2026-11-05 36.94 USD
}
