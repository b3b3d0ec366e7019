package booking

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// An Event is what a record says happened. Words that this version does not
// know are kept as they came; the engine refuses to act on a settlement whose
// history holds one.
type Event string

// The events of one settlement, in the order of a plain run, then the rest.
const (
	EventPlanned  Event = "planned"  // a plan was presented: its digest, its documents, the hashes of its inputs
	EventApproved Event = "approved" // a person released exactly that plan
	EventManifest Event = "manifest" // these documents will be booked, and no others
	EventIntent   Event = "intent"   // one document is about to be sent; nothing was sent before this was durable
	EventCreated  Event = "created"  // the ledger shows the document as sent, line by line
	EventFound    Event = "found"    // the ledger showed the document although this log knows of no sending
	EventAnswered Event = "answered" // the ledger said that it booked, but did not show it at once
	EventRefused  Event = "refused"  // the attempt booked nothing: the ledger said so, it was not sent, or it was looked for until it could no longer arrive
	EventConflict Event = "conflict" // the ledger shows something else under the document's batch name; left alone
	EventPosted   Event = "posted"   // the ledger posted the batch
	EventReversal Event = "reversal" // a person or a failed payout asked for the reversal, with a reason
	EventReversed Event = "reversed" // the mirror document is in the ledger
	EventHealed   Event = "healed"   // bytes that no caller was ever told of were set aside after a crash
)

// A Record is one entry of the audit trail: who did what to which document,
// when and why, and the figures that prove it. It never holds a secret.
type Record struct {
	Seq    int64  `json:"seq"`    // 1 for the first record of the seller's chain; given by the log
	Seller string `json:"seller"` // names the chain
	// Time is when the engine acted, UTC, by the log's clock if it is a [Clock],
	// else by that of the machine that did.
	Time  time.Time `json:"time"`
	Actor string    `json:"actor"` // who: a person, or a service and its machine
	// Service is true if Actor is a program that acts by itself.
	Service bool  `json:"service,omitzero"`
	Event   Event `json:"event"`
	// Reason says why: given by the person, or the ledger's words.
	Reason string `json:"reason,omitzero"`
	// Claim, if set, can be held by one record of the chain only. This is what
	// keeps two workers from sending one document.
	Claim string `json:"claim,omitzero"`

	Settlement string `json:"settlement,omitzero"`
	Revision   int    `json:"revision,omitzero"`
	Reversal   bool   `json:"reversal,omitzero"` // about the mirror documents that reverse the revision

	// Of one document. Digest is the plan's own digest in a planned or
	// approved record, else the document's.
	Key      string   `json:"key,omitzero"`
	Batch    string   `json:"batch,omitzero"`
	Ref      string   `json:"ref,omitzero"`
	Digest   string   `json:"digest,omitzero"`
	Attempt  int      `json:"attempt,omitzero"`
	Totals   *Totals  `json:"totals,omitzero"`
	Requests []string `json:"requests,omitzero"` // the ledger's request ids, where it gives any
	// Document is the whole document as it is sent, in an intent: what a
	// reversal is made from when nothing but the log is left.
	Document json.RawMessage `json:"document,omitzero"`

	// Of a settlement.
	Documents []Item            `json:"documents,omitzero"` // planned, approved, manifest
	Inputs    map[string]string `json:"inputs,omitzero"`    // planned: hash of each input of the plan; reversal: its period and date, and the day it was meant for if it moved

	Prev string `json:"-"` // hash of the record before; 64 zeros for the first; given by the log
	Hash string `json:"-"` // given by the log
}

// Totals are the control totals of one document: the lines that are sent,
// without those the ledger makes itself. Debit and Credit are sums in the
// document's currency, never negative.
type Totals struct {
	Count    int    `json:"count"`
	Debit    string `json:"debit"`
	Credit   string `json:"credit"`
	Currency string `json:"currency"`
}

// An Item is one document in a plan or manifest.
type Item struct {
	Key     string         `json:"key"`
	Kind    ledgermap.Kind `json:"kind"`
	Batch   string         `json:"batch"`
	Ref     string         `json:"ref"`
	Period  int            `json:"period"`
	Digest  string         `json:"digest"`
	Totals  Totals         `json:"totals"`
	Waiting bool           `json:"waiting,omitzero"` // not to be sent before its money moves
}

// A Head is where a chain ends: how many records and the hash of the last.
// Print it where people keep paper; a chain that was cut, or rewritten from
// some record on, no longer agrees with an older head.
type Head struct {
	Seller string `json:"seller"`
	Count  int64  `json:"count"`
	Hash   string `json:"hash"`
	// Seal is the HMAC-SHA256, in hex, of seller, count and hash under the
	// store's key, so that a head cannot be moved along with a cut chain.
	Seal string `json:"seal,omitzero"`
}

// Sealed returns the head with its seal under the key.
func (h Head) Sealed(key []byte) Head {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("amazon-vantagepoint/head/1\n" + h.Seller + "\n" + strconv.FormatInt(h.Count, 10) + "\n" + h.Hash + "\n"))
	h.Seal = hex.EncodeToString(mac.Sum(nil))
	return h
}

