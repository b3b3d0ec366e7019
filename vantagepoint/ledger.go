package vantagepoint

import (
	"context"
	"iter"
	"strings"
)

// Ledger reads what is posted.
type Ledger struct{ client *Client }

// LedgerRow is one posted line. Its key is PKey, the ledger's own; a posting run is (Period, PostSeq).
type LedgerRow struct {
	Period    Period `json:"Period"`
	PostSeq   int    `json:"PostSeq"`
	PKey      string `json:"PKey"`
	TransType string `json:"TransType"`
	SubType   string `json:"SubType"`
	Batch     string `json:"Batch"` // not answered by all versions
	RefNo     string `json:"RefNo"` // padded or not; compare with MatchKey
	Invoice   string `json:"Invoice"`
	Vendor    string `json:"Vendor"`
	Voucher   string `json:"Voucher"`
	BankCode  string `json:"BankCode"`
	TransDate Date   `json:"TransDate"`
	Desc1     string `json:"Desc1"` // of the entry
	Desc2     string `json:"Desc2"` // of the line
	Account   string `json:"Account"`
	WBS1      string `json:"WBS1" vp:"blank"`
	WBS2      string `json:"WBS2" vp:"blank"`
	WBS3      string `json:"WBS3" vp:"blank"`
	Org       string `json:"Org"`
	// Amount is signed: + debit, − credit; in the company's functional currency.
	Amount                  Amount `json:"Amount"`
	CBAmount                Amount `json:"CBAmount"`          // on cash basis
	TransactionAmount       Amount `json:"TransactionAmount"` // in the currency of the document, if that is told
	TransactionCurrencyCode string `json:"TransactionCurrencyCode" vp:"blank"`
	AutoEntry               Flag   `json:"AutoEntry"` // the ledger's own offset, not an entered line
	SkipGL                  Flag   `json:"SkipGL"`    // not part of the general ledger
	LinkCompany             string `json:"LinkCompany"`
	Extra                   Extra  `json:"-"`
}

// ref is the column that a kind of document is known by.
func (r LedgerRow) ref(prefix string) string {
	if prefix == "in" && r.Invoice != "" {
		return r.Invoice
	}
	return r.RefNo
}

// entered is the amount in the currency of the document.
func (r LedgerRow) entered() Amount {
	if r.TransactionCurrencyCode != "" {
		return r.TransactionAmount
	}
	return r.Amount
}

// Rows returns posted rows of one transaction type: JE, IN, CR, CD, AP, EX, TS and others. Narrow them with a filter;
// the Period only works with Type "int". The rows come in one answer, which is asked for again with a higher limit
// while it is full, so that none is lost.
//
// Vantagepoint: GET PSALedger/{type}?q.maxrows=…; in style LegacyLedger GET ledger/{type}.
func (l *Ledger) Rows(ctx context.Context, transType string, q Query) iter.Seq2[LedgerRow, error] {
	path := []string{"PSALedger", strings.ToUpper(transType)}
	if l.client.config.Style == LegacyLedger {
		path[0] = "ledger"
	}
	return list[LedgerRow](ctx, l.client, listing{op: "ledger.rows", path: path, paging: MaxRows}, q)
}

// MatchKey reports whether two keys mean the same record. Vantagepoint pads references with leading zeros up to a
// length that the tenant chooses, upper-cases codes, and fills blanks; the two must agree but for that.
func MatchKey(a, b string) bool { return sameKey(a, b) }
