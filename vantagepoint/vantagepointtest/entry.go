package vantagepointtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	filesOnly   = "Transaction files are in use: create and change the whole file, not one record."
	noFilesOnly = "Transaction files are not in use: create and change one record, not a file."
)

// createControl is POST DataEntry/{xx}Control: a whole batch at once.
func (t *Tenant) createControl(doc *docType) func(*request) answer {
	return func(r *request) answer {
		if t.opt.NoFiles {
			return t.fail(badRequest(noFilesOnly))
		}
		object, p := body(r)
		if p != nil {
			return t.fail(p)
		}
		b := &batch{doc: doc}
		if p := t.readChildren(b, object); p != nil {
			return t.fail(p)
		}
		if b.control, p = t.readControl(r, doc, object, nil); p != nil {
			return t.fail(p)
		}
		if p := t.create(r, b); p != nil {
			return t.fail(p)
		}
		return t.created(r, t.opt.Path+"/DataEntry/"+doc.control.name+"/"+url.PathEscape(b.name()), t.controlObj(b))
	}
}

// create checks a new batch as a whole and stores it, balanced or not.
func (t *Tenant) create(r *request, b *batch) *problem {
	if p := t.checkBatch(b); p != nil {
		return p
	}
	if t.taken(b.doc, b.name()) && !t.opt.Quirks.AcceptDuplicates {
		return &problem{t.opt.Quirks.DuplicateStatus, "Record " + b.name() + " already exists and cannot be added"}
	}
	return t.commit(r, event{
		Event: "create", Index: len(t.batches), Type: b.doc.prefix,
		Control: b.control, Master: b.masters, Detail: b.details, Tax: b.taxes,
	})
}

// readChildren reads the nested rows of a new batch.
func (t *Tenant) readChildren(b *batch, object map[string]any) (p *problem) {
	read := func(tb *table) (rows []row) {
		if tb == nil || p != nil {
			return nil
		}
		var list []map[string]any
		if list, p = children(object, tb.name); p != nil {
			return nil
		}
		for _, item := range list {
			var one row
			if one, p = t.input(tb, item, nil); p != nil {
				return nil
			}
			t.fill(b.doc, tb, one)
			rows = append(rows, one)
		}
		return rows
	}
	b.masters, b.details, b.taxes = read(b.doc.master), read(b.doc.detail), read(b.doc.tax)
	return p
}

// fill sets what the server sets by itself in a child row.
func (t *Tenant) fill(doc *docType, tb *table, r row) {
	if f := tb.field("PKey"); f != nil && r["PKey"] == "" && tb == doc.detail {
		r["PKey"] = t.newKey()
	}
	if tb == doc.master {
		r["Posted"] = "N" // whatever was sent
		if r["Status"] == "" {
			r["Status"] = "N"
		}
		if tb.field("Voucher") != nil && r["Voucher"] == "" {
			t.serial++
			r["Voucher"] = pad(strconv.Itoa(t.serial), t.opt.RefnoLength)
		}
	}
}

// readControl reads a control row and completes it from the session.
func (t *Tenant) readControl(r *request, doc *docType, object map[string]any, old row) (row, *problem) {
	state := t.state(r)
	if old == nil {
		var missing []string
		for name, value := range map[string]any{"Period": json.Number(strconv.Itoa(state.period)), "Company": state.company, "Creator": r.who.user.Name} {
			if sent, ok := object[name]; ok && sent != nil && sent != "" {
				continue
			}
			missing = append(missing, fmt.Sprintf("Please provide a %s for table %s", name, doc.control.name))
			object[name] = value
		}
		if t.opt.Quirks.RequireHeader && missing != nil {
			slices.Sort(missing)
			return nil, badRequest(strings.Join(missing, "<BR/>"))
		}
	}
	control, p := t.input(doc.control, object, old)
	if p != nil {
		return nil, p
	}
	control["Posted"] = "N"
	if t.opt.company(control["Company"]) == nil {
		return nil, badRequest("Company " + control["Company"] + " does not exist")
	}
	if !same(control["Company"], state.company) {
		return nil, badRequest("Company " + control["Company"] + " is not the active company")
	}
	period, _ := strconv.Atoi(control["Period"])
	if t.opt.period(period) == nil {
		return nil, badRequest("Period " + control["Period"] + " does not exist")
	}
	return control, nil
}

