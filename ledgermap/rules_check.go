package ledgermap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// check holds the rules against what a controller insists on: tax never in revenue, fees never netted into
// revenue, loans never in expense, reserves in assets, no journal on a control account, no two rules for one line.
func (l *loader) check(root *yaml.Node) {
	r := l.rules
	r.taxNotSet = r.categories[settlement.CategoryFeeTax].treatment == "not-set"
	l.use(l.clearing, "clearing", Asset)
	if r.projects[r.clearing.wbs1].Company != "" && r.projects[r.clearing.wbs1].Company != r.company {
		l.fail(l.clearing.projectNode, "the clearing account's project belongs to company %q, not to the company of these rules", r.projects[r.clearing.wbs1].Company)
	}
	for _, e := range l.banks {
		l.use(e, "a bank", Asset, Liability)
		l.atHome(e, "a bank")
	}
	if r.mode == ModeInvoice {
		l.checkInvoice(root)
	}
	l.checkRates()
	l.use(l.accrual, "accrual", Asset)
	l.atHome(l.accrual, "accrual")
	for _, d := range l.due {
		l.use(d.here, "due here", Asset, Liability)
		l.use(d.there, "due there", Asset, Liability)
		l.atHome(d.here, "due here")
		if got := r.booksOf(d.there.target); got != d.books && d.there.wbs1 != "" {
			l.fail(d.there.node, "the project of due there belongs to company %q, organisation %q", got.company, got.organisation)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(r.categories)) {
		l.checkCategory(c, r.categories[c])
	}
	for _, c := range []settlement.Category{settlement.CategoryPayableToAmazon, settlement.CategoryFailedTransfer} {
		if e, ok := r.categories[c]; !ok {
			l.fail(l.marked["categories"], "categories has no %s; a settlement cannot be closed without it", c)
		} else {
			l.atHome(e, string(c))
		}
	}
	held, heldOK := r.categories[settlement.CategoryReserveCurrent]
	released, releasedOK := r.categories[settlement.CategoryReservePrevious]
	if heldOK && releasedOK && held.where() != released.where() {
		l.fail(released.node, "reserve_current and reserve_previous have different accounts or projects; what one settlement holds back, the next releases there")
	}
	for _, x := range r.rules {
		l.checkRule(x)
	}
	l.checkTies()
	l.checkNetting()
	slices.SortStableFunc(r.rules, func(a, b *rule) int {
		ra, rb := a.when.rank(), b.when.rank()
		return -slices.Compare(ra[:], rb[:])
	})
}

// use checks one account with its project, as it is used for what.
func (l *loader) use(e entry, what string, types ...AccountType) {
	if e.account == "" {
		return // said already
	}
	r := l.rules
	a, ok := r.accounts[e.account]
	if !ok {
		l.fail(cmp.Or(e.accountNode, e.node), "account %q is not in accounts; write it there with its type, exactly as in the chart", e.account)
		return
	}
	at := cmp.Or(e.accountNode, e.node)
	if !slices.Contains(types, a.Type) {
		l.fail(at, "account %s is of type %s; %s belongs on %s", a.Code, a.Type, what, oneOf(types))
	}
	if a.Control != "" && !(a.Control == "receivable" && what == "invoice receivable") {
		l.fail(at, "account %s is the %s control account; journal entries must not touch it", a.Code, a.Control)
	}
	l.checkProject(e, a)
}

// checkProject checks what Deltek checks on posting: which accounts take which projects.
func (l *loader) checkProject(e entry, a Account) {
	r, at := l.rules, cmp.Or(e.projectNode, e.accountNode, e.node)
	if e.wbs1 == "" && (e.wbs2 != "" || e.wbs3 != "") {
		l.fail(at, "a phase or a task needs a project")
	}
	p, ok := r.projects[e.wbs1]
	if e.wbs1 != "" && !ok {
		l.fail(at, "project %q is not in projects; write it there with its type, exactly as in Vantagepoint", e.wbs1)
		return
	}
	switch {
	case (a.Type == Revenue || a.Type == Direct || a.Type == DirectConsultant || a.Type == Reimbursable || a.Type == ReimbursableConsultant) && (e.wbs1 == "" || p.Overhead):
		l.fail(at, "account %s is of type %s, which needs a regular project", a.Code, a.Type)
	case a.Type == Indirect && e.wbs1 != "" && !p.Overhead:
		l.fail(at, "account %s is of type %s, which takes an overhead project or none", a.Code, a.Type)
	case a.Type.balanceSheet() && e.wbs1 == "" && r.separate:
		l.fail(at, "organisations keep separate balance sheets, so account %s needs a project that says whose it is", a.Code)
	case r.separate && e.wbs1 != "" && p.Organisation == "":
		l.fail(at, "organisations keep separate balance sheets, and project %s has no organisation", e.wbs1)
	}
}

// atHome refuses money movements in another company or organisation than the clearing account.
func (l *loader) atHome(e entry, what string) {
	if e.wbs1 == "" {
		return
	}
	if b, home := l.rules.booksOf(e.target), l.rules.booksOf(l.rules.clearing); b != home {
		l.fail(cmp.Or(e.projectNode, e.node), "%s has to be in the books of the clearing account", what)
	}
}

// elsewhere checks that lines in other books can be joined to the clearing account.
func (l *loader) elsewhere(e entry) {
	if e.wbs1 == "" {
		return
	}
	b, home := l.rules.booksOf(e.target), l.rules.booksOf(l.rules.clearing)
	if _, ok := l.rules.due[b]; b != home && !ok {
		l.fail(cmp.Or(e.projectNode, e.node), "project %s belongs to company %q, organisation %q, and due names no accounts between it and the clearing account's",
			e.wbs1, b.company, b.organisation)
	}
}

func oneOf(types []AccountType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = string(t)
	}
	return strings.Join(words, " or ")
}

