package logtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A Store is one place where logs are kept, empty at first.
type Store struct {
	// Open opens the log as a process does that was started just now. What was
	// opened before is closed, or left for dead.
	Open func(t testing.TB) booking.Log
	// Close, if set, closes what Open opened last, when a run is over.
	Close func()
	// Shared says that several logs may be open on the store at once, as by
	// several processes; another Open then does not disturb the earlier ones.
	Shared bool
	// Tear, if set, appends the record and leaves the store as a process would
	// that was killed in the midst of it: with a part of the record, or all of
	// it, but not acknowledged.
	Tear func(t testing.TB, log booking.Log, r booking.Record, rng *rand.Rand)
}

// Run tests that a store keeps the contract of booking.Log. newStore is called
// once for each test and makes an empty store.
func Run(t *testing.T, newStore func(t testing.TB) Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Store){
		"records come back as they went in":   testRoundTrip,
		"an empty log has no records":         testEmpty,
		"sequences can be ranged twice":       testRangedTwice,
		"a settlement has its own records":    testSettlements,
		"sellers have chains of their own":    testSellers,
		"a claim is held once":                testClaims,
		"claims are of one seller":            testClaimsOfSellers,
		"everything is there after reopening": testReopen,
		"appends from all sides form a chain": testConcurrent,
		"a claim raced for is won once":       testClaimRace,
		"an ended context appends nothing":    testContext,
		"the head is where the chain ends":    testHead,
		"a torn append is healed or whole":    testTorn,
		"two engines book once":               testTwoEngines,
	} {
		t.Run(name, func(t *testing.T) { test(t, newStore(t)) })
	}
}

func collect(t testing.TB, log booking.Log, settlement string) []booking.Record {
	t.Helper()
	var all []booking.Record
	for r, err := range log.Records(context.Background(), seller, settlement) {
		if err != nil {
			t.Fatalf("records of %s %s: %v", seller, settlement, err)
		}
		all = append(all, r)
	}
	return all
}

func appendTo(t testing.TB, log booking.Log, r booking.Record) booking.Record {
	t.Helper()
	got, err := log.Append(context.Background(), r)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return got
}

func verified(t testing.TB, log booking.Log, seller string, count int64) {
	t.Helper()
	v, err := booking.Verify(context.Background(), log, seller)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if !v.OK() || v.Head.Count != count || v.Links != count {
		t.Fatalf("chain of %s: %d links, head %+v, want %d; faults %v", seller, v.Links, v.Head, count, v.Faults)
	}
}

// full is a record with every field set to something that is easily lost.
func full() booking.Record {
	return booking.Record{
		Seller: seller, Time: time.Date(2026, 2, 3, 4, 5, 6, 789012345, time.FixedZone("", 3600)), Actor: "Zoë <z@example.com>", Service: true,
		Event: booking.EventIntent, Reason: "line\nbreak, \"quotes\", \u2028 and 日本", Claim: "claim 1", Settlement: "17461234567",
		Revision: 2, Reversal: true, Key: "ACME//S/1/1.1", Batch: "JEX", Ref: "1A", Digest: "d", Attempt: 3,
		Totals: &booking.Totals{Count: 2, Debit: "12345678901234.56", Credit: "0.00", Currency: "USD"}, Requests: []string{"r1", "r2"},
		Document:  json.RawMessage(`{"amount":"12.30","n":10000000000000001,"text":"a<b>&c"}`),
		Documents: []booking.Item{{Key: "k", Kind: ledgermap.Receipt, Batch: "CRX", Ref: "1Z", Period: 202602, Digest: "e", Totals: booking.Totals{Count: 1, Currency: "JPY"}, Waiting: true}},
		Inputs:    map[string]string{"rules": "u", "report": "r"},
	}
}

