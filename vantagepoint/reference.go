package vantagepoint

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Records reads one kind of reference data. The fields of its rows are the columns that an integration needs; all
// others, user-defined ones too, are in Extra.
type Records[Row any] struct {
	client *Client
	noun   string
	path   []string
}

// List returns the records, page by page.
//
// Vantagepoint: GET firm, contact, employee or organization; GET UDIC/{name} for a user-defined hub.
func (r *Records[Row]) List(ctx context.Context, q Query) iter.Seq2[Row, error] {
	return list[Row](ctx, r.client, listing{op: r.noun + ".list", path: r.path}, q)
}

// Record returns the record with that key, or ErrNotFound. Keys of several parts are joined by "|", as in
// "00001|A0" for an employee of company A0.
//
// Vantagepoint: GET of List's path and /{key}.
func (r *Records[Row]) Record(ctx context.Context, key string) (Row, error) {
	return getOne[Row](ctx, r.client, r.noun+".record", slices.Concat(r.path, []string{key})...)
}

// Firm is a client or a vendor, or both.
type Firm struct {
	ClientID string `json:"ClientID"` // the key of the record
	Client   string `json:"Client"`   // number as a client
	Vendor   string `json:"Vendor"`   // number as a vendor
	Name     string `json:"Name"`
	Type     string `json:"Type"`
	Status   string `json:"Status"`
	Extra    Extra  `json:"-"`
}

// Contact is a person of a firm.
type Contact struct {
	ContactID string `json:"ContactID"`
	ClientID  string `json:"ClientID"` // of the firm
	FirstName string `json:"FirstName"`
	LastName  string `json:"LastName"`
	EMail     string `json:"EMail"`
	Extra     Extra  `json:"-"`
}

// Employee is an employee. With several companies the key is "{Employee}|{EmployeeCompany}".
type Employee struct {
	Employee        string `json:"Employee"`
	EmployeeCompany string `json:"EmployeeCompany"`
	FirstName       string `json:"FirstName"`
	LastName        string `json:"LastName"`
	EMail           string `json:"EMail"`
	Org             string `json:"Org"`
	Status          string `json:"Status"`
	Extra           Extra  `json:"-"`
}

// Organization is a part of the enterprise that owns projects.
type Organization struct {
	Org    string `json:"Org"`
	Name   string `json:"Name"`
	Status string `json:"Status"`
	Extra  Extra  `json:"-"`
}

// Record is a row of which nothing is known in advance.
type Record struct {
	Extra Extra `json:"-"`
}

// Project is one level of a project: the project itself (WBS1), a phase of it (WBS2) or a task of that (WBS3).
type Project struct {
	WBS1       string `json:"WBS1" vp:"blank"`
	WBS2       string `json:"WBS2" vp:"blank"`
	WBS3       string `json:"WBS3" vp:"blank"`
	Name       string `json:"Name"`
	ChargeType string `json:"ChargeType"` // R regular, H overhead, P promotional
	SubLevel   Flag   `json:"SubLevel"`   // there are levels below; only the lowest takes entries
	Status     string `json:"Status"`     // A active, D dormant, I inactive
	Org        string `json:"Org"`
	ClientID   string `json:"ClientID"` // the bill-to of invoices
	Extra      Extra  `json:"-"`
}

// Projects reads projects.
type Projects struct{ client *Client }

// Level is one of the three levels of projects.
type Level string

// The levels.
const (
	LevelProject Level = "wbs1"
	LevelPhase   Level = "wbs2"
	LevelTask    Level = "wbs3"
)

// List returns projects of one level, or of all for "".
//
// Vantagepoint: GET project?wbstype={level}.
func (p *Projects) List(ctx context.Context, level Level, q Query) iter.Seq2[Project, error] {
	if level != "" {
		values := url.Values{"wbstype": {string(level)}}
		maps.Copy(values, q.Values)
		q.Values = values
	}
	return list[Project](ctx, p.client, listing{op: "projects.list", path: []string{"project"}}, q)
}

