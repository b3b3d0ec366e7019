package settlement

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// lookaheadLimit is how much of a report is held back at most while a cell is
// sought that decides how numbers or dates are to be read.
const lookaheadLimit = 8 << 20

// maxMarketplaces is far more than Amazon has.
const maxMarketplaces = 1000

// pass is one reading of one report.
type pass struct {
	options Options
	in      *blocks
	held    []*block // looked at, not yet read
	at      cursor
	layout  *layout
	width   int // fields of the header

	numbers numbers
	times   dates // period, deposit and posting times
	days    dates // posted-date, where posted-date-time is blank: it may have a form of its own

	// exponent of the amounts: the currency's, unless a file is read only to
	// see whether it ties (File.tie).
	exponent int
	trial    bool
	reread   func(amount string) (byte, error) // File: find the decimal mark by tie-out

	listed []string // not nil: only list the settlements, here

	kinds        kindTable
	marketplaces []string
	marketplace  string // the last one seen
	statement    Statement
	stated       bool // a total has been read
	skip         bool // the current row belongs to another settlement
	sum          int64
}

func newPass(o Options) *pass { return &pass{options: o} }

// run reads the whole report. It gives an error to yield before it returns it,
// and returns ErrNotRead if yield wanted no more.
func (p *pass) run(src io.Reader, yield func(Line, error) bool) (Statement, error) {
	statement, err := p.read(src, yield)
	switch {
	case err == errStopped:
		return Statement{}, ErrNotRead
	case err != nil:
		yield(Line{}, err)
		return Statement{}, err
	}
	return statement, nil
}

func (p *pass) read(src io.Reader, yield func(Line, error) bool) (Statement, error) {
	declared, from, err := declaredCharset(p.options)
	if err != nil {
		return Statement{}, p.fail(&ParseError{Code: CodeBadCharset, Message: from, Err: err})
	}
	peek := bufio.NewReader(src)
	if head, _ := peek.Peek(512); isXML(head) {
		err := p.readXML(peek, yield)
		return p.statement, err
	}
	p.in = openBlocks(peek, cmp.Or(p.options.MaxBytes, defaultMaxBytes))
	defer p.in.close()
	if err := p.sniff(); err != nil {
		return Statement{}, err
	}
	if err := p.rows(yield); err != nil || p.listed != nil {
		return Statement{}, err
	}
	if err := p.finish(declared, from); err != nil {
		return Statement{}, err
	}
	return p.statement, nil
}

// sniff refuses at once what is no flat file.
func (p *pass) sniff() error {
	head := p.in.head()
	trimmed := strings.TrimLeft(head, " \t\r\n")
	what := ""
	switch {
	case trimmed == "" && p.in.first.err == io.EOF:
		what = "the file is empty"
	case strings.HasPrefix(head, "\x1f\x8b"):
		what = "the bytes are gzipped; open the file with Open, or gunzip them first"
	case strings.HasPrefix(head, "PK\x03\x04"):
		what = "this is a zip archive; unpack it first"
	case strings.HasPrefix(head, "\xff\xfe"), strings.HasPrefix(head, "\xfe\xff"):
		return p.fail(&ParseError{Code: CodeBadCharset, Message: "the file is UTF-16; settlement reports have one byte to a letter of their header: fetch it again as Amazon delivers it"})
	case strings.HasPrefix(trimmed, "<"):
		what = "this is a web page or another XML document, perhaps an error page saved as a report"
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		what = "this is JSON, perhaps an error answer saved as a report"
	case strings.IndexByte(head[:strings.IndexByte(head, '\n')+1], 0) >= 0:
		what = "the file is binary"
	default:
		return nil
	}
	return p.fail(&ParseError{Code: CodeNotASettlement, Message: what})
}

// rows reads the header and then row by row to the end.
func (p *pass) rows(yield func(Line, error) bool) error {
	line := &Line{}
	for {
		more, err := p.step()
		if err != nil || !more {
			return err
		}
		c := &p.at
		switch {
		case c.blank():
			continue
		case p.layout == nil:
			l, trouble := newLayout(strings.TrimPrefix(c.raw(), "\ufeff"))
			if trouble != nil {
				trouble.Line = c.line
				return p.fail(trouble)
			}
			p.layout, p.statement.Format, p.width = l, l.format, len(l.names)
			continue
		}
		if err := p.row(line, yield); err != nil {
			return err
		}
	}
}

