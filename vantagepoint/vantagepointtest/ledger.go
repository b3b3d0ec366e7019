package vantagepointtest

import (
	"fmt"
	"slices"
	"strings"
)

// sums are what the control row computes over the details of a batch.
type sums struct {
	debit, credit dec // journal entries
	total, ret    dec // everything else
}

func (t *Tenant) sums(b *batch) (s sums, err error) {
	add := func(sum *dec, d dec) {
		if err == nil {
			*sum, err = sum.plus(d)
		}
	}
	for _, d := range b.details {
		add(&s.debit, d.amount("DebitAmount"))
		add(&s.credit, d.amount("CreditAmount"))
		add(&s.total, detailAmount(d))
		add(&s.ret, d.amount("RetAmount"))
	}
	for _, x := range b.taxes { // tax rows count in the sums
		add(&s.debit, x.amount("TaxDebitAmount"))
		add(&s.credit, x.amount("TaxCreditAmount"))
	}
	return s, err
}

// detailAmount is the amount of a detail row that has one column for it. Disbursements and vouchers may come with
// NetAmount alone.
func detailAmount(d row) dec {
	if amount := d.amount("Amount"); amount != 0 {
		return amount
	}
	return d.amount("NetAmount")
}

// line is one line of a record as the ledger takes it: debits positive, credits negative.
type line struct {
	account, wbs1, wbs2, wbs3 string
	description, pkey         string
	invoice, vendor, bank     string
	amount                    dec
	auto                      bool // made by the ledger
}

// record is one master row with its lines.
type record struct {
	key, date, description, currency string
	invoice, vendor, voucher         string
	status                           string
	lines                            []line
	open                             dec // sum of the lines: 0 when it balances
}

// records turns a batch into what the ledger would take of it, including the lines that it makes by itself: receivable of
// an invoice, bank of a receipt or a disbursement, payable of a voucher.
func (t *Tenant) records(b *batch) []record {
	var list []record
	for _, m := range b.masters {
		rec := record{
			key: m[b.doc.record], date: m["TransDate"][:10], currency: m["CurrencyCode"],
			description: firstOf(m["Description"], m["TransComment"], m["Payee"], b.control["Description"]),
			vendor:      m["Vendor"], voucher: m["Voucher"], status: m["Status"],
		}
		if rec.currency == "" {
			rec.currency = t.opt.company(b.company()).Currency
		}
		if b.doc.prefix == "in" || b.doc.prefix == "ap" {
			rec.invoice = m["Invoice"]
		}
		var sum dec
		for _, d := range records(b.details, b.doc.record, rec.key) {
			l := t.detailLine(b.doc, d, rec)
			rec.lines = append(rec.lines, l)
			sum += l.amount
			for _, x := range records(b.taxes, "PKey", d["PKey"]) {
				if tax := x.amount("TaxDebitAmount") - x.amount("TaxCreditAmount"); b.doc.prefix == "je" {
					rec.lines = append(rec.lines, line{
						account: t.taxCode(x["TaxCode"]).Account, description: "Tax " + x["TaxCode"], pkey: d["PKey"], amount: tax, auto: true,
					})
					sum += tax
				}
			}
		}
		if auto, ok := t.autoLine(b.doc, m, rec); ok && len(rec.lines) > 0 {
			auto.amount = -sum
			rec.lines = append(rec.lines, auto)
			sum = 0
		}
		rec.open = sum
		list = append(list, rec)
	}
	return list
}

func (t *Tenant) detailLine(doc *docType, d row, rec record) line {
	l := line{
		account: d["Account"], wbs1: strings.TrimSpace(d["WBS1"]), wbs2: strings.TrimSpace(d["WBS2"]), wbs3: strings.TrimSpace(d["WBS3"]),
		description: firstOf(d["Description"], rec.description), pkey: d["PKey"], vendor: rec.vendor, invoice: firstOf(d["Invoice"], rec.invoice),
	}
	switch doc.prefix {
	case "je":
		l.amount = d.amount("DebitAmount") - d.amount("CreditAmount")
	case "in", "cr":
		l.amount = -detailAmount(d)
	default:
		l.amount = detailAmount(d)
	}
	if l.account == "" { // a receipt against an invoice
		l.account = t.opt.AutoPosting.Receivable
	}
	return l
}

