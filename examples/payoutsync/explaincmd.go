package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
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
		"line number, bytes, order, kind and amount. --row goes back: from a line of the report to its ledger line. A document that was reversed, a reversal and an accrual are shown as they were sent, with what they belong to. It reads the archive and the database, and asks neither system."
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
	fate
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
	q, err := ask(ctx, in, c.Key)
	if err != nil {
		return usage(err)
	}
	entry, booked := q.booked(q.key)
	if booked {
		if c.Line == 0 && c.Row == 0 {
			return a.explainDocuments(q, entry.Document) // as the ledger has it, whatever was planned since
		}
		if err := q.traceable(entry); err != nil {
			return usage(err)
		}
		q.row.Plan = entry.Plan
	}
	past, err := in.Past(ctx, q.row)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	if past.Plan == nil {
		return usage(fmt.Errorf("payout %s was never planned: %s", q.row.ID(), unplanned(q.row)))
	}
	documents := past.Plan.Documents
	if !q.whole() {
		d, ok := past.Plan.Document(q.key.Ordinal)
		if !ok || booked && !d.Equal(entry.Document) {
			return usage(fmt.Errorf("document %s is not in the plan that was kept last of its revision; `payoutsync explain %s` lists what the payout has now", q.key, q.row.ID()))
		}
		documents = []ledgermap.Document{d}
	}
	switch {
	case c.Row != 0:
		return a.explainRow(q, past, c.Row)
	case c.Line == 0:
		return a.explainDocuments(q, documents...)
	case q.whole():
		return usage(fmt.Errorf("line %d of which document? give the document's key; `payoutsync explain %s` lists them", c.Line, q.row.ID()))
	}
	return a.explainLine(q, past, ledgermap.Ref{Ordinal: q.key.Ordinal, Line: c.Line})
}

// asked is what a person asks about: a payout, or one document of it or of an accrual.
type asked struct {
	row     store.Payout  // zero for an accrual
	key     booking.Key   // zero where the whole payout is meant
	entries []books.Entry // what came into the ledger of it, in every revision
}

// ask finds what a person means.
func ask(ctx context.Context, in *installation.Installation, text string) (q asked, err error) {
	q.key, err = booking.ParseKey(text)
	switch {
	case err == nil:
	case strings.Count(text, "/") == 4:
		return q, err
	case len(text) == 30 && !strings.Contains(text, "/"):
		q.key, err = keyOf(ctx, in, strings.ToUpper(text))
	default:
		q.row, err = in.Store.Resolve(ctx, text)
	}
	if err != nil {
		return q, err
	}
	if !q.whole() {
		if q.row, err = in.Store.Payout(ctx, q.key.Seller, q.key.Settlement); err != nil && !errors.Is(err, store.ErrNotFound) {
			return q, err
		}
	}
	if q.entries, err = books.Read(in.Log.Records(ctx, cmp.Or(q.key.Seller, q.row.Seller), cmp.Or(q.key.Settlement, q.row.Settlement))); err != nil {
		return q, err
	}
	if key, _ := q.names(q.key.Ordinal); key == "" && !q.whole() {
		if q.row.Settlement != "" {
			return q, fmt.Errorf("no document %s is known; `payoutsync explain %s` lists the payout's", text, q.row.ID())
		}
		return q, fmt.Errorf("no document %s is known; `payoutsync status` lists the payouts that are, and `payoutsync explain NAME/SETTLEMENT` their documents", text)
	}
	return q, nil
}

// keyOf finds the document that a ledger batch holds: of a payout as it stands now, else of any that was ever sent.
func keyOf(ctx context.Context, in *installation.Installation, batch string) (booking.Key, error) {
	_, key, err := in.Store.Batch(ctx, batch)
	if err == nil {
		return booking.ParseKey(key)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return booking.Key{}, err
	}
	sellers, err := in.Log.Sellers(ctx)
	if err != nil {
		return booking.Key{}, err
	}
	for _, seller := range sellers {
		for r, err := range in.Log.Records(ctx, seller, "") {
			if err != nil {
				return booking.Key{}, err
			}
			if r.Key != "" && booking.SameBatch(r.Batch, batch) {
				return booking.ParseKey(r.Key)
			}
		}
	}
	return booking.Key{}, fmt.Errorf("no document was ever sent as batch %s; `payoutsync status` lists the payouts, and `payoutsync explain NAME/SETTLEMENT` their documents and batches", batch)
}

func (q asked) whole() bool { return q.key == booking.Key{} }

// booked is the document of a key as it came into the ledger.
func (q asked) booked(key booking.Key) (books.Entry, bool) {
	i := slices.IndexFunc(q.entries, func(e books.Entry) bool { return e.Key == key })
	if i < 0 {
		return books.Entry{}, false
	}
	return q.entries[i], true
}

// names are the key and batch of a document of the payout, or of the revision that is asked about, as it was booked or would be.
func (q asked) names(ordinal int) (key, batch string) {
	of := q.key
	of.Ordinal = ordinal
	if e, ok := q.booked(of); ok {
		return e.Key.String(), e.Batch
	}
	for _, d := range q.row.Documents {
		if k, err := booking.ParseKey(d.Key); err == nil && (k == of || q.whole() && k.Ordinal == ordinal) {
			return d.Key, d.Batch
		}
	}
	return "", ""
}