// step moves to the next row, false at the end of the report.
func (p *pass) step() (bool, error) {
	for !p.at.next(p.width) {
		if b := p.at.block; b != nil {
			if b.err != nil {
				if p.layout == nil && b.err == io.EOF {
					return false, p.fail(&ParseError{Code: CodeNotASettlement, Message: "the file has no header row"})
				}
				return false, p.broken(b.err)
			}
			p.in.release(b)
		}
		b := p.take()
		p.at.enter(b)
	}
	return true, nil
}

// take returns the next block to read.
func (p *pass) take() *block {
	if len(p.held) > 0 {
		b := p.held[0]
		p.held = p.held[1:]
		return b
	}
	return p.in.next()
}

// broken turns what ended the reading into an error, nil at a proper end.
func (p *pass) broken(err error) error {
	e := &ParseError{Line: p.at.line, Err: err}
	switch {
	case err == io.EOF:
		return nil
	case err == errTooLarge:
		e.Code, e.Err = CodeTooLarge, nil
		e.Message = fmt.Sprintf("the report is larger than %d bytes; raise Options.MaxBytes if it should be", cmp.Or(p.options.MaxBytes, defaultMaxBytes))
	case err == errRowTooLong:
		e.Code, e.Err = CodeTooLarge, nil
		e.Message = fmt.Sprintf("the next row is longer than %d bytes; no settlement report has such rows", blockSize)
	case isTruncated(err):
		e.Code, e.Message = CodeTruncated, "the compressed file ends or breaks in the middle; fetch it again"
	default:
		return fmt.Errorf("read settlement report %s: %w", p.options.Name, err)
	}
	return p.fail(e)
}

// row reads the current row: whatever it states of the settlement, and a line
// for each of its amounts.
func (p *pass) row(line *Line, yield func(Line, error) bool) error {
	c, l := &p.at, p.layout
	if id := c.field(l.id); id != p.statement.ID {
		if more, err := p.belongs(id); !more {
			return err
		}
	}
	for i := p.width; i < c.fields(); i++ {
		if c.field(i) != "" {
			return p.fail(&ParseError{Line: c.line, Column: i + 1, Value: clip(c.field(i)), Code: CodeBadHeader, Message: "stands behind the last column of the header"})
		}
	}
	if c.field(l.total) != "" || c.field(l.currency) != "" || c.field(l.start) != "" {
		if err := p.summary(); err != nil {
			return err
		}
	}

	transactionType, filled := c.field(l.transactionType), false
	for i := range l.amounts {
		a := &l.amounts[i]
		cell := c.field(a.index)
		if cell == "" || cell[0] == ' ' && strings.Trim(cell, " ") == "" {
			continue
		}
		if !filled {
			filled = true
			if err := p.fillLine(line); err != nil {
				return err
			}
		}
		minor, err := p.amount(a.index, cell)
		if err != nil {
			return err
		}
		var k *kindEntry
		if l.format == FormatV2 {
			k = p.kinds.get(transactionType, c.field(a.amountType), c.field(a.amountDescription), false)
		} else {
			k = p.kinds.get(transactionType, a.v1, c.field(a.amountDescription), true)
		}
		line.Kind, line.Category = k.kind, k.category
		line.Amount = Money{minor, p.statement.Currency}
		if err := p.add(minor); err != nil {
			return p.cellError(a.index, CodeBadAmount, "makes the sum of the lines too large", err)
		}
		if !yield(*line, nil) {
			return errStopped
		}
	}
	if !filled && l.format == FormatV2 && (transactionType != "" || c.field(l.amounts[0].amountType) != "") {
		return p.cellError(l.amounts[0].index, CodeBadAmount, "is missing; a row of a kind has an amount", nil)
	}
	return nil
}

// belongs decides about a row whose settlement-id is not that of the statement.
func (p *pass) belongs(id string) (bool, error) {
	c, l := &p.at, p.layout
	want := p.options.Settlement
	switch {
	case id == l.names[l.id]:
		if c.raw() == l.header {
			return false, nil // files put one behind the other
		}
		return false, p.cellError(l.id, CodeBadHeader, "begins a second header that differs from the first", nil)
	case id == "":
		return false, p.cellError(l.id, CodeBadHeader, "is missing; every row names its settlement", nil)
	case p.listed != nil:
		p.list(id)
		return false, nil
	case want != "" && id != want:
		return false, nil
	case p.statement.ID != "":
		return false, p.cellError(l.id, CodeTwoTotals,
			"is a second settlement behind "+p.statement.ID+"; choose one of them (Options.Settlement)", nil)
	}
	p.statement.ID = strings.Clone(id)
	return true, nil
}

