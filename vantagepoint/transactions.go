package vantagepoint

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Document is one transaction file (batch): its control row, the entries in it, and their lines. The same type is
// written and read. What Create can work out may be left empty: the batch and reference on entries and lines, Seq,
// PKey, totals, company, creator and currency; see [Transactions.Create].
type Document[Control, Master, Detail any] struct {
	Control Control
	Masters []Master // the entries, at least one
	Details []Detail // the lines of all entries
	// Taxes are tax rows; for journals only. They count in the totals.
	Taxes []JournalTax
	// Tables are further tables of a create, by name, such as "crControlDefaultTaxCodes". They are not read back.
	Tables Extra
	// Copies is the number of control rows that were read under the batch name. More than 1 means that the ledger holds
	// the document that many times.
	Copies int
	// Posted is set by FindOrCreate when the document was found in the posted ledger alone; it then holds what was sent.
	Posted bool
}

type (
	// Journal is a file of journal entries.
	Journal = Document[JournalControl, JournalMaster, JournalDetail]
	// Invoice is a file of AR invoices.
	Invoice = Document[InvoiceControl, InvoiceMaster, InvoiceDetail]
	// Receipt is a file of cash receipts: a deposit.
	Receipt = Document[ReceiptControl, ReceiptMaster, ReceiptDetail]
	// Disbursement is a file of cash disbursements.
	Disbursement = Document[DisbursementControl, DisbursementMaster, DisbursementDetail]
	// Voucher is a file of AP vouchers.
	Voucher = Document[VoucherControl, VoucherMaster, VoucherDetail]
)

// Transactions enters and reads documents of one kind. All kinds work alike; their rows differ.
//
//	Client.Journals       je  journal entries
//	Client.Invoices       in  AR invoices
//	Client.Receipts       cr  cash receipts
//	Client.Disbursements  cd  cash disbursements
//	Client.Vouchers       ap  AP vouchers
type Transactions[Control, Master, Detail any] struct {
	client *Client
	kind   kind[Control, Master, Detail]
}

// kind is what differs between the kinds of documents.
type kind[C, M, D any] struct {
	noun   string // "journals", in the names of operations
	prefix string // "je", of paths and tables
	refKey string // the column that joins lines to their entry
	// constant are documented columns that this package has no use for, by the last part of the table's name.
	constant map[string]Extra
	// ledgerSign is what a positive line becomes in the posted ledger, where + is a debit.
	ledgerSign int
	view       func(*Document[C, M, D]) view
}

// view looks at a document of any kind in the same way. Its pointers lead into the document.
type view struct {
	batch, description, company, creator *string
	period                               *Period
	end                                  *Date
	posted                               *Flag
	currency                             *string // of the control row, or nil
	bank                                 *string // of the control row, or nil
	totals                               []total
	entries                              []entry
	lines                                []line
}

// total is one control total with what the server makes of it.
type total struct {
	name      string
	declared  *Amount
	sum, diff Amount // as the server answered
	want      Amount // the sum of the lines
}

type entry struct {
	batch, ref *string
	seq        *int
	date       *Date
	currency   *string    // or nil
	bank       *string    // or nil
	dated      *Date      // a second date that follows TransDate, or nil
	wbs        [3]*string // or nils
	refIsPKey  bool       // the reference is a key of ours, not a number that people see
}

type line struct {
	batch, ref, pkey *string
	seq              *int
	account          *string
	wbs              [3]*string
	debit, credit    *Amount // of journals
	amount           *Amount // of all others
	net, payment     *Amount // amounts that follow it, or nil
}

// signed is the line's effect in its own sense: debit less credit, or the amount.
func (l line) signed() Amount {
	if l.amount != nil {
		return *l.amount
	}
	return l.debit.Sub(*l.credit)
}

func (d Document[C, M, D]) clone() *Document[C, M, D] {
	d.Masters, d.Details, d.Taxes = slices.Clone(d.Masters), slices.Clone(d.Details), slices.Clone(d.Taxes)
	return &d
}

