package booking

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile takes the file for this process: opened with no sharing, nobody
// else can open it until the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("in use by another process: %w", err)
	}
	return os.NewFile(uintptr(h), path), nil
}
