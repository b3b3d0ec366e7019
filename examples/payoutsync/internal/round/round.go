// Package round is one round of sync for one seller: find, fetch, reconcile, plan, book. It is the code that the demo,
// the command and the schedule all run.
package round

import (
	"context"
	"errors"
	"fmt"

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
	Reconciliation string
	Findings       []string
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
			each(Payout{Seller: s.Name, SellerID: s.ID, SettlementID: unreadable.Entry.SettlementID, State: booking.StateRefused, Reconciliation: "pending", Err: err})
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
	for _, found := range settlements {
		p, err := s.payout(ctx, found, sources, calendar)
		each(p)
		if err != nil { // the ledger is away: asking it again for every other settlement helps nobody
			trouble = append(trouble, err)
			break
		}
	}
	return errors.Join(trouble...)
}

// payout takes one settlement as far as it goes. Its error is one that the next settlement would meet as well.
func (s *Seller) payout(ctx context.Context, found collect.Settlement, sources *collect.Sources, calendar ledgermap.Calendar) (Payout, error) {
	p := Payout{Seller: s.Name, SellerID: s.ID, SettlementID: found.SettlementID, State: booking.StateFetched, Reconciliation: "pending"}
	refuse := func(err error) (Payout, error) {
		p.State, p.Err = booking.StateRefused, err
		return p, nil
	}
	if len(found.Reissued) > 0 {
		return refuse(&ReissuedError{found.SettlementID, found.Entry, found.Reissued[0]})
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
	if p.Transfer, err = s.Facts.Settle(s.ID, found.SettlementID, sources.Transfer(statement)); err != nil {
		return refuse(err)
	}
	p.Findings = append(p.Findings, sources.Findings()...)
	p.Plan, err = s.Rules.Plan(file, ledgermap.Input{
		Seller: s.Name, Calendar: calendar, Payout: p.Transfer, NoBank: !s.HasBank(statement.Currency.String()),
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
