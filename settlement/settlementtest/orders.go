package settlementtest

import (
	"strconv"
	"time"
)

// orders makes the rows of orders and refunds, one group of rows after another.
type orders struct {
	*generator
	dice *dice
	ids  bool // without: amounts and dates only
	n    uint64
	buf  []Row
	last sale
}

// sale is what a refund must know of the order that it takes back.
type sale struct {
	order, item, sku string

	price, tax, fee int64
	promotion       int64
}

// next returns the rows of the next order or refund; the slice is reused.
func (o *orders) next(done, want int) []Row {
	o.n++
	o.buf = o.buf[:0]
	at := o.at(done, want, 6*time.Hour, o.dice)
	switch {
	case o.last.price > 0 && o.dice.chance(9):
		o.refund(at)
	case o.dice.chance(2):
		o.multiChannel(at)
	default:
		o.order(at)
	}
	return o.buf
}

// label returns a group of one row, for the last places of a report that no whole order fits into.
func (o *orders) label(done, want int) []Row {
	o.n++
	r := o.account("other-transaction", "other-transaction", "Shipping label purchase for return", -o.dice.between(280, 1150), o.at(done, want, 6*time.Hour, o.dice))
	if o.ids {
		r.OrderID = orderID(o.market.order, hash(o.seed, o.n, "order"))
	}
	o.buf = append(o.buf[:0], r)
	return o.buf
}

// multiChannel is an order of another shop that Amazon only ships: an order id of its own kind, a merchant order id that
// differs from it, no item and no price, only the fee.
func (o *orders) multiChannel(at time.Time) {
	r := Row{
		TransactionType: "Order", AmountType: "ShipmentFees", AmountDescription: "FBA transportation fee",
		Amount: -o.dice.between(620, 1490), Posted: at, MarketplaceName: "Non-Amazon " + o.market.Country, FulfillmentID: "AFN",
	}
	if o.ids {
		h := hash(o.seed, o.n, "multi-channel")
		r.OrderID = "S01-" + digits(h, 7) + "-" + digits(mix(h), 7)
		r.MerchantOrderID, r.ShipmentID = "shop-"+digits(mix(h+1), 6), word(mix(h+2), 9, 62)
	}
	o.buf = append(o.buf, r)
}

func (o *orders) order(at time.Time) {
	d := o.dice
	h := hash(o.seed, o.n, "order")
	base := Row{TransactionType: "Order", Posted: at, MarketplaceName: o.market.Name, FulfillmentID: "AFN"}
	if d.chance(15) {
		base.FulfillmentID = "MFN"
	}
	if o.ids {
		base.OrderID = orderID(o.market.order, h)
		base.MerchantOrderID = base.OrderID
		base.ShipmentID = word(mix(h+1), 9, 62)
	}
	items := 1
	if d.chance(18) {
		items = int(d.between(2, 3))
	}
	for i := range items {
		o.item(base, h, i)
	}
}

func (o *orders) item(base Row, h uint64, i int) {
	d := o.dice
	quantity := int64(1)
	if d.chance(10) {
		quantity = d.between(2, 4)
	}
	product := d.n(40)
	price := (799 + product*product*7) * quantity
	tax := o.tax(price)
	if o.ids {
		base.OrderItemCode = digits(mix(h+100+uint64(i)), 15) // may start with 0
		base.SKU = o.sku(product)
		base.Quantity = strconv.FormatInt(quantity, 10)
	}
	add := func(amountType, description string, amount int64) {
		if amount == 0 {
			return // V2 leaves out rows of 0.00
		}
		r := base
		r.AmountType, r.AmountDescription, r.Amount = amountType, description, amount
		o.buf = append(o.buf, r)
	}
	add("ItemPrice", "Principal", price)
	var shipping int64
	if d.chance(22) {
		shipping = d.between(299, 1299)
	}
	add("ItemPrice", "Shipping", shipping)
	add("ItemPrice", "Tax", tax)
	shippingTax := o.tax(shipping)
	add("ItemPrice", "ShippingTax", shippingTax)
	if word := o.withheld(); word != "" {
		add("ItemWithheldTax", word+"-Principal", -tax)
		add("ItemWithheldTax", word+"-Shipping", -shippingTax)
	}
	fee := price * 15 / 100
	add("ItemFees", "Commission", -fee)
	if base.FulfillmentID == "AFN" {
		add("ItemFees", "FBAPerUnitFulfillmentFee", -d.between(306, 890)*quantity)
		if shipping > 0 {
			add("ItemFees", "ShippingChargeback", -shipping)
		}
	} else if shipping > 0 {
		add("ItemFees", "ShippingHB", -shipping*15/100)
	}
	if o.market.Region == "eu" && o.market.Country != "DE" {
		add("ItemFees", "DigitalServicesFee", -fee*2/100)
	}
	var promotion int64
	if d.chance(12) {
		promotion = -price / 10
		base.PromotionID = "Subscribe & Save Promotion V2"
		add("Promotion", "Principal", promotion)
		base.PromotionID = ""
	}
	o.last = sale{order: base.OrderID, item: base.OrderItemCode, sku: base.SKU, price: price, tax: tax, fee: fee, promotion: promotion}
}

// refund takes the last item back: price, tax and commission, of which Amazon keeps a fifth.
func (o *orders) refund(at time.Time) {
	s := o.last
	o.last = sale{}
	base := Row{TransactionType: "Refund", Posted: at, MarketplaceName: o.market.Name, FulfillmentID: "AFN"}
	if o.ids {
		h := hash(o.seed, o.n, "refund")
		base.OrderID, base.MerchantOrderID = s.order, s.order
		base.AdjustmentID = adjustmentID(h)
		base.OrderItemCode, base.SKU = s.item, s.sku
		base.MerchantAdjustmentItemID = digits(mix(h+2), 12)
	}
	add := func(amountType, description string, amount int64) {
		if amount == 0 {
			return
		}
		r := base
		r.AmountType, r.AmountDescription, r.Amount = amountType, description, amount
		o.buf = append(o.buf, r)
	}
	add("ItemPrice", "Principal", -s.price)
	add("ItemPrice", "Tax", -s.tax)
	if word := o.withheld(); word != "" {
		add("ItemWithheldTax", word+"-Principal", s.tax)
	}
	add("ItemFees", "Commission", s.fee)
	add("ItemFees", "RefundCommission", -min(s.fee/5, 500))
	if s.promotion != 0 {
		base.PromotionID = "Subscribe & Save Promotion V2"
		add("Promotion", "Principal", -s.promotion)
	}
}

// tax is what the buyer pays on an amount, in whole minor units.
func (o *orders) tax(amount int64) int64 {
	percent := int64(8)
	if o.market.Region == "eu" {
		percent = 19
	}
	return (amount*percent + 50) / 100
}

// withheld is the word for tax that Amazon collects and remits itself, or "" where the seller gets the tax.
func (o *orders) withheld() string {
	switch o.market.Country {
	case "US", "CA":
		return "MarketplaceFacilitatorTax"
	case "GB":
		return "MarketplaceFacilitatorVAT"
	default:
		return ""
	}
}

func (g *generator) sku(product int64) string {
	names := [...]string{"COF-GEI-75", "TEA-SEN-20", "MUG-BLU-1", "KETTLE-17", "FILTER-100", "SPOON-SET-6", "JAR-3P", "CLOTH-XL"}
	return "EX-" + names[product%int64(len(names))] + "-" + strconv.FormatInt(100+product, 10)
}
