// Package vantagepoint is a client of Deltek Vantagepoint's REST API: log-in, reference data, transaction entry (journal
// entries, AR invoices, cash receipts and disbursements, AP vouchers), posting, and the posted ledger.
//
//	client, err := vantagepoint.NewClient(vantagepoint.Config{
//		BaseURL: "https://acme.deltekfirst.com/acme/api", Database: "ACME",
//		Username: user, Password: vantagepoint.NewSecret(password), ClientID: id, ClientSecret: vantagepoint.NewSecret(secret),
//	})
//	journal, outcome, err := client.Journals.FindOrCreate(ctx, vantagepoint.Journal{…})
//
// # What one has to know about Vantagepoint
//
// It has no idempotency key: after a lost answer a document may or may not be there. The name of its batch is the only
// thing that the server keeps unique, so give each document a name that is derived from what it is (see [BatchName])
// and let [Transactions.FindOrCreate] look before and after it writes. Nothing in this package sends a write twice
// after it may have run; such a failure is [ErrUnanswered].
//
// It stores unbalanced batches, pads and upper-cases keys, replaces currencies and diaries, ignores parameters and
// columns that it does not know, and answers numbers as text here and there. So documents are checked before they are
// sent and read back after, rows are checked against the filter that asked for them, keys are compared with
// [MatchKey], and columns that this package does not know are kept in Extra.
//
// Creating is not posting: what is created is a batch that people can still change. [Posting] is a step of its own.
//
// # What nobody documents
//
// Where Deltek's contract is silent or two sources contradict each other, [Config] has a switch: the file mode
// (Style), the dialects of filters and pages, the paths of endpoints, how an empty project is written. The texts of
// refusals are data ([Patterns]), because there are no codes. What has no method can be called with [Client.Do].
//
// Amounts are exact decimal text ([Amount]) and never binary floating point.
package vantagepoint
