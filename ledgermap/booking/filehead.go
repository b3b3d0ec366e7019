package booking

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func (f *FileLog) headPath(seller string) string {
	return filepath.Join(f.dir, "heads", fileName(seller)+".json")
}

func (f *FileLog) writeHead(h Head) error {
	b, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("booking: log: %w", err)
	}
	if err := writeFile(f.headPath(h.Seller), append(b, '\n')); err != nil {
		return fmt.Errorf("booking: log: %w", err)
	}
	return nil
}

// readHead returns the sealed head; without seal and with count 0 where there
// is neither head nor chain.
func (f *FileLog) readHead(seller string) (Head, error) {
	broken := func(detail string) (Head, error) {
		return Head{}, &BrokenError{Seller: seller, Faults: []Fault{{Damage: DamageHead, Detail: detail}}}
	}
	b, err := os.ReadFile(f.headPath(seller))
	if errors.Is(err, fs.ErrNotExist) {
		info, err := os.Stat(filepath.Join(f.dir, "chains", fileName(seller)+".jsonl"))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return Head{Seller: seller}, nil
		case err != nil:
			return Head{}, fmt.Errorf("booking: log: %w", err)
		case info.Size() == 0:
			return Head{Seller: seller}, nil
		}
		return broken("the head is missing, so that it cannot be told how many records there were")
	}
	if err != nil {
		return Head{}, fmt.Errorf("booking: log: %w", err)
	}
	var h Head
	if err := json.Unmarshal(b, &h); err != nil {
		return broken("the head cannot be read")
	}
	if h.Seller != seller || h.Count < 0 || !h.SealedBy(f.key) {
		return broken("the head does not carry the seal of this log's key: it was changed, or the key is another")
	}
	return h, nil
}
