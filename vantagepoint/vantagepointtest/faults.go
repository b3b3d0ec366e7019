package vantagepointtest

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
)

// Fault is one thing that goes wrong with one call.
type Fault string

// The faults. Where nothing else is said, a fault strikes before the tenant looks at the request, so nothing is written.
const (
	FaultNone Fault = ""
	// FaultHTML503 answers 503 with the HTML page of a load balancer.
	FaultHTML503 Fault = "html_503"
	// Fault500 answers 500 "Object reference not set to an instance of an object".
	Fault500 Fault = "error_500"
	// FaultTooMany answers 429 with Retry-After: 1. No limit is documented; a proxy may have one.
	FaultTooMany Fault = "too_many"
	// FaultCutBefore cuts the connection before anything is done.
	FaultCutBefore Fault = "cut_before"
	// FaultLostAnswer does everything, then cuts the connection instead of answering.
	FaultLostAnswer Fault = "lost_answer"
	// FaultHalfAnswer does everything, then cuts the connection in the middle of the answer's body.
	FaultHalfAnswer Fault = "half_answer"
	// FaultLate does everything, then answers only after Options.LateBy; a client with a shorter time-out never sees it.
	FaultLate Fault = "late"
	// FaultExpiredToken forgets the access token of the call first: 401.
	FaultExpiredToken Fault = "expired_token"
	// FaultRepeated has a load balancer send the request twice; the caller gets the second answer.
	FaultRepeated Fault = "repeated"
)

// Call is a call that is about to be answered.
type Call struct {
	Operation string // as in [Tenant.Calls]
	Method    string
	Path      string // escaped
	Nth       int    // how many calls of this operation there were, this one included
	Total     int    // the same over all operations
}

// Faults says what goes wrong. The zero value: nothing.
//
// Named sets:
//
//   - "none": nothing.
//   - "documented": what Deltek's pages and working connectors tell of, each on a call of the booking flow: HTML from the
//     load balancer, expired tokens, answers lost after the write. A client that behaves gets everything done, only later.
//   - "storm": every fault that a client can get over, on about one call in four, by the seed. The choice hangs on seed,
//     operation and number of the call, so a run can be repeated. Every third call of an operation is left alone, so that
//     a client that tries three times gets through. A 500 hits writes only: reads that answer 500 are not worth a retry.
//
// Decide comes first, where it names a fault, then the first step that fits the call, then the set. A step with FaultNone
// shields calls from the set.
type Faults struct {
	Set    string
	Seed   uint64
	Steps  []Step
	Decide func(Call) Fault // called for one call at a time
}

// Step plays one fault.
type Step struct {
	Operation string // as in [Tenant.Calls]; "" for any
	Nth       int    // the first call of that operation that is hit; 0 is the same as 1
	Fault     Fault
	Times     int // how many calls in a row; 0 is one, -1 all from there on
}

func (s Step) hits(c Call) bool {
	n := c.Nth
	if s.Operation == "" {
		n = c.Total
	} else if s.Operation != c.Operation {
		return false
	}
	first := max(1, s.Nth)
	return n >= first && (s.Times < 0 || n < first+max(1, s.Times))
}

// check refuses names that do not exist.
func (f Faults) check() error {
	if !slices.Contains([]string{"", "none", "documented", "storm"}, f.Set) {
		return fmt.Errorf("vantagepointtest: no set of faults is named %q; there are none, documented and storm", f.Set)
	}
	for i, s := range f.Steps {
		if s.Fault != FaultNone && !slices.Contains(append(storm(), Fault500), s.Fault) {
			return fmt.Errorf("vantagepointtest: step %d: no fault is named %q", i+1, s.Fault)
		}
	}
	return nil
}

// next decides about one call.
func (f Faults) next(c Call) Fault {
	if f.Decide != nil {
		if fault := f.Decide(c); fault != FaultNone {
			return fault
		}
	}
	steps := f.Steps
	if f.Set == "documented" {
		steps = append(slices.Clip(steps), documented()...)
	}
	for _, s := range steps {
		if s.hits(c) {
			return s.Fault
		}
	}
	if f.Set != "storm" || c.Nth%3 == 0 {
		return FaultNone
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d|%s|%d", f.Seed, c.Operation, c.Nth) // a hash never fails
	x := mix(h.Sum64())
	if x%4 != 0 {
		return FaultNone
	}
	choice := storm()
	if c.Method == http.MethodPost || c.Method == http.MethodPut {
		choice = append(choice, Fault500)
	}
	return choice[x/4%uint64(len(choice))]
}

// storm lists the faults that any call can meet and get over.
func storm() []Fault {
	return []Fault{
		FaultHTML503, FaultTooMany, FaultCutBefore, FaultLostAnswer, FaultHalfAnswer, FaultLate, FaultExpiredToken, FaultRepeated,
	}
}

// documented spreads the documented faults over the operations of the booking flow.
func documented() []Step {
	return []Step{
		{Operation: "POST token", Nth: 1, Fault: FaultHTML503},
		{Operation: "GET Settings/Period", Nth: 1, Fault: FaultExpiredToken},
		{Operation: "GET DataEntry/jeControl/{Batch}", Nth: 2, Fault: FaultHTML503},
		{Operation: "POST DataEntry/jeControl", Nth: 2, Fault: FaultLostAnswer},
		{Operation: "POST DataEntry/jeControl", Nth: 4, Fault: FaultExpiredToken},
		{Operation: "POST DataEntry/jeControl", Nth: 6, Fault: FaultHTML503},
		{Operation: "POST DataEntry/jeControl", Nth: 8, Fault: Fault500},
		{Operation: "GET DataEntry/jeDetail/{Batch}", Nth: 3, Fault: FaultHTML503},
		{Operation: "POST DataEntry/crControl", Nth: 1, Fault: FaultLostAnswer},
		{Operation: "GET DataEntry/crControl/{Batch}", Nth: 2, Fault: FaultExpiredToken},
		{Operation: "POST DataEntry/cdControl", Nth: 1, Fault: FaultHalfAnswer},
		{Operation: "PUT DataEntry/PostTransFile", Nth: 1, Fault: FaultHTML503},
	}
}

// mix spreads the bits of FNV, whose low bits follow the last byte too closely.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
