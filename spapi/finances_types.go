package spapi

import "time"

// TransactionStatus says whether a transaction's money counts yet.
type TransactionStatus string

// The states of a transaction. Words not listed here are kept as they came.
const (
	TransactionDeferred         TransactionStatus = "DEFERRED"          // not yet: see the context's DeferralReason and MaturityDate
	TransactionReleased         TransactionStatus = "RELEASED"          // counts
	TransactionDeferredReleased TransactionStatus = "DEFERRED_RELEASED" // was deferred; its release is a transaction of its own
)

// BalanceType is a kind of balance.
type BalanceType string

// The kinds of balances. Words not listed here are kept as they came.
const (
	BalanceTotal               BalanceType = "TOTAL"     // available + reserved
	BalanceAvailable           BalanceType = "AVAILABLE" // can be paid out
	BalanceReserved            BalanceType = "RESERVED"  // deferred + account level reserve
	BalanceDeferred            BalanceType = "DEFERRED"  // withheld for a set time
	BalanceAccountLevelReserve BalanceType = "ACCOUNT_LEVEL_RESERVE"
)

// RelatedIdentifierName is a kind of identifier.
type RelatedIdentifierName string

// The kinds of identifiers. Words not listed here are kept as they came.
const (
	OrderID               RelatedIdentifierName = "ORDER_ID"
	ShipmentID            RelatedIdentifierName = "SHIPMENT_ID"
	FinancialEventGroupID RelatedIdentifierName = "FINANCIAL_EVENT_GROUP_ID"
	RefundID              RelatedIdentifierName = "REFUND_ID"
	InvoiceID             RelatedIdentifierName = "INVOICE_ID"
	DisbursementID        RelatedIdentifierName = "DISBURSEMENT_ID" // of a bank transfer
	TransferID            RelatedIdentifierName = "TRANSFER_ID"
	DeferredTransactionID RelatedIdentifierName = "DEFERRED_TRANSACTION_ID" // on a release: the deferred transaction
	ReleaseTransactionID  RelatedIdentifierName = "RELEASE_TRANSACTION_ID"  // on a deferred transaction: its release
	SettlementID          RelatedIdentifierName = "SETTLEMENT_ID"           // as in the settlement report

	OrderAdjustmentItemID RelatedIdentifierName = "ORDER_ADJUSTMENT_ITEM_ID" // of refunds, guarantee claims and chargebacks
	CouponID              RelatedIdentifierName = "COUPON_ID"
	RemovalShipmentItemID RelatedIdentifierName = "REMOVAL_SHIPMENT_ITEM_ID"
	TransactionID         RelatedIdentifierName = "TRANSACTION_ID"
)

// RelatedIdentifier ties a transaction, summary or payout to something else.
type RelatedIdentifier struct {
	Name  RelatedIdentifierName `json:"relatedIdentifierName,omitzero"`
	Value string                `json:"relatedIdentifierValue,omitzero"`
}

// RelatedIdentifiers are the ties of one object.
type RelatedIdentifiers []RelatedIdentifier

// Value returns the first identifier of this name, or "".
func (r RelatedIdentifiers) Value(name RelatedIdentifierName) string {
	for _, id := range r {
		if id.Name == name {
			return id.Value
		}
	}
	return ""
}

// Transaction is one movement on the seller's account.
type Transaction struct {
	ID                 string             `json:"transactionId,omitzero"`
	Type               string             `json:"transactionType,omitzero"` // open vocabulary, for example "Shipment"
	Status             TransactionStatus  `json:"transactionStatus,omitzero"`
	Description        string             `json:"description,omitzero"`
	Posted             time.Time          `json:"postedDate,omitzero"`
	TotalAmount        Money              `json:"totalAmount,omitzero"`
	Seller             SellerMetadata     `json:"sellingPartnerMetadata,omitzero"`
	Marketplace        MarketplaceDetails `json:"marketplaceDetails,omitzero"`
	RelatedIdentifiers RelatedIdentifiers `json:"relatedIdentifiers,omitzero"`
	Items              []TransactionItem  `json:"items,omitzero"`
	// Breakdowns say how TotalAmount comes about; do not add them to it.
	Breakdowns Breakdowns           `json:"breakdowns,omitzero"`
	Contexts   []TransactionContext `json:"contexts,omitzero"`
}

