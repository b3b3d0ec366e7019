// Sdk does with spapi and settlement what a user of both does: it lists, opens and reads settlement reports.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func main() {
	client, err := spapi.NewClient(spapi.Config{
		Region: spapi.NorthAmerica, Tokens: spapi.LWA{}.TokenSource(), Logger: slog.Default(), Transport: http.DefaultTransport,
	})
	if err != nil {
		slog.Error("client", "error", err)
		os.Exit(1)
	}
	ctx := context.Background()
	for report, err := range client.Reports.List(ctx, spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}}) {
		if err != nil {
			slog.Error("list", "error", err)
			os.Exit(1)
		}
		document, err := client.Reports.Open(ctx, report.DocumentID)
		if err != nil {
			slog.Error("open", "error", err)
			os.Exit(1)
		}
		reader := settlement.NewReader(document, settlement.Options{})
		for line, err := range reader.Lines() {
			slog.Info("line", "amount", line.Amount, "error", err)
		}
		statement, err := reader.Statement()
		slog.Info("statement", "total", statement.Total, "error", err)
	}
	for payout, err := range client.Transfers.Payouts(ctx, spapi.PayoutsQuery{}) {
		text, _ := json.Marshal(payout)
		slog.Info("payout", "payout", text, "error", err)
	}
}
