package settlement_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// What other programs need for the same work is measured by examples/bench, on
// the same file in the same run.

// benchRows is the size of the benchmark report: some 198 MB at a million.
var benchRows = sync.OnceValue(func() int {
	if n, err := strconv.Atoi(os.Getenv("SETTLEMENT_BENCH_ROWS")); err == nil {
		return n
	}
	return 200_000
})

// benchReport is a report as Amazon writes it: a few rows per order, a few dozen
// kinds, all 24 columns where they apply.
var benchReport = sync.OnceValue(func() []byte {
	return settlementtest.Seller{Seed: 1, Count: 1, Rows: benchRows()}.Settlements()[0].V2()
})

var benchZipped = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(benchReport()); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// BenchmarkReader uses what it is given. Run it with -cpu 1 and with -cpu 2, each
// in a process of its own.
func BenchmarkReader(b *testing.B) {
	report := benchReport()
	b.SetBytes(int64(len(report)))
	b.ReportAllocs()
	for b.Loop() {
		r := settlement.NewReader(bytes.NewReader(report), settlement.Options{})
		var sum int64
		for line, err := range r.Lines() {
			if err != nil {
				b.Fatal(err)
			}
			sum += line.Amount.Minor()
		}
		s, err := r.Statement()
		if err != nil || sum != s.Total.Minor() || s.Rows != benchRows() {
			b.Fatal(s, err)
		}
	}
	b.ReportMetric(float64(benchRows())*float64(b.N)/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

// BenchmarkOpenGzip reads a gzipped file; compare with the larger of
// BenchmarkGunzip and BenchmarkReader.
func BenchmarkOpenGzip(b *testing.B) {
	name := write(b, "report.txt.gz", benchZipped())
	b.SetBytes(int64(len(benchReport())))
	b.ReportAllocs()
	for b.Loop() {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range f.Lines() {
			if err != nil {
				b.Fatal(err)
			}
		}
		if _, err := f.Statement(); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

func BenchmarkGunzip(b *testing.B) {
	name := write(b, "report.txt.gz", benchZipped())
	b.SetBytes(int64(len(benchReport())))
	for b.Loop() {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		r, err := gzip.NewReader(bufio.NewReaderSize(f, 64<<10))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
