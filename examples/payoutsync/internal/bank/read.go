package bank

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// What a bank's file may hold at most. A year of a busy account is far below.
const (
	maxBytes    = 32 << 20
	maxLines    = 100_000
	maxPreamble = 60 // records before the headings
)

// headings are the names by which columns are found, in the order of preference: of two that are there, the first.
var headings = map[string][]string{
	"amount": {"amount", "transaction amount", "amt", "betrag", "umsatz", "montant", "importe", "importo", "bedrag", "kwota", "belopp"},
	"credit": {"credit", "credit amount", "credits", "deposit", "deposits", "money in", "paid in", "haben", "crédit", "abono", "accredito"},
	"debit":  {"debit", "debit amount", "debits", "withdrawal", "withdrawals", "money out", "paid out", "soll", "débit", "cargo", "addebito"},
	"date": {
		"posting date", "posted date", "post date", "booking date", "date posted", "date", "transaction date", "value date",
		"buchungstag", "buchungsdatum", "wertstellung", "valuta", "datum", "fecha", "data", "date comptable", "date opération", "data księgowania", "bokföringsdag",
	},
	"reference": {
		"reference", "trace id", "trace number", "trace", "bank reference", "reference number", "ref", "ref no", "customer reference", "end to end reference", "transaction id",
		"referenz", "kundenreferenz", "référence", "referencia", "riferimento", "referentie",
	},
	"description": {
		"description", "details", "narrative", "memo", "transaction description", "payee", "name", "text",
		"verwendungszweck", "buchungstext", "libellé", "concepto", "descrizione", "omschrijving", "opis",
	},
	"currency": {"currency", "ccy", "currency code", "währung", "devise", "divisa", "valuta", "valutakod", "waluta", "munt"},
}

// columns are the places of what is read; -1 where the file has no such column.
type columns struct {
	amount, credit, debit, date, reference, description, currency int

	code string // the currency that the heading of the amounts names, as in "Amount (USD)"
}

// Read reads a bank's CSV file. Name is for its errors, each a [*FormError].
func Read(name string, r io.Reader, form Form) ([]Line, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, &FormError{File: name, Message: fmt.Sprintf("it has more than %d MiB; export a shorter time", maxBytes>>20)}
	}
	if bytes.HasPrefix(data, []byte("settlement-id\t")) {
		return nil, &FormError{File: name, Message: "it is a settlement report of Amazon's; export the account's lines at the bank"}
	}
	t := &table{file: name, form: form}
	if err := t.cut(text(data)); err != nil {
		return nil, err
	}
	return t.lines()
}

// text is the file as UTF-8. What is no UTF-8 is Windows-1252, in which every byte is a character: ids, dates and amounts
// are the same in both, and only letters of descriptions differ.
func text(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return data
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return data // cannot happen; the parser says what it cannot read
	}
	return decoded
}

// table is a file that was cut into cells.
type table struct {
	file    string
	form    Form
	at      columns
	records [][]string
	numbers []int // line numbers of the records
}

// cut finds the delimiter by which the file has headings, and cuts it.
func (t *table) cut(data []byte) error {
	delimiters := map[string]rune{",": ',', ";": ';', "tab": '\t'}
	names := []string{",", ";", "tab"}
	if t.form.Delimiter != "" {
		if delimiters[t.form.Delimiter] == 0 {
			return &FormError{File: t.file, Message: fmt.Sprintf("the delimiter %q is not one of \",\", \";\" and \"tab\"", t.form.Delimiter)}
		}
		names = []string{t.form.Delimiter}
	}
	var found []table
	var first error
	for _, name := range names {
		try := *t
		try.form.Delimiter = name
		switch err := try.cutBy(delimiters[name], data); {
		case err == nil:
			found = append(found, try)
		case first == nil || isPlaced(err):
			first = err
		}
	}
	switch len(found) {
	case 0:
		return first
	case 1:
		*t = found[0]
		return nil
	}
	return &FormError{File: t.file, Message: fmt.Sprintf("its headings can be read with the delimiter %q and with %q: name one with --delimiter", found[0].form.Delimiter, found[1].form.Delimiter)}
}

