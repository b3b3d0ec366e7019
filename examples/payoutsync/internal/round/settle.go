package round

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Settle takes one settlement as far as it goes, with what Collect brought for it. What a person has to decide is in the
// Payout. The error is a system that failed: the settlement keeps its place in the line, and it is safe to try again.
func (s *Seller) Settle(ctx context.Context, settlementID string) (Payout, error) {
	sources := &collect.Sources{}
	text, err := s.Store.Sources(ctx, s.ID, settlementID)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), sources)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Payout{}, err
	}
	p, minor, err := s.settle(ctx, settlementID, sources, Unsettled)
	return p, errors.Join(minor, err)
}

// settle is Settle with what the settlements of a round share. minor is what Amazon did not answer, and what did not keep
// anything from being booked; err is one that the next settlement would meet as well.
func (s *Seller) settle(ctx context.Context, settlementID string, sources *collect.Sources, scope Scope) (p Payout, minor, err error) {
	p = Payout{Seller: s.Name, SellerID: s.ID, SettlementID: settlementID, State: StateFetched, Reconciliation: settlement.Pending}
	all, i, err := s.find(ctx, settlementID)
	if err != nil {
		return p, nil, err
	}
	row, err := s.Store.Payout(ctx, s.ID, settlementID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return p, nil, err
	}
	v, asked, err := s.unfinished(ctx, row)
	if asked {
		p, err = s.finish(ctx, row, v, all[i].Entry)
		return p, nil, err
	}
	p.Revision, p.WasSettled = max(row.Revision, 1), row.Settled
	reversed := row.State == string(booking.StateReversed)
	if reversed { // by a person, who also says when it is booked again
		p.State, p.Reconciliation = booking.StateReversed, settlement.Verdict(row.Reconciliation)
	}
	was := row
	if scope == All {
		row.Plan = "" // whatever stands, the ledger is asked
	}
	if err == nil {
		minor, err = s.take(ctx, &p, row, all, i, sources)
	}
	broken := errors.Is(err, booking.ErrBroken)
	if broken { // whatever stands, it stands on that: people see it at the payout
		p.State, p.Err = booking.StateRefused, err
		if p.Tally.Statement.ID == "" {
			p.Tally.Statement = archived(all[i].Entry)
		}
	}
	if (err == nil || broken) && !s.DryRun && !reversed {
		err = errors.Join(err, s.note(ctx, p, was))
	}
	return p, minor, err
}

// find returns the seller's settlements in the order of their periods, and where in them one is.
func (s *Seller) find(ctx context.Context, settlementID string) (all []collect.Settlement, i int, err error) {
	if all, err = s.Archive.Settlements(ctx, s.ID); err != nil {
		return nil, 0, err
	}
	i = slices.IndexFunc(all, func(found collect.Settlement) bool { return found.SettlementID == settlementID })
	if i < 0 {
		return nil, 0, fmt.Errorf("settlement %s is not in the archive of seller %s", settlementID, s.Name)
	}
	return all, i, nil
}

// take does the work. row is how the settlement stood before. p.Err is what a person has to decide.
func (s *Seller) take(ctx context.Context, p *Payout, row store.Payout, all []collect.Settlement, i int, sources *collect.Sources) (minor, err error) {
	found := all[i]
	refuse := func(err error) {
		p.State, p.Err = booking.StateRefused, err
	}
	file, err := s.Archive.Open(ctx, found.Entry)
	if err == nil {
		defer file.Close() // it was only read
		p.Tally, err = settlement.TallyOf(file)
	}
	if err == nil && p.Tally.Statement.Digest != found.Digest {
		err = fmt.Errorf("%w: settlement %s does not read as it did when it was archived", collect.ErrDamaged, found.SettlementID)
	}
	switch {
	case errors.Is(err, collect.ErrDamaged), settlement.CodeOf(err) != "":
		p.Tally = settlement.Tally{Statement: archived(found.Entry)}
		refuse(err)
		return nil, nil
	case err != nil:
		return nil, err
	}
	if p.State == booking.StateReversed {
		return nil, nil
	}
	statement := p.Tally.Statement
	p.Findings = append(p.Findings, continuity(all, i, s.tolerance())...)
	if len(found.Reissued) > 0 {
		changes, err := s.Archive.Diff(ctx, found.Entry, found.Reissued[0])
		refuse(&ReissuedError{found.SettlementID, found.Entry, found.Reissued[0], changes})
		return nil, err
	}
	refusal, minor := s.reconcile(ctx, p, file, sources)
	p.Findings = append(p.Findings, texts(sources.Findings())...)
	if refusal != nil {
		refuse(refusal)
		return minor, nil
	}
	if p.Transfer, err = s.transfer(ctx, found.SettlementID, sources.Transfer(statement)); err != nil {
		return minor, err
	}
	in := ledgermap.Input{Seller: s.Name, Payout: p.Transfer, NoBank: !s.HasBank(statement.Currency.String()), Revision: p.Revision}
	if waits, err := s.waits(ctx, p, row, file, in); err != nil || waits {
		return minor, err
	}
	if in.Calendar, err = s.calendar(ctx, found.SettlementID, p.Revision, row.Booked()); err != nil {
		p.Err = err
		return minor, err
	}
	if p.Plan, err = s.Rules.Plan(file, in); err != nil {
		refuse(err)
		return minor, nil
	}
	if s.DryRun {
		p.State = booking.StatePlanned
		if err := s.Fits(ctx, found.SettlementID); is[*booking.RefusedError](err) {
			refuse(err)
		} else if err != nil {
			return minor, err
		}
		return minor, nil
	}
	if err := s.keep(ctx, p.Plan, in); err != nil {
		return minor, err
	}
	p.Result, err = s.Engine.Run(booked(ctx, s, found.SettlementID), p.Plan)
	p.State = p.Result.State
	p.found(p.Result.Findings)
	p.Err = err
	if is[*booking.RefusedError](err) || is[*booking.ConflictError](err) {
		refuse(err)
		return minor, nil
	}
	return minor, err
}

