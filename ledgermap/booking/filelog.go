package booking

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/durable"
)

// A FileLog is a [Log] in a directory, for one process at a time: chains/ holds
// one file of JSON lines per seller, heads/ the sealed heads, aside/ what a
// crash left half written.
//
// A record is acknowledged in this order: its line is written and synced, then
// the head that counts it is written and synced. Whatever lies after the head
// was therefore never acknowledged, nobody acted on it, and it may be set
// aside. Anything else that is wrong with a file stops the log.
type FileLog struct {
	dir  string
	key  []byte
	lock *os.File

	mu     sync.Mutex
	chains map[string]*fileChain
}

// OpenFileLog opens or creates the log in dir. key seals the heads; it has at
// least 16 bytes and belongs to the caller, who keeps it away from the log: who
// can write both can cut the chain unseen, except by comparing with a head that
// was printed. A directory that another process has open is an error that says
// which process.
func OpenFileLog(dir string, key []byte) (*FileLog, error) {
	if len(key) < 16 {
		return nil, fmt.Errorf("booking: log %s: the key that seals its heads has %d bytes, at least 16 are wanted", dir, len(key))
	}
	for _, sub := range []string{"chains", "heads", "aside"} {
		if err := durable.MkdirAll(filepath.Join(dir, sub)); err != nil {
			return nil, fmt.Errorf("booking: log: %w", err)
		}
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("booking: log %s: %w", dir, err)
	}
	for _, sub := range []string{"heads", "aside"} {
		clearAway(filepath.Join(dir, sub))
	}
	return &FileLog{dir: dir, key: slices.Clone(key), lock: lock, chains: map[string]*fileChain{}}, nil
}

// clearAway removes what a crash left of files that were not yet in place. It
// is only litter, so that what stays of it does no harm.
func clearAway(dir string) {
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		if strings.HasPrefix(file.Name(), nextPrefix) {
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}

// Close lets go of the directory. The log cannot be used afterwards.
func (f *FileLog) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, c := range f.chains {
		c.mu.Lock()
		if c.file != nil {
			errs = append(errs, c.file.Close())
		}
		_ = c.fail(errors.New("the log was closed")) // for those who still hold the log
		c.mu.Unlock()
	}
	if f.lock != nil {
		errs = append(errs, f.lock.Close())
		f.lock = nil
	}
	return errors.Join(errs...)
}

// A fileChain is one seller's file. All fields are guarded by mu.
type fileChain struct {
	log    *FileLog
	seller string

	mu     sync.Mutex
	file   *os.File // nil until loaded
	size   int64    // bytes that the head counts
	head   Head
	spans  []span
	of     map[string][]int // settlement → indexes into spans
	claims map[string]int   // claim → index into spans
	failed error            // set once anything went wrong that only opening again can mend
}

// A span is where one record lies, and what must be there.
type span struct {
	offset int64
	length int
	hash   string
}

