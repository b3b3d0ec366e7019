package settlement

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// transaction reads a child of the report: its summary, or amounts.
func (x *xmlPass) transaction(e *element) error {
	if e.name == "SettlementData" {
		return x.data(e)
	}
	if x.skipped {
		return nil
	}
	if !x.stated {
		return x.wrong(e, CodeBadHeader, "comes before SettlementData", nil)
	}
	line := Line{
		OrderID: e.child("AmazonOrderID"), MerchantOrderID: e.child("MerchantOrderID"), AdjustmentID: e.child("AdjustmentID"),
		ShipmentID: e.child("ShipmentID"), Marketplace: e.child("MarketplaceName"), FulfillmentID: e.child("MerchantFulfillmentID"),
	}
	posted := e.find("PostedDate")
	for _, c := range e.children { // fees of a whole order stand beside its fulfillment and share its date
		if c.name == "Fulfillment" && posted == nil {
			posted, line.FulfillmentID = c.find("PostedDate"), c.child("MerchantFulfillmentID")
		}
	}
	switch e.name {
	case "OtherTransaction":
		kind := v1Kind(e.child("TransactionType"), "other-transaction", "")
		for _, c := range e.children { // the amount, not its parts beside it
			if c.name == "Amount" {
				if items := items(e); len(items) == 1 {
					line.SKU, line.Quantity = items[0].child("SKU"), items[0].child("Quantity")
				}
				return x.amount(c, line, posted, kind)
			}
		}
	case "AdvertisingTransactionDetails":
		return x.advertising(e, line, posted)
	}
	return x.walk(e, line, posted, cmp.Or(xmlTransactions[e.name], e.name), "", "")
}

func items(e *element) (items []*element) {
	for _, c := range e.children {
		if c.name == "OtherTransactionItem" {
			items = append(items, c)
		}
	}
	return items
}

// xmlTransactions and xmlGroups give elements the words of V2.
var (
	xmlTransactions = map[string]string{
		"Chargeback": "Chargeback Refund", "GuaranteeClaim": "A-to-z Guarantee Refund",
		"Retrocharge": "Order_Retrocharge", "RetrochargeReversal": "Refund_Retrocharge",
		"LiquidationsAdjustment": "Liquidations Adjustments",
	}
	xmlGroups = map[string]string{
		"ItemPriceAdjustments": "ItemPrice", "ItemFeeAdjustments": "ItemFees", "PromotionAdjustment": "Promotion",
		"ItemTaxWithheld": "ItemWithheldTax", "ItemTaxWithheldAdjustments": "ItemWithheldTax",
		"ShipmentFeeAdjustments": "ShipmentFees", "OrderFeeAdjustments": "OrderFees",
	}
)

// walk gives a line for each amount below e. Its amount-type is the group that
// it stands in, its description the Type beside it.
func (x *xmlPass) walk(e *element, line Line, posted *element, transactionType, group, description string) error {
	for _, c := range e.children {
		switch {
		case c.currency != "" || c.name == "Amount":
			k := Kind{transactionType, cmp.Or(group, e.name), cmp.Or(description, c.name)}
			if err := x.amount(c, line, posted, k); err != nil {
				return err
			}
			continue
		case len(c.children) == 0:
			continue
		}
		next, inner := line, group
		switch c.name {
		case "Item", "AdjustedItem":
			next.OrderItemCode, next.SKU, next.Quantity = c.child("AmazonOrderItemCode"), c.child("SKU"), c.child("Quantity")
			next.MerchantOrderItemID, next.MerchantAdjustmentItemID = c.child("MerchantOrderItemID"), c.child("MerchantAdjustmentItemID")
		case "Promotion", "PromotionAdjustment":
			next.PromotionID = c.child("MerchantPromotionID")
			inner = "Promotion"
		case "Component", "Fee", "Fulfillment":
		default:
			inner = cmp.Or(xmlGroups[c.name], c.name)
		}
		next.FulfillmentID = cmp.Or(c.child("MerchantFulfillmentID"), next.FulfillmentID)
		if err := x.walk(c, next, cmp.Or(c.find("PostedDate"), posted), transactionType, inner, c.child("Type")); err != nil {
			return err
		}
	}
	return nil
}

