// Package home is the folder that one installation of payoutsync keeps its things in, locked while a process uses it.
//
//	archive/        Amazon's documents as delivered (with PostgreSQL: copies of those that were read here)
//	payoutsync.db   audit log, encrypted credentials, and where each payout stands (with PostgreSQL: not here)
//	reports/        one page per payout
//	home.key        the key that seals the vault (0600), unless the configuration names another
package home

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Home is an opened, locked folder.
type Home struct {
	Dir  string
	lock *os.File
}

// BusyError says who holds a home.
type BusyError struct{ Dir, Holder string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is in use by %s; run this again when it has ended. A serve does not end by itself: stop it first, and start it again afterwards", e.Dir, e.Holder)
}

// MissingError says that a home was not made yet.
type MissingError struct{ Dir string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("there is no home folder %s yet; `payoutsync connect` makes it", e.Dir)
}

// Unwrap returns [fs.ErrNotExist].
func (e *MissingError) Unwrap() error { return fs.ErrNotExist }

// Open creates dir when needed and locks it. The lock ends with the process, however that ends.
// It returns a [*BusyError] while another process holds the folder.
func Open(dir string) (*Home, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the home folder cannot be made: %w; name another one as `home`", err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the home folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(abs, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the home folder cannot be written to: %w; mend its permissions, or name another one as `home`", err)
	}
	if err := lockFile(f); err != nil {
		holder, readErr := os.ReadFile(f.Name())
		closeErr := f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("lock the home folder: %w", errors.Join(err, readErr, closeErr))
		}
		who := strings.TrimSpace(string(holder))
		if who == "" {
			who = "another process"
		}
		return nil, &BusyError{Dir: abs, Holder: who}
	}
	note := fmt.Sprintf("process %d (%s) since %s\n", os.Getpid(), filepath.Base(os.Args[0]), time.Now().UTC().Format(time.RFC3339))
	if err := errors.Join(f.Truncate(0), writeAt(f, note)); err != nil {
		return nil, errors.Join(fmt.Errorf("note who holds the home folder: %w", err), f.Close())
	}
	return &Home{Dir: abs, lock: f}, nil
}

// Look opens a folder without locking it, for reading beside a process that works in it. It returns a [*MissingError] where
// there is none.
func Look(dir string) (*Home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the home folder: %w", err)
	}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{Dir: abs}
	} else if err != nil {
		return nil, fmt.Errorf("open the home folder: %w", err)
	}
	return &Home{Dir: abs}, nil
}

// Close lets the folder go.
func (h *Home) Close() error {
	if h.lock == nil {
		return nil
	}
	return h.lock.Close()
}

// Path returns a place in the folder.
func (h *Home) Path(elem ...string) string { return filepath.Join(append([]string{h.Dir}, elem...)...) }

// HasKey reports whether the home has a key of its own.
func (h *Home) HasKey() bool {
	_, err := os.Stat(h.Path("home.key"))
	return !errors.Is(err, fs.ErrNotExist)
}

// Key returns the home's own 32-byte key, made at first use and kept in home.key (0600). It seals the vault, which holds the
// credentials and the key of the audit log.
func (h *Home) Key() ([]byte, error) {
	name := h.Path("home.key")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		rand.Read(key)
		if err := WriteFile(name, []byte(hex.EncodeToString(key)+"\n")); err != nil {
			return nil, fmt.Errorf("make the home's key: %w", err)
		}
		return key, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the home's key: %w", err)
	}
	if info, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others on this machine may read %s, which opens the stored credentials: chmod 600 it, and run payoutsync key rotate if somebody did", name)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s is not the key that this program wrote; restore it from a backup", name)
	}
	return key, nil
}

// WriteFile writes a whole file or nothing: to a temporary name, synced, then renamed. The file is private (0600).
func WriteFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	// Not every file system can sync a folder; where it cannot, the rename is as durable as it gets.
	_ = d.Sync()
	return d.Close()
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}
