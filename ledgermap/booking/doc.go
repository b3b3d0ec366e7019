// Package booking puts each document of a plan into a ledger exactly once, and
// can prove it.
//
// The ledger it is written for has no idempotency key. So a document's [Key]
// says which booking it is, the batch name in the ledger is made from the key
// alone, and the engine looks under that name before it sends: what is there
// with the same content is found, what is there with other content is a
// conflict that is reported and left alone, and a request that was never
// answered is settled by looking, never by sending again.
//
// Every step is a record in a [Log]: append-only, hash-chained, one chain per
// seller, its head sealed and kept apart. [Verify] names any record that was
// changed, removed, reordered or inserted.
//
// # What is guaranteed
//
// With one log for all workers on a tenant: no document is sent by two workers
// at a time, and none is sent a second time before the time has passed in which
// the first request can still arrive. If the ledger refuses a second batch of
// one name, as Vantagepoint does, a document is booked once whatever arrives
// when.
//
// A plan may change while a document is in doubt. What became of the document
// is settled first: shown, it is booked and the plan conflicts with it; not
// shown when its request can no longer arrive, it is free to be planned anew.
//
// What stays open on a ledger that would take a second batch of one name: a
// request that arrives after Patience, a proxy that repeats a request by
// itself, and two logs on one tenant. Such a double is counted in
// Result.Duplicates and stops the settlement; it cannot be prevented from here.
// On any ledger, a request that arrives after Patience, of a document that a
// later plan does not have or has as another kind, stands beside that plan.
//
// A log that was lost, or set back to an older copy, is written anew from what
// the ledger shows. It shows too little only where posting drops the batch from
// its files and, besides, somebody deleted the settlement's first document.
package booking
