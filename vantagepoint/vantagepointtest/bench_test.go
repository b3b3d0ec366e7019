package vantagepointtest_test

import (
	"fmt"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// BenchmarkBooking measures a create with two lines, in memory and with the books on disk.
func BenchmarkBooking(b *testing.B) {
	for name, dir := range map[string]string{"memory": "", "disk": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			_, c := start(b, vantagepointtest.Options{Dir: dir})
			n := 0
			for b.Loop() {
				n++
				c.want(201, "POST", "DataEntry/jeControl", journal(fmt.Sprintf("je-%d-%d", b.N, n), "1", "5", "5"))
			}
		})
	}
}
