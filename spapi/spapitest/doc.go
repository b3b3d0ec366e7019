// Package spapitest is an Amazon for tests and demos: the Selling Partner API, Login with Amazon and the bucket that
// report documents are downloaded from, with the documented behaviour and, on request, the documented faults.
//
//	amazon := spapitest.New(spapitest.Options{
//		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 1, Count: 6})},
//	})
//	who := amazon.Accounts()[0] // client id, secret and refresh token
//
// It has two doors. [Amazon.Start] listens on loopback, for programs. [Amazon.Transport] is an http.RoundTripper that
// never leaves the process, for tests inside a testing/synctest bubble, where network I/O would keep the clock from
// moving. Both lead to the same [Amazon.ServeHTTP].
//
// The clock is Options.Now. What a settlement's payout has come to, which reports are older than 90 days, when a token or
// a document's URL expires and how full a rate bucket is all follow it.
//
// It is written from Amazon's models and public reports, and shares no code, table or wire type with package spapi: one
// mistake cannot pass both. In three points it is stricter than Amazon, so that a slip shows in a test and not in
// production: an unknown query parameter is refused, a user-agent header that is not of the documented form is refused,
// and the bucket refuses any request that carries an access token.
//
// Faults are listed by [Catalogue], each with the report that it comes from; see [Faults].
package spapitest
