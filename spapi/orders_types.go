package spapi

import (
	"encoding/json"
	"time"
)

// OrderFulfillmentStatus is how far an order is.
type OrderFulfillmentStatus string

// Values of OrderFulfillmentStatus. Words not listed here are kept as they came.
const (
	OrderFulfillmentStatusPendingAvailability OrderFulfillmentStatus = "PENDING_AVAILABILITY" // this status is available for pre-orders only
	OrderFulfillmentStatusPending             OrderFulfillmentStatus = "PENDING"
	OrderFulfillmentStatusUnshipped           OrderFulfillmentStatus = "UNSHIPPED"
	OrderFulfillmentStatusPartiallyShipped    OrderFulfillmentStatus = "PARTIALLY_SHIPPED"
	OrderFulfillmentStatusShipped             OrderFulfillmentStatus = "SHIPPED"
	OrderFulfillmentStatusCancelled           OrderFulfillmentStatus = "CANCELLED"
	OrderFulfillmentStatusUnfulfillable       OrderFulfillmentStatus = "UNFULFILLABLE"
)

// OrderUnit is a unit of measurement.
type OrderUnit string

// Values of OrderUnit. Words not listed here are kept as they came.
const (
	OrderUnitOunces            OrderUnit = "OUNCES"
	OrderUnitPounds            OrderUnit = "POUNDS"
	OrderUnitKilograms         OrderUnit = "KILOGRAMS"
	OrderUnitGrams             OrderUnit = "GRAMS"
	OrderUnitMilligrams        OrderUnit = "MILLIGRAMS"
	OrderUnitInches            OrderUnit = "INCHES"
	OrderUnitFeet              OrderUnit = "FEET"
	OrderUnitMeters            OrderUnit = "METERS"
	OrderUnitCentimeters       OrderUnit = "CENTIMETERS"
	OrderUnitMillimeters       OrderUnit = "MILLIMETERS"
	OrderUnitSquareMeters      OrderUnit = "SQUARE_METERS"
	OrderUnitSquareCentimeters OrderUnit = "SQUARE_CENTIMETERS"
	OrderUnitSquareFeet        OrderUnit = "SQUARE_FEET"
	OrderUnitSquareInches      OrderUnit = "SQUARE_INCHES"
	OrderUnitGallons           OrderUnit = "GALLONS"
	OrderUnitPints             OrderUnit = "PINTS"
	OrderUnitQuarts            OrderUnit = "QUARTS"
	OrderUnitFluidOunces       OrderUnit = "FLUID_OUNCES"
	OrderUnitLiters            OrderUnit = "LITERS"
	OrderUnitCubicMeters       OrderUnit = "CUBIC_METERS"
	OrderUnitCubicFeet         OrderUnit = "CUBIC_FEET"
	OrderUnitCubicInches       OrderUnit = "CUBIC_INCHES"
	OrderUnitCubicCentimeters  OrderUnit = "CUBIC_CENTIMETERS"
	OrderUnitCount             OrderUnit = "COUNT"
)

// OrderPackageState is how far a parcel is.
type OrderPackageState string

// Values of OrderPackageState. Words not listed here are kept as they came.
const (
	OrderPackageStatePending       OrderPackageState = "PENDING"
	OrderPackageStateInTransit     OrderPackageState = "IN_TRANSIT"
	OrderPackageStateShipped       OrderPackageState = "SHIPPED"
	OrderPackageStateDelivered     OrderPackageState = "DELIVERED"
	OrderPackageStateCancelled     OrderPackageState = "CANCELLED"
	OrderPackageStateUndeliverable OrderPackageState = "UNDELIVERABLE"
)

// OrderWeekday is a day of the week.
type OrderWeekday string

// Values of OrderWeekday. Words not listed here are kept as they came.
const (
	OrderWeekdaySun OrderWeekday = "SUN"
	OrderWeekdayMon OrderWeekday = "MON"
	OrderWeekdayTue OrderWeekday = "TUE"
	OrderWeekdayWed OrderWeekday = "WED"
	OrderWeekdayThu OrderWeekday = "THU"
	OrderWeekdayFri OrderWeekday = "FRI"
	OrderWeekdaySat OrderWeekday = "SAT"
)

// OrderExceptionType says whether a recipient is open on a special day.
type OrderExceptionType string

// Values of OrderExceptionType. Words not listed here are kept as they came.
const (
	OrderExceptionTypeClosed OrderExceptionType = "CLOSED"
	OrderExceptionTypeOpen   OrderExceptionType = "OPEN"
)

// OrderSubstitutionType says whether another product may be delivered.
type OrderSubstitutionType string

// Values of OrderSubstitutionType. Words not listed here are kept as they came.
const (
	OrderSubstitutionTypeCustomerPreference OrderSubstitutionType = "CUSTOMER_PREFERENCE"
	OrderSubstitutionTypeAmazonRecommended  OrderSubstitutionType = "AMAZON_RECOMMENDED"
	OrderSubstitutionTypeDoNotSubstitute    OrderSubstitutionType = "DO_NOT_SUBSTITUTE"
)

// OrderConstraint says whether a shipping rule must be kept.
type OrderConstraint string

// Values of OrderConstraint. Words not listed here are kept as they came.
const (
	OrderConstraintMandatory OrderConstraint = "MANDATORY"
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
	Email               string `json:"buyerEmail,omitzero"` // anonymized email address of the buyer
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
	ShipByWindow        OrderWindow            `json:"shipByWindow,omitzero"`    // promised time period within
	DeliverByWindow     OrderWindow            `json:"deliverByWindow,omitzero"` // promised time period within which the order should be delivered to the customer
	LabelPrintingWindow OrderWindow            `json:"labelPrintingWindow,omitzero"`
}

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
	CountryCode      string             `json:"countryCode,omitzero"` // two-letter country code identifying the country of the address, in ISO 3166-1 format
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
	AcquirerID        string `json:"acquirerId,omitzero"` // unique identifier of the payment processor or acquiring bank that authorizes the payment
	CardBrand         string `json:"cardBrand,omitzero"`  // card network or brand used in the payment transaction (for example, Visa or Mastercard)
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
	Earliest time.Time `json:"earliestDateTime,omitzero"` // beginning of the time period, in ISO 8601 format
	Latest   time.Time `json:"latestDateTime,omitzero"`   // end of the time period, in ISO 8601 format
}

// OrderMeasurement is a quantity that is not counted in pieces.
type OrderMeasurement struct {
	Unit  OrderUnit   `json:"unit,omitzero"`
	Value json.Number `json:"value,omitzero"`
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
	CountryCode      string `json:"countryCode,omitzero"` // two-letter country code for the address, in ISO 3166-1 format
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

// OrderTimeWindow is a time of day, from and until.
type OrderTimeWindow struct {
	StartTime OrderHourMinute `json:"startTime,omitzero"`
	EndTime   OrderHourMinute `json:"endTime,omitzero"`
}

// OrderItemSubstitutionOption is a product that may be delivered instead.
type OrderItemSubstitutionOption struct {
	ASIN            string           `json:"asin,omitzero"`
	QuantityOrdered int              `json:"quantityOrdered,omitzero"`
	SellerSKU       string           `json:"sellerSku,omitzero"`
	Title           string           `json:"title,omitzero"`
	Measurement     OrderMeasurement `json:"measurement,omitzero"`
}

// OrderHourMinute is a time of day, on a clock of 24 hours.
type OrderHourMinute struct {
	Hour   int `json:"hour,omitzero"`
	Minute int `json:"minute,omitzero"`
}
