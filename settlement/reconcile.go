package settlement

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// SecondSource is what Amazon's Finances and Transfers say about a settlement,
// as plain facts. What was not asked for, or not answered, is left empty.
type SecondSource struct {
	Summaries    []SummaryFact // listSummary by SETTLEMENT_ID
	Payouts      []PayoutFact  // listPayouts
	Groups       []GroupFact   // listFinancialEventGroups: the fallback
	Transactions []TransactionFact
	Complete     bool // Transactions are all of the settlement's
}

// SummaryFact is a settlement's total as Finances has it.
type SummaryFact struct {
	SettlementID string
	NetProceeds  Money // as [Statement].Total: positive is owed to the seller, negative to Amazon
}

// PayoutFact is a transfer to the seller's bank.
type PayoutFact struct {
	ID            string
	SettlementIDs []string
	Status        string // STARTED, IN_TRANSIT, PAID, FAILED, CANCELLED, NO_PAYOUT
	// Amount is what reaches the bank, positive; the zero Money if Amazon names none. It is compared with a total that
	// is owed to the seller, so that one in another currency differs.
	Amount  Money
	Date    time.Time // UTC; when it took its Status, by which the latest of several is known; zero if unknown
	TraceID string    // joins the bank's statement
}

// GroupFact is a financial event group of Finances v0.
type GroupFact struct {
	ID                 string
	Closed             bool
	FundTransferStatus string // free text: Succeeded, Processing, Failed, Unknown
	Start, End         time.Time
	OriginalTotal      Money     // as [Statement].Total, in the marketplace's currency; the zero Money if Amazon names none
	TransferDate       time.Time // UTC; of a closed group, when the funds were transferred; zero if Amazon does not say
	TraceID            string    // joins the bank's statement
}

// TransactionFact is a transaction of Finances 2024-06-19.
type TransactionFact struct {
	ID         string
	Status     string    // RELEASED, DEFERRED, DEFERRED_RELEASED
	OrderID    string    // "" for account-level transactions
	Posted     time.Time // UTC; when Amazon posted it; zero if Amazon does not say
	Total      Money     // signed as lines are: positive for the seller
	Breakdowns []BreakdownFact
}

// BreakdownFact is a part of a transaction. Only leaves are added up: a total
// stands beside its components.
type BreakdownFact struct {
	Type   string
	Amount Money
	Parts  []BreakdownFact
}

// Verdict is the outcome of a reconciliation.
type Verdict string

// The verdicts.
const (
	Agreed    Verdict = "agreed"    // the second source confirms the total, and nothing differs
	Differs   Verdict = "differs"   // something differs: see Differences
	Pending   Verdict = "pending"   // the second source does not have the settlement, or all of it, yet
	Ambiguous Verdict = "ambiguous" // several candidates, none of them certain
)

// Difference is one thing that the two sources say differently.
type Difference struct {
	What           string // "total", "currency", "payout", "order" or "category"
	Key            string // the settlement, group, payout, order or breakdown type
	Report, Second Money
	Reason         string
}

// Reconciliation says whether a second source confirms a settlement. The report
// stays what is booked; the second source never adds to it.
type Reconciliation struct {
	Verdict       Verdict
	By            string // what confirmed the total: "summary", "payout" or "group"
	Differences   []Difference
	Reasons       []string        // why it is pending or ambiguous
	Late          []string        // orders of the report that the second source does not have yet
	Uncategorised []BreakdownFact // sums by breakdown type that nothing in the report answers to: not differences

	PayoutStatus string    // as Amazon names it; "" while unknown
	PayoutDate   time.Time // PayoutFact.Date or GroupFact.TransferDate, whichever the status is from; zero while unknown
	TraceID      string    // joins the bank's statement; "" while unknown
}

// TotalDiffers reports whether the total or its currency differs: such a
// settlement is not booked.
func (r Reconciliation) TotalDiffers() bool {
	return slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.What == "total" || d.What == "currency" })
}

// OrderSums are a report's sums for [Reconcile].
type OrderSums struct {
	Orders map[string]Money // by order id; rows of no order have the key ""
	Fees   map[string]Money // ItemFees of orders, by amount-description
}

