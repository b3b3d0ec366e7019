package spapi

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Finances is the Finances API, version 2024-06-19. It confirms what a settlement report says; it is not a second source
// of postings. None of its data is restricted.
type Finances struct{ client *Client }

// TransactionsQuery selects transactions. Either PostedAfter or Related is required.
type TransactionsQuery struct {
	PostedAfter  time.Time // inclusive
	PostedBefore time.Time // exclusive, at most 180 days after PostedAfter; zero: two minutes ago
	// MarketplaceID: leave it out for orders that US merchants fulfil themselves; with a wrong one the answer is empty.
	MarketplaceID string
	Status        TransactionStatus // "": all
	// Related selects by one identifier. Amazon searches by event group and order only.
	Related RelatedIdentifier
}

// Transactions yields the transactions that match.
//
// A deferred transaction comes back a second time when it is released: counting both counts the money twice.
//
// SP-API: listTransactions, GET /finances/2024-06-19/transactions, 0.5 a second, burst 10.
func (s *Finances) Transactions(ctx context.Context, q TransactionsQuery) iter.Seq2[Transaction, error] {
	const op = "finances.listTransactions"
	if q.PostedAfter.IsZero() && q.Related == (RelatedIdentifier{}) {
		return failed[Transaction](invalid(op, "TransactionsQuery needs PostedAfter or Related"))
	}
	if err := window(op, "PostedAfter", "PostedBefore", q.PostedAfter, q.PostedBefore); err != nil {
		return failed[Transaction](err)
	}
	return pages(op, func(t Transaction) string { return t.ID + " " + string(t.Status) }, func(token string) (page[Transaction], error) {
		v := query{}
		v.at("postedAfter", q.PostedAfter)
		v.at("postedBefore", q.PostedBefore)
		v.text("marketplaceId", q.MarketplaceID)
		v.text("transactionStatus", string(q.Status))
		v.related(q.Related)
		v.text("nextToken", token)
		answer, err := get[payload[struct {
			Transactions []Transaction `json:"transactions"`
			NextToken    string        `json:"nextToken"`
		}]](ctx, s.client, op, v, "finances", "2024-06-19", "transactions")
		return page[Transaction]{answer.Payload.Transactions, answer.Payload.NextToken}, err
	})
}

// BalancesQuery selects balances. All fields are optional.
type BalancesQuery struct {
	MarketplaceIDs []string
	Type           BalanceType
	AccountType    string // for example "Standard Orders"
	AsOf           Date   // "": now
}

// Balances yields the balances of the seller's accounts.
//
// SP-API: listBalances, GET /finances/2024-06-19/balances, 0.5 a second, burst 10.
func (s *Finances) Balances(ctx context.Context, q BalancesQuery) iter.Seq2[Balance, error] {
	const op = "finances.listBalances"
	return pages(op, nil, func(token string) (page[Balance], error) {
		v := query{}
		list(v, "marketplaceIds", q.MarketplaceIDs)
		v.text("balanceType", string(q.Type))
		v.text("accountType", q.AccountType)
		v.text("asOfDate", string(q.AsOf))
		v.text("nextToken", token)
		answer, err := get[struct {
			Balances  []Balance `json:"balances"`
			NextToken string    `json:"nextToken"`
		}](ctx, s.client, op, v, "finances", "2024-06-19", "balances")
		return page[Balance]{answer.Balances, answer.NextToken}, err
	})
}

// SummariesQuery selects summaries, by settlement or by period.
type SummariesQuery struct {
	// Related is usually RelatedIdentifier{Name: spapi.SettlementID, Value: id}.
	Related        RelatedIdentifier
	PeriodStart    Date
	PeriodEnd      Date
	MarketplaceIDs []string
	AccountType    string // for example "Standard Orders"
}

// Summaries yields the net proceeds of a settlement or period, with their breakdown. It is the strongest second source for
// a settlement's total.
//
// SP-API: listSummary, GET /finances/2024-06-19/summary, 0.5 a second, burst 10.
func (s *Finances) Summaries(ctx context.Context, q SummariesQuery) iter.Seq2[Summary, error] {
	const op = "finances.listSummary"
	return pages(op, nil, func(token string) (page[Summary], error) {
		v := query{}
		list(v, "marketplaceIds", q.MarketplaceIDs)
		v.text("accountType", q.AccountType)
		v.related(q.Related)
		v.text("periodStart", string(q.PeriodStart))
		v.text("periodEnd", string(q.PeriodEnd))
		v.text("nextToken", token)
		answer, err := get[struct {
			Summaries []Summary `json:"summaries"`
			NextToken string    `json:"nextToken"`
		}](ctx, s.client, op, v, "finances", "2024-06-19", "summary")
		return page[Summary]{answer.Summaries, answer.NextToken}, err
	})
}

func (q query) related(r RelatedIdentifier) {
	q.text("relatedIdentifierName", string(r.Name))
	q.text("relatedIdentifierValue", r.Value)
}

// Breakdown is one node of a tree that says how an amount comes about. The leaves should add up to their parent; Amazon
// does not promise it.
type Breakdown struct {
	Type       string
	Amount     Money
	Breakdowns Breakdowns
}

// Breakdowns are the children of an amount.
type Breakdowns []Breakdown

type wireBreakdown struct {
	Type       string     `json:"breakdownType,omitzero"`
	Amount     Money      `json:"breakdownAmount,omitzero"`
	Plain      Money      `json:"amount,omitzero"`
	Breakdowns Breakdowns `json:"breakdowns,omitzero"`
}

// UnmarshalJSON reads the schema's form, and the form of Amazon's own examples, in which the amount is a number "amount"
// without a currency.
func (b *Breakdown) UnmarshalJSON(data []byte) error {
	var w wireBreakdown
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Amount.IsZero() {
		w.Amount = w.Plain
	}
	*b = Breakdown{w.Type, w.Amount, w.Breakdowns}
	return nil
}

// MarshalJSON writes the schema's form.
func (b Breakdown) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireBreakdown{Type: b.Type, Amount: b.Amount, Breakdowns: b.Breakdowns})
}

// UnmarshalJSON reads a list, and the form of Amazon's own examples, in which the list is wrapped in an object.
func (b *Breakdowns) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		var w struct {
			Breakdowns []Breakdown `json:"breakdowns"`
		}
		err := json.Unmarshal(data, &w)
		*b = w.Breakdowns
		return err
	}
	return json.Unmarshal(data, (*[]Breakdown)(b))
}
