package spapitest

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"time"
)

// Faults says what goes wrong. The zero value: nothing.
//
// Named sets:
//
//	"none"        nothing
//	"documented"  every recoverable fault of the catalogue once, each on an operation of the settlement flow: a client
//	              that behaves gets everything, only later
//	"storm"       one call in four, by the seed, meets a recoverable fault, throttling in bursts; never more than three
//	              calls of an operation in a row
//
// Steps come on top of the set.
type Faults struct {
	Set   string
	Seed  uint64
	Steps []Step
}

// Step plays one fault.
type Step struct {
	Operation string // "getReports", "token", "download"; "" for any
	// Nth is the call of that operation (1 is the first) at which the step may begin; 0 is the same as 1. A fault that
	// needs something to work on, such as a next page, waits for the first call that has it.
	Nth   int
	Fault Fault
	Times int // how often; 0 is once, -1 always
}

type faultState struct {
	steps []Step
	storm bool
	seed  uint64
	row   map[string]int   // faults in a row, by operation
	last  map[string]Fault // the storm's last one, by operation
}

func newFaultState(f Faults) faultState {
	s := faultState{seed: f.Seed, row: map[string]int{}, last: map[string]Fault{}, storm: f.Set == "storm"}
	if f.Set == "documented" {
		s.steps = documented()
	}
	s.steps = append(s.steps, f.Steps...)
	for i := range s.steps {
		s.steps[i] = s.steps[i].normal()
	}
	return s
}

func (s Step) normal() Step {
	s.Nth = max(1, s.Nth)
	if s.Times == 0 {
		s.Times = 1
	}
	return s
}

// CheckFaults returns an error for a set that does not exist or a step whose fault is not in the catalogue.
func CheckFaults(f Faults) error {
	if !slices.Contains([]string{"", "none", "documented", "storm"}, f.Set) {
		return fmt.Errorf("spapitest: no set of faults is named %q; there are none, documented and storm", f.Set)
	}
	for i, step := range f.Steps {
		if !slices.ContainsFunc(Catalogue(), func(info FaultInfo) bool { return info.Fault == step.Fault }) {
			return fmt.Errorf("spapitest: step %d: no fault is named %q; see Catalogue", i+1, step.Fault)
		}
	}
	return nil
}

// Inject adds a step while the fake runs; Nth counts from now on.
func (a *Amazon) Inject(step Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	step = step.normal()
	if step.Operation != "" {
		step.Nth += a.counts[step.Operation]
	}
	a.faults.steps = append(a.faults.steps, step)
}

// documented spreads the recoverable faults over the operations of the settlement flow.
func documented() []Step {
	return []Step{
		{Operation: "token", Nth: 1, Fault: LoginUnavailable},
		{Operation: "getReports", Nth: 1, Fault: Unavailable},
		{Operation: "getReports", Nth: 2, Fault: Throttled},
		{Operation: "getReports", Nth: 3, Fault: InternalError},
		{Operation: "getReports", Nth: 1, Fault: EmptyPage},
		{Operation: "getReportDocument", Nth: 1, Fault: ExpiredToken},
		{Operation: "getReportDocument", Nth: 2, Fault: ExpiredURL},
		{Operation: "getReportDocument", Nth: 4, Fault: Cut},
		{Operation: "getReportDocument", Nth: 6, Fault: CutAnswer},
		{Operation: "download", Nth: 3, Fault: Truncated},
		{Operation: "download", Nth: 5, Fault: GzipEnds},
		{Operation: "download", Nth: 7, Fault: NotGzip},
		{Operation: "download", Nth: 8, Fault: SlowDown},
		{Operation: "listPayouts", Nth: 1, Fault: BadGateway},
		{Operation: "listPayouts", Nth: 2, Fault: EmptyPage},
		{Operation: "listSummary", Nth: 1, Fault: UnknownMembers},
		{Operation: "listSummary", Nth: 2, Fault: Throttled},
		{Operation: "listFinancialEventGroups", Nth: 1, Fault: InternalError},
		{Operation: "listTransactions", Nth: 1, Fault: Unavailable},
		{Operation: "listTransactions", Nth: 2, Fault: EmptyPage},
	}
}

