package vantagepoint

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf16"
)

// fill completes a document from what the caller gave: see [Transactions.Create].
func (k kind[C, M, D]) fill(v view, taxes []JournalTax) {
	for i, e := range v.entries {
		setDefault(e.batch, *v.batch)
		if *e.seq == 0 {
			*e.seq = i + 1
		}
		if e.refIsPKey && *e.ref == "" {
			*e.ref = LineKey(*v.batch+"|entry", *e.seq)
		}
		if e.date.IsZero() {
			*e.date = *v.end
		}
		if e.dated != nil && e.dated.IsZero() {
			*e.dated = *e.date
		}
		inherit(e.currency, v.currency)
		inherit(e.bank, v.bank)
	}
	if v.end.IsZero() {
		for _, e := range v.entries {
			if e.date.Compare(*v.end) > 0 {
				*v.end = *e.date
			}
		}
	}
	for i, l := range v.lines {
		setDefault(l.batch, *v.batch)
		if *l.seq == 0 {
			*l.seq = i + 1
		}
		setDefault(l.pkey, LineKey(*v.batch, *l.seq))
		if len(v.entries) == 1 {
			e := v.entries[0]
			setDefault(l.ref, *e.ref)
			if e.wbs[0] != nil && *l.wbs[0] == "" {
				for level := range l.wbs {
					*l.wbs[level] = *e.wbs[level]
				}
			}
		}
		for _, follower := range []*Amount{l.net, l.payment} {
			if follower != nil && follower.IsZero() {
				*follower = *l.amount
			}
		}
	}
	for i := range taxes {
		setDefault(&taxes[i].Batch, *v.batch)
		if len(v.entries) == 1 {
			setDefault(&taxes[i].RefNo, *v.entries[0].ref)
		}
		if taxes[i].Seq == 0 {
			taxes[i].Seq = i + 1
		}
	}
}

// inherit fills whichever of the two is empty from the other; either may not exist.
func inherit(a, b *string) {
	if a == nil || b == nil {
		return
	}
	setDefault(a, *b)
	setDefault(b, *a)
}

// checker collects what is wrong with a document.
type checker struct{ faults []FieldError }

func (c *checker) add(table string, row int, field, reason string, args ...any) {
	c.faults = append(c.faults, FieldError{Table: table, Row: row, Field: field, Reason: fmt.Sprintf(reason, args...)})
}

// check finds everything that is wrong with a filled document, but the lengths of its texts.
func (k kind[C, M, D]) check(v view, d *Document[C, M, D], style Style) []FieldError {
	var c checker
	control, master, detail := k.table("Control"), k.table("Master"), k.table("Detail")
	c.key(control, 0, "Batch", *v.batch)
	if !v.period.valid() {
		c.add(control, 0, "Period", "%d is not a fiscal period YYYYPP", *v.period)
	}
	if v.end.IsZero() {
		c.add(control, 0, "EndDate", "is required, here or as TransDate of an entry")
	}
	if len(v.entries) == 0 {
		c.add(master, 0, "", "there must be an entry")
	}
	if len(v.entries) > 1 && style == NoFiles {
		c.add(master, 0, "", "%d entries: without files a document is one entry", len(v.entries))
	}
	refs := map[string]bool{}
	for i, e := range v.entries {
		if e.bank == nil || *e.ref != "" || len(v.entries) > 1 || style == NoFiles { // a bank may number by itself
			c.key(master, i+1, k.refKey, *e.ref)
		}
		// Invoices are told apart by project too.
		ref := bareKey(*e.ref)
		if e.wbs[0] != nil {
			ref += "|" + *e.wbs[0] + "|" + *e.wbs[1] + "|" + *e.wbs[2]
		}
		if refs[ref] {
			c.add(master, i+1, k.refKey, "%s occurs twice", quote(*e.ref))
		}
		refs[ref] = true
		if e.date.IsZero() {
			c.add(master, i+1, "TransDate", "is required")
		}
		if e.bank != nil && *e.bank == "" {
			c.add(master, i+1, "BankCode", "is required")
		}
		if *e.batch != *v.batch {
			c.add(master, i+1, "Batch", "is %s, the control row says %s", quote(*e.batch), quote(*v.batch))
		}
	}
	if k.prefix != "je" && len(d.Taxes) > 0 {
		c.add(k.table("DetailTax"), 0, "", "Taxes are for journals: put the rows into Tables")
	}
	c.lines(v, k.refKey, detail)
	if k.prefix == "je" { // of all others the ledger makes one side
		c.balance(v, d.Taxes, master)
	}
	for _, t := range v.totals {
		if !t.declared.Equal(t.want) {
			c.add(control, 0, t.name, "the control total is %s, the lines sum to %s", t.declared, t.want)
		}
	}
	return c.faults
}

// key checks a value that goes into addresses.
func (c *checker) key(table string, row int, field, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		c.add(table, row, field, "is required")
	case value == "." || value == ".." || strings.ContainsAny(value, "|/\\"):
		c.add(table, row, field, "%s: the characters | / \\ have a meaning in addresses", quote(value))
	case strings.TrimSpace(value) != value:
		c.add(table, row, field, "%s: blanks at the ends are lost when it is stored", quote(value))
	}
}