// advertising gives an invoice's base and tax if they make up its amount, else
// the amount: never a total beside its parts.
func (x *xmlPass) advertising(e *element, line Line, posted *element) error {
	parts := map[string]*element{}
	for _, c := range e.children {
		parts[c.name] = c
	}
	kind := Kind{"ServiceFee", "Cost of Advertising", "TransactionTotalAmount"}
	base, tax, whole := parts["BaseAmount"], parts["TaxAmount"], parts["TransactionAmount"]
	if whole == nil && base == nil {
		return x.wrong(e, CodeBadAmount, "has no amount", nil)
	}
	if base != nil && tax != nil {
		b, errB := ParseMoney(base.text, x.statement.Currency)
		t, errT := ParseMoney(tax.text, x.statement.Currency)
		sum, errS := b.Add(t)
		ok := errors.Join(errB, errT, errS) == nil
		if ok && whole != nil {
			w, err := ParseMoney(whole.text, x.statement.Currency)
			ok = err == nil && w == sum
		}
		if ok {
			if err := x.amount(base, line, posted, kind); err != nil {
				return err
			}
			kind.AmountDescription = "TaxAmount"
			return x.amount(tax, line, posted, kind)
		}
	}
	if whole == nil {
		whole = base
	}
	return x.amount(whole, line, posted, kind)
}

// amount gives a line.
func (x *xmlPass) amount(e *element, line Line, posted *element, kind Kind) error {
	s := &x.statement
	if e.currency != "" && e.currency != s.Currency.String() {
		return x.wrong(e, CodeMixedCurrency, "is in "+clip(e.currency)+", a second currency beside "+s.Currency.String(), nil)
	}
	amount, err := ParseMoney(e.text, s.Currency)
	if err != nil {
		return x.wrong(e, CodeBadAmount, "is no amount", err)
	}
	if posted == nil {
		posted = &element{name: "PostedDate", line: e.line}
	}
	if line.Posted, err = x.times.parse(posted.text); err != nil {
		return x.wrong(posted, CodeBadDate, "cannot be read", err)
	}
	if code, trouble := x.noteMarketplace(line.Marketplace); code != "" {
		return x.wrong(&element{name: "MarketplaceName", text: line.Marketplace, line: e.line}, code, trouble, nil)
	}
	k := x.kinds.get(kind.TransactionType, kind.AmountType, kind.AmountDescription, false)
	if k == nil {
		return x.wrong(e, CodeTooLarge, fmt.Sprintf("has a kind with a word of more than %d bytes; Amazon writes none like it", maxWord), nil)
	}
	line.Kind, line.Category, line.Amount = k.kind, k.category, amount
	line.Row, line.Offset, line.Length = e.line, e.offset, e.length
	if err := x.add(amount.minor); err != nil {
		return x.wrong(e, CodeBadAmount, "makes the sum of the lines too large", err)
	}
	if !x.yield(line, nil) {
		return errStopped
	}
	return nil
}

// data reads what the report states of its settlement.
func (x *xmlPass) data(e *element) error {
	s := &x.statement
	id := e.child("AmazonSettlementID")
	want := x.options.Settlement
	switch {
	case id == "":
		return x.wrong(e, CodeBadHeader, "has no AmazonSettlementID", nil)
	case !isID(id):
		return x.wrong(&element{name: "AmazonSettlementID", text: id, line: e.line}, CodeBadHeader, notID, nil)
	case x.listed != nil:
		if !x.list(id) {
			return x.wrong(e, CodeTooLarge, tooManySettlements, nil)
		}
		x.skipped = true
		return nil
	case want != "" && id != want:
		x.skipped = true
		return nil
	case id == s.ID:
		return x.wrong(e, CodeTwoTotals, twice, nil)
	case s.ID != "":
		return x.wrong(e, CodeTwoTotals, "is of settlement "+clip(id)+", behind that of "+s.ID+"; choose one of them by its id", nil)
	}
	s.ID = id
	for i, c := range e.children {
		var err error
		switch c.name {
		case "TotalAmount", "StartDate", "EndDate", "DepositDate":
			if slices.ContainsFunc(e.children[:i], func(earlier *element) bool { return earlier.name == c.name }) {
				return x.wrong(c, CodeTwoTotals, "is stated a second time", nil)
			}
		}
		switch c.name {
		case "TotalAmount":
			if s.Currency, err = ParseCurrency(c.currency); err != nil {
				return x.wrong(c, CodeBadHeader, "states no currency", err)
			}
			if s.Total, err = ParseMoney(c.text, s.Currency); err != nil {
				return x.wrong(c, CodeBadAmount, "is no amount", err)
			}
			x.stated = true
		case "StartDate":
			s.Start, err = x.times.parse(c.text)
		case "EndDate":
			s.End, err = x.times.parse(c.text)
		case "DepositDate":
			s.Deposit, err = x.times.parse(c.text)
		}
		if err != nil {
			return x.wrong(c, CodeBadDate, "cannot be read", err)
		}
	}
	if end := e.find("EndDate"); end != nil && !s.Start.IsZero() && s.End.Before(s.Start) {
		return x.wrong(end, CodeBadDate, endsBefore, nil)
	}
	return nil
}
