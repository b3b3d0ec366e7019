package spapitest

import (
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

type wireBalance struct {
	Partner partner       `json:"partnerMetadata"`
	Type    string        `json:"balanceType"`
	Amount  money         `json:"amount"`
	Parts   []wireBalance `json:"balances,omitempty"`
	AsOf    *instant      `json:"asOfDate,omitempty"`
	Updated instant       `json:"lastUpdatedTime"`
}

// stream is the chain of settlements of one store and currency.
type stream struct {
	marketplace, currency string
	list                  []settlementtest.Settlement // ended, oldest first
}

// streams returns what has ended by then.
func (s SellerAccount) streams(by time.Time) []stream {
	var list []stream
	for _, st := range s.Settlements {
		if st.End.After(by) {
			continue
		}
		i := slices.IndexFunc(list, func(x stream) bool { return x.marketplace == st.Marketplace && x.currency == st.Currency })
		if i < 0 {
			i, list = len(list), append(list, stream{marketplace: st.Marketplace, currency: st.Currency})
		}
		list[i].list = append(list[i].list, st)
	}
	for _, x := range list {
		slices.SortFunc(x.list, func(a, b settlementtest.Settlement) int { return a.End.Compare(b.End) })
	}
	return list
}

func listBalances(c *call) (any, error) {
	items, next, err := c.paged("nextToken", 500, func() (func(int, int) ([]any, bool), error) {
		list, err := c.balances()
		return of(list), err
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Balances  []any  `json:"balances"`
		NextToken string `json:"nextToken,omitempty"`
	}{items, next}, nil
}

func (c *call) balances() ([]wireBalance, error) {
	markets, err := c.list("marketplaceIds", 100)
	if err != nil {
		return nil, err
	}
	kind, err := c.oneOf("balanceType", "AVAILABLE", "RESERVED", "ACCOUNT_LEVEL_RESERVE", "DEFERRED", "TOTAL")
	if err != nil {
		return nil, err
	}
	at, err := c.instant("asOfDate", c.now)
	if err != nil {
		return nil, err
	}
	var asOf *instant
	if c.query.Has("asOfDate") {
		asOf = (*instant)(&at)
		at = at.Add(24*time.Hour - time.Second) // a balance at the day's end
	}
	if account := c.query.Get("accountType"); account != "" && account != "Standard Orders" {
		return nil, nil
	}
	s := c.seller()
	var list []wireBalance
	for _, x := range s.streams(at) {
		if !anyOf(markets, []string{x.marketplace}) {
			continue
		}
		last := x.list[len(x.list)-1]
		reserve := -c.amazon.factsOf(last).reserve
		available := min(last.Total, 0) // what was positive has been paid out
		var deferred int64
		for _, t := range s.Deferred {
			if t.Marketplace == x.marketplace && t.Currency == x.currency && !t.Posted.After(at) && t.Maturity.After(at) {
				deferred += t.Amount
			}
		}
		b := func(kind string, minor int64, parts ...wireBalance) wireBalance {
			return wireBalance{partner{s.ID, "Standard Orders", x.marketplace}, kind, amount(minor, x.currency), parts, asOf, instant(c.now)}
		}
		held := []wireBalance{b("DEFERRED", deferred), b("ACCOUNT_LEVEL_RESERVE", reserve)}
		parts := []wireBalance{b("AVAILABLE", available), b("RESERVED", deferred+reserve, held...)}
		all := slices.Concat([]wireBalance{b("TOTAL", available+deferred+reserve, parts...)}, parts, held)
		if kind == "" {
			list = append(list, all[0])
		} else {
			list = append(list, all[slices.IndexFunc(all, func(w wireBalance) bool { return w.Type == kind })])
		}
	}
	return list, nil
}

type wireExpected struct {
	Partner       partner `json:"partnerMetadata"`
	Amount        *money  `json:"amount"` // null when no payout is expected
	Status        string  `json:"status"`
	Period        period  `json:"period"`
	Scheduled     instant `json:"scheduledDate"`
	AccountTail   string  `json:"accountTail"`
	PaymentMethod string  `json:"paymentMethod"`
}

// listExpectedPayouts tells of the period that runs now: it ends as long after its start as the one before it did, and
// pays what is held back.
func listExpectedPayouts(c *call) (any, error) {
	items, next, err := c.paged("nextToken", 100, func() (func(int, int) ([]any, bool), error) {
		markets, err := c.list("marketplaceIds", 100)
		if err != nil {
			return nil, err
		}
		s := c.seller()
		var list []wireExpected
		for _, x := range s.streams(c.now) {
			if account := c.query.Get("accountType"); !anyOf(markets, []string{x.marketplace}) || (account != "" && account != "STANDARD_ORDERS") {
				continue
			}
			last := x.list[len(x.list)-1]
			end := last.End.Add(last.End.Sub(last.Start))
			w := wireExpected{
				Partner: partner{s.ID, "STANDARD_ORDERS", x.marketplace}, Status: "NO_PAYOUT_EXPECTED", Period: period{instant(last.End), instant(end)},
				Scheduled: instant(end), AccountTail: last.Payout.AccountTail, PaymentMethod: "BANK_ACCOUNT",
			}
			if expected := min(last.Total, 0) - c.amazon.factsOf(last).reserve; expected > 0 {
				total := amount(expected, x.currency)
				w.Amount, w.Status = &total, "SCHEDULED"
			}
			list = append(list, w)
		}
		return of(list), nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Expected  []any  `json:"expectedPayouts"`
		NextToken string `json:"nextToken,omitempty"`
	}{items, next}, nil
}

func getPaymentMethods(c *call) (any, error) {
	market := c.query.Get("marketplaceId")
	if market == "" {
		return nil, invalid("One or more required parameters missing", "marketplaceId;")
	}
	kinds, err := c.list("paymentMethodTypes", 3)
	if err != nil {
		return nil, err
	}
	s := c.seller()
	if !slices.Contains(s.MarketplaceIDs, market) {
		return nil, invalid("Validation failed for obfuscatedId:"+s.ID, "")
	}
	country := settlementtest.MarketplaceOf(market).Country
	list := []map[string]any{}
	for _, m := range []map[string]any{
		{"paymentMethodType": "BANK_ACCOUNT", "paymentMethodId": "0h_TU_CUS_bank", "accountHolderName": s.Name, "countryCode": country, "tail": "677", "assignmentType": "DEFAULT_DEPOSIT_METHOD"},
		{"paymentMethodType": "CARD", "paymentMethodId": "0h_TU_CUS_card", "accountHolderName": s.Name, "countryCode": country, "tail": "321", "expiryDate": map[string]string{"month": "3", "year": "2029"}},
	} {
		if kind, ok := m["paymentMethodType"].(string); ok && anyOf(kinds, []string{kind}) {
			list = append(list, m)
		}
	}
	return map[string]any{"paymentMethods": list}, nil
}

// initiatePayout takes the order, once in 24 hours for each store and only in eight European ones. The fake moves no
// money: no settlement is closed early.
func initiatePayout(c *call) (any, error) {
	var body struct {
		MarketplaceID string `json:"marketplaceId"`
		AccountType   string `json:"accountType"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	stores := []string{"A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1RKKUPIHCS9HS", "A2NODRKZP88ZB9", "A1805IZSGTT6HS", "A1C3SOZRARQ6R3", "AMEN7PMS3EDWL"}
	if !slices.Contains(stores, body.MarketplaceID) || body.AccountType != "Standard Orders" {
		return nil, invalid("The input request had one or more invalid input parameters.", "The following input parameters are invalid : [ marketplaceId, accountType ].")
	}
	key := c.seller().ID + body.MarketplaceID
	c.amazon.mu.Lock()
	last, again := c.amazon.payouts[key]
	if !again || c.now.Sub(last) >= 24*time.Hour {
		c.amazon.payouts[key] = c.now
		again = false
	}
	c.amazon.mu.Unlock()
	if again {
		return nil, invalid("A payout was initiated for this marketplace and account type within the last 24 hours.", "")
	}
	return map[string]string{"payoutReferenceId": "on-demand-" + asin(key+c.now.String())}, nil
}
