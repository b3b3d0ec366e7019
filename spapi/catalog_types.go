package spapi

import "encoding/json"

// CatalogItemClass says what kind of entry an item is.
type CatalogItemClass string

// Values of CatalogItemClass. Words not listed here are kept as they came.
const (
	CatalogItemClassBaseProduct     CatalogItemClass = "BASE_PRODUCT"
	CatalogItemClassOther           CatalogItemClass = "OTHER"
	CatalogItemClassProductBundle   CatalogItemClass = "PRODUCT_BUNDLE"
	CatalogItemClassVariationParent CatalogItemClass = "VARIATION_PARENT"
)

// CatalogReplenishment says how Amazon orders the item from its vendor.
type CatalogReplenishment string

// Values of CatalogReplenishment. Words not listed here are kept as they came.
const (
	CatalogReplenishmentAllocated              CatalogReplenishment = "ALLOCATED"
	CatalogReplenishmentBasicReplenishment     CatalogReplenishment = "BASIC_REPLENISHMENT"
	CatalogReplenishmentInSeason               CatalogReplenishment = "IN_SEASON"
	CatalogReplenishmentLimitedReplenishment   CatalogReplenishment = "LIMITED_REPLENISHMENT"
	CatalogReplenishmentManufacturerOutOfStock CatalogReplenishment = "MANUFACTURER_OUT_OF_STOCK"
	CatalogReplenishmentNewProduct             CatalogReplenishment = "NEW_PRODUCT"
	CatalogReplenishmentNonReplenishable       CatalogReplenishment = "NON_REPLENISHABLE"
	CatalogReplenishmentNonStockupable         CatalogReplenishment = "NON_STOCKUPABLE"
	CatalogReplenishmentObsolete               CatalogReplenishment = "OBSOLETE"
	CatalogReplenishmentPlannedReplenishment   CatalogReplenishment = "PLANNED_REPLENISHMENT"
)

// CatalogImageVariant says which of the images it is.
type CatalogImageVariant string

// Values of CatalogImageVariant. Words not listed here are kept as they came.
const (
	CatalogImageVariantMain CatalogImageVariant = "MAIN"
	CatalogImageVariantPt01 CatalogImageVariant = "PT01"
	CatalogImageVariantPt02 CatalogImageVariant = "PT02"
	CatalogImageVariantPt03 CatalogImageVariant = "PT03"
	CatalogImageVariantPt04 CatalogImageVariant = "PT04"
	CatalogImageVariantPt05 CatalogImageVariant = "PT05"
	CatalogImageVariantPt06 CatalogImageVariant = "PT06"
	CatalogImageVariantPt07 CatalogImageVariant = "PT07"
	CatalogImageVariantPt08 CatalogImageVariant = "PT08"
	CatalogImageVariantSwch CatalogImageVariant = "SWCH"
)

// CatalogRelationshipType says how items belong together.
type CatalogRelationshipType string

// Values of CatalogRelationshipType. Words not listed here are kept as they came.
const (
	CatalogRelationshipTypeVariation        CatalogRelationshipType = "VARIATION"
	CatalogRelationshipTypePackageHierarchy CatalogRelationshipType = "PACKAGE_HIERARCHY"
)

// CatalogItem is a product in Amazon's catalogue. Which parts are filled depends on the included data.
type CatalogItem struct {
	ASIN            string                         `json:"asin,omitzero"`
	Attributes      map[string]json.RawMessage     `json:"attributes,omitzero"`
	Classifications []CatalogBrowseClassifications `json:"classifications,omitzero"`
	Dimensions      []CatalogDimensions            `json:"dimensions,omitzero"`
	Identifiers     []CatalogIdentifiers           `json:"identifiers,omitzero"`
	Images          []CatalogImages                `json:"images,omitzero"`
	ProductTypes    []CatalogProductType           `json:"productTypes,omitzero"`
	Relationships   []CatalogRelationships         `json:"relationships,omitzero"`
	SalesRanks      []CatalogSalesRanks            `json:"salesRanks,omitzero"`
	Summaries       []CatalogSummary               `json:"summaries,omitzero"`
	VendorDetails   []CatalogVendorDetails         `json:"vendorDetails,omitzero"`
}

