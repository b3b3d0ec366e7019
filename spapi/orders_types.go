package spapi

import (
	"encoding/json"
	"time"
)

// Order is one customer order. Which parts are filled depends on the included data and on the roles of the application.
type Order struct {
	ID                string                  `json:"orderId,omitzero"`
	Aliases           []OrderAlias            `json:"orderAliases,omitzero"`
	Created           time.Time               `json:"createdTime,omitzero"`
	LastUpdated       time.Time               `json:"lastUpdatedTime,omitzero"`
	Programs          []string                `json:"programs,omitzero"`
	AssociatedOrders  []OrderAssociation      `json:"associatedOrders,omitzero"`
	SalesChannel      OrderSalesChannel       `json:"salesChannel,omitzero"`
	Buyer             OrderBuyer              `json:"buyer,omitzero"`
	Recipient         OrderRecipient          `json:"recipient,omitzero"`
	Proceeds          OrderProceeds           `json:"proceeds,omitzero"`
	Payment           OrderPayment            `json:"payment,omitzero"`
	Tax               OrderTax                `json:"tax,omitzero"`
	Fulfillment       OrderFulfillment        `json:"fulfillment,omitzero"`
	Items             []OrderItem             `json:"orderItems,omitzero"`
	Packages          []OrderPackage          `json:"packages,omitzero"`
	FulfillmentOrders []OrderFulfillmentOrder `json:"fulfillmentOrders,omitzero"`
}

// OrderAlias is another name of the order, such as the seller's own number.
type OrderAlias struct {
	ID   string `json:"aliasId,omitzero"`
	Type string `json:"aliasType,omitzero"`
}

// OrderAssociation is an order that this one replaces or exchanges.
type OrderAssociation struct {
	OrderID string `json:"orderId,omitzero"`
	Type    string `json:"associationType,omitzero"`
}

// OrderSalesChannel says where the order was placed.
type OrderSalesChannel struct {
	Name            string `json:"channelName,omitzero"`
	MarketplaceID   string `json:"marketplaceId,omitzero"`
	MarketplaceName string `json:"marketplaceName,omitzero"`
}

// OrderBuyer is who bought. It is personal data.
type OrderBuyer struct {
	Name                string `json:"buyerName,omitzero"`
	Email               string `json:"buyerEmail,omitzero"` // anonymized; only of orders that the merchant ships
	CompanyName         string `json:"buyerCompanyName,omitzero"`
	PurchaseOrderNumber string `json:"buyerPurchaseOrderNumber,omitzero"`
}

// OrderRecipient is who gets the order. It is personal data.
type OrderRecipient struct {
	DeliveryAddress    OrderAddress            `json:"deliveryAddress,omitzero"`
	DeliveryPreference OrderDeliveryPreference `json:"deliveryPreference,omitzero"`
}

// OrderProceeds is what the seller gets for the order.
type OrderProceeds struct {
	GrandTotal Money                    `json:"grandTotal,omitzero"`
	Breakdowns []OrderProceedsBreakdown `json:"breakdowns,omitzero"`
}

// OrderPayment says how the order was paid.
type OrderPayment struct {
	PaymentExecutions []OrderPaymentExecution `json:"paymentExecutions,omitzero"`
}

// OrderTax holds the tax registrations of the order.
type OrderTax struct {
	TaxRegistrations []OrderTaxRegistration `json:"taxRegistrations,omitzero"`
	TaxInvoicing     OrderTaxInvoicing      `json:"taxInvoicing,omitzero"`
}

// OrderFulfillment says who ships the order, and how far that is.
type OrderFulfillment struct {
	Status              OrderFulfillmentStatus `json:"fulfillmentStatus,omitzero"`
	FulfilledBy         string                 `json:"fulfilledBy,omitzero"`
	ServiceLevel        string                 `json:"fulfillmentServiceLevel,omitzero"`
	ShipByWindow        OrderWindow            `json:"shipByWindow,omitzero"`        // when the order must be shipped, so that the promise to the customer is kept
	DeliverByWindow     OrderWindow            `json:"deliverByWindow,omitzero"`     // as promised to the customer
	LabelPrintingWindow OrderWindow            `json:"labelPrintingWindow,omitzero"` // only Earliest; none: at any time
}

