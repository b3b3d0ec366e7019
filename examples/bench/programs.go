package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// build makes the program. A built binary is measured, for `go run` would be, too.
func build(ctx context.Context, name string) error {
	_, source, _, _ := runtime.Caller(0)
	c := exec.CommandContext(ctx, "go", "build", "-o", name, "../payoutsync") //nolint:gosec // the names are ours
	c.Dir, c.Stderr = filepath.Dir(source), os.Stderr
	return c.Run()
}

// demo syncs payouts from the fake Amazon to the fake tenant, over loopback, and counts the calls.
func demo(ctx context.Context, program, dir string) error {
	const settlements, rows = "24", "500"
	output, err := exec.CommandContext(ctx, program, "demo", "--json", "--quiet", "--settlements", settlements, "--rows", rows, "--home", filepath.Join(dir, "demo")).Output() //nolint:gosec // the program built here
	if err != nil {
		return fmt.Errorf("payoutsync demo: %w", err)
	}
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	var last struct {
		Summary struct {
			Settlements int
			Documents   int
			Amazon      map[string]int `json:"amazon_calls"`
			Tenant      map[string]int `json:"vantagepoint_calls"`
			Seconds     float64
		}
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return fmt.Errorf("payoutsync demo: %w", err)
	}
	s := last.Summary
	calls := func(by map[string]int) (n int) {
		for _, c := range by {
			n += c
		}
		return n
	}
	if s.Settlements == 0 || s.Documents == 0 {
		return errors.New("payoutsync demo synced nothing")
	}
	fmt.Printf("| sync %d payouts of %s rows, fakes on loopback | payoutsync demo | %.1f s | %.1f payouts/s; %.1f calls to Amazon a payout, %.1f to Vantagepoint a document | |\n",
		s.Settlements, rows, s.Seconds, float64(s.Settlements)/s.Seconds, float64(calls(s.Amazon))/float64(s.Settlements), float64(calls(s.Tenant))/float64(s.Documents))
	return nil
}

// inspect reads a file of a gigabyte and one of ten megabytes with the program, in turn.
func inspect(ctx context.Context, program, dir string, rounds int) error {
	plain := func(w io.Writer) io.WriteCloser { return nopCloser{w} }
	small, large := filepath.Join(dir, "small.txt"), filepath.Join(dir, "large.txt")
	if err := errors.Join(write(small, 50_000, plain), write(large, 5_050_000, plain)); err != nil {
		return err
	}
	var speeds [2][]float64
	var ratios []float64
	var peaks [2]int64
	var sizes [2]int64
	for range rounds {
		for i, name := range []string{small, large} {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			sizes[i] = info.Size()
			c := exec.CommandContext(ctx, program, "inspect", "--json", name) //nolint:gosec // the program built here
			start := time.Now()
			if err := c.Start(); err != nil {
				return err
			}
			peak := watch(c.Process.Pid)
			if err := c.Wait(); err != nil {
				return err
			}
			speeds[i] = append(speeds[i], mega(sizes[i])/time.Since(start).Seconds())
			peaks[i] = max(peaks[i], <-peak)
		}
		ratios = append(ratios, speeds[1][len(speeds[1])-1]/speeds[0][len(speeds[0])-1])
	}
	for i, name := range []string{"the small one", "the large one"} {
		fmt.Printf("| inspect %.0f MB, whole process | payoutsync, %s | %.0f ms | %.0f MB/s, peak %.1f MiB | |\n",
			mega(sizes[i]), name, 1000*mega(sizes[i])/median(speeds[i]), median(speeds[i]), float64(peaks[i])/1024)
	}
	fmt.Printf("\ninspect: speed of the large file over that of the small one, median of %d pairs: %.2f\n", rounds, median(ratios))
	return nil
}

// watch follows the peak memory of a process, in KiB, until it ends; 0 where the system does not tell. The process's own
// count is the right one: what wait(2) tells of a child may be the memory of the parent that it was cut from.
func watch(pid int) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		var most int64
		for range time.Tick(2 * time.Millisecond) {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, found := strings.Cut(string(status), "VmHWM:")
			if err != nil || !found { // it has ended
				peak <- most
				return
			}
			// The last count is the one: it never falls, but the very first may be of the memory of the parent.
			if _, err := fmt.Sscan(rest, &most); err != nil {
				most = 0
			}
		}
	}()
	return peak
}
