package spapi

// OrderItem is one product of an order.
type OrderItem struct {
	ID                   string                 `json:"orderItemId,omitzero"`
	QuantityOrdered      int                    `json:"quantityOrdered,omitzero"`
	Measurement          OrderMeasurement       `json:"measurement,omitzero"`
	AssociatedOrderItems []OrderItemAssociation `json:"associatedOrderItems,omitzero"`
	Programs             []string               `json:"programs,omitzero"`
	Product              OrderItemProduct       `json:"product,omitzero"`
	Proceeds             OrderItemProceeds      `json:"proceeds,omitzero"`
	Expense              OrderItemExpense       `json:"expense,omitzero"`
	Promotion            OrderItemPromotion     `json:"promotion,omitzero"`
	Cancellation         OrderItemCancellation  `json:"cancellation,omitzero"`
	Fulfillment          OrderItemFulfillment   `json:"fulfillment,omitzero"`
	Tax                  OrderItemTax           `json:"tax,omitzero"`
}

// OrderItemAssociation is an item of an order that belongs to this item.
type OrderItemAssociation struct {
	OrderID     string `json:"orderId,omitzero"`
	OrderItemID string `json:"orderItemId,omitzero"`
	Type        string `json:"associationType,omitzero"`
}

// OrderItemProduct is what was ordered.
type OrderItemProduct struct {
	ASIN          string                 `json:"asin,omitzero"`
	Title         string                 `json:"title,omitzero"`
	SellerSKU     string                 `json:"sellerSku,omitzero"`
	Condition     OrderItemCondition     `json:"condition,omitzero"`
	Price         OrderItemPrice         `json:"price,omitzero"`
	SerialNumbers []string               `json:"serialNumbers,omitzero"`
	Customization OrderItemCustomization `json:"customization,omitzero"`
}

// OrderItemProceeds is what the seller gets for the item.
type OrderItemProceeds struct {
	ProceedsTotal Money                        `json:"proceedsTotal,omitzero"`
	Breakdowns    []OrderItemProceedsBreakdown `json:"breakdowns,omitzero"`
}

// OrderItemExpense is what the item costs the seller.
type OrderItemExpense struct {
	PointsCost OrderItemPointsCost `json:"pointsCost,omitzero"`
}

// OrderItemPromotion holds the promotions of the item.
type OrderItemPromotion struct {
	Breakdowns []OrderItemPromotionBreakdown `json:"breakdowns,omitzero"`
}

// OrderItemCancellation says whether somebody wants the item cancelled, and whether that was done.
type OrderItemCancellation struct {
	CancellationRequest   OrderItemCancellationRequest   `json:"cancellationRequest,omitzero"`
	CancellationExecution OrderItemCancellationExecution `json:"cancellationExecution,omitzero"`
}

// OrderItemFulfillment says how the item is picked, packed and shipped.
type OrderItemFulfillment struct {
	QuantityFulfilled   int               `json:"quantityFulfilled,omitzero"`
	QuantityUnfulfilled int               `json:"quantityUnfulfilled,omitzero"`
	Picking             OrderItemPicking  `json:"picking,omitzero"`
	Packing             OrderItemPacking  `json:"packing,omitzero"`
	Shipping            OrderItemShipping `json:"shipping,omitzero"`
}

// OrderItemTax says who taxes the item.
type OrderItemTax struct {
	TaxCalculationBreakdowns []OrderItemTaxCalculationBreakdown `json:"taxCalculationBreakdowns,omitzero"`
	TaxCollections           []OrderItemTaxCollection           `json:"taxCollections,omitzero"`
}

// OrderItemCondition is new, used and the like.
type OrderItemCondition struct {
	Type    string `json:"conditionType,omitzero"`
	Subtype string `json:"conditionSubtype,omitzero"`
	Note    string `json:"conditionNote,omitzero"`
}

// OrderItemPrice is the price of one unit.
type OrderItemPrice struct {
	UnitPrice        Money  `json:"unitPrice,omitzero"`
	PriceDesignation string `json:"priceDesignation,omitzero"`
}

// OrderItemCustomization says what the buyer had changed.
type OrderItemCustomization struct {
	CustomizedURL string `json:"customizedUrl,omitzero"`
}

// OrderItemProceedsBreakdown is one part of an item's proceeds.
type OrderItemProceedsBreakdown struct {
	Type               string                               `json:"type,omitzero"`
	Subtotal           Money                                `json:"subtotal,omitzero"`
	DetailedBreakdowns []OrderItemProceedsDetailedBreakdown `json:"detailedBreakdowns,omitzero"`
}

