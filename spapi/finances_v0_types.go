package spapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"time"
)

// FinancialEvents is one page of events, in Amazon's 34 lists. An amount that is good for the seller is positive.
//
// Several events carry a total beside its components (coupons, deals, advertising, adjustments, affordability, SAFE-T, debt
// recovery): adding up every amount counts them twice. ServiceFee, DebtRecovery and LoanServicing events have no date.
type FinancialEvents struct {
	ShipmentEventList                      []ShipmentEvent                      `json:"ShipmentEventList,omitzero"`
	ShipmentSettleEventList                []ShipmentEvent                      `json:"ShipmentSettleEventList,omitzero"`
	RefundEventList                        []ShipmentEvent                      `json:"RefundEventList,omitzero"`
	GuaranteeClaimEventList                []ShipmentEvent                      `json:"GuaranteeClaimEventList,omitzero"`
	EBTRefundReimbursementOnlyEventList    []EBTRefundReimbursementOnlyEvent    `json:"EBTRefundReimbursementOnlyEventList,omitzero"`
	ChargebackEventList                    []ShipmentEvent                      `json:"ChargebackEventList,omitzero"`
	PayWithAmazonEventList                 []PayWithAmazonEvent                 `json:"PayWithAmazonEventList,omitzero"`
	ServiceProviderCreditEventList         []ProviderCreditEvent                `json:"ServiceProviderCreditEventList,omitzero"`
	RetrochargeEventList                   []RetrochargeEvent                   `json:"RetrochargeEventList,omitzero"`
	RentalTransactionEventList             []RentalTransactionEvent             `json:"RentalTransactionEventList,omitzero"`
	ProductAdsPaymentEventList             []ProductAdsPaymentEvent             `json:"ProductAdsPaymentEventList,omitzero"`
	ServiceFeeEventList                    []ServiceFeeEvent                    `json:"ServiceFeeEventList,omitzero"`
	SellerDealPaymentEventList             []SellerDealPaymentEvent             `json:"SellerDealPaymentEventList,omitzero"`
	DebtRecoveryEventList                  []DebtRecoveryEvent                  `json:"DebtRecoveryEventList,omitzero"`
	LoanServicingEventList                 []LoanServicingEvent                 `json:"LoanServicingEventList,omitzero"`
	AdjustmentEventList                    []AdjustmentEvent                    `json:"AdjustmentEventList,omitzero"`
	SAFETReimbursementEventList            []SAFETReimbursementEvent            `json:"SAFETReimbursementEventList,omitzero"`
	SellerReviewEnrollmentPaymentEventList []SellerReviewEnrollmentPaymentEvent `json:"SellerReviewEnrollmentPaymentEventList,omitzero"`
	FBALiquidationEventList                []FBALiquidationEvent                `json:"FBALiquidationEventList,omitzero"`
	CouponPaymentEventList                 []CouponPaymentEvent                 `json:"CouponPaymentEventList,omitzero"`
	ImagingServicesFeeEventList            []ImagingServicesFeeEvent            `json:"ImagingServicesFeeEventList,omitzero"`
	NetworkComminglingTransactionEventList []NetworkComminglingTransactionEvent `json:"NetworkComminglingTransactionEventList,omitzero"`
	AffordabilityExpenseEventList          []AffordabilityExpenseEvent          `json:"AffordabilityExpenseEventList,omitzero"`
	AffordabilityExpenseReversalEventList  []AffordabilityExpenseEvent          `json:"AffordabilityExpenseReversalEventList,omitzero"`
	RemovalShipmentEventList               []RemovalShipmentEvent               `json:"RemovalShipmentEventList,omitzero"`
	RemovalShipmentAdjustmentEventList     []RemovalShipmentAdjustmentEvent     `json:"RemovalShipmentAdjustmentEventList,omitzero"`
	TrialShipmentEventList                 []TrialShipmentEvent                 `json:"TrialShipmentEventList,omitzero"`
	TDSReimbursementEventList              []TDSReimbursementEvent              `json:"TDSReimbursementEventList,omitzero"`
	AdhocDisbursementEventList             []AdhocDisbursementEvent             `json:"AdhocDisbursementEventList,omitzero"`
	TaxWithholdingEventList                []TaxWithholdingEvent                `json:"TaxWithholdingEventList,omitzero"`
	ChargeRefundEventList                  []ChargeRefundEvent                  `json:"ChargeRefundEventList,omitzero"`
	FailedAdhocDisbursementEventList       []FailedAdhocDisbursementEvent       `json:"FailedAdhocDisbursementEventList,omitzero"`
	ValueAddedServiceChargeEventList       []ValueAddedServiceChargeEvent       `json:"ValueAddedServiceChargeEventList,omitzero"`
	CapacityReservationBillingEventList    []CapacityReservationBillingEvent    `json:"CapacityReservationBillingEventList,omitzero"`

	// Other holds the lists that Amazon sends and this package does not know, unread. Real answers have had such lists,
	// for example PerformanceBondRefundEventList; whoever adds up events must look here too. Empty lists are left out.
	Other map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON reads the lists.
func (e *FinancialEvents) UnmarshalJSON(data []byte) error {
	type plain FinancialEvents
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for field := range reflect.TypeFor[FinancialEvents]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		delete(all, name)
	}
	maps.DeleteFunc(all, func(_ string, list json.RawMessage) bool {
		text := string(bytes.TrimSpace(list))
		return text == "[]" || text == "null"
	})
	if len(all) > 0 {
		e.Other = all
	}
	return nil
}