func testRoundTrip(t *testing.T, s Store) {
	log := s.Open(t)
	put := appendTo(t, log, full())
	if put.Seq != 1 || put.Hash == "" || put.Prev == "" {
		t.Errorf("appended: number %d, hash %q, previous %q", put.Seq, put.Hash, put.Prev)
	}
	got := collect(t, log, "")
	if len(got) != 1 {
		t.Fatalf("%d records", len(got))
	}
	for name, r := range map[string]booking.Record{"appended": put, "read": got[0]} {
		want := full()
		want.Seq, want.Prev, want.Hash, want.Time = 1, put.Prev, put.Hash, want.Time.UTC()
		// The document is JSON; its value counts, not how it is escaped.
		if !sameJSON(r.Document, want.Document) {
			t.Errorf("%s: document %s", name, r.Document)
		}
		r.Document, want.Document = nil, nil
		if !reflect.DeepEqual(r, want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", name, r, want)
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func testEmpty(t *testing.T, s Store) {
	log := s.Open(t)
	if got := collect(t, log, ""); len(got) != 0 {
		t.Errorf("records: %v", got)
	}
	verified(t, log, seller, 0)
}

func testRangedTwice(t *testing.T, s Store) {
	log := s.Open(t)
	for i := range 5 {
		appendTo(t, log, booking.Record{Seller: seller, Attempt: i, Settlement: "1"})
	}
	seq := log.Records(context.Background(), seller, "")
	for _, err := range seq { // ended early
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	var first, second []booking.Record
	for r, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, r)
	}
	for r, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		second = append(second, r)
	}
	if len(first) != 5 || !reflect.DeepEqual(first, second) {
		t.Errorf("first pass %d, second %d records", len(first), len(second))
	}
}

func testSettlements(t *testing.T, s Store) {
	log := s.Open(t)
	for i := range 9 {
		appendTo(t, log, booking.Record{Seller: seller, Settlement: fmt.Sprint(i % 3), Attempt: i})
	}
	for want := range 3 {
		got := collect(t, log, fmt.Sprint(want))
		if len(got) != 3 || got[0].Attempt != want || got[2].Attempt != want+6 {
			t.Errorf("settlement %d: %+v", want, got)
		}
	}
	if got := collect(t, log, "no such"); len(got) != 0 {
		t.Errorf("unknown settlement: %v", got)
	}
}

func testSellers(t *testing.T, s Store) {
	log := s.Open(t)
	for i := range 6 {
		appendTo(t, log, booking.Record{Seller: []string{"B", "A"}[i%2]})
	}
	verified(t, log, "A", 3)
	verified(t, log, "B", 3)
	got, err := log.Sellers(context.Background())
	if err != nil || !reflect.DeepEqual(got, []string{"A", "B"}) {
		t.Errorf("sellers %v, %v", got, err)
	}
}

func testClaims(t *testing.T, s Store) {
	log := s.Open(t)
	appendTo(t, log, booking.Record{Seller: seller, Claim: "x", Actor: "first"})
	_, err := log.Append(context.Background(), booking.Record{Seller: seller, Claim: "x", Actor: "second"})
	claimed, ok := errors.AsType[*booking.ClaimedError](err)
	if !ok || !errors.Is(err, booking.ErrClaimed) || claimed.By.Actor != "first" || claimed.By.Seq != 1 {
		t.Errorf("second holder: %v", err)
	}
	appendTo(t, log, booking.Record{Seller: seller}) // no claim, no clash
	appendTo(t, log, booking.Record{Seller: seller})
	verified(t, log, seller, 3)
}

func testClaimsOfSellers(t *testing.T, s Store) {
	log := s.Open(t)
	appendTo(t, log, booking.Record{Seller: "A", Claim: "x"})
	appendTo(t, log, booking.Record{Seller: "B", Claim: "x"})
}

func testReopen(t *testing.T, s Store) {
	log := s.Open(t)
	for i := range 4 {
		appendTo(t, log, booking.Record{Seller: seller, Settlement: "1", Claim: fmt.Sprint(i)})
	}
	before := collect(t, log, "")
	log = s.Open(t)
	if after := collect(t, log, ""); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if _, err := log.Append(context.Background(), booking.Record{Seller: seller, Claim: "2"}); !errors.Is(err, booking.ErrClaimed) {
		t.Errorf("a claim of before: %v", err)
	}
	if r := appendTo(t, log, booking.Record{Seller: seller}); r.Seq != 5 || r.Prev != before[3].Hash {
		t.Errorf("the chain goes on with %d after %s", r.Seq, r.Prev)
	}
	verified(t, log, seller, 5)
}

// logs are n logs on the store, as of n processes where it can be shared.
func logs(t testing.TB, s Store, n int) []booking.Log {
	all := []booking.Log{s.Open(t)}
	for len(all) < n {
		if s.Shared {
			all = append(all, s.Open(t))
		} else {
			all = append(all, all[0])
		}
	}
	return all
}

func testConcurrent(t *testing.T, s Store) {
	const workers, each = 4, 10
	all := logs(t, s, workers)
	var wg sync.WaitGroup
	for w, log := range all {
		wg.Go(func() {
			for i := range each {
				if _, err := log.Append(context.Background(), booking.Record{Seller: seller, Actor: fmt.Sprint(w), Attempt: i}); err != nil {
					t.Errorf("worker %d: %v", w, err)
				}
			}
		})
	}
	wg.Wait()
	verified(t, all[0], seller, workers*each)
	last := map[string]int{}
	for _, r := range collect(t, all[0], "") {
		if r.Attempt != last[r.Actor] {
			t.Errorf("record %d of worker %s stands before its %d", r.Attempt, r.Actor, last[r.Actor])
		}
		last[r.Actor]++
	}
}

func testClaimRace(t *testing.T, s Store) {
	const workers, claims = 4, 10
	all := logs(t, s, workers)
	var mu sync.Mutex
	won := map[int]int{}
	var wg sync.WaitGroup
	for _, log := range all {
		wg.Go(func() {
			for i := range claims {
				_, err := log.Append(context.Background(), booking.Record{Seller: seller, Claim: fmt.Sprint(i)})
				switch {
				case err == nil:
					mu.Lock()
					won[i]++
					mu.Unlock()
				case !errors.Is(err, booking.ErrClaimed):
					t.Errorf("claim %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range claims {
		if won[i] != 1 {
			t.Errorf("claim %d was won %d times", i, won[i])
		}
	}
	verified(t, all[0], seller, claims)
}

func testContext(t *testing.T, s Store) {
	log := s.Open(t)
	appendTo(t, log, booking.Record{Seller: seller})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := log.Append(ctx, booking.Record{Seller: seller}); err == nil {
		t.Error("appended")
	}
	for _, err := range log.Records(ctx, seller, "") {
		if err == nil {
			t.Error("records under an ended context")
		}
	}
	verified(t, log, seller, 1)
}

func testHead(t *testing.T, s Store) {
	log := s.Open(t)
	for i := range 3 {
		r := appendTo(t, log, booking.Record{Seller: seller})
		h, err := log.Head(context.Background(), seller)
		if err != nil || h.Count != int64(i+1) || h.Hash != r.Hash || h.Seller != seller {
			t.Errorf("head %+v after %s, %v", h, r.Hash, err)
		}
		if h.Seal == "" {
			t.Error("the head is not sealed")
		}
	}
}

func testTorn(t *testing.T, s Store) {
	if s.Tear == nil {
		t.Skip("the store has no way to tear an append")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	log := s.Open(t)
	var kept int64
	for i := range 20 {
		appendTo(t, log, booking.Record{Seller: seller, Claim: fmt.Sprint("kept ", i)})
		s.Tear(t, log, booking.Record{Seller: seller, Claim: fmt.Sprint("torn ", i)}, rng)
		log = s.Open(t)
		count := map[string]int{}
		for _, r := range collect(t, log, "") {
			count[r.Claim]++
		}
		kept++
		for j := range i + 1 {
			if count[fmt.Sprint("kept ", j)] != 1 || count[fmt.Sprint("torn ", j)] > 1 {
				t.Fatalf("after crash %d: %v", i+1, count)
			}
		}
		v, err := booking.Verify(context.Background(), log, seller)
		if err != nil || !v.OK() || v.Head.Count < kept {
			t.Fatalf("after crash %d: %+v, %v", i+1, v, err)
		}
	}
}

// testTwoEngines lets workers book the same settlement at once: one books, the
// others find it booked.
func testTwoEngines(t *testing.T, s Store) {
	const workers = 4
	books := &Books{TakesDuplicates: true} // the claim alone must hold
	plan, err := Plan("17461234567", ledgermap.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	sent := 0
	var wg sync.WaitGroup
	for w, log := range logs(t, s, workers) {
		e, err := booking.New(config(log, books, fmt.Sprint("worker ", w)))
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			res, err := e.Run(context.Background(), plan)
			if err != nil {
				t.Errorf("worker %d: %v", w, err)
			}
			if res.State != booking.StateBooked || res.ClearingOpen() {
				t.Errorf("worker %d: %+v", w, res)
			}
			mu.Lock()
			defer mu.Unlock()
			sent += res.Sent
		})
	}
	wg.Wait()
	if lost, doubled := lostAndDoubled(plan, books.Batches()); lost+doubled > 0 || sent != len(plan.Documents) {
		t.Errorf("%d lost, %d doubled, %d said to be sent, %d documents", lost, doubled, sent, len(plan.Documents))
	}
	verify := s.Open(t)
	if v, err := booking.Verify(context.Background(), verify, seller); err != nil || !v.OK() {
		t.Errorf("log: %v, %v", v.Faults, err)
	}
}
