package round

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// held is how far back Amazon is asked for deferred transactions: the longest window that it answers for.
const held = 179 * 24 * time.Hour

// SnapshotWindow is how long after a period's end its snapshot may be taken: Amazon changes a transaction's status in place
// when it releases it, so that a later look would miss what was released since.
const SnapshotWindow = time.Hour

// ripe is how long after a period's end Amazon is asked what was deferred then: it refuses what is not two minutes old.
const ripe = 150 * time.Second

// Snapshot takes and keeps the snapshot of what was deferred at the end of the fiscal period that ended last, if that is
// not longer ago than [SnapshotWindow] and it is not kept yet. It reports whether it took one.
func (s *Seller) Snapshot(ctx context.Context) (taken bool, err error) {
	calendar, err := s.periods(ctx, ofPlans)
	if err != nil {
		return false, err
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return false, err
	}
	period, err := s.toKeep(ctx, calendar, now)
	if err != nil || period.Number == 0 || now.Before(s.endOf(period).Add(ripe)) {
		return false, err
	}
	kept, err := s.Store.Snapshots(ctx, s.Name)
	if err != nil {
		return false, err
	}
	before, err := SnapshotBefore(kept, period.Number)
	if err != nil {
		return false, err
	}
	var since time.Time // end of the snapshot before
	for _, p := range calendar.Periods() {
		if p.Number == before.Period {
			since = s.endOf(p)
		}
	}
	return true, s.snapshot(ctx, period.Number, since, s.endOf(period), before)
}

// NextSnapshot returns the fiscal period whose snapshot is to be taken next, and when: that of the period which has just
// ended, until it is kept or its hour is over, else that of this moment. Both are zero where the ledger has no such period.
func (s *Seller) NextSnapshot(ctx context.Context) (period int, at time.Time, err error) {
	calendar, err := s.periods(ctx, ofEnds)
	if err != nil {
		return 0, time.Time{}, err
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return 0, time.Time{}, err
	}
	next, err := s.toKeep(ctx, calendar, now)
	if err != nil || next.Number == 0 {
		return 0, time.Time{}, err
	}
	return next.Number, s.endOf(next).Add(ripe), nil
}

// toKeep is the first period whose snapshot is not kept and still can be; the zero one where the ledger has none.
func (s *Seller) toKeep(ctx context.Context, calendar ledgermap.Calendar, now time.Time) (ledgermap.Period, error) {
	for _, p := range calendar.Periods() {
		end := s.endOf(p)
		if regular, _ := calendar.At(p.End); regular.Number != p.Number || now.Sub(end) > SnapshotWindow {
			continue
		}
		if now.Before(end) {
			return p, nil
		}
		if kept, err := s.Store.HasSnapshot(ctx, s.Name, p.Number); err != nil || !kept {
			return p, err
		}
	}
	return ledgermap.Period{}, nil
}

func (s *Seller) endOf(p ledgermap.Period) time.Time { return endOf(p, s.Rules.Location()) }

