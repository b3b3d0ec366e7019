package collect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Archive keeps every report document exactly as Amazon delivered it, in a folder that is addressed by content:
//
//	objects/3f/3fa9…        the bytes, named by their SHA-256, written once and never changed
//	index.jsonl             one line per report that was fetched: which report, which settlement, which object
//
// Amazon forgets settlement reports after 90 days and nothing regenerates them, so the archive is the only lasting
// witness of what was booked. An object is on the disk, synced, before its index line is written, and the index line
// before [Archive.Put] returns. A process that dies in between leaves an object without a line, and the next round
// fetches the report again.
//
// An Archive may be used by several goroutines of one process; the caller keeps other processes away.
type Archive struct {
	dir string

	mu       sync.Mutex
	entries  []Entry
	readable map[reportKey]bool
}

type reportKey struct{ seller, report string }

// Entry is one line of the archive's index: a report that was fetched.
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

	// Fetched is when the document was put into the archive, UTC.
	Fetched time.Time `json:"fetched"`
}

// OpenArchive opens the archive in dir and creates it when it is not there.
// A torn last line of the index, left by a process that died while writing it, is removed: its report was never
// acknowledged and will be fetched again.
func OpenArchive(dir string) (*Archive, error) {
	if err := os.MkdirAll(filepath.Join(dir, "objects"), 0o700); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	if err := removeLeftovers(dir); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	a := &Archive{dir: dir, readable: map[reportKey]bool{}}
	data, err := os.ReadFile(a.indexPath())
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the archive's index: %w", err)
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	for n, line := range bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s:%d: the archive's index is damaged: %w; restore it from a backup, or remove that line to have the report fetched again",
				a.indexPath(), n+1, err)
		}
		a.remember(e)
	}
	if len(whole) < len(data) {
		if err := os.Truncate(a.indexPath(), int64(len(whole))); err != nil {
			return nil, fmt.Errorf("remove the torn last line of the archive's index: %w", err)
		}
	}
	return a, nil
}

// incoming begins the names of documents that are not whole yet.
const incoming = "incoming-"

// removeLeftovers removes what a process that died was still writing. Nothing refers to it.
func removeLeftovers(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, incoming+"*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Has reports whether the document of this report is in the archive and could be read.
func (a *Archive) Has(seller, reportID string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.readable[reportKey{seller, reportID}]
}

// Entries returns the seller's entries in the order in which they were fetched.
func (a *Archive) Entries(seller string) []Entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	var own []Entry
	for _, e := range a.entries {
		if e.Seller == seller {
			own = append(own, e)
		}
	}
	return own
}

// Path returns where the entry's bytes are.
func (a *Archive) Path(e Entry) string { return a.objectPath(e.Object) }

// store copies r into the archive and returns the object's name and size. The bytes are synced when it returns.
func (a *Archive) store(r io.Reader) (object string, size int64, err error) {
	tmp, err := os.CreateTemp(a.dir, incoming+"*")
	if err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreNotExist(os.Remove(tmp.Name())))
		}
	}()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, hash), r)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return "", 0, fmt.Errorf("archive a document after %d bytes: %w", size, err)
	}
	object = hex.EncodeToString(hash.Sum(nil))
	path := a.objectPath(object)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	return object, size, errors.Join(syncDir(filepath.Dir(path)), syncDir(filepath.Join(a.dir, "objects")))
}

// index writes the entry to the index, synced.
func (a *Archive) index(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f, err := os.OpenFile(a.indexPath(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close(), syncDir(a.dir)); err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	a.remember(e)
	return nil
}

func (a *Archive) remember(e Entry) {
	if e.Refused == "" {
		a.readable[reportKey{e.Seller, e.ReportID}] = true
	}
	a.entries = append(a.entries, e)
}

// knows reports whether the index already says the same of this document.
func (a *Archive) knows(e Entry) bool {
	return slices.ContainsFunc(a.Entries(e.Seller), func(known Entry) bool {
		return known.ReportID == e.ReportID && known.Object == e.Object && known.Refused == e.Refused
	})
}

// Verify reads every object that the index names and returns one error per object that is missing or whose bytes are
// no longer those that were delivered.
func (a *Archive) Verify() error {
	a.mu.Lock()
	entries := slices.Clone(a.entries)
	a.mu.Unlock()
	var faults []error
	for _, e := range entries {
		got, err := hashFile(a.objectPath(e.Object))
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("settlement %s of seller %s: %w; restore the object from a backup", e.SettlementID, e.Seller, err))
		case got != e.Object:
			faults = append(faults, fmt.Errorf("settlement %s of seller %s: %s holds other bytes now (SHA-256 %s); restore the object from a backup",
				e.SettlementID, e.Seller, a.objectPath(e.Object), got))
		}
	}
	return errors.Join(faults...)
}

func (a *Archive) indexPath() string { return filepath.Join(a.dir, "index.jsonl") }

func (a *Archive) objectPath(object string) string {
	return filepath.Join(a.dir, "objects", object[:min(2, len(object))], object)
}

func hashFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// syncDir makes a rename or a new name in dir durable. Some file systems cannot sync a folder and say so; there the
// name is as durable as it gets.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || (err != nil && strings.Contains(err.Error(), "invalid argument")) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