// isEmpty reports whether no list holds an event.
func (e *FinancialEvents) isEmpty() bool {
	for _, list := range reflect.ValueOf(e).Elem().Fields() {
		if list.Len() > 0 {
			return false
		}
	}
	return true
}

// ShipmentEvent is a shipment, or what undoes one: a refund, a guarantee claim, a chargeback.
type ShipmentEvent struct {
	AmazonOrderID              string            `json:"AmazonOrderId,omitzero"`
	SellerOrderID              string            `json:"SellerOrderId,omitzero"`
	MarketplaceName            string            `json:"MarketplaceName,omitzero"`
	StoreName                  string            `json:"StoreName,omitzero"`
	OrderChargeList            []ChargeComponent `json:"OrderChargeList,omitzero"`
	OrderChargeAdjustmentList  []ChargeComponent `json:"OrderChargeAdjustmentList,omitzero"`
	ShipmentFeeList            []FeeComponent    `json:"ShipmentFeeList,omitzero"`
	ShipmentFeeAdjustmentList  []FeeComponent    `json:"ShipmentFeeAdjustmentList,omitzero"`
	OrderFeeList               []FeeComponent    `json:"OrderFeeList,omitzero"`
	OrderFeeAdjustmentList     []FeeComponent    `json:"OrderFeeAdjustmentList,omitzero"`
	DirectPaymentList          []DirectPayment   `json:"DirectPaymentList,omitzero"`
	PostedDate                 time.Time         `json:"PostedDate,omitzero"`
	ShipmentItemList           []ShipmentItem    `json:"ShipmentItemList,omitzero"`
	ShipmentItemAdjustmentList []ShipmentItem    `json:"ShipmentItemAdjustmentList,omitzero"`
}

// EBTRefundReimbursementOnlyEvent is a refund to an EBT card that Amazon reimburses.
type EBTRefundReimbursementOnlyEvent struct {
	OrderID    string    `json:"OrderId,omitzero"`
	PostedDate time.Time `json:"PostedDate,omitzero"`
	Amount     Money     `json:"Amount,omitzero"`
}

