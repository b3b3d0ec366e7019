package settlement

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Changes is how a second document of a settlement differs from the first.
type Changes struct {
	Stated []string     // what the reports say of the settlement itself, such as "total 10.00 USD became 10.01 USD"
	Lines  []LineChange // in the order of the files, 50 at most
	More   bool         // there are more lines that differ
}

// LineChange is one line that was added, removed or changed. A line that is only
// in another place is not: nothing but its place would differ.
type LineChange struct {
	FirstRow, SecondRow int    // line numbers in the two documents; 0 where a document lacks the line
	First, Second       string // the line as text; "" where a document lacks it
}

// None reports whether the two documents say the same, in whatever order and form.
func (c Changes) None() bool { return len(c.Stated) == 0 && len(c.Lines) == 0 && !c.More }

// String writes a line for each change: "-" before what only the first document
// has, "+" before what only the second has, and both of a line that changed.
func (c Changes) String() string {
	var b strings.Builder
	for _, s := range c.Stated {
		fmt.Fprintf(&b, "%s\n", s)
	}
	for _, l := range c.Lines {
		if l.FirstRow != 0 {
			fmt.Fprintf(&b, "- line %d: %s\n", l.FirstRow, l.First)
		}
		if l.SecondRow != 0 {
			fmt.Fprintf(&b, "+ line %d: %s\n", l.SecondRow, l.Second)
		}
	}
	switch {
	case c.More:
		b.WriteString("and more\n")
	case c.None():
		b.WriteString("no line says anything else: the files differ in their order, their form, or a cell that no line carries\n")
	}
	return b.String()
}

// The bounds of Diff. Each document spreads its lines over the groups; only
// lines of groups that differ are held, and not of more than maxDiffer of them.
const (
	maxChanges = 50
	groups     = 1 << 16
	maxDiffer  = 2 * maxChanges // in each document: one line changed is two groups that differ
	maxHeld    = 10_000         // lines of each document, should a group have very many
)

// Diff compares the lines of two documents of one settlement by their content,
// wherever they stand and in whichever charset. It reads each file twice, so that
// memory is bounded whatever their size, and once before that where text beyond
// ASCII is in another charset than UTF-8. The error is that of a document that
// cannot be read.
func Diff(first, second *File) (Changes, error) {
	d := &differ{lines: map[lineText]*rows{}}
	documents := [...]*File{first, second}
	var statements [2]Statement
	for i, f := range documents {
		s := Statement{Charset: charsetUTF8}
		for again := true; again; {
			d.sums[i] = [groups]uint64{}
			all, err := eachText(f, s, func(_ int, text lineText) { d.count(i, text) })
			if err != nil {
				return Changes{}, err
			}
			again = !all && f.statement.Charset != s.Charset
			s = f.statement
		}
		statements[i] = s
	}
	for i, f := range documents {
		d.room, d.lineRoom = maxDiffer, maxHeld
		if _, err := eachText(f, statements[i], func(row int, text lineText) { d.hold(i, row, text) }); err != nil {
			return Changes{}, err
		}
	}
	c := d.changes()
	c.Stated = stated(statements[0], statements[1])
	return c, nil
}

// lineText is the content of a line: which line of the settlement it is, and
// what it says. A line that changed keeps the first part.
type lineText struct{ which, says string }

// eachText gives the lines of a file, read as the charset of a statement, and
// reports whether all are the same in every charset.
func eachText(f *File, s Statement, give func(row int, text lineText)) (all bool, err error) {
	var b []byte
	all = true
	for line, err := range f.Lines() {
		if err != nil {
			return false, err
		}
		all = all && plain(line.Extra.row)
		var text lineText
		text, b = textOf(&line, s, b[:0])
		give(line.Row, text)
	}
	return all, nil
}

// textOf makes the text of a line, in a buffer that it returns for the next one.
func textOf(l *Line, s Statement, b []byte) (lineText, []byte) {
	s.Decode(l)
	b = append(appendWord(b, l.Kind.TransactionType), '/')
	b = append(appendWord(b, l.Kind.AmountType), '/')
	b = appendWord(b, l.Kind.AmountDescription)
	field := func(name, value string) {
		if value != "" {
			b = appendWord(append(append(append(b, ' '), name...), '='), value)
		}
	}
	field("order-id", l.OrderID)
	field("merchant-order-id", l.MerchantOrderID)
	field("adjustment-id", l.AdjustmentID)
	field("shipment-id", l.ShipmentID)
	field("order-item-code", l.OrderItemCode)
	field("merchant-order-item-id", l.MerchantOrderItemID)
	field("merchant-adjustment-item-id", l.MerchantAdjustmentItemID)
	field("sku", l.SKU)
	which := len(b)
	b = append(b, ' ')
	b = append(l.Amount.Append(b), ' ')
	b = l.Posted.AppendFormat(b, time.RFC3339)
	field("marketplace-name", l.Marketplace)
	field("fulfillment-id", l.FulfillmentID)
	field("quantity-purchased", l.Quantity)
	field("promotion-id", l.PromotionID)
	for name, value := range l.Extra.All() {
		field(s.decode(name), s.decode(value))
	}
	return lineText{string(b[:which]), string(b[which+1:])}, b
}

