package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

type planCmd struct {
	Files      []string `arg:"" name:"file" help:"Settlement files as Amazon delivers them, plain or gzipped."`
	Settlement string   `placeholder:"ID" help:"Plan this settlement of files that hold several."`
	Seller     string   `placeholder:"NAME" help:"Plan for this seller of the configuration (default: its only one, or nobody)."`
	Rules      string   `placeholder:"FILE" help:"Rules to plan with (default: those of the configuration, else the starter's)."`
	Format     string   `enum:"table,json,hledger,vantagepoint-csv" default:"table" help:"How to print: table, json, hledger or vantagepoint-csv."`
}

const formatCSV = "vantagepoint-csv"

// Help is printed below the flags.
func (planCmd) Help() string {
	return "Example: payoutsync plan 50034020328.txt --rules rules.yaml --format hledger | hledger -f - balance\n\n" +
		"Prints the documents that would be booked, and books nothing. It asks neither Amazon nor Vantagepoint, so it plans with calendar months " +
		"and marks its documents `offline`; sync plans again with the company's own fiscal periods. The exit code is 2 when a settlement is refused."
}

// planObject is one document.
type planObject struct {
	SettlementID string       `json:"settlement_id"`
	Key          string       `json:"key"`
	Kind         string       `json:"kind"`
	Batch        string       `json:"batch"`
	Period       int          `json:"period"`
	Date         string       `json:"date"`
	Currency     string       `json:"currency"`
	WaitsFor     string       `json:"waits_for"`
	Lines        []lineObject `json:"lines"`
	DebitTotal   string       `json:"debit_total"`
	CreditTotal  string       `json:"credit_total"`
	Digest       string       `json:"digest"`
	Description  string       `json:"description"`
	Offline      bool         `json:"offline"`
}

type lineObject struct {
	Line        int    `json:"line"`
	Account     string `json:"account"`
	WBS1        string `json:"wbs1"`
	WBS2        string `json:"wbs2"`
	WBS3        string `json:"wbs3"`
	Debit       string `json:"debit"`
	Credit      string `json:"credit"`
	Description string `json:"description"`
	Rows        int    `json:"rows"`
	Auto        bool   `json:"auto"`
}

// refusedObject is a settlement that is not planned.
type refusedObject struct {
	SettlementID string      `json:"settlement_id"`
	File         string      `json:"file"`
	Error        errorObject `json:"error"`
}

// planner is what planning needs besides the files.
type planner struct {
	rules      *ledgermap.Rules
	seller     config.Seller
	settlement string // of files that hold several
}

func (c planCmd) Run(ctx context.Context, a *app) error {
	p, err := c.prepare(a)
	if err != nil {
		return err
	}
	var worst error
	var imported []ledgermap.Document // vantagepoint-csv is one file, with one header
	m := a.filesMeter("plan", c.Files)
	defer m.end()
	oneFile := c.Format == formatCSV && !a.json
	for _, name := range c.Files {
		plan, err := p.plan(ctx, name)
		m.add(sizeOf(name))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			worst = worse(worst, err)
			err = a.planRefused(name, err)
		} else {
			if oneFile {
				imported = append(imported, plan.Documents...)
			}
			err = c.print(a, p, plan)
		}
		if err != nil {
			return err
		}
	}
	if oneFile {
		if err := a.writeImport(imported); err != nil {
			return err
		}
	}
	return said(worst)
}

// prepare finds the rules and the seller: from the configuration if there is one, from the flags, else the starter's.
func (c planCmd) prepare(a *app) (planner, error) {
	p := planner{settlement: c.Settlement}
	cfg, err := config.Load(a.config)
	switch {
	case err == nil && c.Seller == "" && len(cfg.Sellers) == 1:
		p.seller = cfg.Sellers[0]
	case err == nil && c.Seller == "":
		return p, usage(fmt.Errorf("the configuration names several sellers: choose one with --seller"))
	case err == nil:
		if p.seller, err = cfg.Seller(c.Seller); err != nil {
			return p, usage(err)
		}
	case c.Seller != "" || !missingFile(a.config):
		return p, err
	}
	name := c.Rules
	if name == "" && cfg != nil {
		name = cfg.Rules
	}
	if p.rules, err = loadRules(name); err != nil {
		return p, err
	}
	if cfg == nil {
		a.progress("No configuration: planning for no seller, with calendar months; the documents are marked offline.")
	} else {
		a.progress("Planning with calendar months; the documents are marked offline.")
	}
	return p, nil
}

