package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

type explainCmd struct {
	Key  string `arg:"" help:"A document's key or batch, or a payout: NAME/SETTLEMENT."`
	Line int    `placeholder:"N" help:"The report rows behind line N of the document."`
	Row  int    `placeholder:"N" help:"The ledger line that line N of the report went to."`
}

// Help is printed below the flags.
func (explainCmd) Help() string {
	return "Example: payoutsync explain ACME//A1B2C3/17461234567/1.1 --line 3\n\nWithout --line or --row, lists the ledger lines. --line shows the report rows behind one ledger line: " +
		"line number, bytes, order, kind and amount. --row goes back: from a line of the report to its ledger line. It reads the archive and the database, and asks neither system."
}

// explainedLine is one ledger line.
type explainedLine struct {
	SettlementID string `json:"settlement_id"`
	Key          string `json:"key"`
	Batch        string `json:"batch"`
	Line         int    `json:"line"`
	Account      string `json:"account"`
	WBS1         string `json:"wbs1"`
	WBS2         string `json:"wbs2"`
	WBS3         string `json:"wbs3"`
	Debit        string `json:"debit"`
	Credit       string `json:"credit"`
	Description  string `json:"description"`
	Rows         int    `json:"rows"`
	Auto         bool   `json:"auto"`
}

// explainedRow is one row of the report.
type explainedRow struct {
	Row               int       `json:"row"`    // line number in the file, from 1
	Offset            int64     `json:"offset"` // of its first byte in the uncompressed file
	Length            int64     `json:"length"`
	Posted            time.Time `json:"posted,omitzero"`
	OrderID           string    `json:"order_id"`
	SKU               string    `json:"sku"`
	TransactionType   string    `json:"transaction_type"`
	AmountType        string    `json:"amount_type"`
	AmountDescription string    `json:"amount_description"`
	Amount            string    `json:"amount"`
	Currency          string    `json:"currency"`
	// Key and Line are the ledger line; empty where the row is in none because it and others add up to 0.00.
	Key  string `json:"key,omitempty"`
	Line int    `json:"line,omitempty"`
}

func (c explainCmd) Run(ctx context.Context, a *app) (err error) {
	if c.Line != 0 && c.Row != 0 {
		return usage(errors.New("--line goes from the ledger to the report, --row back: give one of them"))
	}
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	row, ordinal, err := documentOf(ctx, in, c.Key)
	if err != nil {
		return usage(err)
	}
	past, err := in.Past(ctx, row)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	if past.Plan == nil {
		return usage(fmt.Errorf("payout %s was never planned: %s", row.ID(), unplanned(row)))
	}
	switch {
	case c.Row != 0:
		return a.explainRow(row, past, c.Row)
	case c.Line == 0:
		return a.explainDocuments(row, past.Plan, ordinal)
	case ordinal == 0:
		return usage(fmt.Errorf("line %d of which document? give the document's key; `payoutsync explain %s` lists them", c.Line, row.ID()))
	}
	return a.explainLine(row, past, ledgermap.Ref{Ordinal: ordinal, Line: c.Line})
}

// documentOf finds the payout that a person means, and the ordinal of its document; 0 where the whole payout is meant.
func documentOf(ctx context.Context, in *installation.Installation, text string) (store.Payout, int, error) {
	if key, err := booking.ParseKey(text); err == nil {
		row, err := in.Store.Payout(ctx, key.Seller, key.Settlement)
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("no document %s is known; `payoutsync status` lists the payouts that are, and `payoutsync explain NAME/SETTLEMENT` their documents", text)
		}
		return row, key.Ordinal, err
	}
	if len(text) == 30 && !strings.Contains(text, "/") {
		row, key, err := in.Store.Batch(ctx, strings.ToUpper(text))
		if err != nil {
			return row, 0, err
		}
		parsed, err := booking.ParseKey(key)
		return row, parsed.Ordinal, err
	}
	row, err := in.Store.Resolve(ctx, text)
	return row, 0, err
}

// unplanned says why a payout has no plan, and what makes one.
func unplanned(row store.Payout) string {
	return cmp.Or(row.Error, fmt.Sprintf("no round has taken it up yet; `payoutsync sync %s` does", row.Name))
}

