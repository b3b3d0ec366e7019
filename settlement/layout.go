package settlement

import (
	"fmt"
	"slices"
	"strings"
)

// maxFields limits the fields of a row. Real reports have up to 36.
const maxFields = 256

// layout says where a flat file keeps what. Columns are found by name, since
// both formats have come with more and with fewer of them; -1 is a column that
// the file does not have.
type layout struct {
	format string
	header string // the header row as it stands, to know it again inside the file

	id, start, end, deposit, total, currency int

	transactionType, postedDate, postedTime                                            int
	orderID, merchantOrderID, adjustmentID, shipmentID, marketplace, fulfillmentID     int
	orderItemCode, merchantOrderItemID, merchantAdjustmentItemID, sku, quantity, promo int

	amounts []amountColumn
	names   []string
	extra   []extraColumn
}

// amountColumn is a column of amounts with the columns that say what they are.
type amountColumn struct {
	name              string
	index             int
	amountType        int    // V2
	amountDescription int    // V2: amount-description; V1: the column's own type column
	v1                string // amount-type that V2 uses for a V1 column
}

// v1Amounts are the amount columns of the V1 flat file, each with the column
// that says what it holds and the amount-type that V2 gives the same amounts
// (Amazon's notice on the end of V1: `*-type` becomes amount-type).
var v1Amounts = []struct{ amount, description, amountType string }{
	{"shipment-fee-amount", "shipment-fee-type", "ShipmentFees"},
	{"order-fee-amount", "order-fee-type", "OrderFees"},
	{"price-amount", "price-type", "ItemPrice"},
	{"item-related-fee-amount", "item-related-fee-type", "ItemFees"},
	{"misc-fee-amount", "", "misc-fee"},
	{"other-fee-amount", "other-fee-reason-description", "other-fee"},
	{"promotion-amount", "promotion-type", "Promotion"},
	{"direct-payment-amount", "direct-payment-type", "DirectPayment"},
	{"other-amount", "", "other-transaction"},
}

// newLayout reads a header row.
func newLayout(header string) (*layout, *ParseError) {
	if strings.Contains(strings.TrimRight(header, "\r"), "\r") {
		return nil, &ParseError{Code: CodeNotASettlement, Message: "the lines end with a carriage return and no line feed; fetch the report again as Amazon delivers it"}
	}
	l := &layout{header: header}
	for name := range strings.SplitSeq(header, "\t") {
		l.names = append(l.names, strings.ToLower(strings.Trim(name, " ")))
	}
	if len(l.names) > maxFields {
		return nil, &ParseError{Code: CodeNotASettlement, Message: fmt.Sprintf("the first row has %d fields; a settlement report has 23 to 36", len(l.names))}
	}
	known := map[string]bool{}
	var trouble, twice []string
	column := func(name string, required bool) int {
		known[name] = true
		i := slices.Index(l.names, name)
		switch {
		case i < 0 && required:
			trouble = append(trouble, name)
		case i >= 0 && slices.Contains(l.names[i+1:], name):
			twice = append(twice, name)
		}
		return i
	}

	l.id = column("settlement-id", true)
	l.start, l.end = column("settlement-start-date", true), column("settlement-end-date", true)
	l.deposit, l.total, l.currency = column("deposit-date", true), column("total-amount", true), column("currency", true)
	l.transactionType = column("transaction-type", true)
	l.orderID, l.marketplace, l.sku = column("order-id", true), column("marketplace-name", true), column("sku", true)
	l.merchantOrderID, l.adjustmentID = column("merchant-order-id", false), column("adjustment-id", false)
	l.shipmentID, l.fulfillmentID = column("shipment-id", false), column("fulfillment-id", false)
	l.orderItemCode, l.merchantOrderItemID = column("order-item-code", false), column("merchant-order-item-id", false)
	l.merchantAdjustmentItemID = column("merchant-adjustment-item-id", false)
	l.quantity, l.promo = column("quantity-purchased", false), column("promotion-id", false)

	isV1 := func(c struct{ amount, description, amountType string }) bool {
		return slices.Contains(l.names, c.amount)
	}
	if !slices.Contains(l.names, "amount") && slices.ContainsFunc(v1Amounts, isV1) {
		l.format = FormatV1
		l.postedTime, l.postedDate = -1, column("posted-date", true)
		for _, c := range v1Amounts {
			a := amountColumn{name: c.amount, index: column(c.amount, false), amountDescription: -1, v1: c.amountType}
			if c.description != "" {
				a.amountDescription = column(c.description, a.index >= 0)
			}
			if a.index >= 0 {
				l.amounts = append(l.amounts, a)
			}
		}
	} else {
		l.format = FormatV2
		l.postedTime, l.postedDate = column("posted-date-time", false), column("posted-date", false)
		if l.postedTime < 0 && l.postedDate < 0 {
			trouble = append(trouble, "posted-date-time")
		}
		l.amounts = []amountColumn{{
			name: "amount", index: column("amount", true),
			amountType: column("amount-type", true), amountDescription: column("amount-description", true),
		}}
	}

	found := 0
	for i, name := range l.names {
		if known[name] {
			found++
		} else {
			l.extra = append(l.extra, extraColumn{name, i})
		}
	}
	switch {
	case found < 6: // a settlement report with damage still has most of them
		return nil, &ParseError{
			Code:    CodeNotASettlement,
			Message: "the first row does not name the columns of a settlement report; expected a tab-separated report of type GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
		}
	case len(twice) > 0:
		return nil, &ParseError{Code: CodeBadHeader, Message: "the header has twice: " + strings.Join(twice, ", ") + "; fetch the report again as Amazon delivers it"}
	case len(trouble) > 0:
		return nil, &ParseError{Code: CodeBadHeader, Message: "the header lacks " + strings.Join(trouble, ", ") + "; fetch the report again as Amazon delivers it"}
	}
	return l, nil
}

// v1Kind gives an amount of a V1 row the words that V2 uses for it. V1 writes
// the reason of an account-level amount into transaction-type and the amount
// into other-amount; advertising and its tax share a row there.
func v1Kind(transactionType, amountType, description string) Kind {
	switch {
	case transactionType == "ServiceFee" && amountType == "ItemFees":
		return Kind{transactionType, description, "TransactionTotalAmount"}
	case transactionType == "ServiceFee" && amountType == "other-fee":
		return Kind{transactionType, "Cost of Advertising", description}
	case amountType == "other-transaction" && (transactionType == "Order" || strings.HasSuffix(transactionType, "Refund")):
		// not a reason: an amount of an order that V1 does not explain
	case amountType == "other-transaction", amountType == "ItemFees" && description == "":
		k := Kind{"other-transaction", "FBA Inventory Reimbursement", transactionType}
		if _, known := vocabulary().exact[normal(k)]; !known {
			k.AmountType = "other-transaction"
		}
		return k
	}
	return Kind{transactionType, amountType, description}
}
