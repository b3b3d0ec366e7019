package vantagepoint

import (
	"bytes"
	"context"
	"iter"
)

// AccountType is the type of a GL account, in Vantagepoint's numbers. Types not listed here are kept as they come.
type AccountType int

// The types that are known; 6 and 8 are inferred from their neighbours.
const (
	Asset                  AccountType = 1
	Liability              AccountType = 2
	NetWorth               AccountType = 3
	Revenue                AccountType = 4
	Reimbursable           AccountType = 5
	ReimbursableConsultant AccountType = 6
	Direct                 AccountType = 7
	DirectConsultant       AccountType = 8
	Indirect               AccountType = 9
	OtherIncomeExpense     AccountType = 10
)

// UnmarshalJSON reads a number or a number in a string.
func (a *AccountType) UnmarshalJSON(data []byte) error {
	n, err := integer(bytes.TrimSpace(data))
	*a = AccountType(n)
	return err
}

// Account is one GL account.
type Account struct {
	Account string      `json:"Account"`
	Name    string      `json:"Name"`
	Type    AccountType `json:"Type"`
	Status  string      `json:"Status"` // A active, I inactive; "" unknown
	Extra   Extra       `json:"-"`
}

// AccountSource is where the chart of accounts is read from. Deltek does not publish a call for it.
type AccountSource string

// The sources.
const (
	// AccountsAnywhere asks the endpoint, and the ledger where that is refused.
	AccountsAnywhere AccountSource = ""
	// AccountsFromEndpoint asks the unpublished endpoint Accounts, or what Config.Paths puts in its place.
	AccountsFromEndpoint AccountSource = "endpoint"
	// AccountsFromLedger collects the accounts that occur in the posted ledger: numbers alone, no name, type or status,
	// and none that was never used.
	AccountsFromLedger AccountSource = "ledger"
	// NoAccounts leaves it to the server to refuse an account: List is ErrNotFound.
	NoAccounts AccountSource = "none"
)

// Accounts reads the chart of accounts, as far as the tenant shows it.
type Accounts struct{ client *Client }

// List returns the accounts, from Config.Accounts. A missing account proves nothing if they come from the ledger.
//
// Vantagepoint: GET Accounts (seen in connectors, not published); else GET GLSummary grouped by account, else the
// posted ledger.
func (a *Accounts) List(ctx context.Context, q Query) iter.Seq2[Account, error] {
	const op = "accounts.list"
	endpoint := list[Account](ctx, a.client, listing{op: op, path: []string{"Accounts"}}, q)
	switch a.client.config.Accounts {
	case AccountsFromEndpoint:
		return endpoint
	case AccountsFromLedger:
		return a.fromLedger(ctx, q)
	case NoAccounts:
		return func(yield func(Account, error) bool) {
			yield(Account{}, &Error{Op: op, Class: ClassNotFound, Messages: []string{"Config.Accounts says that this tenant shows no chart"}})
		}
	}
	return func(yield func(Account, error) bool) {
		first := true
		for row, err := range endpoint {
			if first && err != nil && cannotTell(err) {
				a.fromLedger(ctx, q)(yield)
				return
			}
			first = false
			if !yield(row, err) {
				return
			}
		}
	}
}

// fromLedger yields each account of the ledger once.
func (a *Accounts) fromLedger(ctx context.Context, q Query) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		seen := map[string]bool{}
		pass := func(row LedgerRow) bool {
			if row.Account == "" || seen[row.Account] {
				return true
			}
			seen[row.Account] = true
			return yield(Account{Account: row.Account}, nil)
		}
		summary := q
		summary.Values = map[string][]string{"sumColumns": {"Amount"}, "groupBy": {"Account"}}
		refused := false
		for row, err := range list[LedgerRow](ctx, a.client, listing{op: "accounts.summary", path: []string{"GLSummary"}, whole: true}, summary) {
			if err != nil && cannotTell(err) {
				refused = true
				break
			}
			if err != nil {
				yield(Account{}, err)
				return
			}
			if !pass(row) {
				return
			}
		}
		if !refused {
			return
		}
		for _, transType := range []string{"JE", "IN", "CR", "CD", "AP"} {
			for row, err := range a.client.Ledger.Rows(ctx, transType, q) {
				if err != nil {
					yield(Account{}, err)
					return
				}
				if !pass(row) {
					return
				}
			}
		}
	}
}
