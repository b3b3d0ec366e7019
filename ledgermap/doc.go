// Package ledgermap turns a settlement that ties into documents a controller would sign: balanced journal
// entries, AR invoices, cash receipts and cash disbursements for a Vantagepoint company.
//
// It is pure. There is no context, no clock, no network and no random number in it, and no order of a map reaches
// a result: the same report, rules, calendar and payout facts give the same [Plan], byte for byte, in any year, on
// any machine.
//
//	rules, err := ledgermap.LoadRules("rules.yaml", data)
//	plan, err := rules.Plan(file, ledgermap.Input{Seller: "acme-us", Calendar: calendar})
//	for _, document := range plan.Documents { … }
//
// # Signs
//
// A settlement line is signed from the seller's side: positive is money for the seller. A ledger line has two
// columns, debit and credit, neither of them negative and exactly one of them not zero. A positive settlement line
// credits the account that its rule names and debits the clearing account; a negative one does the reverse. So a
// sale credits revenue, a refund debits contra-revenue, a fee debits an expense, and the clearing account, an
// asset, always says what Amazon owes the seller.
//
// # Money movements
//
// Journal entries do not appear in Vantagepoint's bank reconciliation, so money has documents of its own: a cash
// receipt for a payout, a cash disbursement for a charge to the seller's card, a journal for a negative total that
// is carried to the next settlement and for a transfer that failed. After them the clearing account of the
// settlement is 0.00.
//
// # Nothing is guessed
//
// A kind of line that no rule and no category names stops the whole settlement, and all such kinds are listed at
// once ([RefusedError]). No account exists that takes a difference.
package ledgermap
