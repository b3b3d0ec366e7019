package spapitest

import (
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// orderMoney is the Money of Orders 2026-01-01: the amount is text there.
type orderMoney struct {
	Amount   string `json:"amount"`
	Currency string `json:"currencyCode"`
}

func moneyText(minor int64, currency string) orderMoney {
	return orderMoney{settlementtest.Decimal(minor, currency), currency}
}

var includedOrderData = []string{"BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"}

// placed is when the buyer ordered: the money is posted when the parcel leaves, two days later.
func placed(t settlementtest.Transaction) time.Time { return t.Posted.AddDate(0, 0, -2) }

func (c *call) included(known []string) ([]string, error) {
	list, err := c.list("includedData", len(known))
	if err != nil {
		return nil, err
	}
	for _, word := range list {
		if !slices.Contains(known, word) {
			return nil, invalid("Invalid value of includedData.", word)
		}
	}
	return list, nil
}

func searchOrders(c *call) (any, error) {
	size, err := c.count("maxResultsPerPage", 100, 100)
	if err != nil {
		return nil, err
	}
	before := c.now.Add(-lag)
	items, next, err := c.paged("paginationToken", size, c.orderLoader)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"orders": items}
	if next != "" {
		answer["pagination"] = map[string]string{"nextToken": next}
	}
	if c.query.Has("createdAfter") {
		answer["createdBefore"] = instant(before)
	} else {
		answer["lastUpdatedBefore"] = instant(before)
	}
	return answer, nil
}

