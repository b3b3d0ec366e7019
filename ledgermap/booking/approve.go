package booking

import (
	"context"
	"fmt"
	"strings"
)

// A Release says who releases which plan.
type Release struct {
	Settlement string
	Plan       string // Result.PlanHash of the plan that was looked at
	By         string // a name that is that person's alone
	Reason     string // optional
}

// Approve releases a plan that a run has presented. It is refused for any plan
// but the one presented last: a plan that changed has to be looked at again.
// It is refused, too, for a person who would be the second pair of eyes over
// their own work. Nothing is sent; the next run does that.
//
// An approval is of documents, key by key and digest by digest. It outlives a
// plan that differs in nothing but facts about the payout, and no other.
func (e *Engine) Approve(ctx context.Context, a Release) error {
	e.one.Lock()
	defer e.one.Unlock()
	name := fold(a.Settlement)
	refuse := func(format string, args ...any) error {
		return &RefusedError{Code: CodeApproval, Settlement: name, Message: fmt.Sprintf(format, args...)}
	}
	if person(a.By) == "" {
		return refuse("nobody is named who approves")
	}
	h, err := e.history(ctx, name)
	if err != nil {
		return err
	}
	for s, p := range h.sets {
		if p.planned == nil || p.planned.Digest != a.Plan {
			continue
		}
		if by := p.planned; e.cfg.Approval == ApprovalTwo && !by.Service && person(by.Actor) == person(a.By) {
			return refuse("%s prepared this plan: another person has to approve it", by.Actor)
		}
		for _, r := range p.approved {
			if person(r.Actor) == person(a.By) {
				next := "another person is needed"
				if approved(e.cfg.Approval, p) {
					next = "enough people have, and the next run goes on with it"
				}
				return refuse("%s has approved this plan already: %s", r.Actor, next)
			}
		}
		now, err := e.clock(ctx)
		if err != nil {
			return err
		}
		_, err = e.log.Append(ctx, Record{
			Seller: e.seller, Time: now(), Actor: strings.TrimSpace(a.By), Event: EventApproved, Reason: a.Reason,
			Settlement: name, Revision: s.revision, Reversal: s.reversal, Digest: a.Plan, Documents: p.planned.Documents,
		})
		return err
	}
	return refuse("plan %s is not the one that was presented last: run it again, look at the plan it presents, and approve that one", a.Plan)
}

// approved reports whether enough people released what was planned last; something was.
func approved(mode Approval, s *setPast) bool {
	if mode == ApprovalNone {
		return true
	}
	people := map[string]bool{}
	for _, r := range s.approved {
		if !r.Service {
			people[person(r.Actor)] = true
		}
	}
	if mode == ApprovalOne {
		return len(people) >= 1
	}
	// The preparer's own release counts for nothing here.
	if !s.planned.Service {
		delete(people, person(s.planned.Actor))
		return len(people) >= 1
	}
	return len(people) >= 2
}

// person compares names of people: "Ann" and "ann " are one.
func person(name string) string { return fold(name) }