// appendWord appends a cell, in quotes where it could be taken for something else:
// bytes that are no plain text are seen, not guessed.
func appendWord(b []byte, s string) []byte {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '=' || r >= 0x7f }) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// differ finds the lines that two documents do not share.
type differ struct {
	sums     [2][groups]uint64 // of the lines' hashes, in each document: alike if the group is the same
	state    [groups]byte      // of the second reading: 0, held or left
	room     int               // groups that may still be held
	lineRoom int               // lines that may
	more     bool
	lines    map[lineText]*rows // of the groups that are held
}

const (
	held = 1 + iota
	left
)

// rows are where a line stands in the two documents.
type rows [2][]int

func (t lineText) hash() uint64 { // FNV-1a
	h := uint64(14695981039346656037)
	for _, s := range [...]string{t.which, " ", t.says} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	return h
}

func group(hash uint64) uint64 { return (hash ^ hash>>32) % groups }

func (d *differ) count(document int, text lineText) {
	h := text.hash()
	d.sums[document][group(h)] += h
}

func (d *differ) hold(document, row int, text lineText) {
	g := group(text.hash())
	switch {
	case d.sums[0][g] == d.sums[1][g]:
		return
	case d.state[g] == 0 && d.room > 0:
		d.state[g] = held
		d.room--
	case d.state[g] == 0:
		d.state[g] = left
		d.more = true
	}
	if d.state[g] != held {
		return
	}
	if d.lineRoom == 0 {
		d.more = true
		return
	}
	d.lineRoom--
	r := d.lines[text]
	if r == nil {
		r = &rows{}
		d.lines[text] = r
	}
	r[document] = append(r[document], row)
}

// changes returns the lines that are in one document only, those that say
// something else of the same thing side by side.
func (d *differ) changes() Changes {
	var c Changes
	open := map[string][]int{} // removed lines that no added line has answered yet, by which: indexes into c.Lines
	for _, t := range d.sorted(0) {
		for _, row := range d.lines[t].only(0) {
			open[t.which] = append(open[t.which], len(c.Lines))
			c.Lines = append(c.Lines, LineChange{FirstRow: row, First: t.which + " " + t.says})
		}
	}
	for _, t := range d.sorted(1) {
		for _, row := range d.lines[t].only(1) {
			if of := open[t.which]; len(of) > 0 {
				c.Lines[of[0]].SecondRow, c.Lines[of[0]].Second = row, t.which+" "+t.says
				open[t.which] = of[1:]
				continue
			}
			c.Lines = append(c.Lines, LineChange{SecondRow: row, Second: t.which + " " + t.says})
		}
	}
	slices.SortStableFunc(c.Lines, func(a, b LineChange) int {
		return cmp.Compare(cmp.Or(a.FirstRow, a.SecondRow), cmp.Or(b.FirstRow, b.SecondRow))
	})
	c.More = d.more || len(c.Lines) > maxChanges
	c.Lines = c.Lines[:min(len(c.Lines), maxChanges)]
	return c
}

// sorted returns the lines that are held in the order of a document.
func (d *differ) sorted(document int) []lineText {
	var all []lineText
	for t, r := range d.lines {
		if len(r[document]) > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b lineText) int {
		return cmp.Or(cmp.Compare(d.lines[a][document][0], d.lines[b][document][0]), strings.Compare(a.which, b.which), strings.Compare(a.says, b.says))
	})
	return all
}

// only returns the rows of a line that one document has more often than the other.
func (r *rows) only(document int) []int {
	return r[document][min(len(r[0]), len(r[1])):]
}

// stated compares what two reports say of their settlement.
func stated(before, after Statement) (changed []string) {
	text := func(m Money) string { return m.String() + " " + m.Currency().String() }
	for _, s := range [...]struct{ what, before, after string }{
		{"settlement-id", before.ID, after.ID},
		{"total", text(before.Total), text(after.Total)},
		{"start", before.Start.Format(time.RFC3339), after.Start.Format(time.RFC3339)},
		{"end", before.End.Format(time.RFC3339), after.End.Format(time.RFC3339)},
		{"deposit date", before.Deposit.Format(time.RFC3339), after.Deposit.Format(time.RFC3339)},
		{"rows", strconv.Itoa(before.Rows), strconv.Itoa(after.Rows)},
	} {
		if s.before != s.after {
			changed = append(changed, s.what+" "+s.before+" became "+s.after)
		}
	}
	return changed
}
