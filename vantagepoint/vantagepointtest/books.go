package vantagepointtest

import (
	"cmp"
	"slices"
	"strconv"
)

// Batch is one transaction file as the tenant holds it.
type Batch struct {
	Type        string // "JE", "IN", "CR", "CD", "AP"
	Batch       string
	Company     string
	Period      int // of the file
	Description string
	Creator     string
	Balanced    bool // every record balances, with the lines that the ledger makes
	Posted      bool
	PostSeq     int
	Entries     []Entry
}

// Entry is one record of a batch: a journal entry, an invoice, a receipt, a disbursement, a voucher.
type Entry struct {
	Type, Batch string
	Ref         string // RefNo, Invoice or CheckNo as stored, with leading zeros
	Date        string // YYYY-MM-DD
	Description string
	Company     string
	Period      int
	Currency    string
	Balanced    bool
	Posted      bool
	Lines       []Line
}

// Line is one ledger line of an entry.
type Line struct {
	Account, Name    string
	WBS1, WBS2, WBS3 string // "" where there is none
	Description      string
	PKey             string
	Amount           string // decimal, debits positive, at least as many decimals as the currency has
	Invoice, Vendor  string
	Bank             string // bank code, on the bank's line
	Auto             bool   // made by the ledger: receivable, payable, bank, tax
}

// Balance is what an account holds in one currency.
type Balance struct {
	Account, Name, Currency string
	Amount                  string // over all balanced entries, posted or not
	Posted                  string // over the posted ones
}

// BankLine is one line of the bank reconciliation.
type BankLine struct {
	Bank, Account          string
	Type, Batch, Ref, Date string
	Description            string
	Amount, Currency       string // receipts positive
	Posted                 bool
}

// Batches returns all batches that are stored, in the order in which they were made.
func (t *Tenant) Batches() []Batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []Batch
	for _, b := range t.batches {
		if b.deleted {
			continue
		}
		period, _ := strconv.Atoi(b.control["Period"])
		out := Batch{
			Type: b.doc.trans, Batch: b.name(), Company: b.company(), Period: period, Description: b.control["Description"],
			Creator: b.control["Creator"], Posted: b.posted, PostSeq: b.seq, Balanced: true,
		}
		for _, rec := range t.records(b) {
			e := t.entry(b, period, rec)
			out.Balanced = out.Balanced && e.Balanced
			out.Entries = append(out.Entries, e)
		}
		list = append(list, out)
	}
	return list
}

func (t *Tenant) entry(b *batch, period int, rec record) Entry {
	e := Entry{
		Type: b.doc.trans, Batch: b.name(), Ref: rec.key, Date: rec.date, Description: rec.description, Company: b.company(),
		Period: period, Currency: rec.currency, Balanced: rec.open == 0, Posted: b.posted,
	}
	for _, l := range rec.lines {
		out := Line{
			Account: l.account, WBS1: l.wbs1, WBS2: l.wbs2, WBS3: l.wbs3, Description: l.description, PKey: l.pkey,
			Amount: l.amount.text(decimals(rec.currency)), Invoice: l.invoice, Vendor: l.vendor, Bank: l.bank, Auto: l.auto,
		}
		if a := t.account(l.account); a != nil {
			out.Name = a.Name
		}
		e.Lines = append(e.Lines, out)
	}
	return e
}

// Journal returns all entries of all batches, posted or not, balanced or not, in the order in which they were made.
func (t *Tenant) Journal() []Entry {
	var list []Entry
	for _, b := range t.Batches() {
		list = append(list, b.Entries...)
	}
	return list
}

// TrialBalance returns the balance of every account that a balanced entry touches, ordered by account and currency.
// Unbalanced entries are stored, but no ledger can hold them: they do not count.
func (t *Tenant) TrialBalance() []Balance {
	type key struct{ account, currency string }
	type sum struct {
		name        string
		all, posted dec
	}
	totals := map[key]*sum{}
	for _, e := range t.Journal() {
		if !e.Balanced {
			continue
		}
		for _, l := range e.Lines {
			k := key{l.Account, e.Currency}
			if totals[k] == nil {
				totals[k] = &sum{name: l.Name}
			}
			amount, _ := parseDec(l.Amount) // our own text
			totals[k].all += amount
			if e.Posted {
				totals[k].posted += amount
			}
		}
	}
	var list []Balance
	for k, s := range totals {
		places := decimals(k.currency)
		list = append(list, Balance{k.account, s.name, k.currency, s.all.text(places), s.posted.text(places)})
	}
	slices.SortFunc(list, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// BankReconciliation returns what Vantagepoint's bank reconciliation would list: receipts and disbursements, posted or
// not, in the order in which they were made. Journal entries never show here, even when they touch a bank's account.
func (t *Tenant) BankReconciliation() []BankLine {
	var list []BankLine
	for _, e := range t.Journal() {
		for _, l := range e.Lines {
			if l.Bank != "" {
				list = append(list, BankLine{
					Bank: l.Bank, Account: l.Account, Type: e.Type, Batch: e.Batch, Ref: e.Ref, Date: e.Date,
					Description: l.Description, Amount: l.Amount, Currency: e.Currency, Posted: e.Posted,
				})
			}
		}
	}
	return list
}
