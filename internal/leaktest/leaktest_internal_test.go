package leaktest

import (
	"strings"
	"testing"
	"time"
)

type outcome int

func (o outcome) Run() int { return int(o) }

func TestAGoroutineThatWaitsForEverIsFound(t *testing.T) {
	end := make(chan struct{})
	go func() { <-end }()
	var said strings.Builder
	if ended(&said, 20*time.Millisecond) || !strings.Contains(said.String(), "TestAGoroutineThatWaitsForEverIsFound") {
		t.Errorf("the goroutine was not found: %q", said.String())
	}
	close(end)
	if !ended(&said, patience) {
		t.Error("the goroutine is said to be there after its end")
	}
}

func TestTheExitCodeOfTheTestsIsKept(t *testing.T) {
	for _, code := range []outcome{0, 1, 3} {
		if got := Run(code); got != int(code) {
			t.Errorf("Run gives %d for %d", got, code)
		}
	}
}
