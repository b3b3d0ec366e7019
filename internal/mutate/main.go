// Mutate asks whether the tests of a package would notice a mistake: it makes one small mistake at a time in a copy of a
// source file, runs the package's tests on it, and lists the mistakes that no test noticed.
//
//	go run ./internal/mutate -seed 1 -sample 40 ./settlement
//
// The same seed on the same sources makes the same mistakes. The files of the tree are not touched: the changed copy is
// given to go test as an overlay. A survivor is a place to look at, not always a gap: some mistakes change nothing that
// can be seen. Those that were looked at stand in survivors.tsv with the reason why they are left. The exit code is 1 if
// another one survives, if the list names a mistake that cannot be made any more, or if the tests fail without any.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	seed := flag.Uint64("seed", 1, "chooses the mistakes")
	sample := flag.Int("sample", 30, "how many mistakes in each package; 0 makes all")
	limit := flag.Duration("limit", 2*time.Minute, "how long the tests of one mistake may run; longer counts as noticed")
	flag.Parse()
	code := 0
	for _, dir := range flag.Args() {
		if err := run(dir, *seed, *sample, *limit); err != nil {
			fmt.Fprintln(os.Stderr, "mutate:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// run tries the mistakes in one package and prints what survived.
func run(dir string, seed uint64, sample int, limit time.Duration) error {
	if out, err := test(dir, "", limit); err != nil {
		return fmt.Errorf("%s: the tests fail without any mistake: %w\n%s", dir, err, out)
	}
	all, err := mistakesIn(dir)
	if err != nil {
		return err
	}
	left, err := looked(dir, all, survivors)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, seed))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	tried, noticed, unlooked := 0, 0, 0
	for _, m := range all {
		if sample > 0 && tried == sample {
			break
		}
		compiles, found, err := try(dir, m, limit)
		if err != nil {
			return err
		}
		if !compiles {
			continue
		}
		tried++
		if found {
			noticed++
			continue
		}
		reason, ok := left[m.key()]
		if !ok {
			unlooked++
			reason = "not in survivors.tsv"
		}
		fmt.Printf("%s:%d:%d: %s: no test of the package notices: %s\n%s\n", m.file, m.line, m.column, m.what, reason, m.key())
	}
	fmt.Printf("%s: seed %d, %d of %d mistakes tried, %d noticed, %d survived\n", dir, seed, tried, len(all), noticed, tried-noticed)
	if unlooked > 0 {
		return fmt.Errorf("%s: survivors that are not in survivors.tsv: %d; test what they change, or make the code simpler, or list them with the reason", dir, unlooked)
	}
	return nil
}

// try runs the tests with one mistake made.
func try(dir string, m mistake, limit time.Duration) (compiles, noticed bool, err error) {
	temporary, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return false, false, err
	}
	defer os.RemoveAll(temporary) // a temporary directory
	changed := filepath.Join(temporary, "changed.go")
	if err := os.WriteFile(changed, m.source, 0o600); err != nil {
		return false, false, err
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return false, false, err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return false, false, err
	}
	overlay := filepath.Join(temporary, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return false, false, err
	}
	out, failed := test(dir, overlay, limit)
	if strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") {
		return false, false, nil
	}
	return true, failed != nil, nil
}

// test runs the package's tests, over an overlay if one is named.
func test(dir, overlay string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+time.Minute)
	defer cancel()
	arguments := []string{"test", "-count=1", "-failfast", "-vet=off", "-timeout=" + limit.String()}
	if overlay != "" {
		arguments = append(arguments, "-overlay="+overlay)
	}
	out, err := exec.CommandContext(ctx, "go", append(arguments, "./"+filepath.ToSlash(filepath.Clean(dir)))...).CombinedOutput() //nolint:gosec // the package is the user's business
	return string(out), err
}
