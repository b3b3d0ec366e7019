package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/bank"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// bankFlags are those of `reconcile --bank`.
type bankFlags struct {
	Bank   string `placeholder:"FILE.csv" help:"Hold a bank's own lines against the booked bank legs instead."`
	Seller string `placeholder:"NAME" help:"Only the bank legs of this seller."`
	Days   int    `default:"3" help:"How many days the bank's date and the books' may lie apart."`
	From   string `placeholder:"DATE" help:"Leave out bank legs before this day, 2006-01-02."`
	To     string `placeholder:"DATE" help:"Leave out bank legs after this day, 2006-01-02."`
	Only   string `placeholder:"TEXT" help:"Leave out bank lines without this text, such as AMAZON."`

	Delimiter         string `placeholder:"MARK" help:"What stands between columns: a comma, a semicolon, or tab."`
	Decimal           string `placeholder:"MARK" help:"The decimal mark: . or ,"`
	Dates             string `placeholder:"FORM" help:"The form of dates, such as MM/dd/yyyy."`
	Currency          string `placeholder:"CODE" help:"The currency of the file, where no column names it."`
	AmountColumn      string `placeholder:"NAME" help:"The column of amounts."`
	CreditColumn      string `placeholder:"NAME" help:"The column of money that came in."`
	DebitColumn       string `placeholder:"NAME" help:"The column of money that went out."`
	DateColumn        string `placeholder:"NAME" help:"The column of dates."`
	ReferenceColumn   string `placeholder:"NAME" help:"The column of references."`
	DescriptionColumn string `placeholder:"NAME" help:"The column of descriptions."`
}

const bankHelp = "Example: payoutsync reconcile --bank january.csv --only AMAZON --from 2026-01-01 --to 2026-01-31\n\n" +
	"With --bank it reads the CSV file that a bank exports and matches its lines with the receipts and disbursements that are in the books: by trace id, else by amount and date. " +
	"Columns, decimal mark and date form are found in the file, and asked for where the file leaves them open. A difference of 0.01 is a difference, and what fits several is ambiguous, never guessed. " +
	"A file does not say which days it covers: every bank leg is expected in it, unless --from and --to say otherwise. It asks neither system. " +
	"The exit code is 2 unless every line and every leg has its match. Receipts that were reversed are left out."

// bankError says that a bank's file and the books do not agree.
type bankError struct{ message string }

func (e bankError) Error() string { return e.message }

// bankSummary is the last line of `reconcile --bank --json`.
type bankSummary struct {
	bank.Summary
	LeftOut int `json:"left_out"` // lines without the text of --only
	Days    int `json:"days"`
}

func (c bankFlags) reconcile(ctx context.Context, a *app) (err error) {
	from, to, err := c.span()
	if err != nil {
		return err
	}
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	legs, err := bankLegs(ctx, in, c.Seller)
	if err != nil {
		return err
	}
	lines, err := c.read(legs)
	if err != nil {
		return err
	}
	kept := legs[:0]
	for _, g := range legs {
		if (from.IsZero() || from.Compare(g.Date) <= 0) && (to.IsZero() || g.Date.Compare(to) <= 0) {
			kept = append(kept, g)
		}
	}
	summary := bankSummary{Days: c.Days}
	if c.Only != "" {
		all := len(lines)
		lines = bank.Only(lines, c.Only)
		summary.LeftOut = all - len(lines)
	}
	matches := bank.Reconcile(lines, kept, c.Days)
	summary.Summary = bank.Summarise(matches)
	if err := a.printBank(matches, summary); err != nil {
		return err
	}
	if !summary.OK() {
		return said(bankError{fmt.Sprintf("%s and the books do not agree: %s", c.Bank, summary)})
	}
	return nil
}

