package spapitest

import (
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// eventLists are the 34 lists of Finances v0. An answer has them all; those without events are empty.
const eventLists = `ShipmentEventList ShipmentSettleEventList RefundEventList GuaranteeClaimEventList ChargebackEventList
EBTRefundReimbursementOnlyEventList PayWithAmazonEventList ServiceProviderCreditEventList RetrochargeEventList
RentalTransactionEventList ProductAdsPaymentEventList ServiceFeeEventList SellerDealPaymentEventList DebtRecoveryEventList
LoanServicingEventList AdjustmentEventList SAFETReimbursementEventList SellerReviewEnrollmentPaymentEventList
FBALiquidationEventList CouponPaymentEventList ImagingServicesFeeEventList NetworkComminglingTransactionEventList
AffordabilityExpenseEventList AffordabilityExpenseReversalEventList RemovalShipmentEventList
RemovalShipmentAdjustmentEventList TrialShipmentEventList TDSReimbursementEventList AdhocDisbursementEventList
TaxWithholdingEventList ChargeRefundEventList FailedAdhocDisbursementEventList ValueAddedServiceChargeEventList
CapacityReservationBillingEventList`

// event is one event and the list that it goes to.
type event struct {
	list string
	body any
}

type chargeV0 struct {
	Type   string   `json:"ChargeType"`
	Amount *moneyV0 `json:"ChargeAmount"`
}

type feeV0 struct {
	Type   string   `json:"FeeType"`
	Amount *moneyV0 `json:"FeeAmount"`
}

type withheldV0 struct {
	Model string     `json:"TaxCollectionModel"`
	Taxes []chargeV0 `json:"TaxesWithheld"`
}

type promotionV0 struct {
	Type   string   `json:"PromotionType"`
	ID     string   `json:"PromotionId"`
	Amount *moneyV0 `json:"PromotionAmount"`
}

type shipmentItemV0 struct {
	SKU                 string        `json:"SellerSKU"`
	Item                string        `json:"OrderItemId,omitempty"`
	AdjustmentItem      string        `json:"OrderAdjustmentItemId,omitempty"`
	Quantity            int           `json:"QuantityShipped,omitempty"`
	Charges             []chargeV0    `json:"ItemChargeList,omitempty"`
	ChargeAdjustments   []chargeV0    `json:"ItemChargeAdjustmentList,omitempty"`
	Fees                []feeV0       `json:"ItemFeeList,omitempty"`
	FeeAdjustments      []feeV0       `json:"ItemFeeAdjustmentList,omitempty"`
	Withheld            []withheldV0  `json:"ItemTaxWithheldList,omitempty"`
	Promotions          []promotionV0 `json:"PromotionList,omitempty"`
	PromotionAdjustment []promotionV0 `json:"PromotionAdjustmentList,omitempty"`
}

type shipmentV0 struct {
	Order       string           `json:"AmazonOrderId"`
	SellerOrder string           `json:"SellerOrderId"`
	Marketplace string           `json:"MarketplaceName"`
	Posted      instant          `json:"PostedDate"`
	Fees        []feeV0          `json:"ShipmentFeeList,omitempty"` // of no item: multi-channel orders
	Items       []shipmentItemV0 `json:"ShipmentItemList,omitempty"`
	Adjustments []shipmentItemV0 `json:"ShipmentItemAdjustmentList,omitempty"`
}

func listFinancialEvents(c *call) (any, error) {
	return c.events(func() (func(settlementtest.Transaction) bool, error) {
		if c.query.Get("PostedAfter") == "" {
			return nil, invalid("Must specify a valid value of atleast one of : 1)AmazonOrderId, 2)FinancialEventGroupId and 3)PostedAfter", "")
		}
		return func(settlementtest.Transaction) bool { return true }, nil
	})
}

func listFinancialEventsByGroupID(c *call) (any, error) {
	id := c.vars["eventGroupId"]
	return c.events(func() (func(settlementtest.Transaction) bool, error) {
		for _, st := range c.seller().Settlements {
			if st.EventGroup == id {
				return func(t settlementtest.Transaction) bool { return t.EventGroup == id }, nil
			}
		}
		return nil, invalid("Invalid FinancialEventGroupId "+id, "")
	})
}

func listFinancialEventsByOrderID(c *call) (any, error) {
	id := c.vars["orderId"]
	return c.events(func() (func(settlementtest.Transaction) bool, error) {
		return func(t settlementtest.Transaction) bool { return t.OrderID == id }, nil
	})
}

// events answers a page of events: those that are not deferred and that the test wants.
func (c *call) events(choose func() (func(settlementtest.Transaction) bool, error)) (any, error) {
	size, err := c.count("MaxResultsPerPage", 100, 100)
	if err != nil {
		return nil, err
	}
	items, next, err := c.paged("NextToken", size, func() (func(int, int) ([]any, bool), error) { return c.eventLoader(choose) })
	if err != nil {
		return nil, err
	}
	lists := map[string][]any{}
	for name := range strings.FieldsSeq(eventLists) {
		lists[name] = []any{}
	}
	for _, item := range items {
		e := item.(event) // the loader returns nothing else
		lists[e.list] = append(lists[e.list], e.body)
	}
	type payload struct {
		NextToken string           `json:"NextToken,omitempty"`
		Events    map[string][]any `json:"FinancialEvents"`
	}
	return map[string]payload{"payload": {next, lists}}, nil
}

func (c *call) eventLoader(choose func() (func(settlementtest.Transaction) bool, error)) (func(int, int) ([]any, bool), error) {
	wanted, err := choose()
	if err != nil {
		return nil, err
	}
	newest := c.now.Add(-lag)
	after, err := c.instant("PostedAfter", time.Time{})
	if err != nil {
		return nil, err
	}
	before, err := c.instant("PostedBefore", newest)
	if err != nil {
		return nil, err
	}
	switch {
	case c.query.Has("PostedBefore") && !c.query.Has("PostedAfter"):
		return nil, invalid("PostedBefore needs PostedAfter.", "")
	case after.After(newest) || before.After(newest):
		return nil, invalid("Date range is invalid: dates must be more than two minutes before the request.", "")
	case !before.After(after):
		return nil, invalid("PostedBefore must be later than PostedAfter.", "")
	case !after.IsZero() && before.Sub(after) > span:
		return of([]event(nil)), nil
	}
	s, now := c.seller(), c.now
	return func(offset, size int) (items []any, more bool) {
		items = []any{}
		s.transactions(now, "", "", func(t settlementtest.Transaction) bool {
			if t.Status != "RELEASED" || t.Posted.Before(after) || !t.Posted.Before(before) || !wanted(t) {
				return true
			}
			if offset > 0 {
				offset--
				return true
			}
			if len(items) == size {
				more = true
				return false
			}
			items = append(items, eventOf(t))
			return true
		})
		return items, more
	}, nil
}

// eventOf turns a transaction into the event of v0; the amounts in it add up to the transaction's.
func eventOf(t settlementtest.Transaction) event {
	first := t.Rows[0]
	total := amountV0(t.Amount, t.Currency)
	posted := instant(t.Posted)
	text := first.AmountDescription
	switch {
	case first.TransactionType == "Order" || first.TransactionType == "Refund":
		return shipmentEvent(t)
	case first.TransactionType == "ServiceFee" && strings.Contains(first.AmountType, "dvertis"):
		kind := "charge"
		if t.Amount > 0 {
			kind = "refund"
		}
		return event{"ProductAdsPaymentEventList", map[string]any{
			"postedDate": posted, "transactionType": kind,
			"invoiceId": strings.ToUpper(t.ID[:10]), "baseValue": total, "taxValue": amountV0(0, t.Currency), "transactionValue": total,
		}}
	case strings.Contains(text, "Reserve Amount"):
		return event{"AdjustmentEventList", map[string]any{"AdjustmentType": "ReserveEvent", "PostedDate": posted, "AdjustmentAmount": total}}
	case text == "Payable to Amazon" || text == "Successful charge": // no date: Amazon gives none
		return event{"DebtRecoveryEventList", map[string]any{"DebtRecoveryType": "DebtPayment", "RecoveryAmount": total}}
	case first.AmountType == "FBA Inventory Reimbursement" || strings.HasPrefix(text, "Transfer of funds"):
		return event{"AdjustmentEventList", map[string]any{
			"AdjustmentType": text, "PostedDate": posted, "AdjustmentAmount": total,
			"AdjustmentItemList": []any{map[string]any{"Quantity": "1", "PerUnitAmount": total, "TotalAmount": total, "SellerSKU": first.SKU}},
		}}
	default: // no date here either
		return event{"ServiceFeeEventList", map[string]any{
			"AmazonOrderId": first.OrderID, "FeeReason": text,
			"FeeList": []feeV0{{strings.ReplaceAll(text, " ", ""), total}},
		}}
	}
}

func shipmentEvent(t settlementtest.Transaction) event {
	first := t.Rows[0]
	refund := first.TransactionType == "Refund"
	e := shipmentV0{Order: first.OrderID, SellerOrder: first.MerchantOrderID, Marketplace: first.MarketplaceName, Posted: instant(t.Posted)}
	for _, r := range t.Rows {
		if r.OrderItemCode == "" {
			e.Fees = append(e.Fees, feeV0{r.AmountDescription, amountV0(r.Amount, t.Currency)})
		}
	}
	for _, rows := range byItem(t.Rows) {
		it := shipmentItemV0{SKU: rows[0].SKU, Item: rows[0].OrderItemCode, Quantity: quantity(rows[0].Quantity)}
		for _, r := range rows {
			value := amountV0(r.Amount, t.Currency)
			switch r.AmountType {
			case "ItemPrice":
				charge := chargeV0{map[string]string{"Shipping": "ShippingCharge"}[r.AmountDescription], value}
				if charge.Type == "" {
					charge.Type = r.AmountDescription
				}
				if refund {
					it.ChargeAdjustments = append(it.ChargeAdjustments, charge)
				} else {
					it.Charges = append(it.Charges, charge)
				}
			case "ItemWithheldTax":
				if len(it.Withheld) == 0 {
					it.Withheld = []withheldV0{{Model: "MarketplaceFacilitator"}}
				}
				it.Withheld[0].Taxes = append(it.Withheld[0].Taxes, chargeV0{r.AmountDescription, value})
			case "Promotion":
				p := promotionV0{"PromotionMetaDataDefinitionValue", r.PromotionID, value}
				if refund {
					it.PromotionAdjustment = append(it.PromotionAdjustment, p)
				} else {
					it.Promotions = append(it.Promotions, p)
				}
			default:
				if refund {
					it.FeeAdjustments = append(it.FeeAdjustments, feeV0{r.AmountDescription, value})
				} else {
					it.Fees = append(it.Fees, feeV0{r.AmountDescription, value})
				}
			}
		}
		if refund {
			it.Item, it.AdjustmentItem = "", it.Item // the item's own id, under the other name
			e.Adjustments = append(e.Adjustments, it)
		} else {
			e.Items = append(e.Items, it)
		}
	}
	if refund {
		return event{"RefundEventList", e}
	}
	return event{"ShipmentEventList", e}
}
