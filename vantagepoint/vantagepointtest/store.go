package vantagepointtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// booksName is the file of the books in Options.Dir.
const booksName = "books.jsonl"

// store is the file of events: JSON lines, appended and fsynced one by one.
type store struct {
	file *os.File
	size int64 // of the whole lines
	dead error // once the file's end is in doubt, nothing more is written
}

// header is the first line of the books.
type header struct {
	Books    int    `json:"books"` // version of the format
	Database string `json:"database"`
}

// open reads the books in dir, creating both where they are not there yet. A last line without its end is what a crash
// leaves of a booking that was never answered: it is cut off. Any other damage is an error.
func (t *Tenant) open(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("vantagepointtest: no folder for the books: %w", err)
	}
	name := filepath.Join(dir, booksName)
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("vantagepointtest: open the books: %w", err)
	}
	s := &store{file: file}
	if err := t.load(s, name); err != nil {
		_ = file.Close()
		return err
	}
	if err := syncDir(dir); err != nil {
		_ = file.Close()
		return fmt.Errorf("vantagepointtest: the folder of the books: %w", err)
	}
	t.store = s
	return nil
}

func (t *Tenant) load(s *store, name string) error {
	in := bufio.NewReader(s.file)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // what is left has no end
		}
		if err != nil {
			return fmt.Errorf("vantagepointtest: read the books: %w", err)
		}
		if err := t.loadLine(n, line); err != nil {
			return fmt.Errorf("vantagepointtest: %s:%d: the books are damaged: %w", name, n, err)
		}
		s.size += int64(len(line))
	}
	if err := t.checkLoaded(); err != nil {
		return fmt.Errorf("vantagepointtest: %s: %w", name, err)
	}
	if err := s.file.Truncate(s.size); err != nil {
		return fmt.Errorf("vantagepointtest: heal the books: %w", err)
	}
	if _, err := s.file.Seek(s.size, io.SeekStart); err != nil {
		return fmt.Errorf("vantagepointtest: heal the books: %w", err)
	}
	if s.size == 0 {
		if err := s.append(header{1, t.opt.Database}); err != nil {
			return fmt.Errorf("vantagepointtest: begin the books: %w", err)
		}
	}
	return nil
}

// checkLoaded makes sure that Options still describe everything that the books lean on.
func (t *Tenant) checkLoaded() error {
	for _, b := range t.batches {
		if t.opt.company(b.company()) == nil {
			return fmt.Errorf("batch %s belongs to company %q, which Options does not have", b.name(), b.company())
		}
		for _, m := range b.masters {
			if code := m["BankCode"]; code != "" && t.opt.bank(code) == nil {
				return fmt.Errorf("batch %s names bank %s, which Options.Banks does not have", b.name(), code)
			}
		}
		for _, x := range b.taxes {
			if t.taxCode(x["TaxCode"]) == nil {
				return fmt.Errorf("batch %s names tax code %s, which Options.TaxCodes does not have", b.name(), x["TaxCode"])
			}
		}
	}
	return nil
}

func (t *Tenant) loadLine(n int, line []byte) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if n == 1 {
		var h header
		if err := d.Decode(&h); err != nil {
			return err
		}
		if h.Books != 1 || h.Database != t.opt.Database {
			return fmt.Errorf("they are version %d of database %q, not version 1 of %q", h.Books, h.Database, t.opt.Database)
		}
		return nil
	}
	var e event
	if err := d.Decode(&e); err != nil {
		return err
	}
	return t.apply(e)
}

// append writes one line and waits until it is on disk. If it cannot be, the line is taken back.
func (s *store) append(v any) error {
	if s.dead != nil {
		return s.dead
	}
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.file.Write(append(line, '\n'))
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		// After a failed write or sync nobody knows what the file holds. Without the old end it must not grow.
		if back := s.file.Truncate(s.size); back != nil {
			s.dead = fmt.Errorf("the end of the books is in doubt: %w", errors.Join(err, back))
		} else if _, back := s.file.Seek(s.size, io.SeekStart); back != nil {
			s.dead = fmt.Errorf("the end of the books is in doubt: %w", errors.Join(err, back))
		}
		return err
	}
	s.size += int64(len(line)) + 1
	return nil
}

func (s *store) close() error {
	s.dead = os.ErrClosed
	return s.file.Close()
}

// syncDir makes the entry of a new file durable. Windows has no such call; its file systems log their entries themselves.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
