package settlement

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// Limits of an XML report: nothing of it is larger than this between two tags or
// in one transaction, deeper, or has more elements in one transaction.
const (
	maxXMLToken       = 1 << 20
	maxXMLTransaction = 16 << 20
	maxXMLDepth       = 32
	maxXMLNodes       = 1 << 17
)

var errUnknownCharset = errors.New("unknown charset")

// element is one element of a transaction.
type element struct {
	name, text, currency string
	children             []*element
	line                 int
	offset, length       int64
}

// find returns the first child with a name that holds a text, nil for none.
func (e *element) find(name string) *element {
	for _, c := range e.children {
		if c.name == name && c.text != "" {
			return c
		}
	}
	return nil
}

// child returns its text, "" for none.
func (e *element) child(name string) string {
	if c := e.find(name); c != nil {
		return c.text
	}
	return ""
}

// isXML reports whether a report begins as XML does.
func isXML(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<AmazonEnvelope"))
}

// xmlPass is one reading of an XML report. Its lines are given one transaction
// after the other; nothing larger is held.
type xmlPass struct {
	*pass
	decoder *xml.Decoder
	bounded *boundedReader
	yield   func(Line, error) bool
	nodes   int   // of the current transaction
	from    int64 // where it begins, in UTF-8
	began   int64 // where the current token begins, in UTF-8
	skipped bool  // the current SettlementReport is not the one that was asked for
}

// boundedReader stops a stream that is longer than allowed, as a whole or
// between two tokens.
type boundedReader struct {
	r             io.Reader
	total, budget int64 // bytes left
	failed        bool  // the stream did, or its bounds: then an error is not about the XML
}

func (b *boundedReader) Read(p []byte) (n int, err error) {
	switch {
	case b.total < 0:
		err = errTooLarge
	case b.budget < 0:
		err = errRowTooLong
	default:
		n, err = b.r.Read(p)
	}
	b.total -= int64(n)
	b.budget -= int64(n)
	b.failed = b.failed || err != nil && err != io.EOF
	return n, err
}

// readXML reads the retired report GET_V2_SETTLEMENT_REPORT_DATA_XML. Its kinds
// get the words that V2 uses for them; its texts are decoded into UTF-8.
func (p *pass) readXML(src io.Reader, yield func(Line, error) bool) error {
	digest := sha256.New()
	x := &xmlPass{pass: p, yield: yield}
	x.bounded = &boundedReader{r: io.TeeReader(src, digest), total: cmp.Or(p.options.MaxBytes, defaultMaxBytes), budget: maxXMLToken}
	x.decoder = xml.NewDecoder(bufio.NewReader(x.bounded))
	x.decoder.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		switch charsetLabels[strings.ToLower(label)] {
		case charsetUTF8:
			return r, nil
		case charset1252:
			return charmap.Windows1252.NewDecoder().Reader(r), nil
		case charset932:
			return japanese.ShiftJIS.NewDecoder().Reader(r), nil
		}
		return nil, fmt.Errorf("%w: %q", errUnknownCharset, clip(label))
	}
	p.statement.Format = FormatXML
	if err := x.document(); err != nil || p.listed != nil {
		return err
	}
	p.statement.Charset, p.statement.DecimalMark = charsetUTF8, "."
	p.statement.Digest = hex.EncodeToString(digest.Sum(nil))
	return p.prove()
}

// token returns the next token, nil at the end of the report.
func (x *xmlPass) token() (xml.Token, error) {
	x.bounded.budget = maxXMLToken
	x.began = x.decoder.InputOffset()
	t, err := x.decoder.Token()
	x.at.line, _ = x.decoder.InputPos()
	if err == nil || err == io.EOF {
		return t, nil
	}
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		code, message := CodeNotASettlement, "the XML is not well formed"
		switch {
		case strings.Contains(syntax.Msg, "unexpected EOF"):
			code, message = CodeTruncated, "the XML ends in the middle; fetch it again"
		case strings.Contains(syntax.Msg, "invalid UTF-8"), strings.Contains(syntax.Msg, "illegal character code"):
			code, message = CodeBadCharset, "the XML has bytes that no text of its charset has"
		}
		return nil, x.fail(&ParseError{Line: syntax.Line, Code: code, Message: message, Err: err})
	}
	if errors.Is(err, errUnknownCharset) {
		return nil, x.fail(&ParseError{Line: 1, Code: CodeBadCharset, Message: "the XML declares what is not known here", Err: err})
	}
	if !x.bounded.failed {
		return nil, x.fail(&ParseError{Line: x.at.line, Code: CodeNotASettlement, Message: "the XML is none that can be read", Err: err})
	}
	return nil, x.broken(err)
}

// document walks down to the settlement reports and their transactions.
func (x *xmlPass) document() error {
	found := false
	for depth := 0; ; {
		t, err := x.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case nil:
			if !found {
				return x.fail(&ParseError{Code: CodeNotASettlement, Message: "the XML has no SettlementReport"})
			}
			return nil
		case xml.EndElement:
			depth--
		case xml.StartElement:
			name := t.Name.Local
			switch {
			case depth == 0 && name != "AmazonEnvelope":
				return x.fail(&ParseError{Line: x.at.line, Code: CodeNotASettlement, Message: "the XML is <" + clip(name) + ">, not an <AmazonEnvelope> with a SettlementReport"})
			case depth == 1 && name == "Message", depth == 0:
				depth++
			case depth == 2 && name == "SettlementReport":
				depth++
				found, x.skipped = true, false
			case depth == 3:
				e, err := x.whole(t)
				if err != nil {
					return err
				}
				if err := x.transaction(e); err != nil {
					return err
				}
			default: // header and the like
				if _, err := x.whole(t); err != nil {
					return err
				}
			}
		}
	}
}

// whole reads a transaction, or what stands in its place.
func (x *xmlPass) whole(start xml.StartElement) (*element, error) {
	x.nodes, x.from = 0, x.began
	return x.element(start, 1)
}

// element reads an element to its end.
func (x *xmlPass) element(start xml.StartElement, depth int) (*element, error) {
	if x.nodes++; x.nodes > maxXMLNodes || depth > maxXMLDepth || x.decoder.InputOffset()-x.from > maxXMLTransaction {
		return nil, x.fail(&ParseError{Line: x.at.line, Code: CodeTooLarge, Message: "the element is larger or deeper than any of a settlement report"})
	}
	e := &element{name: start.Name.Local, line: x.at.line, offset: x.began}
	for _, a := range start.Attr {
		if a.Name.Local == "currency" {
			e.currency = a.Value
		}
	}
	var text strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			c, err := x.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, c)
		case xml.CharData:
			if text.Len()+len(t) > maxXMLToken {
				return nil, x.broken(errRowTooLong)
			}
			text.Write(t)
		case xml.EndElement:
			e.length = x.decoder.InputOffset() - e.offset
			e.text = strings.TrimSpace(text.String())
			if strings.ContainsRune(e.text, utf8.RuneError) {
				return nil, x.wrong(e, CodeBadCharset, "has bytes that the document's charset does not have", nil)
			}
			return e, nil
		case nil:
			return nil, x.fail(&ParseError{Line: x.at.line, Code: CodeTruncated, Message: "the XML ends in the middle; fetch it again"})
		}
	}
}

// wrong points at an element.
func (x *xmlPass) wrong(e *element, code, message string, cause error) error {
	return x.fail(&ParseError{Line: e.line, Field: e.name, Value: clip(e.text), Code: code, Message: message, Err: cause})
}
