package settlement

import "slices"

// Category is what a kind of amount means to a bookkeeper. The set is closed:
// see [Categories].
type Category string

// Class groups categories by where they may go in the books.
type Class string

// The classes.
const (
	ClassRevenue       Class = "revenue"        // what buyers pay for goods and their delivery
	ClassContraRevenue Class = "contra_revenue" // what reduces it: refunds, promotions
	ClassTax           Class = "tax"            // collected, withheld, or charged on fees; never revenue
	ClassFee           Class = "fee"            // what Amazon charges
	ClassReimbursement Class = "reimbursement"  // for lost and damaged goods
	ClassReserve       Class = "reserve"        // held back and released: timing only
	ClassTransfer      Class = "transfer"       // balances and money between bank, Amazon and its accounts
	ClassLoan          Class = "loan"           // Amazon lending
	ClassOther         Class = "other"          // known, but each its own case: mapped kind by kind only
)

// The categories.
const (
	CategoryPrincipal            Category = "principal"
	CategoryShipping             Category = "shipping"
	CategoryGiftWrap             Category = "gift_wrap"
	CategoryPromotion            Category = "promotion"
	CategoryTax                  Category = "tax"
	CategoryFacilitatorTax       Category = "facilitator_tax"
	CategoryRefundPrincipal      Category = "refund_principal"
	CategoryRefundShipping       Category = "refund_shipping"
	CategoryRefundGiftWrap       Category = "refund_gift_wrap"
	CategoryRefundPromotion      Category = "refund_promotion"
	CategoryRefundTax            Category = "refund_tax"
	CategoryRefundFacilitatorTax Category = "refund_facilitator_tax"
	CategoryReferralFee          Category = "referral_fee"
	CategoryFulfilmentFee        Category = "fulfilment_fee"
	CategoryStorage              Category = "storage"
	CategoryInbound              Category = "inbound"
	CategoryRemoval              Category = "removal"
	CategoryAdvertising          Category = "advertising"
	CategorySubscription         Category = "subscription"
	CategoryProgrammeFee         Category = "programme_fee"
	CategoryFeeTax               Category = "fee_tax"
	CategoryReimbursement        Category = "reimbursement"
	CategoryClawback             Category = "clawback"
	CategoryReserveCurrent       Category = "reserve_current"
	CategoryReservePrevious      Category = "reserve_previous"
	CategoryPayableToAmazon      Category = "payable_to_amazon"
	CategoryCharge               Category = "charge"
	CategoryFailedTransfer       Category = "failed_transfer"
	CategoryLoan                 Category = "loan"
	CategoryDebtAdjustment       Category = "debt_adjustment"
	CategoryMicroDeposit         Category = "micro_deposit"
	CategoryOther                Category = "other"
)

// CategoryInfo describes a category.
type CategoryInfo struct {
	Category Category
	Class    Class
	Sign     int    // usual sign of its amounts: +1 to the seller, -1 from the seller, 0 both
	Meaning  string // one line
}

var categories = [...]CategoryInfo{
	{CategoryPrincipal, ClassRevenue, +1, "price of goods sold"},
	{CategoryShipping, ClassRevenue, +1, "delivery charged to the buyer"},
	{CategoryGiftWrap, ClassRevenue, +1, "gift wrap charged to the buyer"},
	{CategoryPromotion, ClassContraRevenue, -1, "discount paid by the seller, and points granted"},
	{CategoryTax, ClassTax, +1, "sales tax, VAT or GST charged to the buyer"},
	{CategoryFacilitatorTax, ClassTax, -1, "tax withheld from the seller and remitted by Amazon"},
	{CategoryRefundPrincipal, ClassContraRevenue, -1, "price given back to the buyer, restocking fee kept"},
	{CategoryRefundShipping, ClassContraRevenue, -1, "delivery given back to the buyer, and return delivery"},
	{CategoryRefundGiftWrap, ClassContraRevenue, -1, "gift wrap given back to the buyer"},
	{CategoryRefundPromotion, ClassContraRevenue, +1, "discount taken back on a refund"},
	{CategoryRefundTax, ClassTax, -1, "tax given back to the buyer"},
	{CategoryRefundFacilitatorTax, ClassTax, +1, "withheld tax given back on a refund"},
	{CategoryReferralFee, ClassFee, -1, "Amazon's selling fees and commission, and their return on a refund"},
	{CategoryFulfilmentFee, ClassFee, -1, "picking, packing, delivery and returns handled by Amazon"},
	{CategoryStorage, ClassFee, -1, "storage in Amazon's warehouses"},
	{CategoryInbound, ClassFee, -1, "getting goods into Amazon's warehouses"},
	{CategoryRemoval, ClassFee, -1, "getting goods out of Amazon's warehouses, or destroyed"},
	{CategoryAdvertising, ClassFee, -1, "sponsored advertising"},
	{CategorySubscription, ClassFee, -1, "monthly selling plan"},
	{CategoryProgrammeFee, ClassFee, -1, "coupons, deals, Vine and other programmes"},
	{CategoryFeeTax, ClassTax, -1, "tax that Amazon charges on its fees"},
	{CategoryReimbursement, ClassReimbursement, +1, "compensation for goods lost or damaged, and SAFE-T"},
	{CategoryClawback, ClassReimbursement, -1, "compensation taken back"},
	{CategoryReserveCurrent, ClassReserve, -1, "held back at the end of this period"},
	{CategoryReservePrevious, ClassReserve, +1, "what the previous period held back, released"},
	{CategoryPayableToAmazon, ClassTransfer, -1, "the previous settlement's negative total, carried in"},
	{CategoryCharge, ClassTransfer, +1, "debt to Amazon paid from the seller's card or bank"},
	{CategoryFailedTransfer, ClassTransfer, +1, "a payout that came back"},
	{CategoryLoan, ClassLoan, 0, "Amazon lending, advance and repayment"},
	{CategoryDebtAdjustment, ClassTransfer, 0, "debt netted between the seller's Amazon accounts"},
	{CategoryMicroDeposit, ClassTransfer, -1, "check of the bank account by a tiny transfer"},
	{CategoryOther, ClassOther, 0, "known, but each kind its own case: map it kind by kind"},
}

// Categories returns all categories in a fixed order.
func Categories() []CategoryInfo { return slices.Clone(categories[:]) }

// Info returns the description of c, false for a word that is no category.
func (c Category) Info() (CategoryInfo, bool) {
	for _, info := range categories {
		if info.Category == c {
			return info, true
		}
	}
	return CategoryInfo{}, false
}