// endOf is the instant after the period in the ledger's zone.
func endOf(p ledgermap.Period, zone *time.Location) time.Time {
	d := p.End.AddDays(1)
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// SnapshotOf returns a period's snapshot, and an [*IncompleteError] where none was taken or it is not complete. Calendar and
// zone are the ledger's: what cannot have been taken by now was not missed.
func SnapshotOf(kept []store.Snapshot, period int, calendar ledgermap.Calendar, zone *time.Location, now time.Time) (snap ledgermap.Snapshot, err error) {
	i := slices.IndexFunc(kept, func(k store.Snapshot) bool { return k.Period == period })
	if i < 0 {
		return snap, &IncompleteError{period, whyNone(period, calendar, zone, now)}
	}
	if err := json.Unmarshal(kept[i].Body, &snap); err != nil {
		return snap, fmt.Errorf("the snapshot of period %d is damaged: %w", period, err)
	}
	if snap.Hash() != kept[i].Hash {
		return snap, fmt.Errorf("the snapshot of period %d is not what it was when it was taken: %w", period, booking.ErrBroken)
	}
	if !snap.Complete {
		return snap, &IncompleteError{period, "the snapshot, taken " + kept[i].Taken.UTC().Format(time.DateTime) + " UTC, could not be completed: " +
			cmp.Or(snap.Missing, "Amazon did not answer")}
	}
	return snap, nil
}

// whyNone says why no snapshot of a period is kept.
func whyNone(period int, calendar ledgermap.Calendar, zone *time.Location, now time.Time) string {
	all := calendar.Periods()
	i := slices.IndexFunc(all, func(p ledgermap.Period) bool { return p.Number == period })
	if i < 0 {
		return "the fiscal calendar holds no such period"
	}
	if end := endOf(all[i], zone); now.Sub(end) <= SnapshotWindow {
		return fmt.Sprintf("the period ends at %s; `serve` takes the snapshot in the hour after", end.Format("2006-01-02 15:04 MST"))
	}
	return Missed
}

// SnapshotBefore returns the latest complete snapshot before a period; the zero one where there is none.
func SnapshotBefore(kept []store.Snapshot, period int) (before ledgermap.Snapshot, err error) {
	for _, k := range kept {
		if k.Period < period && k.Complete {
			before = ledgermap.Snapshot{}
			if err := json.Unmarshal(k.Body, &before); err != nil {
				return before, fmt.Errorf("the snapshot of period %d is damaged: %w", k.Period, err)
			}
		}
	}
	return before, nil
}

// snapshot asks Amazon and keeps the answer. One that is not complete is kept as such, with its reason in the error.
func (s *Seller) snapshot(ctx context.Context, period int, since, end time.Time, before ledgermap.Snapshot) error {
	snap := ledgermap.Snapshot{Period: period, Opening: before.Period == 0}
	var trouble error
	snap.Transactions, trouble = s.deferred(ctx, since, end, before)
	if snap.Complete = trouble == nil; !snap.Complete {
		snap.Missing = trouble.Error()
	}
	body, err := json.Marshal(snap)
	if err != nil {
		return errors.Join(trouble, err)
	}
	err = s.Store.AddSnapshot(ctx, store.Snapshot{Name: s.Name, Period: period, Hash: snap.Hash(), Complete: snap.Complete, Body: body})
	if trouble != nil {
		trouble = fmt.Errorf("the snapshot of what was deferred at the end of period %d is incomplete: %w", period, trouble)
	}
	return errors.Join(trouble, err)
}

// deferred lists what was open at since, the end of the snapshot before, and what was deferred after it, each with its state
// at end.
func (s *Seller) deferred(ctx context.Context, since, end time.Time, before ledgermap.Snapshot) (all []ledgermap.Deferred, err error) {
	open := map[string]bool{} // at the end of the period before
	for _, d := range before.Transactions {
		if !d.Released {
			open[d.ID] = true
		}
	}
	unknown := map[string]bool{}
	for _, status := range []spapi.TransactionStatus{spapi.TransactionDeferred, spapi.TransactionDeferredReleased} {
		released := status == spapi.TransactionDeferredReleased
		query := spapi.TransactionsQuery{PostedAfter: end.Add(-held), PostedBefore: end, Status: status}
		for t, err := range s.Amazon.Finances.Transactions(ctx, query) {
			if err != nil {
				return nil, fmt.Errorf("ask Amazon for deferred transactions: %w", err)
			}
			if released && !open[t.ID] && (before.Period == 0 || t.Posted.Before(since)) {
				continue // released before the period began: history
			}
			d, odd := deferredOf(t, released)
			if len(odd) > 0 {
				for _, name := range odd {
					unknown[name] = true
				}
				continue
			}
			all = append(all, d)
		}
	}
	if len(unknown) > 0 {
		names := make([]string, 0, len(unknown))
		for name := range unknown {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("Amazon names what no category is known for, and none is guessed: %s", strings.Join(names, ", ")) //nolint:staticcheck // a name
	}
	slices.SortFunc(all, func(a, b ledgermap.Deferred) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// reportType is the transaction type that report lines have for a type of Finances, which lists none: its model names
// Shipment, and sellers report that every refund is Refund, whatever the report calls it.
var reportType = map[string]string{"Shipment": "Order", "Refund": "Refund"}

// deferredOf takes a transaction apart by category. odd says what has no category that is known: parts, or the whole.
func deferredOf(t spapi.Transaction, released bool) (d ledgermap.Deferred, odd []string) {
	d = ledgermap.Deferred{ID: t.ID, Marketplace: cmp.Or(t.Marketplace.Name, t.Marketplace.ID), Released: released}
	transactionType, ok := reportType[t.Type]
	if !ok {
		return d, []string{fmt.Sprintf("transaction type %q", t.Type)}
	}
	sums := map[settlement.Category]settlement.Money{}
	var order []settlement.Category
	leaves(t.Breakdowns, func(b spapi.Breakdown) {
		amount, err := settlement.ParseAmount(b.Amount.Amount.String(), cmp.Or(b.Amount.Currency, t.TotalAmount.Currency))
		if err != nil {
			odd = append(odd, b.Type)
			return
		}
		if amount.IsZero() {
			return
		}
		category, ok := partCategory(transactionType, b.Type, amount)
		if !ok {
			odd = append(odd, b.Type)
			return
		}
		sum, known := sums[category]
		if !known {
			order = append(order, category)
		}
		if sums[category], err = sum.Add(amount); err != nil {
			odd = append(odd, b.Type)
		}
	})
	for _, category := range order {
		d.Amounts = append(d.Amounts, ledgermap.DeferredAmount{Category: category, Amount: sums[category]})
	}
	if total, err := settlement.ParseAmount(t.TotalAmount.Amount.String(), t.TotalAmount.Currency); err != nil || sumOf(d.Amounts) != total {
		odd = append(odd, "the parts of transaction "+t.ID+" do not add up to its total "+t.TotalAmount.String())
	}
	return d, odd
}

func sumOf(amounts []ledgermap.DeferredAmount) (sum settlement.Money) {
	for _, a := range amounts {
		next, err := sum.Add(a.Amount)
		if err != nil {
			return settlement.Money{}
		}
		sum = next
	}
	return sum
}

func leaves(tree spapi.Breakdowns, give func(spapi.Breakdown)) {
	for _, b := range tree {
		if len(b.Breakdowns) > 0 {
			leaves(b.Breakdowns, give)
		} else {
			give(b)
		}
	}
}

// partCategory is the category of a part of a deferred sale or refund. Amazon names parts as the descriptions of report
// lines; the model's own examples say Product Charges and Principle. A price is never negative in a sale, nor positive in a
// refund: what reduces it is a promotion, which goes by the same name.
func partCategory(transactionType, name string, amount settlement.Money) (settlement.Category, bool) {
	if name == "Product Charges" || name == "Principle" {
		name = "Principal"
	}
	category := func(transactionType, amountType string) settlement.Category {
		c, _ := settlement.Kind{TransactionType: transactionType, AmountType: amountType, AmountDescription: name}.Category()
		return c
	}
	switch category("Order", "ItemPrice") {
	case settlement.CategoryPrincipal, settlement.CategoryShipping, settlement.CategoryGiftWrap:
		switch {
		case transactionType == "Order" && amount.Sign() < 0:
			return settlement.CategoryPromotion, true
		case transactionType == "Refund" && amount.Sign() > 0:
			return settlement.CategoryRefundPromotion, true
		}
	}
	for _, amountType := range []string{"ItemPrice", "ItemWithheldTax", "ItemFees"} {
		if c := category(transactionType, amountType); c != "" && c != settlement.CategoryOther {
			return c, true
		}
	}
	return "", false
}
