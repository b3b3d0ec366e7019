package main

import (
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
)

// survivors lists the mistakes that no test notices and that are left so. A mistake is known by the text of its line and
// not by the line's number, so that it is found again wherever the line moves.
//
//go:embed survivors.tsv
var survivors string

// key names a mistake in the list.
func (m mistake) key() string {
	return strings.Join([]string{filepath.ToSlash(filepath.Clean(m.file)), m.was, m.becomes}, "\t")
}

// looked reads from the list why mistakes in one package are left. A mistake that cannot be made any more is an error.
func looked(dir string, all []mistake, list string) (map[string]string, error) {
	possible := make(map[string]bool, len(all))
	for _, m := range all {
		possible[m.key()] = true
	}
	left := make(map[string]string)
	for i, row := range strings.Split(strings.TrimSuffix(list, "\n"), "\n") {
		cells := strings.Split(row, "\t")
		if len(cells) != 4 || cells[3] == "" {
			return nil, fmt.Errorf("survivors.tsv:%d: want a file, its line, the line with the mistake, and the reason", i+1)
		}
		key := strings.Join(cells[:3], "\t")
		switch {
		case i == 0 || filepath.Dir(cells[0]) != filepath.Clean(dir):
		case !possible[key]:
			return nil, fmt.Errorf("survivors.tsv:%d: that mistake cannot be made any more; take the row out", i+1)
		default:
			left[key] = cells[3]
		}
	}
	return left, nil
}