func (f *FileLog) chain(seller string) (*fileChain, error) {
	if seller == "" {
		return nil, errors.New("booking: log: no seller named")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.chains[seller]
	if c == nil {
		c = &fileChain{log: f, seller: seller}
		f.chains[seller] = c
	}
	return c, nil
}

// Append implements [Log].
func (f *FileLog) Append(ctx context.Context, r Record) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	c, err := f.chain(r.Seller)
	if err != nil {
		return Record{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return Record{}, err
	}
	return c.append(r)
}

func (c *fileChain) append(r Record) (Record, error) {
	if r.Claim != "" {
		if i, ok := c.claims[r.Claim]; ok {
			by, err := c.read(c.spans[i])
			if err != nil {
				return Record{}, err
			}
			return Record{}, &ClaimedError{Claim: r.Claim, By: by}
		}
	}
	link, r, err := NewLink(c.head, r)
	if err != nil {
		return Record{}, err
	}
	line := link.line()
	if _, err := c.file.WriteAt(line, c.size); err != nil {
		return Record{}, c.fail(err)
	}
	// A failed sync may have dropped the pages it failed for, so that a second
	// one would lie: the chain stays closed until it is read anew.
	if err := c.file.Sync(); err != nil {
		return Record{}, c.fail(err)
	}
	head := Head{Seller: c.seller, Count: r.Seq, Hash: r.Hash}.Sealed(c.log.key)
	if err := c.log.writeHead(head); err != nil {
		return Record{}, c.fail(err)
	}
	c.count(r, head, len(line))
	return r, nil
}

func (c *fileChain) count(r Record, head Head, length int) {
	i := len(c.spans)
	c.spans = append(c.spans, span{offset: c.size, length: length, hash: r.Hash})
	c.size += int64(length)
	c.head = head
	if r.Settlement != "" {
		c.of[r.Settlement] = append(c.of[r.Settlement], i)
	}
	if r.Claim != "" {
		c.claims[r.Claim] = i
	}
}

func (c *fileChain) fail(err error) error {
	if c.failed == nil {
		c.failed = fmt.Errorf("booking: log %s: it is not known what of the last record is on disk, open the log again: %w", c.path(), err)
	}
	return c.failed
}

func (c *fileChain) path() string {
	return filepath.Join(c.log.dir, "chains", fileName(c.seller)+".jsonl")
}

// load reads the chain once, checks every link up to the head, and sets aside
// what lies after it.
func (c *fileChain) load() error {
	if c.failed != nil {
		return c.failed
	}
	if c.file != nil {
		return nil
	}
	head, err := c.log.readHead(c.seller)
	if err != nil {
		return err
	}
	if head.Seal == "" {
		// The first head comes before the first line, so that a missing head
		// beside a chain is never the work of a crash.
		if err := c.log.writeHead(head.Sealed(c.log.key)); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(c.path(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("booking: log: %w", err)
	}
	if err := c.replay(file, head); err != nil {
		return errors.Join(err, file.Close())
	}
	c.file = file
	info, err := file.Stat()
	if err != nil {
		return c.fail(err)
	}
	if info.Size() > c.size {
		return c.heal(info.Size() - c.size)
	}
	return durable.SyncDir(filepath.Dir(c.path()))
}

func (c *fileChain) replay(file *os.File, head Head) error {
	c.head, c.size, c.spans = Head{Seller: c.seller}, 0, nil
	c.of, c.claims = map[string][]int{}, map[string]int{}
	in := bufio.NewReaderSize(file, 1<<16)
	for c.head.Count < head.Count {
		line, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("booking: log: %w", err)
		}
		l, _ := parseLine(line)
		next, r, wrong := c.head.Follow(l)
		if wrong != "" {
			return c.broken(head)
		}
		c.count(r, next, len(line))
	}
	if head.Count > 0 && c.head.Hash != head.Hash {
		return c.broken(head)
	}
	c.head = head
	if rest, err := io.ReadAll(in); err != nil {
		return fmt.Errorf("booking: log: %w", err)
	} else if len(rest) > 0 {
		return c.broken(head) // nil if the rest is what a crash leaves
	}
	return nil
}

// broken says in full what is wrong, from the start of the file.
func (c *fileChain) broken(head Head) error {
	var links []Link
	for l, err := range c.log.links(c.seller) {
		if err != nil {
			return err
		}
		links = append(links, l)
	}
	return VerifyLinks(links, head).Err()
}

// heal moves the n bytes after the head to a file of their own, and writes
// into the chain that it did.
func (c *fileChain) heal(n int64) error {
	rest := make([]byte, n)
	if _, err := c.file.ReadAt(rest, c.size); err != nil {
		return c.fail(err)
	}
	sum := sha256.Sum256(rest)
	name := fmt.Sprintf("%s.after-%d.%s", fileName(c.seller), c.head.Count, hex.EncodeToString(sum[:6]))
	if err := writeFile(filepath.Join(c.log.dir, "aside", name), rest); err != nil {
		return c.fail(err)
	}
	if err := c.file.Truncate(c.size); err != nil {
		return c.fail(err)
	}
	_, err := c.append(Record{
		Seller: c.seller, Time: time.Now(), Actor: "log", Event: EventHealed,
		Reason: fmt.Sprintf("%d bytes after record %d, which nobody was told were written, were set aside as aside/%s (SHA-256 %s)",
			n, c.head.Count, name, hex.EncodeToString(sum[:])),
	})
	return err
}

func (c *fileChain) read(s span) (Record, error) {
	line := make([]byte, s.length)
	if _, err := c.file.ReadAt(line, s.offset); err != nil {
		return Record{}, fmt.Errorf("booking: log %s: %w", c.path(), err)
	}
	l, ok := parseLine(line)
	if !ok || l.Hash != s.hash || l.Sum() != s.hash {
		return Record{}, c.changed(s)
	}
	return l.Record()
}

// changed names a record whose bytes are no longer those that were read when
// the log was opened.
func (c *fileChain) changed(s span) error {
	at := int64(slices.Index(c.spans, s) + 1)
	return &BrokenError{Seller: c.seller, Faults: []Fault{{Seq: at, Line: at, Damage: DamageChanged, Detail: "it was changed while the log was open"}}}
}

// Records implements [Log].
func (f *FileLog) Records(ctx context.Context, seller, settlement string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		c, err := f.chain(seller)
		if err != nil {
			yield(Record{}, err)
			return
		}
		spans, err := c.snapshot(settlement)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for _, s := range spans {
			if err := ctx.Err(); err != nil {
				yield(Record{}, err)
				return
			}
			c.mu.Lock()
			r, err := Record{}, c.failed
			if err == nil {
				r, err = c.read(s)
			}
			c.mu.Unlock()
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (c *fileChain) snapshot(settlement string) ([]span, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return nil, err
	}
	if settlement == "" {
		return slices.Clone(c.spans), nil
	}
	spans := make([]span, 0, len(c.of[settlement]))
	for _, i := range c.of[settlement] {
		spans = append(spans, c.spans[i])
	}
	return spans, nil
}
