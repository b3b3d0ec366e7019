package booking

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/durable"
)

// A line of a chain's file, of fixed form so that every byte of it is either
// hashed or compared:
//
//	{"hash":"<64 hex>","prev":"<64 hex>","body":<record>}
const (
	lineHash = `{"hash":"`
	linePrev = `","prev":"`
	lineBody = `","body":`
	lineEnd  = "}\n"
)

func (l Link) line() []byte {
	var b bytes.Buffer
	b.WriteString(lineHash + l.Hash + linePrev + l.Prev + lineBody)
	b.Write(l.Body)
	b.WriteString(lineEnd)
	return b.Bytes()
}

// parseLine reads a line. One that is not of the form comes back as a link
// without a hash, its bytes as the body, and false.
func parseLine(line []byte) (Link, bool) {
	rest := line
	take := func(prefix string) bool {
		var ok bool
		rest, ok = bytes.CutPrefix(rest, []byte(prefix))
		return ok
	}
	hash := func() string {
		if len(rest) < 64 {
			return ""
		}
		h := string(rest[:64])
		rest = rest[64:]
		return h
	}
	var l Link
	if !take(lineHash) {
		return Link{Body: line}, false
	}
	l.Hash = hash()
	if !take(linePrev) {
		return Link{Body: line}, false
	}
	l.Prev = hash()
	if !take(lineBody) {
		return Link{Body: line}, false
	}
	body, ok := bytes.CutSuffix(rest, []byte(lineEnd))
	if !ok {
		return Link{Body: line}, false
	}
	l.Body = body
	return l, true
}

// fileName returns a file name for a seller id that no file system reads as
// that of another: ids outside Amazon's own alphabet are written in hex.
func fileName(seller string) string {
	if seller == "" || strings.Trim(seller, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "x-" + hex.EncodeToString([]byte(seller))
	}
	return seller
}

func sellerName(file string) (string, error) {
	digits, ok := strings.CutPrefix(file, "x-")
	if !ok {
		return file, nil
	}
	b, err := hex.DecodeString(digits)
	return string(b), err
}

// nextPrefix begins the names of files that are not yet in place.
const nextPrefix = ".next-"

// writeFile puts b at path so that after a crash there is the old content or
// the new, never a mixture, and returns when it is durable.
func writeFile(path string, b []byte) error {
	next, err := os.CreateTemp(filepath.Dir(path), nextPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // gone after the rename
	_, err = next.Write(b)
	if err == nil {
		err = next.Sync()
	}
	if cerr := next.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(next.Name(), path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}
