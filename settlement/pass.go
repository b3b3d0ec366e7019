package settlement

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// lookaheadLimit is how much of a report is held back at most while a cell is
// sought that decides how numbers or dates are to be read.
const lookaheadLimit = 8 << 20

// maxMarketplaces is far more than Amazon has.
const maxMarketplaces = 1000

// pass is one reading of one report.
type pass struct {
	options Options
	file    bool // the report is read as it lies on a disk
	in      *blocks
	held    []*block // looked at, not yet read
	short   bool     // lookaheadLimit came before the end of the report
	at      cursor
	layout  *layout
	width   int // fields of the header

	numbers numbers
	times   dates // period, deposit and posting times
	days    dates // posted-date, where posted-date-time is blank: it may have a form of its own

	// exponent of the amounts: the currency's, unless a file is read only to
	// see whether it ties (File.tie).
	exponent int
	trial    bool
	reread   func(amount string) (byte, error) // File: find the decimal mark by tie-out

	listed []string // not nil: only list the settlements, here

	kinds        kindTable
	marketplaces []string
	marketplace  string // the last one seen
	statement    Statement
	stated       bool // a total has been read
	summarised   bool // a row has been read that does nothing but state it
	again        bool // a header has been read behind rows of the settlement
	trimmed      bool // a row has been read that is narrower than the header
	sum          int64
}

func newPass(o Options) *pass { return &pass{options: o} }

// run reads the whole report. It gives an error to yield before it returns it,
// and returns ErrNotRead if yield wanted no more.
func (p *pass) run(src io.Reader, yield func(Line, error) bool) (Statement, error) {
	statement, err := p.read(src, yield)
	switch {
	case err == errStopped:
		return Statement{}, ErrNotRead
	case err != nil:
		yield(Line{}, err)
		return Statement{}, err
	}
	return statement, nil
}

func (p *pass) read(src io.Reader, yield func(Line, error) bool) (Statement, error) {
	declared, from, err := declaredCharset(p.options)
	if err != nil {
		return Statement{}, p.fail(&ParseError{Code: CodeBadCharset, Message: from, Err: err})
	}
	peek := bufio.NewReader(src)
	if head, _ := peek.Peek(512); isXML(head) {
		err := p.readXML(peek, yield)
		return p.statement, err
	}
	p.in = openBlocks(peek, cmp.Or(p.options.MaxBytes, defaultMaxBytes), p.file)
	defer p.in.close()
	if err := p.sniff(); err != nil {
		return Statement{}, err
	}
	if err := p.rows(yield); err != nil || p.listed != nil {
		return Statement{}, err
	}
	if err := p.finish(declared, from); err != nil {
		return Statement{}, err
	}
	return p.statement, nil
}

// sniff refuses at once what is no flat file.
func (p *pass) sniff() error {
	head := p.in.head()
	trimmed := strings.TrimLeft(head, " \t\r\n")
	var what string
	switch {
	case trimmed == "" && p.in.first.err == io.EOF:
		what = "the file is empty"
	case strings.HasPrefix(head, "\x1f\x8b"):
		what = "the bytes are gzipped, perhaps for a second time; gunzip them first"
	case strings.HasPrefix(head, "PK\x03\x04"):
		what = "this is a zip archive; unpack it first"
	case strings.HasPrefix(head, "\xff\xfe"), strings.HasPrefix(head, "\xfe\xff"):
		return p.fail(&ParseError{Code: CodeBadCharset, Message: "the file is UTF-16; settlement reports have one byte to a letter of their header: fetch it again as Amazon delivers it"})
	case strings.HasPrefix(trimmed, "<"):
		what = "this is a web page or another XML document, perhaps an error page saved as a report"
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		what = "this is JSON, perhaps an error answer saved as a report"
	case strings.IndexByte(head[:strings.IndexByte(head, '\n')+1], 0) >= 0:
		what = "the file is binary"
	default:
		return nil
	}
	return p.fail(&ParseError{Code: CodeNotASettlement, Message: what})
}

// rows reads the header and then row by row to the end.
func (p *pass) rows(yield func(Line, error) bool) error {
	for {
		more, err := p.step()
		if err != nil || !more {
			return err
		}
		c := &p.at
		switch {
		case c.blank():
			continue
		case p.layout == nil:
			l, trouble := newLayout(strings.TrimPrefix(c.raw(), "\ufeff"))
			if trouble != nil {
				trouble.Line = c.line
				if trouble.Code == CodeBadHeader && c.last() {
					trouble.Code, trouble.Message = CodeTruncated, "the file ends in the middle of its header; fetch it again"
				}
				return p.fail(trouble)
			}
			p.layout, p.statement.Format, p.width = l, l.format, len(l.names)
			continue
		}
		if err := p.row(yield); err != nil {
			return err
		}
		if c.fields() < p.width {
			if c.last() && !p.trimmed {
				return p.fail(&ParseError{Line: c.line, Code: CodeTruncated, Message: "the file ends in the middle of this row; fetch it again"})
			}
			p.trimmed = true
		}
	}
}

