package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// maxTransactions bounds how many transactions of one settlement are compared order by order in a round: ten full pages,
// which Amazon gives out in twenty seconds.
const maxTransactions = 5000

// Reconcile compares a settlement with what Amazon's other interfaces say of it: listSummary, asked here once, and the
// payouts and event groups of the round. When the total differs, the transactions of its event group are read as well,
// to name the orders that differ. Where confirmed is true, the total was confirmed in an earlier round: nothing is asked,
// and only what the round brought anyway can still differ.
//
// The findings concern this settlement; interfaces that could not be asked are in [Sources.Findings].
// With an error the reconciliation holds all that the others said; the same interface is not asked again in this round.
func (c *Collector) Reconcile(ctx context.Context, s *Sources, src settlement.Source, confirmed bool) (settlement.Reconciliation, []Finding, error) {
	st, err := src.Statement()
	if err != nil {
		return settlement.Reconciliation{}, nil, err
	}
	second, findings := s.facts(st)
	if confirmed {
		second.Summaries = []settlement.SummaryFact{{SettlementID: st.ID, NetProceeds: st.Total}}
	} else {
		var found []Finding
		second.Summaries, found, err = c.summaries(ctx, s, st.ID)
		findings = append(findings, found...)
	}
	r := settlement.Reconcile(st, settlement.OrderSums{}, second)
	if r.By != "" && s.lacks(st, second.Groups) { // else it is pending, and says so
		findings = append(findings, Finding{FindingNotFound, fmt.Sprintf("listFinancialEventGroups has no group of settlement %s's period and currency", st.ID)})
	}
	if err != nil || !r.TotalDiffers() {
		return r, findings, err
	}
	second.Transactions, second.Complete, err = c.transactions(ctx, s, st)
	if err != nil || !second.Complete {
		return r, findings, err
	}
	sums, err := settlement.OrderSumsOf(src)
	if err != nil {
		return r, findings, err
	}
	return settlement.Reconcile(st, sums, second), findings, nil
}

// lacks reports whether Amazon gave out all event groups of the time of a settlement, and none is its own.
func (s *Sources) lacks(st settlement.Statement, groups []settlement.GroupFact) bool {
	_, unknown := settlement.CrossCheck([]settlement.Link{{ID: st.ID, Start: st.Start, End: st.End, Total: st.Total}}, groups)
	return !s.since.IsZero() && !st.Start.Before(s.since) && len(unknown) > 0
}

// summaries asks listSummary for one settlement. Amazon may answer with a part for each marketplace and account type, so
// parts of one currency are added; parts of several currencies have no sum, and are left out.
func (c *Collector) summaries(ctx context.Context, s *Sources, id string) ([]settlement.SummaryFact, []Finding, error) {
	if s.closed["listSummary"] {
		return nil, nil, nil
	}
	var total settlement.Money
	var known bool
	query := spapi.SummariesQuery{Related: spapi.RelatedIdentifier{Name: spapi.SettlementID, Value: id}}
	for summary, err := range c.cfg.Client.Finances.Summaries(ctx, query) {
		if errors.Is(err, spapi.ErrNotFound) || errors.Is(err, spapi.ErrInvalidInput) {
			return nil, []Finding{{FindingNotFound, fmt.Sprintf("listSummary does not know settlement %s: %v", id, err)}}, nil
		}
		if err != nil {
			return nil, nil, s.shut("listSummary", fmt.Errorf("ask Amazon for the summary of settlement %s: %w", id, err))
		}
		if summary.RelatedIdentifiers.Value(spapi.SettlementID) != id {
			continue // without the id in the answer it may be that of a whole period
		}
		part, err := moneyOf(summary.NetProceeds)
		if err == nil {
			total, err = total.Add(part)
		}
		if err != nil {
			return nil, []Finding{{FindingUnreadable, fmt.Sprintf("listSummary of settlement %s: %v", id, err)}}, nil
		}
		known = true
	}
	if !known || total == (settlement.Money{}) {
		return nil, nil, nil
	}
	return []settlement.SummaryFact{{SettlementID: id, NetProceeds: total}}, nil, nil
}

