package vantagepointtest

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// diffs are the Diff columns of a control row: control total less sum.
func (t *Tenant) diffs(b *batch, s sums) []member {
	switch b.doc.prefix {
	case "je":
		return []member{
			{"DiffDebitsTotal", b.control.amount("Total") - s.debit},
			{"DiffCreditsTotal", b.control.amount("CreditsTotal") - s.credit},
		}
	case "in":
		return []member{
			{"DiffTotal", b.control.amount("Total") - s.total},
			{"DiffRetTotal", b.control.amount("RetTotal") - s.ret},
		}
	}
	return []member{{"DiffTotal", b.control.amount("Total") - s.total}}
}

// controlObj is the control row with its computed columns.
func (t *Tenant) controlObj(b *batch) obj {
	s, _ := t.sums(b) // fits: it was checked at the door
	extra := map[string]any{
		"SumDebitsTotal": s.debit, "SumCreditsTotal": s.credit, "SumTotal": s.total, "SumRetTotal": s.ret,
		"PostPeriod": b.period, "PostSeq": b.seq,
	}
	for _, m := range t.diffs(b, s) {
		extra[m.name] = m.value
	}
	if bank := t.opt.bank(b.control["DefaultBank"]); bank != nil {
		extra["DefaultBankDescription"] = bank.Name
		extra["BankCurrencyCode"] = firstOf(bank.Currency, t.opt.company(b.company()).Currency)
	}
	return b.doc.control.obj(postedRow(b, b.control), extra)
}

// postedRow is a row with the Posted flag as it stands.
func postedRow(b *batch, r row) row {
	if !b.posted {
		return r
	}
	out := maps.Clone(r)
	out["Posted"] = "Y"
	return out
}

// control is GET DataEntry/{xx}Control/{Batch}: an array of one, or of two when a name is held twice.
func (t *Tenant) control(doc *docType) func(*request) answer {
	return t.readBatch(doc, func(_ *request, b *batch) []obj { return []obj{t.controlObj(b)} })
}

// master is GET DataEntry/{xx}Master/{Batch}; a {Batch}|{RefNo} reads that record.
func (t *Tenant) master(doc *docType) func(*request) answer {
	return t.readBatch(doc, func(r *request, b *batch) []obj {
		var list []obj
		_, ref, one := strings.Cut(r.params["batch"], "|")
		for _, m := range b.masters {
			if one && !t.sameRef(doc, m[doc.record], ref) {
				continue
			}
			list = append(list, doc.master.obj(postedRow(b, m), map[string]any{
				"StatusDescription": r.who.text(statusText(m["Status"])), "AuthorizedByName": m["AuthorizedBy"],
			}))
		}
		return list
	})
}

// sameRef compares a key out of a path with a stored one: exact, or after padding.
func (t *Tenant) sameRef(doc *docType, stored, asked string) bool {
	return same(stored, asked) || (doc.master.field(doc.record).padded && same(stored, pad(asked, t.opt.RefnoLength)))
}

func statusText(status string) string {
	switch status {
	case "S":
		return "Submitted"
	case "A":
		return "Approved"
	case "R":
		return "Rejected"
	}
	return "In Progress"
}

// detail is GET DataEntry/{xx}Detail/{Batch}. It answers 500 to limit, like other reads of this family.
func (t *Tenant) detail(doc *docType) func(*request) answer {
	read := t.readBatch(doc, func(_ *request, b *batch) []obj {
		var list []obj
		for _, m := range b.masters {
			for _, d := range records(b.details, doc.record, m[doc.record]) {
				list = append(list, doc.detail.obj(d, t.detailExtra(b, d)))
			}
		}
		return list
	})
	return func(r *request) answer {
		if r.query.Has("limit") {
			return t.fail(nullReference())
		}
		return read(r)
	}
}