// OrderSumsOf ranges over a source.
func OrderSumsOf(src Source) (OrderSums, error) {
	o := OrderSums{Orders: map[string]Money{}, Fees: map[string]Money{}}
	for line, err := range src.Lines() {
		if err != nil {
			return OrderSums{}, err
		}
		sum, ok := o.Orders[line.OrderID]
		total, err := sum.Add(line.Amount)
		if err != nil {
			return OrderSums{}, err
		}
		key := line.OrderID
		if !ok {
			key = strings.Clone(key) // do not keep the block
		}
		o.Orders[key] = total
		if line.OrderID != "" && line.Kind.AmountType == "ItemFees" {
			fee := line.Kind.AmountDescription
			if o.Fees[fee], err = o.Fees[fee].Add(line.Amount); err != nil {
				return OrderSums{}, err
			}
		}
	}
	return o, nil
}

// Reconcile compares a settlement with a second source. The total is confirmed
// by the summary of this settlement-id, else by the payout of this
// settlement-id, else by the one event group with the same period, currency and
// total. Orders are compared only if the transactions are complete; orders that
// the second source does not have yet are late, not different. Of the parts only
// the fees in comparableFees are compared, since both sides name these alike.
func Reconcile(s Statement, sums OrderSums, second SecondSource) Reconciliation {
	var r Reconciliation
	r.payout(s, second.Payouts)
	switch {
	case r.summary(s, second.Summaries):
		r.By = "summary"
	case r.By != "":
	case r.group(s, second.Groups):
		r.By = "group"
	}
	if second.Complete {
		r.orders(s, sums, second.Transactions)
	}
	switch {
	case len(r.Differences) > 0:
		r.Verdict = Differs
	case r.Verdict == Ambiguous:
	case r.By == "":
		r.Verdict = Pending
		r.Reasons = append(r.Reasons, "the second source does not know the settlement's total yet")
	case len(r.Late) > 0:
		r.Verdict = Pending
		r.Reasons = append(r.Reasons, fmt.Sprintf("the second source does not have %d orders of the report yet", len(r.Late)))
	default:
		r.Verdict = Agreed
	}
	return r
}

// compare notes a difference of the total, and reports whether there is none.
func (r *Reconciliation) compare(what, key string, report, second Money, reason string) {
	switch {
	case second.Currency() != report.Currency():
		r.Differences = append(r.Differences, Difference{"currency", key, report, second, reason})
	case second != report:
		r.Differences = append(r.Differences, Difference{what, key, report, second, reason})
	}
}

func (r *Reconciliation) summary(s Statement, facts []SummaryFact) bool {
	for _, f := range facts {
		if f.SettlementID == s.ID {
			r.compare("total", s.ID, s.Total, f.NetProceeds, "listSummary has other net proceeds")
			return true
		}
	}
	return false
}

// payout takes over what is known of the transfer. A transfer can be less than
// the total only if there is none: the amount of a payout that is on its way or
// arrived confirms the total.
func (r *Reconciliation) payout(s Statement, facts []PayoutFact) {
	var mine []PayoutFact
	for _, f := range facts {
		if slices.Contains(f.SettlementIDs, s.ID) {
			mine = append(mine, f)
		}
	}
	if len(mine) > 1 { // a transfer that failed may have been tried again
		slices.SortStableFunc(mine, func(a, b PayoutFact) int { return b.Date.Compare(a.Date) })
		if mine[0].Date.Equal(mine[1].Date) && (mine[0].Status != mine[1].Status || mine[0].Amount != mine[1].Amount) {
			r.Verdict = Ambiguous
			r.Reasons = append(r.Reasons, fmt.Sprintf("payouts %s and %s both name the settlement", mine[0].ID, mine[1].ID))
			return
		}
	}
	if len(mine) == 0 {
		return
	}
	f := mine[0]
	r.PayoutStatus, r.PayoutDate, r.TraceID = f.Status, f.Date, f.TraceID
	if f.Amount != (Money{}) && s.Total.Sign() > 0 {
		r.compare("payout", f.ID, s.Total, f.Amount, "listPayouts has another amount")
		r.By = "payout"
	}
}