// OrderPackage is one parcel.
type OrderPackage struct {
	ID              string               `json:"packageReferenceId,omitzero"`
	Created         time.Time            `json:"createdTime,omitzero"`
	Status          OrderPackageStatus   `json:"packageStatus,omitzero"`
	Carrier         string               `json:"carrier,omitzero"`
	Shipped         time.Time            `json:"shipTime,omitzero"`
	ShippingService string               `json:"shippingService,omitzero"`
	TrackingNumber  string               `json:"trackingNumber,omitzero"`
	ShipFromAddress OrderMerchantAddress `json:"shipFromAddress,omitzero"`
	Items           []OrderPackageItem   `json:"packageItems,omitzero"`
}

// OrderFulfillmentOrder is a part of the order that is shipped on its own.
type OrderFulfillmentOrder struct {
	ID string `json:"fulfillmentOrderId,omitzero"`
}

// OrderAddress is a customer's postal address. It is personal data.
type OrderAddress struct {
	Name             string             `json:"name,omitzero"`
	CompanyName      string             `json:"companyName,omitzero"`
	AddressLine1     string             `json:"addressLine1,omitzero"`
	AddressLine2     string             `json:"addressLine2,omitzero"`
	AddressLine3     string             `json:"addressLine3,omitzero"`
	City             string             `json:"city,omitzero"`
	DistrictOrCounty string             `json:"districtOrCounty,omitzero"`
	StateOrRegion    string             `json:"stateOrRegion,omitzero"`
	Municipality     string             `json:"municipality,omitzero"`
	PostalCode       string             `json:"postalCode,omitzero"`
	CountryCode      string             `json:"countryCode,omitzero"` // ISO 3166-1 alpha-2
	Phone            string             `json:"phone,omitzero"`
	ExtendedFields   OrderAddressFields `json:"extendedFields,omitzero"`
	AddressType      string             `json:"addressType,omitzero"`
}

// OrderDeliveryPreference is how the recipient wants it delivered.
type OrderDeliveryPreference struct {
	DropOffLocation      string            `json:"dropOffLocation,omitzero"`
	AddressInstruction   string            `json:"addressInstruction,omitzero"`
	DeliveryTime         OrderDeliveryTime `json:"deliveryTime,omitzero"`
	DeliveryCapabilities []string          `json:"deliveryCapabilities,omitzero"`
}

// OrderProceedsBreakdown is one part of the proceeds.
type OrderProceedsBreakdown struct {
	Type     string `json:"type,omitzero"`
	Status   string `json:"status,omitzero"`
	Subtotal Money  `json:"subtotal,omitzero"`
}

// OrderPaymentExecution is one payment of the buyer.
type OrderPaymentExecution struct {
	Method            string `json:"paymentMethod,omitzero"`
	Amount            Money  `json:"paymentAmount,omitzero"`
	AcquirerID        string `json:"acquirerId,omitzero"` // of who authorizes the payment: a bank or a payment processor; only in Brazil
	CardBrand         string `json:"cardBrand,omitzero"`  // only in Brazil
	AuthorizationCode string `json:"authorizationCode,omitzero"`
}

// OrderTaxRegistration is a tax number of somebody who takes part in the order.
type OrderTaxRegistration struct {
	EntityType                string                          `json:"entityType,omitzero"`
	LegalName                 string                          `json:"legalName,omitzero"`
	TaxRegistrationType       string                          `json:"taxRegistrationType,omitzero"`
	TaxRegistrationNumber     string                          `json:"taxRegistrationNumber,omitzero"`
	TaxRegistrationAddress    OrderAddress                    `json:"taxRegistrationAddress,omitzero"`
	TaxRegistrationAttributes []OrderTaxRegistrationAttribute `json:"taxRegistrationAttributes,omitzero"`
}

