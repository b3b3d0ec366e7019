// Listsettlements prints the settlements of the last 90 days, each once.
//
// Amazon publishes a settlement report when a period ends; nobody can order one. It then lists the same settlement under
// several report ids, once per marketplace of the region, so a list of reports is not a list of settlements. What tells
// settlements apart is the settlement-id, and that stands only inside the document.
//
//	go run -C examples ./listsettlements
//
// (A program that keeps what it has seen, so that each document is downloaded once, is the package settlement/collect.)
package main

import (
	"context"
	"fmt"
	"log"
	"time"

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
	seen := map[string]bool{}
	query := spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone}}
	// The sequence asks for the next page when it needs it. An error is its last element.
	for report, err := range client.Reports.List(ctx, query) {
		if err != nil {
			log.Fatal(err)
		}
		s, err := read(ctx, client, report)
		if err != nil {
			log.Fatal(err)
		}
		if seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		fmt.Println(s.ID, s.Start.Format(time.DateOnly), s.End.Format(time.DateOnly), s.Total, s.Currency)
	}
}

// read returns what the document says of itself. Until the lines have been read to the end and have added up to the
// total, there is no statement.
func read(ctx context.Context, client *spapi.Client, report spapi.Report) (settlement.Statement, error) {
	document, err := client.Reports.Open(ctx, report.DocumentID)
	if err != nil {
		return settlement.Statement{}, err
	}
	defer document.Close() // it was only read
	reader := settlement.NewReader(document, settlement.Options{})
	for _, err := range reader.Lines() {
		if err != nil {
			return settlement.Statement{}, fmt.Errorf("report %s: %w", report.ID, err)
		}
	}
	return reader.Statement()
}