func (r *Reconciliation) group(s Statement, facts []GroupFact) bool {
	var same, exact []GroupFact
	for _, f := range facts {
		if !f.Start.Truncate(time.Second).Equal(s.Start.Truncate(time.Second)) || !f.End.Truncate(time.Second).Equal(s.End.Truncate(time.Second)) {
			continue
		}
		if f.OriginalTotal == s.Total {
			exact = append(exact, f)
		}
		if f.OriginalTotal == (Money{}) || f.OriginalTotal.Currency() == s.Currency {
			same = append(same, f)
		}
	}
	switch {
	case len(exact) == 1:
		f := exact[0]
		if r.PayoutStatus == "" {
			r.PayoutStatus, r.PayoutDate, r.TraceID = f.FundTransferStatus, f.TransferDate, f.TraceID
		}
		return true
	case len(exact) > 1:
		r.Verdict = Ambiguous
		r.Reasons = append(r.Reasons, fmt.Sprintf("%d event groups have the settlement's period, currency and total", len(exact)))
	case len(same) == 1 && same[0].Closed && same[0].OriginalTotal != (Money{}):
		r.compare("total", same[0].ID, s.Total, same[0].OriginalTotal, "the event group of this period and currency has another total")
		return true
	case len(same) > 1:
		r.Verdict = Ambiguous
		r.Reasons = append(r.Reasons, fmt.Sprintf("%d event groups have the settlement's period and currency, none its total", len(same)))
	}
	return false
}

// orders compares order by order, to the cent, and category by category.
func (r *Reconciliation) orders(s Statement, sums OrderSums, facts []TransactionFact) {
	second, fees, rest := map[string]Money{}, map[string]Money{}, map[string]Money{}
	add := func(sum, m Money) Money {
		total, err := sum.Add(m)
		if err != nil {
			r.Differences = append(r.Differences, Difference{"currency", s.ID, sum, m, err.Error()})
			return sum
		}
		return total
	}
	for _, f := range facts {
		if f.Status == "DEFERRED" || f.OrderID == "" { // not settled yet; of no order
			continue
		}
		second[f.OrderID] = add(second[f.OrderID], f.Total)
		leaves(f.Breakdowns, func(b BreakdownFact) {
			if slices.Contains(comparableFees[:], b.Type) {
				fees[b.Type] = add(fees[b.Type], b.Amount)
			} else {
				rest[b.Type] = add(rest[b.Type], b.Amount)
			}
		})
	}
	for _, order := range sorted(sums.Orders) {
		got, known := second[order]
		switch {
		case order == "":
		case !known:
			if !sums.Orders[order].IsZero() {
				r.Late = append(r.Late, order)
			}
		default:
			r.compare("order", order, sums.Orders[order], got, "listTransactions has another sum for the order")
		}
	}
	for _, order := range sorted(second) {
		if _, known := sums.Orders[order]; !known && !second[order].IsZero() {
			r.Differences = append(r.Differences, Difference{"order", order, Money{0, s.Currency}, second[order], "the order is not in the report"})
		}
	}
	for _, fee := range sorted(fees) {
		if len(r.Late) == 0 { // else the sums cannot agree
			r.compare("category", fee, add(Money{0, s.Currency}, sums.Fees[fee]), fees[fee], "the breakdowns of this type have another sum")
		}
	}
	for _, name := range sorted(rest) {
		r.Uncategorised = append(r.Uncategorised, BreakdownFact{Type: name, Amount: rest[name]})
	}
}

func leaves(facts []BreakdownFact, give func(BreakdownFact)) {
	for _, f := range facts {
		if len(f.Parts) > 0 {
			leaves(f.Parts, give)
		} else {
			give(f)
		}
	}
}

// comparableFees are the breakdown types that mean what the amount-description
// of the same name means in a report. The names of the others are Amazon's to
// change; their sums are listed as uncategorised.
var comparableFees = [...]string{"Commission", "RefundCommission", "FBAPerUnitFulfillmentFee"}

func sorted[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