// SellerMetadata says whose transaction it is.
type SellerMetadata struct {
	SellerID      string `json:"sellingPartnerId,omitzero"`
	AccountType   string `json:"accountType,omitzero"`
	MarketplaceID string `json:"marketplaceId,omitzero"`
}

// MarketplaceDetails says where a transaction took place.
type MarketplaceDetails struct {
	ID   string `json:"marketplaceId,omitzero"`
	Name string `json:"marketplaceName,omitzero"` // for example "Amazon.com"
}

// TransactionItem is the part of a transaction that belongs to one item.
type TransactionItem struct {
	Description        string                      `json:"description,omitzero"`
	TotalAmount        Money                       `json:"totalAmount,omitzero"`
	RelatedIdentifiers []TransactionItemIdentifier `json:"relatedIdentifiers,omitzero"`
	Breakdowns         Breakdowns                  `json:"breakdowns,omitzero"`
	Contexts           []TransactionContext        `json:"contexts,omitzero"`
}

// TransactionItemIdentifier ties an item to something else.
type TransactionItemIdentifier struct {
	Name  RelatedIdentifierName `json:"itemRelatedIdentifierName,omitzero"`
	Value string                `json:"itemRelatedIdentifierValue,omitzero"`
}

// TransactionContext says more about a transaction or item; which fields are set depends on Type.
type TransactionContext struct {
	Type string `json:"contextType,omitzero"` // for example "ProductContext"

	// Product.
	ASIN               string `json:"asin,omitzero"`
	SKU                string `json:"sku,omitzero"`
	QuantityShipped    int    `json:"quantityShipped,omitzero"`
	FulfillmentNetwork string `json:"fulfillmentNetwork,omitzero"` // AFN: by Amazon, MFN: by the merchant

	// Amazon Pay; StoreName also of a business such as AMAZON_HAUL.
	StoreName string `json:"storeName,omitzero"`
	OrderType string `json:"orderType,omitzero"`
	Channel   string `json:"channel,omitzero"`

	// Payments.
	PaymentType      string    `json:"paymentType,omitzero"`
	PaymentMethod    string    `json:"paymentMethod,omitzero"`
	PaymentReference string    `json:"paymentReference,omitzero"`
	PaymentDate      time.Time `json:"paymentDate,omitzero"`

	// Deferred.
	DeferralReason string    `json:"deferralReason,omitzero"` // for example "DD7" or "B2B"
	MaturityDate   time.Time `json:"maturityDate,omitzero"`   // when it is released

	// Time range.
	StartTime time.Time `json:"startTime,omitzero"`
	EndTime   time.Time `json:"endTime,omitzero"`
}

// PartnerMetadata says whose balance, summary or payout it is.
type PartnerMetadata struct {
	PartnerID     string `json:"partnerId,omitzero"`
	AccountType   string `json:"accountType,omitzero"` // for example "Standard Orders"
	MarketplaceID string `json:"marketplaceId,omitzero"`
}

// Balance is the state of one account.
type Balance struct {
	Partner     PartnerMetadata `json:"partnerMetadata,omitzero"`
	Type        BalanceType     `json:"balanceType,omitzero"`
	Amount      Money           `json:"amount,omitzero"`
	Balances    []Balance       `json:"balances,omitzero"` // what Amount is made of
	AsOf        time.Time       `json:"asOfDate,omitzero"`
	LastUpdated time.Time       `json:"lastUpdatedTime,omitzero"`
}

// Summary is what a settlement or period comes to.
type Summary struct {
	Partner            PartnerMetadata    `json:"partnerMetadata,omitzero"`
	NetProceeds        Money              `json:"netProceeds,omitzero"` // of a settlement: its total
	RelatedIdentifiers RelatedIdentifiers `json:"relatedIdentifiers,omitzero"`
	Breakdowns         Breakdowns         `json:"breakdowns,omitzero"`
	PeriodStart        time.Time          `json:"periodStart,omitzero"`
	PeriodEnd          time.Time          `json:"periodEnd,omitzero"`
}