// isPlaced reports whether an error is about a line, and so says more than that there are no headings.
func isPlaced(err error) bool {
	e, ok := errors.AsType[*FormError](err)
	return ok && e.Line > 0
}

func (t *table) cutBy(delimiter rune, data []byte) error {
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes, in.TrimLeadingSpace = delimiter, -1, true, delimiter != '\t'
	headed := false
	for seen := 1; ; seen++ {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		line, _ := in.FieldPos(0)
		switch {
		case err != nil:
			return &FormError{File: t.file, Line: line, Message: fmt.Sprintf("it is no CSV: %v", err)}
		case len(t.records) == maxLines:
			return &FormError{File: t.file, Line: line, Message: fmt.Sprintf("it has more than %d lines; export a shorter time", maxLines)}
		case headed:
			t.records, t.numbers = append(t.records, record), append(t.numbers, line)
		case seen <= maxPreamble:
			t.at, headed = t.columns(record)
		}
	}
	if !headed {
		return &FormError{File: t.file, Message: t.noHeadings()}
	}
	return nil
}

func (t *table) noHeadings() string {
	if t.form.Amount != "" || t.form.Date != "" || t.form.Credit != "" || t.form.Debit != "" || t.form.Reference != "" || t.form.Description != "" {
		return fmt.Sprintf("none of its first %d lines has the headings that were named", maxPreamble)
	}
	return fmt.Sprintf("none of its first %d lines has headings for a date and an amount that are known here: name them with --amount-column and --date-column", maxPreamble)
}

// columns finds the headings in a record; ok is false where it is no line of headings.
func (t *table) columns(record []string) (at columns, ok bool) {
	cells, codes := make([]string, len(record)), make([]string, len(record))
	for i, cell := range record {
		cells[i], codes[i] = heading(cell)
	}
	var taken []int
	ok = true
	find := func(role, named string) int {
		names := headings[role]
		if named != "" {
			name, _ := heading(named)
			names = []string{name}
		}
		for _, name := range names {
			if i := slices.Index(cells, name); i >= 0 && !slices.Contains(taken, i) {
				taken = append(taken, i)
				return i
			}
		}
		ok = ok && named == ""
		return -1
	}
	// A Swedish or German "valuta" is a date where the file has no other, else the currency: dates are found first.
	at.date = find("date", t.form.Date)
	at.amount = find("amount", t.form.Amount)
	at.credit, at.debit = -1, -1
	if at.amount < 0 {
		at.credit, at.debit = find("credit", t.form.Credit), find("debit", t.form.Debit)
	}
	at.reference = find("reference", t.form.Reference)
	at.description = find("description", t.form.Description)
	at.currency = find("currency", "")
	if i := max(at.amount, at.credit); i >= 0 {
		at.code = codes[i]
	}
	return at, ok && at.date >= 0 && (at.amount >= 0 || at.credit >= 0)
}

// heading is the name of a column, without the currency that it may end with.
func heading(cell string) (name, code string) {
	name = plain(cell)
	if i := strings.LastIndexByte(name, ' '); i > 0 {
		if c, err := settlement.ParseCurrency(strings.ToUpper(name[i+1:])); err == nil {
			return name[:i], c.String()
		}
	}
	return name, ""
}

