package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Damage is what [Verify] found wrong with one place of a chain.
type Damage string

// The kinds of damage.
const (
	DamageChanged    Damage = "changed"    // the record's bytes are not those that were hashed
	DamageRemoved    Damage = "removed"    // the record is missing
	DamageReordered  Damage = "reordered"  // the record stands at another place than it was written
	DamageInserted   Damage = "inserted"   // the record was not written by the log at this place
	DamageResealed   Damage = "resealed"   // the record agrees with itself but not with its successor or the head: it was replaced
	DamageHead       Damage = "head"       // the head is missing or not sealed by this key
	DamageUnanswered Damage = "unanswered" // bytes after the head: nobody was told that they were written
)

// A Fault names one damaged record.
type Fault struct {
	Seq    int64 // the record's number; 0 where none can be named
	Line   int64 // the place in the store, counted from 1; 0 for a removed record
	Damage Damage
	Detail string
}

// String names the record and its damage.
func (f Fault) String() string {
	s := string(f.Damage)
	if f.Seq > 0 {
		s = fmt.Sprintf("record %d %s", f.Seq, f.Damage)
	}
	if f.Line > 0 && f.Line != f.Seq {
		s += fmt.Sprintf(" (stands at place %d)", f.Line)
	}
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return s
}

// A Verification is the result of checking one seller's chain.
type Verification struct {
	Head   Head    // as the store keeps it
	Links  int64   // found in the store
	Faults []Fault // in the order of the store; empty if the chain holds
	// Unanswered are links after the head. One, intact or torn, is what a crash
	// leaves between writing a record and counting it; nobody acted on it, and
	// the next Append sets it aside. It is not a fault, but it is said.
	Unanswered []Fault
}

// OK reports whether every record that was ever acknowledged is there,
// unchanged and in its place.
func (v Verification) OK() bool { return len(v.Faults) == 0 }

// Err returns nil if the chain holds, else a [*BrokenError].
func (v Verification) Err() error {
	if v.OK() {
		return nil
	}
	return &BrokenError{Seller: v.Head.Seller, Faults: v.Faults}
}

// ErrBroken is in the chain of every [*BrokenError].
var ErrBroken = errors.New("booking: audit trail broken")

// A BrokenError says that a chain does not hold. Nothing is booked on it
// until a person has looked.
type BrokenError struct {
	Seller string
	Faults []Fault
}

// Error names the seller and the faults.
func (e *BrokenError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "booking: the audit trail of seller %s is broken, nothing will be booked on it; restore it from a copy and compare: ", e.Seller)
	for i, f := range e.Faults {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Faults)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// Unwrap returns [ErrBroken].
func (e *BrokenError) Unwrap() error { return ErrBroken }

// Verify checks one seller's chain, as it lies in the store, against itself
// and against the sealed head, and names every record that was changed,
// removed, reordered or inserted. The error is for a store that cannot be
// read; a broken chain is a result.
func Verify(ctx context.Context, log Log, seller string) (Verification, error) {
	none := Verification{Head: Head{Seller: seller}}
	head, headErr := log.Head(ctx, seller)
	for {
		var links []Link
		for l, err := range log.Links(ctx, seller) {
			if err != nil {
				return none, err
			}
			links = append(links, l)
		}
		if broken, ok := errors.AsType[*BrokenError](headErr); ok {
			// Without a head to trust, the records are checked against each other.
			v := VerifyLinks(links, Head{Seller: seller, Count: lastSeq(links)})
			v.Head = Head{Seller: seller}
			v.Faults = append(slices.Clone(broken.Faults), v.Faults...)
			return v, nil
		}
		if headErr != nil {
			return none, headErr
		}
		// Head and links are read one after the other; if somebody appended in
		// between, they do not belong together.
		now, err := log.Head(ctx, seller)
		if err == nil && now == head {
			return VerifyLinks(links, head), nil
		}
		if head, headErr = now, err; ctx.Err() != nil {
			return none, ctx.Err()
		}
	}
}

// VerifyLinks checks a chain against a head that was kept somewhere else: in
// an evidence pack, or on paper. The head's seal is not looked at; if its
// hash is empty, only its seller and count are.
func VerifyLinks(links []Link, head Head) Verification {
	c := checker{links: links, head: head, seqs: make([]int64, len(links)), bySum: map[string][]int{}, byName: map[string]int{}, bySeq: map[int64][]int{}}
	for i, l := range links {
		r, err := l.Record()
		if err != nil || r.Seller != head.Seller {
			continue
		}
		c.seqs[i] = r.Seq
		c.bySeq[r.Seq] = append(c.bySeq[r.Seq], i)
		c.bySum[l.Sum()] = append(c.bySum[l.Sum()], i)
		if _, ok := c.byName[l.Hash]; !ok {
			c.byName[l.Hash] = i
		}
	}
	c.place()
	c.blame()
	c.order()
	v := Verification{Head: head, Links: int64(len(links)), Faults: c.faults}
	v.Faults, v.Unanswered = c.rest()
	slices.SortStableFunc(v.Faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Line, b.Line)) })
	return v
}

func lastSeq(links []Link) int64 {
	var last int64
	for _, l := range links {
		if r, err := l.Record(); err == nil && r.Seq <= int64(len(links)) {
			last = max(last, r.Seq)
		}
	}
	return last
}

// A checker finds for each record that the head counts the link that holds
// it. It walks backwards, because the head is what can be trusted: it names
// the last record by hash, and that one names the one before it.
type checker struct {
	links  []Link
	head   Head
	seqs   []int64          // the number each link gives itself; 0: it cannot be read, or is another seller's
	bySum  map[string][]int // what links hash to, in the order of the store
	byName map[string]int   // the hash a link claims
	bySeq  map[int64][]int  //
	at     []int            // at[k] = index of the link that holds record k, or -1
	used   []bool           // links that hold a record
	faults []Fault
}