// PayWithAmazonEvent belongs to the seller's Pay with Amazon account.
type PayWithAmazonEvent struct {
	SellerOrderID         string          `json:"SellerOrderId,omitzero"`
	TransactionPostedDate time.Time       `json:"TransactionPostedDate,omitzero"`
	BusinessObjectType    string          `json:"BusinessObjectType,omitzero"`
	SalesChannel          string          `json:"SalesChannel,omitzero"`
	Charge                ChargeComponent `json:"Charge,omitzero"`
	FeeList               []FeeComponent  `json:"FeeList,omitzero"`
	PaymentAmountType     string          `json:"PaymentAmountType,omitzero"`
	AmountDescription     string          `json:"AmountDescription,omitzero"`
	FulfillmentChannel    string          `json:"FulfillmentChannel,omitzero"`
	StoreName             string          `json:"StoreName,omitzero"`
}

// ProviderCreditEvent is a credit to a solution provider; in the model it is SolutionProviderCreditEvent.
type ProviderCreditEvent struct {
	ProviderTransactionType string    `json:"ProviderTransactionType,omitzero"`
	SellerOrderID           string    `json:"SellerOrderId,omitzero"`
	MarketplaceID           string    `json:"MarketplaceId,omitzero"`
	MarketplaceCountryCode  string    `json:"MarketplaceCountryCode,omitzero"`
	SellerID                string    `json:"SellerId,omitzero"`
	SellerStoreName         string    `json:"SellerStoreName,omitzero"`
	ProviderID              string    `json:"ProviderId,omitzero"`
	ProviderStoreName       string    `json:"ProviderStoreName,omitzero"`
	TransactionAmount       Money     `json:"TransactionAmount,omitzero"`
	TransactionCreationDate time.Time `json:"TransactionCreationDate,omitzero"`
}

// RetrochargeEvent is a retrocharge, or what undoes one; RetrochargeEventType says which.
type RetrochargeEvent struct {
	RetrochargeEventType       string                 `json:"RetrochargeEventType,omitzero"`
	AmazonOrderID              string                 `json:"AmazonOrderId,omitzero"`
	PostedDate                 time.Time              `json:"PostedDate,omitzero"`
	BaseTax                    Money                  `json:"BaseTax,omitzero"`
	ShippingTax                Money                  `json:"ShippingTax,omitzero"`
	MarketplaceName            string                 `json:"MarketplaceName,omitzero"`
	RetrochargeTaxWithheldList []TaxWithheldComponent `json:"RetrochargeTaxWithheldList,omitzero"`
}

// RentalTransactionEvent belongs to a rental.
type RentalTransactionEvent struct {
	AmazonOrderID         string                 `json:"AmazonOrderId,omitzero"`
	RentalEventType       string                 `json:"RentalEventType,omitzero"`
	ExtensionLength       int                    `json:"ExtensionLength,omitzero"`
	PostedDate            time.Time              `json:"PostedDate,omitzero"`
	RentalChargeList      []ChargeComponent      `json:"RentalChargeList,omitzero"`
	RentalFeeList         []FeeComponent         `json:"RentalFeeList,omitzero"`
	MarketplaceName       string                 `json:"MarketplaceName,omitzero"`
	RentalInitialValue    Money                  `json:"RentalInitialValue,omitzero"`
	RentalReimbursement   Money                  `json:"RentalReimbursement,omitzero"`
	RentalTaxWithheldList []TaxWithheldComponent `json:"RentalTaxWithheldList,omitzero"`
}

// ProductAdsPaymentEvent is a payment for sponsored products. TransactionValue is BaseValue + TaxValue.
type ProductAdsPaymentEvent struct {
	PostedDate       time.Time `json:"postedDate,omitzero"`
	TransactionType  string    `json:"transactionType,omitzero"`
	InvoiceID        string    `json:"invoiceId,omitzero"`
	BaseValue        Money     `json:"baseValue,omitzero"` // before tax
	TaxValue         Money     `json:"taxValue,omitzero"`
	TransactionValue Money     `json:"transactionValue,omitzero"`
}

