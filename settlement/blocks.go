package settlement

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"math/bits"
	"slices"
	"strings"
)

// blockSize is the unit of reading, and the longest row that is accepted: some
// 3,000 rows of a real report.
const blockSize = 512 << 10

// block is a run of whole rows.
type block struct {
	text   string   // ends with a line feed, real or supplied
	marks  []uint32 // where its tabs and line feeds are
	offset int64    // of text in the report
	err    error    // what ended the reading behind text; io.EOF at the end of the report
}

// cutter turns a stream into blocks that end where a line ends.
type cutter struct {
	r      io.Reader
	limit  int64
	buf    []byte
	carry  int   // bytes of an unfinished row at the start of buf
	offset int64 // of buf in the report
	digest hash.Hash
	bytes  byteCensus
}

func newCutter(r io.Reader, limit int64) *cutter {
	return &cutter{r: r, limit: limit, buf: make([]byte, blockSize), digest: sha256.New()}
}

// sum returns the hex digest of all that has been read.
func (c *cutter) sum() string { return hex.EncodeToString(c.digest.Sum(nil)) }

// cut reads the next block. The last one has an err.
func (c *cutter) cut() *block {
	n, err := fill(c.r, c.buf[c.carry:])
	n += c.carry
	c.digest.Write(c.buf[c.carry:n])
	b := &block{offset: c.offset, err: err}
	if c.offset+int64(n) > c.limit {
		b.err = errTooLarge
	}
	end := n
	if b.err != io.EOF { // whole rows only
		end = bytes.LastIndexByte(c.buf[:n], '\n') + 1
		if end == 0 && b.err == nil {
			b.err = errRowTooLong
			if c.offset == 0 {
				end = n // to tell what it is instead of a report
			}
		}
	}
	c.bytes.count(c.buf[:end])
	if end > 0 && c.buf[end-1] != '\n' {
		b.text = string(c.buf[:end]) + "\n"
	} else {
		b.text = string(c.buf[:end])
	}
	c.carry = copy(c.buf, c.buf[end:n])
	c.offset += int64(end)
	return b
}

// fill reads until buf is full or the stream ends. It leaves io.EOF and
// io.ErrUnexpectedEOF as the stream gave them: the second is a cut gzip file.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for empty := 0; n < len(buf) && err == nil; {
		var m int
		m, err = r.Read(buf[n:])
		n += m
		if m > 0 {
			empty = 0
		} else if empty++; empty == 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// mark appends to marks where the tabs and line feeds of text are. It looks at
// eight bytes at a time and always writes two positions for them, keeping as
// many as there are: to ask for each would cost more in mispredicted branches.
func mark(text string, marks []uint32) []uint32 {
	const step = 4096
	for start := 0; start < len(text); start += step {
		chunk := text[start:min(start+step, len(text))]
		marks = slices.Grow(marks, len(chunk)+8)
		room := marks[len(marks) : len(marks)+len(chunk)+8]
		n, i := 0, 0
		for ; i+8 <= len(chunk); i += 8 {
			s := chunk[i : i+8]
			hits := separators(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
				uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
			at := room[n : n+8]
			count := bits.OnesCount64(hits)
			for j := 0; ; j += 2 {
				at[j] = uint32(start + i + bits.TrailingZeros64(hits)>>3)
				hits &= hits - 1
				at[j+1] = uint32(start + i + bits.TrailingZeros64(hits)>>3)
				hits &= hits - 1
				if hits == 0 {
					break
				}
			}
			n += count
		}
		for ; i < len(chunk); i++ {
			if chunk[i]-'\t' < 2 {
				room[n] = uint32(start + i)
				n++
			}
		}
		marks = marks[:len(marks)+n]
	}
	return marks
}

// separators returns a word with the top bit of each byte of x that is a tab (9)
// or a line feed (10).
func separators(x uint64) uint64 {
	const low, top = 0x7f7f7f7f7f7f7f7f, 0x8080808080808080
	y := x ^ 0x0808080808080808                                       // tab and line feed become 1 and 2,
	z := ((y & low) + 0x0101010101010101) & (^uint64(0) / 255 * 0xfe) // with 1 added and the last bit off, 2,
	z ^= 0x0202020202020202                                           // and now 0
	return ^((z&low + low) | z | y) & top
}

// blocks delivers a report block by block. A report of more than one block is
// read, cut and marked ahead on goroutines of its own, so that decompressing,
// scanning and converting share the processor's cores.
type blocks struct {
	cutter *cutter
	first  *block
	ahead  *pipeline // nil for a report of one block
	last   bool      // the last block has been given
}

// openBlocks reads the first block.
func openBlocks(r io.Reader, limit int64) *blocks {
	c := newCutter(r, limit)
	first := c.cut()
	in := &blocks{cutter: c, first: first}
	if first.err == nil {
		in.ahead = startPipeline(c)
	}
	first.marks = mark(first.text, nil)
	return in
}

// next returns the next block, nil after the last.
func (in *blocks) next() *block {
	if in.last {
		return nil
	}
	b := in.first
	in.first = nil
	if b == nil {
		b = in.ahead.next()
	}
	in.last = b.err != nil
	return b
}

// release gives a block's marks back for use with another.
func (in *blocks) release(b *block) {
	if in.ahead != nil {
		in.ahead.release(b)
	}
}

// close ends the reading and waits until the stream is no longer touched.
func (in *blocks) close() {
	if in.ahead != nil {
		in.ahead.stop()
	}
}

// head returns the start of the first block, without a byte order mark.
func (in *blocks) head() string { return strings.TrimPrefix(in.first.text, "\ufeff") }
