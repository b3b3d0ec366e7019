package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

type inspectCmd struct {
	Files      []string `arg:"" name:"file" help:"Settlement files as Amazon delivers them, plain or gzipped."`
	Charset    string   `help:"Read the text of a flat file as this charset, whatever the file suggests."`
	Settlement string   `placeholder:"ID" help:"Read this settlement of files that hold several."`
}

// Help is printed below the flags.
func (inspectCmd) Help() string {
	return "Example: payoutsync inspect 50034020328.txt\n\nReads each file to its end, adds its lines up, and compares them with the total that Amazon states. " +
		"Nothing is sent anywhere. The exit code is 2 when a file does not tie or cannot be read."
}

// inspectObject is the JSON of one file.
type inspectObject struct {
	File         string       `json:"file"`
	SettlementID string       `json:"settlement_id"`
	Format       string       `json:"format"`
	Currency     string       `json:"currency"`
	Total        string       `json:"total"`
	Sum          string       `json:"sum"`
	Ties         bool         `json:"ties"`
	Rows         int          `json:"rows"`
	Start        time.Time    `json:"start"`
	End          time.Time    `json:"end"`
	Deposit      *time.Time   `json:"deposit"` // null where the report names none
	Marketplaces []string     `json:"marketplaces"`
	Charset      string       `json:"charset"`
	DecimalMark  string       `json:"decimal_mark"`
	DateLayout   string       `json:"date_layout"`
	SHA256       string       `json:"sha256"`
	Keys         []kindObject `json:"keys"`
	Unknown      []kindObject `json:"unknown"`
}

// fileError is the JSON of a file that cannot be read.
type fileError struct {
	File  string      `json:"file"`
	Error errorObject `json:"error"`
}

func (c inspectCmd) Run(ctx context.Context, a *app) error {
	var worst error
	m := a.filesMeter("inspect", c.Files)
	defer m.end()
	for _, name := range c.Files {
		tally, err := inspect(ctx, name, settlement.Options{Charset: c.Charset, Settlement: c.Settlement}, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			worst = worse(worst, err)
			if printErr := a.fileError(name, err); printErr != nil {
				return printErr
			}
			continue
		}
		if a.json {
			err = a.emit(inspected(name, tally))
		} else {
			err = a.describe(name, tally)
		}
		if err != nil {
			return err
		}
	}
	return said(worst)
}

func inspect(ctx context.Context, name string, options settlement.Options, m *meter) (settlement.Tally, error) {
	f, err := settlement.Open(name, options)
	if err != nil {
		return settlement.Tally{}, err
	}
	defer closing(ctx, f)()
	src := m.follow(f, name)
	defer src.end()
	tally, err := settlement.TallyOf(src)
	return tally, errors.Join(chosen(f, name, err), f.Close())
}

// severalError says that one of several settlements in a file has to be chosen.
type severalError struct {
	file string
	ids  []string
	err  error
}

func (e *severalError) Error() string {
	return fmt.Sprintf("%s holds %d settlements: choose one with --settlement: %s", e.file, len(e.ids), strings.Join(e.ids, ", "))
}

func (e *severalError) Unwrap() error { return e.err }

// chosen returns the error of reading a file, and names its settlements where it holds several.
func chosen(f *settlement.File, name string, err error) error {
	if settlement.CodeOf(err) != settlement.CodeTwoTotals {
		return err
	}
	ids, failed := f.Settlements()
	if failed != nil || len(ids) < 2 {
		return err
	}
	return &severalError{name, ids, err}
}

// closing closes a file when the context ends, which ends the reading of it, until it is called off.
func closing(ctx context.Context, f *settlement.File) (off func() bool) {
	return context.AfterFunc(ctx, func() { _ = f.Close() })
}

func inspected(name string, t settlement.Tally) inspectObject {
	s := t.Statement
	o := inspectObject{
		File: name, SettlementID: s.ID, Format: s.Format, Currency: s.Currency.String(), Total: s.Total.String(), Sum: s.Sum.String(),
		Ties: s.Sum == s.Total, Rows: s.Rows, Start: s.Start, End: s.End, Marketplaces: list(s.Marketplaces),
		Charset: s.Charset, DecimalMark: s.DecimalMark, DateLayout: s.DateLayout, SHA256: s.Digest,
		Keys: kinds(t.Kinds), Unknown: kinds(t.Unknown()),
	}
	if !s.Deposit.IsZero() {
		o.Deposit = &s.Deposit
	}
	return o
}

func kinds(totals []settlement.KindTotal) []kindObject {
	objects := make([]kindObject, len(totals))
	for i, k := range totals {
		objects[i] = kindObject{k.Kind.TransactionType, k.Kind.AmountType, k.Kind.AmountDescription, string(k.Category), k.Rows, k.Sum.String()}
	}
	return objects
}

// list is an empty list where there is none, because programs read [] more easily than null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (a *app) describe(name string, t settlement.Tally) error {
	s := t.Statement
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n", name)
	fmt.Fprintf(w, "  settlement\t%s, %s to %s, %s (UTC)\n", s.ID, day(s.Start), day(s.End), depositPlanned(s))
	fmt.Fprintf(w, "  total\t%s %s: ties with the sum of %d rows\n", s.Total, s.Currency, s.Rows)
	fmt.Fprintf(w, "  form\t%s, charset %s, decimal mark %q, dates %s\n\n", s.Format, s.Charset, s.DecimalMark, s.DateLayout)
	if err := w.Flush(); err != nil {
		return err
	}
	w = tabwriter.NewWriter(a.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, k := range t.Kinds {
		category := string(k.Category)
		if category == "" {
			category = "UNKNOWN"
		}
		fmt.Fprintf(w, "%s\t%d\t  %s\n", k.Sum, k.Rows, category+": "+k.Kind.String())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out)
	return err
}

// fileError prints why a file cannot be read: as JSON on stdout, or as a sentence on stderr.
func (a *app) fileError(name string, err error) error {
	if !a.json {
		_, printErr := fmt.Fprintln(a.err, "payoutsync:", err)
		return printErr
	}
	return a.emit(fileError{File: name, Error: objectOf(err)})
}

// objectOf is an error as programs read it.
func objectOf(err error) errorObject {
	object := errorObject{Code: round.CodeOf(err), Message: err.Error()}
	if parse, ok := errors.AsType[*settlement.ParseError](err); ok {
		object.Line, object.Column = parse.Line, parse.Column
	}
	if refused, ok := errors.AsType[*ledgermap.RefusedError](err); ok {
		object.Message = refused.Message
		for _, k := range refused.Kinds {
			object.Kinds = append(object.Kinds, kindObject{k.Kind.TransactionType, k.Kind.AmountType, k.Kind.AmountDescription, string(k.Category), k.Rows, k.Sum.String()})
		}
	}
	return object
}

// depositPlanned says when Amazon means to pay.
func depositPlanned(s settlement.Statement) string {
	if s.Deposit.IsZero() {
		return "deposit date not stated"
	}
	return "deposit planned " + day(s.Deposit)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
