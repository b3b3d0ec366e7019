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

// Limits of an XML report: nothing of it is larger than this between two tags,
// deeper, or has more elements in one transaction.
const (
	maxXMLToken = 1 << 20
	maxXMLDepth = 32
	maxXMLNodes = 1 << 17
)

var errUnknownCharset = errors.New("unknown charset")

// element is one element of a transaction.
type element struct {
	name, text, currency string
	children             []*element
	line                 int
	offset, length       int64
}

// child returns the text of the first child with a name, "" for none.
func (e *element) child(name string) string {
	for _, c := range e.children {
		if c.name == name {
			return c.text
		}
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
	nodes   int
	began   int64 // where the current token begins, in UTF-8
	skipped bool  // the current SettlementReport is not the one that was asked for
}

// boundedReader stops a stream that is longer than allowed, as a whole or
// between two tokens.
type boundedReader struct {
	r             io.Reader
	total, budget int64 // bytes left
}

func (b *boundedReader) Read(p []byte) (int, error) {
	switch {
	case b.total < 0:
		return 0, errTooLarge
	case b.budget < 0:
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.total -= int64(n)
	b.budget -= int64(n)
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
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			code, message = CodeTruncated, "the XML ends in the middle; fetch it again"
		}
		return nil, x.fail(&ParseError{Line: syntax.Line, Code: code, Message: message, Err: err})
	}
	if errors.Is(err, errUnknownCharset) {
		return nil, x.fail(&ParseError{Line: 1, Code: CodeBadCharset, Message: "the XML declares what is not known here", Err: err})
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
				x.nodes = 0
				e, err := x.element(t, 1)
				if err != nil {
					return err
				}
				if err := x.transaction(e); err != nil {
					return err
				}
			default: // header and the like
				x.nodes = 0
				if _, err := x.element(t, 1); err != nil {
					return err
				}
			}
		}
	}
}

