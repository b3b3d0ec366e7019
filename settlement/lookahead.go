package settlement

import "strings"

// ahead calls try for the current row and those behind it until it returns
// true, over lookaheadLimit bytes at most. The rows are held back: reading goes
// on behind the current row as if nothing had happened.
func (p *pass) ahead(try func(*cursor) bool) bool {
	c := p.at // a copy
	seen := -c.start()
	for next := 0; ; next++ {
		for {
			if id := c.field(p.layout.id); (id == p.statement.ID || p.statement.ID == "") && try(&c) {
				return true
			}
			if !c.next(p.width) {
				break
			}
		}
		if seen += len(c.block.text); seen >= lookaheadLimit || c.block.err != nil {
			p.short = c.block.err == nil
			return false
		}
		if next == len(p.held) {
			p.held = append(p.held, p.in.next())
		}
		if c.enter(p.held[next]); !c.next(p.width) {
			return false
		}
	}
}

// where says where ahead has looked in vain.
func (p *pass) where() string {
	if p.short {
		return "in the next 8 MiB"
	}
	return "in the rest of the file"
}

// findCurrency looks for the row that states the currency.
func (p *pass) findCurrency() (currency Currency, found bool) {
	p.ahead(func(c *cursor) bool {
		var err error
		currency, err = ParseCurrency(strings.Trim(c.field(p.layout.currency), " "))
		found = err == nil
		return found
	})
	return currency, found
}

// findMark looks for an amount that can be read with one decimal mark only.
func (p *pass) findMark() (mark byte, found bool) {
	found = p.ahead(func(c *cursor) bool {
		if mark = markOf(c.field(p.layout.total)); mark != 0 {
			return true
		}
		for i := range p.layout.amounts {
			if mark = markOf(c.field(p.layout.amounts[i].index)); mark != 0 {
				return true
			}
		}
		return false
	})
	return mark, found
}

// markOf returns the decimal mark that a cell proves, 0 if it proves none.
func markOf(cell string) byte {
	body, _, ok := unsign(cell)
	if !ok {
		return 0
	}
	mark, _ := decide(body)
	return mark
}

// findOrder looks for a date that can be read with day or month first only.
func (p *pass) findOrder(form *dates) (order byte, found bool) {
	columns := []int{p.layout.start, p.layout.end, p.layout.deposit, p.layout.postedTime}
	if form == &p.days || p.layout.postedTime < 0 {
		columns = append(columns, p.layout.postedDate)
	}
	if form == &p.days {
		columns = columns[len(columns)-1:]
	}
	found = p.ahead(func(c *cursor) bool {
		for _, column := range columns {
			date, _ := cutDate(strings.Trim(c.field(column), " "))
			if o, _, ok := dateForm(date); ok && (o == 'd' || o == 'm') {
				order = o
				return true
			}
		}
		return false
	})
	return order, found
}
