// Ownlog keeps the audit trail in a store of one's own: here in memory, in the fewest lines that keep the contract.
//
// A booking.Log is append-only, one hash chain per seller. Three promises carry the exactly-once guarantee, and a log on
// your database has to keep the same three: a record is durable when Append returns; a claim is held by one record
// only, whichever worker comes first; and the head counts exactly the records that were acknowledged. The suite logtest
// tests all of it (see main_test.go); a log that passes it can carry the engine.
//
//	go test -C examples ./ownlog
package main

import (
	"context"
	"fmt"
	"iter"
	"log"
	"maps"
	"slices"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A memory is a booking.Log that ends with the process.
type memory struct {
	key []byte // seals the heads; kept away from the store

	mu     sync.Mutex // in a database: a transaction that locks the seller's head
	links  map[string][]booking.Link
	heads  map[string]booking.Head
	claims map[[2]string]booking.Record // in a database: a unique index on seller and claim
}

var _ booking.Log = (*memory)(nil)

func newMemory(key []byte) *memory {
	return &memory{key: key, links: map[string][]booking.Link{}, heads: map[string]booking.Head{}, claims: map[[2]string]booking.Record{}}
}

// Append links the record to the end of its seller's chain. What a caller was not told of must not be there later.
func (m *memory) Append(ctx context.Context, r booking.Record) (booking.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return booking.Record{}, err
	}
	claim := [2]string{r.Seller, r.Claim}
	if by, held := m.claims[claim]; held && r.Claim != "" {
		return booking.Record{}, &booking.ClaimedError{Claim: r.Claim, By: by}
	}
	head := booking.Head{Seller: r.Seller, Count: m.heads[r.Seller].Count, Hash: m.heads[r.Seller].Hash}
	link, stored, err := booking.NewLink(head, r) // numbers, dates and hashes the record
	if err != nil {
		return booking.Record{}, err
	}
	m.links[r.Seller] = append(m.links[r.Seller], link)
	m.heads[r.Seller] = booking.Head{Seller: r.Seller, Count: stored.Seq, Hash: stored.Hash}.Sealed(m.key)
	m.claims[claim] = stored
	return stored, nil // in a database: after the commit
}

// Records checks every link on the way: a chain that was tampered with must stop the engine.
func (m *memory) Records(ctx context.Context, seller, settlement string) iter.Seq2[booking.Record, error] {
	return func(yield func(booking.Record, error) bool) {
		at := booking.Head{Seller: seller}
		for link, err := range m.Links(ctx, seller) {
			if err != nil {
				yield(booking.Record{}, err)
				return
			}
			next, record, wrong := at.Follow(link)
			if wrong != "" {
				yield(booking.Record{}, &booking.BrokenError{Seller: seller, Faults: []booking.Fault{{Seq: at.Count + 1, Damage: booking.DamageChanged, Detail: wrong}}})
				return
			}
			at = next
			if (settlement == "" || record.Settlement == settlement) && !yield(record, nil) {
				return
			}
		}
	}
}

// Links yields the chain as it lies there, unchecked: for booking.Verify and for auditors.
func (m *memory) Links(ctx context.Context, seller string) iter.Seq2[booking.Link, error] {
	return func(yield func(booking.Link, error) bool) {
		m.mu.Lock()
		links := slices.Clone(m.links[seller])
		m.mu.Unlock()
		for _, link := range links {
			if err := ctx.Err(); !yield(link, err) || err != nil {
				return
			}
		}
	}
}

// Head returns where the chain ends; a head whose seal is wrong is no head.
func (m *memory) Head(_ context.Context, seller string) (booking.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head, ok := m.heads[seller]
	if !ok {
		return booking.Head{Seller: seller}, nil
	}
	if !head.SealedBy(m.key) {
		return booking.Head{}, &booking.BrokenError{Seller: seller, Faults: []booking.Fault{{Damage: booking.DamageHead, Detail: "the seal is not this key's"}}}
	}
	return head, nil
}

func (m *memory) Sellers(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.heads)), nil
}

func main() {
	ctx := context.Background()
	m := newMemory([]byte("a key that is kept somewhere else"))
	for _, event := range []booking.Event{booking.EventPlanned, booking.EventManifest} {
		if _, err := m.Append(ctx, booking.Record{Seller: "A1SELLER", Actor: "example", Event: event, Settlement: "17461234567"}); err != nil {
			log.Fatal(err)
		}
	}
	check, err := booking.Verify(ctx, m, "A1SELLER")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(check.Head.Count, "records, intact:", check.OK())
}
