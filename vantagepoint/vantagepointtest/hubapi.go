package vantagepointtest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// objs shapes rows of a hub for an answer.
func (h *hub) objs(rows []row) []obj {
	list := []obj{}
	for _, r := range rows {
		list = append(list, h.tb.obj(r, map[string]any{"ModDate": r["ModDate"]}))
	}
	return list
}

// hubList is GET {hub}: all records, filtered and paged.
func (t *Tenant) hubList(name string) func(*request) answer {
	return func(r *request) answer {
		h := t.hubs[name]
		rows := h.rows
		if name == "project" {
			rows = projectLevel(rows, strings.ToLower(r.query.Get("wbstype")))
		}
		return t.list(r, h.objs(rows), true)
	}
}

// projectLevel keeps one level of projects: wbs1, wbs2 or wbs3; anything else keeps all.
func projectLevel(rows []row, level string) []row {
	var kept []row
	for _, r := range rows {
		p := projectOf(r)
		switch level {
		case "wbs1":
			if p.WBS2+p.WBS3 != "" {
				continue
			}
		case "wbs2":
			if p.WBS2 == "" || p.WBS3 != "" {
				continue
			}
		case "wbs3":
			if p.WBS3 == "" {
				continue
			}
		}
		kept = append(kept, r)
	}
	return kept
}

// hubRecord is GET {hub}/{Key}: an array of one. Keys of several columns are joined by |.
func (t *Tenant) hubRecord(name string) func(*request) answer {
	return func(r *request) answer {
		found := t.hubs[name].byKey(r.params["key"])
		if len(found) != 1 {
			return t.fail(&problem{http.StatusNotFound, "Record not found"})
		}
		return t.list(r, t.hubs[name].objs(found), false)
	}
}

// byKey finds records by the parts of a key. An employee of a tenant with several companies is found by the first part
// alone only where one company has that number.
func (h *hub) byKey(key string) []row {
	parts := strings.Split(key, "|")
	var columns []string
	for _, f := range h.tb.fields {
		if f.key {
			columns = append(columns, f.name)
		}
	}
	if h.name == "contact" {
		columns = columns[:1]
	}
	if len(parts) > len(columns) || strings.TrimSpace(parts[0]) == "" {
		return nil
	}
	return slices.DeleteFunc(h.find(columns[0], parts[0]), func(r row) bool {
		for i, c := range columns[1:] {
			value := ""
			if i+1 < len(parts) {
				value = parts[i+1]
			}
			open := h.name == "employee" && i+1 >= len(parts)
			if !open && !same(strings.TrimSpace(r[c]), strings.TrimSpace(value)) {
				return true
			}
		}
		return false
	})
}

// hubChildren is GET firm/{ClientID}/{child}.
func (t *Tenant) hubChildren(child string) func(*request) answer {
	return func(r *request) answer {
		if len(t.hubs["firm"].byKey(r.params["key"])) == 0 {
			return t.fail(&problem{http.StatusNotFound, "Record not found"})
		}
		h := t.hubs[child]
		return t.list(r, h.objs(h.find("ClientID", r.params["key"])), true)
	}
}

// hierarchy is GET project/hierarchy/{WBS1}: all levels of one project.
func (t *Tenant) hierarchy(r *request) answer {
	h := t.hubs["project"]
	found := h.find("WBS1", r.params["key"])
	if len(found) == 0 {
		return t.fail(&problem{http.StatusNotFound, "Record not found"})
	}
	return t.list(r, h.objs(found), true)
}

// hubWrite is POST {hub} and PUT {hub}/{Key}.
func (t *Tenant) hubWrite(name string, isNew bool) func(*request) answer {
	return func(r *request) answer {
		h := t.hubs[name]
		object, p := body(r)
		if p != nil {
			return t.fail(p)
		}
		var nested []map[string]any
		if h.child != "" {
			if nested, p = children(object, t.hubs[h.child].tb.name); p != nil {
				return t.fail(p)
			}
		}
		var old row
		if !isNew {
			key := r.params["key"]
			if key == "" { // vision/Accounts has the key in the body
				key, _ = object["Account"].(string)
			}
			found := h.byKey(key)
			if len(found) == 0 {
				return t.fail(&problem{http.StatusNotFound, "Record not found"})
			}
			old = found[0]
		}
		changes, p := t.hubRows(h, object, nested, old)
		if p != nil {
			return t.fail(p)
		}
		if p := t.commit(r, event{Event: "hub", Hub: changes}); p != nil {
			return t.fail(p)
		}
		out := h.objs([]row{changes[0].Row})[0]
		if !isNew { // the record that PUT returns lacks computed columns
			return t.rows(r, []obj{slices.DeleteFunc(out, func(m member) bool { return h.tb.field(m.name).computed })})
		}
		return t.created(r, t.opt.Path+"/"+name+"/"+url.PathEscape(changes[0].Row[h.tb.fields[0].name]), out)
	}
}

