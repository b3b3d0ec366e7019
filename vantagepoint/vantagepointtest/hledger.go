package vantagepointtest

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteHledger writes what the books hold in the format of hledger: one transaction for each balanced entry, posted or
// not, real postings only, every amount written with its currency, the lines that the ledger makes itself included.
// Entries that do not balance, or have no lines, follow as comments. Companies after the first put their code in front of
// their accounts. The same books give the same bytes.
func (t *Tenant) WriteHledger(w io.Writer) error {
	batches := t.Batches()
	out := &strings.Builder{}
	fmt.Fprintf(out, "; Vantagepoint database %s\ndecimal-mark .\n\n", plain(t.opt.Database))
	for _, a := range accountsIn(batches, t.opt.Company) {
		fmt.Fprintf(out, "account %s%s\n", a.account, t.accountComment(a.number))
	}
	for _, b := range batches {
		for _, e := range b.Entries {
			fmt.Fprintln(out)
			mark := ""
			if !e.Balanced || len(e.Lines) == 0 {
				mark = "; "
				fmt.Fprintln(out, "; stored, but out of balance:")
			}
			writeEntry(out, mark, t.opt.Company, e)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func writeEntry(out *strings.Builder, mark, home string, e Entry) {
	state := "draft"
	if e.Posted {
		state = "posted"
	}
	fmt.Fprintf(out, "%s%s (%s) %s\n", mark, e.Date, code(e.Batch), plain(e.Description))
	fmt.Fprintf(out, "%s    ; %s %s, period %d, %s\n", mark, e.Type, plain(e.Ref), e.Period, state)
	for _, l := range e.Lines {
		comment := strings.Join(strings.Fields(l.WBS1+" "+l.WBS2+" "+l.WBS3), "/")
		if l.Auto {
			comment = strings.TrimSpace("made by the ledger " + comment)
		}
		if comment != "" {
			comment = "  ; " + plain(comment)
		}
		fmt.Fprintf(out, "%s    %s  %s %s%s\n", mark, accountName(e, l, home), l.Amount, e.Currency, comment)
	}
}

type hledgerAccount struct{ account, number string }

// accountComment gives an account's name, and the type that hledger's reports go by.
func (t *Tenant) accountComment(number string) string {
	t.mu.Lock()
	known := t.account(number)
	t.mu.Unlock()
	if known == nil {
		return ""
	}
	letter := "X"
	switch known.Type {
	case Asset:
		letter = "A"
	case Liability:
		letter = "L"
	case NetWorth:
		letter = "E"
	case Revenue:
		letter = "R"
	default: // expenses and other
	}
	return fmt.Sprintf("  ; %s, type: %s", strings.ReplaceAll(plain(known.Name), ":", " "), letter)
}

// accountsIn lists the accounts that are used, in order.
func accountsIn(batches []Batch, home string) []hledgerAccount {
	var list []hledgerAccount
	for _, b := range batches {
		for _, e := range b.Entries {
			for _, l := range e.Lines {
				if e.Balanced {
					list = append(list, hledgerAccount{accountName(e, l, home), l.Account})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b hledgerAccount) int { return strings.Compare(a.account, b.account) })
	return slices.Compact(list)
}

func accountName(e Entry, l Line, home string) string {
	number := plain(l.Account)
	if !same(e.Company, home) {
		return plain(e.Company) + ":" + number
	}
	return number
}

// plain keeps text on one line, out of the way of hledger's own marks; two blanks would end an account's name.
func plain(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c < ' ' || c == ';':
			return ' '
		case c == '[': // around a date in a comment, it would move the amount there
			return '('
		case c == ']':
			return ')'
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// code keeps a batch's name inside its brackets.
func code(s string) string { return strings.NewReplacer("(", "[", ")", "]").Replace(plain(s)) }
