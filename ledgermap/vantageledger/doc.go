// Package vantageledger makes a Vantagepoint company a booking.Ledger: journal
// entries, AR invoices, cash receipts and cash disbursements, with and without
// transaction files, with optional posting.
//
// Each document is a batch (Vantagepoint: transaction file) of its own with
// one entry in it, named by its booking key. Amounts go out in the digits of
// the document's currency. The line that the ledger makes itself (receivables
// of an invoice, bank of a receipt or disbursement) is never sent.
//
// A batch is looked for among the transaction files and then, because a tenant
// may drop files once they are posted, in the posted ledger of its period.
//
// # The active company
//
// In an enterprise with several companies a batch can be seen only while the
// company that created it is active, and the active company is a state of the
// user, not of a request. So an answer "not found" counts only if the right
// company is active when it is given. Give the integration a user of its own.
package vantageledger
