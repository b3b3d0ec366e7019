// Package monthend adds up what the close of a fiscal period needs: the payouts of the period, the roll-forward of the
// clearing and reserve accounts to the cent, and what is still open. It is pure: everything comes from the documents in the
// ledger, as the audit log has them, and from where each payout stands.
package monthend

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/books"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Seller is what one seller's part is made from.
type Seller struct {
	Name    string
	Rules   *ledgermap.Rules
	Period  ledgermap.Period
	Entries []books.Entry  // everything in the ledger, of all periods
	Payouts []store.Payout // all of them
	// Unfetched are the settlements that Amazon closed and whose report is missing.
	Unfetched []settlement.GroupFact
	// Money says in words where the money of a payout is.
	Money func(store.Payout) string
}

// Books returns a book for each currency in which something was booked in the period or is open at its end.
func Books(s Seller) ([]page.Book, error) {
	currencies := map[string]settlement.Currency{}
	of := map[string]string{} // settlement → the currency of its documents
	for _, e := range s.Entries {
		c := e.Document.Currency()
		currencies[c.String()] = c
		of[e.Key.Settlement] = c.String()
	}
	for _, p := range s.Payouts {
		if c, err := settlement.ParseCurrency(p.Currency); err == nil && of[p.Settlement] == "" {
			currencies[c.String()], of[p.Settlement] = c, c.String()
		}
	}
	for _, g := range s.Unfetched {
		currencies[g.OriginalTotal.Currency().String()] = g.OriginalTotal.Currency()
	}
	var list []page.Book
	for _, code := range slices.Sorted(maps.Keys(currencies)) {
		b := book{Seller: s, currency: currencies[code]}
		for _, e := range s.Entries {
			if e.Document.Currency() == b.currency && !e.Gone {
				b.entries = append(b.entries, e)
			}
		}
		for _, p := range s.Payouts {
			if of[p.Settlement] == code {
				b.payouts = append(b.payouts, p)
			}
		}
		slices.SortFunc(b.payouts, func(x, y store.Payout) int {
			return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.Settlement, y.Settlement))
		})
		view, err := b.view()
		if err != nil {
			return nil, fmt.Errorf("period %s of seller %s in %s: %w", s.Period, s.Name, code, err)
		}
		if !empty(view) {
			list = append(list, view)
		}
	}
	return list, nil
}

// book is one currency of a seller.
type book struct {
	Seller
	currency settlement.Currency
	entries  []books.Entry
	payouts  []store.Payout
}

// empty reports whether there is nothing to say.
func empty(v page.Book) bool {
	return len(v.Payouts) == 0 && len(v.Open) == 0 && len(v.Clearing.Rows) == 0 && len(v.Reserve.Rows) == 0 && v.Reserve.Total.Closing.IsZero()
}

func (b book) view() (page.Book, error) {
	v := page.Book{Seller: b.Name, Currency: b.currency, Zone: b.Rules.TimeZone()}
	var err error
	if v.Clearing, err = b.clearing(); err != nil {
		return v, err
	}
	if v.Reserve, err = b.reserve(); err != nil {
		return v, err
	}
	if v.Payouts, err = b.month(); err != nil {
		return v, err
	}
	v.Open = b.open()
	return v, nil
}

// part is the number that a document has in its plan, also where it reverses that one.
func part(e books.Entry) int {
	if e.Key.Ordinal > ledgermap.ReversalOffset {
		return e.Key.Ordinal - ledgermap.ReversalOffset
	}
	return e.Key.Ordinal
}

// clearing is what Amazon owes: for each settlement, what it earned, and what was paid or carried.
func (b book) clearing() (page.Roll, error) {
	account := b.Rules.ClearingAccount()
	roll := page.Roll{Account: b.name(account) + ": what Amazon owes", In: "Earned", Out: "Paid or carried"}
	rows := map[string]*page.RollRow{}
	left, moved := map[string]settlement.Money{}, map[string]bool{} // over all periods
	for _, e := range b.entries {
		id := e.Document.SettlementID()
		for _, l := range e.Document.Lines() {
			if l.Account != account {
				continue
			}
			r := rows[id]
			if r == nil {
				r = b.zero(id)
				rows[id] = r
			}
			var err error
			if left[id], err = left[id].Add(l.Signed()); err != nil {
				return roll, err
			}
			if err := b.add(r, e, part(e) < ledgermap.TransferLeg, l.Signed()); err != nil {
				return roll, err
			}
		}
		if n := e.Key.Ordinal; (n == ledgermap.TransferLeg || n == ledgermap.FailedTransfer) && !e.Reversed {
			moved[id] = true
		}
	}
	for _, id := range b.inOrder(rows) {
		r := *rows[id]
		if moved[id] && !left[id].IsZero() {
			roll.Problems = append(roll.Problems, fmt.Sprintf("settlement %s: its money has moved, and %s is left on the clearing account", id, page.Amount(left[id])))
		}
		if r.Opening.IsZero() && r.In.IsZero() && r.Out.IsZero() && r.Closing.IsZero() {
			continue
		}
		roll.Rows = append(roll.Rows, r)
	}
	return roll, b.total(&roll, rows)
}

