package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/monthend"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/workbook"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

type reportCmd struct {
	ID     string `arg:"" optional:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	Period string `placeholder:"YYYYMM" help:"The month's close instead: a fiscal period, as Vantagepoint numbers it."`
	Seller string `placeholder:"NAME" help:"With --period, only this seller."`
	Output string `short:"o" placeholder:"FILE" help:"Where to write it, as .html or .xlsx (default: an .html file in this folder)."`
}

// Help is printed below the flags.
func (reportCmd) Help() string {
	return "Example: payoutsync report acme-us/17461234567 -o payout.xlsx\n\nWrites one file about one payout: from gross sales to the deposit, documents, the orders behind each ledger line, findings and the audit trail. " +
		"The page (.html) loads nothing and prints; the workbook (.xlsx) holds every row of the report.\n\n" +
		"Example: payoutsync report --period 202611 -o november.html\n\nWrites the month's close: the payouts of the period, the roll-forward of clearing and reserve, what was accrued, and what is open. " +
		"It reads the archive, the database and the audit log, and asks neither system."
}

// reportObject is the JSON of `report`.
type reportObject struct {
	SettlementID string `json:"settlement_id,omitempty"`
	Seller       string `json:"seller,omitempty"`
	Period       int    `json:"period,omitempty"`
	Open         *int   `json:"open,omitempty"` // of a month: how many items are open
	File         string `json:"file"`
}

func (c reportCmd) Run(ctx context.Context, a *app) (err error) {
	if (c.ID == "") == (c.Period == "") {
		return usage(errors.New("name one payout, or a period with --period"))
	}
	if kind := filepath.Ext(c.Output); c.Output != "" && kind != ".html" && kind != ".xlsx" {
		return usage(fmt.Errorf("%s: a report is .html or .xlsx", c.Output))
	}
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	var o reportObject
	if c.ID != "" {
		o, err = c.payout(ctx, in)
	} else {
		o, err = c.month(ctx, in)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.emit(o)
	}
	open := ""
	if o.Open != nil {
		open = fmt.Sprintf(", open items: %d", *o.Open)
	}
	_, err = fmt.Fprintf(a.out, "wrote %s%s\n", o.File, open)
	return err
}

// save writes a report as the kind of file that was asked for.
func (c reportCmd) save(name string, html, xlsx func(io.Writer) error) (string, error) {
	name = cmp.Or(c.Output, name+".html")
	write := html
	if filepath.Ext(name) == ".xlsx" {
		write = xlsx
	}
	var file bytes.Buffer
	if err := write(&file); err != nil {
		return name, err
	}
	if err := home.WriteFile(name, file.Bytes()); err != nil {
		return name, usage(err)
	}
	return name, nil
}

func (c reportCmd) payout(ctx context.Context, in *installation.Installation) (o reportObject, err error) {
	row, err := in.Store.Resolve(ctx, c.ID)
	if err != nil {
		return o, usage(err)
	}
	past, err := in.Past(ctx, row)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	view, err := pageOf(ctx, in, row, past)
	if err != nil {
		return o, err
	}
	o = reportObject{SettlementID: row.Settlement, Seller: row.Name}
	o.File, err = c.save(row.Settlement, view.Write, func(w io.Writer) error { return workbook.Payout(w, view, workbookRows(row, past)) })
	return o, err
}

// workbookRows are the rows of the report with the ledger lines that they went to.
func workbookRows(row store.Payout, past *installation.Past) iter.Seq2[workbook.Row, error] {
	return func(yield func(workbook.Row, error) bool) {
		for traced, err := range traces(past) {
			if err != nil {
				yield(workbook.Row{}, err)
				return
			}
			l := traced.Line
			out := workbook.Row{
				Number: l.Row, Posted: l.Posted, TransactionType: l.Kind.TransactionType, AmountType: l.Kind.AmountType, AmountDescription: l.Kind.AmountDescription,
				Category: string(l.Category), Marketplace: l.Marketplace, OrderID: l.OrderID, SKU: l.SKU, Amount: l.Amount, Line: traced.To.Line,
			}
			if traced.To.Ordinal != 0 {
				d, _ := past.Plan.Document(traced.To.Ordinal)
				out.Document = cmp.Or(documentState(row, traced.To.Ordinal).Ref, row.Settlement+d.Part())
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

// traces are the rows of a report as text, with the lines they went to where there is a plan.
func traces(past *installation.Past) iter.Seq2[ledgermap.Traced, error] {
	rows := func(yield func(ledgermap.Traced, error) bool) {
		for l, err := range past.File.Lines() {
			if !yield(ledgermap.Traced{Line: l}, err) || err != nil {
				return
			}
		}
	}
	if past.Plan != nil {
		rows = past.Plan.Trace(past.File)
	}
	return func(yield func(ledgermap.Traced, error) bool) {
		for row, err := range rows {
			past.Tally.Statement.Decode(&row.Line)
			if !yield(row, err) {
				return
			}
		}
	}
}

func (c reportCmd) month(ctx context.Context, in *installation.Installation) (o reportObject, err error) {
	o.Period, err = strconv.Atoi(c.Period)
	if err != nil || o.Period < 190001 || o.Period > 999999 {
		return o, usage(fmt.Errorf("--period %q is no fiscal period; write for example 202611", c.Period))
	}
	sellers := in.Config.Sellers
	if c.Seller != "" {
		s, err := in.Config.Seller(c.Seller)
		if err != nil {
			return o, usage(err)
		}
		sellers = []config.Seller{s}
	}
	m := page.Month{Period: o.Period, Made: time.Now().UTC().Format("2006-01-02 15:04 UTC")}
	known := false
	for _, s := range sellers {
		list, period, err := monthOf(ctx, in, s, o.Period)
		if err != nil {
			return o, err
		}
		if period.Number != 0 {
			known = true
			m.From, m.To = period.Start.String(), period.End.String()
		}
		m.Books = append(m.Books, list...)
	}
	if !known {
		return o, usage(fmt.Errorf("no plan so far was made with a fiscal calendar that holds period %d: sync first, or write another period", o.Period))
	}
	open := 0
	for _, b := range m.Books {
		open += len(b.Open)
	}
	o.Open = &open
	o.File, err = c.save("period-"+c.Period, m.Write, func(w io.Writer) error { return workbook.Month(w, m) })
	return o, err
}

// monthOf is one seller's part of a month's close. The period is zero where no plan's calendar holds it.
func monthOf(ctx context.Context, in *installation.Installation, s config.Seller, number int) (list []page.Book, period ledgermap.Period, err error) {
	rules, _, err := in.Rules()
	if err != nil {
		return nil, period, err
	}
	payouts, err := in.Store.Payouts(ctx, store.PayoutFilter{Name: s.Name, Limit: 1 << 30})
	if err != nil {
		return nil, period, err
	}
	calendar, period, err := calendarOf(ctx, in, payouts, number)
	if err != nil || period.Number == 0 {
		return nil, period, err
	}
	entries, err := books.Read(in.Log.Records(ctx, s.Amazon.SellerID, ""))
	if err != nil {
		return nil, period, fmt.Errorf("read the audit log of seller %s: %w", s.Name, err)
	}
	var factErr error
	money := func(p store.Payout) string {
		var payout ledgermap.Payout
		_, err := in.Store.Fact(ctx, p.Seller, p.Settlement, store.FactPayout, &payout)
		total, totalErr := settlement.ParseAmount(p.Total, p.Currency)
		factErr = errors.Join(factErr, err, totalErr)
		return moneyState(settlement.Statement{Deposit: p.Deposit, Total: total}, payout)
	}
	known, err := in.Store.SellerNamed(ctx, s.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, period, err
	}
	list, err = monthend.Books(monthend.Seller{
		Name: s.Name, Rules: rules, Period: period, Entries: entries, Payouts: payouts, Unfetched: known.Unfetched, Money: money,
	})
	if err = errors.Join(err, factErr); err != nil {
		return nil, period, err
	}
	head, err := in.Log.Head(ctx, s.Amazon.SellerID)
	if err != nil {
		return nil, period, err
	}
	rolls, note, err := deferredOf(ctx, in, s.Name, rules, calendar, number)
	if err != nil {
		return nil, period, err
	}
	for i := range list {
		list[i].Head = page.Head{Records: head.Count, Hash: head.Hash}
		list[i].DeferredNote = note
		held := false
		for _, r := range rolls {
			if r.Currency == list[i].Currency {
				list[i].Deferred = append(list[i].Deferred, page.DeferredRow{Marketplace: r.Marketplace, Opening: r.Opening, Deferred: r.Deferred, Released: r.Released, Closing: r.Closing})
				held = held || !r.Closing.IsZero()
			}
		}
		if held {
			var open string
			if list[i].DeferredNote, open = accrued(entries, number, list[i].Currency); open != "" {
				list[i].Open = append(list[i].Open, page.OpenItem{What: open})
			}
		}
	}
	return list, period, nil
}

// calendarOf finds the latest calendar that a plan of these payouts was made with and that holds a period.
func calendarOf(ctx context.Context, in *installation.Installation, payouts []store.Payout, number int) (ledgermap.Calendar, ledgermap.Period, error) {
	var last []byte
	for _, p := range payouts {
		if p.Plan == "" {
			continue
		}
		made, err := in.Store.Plan(ctx, p.Plan)
		if err != nil {
			return ledgermap.Calendar{}, ledgermap.Period{}, err
		}
		if bytes.Equal(made.Calendar, last) {
			continue
		}
		last = made.Calendar
		var calendar ledgermap.Calendar
		if err := json.Unmarshal(made.Calendar, &calendar); err != nil {
			return calendar, ledgermap.Period{}, fmt.Errorf("the calendar of plan %s is damaged: %w", p.Plan, err)
		}
		for _, period := range calendar.Periods() {
			if period.Number == number {
				return calendar, period, nil
			}
		}
	}
	return ledgermap.Calendar{}, ledgermap.Period{}, nil
}

// deferredOf is the roll-forward of what Amazon held back at the period's end, from the snapshot that was kept then. The note
// says why there is none.
func deferredOf(ctx context.Context, in *installation.Installation, name string, rules *ledgermap.Rules, calendar ledgermap.Calendar, number int) ([]ledgermap.RollForward, string, error) {
	kept, err := in.Store.Snapshots(ctx, name)
	if err != nil {
		return nil, "", err
	}
	today, err := in.Store.Now(ctx)
	if err != nil {
		return nil, "", err
	}
	now, err := round.SnapshotOf(kept, number, calendar, rules.Location(), today)
	if incomplete, ok := errors.AsType[*round.IncompleteError](err); ok {
		return nil, "Incomplete: " + incomplete.Reason + ". Nothing is estimated.", nil
	}
	if err != nil {
		return nil, "", err
	}
	before, err := round.SnapshotBefore(kept, number)
	if err != nil {
		return nil, "", err
	}
	accrual, err := rules.Accrue(before, now, reopened(calendar))
	if err != nil {
		return nil, err.Error(), nil //nolint:nilerr // what stands against an accrual is what the report has to say
	}
	if len(accrual.RollForward) == 0 {
		return nil, "Amazon held back nothing.", nil
	}
	return accrual.RollForward, "", nil
}

// accrued says in words how far what was held back at a period's end is booked in a currency, and what is open of it.
func accrued(entries []books.Entry, period int, currency settlement.Currency) (words, open string) {
	var refs []string // a reversal has its accrual's
	reversals, posted := 0, true
	for _, e := range entries {
		if e.Key.Settlement != ledgermap.AccrualID(period) || e.Document.Currency() != currency || e.Reversed {
			continue
		}
		posted = posted && e.Posted
		if e.Mirror() {
			reversals++
		} else {
			refs = append(refs, e.Ref)
		}
	}
	state := "posted"
	if !posted {
		state = "drafts as far as the last round saw"
	}
	switch {
	case len(refs) == 0:
		return fmt.Sprintf("Not accrued: payoutsync accrue --period %d books it.", period), "what Amazon held back at the period's end is not accrued"
	case reversals < len(refs):
		return fmt.Sprintf("Accrued as %s, and not yet reversed in the next period: payoutsync accrue --period %d books that.", strings.Join(refs, ", "), period),
			"the accrual of what Amazon held back is not reversed in the next period"
	}
	return fmt.Sprintf("Accrued, and reversed in the next period under the same number: journals %s, %s.", strings.Join(refs, ", "), state), ""
}

// reopened is a calendar whose periods are open: what is only shown may lie in a period that is closed by now.
func reopened(c ledgermap.Calendar) ledgermap.Calendar {
	periods := c.Periods()
	for i := range periods {
		periods[i].Closed = false
	}
	open, err := ledgermap.NewCalendar(periods)
	if err != nil {
		return c
	}
	return open
}