// CatalogRefinements are ways to narrow a search, with how many items they leave.
type CatalogRefinements struct {
	Brands          []CatalogBrandRefinement          `json:"brands,omitzero"`
	Classifications []CatalogClassificationRefinement `json:"classifications,omitzero"`
}

// CatalogBrowseClassifications are an item's classifications in one marketplace.
type CatalogBrowseClassifications struct {
	MarketplaceID   string                        `json:"marketplaceId,omitzero"`
	Classifications []CatalogBrowseClassification `json:"classifications,omitzero"`
}

// CatalogDimensions are an item's sizes in one marketplace.
type CatalogDimensions struct {
	MarketplaceID string      `json:"marketplaceId,omitzero"`
	Item          CatalogSize `json:"item,omitzero"`
	Package       CatalogSize `json:"package,omitzero"`
}

// CatalogIdentifiers are an item's identifiers in one marketplace.
type CatalogIdentifiers struct {
	MarketplaceID string              `json:"marketplaceId,omitzero"`
	Identifiers   []CatalogIdentifier `json:"identifiers,omitzero"`
}

// CatalogImages are an item's images in one marketplace.
type CatalogImages struct {
	MarketplaceID string         `json:"marketplaceId,omitzero"`
	Images        []CatalogImage `json:"images,omitzero"`
}

// CatalogProductType is an item's product type in one marketplace.
type CatalogProductType struct {
	MarketplaceID string `json:"marketplaceId,omitzero"`
	ProductType   string `json:"productType,omitzero"`
}

// CatalogRelationships are an item's relatives in one marketplace.
type CatalogRelationships struct {
	MarketplaceID string                `json:"marketplaceId,omitzero"`
	Relationships []CatalogRelationship `json:"relationships,omitzero"`
}

// CatalogSalesRanks are an item's sales ranks in one marketplace.
type CatalogSalesRanks struct {
	MarketplaceID       string                           `json:"marketplaceId,omitzero"`
	ClassificationRanks []CatalogClassificationSalesRank `json:"classificationRanks,omitzero"`
	DisplayGroupRanks   []CatalogDisplayGroupSalesRank   `json:"displayGroupRanks,omitzero"`
}

// CatalogSummary describes an item in one marketplace.
type CatalogSummary struct {
	MarketplaceID           string                      `json:"marketplaceId,omitzero"`
	AdultProduct            bool                        `json:"adultProduct,omitzero"`
	Autographed             bool                        `json:"autographed,omitzero"`
	Brand                   string                      `json:"brand,omitzero"`
	BrowseClassification    CatalogBrowseClassification `json:"browseClassification,omitzero"`
	Color                   string                      `json:"color,omitzero"`
	Contributors            []CatalogContributor        `json:"contributors,omitzero"`
	ItemClassification      CatalogItemClass            `json:"itemClassification,omitzero"`
	ItemName                string                      `json:"itemName,omitzero"`
	Manufacturer            string                      `json:"manufacturer,omitzero"`
	Memorabilia             bool                        `json:"memorabilia,omitzero"`
	ModelNumber             string                      `json:"modelNumber,omitzero"`
	PackageQuantity         int                         `json:"packageQuantity,omitzero"`
	PartNumber              string                      `json:"partNumber,omitzero"`
	ReleaseDate             Date                        `json:"releaseDate,omitzero"`
	Size                    string                      `json:"size,omitzero"`
	Style                   string                      `json:"style,omitzero"`
	TradeInEligible         bool                        `json:"tradeInEligible,omitzero"`
	WebsiteDisplayGroup     string                      `json:"websiteDisplayGroup,omitzero"`
	WebsiteDisplayGroupName string                      `json:"websiteDisplayGroupName,omitzero"`
}

// CatalogVendorDetails is what vendors see of an item in one marketplace.
type CatalogVendorDetails struct {
	MarketplaceID          string                       `json:"marketplaceId,omitzero"`
	BrandCode              string                       `json:"brandCode,omitzero"`
	ManufacturerCode       string                       `json:"manufacturerCode,omitzero"`
	ManufacturerCodeParent string                       `json:"manufacturerCodeParent,omitzero"`
	ProductCategory        CatalogVendorDetailsCategory `json:"productCategory,omitzero"`
	ProductGroup           string                       `json:"productGroup,omitzero"`
	ProductSubcategory     CatalogVendorDetailsCategory `json:"productSubcategory,omitzero"`
	ReplenishmentCategory  CatalogReplenishment         `json:"replenishmentCategory,omitzero"`
}

