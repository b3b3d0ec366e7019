package booking

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Links implements [Log]. It reads the file as it is and mends nothing.
func (f *FileLog) Links(ctx context.Context, seller string) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for l, err := range f.links(seller) {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

func (f *FileLog) links(seller string) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		file, err := os.Open(filepath.Join(f.dir, "chains", fileName(seller)+".jsonl"))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(Link{}, fmt.Errorf("booking: log: %w", err))
			return
		}
		defer file.Close() // only read
		in := bufio.NewReaderSize(file, 1<<16)
		for {
			line, err := in.ReadBytes('\n')
			if err != nil && err != io.EOF {
				yield(Link{}, fmt.Errorf("booking: log: %w", err))
				return
			}
			if len(line) > 0 {
				if l, _ := parseLine(line); !yield(l, nil) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

// Head implements [Log].
func (f *FileLog) Head(_ context.Context, seller string) (Head, error) { return f.readHead(seller) }

// Sellers implements [Log].
func (f *FileLog) Sellers(context.Context) ([]string, error) {
	var names []string
	for _, place := range []struct{ dir, ext string }{{"chains", ".jsonl"}, {"heads", ".json"}} {
		entries, err := os.ReadDir(filepath.Join(f.dir, place.dir))
		if err != nil {
			return nil, fmt.Errorf("booking: log: %w", err)
		}
		for _, e := range entries {
			base, ok := strings.CutSuffix(e.Name(), place.ext)
			if seller, err := sellerName(base); ok && err == nil {
				names = append(names, seller)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
