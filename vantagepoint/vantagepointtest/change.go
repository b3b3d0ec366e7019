package vantagepointtest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// updateControl is PUT DataEntry/{xx}Control/{Batch}: only what is sent changes. Nested rows are matched by their keys;
// rows that are not there yet are added. The answer lacks the computed columns, so a caller must read again.
func (t *Tenant) updateControl(doc *docType) func(*request) answer {
	return func(r *request) answer {
		if t.opt.NoFiles {
			return t.fail(badRequest(noFilesOnly))
		}
		object, p := body(r)
		if p != nil {
			return t.fail(p)
		}
		b, p := t.editable(r, doc, r.params["batch"])
		if p != nil {
			return t.fail(p)
		}
		changed := b.copy()
		if p := t.mergeChildren(changed, object); p != nil {
			return t.fail(p)
		}
		if changed.control, p = t.readControl(r, doc, object, b.control); p != nil {
			return t.fail(p)
		}
		if p := t.replace(r, b, changed); p != nil {
			return t.fail(p)
		}
		bare := slices.DeleteFunc(t.controlObj(b), func(m member) bool { return doc.control.field(m.name).computed })
		return t.rows(r, []obj{bare})
	}
}

// createMaster is POST DataEntry/{xx}Master/{Batch}|{RefNo}, the way without files: details are nested in the master, and
// company and period come from the session.
func (t *Tenant) createMaster(doc *docType) func(*request) answer {
	return func(r *request) answer {
		object, p := t.record(r)
		if p != nil {
			return t.fail(p)
		}
		name, ref, ok := strings.Cut(r.params["batch"], "|")
		if !ok || name == "" || ref == "" {
			return t.fail(nullReference())
		}
		b := &batch{doc: doc}
		object["Batch"], object[doc.record] = name, ref
		if p := t.readNested(b, object); p != nil {
			return t.fail(p)
		}
		m := b.masters[0]
		control := map[string]any{
			"Batch": name, "EndDate": m["TransDate"], "Description": cut(firstOf(m["Description"], m["TransComment"]), 40),
		}
		if b.control, p = t.readControl(r, doc, control, nil); p != nil {
			return t.fail(p)
		}
		if p := t.ownTotals(b); p != nil {
			return t.fail(p)
		}
		if p := t.create(r, b); p != nil {
			return t.fail(p)
		}
		return t.created(r, t.opt.Path+"/DataEntry/"+doc.master.name+"/"+url.PathEscape(name+"|"+m[doc.record]),
			doc.master.obj(b.masters[0], map[string]any{"StatusDescription": r.who.text(statusText(m["Status"]))}))
	}
}

// ownTotals sets the control totals of a batch without files: nobody states them, so the server's own are the sums.
func (t *Tenant) ownTotals(b *batch) *problem {
	s, err := t.sums(b)
	if err != nil {
		return badRequest(err.Error())
	}
	totals := map[string]dec{"Total": s.total, "CreditsTotal": s.credit, "RetTotal": s.ret}
	if b.doc.prefix == "je" {
		totals["Total"] = s.debit
	}
	for name, total := range totals {
		if b.doc.control.field(name) != nil {
			b.control[name] = total.text(0)
		}
	}
	return nil
}

// readNested reads a master that holds its own details.
func (t *Tenant) readNested(b *batch, object map[string]any) *problem {
	name, ref := object["Batch"], object[b.doc.record]
	for _, tb := range []*table{b.doc.detail, b.doc.tax} {
		if tb == nil {
			continue
		}
		list, _ := object[tb.name].([]any)
		for _, item := range list {
			// What a nested row repeats of its master's key does not matter: it stands inside.
			if child, ok := item.(map[string]any); ok {
				child["Batch"] = name
				if tb.field(b.doc.record) != nil {
					child[b.doc.record] = ref
				}
			}
		}
	}
	whole := map[string]any{b.doc.detail.name: object[b.doc.detail.name], b.doc.master.name: []any{object}}
	delete(object, b.doc.detail.name)
	if b.doc.tax != nil {
		whole[b.doc.tax.name] = object[b.doc.tax.name]
		delete(object, b.doc.tax.name)
	}
	return t.readChildren(b, whole)
}

// record returns the one record of a write without files, which a tenant that works with files refuses.
func (t *Tenant) record(r *request) (map[string]any, *problem) {
	if !t.opt.NoFiles {
		return nil, badRequest(filesOnly)
	}
	return body(r)
}