// list notes a settlement of a file that is only asked which it holds.
func (p *pass) list(id string) {
	if n := len(p.listed); (n == 0 || p.listed[n-1] != id) && !slices.Contains(p.listed, id) {
		p.listed = append(p.listed, strings.Clone(id))
	}
}

// summary reads what a row states of its settlement. As a rule one row does,
// the first; some files repeat it on every row.
func (p *pass) summary() error {
	c, l, s := &p.at, p.layout, &p.statement
	if cell := c.field(l.currency); cell != "" && cell != s.Currency.String() {
		currency, err := ParseCurrency(strings.Trim(cell, " "))
		switch {
		case err != nil:
			return p.cellError(l.currency, CodeBadHeader, "is no currency", nil)
		case !s.Currency.IsZero() && currency != s.Currency:
			return p.cellError(l.currency, CodeMixedCurrency, "is a second currency beside "+s.Currency.String(), nil)
		}
		p.setCurrency(currency)
	}
	for _, stamp := range [...]struct {
		column int
		time   *time.Time
	}{{l.start, &s.Start}, {l.end, &s.End}, {l.deposit, &s.Deposit}} {
		cell := c.field(stamp.column)
		if cell == "" {
			continue
		}
		t, err := p.time(stamp.column, &p.times, cell)
		if err != nil {
			return err
		}
		if !stamp.time.IsZero() && !t.Equal(*stamp.time) {
			return p.cellError(stamp.column, CodeTwoTotals, "differs from what an earlier row states", nil)
		}
		*stamp.time = t
	}
	if cell := c.field(l.total); cell != "" {
		minor, err := p.amount(l.total, cell)
		if err != nil {
			return err
		}
		total := Money{minor, s.Currency}
		if p.stated && total != s.Total {
			return p.cellError(l.total, CodeTwoTotals, "is a second total beside "+s.Total.String(), nil)
		}
		s.Total, p.stated = total, true
	}
	return nil
}

func (p *pass) setCurrency(c Currency) {
	p.statement.Currency = c
	if !p.trial {
		p.exponent = c.Exponent()
	}
}

// amount reads a cell, looking ahead if the currency or the decimal mark is not
// known yet.
func (p *pass) amount(column int, cell string) (int64, error) {
	if p.statement.Currency.IsZero() {
		c, ok := p.findCurrency()
		if !ok {
			return 0, p.cellError(p.layout.currency, CodeBadHeader, "is not stated in this settlement", nil)
		}
		p.setCurrency(c)
	}
	minor, err := p.numbers.parse(cell, p.exponent)
	if err == errAmbiguous {
		mark, found := p.findMark()
		if !found && p.reread != nil {
			if mark, err = p.reread(cell); err != nil {
				return 0, p.cellError(column, CodeAmbiguousNumber, "has two readings, and no cell of the file decides", err)
			}
			found = true
		}
		if !found {
			return 0, p.cellError(column, CodeAmbiguousNumber,
				"has two readings, with "+string(cell[strings.IndexAny(cell, ".,")])+" as decimal mark or between thousands, and no other cell decides", nil)
		}
		p.numbers.mark = mark
		minor, err = p.numbers.parse(cell, p.exponent)
	}
	if err != nil {
		return 0, p.cellError(column, CodeBadAmount, "is no amount of "+p.statement.Currency.String(), err)
	}
	return minor, nil
}

// time reads a cell in the form of its column group.
func (p *pass) time(column int, form *dates, cell string) (time.Time, error) {
	t, err := form.parse(cell)
	if err == errAmbiguous {
		order, found := p.findOrder(form)
		if !found {
			return t, p.cellError(column, CodeAmbiguousDate, "may have day or month first, and no other cell decides", nil)
		}
		form.order, form.separator = order, strings.Trim(cell, " ")[2]
		t, err = form.parse(cell)
	}
	if err != nil {
		return t, p.cellError(column, CodeBadDate, "cannot be read", err)
	}
	return t, nil
}