// span reads --from and --to.
func (c bankFlags) span() (from, to ledgermap.Date, err error) {
	if c.Days < 0 || c.Days > 60 {
		return from, to, usage(errors.New("--days is how many days two dates may lie apart: 0 to 60"))
	}
	for _, flag := range []struct {
		name, text string
		into       *ledgermap.Date
	}{{"--from", c.From, &from}, {"--to", c.To, &to}} {
		if flag.text == "" {
			continue
		}
		if *flag.into, err = ledgermap.ParseDate(flag.text); err != nil {
			return from, to, usage(fmt.Errorf("%s %q is no day; write for example 2026-11-30", flag.name, flag.text))
		}
	}
	return from, to, nil
}

// read reads the bank's file. Where neither a column nor a flag names a currency, it is that of the legs, if they have one.
func (c bankFlags) read(legs []bank.Leg) ([]bank.Line, error) {
	form := bank.Form{
		Delimiter: c.Delimiter, Decimal: c.Decimal, Dates: c.Dates, Currency: c.Currency, Amount: c.AmountColumn, Credit: c.CreditColumn, Debit: c.DebitColumn,
		Date: c.DateColumn, Reference: c.ReferenceColumn, Description: c.DescriptionColumn,
	}
	currencies := map[string]bool{}
	for _, g := range legs {
		currencies[g.Amount.Currency().String()] = true
	}
	for code := range currencies {
		if form.Currency == "" && len(currencies) == 1 {
			form.Currency = code
		}
	}
	f, err := os.Open(c.Bank)
	if err != nil {
		return nil, usage(fmt.Errorf("read the bank's file: %w", err))
	}
	defer f.Close() // it is only read
	lines, err := bank.Read(c.Bank, f, form)
	if _, ok := errors.AsType[*bank.FormError](err); ok {
		return nil, usage(err)
	}
	return lines, err
}

// bankLegs are the receipts and disbursements that are in the books and were not reversed.
func bankLegs(ctx context.Context, in *installation.Installation, name string) ([]bank.Leg, error) {
	if name != "" {
		if _, err := in.Config.Seller(name); err != nil {
			return nil, usage(err)
		}
	}
	var legs []bank.Leg
	seen := map[string]bool{}
	for _, s := range in.Config.Sellers {
		if name != "" && s.Name != name || seen[s.Amazon.SellerID] {
			continue
		}
		seen[s.Amazon.SellerID] = true
		entries, err := books.Read(in.Log.Records(ctx, s.Amazon.SellerID, ""))
		if err != nil {
			return nil, fmt.Errorf("read the audit log of seller %s: %w", s.Name, err)
		}
		for _, e := range entries {
			amount, ok := e.Bank()
			if !ok || e.Reversed || e.Mirror() {
				continue
			}
			leg := bank.Leg{Settlement: e.Key.Settlement, Batch: e.Batch, Kind: string(e.Document.Kind()), Amount: amount, Date: e.Document.Date()}
			if e.Key.Ordinal == ledgermap.TransferLeg {
				var payout ledgermap.Payout
				if _, err := in.Store.Fact(ctx, s.Amazon.SellerID, e.Key.Settlement, store.FactPayout, &payout); err != nil {
					return nil, err
				}
				leg.TraceID = payout.TraceID
			}
			legs = append(legs, leg)
		}
	}
	return legs, nil
}

func (a *app) printBank(matches []bank.Match, s bankSummary) error {
	if a.json {
		for _, m := range matches {
			if err := a.emit(m); err != nil {
				return err
			}
		}
		return a.emit(map[string]bankSummary{"summary": s})
	}
	if err := bank.WriteTable(a.out, matches); err != nil {
		return err
	}
	left := ""
	if s.LeftOut > 0 {
		left = fmt.Sprintf("; %d lines left out", s.LeftOut)
	}
	_, err := fmt.Fprintf(a.out, "\n%s (dates at most %d days apart%s)\n", strings.ToUpper(s.String()[:1])+s.String()[1:], s.Days, left)
	return err
}
