package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// pageOf gathers what the page of one payout shows: where it stands, its report, and its plan.
func pageOf(ctx context.Context, in *installation.Installation, row store.Payout, past *installation.Past) (page.Payout, error) {
	rules := past.Rules
	if rules == nil {
		var err error
		if rules, _, err = in.Rules(); err != nil {
			return page.Payout{}, err
		}
	}
	statement := past.Tally.Statement
	at := func(t time.Time) string { return t.In(rules.Location()).Format("2006-01-02 15:04") }
	view := page.Payout{
		Seller: row.Name, Settlement: row.Settlement, Zone: rules.TimeZone(), Start: at(statement.Start), End: at(statement.End),
		Total: statement.Total, Rows: statement.Rows, Findings: row.Findings, Refusal: row.Error,
	}
	view.Steps, view.Categories = byClass(past.Tally)
	view.Facts = facts(row, past, rules)
	if past.Plan != nil {
		orders, err := ordersOf(past)
		if err != nil {
			return view, err
		}
		view.Documents = documentsView(row, past.Plan, rules, orders)
		h := past.Plan.Hashes
		view.Proof = []page.Fact{
			{Name: "Report (SHA-256)", Value: h.Report},
			{Name: "Rules (SHA-256)", Value: h.Rules},
			{Name: "Fiscal periods", Value: h.Calendar},
			{Name: "Payout facts", Value: h.Payout},
			{Name: "Plan", Value: past.Plan.Hash()},
		}
	}
	head, err := in.Log.Head(ctx, row.Seller)
	if err != nil {
		return view, err
	}
	view.Head = page.Head{Records: head.Count, Hash: head.Hash}
	view.Trail, err = trail(ctx, in, row)
	return view, err
}

// facts say in short where a payout stands.
func facts(row store.Payout, past *installation.Past, rules *ledgermap.Rules) []page.Fact {
	statement := past.Tally.Statement
	list := []page.Fact{
		{Name: "Payout", Value: page.Amount(statement.Total)},
		{Name: "State", Value: strings.ReplaceAll(row.State, "_", " "), Bad: row.State == string(booking.StateRefused)},
		{Name: "Second source", Value: row.Reconciliation, Bad: row.Reconciliation == string(settlement.Differs)},
		{Name: "Money", Value: moneyState(statement, past.Input.Payout)},
		{Name: "Report rows", Value: strconv.Itoa(statement.Rows)},
	}
	if past.Plan == nil {
		return list
	}
	var open settlement.Money
	for _, d := range past.Plan.Documents {
		if state := documentState(row, d.Ordinal()).State; state == "" || state == string(booking.DocumentWaiting) || state == string(booking.DocumentPlanned) {
			continue
		}
		for _, l := range d.Lines() {
			if l.Account == rules.ClearingAccount() {
				open = sum(open, l.Signed())
			}
		}
	}
	return append(list, page.Fact{Name: "Clearing account " + rules.ClearingAccount(), Value: page.Amount(sum(settlement.MoneyOf(0, statement.Currency), open))})
}

// moneyState says in words where the money of a payout is.
func moneyState(statement settlement.Statement, p ledgermap.Payout) string {
	text := depositPlanned(statement)
	switch {
	case statement.Total.Sign() < 0:
		return "owed to Amazon, carried to the next settlement"
	case statement.Total.IsZero():
		return "none"
	case p.Status == ledgermap.PayoutPaid:
		text = "paid " + day(p.Date)
	case p.Status == ledgermap.PayoutFailed:
		text = "came back " + day(p.Date)
	case p.Status == ledgermap.PayoutPending:
		text = "on its way, " + text
	}
	if p.TraceID != "" {
		text += ", trace " + p.TraceID
	}
	return text
}

