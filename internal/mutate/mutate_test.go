package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const source = `package p

const kept = 1

func f(a, b int) (int, bool) {
	if a < b && !(a == 0) {
		a += 2
	}
	return a - b, true
}
`

func TestEveryKindOfMistakeIsMadeOnceAndInItsPlace(t *testing.T) {
	found, err := mistakesOf("p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		got = append(got, fmt.Sprintf("%d:%d %s", m.line, m.column, m.what))
	}
	want := []string{
		"6:5 condition never true", "6:11 || for &&", "6:7 <= for <", "6:14 ! left out", "6:18 != for ==", "6:21 one more",
		"7:5 -= for +=", "7:8 one more", "9:11 + for -", "9:16 false for true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A package whose test looks at half of what it does: the mistake in the other half survives.
func TestANoticedMistakeIsToldFromASurvivor(t *testing.T) {
	dir, err := os.MkdirTemp(".", "_try") //nolint:usetesting // inside the module, so that go test takes it; the underscore keeps it out of ./...
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"p.go":      "package p\n\nfunc add(a, b int) int { return a + b }\n\nfunc sub(a, b int) int { return a - b }\n",
		"p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tif add(1, 2) != 3 || sub(0, 0) != 0 {\n\t\tt.Fail()\n\t}\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := mistakesIn(dir)
	if err != nil || len(found) != 2 {
		t.Fatalf("%d mistakes, %v", len(found), err)
	}
	for i, want := range []bool{true, false} {
		compiles, noticed, err := try(dir, found[i], time.Minute)
		if err != nil || !compiles || noticed != want {
			t.Errorf("%s: compiles %t, noticed %t, %v; want noticed %t", found[i].what, compiles, noticed, err, want)
		}
	}
	if err := run(dir, 1, 0, time.Minute); err == nil || !strings.Contains(err.Error(), "not in survivors.tsv: 1;") {
		t.Errorf("a run with a survivor that nobody looked at: %v", err)
	}
}

func TestWhatIsListedIsFoundByTheTextOfItsLine(t *testing.T) {
	moved := "\n\n" + source + strings.TrimPrefix(source, "package p\n\nconst kept = 1\n")
	all, err := mistakesOf("dir/p.go", []byte(moved))
	if err != nil {
		t.Fatal(err)
	}
	const head = "file\tline\tbecomes\twhy it is left\n"
	left, err := looked("./dir", all, head+"dir/p.go\treturn a - b, true\treturn a + b, true #2\tbecause\nother/p.go\tx\ty\tz\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		if reason, ok := left[m.key()]; ok {
			got = append(got, fmt.Sprintf("%d: %s: %s", m.line, m.what, reason))
		}
	}
	if diff := cmp.Diff([]string{"18: + for -: because"}, got); diff != "" {
		t.Error(diff)
	}
	for name, row := range map[string]string{
		"a line that is no more": "dir/p.go\treturn a * b, true\treturn a + b, true\tbecause\n",
		"no reason":              "dir/p.go\treturn a - b, true\treturn a + b, true\t\n",
		"words":                  "left as it is\n",
	} {
		if _, err := looked("dir", all, head+row); err == nil || !strings.HasPrefix(err.Error(), "survivors.tsv:2: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
