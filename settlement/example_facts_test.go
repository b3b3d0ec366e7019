package settlement_test

import (
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// usd is an amount of dollars; examples have no testing.T.
func usd(cents int64) settlement.Money {
	currency, _ := settlement.ParseCurrency("USD") // ISO 4217
	return settlement.MoneyOf(cents, currency)
}

// Amounts are exact or refused: never rounded, never guessed.
func ExampleParseMoney() {
	yen, err := settlement.ParseCurrency("JPY")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"1200", "1200.00", "1200.50", "1,200"} {
		if amount, err := settlement.ParseMoney(text, yen); err != nil {
			fmt.Println(text, "refused")
		} else {
			fmt.Println(text, "is", amount, "yen")
		}
	}
	// Output:
	// 1200 is 1200 yen
	// 1200.00 is 1200 yen
	// 1200.50 refused
	// 1,200 refused
}

// Parts of an amount add up to it, to the cent.
func ExampleMoney_Allocate() {
	parts, err := usd(100).Allocate(1, 1, 1)
	fmt.Println(parts, err)
	// Output: [0.34 0.33 0.33] <nil>
}

// A settlement is held against what Amazon's other interfaces say of it. They confirm; they never post.
func ExampleReconcile() {
	statement := settlement.Statement{ID: "24464705681", Currency: usd(0).Currency(), Total: usd(-18973)}
	second := settlement.SecondSource{Summaries: []settlement.SummaryFact{{SettlementID: "24464705681", NetProceeds: usd(-18900)}}}
	r := settlement.Reconcile(statement, settlement.OrderSums{}, second)
	fmt.Println(r.Verdict)
	for _, d := range r.Differences {
		fmt.Println(d.What, "here", d.Report, "there", d.Second)
	}
	// Output:
	// differs
	// total here -189.73 there -189.00
}

// Settlements of one stream follow each other without a gap; a gap is a settlement that was never fetched.
func ExampleContinuity() {
	day := func(d int) time.Time { return time.Date(2026, time.March, d, 8, 0, 0, 0, time.UTC) }
	findings := settlement.Continuity([]settlement.Link{
		{ID: "1", Stream: "USD", Start: day(1), End: day(8), Total: usd(100)},
		{ID: "2", Stream: "USD", Start: day(10), End: day(17), Total: usd(100)},
	}, time.Hour)
	for _, f := range findings {
		fmt.Println(f.Code, f.Message)
	}
	// Output:
	// gap settlement 2 starts 2 days after 1 ended: one between them is missing
}
