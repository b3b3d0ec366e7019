package settlement

import (
	"errors"
	"io"
	"iter"
)

var (
	errStopped    = errors.New("stopped")
	errTooLarge   = errors.New("too large")
	errRowTooLong = errors.New("row too long")
	errUsed       = errors.New("settlement: a Reader can be ranged over once; use Open for a file that is read again")
)

// Reader reads one settlement report from a stream, in one pass. It is
// single-use: its Lines can be ranged over once.
type Reader struct {
	src       io.Reader
	options   Options
	used      bool
	statement Statement
	err       error
}

// NewReader returns a Reader of an uncompressed report. It reads nothing yet.
//
// Small reports are read on the caller's goroutine. For larger ones Lines reads
// ahead on goroutines of its own, which end before the loop over Lines does; to
// leave the loop early may therefore wait for one Read of r.
func NewReader(r io.Reader, o Options) *Reader {
	return &Reader{src: r, options: o, err: ErrNotRead}
}

// Lines yields the lines in the order of the file. They are provisional until
// the sequence ends without an error: only then do they add up to the stated
// total. An error is the last element: a *[ParseError], a *[SumError], or what
// reading the stream failed with.
//
// The form of numbers and of dates is one for the whole report and is never
// guessed. It is taken from the first cell that can be read in one way only; if
// a cell comes before that which could be read in two ways, the reader looks
// ahead for it, over 8 MiB at most, and otherwise refuses the report with
// [CodeAmbiguousNumber] or [CodeAmbiguousDate].
func (r *Reader) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		if r.used {
			yield(Line{}, errUsed)
			return
		}
		r.used = true
		p := newPass(r.options)
		r.statement, r.err = p.run(r.src, yield)
	}
}

// Statement returns the settlement once Lines has ended without an error. Before
// that it is [ErrNotRead]; after an error it is that error.
func (r *Reader) Statement() (Statement, error) { return r.statement, r.err }

func (r *Reader) genuine() Source { return r }
