package vantagepointtest

import (
	"slices"
	"strconv"
	"strings"
)

// periods is GET Settings/Period.
func (t *Tenant) periods(r *request) answer {
	list := []obj{}
	for _, p := range t.opt.Periods {
		start, end := t.fiscalYear(p)
		closed := yesNo(p.Closed)
		list = append(list, obj{
			{"Period", p.Number},
			{"FmtPeriod", fmtPeriod(p.Number)},
			{"AccountPdStart", p.Start + "T00:00:00.000"},
			{"AccountPdEnd", p.End + "T00:00:00.000"},
			{"FYStart", start + "T00:00:00.000"},
			{"FYEnd", end + "T00:00:00.000"},
			{"ActiveCompanyClosed", closed},
			{"AllCompaniesClosed", closed},
			{"ApplytoAllCompanies", ""},
		})
	}
	return t.list(r, list, true)
}

func fmtPeriod(n int) string {
	return pad(strconv.Itoa(n%100), 2) + "/" + pad(strconv.Itoa(n/100), 4)
}

// fiscalYear is the year that a period belongs to: as described, or from its first to its last period.
func (t *Tenant) fiscalYear(p Period) (start, end string) {
	start, end = p.YearStart, p.YearEnd
	for _, q := range t.opt.Periods {
		if q.Number/100 != p.Number/100 {
			continue
		}
		if p.YearStart == "" && (start == "" || q.Start < start) {
			start = q.Start
		}
		if p.YearEnd == "" && q.End > end {
			end = q.End
		}
	}
	return start, end
}

// activePeriod is GET and PUT Settings/ActivePeriod: state of the user, whatever session it comes from.
func (t *Tenant) activePeriod(r *request) answer {
	state := t.state(r)
	if asked, ok := r.params["period"]; ok {
		n, _ := strconv.Atoi(asked)
		if t.opt.period(n) == nil {
			return t.fail(badRequest("Period " + asked + " does not exist"))
		}
		state.period = n
	}
	return t.rows(r, []obj{{{"Period", state.period}, {"FmtPeriod", fmtPeriod(state.period)}}})
}

// activeCompany is GET and PUT Settings/ActiveCompany: state of the user, too.
func (t *Tenant) activeCompany(r *request) answer {
	state := t.state(r)
	if asked, ok := r.params["company"]; ok {
		c := t.opt.company(asked)
		if c == nil || !mayUse(r.who.user, c.Code) {
			return t.fail(badRequest("Company " + asked + " does not exist"))
		}
		state.company = c.Code
	}
	return t.rows(r, []obj{companyObj(*t.opt.company(state.company))})
}

// companies is GET Settings/Company: those that the user may work in.
func (t *Tenant) companies(r *request) answer {
	list := []obj{}
	for _, c := range t.opt.Companies {
		if mayUse(r.who.user, c.Code) {
			list = append(list, companyObj(c))
		}
	}
	return t.list(r, list, true)
}

func companyObj(c Company) obj {
	return obj{{"Company", c.Code}, {"CompanyName", c.Name}, {"FunctionalCurrencyCode", c.Currency}}
}

func mayUse(u *User, company string) bool {
	return len(u.Companies) == 0 || slices.ContainsFunc(u.Companies, func(c string) bool { return same(c, company) })
}

// accounts is GET Accounts, which working connectors use although Deltek never published it.
func (t *Tenant) accounts(r *request) answer {
	if t.opt.Quirks.NoAccounts {
		return unknownPath(t)
	}
	h := t.hubs["account"]
	return t.list(r, h.objs(h.rows), true)
}

// autoPosting is GET AccountingCompanyConfig/CFGAutoPosting. Its member names are inferred.
func (t *Tenant) autoPosting(r *request) answer {
	a := t.opt.AutoPosting
	return t.rows(r, []obj{{
		{"Company", t.state(r).company}, {"ARAccount", a.Receivable}, {"APAccount", a.Payable}, {"ProfitAccount", a.Profit},
	}})
}