// traceable refuses what no rows of a report are behind.
func (q asked) traceable(e books.Entry) error {
	switch {
	case q.row.Settlement == "":
		return fmt.Errorf("document %s is of an accrual: it was made from a snapshot of what Amazon held back, and no report has rows of it", e.Key)
	case e.Mirror():
		return fmt.Errorf("document %s reverses %s line by line: `payoutsync explain %s --line N` shows the rows", e.Key, e.OriginalKey(), e.OriginalKey())
	}
	return nil
}

// fate says by their keys which documents in the ledger a document belongs to.
type fate struct {
	Reverses   string `json:"reverses,omitempty"`
	ReversedBy string `json:"reversed_by,omitempty"`
	ReplacedBy string `json:"replaced_by,omitempty"` // of the latest revision
	Deleted    bool   `json:"deleted,omitempty"`     // somebody deleted the draft, so that there was nothing to mirror
}

// fateOf is what became of a document, also in words; they are empty where it stands.
func (q asked) fateOf(key string) (f fate, words string) {
	k, err := booking.ParseKey(key)
	e, booked := q.booked(k)
	if err != nil || !booked {
		return f, ""
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	for _, other := range q.entries {
		switch {
		case other.Mirror() && other.OriginalKey() == e.Key:
			f.ReversedBy = other.Key.String()
			say("reversed on %s by %s, batch %s", other.Document.Date(), f.ReversedBy, other.Batch)
		case e.Mirror() && other.Key == e.OriginalKey():
			f.Reverses = other.Key.String()
			say("reverses %s, batch %s", f.Reverses, other.Batch)
		case !e.Mirror() && other.Key.Tenant == e.Key.Tenant && other.Key.Ordinal == e.Key.Ordinal && other.Key.Revision > e.Key.Revision:
			f.ReplacedBy = other.Key.String()
		}
	}
	if f.Deleted = e.Gone; f.Deleted {
		say("deleted in Vantagepoint as a draft, and without a reversal")
	}
	if f.ReplacedBy != "" {
		say("replaced by %s", f.ReplacedBy)
	}
	if q.row.Settlement == "" && !e.Mirror() {
		say("an accrual: `payoutsync report --period %d` shows what it is made from", e.Document.Period())
	}
	return f, strings.Join(said, "; ")
}

// unplanned says why a payout has no plan, and what makes one.
func unplanned(row store.Payout) string {
	return cmp.Or(row.Error, fmt.Sprintf("no round has taken it up yet; `payoutsync sync %s` does", row.Name))
}

func (a *app) explainDocuments(q asked, documents ...ledgermap.Document) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, d := range documents {
		key, batch := q.names(d.Ordinal())
		fate, words := q.fateOf(key)
		if !a.json {
			fmt.Fprintf(w, "\n%s %s, period %d, %s: %s\nkey %s, batch %s\n", d.Kind(), d.Date(), d.Period(), d.Currency(), d.Description(), key, batch)
			if words != "" {
				fmt.Fprintln(w, words)
			}
			fmt.Fprint(w, "LINE\tACCOUNT\tPROJECT\tDEBIT\tCREDIT\tROWS\tDESCRIPTION\n")
		}
		for n, l := range d.Lines() {
			if !a.json {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", n+1, l.Account, strings.Join(nonEmpty(l.WBS1, l.WBS2, l.WBS3), "/"), l.Debit, l.Credit, l.Rows, l.Description)
				continue
			}
			if err := a.emit(explainedLine{
				SettlementID: d.SettlementID(), Key: key, Batch: batch, Line: n + 1, Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3,
				Debit: l.Debit.String(), Credit: l.Credit.String(), Description: l.Description, Rows: l.Rows, Auto: l.Auto, fate: fate,
			}); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

func (a *app) explainLine(q asked, past *installation.Past, at ledgermap.Ref) error {
	d, ok := past.Plan.Document(at.Ordinal)
	if !ok || at.Line < 1 || at.Line > len(d.Lines()) {
		return usage(fmt.Errorf("there is no line %d in that document of payout %s; without --line its lines are listed", at.Line, q.row.ID()))
	}
	key, _ := q.names(at.Ordinal)
	var rows []explainedRow
	for line, err := range past.Plan.Explain(past.File, at) {
		if err != nil {
			return err
		}
		past.Tally.Statement.Decode(&line)
		rows = append(rows, rowOf(line, key, at.Line))
	}
	return a.explainRows(rows)
}

func (a *app) explainRow(q asked, past *installation.Past, number int) error {
	var rows []explainedRow
	for traced, err := range traces(past) {
		if err != nil {
			return err
		}
		if traced.Line.Row == number {
			key, _ := q.names(traced.To.Ordinal)
			rows = append(rows, rowOf(traced.Line, key, traced.To.Line))
		}
	}
	if len(rows) == 0 {
		return usage(fmt.Errorf("line %d of the report of payout %s holds no amount", number, q.row.ID()))
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
		fmt.Fprintf(w, "%d\t%d+%d\t%s\t%s\t%s\t%s\t%s %s\t%s\n", r.Row, r.Offset, r.Length, r.Posted.UTC().Format("2006-01-02 15:04:05"), shown(r.OrderID), shown(r.SKU),
			shown(strings.Join(nonEmpty(r.TransactionType, r.AmountType, r.AmountDescription), " / ")), r.Amount, r.Currency, where)
	}
	return w.Flush()
}
