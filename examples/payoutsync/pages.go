package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// pageOf gathers what the page of one payout shows.
func pageOf(ctx context.Context, in *installation.Installation, p round.Payout) (page.Payout, error) {
	rules, _, err := in.Rules()
	if err != nil {
		return page.Payout{}, err
	}
	statement := p.Tally.Statement
	zone := rules.Location()
	at := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }
	view := page.Payout{
		Seller: p.Seller, Settlement: p.SettlementID, Zone: rules.TimeZone(), State: string(p.State), Reconciliation: string(p.Reconciliation),
		Start: at(statement.Start), End: at(statement.End), Deposit: statement.Deposit.In(zone).Format(time.DateOnly),
		Total: statement.Total, Rows: statement.Rows, Findings: p.Findings,
	}
	view.Steps, view.Categories = byClass(p.Tally)
	if p.Plan != nil {
		states := map[int]booking.DocumentResult{}
		for _, d := range p.Result.Documents {
			states[d.Key.Ordinal] = d
		}
		for _, d := range p.Plan.Documents {
			result := states[d.Ordinal()]
			document := page.Document{
				Key: result.Key.String(), Batch: result.Batch, Ref: result.Ref, Kind: string(d.Kind()), State: cmp.Or(string(result.State), "planned"),
				Date: d.Date().String(), Description: d.Description(), Period: d.Period(), Debit: d.DebitTotal(), Credit: d.CreditTotal(),
			}
			for _, line := range d.Lines() {
				document.Lines = append(document.Lines, page.Line{
					Account: line.Account, Project: strings.Join(nonEmpty(line.WBS1, line.WBS2, line.WBS3), " / "), Description: line.Description,
					Debit: line.Debit, Credit: line.Credit, Rows: line.Rows, Auto: line.Auto,
				})
			}
			view.Documents = append(view.Documents, document)
		}
		h := p.Plan.Hashes
		view.Proof = []page.Fact{
			{Name: "Report (SHA-256)", Value: h.Report},
			{Name: "Rules (SHA-256)", Value: h.Rules},
			{Name: "Fiscal periods", Value: h.Calendar},
			{Name: "Payout facts", Value: h.Payout},
			{Name: "Plan", Value: p.Plan.Hash()},
		}
	}
	if head := p.Result.Head; head.Count > 0 {
		view.Proof = append(view.Proof, page.Fact{Name: "Audit log's head", Value: head.Hash})
	}
	if p.Transfer.TraceID != "" {
		view.Proof = append(view.Proof, page.Fact{Name: "Bank's trace id", Value: p.Transfer.TraceID})
	}
	view.Trail, err = trail(ctx, in, p)
	return view, err
}

// trail is what the audit log says of one settlement.
func trail(ctx context.Context, in *installation.Installation, p round.Payout) ([]page.Record, error) {
	var records []page.Record
	for r, err := range in.Log.Records(ctx, p.SellerID, p.SettlementID) {
		if err != nil {
			return nil, fmt.Errorf("read the audit log of settlement %s: %w", p.SettlementID, err)
		}
		what := string(r.Event)
		if r.Ref != "" {
			what += " " + r.Ref
		}
		why := r.Reason
		if why == "" && r.Totals != nil {
			why = fmt.Sprintf("%d lines, debit %s, credit %s %s", r.Totals.Count, r.Totals.Debit, r.Totals.Credit, r.Totals.Currency)
		}
		records = append(records, page.Record{At: r.Time.UTC().Format(time.DateTime), What: what, Why: why, Hash: shorten(r.Hash)})
	}
	return records, nil
}

// shorten keeps enough of a hash to compare by eye; the log holds the whole of it.
func shorten(hash string) string { return hash[:min(16, len(hash))] }

// byClass sums a tally by class, for the waterfall, and by category, for the table.
func byClass(t settlement.Tally) ([]page.Step, []page.Category) {
	labels := []struct {
		class settlement.Class
		label string
	}{
		{settlement.ClassRevenue, "Sales, delivery, gift wrap"},
		{settlement.ClassContraRevenue, "Refunds and promotions"},
		{settlement.ClassTax, "Tax collected and withheld"},
		{settlement.ClassFee, "Amazon's fees"},
		{settlement.ClassReimbursement, "Reimbursements"},
		{settlement.ClassReserve, "Reserves held and released"},
		{settlement.ClassTransfer, "Balances and transfers"},
		{settlement.ClassLoan, "Loans"},
		{settlement.ClassOther, "Other"},
	}
	classes := map[settlement.Class]settlement.Money{}
	categories := map[settlement.Category]*page.Category{}
	var order []settlement.Category
	for _, k := range t.Kinds {
		info, _ := k.Category.Info()
		row := categories[k.Category]
		if row == nil {
			row = &page.Category{Name: string(k.Category), Meaning: info.Meaning}
			categories[k.Category] = row
			order = append(order, k.Category)
		}
		row.Rows += k.Rows
		row.Amount = sum(row.Amount, k.Sum)
		classes[info.Class] = sum(classes[info.Class], k.Sum)
	}
	var steps []page.Step
	for _, l := range labels {
		if amount, ok := classes[l.class]; ok {
			steps = append(steps, page.Step{Label: l.label, Amount: amount})
		}
	}
	rank := map[settlement.Category]int{}
	for i, info := range settlement.Categories() {
		rank[info.Category] = i
	}
	slices.SortFunc(order, func(a, b settlement.Category) int { return cmp.Compare(rank[a], rank[b]) })
	var rows []page.Category
	for _, category := range order {
		rows = append(rows, *categories[category])
	}
	return steps, rows
}

// sum adds amounts of one report. They cannot overflow: the reader has added all of them to the total before.
func sum(a, b settlement.Money) settlement.Money {
	total, err := a.Add(b)
	if err != nil {
		return a
	}
	return total
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
