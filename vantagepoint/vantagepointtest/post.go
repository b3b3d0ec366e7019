package vantagepointtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ledgerRow is one posted line.
type ledgerRow struct {
	Period        int    `json:"period"`
	PostSeq       int    `json:"postSeq"`
	PostDate      string `json:"postDate"`
	PKey          string `json:"pkey"`
	TransType     string `json:"transType"`
	Batch         string `json:"batch"`
	RefNo         string `json:"refNo"` // without leading zeros, unlike the entry
	TransDate     string `json:"transDate"`
	Desc1         string `json:"desc1"` // the record's
	Desc2         string `json:"desc2"` // the line's
	Account       string `json:"account"`
	WBS1          string `json:"wbs1"`
	WBS2          string `json:"wbs2"`
	WBS3          string `json:"wbs3"`
	Org           string `json:"org"`
	Amount        dec    `json:"amount"` // debit positive
	Currency      string `json:"currency"`
	Auto          bool   `json:"auto"`
	Bank          string `json:"bank"`
	Invoice       string `json:"invoice"`
	Vendor        string `json:"vendor"`
	Voucher       string `json:"voucher"`
	Company       string `json:"company"`
	SourcePKey    string `json:"sourcePKey"`
	AutoOverheads bool   `json:"autoOverhead,omitempty"` // the project was filled in
}

// parms is one order to post.
type parms struct {
	Batch       string `json:"batch"`
	Company     string `json:"clientcompany"`
	Description string `json:"description"`
	Period      string `json:"period"`
	TransType   string `json:"transtype"`
}

// postTransFile is PUT DataEntry/PostTransFile, with one order or an array of them.
func (t *Tenant) postTransFile(r *request) answer {
	type order struct {
		Parms *parms `json:"parms"`
	}
	var orders []order
	if strings.HasPrefix(strings.TrimSpace(string(r.body)), "[") {
		if p := decode(r, &orders); p != nil {
			return t.fail(p)
		}
	} else {
		orders = make([]order, 1)
		if p := decode(r, &orders[0]); p != nil {
			return t.fail(p)
		}
	}
	var types, batches, rets, periods, seqs, messages []string
	for _, o := range orders {
		if o.Parms == nil {
			return t.fail(nullReference())
		}
		result := t.post(r, *o.Parms)
		if result.ret == "0" && t.opt.Quirks.PostFailureStatus != 0 {
			return t.fail(&problem{t.opt.Quirks.PostFailureStatus, result.message})
		}
		types, batches = append(types, o.Parms.TransType), append(batches, o.Parms.Batch)
		rets, periods = append(rets, result.ret), append(periods, o.Parms.Period)
		seqs, messages = append(seqs, result.seq), append(messages, result.message)
	}
	comma := "" // Deltek's own sample has none here
	if t.opt.Quirks.ValidPostAnswer {
		comma = ","
	}
	join := func(list []string) []byte { return appendString(nil, strings.Join(list, "|")) }
	text := fmt.Sprintf("{\r\n    \"typeList\": %s%s\r\n    \"batchList\": %s,\r\n    \"retList\": %s,\r\n    \"periodList\": %s,\r\n"+
		"    \"postseqList\": %s,\r\n    \"msg\": %s\r\n}", join(types), comma, join(batches), join(rets), join(periods), join(seqs), appendString(nil, strings.Join(messages, "[CRLF]")))
	return answer{http.StatusOK, http.Header{"Content-Type": {jsonType}}, appendString(nil, text)}
}

type postResult struct{ ret, seq, message string }

// post posts one batch, whole or not at all.
func (t *Tenant) post(r *request, p parms) postResult {
	doc := t.types[strings.ToLower(p.TransType)]
	if doc == nil {
		return postResult{"0", "0", fmt.Sprintf("%s file %s; 0 of 0 records posted; there is no such transaction type", p.TransType, p.Batch)}
	}
	var b *batch
	for _, candidate := range t.find(r, doc, p.Batch) {
		if b == nil || b.posted {
			b = candidate
		}
	}
	failed := func(reason string) postResult {
		n := 0
		if b != nil {
			n = len(b.masters)
		}
		return postResult{"0", "0", fmt.Sprintf("%s file %s; 0 of %d records posted; %s", doc.label, p.Batch, n, reason)}
	}
	if b == nil {
		return failed("the file does not exist in the active company")
	}
	if reason := t.postRefusal(r, b, p); reason != "" {
		return failed(reason)
	}
	period, _ := strconv.Atoi(p.Period)
	e := event{Event: "post", Index: t.index(b), Period: period, Seq: t.postSeq + 1}
	e.Ledger = t.ledgerRows(b, e.Period, e.Seq)
	if problem := t.commit(r, e); problem != nil {
		return failed(problem.message)
	}
	n := len(b.masters)
	return postResult{"1", strconv.Itoa(e.Seq), fmt.Sprintf("%s file %s; %d of %d records posted; Posting sequence %d", doc.label, p.Batch, n, n, e.Seq)}
}

