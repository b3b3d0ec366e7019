package settlement_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// A report that comes as a stream is read once, line by line.
func ExampleNewReader() {
	download, err := os.Open("testdata/quirk-03-negative-total.txt") // as it were
	if err != nil {
		fmt.Println(err)
		return
	}
	defer download.Close()
	report := settlement.NewReader(download, settlement.Options{Name: "the download"})
	for line, err := range report.Lines() {
		if err != nil { // the last element: nothing that came before it is proved
			fmt.Println(err)
			return
		}
		fmt.Println(line.Row, line.Category, line.Amount)
	}
	statement, err := report.Statement()
	fmt.Println(statement.ID, statement.Total, statement.Currency, err)
	// Output:
	// 3 payable_to_amazon -321.69
	// 4 charge 321.69
	// 5 subscription -62.31
	// 20000000001 -62.31 CAD <nil>
}

// A file that was put together from several settlements is read one settlement at a time.
func ExampleFile_Select() {
	f, err := settlement.Open("testdata/several-settlements.txt", settlement.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	ids, err := f.Settlements()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range ids {
		tally, err := settlement.TallyOf(f.Select(id))
		fmt.Println(id, tally.Statement.Total, tally.Statement.Currency, err)
	}
	// Output:
	// 20000000001 1.00 USD <nil>
	// 20000000002 2.00 CAD <nil>
}

// Amazon published a settlement again: what did it change?
func ExampleDiff() {
	const name = "testdata/quirk-14-decimal-comma.txt"
	if err := changes(name, "38,81", "38,80", "1141,18", "1141,19"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// total 1141.18 EUR became 1141.19 EUR
	// - line 4: Order/ItemFees/Commission order-id=111-0000001-0000001 -38.81 2018-05-03T17:12:22Z marketplace-name=Amazon.de
	// + line 4: Order/ItemFees/Commission order-id=111-0000001-0000001 -38.80 2018-05-03T17:12:22Z marketplace-name=Amazon.de
}

// changes compares a report with one that is the same but for some words.
func changes(name string, words ...string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "again")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	again := filepath.Join(dir, "again.txt")
	if err := os.WriteFile(again, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600); err != nil {
		return err
	}
	first, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := settlement.Open(again, settlement.Options{})
	if err != nil {
		return err
	}
	defer second.Close()
	changes, err := settlement.Diff(first, second)
	fmt.Print(changes)
	return err
}