// facts are what the round's payouts and event groups say of a settlement.
func (s *Sources) facts(st settlement.Statement) (second settlement.SecondSource, findings []Finding) {
	for _, p := range s.payouts[st.ID] {
		fact := settlement.PayoutFact{
			ID: p.ID, SettlementIDs: []string{st.ID}, Status: string(p.Status), Date: payoutTransfer(p).Date, TraceID: p.TraceID,
		}
		amount, err := moneyOf(p.Amount)
		switch {
		case err != nil:
			findings = append(findings, Finding{FindingUnreadable, fmt.Sprintf("listPayouts, payout %s: %v", p.ID, err)})
		case amount != (settlement.Money{}) && amount.Currency() != st.Currency:
			// Amazon converts for sellers whose bank account is in another currency. That is no disagreement on the settlement.
			findings = append(findings, Finding{FindingConverted, fmt.Sprintf("payout %s is %s %s, of a settlement in %s", p.ID, amount, amount.Currency(), st.Currency)})
		default:
			fact.Amount = amount
		}
		second.Payouts = append(second.Payouts, fact)
	}
	for _, g := range s.groups {
		if !sameSpan(g, st) {
			continue // also those whose amounts would be of no use here
		}
		fact, err := groupFact(g)
		if err != nil {
			findings = append(findings, Finding{FindingUnreadable, fmt.Sprintf("listFinancialEventGroups, group %s: %v", g.ID, err)})
		}
		second.Groups = append(second.Groups, fact)
	}
	return second, findings
}

// transactions reads the transactions of the settlement's event group. They are complete only if there is one group that
// can be it, and if that could be read to its end.
func (c *Collector) transactions(ctx context.Context, s *Sources, st settlement.Statement) (facts []settlement.TransactionFact, complete bool, err error) {
	var ids []string
	for _, g := range s.groups {
		if sameSpan(g, st) && g.OriginalTotal.Currency == st.Currency.String() {
			ids = append(ids, g.ID)
		}
	}
	if len(ids) != 1 || s.closed["listTransactions"] {
		return nil, false, nil
	}
	query := spapi.TransactionsQuery{Related: spapi.RelatedIdentifier{Name: spapi.FinancialEventGroupID, Value: ids[0]}}
	for t, err := range c.cfg.Client.Finances.Transactions(ctx, query) {
		if err != nil {
			return nil, false, s.shut("listTransactions", fmt.Errorf("ask Amazon for the transactions of settlement %s: %w", st.ID, err))
		}
		fact := settlement.TransactionFact{
			ID: t.ID, Status: string(t.Status), OrderID: t.RelatedIdentifiers.Value(spapi.OrderID), Posted: t.Posted.UTC(),
		}
		if fact.Total, err = moneyOf(t.TotalAmount); err != nil || len(facts) == maxTransactions {
			return nil, false, nil
		}
		if fact.Breakdowns, err = breakdowns(t.Breakdowns, fact.Total.Currency()); err != nil {
			return nil, false, nil
		}
		facts = append(facts, fact)
	}
	return facts, true, nil
}

// breakdowns reads a tree of amounts. Where Amazon leaves the currency out, it is the transaction's.
func breakdowns(tree spapi.Breakdowns, currency settlement.Currency) ([]settlement.BreakdownFact, error) {
	var facts []settlement.BreakdownFact
	for _, b := range tree {
		if b.Amount.Currency == "" {
			b.Amount.Currency = currency.String()
		}
		amount, err := moneyOf(b.Amount)
		if err != nil {
			return nil, err
		}
		parts, err := breakdowns(b.Breakdowns, currency)
		if err != nil {
			return nil, err
		}
		facts = append(facts, settlement.BreakdownFact{Type: b.Type, Amount: amount, Parts: parts})
	}
	return facts, nil
}

// moneyOf reads an amount exactly. An amount that Amazon did not send is the zero Money.
func moneyOf(m spapi.Money) (settlement.Money, error) {
	if m.Amount == "" {
		return settlement.Money{}, nil
	}
	return settlement.ParseAmount(m.Amount.String(), m.Currency)
}

// sameSpan compares to the second, as reports do; groups carry fractions of it.
func sameSpan(g spapi.FinancialEventGroup, st settlement.Statement) bool {
	return g.Start.Truncate(time.Second).Equal(st.Start.Truncate(time.Second)) && g.End.Truncate(time.Second).Equal(st.End.Truncate(time.Second))
}
