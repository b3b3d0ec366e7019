package spapi

import (
	"context"
	"iter"
	"time"
)

// Orders is the Orders API, version 2026-01-01. Buyer and recipient are personal data and need a role of their own.
type Orders struct{ client *Client }

// OrderData names a part of an order that must be asked for.
type OrderData string

// The parts of an order that must be asked for.
const (
	OrderWithBuyer             OrderData = "BUYER"
	OrderWithRecipient         OrderData = "RECIPIENT"
	OrderWithProceeds          OrderData = "PROCEEDS"
	OrderWithExpense           OrderData = "EXPENSE"
	OrderWithPromotion         OrderData = "PROMOTION"
	OrderWithCancellation      OrderData = "CANCELLATION"
	OrderWithFulfillment       OrderData = "FULFILLMENT"
	OrderWithPackages          OrderData = "PACKAGES"
	OrderWithTax               OrderData = "TAX"
	OrderWithPayment           OrderData = "PAYMENT"
	OrderWithFulfillmentOrders OrderData = "FULFILLMENT_ORDERS"
)

// OrderFulfiller is who ships.
type OrderFulfiller string

// Who ships.
const (
	FulfilledByMerchant OrderFulfiller = "MERCHANT"
	FulfilledByAmazon   OrderFulfiller = "AMAZON"
)

// OrdersQuery selects orders: by creation or by last update, not by both.
type OrdersQuery struct {
	CreatedAfter      time.Time // inclusive
	CreatedBefore     time.Time
	LastUpdatedAfter  time.Time // inclusive
	LastUpdatedBefore time.Time
	Statuses          []OrderFulfillmentStatus
	MarketplaceIDs    []string // at most 50
	FulfilledBy       []OrderFulfiller
	Include           []OrderData
	PageSize          int // 1 to 100; 0 means 100
}

func (q OrdersQuery) check(op string) error {
	switch {
	case q.CreatedAfter.IsZero() == q.LastUpdatedAfter.IsZero():
		return invalid(op, "OrdersQuery needs either CreatedAfter or LastUpdatedAfter")
	case !q.CreatedAfter.IsZero() && !q.LastUpdatedBefore.IsZero(), !q.LastUpdatedAfter.IsZero() && !q.CreatedBefore.IsZero():
		return invalid(op, "OrdersQuery mixes creation and update times")
	case len(q.MarketplaceIDs) > 50:
		return invalid(op, "OrdersQuery.MarketplaceIDs must name at most 50")
	case q.PageSize < 0 || q.PageSize > 100:
		return invalid(op, "OrdersQuery.PageSize must be 1 to 100")
	}
	return nil
}

// Search yields the orders that match.
//
// SP-API: searchOrders, GET /orders/2026-01-01/orders, 0.0056 a second (one in three minutes), burst 20.
func (s *Orders) Search(ctx context.Context, q OrdersQuery) iter.Seq2[Order, error] {
	const op = "orders.searchOrders"
	if err := q.check(op); err != nil {
		return failed[Order](err)
	}
	return pages(op, func(o Order) string { return o.ID }, func(token string) (page[Order], error) {
		v := query{}
		v.at("createdAfter", q.CreatedAfter)
		v.at("createdBefore", q.CreatedBefore)
		v.at("lastUpdatedAfter", q.LastUpdatedAfter)
		v.at("lastUpdatedBefore", q.LastUpdatedBefore)
		list(v, "fulfillmentStatuses", q.Statuses)
		list(v, "marketplaceIds", q.MarketplaceIDs)
		list(v, "fulfilledBy", q.FulfilledBy)
		list(v, "includedData", q.Include)
		v.number("maxResultsPerPage", q.PageSize)
		v.text("paginationToken", token)
		answer, err := get[struct {
			Orders     []Order    `json:"orders"`
			Pagination pagination `json:"pagination"`
			// When the search was made; of no use once the pages are read.
			LastUpdatedBefore time.Time `json:"lastUpdatedBefore"`
			CreatedBefore     time.Time `json:"createdBefore"`
		}](ctx, s.client, op, v, "orders", "2026-01-01", "orders")
		return page[Order]{answer.Orders, answer.Pagination.NextToken}, err
	})
}

// Order returns one order with the parts that are asked for.
//
// SP-API: getOrder, GET /orders/2026-01-01/orders/{orderId}, 0.5 a second, burst 30.
func (s *Orders) Order(ctx context.Context, orderID string, include ...OrderData) (Order, error) {
	v := query{}
	list(v, "includedData", include)
	answer, err := get[struct {
		Order Order `json:"order"`
	}](ctx, s.client, "orders.getOrder", v, "orders", "2026-01-01", "orders", orderID)
	return answer.Order, err
}
