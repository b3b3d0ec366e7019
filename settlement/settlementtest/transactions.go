package settlementtest

import (
	"encoding/base64"
	"encoding/binary"
	"iter"
	"slices"
	"time"
)

// Transaction is what listTransactions tells: one order shipment, refund or account event with its rows.
type Transaction struct {
	ID          string
	Type        string // "Shipment", "Refund", "ServiceFee" …
	Description string // "Order Payment", "Refund Order" …
	Status      string // RELEASED, DEFERRED or DEFERRED_RELEASED
	Posted      time.Time
	Marketplace string // id
	Currency    string
	Amount      int64 // minor units: the sum of Rows
	Rows        []Row

	OrderID, ShipmentID, RefundID string
	// SettlementID and EventGroup are empty on transactions that no settlement holds (yet).
	SettlementID, EventGroup string
	// DeferredID names the deferred transaction that this one releases, ReleaseID the release of this deferred one.
	// Both rows of such a pair carry the same money: counting both counts it twice.
	DeferredID, ReleaseID string
	DeferralReason        string // "DD7" or "B2B"
	Maturity              time.Time
}

// Transactions yields the settlement's transactions in the report's order; their amounts add up to Total. Rows that
// follow each other and share order, shipment and adjustment are one transaction; each account row is its own.
// It can be ranged any number of times.
func (s Settlement) Transactions() iter.Seq[Transaction] {
	return func(yield func(Transaction) bool) {
		var rows []Row
		n := 0
		flush := func() bool {
			if len(rows) == 0 {
				return true
			}
			t := s.transaction(n, rows)
			n++
			rows = nil
			return yield(t)
		}
		for r := range s.lines {
			if len(rows) > 0 && !together(rows[0], r) && !flush() {
				return
			}
			rows = append(rows, r)
		}
		flush()
	}
}

func together(a, b Row) bool {
	return a.OrderID != "" && a.OrderID == b.OrderID && a.TransactionType == b.TransactionType &&
		a.ShipmentID == b.ShipmentID && a.AdjustmentID == b.AdjustmentID && a.Posted.Equal(b.Posted)
}

// Deferrals yields the deferred twins of those of the settlement's transactions that were held back until delivery and
// released in this period. They belong to no settlement: status DEFERRED_RELEASED, posted seven days earlier.
func (s Settlement) Deferrals() iter.Seq[Transaction] {
	return func(yield func(Transaction) bool) {
		for t := range s.Transactions() {
			if t.DeferredID == "" {
				continue
			}
			twin := t
			twin.ID, twin.ReleaseID, twin.DeferredID = t.DeferredID, t.ID, ""
			twin.Status = "DEFERRED_RELEASED"
			twin.Posted = t.Posted.AddDate(0, 0, -7)
			twin.Maturity, twin.DeferralReason = t.Posted, "DD7"
			twin.SettlementID, twin.EventGroup = "", ""
			if !yield(twin) {
				return
			}
		}
	}
}

func (s Settlement) transaction(n int, rows []Row) Transaction {
	first := rows[0]
	h := hash(s.ID, s.SellerID, n)
	t := Transaction{
		ID: transactionID(h), Type: first.TransactionType, Description: first.AmountDescription, Status: "RELEASED",
		Posted: first.Posted, Marketplace: s.Marketplace, Currency: s.Currency, Rows: rows,
		OrderID: first.OrderID, ShipmentID: first.ShipmentID, SettlementID: s.ID, EventGroup: s.EventGroup,
	}
	for _, r := range rows {
		t.Amount += r.Amount
	}
	switch first.TransactionType {
	case "Order":
		t.Type, t.Description = "Shipment", "Order Payment"
		if h%10 == 0 { // held back until seven days after delivery
			t.DeferredID = transactionID(mix(h))
		}
	case "Refund":
		t.Description, t.RefundID = "Refund Order", first.AdjustmentID
	}
	return t
}

// Deferred returns the orders that are held back on the seller's Until: no settlement holds them yet. They are
// accruals at a period's end.
func (s Seller) Deferred() []Transaction {
	s = s.defaults()
	g := &generator{
		seller: s, market: s.market(), seed: hash(s.ID, s.Marketplace, s.Currency, s.Seed, "deferred"),
		start: s.Until.AddDate(0, 0, -6), end: s.Until,
	}
	d := dice(g.seed)
	o := orders{generator: g, dice: &d, ids: true}
	var list []Transaction
	for i := range 4 {
		o.n++
		o.buf = o.buf[:0]
		o.order(o.at(i, 4, time.Hour, &d))
		t := Transaction{
			ID: transactionID(hash(g.seed, i)), Type: "Shipment", Description: "Order Payment", Status: "DEFERRED",
			Posted: o.buf[0].Posted, Marketplace: s.Marketplace, Currency: s.Currency, Rows: slices.Clone(o.buf),
			OrderID: o.buf[0].OrderID, ShipmentID: o.buf[0].ShipmentID, DeferralReason: [...]string{"DD7", "B2B"}[i%2],
		}
		t.Maturity = t.Posted.AddDate(0, 0, 7)
		for _, r := range t.Rows {
			t.Amount += r.Amount
		}
		list = append(list, t)
	}
	return list
}

func transactionID(h uint64) string {
	var b [32]byte
	for i := range 4 {
		binary.BigEndian.PutUint64(b[i*8:], mix(h+uint64(i)*3+1))
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}
