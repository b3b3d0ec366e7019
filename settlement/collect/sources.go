package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// Sources is what Amazon's other interfaces say about a seller's payouts. It is asked for once a round, for all
// settlements together, so that the number of calls does not grow with the number of settlements. It belongs to one
// goroutine; the zero Sources knows nothing.
type Sources struct {
	payouts  map[string][]spapi.Payout // by settlement id, newest first
	groups   []spapi.FinancialEventGroup
	since    time.Time       // from when on groups are all of those that Amazon has; zero: they are not
	closed   map[string]bool // operations that are not to be asked again in this round
	findings []Finding
}

// For returns what concerns one settlement.
func (s *Sources) For(st settlement.Statement) *Sources {
	own := &Sources{since: s.since, closed: maps.Clone(s.closed), findings: slices.Clone(s.findings)}
	if payouts := s.payouts[st.ID]; len(payouts) > 0 {
		own.payouts = map[string][]spapi.Payout{st.ID: payouts}
	}
	for _, g := range s.groups {
		if sameSpan(g, st) {
			own.groups = append(own.groups, g)
		}
	}
	return own
}

// sourcesJSON is how [Sources] is kept.
type sourcesJSON struct {
	Payouts  map[string][]spapi.Payout   `json:"payouts,omitzero"`
	Groups   []spapi.FinancialEventGroup `json:"groups,omitzero"`
	Since    time.Time                   `json:"since,omitzero"`
	Closed   map[string]bool             `json:"closed,omitzero"`
	Findings []string                    `json:"findings,omitzero"`
}

// MarshalJSON writes all that the sources know.
func (s *Sources) MarshalJSON() ([]byte, error) {
	kept := sourcesJSON{Payouts: s.payouts, Groups: s.groups, Since: s.since, Closed: s.closed}
	for _, f := range s.findings {
		kept.Findings = append(kept.Findings, f.String())
	}
	return json.Marshal(kept)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Sources) UnmarshalJSON(data []byte) error {
	var kept sourcesJSON
	if err := json.Unmarshal(data, &kept); err != nil {
		return fmt.Errorf("what Amazon's other interfaces said is damaged: %w", err)
	}
	*s = Sources{payouts: kept.Payouts, groups: kept.Groups, since: kept.Since, closed: kept.Closed}
	for _, text := range kept.Findings {
		code, message, _ := strings.Cut(text, ": ")
		s.findings = append(s.findings, Finding{code, message})
	}
	return nil
}

// Sources asks listPayouts and listFinancialEventGroups for everything since a time. An interface that the application
// is not entitled to is left out and named in [Sources.Findings]; nothing that it does not say is held against a payout.
func (c *Collector) Sources(ctx context.Context, since time.Time) (*Sources, error) {
	s := &Sources{payouts: map[string][]spapi.Payout{}}
	for payout, err := range c.cfg.Client.Transfers.Payouts(ctx, spapi.PayoutsQuery{CreatedAfter: since}) {
		if err != nil {
			if err := s.shut("listPayouts", fmt.Errorf("ask Amazon for the payouts of seller %s: %w", c.cfg.Seller, err)); err != nil {
				return nil, err
			}
			break
		}
		if id := payout.RelatedIdentifiers.Value(spapi.SettlementID); id != "" {
			s.payouts[id] = append(s.payouts[id], payout)
		}
	}
	// The window of this operation is 180 days at most, and ends two minutes before now.
	now, err := c.cfg.Now(ctx)
	if err != nil {
		return nil, err
	}
	since = later(since, now.Add(-179*24*time.Hour))
	for group, err := range c.cfg.Client.FinancesV0.EventGroups(ctx, spapi.EventGroupsQuery{StartedAfter: since}) {
		if err != nil {
			if err := s.shut("listFinancialEventGroups", fmt.Errorf("ask Amazon for the event groups of seller %s: %w", c.cfg.Seller, err)); err != nil {
				return nil, err
			}
			return s, nil
		}
		s.groups = append(s.groups, group)
	}
	s.since = since
	return s, nil
}

// shut keeps an operation from being asked again in this round, and notes why. It returns nil where the application may
// not use it, which is no failure, and else the error.
func (s *Sources) shut(operation string, err error) error {
	if s.closed == nil {
		s.closed = map[string]bool{}
	}
	s.closed[operation] = true
	if !errors.Is(err, spapi.ErrDenied) {
		s.findings = append(s.findings, Finding{FindingNoAnswer, operation + " failed in this round; the next one asks again"})
		return err
	}
	s.findings = append(s.findings, Finding{FindingNotEntitled, operation + " is not open to this application: add the role Finance and Accounting to it, and have the seller authorise it again"})
	return nil
}