// reserve is what Amazon holds back. Each settlement releases what the one before held, so the balance runs on from one to
// the next.
func (b book) reserve() (page.Roll, error) {
	accounts := map[string]bool{}
	rows := map[string]*page.RollRow{}
	for _, e := range b.entries {
		id := e.Document.SettlementID()
		for _, l := range e.Document.Lines() {
			info, _ := settlement.Category(l.Category).Info()
			if info.Class != settlement.ClassReserve {
				continue
			}
			accounts[b.name(l.Account)] = true
			r := rows[id]
			if r == nil {
				r = b.zero(id)
				rows[id] = r
			}
			if err := b.add(r, e, l.Signed().Sign() > 0, l.Signed()); err != nil {
				return page.Roll{}, err
			}
		}
	}
	roll := page.Roll{Account: "Reserve: what Amazon holds back", In: "Held", Out: "Released"}
	if len(accounts) > 0 {
		roll.Account = strings.Join(slices.Sorted(maps.Keys(accounts)), ", ") + ": what Amazon holds back"
	}
	if err := b.total(&roll, rows); err != nil {
		return roll, err
	}
	balance := roll.Total.Opening
	for _, id := range b.inOrder(rows) {
		r := *rows[id]
		if r.In.IsZero() && r.Out.IsZero() {
			continue
		}
		r.Opening = balance
		var err error
		if r.Closing, err = sum(r.Opening, r.In, r.Out); err != nil {
			return roll, err
		}
		balance = r.Closing
		roll.Rows = append(roll.Rows, r)
	}
	return roll, nil
}

func (b book) zero(id string) *page.RollRow {
	zero := settlement.MoneyOf(0, b.currency)
	return &page.RollRow{Settlement: id, Opening: zero, In: zero, Out: zero, Closing: zero}
}

// add takes one ledger line into a row, if its document is of the period or an earlier one.
func (b book) add(r *page.RollRow, e books.Entry, in bool, amount settlement.Money) error {
	into := &r.Out
	switch {
	case e.Document.Period() > b.Period.Number:
		return nil
	case e.Document.Period() < b.Period.Number:
		into = &r.Opening
	case in:
		into = &r.In
	}
	for _, m := range []*settlement.Money{into, &r.Closing} {
		added, err := m.Add(amount)
		if err != nil {
			return err
		}
		*m = added
	}
	return nil
}

// total adds the rows up, also those that are not shown, and says where they do not add up.
func (b book) total(roll *page.Roll, rows map[string]*page.RollRow) error {
	roll.Total = *b.zero("")
	t := &roll.Total
	for _, r := range rows {
		for _, pair := range [][2]*settlement.Money{{&t.Opening, &r.Opening}, {&t.In, &r.In}, {&t.Out, &r.Out}, {&t.Closing, &r.Closing}} {
			added, err := pair[0].Add(*pair[1])
			if err != nil {
				return err
			}
			*pair[0] = added
		}
	}
	closing, err := sum(t.Opening, t.In, t.Out)
	if err == nil && closing != t.Closing {
		roll.Problems = append(roll.Problems, fmt.Sprintf("opening and movements come to %s, and the balance is %s", closing, t.Closing))
	}
	return err
}

func sum(amounts ...settlement.Money) (total settlement.Money, err error) {
	for _, m := range amounts {
		if total, err = total.Add(m); err != nil {
			return total, err
		}
	}
	return total, nil
}

