package main

import (
	"strings"
	"testing"
)

func TestTheReadmeShowsTheExampleThatIsCompiled(t *testing.T) {
	readme := readFile(t, "../../README.md")
	source := readFile(t, "../../ledgermap/example_embedding_test.go")
	_, body, ok := strings.Cut(source, "func Example_embedding() {\n")
	body, _, found := strings.Cut(body, "\t// Output:")
	if !ok || !found {
		t.Fatal("the embedding example is not where it was")
	}
	if !strings.Contains(readme, "```go\n"+body+"```") {
		t.Error("the README's example differs from ledgermap's Example_embedding")
	}
}

func TestTheReadmeNamesEveryExitCode(t *testing.T) {
	readme := readFile(t, "../../README.md")
	for _, row := range []string{"| 0 | done", "| 1 | usage", "| 2 | refused", "| 3 | a remote", "| 4 | the audit"} {
		if !strings.Contains(readme, row) {
			t.Errorf("the README lacks %q", row)
		}
	}
}
