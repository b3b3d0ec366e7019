package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// An Actor is who acts: a person by a name that is that person's alone, or a
// program that acts by itself.
type Actor struct {
	Name    string
	Service bool
}

// An Approval says who must release a plan before it is booked.
type Approval string

// The ways of approval.
const (
	ApprovalNone Approval = ""       // nobody
	ApprovalOne  Approval = "manual" // one person, who may have prepared it
	// ApprovalTwo wants two people to have had it in hand: the one who prepared
	// it and another, or, where a service prepared it, two different ones.
	ApprovalTwo Approval = "two-person"
)

// ParseApproval reads the words of a configuration: none, manual, two-person.
func ParseApproval(word string) (Approval, error) {
	switch word {
	case "", "none":
		return ApprovalNone, nil
	case string(ApprovalOne), string(ApprovalTwo):
		return Approval(word), nil
	}
	return "", fmt.Errorf("booking: approval %q is not one of none, manual, two-person", word)
}

// Config is what an [Engine] works with. Ledger, Log, Tenant, Seller and Actor
// are required.
type Config struct {
	Ledger Ledger
	Log    Log
	Tenant Tenant
	Seller string // Amazon's seller id, which names the chain in the log
	Actor  Actor

	Approval Approval
	// Post also posts each batch; Ledger must be a [Poster]. By default the
	// ledger is left with drafts that a person posts.
	Post bool
	// ClearingAccount is the account that Result.Clearing sums.
	ClearingAccount string
	// RefLength is how many characters the tenant's reference numbers have.
	// Defaults to what Ledger says if it is a [Measurer], else to 12, which no
	// known tenant falls short of.
	RefLength int

	// Timeout is how long one request that books may take. Defaults to a
	// minute. No byte of it is sent later than this after its intent was logged.
	Timeout time.Duration
	// Patience is how long after the intent the ledger is looked at, before a
	// request without an answer is taken for lost and sent again. Defaults to
	// two minutes and is always longer than Timeout; the difference is what
	// clocks of machines that share a log without a [Clock] may differ by.
	Patience time.Duration
	// Attempts is how often one run sends a document that is never answered.
	// Defaults to 2.
	Attempts int

	Logger *slog.Logger // default: silent
}

// An Engine books the plans of one seller into one set of books. It can be
// used by many goroutines; settlements of the seller go one after the other.
type Engine struct {
	cfg    Config
	log    Log
	ledger Ledger
	seller string

	one       sync.Mutex // the settlement in hand
	refLength int        // 0: not asked yet; guarded by one
}

