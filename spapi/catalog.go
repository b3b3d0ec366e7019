package spapi

import (
	"context"
	"iter"
)

// Catalog is the Catalog Items API, version 2022-04-01.
type Catalog struct{ client *Client }

// CatalogData names a part of a catalogue item that must be asked for.
type CatalogData string

// The parts of a catalogue item. Without any, Amazon sends the summaries.
const (
	CatalogWithAttributes      CatalogData = "attributes"
	CatalogWithClassifications CatalogData = "classifications"
	CatalogWithDimensions      CatalogData = "dimensions"
	CatalogWithIdentifiers     CatalogData = "identifiers"
	CatalogWithImages          CatalogData = "images"
	CatalogWithProductTypes    CatalogData = "productTypes"
	CatalogWithRelationships   CatalogData = "relationships"
	CatalogWithSalesRanks      CatalogData = "salesRanks"
	CatalogWithSummaries       CatalogData = "summaries"
	CatalogWithVendorDetails   CatalogData = "vendorDetails"
)

// CatalogIdentifierType is a kind of product number.
type CatalogIdentifierType string

// The kinds of product numbers.
const (
	IdentifierASIN   CatalogIdentifierType = "ASIN"
	IdentifierEAN    CatalogIdentifierType = "EAN"
	IdentifierGTIN   CatalogIdentifierType = "GTIN"
	IdentifierISBN   CatalogIdentifierType = "ISBN"
	IdentifierJAN    CatalogIdentifierType = "JAN"
	IdentifierMINSAN CatalogIdentifierType = "MINSAN"
	IdentifierSKU    CatalogIdentifierType = "SKU" // needs CatalogQuery.SellerID
	IdentifierUPC    CatalogIdentifierType = "UPC"
)

// CatalogQuery searches by identifiers or by keywords, not by both.
type CatalogQuery struct {
	MarketplaceID   string                // required
	Identifiers     []string              // at most 20
	IdentifierType  CatalogIdentifierType // required with Identifiers
	SellerID        string                // required with IdentifierSKU
	Keywords        []string              // at most 20
	KeywordsLocale  string
	Brands          []string // narrow Keywords
	Classifications []string // narrow Keywords
	Include         []CatalogData
	Locale          string
	PageSize        int // 1 to 20; 0 means 20
}

func (q CatalogQuery) check(op string) error {
	switch {
	case q.MarketplaceID == "":
		return invalid(op, "CatalogQuery.MarketplaceID is required")
	case (len(q.Identifiers) == 0) == (len(q.Keywords) == 0):
		return invalid(op, "CatalogQuery needs either Identifiers or Keywords")
	case len(q.Identifiers) > 20 || len(q.Keywords) > 20:
		return invalid(op, "CatalogQuery takes at most 20 identifiers or keywords")
	case len(q.Identifiers) > 0 && q.IdentifierType == "":
		return invalid(op, "CatalogQuery.IdentifierType is required with Identifiers")
	case q.IdentifierType == IdentifierSKU && q.SellerID == "":
		return invalid(op, "CatalogQuery.SellerID is required with IdentifierSKU")
	case q.PageSize < 0 || q.PageSize > 20:
		return invalid(op, "CatalogQuery.PageSize must be 1 to 20")
	}
	return noCommas(op, q.Identifiers, q.Keywords, q.Brands, q.Classifications)
}

// Search yields the items that match. Amazon ends a long search early; narrow it then with [Catalog.Refinements].
//
// SP-API: searchCatalogItems, GET /catalog/2022-04-01/items, 2 a second, burst 2.
func (s *Catalog) Search(ctx context.Context, q CatalogQuery) iter.Seq2[CatalogItem, error] {
	const op = "catalog.searchCatalogItems"
	if err := q.check(op); err != nil {
		return failed[CatalogItem](err)
	}
	return pages(op, func(i CatalogItem) string { return i.ASIN }, func(token string) (page[CatalogItem], error) {
		answer, err := s.search(ctx, op, q, token)
		return page[CatalogItem]{answer.Items, answer.Pagination.NextToken}, err
	})
}

// CatalogRefinement says how many items a search finds, and by what it can be narrowed.
type CatalogRefinement struct {
	NumberOfResults int // an estimate
	Refinements     CatalogRefinements
}

// Refinements says how many items a search finds, and by what it can be narrowed. It makes the call of Search's first page.
func (s *Catalog) Refinements(ctx context.Context, q CatalogQuery) (CatalogRefinement, error) {
	const op = "catalog.searchCatalogItems"
	if err := q.check(op); err != nil {
		return CatalogRefinement{}, err
	}
	answer, err := s.search(ctx, op, q, "")
	return CatalogRefinement{answer.NumberOfResults, answer.Refinements}, err
}

type catalogResults struct {
	NumberOfResults int                `json:"numberOfResults"`
	Pagination      pagination         `json:"pagination"`
	Refinements     CatalogRefinements `json:"refinements"`
	Items           []CatalogItem      `json:"items"`
}

func (s *Catalog) search(ctx context.Context, op string, q CatalogQuery, token string) (catalogResults, error) {
	if q.PageSize == 0 {
		q.PageSize = 20
	}
	v := query{}
	v.text("marketplaceIds", q.MarketplaceID)
	list(v, "identifiers", q.Identifiers)
	v.text("identifiersType", string(q.IdentifierType))
	v.text("sellerId", q.SellerID)
	list(v, "keywords", q.Keywords)
	v.text("keywordsLocale", q.KeywordsLocale)
	list(v, "brandNames", q.Brands)
	list(v, "classificationIds", q.Classifications)
	list(v, "includedData", q.Include)
	v.text("locale", q.Locale)
	v.number("pageSize", q.PageSize)
	v.text("pageToken", token)
	return get[catalogResults](ctx, s.client, op, v, "catalog", "2022-04-01", "items")
}

// CatalogItemQuery says what of an item is wanted.
type CatalogItemQuery struct {
	MarketplaceIDs []string // required
	Include        []CatalogData
	Locale         string
}

// Item returns one item.
//
// SP-API: getCatalogItem, GET /catalog/2022-04-01/items/{asin}, 2 a second, burst 2.
func (s *Catalog) Item(ctx context.Context, asin string, q CatalogItemQuery) (CatalogItem, error) {
	const op = "catalog.getCatalogItem"
	if len(q.MarketplaceIDs) == 0 {
		return CatalogItem{}, invalid(op, "CatalogItemQuery.MarketplaceIDs is required")
	}
	v := query{}
	list(v, "marketplaceIds", q.MarketplaceIDs)
	list(v, "includedData", q.Include)
	v.text("locale", q.Locale)
	return get[CatalogItem](ctx, s.client, op, v, "catalog", "2022-04-01", "items", asin)
}