// typesFor says on which account types a category belongs, and on which more it may be put for a stated reason.
func typesFor(e entry, c settlement.Category) (usual, excused []AccountType) {
	expense := []AccountType{Direct, Indirect, Other, Reimbursable, ReimbursableConsultant, DirectConsultant}
	info, _ := c.Info()
	switch c {
	case settlement.CategoryFeeTax:
		if e.treatment == "cost" {
			return expense, nil
		}
		return []AccountType{Asset, Liability}, expense
	case settlement.CategoryPayableToAmazon:
		return []AccountType{Liability}, nil
	case settlement.CategoryFailedTransfer:
		return []AccountType{Asset}, nil
	}
	switch info.Class {
	case settlement.ClassRevenue, settlement.ClassContraRevenue:
		return []AccountType{Revenue}, nil
	case settlement.ClassTax:
		return []AccountType{Liability}, nil
	case settlement.ClassFee:
		return expense, nil
	case settlement.ClassReimbursement:
		return append(expense, Asset), []AccountType{Revenue}
	case settlement.ClassReserve:
		return []AccountType{Asset}, nil
	case settlement.ClassTransfer:
		return []AccountType{Asset, Liability}, nil
	case settlement.ClassLoan:
		return []AccountType{Liability}, expense
	}
	return accountTypes(), nil
}

// mapped checks where lines of a category end up. What is repaid of a loan is no expense whatever the reason; interest
// is one, by a rule that names its kind, which the vocabulary does not know.
func (l *loader) mapped(e entry, c settlement.Category, interest bool) {
	usual, excused := typesFor(e, c)
	if info, _ := c.Info(); info.Class == settlement.ClassLoan && !interest {
		excused = nil
	}
	if a := l.rules.accounts[e.account]; e.reason != "" && slices.Contains(excused, a.Type) {
		usual = append(slices.Clone(usual), excused...)
	} else if slices.Contains(excused, a.Type) {
		l.fail(cmp.Or(e.accountNode, e.node), "account %s is of type %s, unusual for %s; if that is right, say why with reason:", a.Code, a.Type, c)
		return
	}
	l.use(e, string(c), usual...)
	l.elsewhere(e)
	at := cmp.Or(e.accountNode, e.node)
	if e.account == l.rules.clearing.account {
		l.fail(at, "%s is the clearing account; the plan writes its lines itself", e.account)
	}
	for _, b := range l.banks {
		if e.account == b.account && c != settlement.CategoryCharge {
			l.fail(at, "%s is a bank account; journal entries on it do not appear in bank reconciliation", e.account)
			break
		}
	}
	if l.rules.mode == ModeInvoice && e.account == l.ar.account {
		l.fail(at, "%s is the receivable account; the ledger writes its lines itself", e.account)
	}
}