// ServiceFeeEvent is a fee on the seller's account. It has no date.
type ServiceFeeEvent struct {
	AmazonOrderID  string         `json:"AmazonOrderId,omitzero"`
	FeeReason      string         `json:"FeeReason,omitzero"`
	FeeList        []FeeComponent `json:"FeeList,omitzero"`
	SellerSKU      string         `json:"SellerSKU,omitzero"`
	FnSKU          string         `json:"FnSKU,omitzero"`
	FeeDescription string         `json:"FeeDescription,omitzero"`
	ASIN           string         `json:"ASIN,omitzero"`
	StoreName      string         `json:"StoreName,omitzero"`
}

// SellerDealPaymentEvent is a fee for a deal. TotalAmount is what was paid altogether.
type SellerDealPaymentEvent struct {
	PostedDate      time.Time `json:"postedDate,omitzero"`
	DealID          string    `json:"dealId,omitzero"`
	DealDescription string    `json:"dealDescription,omitzero"`
	EventType       string    `json:"eventType,omitzero"`
	FeeType         string    `json:"feeType,omitzero"`
	FeeAmount       Money     `json:"feeAmount,omitzero"`
	TaxAmount       Money     `json:"taxAmount,omitzero"`
	TotalAmount     Money     `json:"totalAmount,omitzero"`
}

// DebtRecoveryEvent says how the seller's debt was paid. It has no date; its items have.
type DebtRecoveryEvent struct {
	DebtRecoveryType     string             `json:"DebtRecoveryType,omitzero"`
	RecoveryAmount       Money              `json:"RecoveryAmount,omitzero"`
	OverPaymentCredit    Money              `json:"OverPaymentCredit,omitzero"`
	DebtRecoveryItemList []DebtRecoveryItem `json:"DebtRecoveryItemList,omitzero"`
	ChargeInstrumentList []ChargeInstrument `json:"ChargeInstrumentList,omitzero"`
}

// LoanServicingEvent is a loan paid out or paid back. It has no date.
type LoanServicingEvent struct {
	LoanAmount              Money  `json:"LoanAmount,omitzero"`
	SourceBusinessEventType string `json:"SourceBusinessEventType,omitzero"`
}

// AdjustmentEvent changes the balance: reimbursements, reserves, postage. AdjustmentAmount is the whole, its items the parts.
type AdjustmentEvent struct {
	AdjustmentType     string           `json:"AdjustmentType,omitzero"`
	PostedDate         time.Time        `json:"PostedDate,omitzero"`
	StoreName          string           `json:"StoreName,omitzero"`
	AdjustmentAmount   Money            `json:"AdjustmentAmount,omitzero"`
	AdjustmentItemList []AdjustmentItem `json:"AdjustmentItemList,omitzero"`
}

// SAFETReimbursementEvent is the outcome of a SAFE-T claim. ReimbursedAmount is the whole, its items the parts.
type SAFETReimbursementEvent struct {
	PostedDate                 time.Time                `json:"PostedDate,omitzero"`
	SAFETClaimID               string                   `json:"SAFETClaimId,omitzero"`
	ReimbursedAmount           Money                    `json:"ReimbursedAmount,omitzero"`
	ReasonCode                 string                   `json:"ReasonCode,omitzero"`
	SAFETReimbursementItemList []SAFETReimbursementItem `json:"SAFETReimbursementItemList,omitzero"`
}

// SellerReviewEnrollmentPaymentEvent is a fee of the Early Reviewer Program.
type SellerReviewEnrollmentPaymentEvent struct {
	PostedDate      time.Time       `json:"PostedDate,omitzero"`
	EnrollmentID    string          `json:"EnrollmentId,omitzero"`
	ParentASIN      string          `json:"ParentASIN,omitzero"`
	FeeComponent    FeeComponent    `json:"FeeComponent,omitzero"`
	ChargeComponent ChargeComponent `json:"ChargeComponent,omitzero"`
	TotalAmount     Money           `json:"TotalAmount,omitzero"`
}

