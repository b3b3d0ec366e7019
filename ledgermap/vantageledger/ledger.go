package vantageledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

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

	mu       sync.Mutex
	company  *string // that was active first; nil until asked
	chart    chart
	calendar calendar
	length   *int // of reference numbers; nil until asked
}

var (
	_ booking.Ledger   = (*Ledger)(nil)
	_ booking.Surveyor = (*Ledger)(nil)
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
// PSALedger/{JE|IN|CR|CD} of the entry's period.
func (l *Ledger) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	// Where somebody may have sent the document, the company is asked for anew.
	fresh := !e.Glance && !e.Document.IsZero()
	shown, err := l.find(ctx, []booking.Entry{e}, fresh)
	if err != nil {
		return booking.Booked{}, err
	}
	if shown[0] == nil {
		return booking.Booked{}, fmt.Errorf("batch %s: %w", e.Batch, booking.ErrNotFound)
	}
	return *shown[0], nil
}

// Survey implements [booking.Surveyor]. It asks once for the active company,
// after all looks that found nothing, and searches the posted ledger for the
// first document, and for the others only where that one is somewhere. What
// waits is not sent whatever the answer, and costs one look.
func (l *Ledger) Survey(ctx context.Context, entries []booking.Entry) ([]*booking.Booked, error) {
	return l.find(ctx, entries, true)
}

// find looks for the entries, and for those that it did not find once more if
// another company was active meanwhile.
func (l *Ledger) find(ctx context.Context, entries []booking.Entry, fresh bool) ([]*booking.Booked, error) {
	shown := make([]*booking.Booked, len(entries))
	for range 3 {
		missing, err := l.look(ctx, entries, shown)
		if err != nil || !missing {
			return shown, err
		}
		switched, err := l.enter(ctx, entries[0].Key.Tenant.Company, fresh)
		if err != nil || !switched {
			return shown, err
		}
	}
	return nil, &booking.RefusedError{
		Code: booking.CodeCompany, Settlement: entries[0].Key.Settlement,
		Message: "another company is made active again and again: give the integration a user of its own",
	}
}

// look fills in what it finds of the entries that are not shown yet, and
// reports whether any is missing that may be sent now.
func (l *Ledger) look(ctx context.Context, entries []booking.Entry, shown []*booking.Booked) (missing bool, err error) {
	for i, e := range entries {
		if shown[i] != nil {
			continue
		}
		b, err := l.read(ctx, e)
		if errors.Is(err, vantagepoint.ErrNotFound) && !e.Waits && !(i > 0 && nowhere(entries[0], shown[0])) {
			b, err = l.posted(ctx, e)
		}
		switch {
		case err == nil:
			shown[i] = &b
		case errors.Is(err, vantagepoint.ErrNotFound), errors.Is(err, booking.ErrNotFound):
			missing = missing || !e.Waits
		default:
			return false, err
		}
	}
	return missing, nil
}

// nowhere reports whether the first of several entries was never booked, so
// that none of the others was. One that waits is no proof: others may have gone
// before it.
func nowhere(first booking.Entry, shown *booking.Booked) bool {
	return shown == nil && first.Document.WaitsFor() == ledgermap.WaitNone
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
// DataEntry/{je|in|cr|cd}Master/{Batch}|{RefNo}; once. Then, to read it back,
// GET of the two of Control, Master and Detail that were not answered.
func (l *Ledger) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	switch e.Kind {
	case ledgermap.Journal:
		return create(ctx, l.client.Journals, e, journalDocument, journalBooked)
	case ledgermap.Invoice:
		return create(ctx, l.client.Invoices, e, l.invoiceDocument, invoiceBooked)
	case ledgermap.Receipt:
		return create(ctx, l.client.Receipts, e, l.receiptDocument, receiptBooked)
	case ledgermap.Disbursement:
		return create(ctx, l.client.Disbursements, e, l.disbursementDocument, disbursementBooked)
	}
	return booking.Receipt{}, fmt.Errorf("vantageledger: no kind of document is called %q: %w", e.Kind, booking.ErrRefused)
}

