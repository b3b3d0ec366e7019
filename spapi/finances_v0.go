package spapi

import (
	"context"
	"iter"
	"time"
)

// FinancesV0 is the older Finances API, version 0. Its three event operations are deprecated: Amazon removes them on
// 2027-08-27. EventGroups is not on the list of removals and has no successor with the same facts.
type FinancesV0 struct{ client *Client }

// EventGroupsQuery selects event groups. All fields are optional.
type EventGroupsQuery struct {
	StartedAfter  time.Time // inclusive; two minutes or more in the past
	StartedBefore time.Time // exclusive; at most 180 days after StartedAfter
	PageSize      int       // 1 to 100; 0 means 100
}

// EventGroups yields event groups: what a settlement is made of, and how its transfer went. A settlement report matches
// the group with the same start, end, currency and OriginalTotal; there is no common id.
//
// SP-API: listFinancialEventGroups, GET /finances/v0/financialEventGroups, 0.5 a second, burst 30.
func (s *FinancesV0) EventGroups(ctx context.Context, q EventGroupsQuery) iter.Seq2[FinancialEventGroup, error] {
	const op = "financesV0.listFinancialEventGroups"
	if err := window(op, "StartedAfter", "StartedBefore", q.StartedAfter, q.StartedBefore); err != nil {
		return failed[FinancialEventGroup](err)
	}
	if q.PageSize == 0 {
		q.PageSize = 100
	}
	return pages(op, func(g FinancialEventGroup) string { return g.ID }, func(token string) (page[FinancialEventGroup], error) {
		v := query{}
		v.number("MaxResultsPerPage", q.PageSize)
		v.at("FinancialEventGroupStartedAfter", q.StartedAfter)
		v.at("FinancialEventGroupStartedBefore", q.StartedBefore)
		v.text("NextToken", token)
		answer, err := get[payload[struct {
			Groups    []FinancialEventGroup `json:"FinancialEventGroupList"`
			NextToken string                `json:"NextToken"`
		}]](ctx, s.client, op, v, "finances", "v0", "financialEventGroups")
		return page[FinancialEventGroup]{answer.Payload.Groups, answer.Payload.NextToken}, err
	})
}

// FinancialEventGroup is one settlement as Finances sees it. It names no marketplace.
type FinancialEventGroup struct {
	ID               string `json:"FinancialEventGroupId,omitzero"`
	ProcessingStatus string `json:"ProcessingStatus,omitzero"` // "Open" or "Closed"
	// FundTransferStatus is free text; seen: Succeeded, Processing, Failed, Unknown.
	FundTransferStatus string `json:"FundTransferStatus,omitzero"`
	// OriginalTotal is what was paid out (+) or charged (-) in the marketplace's currency, of an open group its balance
	// now. It can be missing even on closed groups.
	OriginalTotal    Money     `json:"OriginalTotal,omitzero"`
	ConvertedTotal   Money     `json:"ConvertedTotal,omitzero"`   // in the currency of the seller's bank
	FundTransferDate time.Time `json:"FundTransferDate,omitzero"` // of a closed group
	TraceID          string    `json:"TraceId,omitzero"`          // joins the bank statement's line
	AccountTail      string    `json:"AccountTail,omitzero"`
	BeginningBalance Money     `json:"BeginningBalance,omitzero"`
	Start            time.Time `json:"FinancialEventGroupStart,omitzero"`
	End              time.Time `json:"FinancialEventGroupEnd,omitzero"`
}

// EventsQuery selects financial events.
type EventsQuery struct {
	PostedAfter  time.Time
	PostedBefore time.Time // at most 180 days after PostedAfter; zero: two minutes ago
	// PageSize is 1 to 100; 0 means 100. Amazon answers 400 to a page of more than 10 MB: ask for fewer then.
	PageSize int
}

// Events yields the events of a period, a page at a time, without empty pages. Events of the last 48 hours can be missing, and late ones appear
// for weeks. An event does not name its group; to reconcile a settlement, use EventsByGroup.
//
// SP-API: listFinancialEvents, GET /finances/v0/financialEvents, 0.5 a second, burst 30. Removed on 2027-08-27.
func (s *FinancesV0) Events(ctx context.Context, q EventsQuery) iter.Seq2[FinancialEvents, error] {
	return s.events(ctx, "financesV0.listFinancialEvents", q, "finances", "v0", "financialEvents")
}

// EventsByGroup yields the events of one event group, a page at a time. Deferred events are absent until they are released.
//
// SP-API: listFinancialEventsByGroupId, GET /finances/v0/financialEventGroups/{eventGroupId}/financialEvents, 0.5 a second,
// burst 30. Removed on 2027-08-27.
func (s *FinancesV0) EventsByGroup(ctx context.Context, groupID string, q EventsQuery) iter.Seq2[FinancialEvents, error] {
	return s.events(ctx, "financesV0.listFinancialEventsByGroupId", q, "finances", "v0", "financialEventGroups", groupID, "financialEvents")
}

// EventsByOrder yields the events of one order, a page at a time. pageSize is 1 to 100; 0 means 100.
//
// SP-API: listFinancialEventsByOrderId, GET /finances/v0/orders/{orderId}/financialEvents, 0.5 a second, burst 30.
// Removed on 2027-08-27.
func (s *FinancesV0) EventsByOrder(ctx context.Context, orderID string, pageSize int) iter.Seq2[FinancialEvents, error] {
	return s.events(ctx, "financesV0.listFinancialEventsByOrderId", EventsQuery{PageSize: pageSize}, "finances", "v0", "orders", orderID, "financialEvents")
}

func (s *FinancesV0) events(ctx context.Context, op string, q EventsQuery, path ...string) iter.Seq2[FinancialEvents, error] {
	if err := window(op, "PostedAfter", "PostedBefore", q.PostedAfter, q.PostedBefore); err != nil {
		return failed[FinancialEvents](err)
	}
	if !q.PostedBefore.IsZero() && q.PostedAfter.IsZero() {
		return failed[FinancialEvents](invalid(op, "PostedBefore needs PostedAfter"))
	}
	if q.PageSize == 0 {
		q.PageSize = 100
	}
	return pages(op, nil, func(token string) (page[FinancialEvents], error) {
		v := query{}
		v.number("MaxResultsPerPage", q.PageSize)
		v.at("PostedAfter", q.PostedAfter)
		v.at("PostedBefore", q.PostedBefore)
		v.text("NextToken", token)
		answer, err := get[payload[struct {
			Events    *FinancialEvents `json:"FinancialEvents"`
			NextToken string           `json:"NextToken"`
		}]](ctx, s.client, op, v, path...)
		p := page[FinancialEvents]{next: answer.Payload.NextToken}
		if e := answer.Payload.Events; e != nil {
			p.items = []FinancialEvents{}
			if !e.isEmpty() {
				p.items = append(p.items, *e)
			}
		}
		return p, err
	})
}
