package ledgermap

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// entry is a target with what the file says around it.
type entry struct {
	target
	reason    string // why an unusual account is right
	treatment string // of tax on fees

	node, accountNode, projectNode *yaml.Node
}

// rate converts one currency into the company's from one day to another, both inclusive.
type rate struct {
	from        settlement.Currency
	value       string // exact decimal
	date, until Date
	source      string
	node        *yaml.Node
}

// loader builds Rules from the nodes of the file, and remembers where everything stood.
type loader struct {
	reader
	rules    *Rules
	clearing entry
	ar       entry
	exchange entry
	accrual  entry
	banks    []entry // account and charge of each
	due      []dueEntry
	netting  []netGroup
	marked   map[string]*yaml.Node // top-level names that were there
}

type dueEntry struct {
	books       books
	here, there entry
	node        *yaml.Node
}

// LoadRules reads a rules file. The name is only for its errors. All mistakes are answered at once, each a
// [*RuleError] with file, line, column and excerpt; rules with a mistake are never returned.
func LoadRules(name string, data []byte) (*Rules, error) {
	l := &loader{reader: reader{file: name}, marked: make(map[string]*yaml.Node), rules: &Rules{
		file: name, hash: hashOf(data), mode: ModeJournal, group: "category", receiptOn: "paid", closed: "refuse",
		banks: make(map[settlement.Currency]bank), accounts: make(map[string]Account), projects: make(map[string]Project),
		due: make(map[books]dueAccounts), categories: make(map[settlement.Category]entry),
		netting: make(map[settlement.Category]string),
	}}
	root := l.parse(data)
	if root == nil {
		return nil, l.err()
	}
	l.read(root)
	if len(l.errs) == 0 {
		l.check(root)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return l.rules, nil
}

func (l *loader) read(root *yaml.Node) {
	r := l.rules
	known := map[string]func(*yaml.Node){
		"format":        func(n *yaml.Node) { l.word(n, "1") },
		"version":       func(n *yaml.Node) { r.version = l.text(n) },
		"chart":         func(n *yaml.Node) { r.demo = l.word(n, "", "demo") == "demo" },
		"company":       l.company,
		"time_zone":     l.timeZone,
		"mode":          func(n *yaml.Node) { r.mode = Mode(l.word(n, string(ModeJournal), string(ModeInvoice))) },
		"summarise":     func(n *yaml.Node) { r.group = l.word(n, "category", "order", "sku") },
		"receipt":       func(n *yaml.Node) { r.receiptOn = l.word(n, "paid", "deposit-date") },
		"closed_period": func(n *yaml.Node) { r.closed = l.word(n, "refuse", "next-open-period") },
		"clearing":      func(n *yaml.Node) { l.clearing = l.entry(n, "clearing"); r.clearing = l.clearing.target },
		"invoice": func(n *yaml.Node) {
			l.fields(n, "invoice", map[string]func(*yaml.Node){
				"receivable": func(n *yaml.Node) { l.ar = l.entry(n, "invoice receivable"); r.receivable = l.ar.target },
			})
		},
		"exchange":      func(n *yaml.Node) { l.exchange = l.entry(n, "exchange"); r.exchange = l.exchange.target },
		"accrual":       func(n *yaml.Node) { l.accrual = l.entry(n, "accrual"); r.accrual = l.accrual.target },
		"banks":         l.bankTable,
		"rates":         func(n *yaml.Node) { l.list(n, "rates", l.rate) },
		"accounts":      func(n *yaml.Node) { l.table(n, "accounts", l.account) },
		"projects":      func(n *yaml.Node) { l.table(n, "projects", l.project) },
		"organisations": func(n *yaml.Node) { r.separate = l.word(n, "together", "separate") == "separate" },
		"due":           func(n *yaml.Node) { l.list(n, "due", l.dueAccounts) },
		"categories":    func(n *yaml.Node) { l.table(n, "categories", l.category) },
		"netting":       func(n *yaml.Node) { l.list(n, "netting", l.netGroup) },
		"rules":         func(n *yaml.Node) { l.list(n, "rules", l.rule) },
		"examples":      func(n *yaml.Node) { l.list(n, "examples", l.example) },
	}
	for name, read := range known {
		known[name] = func(n *yaml.Node) { l.marked[name] = n; read(n) }
	}
	l.fields(root, "a rules file", known)
	for _, name := range []string{"format", "company", "time_zone", "clearing", "accounts", "categories"} {
		if l.marked[name] == nil {
			l.fail(nil, "%s is missing", name)
		}
	}
}

func (l *loader) company(n *yaml.Node) {
	l.fields(n, "company", map[string]func(*yaml.Node){
		"code":           func(n *yaml.Node) { l.rules.company = l.text(n) },
		"currency":       func(n *yaml.Node) { l.rules.functional = l.currency(n) },
		"multi_currency": func(n *yaml.Node) { l.rules.multi = l.flag(n) },
	})
	if (l.rules.functional == settlement.Currency{}) {
		l.fail(n, "company names no currency; write the company's functional currency, as currency: USD")
	}
}

func (l *loader) currency(n *yaml.Node) settlement.Currency {
	c, err := settlement.ParseCurrency(l.text(n))
	if err != nil {
		l.fail(n, "%q is not an ISO 4217 currency", n.Value)
	}
	return c
}

func (l *loader) timeZone(n *yaml.Node) {
	name := l.filled(n, "time_zone")
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		l.fail(n, "%q is not a time zone like America/New_York", name)
		return
	}
	l.rules.zone, l.rules.zoneName = zone, name
}

