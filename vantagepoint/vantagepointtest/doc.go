// Package vantagepointtest is a Deltek Vantagepoint tenant for tests and demos. It is written from Deltek's published pages
// and samples, apart from the client in package vantagepoint, so that one mistake cannot pass both.
//
//	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
//	baseURL, stop, err := tenant.Start()   // a real server on the loopback interface
//	transport := tenant.Transport()        // or in memory, for testing/synctest, with tenant.BaseURL()
//
// A test makes its calls, and then asks the tenant what really got booked: [Tenant.Batches], [Tenant.Journal],
// [Tenant.TrialBalance], [Tenant.BankReconciliation], [Tenant.WriteHledger], and [Tenant.Calls]. [Faults] say what goes
// wrong on the way. With Options.Dir the books are on disk before an answer goes out, so that a killed process loses none that
// was answered; one process at a time may use a folder.
//
// # What is modelled
//
//   - Log-in: password and refresh grants with parameter names in any case, database, client and user checked, 400 with the
//     OAuth body, tokens of 30 minutes, 401 and 403 behind it.
//   - Transaction entry of journal entries, invoices, cash receipts, cash disbursements and AP vouchers: with files
//     (DataEntry/{xx}Control) and without (DataEntry/{xx}Master/{Batch}|{RefNo}), reads, landing lists, partial updates, DELETE of
//     what is not posted. 201 with the control row only, Sum and Diff columns, unbalanced batches stored.
//   - What the server does to its input: leading zeros up to RefnoLength and up to key lengths, codes in upper case and cut,
//     the bank's or the company's currency written over the document's, Posted set to N, unknown fields dropped in silence,
//     blank project levels as one space.
//   - Batch names that are unique over the whole enterprise while a batch is visible in its own company only; active company and
//     period as state of the user, shared by all tokens.
//   - PUT DataEntry/PostTransFile with the comma that Deltek's own sample lacks, a failure inside a 200, the rules between accounts
//     and projects, control totals, approvals, closed periods and users who may post into them all the same.
//   - The posted ledger: PSALedger with signed amounts, references without zeros, the lines that the ledger makes by itself
//     (receivable, payable, bank, tax), q.maxrows, 500 to limit. GLSummary.
//   - Lists: page, offset, pageSize, limit, order, fieldFilter, filterHash in both dialects, parameters ignored in silence, the query
//     in the body of a POST (dvp-postAsGet).
//   - Reference data: periods, companies, accounts (also under the unpublished /vision), firms, contacts, employees, projects,
//     organizations, user-defined hubs, tax codes, code tables, key formats, metadata with lengths and user-defined fields, stored procedures.
//
// # What is only inferred, and what nobody knows
//
// Facts that differ between tenants, or that no public source states, are switches in [Quirks] and [Options]: the form of
// numbers, lists and errors, the answer to a read that finds nothing, whether a second batch of one name is refused (and
// with which status), whether names are unique per type, whether posted batches stay, the form of a blank project, missing header
// and line keys, refresh tokens, page sizes, operators. Without a switch, and inferred:
//
//   - Batch names and other keys are compared without regard to case, as SQL Server does by default.
//   - Vantagepoint's columns hold four decimals; further digits are rounded half away from zero. Numbers that come as text are
//     refused, and so are dates with a zone.
//   - A receipt's amount is positive for money that comes in (debit bank, credit account), a disbursement's for money that goes out, an
//     invoice's for what is billed, a voucher's for what is owed. NetAmount stands in for Amount where that is 0.
//   - A detail without its record, and a tenant without a receivable account, are null references (500); names that do not exist
//     read "Account <x> does not exist", after the one text of this kind that is known.
//   - The texts of failed postings and retList 0. A posting must name the batch's own period.
//   - Existence of accounts, projects, banks, vendors, tax codes and periods is checked when a batch is stored; the rules between
//     accounts and projects only when it is posted (Quirks.StrictEntry: at both).
//   - Column lengths that no page gives: 30 for batch names (32 without files), 40 for their descriptions, 80 for the descriptions of records and lines.
//   - Table and column names of hubs, Settings/General, Settings/SystemLabels, CFGAutoPosting and GLSummary; POST of projects.
//
// # What is not modelled
//
// Exchange rates (a document in another currency than its company's is stored, but does not post), retainage as a ledger line of
// its own, linked companies, recurring and reversing entries, cash-basis books, the old /ledger API, LoginConfig,
// ARReview, webhooks, AP disbursements, expenses, timesheets, units, and un-posting, for which there is no call either.
package vantagepointtest