// OrderTaxInvoicing says which invoice the buyer wants.
type OrderTaxInvoicing struct {
	BuyerInvoicePreference string `json:"buyerInvoicePreference,omitzero"`
	InvoiceStatus          string `json:"invoiceStatus,omitzero"`
}

// OrderWindow is a period of time.
type OrderWindow struct {
	Earliest time.Time `json:"earliestDateTime,omitzero"`
	Latest   time.Time `json:"latestDateTime,omitzero"`
}

// OrderMeasurement is a quantity that is not counted in pieces.
type OrderMeasurement struct {
	Unit  OrderUnit   `json:"unit,omitzero"`
	Value json.Number `json:"value,omitzero"`
}

// OrderPackageStatus is how far a parcel is.
type OrderPackageStatus struct {
	Status         OrderPackageState `json:"status,omitzero"`
	DetailedStatus string            `json:"detailedStatus,omitzero"`
}

// OrderMerchantAddress is the address that a parcel was sent from.
type OrderMerchantAddress struct {
	Name             string `json:"name,omitzero"`
	AddressLine1     string `json:"addressLine1,omitzero"`
	AddressLine2     string `json:"addressLine2,omitzero"`
	AddressLine3     string `json:"addressLine3,omitzero"`
	City             string `json:"city,omitzero"`
	DistrictOrCounty string `json:"districtOrCounty,omitzero"`
	StateOrRegion    string `json:"stateOrRegion,omitzero"`
	Municipality     string `json:"municipality,omitzero"`
	PostalCode       string `json:"postalCode,omitzero"`
	CountryCode      string `json:"countryCode,omitzero"` // ISO 3166-1 alpha-2
}

// OrderPackageItem is an item in a parcel.
type OrderPackageItem struct {
	OrderItemID       string   `json:"orderItemId,omitzero"`
	Quantity          int      `json:"quantity,omitzero"`
	TransparencyCodes []string `json:"transparencyCodes,omitzero"`
}

// OrderAddressFields are further parts of an address; Amazon sends them for Brazil.
type OrderAddressFields struct {
	StreetName   string `json:"streetName,omitzero"`
	StreetNumber string `json:"streetNumber,omitzero"`
	Complement   string `json:"complement,omitzero"`
	Neighborhood string `json:"neighborhood,omitzero"`
}

// OrderDeliveryTime is when the recipient is there.
type OrderDeliveryTime struct {
	BusinessHours  []OrderBusinessHour  `json:"businessHours,omitzero"`
	ExceptionDates []OrderExceptionDate `json:"exceptionDates,omitzero"`
}

// OrderTaxRegistrationAttribute says more about a registration.
type OrderTaxRegistrationAttribute struct {
	Key   string `json:"key,omitzero"`
	Value string `json:"value,omitzero"`
}

// OrderBusinessHour is when the recipient is open on a day of the week.
type OrderBusinessHour struct {
	DayOfWeek   OrderWeekday      `json:"dayOfWeek,omitzero"`
	TimeWindows []OrderTimeWindow `json:"timeWindows,omitzero"`
}

// OrderExceptionDate is a day with other hours.
type OrderExceptionDate struct {
	Date        Date               `json:"exceptionDate,omitzero"`
	Type        OrderExceptionType `json:"exceptionDateType,omitzero"`
	TimeWindows []OrderTimeWindow  `json:"timeWindows,omitzero"`
}

// OrderTimeWindow is a time of day, from and until.
type OrderTimeWindow struct {
	StartTime OrderHourMinute `json:"startTime,omitzero"`
	EndTime   OrderHourMinute `json:"endTime,omitzero"`
}

// OrderHourMinute is a time of day, on a clock of 24 hours.
type OrderHourMinute struct {
	Hour   int `json:"hour,omitzero"`
	Minute int `json:"minute,omitzero"`
}
