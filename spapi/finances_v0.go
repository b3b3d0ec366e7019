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