func (l *loader) checkCategory(c settlement.Category, e entry) {
	switch {
	case c == settlement.CategoryOther:
		l.fail(e.node, "kinds of the category other have nothing in common; map them one by one under rules")
		return
	case e.treatment == "not-set" && e.account != "":
		l.fail(e.accountNode, "the treatment of tax on fees is not-set, so it has no account; write recoverable or cost")
		return
	case e.treatment == "not-set":
		return
	case c == settlement.CategoryFeeTax && e.treatment == "":
		l.fail(e.node, "fee_tax needs a treatment: recoverable where the tax office gives it back, cost where it does not")
		return
	case e.account == "":
		l.fail(e.node, "%s has no account", c)
		return
	}
	l.mapped(e, c, false)
}

// checkRule checks a rule with every category that its lines can have.
func (l *loader) checkRule(x *rule) {
	r := l.rules
	if x.category != "" && x.when.category == "" && !x.when.byKind {
		l.fail(x.node, "this rule calls every kind of line %s, tax and fees too; write when: {category: %s, …} if it is for those lines, else the three words of a kind",
			x.category, x.category)
		return
	}
	from, unknown := x.when.category, false
	if x.when.byKind && !x.when.wildcard() {
		kind := settlement.Kind{TransactionType: x.when.words[0], AmountType: x.when.words[1], AmountDescription: x.when.words[2]}
		known, ok := kind.Category()
		switch {
		case ok && from != "" && from != known:
			l.fail(x.node, "%s is of category %s, so this rule never applies", kind, known)
			return
		case !ok && x.category == "":
			l.fail(x.node, "the vocabulary does not know %s; say with category: what it is", kind)
			return
		case ok:
			from = known
		default:
			unknown = true
		}
	}
	if x.when.wildcard() && x.category == "" {
		l.fail(x.node, "a rule with a star needs a category: what are the lines that it catches?")
		return
	}
	if x.when.wildcard() && (offSales(x.category) || offSales(from)) {
		l.fail(x.node, "a star never takes tax, reserves, loans or transfers; name each kind")
		return
	}
	if x.when.wildcard() && from != "" && !sameClass(from, x.category) {
		l.fail(x.node, "a star never takes %s as %s, which is of another class; name each kind", from, x.category)
		return
	}
	if from != "" && x.category != "" && from != x.category {
		l.recategorised(x, from)
	}
	to := cmp.Or(x.category, from)
	if to == "" {
		if x.account != "" {
			l.fail(cmp.Or(x.accountNode, x.node), "this rule is for every kind of line, so it may name a project but no account")
			return
		}
		for _, c := range slices.Sorted(maps.Keys(r.categories)) {
			if r.categories[c].account != "" && x.wbs1 != "" && r.categories[c].wbs1 != "" && !fixed(c) {
				l.mapped(x.over(r.categories[c]), c, false)
			}
		}
		return
	}
	switch base := r.categories[to]; {
	case to == settlement.CategoryOther && (!x.when.byKind || x.account == ""):
		l.fail(x.node, "kinds of the category other are mapped one by one: name the kind, and an account")
	case fixed(to) && (x.account != "" || x.wbs1 != ""):
		l.fail(x.node, "%s has one account and project for all lines, because what one settlement carries another must meet", to)
	case x.account == "" && base.account == "":
		l.fail(x.node, "neither this rule nor the category %s has an account", to)
	case fixed(to):
	default:
		l.mapped(x.over(base), to, unknown)
	}
}

// fixed reports whether a category has one account and project, on which the lines of two settlements, or a money
// movement of our own and a later line, must meet.
func fixed(c settlement.Category) bool {
	switch c {
	case settlement.CategoryPayableToAmazon, settlement.CategoryFailedTransfer, settlement.CategoryReserveCurrent, settlement.CategoryReservePrevious:
		return true
	}
	return false
}

func sameClass(a, b settlement.Category) bool {
	x, _ := a.Info()
	y, _ := b.Info()
	return x.Class == y.Class
}

// recategorised refuses to call a known line something that would hide what it is.
func (l *loader) recategorised(x *rule, from settlement.Category) {
	a, _ := from.Info()
	b, _ := x.category.Info()
	if sameClass(from, x.category) || a.Class == settlement.ClassOther {
		return
	}
	revenue := b.Class == settlement.ClassRevenue || b.Class == settlement.ClassContraRevenue
	switch a.Class {
	case settlement.ClassTax, settlement.ClassReserve, settlement.ClassLoan, settlement.ClassTransfer:
		l.fail(x.node, "%s is of class %s and stays in it", from, a.Class)
	case settlement.ClassFee:
		if revenue {
			l.fail(x.node, "%s is a fee; fees are expenses and never part of revenue", from)
		} else if x.reason == "" {
			l.fail(x.node, "%s becomes %s; if that is right, say why with reason:", from, x.category)
		}
	default:
		if x.reason == "" {
			l.fail(x.node, "%s becomes %s; if that is right, say why with reason:", from, x.category)
		}
	}
}