// detailExtra computes what a read detail row shows beyond what was stored.
func (t *Tenant) detailExtra(b *batch, d row) map[string]any {
	extra := map[string]any{"FunctionalCurrencyCode": t.opt.company(b.company()).Currency}
	if a := t.account(d["Account"]); a != nil {
		extra["AccountName"], extra["GlobalAccount"], extra["AccountType"] = a.Name, "Y", int(a.Type)
	}
	w1, w2, w3 := strings.TrimSpace(d["WBS1"]), strings.TrimSpace(d["WBS2"]), strings.TrimSpace(d["WBS3"])
	if p := t.project(w1, "", ""); p != nil {
		extra["WBS1Name"], extra["ChargeType"] = p.Name, firstOf(p.ChargeType, "R")
		extra["Org"], extra["WBS2Level"] = t.org(w1, w2, w3), yesNo(t.sublevels(*p))
		extra["WBS3Level"] = "N"
	}
	if p := t.project(w1, w2, ""); p != nil && w2 != "" {
		extra["WBS2Name"], extra["WBS3Level"] = p.Name, yesNo(t.sublevels(*p))
	}
	if p := t.project(w1, w2, w3); p != nil && w3 != "" {
		extra["WBS3Name"] = p.Name
	}
	var debit, credit dec
	for _, x := range records(b.taxes, "PKey", d["PKey"]) {
		debit += x.amount("TaxDebitAmount")
		credit += x.amount("TaxCreditAmount")
	}
	extra["TotalTaxDebit"], extra["TotalTaxCredit"] = debit, credit
	return extra
}

func yesNo(yes bool) string {
	if yes {
		return "Y"
	}
	return "N"
}

// readBatch finds the batches under the name in the path and answers what rows makes of them.
func (t *Tenant) readBatch(doc *docType, rows func(*request, *batch) []obj) func(*request) answer {
	return func(r *request) answer {
		name := r.params["batch"]
		found := t.find(r, doc, name)
		if before, _, cut := strings.Cut(name, "|"); found == nil && cut {
			found = t.find(r, doc, before)
		}
		var list []obj
		for _, b := range found {
			list = append(list, rows(r, b)...)
		}
		if len(found) == 0 {
			return t.notFound(r)
		}
		return t.list(r, list, !t.opt.Quirks.NoFilterHash)
	}
}

// landing is GET DataEntry/{xx}Landing, and allLanding where doc is nil.
func (t *Tenant) landing(doc *docType) func(*request) answer {
	return func(r *request) answer {
		list := []obj{}
		for _, b := range t.batches {
			gone := b.deleted || (b.posted && t.opt.Quirks.PurgePosted)
			if gone || (doc != nil && b.doc != doc) || !same(b.company(), t.state(r).company) {
				continue
			}
			if doc != nil {
				list = append(list, t.landingObj(r, b))
				continue
			}
			for _, rec := range t.records(b) {
				list = append(list, append(t.landingObj(r, b),
					member{"RefNo", rec.key}, member{"TransDate", rec.date + "T00:00:00.000"}, member{"Total", b.control.amount("Total")},
					member{"CurrencyCode", rec.currency}, member{"Posted", yesNo(b.posted)}, member{"EntryAccess", "Y"}, member{"PostAccess", "Y"}))
			}
		}
		return t.list(r, list, !t.opt.Quirks.NoFilterHash)
	}
}

func (t *Tenant) landingObj(r *request, b *batch) obj {
	period, _ := strconv.Atoi(b.control["Period"])
	status, postStatus, shown := "N", "", fmt.Sprintf("%02d/%04d", period%100, period/100)
	if len(b.masters) > 0 {
		status = b.masters[0]["Status"]
	}
	if b.posted {
		postStatus = "P"
	}
	if b.control["Recurring"] == "Y" {
		shown = "Recurring"
	}
	return obj{
		{"Description", b.control["Description"]},
		{"Creator", b.control["Creator"]},
		{"EndDate", b.control["EndDate"]},
		{"ApprovalStatus", status},
		{"ApprovalStatusDesc", r.who.text(statusText(status))},
		{"TransType", b.doc.trans},
		{"Batch", b.name()},
		{"Company", b.control["Company"]},
		{"Period", shown},
		{"RawPeriod", period},
		{"PostStatus", postStatus},
		{"PostStatusDesc", ""},
		{"PostComment", ""},
		{"PostDate", b.postDate},
		{"PostUser", b.postUser},
		{"PostSeq", b.seq},
		{"TransListReportPath", "/Standard/TransactionList/TranList" + b.doc.trans},
		{"PostLogReportPath", ""},
		{"PostLogReportName", ""},
		{"AutoPost", ""},
		{"RecurSchedule", b.control["RecurSchedule"]},
		{"Reverse", b.control["Reverse"]},
		{"Reversed", ""},
		{"Recurring", b.control["Recurring"]},
	}
}
