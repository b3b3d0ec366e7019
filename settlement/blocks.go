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
// 2,000 rows of a real report.
const blockSize = 384 << 10

// block is a run of whole rows.
type block struct {
	rows   []byte   // as they were read, until the block is released
	text   string   // the rows, for lines to share; ends with a line feed, real or supplied
	marks  []uint32 // where tabs and line feeds of text are
	ready  bool     // marks are there
	offset int64    // of text in the report
	cut    bool     // the line feed at the end of text is supplied: the report ends without one
	err    error    // what ended the reading behind text; io.EOF at the end of the report
}

// prepare finds the marks of a block that was witnessed.
func (b *block) prepare() {
	if !b.ready {
		b.marks, b.ready = mark(b.text, b.marks), true
	}
}

// cutter turns a stream into blocks that end where a line ends.
type cutter struct {
	r      io.Reader
	limit  int64
	rest   []byte // of an unfinished row behind the last block
	offset int64  // of rest in the report
}

// cut reads the next block, into b if it is given. The last block has an err.
func (c *cutter) cut(b *block) *block {
	if b == nil {
		b = &block{rows: make([]byte, blockSize)}
	}
	buf := b.rows[:cap(b.rows)]
	n := copy(buf, c.rest)
	m, err := fill(c.r, buf[n:])
	n += m
	b.offset, b.err, b.ready = c.offset, err, false
	if c.offset+int64(n) > c.limit {
		b.err = errTooLarge
	}
	end := n
	if b.err != io.EOF { // whole rows only
		end = bytes.LastIndexByte(buf[:n], '\n') + 1
		if end == 0 && b.err == nil {
			b.err = errRowTooLong
			if c.offset == 0 {
				end = n // to tell what it is instead of a report
			}
		}
	}
	b.rows, b.cut = buf[:end], end > 0 && buf[end-1] != '\n'
	c.rest = append(c.rest[:0], buf[end:n]...)
	c.offset += int64(end)
	return b
}

// witness sees every byte of a report: its digest, and which charsets it can
// have. It makes the text of what it sees, while that is in the cache.
type witness struct {
	digest hash.Hash
	bytes  byteCensus
}

func (w *witness) see(b *block) {
	w.digest.Write(b.rows)
	w.bytes.count(b.rows)
	if b.text = string(b.rows); b.cut {
		b.text += "\n"
	}
}

// sum returns the hex digest of all that has been seen.
func (w *witness) sum() string { return hex.EncodeToString(w.digest.Sum(nil)) }

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
		top   = every << 7         // the highest bit of every byte
		apart = 0x0002040810204081 // moves the highest bits of all bytes side by side into the top byte
	)
	y := x | top // so that no byte borrows from the next
	// The highest bit survives a subtraction of 9, but not one of 11, in a tab (9) and a line feed (10).
	return ((y - every*9) ^ (y - every*11)) &^ x & top * apart >> 56
}

// blocks delivers a report block by block. On more than one core, a report of
// more than one block is read and witnessed ahead on goroutines of its own, so
// that decompressing, digesting and converting go on at the same time.
type blocks struct {
	cutter  *cutter
	witness *witness
	first   *block
	ahead   *pipeline // nil where there is nothing to read ahead, or no core for it
	spare   *block    // given back
	last    bool      // the last block has been given
}

// openBlocks reads the first block. file says that r is a file as it lies on a
// disk.
func openBlocks(r io.Reader, limit int64, file bool) *blocks {
	in := &blocks{cutter: &cutter{r: r, limit: limit}, witness: &witness{digest: sha256.New()}}
	in.first = in.cutter.cut(nil)
	in.witness.see(in.first)
	if in.first.err == nil && runtime.GOMAXPROCS(0) > 1 {
		in.ahead = startPipeline(in.cutter, in.witness, file)
	}
	in.first.prepare()
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
		b = <-in.ahead.out
	default:
		b = in.cutter.cut(in.spare)
		in.spare = nil
		in.witness.see(b)
	}
	b.prepare()
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