// element reads an element to its end.
func (x *xmlPass) element(start xml.StartElement, depth int) (*element, error) {
	if x.nodes++; x.nodes > maxXMLNodes || depth > maxXMLDepth {
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

// transaction reads a child of the report: its summary, or amounts.
func (x *xmlPass) transaction(e *element) error {
	if e.name == "SettlementData" {
		return x.data(e)
	}
	if x.skipped {
		return nil
	}
	if !x.stated {
		return x.wrong(e, CodeBadHeader, "comes before SettlementData", nil)
	}
	line := Line{
		OrderID: e.child("AmazonOrderID"), MerchantOrderID: e.child("MerchantOrderID"), AdjustmentID: e.child("AdjustmentID"),
		ShipmentID: e.child("ShipmentID"), Marketplace: e.child("MarketplaceName"), FulfillmentID: e.child("MerchantFulfillmentID"),
	}
	posted := e.child("PostedDate")
	for _, c := range e.children { // fees of a whole order stand beside its fulfillment and share its date
		if c.name == "Fulfillment" && posted == "" {
			posted, line.FulfillmentID = c.child("PostedDate"), c.child("MerchantFulfillmentID")
		}
	}
	switch e.name {
	case "OtherTransaction":
		kind := v1Kind(e.child("TransactionType"), "other-transaction", "")
		for _, c := range e.children { // the amount, not its parts beside it
			if c.name == "Amount" {
				if items := items(e); len(items) == 1 {
					line.SKU, line.Quantity = items[0].child("SKU"), items[0].child("Quantity")
				}
				return x.amount(c, line, posted, kind)
			}
		}
	case "AdvertisingTransactionDetails":
		return x.advertising(e, line, posted)
	}
	return x.walk(e, line, posted, cmp.Or(xmlTransactions[e.name], e.name), "", "")
}

func items(e *element) (items []*element) {
	for _, c := range e.children {
		if c.name == "OtherTransactionItem" {
			items = append(items, c)
		}
	}
	return items
}

// xmlTransactions and xmlGroups give elements the words of V2.
var (
	xmlTransactions = map[string]string{
		"Chargeback": "Chargeback Refund", "GuaranteeClaim": "A-to-z Guarantee Refund",
		"Retrocharge": "Order_Retrocharge", "RetrochargeReversal": "Refund_Retrocharge",
		"LiquidationsAdjustment": "Liquidations Adjustments",
	}
	xmlGroups = map[string]string{
		"ItemPriceAdjustments": "ItemPrice", "ItemFeeAdjustments": "ItemFees", "PromotionAdjustment": "Promotion",
		"ItemTaxWithheld": "ItemWithheldTax", "ItemTaxWithheldAdjustments": "ItemWithheldTax",
		"ShipmentFeeAdjustments": "ShipmentFees", "OrderFeeAdjustments": "OrderFees",
	}
)

// walk gives a line for each amount below e. Its amount-type is the group that
// it stands in, its description the Type beside it.
func (x *xmlPass) walk(e *element, line Line, posted, transactionType, group, description string) error {
	for _, c := range e.children {
		switch {
		case c.currency != "" || c.name == "Amount":
			k := Kind{transactionType, cmp.Or(group, e.name), cmp.Or(description, c.name)}
			if err := x.amount(c, line, posted, k); err != nil {
				return err
			}
			continue
		case len(c.children) == 0:
			continue
		}
		next, inner := line, group
		switch c.name {
		case "Item", "AdjustedItem":
			next.OrderItemCode, next.SKU, next.Quantity = c.child("AmazonOrderItemCode"), c.child("SKU"), c.child("Quantity")
			next.MerchantOrderItemID, next.MerchantAdjustmentItemID = c.child("MerchantOrderItemID"), c.child("MerchantAdjustmentItemID")
		case "Promotion", "PromotionAdjustment":
			next.PromotionID = c.child("MerchantPromotionID")
			inner = "Promotion"
		case "Component", "Fee", "Fulfillment":
		default:
			inner = cmp.Or(xmlGroups[c.name], c.name)
		}
		next.FulfillmentID = cmp.Or(c.child("MerchantFulfillmentID"), next.FulfillmentID)
		if err := x.walk(c, next, cmp.Or(c.child("PostedDate"), posted), transactionType, inner, c.child("Type")); err != nil {
			return err
		}
	}
	return nil
}

// advertising gives an invoice's base and tax if they make up its amount, else
// the amount: never a total beside its parts.
func (x *xmlPass) advertising(e *element, line Line, posted string) error {
	parts := map[string]*element{}
	for _, c := range e.children {
		parts[c.name] = c
	}
	kind := Kind{"ServiceFee", "Cost of Advertising", "TransactionTotalAmount"}
	base, tax, whole := parts["BaseAmount"], parts["TaxAmount"], parts["TransactionAmount"]
	if whole == nil && base == nil {
		return x.wrong(e, CodeBadAmount, "has no amount", nil)
	}
	if base != nil && tax != nil {
		b, errB := ParseMoney(base.text, x.statement.Currency)
		t, errT := ParseMoney(tax.text, x.statement.Currency)
		sum, errS := b.Add(t)
		ok := errors.Join(errB, errT, errS) == nil
		if ok && whole != nil {
			w, err := ParseMoney(whole.text, x.statement.Currency)
			ok = err == nil && w == sum
		}
		if ok {
			if err := x.amount(base, line, posted, kind); err != nil {
				return err
			}
			kind.AmountDescription = "TaxAmount"
			return x.amount(tax, line, posted, kind)
		}
	}
	if whole == nil {
		whole = base
	}
	return x.amount(whole, line, posted, kind)
}

// amount gives a line.
func (x *xmlPass) amount(e *element, line Line, posted string, kind Kind) error {
	s := &x.statement
	if e.currency != "" && e.currency != s.Currency.String() {
		return x.wrong(e, CodeMixedCurrency, "is in "+clip(e.currency)+", a second currency beside "+s.Currency.String(), nil)
	}
	amount, err := ParseMoney(e.text, s.Currency)
	if err != nil {
		return x.wrong(e, CodeBadAmount, "is no amount", err)
	}
	if line.Posted, err = x.times.parse(posted); err != nil {
		return x.wrong(&element{name: "PostedDate", text: posted, line: e.line}, CodeBadDate, "cannot be read", err)
	}
	if line.Marketplace != "" && line.Marketplace != x.marketplace {
		if err := x.noteMarketplace(line.Marketplace); err != nil {
			return err
		}
	}
	k := x.kinds.get(kind.TransactionType, kind.AmountType, kind.AmountDescription, false)
	line.Kind, line.Category, line.Amount = k.kind, k.category, amount
	line.Row, line.Offset, line.Length = e.line, e.offset, e.length
	if err := x.add(amount.minor); err != nil {
		return x.wrong(e, CodeBadAmount, "makes the sum of the lines too large", err)
	}
	if !x.yield(line, nil) {
		return errStopped
	}
	return nil
}

// data reads what the report states of its settlement.
func (x *xmlPass) data(e *element) error {
	s := &x.statement
	id := e.child("AmazonSettlementID")
	want := x.options.Settlement
	switch {
	case id == "":
		return x.wrong(e, CodeBadHeader, "has no AmazonSettlementID", nil)
	case x.listed != nil:
		x.list(id)
		x.skipped = true
		return nil
	case want != "" && id != want:
		x.skipped = true
		return nil
	case x.stated:
		return x.wrong(e, CodeTwoTotals, "is a second summary, of settlement "+clip(id)+", behind that of "+s.ID+"; choose one (Options.Settlement)", nil)
	}
	s.ID = id
	for _, c := range e.children {
		var err error
		switch c.name {
		case "TotalAmount":
			if s.Currency, err = ParseCurrency(c.currency); err != nil {
				return x.wrong(c, CodeBadHeader, "states no currency", err)
			}
			if s.Total, err = ParseMoney(c.text, s.Currency); err != nil {
				return x.wrong(c, CodeBadAmount, "is no amount", err)
			}
			x.stated = true
		case "StartDate":
			s.Start, err = x.times.parse(c.text)
		case "EndDate":
			s.End, err = x.times.parse(c.text)
		case "DepositDate":
			s.Deposit, err = x.times.parse(c.text)
		}
		if err != nil {
			return x.wrong(c, CodeBadDate, "cannot be read", err)
		}
	}
	return nil
}