// Findings lists the interfaces that could not be asked.
func (s *Sources) Findings() []Finding { return slices.Clone(s.findings) }

// Groups returns the event groups, newest first. A total that cannot be read exactly is left out.
func (s *Sources) Groups() []settlement.GroupFact {
	var facts []settlement.GroupFact
	for _, g := range s.groups {
		fact, _ := groupFact(g)
		facts = append(facts, fact)
	}
	return facts
}

// groupFact is an event group. With an error, which says that its total cannot be read exactly, it is the rest of it.
func groupFact(g spapi.FinancialEventGroup) (settlement.GroupFact, error) {
	total, err := moneyOf(g.OriginalTotal)
	return settlement.GroupFact{
		ID: g.ID, Closed: strings.EqualFold(g.ProcessingStatus, "Closed"), FundTransferStatus: g.FundTransferStatus,
		Start: g.Start, End: g.End, OriginalTotal: total, TransferDate: g.FundTransferDate.UTC(), TraceID: g.TraceID,
	}, err
}

// Transfer is what is known of the transfer of one settlement's money.
type Transfer struct {
	Status  string    // paid, failed or pending; "" when Amazon does not say
	Date    time.Time // when it took that status, UTC
	TraceID string    // joins the line of the bank statement
	Source  string    // listPayouts or listFinancialEventGroups
	Amount  string    // as Amazon states it; "" when it does not
	Reason  string    // why it failed
	// Received is what was paid out where Amazon converted it into the currency of the seller's bank; else the zero Money.
	Received settlement.Money
}

// The values of Transfer.Status.
const (
	TransferPaid    = "paid"
	TransferFailed  = "failed"
	TransferPending = "pending"
)

// Transfer returns what is known of the transfer of a settlement's money: from listPayouts, which names the settlement,
// else from the one event group with the same period, currency and total. Where several groups fit, none is chosen.
func (s *Sources) Transfer(st settlement.Statement) (t Transfer) {
	var paid []spapi.Money
	groups := s.groupsOf(st)
	if len(groups) == 1 {
		t = groupTransfer(groups[0])
		paid = append(paid, groups[0].ConvertedTotal)
	}
	if payouts := s.payouts[st.ID]; len(payouts) > 0 {
		t = payoutTransfer(payouts[0])
		paid = append(paid, payouts[0].Amount)
	}
	for _, amount := range paid {
		if m, err := moneyOf(amount); err == nil && m != (settlement.Money{}) && m.Currency() != st.Currency {
			t.Received = m
		}
	}
	return t
}

// groupsOf returns the event groups that fit a settlement. Reports carry times to the second, groups to the fraction.
func (s *Sources) groupsOf(st settlement.Statement) []spapi.FinancialEventGroup {
	var fit []spapi.FinancialEventGroup
	for _, g := range s.groups {
		if total, err := moneyOf(g.OriginalTotal); err == nil && total == st.Total && sameSpan(g, st) {
			fit = append(fit, g)
		}
	}
	return fit
}

func payoutTransfer(p spapi.Payout) Transfer {
	t := Transfer{TraceID: p.TraceID, Source: "listPayouts", Amount: string(p.Amount.Amount)}
	switch p.Status {
	case spapi.PayoutPaid:
		t.Status = TransferPaid
	case spapi.PayoutFailed, spapi.PayoutCancelled:
		t.Status = TransferFailed
	case spapi.PayoutStarted, spapi.PayoutInTransit:
		t.Status = TransferPending
	}
	for _, change := range p.StatusHistory {
		if change.Status == p.Status && change.Updated.After(t.Date) {
			t.Date, t.Reason = change.Updated.UTC(), change.FailureReason
		}
	}
	return t
}

func groupTransfer(g spapi.FinancialEventGroup) Transfer {
	t := Transfer{TraceID: g.TraceID, Source: "listFinancialEventGroups", Amount: string(g.OriginalTotal.Amount), Date: g.FundTransferDate.UTC()}
	switch { // free text, so compare without case; what is not known stays unknown
	case strings.EqualFold(g.FundTransferStatus, "Succeeded"):
		t.Status = TransferPaid
	case strings.EqualFold(g.FundTransferStatus, "Failed"):
		t.Status = TransferFailed
	case strings.EqualFold(g.FundTransferStatus, "Processing"):
		t.Status = TransferPending
	}
	return t
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
