package settlementtest

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"strings"
	"time"
)

// Settlement is one payout period: the report's figures, what Amazon's other interfaces say about it, and its rows.
type Settlement struct {
	ID          string // settlement-id, 11 digits
	SellerID    string
	Marketplace string // id of the store
	Currency    string // ISO 4217
	Start, End  time.Time
	Deposit     time.Time // planned date of the transfer
	Total       int64     // total-amount in minor units; the rows add up to it exactly
	Count       int       // number of money rows
	Form        Form      // how the report is written; may be changed before writing

	EventGroup string // financial event group id
	Payout     Payout
	Reports    []Report // getReports lists the settlement under each of them

	lines iter.Seq[Row]
}

// Report is one entry of getReports that delivers a settlement.
type Report struct {
	ID, DocumentID string
	Created        time.Time
	Marketplaces   []string // ids; several, because the report list does not separate stores
}

// Row is one money row of a report.
type Row struct {
	TransactionType, AmountType, AmountDescription string
	Amount                                         int64 // minor units, plus is money to the seller
	Posted                                         time.Time
	OrderID, MerchantOrderID                       string
	AdjustmentID, ShipmentID                       string
	MarketplaceName                                string // "Amazon.com"; blank on account rows
	FulfillmentID                                  string // "AFN" (by Amazon) or "MFN"
	OrderItemCode, MerchantOrderItemID             string
	MerchantAdjustmentItemID                       string
	SKU, Quantity, PromotionID                     string
}

// TotalText returns the total as a decimal number with '.', as in "-321.69".
func (s Settlement) TotalText() string { return Decimal(s.Total, s.Currency) }

// Rows yields the money rows in the report's order. It can be ranged any number of times.
func (s Settlement) Rows() iter.Seq[Row] { return s.lines }

// V2 returns the report as Amazon delivers it, uncompressed. For a large one use WriteV2.
func (s Settlement) V2() []byte {
	var b bytes.Buffer
	_ = s.WriteV2(&b) // a buffer does not fail
	return b.Bytes()
}

// WriteV2 writes the report row by row and holds only one row in memory.
func (s Settlement) WriteV2(w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	f := s.Form
	if f.isZero() {
		f = FormOf(s.Currency)
	}
	columns, mark, eol := f.Columns, byte('.'), "\n"
	if columns <= 0 || columns > 24 {
		columns = 24
	}
	if f.DecimalComma {
		mark = ','
	}
	if f.CRLF {
		eol = "\r\n"
	}
	if f.BOM {
		_, _ = out.WriteString("\ufeff")
	}
	exponent := Exponent(s.Currency)
	line := make([]byte, 0, 512)
	emit := func(cells ...string) error {
		line = line[:0]
		for i := range columns {
			if i > 0 {
				line = append(line, '\t')
			}
			if i < len(cells) {
				line = append(line, cells[i]...)
			}
		}
		for _, name := range f.Extra {
			line = append(append(line, '\t'), name...)
		}
		_, err := out.Write(append(line, eol...))
		return err
	}
	stamp := func(t time.Time) string { return t.UTC().Format(f.DateTime) }
	_ = emit(Header()...) // a failed write is reported again by Flush
	_ = emit(s.ID, stamp(s.Start), stamp(s.End), stamp(s.Deposit), string(appendDecimal(nil, s.Total, exponent, mark)), s.Currency)
	currency := ""
	if f.RepeatCurrency {
		currency = s.Currency
	}
	var date cell
	var amount []byte
	for r := range s.lines {
		amount = appendDecimal(amount[:0], r.Amount, exponent, mark)
		day, full := date.of(r.Posted, f)
		if err := emit(s.ID, "", "", "", "", currency, r.TransactionType, r.OrderID, r.MerchantOrderID, r.AdjustmentID,
			r.ShipmentID, r.MarketplaceName, r.AmountType, r.AmountDescription, string(amount), r.FulfillmentID, day, full,
			r.OrderItemCode, r.MerchantOrderItemID, r.MerchantAdjustmentItemID, r.SKU, r.Quantity, r.PromotionID); err != nil {
			return err
		}
	}
	return out.Flush()
}

// KindSum is the sum over all rows of one kind.
type KindSum struct {
	TransactionType, AmountType, AmountDescription string
	Rows                                           int
	Sum                                            int64 // minor units
}

// Kinds returns the sum of each kind of row, in the order in which the kinds first appear.
func (s Settlement) Kinds() []KindSum {
	var list []KindSum
	at := map[[3]string]int{}
	for r := range s.lines {
		key := [3]string{r.TransactionType, r.AmountType, r.AmountDescription}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key] = i
			list = append(list, KindSum{TransactionType: key[0], AmountType: key[1], AmountDescription: key[2]})
		}
		list[i].Rows++
		list[i].Sum += r.Amount
	}
	return list
}

// Group returns the heading under which a summary of the account shows such a row: "Sales", "Refunds", "Expenses",
// "Tax", "Reserves" or "Transfers". It is a coarse reading of its own, not the vocabulary of the packages under test.
func (k KindSum) Group() string {
	text := k.AmountDescription
	switch {
	case strings.Contains(text, "Reserve Amount"):
		return "Reserves"
	case text == "Payable to Amazon", text == "Successful charge", strings.HasPrefix(text, "Transfer of funds"),
		text == "Micro Deposit", strings.Contains(text, "Debt Adjustment"):
		return "Transfers"
	case strings.Contains(text, "Tax") || strings.Contains(text, "VAT"):
		return "Tax"
	case k.TransactionType == "Refund" || strings.HasSuffix(k.TransactionType, "Refund"):
		return "Refunds"
	case k.TransactionType == "Order" && (k.AmountType == "ItemPrice" || k.AmountType == "Promotion"):
		return "Sales"
	default:
		return "Expenses"
	}
}

// GroupSum is one heading of a summary.
type GroupSum struct {
	Name string
	Sum  int64 // minor units
	Of   []KindSum
}

// Summary returns the settlement's figures by heading; the headings add up to Total. A heading that no row falls under
// is left out.
func (s Settlement) Summary() []GroupSum { return Grouped(s.Kinds()) }

// Grouped puts kinds under their headings.
func Grouped(kinds []KindSum) []GroupSum {
	var list []GroupSum
	for _, name := range []string{"Sales", "Refunds", "Expenses", "Tax", "Reserves", "Transfers"} {
		g := GroupSum{Name: name}
		for _, k := range kinds {
			if k.Group() == name {
				g.Sum += k.Sum
				g.Of = append(g.Of, k)
			}
		}
		if len(g.Of) > 0 {
			list = append(list, g)
		}
	}
	return list
}
