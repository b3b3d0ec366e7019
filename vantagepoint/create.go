package vantagepoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Outcome says how a document came to be where it is.
type Outcome string

// The outcomes of [Transactions.FindOrCreate].
const (
	// Created: the server confirmed that this call wrote the document.
	Created Outcome = "created"
	// Found: the document is there, with the same content. It was there before, somebody else wrote it at the same time,
	// or this call wrote it without learning so.
	Found Outcome = "found"
)

// BatchName returns a batch name that is always the same for one key of the caller's: the prefix, which should tell
// the type of the document, and a hash; 30 upper-case characters, because older versions keep no more and some
// upper-case what they are given. Batch names are unique across the companies of an enterprise.
func BatchName(prefix, key string) string {
	const length = 30
	return prefix + hash(key)[:max(length-len(prefix), 0)]
}

// LineKey returns the PKey of line n of a batch, the same every time; 32 characters.
func LineKey(batch string, n int) string { return hash(batch + "|" + strconv.Itoa(n))[:32] }

func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base32.StdEncoding.EncodeToString(sum[:])
}

// Create writes a new document, as an unposted batch. The request is sent once and never repeated after it may have
// run: then the error is ErrUnanswered, and the batch must be looked for before another attempt. A batch name that is
// taken is ErrDuplicate. Most callers want [Transactions.FindOrCreate], which does the looking.
//
// Only what a caller knows must be filled in: the control row's Batch, Period and EndDate (or an entry's TransDate),
// the entries' references and dates, the lines' accounts, projects and amounts. The rest follows: batch and reference
// on every row, Seq, PKey (see [LineKey]), totals, Company (Config.Company, else the active one), Creator
// (Config.Username), currency and bank from control row to entries and back.
//
// Before anything is written the document is checked: balance, one side per line, dates, keys, and the length of every
// text, by the tenant's metadata or else by the documented limits; the *Error then lists all Fields at fault. The
// fiscal period must exist and be open, unless Config.AllowClosedPeriods.
//
// The answer holds the control row alone (in style NoFiles the entry alone), as the server stored it. That is no proof
// that it is balanced: read it back.
//
// Vantagepoint: POST DataEntry/{je|in|cr|cd|ap}Control with files, DataEntry/{…}Master/{Batch}|{RefNo} without,
// ledger/{JE|IN|CR|CD|AP} for the old API.
func (t *Transactions[C, M, D]) Create(ctx context.Context, doc Document[C, M, D]) (Document[C, M, D], error) {
	op, none := t.op("create"), Document[C, M, D]{}
	d, err := t.prepare(ctx, op, doc)
	if err != nil {
		return none, err
	}
	if err := t.checkPeriod(ctx, op, d); err != nil {
		return none, err
	}
	return t.write(ctx, op, d)
}

// FindOrCreate makes sure that the document is in the ledger exactly once, under its batch name, with exactly its
// content, and returns it as it is stored: with padded references and computed totals.
//
// It looks for the batch first, among the transaction files and then in the posted ledger of its period, whose tenant
// may have dropped posted files. If it is there and says the same, the outcome is Found; if it says something else,
// the error is ErrConflict with the Differences, and nothing is overwritten. If it is not there it is created, as
// [Transactions.Create] does, and read back; totals that do not tie are ErrConflict too. An unanswered write is resolved by
// looking, for Config.Settle, and never by writing again; a refusal that is not understood is followed by one look,
// because it may say "already exists" in another language. If a write cannot be resolved the error is ErrUnanswered; calling
// again with the same document is safe.
//
// Goroutines of one Client take turns for one batch. Between programs the tenant's rule that batch names are unique
// decides; should a tenant not enforce it, the second copy is found at read-back and reported as ErrConflict.
//
// It makes the calls of [Transactions.Read] and [Transactions.Create], and those of [Ledger] for the look at what is posted.
func (t *Transactions[C, M, D]) FindOrCreate(ctx context.Context, doc Document[C, M, D]) (Document[C, M, D], Outcome, error) {
	op, none := t.op("findOrCreate"), Document[C, M, D]{}
	if t.client.config.Style == LegacyLedger {
		return none, "", &Error{
			Op: op, Class: ClassValidation, Messages: []string{"the old ledger API cannot read what is not posted yet"},
			Hint: "use style files or nofiles",
		}
	}
	d, err := t.prepare(ctx, op, doc)
	if err != nil {
		return none, "", err
	}
	batch := *t.kind.view(d).batch
	unlock, err := t.client.batches.lock(ctx, batch)
	if err != nil {
		return none, "", &Error{Op: op, Class: ClassTransport, err: err}
	}
	defer unlock()

	stored, err := t.look(ctx, d)
	switch {
	case err == nil:
		return t.settled(op, d, stored, Found)
	case !errors.Is(err, ErrNotFound):
		return none, "", err
	}
	if err := t.checkPeriod(ctx, op, d); err != nil {
		return none, "", err
	}
	_, sendErr := t.write(ctx, op, d)
	if sendErr != nil && !errors.Is(sendErr, ErrUnanswered) && !errors.Is(sendErr, ErrDuplicate) {
		// "Already exists" in another language, or cut off in the middle, looks like any other refusal.
		if errors.Is(sendErr, ErrInvalidInput) {
			if stored, err = t.look(ctx, d); err == nil {
				return t.settled(op, d, stored, Found)
			}
		}
		return none, "", sendErr
	}
	outcome := Found
	if sendErr == nil {
		outcome = Created
	}
	if stored, err = t.await(ctx, d); err == nil {
		return t.settled(op, d, stored, outcome)
	}
	return none, "", unresolved(op, sendErr, err)
}

