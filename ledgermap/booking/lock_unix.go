//go:build unix

package booking

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// lockFile takes the file for this process. The system lets go of it when the
// process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 200)) // only to say who
		_ = f.Close()
		return nil, fmt.Errorf("in use by %s: %w", strings.TrimSpace(string(holder)), err)
	}
	host, _ := os.Hostname() // only to say who
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "process %d on %s\n", os.Getpid(), host)
	}
	return f, nil
}
