package vantagepointtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// hub is a table of records that are not transactions.
type hub struct {
	name  string // as in paths: "firm"
	tb    *table
	rows  []row
	child string // hub of the nested rows: "address" under "firm"
}

// hubs holds them by name.
type hubs map[string]*hub

// hubChange is one written record.
type hubChange struct {
	Hub string `json:"hub"`
	Row row    `json:"row"`
}

// newHubs fills the hubs from the options. Column and table names of hubs follow Deltek's data dictionary where it was read,
// and are inferred elsewhere.
func newHubs(o Options) hubs {
	key := func(name string) field { return txt(name, 32).asKey() }
	status := txt("Status", 1)
	h := hubs{}
	add := func(name, table string, fields ...field) *hub {
		h[name] = &hub{name: name, tb: newTable(o, table, append(fields, day("ModDate").made()))}
		return h[name]
	}
	firms := add("firm", "Clendor", key("ClientID"), txt("Client", 20).named("Firm Number"), txt("Name", 100).named("Firm Name").must(),
		txt("Vendor", 20).named("Vendor Number").code(), yn("ClientInd"), yn("VendorInd"), status)
	firms.child = "address"
	addresses := add("address", "CLAddress", key("ClientID"), txt("Address", 20).asKey().must(), txt("City", 30), txt("Country", 2))
	contacts := add("contact", "Contacts", key("ContactID"), key("ClientID"), txt("FirstName", 25), txt("LastName", 30).named("Last Name").must(), txt("EMail", 50))
	employees := add("employee", "EMMain", txt("Employee", 20).asKey().must(), txt("EmployeeCompany", 14).asKey(), txt("FirstName", 25),
		txt("LastName", 30), txt("Org", 30), status)
	projects := add("project", "PR", lvl("WBS1").asKey().must(), lvl("WBS2").asKey(), lvl("WBS3").asKey(), txt("Name", 40).named("Project Name").must(),
		txt("Org", 30), txt("ChargeType", 1), status, txt("ClientID", 32))
	orgs := add("organization", "Organization", txt("Org", 30).asKey().must(), txt("Name", 100))
	accounts := add("account", "CA", txt("Account", 13).asKey().must(), txt("Name", 40).named("Account Name").must(), num("Type"), status,
		yn("Detail"), txt("CashBasisAccount", 13), txt("UnrealizedLossAccount", 13), txt("UnrealizedGainAccount", 13),
		yn("CashBasisRevaluation"), yn("GlobalAccount"))
	taxes := add("taxcode", "CFGTax", txt("Code", 10).asKey().code().must(), txt("Account", 13))

	for _, f := range o.Firms {
		firms.rows = append(firms.rows, row{
			"ClientID": f.ClientID, "Client": f.Number, "Name": f.Name, "Vendor": strings.ToUpper(f.Vendor), "ClientInd": "Y",
			"VendorInd": yesNo(f.Vendor != ""), "Status": "A",
		})
		for _, a := range f.Addresses {
			addresses.rows = append(addresses.rows, row{"ClientID": f.ClientID, "Address": a.Code, "City": a.City, "Country": a.Country})
		}
	}
	for _, c := range o.Contacts {
		contacts.rows = append(contacts.rows, row{
			"ContactID": c.ContactID, "ClientID": c.ClientID, "FirstName": c.FirstName, "LastName": c.LastName, "EMail": c.EMail,
		})
	}
	for _, e := range o.Employees {
		employees.rows = append(employees.rows, row{
			"Employee": e.Employee, "EmployeeCompany": e.Company, "FirstName": e.FirstName, "LastName": e.LastName, "Org": e.Org,
			"Status": firstOf(e.Status, "A"),
		})
	}
	for _, p := range o.Projects {
		projects.rows = append(projects.rows, row{
			"WBS1": p.WBS1, "WBS2": cmp.Or(p.WBS2, " "), "WBS3": cmp.Or(p.WBS3, " "), "Name": p.Name, "Org": p.Org,
			"ChargeType": firstOf(p.ChargeType, "R"), "Status": firstOf(p.Status, "A"), "ClientID": p.Firm,
		})
	}
	for _, g := range o.Organizations {
		orgs.rows = append(orgs.rows, row{"Org": g.Org, "Name": g.Name})
	}
	for _, a := range o.Accounts {
		r := row{
			"Account": a.Number, "Name": a.Name, "Type": strconv.Itoa(int(a.Type)), "Status": "A", "Detail": "Y",
			"CashBasisRevaluation": "N", "GlobalAccount": "Y",
		}
		if a.Inactive {
			r["Status"] = "I"
		}
		accounts.rows = append(accounts.rows, r)
	}
	for _, c := range o.TaxCodes {
		taxes.rows = append(taxes.rows, row{"Code": strings.ToUpper(c.Code), "Account": c.Account})
	}
	return h
}

// put adds a written record, or puts it in the place of the one with its key.
func (h *hub) put(r row) {
	if i := h.index(r); i >= 0 {
		h.rows[i] = r
		return
	}
	h.rows = append(h.rows, r)
}

// index finds the record with the keys of r, or -1.
func (h *hub) index(r row) int {
	return slices.IndexFunc(h.rows, func(have row) bool {
		for _, f := range h.tb.fields {
			if f.key && !same(strings.TrimSpace(have[f.name]), strings.TrimSpace(r[f.name])) {
				return false
			}
		}
		return true
	})
}

// find returns the records whose column holds a value.
func (h *hub) find(column, value string) []row {
	var found []row
	for _, r := range h.rows {
		if same(strings.TrimSpace(r[column]), strings.TrimSpace(value)) {
			found = append(found, r)
		}
	}
	return found
}

func (t *Tenant) account(number string) *Account {
	found := t.hubs["account"].find("Account", number)
	if found == nil || number == "" {
		return nil
	}
	kind, _ := strconv.Atoi(found[0]["Type"])
	return &Account{Number: found[0]["Account"], Name: found[0]["Name"], Type: AccountType(kind), Inactive: found[0]["Status"] == "I"}
}

func (t *Tenant) project(wbs1, wbs2, wbs3 string) *Project {
	h := t.hubs["project"]
	i := h.index(row{"WBS1": wbs1, "WBS2": wbs2, "WBS3": wbs3})
	if i < 0 {
		return nil
	}
	return projectOf(h.rows[i])
}

func projectOf(r row) *Project {
	return &Project{
		WBS1: strings.TrimSpace(r["WBS1"]), WBS2: strings.TrimSpace(r["WBS2"]), WBS3: strings.TrimSpace(r["WBS3"]),
		Name: r["Name"], Org: r["Org"], ChargeType: r["ChargeType"], Status: r["Status"], Firm: r["ClientID"],
	}
}

func (t *Tenant) taxCode(code string) *TaxCode {
	if found := t.hubs["taxcode"].find("Code", code); found != nil {
		return &TaxCode{Code: found[0]["Code"], Account: found[0]["Account"]}
	}
	return nil
}

// sublevels says whether a project has a level below p.
func (t *Tenant) sublevels(p Project) bool {
	return slices.ContainsFunc(t.hubs["project"].find("WBS1", p.WBS1), func(r row) bool {
		q := projectOf(r)
		if p.WBS2 == "" {
			return q.WBS2 != ""
		}
		return p.WBS3 == "" && q.WBS2 == p.WBS2 && q.WBS3 != ""
	})
}

// org is the organization of a project.
func (t *Tenant) org(wbs1, wbs2, wbs3 string) string {
	if p := t.project(wbs1, wbs2, wbs3); p != nil {
		return p.Org
	}
	return ""
}
