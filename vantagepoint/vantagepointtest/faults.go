package vantagepointtest

import (
	"fmt"
	"hash/fnv"
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
	Op     string // as in [Tenant.Calls]
	Method string
	Path   string // escaped
	N      int    // how many calls of this operation there were, this one included
	Total  int    // the same over all operations
}

// Faults decides what goes wrong with a call. It is called for one call at a time.
type Faults func(Call) Fault

// Step is one entry of a script.
type Step struct {
	Op    string // operation as in [Tenant.Calls]; "" for every operation
	N     int    // the N-th call of that operation (of all calls when Op is ""); 0 for each of them
	Fault Fault
}

// Script returns faults that follow the first step that matches a call.
func Script(steps ...Step) Faults {
	return func(c Call) Fault {
		for _, s := range steps {
			n := c.N
			if s.Op == "" {
				n = c.Total
			}
			if (s.Op == "" || s.Op == c.Op) && (s.N == 0 || s.N == n) {
				return s.Fault
			}
		}
		return FaultNone
	}
}

// FaultSet returns a named set of faults:
//
//   - "none": nothing goes wrong.
//   - "documented": what Deltek's pages and working connectors tell of: HTML from the load balancer, 500, and expired
//     tokens, on about one call in sixteen.
//   - "storm": every fault of this package, on about one call in four.
//
// The decision hangs on seed, operation and the number of the call only, so a run can be repeated. Every third call of an
// operation is left alone, so that a client that tries three times gets through.
func FaultSet(name string, seed uint64) (Faults, error) {
	switch name {
	case "", "none":
		return nil, nil
	case "documented":
		return seeded(seed, 16, FaultHTML503, Fault500, FaultExpiredToken), nil
	case "storm":
		return seeded(seed, 4, FaultHTML503, Fault500, FaultTooMany, FaultCutBefore, FaultLostAnswer, FaultHalfAnswer,
			FaultLate, FaultExpiredToken, FaultRepeated), nil
	}
	return nil, fmt.Errorf("vantagepointtest: there is no set of faults %q; use none, documented or storm", name)
}

func seeded(seed uint64, oneIn uint64, faults ...Fault) Faults {
	return func(c Call) Fault {
		if c.N%3 == 0 {
			return FaultNone
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%d|%s|%d", seed, c.Op, c.N) //nolint:errcheck // a hash never fails
		x := mix(h.Sum64())
		if x%oneIn != 0 {
			return FaultNone
		}
		return faults[x/oneIn%uint64(len(faults))]
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