func (c *checker) lines(v view, refKey, table string) {
	refs := map[string]bool{}
	for _, e := range v.entries {
		refs[bareKey(*e.ref)] = true
	}
	if len(v.lines) == 0 {
		c.add(table, 0, "", "there must be a line")
	}
	pkeys := map[string]bool{}
	for i, l := range v.lines {
		row := i + 1
		if *l.batch != *v.batch {
			c.add(table, row, "Batch", "is %s, the control row says %s", quote(*l.batch), quote(*v.batch))
		}
		if !refs[bareKey(*l.ref)] {
			c.add(table, row, refKey, "%s belongs to no entry", quote(*l.ref))
		}
		if pkeys[*l.pkey] {
			c.add(table, row, "PKey", "%s occurs twice", quote(*l.pkey))
		}
		pkeys[*l.pkey] = true
		if strings.TrimSpace(*l.account) == "" {
			c.add(table, row, "Account", "is required")
		}
		if *l.wbs[0] == "" && *l.wbs[1]+*l.wbs[2] != "" || *l.wbs[1] == "" && *l.wbs[2] != "" {
			c.add(table, row, "WBS1", "a lower project level needs the one above it")
		}
		if l.amount != nil {
			c.amount(table, row, "Amount", *l.amount)
			continue
		}
		c.amount(table, row, "DebitAmount", *l.debit)
		c.amount(table, row, "CreditAmount", *l.credit)
		switch debit, credit := l.debit.Sign(), l.credit.Sign(); {
		case debit < 0 || credit < 0:
			c.add(table, row, "DebitAmount", "debit %s, credit %s: a negative amount belongs on the other side", l.debit, l.credit)
		case debit != 0 && credit != 0:
			c.add(table, row, "DebitAmount", "debit %s and credit %s: a line has one side", l.debit, l.credit)
		case debit == 0 && credit == 0:
			c.add(table, row, "DebitAmount", "neither debit nor credit")
		}
	}
}

// amount checks that decimal(19,4) can hold the value.
func (c *checker) amount(table string, row int, field string, a Amount) {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(a.String(), "-"), ".")
	if len(whole) > 15 || len(strings.TrimRight(fraction, "0")) > 4 {
		c.add(table, row, field, "%s does not fit decimal(19,4)", a)
	}
}

// balance checks that each journal entry has two lines or more, and debits equal to credits.
func (c *checker) balance(v view, taxes []JournalTax, table string) {
	for i, e := range v.entries {
		var lines int
		var debits, credits Amount
		for _, l := range v.lines {
			if bareKey(*l.ref) == bareKey(*e.ref) {
				lines++
				debits, credits = debits.Add(*l.debit), credits.Add(*l.credit)
			}
		}
		for _, tax := range taxes {
			if bareKey(tax.RefNo) == bareKey(*e.ref) {
				debits, credits = debits.Add(tax.TaxDebitAmount), credits.Add(tax.TaxCreditAmount)
			}
		}
		if lines < 2 {
			c.add(table, i+1, "", "a journal entry has two lines or more, this one %d", lines)
		}
		if !debits.Equal(credits) {
			c.add(table, i+1, "", "debits of %s, credits of %s: off by %s", debits, credits, debits.Sub(credits))
		}
	}
}

// lengths are the longest texts that columns hold, by table and column in lower case.
type lengths map[string]map[string]int

// documentedLengths are those of the documentation, by column in whatever table, for a tenant whose metadata cannot be
// read. Descriptions of control rows and entries have no documented length.
func documentedLengths(table, column string) int {
	switch column {
	case "Batch", "WBS1", "WBS2", "WBS3", "Org":
		return 30
	case "PKey", "MasterPKey":
		return 32
	case "Account":
		return 13
	case "RefNo", "Invoice", "CheckNo":
		return 12
	case "Company", "LinkCompany":
		return 14
	case "TaxCode":
		return 10
	case "Description":
		if strings.HasSuffix(table, "Detail") {
			return 80
		}
	}
	return 0
}

func (l lengths) limit(table, column string) int {
	if n := l[strings.ToLower(table)][strings.ToLower(column)]; n > 0 {
		return n
	}
	return documentedLengths(table, column)
}

func checkLengths(l lengths, table string, row int, value any) []FieldError {
	var faults []FieldError
	check := func(column, text string) {
		length := len(utf16.Encode([]rune(text)))
		if limit := l.limit(table, column); limit > 0 && length > limit {
			faults = append(faults, FieldError{
				Table: table, Row: row, Field: column, Length: length, Limit: limit,
				Reason: fmt.Sprintf("%d characters, at most %d", length, limit),
			})
		}
	}
	fields := reflect.ValueOf(value)
	for _, column := range columnsOf(fields.Type()) {
		if column.name == "Batch" && row > 0 {
			continue // is the control row's, where it is checked
		}
		if text, ok := reflect.TypeAssert[string](fields.Field(column.index)); ok && !column.computed {
			check(column.name, text)
		}
	}
	extra, _ := reflect.TypeAssert[Extra](fields.FieldByName("Extra"))
	for _, name := range sortedKeys(extra) {
		if text, ok := extra[name].(string); ok {
			check(name, text)
		}
	}
	return faults
}
