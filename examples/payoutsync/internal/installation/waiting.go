package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// Waiting is what waits for a release: the plan of a payout, the reversal of one, or the accrual of a period.
type Waiting struct {
	Name, Seller string // in the configuration, and Amazon's id
	Settlement   string // or the name of an accrual
	Plan         string // the hash to release
	Payout       store.Payout
	// Reversal is set for the reversal of the payout, Period for an accrual.
	Reversal *booking.Record // who asked for it, and why
	Period   int
	Opening  bool // it is the first accrual ever
	// Documents are those of a reversal or an accrual. What a plan of a payout holds is in its [Past].
	Documents []Presented
	Err       error    // why the documents cannot be shown, so that nobody can release them
	By        []string // who has released it
	Needed    int      // how many people have to
}

// Presented is a document as the audit log presents it, and what it holds.
type Presented struct {
	booking.Item
	Document ledgermap.Document
}

// Title says what it is.
func (w Waiting) Title() string {
	switch {
	case w.Reversal != nil:
		return fmt.Sprintf("Reversal of %s, asked for by %s: %s", w.ID(), w.Reversal.Actor, w.Reversal.Reason)
	case w.Period != 0:
		return fmt.Sprintf("Accrual of period %d, seller %s", w.Period, w.Name)
	}
	return fmt.Sprintf("%s: %s %s", w.ID(), w.Payout.Total, w.Payout.Currency)
}

// Next is what books it once it is released.
func (w Waiting) Next() string {
	switch {
	case w.Reversal != nil:
		return fmt.Sprintf("The next round of serve books it; where none runs, `payoutsync reverse %s --reason …` does.", w.ID())
	case w.Period != 0 && w.Opening:
		return fmt.Sprintf("`payoutsync accrue --period %d --seller %s --opening` books it.", w.Period, w.Name)
	case w.Period != 0:
		return fmt.Sprintf("`payoutsync accrue --period %d --seller %s` books it.", w.Period, w.Name)
	}
	return fmt.Sprintf("The next round of serve books it; where none runs, `payoutsync replay %s` does.", w.ID())
}

// ID is how people name it: NAME/SETTLEMENT, or NAME/ACRYYYYPP.
func (w Waiting) ID() string { return w.Name + "/" + w.Settlement }