func (k kind[C, M, D]) table(part string) string { return k.prefix + part }
func (k kind[C, M, D]) transType() string        { return strings.ToUpper(k.prefix) }
func (t *Transactions[C, M, D]) op(verb string) string {
	return t.kind.noun + "." + verb
}

// Control returns the control row of a batch: its totals, and the sums and differences that the server worked out. It
// returns ErrNotFound for a batch that does not exist, or that another company than the active one created.
//
// Vantagepoint: GET DataEntry/{je|in|cr|cd|ap}Control/{Batch}.
func (t *Transactions[C, M, D]) Control(ctx context.Context, batch string) (C, error) {
	rows, err := t.control(ctx, batch)
	if err != nil {
		var none C
		return none, err
	}
	return rows[0], nil
}

// control returns all control rows of that name, at least one.
func (t *Transactions[C, M, D]) control(ctx context.Context, batch string) ([]C, error) {
	op := t.op("control")
	rows, err := get[C](ctx, t.client, op, "DataEntry", t.kind.table("Control"), batch)
	if err != nil {
		return nil, err
	}
	// A server that ignored the key would answer some other batch.
	rows = slices.DeleteFunc(rows, func(row C) bool {
		d := Document[C, M, D]{Control: row}
		return !sameKey(*t.kind.view(&d).batch, batch)
	})
	if len(rows) == 0 {
		return nil, &Error{Op: op, Class: ClassNotFound, Messages: []string{fmt.Sprintf("no batch %s", batch)}}
	}
	return rows, nil
}

// Master returns the entries of a batch, in no certain order.
//
// Vantagepoint: GET DataEntry/{je|in|cr|cd|ap}Master/{Batch}.
func (t *Transactions[C, M, D]) Master(ctx context.Context, batch string) ([]M, error) {
	op := t.op("master")
	rows, err := get[M](ctx, t.client, op, "DataEntry", t.kind.table("Master"), batch)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return nil, &Error{Op: op, Class: ClassNotFound, Messages: []string{fmt.Sprintf("no entry in batch %s", batch)}}
}

// Detail returns the lines of a batch, in no certain order.
//
// Vantagepoint: GET DataEntry/{je|in|cr|cd|ap}Detail/{Batch}.
func (t *Transactions[C, M, D]) Detail(ctx context.Context, batch string) ([]D, error) {
	op := t.op("detail")
	rows, err := get[D](ctx, t.client, op, "DataEntry", t.kind.table("Detail"), batch)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return nil, &Error{Op: op, Class: ClassNotFound, Messages: []string{fmt.Sprintf("no line in batch %s", batch)}}
}

// Read returns a whole document: control row, entries and lines, the latter two in order of Seq. It takes three
// requests, between which somebody may change the document, or one if it is not there. ErrNotFound is no proof that it
// never existed: a tenant may drop posted batches, and a batch is visible only while the company that created it is
// active.
//
// In style NoFiles the control row is zero but for the batch where the tenant keeps none.
//
// It makes the calls of [Transactions.Control], [Transactions.Master] and [Transactions.Detail].
func (t *Transactions[C, M, D]) Read(ctx context.Context, batch string) (Document[C, M, D], error) {
	var doc, none Document[C, M, D]
	var err error
	if t.client.config.Style == NoFiles {
		// What was written is the entry.
		if doc.Masters, err = t.Master(ctx, batch); err == nil {
			err = t.readControl(ctx, batch, &doc)
		}
	} else if err = t.readControl(ctx, batch, &doc); err == nil {
		if doc.Masters, err = t.Master(ctx, batch); errors.Is(err, ErrNotFound) {
			err = nil
		}
	}
	if err != nil {
		return none, err
	}
	if err := t.readDetails(ctx, batch, &doc); err != nil {
		return none, err
	}
	return doc, nil
}

