package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

var errAway = errors.New("the store is away")

// faulty is a store whose operations fail from the n-th on.
type faulty struct {
	collect.Store
	n int
}

func (f *faulty) next() error {
	if f.n--; f.n < 0 {
		return errAway
	}
	return nil
}

func (f *faulty) Keep(ctx context.Context, r io.Reader) (string, int64, error) {
	if err := f.next(); err != nil {
		return "", 0, err
	}
	return f.Store.Keep(ctx, r)
}

func (f *faulty) Path(ctx context.Context, object string) (string, error) {
	if err := f.next(); err != nil {
		return "", err
	}
	return f.Store.Path(ctx, object)
}

func (f *faulty) Check(ctx context.Context, object string) error {
	if err := f.next(); err != nil {
		return err
	}
	return f.Store.Check(ctx, object)
}

func (f *faulty) Add(ctx context.Context, e collect.Entry) error {
	if err := f.next(); err != nil {
		return err
	}
	return f.Store.Add(ctx, e)
}

func (f *faulty) Entries(ctx context.Context, seller string) ([]collect.Entry, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	return f.Store.Entries(ctx, seller)
}

func (f *faulty) Sellers(ctx context.Context) ([]string, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	return f.Store.Sellers(ctx)
}

// everything does all there is to do with an archive and returns the first error.
func everything(t *testing.T, w *world, report, damaged string) error {
	t.Helper()
	ctx := t.Context()
	for _, err := range w.Fetch(ctx) {
		if err != nil {
			return err
		}
	}
	if _, err := w.archive.Import(ctx, w.seller, report); err != nil {
		return err
	}
	if _, err := w.archive.Import(ctx, w.seller, damaged); settlement.CodeOf(err) == "" || errors.Is(err, errAway) {
		return err
	}
	all, err := w.archive.Settlements(ctx, w.seller)
	if err != nil {
		return err
	}
	if _, err := w.archive.Diff(ctx, all[0].Entry, all[1].Entry); err != nil {
		return err
	}
	if _, err := w.archive.Expected(ctx, w.seller); err != nil {
		return err
	}
	if _, err := w.archive.Entries(ctx, w.seller); err != nil {
		return err
	}
	return w.archive.Verify(ctx)
}

func TestAStoreThatFailsAtAnyMomentIsAnErrorAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := t.TempDir()
		report, damaged := filepath.Join(files, "report.txt"), filepath.Join(files, "damaged.txt")
		text := settlementtest.Build(settlementtest.Spec{ID: "10000000001", Rows: []settlementtest.Row{
			{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
		}}).V2()
		for name, data := range map[string][]byte{report: text, damaged: bytes.Replace(text, []byte("Principal\t10.00"), []byte("Principal\t9.99"), 1)} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		failures := 0
		for n := 0; ; n++ {
			w := newWorld(t, seller(1))
			folder, err := collect.OpenFolder(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			w.keepIn(t, &faulty{folder, n})
			err = everything(t, w, report, damaged)
			if err == nil {
				break
			}
			if !errors.Is(err, errAway) {
				t.Fatalf("operation %d failed, and the error is %v", n, err)
			}
			failures++
			w.keepIn(t, folder)
			if err := everything(t, w, report, damaged); err != nil {
				t.Fatalf("after operation %d failed: %v", n, err)
			}
			if all := settlements(t, w.archive, w.seller); len(all) != 2 {
				t.Fatalf("after operation %d failed: %d settlements, want 2", n, len(all))
			}
		}
		if failures < 10 {
			t.Errorf("only %d operations", failures)
		}
	})
}

func TestAFolderThatCannotBeWrittenSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := collect.OpenFolder(file); err == nil {
		t.Error("a file was opened as a folder")
	}
	dir := t.TempDir()
	folder, err := collect.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "index.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := folder.Add(t.Context(), collect.Entry{Seller: "A1"}); err == nil {
		t.Error("an entry was added to an index that is a folder")
	}
	if _, err := collect.OpenFolder(dir); err == nil {
		t.Error("an index that is a folder was read")
	}
	if err := os.RemoveAll(filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "objects"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := folder.Keep(t.Context(), bytes.NewReader([]byte("report"))); err == nil {
		t.Error("a document was kept where there is no folder for it")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "incoming-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestKeptSourcesThatAreDamagedAreAnError(t *testing.T) {
	var s collect.Sources
	if err := json.Unmarshal([]byte(`{"payouts": 1}`), &s); err == nil {
		t.Error("damaged sources were read")
	}
}