// archived is what the archive knows of a settlement that cannot be read any more.
func archived(e collect.Entry) settlement.Statement {
	st := settlement.Statement{ID: e.SettlementID, Start: e.Start, End: e.End}
	if total, err := settlement.ParseAmount(e.Total, e.Currency); err == nil {
		st.Total, st.Currency = total, total.Currency()
	}
	return st
}

// calendar returns today's fiscal periods, but those up to the last that holds a document which was sent as they stood then:
// that a period was closed since moves nothing that is booked. Whether a period takes what is still to be sent, the ledger
// is asked before it is sent. A log that knows nothing although so many documents are booked is a [booking.BrokenError].
func (s *Seller) calendar(ctx context.Context, settlementID string, revision, booked int) (ledgermap.Calendar, error) {
	today, err := s.periods(ctx, ofPlans)
	if err != nil {
		return today, err
	}
	plan, sent, err := s.Engine.Sent(ctx, settlementID, revision)
	if err == nil && len(sent) == 0 && booked > 0 {
		err = &booking.BrokenError{Seller: s.ID, Faults: []booking.Fault{{
			Damage: booking.DamageRemoved, Detail: fmt.Sprintf("of settlement %s %d documents are booked, and the log knows none", settlementID, booked),
		}}}
	}
	if err != nil || len(sent) == 0 {
		return today, err
	}
	made, err := s.Store.Plan(ctx, plan)
	if errors.Is(err, store.ErrNotFound) {
		return today, nil
	}
	if err != nil {
		return today, err
	}
	var then ledgermap.Calendar
	if err := json.Unmarshal(made.Calendar, &then); err != nil {
		return today, fmt.Errorf("the calendar of plan %s of settlement %s is damaged: %w", plan, settlementID, err)
	}
	last := 0
	for _, d := range sent {
		last = max(last, d.Period())
	}
	return today.Keeping(then, last)
}

// waits reports whether a settlement that is booked only waits for Amazon, for its money or for the second source's word,
// and nothing is new: then the ledger has nothing to tell, and the settlement stands as it did. Whether anything is new is
// seen by planning it once more with the calendar of the last plan. What waits for invoices waits for the ledger, and is
// looked at; so is everything once more before it is settled.
func (s *Seller) waits(ctx context.Context, p *Payout, row store.Payout, file *settlement.File, in ledgermap.Input) (bool, error) {
	stood := standing(row)
	if s.DryRun || s.Post || row.Plan == "" || row.State != string(booking.StateBooked) || row.ErrorCode != "" || stood.Waiting == 0 && p.Reconciliation == settlement.Agreed {
		return false, nil
	}
	made, err := s.Store.Plan(ctx, row.Plan)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err := json.Unmarshal(made.Calendar, &in.Calendar); err != nil {
		return false, nil //nolint:nilerr // what cannot be compared is looked up
	}
	plan, err := s.Rules.Plan(file, in)
	if err != nil || plan.Hash() != row.Plan || slices.ContainsFunc(plan.Documents, func(d ledgermap.Document) bool { return d.WaitsFor() == ledgermap.WaitInvoice }) {
		return false, nil //nolint:nilerr // the plan with today's calendar says what is wrong
	}
	stood.Findings = plan.Findings
	p.Plan, p.State, p.Result = plan, booking.State(row.State), stood
	p.found(plan.Findings)
	return true, nil
}