// names are the key and batch of a payout's document, as it was booked or would be.
func names(row store.Payout, ordinal int) (key, batch string) {
	for _, d := range row.Documents {
		if k, err := booking.ParseKey(d.Key); err == nil && k.Ordinal == ordinal {
			return d.Key, d.Batch
		}
	}
	return "", ""
}

func (a *app) explainDocuments(row store.Payout, plan *ledgermap.Plan, ordinal int) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, d := range plan.Documents {
		if ordinal != 0 && d.Ordinal() != ordinal {
			continue
		}
		key, batch := names(row, d.Ordinal())
		if !a.json {
			fmt.Fprintf(w, "\n%s %s, period %d, %s: %s\nkey %s, batch %s\n", d.Kind(), d.Date(), d.Period(), d.Currency(), d.Description(), key, batch)
			fmt.Fprint(w, "LINE\tACCOUNT\tPROJECT\tDEBIT\tCREDIT\tROWS\tDESCRIPTION\n")
		}
		for n, l := range d.Lines() {
			if !a.json {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", n+1, l.Account, strings.Join(nonEmpty(l.WBS1, l.WBS2, l.WBS3), "/"), l.Debit, l.Credit, l.Rows, l.Description)
				continue
			}
			if err := a.emit(explainedLine{
				SettlementID: row.Settlement, Key: key, Batch: batch, Line: n + 1, Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3,
				Debit: l.Debit.String(), Credit: l.Credit.String(), Description: l.Description, Rows: l.Rows, Auto: l.Auto,
			}); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

func (a *app) explainLine(row store.Payout, past *installation.Past, at ledgermap.Ref) error {
	d, ok := past.Plan.Document(at.Ordinal)
	if !ok || at.Line < 1 || at.Line > len(d.Lines()) {
		return usage(fmt.Errorf("there is no line %d in that document of payout %s; without --line its lines are listed", at.Line, row.ID()))
	}
	key, _ := names(row, at.Ordinal)
	var rows []explainedRow
	for line, err := range past.Plan.Explain(past.File, at) {
		if err != nil {
			return err
		}
		rows = append(rows, rowOf(line, key, at.Line))
	}
	return a.explainRows(rows)
}

func (a *app) explainRow(row store.Payout, past *installation.Past, number int) error {
	var rows []explainedRow
	for traced, err := range past.Plan.Trace(past.File) {
		if err != nil {
			return err
		}
		if traced.Line.Row == number {
			key, _ := names(row, traced.To.Ordinal)
			rows = append(rows, rowOf(traced.Line, key, traced.To.Line))
		}
	}
	if len(rows) == 0 {
		return usage(fmt.Errorf("line %d of the report of payout %s holds no amount", number, row.ID()))
	}
	return a.explainRows(rows)
}

func rowOf(l settlement.Line, key string, line int) explainedRow {
	return explainedRow{
		Row: l.Row, Offset: l.Offset, Length: l.Length, Posted: l.Posted, OrderID: strings.Clone(l.OrderID), SKU: strings.Clone(l.SKU),
		TransactionType: l.Kind.TransactionType, AmountType: l.Kind.AmountType, AmountDescription: l.Kind.AmountDescription,
		Amount: l.Amount.String(), Currency: l.Amount.Currency().String(), Key: key, Line: line,
	}
}

func (a *app) explainRows(rows []explainedRow) error {
	if a.json {
		for _, r := range rows {
			if err := a.emit(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "ROW\tBYTES\tPOSTED (UTC)\tORDER\tSKU\tKIND\tAMOUNT\tLEDGER LINE\n")
	for _, r := range rows {
		where := "none: it and others add up to 0.00"
		if r.Line != 0 {
			where = fmt.Sprintf("%s line %d", r.Key, r.Line)
		}
		fmt.Fprintf(w, "%d\t%d+%d\t%s\t%s\t%s\t%s\t%s %s\t%s\n", r.Row, r.Offset, r.Length, r.Posted.UTC().Format("2006-01-02 15:04:05"), r.OrderID, r.SKU,
			strings.Join(nonEmpty(r.TransactionType, r.AmountType, r.AmountDescription), " / "), r.Amount, r.Currency, where)
	}
	return w.Flush()
}