func (c *checker) fault(seq int64, link int, d Damage, detail string) {
	c.faults = append(c.faults, Fault{Seq: seq, Line: int64(link + 1), Damage: d, Detail: detail})
}

func (c *checker) place() {
	c.at = make([]int, c.head.Count+1)
	c.used = make([]bool, len(c.links))
	need := c.head.Hash // hash that record k must have; empty: nothing that is left says
	for k := c.head.Count; k >= 1; k-- {
		i, known := c.find(k, need)
		c.at[k] = i
		need = ""
		if i >= 0 {
			c.used[i] = true
			if known {
				need = c.links[i].Prev
			}
		}
	}
	if c.head.Count > 0 && need != "" && need != noHash {
		c.fault(1, c.at[1], DamageResealed, "it names a record before it")
	}
}

// find returns the link that holds record k, and whether the link says
// reliably which record came before.
func (c *checker) find(k int64, need string) (link int, known bool) {
	if i := c.nearest(k, c.bySum[need]); i >= 0 {
		if c.links[i].Hash != need {
			c.fault(k, i, DamageChanged, "its stored hash was changed")
		}
		return i, true
	}
	if i, ok := c.byName[need]; ok && !c.used[i] {
		c.fault(k, i, DamageChanged, "its content does not have its hash")
		return i, c.seqs[i] == k && k > 1 && c.names(i)
	}
	for _, i := range c.bySeq[k] {
		switch intact := c.links[i].Sum() == c.links[i].Hash; {
		case c.used[i]:
			continue
		case !intact:
			c.fault(k, i, DamageChanged, "its content does not have its hash")
			return i, c.names(i)
		case need != "" && k == c.head.Count:
			c.fault(k, i, DamageResealed, "it is not the record that the head names: it, or one before it, was written anew")
		case need != "":
			c.fault(k, i, DamageResealed, fmt.Sprintf("record %d follows another one: it, or one before it, was written anew", k+1))
		}
		return i, true
	}
	return -1, false
}

// nearest returns, of several links with the same bytes, the last one before
// the link that holds record k+1.
func (c *checker) nearest(k int64, links []int) int {
	end := len(c.links)
	if k < c.head.Count && c.at[k+1] >= 0 {
		end = c.at[k+1]
	}
	best := -1
	for _, i := range links {
		if !c.used[i] && c.seqs[i] == k && (best < 0 || i < end) {
			best = i
		}
	}
	return best
}

// names reports whether the link names an existing link as the one before.
func (c *checker) names(i int) bool {
	_, ok := c.bySum[c.links[i].Prev]
	return ok
}

// blame looks for the remains of records that were not found: a link that
// cannot be read, lying where the record must lie.
func (c *checker) blame() {
	for k := int64(1); k <= c.head.Count; k++ {
		if c.at[k] >= 0 {
			continue
		}
		i := 0
		if k > 1 {
			i = c.at[k-1] + 1
		}
		if i >= 0 && i < len(c.links) && !c.used[i] && (k == 1 || c.at[k-1] >= 0) && !c.elsewhere(i) {
			c.at[k], c.used[i] = i, true
			c.fault(k, i, DamageChanged, "it cannot be read as the record that was written")
			continue
		}
		c.faults = append(c.faults, Fault{Seq: k, Damage: DamageRemoved, Detail: fmt.Sprintf("the head counts %d records", c.head.Count)})
	}
}

// elsewhere reports whether the link is a readable record of another number.
func (c *checker) elsewhere(i int) bool { return c.seqs[i] != 0 && c.links[i].Sum() == c.links[i].Hash }

// order names the fewest records whose removal leaves the rest in order.
func (c *checker) order() {
	var tails []int64 // tails[n] = record that ends the best ascending run of length n+1
	before := make([]int64, len(c.at))
	for k := int64(1); k <= c.head.Count; k++ {
		if c.at[k] < 0 {
			continue
		}
		n, _ := slices.BinarySearchFunc(tails, c.at[k], func(t int64, place int) int { return cmp.Compare(c.at[t], place) })
		if n > 0 {
			before[k] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, k)
		} else {
			tails[n] = k
		}
	}
	inOrder := map[int64]bool{}
	if len(tails) > 0 {
		for k := tails[len(tails)-1]; k > 0; k = before[k] {
			inOrder[k] = true
		}
	}
	for k := int64(1); k <= c.head.Count; k++ {
		if c.at[k] >= 0 && !inOrder[k] {
			c.fault(k, c.at[k], DamageReordered, "it was not written at this place")
		}
	}
}

// rest says what the links are that hold no record the head counts.
func (c *checker) rest() (faults, unanswered []Fault) {
	last := -1
	for _, i := range c.at[1:] {
		last = max(last, i)
	}
	for i, l := range c.links {
		if c.used[i] {
			continue
		}
		f := Fault{Seq: c.seqs[i], Line: int64(i + 1), Damage: DamageInserted, Detail: "the chain does not lead to it"}
		_, _, wrong := c.head.Follow(l)
		torn := c.seqs[i] == 0 || l.Sum() != l.Hash
		if i > last && len(unanswered) == 0 && (wrong == "" || torn) {
			f.Seq, f.Damage = c.head.Count+1, DamageUnanswered
			f.Detail = "it lies after the head: nobody was told that it was written"
			unanswered = append(unanswered, f)
			continue
		}
		c.faults = append(c.faults, f)
	}
	return c.faults, unanswered
}
