package ledgermap

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a time zone means the same where the system has no zone files

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Mode says which documents the lines of a settlement become.
type Mode string

// The modes.
const (
	ModeJournal Mode = "journal" // one journal entry for each fiscal period
	ModeInvoice Mode = "invoice" // one AR invoice for each fiscal period, and a companion journal for what is no sale
)

// AccountType is the type of a general ledger account in Vantagepoint.
type AccountType string

// The account types, in the order of Vantagepoint's codes 1 to 10.
const (
	Asset                  AccountType = "asset"
	Liability              AccountType = "liability"
	NetWorth               AccountType = "net_worth"
	Revenue                AccountType = "revenue"
	Reimbursable           AccountType = "reimbursable"
	ReimbursableConsultant AccountType = "reimbursable_consultant"
	Direct                 AccountType = "direct"
	DirectConsultant       AccountType = "direct_consultant"
	Indirect               AccountType = "indirect"
	Other                  AccountType = "other"
)

// accountTypes lists the types by Vantagepoint's code less one.
func accountTypes() []AccountType {
	return []AccountType{
		Asset, Liability, NetWorth, Revenue, Reimbursable, ReimbursableConsultant, Direct, DirectConsultant, Indirect, Other,
	}
}

// Code is Vantagepoint's number for the type, 1 to 10; 0 for a word that is no type.
func (t AccountType) Code() int { return 1 + slices.Index(accountTypes(), t) }

// AccountTypeOf is the type of Vantagepoint's number; "" for a number that is none.
func AccountTypeOf(code int) AccountType {
	if types := accountTypes(); code >= 1 && code <= len(types) {
		return types[code-1]
	}
	return ""
}

func (t AccountType) balanceSheet() bool { return t == Asset || t == Liability || t == NetWorth }

// Account is an account that the rules may post to.
type Account struct {
	Code    string
	Name    string
	Type    AccountType
	Control string // "receivable", "payable" or "current_year": an account that journal entries must not touch
}

// Project is a project that the rules may post to.
type Project struct {
	Code         string
	Name         string
	Overhead     bool   // takes indirect accounts; any other project takes direct and reimbursable ones
	Company      string // empty for the company of the rules
	Organisation string
}

// Rules are a controller's decisions about how settlements are booked. They are read from a file by [LoadRules] and
// do not change afterwards, so they can be used by any number of goroutines.
type Rules struct {
	file, hash, version string
	demo                bool

	company    string
	functional settlement.Currency
	multi      bool // documents in the settlement's own currency; the ledger translates
	zone       *time.Location
	zoneName   string

	mode       Mode
	group      string // "category", "order" or "sku"
	receiptOn  string // "paid" or "deposit-date"
	closed     string // "refuse" or "next-open-period"
	separate   bool   // organisations keep balance sheets of their own
	clearing   target
	receivable target // of invoice mode
	exchange   target
	accrual    target // of deferred transactions
	banks      map[settlement.Currency]bank
	rates      []rate
	accounts   map[string]Account
	projects   map[string]Project
	due        map[books]dueAccounts
	categories map[settlement.Category]entry
	rules      []*rule // the most specific first
	netting    map[settlement.Category]string
	taxNotSet  bool // the treatment of tax on fees is not set
	examples   []example
}

// target is where a report line goes. It is comparable: lines with the same target are summarised in one.
type target struct {
	account, wbs1, wbs2, wbs3 string
	category                  settlement.Category
	description               string // with its placeholders
}

// where is the target's account and project with phase and task.
func (t target) where() [4]string { return [4]string{t.account, t.wbs1, t.wbs2, t.wbs3} }

// bank is where the money of one currency arrives and leaves.
type bank struct {
	account target // of payouts
	charge  target // what Amazon charges when it collects a debt: the same account, or a card
}

// books are one set of books inside the plan: a company and, where they keep balance sheets of their own, an
// organisation. The zero value is the home books, those of the clearing account.
type books struct{ company, organisation string }

// dueAccounts join another set of books to the home books.
type dueAccounts struct{ here, there target }

// Version is the label that the file's owner gave it.
func (r *Rules) Version() string { return r.version }

// Hash is the SHA-256, in hex, of the file's bytes, as any tool computes it.
func (r *Rules) Hash() string { return r.hash }

// Demo reports whether the file carries the mark `chart: demo`: its accounts are examples, not a company's own.
func (r *Rules) Demo() bool { return r.demo }

// Company is the company code that the rules are for; empty where a tenant has one company.
func (r *Rules) Company() string { return r.company }

// FunctionalCurrency is the company's own currency.
func (r *Rules) FunctionalCurrency() settlement.Currency { return r.functional }

// MultiCurrency reports whether documents stay in the settlement's currency for the ledger to translate.
func (r *Rules) MultiCurrency() bool { return r.multi }

// TimeZone is the ledger's time zone, as the rules name it. Posting times become dates in it.
func (r *Rules) TimeZone() string { return r.zoneName }

// Location is the ledger's time zone.
func (r *Rules) Location() *time.Location { return r.zone }

// Mode says which documents settlements become.
func (r *Rules) Mode() Mode { return r.mode }

// ClearingAccount is the account that carries what Amazon owes. Over the journals of a settlement it adds up to the
// settlement's total, over all its documents to zero.
func (r *Rules) ClearingAccount() string { return r.clearing.account }

// Bank is the general ledger account of payouts in a currency, false where the rules name none.
func (r *Rules) Bank(c settlement.Currency) (account string, ok bool) {
	b, ok := r.banks[c]
	return b.account.account, ok
}

// Accounts lists the accounts that the rules may post to, by code.
func (r *Rules) Accounts() []Account {
	return slices.SortedFunc(maps.Values(r.accounts), func(a, b Account) int { return strings.Compare(a.Code, b.Code) })
}

// Projects lists the projects that the rules may post to, by code.
func (r *Rules) Projects() []Project {
	return slices.SortedFunc(maps.Values(r.projects), func(a, b Project) int { return strings.Compare(a.Code, b.Code) })
}

// booksOf is the set of books that a target's project belongs to.
func (r *Rules) booksOf(t target) books {
	p := r.projects[t.wbs1]
	b := books{company: p.Company}
	if b.company == r.company {
		b.company = ""
	}
	if r.separate {
		b.organisation = p.Organisation
	}
	return b
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