// autoLine is the line that the ledger makes for a record.
func (t *Tenant) autoLine(doc *docType, m row, rec record) (line, bool) {
	l := line{description: rec.description, invoice: rec.invoice, vendor: rec.vendor, auto: true}
	switch doc.prefix {
	case "in":
		l.account = t.opt.AutoPosting.Receivable
		l.wbs1, l.wbs2, l.wbs3 = strings.TrimSpace(m["WBS1"]), strings.TrimSpace(m["WBS2"]), strings.TrimSpace(m["WBS3"])
	case "cr", "cd":
		bank := t.opt.bank(m["BankCode"])
		l.account, l.bank = bank.Account, bank.Code
	case "ap":
		l.account = t.opt.AutoPosting.Payable
	default:
		return l, false
	}
	return l, true
}

// refusal says why a batch cannot be posted, or "" when it can. The texts of real tenants are not known.
func (t *Tenant) refusal(b *batch) string {
	s, _ := t.sums(b) // fits: it was checked at the door
	if !t.opt.IgnoreControlTotals {
		for _, total := range t.diffs(b, s) {
			if total.value != dec(0) {
				return "the control total does not match (" + total.name + ")"
			}
		}
	}
	list := t.records(b)
	if len(list) == 0 {
		return "there are no records"
	}
	for _, rec := range list {
		if len(rec.lines) == 0 {
			return "record " + rec.key + " has no details"
		}
		if rec.open != 0 {
			return fmt.Sprintf("record %s is out of balance by %s", rec.key, rec.open.text(2))
		}
		if rec.status != "A" && slices.Contains(t.opt.Approvals, b.doc.trans) {
			return "record " + rec.key + " is not approved"
		}
		if functional := t.opt.company(b.company()).Currency; rec.currency != functional {
			return fmt.Sprintf("there is no exchange rate from %s to %s", rec.currency, functional)
		}
		for _, l := range rec.lines {
			if reason := t.lineRefusal(b.doc, l); reason != "" {
				return "record " + rec.key + ": " + reason
			}
		}
	}
	return ""
}

// lineRefusal holds the rules between accounts and projects.
func (t *Tenant) lineRefusal(doc *docType, l line) string {
	account := t.account(l.account)
	if account == nil {
		return "there is no account for the line that the ledger makes itself"
	}
	if account.Inactive {
		return "account " + l.account + " is inactive"
	}
	auto := t.opt.AutoPosting
	if !l.auto && doc.prefix == "je" && (l.account == auto.Receivable || l.account == auto.Payable || l.account == auto.Profit) {
		return "journal entries cannot use account " + l.account + ", which the ledger keeps itself"
	}
	if l.auto {
		return ""
	}
	expense := account.Type >= Reimbursable && account.Type <= DirectConsultant
	if l.wbs1 == "" {
		switch {
		case expense:
			return "account " + l.account + " needs a regular project"
		case account.Type <= NetWorth && t.opt.OrgBalanceSheets:
			return "account " + l.account + " needs a project, because organizations keep their own balance sheets"
		}
		return ""
	}
	p := t.project(l.wbs1, l.wbs2, l.wbs3)
	switch {
	case p == nil || (p.Status != "" && p.Status != "A"):
		return "project " + l.wbs1 + " is not active"
	case t.sublevels(*p):
		return "project " + strings.TrimRight(l.wbs1+" "+l.wbs2, " ") + " has lower levels: name one of them"
	case p.ChargeType == "H" && expense:
		return "overhead project " + l.wbs1 + " needs an indirect account, not " + l.account
	case p.ChargeType != "H" && account.Type == Indirect:
		return "regular project " + l.wbs1 + " needs a direct or reimbursable account, not " + l.account
	}
	return ""
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}