func (t *Tenant) postRefusal(r *request, b *batch, p parms) string {
	switch {
	case b.posted:
		return "the file is posted already"
	case !same(p.Company, b.company()):
		return "the file belongs to another company"
	case p.Period != b.control["Period"]:
		return "the file belongs to period " + b.control["Period"]
	}
	period, _ := strconv.Atoi(p.Period)
	if known := t.opt.period(period); known == nil {
		return "period " + p.Period + " does not exist"
	} else if known.Closed && !r.who.user.ClosedPeriods {
		return "period " + p.Period + " is closed"
	}
	return t.refusal(b)
}

// ledgerRows are the rows that a posting makes.
func (t *Tenant) ledgerRows(b *batch, period, seq int) []ledgerRow {
	var rows []ledgerRow
	for _, rec := range t.records(b) {
		for _, l := range rec.lines {
			row := ledgerRow{
				Period: period, PostSeq: seq, PostDate: t.now().Format(dateTime), PKey: t.newKey(), TransType: b.doc.trans,
				Batch: b.name(), RefNo: strings.TrimLeft(rec.key, "0"), TransDate: rec.date + "T00:00:00.000",
				Desc1: rec.description, Desc2: l.description, Account: l.account, WBS1: l.wbs1, WBS2: l.wbs2, WBS3: l.wbs3,
				Amount: l.amount, Currency: rec.currency, Auto: l.auto, Bank: l.bank, Invoice: l.invoice, Vendor: l.vendor,
				Voucher: rec.voucher, Company: b.company(), SourcePKey: l.pkey,
			}
			if a := t.account(l.account); a != nil && a.Type == Indirect && l.wbs1 == "" && t.opt.OverheadProject != "" {
				row.WBS1, row.AutoOverheads = t.opt.OverheadProject, true
			}
			row.Org = t.org(row.WBS1, row.WBS2, row.WBS3)
			rows = append(rows, row)
		}
	}
	return rows
}

// psaLedger is GET PSALedger/{TransType}. It answers 500 to limit, takes q.maxrows, and narrows by filterHash only.
func (t *Tenant) psaLedger(r *request) answer {
	if r.query.Has("limit") {
		return t.fail(nullReference())
	}
	list := []obj{}
	for _, l := range t.postings {
		if !strings.EqualFold(l.TransType, r.params["type"]) || !same(l.Company, t.state(r).company) {
			continue
		}
		blank := func(s string) string { return cmp.Or(s, " ") }
		list = append(list, obj{
			{"Period", l.Period},
			{"PostSeq", l.PostSeq},
			{"PostDate", l.PostDate},
			{"PKey", l.PKey},
			{"Batch", l.Batch},
			{"WBS1", blank(l.WBS1)},
			{"WBS2", blank(l.WBS2)},
			{"WBS3", blank(l.WBS3)},
			{"Account", l.Account},
			{"Org", l.Org},
			{"TransType", l.TransType},
			{"SubType", ""},
			{"RefNo", l.RefNo},
			{"TransDate", l.TransDate},
			{"Desc1", l.Desc1},
			{"Desc2", l.Desc2},
			{"Amount", l.Amount},
			{"CBAmount", dec(0)},
			{"AutoEntry", yesNo(l.Auto)},
			{"SkipGL", "N"},
			{"SuppressBill", "N"},
			{"BankCode", l.Bank},
			{"Invoice", l.Invoice},
			{"Vendor", l.Vendor},
			{"Voucher", l.Voucher},
			{"TransactionAmount", l.Amount},
			{"TransactionCurrencyCode", " "},
			{"AmountProjectCurrency", l.Amount},
			{"LinkCompany", ""},
		})
	}
	if n := positive(r.query.Get("q.maxrows")); n > 0 {
		// q.maxrows cuts what the filter left, so it must come behind it.
		r.query.Set("pageSize", strconv.Itoa(n))
		r.query.Del("page")
		r.query.Del("offset")
	}
	return t.list(r, slices.Clip(list), true)
}

// glSummary is GET GLSummary?sumColumns=…&groupBy=…: the posted ledger, summed. Its columns are inferred.
func (t *Tenant) glSummary(r *request) answer {
	groups := strings.FieldsFunc(r.query.Get("groupBy"), func(c rune) bool { return c == ',' || c == ' ' })
	if len(groups) == 0 {
		groups = []string{"Account"}
	}
	list := []obj{}
	for _, l := range t.postings {
		if !same(l.Company, t.state(r).company) {
			continue
		}
		all := obj{{"Account", l.Account}, {"Period", l.Period}, {"WBS1", l.WBS1}, {"Org", l.Org}, {"TransType", l.TransType}}
		var key obj
		for _, g := range groups {
			if v := all.get(g); v != nil {
				key = append(key, member{g, v})
			}
		}
		i := slices.IndexFunc(list, func(o obj) bool { return slices.Equal(o[:len(o)-1], key) })
		if i < 0 {
			i, list = len(list), append(list, append(key, member{"Amount", dec(0)}))
		}
		last := &list[i][len(list[i])-1]
		last.value = last.value.(dec) + l.Amount
	}
	return t.list(r, list, true)
}
