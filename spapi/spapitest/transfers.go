package spapitest

import (
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

type payoutStep struct {
	Status        string  `json:"status"`
	Updated       instant `json:"lastUpdatedDate"`
	FailureReason string  `json:"failureReason,omitempty"`
}

type wirePayout struct {
	ID            string       `json:"id"`
	Partner       partner      `json:"partnerMetadata"`
	CurrentStatus string       `json:"currentStatus"`
	History       []payoutStep `json:"statusHistory"`
	Type          *string      `json:"type"`   // null without a payout
	Amount        *money       `json:"amount"` // null without a payout
	AccountTail   string       `json:"accountTail,omitempty"`
	PaymentMethod string       `json:"paymentMethod,omitempty"`
	Created       instant      `json:"creationDate"`
	PaymentRail   string       `json:"paymentRail,omitempty"`
	TraceID       string       `json:"traceId,omitempty"`
	Period        period       `json:"period"`
	Related       []identifier `json:"relatedIdentifiers"`
}

type period struct {
	Start instant `json:"startDate"`
	End   instant `json:"endDate"`
}

func listPayouts(c *call) (any, error) {
	items, next, err := c.paged("nextToken", 10, func() (func(int, int) ([]any, bool), error) {
		list, err := c.payouts()
		return of(list), err
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Payouts   []any  `json:"payouts"`
		NextToken string `json:"nextToken,omitempty"`
	}{items, next}, nil
}

func (c *call) payouts() ([]wirePayout, error) {
	markets, err := c.list("marketplaceIds", 100)
	if err != nil {
		return nil, err
	}
	after, err := c.instant("createdAfter", time.Time{})
	if err != nil {
		return nil, err
	}
	before, err := c.instant("createdBefore", c.now.Add(time.Second))
	if err != nil {
		return nil, err
	}
	id, account := c.query.Get("payoutId"), c.query.Get("accountType")
	s := c.seller()
	var list []wirePayout
	for _, st := range s.Settlements {
		p := st.Payout
		last, exists := p.StatusAt(c.now)
		if !exists || st.End.Before(after) || !st.End.Before(before) || !anyOf(markets, []string{st.Marketplace}) ||
			(id != "" && id != p.ID) || (account != "" && account != "STANDARD_ORDERS") {
			continue
		}
		list = append(list, s.payout(st, last.Status, c.now))
	}
	slices.SortStableFunc(list, func(x, y wirePayout) int { return time.Time(y.Created).Compare(time.Time(x.Created)) })
	return list, nil
}

func (s SellerAccount) payout(st settlementtest.Settlement, status string, now time.Time) wirePayout {
	w := wirePayout{
		ID: st.Payout.ID, Partner: partner{s.ID, "STANDARD_ORDERS", st.Marketplace}, CurrentStatus: status, History: []payoutStep{},
		Created: instant(st.End), Period: period{instant(st.Start), instant(st.End)}, Related: []identifier{{"SETTLEMENT_ID", st.ID}},
	}
	for _, step := range st.Payout.History {
		if !step.At.After(now) {
			w.History = append(w.History, payoutStep{step.Status, instant(step.At), step.FailureReason})
		}
	}
	if st.Total > 0 {
		kind, total := "SCHEDULED", amount(st.Total, st.Currency)
		w.Type, w.Amount = &kind, &total
		w.AccountTail, w.PaymentMethod, w.TraceID = st.Payout.AccountTail, "BANK_ACCOUNT", st.Payout.TraceID
		w.PaymentRail = map[string]string{"USD": "ACH", "EUR": "SEPA"}[st.Currency]
	}
	return w
}
