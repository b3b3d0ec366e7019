package settlement

import (
	"iter"
	"time"
)

// Line is one amount of a settlement report, with everything that its row says
// about it. A V2 row is one Line; a V1 row may hold several amounts and gives a
// Line for each, with the same Row.
//
// The text fields hold the report's own bytes, trimmed of nothing and decoded
// by nothing ([Statement.Decode] does, once the charset is known). They share the memory of the
// block that they were read in, up to half a megabyte of it: they stay valid,
// but keep one longer than the loop with strings.Clone, or it keeps the block.
// The three words of Kind are the exception: they are shared by all lines of
// that kind and can be kept freely.
//
// Identical lines are legal (two units of one article in one order) and are
// all given. Nothing but the row's place identifies a line.
type Line struct {
	Row    int   // line number in the file, from 1; the header is row 1 (XML: the line of the amount)
	Offset int64 // first byte of the row in the uncompressed report, from 0; of XML that is not UTF-8, as if it were
	Length int64 // bytes of the row without its line end

	Kind     Kind
	Category Category  // of Kind as it stands; "" if Kind.Category does not know it
	Amount   Money     // money to the seller is positive
	Posted   time.Time // UTC, or a [Day]; Amazon's posting time, not the time of the sale

	OrderID                  string // also an FBA shipment id on some fee rows
	MerchantOrderID          string
	AdjustmentID             string
	ShipmentID               string
	Marketplace              string // such as "Amazon.com"; blank on account-level rows
	FulfillmentID            string // AFN or MFN
	OrderItemCode            string // text: leading zeros count
	MerchantOrderItemID      string
	MerchantAdjustmentItemID string
	SKU                      string
	Quantity                 string // V2 repeats it on every row of an item: never add it up
	PromotionID              string

	Extra Extra // the columns that have no field here
}

// Day is the location of a time whose cell says a day and no time of day: it is
// that day in every time zone. As an instant it is the day's first in UTC.
var Day = time.FixedZone("UTC", 0)

// Statement is a settlement whose lines have been read to the end and add up to
// the total that Amazon states: Sum == Total, always.
type Statement struct {
	ID         string    // settlement-id: letters, digits, - and _; with the seller, the key of a settlement
	Currency   Currency  // the one currency of the report
	Start, End time.Time // period in UTC, as the report states it; the next settlement starts at End
	Deposit    time.Time // UTC; when Amazon plans to transfer, not when it did; zero if the report names no date
	Total      Money     // as stated: positive is owed to the seller, negative to Amazon
	Sum        Money     // of all lines, reserves and carried balances included
	Rows       int       // money rows: the number of Lines

	Marketplaces []string // every marketplace named on a line, decoded and sorted

	Format      string // "v2", "v1" or "xml"
	Charset     string // of the text fields: "utf-8", "windows-1252", "cp932", …; see Statement.Decode
	DecimalMark string // "." or ","; "" if no amount has decimals
	DateLayout  string // of the times, such as "yyyy-MM-dd" or "dd.MM.yyyy"
	Digest      string // hex SHA-256 of the uncompressed report
}

// The values of [Statement].Format.
const (
	FormatV2  = "v2"
	FormatV1  = "v1"
	FormatXML = "xml"
)

// Source is a settlement report on its way to the books: its lines, and after
// them its statement. Only the types of this package are Sources, so that what
// reaches a ledger has been read, and proved, here.
//
// A struct that embeds a Source would satisfy the interface too, with methods
// of its own: whoever books from a Source calls [Genuine] first.
type Source interface {
	// Lines yields the lines in the order of the file. They are provisional
	// until the sequence ends without an error; an error is its last element.
	Lines() iter.Seq2[Line, error]

	// Statement returns the settlement once Lines has ended without an error,
	// and an error before that.
	Statement() (Statement, error)

	genuine() Source
}

// Genuine returns the Source of this package behind src, stripped of whatever
// was wrapped around it; nil for nil.
func Genuine(src Source) Source {
	if src == nil {
		return nil
	}
	return src.genuine()
}
