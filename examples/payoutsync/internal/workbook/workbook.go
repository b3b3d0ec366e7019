// Package workbook writes spreadsheets (XLSX) of what the pages show, for people who go on working with the figures. Ids are
// text, so that no zero is lost; amounts are numbers with the currency's decimals.
package workbook

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Row is one row of a settlement report with the ledger line that it went to.
type Row struct {
	Number            int // of the line in the file
	Posted            time.Time
	TransactionType   string
	AmountType        string
	AmountDescription string
	Category          string
	Marketplace       string
	OrderID           string
	SKU               string
	Amount            settlement.Money
	// Document and Line are where it went: the ledger's reference number and the line's place in it, both empty for rows that
	// add up to nothing with others.
	Document string
	Line     int
}

// maxRows is how many report rows a sheet takes. A spreadsheet ends at 1,048,576.
const maxRows = 1_000_000

// Payout writes the workbook of one payout: a summary, its documents, their lines, and every row of the report.
func Payout(w io.Writer, p page.Payout, rows iter.Seq2[Row, error]) error {
	b := newBook()
	b.sheet("Summary", 34, 60, 12, 16)
	b.head("Settlement "+p.Settlement, "", "Rows", "Amount")
	b.row("Seller", p.Seller)
	b.row("From", p.Start)
	b.row("To", p.End)
	b.row("Time zone", p.Zone)
	for _, f := range p.Facts {
		b.row(f.Name, f.Value)
	}
	b.row()
	for _, s := range p.Steps {
		b.row(s.Label, "", nil, s.Amount)
	}
	b.row("Payout", "", p.Rows, p.Total)
	b.row()
	for _, c := range p.Categories {
		b.row(c.Name, c.Meaning, c.Rows, c.Amount)
	}
	for _, f := range p.Findings {
		b.row("Finding", f)
	}
	for _, f := range p.Proof {
		b.row(f.Name, f.Value)
	}

	b.sheet("Documents", 14, 16, 34, 12, 12, 10, 36, 10, 16, 16)
	b.head("Kind", "Reference", "Batch", "State", "Date", "Period", "Description", "Currency", "Debits", "Credits")
	for _, d := range p.Documents {
		b.row(d.Kind, d.Ref, d.Batch, d.State, d.Date, d.Period, d.Description, d.Debit.Currency().String(), d.Debit, d.Credit)
	}

	b.sheet("Lines", 16, 8, 12, 28, 24, 44, 8, 16, 16)
	b.head("Reference", "Line", "Account", "Name", "Project", "Description", "Rows", "Debit", "Credit")
	for _, d := range p.Documents {
		for n, l := range d.Lines {
			b.row(d.Ref, n+1, l.Account, l.Name, l.Project, l.Description, l.Rows, side(l.Debit), side(l.Credit))
		}
	}

	const sheet = "Rows"
	started := 0
	for r, err := range rows {
		if err != nil {
			return fmt.Errorf("write the workbook of settlement %s: %w", p.Settlement, err)
		}
		if started%maxRows == 0 {
			name := sheet
			if started > 0 {
				name = fmt.Sprintf("%s %d", sheet, started/maxRows+1)
			}
			b.sheet(name, 10, 20, 18, 18, 30, 24, 16, 22, 22, 14, 16, 8)
			b.head("File line", "Posted (UTC)", "Transaction type", "Amount type", "Amount description", "Category", "Marketplace", "Order", "SKU", "Amount", "Reference", "Line")
		}
		started++
		b.row(r.Number, r.Posted.UTC().Format(time.DateTime), r.TransactionType, r.AmountType, r.AmountDescription, r.Category, r.Marketplace, r.OrderID, r.SKU, r.Amount, r.Document, positive(r.Line))
	}
	return b.write(w)
}

