// Bench measures the settlement reader, money and mapper beside other programs that do the same work on the same file,
// and booking and the whole sync for themselves, and prints one table. A program that is not installed is said to be absent.
//
//	go run -C examples ./bench                 # 200,000 rows, some seconds
//	go run -C examples ./bench --full          # a million rows, and inspect of a gigabyte
//	go run -C examples ./bench --only gzipped  # one piece of work, by a part of its name
//
// gawk and Miller (mlr) are found on the path, DuckDB in the folder where `npm install @duckdb/node-api` was run
// (--duckdb). Everybody's result is compared with ours, by count and by sum of every kind of line.
//
// Times are medians. A ratio is the median of the ratios of each round, in which everybody of a group runs once, one
// after the other: it stands even if the machine is not at rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	rows := flag.Int("rows", 200_000, "money rows of the report")
	runs := flag.Int("runs", 5, "rounds")
	full := flag.Bool("full", false, "a million rows, and inspect of a gigabyte (needs 1.1 GB of disk)")
	duckdb := flag.String("duckdb", "", "folder in which @duckdb/node-api is installed")
	only := flag.String("only", "", "part of the name of the one piece of work to measure")
	flag.Parse()
	if *full {
		*rows = 1_000_000
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rows, *runs, *full, *duckdb, *only)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, rows, runs int, full bool, duckdb, only string) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newSubject(dir, rows)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows of 24 columns, %.1f MB, gzipped %.1f MB; %s, %d processors of %s\n\n",
		s.rows, mega(s.bytes), mega(s.zipped), runtime.Version(), runtime.NumCPU(), runtime.GOARCH)
	fmt.Println("| Work | Program | Time | Speed | Time / ours |")
	fmt.Println("|---|---|---|---|---|")
	for _, g := range groups(ctx, s, dir, duckdb) {
		if !strings.Contains(g.work, only) {
			continue
		}
		if err := g.measure(runs); err != nil {
			return err
		}
	}
	if only != "" {
		return nil
	}
	money()
	if err := book(ctx, dir); err != nil {
		return err
	}
	program := filepath.Join(dir, "payoutsync")
	if err := build(ctx, program); err != nil {
		return err
	}
	if err := demo(ctx, program, dir); err != nil {
		return err
	}
	if full {
		return inspect(ctx, program, dir, runs)
	}
	return nil
}

// errAbsent says that a program is not installed here.
var errAbsent = errors.New("absent")

// group is one piece of work and those who do it; the first is ours.
type group struct {
	work  string
	bytes int64 // of the report, for the speed
	by    []contestant
}

type contestant struct {
	name string
	run  func() (time.Duration, error)
}

// measure lets everybody work once a round, and prints their rows of the table.
func (g group) measure(rounds int) error {
	times := make([][]time.Duration, len(g.by))
	absent := make([]bool, len(g.by))
	for range rounds {
		for i, c := range g.by {
			if absent[i] {
				continue
			}
			runtime.GC() // of what the one before left
			took, err := c.run()
			if errors.Is(err, errAbsent) {
				absent[i] = true
				continue
			}
			if err != nil {
				return fmt.Errorf("%s, %s: %w", g.work, c.name, err)
			}
			times[i] = append(times[i], took)
		}
	}
	for i, c := range g.by {
		if absent[i] {
			fmt.Printf("| %s | %s | absent | | |\n", g.work, c.name)
			continue
		}
		var ratios []float64
		for round, took := range times[i] {
			ratios = append(ratios, float64(took)/float64(times[0][round]))
		}
		took := median(times[i])
		fmt.Printf("| %s | %s | %d ms | %.0f MB/s | %.2f |\n", g.work, c.name, took.Milliseconds(), mega(g.bytes)/took.Seconds(), median(ratios))
	}
	return nil
}

func median[T int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }
