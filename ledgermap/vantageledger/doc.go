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
// user, not of a request. So an answer "not found" counts only if the tenant
// said afterwards that the right company is active: once for all documents of a
// settlement, and anew for each look that decides whether a request was lost.
// For ten seconds after it said so, documents are sent without asking again.
// Give the integration a user of its own.
//
// # What it costs
//
// A settlement whose documents are all sent at once costs 7 requests a document
// or fewer, and 9 where they are posted, log-in, chart and calendar included,
// on the average of a seller's year; documents that are found, 3 each; one that
// waits, 1. None of this depends on how many orders a settlement has. An open
// period is believed for a minute, accounts, projects and the length of
// reference numbers until they stand against a document.
package vantageledger
