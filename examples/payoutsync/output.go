package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The shapes below are what programs read. They never change; fields are only ever added.

// payoutObject is one payout of `sync` and `demo`.
type payoutObject struct {
	SettlementID   string           `json:"settlement_id"`
	Seller         string           `json:"seller,omitempty"`
	State          string           `json:"state"`
	Documents      []documentObject `json:"documents"`
	Reconciliation string           `json:"reconciliation"`
	Findings       []string         `json:"findings"`
	Error          *errorObject     `json:"error,omitempty"`
}

type documentObject struct {
	Key   string `json:"key"`
	Batch string `json:"batch"`
	State string `json:"state"`
}

// errorObject says why something was refused: a fixed word, a sentence, and what it is about.
type errorObject struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Line    int          `json:"line,omitempty"`
	Column  int          `json:"column,omitempty"`
	Kinds   []kindObject `json:"kinds,omitempty"`
}

// kindObject is one kind of report line with how often it occurs and what it adds up to.
type kindObject struct {
	TransactionType   string `json:"transaction_type"`
	AmountType        string `json:"amount_type"`
	AmountDescription string `json:"amount_description"`
	Category          string `json:"category"`
	Rows              int    `json:"rows"`
	Sum               string `json:"sum"`
}

// summaryObject is the last line of `sync` and `demo`.
type summaryObject struct {
	Settlements       int            `json:"settlements"`
	Booked            int            `json:"booked"`
	Found             int            `json:"found"`
	Refused           int            `json:"refused"`
	InTransit         int            `json:"in_transit"`
	NotReached        int            `json:"not_reached"` // because of what ended the round before
	Documents         int            `json:"documents"`
	Duplicates        int            `json:"duplicates"`
	ClearingOpen      int            `json:"clearing_open"`
	AmazonCalls       map[string]int `json:"amazon_calls"`
	VantagepointCalls map[string]int `json:"vantagepoint_calls"`
	Seconds           float64        `json:"seconds"`
	// Expected says by seller what the round brought and until when the next settlement is to come.
	Expected map[string]expectedObject `json:"expected"`
}

// expectedObject is what a seller's round brought, and what is to come.
type expectedObject struct {
	New     int       `json:"new"`
	By      time.Time `json:"by,omitzero"`
	Overdue bool      `json:"overdue"`
	// Unfetched are the settlements that Amazon closed and whose report has not come.
	Unfetched []groupObject `json:"unfetched,omitempty"`
}

// groupObject is an event group of Amazon's.
type groupObject struct {
	ID       string    `json:"event_group_id"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Total    string    `json:"total"`
	Currency string    `json:"currency"`
}

// shown is a text of a report as a terminal may have it: in quotes where it holds what a terminal would obey.
func shown(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return strconv.QuoteToGraphic(text)
	}
	return text
}

// emit prints one JSON object on a line of its own.
func (a *app) emit(object any) error {
	line, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("print a result: %w", err)
	}
	_, err = a.out.Write(append(line, '\n'))
	return err
}