// New checks the configuration and returns an engine.
func New(cfg Config) (*Engine, error) {
	var missing []string
	for name, absent := range map[string]bool{
		"Ledger": cfg.Ledger == nil, "Log": cfg.Log == nil, "Tenant.Database": fold(cfg.Tenant.Database) == "",
		"Seller": fold(cfg.Seller) == "", "Actor.Name": strings.TrimSpace(cfg.Actor.Name) == "",
	} {
		if absent {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("booking: Config lacks %s", strings.Join(sorted(missing), ", "))
	}
	if _, ok := cfg.Ledger.(Poster); cfg.Post && !ok {
		return nil, errors.New("booking: Config.Post is set, but this ledger cannot post")
	}
	if _, err := ParseApproval(string(cfg.Approval)); err != nil {
		return nil, err
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, time.Minute)
	cfg.Patience = cmp.Or(cfg.Patience, 2*cfg.Timeout)
	cfg.Attempts = cmp.Or(cfg.Attempts, 2)
	if cfg.Timeout < 0 || cfg.Patience <= cfg.Timeout || cfg.Attempts < 1 {
		return nil, fmt.Errorf("booking: Patience (%s) must be longer than Timeout (%s), and Attempts (%d) at least 1: a request that is still under way must not be sent again",
			cfg.Patience, cfg.Timeout, cfg.Attempts)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Engine{cfg: cfg, log: cfg.Log, ledger: cfg.Ledger, seller: fold(cfg.Seller), refLength: cfg.RefLength}, nil
}

// measure finds out how long reference numbers may be.
func (e *Engine) measure(ctx context.Context) error {
	if e.refLength > 0 {
		return nil
	}
	length := 0
	if m, ok := e.ledger.(Measurer); ok {
		var err error
		if length, err = m.RefLength(ctx); err != nil {
			return fmt.Errorf("booking: the length of the ledger's reference numbers: %w", err)
		}
	}
	e.refLength = cmp.Or(length, 12)
	return nil
}

// Run books what of the plan may be booked now and is not in the ledger yet,
// and says where every document stands. It can be called again at any time,
// after a success, an error or a crash, by this process or another: what is
// booked is found, what is in doubt is settled by looking.
//
// In this order: what is in doubt and was sent by another plan is looked for as
// it was sent, until the ledger shows it or it can no longer arrive; the plan is
// checked against the log and looked up in the ledger, the whole of it or, of a
// settlement that the log does not know, its first document, without which there
// is no other; approval is asked for; the ledger is asked whether it would take
// the documents; the manifest is logged; then one document after the other is
// sent. Until the manifest is logged, any trouble that was found with any
// document means that nothing is sent.
//
// A run that finds a document in the hands of another worker waits for its
// outcome, up to Patience; give ctx a deadline to wait less.
//
// Errors: [*RefusedError] and [*ConflictError] for what a person has to decide,
// [*BrokenError] for a damaged log, anything else for a system that failed, safe
// to run again. Waiting for approval is a state, not an error.
func (e *Engine) Run(ctx context.Context, plan *ledgermap.Plan) (Result, error) {
	e.one.Lock()
	defer e.one.Unlock()
	revision := max(plan.Revision, 1)
	now, err := e.clock(ctx)
	r := &round{
		e: e, now: now, settlement: fold(plan.Statement.ID), set: set{revision: revision}, total: plan.Statement.Total, currency: plan.Statement.Currency,
		hash:   plan.Hash(),
		inputs: map[string]string{"report": plan.Hashes.Report, "rules": plan.Hashes.Rules, "calendar": plan.Hashes.Calendar, "payout": plan.Hashes.Payout},
	}
	r.findings = append(r.findings, plan.Findings...)
	if plan.Offline {
		return r.result(ctx, &RefusedError{
			Code: CodeOffline, Settlement: r.settlement,
			Message: "it was planned with calendar months instead of the ledger's own periods: plan it again with the ledger's calendar",
		})
	}
	if err == nil {
		err = e.measure(ctx)
	}
	if err != nil {
		return r.result(ctx, err)
	}
	if err := r.enter(plan.Documents); err != nil {
		return r.result(ctx, err)
	}
	return r.result(ctx, r.run(ctx))
}

// item returns the entry's line in a manifest.
func (e Entry) item() (Item, error) {
	t, err := totals(sent(e.Document), e.Currency)
	return Item{
		Key: e.Key.String(), Kind: e.Kind, Batch: e.Batch, Ref: e.Ref, Period: e.Document.Period(),
		Digest: e.Document.Digest(), Totals: t, Waiting: e.Document.WaitsFor() != ledgermap.WaitNone,
	}, err
}

// A round is one run over one set of documents.
type round struct {
	e          *Engine
	now        func() time.Time // by the log's clock, if it has one
	settlement string
	set        set
	hash       string // of the plan
	inputs     map[string]string
	total      settlement.Money // of the settlement
	currency   settlement.Currency
	entries    []*line
	findings   []ledgermap.Finding
	state      State
	duplicates int
}

// A line of a round is one document and what was learned of it.
type line struct {
	Entry
	item  Item
	waits bool // not to be sent in this run
	// reversed is set for a receipt whose money came back: it is looked at, not
	// sent, and its mirror is another line of the round.
	reversed bool
	surveyed bool      // not there by the word of a [Surveyor]
	looked   time.Time // when the survey looked for it and it was not there
	booked   *Booked
	state    DocumentState
	sent     bool // put into the ledger by this run
}

// enter gives the documents their names.
func (r *round) enter(docs []ledgermap.Document) error {
	seen := map[int]bool{}
	for _, d := range docs {
		if fold(d.SettlementID()) != r.settlement || seen[d.Ordinal()] {
			return fmt.Errorf("booking: settlement %s: the plan holds document %d of settlement %s twice, or of another settlement", r.settlement, d.Ordinal(), d.SettlementID())
		}
		seen[d.Ordinal()] = true
		l, err := r.line(d)
		if err != nil {
			return err
		}
		r.entries = append(r.entries, l)
	}
	if len(docs) == 0 && !r.total.IsZero() {
		return fmt.Errorf("booking: settlement %s: the plan holds no documents, and the settlement's total is %s", r.settlement, r.total)
	}
	return nil
}

func (r *round) line(d ledgermap.Document) (*line, error) {
	l := &line{waits: d.WaitsFor() != ledgermap.WaitNone, state: DocumentPlanned}
	l.Key = r.key(d.Ordinal())
	if err := l.Key.validate(); err != nil {
		return nil, err
	}
	ref, err := l.Key.Ref(d.Part(), r.e.refLength)
	if err != nil {
		return nil, err
	}
	l.Kind, l.Batch, l.Ref, l.Currency, l.Document = d.Kind(), l.Key.Batch(d.Kind()), ref, d.Currency(), d
	l.item, err = l.Entry.item()
	return l, err
}

func (r *round) key(ordinal int) Key {
	return Key{Tenant: r.e.cfg.Tenant, Seller: r.e.seller, Settlement: r.settlement, Ordinal: ordinal, Revision: r.set.revision}.normal()
}

// clock returns the time by the log's clock, if it has one. After one reading it
// goes on by the time that passes on this machine, whatever its clock is set to
// meanwhile.
func (e *Engine) clock(ctx context.Context) (func() time.Time, error) {
	log, ok := e.log.(Clock)
	if !ok {
		return time.Now, nil
	}
	asked := time.Now()
	now, err := log.Now(ctx)
	if err != nil {
		return time.Now, fmt.Errorf("booking: the log's clock: %w", err)
	}
	return func() time.Time { return now.Add(time.Since(asked)) }, nil
}

// record is the start of every record of the round.
func (r *round) record(event Event) Record {
	return Record{
		Seller: r.e.seller, Time: r.now(), Actor: r.e.cfg.Actor.Name, Service: r.e.cfg.Actor.Service, Event: event,
		Settlement: r.settlement, Revision: r.set.revision, Reversal: r.set.reversal,
	}
}

// of is the start of every record of one document of the round.
func (r *round) of(l *line, event Event) Record {
	rec := r.record(event)
	rec.Key, rec.Batch, rec.Ref, rec.Digest = l.Key.String(), l.Batch, l.Ref, l.Document.Digest()
	return rec
}