// fillLine sets what all amounts of the current row have in common.
func (p *pass) fillLine(line *Line) error {
	c, l := &p.at, p.layout
	column, form := l.postedTime, &p.times
	cell := c.field(column)
	if cell == "" {
		column = l.postedDate
		if l.postedTime >= 0 {
			form = &p.days
		}
		if cell = c.field(column); cell == "" {
			return p.cellError(column, CodeBadDate, "is missing; every amount has a posting time", nil)
		}
	}
	posted, err := p.time(column, form, cell)
	if err != nil {
		return err
	}
	marketplace := c.field(l.marketplace)
	if marketplace != p.marketplace && marketplace != "" {
		if err := p.noteMarketplace(marketplace); err != nil {
			return err
		}
	}

	raw := c.raw()
	line.Row, line.Offset, line.Length = c.line, c.block.offset+int64(c.start()), int64(len(raw))
	line.Posted = posted
	line.OrderID, line.MerchantOrderID = c.field(l.orderID), c.field(l.merchantOrderID)
	line.AdjustmentID, line.ShipmentID = c.field(l.adjustmentID), c.field(l.shipmentID)
	line.Marketplace, line.FulfillmentID = marketplace, c.field(l.fulfillmentID)
	line.OrderItemCode, line.MerchantOrderItemID = c.field(l.orderItemCode), c.field(l.merchantOrderItemID)
	line.MerchantAdjustmentItemID = c.field(l.merchantAdjustmentItemID)
	line.SKU, line.Quantity, line.PromotionID = c.field(l.sku), c.field(l.quantity), c.field(l.promo)
	line.Extra = Extra{raw, l.extra}
	return nil
}

func (p *pass) noteMarketplace(name string) error {
	i, known := slices.BinarySearch(p.marketplaces, name)
	if known {
		p.marketplace = p.marketplaces[i]
		return nil
	}
	if len(p.marketplaces) == maxMarketplaces {
		return p.cellError(p.layout.marketplace, CodeNotASettlement, fmt.Sprintf("is marketplace number %d; Amazon has not that many", maxMarketplaces+1), nil)
	}
	p.marketplace = strings.Clone(name)
	p.marketplaces = slices.Insert(p.marketplaces, i, p.marketplace)
	return nil
}

// add counts a line.
func (p *pass) add(minor int64) error {
	sum := p.sum + minor
	if (sum > p.sum) != (minor > 0) && minor != 0 || sum == math.MinInt64 {
		return ErrOverflow
	}
	p.sum = sum
	p.statement.Rows++
	return nil
}

// finish says what is known at the end of a flat file, and proves it.
func (p *pass) finish(declared, from string) error {
	s := &p.statement
	if p.numbers.mark != 0 {
		s.DecimalMark = string(p.numbers.mark)
	}
	s.Digest = p.in.cutter.sum()
	japan := s.Currency.String() == "JPY" || slices.Contains(p.marketplaces, "Amazon.co.jp")
	var bad int
	if s.Charset, bad = p.in.cutter.bytes.settle(declared, japan); bad != 0 {
		return p.fail(&ParseError{
			Line: bad, Code: CodeBadCharset,
			Message: fmt.Sprintf("the bytes are no %s, which is %s", s.Charset, cmp.Or(from, "what the byte order mark says")),
		})
	}
	return p.prove()
}

// prove completes the statement: the lines add up to the total, or it is refused.
func (p *pass) prove() error {
	s := &p.statement
	s.Sum = Money{p.sum, s.Currency}
	s.Marketplaces = p.marketplaces
	s.DateLayout = p.times.layout()
	switch {
	case s.ID == "" && p.options.Settlement != "":
		return p.fail(&ParseError{Code: CodeBadHeader, Message: "settlement " + p.options.Settlement + " is not in this file"})
	case !p.stated:
		return p.fail(&ParseError{Code: CodeBadHeader, Field: "total-amount", Message: "is not stated anywhere"})
	case s.Start.IsZero() || s.End.IsZero():
		return p.fail(&ParseError{Code: CodeBadHeader, Field: "settlement-start-date", Message: "or settlement-end-date is not stated anywhere"})
	}
	if s.Sum != s.Total {
		return &SumError{File: p.options.Name, ID: s.ID, Total: s.Total, Sum: s.Sum, Rows: s.Rows, Report: *s}
	}
	return nil
}

// fail completes an error with the name of the file.
func (p *pass) fail(e *ParseError) error {
	e.File = p.options.Name
	return e
}

// cellError points at a field of the current row.
func (p *pass) cellError(column int, code, message string, cause error) error {
	e := &ParseError{Line: p.at.line, Column: column + 1, Code: code, Message: message, Err: cause}
	if column >= 0 {
		e.Field, e.Value = p.layout.names[column], clip(p.at.field(column))
	}
	return p.fail(e)
}

// isTruncated reports whether a stream broke in the middle of its compression.
func isTruncated(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errCompression)
}