// FBALiquidationEvent is what the liquidation of stock at Amazon brought, and cost.
type FBALiquidationEvent struct {
	PostedDate                time.Time `json:"PostedDate,omitzero"`
	OriginalRemovalOrderID    string    `json:"OriginalRemovalOrderId,omitzero"`
	LiquidationProceedsAmount Money     `json:"LiquidationProceedsAmount,omitzero"`
	LiquidationFeeAmount      Money     `json:"LiquidationFeeAmount,omitzero"`
}

// CouponPaymentEvent is a fee for a coupon. TotalAmount is FeeComponent + ChargeComponent.
type CouponPaymentEvent struct {
	PostedDate              time.Time       `json:"PostedDate,omitzero"`
	CouponID                string          `json:"CouponId,omitzero"`
	SellerCouponDescription string          `json:"SellerCouponDescription,omitzero"`
	ClipOrRedemptionCount   int             `json:"ClipOrRedemptionCount,omitzero"`
	PaymentEventID          string          `json:"PaymentEventId,omitzero"`
	FeeComponent            FeeComponent    `json:"FeeComponent,omitzero"`
	ChargeComponent         ChargeComponent `json:"ChargeComponent,omitzero"`
	TotalAmount             Money           `json:"TotalAmount,omitzero"`
}

// ImagingServicesFeeEvent is a fee for photographs.
type ImagingServicesFeeEvent struct {
	ImagingRequestBillingItemID string         `json:"ImagingRequestBillingItemID,omitzero"`
	ASIN                        string         `json:"ASIN,omitzero"`
	PostedDate                  time.Time      `json:"PostedDate,omitzero"`
	FeeList                     []FeeComponent `json:"FeeList,omitzero"`
}

// NetworkComminglingTransactionEvent is a swap of equal units between sellers.
type NetworkComminglingTransactionEvent struct {
	TransactionType    string    `json:"TransactionType,omitzero"`
	PostedDate         time.Time `json:"PostedDate,omitzero"`
	NetCoTransactionID string    `json:"NetCoTransactionID,omitzero"`
	SwapReason         string    `json:"SwapReason,omitzero"`
	ASIN               string    `json:"ASIN,omitzero"`
	MarketplaceID      string    `json:"MarketplaceId,omitzero"`
	TaxExclusiveAmount Money     `json:"TaxExclusiveAmount,omitzero"`
	TaxAmount          Money     `json:"TaxAmount,omitzero"`
}

// AffordabilityExpenseEvent is an expense of an affordability promotion; TotalExpense is the whole.
type AffordabilityExpenseEvent struct {
	AmazonOrderID   string    `json:"AmazonOrderId,omitzero"`
	PostedDate      time.Time `json:"PostedDate,omitzero"`
	MarketplaceID   string    `json:"MarketplaceId,omitzero"`
	TransactionType string    `json:"TransactionType,omitzero"`
	BaseExpense     Money     `json:"BaseExpense,omitzero"`
	TaxTypeCGST     Money     `json:"TaxTypeCGST,omitzero"`
	TaxTypeSGST     Money     `json:"TaxTypeSGST,omitzero"`
	TaxTypeIGST     Money     `json:"TaxTypeIGST,omitzero"`
	TotalExpense    Money     `json:"TotalExpense,omitzero"`
}

// RemovalShipmentEvent is a shipment of a removal order.
type RemovalShipmentEvent struct {
	PostedDate              time.Time             `json:"PostedDate,omitzero"`
	MerchantOrderID         string                `json:"MerchantOrderId,omitzero"`
	OrderID                 string                `json:"OrderId,omitzero"`
	TransactionType         string                `json:"TransactionType,omitzero"`
	StoreName               string                `json:"StoreName,omitzero"`
	RemovalShipmentItemList []RemovalShipmentItem `json:"RemovalShipmentItemList,omitzero"`
}

