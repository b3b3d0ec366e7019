package main

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// subject is the report that everybody works on, and what it holds.
type subject struct {
	plain, packed string // files
	bytes, zipped int64
	rows          int
	total         settlement.Money
	kinds         map[string]sum
}

// sum is what is compared: rows and minor units of a kind.
type sum struct{ rows, minor int64 }

func newSubject(dir string, rows int) (*subject, error) {
	s := &subject{plain: filepath.Join(dir, "report.txt"), packed: filepath.Join(dir, "report.txt.gz"), kinds: map[string]sum{}}
	if err := write(s.plain, rows, func(w io.Writer) io.WriteCloser { return nopCloser{w} }); err != nil {
		return nil, err
	}
	if err := write(s.packed, rows, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }); err != nil {
		return nil, err
	}
	for name, size := range map[string]*int64{s.plain: &s.bytes, s.packed: &s.zipped} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		*size = info.Size()
	}
	f, err := settlement.Open(s.plain, settlement.Options{})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tally, err := settlement.TallyOf(f)
	if err != nil {
		return nil, err
	}
	s.rows, s.total = tally.Statement.Rows, tally.Statement.Total
	for _, k := range tally.Kinds {
		s.kinds[k.Kind.String()] = sum{int64(k.Rows), k.Sum.Minor()}
	}
	return s, nil
}

// write makes a report of one settlement in US dollars.
func write(name string, rows int, pack func(io.Writer) io.WriteCloser) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := pack(f)
	report := settlementtest.Seller{Seed: 1, Count: 1, Rows: rows}.Settlements()[0]
	return errors.Join(report.WriteV2(w), w.Close(), f.Close())
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// on runs work on a number of processors.
func on(processors int, work func() error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		start := time.Now()
		err := work()
		return time.Since(start), err
	}
}

// read takes every line of a file, with all its fields, and the proof at the end.
func (s *subject) read(name string) func() error {
	return func() error {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			return err
		}
		defer f.Close()
		var total settlement.Money
		rows := 0
		for line, err := range f.Lines() {
			if err != nil {
				return err
			}
			if total, err = total.Add(line.Amount); err != nil {
				return err
			}
			rows++
		}
		return s.check(rows, total)
	}
}

func (s *subject) check(rows int, total settlement.Money) error {
	if rows != s.rows || total != s.total {
		return errors.New("the result is another one")
	}
	return nil
}

// tally adds up by kind.
func (s *subject) tally() error {
	f, err := settlement.Open(s.plain, settlement.Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	tally, err := settlement.TallyOf(f)
	if err == nil && len(tally.Kinds) != len(s.kinds) {
		err = errors.New("the result is another one")
	}
	return err
}

// plan maps every line by the starter rules to the documents of a ledger.
func (s *subject) plan() error {
	f, err := settlement.Open(s.plain, settlement.Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	rules, err := ledgermap.LoadRules("rules.yaml", ledgermap.Starter())
	if err != nil {
		return err
	}
	months := ledgermap.Months(ledgermap.Date{Year: 2026, Month: time.January, Day: 1}, ledgermap.Date{Year: 2026, Month: time.December, Day: 31})
	plan, err := rules.Plan(f, ledgermap.Input{Calendar: months})
	if err != nil {
		return err
	}
	return s.check(plan.Statement.Rows, plan.Statement.Sum)
}

// gunzip only unpacks.
func (s *subject) gunzip() error {
	f, err := os.Open(s.packed)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, r)
	if err == nil && n != s.bytes {
		err = errors.New("the result is another one")
	}
	return err
}

// compare holds a peer's output against ours: a line for each kind, with the three words, rows and minor units
// separated by tabs.
func (s *subject) compare(output []byte) error {
	kinds := map[string]sum{}
	for line := range bytes.Lines(output) {
		cells := bytes.Split(bytes.TrimRight(line, "\r\n"), []byte("\t"))
		if len(cells) != 5 {
			return errors.New("the output has another form: " + string(line))
		}
		rows, errR := number(cells[3])
		minor, errM := number(cells[4])
		if err := cmp.Or(errR, errM); err != nil {
			return err
		}
		kinds[string(bytes.Join(cells[:3], []byte("/")))] = sum{rows, minor}
	}
	if len(kinds) != len(s.kinds) {
		return errors.New("the result has another number of kinds")
	}
	for kind, want := range s.kinds {
		if kinds[kind] != want {
			return errors.New("the result is another one for " + kind)
		}
	}
	return nil
}
