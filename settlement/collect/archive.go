package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Archive keeps every report document exactly as Amazon delivered it. Amazon forgets settlement reports after 90 days and
// nothing regenerates them, so the archive is the only lasting witness of what was booked.
//
// A document is durable before its entry is written, and the entry before [Archive.Put] returns. A process that dies in
// between leaves a document without an entry, and the next round fetches the report again.
//
// An Archive may be used by several goroutines.
type Archive struct{ store Store }

// Store is where an [Archive] keeps documents and their entries: a [Folder], or something that several machines share.
// It must be safe for concurrent use. Nothing in it is ever changed or removed.
type Store interface {
	// Keep stores a document under the hexadecimal SHA-256 of its bytes, which it returns with their number.
	// They are durable when it returns. Keeping the same bytes again changes nothing.
	Keep(ctx context.Context, r io.Reader) (object string, size int64, err error)
	// Path returns a file on this machine that holds the bytes of an object. It returns an [ErrDamaged] where they are not
	// those that were stored.
	Path(ctx context.Context, object string) (string, error)
	// Check reads an object where it is kept. It returns an [ErrDamaged] when the object is missing or holds other bytes
	// now; any other error says that it could not be looked at.
	Check(ctx context.Context, object string) error

	// Add appends an entry. It is durable when Add returns.
	Add(ctx context.Context, e Entry) error
	// Entries returns the seller's entries in the order in which they were added.
	Entries(ctx context.Context, seller string) ([]Entry, error)
	// Sellers returns the sellers that have entries, sorted.
	Sellers(ctx context.Context) ([]string, error)
}

// ErrDamaged says that a document of the archive is missing, or that its bytes are no longer those that were delivered.
var ErrDamaged = errors.New("archived document damaged")

// NewArchive returns the archive in a store.
func NewArchive(store Store) *Archive { return &Archive{store} }

// OpenArchive opens the archive in a folder and creates it when it is not there.
func OpenArchive(dir string) (*Archive, error) {
	folder, err := OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	return NewArchive(folder), nil
}

// Entry says of one fetched settlement what it is and where its bytes are. A document that holds several settlements has
// an entry for each.
type Entry struct {
	// Seller is the Amazon seller id. Report and document ids are unique only together with it.
	Seller string `json:"seller"`
	// ReportID is Amazon's id of the report, or "import:" and the object's SHA-256 for a file that was handed in.
	ReportID string `json:"report_id"`
	// DocumentID is Amazon's id of the document; empty for a file that was handed in.
	DocumentID string `json:"document_id,omitempty"`
	// Object is the hexadecimal SHA-256 of the bytes as delivered, and their name in the archive.
	Object string `json:"object"`
	// Size counts the bytes as delivered.
	Size int64 `json:"size"`
	// ContentType is what the download declared; it can name the charset.
	ContentType string `json:"content_type,omitempty"`

	// SettlementID, Digest, Start, End, Currency and Total are what the document says of itself. They are empty when
	// it could not be read; Refused then says why.
	SettlementID string    `json:"settlement_id,omitempty"`
	Digest       string    `json:"digest,omitempty"` // hexadecimal SHA-256 of the uncompressed bytes
	Start        time.Time `json:"start,omitzero"`
	End          time.Time `json:"end,omitzero"`
	Currency     string    `json:"currency,omitempty"`
	Total        string    `json:"total,omitempty"`
	Refused      string    `json:"refused,omitempty"`
	// Settlements counts those of the document where it holds several: a file that somebody put together.
	Settlements int `json:"settlements,omitempty"`
	// Repeats is the digest of an earlier document that says the same of the settlement, line by line, in other bytes: a
	// document of several settlements, for example, that holds this one again.
	Repeats string `json:"repeats,omitempty"`
	// Link is how it joins the settlements before and after it, and Stores are the marketplaces that its lines name.
	Link   settlement.Link `json:"link,omitzero"`
	Stores []string        `json:"stores,omitempty"`

	// Fetched is when the document was put into the archive, UTC.
	Fetched time.Time `json:"fetched"`
}

// Entries returns the seller's entries in the order in which they were fetched.
func (a *Archive) Entries(ctx context.Context, seller string) ([]Entry, error) {
	return a.store.Entries(ctx, seller)
}