// OrderItemPointsCost is the cost of Amazon Points.
type OrderItemPointsCost struct {
	PointsGranted OrderPointsGranted `json:"pointsGranted,omitzero"`
}

// OrderItemPromotionBreakdown names one promotion.
type OrderItemPromotionBreakdown struct {
	PromotionID string `json:"promotionId,omitzero"`
}

// OrderItemCancellationRequest is the wish to cancel.
type OrderItemCancellationRequest struct {
	Requester    string `json:"requester,omitzero"`
	CancelReason string `json:"cancelReason,omitzero"`
}

// OrderItemCancellationExecution is the cancellation.
type OrderItemCancellationExecution struct {
	CancelledBy  string `json:"cancelledBy,omitzero"`
	CancelReason string `json:"cancelReason,omitzero"`
}

// OrderItemPicking says what to pick.
type OrderItemPicking struct {
	SubstitutionPreference OrderItemSubstitutionPreference `json:"substitutionPreference,omitzero"`
}

// OrderItemPacking says how to pack.
type OrderItemPacking struct {
	GiftOption              OrderGiftOption              `json:"giftOption,omitzero"`
	SerialNumberRequirement OrderSerialNumberRequirement `json:"serialNumberRequirement,omitzero"`
}

// OrderItemShipping says how to ship.
type OrderItemShipping struct {
	ScheduledDeliveryWindow OrderWindow                    `json:"scheduledDeliveryWindow,omitzero"`
	ShippingConstraints     OrderItemShippingConstraints   `json:"shippingConstraints,omitzero"`
	InternationalShipping   OrderItemInternationalShipping `json:"internationalShipping,omitzero"`
}

// OrderItemTaxCalculationBreakdown names a scheme of tax reporting.
type OrderItemTaxCalculationBreakdown struct {
	ReportingScheme string `json:"reportingScheme,omitzero"`
}

// OrderItemTaxCollection says who collects and pays the tax.
type OrderItemTaxCollection struct {
	Model            string `json:"model,omitzero"`
	ResponsibleParty string `json:"responsibleParty,omitzero"`
}

// OrderItemProceedsDetailedBreakdown is a part of a part.
type OrderItemProceedsDetailedBreakdown struct {
	Subtype string `json:"subtype,omitzero"`
	Value   Money  `json:"value,omitzero"`
}

// OrderPointsGranted are the points that the buyer got.
type OrderPointsGranted struct {
	PointsNumber        int   `json:"pointsNumber,omitzero"`
	PointsMonetaryValue Money `json:"pointsMonetaryValue,omitzero"`
}

// OrderItemSubstitutionPreference says what may be delivered instead.
type OrderItemSubstitutionPreference struct {
	Type    OrderSubstitutionType         `json:"substitutionType,omitzero"`
	Options []OrderItemSubstitutionOption `json:"substitutionOptions,omitzero"`
}

// OrderGiftOption says how to wrap.
type OrderGiftOption struct {
	GiftMessage   string `json:"giftMessage,omitzero"`
	GiftWrapLevel string `json:"giftWrapLevel,omitzero"`
}

// OrderSerialNumberRequirement says whether serial numbers must be given.
type OrderSerialNumberRequirement struct {
	RequirementType string `json:"requirementType,omitzero"`
}

// OrderItemShippingConstraints are rules that the carrier must keep.
type OrderItemShippingConstraints struct {
	PalletDelivery                OrderConstraint `json:"palletDelivery,omitzero"`
	CashOnDelivery                OrderConstraint `json:"cashOnDelivery,omitzero"`
	SignatureConfirmation         OrderConstraint `json:"signatureConfirmation,omitzero"`
	RecipientIdentityVerification OrderConstraint `json:"recipientIdentityVerification,omitzero"`
	RecipientAgeVerification      OrderConstraint `json:"recipientAgeVerification,omitzero"`
}

// OrderItemInternationalShipping holds what customs need.
type OrderItemInternationalShipping struct {
	IOSSNumber string `json:"iossNumber,omitzero"`
}

// OrderItemSubstitutionOption is a product that may be delivered instead.
type OrderItemSubstitutionOption struct {
	ASIN            string           `json:"asin,omitzero"`
	QuantityOrdered int              `json:"quantityOrdered,omitzero"`
	SellerSKU       string           `json:"sellerSku,omitzero"`
	Title           string           `json:"title,omitzero"`
	Measurement     OrderMeasurement `json:"measurement,omitzero"`
}
