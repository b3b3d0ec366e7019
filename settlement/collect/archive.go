package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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
	// Path returns a file on this machine that holds the bytes of an object.
	Path(ctx context.Context, object string) (string, error)
	// Check reads an object where it is kept and returns an error when it is missing or holds other bytes now.
	Check(ctx context.Context, object string) error

	// Add appends an entry. It is durable when Add returns.
	Add(ctx context.Context, e Entry) error
	// Entries returns the seller's entries in the order in which they were added.
	Entries(ctx context.Context, seller string) ([]Entry, error)
	// Sellers returns the sellers that have entries, sorted.
	Sellers(ctx context.Context) ([]string, error)
}

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

// Entry says of one fetched report what it is and where its bytes are.
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

// Path returns a file on this machine that holds the entry's bytes as they were delivered.
func (a *Archive) Path(ctx context.Context, e Entry) (string, error) {
	return a.store.Path(ctx, e.Object)
}

// Put archives a document and then reads it, to learn which settlement it is and that it ties out. The entry names
// seller and report; the rest of it is filled in. A document that cannot be read stays in the archive with the reason,
// and the error is an [*UnreadableError].
func (a *Archive) Put(ctx context.Context, r io.Reader, entry Entry) (Entry, error) {
	var err error
	if entry.Object, entry.Size, err = a.store.Keep(ctx, r); err != nil {
		return entry, err
	}
	entry.Fetched = time.Now().UTC().Truncate(time.Second)
	tally, err := a.read(ctx, entry)
	if err != nil {
		if settlement.CodeOf(err) == "" {
			return entry, err
		}
		entry.Refused = settlement.CodeOf(err)
		unreadable := &UnreadableError{Entry: entry, Err: err}
		known, err := a.knows(ctx, entry)
		if err == nil && !known {
			err = a.store.Add(ctx, entry)
		}
		return entry, errors.Join(unreadable, err)
	}
	statement := tally.Statement
	entry.SettlementID, entry.Digest = statement.ID, statement.Digest
	entry.Start, entry.End = statement.Start, statement.End
	entry.Currency, entry.Total = statement.Currency.String(), statement.Total.String()
	entry.Link, entry.Stores = tally.Link(), statement.Marketplaces
	return entry, a.store.Add(ctx, entry)
}

func (a *Archive) read(ctx context.Context, entry Entry) (settlement.Tally, error) {
	f, err := a.Open(ctx, entry)
	if err != nil {
		return settlement.Tally{}, err
	}
	tally, err := settlement.TallyOf(f)
	return tally, errors.Join(err, f.Close())
}

// Open opens the entry's document for reading.
func (a *Archive) Open(ctx context.Context, entry Entry) (*settlement.File, error) {
	name, err := a.store.Path(ctx, entry.Object)
	if err != nil {
		return nil, err
	}
	return settlement.Open(name, settlement.Options{ContentType: entry.ContentType})
}

// knows reports whether an entry already says the same of this document.
func (a *Archive) knows(ctx context.Context, e Entry) (bool, error) {
	entries, err := a.store.Entries(ctx, e.Seller)
	return slices.ContainsFunc(entries, func(known Entry) bool {
		return known.ReportID == e.ReportID && known.Object == e.Object && known.Refused == e.Refused
	}), err
}

// Settlement is one settlement of the archive.
type Settlement struct {
	// Entry is the document that was archived first. It is the one to book.
	Entry
	// Reissued holds documents of the same settlement that Amazon published with other content later. Where there are
	// any, a person has to decide; nothing replaces what was booked in silence.
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
		known := slices.ContainsFunc(all[i].Reissued, func(r Entry) bool { return r.Digest == e.Digest })
		if e.Digest != all[i].Digest && !known {
			all[i].Reissued = append(all[i].Reissued, e)
		}
	}
	slices.SortStableFunc(all, func(x, y Settlement) int {
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.SettlementID, y.SettlementID))
	})
	return all, nil
}

// Verify reads every document that an entry names and returns one error per document that is missing or whose bytes are
// no longer those that were delivered.
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
		checked := map[string]bool{} // Amazon lists one document under several reports
		for _, e := range entries {
			if checked[e.Object] {
				continue
			}
			checked[e.Object] = true
			if err := a.store.Check(ctx, e.Object); err != nil {
				faults = append(faults, fmt.Errorf("settlement %s of seller %s: %w; restore the object from a backup", e.SettlementID, e.Seller, err))
			}
		}
	}
	return errors.Join(faults...)
}