// general reports whether a rule is for lines of every category. It has no account then, and its project replaces
// that of categories that have one; those without, as reserves and overheads, keep none.
func (x *rule) general() bool { return x.when.category == "" && !x.when.byKind }

// over is the rule on top of its category's entry: account, project and description each from the rule if it names
// one. The project comes with its phase and task.
func (x *rule) over(base entry) entry {
	e := base
	e.reason = cmp.Or(x.reason, base.reason)
	e.node = x.node
	if x.account != "" {
		e.account, e.accountNode = x.account, x.accountNode
	} else {
		e.accountNode = x.node
	}
	if x.wbs1 != "" && !fixed(base.category) && !(x.general() && base.wbs1 == "") {
		e.wbs1, e.wbs2, e.wbs3, e.projectNode = x.wbs1, x.wbs2, x.wbs3, x.projectNode
	} else {
		e.projectNode = nil
	}
	e.description = cmp.Or(x.description, base.description)
	return e
}

func (l *loader) checkTies() {
	for i, b := range l.rules.rules {
		for _, a := range l.rules.rules[:i] {
			if a.when.rank() == b.when.rank() && a.when.meets(&b.when) {
				l.fail(b.node, "this rule and the one on line %d are equally specific and can meet in one line; "+
					"make one more specific, or add a rule for the lines that both are for", a.node.Line)
			}
		}
	}
}

func (l *loader) checkRates() {
	r := l.rules
	for i, x := range r.rates {
		switch {
		case r.multi:
			l.fail(x.node, "the company is multi-currency, so the ledger converts; remove the rates or the declaration")
		case x.from == r.functional:
			l.fail(x.node, "%s is the company's own currency", x.from)
		case x.until.Compare(x.date) < 0:
			l.fail(x.node, "until is before date")
		case r.exchange.account == "":
			l.fail(x.node, "rates need an exchange account, for the difference between booked and received money")
		}
		for _, o := range r.rates[:i] {
			if o.from == x.from && o.date.Compare(x.until) <= 0 && x.date.Compare(o.until) <= 0 {
				l.fail(x.node, "the rate on line %d is for some of the same days", o.node.Line)
			}
		}
	}
	if r.exchange.account != "" {
		l.use(l.exchange, "exchange", Other, Indirect, Direct, Revenue)
		l.atHome(l.exchange, "exchange")
	}
}

func (l *loader) checkInvoice(root *yaml.Node) {
	r := l.rules
	if r.receivable.account == "" {
		l.fail(cmp.Or(l.marked["mode"], root), "mode invoice needs invoice: {receivable: {account, project}}")
		return
	}
	l.use(l.ar, "invoice receivable", Asset)
	l.atHome(l.ar, "invoice receivable")
	if r.receivable.wbs1 == "" {
		l.fail(l.ar.node, "an AR invoice needs the marketplace project: its client is who is billed")
	}
	if len(r.rates) > 0 {
		l.fail(l.marked["mode"], "mode invoice books the company's own currency alone; remove the rates, or use mode journal")
	}
	if len(r.due) > 0 {
		l.fail(l.marked["mode"], "mode invoice keeps to one company and organisation; use mode journal")
	}
}

func (l *loader) checkNetting() {
	r := l.rules
	for _, g := range l.netting {
		first, ok := r.categories[g.categories[0]]
		for _, c := range g.categories {
			e, here := r.categories[c]
			a, _ := c.Info()
			b, _ := g.categories[0].Info()
			switch {
			case !ok || !here || e.account == "":
				l.fail(g.node, "netting %s: the category %q has no account of its own", g.name, c)
			case a.Class != b.Class:
				l.fail(g.node, "netting %s would net %s (%s) into %s (%s); what is netted is of one class", g.name, c, a.Class, g.categories[0], b.Class)
			case e.where() != first.where():
				l.fail(g.node, "netting %s: %s and %s have different accounts or projects", g.name, c, g.categories[0])
			}
			if other, twice := r.netting[c]; twice {
				l.fail(g.node, "netting %s: %s is already in %s", g.name, c, other)
			}
			r.netting[c] = g.name
		}
	}
}

// String names the rule for findings.
func (x *rule) String() string { return fmt.Sprintf("the rule on line %d", x.node.Line) }
