package settlement

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// Charsets of [Statement].Charset.
const (
	charsetUTF8    = "utf-8"
	charset1252    = "windows-1252"
	charset932     = "cp932"
	charsetUnknown = "unknown-8bit" // bytes that the marketplace's usual charset does not have; kept as they are
)

// charsetLabels names the charsets that settlement reports have been seen in.
// The tables of x/text know some of these labels differently or not at all
// (windows-31j, CP932, Cp1252). ISO-8859-1 is read as Windows-1252, which has
// characters where the former has control codes that no name holds.
var charsetLabels = map[string]string{
	"utf-8": charsetUTF8, "utf8": charsetUTF8, "us-ascii": charsetUTF8, "ascii": charsetUTF8,
	"windows-1252": charset1252, "cp1252": charset1252, "x-cp1252": charset1252, "ansi": charset1252,
	"iso-8859-1": charset1252, "iso8859-1": charset1252, "iso_8859-1": charset1252, "latin1": charset1252, "latin-1": charset1252,
	"cp932": charset932, "ms932": charset932, "windows-31j": charset932, "windows-932": charset932,
	"shift_jis": charset932, "shift-jis": charset932, "sjis": charset932, "x-sjis": charset932,
}

// byteCensus notes, while a report passes, which charsets its bytes allow.
type byteCensus struct {
	lines    int // seen before the current block
	other    bool
	bom      bool
	notUTF8  int // first line that is no UTF-8; 0 for none. Likewise the next two.
	not1252  int
	not932   int
	position bool // the first block has been seen
}

// count takes the next bytes of the report, whole lines.
func (c *byteCensus) count(p []byte) {
	if !c.position {
		c.position = true
		c.bom = bytes.HasPrefix(p, []byte("\ufeff"))
	}
	if !ascii(p) {
		c.other = true
		note := func(first *int, bad int) {
			if *first == 0 && bad >= 0 {
				*first = c.lines + 1 + bytes.Count(p[:bad], []byte("\n"))
			}
		}
		if c.notUTF8 == 0 && !utf8.Valid(p) {
			note(&c.notUTF8, invalidUTF8(p))
		}
		if c.not1252 == 0 {
			note(&c.not1252, slices.IndexFunc(p, undefined1252))
		}
		if c.not932 == 0 {
			note(&c.not932, invalid932(p))
		}
	}
	c.lines += bytes.Count(p, []byte("\n"))
}

func ascii(p []byte) bool {
	for len(p) >= 32 {
		words := binary.NativeEndian.Uint64(p) | binary.NativeEndian.Uint64(p[8:]) |
			binary.NativeEndian.Uint64(p[16:]) | binary.NativeEndian.Uint64(p[24:])
		if words&0x8080808080808080 != 0 {
			return false
		}
		p = p[32:]
	}
	for _, b := range p {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func undefined1252(b byte) bool {
	return b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 || b == 0x9d
}

func invalidUTF8(p []byte) int {
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// invalid932 finds the first byte that cannot be there in cp932. A tab or line
// feed is never the second byte of a character, so that rows and fields can be
// cut before the charset is known.
func invalid932(p []byte) int {
	for i := 0; i < len(p); i++ {
		switch b := p[i]; {
		case b < 0x80, 0xa1 <= b && b <= 0xdf:
		case b == 0x80, b == 0xa0, b > 0xfc:
			return i
		case i+1 == len(p), p[i+1] < 0x40, p[i+1] == 0x7f, p[i+1] > 0xfc:
			return i
		default:
			i++
		}
	}
	return -1
}

// declaredCharset returns the charset that the caller or the Content-Type
// names, "" for none.
func declaredCharset(o Options) (name, from string, err error) {
	label, from := o.Charset, "the charset that was asked for"
	if label == "" {
		if _, params, err := mime.ParseMediaType(o.ContentType); err == nil {
			label, from = params["charset"], "the charset of the Content-Type"
		}
	}
	if label == "" {
		return "", "", nil
	}
	name, ok := charsetLabels[strings.ToLower(label)]
	if !ok {
		return "", from, fmt.Errorf("charset %q is not known here; known are utf-8, windows-1252 and cp932 by their usual names", clip(label))
	}
	return name, from, nil
}

// settle chooses the charset: declared, byte order mark, valid UTF-8, or what
// the marketplace usually uses. bad is the first line that the choice cannot
// explain; only a declared charset is held to that.
func (c *byteCensus) settle(declared string, japan bool) (name string, bad int) {
	invalid := map[string]int{charsetUTF8: c.notUTF8, charset1252: c.not1252, charset932: c.not932}
	usual := charset1252
	if japan {
		usual = charset932
	}
	switch {
	case declared != "":
		return declared, invalid[declared]
	case c.bom:
		return charsetUTF8, c.notUTF8
	case c.notUTF8 == 0:
		return charsetUTF8, 0
	case invalid[usual] != 0:
		return charsetUnknown, 0
	}
	return usual, 0
}

// Text decodes a text field of one of the statement's lines into UTF-8. It
// fails where the bytes are no text of the statement's charset, and replaces
// nothing.
func (s Statement) Text(raw string) (string, error) {
	var e encoding.Encoding
	switch s.Charset {
	case charset1252:
		e = charmap.Windows1252
	case charset932:
		e = japanese.ShiftJIS
	}
	if e == nil || plain(raw) {
		if !utf8.ValidString(raw) {
			return "", fmt.Errorf("settlement %s: %q is not %s text", s.ID, clip(raw), s.Charset)
		}
		return raw, nil
	}
	text, err := e.NewDecoder().String(raw)
	if err != nil || strings.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("settlement %s: %q is not %s text", s.ID, clip(raw), s.Charset)
	}
	return text, nil
}

// Decode turns the text fields of a line of the statement's report into UTF-8,
// and so its kind into what the vocabulary and rules speak of. Extra keeps the
// report's bytes.
//
// Bytes that are no text of the charset are not guessed: such a field is written
// as \xNN from its first byte beyond ASCII on, because what follows may be the
// second half of a character. So fields that differ stay different.
func (s Statement) Decode(l *Line) {
	if s.Charset != charsetUTF8 {
		s.decodeLine(l)
	}
}

func (s Statement) decodeLine(l *Line) {
	if k := s.decodeKind(l.Kind); k != l.Kind {
		l.Kind = k
		l.Category, _ = k.Category()
	}
	for _, field := range [...]*string{
		&l.OrderID, &l.MerchantOrderID, &l.AdjustmentID, &l.ShipmentID, &l.Marketplace, &l.FulfillmentID, &l.OrderItemCode,
		&l.MerchantOrderItemID, &l.MerchantAdjustmentItemID, &l.SKU, &l.Quantity, &l.PromotionID,
	} {
		*field = s.decode(*field)
	}
}

func (s Statement) decodeKind(k Kind) Kind {
	return Kind{s.decode(k.TransactionType), s.decode(k.AmountType), s.decode(k.AmountDescription)}
}

func (s Statement) decode(raw string) string {
	if plain(raw) {
		return raw
	}
	if text, err := s.Text(raw); err == nil {
		return text
	}
	first := strings.IndexFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf })
	b := []byte(raw[:first])
	for i := first; i < len(raw); i++ {
		b = fmt.Appendf(b, `\x%02x`, raw[i])
	}
	return string(b)
}

// decodeAll decodes a sorted list.
func (s Statement) decodeAll(raw []string) []string {
	if !slices.ContainsFunc(raw, func(r string) bool { return !plain(r) }) {
		return raw
	}
	texts := make([]string, len(raw))
	for i := range raw {
		texts[i] = s.decode(raw[i])
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
