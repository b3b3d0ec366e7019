package settlement

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what an amount is: the three columns by which Amazon names it. The
// words are Amazon's, as they stand in a V2 report; lines of V1 and XML reports
// get the words that V2 uses for the same thing.
//
// Amazon publishes no list of kinds and changes them without notice.
// [Kind.Category] tells which are known here.
type Kind struct {
	TransactionType   string // such as "Order", "Refund", "other-transaction"
	AmountType        string // such as "ItemPrice", "ItemFees"
	AmountDescription string // such as "Principal", "Commission"
}

// String returns the three words with slashes between, a word in quotes where it
// holds what is no printable text.
func (k Kind) String() string {
	return printable(k.TransactionType) + "/" + printable(k.AmountType) + "/" + printable(k.AmountDescription)
}

func printable(word string) string {
	if !utf8.ValidString(word) || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return strconv.QuoteToGraphic(word)
	}
	return word
}
