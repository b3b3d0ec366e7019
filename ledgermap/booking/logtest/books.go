// Package logtest is the conformance suite for implementations of booking.Log,
// and holds the ledger in memory that the suite books into. It needs nothing
// but the standard library.
package logtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Books is a ledger in memory. It behaves as its vendor's real one may: names
// are compared without case, references get zeros in front, lines come back
// in another order and with blanks behind their codes.
type Books struct {
	// TakesDuplicates makes the ledger accept a second batch of one name.
	TakesDuplicates bool
	// Refuse, if not nil, may refuse an entry before it is booked.
	Refuse func(booking.Entry) error

	mu      sync.Mutex
	batches map[string][]booking.Booked
	calls   map[string]int
}

var (
	_ booking.Ledger = (*Books)(nil)
	_ booking.Poster = (*Books)(nil)
)

func (b *Books) count(op string) {
	if b.calls == nil {
		b.calls, b.batches = map[string]int{}, map[string][]booking.Booked{}
	}
	b.calls[op]++
}

// Find implements booking.Ledger.
func (b *Books) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count("find")
	if err := ctx.Err(); err != nil {
		return booking.Booked{}, err
	}
	held := b.batches[name(e.Batch)]
	if len(held) == 0 {
		return booking.Booked{}, booking.ErrNotFound
	}
	found := held[0]
	found.Copies = len(held)
	found.Lines = slices.Clone(found.Lines)
	return found, nil
}

// Book implements booking.Ledger.
func (b *Books) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count("book")
	if err := ctx.Err(); err != nil {
		return booking.Receipt{}, err
	}
	if b.Refuse != nil {
		if err := b.Refuse(e); err != nil {
			return booking.Receipt{}, err
		}
	}
	if len(b.batches[name(e.Batch)]) > 0 && !b.TakesDuplicates {
		return booking.Receipt{}, fmt.Errorf("record %s already exists and cannot be added: %w", e.Batch, booking.ErrDuplicate)
	}
	held := booking.Booked{Batch: strings.ToLower(e.Batch), Ref: "0" + e.Ref, Period: e.Document.Period(), Date: e.Document.Date()}
	for _, l := range slices.Backward(e.Document.Lines()) {
		if !l.Auto {
			held.Lines = append(held.Lines, ledgermap.Line{
				Account: l.Account + " ", WBS1: l.WBS1, WBS2: l.WBS2 + " ", WBS3: l.WBS3,
				Debit: l.Debit, Credit: l.Credit, Description: l.Description,
			})
		}
	}
	b.batches[name(e.Batch)] = append(b.batches[name(e.Batch)], held)
	return booking.Receipt{Requests: []string{fmt.Sprint("request ", b.calls["book"])}}, nil
}

// Post implements booking.Poster.
func (b *Books) Post(_ context.Context, e booking.Entry) (booking.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count("post")
	for i := range b.batches[name(e.Batch)] {
		b.batches[name(e.Batch)][i].Posted = true
	}
	return booking.Receipt{}, nil
}

// Change lets a test do to a batch what a person could do in the ledger:
// return false to delete it.
func (b *Books) Change(batch string, change func(*booking.Booked) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := b.batches[name(batch)][:0]
	for _, held := range b.batches[name(batch)] {
		if change(&held) {
			kept = append(kept, held)
		}
	}
	b.batches[name(batch)] = kept
}

// Batches returns how often the ledger holds each batch, by its name in upper
// case.
func (b *Books) Batches() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := map[string]int{}
	for batch, held := range b.batches {
		if len(held) > 0 {
			n[batch] = len(held)
		}
	}
	return n
}

// Calls returns how often each of find, book and post was called.
func (b *Books) Calls() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.calls)
}

func name(batch string) string { return strings.ToUpper(strings.TrimSpace(batch)) }
