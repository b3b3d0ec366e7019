package ledgermap

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// describe fills the placeholders of a description and cuts it to what a ledger line holds.
func (p *planner) describe(at spot) string {
	t := at.target
	template := t.description
	group := at.group
	switch {
	case template != "":
	case group != "":
		template = "Amazon {settlement} {title} {group}"
	default:
		template = "Amazon {settlement} {title}"
	}
	period := ""
	if at.period != 0 {
		period = fmt.Sprint(at.period)
	}
	return cut(strings.NewReplacer(
		"{settlement}", p.statement.ID, "{seller}", p.in.Seller, "{category}", string(t.category), "{title}", title(string(t.category)),
		"{currency}", p.statement.Currency.String(), "{period}", period, "{group}", group,
	).Replace(template), maxLineDescription)
}

// ascii reports whether a text is the same in every charset.
func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c >= utf8.RuneSelf })
}

// cut makes a text fit a column of so many UTF-16 code units, and blank where it holds control characters.
func cut(text string, width int) string {
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text)
	n := 0
	for i, c := range text {
		if n += len(utf16.AppendRune(nil, c)); n > width {
			return strings.TrimRight(text[:i], " ")
		}
	}
	return strings.TrimRight(text, " ")
}

// letters counts A, B … X, AA, AB …: the parts of a settlement from the front. Y and Z are left to money movements.
func letters(i int) string {
	if i < 24 {
		return string(rune('A' + i))
	}
	return letters(i/24-1) + letters(i%24)
}

// lettersBack counts Z, Y … A, ZZ, ZY …: the money movements from the back.
func lettersBack(i int) string {
	if i < 26 {
		return string(rune('Z' - i))
	}
	return "Z" + lettersBack(i-26)
}
