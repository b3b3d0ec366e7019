package settlement

import "strings"

// cursor walks over the rows of a block.
type cursor struct {
	block *block
	next0 int      // block.marks[next0] ends the row before the next one
	row   []uint32 // field i of the current row is text[row[i]+1 : row[i+1]]
	line  int      // line number of the current row
	own   [maxFields + 1]uint32
}

// enter goes to the start of a block.
func (c *cursor) enter(b *block) { c.block, c.next0, c.row = b, 0, nil }

// next moves to the next row, false at the end of the block. width is the
// number of fields that the row is likely to have.
func (c *cursor) next(width int) bool {
	if c.block == nil || c.next0 >= len(c.block.marks)-1 {
		return false
	}
	text, marks := c.block.text, c.block.marks[c.next0:]
	start := int(marks[0] + 1)
	end := uint32(start + strings.IndexByte(text[start:], '\n'))
	if width >= len(marks) || marks[width] != end {
		for width = 1; marks[width] != end; {
			width++
		}
	}
	c.next0 += width
	c.row = marks[:width+1]
	c.line++
	if int(end) > start && text[end-1] == '\r' && width < len(c.own) {
		c.row = c.own[:copy(c.own[:], c.row)]
		c.row[width]--
	}
	return true
}

// field returns field i of the row, "" where the row or the file has none.
func (c *cursor) field(i int) string {
	if uint(i) >= uint(len(c.row)-1) { // -1, a column that the file does not have, is large
		return ""
	}
	return c.block.text[c.row[i]+1 : c.row[i+1]]
}

// fields returns the number of fields of the row.
func (c *cursor) fields() int { return len(c.row) - 1 }

// last reports whether the report ends with this row, without a line end.
func (c *cursor) last() bool { return c.block.cut && c.next0 == len(c.block.marks)-1 }

// start returns where the row begins in the block.
func (c *cursor) start() int { return int(c.row[0] + 1) }

// raw returns the row without its line end.
func (c *cursor) raw() string {
	return c.block.text[c.row[0]+1 : c.row[len(c.row)-1]]
}

// blank reports whether the row holds nothing but blanks, tabs and ends.
func (c *cursor) blank() bool {
	row := c.raw()
	for i := range len(row) {
		if row[i] != ' ' && row[i] != '\t' && row[i] != '\r' {
			return false
		}
	}
	return true
}
