package booking_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestAnEngineThatCannotDoWhatIsAskedIsNotMade(t *testing.T) {
	w := newWorld(t)
	for name, spoil := range map[string]func(*booking.Config){
		"cannot post":         func(c *booking.Config) { c.Post, c.Ledger = true, struct{ booking.Ledger }{w.books} },
		"three-person":        func(c *booking.Config) { c.Approval = "three-person" },
		"Patience":            func(c *booking.Config) { c.Timeout, c.Patience = 2, 1 },
		"Tenant.Database":     func(c *booking.Config) { c.Tenant.Database = " " },
		"Actor.Name, Log, Se": func(c *booking.Config) { c.Actor.Name, c.Log, c.Seller = "", nil, "" },
	} {
		cfg := w.cfg
		spoil(&cfg)
		if _, err := booking.New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPlanThatIsNoneIsNotBooked(t *testing.T) {
	other := func(id string) *ledgermap.Plan {
		p := paid(t)
		p.Statement.ID = id
		return p
	}
	for name, c := range map[string]struct {
		plan *ledgermap.Plan
		want string
	}{
		"a document twice":              {planOf(t, january(t), january(t)), "holds document 1"},
		"documents of another":          {other("17461234568"), "of another settlement"},
		"a settlement without a number": {other(""), "of another settlement"},
		"no documents for a total":      {planOf(t), "holds no documents"},
	} {
		w := newWorld(t)
		if _, err := w.run(c.plan); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		w.once(0)
	}
	nothing := planOf(t)
	nothing.Statement.Total = settlement.MoneyOf(0, usd(t))
	w := newWorld(t)
	if res := w.mustRun(nothing); res.State != booking.StateBooked || !res.Settled || res.Head.Count != 0 {
		t.Errorf("a settlement of nothing: %+v", res)
	}
}

// unread is a log whose chain or head cannot be read.
type unread struct {
	booking.Log
	links, head bool
}

func (u unread) Links(ctx context.Context, seller string) iter.Seq2[booking.Link, error] {
	if u.links {
		return func(yield func(booking.Link, error) bool) { yield(booking.Link{}, errGone) }
	}
	return u.Log.Links(ctx, seller)
}

func (u unread) Head(ctx context.Context, seller string) (booking.Head, error) {
	if u.head {
		return booking.Head{}, errGone
	}
	return u.Log.Head(ctx, seller)
}

func TestAChainThatCannotBeReadIsNotCalledBroken(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	for _, log := range []unread{{w.log, true, false}, {w.log, false, true}} {
		if v, err := booking.Verify(t.Context(), log, seller); !errors.Is(err, errGone) || !v.OK() {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

// A history that this engine cannot have written is not booked on.
func TestAnUnknownEventAndAMoveThatNobodyMakesStopTheSettlement(t *testing.T) {
	part := func(n string) string { return "ACME//" + seller + "/" + sid + "/" + n }
	key, booked := part("1.1"), intent(t, receipt(t, ""))
	noDocument := func(key string) []booking.Record {
		return []booking.Record{{Event: booking.EventIntent, Key: key, Attempt: 1, Digest: "d", Document: []byte(`{"kind":"note"}`)}, {Event: booking.EventCreated, Key: key}}
	}
	unreadable := func(err error) bool { return err != nil && strings.Contains(err.Error(), "document in the log") }
	for name, c := range map[string]struct {
		records []booking.Record
		plan    *ledgermap.Plan
		check   func(error) bool
	}{
		"an event of a later version": {
			[]booking.Record{{Event: "blessed", Key: key}},
			paid(t),
			func(err error) bool {
				refused, ok := errors.AsType[*booking.RefusedError](err)
				return ok && refused.Code == booking.CodeUnknownEvent && strings.Contains(refused.Message, "blessed")
			},
		},
		"posted before it was sent": {
			[]booking.Record{{Event: booking.EventPosted, Key: key}},
			paid(t),
			func(err error) bool {
				return errors.Is(err, booking.ErrBroken) && strings.Contains(err.Error(), "cannot be posted")
			},
		},
		"a document that is none": {
			append(noDocument(key), booking.Record{Event: booking.EventManifest}), paid(t), unreadable,
		},
		"a request that is none": {
			[]booking.Record{{Event: booking.EventManifest}, {Event: booking.EventIntent, Key: part("2.1"), Attempt: 1}}, planOf(t, january(t)), unreadable,
		},
		"a receipt that is none": {noDocument(part("201.1")), planOf(t, january(t), failed(t)), unreadable},
		"a mirror that is none": {
			append(noDocument(part("1201.1")), booked, booking.Record{Event: booking.EventCreated, Key: booked.Key}),
			planOf(t, january(t), failed(t)), unreadable,
		},
		"a name that is none": {
			[]booking.Record{{Event: booking.EventFound, Key: "x"}, {Event: booking.EventManifest}, {Event: booking.EventReversal, Reversal: true}},
			revision(t, 2), func(err error) bool { return err != nil && strings.Contains(err.Error(), "is not a document key") },
		},
	} {
		w := newWorld(t)
		w.cfg.RefLength = 13
		for _, r := range c.records {
			w.append(r)
		}
		if _, err := w.run(c.plan); !c.check(err) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.reverse("wrong"); err == nil {
			t.Errorf("%s: reversed", name)
		}
		w.once(0)
	}
}

func TestManyFaultsAreCountedInOneMessage(t *testing.T) {
	var faults []booking.Fault
	for n := range int64(9) {
		faults = append(faults, booking.Fault{Seq: n + 1, Line: 20 - n, Damage: booking.DamageReordered})
	}
	text := (&booking.BrokenError{Seller: seller, Faults: faults}).Error()
	if !strings.Contains(text, "record 1 reordered (stands at place 20)") || !strings.Contains(text, "and 4 more") || strings.Contains(text, "record 6") {
		t.Error(text)
	}
}
