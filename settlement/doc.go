// Package settlement reads Amazon settlement reports as facts: every line to
// the cent, proved against the total that Amazon states.
//
// [Open] reads a file, plain or gzipped; [NewReader] reads a stream. Both take
// the live flat file V2, the retired flat file V1 and the retired XML report,
// and give one model of all three: a sequence of [Line] values and then, once
// the lines have added up to the stated total exactly, a [Statement]. A report
// that does not tie out is refused with both figures ([SumError]); anything
// else that is wrong is a [ParseError] with its place in the file.
//
//	f, err := settlement.Open("50034020328.txt", settlement.Options{})
//	…
//	for line, err := range f.Lines() {
//		…
//	}
//	statement, err := f.Statement()
//
// What a line is about is its [Kind]; [Kind.Category] names the kinds that are
// known. The package knows no HTTP, no clock and no ledger.
package settlement
