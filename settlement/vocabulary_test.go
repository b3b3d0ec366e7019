package settlement_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestKindsHaveTheCategoryOfABookkeeper(t *testing.T) {
	for kind, want := range map[string]settlement.Category{
		"Order/ItemPrice/Principal":                                                                settlement.CategoryPrincipal,
		"Order/ItemPrice/ShippingTax":                                                              settlement.CategoryTax,
		"Order/Promotion/Principal":                                                                settlement.CategoryPromotion,
		"Order/Promotion/TaxDiscount":                                                              settlement.CategoryTax,
		"Refund/ItemPrice/Principal":                                                               settlement.CategoryRefundPrincipal,
		"A-to-z Guarantee Refund/ItemPrice/Tax":                                                    settlement.CategoryRefundTax,
		"Chargeback Refund/ItemPrice/Shipping":                                                     settlement.CategoryRefundShipping,
		"Refund/Promotion/Shipping":                                                                settlement.CategoryRefundPromotion,
		"Refund/ItemFees/RefundCommission":                                                         settlement.CategoryReferralFee,
		"Order/ItemWithheldTax/MarketplaceFacilitatorTax-Shipping":                                 settlement.CategoryFacilitatorTax,
		"Order/ItemFees/MarketplaceFacilitatorVAT-Principal":                                       settlement.CategoryFacilitatorTax,
		"Order/Some Other Type/LowValueGoodsTax-Other":                                             settlement.CategoryFacilitatorTax,
		"Refund/ItemFees/LowValueGoodsTax-Principal":                                               settlement.CategoryRefundFacilitatorTax,
		"Refund_Retrocharge/ItemWithheldTax/MarketplaceFacilitatorVAT-Principal":                   settlement.CategoryRefundFacilitatorTax,
		"FBAFees/FBA Inventory Storage Fee/Base fee":                                               settlement.CategoryStorage,
		"FBAFees/FBA Removal Order: Disposal Fee/Discount on Fee":                                  settlement.CategoryRemoval,
		"FBAFees/FBA Inbound Placement Service Fee/Base fee":                                       settlement.CategoryInbound,
		"FBAFees/A fee nobody has seen/Base fee":                                                   settlement.CategoryFulfilmentFee,
		"FBAFees/A fee nobody has seen/Tax on fee":                                                 settlement.CategoryFeeTax,
		"AmazonFees/Deal Participation Fee/Base fee":                                               settlement.CategoryProgrammeFee,
		"AmazonFees/Coupon Participation Fee/Tax on fee":                                           settlement.CategoryFeeTax,
		"AmazonFees/FBA fulfilment fee per unit - Correction/Base fee":                             settlement.CategoryFulfilmentFee,
		"CouponRedemptionFee/CouponRedemptionFee/Save 5 % on anything":                             settlement.CategoryProgrammeFee,
		"Grade and Resell Fees/Grade and Resell Charge/Umbrella":                                   settlement.CategoryFulfilmentFee,
		"other-transaction/FBA Inventory Reimbursement/WAREHOUSE_LOST":                             settlement.CategoryReimbursement,
		"other-transaction/FBA Inventory Reimbursement/A_NEW_CLAWBACK":                             settlement.CategoryClawback,
		"other-transaction/other-transaction/Current Reserve Amount":                               settlement.CategoryReserveCurrent,
		"other-transaction/other-transaction/Previous Reserve Amount Balance":                      settlement.CategoryReservePrevious,
		"other-transaction/other-transaction/Payable to Amazon":                                    settlement.CategoryPayableToAmazon,
		"other-transaction/other-transaction/Successful charge":                                    settlement.CategoryCharge,
		"other-transaction/other-transaction/Transfer of funds unsuccessful: whatever Amazon says": settlement.CategoryFailedTransfer,
		"other-transaction/other-transaction/Micro Deposit":                                        settlement.CategoryMicroDeposit,
		"Debt Adjustment/Debt Adjustment/Cross-Account Debt Adjustment against DE, FR":             settlement.CategoryDebtAdjustment,
		"ServiceFee/Cost of Advertising/TransactionTotalAmount":                                    settlement.CategoryAdvertising,
		"ServiceFee/Cost of Advertising/TaxAmount":                                                 settlement.CategoryFeeTax,
		"other-transaction/other-transaction/StorageRenewalBillingCGST":                            settlement.CategoryFeeTax,
		"other-transaction/other-transaction/Shipping label purchase for return":                   settlement.CategoryOther,
		"OTHER_TRANSACTION/Other Transaction/successful  CHARGE":                                   settlement.CategoryCharge, // variants in case, blanks, hyphens
		"order/item price/principal":                                                               settlement.CategoryPrincipal,
	} {
		got, ok := split(kind).Category()
		if !ok || got != want {
			t.Errorf("%s is %q, want %q", kind, got, want)
		}
	}
}

func split(kind string) settlement.Kind {
	words := strings.SplitN(kind, "/", 3)
	return settlement.Kind{TransactionType: words[0], AmountType: words[1], AmountDescription: words[2]}
}

