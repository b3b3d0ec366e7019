package store_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestADueSellerIsTakenByOneProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		var names []string
		for i := range 20 {
			name := "seller-" + string(rune('a'+i))
			names = append(names, name)
			check(t, db.AddSeller(t.Context(), name, "A"+name))
		}
		check(t, db.SetDue(t.Context(), "seller-t", time.Hour))
		taken := make([][]string, 4)
		var all sync.WaitGroup
		for i := range taken {
			other := open()
			all.Go(func() {
				for {
					some, err := other.TakeDue(t.Context(), 3, time.Minute)
					if err != nil || len(some) == 0 {
						if err != nil {
							t.Error(err)
						}
						return
					}
					if len(some) > 3 {
						t.Errorf("%d were taken", len(some))
					}
					taken[i] = append(taken[i], some...)
				}
			})
		}
		all.Wait()
		// A process that meets nothing but rows which another is taking ends early; the rest is still due.
		rest, err := db.TakeDue(t.Context(), 100, time.Minute)
		check(t, err)
		got := slices.Sorted(slices.Values(append(slices.Concat(taken...), rest...)))
		if want := names[:19]; !slices.Equal(got, want) {
			t.Errorf("taken %v, want each that is due once: %v", got, want)
		}
	})
}

func TestTheLongestDueIsTakenFirstAndIsDueAgainAfterTheHold(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for _, name := range []string{"a", "b"} {
			check(t, db.AddSeller(t.Context(), name, name))
		}
		check(t, db.SetDue(t.Context(), "b", -time.Hour))
		if n, lag, err := db.Overdue(t.Context()); err != nil || n != 2 || lag < time.Hour || lag > time.Hour+time.Minute {
			t.Errorf("%d are overdue, the first for %v, %v", n, lag, err)
		}
		for _, want := range [][]string{{"b"}, {"a"}, nil} {
			if got, err := db.TakeDue(t.Context(), 1, time.Hour); err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v, want %v", got, err, want)
			}
		}
		check(t, db.SetDue(t.Context(), "a", 0))
		if got, err := db.TakeDue(t.Context(), 1, 0); err != nil || !slices.Equal(got, []string{"a"}) {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := db.TakeDue(t.Context(), 1, 0); err != nil || !slices.Equal(got, []string{"a"}) {
			t.Errorf("after the hold: %v, %v", got, err)
		}
	})
}

func TestMissingReportsAreKeptOfEachSellerWhateverARoundSays(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for _, name := range []string{"a", "b"} {
			check(t, db.AddSeller(t.Context(), name, name))
		}
		total, err := settlement.ParseAmount("12.34", "USD")
		check(t, err)
		end := time.Date(2026, 10, 15, 8, 0, 0, 123e6, time.UTC)
		want := settlement.GroupFact{ID: "G1", Closed: true, Start: end.AddDate(0, 0, -14), End: end, OriginalTotal: total}
		check(t, db.SetUnfetched(t.Context(), "a", []settlement.GroupFact{want}))
		check(t, db.Ended(t.Context(), "a", false, time.Time{}, "Amazon is away"))
		if all, err := db.Sellers(t.Context()); err != nil || len(all[0].Unfetched) != 1 || all[0].Unfetched[0] != want || len(all[1].Unfetched) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		check(t, db.SetUnfetched(t.Context(), "a", nil))
		if a, err := db.SellerNamed(t.Context(), "a"); err != nil || len(a.Unfetched) != 0 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func TestSnapshotsAreTakenWhenTheirPeriodHasEnded(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for name, end := range map[string]time.Time{"unknown": {}, "ended": time.Now().Add(-time.Minute), "runs": time.Now().Add(time.Hour)} {
			check(t, db.AddSeller(t.Context(), name, name))
			check(t, db.SetSnapshot(t.Context(), name, 202610, end))
		}
		for _, want := range [][]string{{"ended"}, nil} {
			if got, err := db.TakeSnapshots(t.Context(), 10, time.Hour); err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v, want %v", got, err, want)
			}
		}
	})
}

