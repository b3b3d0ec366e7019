package spapitest

import (
	"encoding/base64"
	"hash/fnv"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

type wireGroup struct {
	ID               string   `json:"FinancialEventGroupId"`
	ProcessingStatus string   `json:"ProcessingStatus"`
	TransferStatus   string   `json:"FundTransferStatus,omitempty"`
	OriginalTotal    *moneyV0 `json:"OriginalTotal"`
	ConvertedTotal   *moneyV0 `json:"ConvertedTotal,omitempty"`
	TransferDate     *instant `json:"FundTransferDate,omitempty"`
	TraceID          string   `json:"TraceId,omitempty"`
	AccountTail      string   `json:"AccountTail,omitempty"`
	BeginningBalance *moneyV0 `json:"BeginningBalance"`
	Start            instant  `json:"FinancialEventGroupStart"`
	End              *instant `json:"FinancialEventGroupEnd,omitempty"`
}

func listFinancialEventGroups(c *call) (any, error) {
	size, err := c.count("MaxResultsPerPage", 10, 100)
	if err != nil {
		return nil, err
	}
	items, next, err := c.paged("NextToken", size, func() (func(int, int) ([]any, bool), error) {
		list, err := c.groups()
		return of(list), err
	})
	if err != nil {
		return nil, err
	}
	for i := range items {
		g := items[i].(wireGroup) // groups returns nothing else
		if g.ProcessingStatus != "Closed" {
			continue
		}
		if c.hit(NullTotal) {
			g.OriginalTotal = nil
		} else if c.query.Has("NextToken") && c.hit(OtherTotal) {
			g.OriginalTotal = amountV0(g.OriginalTotal.Amount.minor+1, g.OriginalTotal.Code)
		}
		items[i] = g
	}
	type payload struct {
		NextToken string `json:"NextToken,omitempty"`
		List      []any  `json:"FinancialEventGroupList"`
	}
	return map[string]payload{"payload": {next, items}}, nil
}

func (c *call) groups() ([]wireGroup, error) {
	before, err := c.instant("FinancialEventGroupStartedBefore", c.now.Add(-lag))
	if err != nil {
		return nil, err
	}
	after, err := c.instant("FinancialEventGroupStartedAfter", time.Time{})
	if err != nil {
		return nil, err
	}
	switch {
	case before.After(c.now.Add(-lag)) || after.After(c.now.Add(-lag)):
		return nil, invalid("Date range is invalid: dates must be more than two minutes before the request.", "")
	case !after.IsZero() && !before.After(after):
		return nil, invalid("FinancialEventGroupStartedBefore must be after FinancialEventGroupStartedAfter.", "")
	case !after.IsZero() && before.Sub(after) > span:
		return nil, nil
	}
	var list []wireGroup
	last := map[string]settlementtest.Settlement{} // by store and currency
	for _, st := range c.seller().Settlements {
		key := st.Marketplace + st.Currency
		if st.End.After(last[key].End) {
			last[key] = st
		}
		list = append(list, c.group(st))
	}
	for _, st := range last { // what has gathered since
		h := fnv.New64a()
		_, _ = h.Write([]byte(st.EventGroup))
		zero := amountV0(min(st.Total, 0), st.Currency)
		list = append(list, wireGroup{
			ID: base64.RawURLEncoding.EncodeToString(h.Sum([]byte("open-"))), ProcessingStatus: "Open",
			OriginalTotal: zero, BeginningBalance: zero, Start: instant(st.End),
		})
	}
	list = slices.DeleteFunc(list, func(g wireGroup) bool {
		start := time.Time(g.Start)
		return start.Before(after) || !start.Before(before)
	})
	slices.SortStableFunc(list, func(x, y wireGroup) int { return time.Time(y.Start).Compare(time.Time(x.Start)) })
	return list, nil
}

// group is the event group of a settlement: open until its period ends.
func (c *call) group(st settlementtest.Settlement) wireGroup {
	opening := c.amazon.factsOf(st).opening
	g := wireGroup{
		ID: st.EventGroup, ProcessingStatus: "Open", OriginalTotal: amountV0(opening, st.Currency),
		BeginningBalance: amountV0(opening, st.Currency), Start: instant(st.Start),
	}
	if st.End.After(c.now) {
		return g
	}
	end := instant(st.End)
	g.ProcessingStatus, g.End = "Closed", &end
	g.OriginalTotal, g.ConvertedTotal = amountV0(st.Total, st.Currency), amountV0(st.Total, st.Currency)
	step, _ := st.Payout.StatusAt(c.now)
	at := instant(step.At)
	switch step.Status {
	case "PAID":
		g.TransferStatus, g.TransferDate = "Succeeded", &at
	case "FAILED":
		g.TransferStatus, g.TransferDate = "Failed", &at
	case "NO_PAYOUT":
		g.TransferStatus = "Unknown"
	default:
		g.TransferStatus = "Processing"
	}
	g.TraceID, g.AccountTail = st.Payout.TraceID, st.Payout.AccountTail
	if st.Total <= 0 {
		g.AccountTail = ""
	}
	return g
}
