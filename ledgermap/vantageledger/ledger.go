package vantageledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// Config describes a [Ledger].
type Config struct {
	// Client is the tenant, logged in as the integration's user. Its
	// Config.Company must be the company of the keys that are booked. Required.
	Client *vantagepoint.Client
	// Banks are Vantagepoint's bank codes by settlement currency, "USD" to "OPER".
	// Receipts and disbursements in another currency are refused.
	Banks map[string]string
	// InvoiceSection is the letter under which invoice lines are shown: F fee,
	// E expense, A add-on and others. Defaults to "F".
	InvoiceSection string
	// PostedBatchesStay says that the tenant keeps posted files, so that the
	// posted ledger need not be searched for them.
	PostedBatchesStay bool
}

// A Ledger is one company of a Vantagepoint tenant. It is safe for use by many
// goroutines.
type Ledger struct {
	cfg    Config
	client *vantagepoint.Client

	mu      sync.Mutex
	company *string // that was active first; nil until asked
	chart   chart
}

var (
	_ booking.Ledger   = (*Ledger)(nil)
	_ booking.Checker  = (*Ledger)(nil)
	_ booking.Measurer = (*Ledger)(nil)
)

// New returns the company as a ledger. It sends nothing.
func New(cfg Config) (*Ledger, error) {
	if cfg.Client == nil {
		return nil, errors.New("vantageledger: Config.Client is required")
	}
	banks := map[string]string{}
	for currency, bank := range cfg.Banks {
		c, err := settlement.ParseCurrency(currency)
		if err != nil {
			return nil, fmt.Errorf("vantageledger: Config.Banks: %w", err)
		}
		if bank = strings.TrimSpace(bank); bank != "" {
			banks[c.String()] = bank
		}
	}
	cfg.Banks = banks
	if cfg.InvoiceSection == "" {
		cfg.InvoiceSection = "F"
	}
	return &Ledger{cfg: cfg, client: cfg.Client}, nil
}

// Find implements [booking.Ledger].
//
// Vantagepoint: GET DataEntry/{je|in|cr|cd}Control, Master and Detail, then
// PSALedger/{JE|IN|CR|CD} of the document's period.
func (l *Ledger) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	found, err := l.read(ctx, e)
	if !errors.Is(err, vantagepoint.ErrNotFound) {
		return found, err
	}
	// Another company may have been active: then nothing was said about ours.
	switched, err := l.enter(ctx, e.Key.Tenant.Company)
	if err != nil {
		return booking.Booked{}, err
	}
	if switched {
		if found, err = l.read(ctx, e); !errors.Is(err, vantagepoint.ErrNotFound) {
			return found, err
		}
	}
	if !e.Document.IsZero() && !l.cfg.PostedBatchesStay {
		return l.posted(ctx, e)
	}
	return booking.Booked{}, fmt.Errorf("batch %s: %w", e.Batch, booking.ErrNotFound)
}

func (l *Ledger) read(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	switch e.Kind {
	case ledgermap.Journal:
		return readBatch(ctx, l.client.Journals, e, journalBooked)
	case ledgermap.Invoice:
		return readBatch(ctx, l.client.Invoices, e, invoiceBooked)
	case ledgermap.Receipt:
		return readBatch(ctx, l.client.Receipts, e, receiptBooked)
	case ledgermap.Disbursement:
		return readBatch(ctx, l.client.Disbursements, e, disbursementBooked)
	}
	return booking.Booked{}, fmt.Errorf("vantageledger: no kind of document is called %q", e.Kind)
}

func readBatch[C, M, D any](
	ctx context.Context, t *vantagepoint.Transactions[C, M, D], e booking.Entry,
	booked func(vantagepoint.Document[C, M, D], *decoder) booking.Booked,
) (booking.Booked, error) {
	doc, err := t.Read(ctx, e.Batch)
	if err != nil {
		return booking.Booked{}, err
	}
	d := &decoder{currency: e.Currency}
	b := booked(doc, d)
	b.Copies = max(doc.Copies, 1)
	if d.err != nil {
		return booking.Booked{}, fmt.Errorf("vantageledger: batch %s: %w", e.Batch, d.err)
	}
	return b, nil
}