func TestTheNextSettlementIsTheOneOfThePeriodAfter(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db, at := open(), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		for i, id := range []string{"9", "5", "7"} {
			check(t, db.AddPayout(t.Context(), store.Payout{Seller: "A1", Settlement: id, Name: "acme-us", State: "fetched", Start: at.AddDate(0, 0, 14*i), End: at.AddDate(0, 0, 14*i+14)}))
			check(t, db.Queue(t.Context(), "A1", id, ""))
		}
		var order []string
		for after := ""; ; {
			next, err := db.NextPending(t.Context(), "A1", after)
			if errors.Is(err, store.ErrNotFound) {
				break
			}
			check(t, err)
			order, after = append(order, next), next
		}
		if strings.Join(order, " ") != "9 5 7" {
			t.Errorf("the order is %v", order)
		}
		check(t, db.SetPayout(t.Context(), store.Payout{Seller: "A1", Settlement: "9", Name: "acme-us", State: "booked", Settled: true, Start: at, End: at.AddDate(0, 0, 14)}))
		if next, err := db.NextPending(t.Context(), "A1", ""); err != nil || next != "5" {
			t.Errorf("%s, %v", next, err)
		}
		for id, want := range map[string]bool{"9": false, "5": true, "none": false} {
			if got, err := db.IsPending(t.Context(), "A1", id); err != nil || got != want {
				t.Errorf("%s waits: %v, %v", id, got, err)
			}
		}
		states, left, err := db.PayoutCounts(t.Context())
		if err != nil || states["booked"] != 1 || states["fetched"] != 2 || left != 2 {
			t.Errorf("%v, %d left, %v", states, left, err)
		}
		found, err := db.Payouts(t.Context(), store.PayoutFilter{Begins: "5"})
		if err != nil || len(found) != 1 || found[0].Settlement != "5" {
			t.Errorf("%v, %v", found, err)
		}
	})
}

func TestADatabaseThatTakesNoWriteIsNotAlive(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		check(t, db.Alive(t.Context()))
		if db.Pool != nil {
			return
		}
		_, err := db.SQL.ExecContext(t.Context(), `pragma query_only = 1`)
		check(t, err)
		if err := db.Alive(t.Context()); err == nil {
			t.Error("it is said to be alive")
		}
	})
}

func TestUsersAndTheirSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *store.DB) {
		ctx := t.Context()
		users := store.Users{DB: open()}
		check(t, users.SetUser(ctx, "ann", "hash 1"))
		check(t, users.SetUser(ctx, "bob", "hash 2"))
		add := func(id, name, hash string, lasts time.Duration, want bool) {
			t.Helper()
			if ok, err := users.AddSession(ctx, id, name, hash, lasts); err != nil || ok != want {
				t.Errorf("session %s of %s: %v, %v; want %v", id, name, ok, err, want)
			}
		}
		add("s1", "ann", "hash 1", time.Hour, true)
		add("s2", "bob", "hash 2", time.Hour, true)
		add("s3", "bob", "hash 2", 0, true)
		other := store.Users{DB: open()} // another process
		want := func(id, name string) {
			t.Helper()
			if got, err := other.SessionUser(ctx, id); err != nil || got != name {
				t.Errorf("session %s is of %q, %v; want %q", id, got, err, name)
			}
		}
		want("s1", "ann")
		want("s2", "bob")
		want("s3", "")
		want("none", "")
		check(t, users.SetUser(ctx, "ann", "hash 3")) // a new password
		want("s1", "")
		want("s2", "bob")
		if hash, err := other.UserHash(ctx, "ann"); err != nil || hash != "hash 3" {
			t.Errorf("%s, %v", hash, err)
		}
		if hash, err := other.UserHash(ctx, "carl"); err != nil || hash != "" {
			t.Errorf("%s, %v", hash, err)
		}
		for _, was := range []bool{true, false} {
			if got, err := users.RemoveUser(ctx, "bob"); err != nil || got != was {
				t.Errorf("removed: %v, %v", got, err)
			}
		}
		want("s2", "")
		if names, err := other.Users(ctx); err != nil || !slices.Equal(names, []string{"ann"}) {
			t.Errorf("%v, %v", names, err)
		}
		add("s4", "ann", "hash 3", time.Hour, true)
		check(t, users.RemoveSession(ctx, "s4"))
		want("s4", "")
		add("s5", "ann", "hash 1", time.Hour, false) // her password before
		add("s6", "bob", "hash 2", time.Hour, false) // who is removed
		want("s5", "")
		want("s6", "")
		check(t, users.Alive(ctx))
	})
}
