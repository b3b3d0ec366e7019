// Package leaktest fails a package's tests when they leave goroutines behind: a client that keeps reading a body that
// nobody wants, an engine whose worker outlives its run, a fake that is never stopped.
//
//	func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }
package leaktest

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// patience is how long goroutines that are on their way out may take.
const patience = 5 * time.Second

// Run runs the tests and returns their exit code, or 1 when they passed and goroutines are left. A goroutine is left if
// code of this module, or a connection of net/http, stands in its stack.
func Run(tests interface{ Run() int }) int {
	code := tests.Run()
	if code == 0 && !ended(os.Stderr, patience) {
		return 1
	}
	return code
}

// ended reports whether everything ends in time, and writes the stacks of what does not.
func ended(w io.Writer, within time.Duration) bool {
	deadline, tick := time.After(within), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		left := leftovers()
		if len(left) == 0 {
			return true
		}
		select {
		case <-tick.C:
		case <-deadline:
			fmt.Fprintf(w, "leaktest: %d goroutines are left after the tests:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			return false
		}
	}
}

// leftovers returns the stacks of the goroutines that should have ended.
func leftovers() []string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		ours := strings.Contains(stack, "ml-connector/amazon-vantagepoint/") || strings.Contains(stack, "net/http.")
		if ours && !strings.Contains(stack, "leaktest.leftovers") {
			left = append(left, stack)
		}
	}
	return left
}