// ReadBack returns the document that [Transactions.Create] answered, as Read does, in two requests: of its three parts
// the answer was the server's own word on one, on what it stored. Copies counts the batches of that name in style
// NoFiles alone; where Masters holds more entries than were sent, Read says how many copies there are.
func (t *Transactions[C, M, D]) ReadBack(ctx context.Context, created Document[C, M, D]) (Document[C, M, D], error) {
	batch, none := t.batchOf(&created), Document[C, M, D]{}
	var err error
	if len(created.Masters) > 0 {
		err = t.readControl(ctx, batch, &created)
	} else {
		created.Masters, err = t.Master(ctx, batch)
	}
	if err == nil {
		err = t.readDetails(ctx, batch, &created)
	}
	if err != nil {
		return none, err
	}
	return created, nil
}

// batchOf is the name of the batch that the document is, or that its first entry is in.
func (t *Transactions[C, M, D]) batchOf(d *Document[C, M, D]) string {
	v := t.kind.view(d)
	if *v.batch == "" && len(v.entries) > 0 {
		return *v.entries[0].batch
	}
	return *v.batch
}

// readControl reads the control row into the document; without files there may be none.
func (t *Transactions[C, M, D]) readControl(ctx context.Context, batch string, doc *Document[C, M, D]) error {
	controls, err := t.control(ctx, batch)
	switch {
	case err == nil:
		doc.Control, doc.Copies = controls[0], len(controls)
	case t.client.config.Style == NoFiles && errors.Is(err, ErrNotFound):
		*t.kind.view(doc).batch = batch
		doc.Copies = 1
	default:
		return err
	}
	return nil
}

// readDetails reads the lines into the document, and puts them and the entries in order of Seq.
func (t *Transactions[C, M, D]) readDetails(ctx context.Context, batch string, doc *Document[C, M, D]) error {
	var err error
	if doc.Details, err = t.Detail(ctx, batch); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	t.sort(doc)
	return nil
}

// sort puts entries and lines in order of Seq.
func (t *Transactions[C, M, D]) sort(doc *Document[C, M, D]) {
	v := t.kind.view(doc)
	masters, details := make([]int, len(v.entries)), make([]int, len(v.lines))
	for i, e := range v.entries {
		masters[i] = *e.seq
	}
	for i, l := range v.lines {
		details[i] = *l.seq
	}
	doc.Masters, doc.Details = bySeq(doc.Masters, masters), bySeq(doc.Details, details)
}

func bySeq[T any](rows []T, seq []int) []T {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return seq[a] - seq[b] })
	sorted := make([]T, len(rows))
	for to, from := range order {
		sorted[to] = rows[from]
	}
	return sorted
}

// LandingRow is one batch, or without files one entry, in the list that a user sees. Which rows it keeps, and for how
// long after posting, is the tenant's secret: a batch that is missing here may still exist.
type LandingRow struct {
	TransType      string `json:"TransType"`
	Batch          string `json:"Batch"`
	Description    string `json:"Description"`
	Creator        string `json:"Creator"`
	Company        string `json:"Company"` // "" occurs
	RawPeriod      Period `json:"RawPeriod"`
	EndDate        Date   `json:"EndDate"`
	ApprovalStatus string `json:"ApprovalStatus"`
	PostStatus     string `json:"PostStatus"`
	PostComment    string `json:"PostComment"`
	PostDate       Date   `json:"PostDate"`
	PostUser       string `json:"PostUser"`
	PostSeq        int    `json:"PostSeq"`
	Recurring      string `json:"Recurring"`
	// Extra holds the rest, such as Period, which is for display: "01/2024", or "Recurring".
	Extra Extra `json:"-"`
}

// Landing lists the batches of this kind. A filter works on the server from about version 5.5 on; before that the rows
// are filtered here alone.
//
// Vantagepoint: GET DataEntry/{je|in|cr|cd|ap}Landing.
func (t *Transactions[C, M, D]) Landing(ctx context.Context, q Query) iter.Seq2[LandingRow, error] {
	return list[LandingRow](ctx, t.client, listing{op: t.op("landing"), path: []string{"DataEntry", t.kind.table("Landing")}}, q)
}