// documentState is where a document of the payout stood when it was looked at last.
func documentState(row store.Payout, ordinal int) store.Document {
	for _, d := range row.Documents {
		if k, err := booking.ParseKey(d.Key); err == nil && k.Ordinal == ordinal {
			return d
		}
	}
	return store.Document{}
}

func documentsView(row store.Payout, plan *ledgermap.Plan, rules *ledgermap.Rules, orders map[ledgermap.Ref]*lineOrders) []page.Document {
	names := map[string]string{}
	for _, a := range rules.Accounts() {
		names[a.Code] = a.Name
	}
	waits := map[ledgermap.Wait]string{ledgermap.WaitPayout: "waits for its money", ledgermap.WaitInvoice: "waits for its invoices to be posted"}
	var list []page.Document
	for _, d := range plan.Documents {
		was := documentState(row, d.Ordinal())
		document := page.Document{
			Key: was.Key, Batch: was.Batch, Ref: was.Ref, Kind: string(d.Kind()), State: cmp.Or(was.State, "planned"), Date: d.Date().String(),
			Description: d.Description(), Period: d.Period(), Debit: d.DebitTotal(), Credit: d.CreditTotal(), Waits: waits[d.WaitsFor()],
		}
		for n, line := range d.Lines() {
			l := page.Line{
				Account: line.Account, Name: names[line.Account], Project: strings.Join(nonEmpty(line.WBS1, line.WBS2, line.WBS3), " / "), Description: line.Description,
				Debit: line.Debit, Credit: line.Credit, Rows: line.Rows, Auto: line.Auto,
			}
			if o := orders[ledgermap.Ref{Ordinal: d.Ordinal(), Line: n + 1}]; o != nil {
				l.Orders, l.Rest = o.list, o.rest
			}
			document.Lines = append(document.Lines, l)
		}
		list = append(list, document)
	}
	return list
}

// lineOrders are the orders behind one ledger line, in the order of the report.
type lineOrders struct {
	place map[string]int
	list  []page.Order
	rest  page.Order
}

// ordersOf reads the report once more and gathers the orders behind each line of the plan.
func ordersOf(past *installation.Past) (map[ledgermap.Ref]*lineOrders, error) {
	lines := map[ledgermap.Ref]*lineOrders{}
	for traced, err := range traces(past) {
		if err != nil {
			return nil, err
		}
		o := lines[traced.To]
		if o == nil {
			o = &lineOrders{place: map[string]int{}}
			lines[traced.To] = o
		}
		id := traced.Line.OrderID
		if id == "" {
			id = cmp.Or(traced.Line.Kind.AmountDescription, traced.Line.Kind.TransactionType)
		}
		i, known := o.place[id]
		into := &o.rest
		switch {
		case known:
			into = &o.list[i]
		case len(o.list) < page.MaxOrders:
			id = strings.Clone(id)
			o.place[id] = len(o.list)
			o.list = append(o.list, page.Order{ID: id})
			into = &o.list[len(o.list)-1]
		}
		into.Rows++
		into.Amount = sum(into.Amount, traced.Line.Amount)
	}
	return lines, nil
}

// trail is what the audit log says of one settlement.
func trail(ctx context.Context, in *installation.Installation, row store.Payout) ([]page.Record, error) {
	var records []page.Record
	for r, err := range in.Log.Records(ctx, row.Seller, row.Settlement) {
		if err != nil {
			return nil, fmt.Errorf("read the audit log of settlement %s: %w", row.Settlement, err)
		}
		what := string(r.Event)
		if r.Ref != "" {
			what += " " + r.Ref
		}
		why := r.Reason
		if why == "" && r.Totals != nil {
			why = fmt.Sprintf("%d lines, debit %s, credit %s %s", r.Totals.Count, r.Totals.Debit, r.Totals.Credit, r.Totals.Currency)
		}
		records = append(records, page.Record{At: r.Time.UTC().Format(time.DateTime), Who: r.Actor, What: what, Why: why, Hash: shorten(r.Hash)})
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
