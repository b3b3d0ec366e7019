// Streamreport sums a settlement report by category while it is being downloaded.
//
// A document is a stream: download, gunzip and reading run together, and memory stays the same for a report of a hundred
// lines and for one of a million. The price is that the proof comes last: the lines add up to the stated total, or they
// do not, only when all of them are read. So nothing is printed before that.
//
//	go run -C examples ./streamreport
package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/trial"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func main() {
	client, err := spapi.NewClient(trial.Amazon(nil))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for report, err := range client.Reports.List(ctx, spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}}) {
		if err != nil {
			log.Fatal(err)
		}
		document, err := client.Reports.Open(ctx, report.DocumentID)
		if err != nil {
			log.Fatal(err)
		}
		err = sum(document)
		document.Close() // it was only read
		if err != nil {
			log.Fatalf("report %s: %v", report.ID, err)
		}
		return // leaving the loop ends the traffic: no further page is asked for
	}
}

// sum prints the sums of one report.
func sum(document *spapi.Document) error {
	sums := map[settlement.Category]settlement.Money{}
	reader := settlement.NewReader(document, settlement.Options{})
	for line, err := range reader.Lines() {
		if err != nil {
			return err // a *settlement.ParseError names the row and column, a *settlement.SumError both totals
		}
		// Money is exact. Adding two currencies, or past the largest amount, is an error and never a wrong sum.
		if sums[line.Category], err = sums[line.Category].Add(line.Amount); err != nil {
			return err
		}
	}
	statement, err := reader.Statement() // there is one only because the lines tied
	if err != nil {
		return err
	}
	for _, category := range slices.Sorted(maps.Keys(sums)) {
		fmt.Printf("%-24s %10s\n", category, sums[category])
	}
	fmt.Printf("%-24s %10s %s\n", "= "+statement.ID, statement.Total, statement.Currency)
	return nil
}