// unresolved is the error of a write that cannot be found; sent is how the write ended, looked how the looking did.
func unresolved(op string, sent, looked error) error {
	e := &Error{Op: op, Class: ClassTransport, Unanswered: true}
	if s, ok := errors.AsType[*Error](sent); ok {
		*e = *s
		e.Op, e.Unanswered = op, true
	}
	switch {
	case sent == nil:
		e.Messages = []string{"the server confirmed the write, but it cannot be read back"}
	case errors.Is(sent, ErrDuplicate):
		e.Unanswered = false
		e.Hint = "the batch name is taken, but the batch cannot be read: another company or another type of document may have taken it, or it was posted and dropped"
	case errors.Is(looked, ErrNotFound):
		e.Hint = "the batch is not there so far; call again later, which looks first"
	}
	if !errors.Is(looked, ErrNotFound) {
		e.err = errors.Join(e.err, looked)
		e.Hint = "looking for the batch failed too; call again later, which looks first"
	}
	return e
}

// prepare completes and checks a copy of the document. It writes nothing but, if it must, the active company.
func (t *Transactions[C, M, D]) prepare(ctx context.Context, op string, doc Document[C, M, D]) (*Document[C, M, D], error) {
	d := doc.clone()
	v := t.kind.view(d)
	t.kind.fill(v, d.Taxes)
	setDefault(v.creator, t.client.config.Username)
	v = t.kind.view(d)
	for i := range v.totals {
		if v.totals[i].declared.IsZero() {
			*v.totals[i].declared = v.totals[i].want
		}
	}
	if faults := t.kind.check(v, d, t.client.config.Style); len(faults) > 0 {
		return nil, &Error{Op: op, Class: ClassValidation, Messages: []string{"the document was not sent"}, Fields: faults}
	}
	lengths, err := t.client.Metadata.lengths(ctx, t.kind.transType())
	if err != nil {
		return nil, err
	}
	faults := checkLengths(lengths, t.kind.table("Control"), 0, d.Control)
	for i, row := range d.Masters {
		faults = append(faults, checkLengths(lengths, t.kind.table("Master"), i+1, row)...)
	}
	for i, row := range d.Details {
		faults = append(faults, checkLengths(lengths, t.kind.table("Detail"), i+1, row)...)
	}
	for i, row := range d.Taxes {
		faults = append(faults, checkLengths(lengths, t.kind.table("DetailTax"), i+1, row)...)
	}
	if len(faults) > 0 {
		return nil, &Error{Op: op, Class: ClassValidation, Messages: []string{"the document was not sent"}, Fields: faults}
	}
	company, err := t.client.enterCompany(ctx)
	if err != nil {
		return nil, err
	}
	setDefault(v.company, company)
	if company != "" && !sameKey(*v.company, company) {
		return nil, &Error{
			Op: op, Class: ClassValidation, Messages: []string{fmt.Sprintf("the document is for company %s, but %s is active", *v.company, company)},
			Hint: "a batch belongs to the company that is active when it is created: use a client with that Config.Company",
		}
	}
	return d, nil
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// checkPeriod refuses a fiscal period that does not exist or is closed.
func (t *Transactions[C, M, D]) checkPeriod(ctx context.Context, op string, d *Document[C, M, D]) error {
	if t.client.config.AllowClosedPeriods {
		return nil
	}
	v := t.kind.view(d)
	state, err := t.client.Settings.stateOf(ctx, *v.company, *v.period)
	switch {
	case err != nil:
		return err
	case !state.known:
		return &Error{Op: op, Class: ClassValidation, Messages: []string{fmt.Sprintf("there is no fiscal period %s", *v.period)}, Hint: "add it in Vantagepoint"}
	case !state.open:
		return &Error{
			Op: op, Class: ClassClosed, Messages: []string{fmt.Sprintf("fiscal period %s is closed", *v.period)},
			Hint: "reopen it, book into an open period, or set Config.AllowClosedPeriods if this user may post into it",
		}
	}
	return nil
}

// write sends the document, once.
func (t *Transactions[C, M, D]) write(ctx context.Context, op string, d *Document[C, M, D]) (Document[C, M, D], error) {
	var stored Document[C, M, D]
	v, c := t.kind.view(d), t.client
	call := rest.Call{Op: op, Method: http.MethodPost}
	var err error
	switch c.config.Style {
	case NoFiles:
		// The body has no room for a period: it is the user's active one. It must stay so until the write is done.
		leave, err := c.enterPeriod(ctx, *v.period)
		if err != nil {
			return stored, err
		}
		defer leave()
		call.Path = []string{"DataEntry", t.kind.table("Master"), *v.batch + "|" + *v.entries[0].ref}
		call.Body, err = t.masterBody(d)
		if err != nil {
			return stored, &Error{Op: op, Class: ClassValidation, err: err}
		}
	case LegacyLedger:
		call.Path = []string{"ledger", t.kind.transType()}
		call.Body, err = t.controlBody(d, dialect{numbersAsText: true, noProject: "", noLevel: ""})
	default:
		call.Path = []string{"DataEntry", t.kind.table("Control")}
		call.Body, err = t.controlBody(d, c.dialect())
	}
	if err != nil {
		return stored, &Error{Op: op, Class: ClassValidation, err: err}
	}
	answer, err := c.send(ctx, call)
	if e, ok := errors.AsType[*Error](err); ok && e.Hint == "" && (e.Class == ClassValidation || e.Class == ClassNotFound) {
		e.Hint = "if every document is refused, the configured style may not fit the tenant's setting \"Use Files to Group Transactions\""
	}
	if err != nil {
		return stored, err
	}
	if c.config.Style == NoFiles {
		stored.Masters, err = decodeRows[M](answer.Body)
	} else {
		var rows []C
		if rows, err = decodeRows[C](answer.Body); len(rows) > 0 {
			stored.Control, stored.Copies = rows[0], len(rows)
		}
	}
	if err != nil {
		return stored, c.unreadable(op, http.MethodPost, answer, err)
	}
	return stored, nil
}

func (c *Client) dialect() dialect {
	d := dialect{noProject: " ", noLevel: " "}
	if c.config.EmptyWBS1 {
		d.noProject = ""
	}
	return d
}

// controlBody is the control row with the tables nested in it.
func (t *Transactions[C, M, D]) controlBody(d *Document[C, M, D], style dialect) (json.RawMessage, error) {
	constant := t.kind.constant
	control := constant["Control"]
	detail := constant["Detail"]
	if style.numbersAsText { // the old API wants these three besides
		control, detail = with(control, Extra{"PostPeriod": 0, "PostSeq": 0}), with(detail, Extra{"TaxType": ""})
	}
	row, err := style.encodeRow(d.Control, control)
	if err != nil {
		return nil, err
	}
	masters, err := encodeRows(style, d.Masters, constant["Master"])
	if err != nil {
		return nil, err
	}
	return t.nest(row, masters, d, style, detail)
}

// masterBody is the one entry with its lines nested in it.
func (t *Transactions[C, M, D]) masterBody(d *Document[C, M, D]) (json.RawMessage, error) {
	style := t.client.dialect()
	row, err := style.encodeRow(d.Masters[0], t.kind.constant["Master"])
	if err != nil {
		return nil, err
	}
	return t.nest(row, nil, d, style, t.kind.constant["Detail"])
}

func (t *Transactions[C, M, D]) nest(row, masters json.RawMessage, d *Document[C, M, D], style dialect, constant Extra) (json.RawMessage, error) {
	details, err := encodeRows(style, d.Details, constant)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(bytes.TrimSuffix(row, []byte("}")))
	if masters != nil {
		fmt.Fprintf(&out, ",%q:%s", t.kind.table("Master"), masters)
	}
	fmt.Fprintf(&out, ",%q:%s", t.kind.table("Detail"), details)
	if t.kind.prefix == "je" {
		taxes, err := encodeRows(style, d.Taxes, nil)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, `,"jeDetailTax":%s`, taxes)
	}
	for _, name := range sortedKeys(d.Tables) {
		table, err := json.Marshal(d.Tables[name])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		fmt.Fprintf(&out, ",%q:%s", name, table)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func with(a, b Extra) Extra {
	all := make(Extra, len(a)+len(b))
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

func encodeRows[T any](style dialect, rows []T, constant Extra) (json.RawMessage, error) {
	out := []byte{'['}
	for i, row := range rows {
		text, err := style.encodeRow(row, constant)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, text...)
	}
	return append(out, ']'), nil
}

// await looks for a document that was just written, until it is there or Config.Settle has passed: an answer may be lost
// while the write still runs.
func (t *Transactions[C, M, D]) await(ctx context.Context, d *Document[C, M, D]) (Document[C, M, D], error) {
	deadline := time.Now().Add(t.client.config.Settle)
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		stored, err := t.look(ctx, d)
		if !errors.Is(err, ErrNotFound) || time.Now().Add(wait).After(deadline) {
			return stored, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return stored, &Error{Op: t.op("look"), Class: ClassTransport, err: context.Cause(ctx)}
		}
	}
}
