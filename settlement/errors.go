package settlement

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The values of [ParseError].Code, and the one of [SumError].
const (
	CodeNotASettlement  = "not_a_settlement" // something else: a folder, HTML, another report, nothing
	CodeBadHeader       = "bad_header"       // a column or a statement of the summary row is missing or wrong
	CodeBadAmount       = "bad_amount"       // a cell is no amount of the currency, or not in the file's form
	CodeBadDate         = "bad_date"         // a cell is no time, or not in the file's form
	CodeAmbiguousNumber = "ambiguous_number" // 1,234 may be either, and nothing in the file decides
	CodeAmbiguousDate   = "ambiguous_date"   // 03/04/2026 may be either, and nothing in the file decides
	CodeMixedCurrency   = "mixed_currency"   // more than one currency
	CodeTwoTotals       = "two_totals"       // a settlement with two totals, or a second settlement
	CodeSumMismatch     = "sum_mismatch"     // the lines do not add up to the total
	CodeBadCharset      = "bad_charset"      // bytes that the declared charset does not have
	CodeTruncated       = "truncated"        // the file ends in the middle
	CodeTooLarge        = "too_large"        // the file, or one row of it, exceeds its limit
)

// ParseError says what is wrong with a report and where.
type ParseError struct {
	File    string // as given in Options.Name or to Open; may be empty
	Line    int    // line number from 1; 0 if the trouble is with the whole file
	Column  int    // field number from 1; 0 if the trouble is with the whole row
	Field   string // column name, such as "amount"
	Value   string // the cell, shortened
	Code    string // one of the Code constants
	Message string // what happened and what to do next
	Err     error  // the cause, if there is one
}

// Error is file:line:column, as far as they are known, and the message.
func (e *ParseError) Error() string {
	var b strings.Builder
	place(&b, e.File, e.Line, e.Column)
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteByte(' ')
	}
	if e.Value != "" {
		b.WriteString(strconv.Quote(e.Value))
		b.WriteByte(' ')
	}
	b.WriteString(e.Message)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *ParseError) Unwrap() error { return e.Err }

// SumError refuses a settlement whose lines do not add up to its total.
type SumError struct {
	File  string // as in ParseError
	ID    string // settlement-id
	Total Money  // as the report states it
	Sum   Money  // of its lines
	Rows  int    // money rows read

	Report Statement // what the report says of itself, to be shown; nothing of it is proved
}

// Difference returns Sum - Total: what the lines have too much.
func (e *SumError) Difference() (Money, error) { return e.Sum.Sub(e.Total) }

// Code returns CodeSumMismatch.
func (e *SumError) Code() string { return CodeSumMismatch }

// Error names the settlement, both figures and their difference.
func (e *SumError) Error() string {
	var b strings.Builder
	place(&b, e.File, 0, 0)
	fmt.Fprintf(&b, "settlement %s states a total of %s %s, but its %d lines add up to %s",
		e.ID, e.Total, e.Total.Currency(), e.Rows, e.Sum)
	if d, err := e.Difference(); err == nil {
		fmt.Fprintf(&b, " (difference %s)", d)
	}
	b.WriteString("; the report is incomplete or changed: fetch it again")
	return b.String()
}

// ErrNotRead is returned by Statement before Lines has ended without an error.
var ErrNotRead = errors.New("settlement: the lines have not been read to the end, so nothing is proved yet")

// CodeOf returns the code of a ParseError or SumError in err's chain, else "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*ParseError](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*SumError](err); ok {
		return e.Code()
	}
	return ""
}

func place(b *strings.Builder, file string, line, column int) {
	if file == "" && line == 0 {
		b.WriteString("settlement report: ")
		return
	}
	switch {
	case line == 0:
		b.WriteString(file)
	case file == "":
		b.WriteString("line ")
	default:
		b.WriteString(file)
		b.WriteByte(':')
	}
	if line != 0 {
		b.WriteString(strconv.Itoa(line))
	}
	if column != 0 {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(column))
	}
	b.WriteString(": ")
}
