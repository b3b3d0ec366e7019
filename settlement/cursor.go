package settlement

// cursor walks over the rows of a block.
type cursor struct {
	block  *block
	mark   int // next of block.marks
	start  int // of the next row in block.text
	line   int // line number of the current row
	fields int
	bounds [maxFields + 1]uint32 // field i is text[bounds[i] : bounds[i+1]-1]
}

// enter goes to the start of a block.
func (c *cursor) enter(b *block) { c.block, c.mark, c.start = b, 0, 0 }

// next moves to the next row, false at the end of the block. Fields beyond
// maxFields are left uncut in the last one.
func (c *cursor) next() bool {
	if c.block == nil || c.mark == len(c.block.marks) {
		return false
	}
	text, marks := c.block.text, c.block.marks[c.mark:]
	c.bounds[0] = uint32(c.start)
	n := 0
	for i, end := range marks {
		if n < maxFields {
			n++
		}
		c.bounds[n] = end + 1
		if text[end] == '\n' {
			if end > c.bounds[n-1] && text[end-1] == '\r' {
				c.bounds[n] = end
			}
			c.mark += i + 1
			c.start = int(end) + 1
			break
		}
	}
	c.fields = n
	c.line++
	return true
}

// field returns field i of the row, "" where the row or the file has none.
func (c *cursor) field(i int) string {
	if uint(i) >= uint(c.fields) {
		return ""
	}
	return c.block.text[c.bounds[i] : c.bounds[i+1]-1]
}

// raw returns the row without its line end.
func (c *cursor) raw() string {
	return c.block.text[c.bounds[0] : c.bounds[c.fields]-1]
}

// offset returns where the row begins in the report.
func (c *cursor) offset() int64 { return c.block.offset + int64(c.bounds[0]) }

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
