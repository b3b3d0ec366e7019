package ledgermap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// ChartAccount is an account as the ledger has it.
type ChartAccount struct {
	Code     string
	Name     string
	Type     AccountType // empty where the ledger does not tell
	Inactive bool
	Control  string // "receivable", "payable" or "current_year"; empty for none, or where the ledger does not tell
}

// ChartProject is a project as the ledger has it. Phases and tasks are listed with their codes.
type ChartProject struct {
	WBS1, WBS2, WBS3 string
	Overhead         bool
	Inactive         bool
	Company          string
	Organisation     string
}

// Chart is a company's chart of accounts and projects, as a ledger or its simulator tells them.
type Chart struct {
	Accounts []ChartAccount
	Projects []ChartProject
}

// Lint holds the rules against a chart and lists everything that would fail on posting, or post elsewhere than the
// rules say: accounts and projects that do not exist or are inactive, of another type than declared, control
// accounts that journal entries must not touch, projects that have lower levels. An empty list is a pass. The rules
// against themselves are already checked by [LoadRules].
func (r *Rules) Lint(c Chart) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, a := range r.Accounts() {
		i := slices.IndexFunc(c.Accounts, func(x ChartAccount) bool { return x.Code == a.Code })
		if i < 0 {
			say("account %s (%s) is not in the chart%s", a.Code, a.Name, near(a.Code, c.Accounts))
			continue
		}
		switch x := c.Accounts[i]; {
		case x.Inactive:
			say("account %s (%s) is inactive", x.Code, x.Name)
		case x.Type != "" && x.Type != a.Type:
			say("account %s (%s) is of type %s in the chart, and %s in the rules", x.Code, x.Name, x.Type, a.Type)
		case x.Control != "" && x.Control != a.Control:
			say("account %s (%s) is the ledger's %s account; journal entries must not touch it", x.Code, x.Name, x.Control)
		}
	}
	for _, p := range r.Projects() {
		i := slices.IndexFunc(c.Projects, func(x ChartProject) bool { return x.WBS1 == p.Code && x.WBS2 == "" })
		if i < 0 {
			say("project %s is not in the ledger", p.Code)
			continue
		}
		switch x := c.Projects[i]; {
		case x.Inactive:
			say("project %s is inactive", p.Code)
		case x.Overhead != p.Overhead:
			say("project %s is %s in the ledger, and %s in the rules", p.Code, chargeType(x.Overhead), chargeType(p.Overhead))
		case x.Company != "" && p.Company != "" && x.Company != p.Company:
			say("project %s belongs to company %s, and to %s in the rules", p.Code, x.Company, p.Company)
		case r.separate && x.Organisation != p.Organisation:
			say("project %s belongs to organisation %s, and to %s in the rules", p.Code, x.Organisation, p.Organisation)
		}
	}
	for _, t := range r.targets() {
		at := strings.TrimRight(t.wbs1+" "+t.wbs2+" "+t.wbs3, " ")
		lower := slices.ContainsFunc(c.Projects, func(x ChartProject) bool {
			return x.WBS1 == t.wbs1 && (t.wbs2 == "" && x.WBS2 != "" || t.wbs2 != "" && x.WBS2 == t.wbs2 && t.wbs3 == "" && x.WBS3 != "")
		})
		exists := slices.ContainsFunc(c.Projects, func(x ChartProject) bool { return x.WBS1 == t.wbs1 && x.WBS2 == t.wbs2 && x.WBS3 == t.wbs3 })
		text := ""
		switch {
		case lower:
			text = fmt.Sprintf("project %s has lower levels; the rules must name one of them", at)
		case !exists && t.wbs2 != "":
			text = fmt.Sprintf("project %s is not in the ledger", at)
		}
		if text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func chargeType(overhead bool) string {
	if overhead {
		return "overhead"
	}
	return "regular"
}

// near names an account that differs only in marks and zeros, the usual slip.
func near(code string, accounts []ChartAccount) string {
	bare := func(s string) string {
		return strings.Trim(strings.NewReplacer(".", "", "-", "", "_", "").Replace(s), "0")
	}
	for _, a := range accounts {
		if bare(a.Code) == bare(code) {
			return "; did you mean " + a.Code + "?"
		}
	}
	return ""
}

// targets lists everything that the rules post to.
func (r *Rules) targets() []target {
	list := []target{r.clearing, r.receivable, r.exchange}
	for _, b := range r.banks {
		list = append(list, b.account, b.charge)
	}
	for _, d := range r.due {
		list = append(list, d.here, d.there)
	}
	for _, e := range r.categories {
		list = append(list, e.target)
	}
	for _, x := range r.rules {
		list = append(list, x.target)
	}
	slices.SortFunc(list, func(a, b target) int {
		return strings.Compare(a.account+"\x00"+a.wbs1+"\x00"+a.wbs2+"\x00"+a.wbs3, b.account+"\x00"+b.wbs1+"\x00"+b.wbs2+"\x00"+b.wbs3)
	})
	return list
}

// TestFailure is an example of the rules file that does not come out as its author expects.
type TestFailure struct {
	File    string
	Line    int // of the example
	Message string
}

// String is file:line: message.
func (f TestFailure) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message) }

// Test runs the examples of the rules file, and answers how many there are and which fail.
func (r *Rules) Test() (examples int, failed []TestFailure) {
	for _, x := range r.examples {
		v := newResolver(r)
		p := v.places[v.place(&settlement.Line{
			Kind: x.kind, Marketplace: x.marketplace, SKU: x.sku, FulfillmentID: x.fulfilment,
		}, x.posted)]
		switch {
		case p.refuse != "":
			failed = append(failed, TestFailure{r.file, x.node.Line, fmt.Sprintf("%s is not mapped: %s", x.kind, p.refuse)})
		case p.account != x.account || p.wbs1 != x.project:
			failed = append(failed, TestFailure{r.file, x.node.Line, fmt.Sprintf("%s goes to account %s, project %q; expected are account %s, project %q",
				x.kind, p.account, p.wbs1, x.account, x.project)})
		}
	}
	return len(r.examples), failed
}