// roll decides what the storm does to this call.
func (c *call) roll() {
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	f := &c.amazon.faults
	if !f.storm {
		return
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d|%s|%d", f.seed, c.op.name, c.nth)
	n := mixed(h.Sum64()) >> 7
	choice := [...]Fault{Throttled, Throttled, InternalError, Unavailable, Cut, CutAnswer, ExpiredToken, BadGateway}[n/100%8]
	switch c.op.name {
	case "token":
		choice = LoginUnavailable
	case "download":
		choice = [...]Fault{Truncated, GzipEnds, NotGzip, SlowDown}[n/100%4]
	case "getReportDocument":
		if n/1000%4 == 0 {
			choice = ExpiredURL
		}
	}
	// A fault calls for another; throttling comes in bursts.
	if f.row[c.op.name] > 2 || (n%100 >= 20 && (f.row[c.op.name] == 0 || n%100 >= 50)) {
		f.row[c.op.name] = 0
		return
	}
	if f.row[c.op.name] > 0 && f.last[c.op.name] == Throttled {
		choice = Throttled
	}
	if f.row[c.op.name] > 0 && c.op.name == "download" {
		choice = SlowDown // a document that is damaged each time it is fetched is beyond recovery
	}
	f.row[c.op.name]++
	f.last[c.op.name], c.storm = choice, choice
}

// mixed spreads what a hash of short texts leaves close together.
func mixed(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hit says whether the fault happens to this call, here and now, and if so uses the step up.
func (c *call) hit(fault Fault) bool {
	if c.storm == fault {
		c.storm, c.fault = "", fault
		return true
	}
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	for i := range c.amazon.faults.steps {
		s := &c.amazon.faults.steps[i]
		if s.Fault != fault || s.Times == 0 || c.nth < s.Nth || (s.Operation != "" && s.Operation != c.op.name) {
			continue
		}
		if s.Times > 0 {
			s.Times--
		}
		c.fault = fault
		return true
	}
	return false
}

const html = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Website Temporarily Unavailable</title></head>
<body><center>website temporarily unavailable</center></body></html>
`

// playEarly plays a fault that replaces the whole answer and says whether it did.
func (c *call) playEarly() bool {
	plain := func(status int, kind, body string) bool {
		c.w.Header().Set("Content-Type", kind)
		c.status = status
		c.w.WriteHeader(status)
		_, _ = c.w.Write([]byte(body)) // the client has gone
		return true
	}
	switch {
	case c.hit(SlowAnswer):
		select {
		case <-time.After(200 * time.Second):
		case <-c.r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		return false
	case c.hit(Cut):
		panic(http.ErrAbortHandler)
	case c.hit(InternalError):
		c.refuse(&apiError{http.StatusInternalServerError, "InternalFailure", "We encountered an internal error. Please try again.", ""})
		return true
	case c.hit(Unavailable):
		return plain(http.StatusServiceUnavailable, "text/html; charset=iso-8859-1", html)
	case c.hit(BadGateway):
		return plain(http.StatusBadGateway, "text/plain", "")
	case c.hit(EmptyAnswer):
		return plain(http.StatusOK, "application/json", "")
	case c.hit(HTMLAnswer):
		return plain(http.StatusOK, "text/html", html)
	case c.hit(CutAnswer):
		c.w.Header().Set("Content-Length", "4096")
		plain(http.StatusOK, "application/json", `{"payload":{`)
		if f, ok := c.w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	case c.hit(NoErrorCode):
		return plain(http.StatusBadRequest, "application/json", `{"errors":[{"message":null,"code":"InvalidInput"}]}`)
	case c.hit(InvalidArguments):
		c.refuse(invalid("Request was not valid or data requested exceeds data retention period.", ""))
		return true
	}
	return false
}
