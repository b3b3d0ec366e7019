// Package spapi is a client of Amazon's Selling Partner API: reports, finances, payouts, orders, sellers, catalogue and
// inventory, for one seller at a time.
//
// From credentials to the first settlement:
//
//	tokens := spapi.LWA{
//		ClientID:     os.Getenv("LWA_CLIENT_ID"), // of your application, in Seller Central under "Develop Apps"
//		ClientSecret: spapi.NewSecret(os.Getenv("LWA_CLIENT_SECRET")),
//		RefreshToken: spapi.NewSecret(os.Getenv("LWA_REFRESH_TOKEN")), // the seller's authorisation of your application
//	}.TokenSource()
//	client, err := spapi.NewClient(spapi.Config{Region: spapi.Europe, Tokens: tokens, UserAgent: "Acme Books/1.0"})
//	…
//	settlements := spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}, Statuses: []spapi.ReportStatus{spapi.ReportDone}}
//	for report, err := range client.Reports.List(ctx, settlements) {
//		if err != nil {
//			return err
//		}
//		document, err := client.Reports.Open(ctx, report.DocumentID) // unpacked, as a stream
//		if err != nil {
//			return err
//		}
//		… // read it, for example with the package settlement
//		document.Close()
//	}
//
// Settlement reports cannot be ordered: Amazon makes them when a period ends and lists them for 90 days. The same
// settlement is listed under several report ids; its identity is the settlement-id in the file.
//
// # Pace
//
// Amazon allows each application and seller so many calls of each operation: a burst at once, then a few a minute; of
// documents 15 and then one a minute. The client keeps to that by waiting, so a call can take minutes; the context says for
// how long it may, and a call that cannot be made in time fails at once with a *[PaceError] that says how long the wait would
// be. Clients that work for the same account should share one [Limiter].
//
// # Lists
//
// A list is a sequence for range. It asks for the next page when it needs it; break ends the traffic; ranging again asks
// again. Its first error is its last element, and what came before is then incomplete. Pages that do not add up, which is how
// Amazon loses data, are an error: [ErrPaging].
//
// # Errors and repetition
//
// Every error of a call is an *[Error] with the operation, Amazon's code and message, and the request id that Amazon's support
// asks for; [errors.Is] tells the sorts apart: [ErrThrottled], [ErrDenied], [ErrCredentials], [ErrNotFound] and so on. Reads
// are repeated after 429, 5xx and cut connections; writes only after answers that prove that they did not run, and otherwise
// end with [ErrUnanswered]: look before you send again. An access token that Amazon calls expired is replaced once.
//
// # Secrets
//
// No secret is in an error, a log record or an address. The access token goes to Amazon's API and nowhere else: the buckets
// that documents come from see neither it nor any other header of the API. Credentials, restricted tokens and the addresses
// of documents are [Secret] values, which fmt, JSON and slog cannot show even from inside structs of your own.
//
// # Money
//
// Amounts are [Money]: exact decimal text and a currency, never a binary fraction. A positive amount is good for the seller.
// Times are UTC.
//
// # Tests
//
// The package spapitest is an Amazon for tests, with documented behaviour, quotas and faults.
package spapi
