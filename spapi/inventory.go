package spapi

import (
	"context"
	"iter"
	"time"
)

// Inventory is the FBA Inventory API, version 1: what Amazon's warehouses hold for the seller.
type Inventory struct{ client *Client }

// InventoryQuery selects stock of one marketplace.
type InventoryQuery struct {
	MarketplaceID string    // required
	Details       bool      // fill InventorySummary.Details
	SKUs          []string  // at most 50; none: all
	SKU           string    // one, also if it has a comma
	Since         time.Time // only what changed since then, at most 18 months ago; zero: all
}

// Summaries yields the stock of each SKU. Read it without pauses: Amazon's page token lives 30 seconds.
//
// SP-API: getInventorySummaries, GET /fba/inventory/v1/summaries, 2 a second, burst 2.
func (s *Inventory) Summaries(ctx context.Context, q InventoryQuery) iter.Seq2[InventorySummary, error] {
	const op = "inventory.getInventorySummaries"
	switch {
	case q.MarketplaceID == "":
		return failed[InventorySummary](invalid(op, "InventoryQuery.MarketplaceID is required"))
	case len(q.SKUs) > 50:
		return failed[InventorySummary](invalid(op, "InventoryQuery.SKUs must name at most 50"))
	}
	if err := noCommas(op, q.SKUs); err != nil {
		return failed[InventorySummary](err)
	}
	return pages(op, nil, func(token string) (page[InventorySummary], error) {
		v := query{"granularityType": {"Marketplace"}, "granularityId": {q.MarketplaceID}}
		v.text("marketplaceIds", q.MarketplaceID)
		if q.Details {
			v.text("details", "true")
		}
		list(v, "sellerSkus", q.SKUs)
		v.text("sellerSku", q.SKU)
		v.at("startDateTime", q.Since)
		v.text("nextToken", token)
		answer, err := get[inventoryAnswer](ctx, s.client, op, v, "fba", "inventory", "v1", "summaries")
		return page[InventorySummary]{answer.Payload.InventorySummaries, answer.Pagination.NextToken}, err
	})
}

type inventoryAnswer struct {
	payload[struct {
		Granularity struct { // what was asked for
			Type string `json:"granularityType"`
			ID   string `json:"granularityId"`
		} `json:"granularity"`
		InventorySummaries []InventorySummary `json:"inventorySummaries"`
	}]
	Pagination pagination `json:"pagination"`
}
