// Package settlementtest makes Amazon settlements for tests and demos.
//
// A [Seller] is described by values and yields a chain of [Settlement] values: the report in Amazon's own form (the V2
// flat file with its 24 columns) together with the facts that Amazon's other interfaces tell about it: payout status,
// trace id, financial event group, report ids, transactions.
//
//	seller := settlementtest.Seller{Seed: 1, Count: 6, Rows: 200, Until: today}
//	for _, s := range seller.Settlements() {
//		reader := settlement.NewReader(bytes.NewReader(s.V2()), settlement.Options{})
//		…
//	}
//
// The same values give the same bytes, always. The lines of a report add up to its total to the minor unit, and the
// settlements of one seller hang together as real ones do: a period starts in the second in which the one before it
// ended, the reserve that one settlement holds is released by the next, a negative total comes back as
// "Payable to Amazon" and is cleared by a "Successful charge", a failed transfer comes back as a row of its own.
//
// [Build] makes a settlement of exactly the rows that a test names; [Arbitrary] makes nasty ones for property tests.
//
// Amounts are int64 minor units of the settlement's currency (cents, yen, fils): plus is money to the seller. Times are
// UTC to the second. The package imports nothing of this module, so that a mistake in the packages under test cannot
// hide in their test data.
package settlementtest