// Path returns a file on this machine that holds the entry's bytes as they were delivered, or an [ErrDamaged].
func (a *Archive) Path(ctx context.Context, e Entry) (string, error) {
	name, err := a.store.Path(ctx, e.Object)
	return name, advised(err, e.Seller, e.SettlementID)
}

// Put archives a document and then reads it, to learn which settlement it is and that it ties out. The entry names
// seller and report; the rest of it is filled in. A document that holds several settlements gives an entry for each, and
// each must tie. One that cannot be read stays in the archive with the reason, and the error is an [*UnreadableError].
// A settlement that the archive has in other bytes is compared line by line: [Entry].Repeats says when nothing differs.
func (a *Archive) Put(ctx context.Context, r io.Reader, document Entry) ([]Entry, error) {
	var err error
	if document.Object, document.Size, err = a.store.Keep(ctx, r); err != nil {
		return nil, err
	}
	document.Fetched = time.Now().UTC().Truncate(time.Second)
	tallies, err := a.read(ctx, document)
	if code := settlement.CodeOf(err); code != "" {
		document.Refused = code
		return nil, errors.Join(&UnreadableError{Entry: document, Err: err}, a.add(ctx, document))
	} else if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, tally := range tallies {
		statement, entry := tally.Statement, document
		entry.SettlementID, entry.Digest = statement.ID, statement.Digest
		entry.Start, entry.End = statement.Start, statement.End
		entry.Currency, entry.Total = statement.Currency.String(), statement.Total.String()
		entry.Link, entry.Stores = tally.Link(), statement.Marketplaces
		if len(tallies) > 1 {
			entry.Settlements = len(tallies)
		}
		entries = append(entries, entry)
	}
	if err := a.add(ctx, entries...); err != nil {
		return nil, err
	}
	return entries, nil
}

// add adds the entries that say what no other entry says of a document.
func (a *Archive) add(ctx context.Context, entries ...Entry) error {
	all, err := a.store.Entries(ctx, entries[0].Seller)
	if err != nil {
		return err
	}
	for i, e := range entries {
		known := slices.ContainsFunc(all, func(known Entry) bool {
			return known.ReportID == e.ReportID && known.Object == e.Object && known.SettlementID == e.SettlementID && known.Refused == e.Refused
		})
		if known {
			continue
		}
		if e.Repeats, err = a.repeats(ctx, all, e); err != nil {
			return err
		}
		if err := a.store.Add(ctx, e); err != nil {
			return err
		}
		entries[i] = e
	}
	return nil
}

// repeats returns the digest of the document in which the archive first got what e says of its settlement; "" if that is new.
// A document that is damaged now proves nothing either way: the next round tries again.
func (a *Archive) repeats(ctx context.Context, all []Entry, e Entry) (string, error) {
	var others []Entry
	for _, known := range all {
		switch {
		case known.SettlementID != e.SettlementID || e.SettlementID == "":
		case known.Digest == e.Digest:
			return known.Repeats, nil
		case known.Repeats == "" && !slices.ContainsFunc(others, func(other Entry) bool { return other.Digest == known.Digest }):
			others = append(others, known)
		}
	}
	for _, known := range others {
		changes, err := a.Diff(ctx, known, e)
		if err != nil {
			return "", err
		}
		if changes.None() {
			return known.Digest, nil
		}
	}
	return "", nil
}

// content names what a document says of its settlement, whatever its form.
func (e Entry) content() string { return cmp.Or(e.Repeats, e.Digest) }

func (a *Archive) read(ctx context.Context, document Entry) ([]settlement.Tally, error) {
	f, err := a.Open(ctx, document)
	if err != nil {
		return nil, err
	}
	tallies, err := talliesOf(f)
	return tallies, errors.Join(err, f.Close())
}

// talliesOf reads the settlements of a report: one, as Amazon delivers it.
func talliesOf(f *settlement.File) ([]settlement.Tally, error) {
	tally, err := settlement.TallyOf(f)
	if settlement.CodeOf(err) != settlement.CodeTwoTotals {
		return []settlement.Tally{tally}, err
	}
	ids, listing := f.Settlements()
	if listing != nil || len(ids) < 2 {
		return nil, cmp.Or(listing, err)
	}
	var tallies []settlement.Tally
	for _, id := range ids {
		if tally, err = settlement.TallyOf(f.Select(id)); err != nil {
			return nil, err
		}
		tallies = append(tallies, tally)
	}
	return tallies, nil
}

