package booking_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// chainOf is a chain of n records and its head, as a store would keep them.
func chainOf(t *testing.T, n int) ([]booking.Link, booking.Head) {
	t.Helper()
	head := booking.Head{Seller: seller}
	var links []booking.Link
	for range n {
		l, r, err := booking.NewLink(head, booking.Record{Seller: seller, Actor: "tester"})
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
		head.Count, head.Hash = r.Seq, r.Hash
	}
	return links, head
}

// resealed is the link with another body and the hash that belongs to it.
func resealed(l booking.Link) booking.Link {
	l.Hash = l.Sum()
	return l
}

func TestALinkFollowsOrItIsSaidWhyNot(t *testing.T) {
	links, _ := chainOf(t, 2)
	one := booking.Head{Seller: seller, Count: 1, Hash: links[0].Hash}
	for name, c := range map[string]struct {
		head booking.Head
		link booking.Link
		want string
	}{
		"the next one":     {one, links[1], ""},
		"not its hash":     {one, booking.Link{Hash: links[0].Hash, Prev: links[1].Prev, Body: links[1].Body}, "does not have its hash"},
		"no record":        {one, resealed(booking.Link{Prev: links[0].Hash, Body: []byte("[]")}), "cannot be read"},
		"another seller's": {booking.Head{Seller: "B", Count: 1, Hash: links[0].Hash}, links[1], "belongs to seller " + seller},
		"the same again":   {one, links[0], "record 1 where record 2 must stand"},
		"after another":    {booking.Head{Seller: seller, Count: 1, Hash: links[1].Hash}, links[1], "does not follow record 1"},
	} {
		if _, _, wrong := c.head.Follow(c.link); (wrong == "") != (c.want == "") || !strings.Contains(wrong, c.want) {
			t.Errorf("%s: %q, want %q", name, wrong, c.want)
		}
	}
}

// Damage that no single change makes is named at the records that it hit.
func TestDamageOfSeveralKindsIsNamedRecordByRecord(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]booking.Link) []booking.Link
		want  []string
	}{
		"body and hash changed": {func(l []booking.Link) []booking.Link {
			l[2].Body, l[2].Hash = bytes.Replace(l[2].Body, []byte("tester"), []byte("nobody"), 1), strings.Repeat("1", 64)
			return l
		}, []string{"record 3 changed: its content does not have its hash"}},
		"renumbered and moved": {func(l []booking.Link) []booking.Link {
			l[2].Body = bytes.Replace(l[2].Body, []byte(`"seq":3`), []byte(`"seq":2`), 1)
			return []booking.Link{l[0], l[2], l[1]}
		}, []string{
			"record 2 reordered (stands at place 3): it was not written at this place",
			"record 3 changed (stands at place 2): its content does not have its hash",
		}},
	} {
		links, head := chainOf(t, 3)
		var got []string
		for _, f := range booking.VerifyLinks(c.spoil(links), head).Faults {
			got = append(got, f.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	// A whole chain that says that something came before it.
	links, _ := chainOf(t, 1)
	cut := resealed(booking.Link{Prev: strings.Repeat("1", 64), Body: links[0].Body})
	v := booking.VerifyLinks([]booking.Link{cut}, booking.Head{Seller: seller, Count: 1, Hash: cut.Hash})
	if !fault(v, 1, booking.DamageResealed) || len(v.Faults) != 1 {
		t.Errorf("faults %v", v.Faults)
	}
}

// growing is a log that grows while its links are read.
type growing struct {
	booking.Log
	grow func()
}

func (g growing) Links(ctx context.Context, seller string) iter.Seq2[booking.Link, error] {
	return func(yield func(booking.Link, error) bool) {
		for l, err := range g.Log.Links(ctx, seller) {
			if !yield(l, err) {
				return
			}
		}
		g.grow()
	}
}

func TestAChainThatGrowsWhileItIsVerifiedIsReadAnew(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	left := 2
	v, err := booking.Verify(t.Context(), growing{w.log, func() {
		if left--; left >= 0 {
			w.append(booking.Record{Event: booking.EventPlanned})
		}
	}}, seller)
	if err != nil || !v.OK() || v.Head.Count != 10 || v.Links != 10 || len(v.Unanswered) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	// One that never rests is read until the time is over.
	ctx, cancel := context.WithCancel(t.Context())
	_, err = booking.Verify(ctx, growing{w.log, func() {
		w.append(booking.Record{Event: booking.EventPlanned})
		cancel()
	}}, seller)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestABrokenTrailNamesFiveFaultsAndCountsTheRest(t *testing.T) {
	broken := func(n int) string {
		var faults []booking.Fault
		for i := range n {
			faults = append(faults, booking.Fault{Seq: int64(i + 1), Damage: booking.DamageChanged, Detail: "x"})
		}
		_, told, _ := strings.Cut((&booking.BrokenError{Seller: seller, Faults: faults}).Error(), "compare: ")
		return told
	}
	const five = "record 1 changed: x; record 2 changed: x; record 3 changed: x; record 4 changed: x; record 5 changed: x"
	for n, want := range map[int]string{1: "record 1 changed: x", 5: five, 7: five + "; and 2 more"} {
		if got := broken(n); got != want {
			t.Errorf("%d faults: %q, want %q", n, got, want)
		}
	}
}