func create[C, M, D any](
	ctx context.Context, t *vantagepoint.Transactions[C, M, D], e booking.Entry,
	document func(booking.Entry, *encoder) vantagepoint.Document[C, M, D],
	booked func(vantagepoint.Document[C, M, D], *decoder) booking.Booked,
) (booking.Receipt, error) {
	enc := &encoder{}
	doc := document(e, enc)
	if enc.err != nil {
		return booking.Receipt{}, fmt.Errorf("vantageledger: batch %s: %w: %w", e.Batch, booking.ErrRefused, enc.err)
	}
	answer, err := t.Create(ctx, doc)
	if err != nil {
		return booking.Receipt{}, refusal(err)
	}
	// What is not plainly as it was sent is left to a whole look, which counts
	// copies, too.
	stored, err := t.ReadBack(ctx, answer)
	if err != nil || len(stored.Masters) != 1 || len(stored.Details) != len(doc.Details) {
		return booking.Receipt{}, nil //nolint:nilerr // it was booked, and the engine looks again
	}
	d := &decoder{currency: e.Currency}
	b := booked(stored, d)
	b.Copies = max(stored.Copies, 1)
	if d.err != nil {
		return booking.Receipt{}, nil //nolint:nilerr // it was booked, and the engine looks again
	}
	return booking.Receipt{Booked: &b}, nil
}

// refusal sorts the client's errors by the one question that matters: can the
// document be in the ledger?
func refusal(err error) error {
	refused := func(code, message string) error {
		return &booking.RefusedError{Code: code, Message: message, Err: err}
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
	case errors.Is(err, vantagepoint.ErrDenied):
		return refused(booking.CodeRights, "give the user's role the right to enter this transaction type in this company")
	case errors.Is(err, vantagepoint.ErrInvalidInput):
		return refused(booking.CodeInvalid, "Vantagepoint does not take the document as it is; nothing of it was booked. Mend the rules, the bank codes or the chart, and run it again")
	case errors.Is(err, vantagepoint.ErrConflict):
		return refused(booking.CodeCompany, "another company is active than the configured one; give the integration a user of its own")
	case errors.Is(err, vantagepoint.ErrCredentials), errors.Is(err, vantagepoint.ErrThrottled), errors.Is(err, vantagepoint.ErrUnavailable):
		return fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	// Anything else is left open, which is the careful reading.
	return fmt.Errorf("%w: %w", booking.ErrUnanswered, err)
}

// belief is how long the tenant's word that our company is active is believed,
// so that the documents of one settlement are not each preceded by the
// question. No look that decides whether a document was lost relies on it.
const belief = 10 * time.Second

// enter makes sure that the company is active, and reports whether another one
// was. The company "" is the one that was active when it was first asked for.
// Unless fresh, what the tenant said within the time of [belief] is enough.
func (l *Ledger) enter(ctx context.Context, company string, fresh bool) (switched bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ours := func(active string) bool {
		if company == "" {
			return l.company != nil && vantagepoint.MatchKey(active, *l.company)
		}
		return vantagepoint.MatchKey(active, company)
	}
	settings := l.client.Settings
	if active, believed := settings.Believed(); believed && !fresh && ours(active) {
		return false, nil
	}
	until := time.Now().Add(belief)
	active, err := settings.ActiveCompany(ctx)
	if err != nil && !(company == "" && untold(err)) { // else: one company, and a role that may not look at settings
		return false, fmt.Errorf("vantageledger: the active company: %w", err)
	}
	if l.company == nil {
		l.company = &active.Company
	}
	want := company
	if want == "" {
		want = *l.company
	}
	if !ours(active.Company) {
		if err := settings.SetActiveCompany(ctx, want); err != nil {
			return false, &booking.RefusedError{
				Code: booking.CodeCompany, Err: err,
				Message: fmt.Sprintf("company %s is active, and %s cannot be made active: give the user access to it", active.Company, want),
			}
		}
		switched = true
	}
	settings.Believe(want, until)
	return switched, nil
}

// Banks returns a copy of the bank codes by currency.
func (l *Ledger) Banks() map[string]string { return maps.Clone(l.cfg.Banks) }
