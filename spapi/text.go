package spapi

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// Text returns the document as UTF-8, decoded from charset, or from d.Charset if charset is "". Amazon does not document
// its character sets; seen are UTF-8, ISO-8859-1, Windows-1252 and, for Japan, Shift_JIS. There is no default, because a
// wrong one damages names without a sign: where neither is known, Text is an error. Bytes that the character set does not
// have are an error and never replaced.
//
// For settlement reports use the package settlement, which finds the character set by itself.
func (d *Document) Text(charset string) (io.Reader, error) {
	if charset = lower(charset); charset == "" {
		charset = d.Charset
	}
	var from encoding.Encoding
	switch charset {
	case "":
		return nil, invalid(downloadOp, "document "+d.ID+" names no character set: pass one")
	case "utf-8", "utf8", "us-ascii":
		return &strictText{reader: d, charset: charset}, nil
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		from = charmap.Windows1252 // contains ISO-8859-1 but for control characters, which no report has
	case "iso-8859-15", "latin-9":
		from = charmap.ISO8859_15
	case "shift_jis", "sjis", "shift-jis", "windows-31j", "cp932", "ms932":
		from = japanese.ShiftJIS
	default:
		return nil, invalid(downloadOp, fmt.Sprintf("the character set %q is not known", charset))
	}
	return &strictText{reader: transform.NewReader(d, from.NewDecoder()), charset: charset, decoded: true}, nil
}

// strictText passes UTF-8 on and stops at what is not, or was replaced by a decoder.
type strictText struct {
	reader  io.Reader
	charset string
	decoded bool
	tail    []byte // the begin of a character whose end is not read yet
	buffer  []byte
	n       int64
	err     error
}

func (s *strictText) Read(p []byte) (int, error) {
	for len(s.buffer) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		block := make([]byte, 32<<10)
		k := copy(block, s.tail)
		n, err := s.reader.Read(block[k:])
		block, s.tail = block[:k+n], nil
		s.err = err
		if err == nil { // keep an unfinished character for the next block
			for i := 1; i < utf8.UTFMax && i <= len(block); i++ {
				if rest := block[len(block)-i:]; utf8.RuneStart(rest[0]) {
					if !utf8.FullRune(rest) {
						s.tail = bytes.Clone(rest)
						block = block[:len(block)-i]
					}
					break
				}
			}
		}
		for i := 0; i < len(block); {
			r, size := utf8.DecodeRune(block[i:])
			if r == utf8.RuneError && (size == 1 || s.decoded) {
				s.err = &Error{Op: downloadOp, Message: fmt.Sprintf("the text is not %s near byte %d", s.charset, s.n+int64(i)), kind: ErrDocument}
				block = block[:i]
				break
			}
			i += size
		}
		s.n += int64(len(block))
		s.buffer = block
	}
	n := copy(p, s.buffer)
	s.buffer = s.buffer[n:]
	return n, nil
}
