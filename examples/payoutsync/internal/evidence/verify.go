package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Fault is one thing that is wrong with a pack. Member is empty where it is about the whole file.
type Fault struct {
	Member  string `json:"member,omitempty"`
	Message string `json:"message"`
}

func (f Fault) String() string {
	if f.Member == "" {
		return f.Message
	}
	return fmt.Sprintf("%q: %s", f.Member, f.Message)
}

// Verification is the result of checking a pack. What a fault kept from being checked is zero.
type Verification struct {
	Settlement string       `json:"settlement_id"`
	SellerID   string       `json:"seller_id"`
	Total      string       `json:"total"`
	Currency   string       `json:"currency"`
	Rows       int          `json:"rows"`
	Documents  int          `json:"documents"` // of the plan
	Booked     int          `json:"booked"`    // of these, as the log says
	Reversed   int          `json:"reversed"`  // of these: they were booked, and are reversed
	First      int64        `json:"first"`     // the number of the first record in the pack
	Head       booking.Head `json:"head"`
	Faults     []Fault      `json:"faults"`

	hashes []string // of the records in the pack
}

// OK reports whether everything in the pack agrees.
func (v Verification) OK() bool { return len(v.Faults) == 0 }

// Err is nil if everything agrees; else it names every fault and is an [booking.ErrBroken].
func (v Verification) Err() error {
	if v.OK() {
		return nil
	}
	texts := make([]string, len(v.Faults))
	for i, f := range v.Faults {
		texts[i] = f.String()
	}
	return fmt.Errorf("the evidence pack does not hold: %s: %w", strings.Join(texts, "; "), booking.ErrBroken)
}

// Holds reports whether the pack's log has a record of that hash: whether a head from elsewhere, of the same time or
// earlier, is of the same log.
func (v Verification) Holds(hash string) bool {
	for _, h := range v.hashes {
		if strings.EqualFold(h, hash) {
			return true
		}
	}
	return false
}

// Verify checks a pack and needs nothing else: the hash of every member, the report against its own total, the plan against
// the one that comes out of report, rules, calendar and payout facts, its documents against what the log says was booked,
// and the log's chain up to its head. Everything that is wrong is a fault of the result; the error is for a pack that could
// not be read for another reason, such as a full disk.
func Verify(r io.ReaderAt, size int64) (Verification, error) {
	v := Verification{Faults: []Fault{}}
	m, faults := open(r, size)
	v.Faults = append(v.Faults, faults...)
	if len(m.files) == 0 {
		return v, nil
	}
	c := &checker{Verification: &v, members: m, text: map[string][]byte{}}
	err := c.run()
	return v, err
}

// checker is one run over a pack.
type checker struct {
	*Verification
	members
	text  map[string][]byte // of every member but the report that could be read
	plan  *ledgermap.Plan   // that comes out of the inputs
	story *story
}

func (c *checker) fault(member, format string, args ...any) {
	c.Faults = append(c.Faults, Fault{member, fmt.Sprintf(format, args...)})
}