// found adds what planning and booking found.
func (p *Payout) found(findings []ledgermap.Finding) {
	for _, f := range findings {
		p.Findings = append(p.Findings, f.Code+": "+f.Message)
	}
}

// standing is how the documents of a settlement stood when they were looked at last.
func standing(row store.Payout) booking.Result {
	r := booking.Result{Settlement: row.Settlement, Revision: row.Revision, State: booking.State(row.State), PlanHash: row.Plan}
	for _, d := range row.Documents {
		key, err := booking.ParseKey(d.Key)
		if err != nil {
			continue // another version's; the next change looks at everything
		}
		result := booking.DocumentResult{Key: key, Kind: ledgermap.Kind(d.Kind), Batch: d.Batch, Ref: d.Ref, State: booking.DocumentState(d.State), Digest: d.Digest}
		switch result.State {
		case booking.DocumentWaiting:
			r.Waiting++
		case booking.DocumentCreated:
			result.State = booking.DocumentFound
		}
		r.Documents = append(r.Documents, result)
	}
	return r
}

func (s *Seller) tolerance() time.Duration {
	if s.Tolerance == 0 {
		return time.Minute
	}
	return s.Tolerance
}

// keep keeps what the plan was made from, so that it can be made again.
func (s *Seller) keep(ctx context.Context, plan *ledgermap.Plan, in ledgermap.Input) error {
	calendar, err := json.Marshal(in.Calendar)
	if err != nil {
		return fmt.Errorf("keep the plan of settlement %s: %w", plan.Statement.ID, err)
	}
	payout, err := json.Marshal(in.Payout)
	if err != nil {
		return fmt.Errorf("keep the plan of settlement %s: %w", plan.Statement.ID, err)
	}
	return s.Store.AddPlan(ctx, store.Plan{
		Hash: plan.Hash(), Seller: s.ID, Settlement: plan.Statement.ID, Name: s.Name, Revision: plan.Revision, NoBank: in.NoBank,
		Report: plan.Hashes.Report, Rules: s.RulesText, Calendar: calendar, Payout: payout,
	})
}

// documentRow is where a document of a run stands, as it is kept between rounds.
func documentRow(d booking.DocumentResult) store.Document {
	return store.Document{Key: d.Key.String(), Kind: string(d.Kind), Batch: d.Batch, Ref: d.Ref, State: string(d.State), Digest: d.Digest}
}

// note writes down where the settlement stands. Where it was refused and nothing new was booked, the plan and the documents
// are those that were, and are in the ledger.
func (s *Seller) note(ctx context.Context, p Payout, was store.Payout) error {
	row := p.Row()
	row.Settled = s.settled(p)
	row.Pending = errors.Is(p.Err, booking.ErrBroken) // it keeps its place in the line
	if p.Err != nil && !p.Result.BookedNow() && was.Plan != "" {
		row.Plan, row.Documents = was.Plan, was.Documents
	}
	return s.Store.SetPayout(ctx, row)
}

// Row is where the settlement stands, as it is kept between rounds.
func (p Payout) Row() store.Payout {
	st := p.Tally.Statement
	row := store.Payout{
		Seller: p.SellerID, Settlement: p.SettlementID, Name: p.Seller, Revision: p.Revision, State: string(p.State),
		Start: st.Start, End: st.End, Deposit: st.Deposit, Reconciliation: string(p.Reconciliation), Findings: p.Findings,
	}
	if !st.Currency.IsZero() {
		row.Currency, row.Total = st.Currency.String(), st.Total.String()
	}
	if p.Plan != nil {
		row.Plan = p.Plan.Hash()
	}
	if p.Err != nil {
		row.ErrorCode, row.Error = CodeOf(p.Err), p.Err.Error()
	}
	for _, d := range p.Result.Documents {
		document := documentRow(d)
		if p.Plan != nil {
			if planned, ok := p.Plan.Document(d.Key.Ordinal); ok {
				document.Debit, document.Date = planned.DebitTotal().String(), planned.Date().String()
			}
		}
		row.Documents = append(row.Documents, document)
	}
	return row
}

// settled reports whether nothing is left to do for a settlement: everything is booked, posted where that is wanted, and
// the second source agrees or is past asking.
func (s *Seller) settled(p Payout) bool {
	done := p.State == booking.StatePosted || p.State == booking.StateBooked && !s.Post
	asked := p.Reconciliation == settlement.Agreed || time.Since(p.Tally.Statement.End) > finances
	return p.Err == nil && done && p.Result.Waiting == 0 && asked && !p.Result.ClearingOpen()
}
