package spapi

// OrderFulfillmentStatus is how far an order is.
type OrderFulfillmentStatus string

// Values of OrderFulfillmentStatus. Words not listed here are kept as they came.
const (
	OrderFulfillmentStatusPendingAvailability OrderFulfillmentStatus = "PENDING_AVAILABILITY" // a pre-order of what is not released yet
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
