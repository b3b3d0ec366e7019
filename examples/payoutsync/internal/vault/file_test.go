package vault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

// storeFile is a [vault.Store] in one private file, written whole at every change.
type storeFile struct {
	name string
	mu   sync.Mutex
}

// newFile returns the store in the file of that name, which need not exist yet.
func newFile(name string) *storeFile { return &storeFile{name: name} }

// Get implements [vault.Store].
func (f *storeFile) Get(_ context.Context, id string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, err := f.read()
	if err != nil {
		return nil, err
	}
	data, ok := rows[id]
	if !ok {
		return nil, vault.ErrNotFound
	}
	return data, nil
}

// Put implements [vault.Store].
func (f *storeFile) Put(_ context.Context, id string, data []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, err := f.read()
	if err != nil {
		return err
	}
	rows[id] = data
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	return home.WriteFile(f.name, text)
}

// IDs implements [vault.Store].
func (f *storeFile) IDs(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, err := f.read()
	return slices.Sorted(maps.Keys(rows)), err
}

func (f *storeFile) read() (map[string][]byte, error) {
	rows := map[string][]byte{}
	text, err := os.ReadFile(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; restore it from a backup, or remove it and enter the credentials again", f.name, err)
	}
	return rows, nil
}