// CatalogBrandRefinement narrows a search to a brand.
type CatalogBrandRefinement struct {
	NumberOfResults int    `json:"numberOfResults,omitzero"`
	BrandName       string `json:"brandName,omitzero"`
}

// CatalogClassificationRefinement narrows a search to a classification.
type CatalogClassificationRefinement struct {
	NumberOfResults  int    `json:"numberOfResults,omitzero"`
	DisplayName      string `json:"displayName,omitzero"`
	ClassificationID string `json:"classificationId,omitzero"`
}

// CatalogBrowseClassification is a node of the tree in which customers browse.
type CatalogBrowseClassification struct {
	DisplayName      string                       `json:"displayName,omitzero"`
	ClassificationID string                       `json:"classificationId,omitzero"`
	Parent           *CatalogBrowseClassification `json:"parent,omitzero"`
}

// CatalogSize is how large an item or its package is.
type CatalogSize struct {
	Height CatalogMeasure `json:"height,omitzero"`
	Length CatalogMeasure `json:"length,omitzero"`
	Weight CatalogMeasure `json:"weight,omitzero"`
	Width  CatalogMeasure `json:"width,omitzero"`
}

// CatalogIdentifier is a number such as an EAN, ISBN or UPC.
type CatalogIdentifier struct {
	IdentifierType string `json:"identifierType,omitzero"` // for example "EAN"
	Identifier     string `json:"identifier,omitzero"`
}

// CatalogImage is one image, with its size in pixels.
type CatalogImage struct {
	Variant CatalogImageVariant `json:"variant,omitzero"`
	Link    string              `json:"link,omitzero"`
	Height  int                 `json:"height,omitzero"`
	Width   int                 `json:"width,omitzero"`
}

// CatalogRelationship ties an item to its variations or packages.
type CatalogRelationship struct {
	ChildASINs     []string                `json:"childAsins,omitzero"`
	ParentASINs    []string                `json:"parentAsins,omitzero"`
	VariationTheme CatalogVariationTheme   `json:"variationTheme,omitzero"`
	Type           CatalogRelationshipType `json:"type,omitzero"`
}

// CatalogClassificationSalesRank is a rank within a classification.
type CatalogClassificationSalesRank struct {
	ClassificationID string `json:"classificationId,omitzero"`
	Title            string `json:"title,omitzero"`
	Link             string `json:"link,omitzero"`
	Rank             int    `json:"rank,omitzero"`
}

// CatalogDisplayGroupSalesRank is a rank within a group of the website.
type CatalogDisplayGroupSalesRank struct {
	WebsiteDisplayGroup string `json:"websiteDisplayGroup,omitzero"`
	Title               string `json:"title,omitzero"`
	Link                string `json:"link,omitzero"`
	Rank                int    `json:"rank,omitzero"`
}

// CatalogContributor is an author, actor or the like.
type CatalogContributor struct {
	Role  CatalogContributorRole `json:"role,omitzero"`
	Value string                 `json:"value,omitzero"` // the name, for example "Jane Austen"
}

// CatalogVendorDetailsCategory is a product category.
type CatalogVendorDetailsCategory struct {
	DisplayName string `json:"displayName,omitzero"`
	Value       string `json:"value,omitzero"`
}

// CatalogMeasure is one length or weight.
type CatalogMeasure struct {
	Unit  string      `json:"unit,omitzero"`
	Value json.Number `json:"value,omitzero"`
}

// CatalogVariationTheme names the attributes in which variations differ.
type CatalogVariationTheme struct {
	Attributes []string `json:"attributes,omitzero"`
	Theme      string   `json:"theme,omitzero"`
}

// CatalogContributorRole says what a contributor did.
type CatalogContributorRole struct {
	DisplayName string `json:"displayName,omitzero"` // in the language of the query's Locale
	Value       string `json:"value,omitzero"`       // for example "author"
}
