package bank

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// decide finds the decimal mark of a file from all of its amounts: the one mark with which every cell is a number. Cells
// such as 1,234 are numbers with both marks and decide nothing. The message is empty where a mark was found, or where no
// cell needs one; at is the cell that it is about, or -1.
func decide(cells []string, given string) (mark byte, at int, message string) {
	marks := []byte{'.', ','}
	if given != "" {
		if given != "." && given != "," {
			return 0, -1, fmt.Sprintf("the decimal mark %q is neither \".\" nor \",\"", given)
		}
		marks = []byte{given[0]}
	}
	open := -1 // a cell that has another value with each mark
	first := map[byte]int{}
	for i, text := range cells {
		values := map[string]bool{}
		for _, mark := range marks {
			plain, ok := ungroup(text, mark)
			if _, failed := first[mark]; !ok && !failed {
				first[mark] = i
			}
			values[plain] = true
		}
		if len(values) > 1 && open < 0 {
			open = i
		}
	}
	fit := slices.DeleteFunc(slices.Clone(marks), func(m byte) bool { _, failed := first[m]; return failed })
	switch {
	case len(fit) == 2 && open >= 0:
		return 0, open, fmt.Sprintf("%q can be read with a decimal point and with a decimal comma, and no amount of the file tells which: name the mark with --decimal", cells[open])
	case len(fit) > 0:
		return fit[0], -1, ""
	case len(marks) == 1:
		return 0, first[marks[0]], fmt.Sprintf("%q is no amount with the decimal mark %q", cells[first[marks[0]]], string(marks[0]))
	}
	// The first cell that the more patient of the two marks does not read is the one to look at.
	at = max(first['.'], first[','])
	return 0, at, fmt.Sprintf("%q is no amount in the form that the lines before it have", cells[at])
}

// ungroup is an amount as ParseMoney reads it, if it is one with that decimal mark: signs before or behind, parentheses,
// and groups of three digits between the other mark, blanks or apostrophes are taken off.
func ungroup(cell string, mark byte) (plain string, ok bool) {
	text := strings.Trim(cell, " \u00a0\u202f$€£¥")
	negative := false
	switch {
	case strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")"):
		text, negative = text[1:len(text)-1], true
	case strings.HasPrefix(text, "-"), strings.HasPrefix(text, "+"):
		text, negative = text[1:], text[0] == '-'
	case strings.HasPrefix(text, "\u2212"): // a typeset minus
		text, negative = strings.TrimPrefix(text, "\u2212"), true
	case strings.HasSuffix(text, "-"), strings.HasSuffix(text, "+"):
		text, negative = text[:len(text)-1], strings.HasSuffix(text, "-")
	}
	text = strings.Trim(text, " \u00a0\u202f$€£¥")
	whole, fraction, decimals := strings.Cut(text, string(mark))
	if decimals && fraction == "" || !digits(fraction) {
		return "", false
	}
	if plain, ok = joined(whole, mark); !ok {
		return "", false
	}
	if decimals {
		plain += "." + fraction
	}
	if negative {
		plain = "-" + plain
	}
	return plain, true
}

// joined is the whole part of an amount without what stands between its groups of three digits.
func joined(whole string, mark byte) (string, bool) {
	i := strings.IndexFunc(whole, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		return whole, whole != ""
	}
	separator, _ := utf8.DecodeRuneInString(whole[i:])
	if !strings.ContainsRune("'\u2019 \u00a0\u202f.,", separator) || separator == rune(mark) {
		return "", false
	}
	groups := strings.Split(whole, string(separator))
	for n, g := range groups {
		if !digits(g) || n > 0 && len(g) != 3 || n == 0 && (g == "" || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// money reads an amount of a file whose decimal mark is known.
func money(cell string, mark byte, currency settlement.Currency) (settlement.Money, error) {
	plain, ok := ungroup(cell, mark)
	if !ok {
		return settlement.Money{}, fmt.Errorf("%q is no amount", cell)
	}
	return settlement.ParseMoney(plain, currency)
}

// layouts are the forms of dates, by the name that a person gives them.
var layouts = []struct{ name, layout string }{
	{"yyyy-MM-dd", "2006-01-02"},
	{"yyyy/MM/dd", "2006/1/2"},
	{"yyyyMMdd", "20060102"},
	{"dd.MM.yyyy", "2.1.2006"},
	{"dd.MM.yy", "2.1.06"},
	{"dd/MM/yyyy", "2/1/2006"},
	{"MM/dd/yyyy", "1/2/2006"},
	{"dd/MM/yy", "2/1/06"},
	{"MM/dd/yy", "1/2/06"},
	{"dd-MM-yyyy", "2-1-2006"},
	{"MM-dd-yyyy", "1-2-2006"},
	{"dd MMM yyyy", "2 Jan 2006"},
	{"MMM dd, yyyy", "Jan 2, 2006"},
}

// Layouts are the names of the forms of dates that can be read.
func Layouts() []string {
	names := make([]string, len(layouts))
	for i, l := range layouts {
		names[i] = l.name
	}
	return names
}

// readDates reads all dates of a file in the one layout that fits every one of them. Where two layouts fit and give
// different days, as with 03/04/2026, the message asks for the layout; at is the cell that it is about, or -1.
func readDates(cells []string, given string) (dates []ledgermap.Date, at int, message string) {
	if given != "" && !slices.Contains(Layouts(), given) {
		return nil, -1, fmt.Sprintf("the date form %q is not one of %s", given, strings.Join(Layouts(), ", "))
	}
	var fit string
	far := -1 // how far the most patient layout came
	for _, l := range layouts {
		if given != "" && given != l.name {
			continue
		}
		read, failed := readAs(cells, l.layout)
		switch {
		case failed >= 0:
			far = max(far, failed)
		case dates == nil:
			dates, fit = read, l.name
		default:
			for i := range read {
				if read[i] != dates[i] {
					return nil, i, fmt.Sprintf("%q is one day as %s and another as %s, and no date of the file tells which: name the form with --dates", cells[i], fit, l.name)
				}
			}
		}
	}
	if dates == nil && len(cells) > 0 {
		return nil, far, fmt.Sprintf("%q is no date in a form that fits the lines before it; name the form with --dates: %s", cells[far], strings.Join(Layouts(), ", "))
	}
	return dates, -1, ""
}

// readAs reads dates in one layout; failed is the first that is not in it, or -1. A time of day behind a date is not read.
func readAs(cells []string, layout string) (dates []ledgermap.Date, failed int) {
	dates = make([]ledgermap.Date, 0, len(cells))
	for i, text := range cells {
		if !strings.Contains(layout, " ") {
			text, _, _ = strings.Cut(text, " ")
		}
		if len(text) > 10 && text[10] == 'T' {
			text = text[:10]
		}
		at, err := time.Parse(layout, text)
		if err != nil {
			return nil, i
		}
		dates = append(dates, ledgermap.DateOf(at, time.UTC))
	}
	return dates, -1
}
