package home

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

var errLocked = windows.ERROR_LOCK_VIOLATION

// lockFile locks a byte far behind the text, so that the second process can still read who holds the folder.
func lockFile(f *os.File) error {
	at := &windows.Overlapped{Offset: math.MaxUint32 - 1}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
}