// Waiting returns everything that waits for a release: payouts, then accruals.
func (in *Installation) Waiting(ctx context.Context) ([]Waiting, error) {
	rows, err := in.Store.Payouts(ctx, store.PayoutFilter{State: string(booking.StateAwaitingApproval)})
	if err != nil {
		return nil, err
	}
	var all []Waiting
	for _, row := range rows {
		w, err := in.waitingPayout(ctx, row)
		if _, begun := errors.AsType[*NotWaitingError](err); begun {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	accruals, err := in.waitingAccruals(ctx)
	return append(all, accruals...), err
}

// WaitingFor returns what waits under a name, as [Waiting.ID] or, where that is unambiguous, the settlement alone. It is
// [store.ErrNotFound] where there is no such thing, and a [*NotWaitingError] where it waits for no release.
func (in *Installation) WaitingFor(ctx context.Context, id string) (Waiting, error) {
	row, err := in.Store.Resolve(ctx, id)
	if err == nil {
		if row.State != string(booking.StateAwaitingApproval) {
			return Waiting{}, &NotWaitingError{row.ID(), row.State}
		}
		return in.waitingPayout(ctx, row)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return Waiting{}, err
	}
	accruals, failed := in.waitingAccruals(ctx)
	if failed != nil {
		return Waiting{}, failed
	}
	found := slices.DeleteFunc(accruals, func(w Waiting) bool { return w.ID() != id && w.Settlement != id })
	switch len(found) {
	case 0:
		return Waiting{}, fmt.Errorf("%w; nor does an accrual of that name wait for a release", err)
	case 1:
		return found[0], nil
	}
	return Waiting{}, fmt.Errorf("several sellers have an accrual %s: write one of %s, %s …", id, found[0].ID(), found[1].ID())
}

// NotWaitingError says that a payout waits for no release.
type NotWaitingError struct{ ID, State string }

func (e *NotWaitingError) Error() string {
	return fmt.Sprintf("payout %s waits for no release: it is %s", e.ID, e.State)
}

func (in *Installation) waitingPayout(ctx context.Context, row store.Payout) (Waiting, error) {
	w := Waiting{Name: row.Name, Seller: row.Seller, Settlement: row.Settlement, Plan: row.Plan, Payout: row}
	p, err := in.presented(ctx, row.Seller, row.Settlement)
	if err != nil {
		return w, err
	}
	if p.planned == nil { // released, and begun since the row was written
		return w, &NotWaitingError{row.ID(), string(booking.StateBooking)}
	}
	w.By, w.Needed = p.by, in.needed()
	if p.planned != nil && p.planned.Reversal {
		w.Plan, w.Reversal = p.planned.Digest, p.reversal
		w.Documents, w.Err = p.mirrors()
	}
	return w, nil
}

func (in *Installation) waitingAccruals(ctx context.Context) ([]Waiting, error) {
	var all []Waiting
	for _, s := range in.Config.Sellers {
		kept, err := in.Store.Snapshots(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			w := Waiting{Name: s.Name, Seller: s.Amazon.SellerID, Settlement: ledgermap.AccrualID(k.Period), Period: k.Period}
			p, err := in.presented(ctx, w.Seller, w.Settlement)
			if err != nil {
				return nil, err
			}
			if p.planned == nil {
				continue
			}
			w.Plan, w.By, w.Needed = p.planned.Digest, p.by, in.needed()
			if w.Documents, w.Opening, w.Err = in.accrual(ctx, p, k.Period, kept); w.Err != nil {
				w.Err = fmt.Errorf("%w; payoutsync accrue --period %d presents it anew", w.Err, k.Period)
			}
			all = append(all, w)
		}
	}
	return all, nil
}

// accrual makes the documents of an accrual again from what its plan was made from.
func (in *Installation) accrual(ctx context.Context, p presented, period int, kept []store.Snapshot) ([]Presented, bool, error) {
	made, err := in.Store.Plan(ctx, p.planned.Digest)
	if err != nil {
		return nil, false, fmt.Errorf("what plan %s was made from: %w", p.planned.Digest, err)
	}
	accrual, opening, err := round.Accrual(made, period, kept)
	if err != nil {
		return nil, false, err
	}
	documents, err := p.documents(accrual.Plan.Documents)
	return documents, opening, err
}

// presented is what the audit log presented last of a settlement and has not begun to book.
type presented struct {
	planned, reversal *booking.Record
	by                []string
	sent              map[string]booking.Record // by key: the last that holds the document as it was sent
}

func (in *Installation) presented(ctx context.Context, seller, settlement string) (presented, error) {
	p := presented{sent: map[string]booking.Record{}}
	for r, err := range in.Log.Records(ctx, seller, settlement) {
		if err != nil {
			return p, err
		}
		if len(r.Document) > 0 {
			p.sent[r.Key] = r
		}
		same := p.planned != nil && p.planned.Revision == r.Revision && p.planned.Reversal == r.Reversal
		switch r.Event {
		case booking.EventPlanned:
			if !same || !slices.EqualFunc(p.planned.Documents, r.Documents, func(a, b booking.Item) bool { return a.Key == b.Key && a.Digest == b.Digest }) {
				p.by = nil // a release is of documents
			}
			p.planned = &r
		case booking.EventApproved:
			if same && r.Digest == p.planned.Digest {
				p.by = append(p.by, r.Actor)
			}
		case booking.EventManifest:
			if same {
				p.planned, p.by = nil, nil
			}
		case booking.EventReversal:
			p.reversal = &r
		default: // of one document
		}
	}
	return p, nil
}

// mirrors are the documents of a reversal, made from those that are booked.
func (p presented) mirrors() ([]Presented, error) {
	if p.reversal == nil || p.reversal.Digest != p.planned.Digest {
		return nil, fmt.Errorf("the audit log does not say who asked for the reversal of settlement %s", p.planned.Settlement)
	}
	on, err := ledgermap.ParseDate(p.reversal.Inputs["date"])
	if err != nil {
		return nil, err
	}
	meant, _ := ledgermap.ParseDate(p.reversal.Inputs["meant"]) // absent where it did not move
	all := make([]ledgermap.Document, len(p.planned.Documents))
	for i, item := range p.planned.Documents {
		key, err := booking.ParseKey(item.Key)
		if err != nil {
			return nil, err
		}
		key.Ordinal -= ledgermap.ReversalOffset
		var was ledgermap.Document
		if err := json.Unmarshal(p.sent[key.String()].Document, &was); err != nil {
			return nil, fmt.Errorf("document %s in the audit log: %w", key, err)
		}
		if all[i], err = ledgermap.Mirror(was, item.Period, on, meant); err != nil {
			return nil, err
		}
	}
	return p.documents(all)
}

// documents puts what was made again beside what was presented, which it has to be.
func (p presented) documents(made []ledgermap.Document) ([]Presented, error) {
	same := slices.EqualFunc(made, p.planned.Documents, func(d ledgermap.Document, item booking.Item) bool { return d.Digest() == item.Digest })
	if !same {
		return nil, fmt.Errorf("the documents of plan %s do not come out as they were presented", p.planned.Digest)
	}
	all := make([]Presented, len(made))
	for i, item := range p.planned.Documents {
		all[i] = Presented{item, made[i]}
	}
	return all, nil
}

// needed is how many people have to release it.
func (in *Installation) needed() int {
	if in.Config.Approval == string(booking.ApprovalTwo) {
		return 2 // what prepares is no user who logged in
	}
	return 1
}
