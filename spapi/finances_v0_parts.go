package spapi

import "time"

// ChargeComponent is one charge of an event, such as Principal or Tax.
type ChargeComponent struct {
	ChargeType   string `json:"ChargeType,omitzero"`
	ChargeAmount Money  `json:"ChargeAmount,omitzero"`
}

// FeeComponent is one fee of an event, such as Commission.
type FeeComponent struct {
	FeeType   string `json:"FeeType,omitzero"`
	FeeAmount Money  `json:"FeeAmount,omitzero"`
}

// DirectPayment is a payment made directly to a seller.
type DirectPayment struct {
	DirectPaymentType   string `json:"DirectPaymentType,omitzero"`
	DirectPaymentAmount Money  `json:"DirectPaymentAmount,omitzero"`
}

// ShipmentItem is an item of a shipment, refund, guarantee claim, or chargeback.
type ShipmentItem struct {
	SellerSKU                string                 `json:"SellerSKU,omitzero"`
	OrderItemID              string                 `json:"OrderItemId,omitzero"`
	OrderAdjustmentItemID    string                 `json:"OrderAdjustmentItemId,omitzero"`
	QuantityShipped          int                    `json:"QuantityShipped,omitzero"`
	ItemChargeList           []ChargeComponent      `json:"ItemChargeList,omitzero"`
	ItemChargeAdjustmentList []ChargeComponent      `json:"ItemChargeAdjustmentList,omitzero"`
	ItemFeeList              []FeeComponent         `json:"ItemFeeList,omitzero"`
	ItemFeeAdjustmentList    []FeeComponent         `json:"ItemFeeAdjustmentList,omitzero"`
	ItemTaxWithheldList      []TaxWithheldComponent `json:"ItemTaxWithheldList,omitzero"`
	PromotionList            []Promotion            `json:"PromotionList,omitzero"`
	PromotionAdjustmentList  []Promotion            `json:"PromotionAdjustmentList,omitzero"`
	CostOfPointsGranted      Money                  `json:"CostOfPointsGranted,omitzero"`
	CostOfPointsReturned     Money                  `json:"CostOfPointsReturned,omitzero"`
}

// TaxWithheldComponent is tax that Amazon kept; TaxCollectionModel is MarketplaceFacilitator or Standard.
type TaxWithheldComponent struct {
	TaxCollectionModel string            `json:"TaxCollectionModel,omitzero"`
	TaxesWithheld      []ChargeComponent `json:"TaxesWithheld,omitzero"`
}

// DebtRecoveryItem is an item of a debt payment or debt adjustment.
type DebtRecoveryItem struct {
	RecoveryAmount Money     `json:"RecoveryAmount,omitzero"`
	OriginalAmount Money     `json:"OriginalAmount,omitzero"` // of the debt
	GroupBeginDate time.Time `json:"GroupBeginDate,omitzero"` // of the event group that holds the debt
	GroupEndDate   time.Time `json:"GroupEndDate,omitzero"`   // of the same group
}

// ChargeInstrument is a payment instrument.
type ChargeInstrument struct {
	Description string `json:"Description,omitzero"`
	Tail        string `json:"Tail,omitzero"`
	Amount      Money  `json:"Amount,omitzero"`
}

// AdjustmentItem is an item in an adjustment to the seller's account.
type AdjustmentItem struct {
	Quantity           string `json:"Quantity,omitzero"`
	PerUnitAmount      Money  `json:"PerUnitAmount,omitzero"`
	TotalAmount        Money  `json:"TotalAmount,omitzero"`
	SellerSKU          string `json:"SellerSKU,omitzero"`
	FnSKU              string `json:"FnSKU,omitzero"`
	ProductDescription string `json:"ProductDescription,omitzero"`
	ASIN               string `json:"ASIN,omitzero"`
	TransactionNumber  string `json:"TransactionNumber,omitzero"`
}

// SAFETReimbursementItem is an item from a SAFE-T claim reimbursement.
type SAFETReimbursementItem struct {
	ItemChargeList     []ChargeComponent `json:"itemChargeList,omitzero"`
	ProductDescription string            `json:"productDescription,omitzero"`
	Quantity           string            `json:"quantity,omitzero"`
}

// RemovalShipmentItem is an item of a removal shipment.
type RemovalShipmentItem struct {
	RemovalShipmentItemID string `json:"RemovalShipmentItemId,omitzero"`
	TaxCollectionModel    string `json:"TaxCollectionModel,omitzero"`
	FulfillmentNetworkSKU string `json:"FulfillmentNetworkSKU,omitzero"`
	Quantity              int    `json:"Quantity,omitzero"`
	Revenue               Money  `json:"Revenue,omitzero"`
	FeeAmount             Money  `json:"FeeAmount,omitzero"`
	TaxAmount             Money  `json:"TaxAmount,omitzero"`
	TaxWithheld           Money  `json:"TaxWithheld,omitzero"`
}

// RemovalShipmentItemAdjustment corrects an item of a removal shipment.
type RemovalShipmentItemAdjustment struct {
	RemovalShipmentItemID string `json:"RemovalShipmentItemId,omitzero"`
	TaxCollectionModel    string `json:"TaxCollectionModel,omitzero"`
	FulfillmentNetworkSKU string `json:"FulfillmentNetworkSKU,omitzero"`
	AdjustedQuantity      int    `json:"AdjustedQuantity,omitzero"`
	RevenueAdjustment     Money  `json:"RevenueAdjustment,omitzero"`
	TaxAmountAdjustment   Money  `json:"TaxAmountAdjustment,omitzero"`
	TaxWithheldAdjustment Money  `json:"TaxWithheldAdjustment,omitzero"`
}

// TaxWithholdingPeriod is the time that a withholding covers.
type TaxWithholdingPeriod struct {
	StartDate time.Time `json:"StartDate,omitzero"`
	EndDate   time.Time `json:"EndDate,omitzero"`
}

// ChargeRefundTransaction is one charge given back.
type ChargeRefundTransaction struct {
	ChargeAmount Money  `json:"ChargeAmount,omitzero"`
	ChargeType   string `json:"ChargeType,omitzero"`
}

// Promotion is a promotion applied to an item.
type Promotion struct {
	PromotionType   string `json:"PromotionType,omitzero"`
	PromotionID     string `json:"PromotionId,omitzero"`
	PromotionAmount Money  `json:"PromotionAmount,omitzero"`
}