// SealedBy reports whether the head carries the seal of that key.
func (h Head) SealedBy(key []byte) bool {
	return hmac.Equal([]byte(h.Seal), []byte(h.Sealed(key).Seal))
}

// A Log is the append-only audit trail: one hash chain of records per seller.
// Package logtest holds the suite that every implementation must pass.
type Log interface {
	// Append makes r the next record of r.Seller's chain and returns it with
	// Seq, Prev and Hash filled in. It returns without error only when the
	// record is durable and counted by the head. If another record holds
	// r.Claim it returns a *ClaimedError and changes nothing. After any other
	// error the record may or may not turn out to be in the chain.
	Append(ctx context.Context, r Record) (Record, error)

	// Records yields the seller's records in order; of one settlement only,
	// unless settlement is empty. It can be ranged again. An error, among them
	// a broken chain (*BrokenError), is its last element.
	Records(ctx context.Context, seller, settlement string) iter.Seq2[Record, error]

	// Links yields the stored bytes of the seller's chain as they lie there,
	// unchecked, for Verify and for evidence.
	Links(ctx context.Context, seller string) iter.Seq2[Link, error]

	// Head returns where the seller's chain ends; Count is 0 for a seller
	// never heard of. A head that is missing though records exist, or whose
	// seal is wrong, is a *BrokenError.
	Head(ctx context.Context, seller string) (Head, error)

	// Sellers returns the names of all chains, sorted.
	Sellers(ctx context.Context) ([]string, error)
}

// A Clock is a [Log] whose store has a clock, which all who share the log go by:
// then it does not matter how far the clocks of their machines are off.
type Clock interface {
	Now(ctx context.Context) (time.Time, error)
}

// ErrClaimed is in the chain of every [*ClaimedError].
var ErrClaimed = errors.New("booking: already claimed")

// A ClaimedError says that another record holds the claim of the one offered.
type ClaimedError struct {
	Claim string
	By    Record // who holds it, since when
}

// Error names the claim, who holds it and since when.
func (e *ClaimedError) Error() string {
	return fmt.Sprintf("booking: %s was claimed by %s at %s (record %d of seller %s)",
		e.Claim, e.By.Actor, e.By.Time.UTC().Format(time.RFC3339), e.By.Seq, e.By.Seller)
}

// Unwrap returns [ErrClaimed].
func (e *ClaimedError) Unwrap() error { return ErrClaimed }

// noHash is what stands before the first record.
const noHash = "0000000000000000000000000000000000000000000000000000000000000000"

// A Link is a record as stored. Hash is the SHA-256, in hex, of Prev, a
// newline, Body and a newline, so that a chain can be checked with no program
// of ours:
//
//	printf '%s\n%s\n' "$prev" "$body" | sha256sum
type Link struct {
	Hash string
	Prev string
	Body []byte // the record as JSON; hashed as the bytes it is, so that a later version's fields survive
}

// NewLink returns r as the link that follows the head, and r as it will read
// back. It is for implementations of [Log].
func NewLink(after Head, r Record) (Link, Record, error) {
	r.Seq = after.Count + 1
	r.Prev = after.Hash
	if after.Count == 0 {
		r.Prev = noHash
	}
	// Round drops the monotonic reading, which no store keeps.
	r.Time = r.Time.UTC().Round(0)
	body, err := json.Marshal(r)
	if err != nil {
		return Link{}, Record{}, fmt.Errorf("booking: record of settlement %s: %w", r.Settlement, err)
	}
	l := Link{Prev: r.Prev, Body: body}
	l.Hash = l.Sum()
	r.Hash = l.Hash
	return l, r, nil
}

// Sum returns what Hash must be.
func (l Link) Sum() string {
	h := sha256.New()
	h.Write([]byte(l.Prev))
	h.Write([]byte{'\n'})
	h.Write(l.Body)
	h.Write([]byte{'\n'})
	return hex.EncodeToString(h.Sum(nil))
}

// Record decodes the link. It does not check the hash.
func (l Link) Record() (Record, error) {
	var r Record
	if err := json.Unmarshal(l.Body, &r); err != nil {
		return Record{}, fmt.Errorf("booking: stored record cannot be read: %w", err)
	}
	r.Prev, r.Hash = l.Prev, l.Hash
	return r, nil
}

// Follow returns the head after the link if the link is intact and continues
// the chain, else what is wrong with it, in words.
func (h Head) Follow(l Link) (Head, Record, string) {
	if l.Sum() != l.Hash {
		return Head{}, Record{}, "its content does not have its hash"
	}
	r, err := l.Record()
	if err != nil {
		return Head{}, Record{}, err.Error()
	}
	prev := h.Hash
	if h.Count == 0 {
		prev = noHash
	}
	switch {
	case r.Seller != h.Seller:
		return Head{}, Record{}, fmt.Sprintf("it belongs to seller %s", r.Seller)
	case r.Seq != h.Count+1:
		return Head{}, Record{}, fmt.Sprintf("it is record %d where record %d must stand", r.Seq, h.Count+1)
	case l.Prev != prev:
		return Head{}, Record{}, fmt.Sprintf("it does not follow record %d as that one stands here", h.Count)
	}
	return Head{Seller: h.Seller, Count: r.Seq, Hash: l.Hash}, r, ""
}