// entryFields are the names that every entry knows.
func (l *loader) entryFields(e *entry) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"account": func(n *yaml.Node) { e.account, e.accountNode = l.filled(n, "account"), n },
		"project": func(n *yaml.Node) { e.wbs1, e.projectNode = l.filled(n, "project"), n },
		"phase":   func(n *yaml.Node) { e.wbs2 = l.filled(n, "phase") },
		"task":    func(n *yaml.Node) { e.wbs3 = l.filled(n, "task") },
		"description": func(n *yaml.Node) {
			e.description = l.filled(n, "description")
			l.template(n, e.description)
		},
	}
}

func (l *loader) entry(n *yaml.Node, what string) entry {
	e := entry{node: n}
	l.fields(n, what, l.entryFields(&e))
	if e.account == "" {
		l.fail(n, "%s has no account", what)
	}
	return e
}

// placeholders of a description.
var placeholder = regexp.MustCompile(`\{[^{}]*\}?`)

func (l *loader) template(n *yaml.Node, text string) {
	for _, p := range placeholder.FindAllString(text, -1) {
		if !slices.Contains([]string{"{settlement}", "{seller}", "{category}", "{title}", "{currency}", "{period}", "{group}"}, p) {
			l.fail(n, "a description knows no %s; it knows {settlement}, {seller}, {category}, {title}, {currency}, {period} and {group}", p)
		}
	}
}

func (l *loader) bankTable(n *yaml.Node) {
	l.table(n, "banks", func(key, value *yaml.Node) {
		c, err := settlement.ParseCurrency(key.Value)
		if err != nil {
			l.fail(key, "%q is not an ISO 4217 currency", key.Value)
			return
		}
		e := entry{node: value}
		charge := entry{}
		known := l.entryFields(&e)
		known["charge"] = func(n *yaml.Node) { charge = l.entry(n, "charge of a bank") }
		l.fields(value, "a bank", known)
		if e.account == "" {
			l.fail(value, "the bank for %s has no account", c)
		}
		if charge.node == nil {
			charge = e
		}
		l.banks = append(l.banks, e, charge)
		l.rules.banks[c] = bank{account: e.target, charge: charge.target}
	})
}

