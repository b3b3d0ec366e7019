package settlement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/flate"

	"github.com/klauspost/compress/gzip"
)

// errCompression marks damage in a compressed file.
var errCompression = errors.New("compressed data is damaged")

// File is a settlement report in a file, plain or gzipped. Its Lines can be
// ranged over again and read the file anew each time; one loop at a time.
type File struct {
	file      *os.File
	size      int64
	gzipped   bool
	options   Options
	statement Statement
	err       error
}

// Open opens a report in a plain or gzipped file; which of the two it is, the
// file's bytes say, not its name. What is no file is a *[ParseError] with
// [CodeNotASettlement], a file that cannot be opened an *fs.PathError.
func Open(name string, o Options) (*File, error) {
	if o.Name == "" {
		o.Name = name
	}
	// Looked at first, because to open a pipe waits for its writer.
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &ParseError{File: o.Name, Code: CodeNotASettlement, Message: "is not a file but " + describe(info.Mode())}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	f := &File{file: file, options: o, err: ErrNotRead}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	f.size = info.Size()
	magic := make([]byte, 2)
	n, _ := file.ReadAt(magic, 0)
	f.gzipped = bytes.Equal(magic[:n], []byte{0x1f, 0x8b})
	return f, nil
}

func describe(mode os.FileMode) string {
	if mode.IsDir() {
		return "a folder"
	}
	return "a device or pipe, which can be read only once; save it as a file, or read it with NewReader"
}

// Lines yields the lines as [Reader.Lines] does. Where no cell of the file
// decides how numbers are to be read, the file is read once more per reading:
// if the lines add up to the total in one reading only, that one is right;
// otherwise the file is refused with [CodeAmbiguousNumber].
func (f *File) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		p := newPass(f.options)
		p.reread = f.markByTie
		f.statement, f.err = f.run(p, yield)
	}
}

// Statement returns the settlement once Lines has ended without an error. Before
// that it is [ErrNotRead]; after an error it is that error.
func (f *File) Statement() (Statement, error) { return f.statement, f.err }

// Settlements returns the ids of the settlements in the file, in their order. As
// Amazon delivers files it is one; files put together from several hold more, and
// are read one settlement at a time with Select.
func (f *File) Settlements() ([]string, error) {
	p := newPass(f.options)
	p.listed = []string{}
	if _, err := f.run(p, func(_ Line, err error) bool { return err == nil }); err != nil {
		return nil, err
	}
	return p.listed, nil
}

// Select returns the same file for reading one of its settlements. Closing
// either closes both.
func (f *File) Select(settlement string) *File {
	selected := *f
	selected.options.Settlement = settlement
	selected.statement, selected.err = Statement{}, ErrNotRead
	return &selected
}

// Close closes the file. Lines already given stay valid.
func (f *File) Close() error { return f.file.Close() }

func (f *File) genuine() Source { return f }

// run reads the file from its start.
func (f *File) run(p *pass, yield func(Line, error) bool) (Statement, error) {
	var src io.Reader = io.NewSectionReader(f.file, 0, f.size)
	if p.file = !f.gzipped; f.gzipped {
		unzip, err := gzip.NewReader(src)
		if err != nil {
			src = failing{damaged(err)}
		} else {
			defer unzip.Close()
			src = gunzipper{unzip}
		}
	}
	return p.run(src, yield)
}

// markByTie finds the decimal mark by which the lines add up. Amounts are
// compared to four decimals, whatever the currency has: 1,234 may be 1.234 for
// the purpose of refusing to choose.
func (f *File) markByTie(string) (byte, error) {
	var ties []byte
	var broken error // a report that cannot be read to its end in one reading or the other
	for _, mark := range []byte{'.', ','} {
		p := newPass(f.options)
		p.numbers.mark = mark
		p.exponent, p.trial = 4, true
		_, err := f.run(p, func(_ Line, err error) bool { return err == nil })
		if err == nil {
			ties = append(ties, mark)
		} else if _, sum := errors.AsType[*SumError](err); !sum {
			broken = err
		}
	}
	switch len(ties) {
	case 1:
		return ties[0], nil
	case 0:
		if broken != nil {
			return 0, fmt.Errorf("neither reading comes to the end of the file: %w", broken)
		}
		return 0, errors.New("the lines add up to the total in neither reading")
	}
	return 0, errors.New("the lines add up to the total in both readings")
}

// gunzipper marks errors of decompression as such.
type gunzipper struct{ r *gzip.Reader }

func (g gunzipper) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	return n, damaged(err)
}

func damaged(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return fmt.Errorf("%w: %w", errCompression, err)
	}
	return err
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
