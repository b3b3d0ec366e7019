//go:build unix

package settlement_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestAPipeThatNobodyWritesIntoIsRefusedAtOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	refused := make(chan error)
	go func() {
		_, err := settlement.Open(name, settlement.Options{})
		refused <- err
	}()
	select {
	case err := <-refused:
		if settlement.CodeOf(err) != settlement.CodeNotASettlement {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Open waits for a writer")
	}
}
