package settlementtest

import (
	"time"
)

// generator makes the rows of one settlement out of its seed. It runs over them once to learn what the closing row must
// be, and then as often as somebody reads them; nothing is kept.
type generator struct {
	seller     Seller
	market     Marketplace
	index      int
	in         carry
	outcome    Outcome
	start, end time.Time
	seed       uint64

	closing Row   // the row that brings the outcome about
	reserve int64 // what closing holds back, 0 or negative
	total   int64
	count   int
}

// close chooses the closing row.
func (g *generator) close() {
	var sum int64
	rows := 0
	for r := range g.body(false) {
		sum += r.Amount
		rows++
	}
	d := dice(hash(g.seed, "close"))
	at := g.end.Add(-time.Duration(d.between(1, 50)) * time.Second)
	reserve := func(held int64) Row {
		g.reserve = held
		return g.account("other-transaction", "other-transaction", "Current Reserve Amount", held, at)
	}
	reimburse := func(amount int64) Row {
		r := g.account("other-transaction", "FBA Inventory Reimbursement", "WAREHOUSE_LOST", amount, at)
		r.SKU, r.Quantity = g.sku(0), "1"
		return r
	}
	switch {
	case g.outcome == Negative && sum >= 0:
		g.closing = g.account("other-transaction", "other-transaction", "Inbound Transportation Fee", -sum-d.between(3000, 40000), at)
	case g.outcome == Negative:
		g.closing = g.account("other-transaction", "other-transaction", "Inbound Transportation Fee", -d.between(3000, 40000), at)
	case g.outcome == Zero && sum > 0:
		g.closing = reserve(-sum)
	case g.outcome == Zero:
		g.closing = reimburse(-sum)
	case sum > 1000:
		g.closing = reserve(-sum * d.between(3, 8) / 100)
	default:
		g.closing = reimburse(-min(sum, 0) + d.between(2000, 30000))
	}
	g.total, g.count = sum+g.closing.Amount, rows+1
	if g.closing.Amount == 0 { // nothing to clear: Amazon leaves out rows of 0.00
		g.count--
	}
}

// lines yields all rows.
func (g *generator) lines(yield func(Row) bool) {
	for r := range g.body(true) {
		if !yield(r) {
			return
		}
	}
	if g.closing.Amount != 0 {
		yield(g.closing)
	}
}

// body yields all rows but the closing one. Without ids the amounts are the same and the texts are left out, which is
// all that adding up needs.
func (g *generator) body(ids bool) func(yield func(Row) bool) {
	return func(yield func(Row) bool) {
		d := dice(g.seed)
		account := g.accountRows(&d)
		want := g.seller.Rows - 1 // the closing row
		opening := 0
		for opening < len(account) && account[opening].opening() {
			if !yield(account[opening]) {
				return
			}
			opening++
		}
		account = account[opening:]
		done := opening
		o := orders{generator: g, dice: &d, ids: ids}
		for room := want - done - len(account); room > 0; {
			group := o.next(done, want)
			if len(group) > room {
				group = o.label(done, want)
			}
			for _, r := range group {
				if !yield(r) {
					return
				}
			}
			room, done = room-len(group), done+len(group)
			if len(account) > 0 && d.chance(20) { // account rows stand between the orders
				if !yield(account[0]) {
					return
				}
				account, done = account[1:], done+1
			}
		}
		for _, r := range account {
			if !yield(r) {
				return
			}
		}
	}
}

func (r Row) opening() bool {
	switch r.AmountDescription {
	case "Payable to Amazon", "Successful charge", "Previous Reserve Amount Balance":
		return true
	}
	return false
}

func (g *generator) account(kind, amountType, description string, amount int64, at time.Time) Row {
	return Row{TransactionType: kind, AmountType: amountType, AmountDescription: description, Amount: amount, Posted: at}
}

// at returns an instant near that part of the way (done out of of) through the period, never outside it.
func (g *generator) at(done, of int, spread time.Duration, d *dice) time.Time {
	length := g.end.Sub(g.start)
	t := g.start.Add(length / time.Duration(of) * time.Duration(done))
	spread = min(spread, length/8)
	t = t.Add(time.Duration(d.between(-int64(spread), int64(spread)))).Truncate(time.Second)
	if t.Before(g.start) {
		t = g.start
	}
	if !t.Before(g.end) {
		t = g.end.Add(-time.Second)
	}
	return t
}

// accountRows are the rows that belong to no order: first what the previous settlement left, then advertising, storage,
// subscription and the like.
func (g *generator) accountRows(d *dice) []Row {
	var rows []Row
	add := func(kind, amountType, description string, amount int64, at time.Time) {
		if amount != 0 {
			rows = append(rows, g.account(kind, amountType, description, amount, at))
		}
	}
	const other = "other-transaction"
	length := g.end.Sub(g.start)
	if g.in.debt != 0 {
		add(other, other, "Payable to Amazon", g.in.debt, g.start)
		add(other, other, "Successful charge", -g.in.debt, g.start.Add(min(80*time.Minute, length/4)))
	}
	add(other, other, "Previous Reserve Amount Balance", -g.in.reserve, g.start.Add(min(2*time.Second, length/4)))
	if g.in.failed != 0 { // the bank sent it back a day after the deposit date
		add(other, other, failedTransfer,
			g.in.failed, g.start.Add(min(3*24*time.Hour, length/2)))
	}
	size := int64(g.seller.Rows) // fees grow with the business
	weeks := max(1, int(length/(7*24*time.Hour)))
	for i := range weeks {
		add("ServiceFee", "Cost of Advertising", "TransactionTotalAmount", -d.between(5*size, 45*size)/int64(weeks), g.at(i+1, weeks+1, 12*time.Hour, d))
	}
	if d.chance(25) {
		add("ServiceFee", "Refund for Advertiser", "TransactionTotalAmount", d.between(100, 900), g.at(5, 10, 24*time.Hour, d))
	}
	for month := monthStart(g.start).AddDate(0, 1, 0); month.Before(g.end); month = month.AddDate(0, 1, 0) {
		add(other, other, "Subscription Fee", -3999, month.Add(time.Duration(d.between(0, 3600))*time.Second))
		at := month.Add(time.Duration(d.between(3600, 90000)) * time.Second)
		if at.Before(g.end) {
			add("FBAFees", "FBA Inventory Storage Fee", "Base fee", -d.between(3*size, 30*size), at)
		}
	}
	if d.chance(60) {
		add(other, other, "Storage Fee", -d.between(size, 8*size), g.at(6, 10, 24*time.Hour, d))
	}
	if d.chance(70) {
		add(other, "FBA Inventory Reimbursement", "WAREHOUSE_DAMAGE", d.between(500, 6000), g.at(3, 10, 48*time.Hour, d))
	}
	if d.chance(30) {
		add(other, "FBA Inventory Reimbursement", "REVERSAL_REIMBURSEMENT", -d.between(300, 2000), g.at(7, 10, 48*time.Hour, d))
	}
	if size >= 200 && d.chance(50) {
		add("AmazonFees", "Vine Enrollment Fee", "Base fee", -20000, g.at(4, 10, 48*time.Hour, d))
	}
	return rows
}

func monthStart(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// failedTransfer is Amazon's sentence for a transfer that came back.
const failedTransfer = "Transfer of funds unsuccessful: We could not transfer funds to your bank account because the " +
	"account information on file is invalid. Please update your bank account information."
