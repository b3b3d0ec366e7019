package settlementtest_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"io"
	"runtime"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// counting counts lines and never holds more than it is given.
type counting struct {
	lines int
	sum   [32]byte
}

func (c *counting) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	c.sum = sha256.Sum256(append(c.sum[:], p...))
	return len(p), nil
}

func TestLargeReportsAreStreamed(t *testing.T) {
	st := settlementtest.Seller{Seed: 1, Count: 1, Rows: 200_000}.Settlements()[0]
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	out := &counting{}
	pr, pw := io.Pipe()
	go func() { _ = pw.CloseWithError(st.WriteV2(pw)) }()
	in := bufio.NewReaderSize(pr, 1<<20)
	buf := make([]byte, 1<<20)
	for {
		n, err := in.Read(buf)
		_, _ = out.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	peak := after.HeapAlloc - min(after.HeapAlloc, before.HeapAlloc)
	if out.lines != 200_002 {
		t.Errorf("%d lines", out.lines)
	}
	if peak > 16<<20 {
		t.Errorf("holds %d bytes after writing", peak)
	}
}

func BenchmarkWriteV2(b *testing.B) {
	st := settlementtest.Seller{Seed: 1, Count: 1, Rows: 100_000}.Settlements()[0]
	out := &counting{}
	for b.Loop() {
		if err := st.WriteV2(out); err != nil {
			b.Fatal(err)
		}
	}
}