// updateMaster is PUT DataEntry/{xx}Master/{Batch}|{RefNo}: one record's own columns and details, without files.
func (t *Tenant) updateMaster(doc *docType) func(*request) answer {
	return func(r *request) answer {
		object, p := t.record(r)
		if p != nil {
			return t.fail(p)
		}
		name, ref, _ := strings.Cut(r.params["batch"], "|")
		b, p := t.editable(r, doc, name)
		if p != nil {
			return t.fail(p)
		}
		i := slices.IndexFunc(b.masters, func(m row) bool { return t.sameRef(doc, m[doc.record], ref) })
		if i < 0 {
			return t.fail(&problem{http.StatusNotFound, "Record not found"})
		}
		details, p := children(object, doc.detail.name)
		if p != nil {
			return t.fail(p)
		}
		changed := b.copy()
		if changed.masters[i], p = t.input(doc.master, object, b.masters[i]); p != nil {
			return t.fail(p)
		}
		t.fill(doc, doc.master, changed.masters[i])
		for _, d := range details {
			d["Batch"], d[doc.record] = b.name(), b.masters[i][doc.record]
		}
		if changed.details, p = t.merge(doc, doc.detail, changed.details, details); p != nil {
			return t.fail(p)
		}
		if p := t.ownTotals(changed); p != nil {
			return t.fail(p)
		}
		if p := t.replace(r, b, changed); p != nil {
			return t.fail(p)
		}
		return t.rows(r, []obj{doc.master.obj(b.masters[i], nil)})
	}
}

// editable finds the batch that a change means.
func (t *Tenant) editable(r *request, doc *docType, name string) (*batch, *problem) {
	found := t.find(r, doc, name)
	if len(found) == 0 {
		return nil, &problem{http.StatusNotFound, "Record not found"}
	}
	if found[0].posted {
		return nil, badRequest("Record " + found[0].name() + " is posted and cannot be changed")
	}
	return found[0], nil
}

// replace checks a changed batch as a whole and stores it in the place of the old one.
func (t *Tenant) replace(r *request, b, changed *batch) *problem {
	if !same(changed.name(), b.name()) {
		return badRequest("Record " + b.name() + " cannot be renamed")
	}
	if p := t.checkBatch(changed); p != nil {
		return p
	}
	return t.commit(r, event{
		Event: "replace", Index: t.index(b), Control: changed.control, Master: changed.masters, Detail: changed.details, Tax: changed.taxes,
	})
}

func (t *Tenant) mergeChildren(b *batch, object map[string]any) *problem {
	for _, c := range []struct {
		tb   *table
		rows *[]row
	}{{b.doc.master, &b.masters}, {b.doc.detail, &b.details}, {b.doc.tax, &b.taxes}} {
		if c.tb == nil {
			continue
		}
		sent, p := children(object, c.tb.name)
		if p != nil {
			return p
		}
		if *c.rows, p = t.merge(b.doc, c.tb, *c.rows, sent); p != nil {
			return p
		}
	}
	return nil
}

// merge changes the rows whose keys were sent and adds the others. Rows tagged _transType "D" go.
func (t *Tenant) merge(doc *docType, tb *table, rows []row, sent []map[string]any) ([]row, *problem) {
	for _, object := range sent {
		i := slices.IndexFunc(rows, func(r row) bool { return t.sameKey(tb, r, object) })
		if object["_transType"] == "D" {
			if i >= 0 {
				rows = slices.Delete(rows, i, i+1)
			}
			continue
		}
		var old row
		if i >= 0 {
			old = rows[i]
		}
		changed, p := t.input(tb, object, old)
		if p != nil {
			return nil, p
		}
		t.fill(doc, tb, changed)
		if i >= 0 {
			rows[i] = changed
		} else {
			rows = append(rows, changed)
		}
	}
	return rows, nil
}

// sameKey compares the key columns that were sent with those of a row.
func (t *Tenant) sameKey(tb *table, r row, object map[string]any) bool {
	for i := range tb.fields {
		f := &tb.fields[i]
		if !f.key {
			continue
		}
		sent, ok := object[f.name].(string)
		if !ok {
			return false
		}
		if f.padded {
			sent = pad(sent, f.max)
		}
		if !same(strings.TrimSpace(r[f.name]), strings.TrimSpace(sent)) {
			return false
		}
	}
	return true
}

// copy is a batch that can be changed without changing the books.
func (b *batch) copy() *batch {
	clone := func(rows []row) []row {
		out := make([]row, len(rows))
		for i, r := range rows {
			out[i] = maps.Clone(r)
		}
		return out
	}
	return &batch{doc: b.doc, control: maps.Clone(b.control), masters: clone(b.masters), details: clone(b.details), taxes: clone(b.taxes)}
}

func cut(text string, length int) string {
	r := []rune(text)
	return string(r[:min(len(r), length)])
}
