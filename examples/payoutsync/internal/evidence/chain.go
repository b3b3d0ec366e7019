package evidence

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// A link stands in log.jsonl as {"hash":"<64 hex>","prev":"<64 hex>","body":<record>}, so that a shell can cut it by place.
const (
	lineHash = `{"hash":"`
	linePrev = `","prev":"`
	lineBody = `","body":`
	hexes    = 64
)

func line(l booking.Link) []byte {
	return []byte(lineHash + l.Hash + linePrev + l.Prev + lineBody + string(l.Body) + "}\n")
}

// parseLine reads what line wrote, and nothing else.
func parseLine(text []byte) (l booking.Link, ok bool) {
	cut := func(prefix string, n int) string {
		if !ok || !bytes.HasPrefix(text, []byte(prefix)) || len(text) < len(prefix)+n {
			ok = false
			return ""
		}
		value := string(text[len(prefix) : len(prefix)+n])
		text = text[len(prefix)+n:]
		return value
	}
	ok = true
	l.Hash, l.Prev = cut(lineHash, hexes), cut(linePrev, hexes)
	cut(lineBody, 0)
	body, closed := bytes.CutSuffix(text, []byte("}"))
	l.Body = body
	return l, ok && closed
}

// story is what the records of one settlement say, taken apart for people.
type story struct {
	settlement string
	approvals  []approval
	bookings   []step
	records    []booking.Record
}

// approval is who presented, released or reversed what, and why.
type approval struct {
	Seq     int64         `json:"seq"`
	Time    time.Time     `json:"time"`
	Event   booking.Event `json:"event"`
	Actor   string        `json:"actor"`
	Service bool          `json:"service"` // a program that acts by itself
	Plan    string        `json:"plan,omitempty"`
	Reason  string        `json:"reason,omitempty"`
}

// step is one request to the ledger or one answer of it, for one document.
type step struct {
	Seq      int64           `json:"seq"`
	Time     time.Time       `json:"time"`
	Event    booking.Event   `json:"event"`
	Actor    string          `json:"actor"`
	Key      string          `json:"key"`
	Batch    string          `json:"batch"`
	Ref      string          `json:"ref,omitempty"`
	Digest   string          `json:"digest,omitempty"`
	Attempt  int             `json:"attempt,omitempty"`
	Totals   *booking.Totals `json:"totals,omitempty"`
	Requests []string        `json:"requests,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Document json.RawMessage `json:"document,omitempty"` // as it was sent
}

func newStory(settlementID string) *story {
	return &story{settlement: fold(settlementID), approvals: []approval{}, bookings: []step{}}
}

// take adds a link; of says whether it is about the settlement.
func (s *story) take(l booking.Link) (of bool, err error) {
	r, err := l.Record()
	if err != nil || fold(r.Settlement) != s.settlement {
		return false, err
	}
	s.records = append(s.records, r)
	switch r.Event {
	case booking.EventPlanned, booking.EventApproved, booking.EventReversal, booking.EventManifest:
		s.approvals = append(s.approvals, approval{r.Seq, r.Time, r.Event, r.Actor, r.Service, r.Digest, r.Reason})
	default:
		s.bookings = append(s.bookings, step{r.Seq, r.Time, r.Event, r.Actor, r.Key, r.Batch, r.Ref, r.Digest, r.Attempt, r.Totals, r.Requests, r.Reason, r.Document})
	}
	return true, nil
}

// fold is an id as the log keeps it.
func fold(id string) string { return strings.ToUpper(strings.TrimSpace(id)) }