// ratePattern is an exact decimal that is not zero.
var ratePattern = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,10})?$`)

func (l *loader) rate(n *yaml.Node) {
	x := rate{node: n}
	l.fields(n, "a rate", map[string]func(*yaml.Node){
		"currency": func(n *yaml.Node) { x.from = l.currency(n) },
		"rate": func(n *yaml.Node) {
			x.value = l.text(n)
			if !ratePattern.MatchString(x.value) || strings.Trim(x.value, "0.") == "" {
				l.fail(n, "%q is not a rate like 0.7312: units of the company's currency for one unit of the other", x.value)
			}
		},
		"date":   func(n *yaml.Node) { x.date = l.date(n) },
		"until":  func(n *yaml.Node) { x.until = l.date(n) },
		"source": func(n *yaml.Node) { x.source = l.filled(n, "source") },
	})
	if x.from == (settlement.Currency{}) || x.value == "" || x.date.IsZero() || x.until.IsZero() || x.source == "" {
		l.fail(n, "a rate needs currency, rate, date, until and source")
	}
	l.rules.rates = append(l.rules.rates, x)
}

// accountCode is what an account code may look like. Spaces and brackets would be read as something else by
// hledger; Vantagepoint has 13 characters.
var accountCode = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/-]{0,12}$`)

func (l *loader) account(key, value *yaml.Node) {
	a := Account{Code: key.Value}
	if !accountCode.MatchString(a.Code) {
		l.fail(key, "%q is not an account code: letters, figures, . _ / and -, at most 13", a.Code)
	}
	words := make([]string, 0, 10)
	for _, t := range accountTypes() {
		words = append(words, string(t))
	}
	l.fields(value, "an account", map[string]func(*yaml.Node){
		"name":    func(n *yaml.Node) { a.Name = l.text(n) },
		"type":    func(n *yaml.Node) { a.Type = AccountType(l.word(n, words...)) },
		"control": func(n *yaml.Node) { a.Control = l.word(n, "", "receivable", "payable", "current_year") },
	})
	if a.Type == "" {
		l.fail(value, "account %s has no type", a.Code)
	}
	l.rules.accounts[a.Code] = a
}

func (l *loader) project(key, value *yaml.Node) {
	p := Project{Code: key.Value}
	if err := fits("project", p.Code, maxWBS); err != nil || p.Code == "" || p.Code != strings.TrimSpace(p.Code) {
		l.fail(key, "%q is not a project code: at most 30 characters, none of them a control character, no space around", p.Code)
	}
	kind := ""
	l.fields(value, "a project", map[string]func(*yaml.Node){
		"name":         func(n *yaml.Node) { p.Name = l.text(n) },
		"type":         func(n *yaml.Node) { kind = l.word(n, "regular", "overhead") },
		"company":      func(n *yaml.Node) { p.Company = l.text(n) },
		"organisation": func(n *yaml.Node) { p.Organisation = l.text(n) },
	})
	if kind == "" {
		l.fail(value, "project %s has no type; write regular or overhead", p.Code)
	}
	p.Overhead = kind == "overhead"
	l.rules.projects[p.Code] = p
}

func (l *loader) dueAccounts(n *yaml.Node) {
	d := dueEntry{node: n}
	l.fields(n, "due", map[string]func(*yaml.Node){
		"company":      func(n *yaml.Node) { d.books.company = l.filled(n, "company") },
		"organisation": func(n *yaml.Node) { d.books.organisation = l.filled(n, "organisation") },
		"here":         func(n *yaml.Node) { d.here = l.entry(n, "due here") },
		"there":        func(n *yaml.Node) { d.there = l.entry(n, "due there") },
	})
	if d.books == (books{}) || d.here.account == "" || d.there.account == "" {
		l.fail(n, "due needs a company or an organisation, and an account on both sides: here and there")
	}
	l.due = append(l.due, d)
	l.rules.due[d.books] = dueAccounts{here: d.here.target, there: d.there.target}
}
