package ledgermap

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Deferred is a transaction that Amazon has posted and holds back, as Finances showed it at a period's end. Its
// status changes in place once it is released, so the state is kept in a [Snapshot].
type Deferred struct {
	ID          string // Amazon's transaction id
	Marketplace string
	Released    bool             // held back and released again by the end of the snapshot's period
	Amounts     []DeferredAmount // what it consists of, from the seller's side; not empty
}

// DeferredAmount is one category of a deferred transaction.
type DeferredAmount struct {
	Category settlement.Category
	Amount   settlement.Money
}

func (d Deferred) total() (settlement.Money, error) {
	var sum settlement.Money
	for _, a := range d.Amounts {
		var err error
		if sum, err = sum.Add(a.Amount); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Snapshot is what was known of deferred transactions at the end of a fiscal period: those that were open at the end
// of the period before, and those deferred since, each with its state now. It is kept, and a replay uses it.
type Snapshot struct {
	Period       int
	Complete     bool   // Amazon answered for the whole period; without it nothing is accrued, and nothing estimated
	Missing      string `json:",omitempty"` // why it is not complete, for people
	Opening      bool   // the first snapshot ever, reviewed: what it holds was open before as well
	Transactions []Deferred
}

// Hash is the SHA-256, in hex, of what is accrued by the snapshot, whatever the order of its transactions.
func (s Snapshot) Hash() string {
	var b []byte
	for _, d := range s.sorted() {
		b = fmt.Appendf(b, "%q %q %t", d.ID, d.Marketplace, d.Released)
		for _, a := range d.Amounts {
			b = fmt.Appendf(b, " %s %s %s", a.Category, a.Amount, a.Amount.Currency())
		}
		b = append(b, '\n')
	}
	return hashOf(fmt.Appendf(b, "ledgermap/deferred/1 %d %t %t", s.Period, s.Complete, s.Opening))
}

func (s Snapshot) sorted() []Deferred {
	return slices.SortedFunc(slices.Values(s.Transactions), func(a, b Deferred) int { return cmp.Compare(a.ID, b.ID) })
}

// RollForward proves the deferred balance of one marketplace and currency from one period's end to the next:
// Opening + Deferred - Released = Closing, to the cent. Amounts are net, positive for money owed to the seller.
type RollForward struct {
	Marketplace                          string
	Currency                             settlement.Currency
	Opening, Deferred, Released, Closing settlement.Money
}

// Accrual is the accrual of one period's end.
type Accrual struct {
	RollForward []RollForward
	Entries     []Document // one journal for each marketplace and currency, dated the last day of the period
	Reversals   []Document // their mirrors, dated the first day of the next period, or as the rules have it where that is closed, in the same order
	// Plan is entries and reversals as what an engine books at one time. In the place of a settlement it has the name
	// ACR and the period, as ACR202611; in the place of a report and of payout facts the two snapshots. Nothing in
	// it can be traced to rows of a report.
	Plan *Plan
}

// AccrualID is what the documents of a fiscal period's accrual have for a settlement id, such as ACR202508.
func AccrualID(period int) string { return "ACR" + strconv.Itoa(period) }

// Accrue books what Amazon has deferred and not released at a period's end: a journal for each marketplace on the
// accounts of the categories, against the accrual account, and its mirror on the first day of the next period.
// Settlement documents are never touched by it; over time each transaction's accruals and reversals are zero.
//
// before is the snapshot of the period before; the first one ever has none, and has to be marked Opening. Accrue
// refuses a snapshot that is not complete, and a transaction that was open and is missing, or changed, now.
func (r *Rules) Accrue(before, now Snapshot, c Calendar) (Accrual, error) {
	refuse := func(format string, args ...any) (Accrual, error) {
		return Accrual{}, fmt.Errorf("ledgermap: accrual of period %d: %s", now.Period, fmt.Sprintf(format, args...))
	}
	periods := c.Periods()
	at := slices.IndexFunc(periods, func(p Period) bool { return p.Number == now.Period })
	switch {
	case r.accrual.account == "":
		return refuse("the rules name no accrual account; write accrual: {account: …}")
	case !now.Complete:
		return refuse("incomplete: Amazon did not answer for the whole period, and no estimate is booked; take the snapshot again")
	case at < 0:
		return refuse("it is not in the fiscal calendar")
	case periods[at].Closed:
		return refuse("it is closed")
	case before.Period == 0 && !now.Opening:
		return refuse("there is no snapshot before it; review this one and mark it as the opening balance")
	case before.Period != 0 && (now.Opening || before.Period >= now.Period):
		return refuse("the snapshot before it is of period %d", before.Period)
	}
	after := periods[at].End.AddDays(1)
	next, on, err := r.Bookable(c, after)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return refuse("its reversal: %s", refused.Message)
	}
	rolls, open, err := roll(before, now)
	if err != nil {
		return refuse("%v", err)
	}
	name := AccrualID(periods[at].Number)
	result := Accrual{RollForward: rolls, Plan: &Plan{
		Statement: settlement.Statement{ID: name}, TimeZone: r.zoneName, Offline: c.Offline(),
		Hashes: Hashes{Report: now.Hash(), Rules: r.Hash(), Calendar: c.Hash(), Payout: before.Hash()},
	}}
	for _, f := range rolls {
		lines, err := r.accrualLines(open, f)
		if err != nil {
			return refuse("%v", err)
		}
		if len(lines) == 0 {
			continue
		}
		entry, err := NewDocument(DocumentSpec{
			SettlementID: name, Ordinal: len(result.Entries) + 1, Part: letters(len(result.Entries)), Kind: Journal, Period: now.Period, Date: periods[at].End, Currency: f.Currency,
			Description: cut("Deferred "+periods[at].String()+" "+f.Marketplace, maxDocumentDescription), Lines: lines,
		})
		if err != nil {
			return refuse("%v", err)
		}
		mirror, err := Mirror(entry, next.Number, on, after)
		if err == nil { // a document of its own, booked with the entry and not in its place
			spec := mirror.Spec()
			spec.Ordinal = FirstAccrualReversal + len(result.Reversals)
			mirror, err = NewDocument(spec)
		}
		if err != nil {
			return refuse("%v", err)
		}
		result.Entries, result.Reversals = append(result.Entries, entry), append(result.Reversals, mirror)
	}
	if on != after && len(result.Reversals) > 0 {
		result.Plan.Findings = append(result.Plan.Findings, movedTo(c, after, on))
	}
	result.Plan.Documents = slices.Concat(result.Entries, result.Reversals)
	return result, nil
}

// accrualLines are the open amounts of one marketplace and currency by target, and the accrual account.
func (r *Rules) accrualLines(open []Deferred, f RollForward) ([]Line, error) {
	if f.Currency != r.functional && !r.multi {
		return nil, fmt.Errorf("%s is not the company's currency %s; accrue it where the ledger translates", f.Currency, r.functional)
	}
	p := planner{Rules: r, statement: settlement.Statement{ID: "deferred"}}
	sums := make(map[target]settlement.Money)
	for _, d := range open {
		for _, a := range d.Amounts {
			if d.Marketplace != f.Marketplace || a.Amount.Currency() != f.Currency {
				continue
			}
			info, _ := a.Category.Info()
			key := lineKind{category: a.Category, marketplace: d.Marketplace}
			i := slices.IndexFunc(r.rules, func(x *rule) bool {
				return !x.when.byKind && !x.when.bySKU && !x.when.dated() && x.when.matchKind(key)
			})
			var x *rule
			if i >= 0 {
				x = r.rules[i]
			}
			where := r.resolve(a.Category, x)
			if where.refuse != "" || info.Category == "" {
				return nil, fmt.Errorf("transaction %s: %s", d.ID, cmp.Or(where.refuse, "unknown category "+string(a.Category)))
			}
			sum, err := sums[where.target].Add(a.Amount)
			if err != nil {
				return nil, err
			}
			sums[where.target] = sum
		}
	}
	var lines []Line
	for t, sum := range sums {
		if !sum.IsZero() {
			line := p.line(t, string(t.category))
			setSigned(&line, sum.Neg())
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.WBS1, b.WBS1), cmp.Compare(a.WBS2, b.WBS2),
			cmp.Compare(a.WBS3, b.WBS3), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Description, b.Description))
	})
	if len(lines) == 0 {
		return nil, nil
	}
	lines, err := p.balanceBooks(lines, p.line(r.accrual, "accrual"))
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Signed().IsZero() }), err
}