func TestR13_WhatTheVocabularyDoesNotKnowItSaysItDoesNotKnow(t *testing.T) {
	for _, kind := range []string{
		"//", "Order/ItemFees/BrandNewFee", "Order/ItemPrice/Surprise", "Order/Promotion/Surprise", "Refund/ItemPrice/Surprise",
		"other-transaction/other-transaction/Surprise", "FBAFees/FBA Inventory Storage Fee/Surprise", "Surprise/Surprise/Surprise",
		"Order/FBAFees/Base fee", "ServiceFee/Surprise/TransactionTotalAmount",
	} {
		if c, ok := split(kind).Category(); ok || c != "" {
			t.Errorf("%s is %q", kind, c)
		}
	}
}

// Every row of the table is well formed, is reached, and "other" has no star:
// what is other is named kind by kind.
func TestTheVocabularyTableIsSound(t *testing.T) {
	data, err := os.ReadFile("vocabulary.tsv")
	if err != nil {
		t.Fatal(err)
	}
	used, seen := map[settlement.Category]bool{}, map[string]bool{}
	for i, row := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		words := strings.Split(row, "\t")
		if len(words) != 4 || strings.ContainsAny(row, "\r") {
			t.Fatalf("row %d: %q", i+1, row)
		}
		category := settlement.Category(words[0])
		if _, ok := category.Info(); !ok {
			t.Errorf("row %d: no category %q", i+1, words[0])
		}
		if category == settlement.CategoryOther && strings.Contains(row, "*") {
			t.Errorf("row %d: other with a star", i+1)
		}
		key := strings.Join(words[1:], "\t")
		if seen[key] {
			t.Errorf("row %d: %q is there twice", i+1, key)
		}
		seen[key], used[category] = true, true
		kind := settlement.Kind{
			TransactionType: strings.ReplaceAll(words[1], "*", "x"), AmountType: strings.ReplaceAll(words[2], "*", "x"), AmountDescription: strings.ReplaceAll(words[3], "*", "x"),
		}
		if got, ok := kind.Category(); !ok || got != category {
			t.Errorf("row %d: %s is %q, an earlier row or an exact one wins over %q", i+1, kind, got, category)
		}
	}
	for _, info := range settlement.Categories() {
		if !used[info.Category] {
			t.Errorf("no kind is %s", info.Category)
		}
		if got, ok := info.Category.Info(); !ok || got != info || info.Meaning == "" || info.Class == "" {
			t.Errorf("%+v", got)
		}
	}
}

// The 367 kinds that were collected from reports, vendors' maps and forums: all
// that name no wildcard are known.
func TestCollectedKindsAreKnown(t *testing.T) {
	data, err := os.ReadFile("../../shared/reference/settlement-vocabulary.tsv")
	if err != nil {
		t.Skipf("the collection is not here: %v", err)
	}
	n := 0
	for row := range strings.Lines(string(data)) {
		words := strings.Split(row, "\t")
		if len(words) < 3 || words[0] == "transaction-type" || strings.Contains(strings.Join(words[:3], ""), "*") || strings.HasPrefix(words[1], "[V1") {
			continue
		}
		n++
		k := settlement.Kind{TransactionType: words[0], AmountType: words[1], AmountDescription: words[2]}
		if _, ok := k.Category(); !ok {
			t.Errorf("%s is unknown", k)
		}
	}
	if n < 200 {
		t.Errorf("only %d kinds", n)
	}
}

func TestAWordThatIsNoCategoryHasNoDescription(t *testing.T) {
	if info, ok := settlement.Category("profit").Info(); ok || info != (settlement.CategoryInfo{}) {
		t.Errorf("%+v", info)
	}
}

// What is given back goes the other way; fees and refunds are the seller's loss.
func TestCategoriesSayWhichWayTheirMoneyGoes(t *testing.T) {
	sign := func(c settlement.Category) int {
		info, _ := c.Info()
		return info.Sign
	}
	for c, back := range map[settlement.Category]settlement.Category{
		settlement.CategoryPrincipal:       settlement.CategoryRefundPrincipal,
		settlement.CategoryShipping:        settlement.CategoryRefundShipping,
		settlement.CategoryGiftWrap:        settlement.CategoryRefundGiftWrap,
		settlement.CategoryTax:             settlement.CategoryRefundTax,
		settlement.CategoryReimbursement:   settlement.CategoryClawback,
		settlement.CategoryReservePrevious: settlement.CategoryReserveCurrent,
		settlement.CategoryFailedTransfer:  settlement.CategoryMicroDeposit,
		settlement.CategoryCharge:          settlement.CategoryPayableToAmazon,
		// Given by the seller, and given back to him.
		settlement.CategoryRefundPromotion:      settlement.CategoryPromotion,
		settlement.CategoryRefundFacilitatorTax: settlement.CategoryFacilitatorTax,
	} {
		if sign(c) != 1 || sign(back) != -1 {
			t.Errorf("%s has sign %d, %s %d", c, sign(c), back, sign(back))
		}
	}
	for _, info := range settlement.Categories() {
		switch {
		case info.Class == settlement.ClassFee || info.Category == settlement.CategoryFeeTax:
			if info.Sign != -1 {
				t.Errorf("%s has sign %d", info.Category, info.Sign)
			}
		case info.Class == settlement.ClassLoan || info.Class == settlement.ClassOther || info.Category == settlement.CategoryDebtAdjustment:
			if info.Sign != 0 {
				t.Errorf("%s, which goes both ways, has sign %d", info.Category, info.Sign)
			}
		}
	}
}