// Open opens the entry's settlement for reading. It returns an [ErrDamaged] where the document is not what was delivered.
func (a *Archive) Open(ctx context.Context, entry Entry) (*settlement.File, error) {
	name, err := a.Path(ctx, entry)
	if err != nil {
		return nil, err
	}
	return settlement.Open(name, settlement.Options{ContentType: entry.ContentType, Settlement: entry.SettlementID})
}

// Settlement is one settlement of the archive.
type Settlement struct {
	// Entry is the document that was archived first. It is the one to book.
	Entry
	// Reissued holds documents of the same settlement that Amazon published with other content later, one for each
	// content. Where there are any, a person has to decide; nothing replaces what was booked in silence.
	Reissued []Entry
}

// Settlements returns the seller's settlements in the order of their periods.
func (a *Archive) Settlements(ctx context.Context, seller string) ([]Settlement, error) {
	entries, err := a.store.Entries(ctx, seller)
	if err != nil {
		return nil, err
	}
	var all []Settlement
	at := map[string]int{}
	for _, e := range entries {
		if e.SettlementID == "" {
			continue
		}
		i, ok := at[e.SettlementID]
		if !ok {
			at[e.SettlementID] = len(all)
			all = append(all, Settlement{Entry: e})
			continue
		}
		known := slices.ContainsFunc(all[i].Reissued, func(r Entry) bool { return r.content() == e.content() })
		if e.content() != all[i].content() && !known {
			all[i].Reissued = append(all[i].Reissued, e)
		}
	}
	slices.SortStableFunc(all, func(x, y Settlement) int {
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.SettlementID, y.SettlementID))
	})
	return all, nil
}

// published is how long after a settlement's end Amazon has published its report, at the latest.
const published = 3 * 24 * time.Hour

// Expected returns until when the seller's next settlement is to come: the last one's end, the longest time that one of
// the last six took, and three days for Amazon to publish it. It is zero where no settlement is known.
func (a *Archive) Expected(ctx context.Context, seller string) (time.Time, error) {
	all, err := a.Settlements(ctx, seller)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	var last time.Time
	var longest time.Duration
	for _, s := range all[max(0, len(all)-6):] {
		longest = max(longest, s.End.Sub(s.Start))
		if s.End.After(last) {
			last = s.End
		}
	}
	return last.Add(longest + published), nil
}

// Unfetched returns those of a seller's event groups whose settlement the archive should have and has not: closed for three
// days at a time now, after the first settlement of their currency that it has, or the first of all. A group with a total of
// zero, or none that Amazon names, may have no report; [settlement.Continuity] says if one is missing.
func (a *Archive) Unfetched(ctx context.Context, seller string, groups []settlement.GroupFact, now time.Time) ([]settlement.GroupFact, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	all, err := a.Settlements(ctx, seller)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var links []settlement.Link
	for _, s := range all {
		links = append(links, s.Link)
	}
	unfetched, _ := settlement.CrossCheck(links, groups)
	return slices.DeleteFunc(unfetched, func(g settlement.GroupFact) bool {
		first := slices.IndexFunc(all, func(s Settlement) bool { return s.Currency == g.OriginalTotal.Currency().String() })
		return g.OriginalTotal.IsZero() || now.Sub(g.End) < published || g.End.Before(all[max(0, first)].End)
	}), nil
}

// advised says of a damaged document which settlements it is of, and what to do.
func advised(err error, seller string, settlements ...string) error {
	if errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("settlement %s of seller %s: %w; restore the object from a backup", strings.Join(settlements, " and "), seller, err)
	}
	return err
}

// Verify checks every document that an entry names, and returns an error for each that is damaged.
func (a *Archive) Verify(ctx context.Context) error {
	sellers, err := a.store.Sellers(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, seller := range sellers {
		entries, err := a.store.Entries(ctx, seller)
		if err != nil {
			return errors.Join(append(faults, err)...)
		}
		var objects []string
		ids := map[string][]string{} // Amazon lists one document under several reports
		for _, e := range entries {
			if ids[e.Object] == nil {
				objects = append(objects, e.Object)
			}
			if !slices.Contains(ids[e.Object], e.SettlementID) {
				ids[e.Object] = append(ids[e.Object], e.SettlementID)
			}
		}
		for _, object := range objects {
			faults = append(faults, advised(a.store.Check(ctx, object), seller, ids[object]...))
		}
	}
	return errors.Join(faults...)
}
