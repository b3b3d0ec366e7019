package spapitest

import (
	"cmp"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

type partner struct {
	ID          string `json:"partnerId"`
	AccountType string `json:"accountType"`
	Marketplace string `json:"marketplaceId"`
}

type wireSummary struct {
	Partner     partner      `json:"partnerMetadata"`
	NetProceeds money        `json:"netProceeds"`
	Related     []identifier `json:"relatedIdentifiers,omitempty"`
	Breakdowns  []breakdown  `json:"breakdowns"`
	Start       instant      `json:"periodStart"`
	End         instant      `json:"periodEnd"`
}

func listSummary(c *call) (any, error) {
	items, next, err := c.paged("nextToken", 100, func() (func(int, int) ([]any, bool), error) {
		list, err := c.summaries()
		return of(list), err
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Summaries []any  `json:"summaries"`
		NextToken string `json:"nextToken,omitempty"`
	}{items, next}, nil
}

func (c *call) summaries() ([]wireSummary, error) {
	name, err := c.oneOf("relatedIdentifierName", "SETTLEMENT_ID")
	if err != nil {
		return nil, err
	}
	id := c.query.Get("relatedIdentifierValue")
	markets, err := c.list("marketplaceIds", 100)
	if err != nil {
		return nil, err
	}
	from, err := c.instant("periodStart", time.Time{})
	if err != nil {
		return nil, err
	}
	to, err := c.instant("periodEnd", time.Time{})
	if err != nil {
		return nil, err
	}
	if (name == "") != (id == "") {
		return nil, invalid("relatedIdentifierName and relatedIdentifierValue go together.", "")
	}
	if name == "" && (from.IsZero() || to.IsZero() || to.Before(from)) {
		return nil, invalid("Either relatedIdentifierName and relatedIdentifierValue, or periodStart and periodEnd in order.", "")
	}
	if account := c.query.Get("accountType"); account != "" && account != "Standard Orders" {
		return nil, nil
	}
	s := c.seller()
	var list []wireSummary
	for _, st := range s.Settlements {
		if st.End.After(c.now) || !anyOf(markets, []string{st.Marketplace}) {
			continue
		}
		if name != "" && st.ID == id {
			f := c.amazon.factsOf(st)
			list = append(list, wireSummary{
				Partner: partner{s.ID, "Standard Orders", st.Marketplace}, NetProceeds: amount(st.Total, st.Currency),
				Related: []identifier{{"SETTLEMENT_ID", st.ID}}, Breakdowns: tree(f.groups, st.Currency), Start: instant(st.Start), End: instant(st.End),
			})
		}
	}
	if name == "" {
		list = s.periodSummaries(from, to.Add(24*time.Hour), markets, c.now)
	}
	return list, nil
}

// periodSummaries adds up the rows posted in [from, to), store by store.
func (s SellerAccount) periodSummaries(from, to time.Time, markets []string, now time.Time) []wireSummary {
	var list []wireSummary
	byStore := map[[2]string][]settlementtest.Row{}
	for _, st := range s.Settlements {
		if !st.Start.Before(to) || st.End.Before(from) || !anyOf(markets, []string{st.Marketplace}) {
			continue
		}
		key := [2]string{st.Marketplace, st.Currency}
		for r := range st.Rows() {
			if !r.Posted.Before(from) && r.Posted.Before(to) && !r.Posted.After(now) {
				byStore[key] = append(byStore[key], r)
			}
		}
	}
	for key, rows := range byStore {
		var sum int64
		for _, r := range rows {
			sum += r.Amount
		}
		list = append(list, wireSummary{
			Partner: partner{s.ID, "Standard Orders", key[0]}, NetProceeds: amount(sum, key[1]),
			Breakdowns: breakdowns(rows, key[1]), Start: instant(from), End: instant(to.Add(-time.Second)),
		})
	}
	slices.SortFunc(list, func(x, y wireSummary) int {
		return cmp.Or(cmp.Compare(x.Partner.Marketplace, y.Partner.Marketplace), cmp.Compare(x.NetProceeds.Code, y.NetProceeds.Code))
	})
	return list
}

// facts are figures of a settlement that take a pass over its rows.
type facts struct {
	groups  []settlementtest.GroupSum
	opening int64 // the debt that was carried in
	reserve int64 // what was held back: 0 or negative
}

func (a *Amazon) factsOf(st settlementtest.Settlement) *facts {
	a.mu.Lock()
	f := a.facts[st.SellerID+st.ID]
	a.mu.Unlock()
	if f != nil {
		return f
	}
	f = &facts{groups: st.Summary()}
	for _, g := range f.groups {
		for _, k := range g.Of {
			switch k.AmountDescription {
			case "Payable to Amazon":
				f.opening += k.Sum
			case "Current Reserve Amount":
				f.reserve += k.Sum
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.facts[st.SellerID+st.ID] = f
	return f
}