// plain is a heading without what banks vary: case, marks and blanks around.
func plain(heading string) string {
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

// cell is the text of a column, "" where the record is too short or the file has no such column.
func cell(record []string, column int) string {
	if column < 0 || column >= len(record) {
		return ""
	}
	return strings.TrimSpace(record[column])
}

// lines reads the records. Mark and date form are those of the whole file.
func (t *table) lines() ([]Line, error) {
	t.dropEmpty()
	mark, err := t.mark()
	if err != nil {
		return nil, err
	}
	dates, err := t.dates()
	if err != nil {
		return nil, err
	}
	list := make([]Line, 0, len(t.records))
	for i, record := range t.records {
		l := Line{
			Number: t.numbers[i], Date: dates[i], Reference: cell(record, t.at.reference), Description: cell(record, t.at.description),
			row: strings.Join(record, "\n"), words: words(record, t.at),
		}
		if l.Amount, err = t.amount(record, mark); err != nil {
			return nil, &FormError{File: t.file, Line: l.Number, Message: err.Error()}
		}
		list = append(list, l)
	}
	return list, nil
}

// dropEmpty leaves out records without a date and an amount, such as blank lines between pages.
func (t *table) dropEmpty() {
	kept := 0
	for i, record := range t.records {
		if cell(record, t.at.date) == "" && len(t.amounts(record)) == 0 {
			continue
		}
		t.records[kept], t.numbers[kept] = record, t.numbers[i]
		kept++
	}
	t.records, t.numbers = t.records[:kept], t.numbers[:kept]
}

// amounts are the cells of a record that hold an amount.
func (t *table) amounts(record []string) []string {
	var list []string
	for _, column := range []int{t.at.amount, t.at.credit, t.at.debit} {
		if text := cell(record, column); text != "" {
			list = append(list, text)
		}
	}
	return list
}

// amount is what came in, negative for what went out.
func (t *table) amount(record []string, mark byte) (settlement.Money, error) {
	code := cmp.Or(cell(record, t.at.currency), t.at.code, t.form.Currency)
	if code == "" {
		return settlement.Money{}, errors.New("no column says the currency: name it with --currency")
	}
	currency, err := settlement.ParseCurrency(code)
	if err != nil {
		return settlement.Money{}, err
	}
	if t.at.amount >= 0 {
		return money(cell(record, t.at.amount), mark, currency)
	}
	in, out := cell(record, t.at.credit), cell(record, t.at.debit)
	zero := settlement.MoneyOf(0, currency)
	received, paid := zero, zero
	if in != "" {
		if received, err = money(in, mark, currency); err != nil {
			return zero, err
		}
	}
	if out != "" {
		if paid, err = money(out, mark, currency); err != nil {
			return zero, err
		}
	}
	switch {
	case in == "" && out == "":
		return zero, errors.New("it has neither a credit nor a debit")
	case !received.IsZero() && !paid.IsZero():
		return zero, fmt.Errorf("it has both a credit of %s and a debit of %s", received, paid)
	case received.Sign() < 0:
		return zero, fmt.Errorf("its credit %s is negative", received)
	}
	return received.Add(paid.Abs().Neg())
}

// words are what ids are looked for among: every cell but date and amount, whole and cut at blanks and at marks.
func words(record []string, at columns) map[string]bool {
	set := map[string]bool{}
	mark := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	outer := func(r rune) bool { return mark(r) && r != '-' && r != '_' && r != '.' } // TRC-123 is one id in ID:TRC-123
	for i, text := range record {
		if i == at.date || i == at.amount || i == at.credit || i == at.debit {
			continue
		}
		set[bare(text)] = true
		for _, cut := range []func(rune) bool{unicode.IsSpace, outer, mark} {
			for _, word := range strings.FieldsFunc(text, cut) {
				set[bare(word)] = true
			}
		}
	}
	return set
}

// bare is an id in capitals without marks and blanks, which banks add and drop.
func bare(id string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, id)
}

// dates reads the date of every record in the one layout that fits them all.
func (t *table) dates() ([]ledgermap.Date, error) {
	cells := make([]string, len(t.records))
	for i, record := range t.records {
		cells[i] = cell(record, t.at.date)
	}
	dates, at, message := readDates(cells, t.form.Dates)
	if message != "" {
		e := &FormError{File: t.file, Message: message}
		if at >= 0 {
			e.Line = t.numbers[at]
		}
		return nil, e
	}
	return dates, nil
}

// mark decides the decimal mark of the file.
func (t *table) mark() (byte, error) {
	var cells []string
	var numbers []int
	for i, record := range t.records {
		for _, text := range t.amounts(record) {
			cells, numbers = append(cells, text), append(numbers, t.numbers[i])
		}
	}
	mark, at, message := decide(cells, t.form.Decimal)
	if message != "" {
		e := &FormError{File: t.file, Message: message}
		if at >= 0 {
			e.Line = numbers[at]
		}
		return 0, e
	}
	return mark, nil
}