// roll compares two snapshots transaction by transaction.
func roll(before, now Snapshot) ([]RollForward, []Deferred, error) {
	type book struct {
		marketplace string
		currency    settlement.Currency
	}
	rolls := make(map[book]*RollForward)
	was := make(map[string]Deferred)
	for _, d := range before.Transactions {
		if !d.Released {
			was[d.ID] = d
		}
	}
	var open []Deferred
	seen := make(map[string]bool)
	for _, d := range now.sorted() {
		if seen[d.ID] {
			return nil, nil, fmt.Errorf("transaction %s is in the snapshot twice", d.ID)
		}
		seen[d.ID] = true
		amount, err := d.total()
		if err != nil {
			return nil, nil, fmt.Errorf("transaction %s: %w", d.ID, err)
		}
		k := book{d.Marketplace, amount.Currency()}
		f := rolls[k]
		if f == nil {
			zero := settlement.MoneyOf(0, k.currency)
			f = &RollForward{k.marketplace, k.currency, zero, zero, zero, zero}
			rolls[k] = f
		}
		into := &f.Deferred
		if old, known := was[d.ID]; known || now.Opening {
			into = &f.Opening
			if known && (old.Marketplace != d.Marketplace || !slices.Equal(old.Amounts, d.Amounts)) {
				return nil, nil, fmt.Errorf("transaction %s is not what it was at the end of period %d", d.ID, before.Period)
			}
		}
		delete(was, d.ID)
		state := &f.Closing
		if d.Released {
			state = &f.Released
		} else {
			open = append(open, d)
		}
		var errs [2]error
		*into, errs[0] = into.Add(amount)
		*state, errs[1] = state.Add(amount)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range before.sorted() {
		if _, missing := was[d.ID]; missing {
			return nil, nil, fmt.Errorf("transaction %s was open at the end of period %d and is in the snapshot no more; take it again", d.ID, before.Period)
		}
	}
	var list []RollForward
	for _, f := range rolls {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b RollForward) int {
		return cmp.Or(cmp.Compare(a.Marketplace, b.Marketplace), cmp.Compare(a.Currency.String(), b.Currency.String()))
	})
	return list, open, nil
}