// step moves to the next row, false at the end of the report.
func (p *pass) step() (bool, error) {
	for !p.at.next(p.width) {
		if b := p.at.block; b != nil {
			if b.err != nil {
				if p.layout == nil && b.err == io.EOF {
					return false, p.fail(&ParseError{Code: CodeNotASettlement, Message: "the file has no header row"})
				}
				if b.err == errRowTooLong {
					p.at.line++ // the row that did not come
				}
				return false, p.broken(b.err)
			}
			p.in.release(b)
		}
		b := p.take()
		p.at.enter(b)
	}
	return true, nil
}

// take returns the next block to read.
func (p *pass) take() *block {
	if len(p.held) > 0 {
		b := p.held[0]
		p.held = p.held[1:]
		return b
	}
	return p.in.next()
}

// broken turns what ended the reading into an error, nil at a proper end.
func (p *pass) broken(err error) error {
	e := &ParseError{Line: p.at.line, Err: err}
	switch {
	case err == io.EOF:
		return nil
	case err == errTooLarge:
		e.Code, e.Err = CodeTooLarge, nil
		e.Message = fmt.Sprintf("the report is larger than %d bytes, which is the limit", cmp.Or(p.options.MaxBytes, defaultMaxBytes))
	case err == errRowTooLong:
		e.Code, e.Err = CodeTooLarge, nil
		e.Message = fmt.Sprintf("the row is longer than %d bytes; no settlement report has such rows", blockSize)
	case isTruncated(err):
		e.Code, e.Message = CodeTruncated, "the compressed file ends or breaks in the middle; fetch it again"
	default:
		return fmt.Errorf("read settlement report %s: %w", p.options.Name, err)
	}
	return p.fail(e)
}

// finish says what is known at the end of a flat file, and proves it.
func (p *pass) finish(declared, from string) error {
	s := &p.statement
	if p.numbers.mark != 0 {
		s.DecimalMark = string(p.numbers.mark)
	}
	s.Digest = p.in.witness.sum()
	japan := s.Currency.String() == "JPY" || slices.Contains(p.marketplaces, "Amazon.co.jp")
	var bad int
	if s.Charset, bad = p.in.witness.bytes.settle(declared, japan); bad != 0 {
		return p.fail(&ParseError{
			Line: bad, Code: CodeBadCharset,
			Message: fmt.Sprintf("the bytes are no %s, which is %s", s.Charset, cmp.Or(from, "what the byte order mark says")),
		})
	}
	return p.prove()
}

// prove completes the statement: the lines add up to the total, or it is refused.
func (p *pass) prove() error {
	s := &p.statement
	s.Sum = Money{p.sum, s.Currency}
	s.Marketplaces = s.decodeAll(p.marketplaces)
	s.DateLayout = p.times.layout()
	switch {
	case s.ID == "" && p.options.Settlement != "":
		return p.fail(&ParseError{Code: CodeBadHeader, Message: "settlement " + p.options.Settlement + " is not in this file"})
	case !p.stated:
		return p.fail(&ParseError{Code: CodeBadHeader, Field: "total-amount", Message: "is not stated anywhere"})
	case s.Start.IsZero() || s.End.IsZero():
		return p.fail(&ParseError{Code: CodeBadHeader, Field: "settlement-start-date", Message: "or settlement-end-date is not stated anywhere"})
	}
	if s.Sum != s.Total {
		return &SumError{File: p.options.Name, ID: s.ID, Total: s.Total, Sum: s.Sum, Rows: s.Rows, Report: *s}
	}
	return nil
}

// fail completes an error with the name of the file.
func (p *pass) fail(e *ParseError) error {
	e.File = p.options.Name
	return e
}

// cellError points at a field of the current row.
func (p *pass) cellError(column int, code, message string, cause error) error {
	e := &ParseError{Line: p.at.line, Column: column + 1, Code: code, Message: message, Err: cause}
	if column >= 0 {
		e.Field, e.Value = p.layout.names[column], clip(p.at.field(column))
	}
	if p.at.last() && p.at.fields() < p.width {
		e.Code, e.Message = CodeTruncated, message+", and the file ends in the middle of this row; fetch it again"
	}
	return p.fail(e)
}

// isTruncated reports whether a stream broke in the middle of its compression.
func isTruncated(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errCompression)
}
