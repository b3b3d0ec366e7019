package settlement

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// row reads the current row: whatever it states of the settlement, and a line
// for each of its amounts.
func (p *pass) row(yield func(Line, error) bool) error {
	c, l := &p.at, p.layout
	if id := c.field(l.id); id != p.statement.ID {
		if more, err := p.belongs(id); !more {
			return err
		}
	}
	for i := p.width; i < c.fields(); i++ {
		if strings.Trim(c.field(i), " ") != "" {
			return p.fail(&ParseError{Line: c.line, Column: i + 1, Value: clip(c.field(i)), Code: CodeBadHeader, Message: "stands behind the last column of the header"})
		}
	}
	if c.field(l.total) != "" || c.field(l.currency) != "" || c.field(l.start) != "" || c.field(l.end) != "" || c.field(l.deposit) != "" {
		if err := p.summary(); err != nil {
			return err
		}
	}

	// A Line of this frame: to fill one behind a pointer costs the collector's write barriers.
	var line Line
	transactionType, filled := c.field(l.transactionType), false
	for i := range l.amounts {
		a := &l.amounts[i]
		cell := c.field(a.index)
		if cell == "" || cell[0] == ' ' && strings.Trim(cell, " ") == "" {
			continue
		}
		if !filled {
			filled = true
			posted, err := p.postedAt()
			if err != nil {
				return err
			}
			marketplace := c.field(l.marketplace)
			if code, trouble := p.noteMarketplace(marketplace); code != "" {
				return p.cellError(l.marketplace, code, trouble, nil)
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
			line.Extra.row, line.Extra.names = raw, l.extra
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
		if k == nil {
			return p.cellError(-1, CodeTooLarge, fmt.Sprintf("the row's kind has a word of more than %d bytes; Amazon writes none like it", maxWord), nil)
		}
		line.Kind, line.Category = k.kind, k.category
		line.Amount = Money{minor, p.statement.Currency}
		if err := p.add(minor); err != nil {
			return p.cellError(a.index, CodeBadAmount, "makes the sum of the lines too large", err)
		}
		if !yield(line, nil) {
			return errStopped
		}
	}
	if !filled && transactionType == "" && strings.Trim(c.field(l.total), " ") != "" {
		if p.summarised {
			return p.cellError(l.total, CodeTwoTotals, twice, nil)
		}
		p.summarised = true
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
	case isHeaderCell(id, l.names[l.id]):
		if strings.EqualFold(strings.TrimPrefix(c.raw(), "\ufeff"), l.header) {
			p.again = p.statement.ID != ""
			return false, nil // files put one behind the other
		}
		return false, p.cellError(l.id, CodeBadHeader, otherHeader, nil)
	case id == "":
		return false, p.cellError(l.id, CodeBadHeader, "is missing; every row names its settlement", nil)
	case !isID(id):
		return false, p.cellError(l.id, CodeBadHeader, notID, nil)
	case id[0] > '9' && slices.Contains(l.names, strings.ToLower(id)):
		return false, p.cellError(l.id, CodeBadHeader, otherHeader, nil)
	case p.listed != nil:
		if !p.list(id) {
			return false, p.cellError(l.id, CodeTooLarge, tooManySettlements, nil)
		}
		return false, nil
	case want != "" && id != want:
		return false, nil
	case p.statement.ID != "":
		return false, p.cellError(l.id, CodeTwoTotals,
			"is a second settlement behind "+p.statement.ID+"; choose one of them by its id", nil)
	}
	p.statement.ID = strings.Clone(id)
	return true, nil
}

// isHeaderCell reports whether a cell is a column's name as a header may have it,
// that of a file with a byte order mark put behind another one included.
func isHeaderCell(cell, name string) bool {
	return strings.EqualFold(strings.Trim(strings.TrimPrefix(cell, "\ufeff"), " "), name)
}

// maxSettlements is far more than any file holds: half a year has thirteen.
const maxSettlements = 10_000

const tooManySettlements = "is one settlement too many; no file holds more than 10,000"

const (
	otherHeader = "is of a second header that differs from the first"
	twice       = "begins the settlement a second time; the file holds it twice"
)

const notID = "is no settlement id; Amazon's are digits"

// isID reports whether an id may name files, addresses and batches, as ids do. Amazon's are digits; letters are let
// through, and what a spreadsheet makes of a long number is not.
func isID(id string) bool {
	for i := range len(id) {
		switch b := id[i]; {
		case '0' <= b && b <= '9', 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z', b == '-', b == '_':
		default:
			return false
		}
	}
	return id != ""
}

// list notes a settlement of a file that is only asked which it holds, false if
// there are too many.
func (p *pass) list(id string) bool {
	if n := len(p.listed); n > 0 && p.listed[n-1] == id || slices.Contains(p.listed, id) {
		return true
	} else if n == maxSettlements {
		return false
	}
	p.listed = append(p.listed, strings.Clone(id))
	return true
}

const endsBefore = "is before the start of the settlement"

// summary reads what a row states of its settlement. As a rule one row does,
// the first; some files repeat it on every row.
func (p *pass) summary() error {
	c, l, s := &p.at, p.layout, &p.statement
	if cell := strings.Trim(c.field(l.currency), " "); cell != "" && cell != s.Currency.String() {
		currency, err := ParseCurrency(cell)
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
		cell := strings.Trim(c.field(stamp.column), " ")
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
	if !s.Start.IsZero() && !s.End.IsZero() && s.End.Before(s.Start) {
		return p.cellError(l.end, CodeBadDate, endsBefore, nil)
	}
	if cell := strings.Trim(c.field(l.total), " "); cell != "" {
		minor, err := p.amount(l.total, cell)
		if err != nil {
			return err
		}
		total := Money{minor, s.Currency}
		if p.stated && total != s.Total {
			return p.cellError(l.total, CodeTwoTotals, "is a second total beside "+s.Total.String(), nil)
		}
		if p.stated && p.again {
			return p.cellError(l.total, CodeTwoTotals, twice, nil)
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
			return 0, p.cellError(p.layout.currency, CodeBadHeader, "is stated neither here nor "+p.where(), nil)
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
				"has two readings, with "+string(cell[strings.IndexAny(cell, ".,")])+" as decimal mark or between thousands, and no cell decides "+p.where(), nil)
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
			return t, p.cellError(column, CodeAmbiguousDate, "may have day or month first, and no cell decides "+p.where(), nil)
		}
		form.order, form.separator = order, strings.Trim(cell, " ")[2]
		t, err = form.parse(cell)
	}
	if err != nil {
		return t, p.cellError(column, CodeBadDate, "cannot be read", err)
	}
	return t, nil
}

// postedAt reads when the amounts of the current row were posted.
func (p *pass) postedAt() (time.Time, error) {
	c, l := &p.at, p.layout
	column, form := l.postedTime, &p.times
	cell := c.field(column)
	if cell == "" {
		column = l.postedDate
		if l.postedTime >= 0 {
			form = &p.days
		}
		if cell = c.field(column); cell == "" {
			return time.Time{}, p.cellError(column, CodeBadDate, "is missing; every amount has a posting time", nil)
		}
	}
	return p.time(column, form, cell)
}

// noteMarketplace returns a code and what is wrong with the name, "" for nothing.
func (p *pass) noteMarketplace(name string) (code, trouble string) {
	if name == p.marketplace || name == "" {
		return "", ""
	}
	i, known := slices.BinarySearch(p.marketplaces, name)
	switch {
	case known:
		p.marketplace = p.marketplaces[i]
		return "", ""
	case len(name) > maxWord:
		return CodeTooLarge, fmt.Sprintf("is longer than %d bytes; no marketplace has such a name", maxWord)
	case len(p.marketplaces) == maxMarketplaces:
		return CodeNotASettlement, fmt.Sprintf("is marketplace number %d; Amazon has not that many", maxMarketplaces+1)
	}
	p.marketplace = strings.Clone(name)
	p.marketplaces = slices.Insert(p.marketplaces, i, p.marketplace)
	return "", ""
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
