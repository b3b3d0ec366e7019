package spapitest

import (
	"slices"
	"strings"
	"time"
)

// products are the SKUs that the seller's settlements name, in order of first appearance in the alphabet.
func (c *call) products() []string {
	s := c.seller()
	c.amazon.mu.Lock()
	list, ok := c.amazon.products[s.ID]
	c.amazon.mu.Unlock()
	if ok {
		return list
	}
	seen := map[string]bool{}
	for _, st := range s.Settlements {
		n := 0
		for r := range st.Rows() {
			if n++; n > 20_000 { // a large report shows all its products long before
				break
			}
			if r.SKU != "" && !seen[r.SKU] {
				seen[r.SKU] = true
				list = append(list, r.SKU)
			}
		}
	}
	slices.Sort(list)
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	c.amazon.products[s.ID] = list
	return list
}

var includedCatalogData = []string{"attributes", "classifications", "dimensions", "identifiers", "images", "productTypes", "relationships", "salesRanks", "summaries", "vendorDetails"}

func catalogItem(sku, marketplace string, data []string) map[string]any {
	item := map[string]any{"asin": asin(sku)}
	if len(data) == 0 || slices.Contains(data, "summaries") {
		item["summaries"] = []any{map[string]any{"marketplaceId": marketplace, "brand": "Example", "itemName": "Example " + sku, "itemClassification": "BASE_PRODUCT", "packageQuantity": 1}}
	}
	if slices.Contains(data, "identifiers") {
		item["identifiers"] = []any{map[string]any{"marketplaceId": marketplace, "identifiers": []any{map[string]string{"identifierType": "SKU", "identifier": sku}}}}
	}
	if slices.Contains(data, "productTypes") {
		item["productTypes"] = []any{map[string]string{"marketplaceId": marketplace, "productType": "KITCHEN"}}
	}
	if slices.Contains(data, "attributes") {
		item["attributes"] = map[string]any{"item_weight": []any{map[string]any{"unit": "pounds", "value": 1, "marketplace_id": marketplace}}}
	}
	return item
}

// market reads the one marketplace that an operation must be told.
func (c *call) market() (string, error) {
	markets, err := c.list("marketplaceIds", 1)
	if err != nil {
		return "", err
	}
	if len(markets) == 0 {
		return "", invalid("One or more required parameters missing", "marketplaceIds;")
	}
	return markets[0], nil
}

func getCatalogItem(c *call) (any, error) {
	market, err := c.market()
	if err != nil {
		return nil, err
	}
	data, err := c.included(includedCatalogData)
	if err != nil {
		return nil, err
	}
	for _, sku := range c.products() {
		if asin(sku) == c.vars["asin"] {
			return catalogItem(sku, market, data), nil
		}
	}
	return nil, notFound("asin " + c.vars["asin"])
}

func searchCatalogItems(c *call) (any, error) {
	market, err := c.market()
	if err != nil {
		return nil, err
	}
	data, err := c.included(includedCatalogData)
	if err != nil {
		return nil, err
	}
	size, err := c.count("pageSize", 10, 20)
	if err != nil {
		return nil, err
	}
	found, err := c.searchProducts()
	if err != nil {
		return nil, err
	}
	items, next, err := c.paged("pageToken", size, func() (func(int, int) ([]any, bool), error) {
		var list []map[string]any
		for _, sku := range found {
			list = append(list, catalogItem(sku, market, data))
		}
		return of(list), nil
	})
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"numberOfResults": len(found), "items": items}
	if next != "" {
		answer["pagination"] = map[string]string{"nextToken": next}
	}
	return answer, nil
}

func (c *call) searchProducts() ([]string, error) {
	ids, err := c.list("identifiers", 20)
	if err != nil {
		return nil, err
	}
	words, err := c.list("keywords", 20)
	if err != nil {
		return nil, err
	}
	kind, err := c.oneOf("identifiersType", "ASIN", "EAN", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
	if err != nil {
		return nil, err
	}
	switch {
	case (len(ids) == 0) == (len(words) == 0):
		return nil, invalid("Either identifiers or keywords must be given.", "identifiers;keywords;")
	case len(ids) > 0 && kind == "":
		return nil, invalid("One or more required parameters missing", "identifiersType;")
	case kind == "SKU" && c.query.Get("sellerId") == "":
		return nil, invalid("One or more required parameters missing", "sellerId;")
	}
	var found []string
	for _, sku := range c.products() {
		match := slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower("Example "+sku), strings.ToLower(w)) })
		if match || (kind == "SKU" && slices.Contains(ids, sku)) || (kind == "ASIN" && slices.Contains(ids, asin(sku))) {
			found = append(found, sku)
		}
	}
	return found, nil
}

func getInventorySummaries(c *call) (any, error) {
	market, err := c.market()
	if err != nil {
		return nil, err
	}
	kind, err := c.oneOf("granularityType", "Marketplace")
	if err != nil {
		return nil, err
	}
	if kind == "" || c.query.Get("granularityId") == "" {
		return nil, invalid("One or more required parameters missing", "granularityType;granularityId;")
	}
	details, err := c.oneOf("details", "true", "false")
	if err != nil {
		return nil, err
	}
	skus, err := c.list("sellerSkus", 50)
	if err != nil {
		return nil, err
	}
	if one := c.query.Get("sellerSku"); one != "" {
		skus = append(skus, one)
	}
	since, err := c.instant("startDateTime", c.now)
	if err != nil {
		return nil, err
	}
	if since.Before(c.now.AddDate(0, -18, 0)) {
		return nil, invalid("startDateTime is more than 18 months ago.", "startDateTime")
	}
	items, next, err := c.paged("nextToken", 50, func() (func(int, int) ([]any, bool), error) {
		var list []map[string]any
		for i, sku := range c.products() {
			if anyOf(skus, []string{sku}) {
				list = append(list, inventory(sku, i, details == "true", c.now))
			}
		}
		return of(list), nil
	})
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"payload": map[string]any{
		"granularity": map[string]string{"granularityType": kind, "granularityId": market}, "inventorySummaries": items,
	}}
	if next != "" {
		answer["pagination"] = map[string]string{"nextToken": next}
	}
	return answer, nil
}

func inventory(sku string, i int, details bool, now time.Time) map[string]any {
	held := 10 + i*7%90
	m := map[string]any{
		"asin": asin(sku), "fnSku": "X0" + asin(sku)[2:], "sellerSku": sku, "condition": "NewItem",
		"lastUpdatedTime": instant(now.Truncate(time.Hour)), "productName": "Example " + sku, "totalQuantity": held,
	}
	if details {
		m["inventoryDetails"] = map[string]any{
			"fulfillableQuantity":   held - 2,
			"reservedQuantity":      map[string]int{"totalReservedQuantity": 1, "pendingCustomerOrderQuantity": 1},
			"unfulfillableQuantity": map[string]int{"totalUnfulfillableQuantity": 1, "warehouseDamagedQuantity": 1},
		}
	}
	return m
}
