package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/internal/durable"
)

func TestFoldersAreMadeForTheUserAlone(t *testing.T) {
	top := t.TempDir()
	for range 2 { // a second time they are there
		if err := durable.MkdirAll(filepath.Join(top, "a", "b", "c")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "a/b", "a/b/c"} {
		info, err := os.Stat(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !info.IsDir() || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s is %s", name, info.Mode())
		}
	}
}

func TestAFileInTheWayIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "inside")} {
		if err := durable.MkdirAll(dir); err == nil {
			t.Errorf("%s was made", dir)
		}
	}
}

func TestAFolderThatIsNotThereCannotBeSynced(t *testing.T) {
	dir := t.TempDir()
	if err := durable.SyncDir(dir); err != nil {
		t.Error(err)
	}
	if err := durable.SyncDir(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
