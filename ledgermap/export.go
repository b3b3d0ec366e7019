package ledgermap

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// WriteHledger writes documents as an hledger journal: real postings only, every amount written, the line that the
// ledger makes itself included. The header of a transaction is `date (batch) description`; batch may be nil where
// nobody has named batches yet. Projects, companies and organisations are tags of the postings.
func WriteHledger(w io.Writer, documents []Document, batch func(Document) string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "decimal-mark .")
	currencies := make(map[string]bool)
	accounts := make(map[string]bool)
	for _, d := range documents {
		currencies[sample(d.Currency())] = true
		for _, l := range d.spec.Lines {
			accounts[l.Account] = true
		}
	}
	for _, list := range []struct {
		directive string
		names     map[string]bool
	}{{"commodity", currencies}, {"account", accounts}} {
		names := make([]string, 0, len(list.names))
		for name := range list.names {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(out, "%s %s\n", list.directive, name)
		}
	}
	for _, d := range documents {
		code := ""
		if batch != nil {
			code = "(" + strings.NewReplacer("(", " ", ")", " ").Replace(plain(batch(d))) + ") "
		}
		fmt.Fprintf(out, "\n%s %s%s  ; kind:%s, period:%d, settlement:%s\n", d.Date(), code, plain(d.Description()), d.Kind(), d.Period(), plain(d.SettlementID()))
		for _, l := range d.spec.Lines {
			fmt.Fprintf(out, "    %-13s  %16s %s  ; %s", l.Account, l.Signed(), d.Currency(), plain(l.Description))
			for _, tag := range [][2]string{
				{"wbs1", l.WBS1}, {"wbs2", l.WBS2}, {"wbs3", l.WBS3}, {"company", l.Company}, {"organisation", l.Organisation},
			} {
				if tag[1] != "" {
					fmt.Fprintf(out, ", %s:%s", tag[0], plain(tag[1]))
				}
			}
			fmt.Fprintln(out)
		}
	}
	return out.Flush()
}

// sample is an amount that tells hledger the currency's decimals: "1000.00 USD", "1000. JPY".
func sample(c settlement.Currency) string {
	return "1000." + strings.Repeat("0", c.Exponent()) + " " + c.String()
}

// plain keeps hledger's marks for comments, tags, payees and the dates of postings out of a text: one date in square
// brackets would move an amount.
func plain(text string) string {
	return strings.NewReplacer(";", " ", ",", " ", ":", " ", "|", " ", "[", "(", "]", ")").Replace(text)
}

// WriteJournalCSV writes the journals among the documents in Vantagepoint's import format DEJournalEntry, for a
// tenant without an API. Receipts, disbursements and invoices have import formats of their own and are not written;
// they are returned, so that the caller can say so. ref gives each document's reference number.
//
// Deltek: Transaction Center, Import, format DEJournalEntry.
func WriteJournalCSV(w io.Writer, documents []Document, ref func(Document) string) (left []Document, err error) {
	header := []string{
		"RefNo", "TransDate", "MasterDescription", "PostType", "WBS1", "WBS2", "WBS3", "Account", "DebitAmount", "CreditAmount",
		"DetailDescription", "TaxType", "UpdateBilled", "SuppressBill", "CurrencyCode",
	}
	for i := 1; i <= 10; i++ {
		header = append(header, fmt.Sprintf("TaxCodeSequence%d", i))
	}
	for i := 1; i <= 10; i++ {
		header = append(header, fmt.Sprintf("TaxAmountSequence%d", i))
	}
	header = append(header, "LinkCompany")
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return nil, err
	}
	for _, d := range documents {
		if d.Kind() != Journal {
			left = append(left, d)
			continue
		}
		for _, l := range d.spec.Lines {
			row := make([]string, len(header))
			copy(row, []string{
				ref(d), d.Date().String(), tame(d.Description()), "", l.WBS1, l.WBS2, l.WBS3, l.Account, l.Debit.String(), l.Credit.String(),
				tame(l.Description), "", "N", "N", d.Currency().String(),
			})
			row[len(row)-1] = l.Company
			if err := out.Write(row); err != nil {
				return nil, err
			}
		}
	}
	out.Flush()
	return left, out.Error()
}

// tame keeps a text from being a formula where somebody opens the file in a spreadsheet.
func tame(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@") {
		return " " + text
	}
	return text
}
