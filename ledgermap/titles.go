package ledgermap

import (
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// title is how a category, a netting group or a counter line is called on a ledger line, where a rule names no
// description of its own.
func title(category string) string {
	switch settlement.Category(category) {
	case settlement.CategoryPrincipal:
		return "product sales"
	case settlement.CategoryShipping:
		return "shipping charged"
	case settlement.CategoryGiftWrap:
		return "gift wrap charged"
	case settlement.CategoryPromotion:
		return "promotions"
	case settlement.CategoryTax:
		return "tax collected"
	case settlement.CategoryFacilitatorTax:
		return "tax remitted by Amazon"
	case settlement.CategoryRefundPrincipal:
		return "refunds of sales"
	case settlement.CategoryRefundShipping:
		return "refunds of shipping"
	case settlement.CategoryRefundGiftWrap:
		return "refunds of gift wrap"
	case settlement.CategoryRefundPromotion:
		return "promotions taken back"
	case settlement.CategoryRefundTax:
		return "tax refunded"
	case settlement.CategoryRefundFacilitatorTax:
		return "tax remitted by Amazon, refunded"
	case settlement.CategoryReferralFee:
		return "selling fees"
	case settlement.CategoryFulfilmentFee:
		return "fulfilment fees"
	case settlement.CategoryStorage:
		return "storage fees"
	case settlement.CategoryInbound:
		return "inbound fees"
	case settlement.CategoryRemoval:
		return "removal fees"
	case settlement.CategorySubscription:
		return "selling plan"
	case settlement.CategoryProgrammeFee:
		return "programme fees"
	case settlement.CategoryFeeTax:
		return "tax on fees"
	case settlement.CategoryReimbursement:
		return "reimbursements"
	case settlement.CategoryClawback:
		return "reimbursements taken back"
	case settlement.CategoryReserveCurrent:
		return "reserve held back"
	case settlement.CategoryReservePrevious:
		return "reserve released"
	case settlement.CategoryCharge:
		return "charge to the seller"
	case settlement.CategoryFailedTransfer:
		return "failed transfer"
	case settlement.CategoryLoan:
		return "Amazon lending"
	case settlement.CategoryOther:
		return "other"
	}
	return strings.ReplaceAll(category, "_", " ") // the others, netting groups and counter lines read well as they are
}