func (c *checker) run() error {
	file, err := os.CreateTemp("", "payoutsync-evidence-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // a copy
	defer file.Close()
	for _, name := range order {
		var into bytes.Buffer
		var w io.Writer = &into
		if name == "" {
			name, w = c.report, file
		}
		if c.files[name] == nil {
			continue // reported as missing
		}
		if err := c.copyTo(w, name); err != nil {
			c.fault(name, "it cannot be read: %v", err)
			continue
		}
		c.text[name] = into.Bytes()
	}
	c.checkSums()
	c.checkPlan(file.Name())
	c.checkChain()
	c.checkBooked()
	return nil
}

// checkSums compares SHA256SUMS with the members, byte for byte.
func (c *checker) checkSums() {
	listed, ok := c.text[sumsName]
	if !ok {
		return
	}
	var want bytes.Buffer
	for _, name := range order[:len(order)-1] {
		if name == "" {
			name = c.report
		}
		sum := c.sums[name]
		fmt.Fprintf(&want, "%s  %s\n", sum, name)
		if sum != "" && !bytes.Contains(listed, []byte(sum+"  "+name+"\n")) {
			c.fault(name, "its SHA-256 is %s, and not the one in %s: it was changed", sum, sumsName)
		}
	}
	if !bytes.Equal(want.Bytes(), listed) && len(c.Faults) == 0 {
		c.fault(sumsName, "it is not the list of the members and their SHA-256")
	}
}

// checkPlan reads the report, ties it, and plans it again.
func (c *checker) checkPlan(report string) {
	if _, ok := c.text[c.report]; !ok {
		return
	}
	var in inputs
	decoded := c.decode(inputsName, &in)
	src, err := settlement.Open(report, settlement.Options{Name: c.report, ContentType: in.ContentType, Settlement: in.Settlement})
	if err != nil {
		c.fault(c.report, "%v", err)
		return
	}
	defer src.Close() // it was only read
	statement, err := readReport(src)
	if err != nil {
		c.fault(c.report, "it cannot be read as a settlement whose rows add up to its total: %v", err)
		return
	}
	c.Settlement, c.Total, c.Currency, c.Rows = statement.ID, statement.Total.String(), statement.Currency.String(), statement.Rows
	c.same(statementName, summary(statement), "the report says otherwise of itself")

	rules, err := ledgermap.LoadRules(rulesName, c.text[rulesName])
	if err != nil {
		c.fault(rulesName, "%v", err)
		return
	}
	var calendar ledgermap.Calendar
	var payout ledgermap.Payout
	if !decoded || !c.decode(calendarName, &calendar) || !c.decode(payoutName, &payout) {
		return
	}
	c.SellerID = in.SellerID
	c.same(inputsName, in, "it is not in the form that a pack has")
	c.same(calendarName, calendar, "it is not in the form that a pack has")
	c.same(payoutName, payout, "it is not in the form that a pack has")
	c.plan, err = rules.Plan(src, ledgermap.Input{Seller: in.Seller, Calendar: calendar, Payout: payout, Revision: in.Revision, NoBank: in.NoBank})
	if err != nil {
		c.fault(planName, "no plan comes out of the packed report, rules, calendar and payout facts: %v", err)
		return
	}
	c.Documents = len(c.plan.Documents)
	c.same(planName, c.plan, "another plan comes out of the packed report, rules, calendar and payout facts")
}

// readReport reads a report to its end.
func readReport(src *settlement.File) (settlement.Statement, error) {
	for _, err := range src.Lines() {
		if err != nil {
			return settlement.Statement{}, err
		}
	}
	return src.Statement()
}

// decode reads a JSON member, and says so where it cannot.
func (c *checker) decode(name string, into any) bool {
	text, ok := c.text[name]
	if !ok {
		return false
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.fault(name, "it is not what a pack holds: %v", err)
		return false
	}
	return true
}

// same compares a member with the value that it must hold, byte for byte.
func (c *checker) same(name string, value any, otherwise string) {
	text, ok := c.text[name]
	if !ok {
		return
	}
	want, err := render(value)
	if err != nil {
		c.fault(name, "%v", err)
		return
	}
	if !bytes.Equal(text, want) {
		c.fault(name, "%s: %s", otherwise, firstDifference(text, want))
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(packed, want []byte) string {
	a, b := strings.Split(string(packed), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		var has, should string
		if i < len(a) {
			has = strings.TrimSpace(a[i])
		}
		if i < len(b) {
			should = strings.TrimSpace(b[i])
		}
		if has != should || i >= len(a) || i >= len(b) {
			return fmt.Sprintf("line %d is %.120q and should be %.120q", i+1, has, should)
		}
	}
	return "only blanks differ"
}

// checkChain walks the log from the first record in the pack to the head.
func (c *checker) checkChain() {
	var head booking.Head
	text, ok := c.text[logName]
	if !ok || !c.decode(headName, &head) {
		return
	}
	c.Head = head
	c.same(headName, head, "it is not in the form that a pack has")
	at := booking.Head{Seller: head.Seller}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, maxText)
	for number := 1; in.Scan(); number++ {
		link, ok := parseLine(bytes.Clone(in.Bytes()))
		if !ok {
			c.fault(logName, "line %d is no record", number)
			return
		}
		if number == 1 {
			c.begin(link, &at)
		}
		next, _, wrong := at.Follow(link)
		if wrong != "" {
			c.fault(logName, "the record on line %d does not stand in the chain: %s", number, wrong)
			return
		}
		at = next
		c.hashes = append(c.hashes, link.Hash)
		if _, err := c.story.take(link); err != nil {
			c.fault(logName, "the record on line %d cannot be read: %v", number, err)
			return
		}
	}
	if c.story == nil {
		c.story = newStory(c.Settlement)
	}
	switch {
	case in.Err() != nil:
		c.fault(logName, "it cannot be read: %v", in.Err())
	case at.Count != head.Count || at.Hash != head.Hash || len(c.hashes) == 0:
		c.fault(logName, "it ends at record %d with hash %s, and the head counts %d records and names %s", at.Count, at.Hash, head.Count, head.Hash)
	case !bytes.HasSuffix(text, []byte("\n")):
		c.fault(logName, "its last line does not end")
	}
	if c.SellerID != "" && fold(c.SellerID) != fold(head.Seller) {
		c.fault(headName, "it is of seller %s, and the pack of %s", head.Seller, c.SellerID)
	}
	c.same(approvalsName, c.story.approvals, "the log says otherwise")
	c.same(bookingsName, c.story.bookings, "the log says otherwise")
	c.checkExchanges()
}

// begin takes the first link: it is about the settlement, and what it follows is not in the pack.
func (c *checker) begin(link booking.Link, at *booking.Head) {
	first, err := link.Record()
	if err != nil {
		return // what follows says so
	}
	c.First = first.Seq
	if first.Seq > 1 {
		at.Count, at.Hash = first.Seq-1, link.Prev
	}
	c.story = newStory(first.Settlement)
	if c.Settlement != "" && fold(c.Settlement) != c.story.settlement {
		c.fault(logName, "its first record is about settlement %q, and the report is settlement %s", first.Settlement, c.Settlement)
	}
}

// checkExchanges reads what the ledger was asked: each line an exchange, and no line anything else.
func (c *checker) checkExchanges() {
	in := json.NewDecoder(bytes.NewReader(c.text[exchangesName]))
	in.DisallowUnknownFields()
	for n := 1; ; n++ {
		var e Exchange
		err := in.Decode(&e)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			c.fault(exchangesName, "exchange %d cannot be read: %v", n, err)
			return
		}
	}
}
