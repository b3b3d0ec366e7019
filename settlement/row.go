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
		if c.field(i) != "" {
			return p.fail(&ParseError{Line: c.line, Column: i + 1, Value: clip(c.field(i)), Code: CodeBadHeader, Message: "stands behind the last column of the header"})
		}
	}
	if c.field(l.total) != "" || c.field(l.currency) != "" || c.field(l.start) != "" {
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
			if err := p.noteMarketplace(marketplace); err != nil {
				return err
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
		line.Kind, line.Category = k.kind, k.category
		line.Amount = Money{minor, p.statement.Currency}
		if err := p.add(minor); err != nil {
			return p.cellError(a.index, CodeBadAmount, "makes the sum of the lines too large", err)
		}
		if !yield(line, nil) {
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

func (p *pass) noteMarketplace(name string) error {
	if name == p.marketplace || name == "" {
		return nil
	}
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
