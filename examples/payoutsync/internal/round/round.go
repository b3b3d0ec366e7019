// Package round is one round of sync for one seller: find, fetch, reconcile, plan, book. It is the code that the demo,
// the command and the schedule all run.
package round

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Seller is everything that a round works with.
type Seller struct {
	Name      string // in the configuration
	ID        string // Amazon's seller id
	Collector *collect.Collector
	Engine    *booking.Engine
	Rules     *ledgermap.Rules
	// Calendar reads the company's fiscal periods from the ledger.
	Calendar func(context.Context) (ledgermap.Calendar, error)
	// HasBank reports whether the ledger has a bank for a currency.
	HasBank func(currency string) bool
	Facts   *Facts
	// Tolerance is how far apart one settlement may end and the next begin; zero means a minute.
	Tolerance time.Duration
	// DryRun plans and compares, and books nothing.
	DryRun bool
}

// Payout is one settlement after a round.
type Payout struct {
	Seller         string // its name in the configuration
	SellerID       string
	SettlementID   string // empty where the document could not be read
	State          booking.State
	Tally          settlement.Tally // what the report holds, by kind
	Plan           *ledgermap.Plan
	Result         booking.Result
	Transfer       ledgermap.Payout
	Reconciliation settlement.Verdict // of the report with Amazon's other interfaces
	Findings       []string           // each with its code first
	// Err is why the settlement was refused, or which system failed; nil when it stands as it should.
	Err error
}

// ReissuedError says that Amazon published the same settlement a second time with other content.
type ReissuedError struct {
	SettlementID  string
	First, Second collect.Entry
}

func (e *ReissuedError) Error() string {
	return fmt.Sprintf("settlement %s was reissued: report %s says %s %s, report %s says %s %s. Nothing was replaced: compare the two documents "+
		"in the archive (%s and %s), and reverse and book again by hand if the later one is right",
		e.SettlementID, e.First.ReportID, e.First.Total, e.First.Currency, e.Second.ReportID, e.Second.Total, e.Second.Currency, e.First.Object, e.Second.Object)
}

// Run does one round and calls each with every settlement, in the order of the periods. What concerns one settlement
// only is in its Payout, and the others go on; the error is what kept the round from seeing or doing everything.
func (s *Seller) Run(ctx context.Context, each func(Payout)) error {
	var trouble []error
	for _, err := range s.Collector.Fetch(ctx) {
		unreadable, ok := errors.AsType[*collect.UnreadableError](err)
		switch {
		case err == nil:
		case ok:
			each(Payout{Seller: s.Name, SellerID: s.ID, SettlementID: unreadable.Entry.SettlementID, State: booking.StateRefused, Reconciliation: settlement.Pending, Err: err})
		default:
			trouble = append(trouble, err)
		}
	}
	settlements := s.Collector.Archive.Settlements(s.ID)
	if len(settlements) == 0 || ctx.Err() != nil {
		return errors.Join(append(trouble, ctx.Err())...)
	}
	sources, err := s.Collector.Sources(ctx, settlements[0].Start)
	if err != nil {
		// What was noted before still holds; payouts that are not known yet wait for the next round.
		trouble, sources = append(trouble, err), &collect.Sources{}
	}
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return errors.Join(append(trouble, fmt.Errorf("read the fiscal periods from Vantagepoint: %w", err))...)
	}
	r := &state{sources: sources, calendar: calendar, chain: chain{tolerance: cmp.Or(s.Tolerance, time.Minute)}}
	for _, found := range settlements {
		p, err := s.payout(ctx, found, r)
		each(p)
		if err != nil { // the ledger is away: asking it again for every other settlement helps nobody
			trouble = append(trouble, err)
			break
		}
	}
	return errors.Join(append(trouble, r.trouble...)...)
}

// state is what the settlements of one round share.
type state struct {
	sources  *collect.Sources
	calendar ledgermap.Calendar
	chain    chain
	trouble  []error // what Amazon did not answer, and what did not keep anything from being booked
}

// payout takes one settlement as far as it goes. Its error is one that the next settlement would meet as well.
func (s *Seller) payout(ctx context.Context, found collect.Settlement, r *state) (Payout, error) {
	p := Payout{Seller: s.Name, SellerID: s.ID, SettlementID: found.SettlementID, State: booking.StateFetched, Reconciliation: settlement.Pending}
	refuse := func(err error) (Payout, error) {
		p.State, p.Err = booking.StateRefused, err
		return p, nil
	}
	file, err := s.Collector.Archive.Open(found.Entry)
	if err != nil {
		return refuse(err)
	}
	defer file.Close() // it was only read
	if p.Tally, err = settlement.TallyOf(file); err != nil {
		return refuse(err)
	}
	statement := p.Tally.Statement
	p.Findings = append(p.Findings, r.chain.next(p.Tally)...)
	if len(found.Reissued) > 0 {
		return refuse(&ReissuedError{found.SettlementID, found.Entry, found.Reissued[0]})
	}
	refusal, trouble := s.reconcile(ctx, &p, file, r.sources)
	p.Findings = append(p.Findings, r.sources.Findings()...)
	if trouble != nil {
		r.trouble = append(r.trouble, trouble)
	}
	if refusal != nil {
		return refuse(refusal)
	}
	if p.Transfer, err = s.Facts.Settle(s.ID, found.SettlementID, r.sources.Transfer(statement)); err != nil {
		return refuse(err)
	}
	p.Plan, err = s.Rules.Plan(file, ledgermap.Input{
		Seller: s.Name, Calendar: r.calendar, Payout: p.Transfer, NoBank: !s.HasBank(statement.Currency.String()),
	})
	if err != nil {
		return refuse(err)
	}
	if s.DryRun {
		p.State = booking.StatePlanned
		return p, nil
	}
	p.Result, err = s.Engine.Run(ctx, p.Plan)
	p.State = p.Result.State
	for _, finding := range p.Result.Findings {
		p.Findings = append(p.Findings, finding.Message)
	}
	if err == nil {
		return p, nil
	}
	p.Err = err
	if _, ok := errors.AsType[*booking.RefusedError](err); ok {
		return refuse(err)
	}
	if _, ok := errors.AsType[*booking.ConflictError](err); ok {
		return refuse(err)
	}
	return p, err
}

// InTransit reports whether the settlement waits for its money.
func (p Payout) InTransit() bool { return p.Err == nil && p.Result.Waiting > 0 }