// hubRows checks a written record and its nested rows, the record first.
func (t *Tenant) hubRows(h *hub, object map[string]any, nested []map[string]any, old row) ([]hubChange, *problem) {
	one, p := t.input(h.tb, object, old)
	if p != nil {
		return nil, p
	}
	for _, f := range h.tb.fields {
		if f.key && old != nil {
			one[f.name] = old[f.name] // keys do not change
		}
	}
	if p := t.hubRules(h, one, old); p != nil {
		return nil, p
	}
	now := t.now().Format(dateTime)
	one["ModDate"] = now
	changes := []hubChange{{h.name, one}}
	for _, item := range nested {
		child := t.hubs[h.child]
		item["ClientID"] = one["ClientID"]
		kind, _ := item["_transType"].(string)
		var before row
		if i := child.index(row{"ClientID": one["ClientID"], "Address": fmt.Sprint(item["Address"])}); i >= 0 {
			before = child.rows[i]
		}
		if kind != "I" && kind != "U" || (kind == "U" && before == nil) {
			return nil, nullReference() // deleting addresses is not modelled
		}
		r, p := t.input(child.tb, item, before)
		if p != nil {
			return nil, p
		}
		if country := r["Country"]; country != "" && !slices.ContainsFunc(t.countries(), func(c Code) bool { return c.Code == country }) {
			return nil, badRequest("Country Code " + country + " does not exist")
		}
		r["ModDate"] = now
		changes = append(changes, hubChange{child.name, r})
	}
	return changes, nil
}

// countries is the code table of countries; a tenant without one of its own knows a few.
func (t *Tenant) countries() []Code {
	if list, ok := t.opt.CodeTables["CFGCountry"]; ok {
		return list
	}
	return []Code{{"CA", "Canada"}, {"DE", "Germany"}, {"GB", "United Kingdom"}, {"US", "United States"}}
}

// hubRules are the rules of single hubs.
func (t *Tenant) hubRules(h *hub, r, old row) (p *problem) {
	format := func(column string, f KeyFormat) {
		if p == nil {
			r[column], p = f.apply(r[column])
		}
	}
	switch h.name {
	case "firm":
		if r["ClientID"] == "" {
			r["ClientID"] = t.newKey()
		}
		format("Client", t.opt.Formats.Client)
		format("Vendor", t.opt.Formats.Vendor)
		if p != nil {
			return p
		}
		var twice []string
		for _, c := range []struct{ column, label string }{{"Client", "Firm Number"}, {"Vendor", "Vendor Number"}} {
			for _, other := range h.find(c.column, r[c.column]) {
				if r[c.column] != "" && !same(other["ClientID"], r["ClientID"]) {
					twice = append(twice, c.label+" already exists: "+r[c.column])
				}
			}
		}
		if twice != nil {
			return &problem{t.opt.Quirks.DuplicateStatus, strings.Join(twice, "<BR/>")}
		}
	case "account":
		format("Account", t.opt.Formats.Account)
		if p != nil {
			return p
		}
	case "taxcode":
		if old == nil && h.index(r) >= 0 {
			return &problem{t.opt.Quirks.DuplicateStatus, "Tax Code " + r["Code"] + " already exists"}
		}
	case "project":
		if strings.TrimSpace(r["Org"]) == "" {
			return badRequest("Organization is required")
		}
		r["ChargeType"], r["Status"] = firstOf(r["ChargeType"], "R"), firstOf(r["Status"], "A")
	}
	if old == nil && h.index(r) >= 0 {
		return &problem{t.opt.Quirks.DuplicateStatus, "Record " + r[h.tb.fields[0].name] + " already exists and cannot be added"}
	}
	return nil
}

// codeTable is GET codeTable/{table} and metadata/codeTable/{table}.
func (t *Tenant) codeTable(r *request) answer {
	codes, ok := t.opt.CodeTables[r.params["table"]]
	if strings.EqualFold(r.params["table"], "CFGCountry") {
		codes, ok = t.countries(), true
	}
	if !ok {
		return t.notFound(r)
	}
	list := []obj{}
	for _, c := range codes {
		list = append(list, obj{{"Code", c.Code}, {"Description", r.who.text(c.Description)}})
	}
	return t.list(r, list, true)
}

// invokeCustom is POST Utilities/InvokeCustom/{Name}: an XML document inside a JSON string.
func (t *Tenant) invokeCustom(r *request) answer {
	object, p := body(r)
	if p != nil {
		return t.fail(p)
	}
	parameters := map[string]string{}
	for name, value := range object {
		parameters[name] = fmt.Sprint(value)
	}
	procedure := t.opt.Procedures[r.params["name"]]
	if procedure == nil {
		return t.fail(&problem{http.StatusInternalServerError, "Could not find stored procedure 'DeltekStoredProc" + r.params["name"] + "'."})
	}
	document, err := procedure(parameters)
	if err != nil {
		return t.fail(&problem{http.StatusInternalServerError, err.Error()})
	}
	return answer{http.StatusOK, http.Header{"Content-Type": {jsonType}}, appendString(nil, document)}
}

// userHub is GET UDIC/{Name} and UDIC/{Name}/{Key}.
func (t *Tenant) userHub(r *request) answer {
	records, ok := t.opt.UserHubs[r.params["name"]]
	if !ok {
		return t.notFound(r)
	}
	key, one := r.params["key"]
	list := []obj{}
	for _, record := range records {
		if one && !same(record["UDIC_UID"], key) {
			continue
		}
		var o obj
		for _, name := range slices.Sorted(maps.Keys(record)) {
			o = append(o, member{name, record[name]})
		}
		list = append(list, o)
	}
	if one && len(list) == 0 {
		return t.fail(&problem{http.StatusNotFound, "Record not found"})
	}
	return t.list(r, list, true)
}
