package home_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
)

func TestASecondUserOfAHomeIsToldWhoHoldsIt(t *testing.T) {
	dir := t.TempDir()
	first, err := home.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = home.Open(dir)
	busy, ok := errors.AsType[*home.BusyError](err)
	if !ok {
		t.Fatalf("the second Open answered %v, want a *BusyError", err)
	}
	if !strings.Contains(busy.Error(), "process ") || !strings.Contains(busy.Error(), "since ") {
		t.Errorf("the message does not say who holds the folder: %v", busy)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := home.Open(dir)
	if err != nil {
		t.Fatalf("the folder stays locked after its holder let it go: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheHomesKeyIsMadeOnceAndIsPrivate(t *testing.T) {
	h, err := home.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	key, err := h.Key()
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Key()
	if err != nil {
		t.Fatal(err)
	}
	if string(key) != string(again) || len(key) != 32 {
		t.Errorf("the key changed from %d to %d bytes between two calls", len(key), len(again))
	}
	info, err := os.Stat(h.Path("home.key"))
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); perm != 0o600 {
		t.Errorf("home.key has mode %o, want 600", perm)
	}
	if err := os.WriteFile(h.Path("home.key"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Key(); err == nil {
		t.Error("a damaged key was taken")
	}
}
