package spapi

import "time"

// InventoryResearchingTerm says how long units have been searched for.
type InventoryResearchingTerm string

// Values of InventoryResearchingTerm. Words not listed here are kept as they came.
const (
	InventoryResearchingTermShortTerm InventoryResearchingTerm = "researchingQuantityInShortTerm" // 1 to 10 days
	InventoryResearchingTermMidTerm   InventoryResearchingTerm = "researchingQuantityInMidTerm"   // 11 to 20 days
	InventoryResearchingTermLongTerm  InventoryResearchingTerm = "researchingQuantityInLongTerm"  // 21 days or more
)

// InventorySummary says how many units of one SKU Amazon holds.
type InventorySummary struct {
	ASIN          string           `json:"asin,omitzero"`
	FnSKU         string           `json:"fnSku,omitzero"`
	SellerSKU     string           `json:"sellerSku,omitzero"`
	Condition     string           `json:"condition,omitzero"` // as the seller describes it, for example "New Item"
	Details       InventoryDetails `json:"inventoryDetails,omitzero"`
	LastUpdated   time.Time        `json:"lastUpdatedTime,omitzero"`
	ProductName   string           `json:"productName,omitzero"`
	TotalQuantity int              `json:"totalQuantity,omitzero"`
	Stores        []string         `json:"stores,omitzero"`
}

// InventoryDetails says in which state the units are. It is filled when the query asks for details.
type InventoryDetails struct {
	FulfillableQuantity      int                    `json:"fulfillableQuantity,omitzero"`
	InboundWorkingQuantity   int                    `json:"inboundWorkingQuantity,omitzero"`
	InboundShippedQuantity   int                    `json:"inboundShippedQuantity,omitzero"`
	InboundReceivingQuantity int                    `json:"inboundReceivingQuantity,omitzero"`
	ReservedQuantity         InventoryReserved      `json:"reservedQuantity,omitzero"`
	ResearchingQuantity      InventoryResearching   `json:"researchingQuantity,omitzero"`
	UnfulfillableQuantity    InventoryUnfulfillable `json:"unfulfillableQuantity,omitzero"`
}

// InventoryReserved counts units that cannot be sold for now.
type InventoryReserved struct {
	TotalReservedQuantity        int `json:"totalReservedQuantity,omitzero"`
	PendingCustomerOrderQuantity int `json:"pendingCustomerOrderQuantity,omitzero"`
	PendingTransshipmentQuantity int `json:"pendingTransshipmentQuantity,omitzero"`
	FcProcessingQuantity         int `json:"fcProcessingQuantity,omitzero"`
}

// InventoryResearching counts units that Amazon searches for.
type InventoryResearching struct {
	TotalResearchingQuantity     int                         `json:"totalResearchingQuantity,omitzero"`
	ResearchingQuantityBreakdown []InventoryResearchingEntry `json:"researchingQuantityBreakdown,omitzero"`
}

// InventoryUnfulfillable counts units that cannot be sold.
type InventoryUnfulfillable struct {
	TotalUnfulfillableQuantity int `json:"totalUnfulfillableQuantity,omitzero"`
	CustomerDamagedQuantity    int `json:"customerDamagedQuantity,omitzero"`
	WarehouseDamagedQuantity   int `json:"warehouseDamagedQuantity,omitzero"`
	DistributorDamagedQuantity int `json:"distributorDamagedQuantity,omitzero"`
	CarrierDamagedQuantity     int `json:"carrierDamagedQuantity,omitzero"`
	DefectiveQuantity          int `json:"defectiveQuantity,omitzero"`
	ExpiredQuantity            int `json:"expiredQuantity,omitzero"`
}

// InventoryResearchingEntry counts units that have been searched for equally long.
type InventoryResearchingEntry struct {
	Name     InventoryResearchingTerm `json:"name,omitzero"`
	Quantity int                      `json:"quantity,omitzero"`
}
