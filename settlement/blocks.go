package settlement

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"math/bits"
	"runtime"
	"slices"
	"strings"
)

// blockSize is the unit of reading, and the longest row that is accepted: some
// 1,400 rows of a real report.
const blockSize = 256 << 10

// block is a run of whole rows.
type block struct {
	text   string   // ends with a line feed, real or supplied
	marks  []uint32 // where its tabs and line feeds are
	offset int64    // of text in the report
	cut    bool     // the line feed at the end of text is supplied: the report ends without one
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

// cut reads the next block, into b if it is given. The last block has an err.
func (c *cutter) cut(b *block) *block {
	n, err := fill(c.r, c.buf[c.carry:])
	n += c.carry
	c.digest.Write(c.buf[c.carry:n])
	if b == nil {
		b = &block{}
	}
	b.offset, b.err = c.offset, err
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
	b.cut = end > 0 && c.buf[end-1] != '\n'
	if b.cut {
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

// before stands in front of the marks of a block: where the line feed before its
// first row would be.
const before = ^uint32(0)

// mark returns where the tabs and line feeds of text are, behind before. It
// takes 64 bytes at a time, and writes four positions at a time even if there
// are fewer: to ask at each would cost more, in mispredicted branches.
func mark(text string, marks []uint32) []uint32 {
	marks = append(marks[:0], before)
	const step = 64 * 64
	for start := 0; start < len(text); start += step {
		chunk := text[start:min(start+step, len(text))]
		marks = slices.Grow(marks, len(chunk)+4)
		room := marks[len(marks) : len(marks)+len(chunk)+4]
		n, i := 0, 0
		for ; i+64 <= len(chunk); i += 64 {
			at := uint32(start + i)
			for m := separators64(chunk[i : i+64]); m != 0; {
				four := room[n : n+4]
				n += min(4, bits.OnesCount64(m))
				four[0] = at + uint32(bits.TrailingZeros64(m))
				m &= m - 1
				four[1] = at + uint32(bits.TrailingZeros64(m))
				m &= m - 1
				four[2] = at + uint32(bits.TrailingZeros64(m))
				m &= m - 1
				four[3] = at + uint32(bits.TrailingZeros64(m))
				m &= m - 1
			}
		}
		for ; i < len(chunk); i++ {
			if chunk[i]-'\t' < 2 { // tab or line feed
				room[n] = uint32(start + i)
				n++
			}
		}
		marks = marks[:len(marks)+n]
	}
	return marks
}

// separators64 returns a word with a bit for each of 64 bytes, set where the byte
// is a tab or a line feed.
func separators64(s string) uint64 {
	s = s[:64]
	return separators(word(s[0:8])) | separators(word(s[8:16]))<<8 |
		separators(word(s[16:24]))<<16 | separators(word(s[24:32]))<<24 |
		separators(word(s[32:40]))<<32 | separators(word(s[40:48]))<<40 |
		separators(word(s[48:56]))<<48 | separators(word(s[56:64]))<<56
}

// word is one load of eight bytes.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// separators returns a bit for each byte of a word.
func separators(x uint64) uint64 {
	const (
		every = ^uint64(0) / 255   // 1 in every byte
		apart = 0x0102040810204080 // moves the lowest bits of all bytes side by side into the top byte
	)
	y := x ^ every*8                                   // tab (9) and line feed (10) become 1 and 2
	small := ^((y&(every*0x7c) + every*0x7c) | y) >> 7 // lowest bit: the byte is below 4
	return (small & (y ^ y>>1) & every) * apart >> 56  // and neither 0 nor 3
}

// blocks delivers a report block by block. On more than one core, a report of
// more than one block is read, cut and marked ahead on goroutines of its own, so
// that decompressing, scanning and converting go on at the same time.
type blocks struct {
	cutter *cutter
	first  *block
	ahead  *pipeline // nil where there is nothing to read ahead, or no core for it
	spare  *block    // given back
	last   bool      // the last block has been given
}

// openBlocks reads the first block.
func openBlocks(r io.Reader, limit int64) *blocks {
	c := newCutter(r, limit)
	first := c.cut(nil)
	in := &blocks{cutter: c, first: first}
	if first.err == nil && runtime.GOMAXPROCS(0) > 1 {
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
	switch {
	case b != nil:
	case in.ahead != nil:
		b = in.ahead.next()
	default:
		b = in.cutter.cut(in.spare)
		in.spare = nil
		b.marks = mark(b.text, b.marks)
	}
	in.last = b.err != nil
	return b
}

// release gives a block back for use with other rows. Its text stays as it is.
func (in *blocks) release(b *block) {
	if in.ahead != nil {
		in.ahead.release(b)
	} else {
		in.spare = b
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