// checkBatch checks how the rows of a batch hang together, and what they name.
func (t *Tenant) checkBatch(b *batch) *problem {
	company := t.opt.company(b.company())
	if auto := t.opt.AutoPosting; (b.doc.prefix == "in" && auto.Receivable == "") || (b.doc.prefix == "ap" && auto.Payable == "") {
		return nullReference() // a tenant that is not set up for this type
	}
	seen := map[string]bool{}
	for _, m := range b.masters {
		key := m[b.doc.record]
		if !same(m["Batch"], b.name()) {
			return nullReference()
		}
		if seen[strings.ToUpper(key)] {
			return &problem{t.opt.Quirks.DuplicateStatus, "Record " + key + " already exists and cannot be added"}
		}
		seen[strings.ToUpper(key)] = true
		m["Batch"] = b.name()
		if p := t.checkMaster(b, m, company); p != nil {
			return p
		}
	}
	keys := map[string]bool{}
	for _, d := range b.details {
		key := strings.ToUpper(d["PKey"])
		if !same(d["Batch"], b.name()) || !seen[strings.ToUpper(d[b.doc.record])] {
			return nullReference() // a detail without its record
		}
		if keys[key] {
			return &problem{t.opt.Quirks.DuplicateStatus, "Record " + d["PKey"] + " already exists and cannot be added"}
		}
		keys[key] = true
		d["Batch"] = b.name()
		if p := t.checkDetail(b, d); p != nil {
			return p
		}
	}
	for _, x := range b.taxes {
		if !same(x["Batch"], b.name()) || (b.doc.detail.field("PKey") != nil && b.doc.tax.field("PKey") != nil && !keys[strings.ToUpper(x["PKey"])]) {
			return nullReference()
		}
		x["Batch"] = b.name()
		if t.taxCode(x["TaxCode"]) == nil {
			return badRequest("Tax Code " + x["TaxCode"] + " does not exist")
		}
	}
	if _, err := t.sums(b); err != nil {
		return badRequest(err.Error())
	}
	if t.opt.Quirks.StrictEntry {
		if reason := t.refusal(b); reason != "" {
			return badRequest(reason)
		}
	}
	return nil
}

// checkMaster resolves what a master row names, and overwrites what the tenant knows better.
func (t *Tenant) checkMaster(b *batch, m row, company *Company) *problem {
	currency := company.Currency
	if code, ok := m["BankCode"]; ok && code != "" {
		bank := t.opt.bank(code)
		if bank == nil || (bank.Company != "" && !same(bank.Company, company.Code)) {
			return badRequest("Bank Code " + code + " does not exist")
		}
		if bank.Currency != "" {
			currency = bank.Currency
		}
	}
	if sent, ok := m["CurrencyCode"]; ok {
		// The bank's currency wins over the caller's, and so does the company's where only one is kept.
		if sent == "" || !t.opt.MultiCurrency || m["BankCode"] != "" {
			m["CurrencyCode"] = currency
		}
	}
	if b.doc.prefix == "in" {
		if p := t.checkProject(m); p != nil {
			return p
		}
	}
	if b.doc.prefix == "ap" && len(t.hubs["firm"].find("Vendor", m["Vendor"])) == 0 {
		return badRequest("Vendor " + m["Vendor"] + " does not exist")
	}
	return nil
}

func (t *Tenant) checkDetail(b *batch, d row) *problem {
	if d["Account"] != "" && t.account(d["Account"]) == nil {
		return badRequest("Account " + d["Account"] + " does not exist")
	}
	if d["Account"] == "" && (b.doc.prefix != "cr" || d["Invoice"] == "" || t.opt.AutoPosting.Receivable == "") {
		return badRequest("Please provide a Account for table " + b.doc.detail.name)
	}
	if code := d["TaxCode"]; code != "" && t.taxCode(code) == nil {
		return badRequest("Tax Code " + code + " does not exist")
	}
	return t.checkProject(d)
}

func (t *Tenant) checkProject(r row) *problem {
	w1, w2, w3 := strings.TrimSpace(r["WBS1"]), strings.TrimSpace(r["WBS2"]), strings.TrimSpace(r["WBS3"])
	if w1+w2+w3 != "" && t.project(w1, w2, w3) == nil {
		return badRequest("Project " + strings.TrimRight(w1+" "+w2+" "+w3, " ") + " does not exist")
	}
	return nil
}

// deleteControl is DELETE DataEntry/{xx}Control/{Batch}, for batches that are not posted.
func (t *Tenant) deleteControl(doc *docType) func(*request) answer {
	return func(r *request) answer {
		found := t.find(r, doc, r.params["batch"])
		switch {
		case t.opt.Quirks.NoDelete:
			return t.fail(&problem{http.StatusMethodNotAllowed, "The requested resource does not support http method 'DELETE'."})
		case len(found) == 0:
			return t.fail(&problem{http.StatusNotFound, "Record not found"})
		case found[0].posted:
			return t.fail(badRequest("Record " + found[0].name() + " is posted and cannot be deleted"))
		}
		if p := t.commit(r, event{Event: "delete", Index: t.index(found[0])}); p != nil {
			return t.fail(p)
		}
		return answer{status: http.StatusOK, header: http.Header{}}
	}
}