// Project returns one level of a project: Project(ctx, "00000200.00", "01") is a phase.
//
// Vantagepoint: GET project/{WBS1}|{WBS2}|{WBS3}.
func (p *Projects) Project(ctx context.Context, wbs1 string, lower ...string) (Project, error) {
	return getOne[Project](ctx, p.client, "projects.project", "project", strings.Join(append([]string{wbs1}, lower...), "|"))
}

// Hierarchy returns a project with all of its levels.
//
// Vantagepoint: GET project/hierarchy/{WBS1}.
func (p *Projects) Hierarchy(ctx context.Context, wbs1 string) ([]Project, error) {
	return get[Project](ctx, p.client, "projects.hierarchy", "project", "hierarchy", wbs1)
}

// Code is one row of a code table. The names of its columns differ by table; what is neither Code nor Description is
// in Extra.
type Code struct {
	Code        string `json:"Code"`
	Description string `json:"Description"`
	Extra       Extra  `json:"-"`
}

// Codes reads code tables.
type Codes struct{ client *Client }

// List returns the rows of a code table.
//
// Vantagepoint: GET codeTable/{table}.
func (c *Codes) List(ctx context.Context, table string, q Query) iter.Seq2[Code, error] {
	return list[Code](ctx, c.client, listing{op: "codes.list", path: []string{"codeTable", table}}, q)
}

// Hub reads a user-defined hub.
//
// Vantagepoint: GET UDIC/{name}, UDIC/{name}/{key}.
func (c *Client) Hub(name string) *Records[Record] {
	return &Records[Record]{c, "hub." + name, []string{"UDIC", name}}
}

// KeyFormat is how the tenant writes its keys. Zero lengths mean that the tenant does not say; the columns about leading
// zeros are as they came.
type KeyFormat struct {
	AccountLength     int    `json:"AccountLength"`
	AccountLeadZeros  string `json:"AccountLeadZeros"`
	AccountDelimiter  string `json:"AccountDelimiter"`
	WBS1Length        int    `json:"WBS1Length"`
	WBS1LeadZeros     string `json:"WBS1LeadZeros"`
	WBS1Delimiter     string `json:"WBS1Delimiter"`
	WBS2Length        int    `json:"WBS2Length"`
	WBS2LeadZeros     string `json:"WBS2LeadZeros"`
	WBS3Length        int    `json:"WBS3Length"`
	WBS3LeadZeros     string `json:"WBS3LeadZeros"`
	EmployeeLength    int    `json:"EmployeeLength"`
	EmployeeLeadZeros string `json:"EmployeeLeadZeros"`
	ClientLength      int    `json:"ClientLength"`
	VendorLength      int    `json:"VendorLength"`
	RefnoLength       int    `json:"RefnoLength"` // of RefNo, Invoice and CheckNo, which are stored padded to it
	OrgLevels         int    `json:"OrgLevels"`
	OrgDelimiter      string `json:"OrgDelimiter"`
	Extra             Extra  `json:"-"`
}

// KeyFormats returns how the tenant writes its keys.
//
// Vantagepoint: GET KeyCvt/CFGFormat.
func (s *Settings) KeyFormats(ctx context.Context) (KeyFormat, error) {
	return getOne[KeyFormat](ctx, s.client, "settings.keyFormats", "KeyCvt", "CFGFormat")
}

// General returns the firm-wide settings.
//
// Vantagepoint: GET Settings/General.
func (s *Settings) General(ctx context.Context) (Record, error) {
	return getOne[Record](ctx, s.client, "settings.general", "Settings", "General")
}

// Labels returns the tenant's own words for things: a project may be called a job.
//
// Vantagepoint: GET Settings/SystemLabels.
func (s *Settings) Labels(ctx context.Context) ([]Record, error) {
	return get[Record](ctx, s.client, "settings.labels", "Settings", "SystemLabels")
}
