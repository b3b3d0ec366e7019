package settlement_test

import (
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func ExampleOpen() {
	f, err := settlement.Open("testdata/quirk-14-decimal-comma.txt", settlement.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for line, err := range f.Lines() {
		if err != nil { // the last element: nothing that came before it is proved
			fmt.Println(err)
			return
		}
		fmt.Println(line.Row, line.Kind.AmountDescription, line.Category, line.Amount)
	}
	statement, err := f.Statement()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(statement.ID, statement.Total, statement.Currency)
	// Output:
	// 3 Principal principal 1179.99
	// 4 Commission referral_fee -38.81
	// 20000000001 1141.18 EUR
}

func ExampleTallyOf() {
	f, err := settlement.Open("testdata/quirk-24-open-words.txt", settlement.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	tally, err := settlement.TallyOf(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, k := range tally.Unknown() {
		fmt.Println("unknown:", k.Kind, k.Rows, k.Sum)
	}
	// Output:
	// unknown: Brand New Thing/Never seen/before 1 -1.00
}
