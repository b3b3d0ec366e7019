package ledgermap_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// examplePlan plans the file of the examples by the starter rules, with words in them replaced.
func examplePlan(old, replacement string) (*ledgermap.Plan, settlement.Source, error) {
	report, err := settlement.Open("testdata/example.txt", settlement.Options{})
	if err != nil {
		log.Fatal(err)
	}
	rules, err := ledgermap.LoadRules("rules.yaml", bytes.Replace(ledgermap.Starter(), []byte(old), []byte(replacement), 1))
	if err != nil {
		log.Fatal(err)
	}
	year := ledgermap.Months(ledgermap.Date{Year: 2026, Month: time.January, Day: 1}, ledgermap.Date{Year: 2026, Month: time.December, Day: 31})
	plan, err := rules.Plan(report, ledgermap.Input{Calendar: year})
	return plan, report, err
}

// A mistake in a rules file is told with its place, the line, and what to write instead.
func ExampleLoadRules() {
	text := bytes.Replace(ledgermap.Starter(), []byte("time_zone: America/Los_Angeles"), []byte("time_zone: PST"), 1)
	_, err := ledgermap.LoadRules("rules.yaml", text)
	fmt.Println(err)
	// Output:
	// rules.yaml:24:12: "PST" is not a time zone like America/New_York
	//     24 | time_zone: PST
	//        |            ^
}

// What has no place in the rules stops the settlement; every such kind is listed.
func ExampleRules_Plan() {
	_, _, err := examplePlan(`  advertising: {account: "711.00"}`, "")
	fmt.Println(err)
	// Output:
	// ledgermap: settlement 25889786381 is refused (unmapped): not every kind of line can be booked by rules.yaml; map these there and plan again
	// 	ServiceFee/Cost of Advertising/TransactionTotalAmount: 1 row, -1.29 USD, first on line 7: the category advertising has no account in the rules
}

// From a line of a document back to the rows of the report that make it up.
func ExamplePlan_Explain() {
	plan, report, err := examplePlan("", "")
	if err != nil {
		log.Fatal(err)
	}
	document := plan.Documents[1]
	for i, line := range document.Lines() {
		fmt.Println(line.Account, line.Debit, line.Credit)
		for row, err := range plan.Explain(report, ledgermap.Ref{Ordinal: document.Ordinal(), Line: i + 1}) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("  row", row.Row, row.Kind.AmountDescription, row.Amount)
		}
	}
	// Output:
	// 401.00 0.00 25.00
	//   row 8 Principal 25.00
	// 611.00 3.77 0.00
	//   row 9 Commission -3.77
	// 115.00 21.23 0.00
	//   row 8 Principal 25.00
	//   row 9 Commission -3.77
}

// What other rules would change in the books: the deltas of a currency add up to zero.
func ExampleDiff() {
	before, _, err := examplePlan("", "")
	if err != nil {
		log.Fatal(err)
	}
	after, _, err := examplePlan(`advertising: {account: "711.00"}`, `advertising: {account: "712.00"}`)
	if err != nil {
		log.Fatal(err)
	}
	changes, err := ledgermap.Diff([]*ledgermap.Plan{before}, []*ledgermap.Plan{after})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range changes {
		fmt.Println(c.Period, c.Account, "from", c.Old, "to", c.New)
	}
	// Output:
	// 202610 711.00 from 1.29 to 0.00
	// 202610 712.00 from 0.00 to 1.29
}

// Any plan can be read and judged by hledger.
func ExampleWriteHledger() {
	plan, _, err := examplePlan("", "")
	if err != nil {
		log.Fatal(err)
	}
	if err := ledgermap.WriteHledger(os.Stdout, plan.Documents[2:], nil); err != nil {
		log.Fatal(err)
	}
	// Output:
	// decimal-mark .
	// commodity 1000.00 USD
	// account 101.00
	// account 115.00
	//
	// 2026-11-05 Amazon 25889786381 payout  ; kind:receipt, period:202611, settlement:25889786381
	//     101.00                    36.94 USD  ; Amazon 25889786381 bank
	//     115.00                   -36.94 USD  ; Amazon 25889786381 clearing
}
