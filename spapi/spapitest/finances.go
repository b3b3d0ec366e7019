package spapitest

import (
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// span is the longest time that the listings of money answer; a longer one gets an empty answer, not an error.
const span = 180 * 24 * time.Hour

// lag is how far in the past a date must lie to be asked for.
const lag = 2 * time.Minute

type identifier struct {
	Name  string `json:"relatedIdentifierName"`
	Value string `json:"relatedIdentifierValue"`
}

type breakdown struct {
	Type       string      `json:"breakdownType"`
	Amount     money       `json:"breakdownAmount"`
	Breakdowns []breakdown `json:"breakdowns"`
}

type wireTransaction struct {
	Seller struct {
		ID          string `json:"sellingPartnerId"`
		AccountType string `json:"accountType"`
		Marketplace string `json:"marketplaceId"`
	} `json:"sellingPartnerMetadata"`
	Related     []identifier `json:"relatedIdentifiers"`
	Type        string       `json:"transactionType"`
	ID          string       `json:"transactionId"`
	Status      string       `json:"transactionStatus"`
	Description string       `json:"description"`
	Posted      instant      `json:"postedDate"`
	Total       money        `json:"totalAmount"`
	Marketplace struct {
		ID   string `json:"marketplaceId"`
		Name string `json:"marketplaceName"`
	} `json:"marketplaceDetails"`
	Items      []wireItem  `json:"items"`
	Contexts   []any       `json:"contexts"`
	Breakdowns []breakdown `json:"breakdowns"`
}

type wireItem struct {
	Description string           `json:"description"`
	Related     []itemIdentifier `json:"relatedIdentifiers"`
	Total       money            `json:"totalAmount"`
	Breakdowns  []breakdown      `json:"breakdowns"`
	Contexts    []any            `json:"contexts"`
}

type itemIdentifier struct {
	Name  string `json:"itemRelatedIdentifierName"`
	Value string `json:"itemRelatedIdentifierValue"`
}

func listTransactions(c *call) (any, error) {
	items, next, err := c.paged("nextToken", 500, func() (func(int, int) ([]any, bool), error) { return c.transactions() })
	if err != nil {
		return nil, err
	}
	type payload struct {
		NextToken    string `json:"nextToken,omitempty"`
		Transactions []any  `json:"transactions"`
	}
	return map[string]payload{"payload": {next, items}}, nil
}

// transactions reads the parameters and returns the loader.
func (c *call) transactions() (func(int, int) ([]any, bool), error) {
	status, err := c.oneOf("transactionStatus", "DEFERRED", "RELEASED", "DEFERRED_RELEASED")
	if err != nil {
		return nil, err
	}
	name, err := c.oneOf("relatedIdentifierName", "FINANCIAL_EVENT_GROUP_ID", "ORDER_ID")
	if err != nil {
		return nil, err // the others are in the answers but cannot be asked for
	}
	value, market := c.query.Get("relatedIdentifierValue"), c.query.Get("marketplaceId")
	if (name == "") != (value == "") {
		return nil, invalid("relatedIdentifierName and relatedIdentifierValue go together.", "")
	}
	if name == "" && c.query.Get("postedAfter") == "" {
		return nil, invalid("postedAfter is required if no related identifier is given.", "postedAfter")
	}
	newest := c.now.Add(-lag)
	after, err := c.instant("postedAfter", time.Time{})
	if err != nil {
		return nil, err
	}
	before, err := c.instant("postedBefore", newest)
	if err != nil {
		return nil, err
	}
	switch {
	case after.After(newest) || before.After(newest):
		return nil, invalid("postedAfter and postedBefore must be more than two minutes before the request.", "")
	case !before.After(after):
		return nil, invalid("postedBefore must be later than postedAfter.", "")
	case !after.IsZero() && before.Sub(after) > span:
		return of([]wireTransaction(nil)), nil
	}
	s := c.seller()
	now := c.now
	return func(offset, size int) (items []any, more bool) {
		items = []any{}
		s.transactions(now, name, value, func(t settlementtest.Transaction) bool {
			if t.Posted.Before(after) || !t.Posted.Before(before) || (market != "" && market != t.Marketplace) || (status != "" && status != t.Status) {
				return true
			}
			if offset > 0 {
				offset--
				return true
			}
			if len(items) == size {
				more = true
				return false
			}
			items = append(items, s.wire(t))
			return true
		})
		return items, more
	}, nil
}

// transactions yields what a seller has, by settlement; the open deferred ones come last.
func (s SellerAccount) transactions(now time.Time, name, value string, yield func(settlementtest.Transaction) bool) {
	each := func(t settlementtest.Transaction) bool {
		if t.Status == "DEFERRED_RELEASED" && t.Maturity.After(now) {
			t.Status, t.ReleaseID = "DEFERRED", ""
		}
		switch {
		case name == "ORDER_ID" && t.OrderID != value, name == "FINANCIAL_EVENT_GROUP_ID" && t.EventGroup != value:
			return true
		}
		return yield(t)
	}
	for _, st := range s.Settlements {
		if name == "FINANCIAL_EVENT_GROUP_ID" && st.EventGroup != value {
			continue
		}
		for t := range st.Transactions() {
			if !each(t) {
				return
			}
		}
		if name == "FINANCIAL_EVENT_GROUP_ID" {
			continue // deferred twins are in no group
		}
		for t := range st.Deferrals() {
			if !each(t) {
				return
			}
		}
	}
	for _, t := range s.Deferred {
		if !each(t) {
			return
		}
	}
}

func (s SellerAccount) wire(t settlementtest.Transaction) wireTransaction {
	m := settlementtest.MarketplaceOf(t.Marketplace)
	w := wireTransaction{
		Type: t.Type, ID: t.ID, Status: t.Status, Description: t.Description, Posted: instant(t.Posted),
		Total: amount(t.Amount, t.Currency), Items: []wireItem{}, Contexts: []any{}, Related: []identifier{},
	}
	w.Seller.ID, w.Seller.AccountType, w.Seller.Marketplace = s.ID, "Standard Orders", t.Marketplace
	w.Marketplace.ID, w.Marketplace.Name = m.ID, m.Name
	for _, id := range []identifier{
		{"ORDER_ID", t.OrderID},
		{"SHIPMENT_ID", t.ShipmentID},
		{"REFUND_ID", t.RefundID},
		{"SETTLEMENT_ID", t.SettlementID},
		{"FINANCIAL_EVENT_GROUP_ID", t.EventGroup},
		{"DEFERRED_TRANSACTION_ID", t.DeferredID},
		{"RELEASE_TRANSACTION_ID", t.ReleaseID},
	} {
		if id.Value != "" {
			w.Related = append(w.Related, id)
		}
	}
	if t.DeferralReason != "" {
		w.Contexts = append(w.Contexts, struct {
			Type     string  `json:"contextType"`
			Reason   string  `json:"deferralReason"`
			Maturity instant `json:"maturityDate"`
		}{"DeferredContext", t.DeferralReason, instant(t.Maturity)})
	}
	w.Breakdowns = breakdowns(t.Rows, t.Currency)
	for _, rows := range byItem(t.Rows) {
		w.Items = append(w.Items, item(rows, t.Currency))
	}
	return w
}

// byItem splits a transaction's rows by order item; rows of no item are left out.
func byItem(rows []settlementtest.Row) [][]settlementtest.Row {
	var list [][]settlementtest.Row
	for _, r := range rows {
		if r.OrderItemCode == "" {
			continue
		}
		i := slices.IndexFunc(list, func(l []settlementtest.Row) bool { return l[0].OrderItemCode == r.OrderItemCode })
		if i < 0 {
			i, list = len(list), append(list, nil)
		}
		list[i] = append(list[i], r)
	}
	return list
}

// item is the part of a transaction that concerns one order item.
func item(rows []settlementtest.Row, currency string) wireItem {
	first := rows[0]
	it := wireItem{Description: first.SKU, Related: []itemIdentifier{}, Breakdowns: breakdowns(rows, currency)}
	var sum int64
	for _, r := range rows {
		sum += r.Amount
	}
	it.Total = amount(sum, currency)
	if first.MerchantAdjustmentItemID != "" {
		it.Related = append(it.Related, itemIdentifier{"ORDER_ADJUSTMENT_ITEM_ID", first.MerchantAdjustmentItemID})
	}
	it.Contexts = []any{struct {
		Type     string `json:"contextType"`
		ASIN     string `json:"asin"`
		SKU      string `json:"sku"`
		Quantity int    `json:"quantityShipped,omitempty"`
		Network  string `json:"fulfillmentNetwork"`
	}{"ProductContext", asin(first.SKU), first.SKU, quantity(first.Quantity), first.FulfillmentID}}
	return it
}

// breakdowns is the tree of a set of rows: headings, and under them one leaf for each description. Leaves add up to
// their heading, headings to the total.
func breakdowns(rows []settlementtest.Row, currency string) []breakdown {
	var list []settlementtest.KindSum
	for _, r := range rows {
		k := settlementtest.KindSum{TransactionType: r.TransactionType, AmountType: r.AmountType, AmountDescription: r.AmountDescription}
		i := slices.IndexFunc(list, func(o settlementtest.KindSum) bool {
			return o.TransactionType == k.TransactionType && o.AmountType == k.AmountType && o.AmountDescription == k.AmountDescription
		})
		if i < 0 {
			i, list = len(list), append(list, k)
		}
		list[i].Sum += r.Amount
	}
	return tree(settlementtest.Grouped(list), currency)
}

func tree(groups []settlementtest.GroupSum, currency string) []breakdown {
	list := []breakdown{}
	for _, g := range groups {
		b := breakdown{Type: g.Name, Amount: amount(g.Sum, currency), Breakdowns: []breakdown{}}
		for _, k := range g.Of {
			b.Breakdowns = append(b.Breakdowns, breakdown{k.AmountDescription, amount(k.Sum, currency), []breakdown{}})
		}
		list = append(list, b)
	}
	return list
}