// keyFormats is GET KeyCvt/CFGFormat.
func (t *Tenant) keyFormats(r *request) answer {
	var o obj
	f := t.opt.Formats
	for _, k := range []struct {
		name string
		KeyFormat
	}{
		{"WBS1", f.WBS1},
		{"WBS2", f.WBS2},
		{"WBS3", f.WBS3},
		{"Employee", f.Employee},
		{"Account", f.Account},
		{"Client", f.Client},
		{"Vendor", f.Vendor},
	} {
		o = append(o, member{k.name + "Length", k.Length}, member{k.name + "LeadZeros", yesNo(k.LeadZeros)},
			member{k.name + "Delimiter", k.Delimiter}, member{k.name + "DelimiterPosition", k.Position})
	}
	return t.rows(r, []obj{append(o, member{"RefnoLength", t.opt.RefnoLength}, member{"OrgLevels", 2}, member{"OrgDelimiter", "."})})
}

// metadata is GET metadata/{XX}Entry, metadata/Firm and so on: an object keyed by table, not an array.
func (t *Tenant) metadata(r *request) answer {
	name := strings.ToLower(r.params["entry"])
	var list []*table
	if doc := t.types[strings.TrimSuffix(name, "entry")]; doc != nil && strings.HasSuffix(name, "entry") {
		list = []*table{doc.control, doc.master, doc.detail, doc.tax}
	} else if h := t.hubs[name]; h != nil {
		list = []*table{h.tb}
		if h.child != "" {
			list = append(list, t.hubs[h.child].tb)
		}
	}
	var tables obj
	for _, tb := range list {
		if tb != nil {
			tables = append(tables, member{tb.name, tb.metadata(r.who)})
		}
	}
	if tables == nil {
		return t.notFound(r)
	}
	// Metadata is schema, not data: its numbers are numbers in every form.
	return answer{200, map[string][]string{"Content-Type": {jsonType}}, tables.appendJSON(nil, NumbersShort)}
}

func (t *table) metadata(who *session) obj {
	var fields []obj
	for _, f := range t.fields {
		kind, places := "String", 0
		switch f.kind {
		case kindAmount:
			kind, places = "Decimal", 4
		case kindRate:
			kind, places = "Decimal", 10
		case kindCount:
			kind = "Integer"
		case kindDate:
			kind = "DateTime"
		default: // text of some kind
		}
		limit := f.max
		if f.kind == kindFlag {
			limit = 1
		}
		fields = append(fields, obj{
			{"FieldName", f.name},
			{"FieldType", kind},
			{"Caption", who.text(f.caption)},
			{"DefaultValue", ""},
			{"Hidden", false},
			{"Required", f.required},
			{"Updateable", !f.computed},
			{"MaxLength", limit},
			{"Decimals", places},
			{"MinValue", ""},
			{"CodeTable", ""},
			{"LimitToList", false},
			{"CustomField", f.custom},
		})
	}
	return obj{{"Keys", t.keys()}, {"TableName", t.name}, {"GridID", nil}, {"Hidden", false}, {"Updateable", true}, {"Fields", fields}}
}

// orgFormats is GET KeyCvt/CFGFormatOrg.
func (t *Tenant) orgFormats(r *request) answer {
	return t.rows(r, []obj{{{"OrgLevels", 2}, {"OrgDelimiter", "."}, {"Org1Length", 2}, {"Org2Length", 2}}})
}

// general is GET Settings/General.
func (t *Tenant) general(r *request) answer {
	return t.rows(r, []obj{{
		{"MultiCompany", yesNo(len(t.opt.Companies) > 1)},
		{"MultiCurrency", yesNo(t.opt.MultiCurrency)},
		{"FunctionalCurrencyCode", t.opt.company(t.state(r).company).Currency},
	}})
}

// systemLabels is GET Settings/SystemLabels. In another language than the user's nothing is translated.
func (t *Tenant) systemLabels(r *request) answer {
	list := []obj{}
	for _, l := range [][2]string{{"wbs1Label", "Project"}, {"wbs2Label", "Phase"}, {"wbs3Label", "Task"}, {"clientLabel", "Client"}, {"orgLabel", "Organization"}} {
		list = append(list, obj{{"LabelName", l[0]}, {"LabelValue", r.who.text(l[1])}})
	}
	return t.list(r, list, true)
}
