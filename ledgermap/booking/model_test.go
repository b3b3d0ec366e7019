package booking_test

import (
	"fmt"
	"testing"
)

// A small model of how one document is booked by two workers over one log: the
// steps of round.document and its helpers, one by one, with every interleaving,
// one crash and one lost answer or request. It has no code in common with the
// engine; what it proves is that the protocol is right, and that each of its
// parts is needed. The crash matrices test that the engine keeps to it.
//
// Time is modelled by one event for each attempt: it expires when the wait
// after its intent has passed. The engine gives its request a deadline before
// that, so an expired attempt is neither sent nor does it arrive.

// What a worker does next.
type step int8

const (
	stepRead   step = iota // read the log
	stepAwait              // look until the document shows, the log knows more, or the attempt expires
	stepClaim              // append the intent of the next attempt
	stepLook               // look before sending, but not before the first attempt
	stepSend               // send the request
	stepAnswer             // wait for the answer
	stepRecord             // append that it is booked
	stepDone
	stepGaveUp // after maxAttempts
)

type modelWorker struct {
	step    step
	attempt int8 // in hand
	resumed bool // it crashed before
}

// What became of a request.
type modelRequest int8

const (
	requestNone    modelRequest = iota
	requestFlying               // may arrive
	requestArrived              // the ledger has dealt with it, the answer is on its way
	requestOver                 // answered, lost, or dropped
)

// maxAttempts bounds the model as Config.Attempts bounds a run: a worker that
// is too slow to send in time, again and again, gives up, and a later run goes
// on from there.
const maxAttempts = 4

type modelState struct {
	workers  [2]modelWorker
	attempts int8 // intents in the log
	recorded bool // the log says booked
	requests [maxAttempts + 1]modelRequest
	owner    [maxAttempts + 1]int8 // the worker that waits for the answer; -1: nobody
	expired  [maxAttempts + 1]bool
	bookings int8 // in the ledger
	crashes  int8 // left
	losses   int8 // left
}

// The protocol, with what may be left out of it to see what happens.
type protocol struct {
	refuses                 bool // the ledger refuses a second batch of one name
	noClaim, noLook, noWait bool
}

// next returns every state that one step leads to.
func (p protocol) next(s modelState) []modelState {
	var out []modelState
	for w := range s.workers {
		out = append(out, p.work(s, w)...)
		if s.crashes > 0 && s.workers[w].step < stepDone {
			n := s
			n.crashes--
			n.workers[w] = modelWorker{step: stepRead, resumed: true}
			for a := range n.owner {
				if n.owner[a] == int8(w) {
					n.owner[a] = -1
				}
			}
			out = append(out, n)
		}
	}
	for a := int8(1); a <= s.attempts && a <= maxAttempts; a++ {
		if !s.expired[a] {
			n := s
			n.expired[a] = true
			if n.requests[a] == requestFlying {
				n.requests[a] = requestOver
			}
			out = append(out, n)
		}
		switch s.requests[a] {
		case requestFlying:
			n := s
			n.requests[a] = requestArrived
			if n.bookings == 0 || !p.refuses {
				n.bookings++
			}
			out = append(out, n)
			if s.losses > 0 {
				n := s
				n.losses--
				n.requests[a] = requestOver
				out = append(out, n)
			}
		case requestArrived:
			if s.losses > 0 {
				n := s
				n.losses--
				n.requests[a] = requestOver
				out = append(out, n)
			}
		default: // nothing is under way
		}
	}
	return out
}

