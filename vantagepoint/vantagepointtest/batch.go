package vantagepointtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// batch is one stored transaction file, with or without files mode.
type batch struct {
	doc     *docType
	control row
	masters []row
	details []row
	taxes   []row

	deleted  bool
	posted   bool
	period   int // posting period
	seq      int // posting sequence
	postDate string
	postUser string
}

func (b *batch) name() string    { return b.control["Batch"] }
func (b *batch) company() string { return strings.TrimSpace(b.control["Company"]) }

// same compares keys as the database does: without regard to case, and to blanks at the end.
func same(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
}

// event is one change of the books. The books on disk are a list of events; the books in memory are what they add up to.
type event struct {
	Event   string      `json:"event"` // create, replace, delete, post, hub
	At      string      `json:"at"`    // UTC, for people
	User    string      `json:"user"`
	Index   int         `json:"index"` // of the batch, in the order of creation
	Type    string      `json:"type,omitempty"`
	Control row         `json:"control,omitempty"`
	Master  []row       `json:"master,omitempty"`
	Detail  []row       `json:"detail,omitempty"`
	Tax     []row       `json:"tax,omitempty"`
	Period  int         `json:"period,omitempty"`
	Seq     int         `json:"seq,omitempty"`
	Ledger  []ledgerRow `json:"ledger,omitempty"`
	Hub     []hubChange `json:"hub,omitempty"`
	Serial  int         `json:"serial,omitempty"` // last server-made key
}

// apply adds an event to the books in memory.
func (t *Tenant) apply(e event) error {
	if e.Event != "create" && e.Event != "hub" && (e.Index < 0 || e.Index >= len(t.batches)) {
		return fmt.Errorf("%s of batch number %d, but there are only %d", e.Event, e.Index, len(t.batches))
	}
	t.serial = max(t.serial, e.Serial)
	switch e.Event {
	case "create":
		doc := t.types[e.Type]
		if doc == nil {
			return fmt.Errorf("a batch of the unknown type %q", e.Type)
		}
		t.batches = append(t.batches, &batch{doc: doc, control: e.Control, masters: e.Master, details: e.Detail, taxes: e.Tax})
	case "replace":
		b := t.batches[e.Index]
		b.control, b.masters, b.details, b.taxes = e.Control, e.Master, e.Detail, e.Tax
	case "delete":
		t.batches[e.Index].deleted = true
	case "post":
		b := t.batches[e.Index]
		b.posted, b.period, b.seq, b.postDate, b.postUser = true, e.Period, e.Seq, e.At, e.User
		t.postSeq = max(t.postSeq, e.Seq)
		t.postings = append(t.postings, e.Ledger...)
	case "hub":
		for _, c := range e.Hub {
			if t.hubs[c.Hub] == nil {
				return fmt.Errorf("a record of the unknown hub %q", c.Hub)
			}
			t.hubs[c.Hub].put(c.Row)
		}
	default:
		return fmt.Errorf("the unknown event %q", e.Event)
	}
	return nil
}

// commit makes an event true: on disk first, then in memory. Nothing is answered that is not on disk.
func (t *Tenant) commit(r *request, e event) *problem {
	e.User = r.who.user.Name
	e.At = t.now().Format(dateTime)
	e.Serial = t.serial
	if t.store != nil {
		if err := t.store.append(e); err != nil {
			return &problem{500, "The books could not be written: " + err.Error()}
		}
	}
	if err := t.apply(e); err != nil { // an event made here always applies
		return &problem{500, err.Error()}
	}
	return nil
}

// find returns the batches that a caller sees under a name: of one type, of the caller's active company.
func (t *Tenant) find(r *request, doc *docType, name string) []*batch {
	company := t.state(r).company
	var found []*batch
	for _, b := range t.batches {
		gone := b.deleted || (b.posted && t.opt.Quirks.PurgePosted)
		if !gone && b.doc == doc && same(b.name(), name) && same(b.company(), company) {
			found = append(found, b)
		}
	}
	return found
}

// taken says whether a batch name is in use anywhere in the enterprise, in any company and for any type.
func (t *Tenant) taken(doc *docType, name string) bool {
	return slices.ContainsFunc(t.batches, func(b *batch) bool {
		return !b.deleted && same(b.name(), name) && (b.doc == doc || !t.opt.Quirks.UniquePerType)
	})
}

func (t *Tenant) index(b *batch) int { return slices.Index(t.batches, b) }

// newKey makes a key of 32 hex digits, as the server does where a client sends none.
func (t *Tenant) newKey() string {
	t.serial++
	return fmt.Sprintf("%032x", t.serial)
}

// records returns the rows of one record, in the order of Seq.
func records(rows []row, column, key string) []row {
	var found []row
	for _, r := range rows {
		if same(r[column], key) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b row) int { return cmp.Compare(a.amount("Seq"), b.amount("Seq")) })
	return found
}
