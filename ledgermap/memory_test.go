package ledgermap_test

import (
	"runtime"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// TestAPlanKeepsLinesAndNotRows compares what stays in memory after planning few and many rows of one seller.
func TestAPlanKeepsLinesAndNotRows(t *testing.T) {
	r := rules(t)
	kept := func(rows int) (bytes int64, lines int) {
		report := settlementtest.Seller{Seed: 3, Count: 1, Rows: rows}.Settlements()[0]
		live := func() int64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		before := live()
		p := plan(t, r, sourceOf(report), ledgermap.Input{})
		after := live()
		for _, d := range p.Documents {
			lines += len(d.Lines())
		}
		runtime.KeepAlive(report)
		return after - before, lines
	}
	few, fewLines := kept(1_000)
	many, manyLines := kept(60_000)
	if manyLines > 2*fewLines {
		t.Fatalf("%d lines against %d: the comparison says nothing", manyLines, fewLines)
	}
	if grown := many - few; grown > 200_000 { // 59,000 rows more; at eight bytes a row it would be 472,000
		t.Errorf("1,000 rows keep %d bytes, 60,000 rows %d", few, many)
	}
	t.Logf("1,000 rows: %d bytes, %d lines; 60,000 rows: %d bytes, %d lines", few, fewLines, many, manyLines)
}
