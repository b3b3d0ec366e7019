// Package durable makes names in folders survive a loss of power, as File.Sync does for what is in a file.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// SyncDir makes a rename or a new name in dir durable. Some file systems cannot sync a folder and say so; there the name
// is as durable as it gets. Windows has no such call, and NTFS journals names in order.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" {
		err = d.Sync()
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// MkdirAll makes dir, and what is missing above it, for this user alone. The names of those it made are durable when it
// returns.
func MkdirAll(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if info, there := os.Stat(dir); there != nil || !info.IsDir() { // else somebody was faster
			return err
		}
	}
	return SyncDir(parent)
}
