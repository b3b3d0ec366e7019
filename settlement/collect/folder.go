package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/internal/durable"
)

// Folder is a [Store] in a folder that is addressed by content:
//
//	objects/3f/3fa9…        the bytes, named by their SHA-256, written once and never changed
//	index.jsonl             one line per report that was fetched: which report, which settlement, which object
//
// A Folder may be used by several goroutines of one process; the caller keeps other processes from writing to it.
type Folder struct {
	dir string

	mu      sync.Mutex
	entries map[string][]Entry // by seller
	failed  error              // set when it is not known what of an entry is on the disk
}

// OpenFolder opens the folder and creates it when it is not there.
// A torn last line of the index, left by a process that died while writing it, is removed: its report was never
// acknowledged and will be fetched again.
func OpenFolder(dir string) (*Folder, error) {
	if err := durable.MkdirAll(filepath.Join(dir, "objects")); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	if err := removeLeftovers(dir); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	f, torn, err := readFolder(dir)
	if err != nil || torn < 0 {
		return f, err
	}
	if err := os.Truncate(f.indexPath(), torn); err != nil {
		return nil, fmt.Errorf("remove the torn last line of the archive's index: %w", err)
	}
	return f, nil
}

// OpenFolderReadOnly opens the folder for reading beside a process that writes to it. It makes, mends and removes nothing,
// and what comes later it does not see.
func OpenFolderReadOnly(dir string) (*Folder, error) {
	f, _, err := readFolder(dir)
	return f, err
}

// readFolder reads the index. torn is where a torn last line begins; -1 for none.
func readFolder(dir string) (f *Folder, torn int64, err error) {
	f = &Folder{dir: dir, entries: map[string][]Entry{}}
	data, err := os.ReadFile(f.indexPath())
	if errors.Is(err, fs.ErrNotExist) {
		return f, -1, nil
	}
	if err != nil {
		return nil, -1, fmt.Errorf("read the archive's index: %w", err)
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	for n, line := range bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, -1, fmt.Errorf("%s:%d: the archive's index is damaged: %w; restore it from a backup, or remove that line to have the report fetched again",
				f.indexPath(), n+1, err)
		}
		f.entries[e.Seller] = append(f.entries[e.Seller], e)
	}
	if len(whole) == len(data) {
		return f, -1, nil
	}
	return f, int64(len(whole)), nil
}

// incoming begins the names of documents that are not whole yet.
const incoming = "incoming-"

// removeLeftovers removes what a process that died was still writing. Nothing refers to it.
func removeLeftovers(dir string) error {
	files, err := os.ReadDir(dir)
	for _, file := range files {
		if strings.HasPrefix(file.Name(), incoming) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, file.Name())))
		}
	}
	return err
}

// Keep implements [Store].
func (f *Folder) Keep(_ context.Context, r io.Reader) (object string, size int64, err error) {
	tmp, err := os.CreateTemp(f.dir, incoming+"*")
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
	path := f.objectPath(object)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, fmt.Errorf("archive a document: %w", err)
	}
	return object, size, errors.Join(durable.SyncDir(filepath.Dir(path)), durable.SyncDir(filepath.Join(f.dir, "objects")))
}

// Add implements [Store].
func (f *Folder) Add(_ context.Context, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return f.failed
	}
	if err := f.append(append(line, '\n')); err != nil {
		return fmt.Errorf("index a document: %w", err)
	}
	f.entries[e.Seller] = append(f.entries[e.Seller], e)
	return nil
}

// append adds a line to the index. Half a line is taken back, because the next one would end it. What cannot be taken
// back, or was not synced, keeps the index closed: a second sync may say of lost bytes that they are there.
func (f *Folder) append(line []byte) error {
	file, err := os.OpenFile(f.indexPath(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() // whether the line is there, the sync tells
	info, err := file.Stat()
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	unknown := err == nil
	if err == nil {
		err = errors.Join(file.Sync(), durable.SyncDir(f.dir))
	} else if cut := file.Truncate(info.Size()); cut != nil {
		err, unknown = errors.Join(err, cut), true
	}
	if err != nil && unknown {
		f.failed = fmt.Errorf("index a document: it is not known what of the last entry is on the disk, open the archive again: %w", err)
	}
	return err
}

// Entries implements [Store].
func (f *Folder) Entries(_ context.Context, seller string) ([]Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.entries[seller]), nil
}

// Sellers implements [Store].
func (f *Folder) Sellers(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.entries)), nil
}

// Path implements [Store].
func (f *Folder) Path(ctx context.Context, object string) (string, error) {
	return f.objectPath(object), f.Check(ctx, object)
}

// Check implements [Store].
func (f *Folder) Check(_ context.Context, object string) error {
	got, err := hashFile(f.objectPath(object))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err == nil && got != object:
		return fmt.Errorf("%w: %s holds other bytes now (SHA-256 %s)", ErrDamaged, f.objectPath(object), got)
	}
	return err
}

func (f *Folder) indexPath() string { return filepath.Join(f.dir, "index.jsonl") }

func (f *Folder) objectPath(object string) string {
	return filepath.Join(f.dir, "objects", object[:min(2, len(object))], object)
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

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