// inOrder are the settlements of rows in the order of their periods.
func (b book) inOrder(rows map[string]*page.RollRow) []string {
	place := map[string]int{}
	for i, p := range b.payouts {
		place[p.Settlement] = i
	}
	return slices.SortedFunc(maps.Keys(rows), func(x, y string) int { return cmp.Or(cmp.Compare(place[x], place[y]), cmp.Compare(x, y)) })
}

// name is an account's code and name.
func (b book) name(code string) string {
	for _, a := range b.Rules.Accounts() {
		if a.Code == code && a.Name != "" {
			return code + " " + a.Name
		}
	}
	return code
}

// ends is the day on which a payout's settlement ends, in the ledger's zone.
func (b book) ends(p store.Payout) ledgermap.Date { return ledgermap.DateOf(p.End, b.Rules.Location()) }

// month lists the payouts that have documents in the period, or end in it.
func (b book) month() ([]page.MonthPayout, error) {
	earned := map[string]settlement.Money{}
	booked := map[string]bool{}
	for _, e := range b.entries {
		if e.Document.Period() != b.Period.Number {
			continue
		}
		id := e.Document.SettlementID()
		booked[id] = true
		for _, l := range e.Document.Lines() {
			if part(e) >= ledgermap.TransferLeg || l.Account != b.Rules.ClearingAccount() && !(l.Auto && e.Document.Kind() == ledgermap.Invoice) {
				continue
			}
			var err error
			if earned[id], err = earned[id].Add(l.Signed()); err != nil {
				return nil, err
			}
		}
	}
	var list []page.MonthPayout
	for _, p := range b.payouts {
		end := b.ends(p)
		if !booked[p.Settlement] && (end.Compare(b.Period.Start) < 0 || end.Compare(b.Period.End) > 0) {
			continue
		}
		total, err := settlement.ParseAmount(p.Total, p.Currency)
		if err != nil {
			return nil, fmt.Errorf("settlement %s: %w", p.Settlement, err)
		}
		own, err := settlement.MoneyOf(0, b.currency).Add(earned[p.Settlement])
		if err != nil {
			return nil, err
		}
		zone := b.Rules.Location()
		list = append(list, page.MonthPayout{
			Settlement: p.Settlement, Start: p.Start.In(zone).Format("2006-01-02 15:04"), End: p.End.In(zone).Format("2006-01-02 15:04"),
			State: strings.ReplaceAll(p.State, "_", " "), Reconciliation: p.Reconciliation, Total: total, Earned: own, Money: b.Money(p),
		})
	}
	return list, nil
}

// open lists what has to be done about payouts that end by the period's end, the reports among them that are missing, and
// the period's drafts.
func (b book) open() []page.OpenItem {
	var list []page.OpenItem
	for _, p := range b.payouts {
		if !p.Settled && p.State != string(booking.StateReversed) && b.ends(p).Compare(b.Period.End) <= 0 {
			list = append(list, page.OpenItem{Settlement: p.Settlement, What: reason(p)})
		}
	}
	for _, g := range b.Unfetched {
		if g.OriginalTotal.Currency() == b.currency && ledgermap.DateOf(g.End, b.Rules.Location()).Compare(b.Period.End) <= 0 {
			list = append(list, page.OpenItem{What: round.UnfetchedText(g)})
		}
	}
	drafts := 0
	for _, e := range b.entries {
		if e.Document.Period() == b.Period.Number && !e.Posted {
			drafts++
		}
	}
	if drafts > 0 {
		list = append(list, page.OpenItem{What: fmt.Sprintf("%d documents of the period are drafts, as far as the last round saw: post them in Vantagepoint", drafts)})
	}
	return list
}

// reason says why nothing is settled yet.
func reason(p store.Payout) string {
	var texts []string
	if p.Error != "" {
		first, _, _ := strings.Cut(p.Error, "\n")
		texts = append(texts, p.State+": "+first)
	}
	if p.State == string(booking.StateAwaitingApproval) {
		texts = append(texts, "its plan waits for a release")
	}
	for _, d := range p.Documents {
		if d.State == string(booking.DocumentWaiting) {
			texts = append(texts, "its "+d.Kind+" waits")
		}
	}
	if p.Reconciliation != string(settlement.Agreed) {
		texts = append(texts, "the second source says: "+cmp.Or(p.Reconciliation, "nothing yet"))
	}
	if len(texts) == 0 {
		texts = append(texts, "it stands as "+strings.ReplaceAll(p.State, "_", " "))
	}
	return strings.Join(texts, "; ")
}