func missingFile(name string) bool {
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// loadRules reads a rules file, or the starter's rules where none is named.
func loadRules(name string) (*ledgermap.Rules, error) {
	if name == "" {
		return ledgermap.LoadRules("starter rules", ledgermap.Starter())
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usage(fmt.Errorf("read the rules: %w", err))
	}
	rules, err := ledgermap.LoadRules(name, data)
	if err != nil {
		return nil, usage(err)
	}
	return rules, nil
}

// The calendar months of offline plans. They do not hang on the day of the run, so that the same file gives the same plan.
var offlineMonths = ledgermap.Months(ledgermap.Date{Year: 2000, Month: time.January, Day: 1}, ledgermap.Date{Year: 2099, Month: time.December, Day: 31})

func (p planner) plan(ctx context.Context, name string) (*ledgermap.Plan, error) {
	f, err := settlement.Open(name, settlement.Options{Settlement: p.settlement})
	if err != nil {
		return nil, err
	}
	defer closing(ctx, f)()
	input := ledgermap.Input{Seller: p.seller.Name, Calendar: offlineMonths}
	plan, err := p.rules.Plan(f, input)
	return plan, errors.Join(chosen(f, name, err), f.Close())
}

// key names a document as booking would.
func (p planner) key(plan *ledgermap.Plan, d ledgermap.Document) booking.Key {
	return booking.Key{
		Tenant: booking.Tenant{Database: p.seller.Vantagepoint.Database, Company: p.seller.Vantagepoint.Company},
		Seller: p.seller.Amazon.SellerID, Settlement: plan.Statement.ID, Ordinal: d.Ordinal(), Revision: max(plan.Revision, 1),
	}
}

func (c planCmd) print(a *app, p planner, plan *ledgermap.Plan) error {
	batch := func(d ledgermap.Document) string { return p.key(plan, d).Batch(d.Kind()) }
	format := c.Format
	if a.json {
		format = "json"
	}
	if format != "table" {
		for _, f := range plan.Findings {
			a.progress("Settlement %s, note: %s", plan.Statement.ID, f.Message)
		}
	}
	switch format {
	case "json":
		for _, d := range plan.Documents {
			if err := a.emit(p.object(plan, d)); err != nil {
				return err
			}
		}
		return nil
	case "hledger":
		return ledgermap.WriteHledger(a.out, plan.Documents, batch)
	case formatCSV:
		return nil
	}
	return a.planTable(p, plan)
}

// writeImport writes the journals of all settlements as one import file.
func (a *app) writeImport(documents []ledgermap.Document) error {
	ref := func(d ledgermap.Document) string { return d.SettlementID() + d.Part() }
	left, err := ledgermap.WriteJournalCSV(a.out, documents, ref)
	for _, d := range left {
		a.progress("Not in this format: %s %s of %s. Enter it by hand, or use the API.", d.Kind(), ref(d), d.Date())
	}
	return err
}

func (p planner) object(plan *ledgermap.Plan, d ledgermap.Document) planObject {
	key := p.key(plan, d)
	object := planObject{
		SettlementID: plan.Statement.ID, Key: key.String(), Kind: string(d.Kind()), Batch: key.Batch(d.Kind()), Period: d.Period(), Date: d.Date().String(),
		Currency: d.Currency().String(), WaitsFor: string(d.WaitsFor()), DebitTotal: d.DebitTotal().String(), CreditTotal: d.CreditTotal().String(),
		Digest: d.Digest(), Description: d.Description(), Offline: plan.Offline,
	}
	zero := settlement.MoneyOf(0, d.Currency())
	for i, line := range d.Lines() {
		object.Lines = append(object.Lines, lineObject{
			Line: i + 1, Account: line.Account, WBS1: line.WBS1, WBS2: line.WBS2, WBS3: line.WBS3,
			Debit: sum(line.Debit, zero).String(), Credit: sum(line.Credit, zero).String(), Description: line.Description, Rows: line.Rows, Auto: line.Auto,
		})
	}
	return object
}

func (a *app) planTable(p planner, plan *ledgermap.Plan) error {
	s := plan.Statement
	fmt.Fprintf(a.out, "Settlement %s, %s to %s, total %s %s\n", s.ID, day(s.Start), day(s.End), s.Total, s.Currency)
	for _, f := range plan.Findings {
		fmt.Fprintf(a.out, "  note: %s\n", f.Message)
	}
	for _, d := range plan.Documents {
		if err := writeDocument(a.out, d, p.key(plan, d).Batch(d.Kind())); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(a.out)
	return err
}

// writeDocument writes what a document books, line by line.
func writeDocument(out io.Writer, d ledgermap.Document, batch string) error {
	waits := ""
	if d.WaitsFor() != ledgermap.WaitNone {
		waits = ", waits for " + string(d.WaitsFor())
	}
	fmt.Fprintf(out, "\n  %s %s, period %d, %s, batch %s%s\n", d.Kind(), d.Date(), d.Period(), d.Description(), batch, waits)
	w := tabwriter.NewWriter(out, 4, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range d.Lines() {
		fmt.Fprintf(w, "    %s\t%s\t%s\t  %s\n", line.Account, side(line.Debit), side(line.Credit), describeLine(line))
	}
	fmt.Fprintf(w, "    \t%s\t%s\t\n", d.DebitTotal(), d.CreditTotal())
	return w.Flush()
}

func side(m settlement.Money) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

func describeLine(l ledgermap.Line) string {
	text := l.Description
	if l.WBS1 != "" {
		text = l.WBS1 + "  " + text
	}
	switch {
	case l.Auto:
		text += " (made by the ledger)"
	case l.Rows > 0:
		text += fmt.Sprintf(" (%d rows)", l.Rows)
	}
	return text
}

// planRefused prints why a file is not planned.
func (a *app) planRefused(name string, err error) error {
	refused, ok := errors.AsType[*ledgermap.RefusedError](err)
	if !ok || !a.json {
		return a.fileError(name, err)
	}
	return a.emit(refusedObject{SettlementID: refused.SettlementID, File: name, Error: objectOf(err)})
}