func (p protocol) work(s modelState, w int) []modelState {
	me := s.workers[w]
	to := func(change func(*modelState, *modelWorker)) []modelState {
		n := s
		change(&n, &n.workers[w])
		return []modelState{n}
	}
	goTo := func(st step) []modelState {
		return to(func(_ *modelState, m *modelWorker) { m.step = st })
	}
	shown := s.bookings > 0
	switch me.step {
	case stepRead:
		switch {
		case s.recorded:
			return goTo(stepDone)
		case s.attempts == 0:
			return to(func(_ *modelState, m *modelWorker) { m.step, m.attempt = stepClaim, 1 })
		}
		return to(func(n *modelState, m *modelWorker) { m.step, m.attempt = stepAwait, n.attempts })
	case stepAwait:
		switch {
		case shown && !p.noLook:
			return goTo(stepRecord)
		case s.recorded || s.attempts != me.attempt:
			return goTo(stepRead)
		case s.expired[me.attempt] || p.noWait:
			return to(func(_ *modelState, m *modelWorker) { m.step, m.attempt = stepClaim, m.attempt+1 })
		}
		return nil // waits
	case stepClaim:
		if s.attempts >= me.attempt && !p.noClaim {
			return goTo(stepRead)
		}
		if me.attempt > maxAttempts {
			return goTo(stepGaveUp)
		}
		return to(func(n *modelState, m *modelWorker) { n.attempts, m.step = max(n.attempts, m.attempt), stepLook })
	case stepLook:
		if me.attempt == 1 { // nobody has sent anything; the survey before it is not in the model
			return goTo(stepSend)
		}
		if shown && !p.noLook {
			return goTo(stepRecord)
		}
		return goTo(stepSend)
	case stepSend:
		if s.expired[me.attempt] && !p.noWait {
			return goTo(stepRead) // too late: it is not sent
		}
		return to(func(n *modelState, m *modelWorker) {
			// Without the claim two may send under one number; the model then
			// follows the second and lets the first arrive at once.
			if n.requests[m.attempt] == requestFlying {
				n.bookings++
				if p.refuses {
					n.bookings = 1
				}
			}
			n.requests[m.attempt], n.owner[m.attempt], m.step = requestFlying, int8(w), stepAnswer
		})
	case stepAnswer:
		switch s.requests[me.attempt] {
		case requestArrived:
			if s.owner[me.attempt] != int8(w) {
				return goTo(stepRead)
			}
			// Booked, or "already exists": in both cases the look shows it.
			return to(func(n *modelState, m *modelWorker) { n.requests[m.attempt], m.step = requestOver, stepRecord })
		case requestOver:
			return goTo(stepRead) // time-out: unanswered
		default: // still under way
		}
		if s.owner[me.attempt] != int8(w) {
			return goTo(stepRead)
		}
		return nil
	case stepRecord:
		return to(func(n *modelState, m *modelWorker) { n.recorded, m.step = true, stepDone })
	default: // done
	}
	return nil
}

type modelResult struct {
	states  int
	doubled int // states with two bookings
	lost    int // ends in which the document is not booked, or somebody waits for ever
	gaveUp  int // ends in which a worker gave up and nothing is booked, nor can it come to be
}

func (p protocol) explore() modelResult {
	start := modelState{crashes: 1, losses: 1}
	seen := map[modelState]bool{start: true}
	queue := []modelState{start}
	var r modelResult
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		r.states++
		if s.bookings > 1 {
			r.doubled++
			continue // bad enough
		}
		next := p.next(s)
		if a, b := s.workers[0].step, s.workers[1].step; len(next) == 0 {
			switch {
			case a < stepDone || b < stepDone:
				r.lost++ // waits for ever
			case a == stepGaveUp && b == stepGaveUp && s.bookings == 0:
				r.gaveUp++
			case s.bookings != 1 || !s.recorded:
				r.lost++
			}
		}
		for _, n := range next {
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return r
}

func TestTheProtocolBooksOnceInEveryInterleaving(t *testing.T) {
	for _, refuses := range []bool{true, false} {
		r := protocol{refuses: refuses}.explore()
		t.Logf("ledger refuses a second batch of one name: %v: %d states, %d with two bookings, %d ends with the document lost, %d ends given up in time", refuses, r.states, r.doubled, r.lost, r.gaveUp)
		if r.doubled+r.lost > 0 || r.states < 1000 {
			t.Errorf("refuses %v: %+v", refuses, r)
		}
	}
}

func TestEachPartOfTheProtocolIsNeededOnALedgerThatTakesDuplicates(t *testing.T) {
	for name, without := range map[string]protocol{
		"the claim": {noClaim: true}, "the look": {noLook: true}, "the wait": {noWait: true},
	} {
		for _, refuses := range []bool{true, false} {
			without.refuses = refuses
			t.Run(fmt.Sprintf("without %s, refuses %v", name, refuses), func(t *testing.T) {
				if r := without.explore(); refuses != (r.doubled == 0) {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}