// RemovalShipmentAdjustmentEvent corrects a removal shipment of liquidated stock.
type RemovalShipmentAdjustmentEvent struct {
	PostedDate                        time.Time                       `json:"PostedDate,omitzero"`
	AdjustmentEventID                 string                          `json:"AdjustmentEventId,omitzero"`
	MerchantOrderID                   string                          `json:"MerchantOrderId,omitzero"`
	OrderID                           string                          `json:"OrderId,omitzero"`
	TransactionType                   string                          `json:"TransactionType,omitzero"`
	RemovalShipmentItemAdjustmentList []RemovalShipmentItemAdjustment `json:"RemovalShipmentItemAdjustmentList,omitzero"`
}

// TrialShipmentEvent is a shipment on trial, the only event that names its group.
type TrialShipmentEvent struct {
	AmazonOrderID         string         `json:"AmazonOrderId,omitzero"`
	FinancialEventGroupID string         `json:"FinancialEventGroupId,omitzero"`
	PostedDate            time.Time      `json:"PostedDate,omitzero"`
	SKU                   string         `json:"SKU,omitzero"`
	FeeList               []FeeComponent `json:"FeeList,omitzero"`
}

// TDSReimbursementEvent gives back tax deducted at source (India).
type TDSReimbursementEvent struct {
	PostedDate       time.Time `json:"PostedDate,omitzero"`
	TDSOrderID       string    `json:"TDSOrderId,omitzero"`
	ReimbursedAmount Money     `json:"ReimbursedAmount,omitzero"`
}

// AdhocDisbursementEvent is a transfer to the bank between two settlements.
type AdhocDisbursementEvent struct {
	TransactionType   string    `json:"TransactionType,omitzero"`
	PostedDate        time.Time `json:"PostedDate,omitzero"`
	TransactionID     string    `json:"TransactionId,omitzero"`
	TransactionAmount Money     `json:"TransactionAmount,omitzero"`
}

// TaxWithholdingEvent is income tax that Amazon keeps from the seller.
type TaxWithholdingEvent struct {
	PostedDate           time.Time            `json:"PostedDate,omitzero"`
	BaseAmount           Money                `json:"BaseAmount,omitzero"`
	WithheldAmount       Money                `json:"WithheldAmount,omitzero"`
	TaxWithholdingPeriod TaxWithholdingPeriod `json:"TaxWithholdingPeriod,omitzero"`
}

// ChargeRefundEvent gives a charge back.
type ChargeRefundEvent struct {
	PostedDate               time.Time                 `json:"PostedDate,omitzero"`
	ReasonCode               string                    `json:"ReasonCode,omitzero"`
	ReasonCodeDescription    string                    `json:"ReasonCodeDescription,omitzero"`
	ChargeRefundTransactions []ChargeRefundTransaction `json:"ChargeRefundTransactions,omitzero"`
}

// FailedAdhocDisbursementEvent is a transfer to the bank that came back.
type FailedAdhocDisbursementEvent struct {
	FundsTransfersType      string    `json:"FundsTransfersType,omitzero"`
	TransferID              string    `json:"TransferId,omitzero"`
	DisbursementID          string    `json:"DisbursementId,omitzero"`
	PaymentDisbursementType string    `json:"PaymentDisbursementType,omitzero"`
	Status                  string    `json:"Status,omitzero"`
	TransferAmount          Money     `json:"TransferAmount,omitzero"`
	PostedDate              time.Time `json:"PostedDate,omitzero"`
}

// ValueAddedServiceChargeEvent is a charge for a service.
type ValueAddedServiceChargeEvent struct {
	TransactionType   string    `json:"TransactionType,omitzero"`
	PostedDate        time.Time `json:"PostedDate,omitzero"`
	Description       string    `json:"Description,omitzero"`
	TransactionAmount Money     `json:"TransactionAmount,omitzero"`
}

// CapacityReservationBillingEvent is a charge for reserved storage.
type CapacityReservationBillingEvent struct {
	TransactionType   string    `json:"TransactionType,omitzero"`
	PostedDate        time.Time `json:"PostedDate,omitzero"`
	Description       string    `json:"Description,omitzero"`
	TransactionAmount Money     `json:"TransactionAmount,omitzero"`
}