// Book implements [booking.Ledger].
//
// Vantagepoint: POST DataEntry/{je|in|cr|cd}Control, or without files
// DataEntry/{je|in|cr|cd}Master/{Batch}|{RefNo}; once.
func (l *Ledger) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	var err error
	switch e.Kind {
	case ledgermap.Journal:
		err = create(ctx, l.client.Journals, e, journalDocument)
	case ledgermap.Invoice:
		err = create(ctx, l.client.Invoices, e, l.invoiceDocument)
	case ledgermap.Receipt:
		err = create(ctx, l.client.Receipts, e, l.receiptDocument)
	case ledgermap.Disbursement:
		err = create(ctx, l.client.Disbursements, e, l.disbursementDocument)
	default:
		err = fmt.Errorf("vantageledger: no kind of document is called %q: %w", e.Kind, booking.ErrRefused)
	}
	return booking.Receipt{}, err
}

func create[C, M, D any](
	ctx context.Context, t *vantagepoint.Transactions[C, M, D], e booking.Entry,
	document func(booking.Entry, *encoder) vantagepoint.Document[C, M, D],
) error {
	enc := &encoder{}
	doc := document(e, enc)
	if enc.err != nil {
		return fmt.Errorf("vantageledger: batch %s: %w: %w", e.Batch, booking.ErrRefused, enc.err)
	}
	_, err := t.Create(ctx, doc)
	return refusal(err)
}

// refusal sorts the client's errors by the one question that matters: can the
// document be in the ledger?
func refusal(err error) error {
	refused := func(code, message string) error {
		return &booking.RefusedError{Code: code, Message: message, Err: fmt.Errorf("%w: %w", booking.ErrRefused, err)}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vantagepoint.ErrUnanswered):
		return fmt.Errorf("%w: %w", booking.ErrUnanswered, err)
	case errors.Is(err, vantagepoint.ErrDuplicate):
		return fmt.Errorf("%w: %w", booking.ErrDuplicate, err)
	case errors.Is(err, vantagepoint.ErrClosed):
		return refused(booking.CodePeriod, "reopen the period in Vantagepoint, or plan again with the rules' next-open-period policy")
	case errors.Is(err, vantagepoint.ErrForbidden):
		return refused(booking.CodeRights, "give the user's role the right to enter this transaction type in this company")
	case errors.Is(err, vantagepoint.ErrInvalid):
		return refused(booking.CodeInvalid, "Vantagepoint does not take the document as it is; nothing of it was booked. Mend the rules or the chart, and run it again")
	case errors.Is(err, vantagepoint.ErrConflict):
		return refused(booking.CodeCompany, "another company is active than the configured one; give the integration a user of its own")
	case errors.Is(err, vantagepoint.ErrAuth), errors.Is(err, vantagepoint.ErrUnavailable):
		return fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	// Anything else is left open, which is the careful reading.
	return fmt.Errorf("%w: %w", booking.ErrUnanswered, err)
}

// enter makes sure that the company is active, and reports whether another one
// was. The company "" is the one that was active when it was first asked for.
func (l *Ledger) enter(ctx context.Context, company string) (switched bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	active, err := l.client.Settings.ActiveCompany(ctx)
	if err != nil {
		if company == "" && (errors.Is(err, vantagepoint.ErrForbidden) || errors.Is(err, vantagepoint.ErrNotFound)) {
			return false, nil // one company, and a role that may not look at settings
		}
		return false, fmt.Errorf("vantageledger: the active company: %w", err)
	}
	if l.company == nil {
		l.company = &active.Company
	}
	want := company
	if want == "" {
		want = *l.company
	}
	if vantagepoint.MatchKey(active.Company, want) || company == "" && want == "" {
		return false, nil
	}
	if err := l.client.Settings.SetActiveCompany(ctx, want); err != nil {
		return false, &booking.RefusedError{
			Code: booking.CodeCompany, Err: err,
			Message: fmt.Sprintf("company %s is active, and %s cannot be made active: give the user access to it", active.Company, want),
		}
	}
	return true, nil
}

// Banks returns a copy of the bank codes by currency.
func (l *Ledger) Banks() map[string]string { return maps.Clone(l.cfg.Banks) }