// Month writes the workbook of a month's close.
func Month(w io.Writer, m page.Month) error {
	b := newBook()
	b.sheet("Payouts", 16, 10, 16, 18, 18, 18, 14, 44, 16, 16)
	b.head("Seller", "Currency", "Settlement", "From", "To", "State", "Second source", "Money", "Of this period", "Total")
	for _, k := range m.Books {
		for _, p := range k.Payouts {
			b.row(k.Seller, k.Currency.String(), p.Settlement, p.Start, p.End, p.State, p.Reconciliation, p.Money, p.Earned, p.Total)
		}
	}
	for _, sheet := range []struct {
		name string
		roll func(page.Book) page.Roll
	}{{"Clearing", func(k page.Book) page.Roll { return k.Clearing }}, {"Reserve", func(k page.Book) page.Roll { return k.Reserve }}} {
		b.sheet(sheet.name, 16, 10, 44, 16, 16, 16, 16, 16)
		b.head("Seller", "Currency", "Account", "Settlement", "Opening", "In", "Out", "Closing")
		for _, k := range m.Books {
			roll := sheet.roll(k)
			for _, r := range roll.Rows {
				b.row(k.Seller, k.Currency.String(), roll.Account, r.Settlement, r.Opening, r.In, r.Out, r.Closing)
			}
			b.row(k.Seller, k.Currency.String(), roll.Account, "Total", roll.Total.Opening, roll.Total.In, roll.Total.Out, roll.Total.Closing)
		}
	}
	b.sheet("Deferred", 16, 10, 24, 16, 16, 16, 16)
	b.head("Seller", "Currency", "Marketplace", "Opening", "Deferred", "Released", "Closing")
	for _, k := range m.Books {
		for _, d := range k.Deferred {
			b.row(k.Seller, k.Currency.String(), d.Marketplace, d.Opening, d.Deferred, d.Released, d.Closing)
		}
		if k.DeferredNote != "" {
			b.row(k.Seller, k.Currency.String(), k.DeferredNote)
		}
	}
	b.sheet("Open items", 16, 10, 16, 100)
	b.head("Seller", "Currency", "Settlement", "What")
	for _, k := range m.Books {
		for _, o := range k.Open {
			b.row(k.Seller, k.Currency.String(), o.Settlement, o.What)
		}
	}
	return b.write(w)
}

// side is one side of a ledger line, and an empty cell for the side that is not used.
func side(m settlement.Money) any {
	if m.IsZero() {
		return nil
	}
	return m
}

func positive(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// book writes sheets row by row and keeps the first error.
type book struct {
	file   *excelize.File
	stream *excelize.StreamWriter
	sheets int
	next   int // the row to write, from 1
	bold   int
	styles map[int]int // by the decimals of the currency
	err    error
}

func newBook() *book {
	b := &book{file: excelize.NewFile(), styles: map[int]int{}}
	b.bold = b.style(&excelize.Style{Font: &excelize.Font{Bold: true}})
	return b
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) style(s *excelize.Style) int {
	id, err := b.file.NewStyle(s)
	b.keep(err)
	return id
}

// sheet begins the next sheet, with the widths of its columns.
func (b *book) sheet(name string, widths ...int) {
	b.flush()
	if b.sheets == 0 {
		b.keep(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.keep(err)
	}
	b.sheets++
	b.next = 1
	stream, err := b.file.NewStreamWriter(name)
	if b.keep(err); err != nil {
		return
	}
	b.stream = stream
	for i, width := range widths {
		b.keep(stream.SetColWidth(i+1, i+1, float64(width)))
	}
	b.keep(stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

func (b *book) head(names ...string) {
	cells := make([]any, len(names))
	for i, name := range names {
		cells[i] = excelize.Cell{StyleID: b.bold, Value: name}
	}
	b.cells(cells)
}

// row writes texts, counts and amounts. Text stays text, whatever it looks like.
func (b *book) row(values ...any) {
	cells := make([]any, len(values))
	for i, v := range values {
		cells[i] = v
		if m, ok := v.(settlement.Money); ok {
			cells[i] = b.amount(m)
		}
	}
	b.cells(cells)
}

func (b *book) cells(cells []any) {
	if b.err != nil {
		return
	}
	at, err := excelize.CoordinatesToCellName(1, b.next)
	if b.keep(err); err == nil {
		b.keep(b.stream.SetRow(at, cells))
	}
	b.next++
}

// exact is the largest number of minor units that a spreadsheet shows digit by digit: it keeps 15 digits.
const exact = 1_000_000_000_000_000

// amount is a cell with the amount as a number. A spreadsheet has no other numbers than binary ones, and shows 15 digits of
// them: up to there the digits in the file are the amount's own, and a larger amount is text.
func (b *book) amount(m settlement.Money) excelize.Cell {
	if minor := m.Abs().Minor(); minor >= exact {
		return excelize.Cell{Value: m.String()}
	}
	decimals := m.Currency().Exponent()
	if _, ok := b.styles[decimals]; !ok {
		format := "#,##0"
		if decimals > 0 {
			format += "." + strings.Repeat("0", decimals)
		}
		b.styles[decimals] = b.style(&excelize.Style{CustomNumFmt: &format})
	}
	unit := 1.0
	for range decimals {
		unit *= 10
	}
	return excelize.Cell{StyleID: b.styles[decimals], Value: float64(m.Minor()) / unit}
}

func (b *book) flush() {
	if b.stream != nil && b.err == nil {
		b.keep(b.stream.Flush())
	}
}

func (b *book) write(w io.Writer) error {
	b.flush()
	if b.err == nil {
		_, err := b.file.WriteTo(w)
		b.keep(err)
	}
	b.keep(b.file.Close())
	if b.err != nil {
		return fmt.Errorf("write the workbook: %w", b.err)
	}
	return nil
}