func (c *call) orderLoader() (func(int, int) ([]any, bool), error) {
	created, updated := c.query.Has("createdAfter"), c.query.Has("lastUpdatedAfter")
	if created == updated || (created && c.query.Has("lastUpdatedBefore")) || (updated && c.query.Has("createdBefore")) {
		return nil, invalid("Exactly one of createdAfter and lastUpdatedAfter must be given, with its own Before at most.", "createdAfter;lastUpdatedAfter;")
	}
	name := map[bool]string{true: "created", false: "lastUpdated"}[created]
	after, err := c.instant(name+"After", time.Time{})
	if err != nil {
		return nil, err
	}
	before, err := c.instant(name+"Before", c.now.Add(-lag))
	if err != nil {
		return nil, err
	}
	if before.After(c.now.Add(-lag)) || before.Before(after) {
		return nil, invalid(name+"Before must not be before "+name+"After, and at least two minutes before the request.", "")
	}
	markets, err := c.list("marketplaceIds", 50)
	if err != nil {
		return nil, err
	}
	statuses, err := c.list("fulfillmentStatuses", 7)
	if err != nil {
		return nil, err
	}
	parties, err := c.list("fulfilledBy", 2)
	if err != nil {
		return nil, err
	}
	data, err := c.included(includedOrderData)
	if err != nil {
		return nil, err
	}
	s, now := c.seller(), c.now
	return func(offset, size int) (items []any, more bool) {
		items = []any{}
		s.orders(now, func(t settlementtest.Transaction) bool {
			at := t.Posted
			if created {
				at = placed(t)
			}
			if at.Before(after) || at.After(before) || !anyOf(markets, []string{t.Marketplace}) || !anyOf(statuses, []string{"SHIPPED"}) || !anyOf(parties, []string{party(t)}) {
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
			items = append(items, orderOf(t, data))
			return true
		})
		return items, more
	}, nil
}

func getOrder(c *call) (any, error) {
	data, err := c.included(includedOrderData)
	if err != nil {
		return nil, err
	}
	var found any
	c.seller().orders(c.now, func(t settlementtest.Transaction) bool {
		if t.OrderID == c.vars["orderId"] {
			found = orderOf(t, data)
		}
		return found == nil
	})
	if found == nil {
		return nil, notFound("orderId " + c.vars["orderId"])
	}
	return map[string]any{"order": found}, nil
}

// orders yields the shipments of all of Amazon's own orders: those settled and those whose money is deferred.
func (s SellerAccount) orders(now time.Time, yield func(settlementtest.Transaction) bool) {
	s.transactions(now, "", "", func(t settlementtest.Transaction) bool {
		if t.Type != "Shipment" || t.ReleaseID != "" || t.Posted.After(now) || len(byItem(t.Rows)) == 0 {
			return true // a deferred twin shows the order a second time; multi-channel orders are another shop's
		}
		return yield(t)
	})
}

func party(t settlementtest.Transaction) string {
	if t.Rows[0].FulfillmentID == "MFN" {
		return "MERCHANT"
	}
	return "AMAZON"
}

func orderOf(t settlementtest.Transaction, data []string) map[string]any {
	m := settlementtest.MarketplaceOf(t.Marketplace)
	with := func(word string) bool { return slices.Contains(data, word) }
	order := map[string]any{
		"orderId": t.OrderID, "createdTime": instant(placed(t)), "lastUpdatedTime": instant(t.Posted),
		"salesChannel": map[string]string{"channelName": "AMAZON", "marketplaceId": m.ID, "marketplaceName": m.Name},
	}
	if with("BUYER") {
		order["buyer"] = map[string]string{"buyerEmail": strings.ToLower(t.ID[:8]) + "@marketplace." + domain(m.Name)}
	}
	if with("RECIPIENT") {
		order["recipient"] = map[string]any{"deliveryAddress": map[string]string{"city": "Example City", "postalCode": "00000", "countryCode": m.Country}}
	}
	if with("FULFILLMENT") {
		order["fulfillment"] = map[string]any{"fulfillmentStatus": "SHIPPED", "fulfilledBy": party(t), "fulfillmentServiceLevel": "STANDARD"}
	}
	if with("PACKAGES") {
		order["packages"] = []any{map[string]any{"packageReferenceId": t.ShipmentID, "shipTime": instant(t.Posted), "packageStatus": map[string]string{"status": "SHIPPED"}}}
	}
	var items []any
	var all proceeds
	for _, rows := range byItem(t.Rows) {
		var p proceeds
		for _, r := range rows {
			p.add(r)
			all.add(r)
		}
		n := max(1, quantity(rows[0].Quantity))
		item := map[string]any{
			"orderItemId": rows[0].OrderItemCode, "quantityOrdered": n,
			"product": map[string]any{
				"asin": asin(rows[0].SKU), "title": rows[0].SKU, "sellerSku": rows[0].SKU,
				"condition": map[string]string{"conditionType": "NEW"}, "price": map[string]any{"unitPrice": moneyText(p.item/int64(n), t.Currency)},
			},
		}
		if with("PROCEEDS") {
			item["proceeds"] = map[string]any{"proceedsTotal": moneyText(p.sum(), t.Currency), "breakdowns": p.breakdowns(t.Currency)}
		}
		if with("PROMOTION") && p.discount != 0 {
			item["promotion"] = map[string]any{"breakdowns": []any{map[string]string{"promotionId": "Subscribe & Save Promotion V2"}}}
		}
		if with("FULFILLMENT") {
			item["fulfillment"] = map[string]int{"quantityFulfilled": n, "quantityUnfulfilled": 0}
		}
		items = append(items, item)
	}
	order["orderItems"] = items
	if with("PROCEEDS") {
		order["proceeds"] = map[string]any{"grandTotal": moneyText(all.sum(), t.Currency), "breakdowns": all.breakdowns(t.Currency)}
	}
	return order
}

// proceeds is what the buyer pays.
type proceeds struct{ item, shipping, tax, discount int64 }

func (p *proceeds) add(r settlementtest.Row) {
	switch {
	case r.AmountType == "Promotion":
		p.discount += r.Amount
	case r.AmountType != "ItemPrice":
	case r.AmountDescription == "Principal":
		p.item += r.Amount
	case r.AmountDescription == "Shipping":
		p.shipping += r.Amount
	default:
		p.tax += r.Amount
	}
}

func (p *proceeds) sum() int64 { return p.item + p.shipping + p.tax + p.discount }

func (p *proceeds) breakdowns(currency string) []any {
	var list []any
	for _, b := range []struct {
		kind  string
		minor int64
	}{{"ITEM", p.item}, {"SHIPPING", p.shipping}, {"TAX", p.tax}, {"DISCOUNT", p.discount}} {
		if b.minor != 0 {
			list = append(list, map[string]any{"type": b.kind, "subtotal": moneyText(b.minor, currency)})
		}
	}
	return list
}
