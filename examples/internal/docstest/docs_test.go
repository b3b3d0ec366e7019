package docstest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sources returns the Go files of both modules by their path from the root.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)] = read(t, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var documents = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}

func TestEveryGoSnippetOfTheReadmeIsTheBodyOfAnExample(t *testing.T) {
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(snippets) == 0 {
		t.Fatal("the README shows no code")
	}
	files := sources(t)
	for _, snippet := range snippets {
		compiled := false
		for name, text := range files {
			compiled = compiled || strings.HasSuffix(name, "_test.go") && strings.Contains(text, "() {\n"+snippet[1]+"\t// Output:")
		}
		if !compiled {
			t.Errorf("no Example has this body:\n%s", snippet[1])
		}
	}
}

func TestEveryFileThatADocumentLinksToIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, document := range documents {
		for _, found := range link.FindAllStringSubmatch(read(t, document), -1) {
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
				t.Errorf("%s links to %s: %v", document, found[1], err)
			}
		}
	}
}

func TestEveryGuaranteeNamesATestThatIsInTheFileItLinksTo(t *testing.T) {
	files := sources(t)
	_, table, _ := strings.Cut(read(t, "README.md"), "## What is guaranteed")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for _, found := range regexp.MustCompile("\\[`(…?)([A-Za-z0-9_]+)`\\]\\(([^)]+)\\)").FindAllStringSubmatch(table, -1) {
		rows++
		test := regexp.MustCompile(`(?m)^func ` + map[bool]string{true: `Test\w*`}[found[1] != ""] + found[2] + `\(t \*testing\.T\)`)
		if !test.MatchString(files[found[3]]) {
			t.Errorf("the README names %s, which is not in %s", found[2], found[3])
		}
	}
	if rows < 20 {
		t.Errorf("the table of guarantees names %d tests", rows)
	}
}

func TestTheReadmeNamesEveryPackageAndEveryShortProgram(t *testing.T) {
	readme := read(t, "README.md")
	for name := range sources(t) {
		dir := filepath.ToSlash(filepath.Dir(name))
		if strings.Contains("/"+dir+"/", "/internal/") || strings.Contains(dir, "testdata") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if !strings.Contains(readme, "[`"+dir+"`]("+dir+")") && !strings.Contains(readme, "]("+dir+"/main.go)") {
			t.Errorf("the README does not name %s", dir)
		}
	}
}

// The help of the program itself is the list: a command that is documented and not there fails as well.
func TestTheReadmeNamesEveryCommandAndNoOther(t *testing.T) {
	help := exec.Command("go", "run", "./payoutsync", "--help")
	help.Dir = filepath.Join(root, "examples")
	text, err := help.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(text), "\nCommands:\n")
	if !found {
		t.Fatalf("the help lists no commands:\n%s", text)
	}
	var there, named []string
	for _, line := range regexp.MustCompile(`(?m)^  ([a-z][a-z -]*?)(?:  |$)`).FindAllStringSubmatch(list, -1) {
		there = append(there, strings.TrimSpace(line[1]))
	}
	_, table, _ := strings.Cut(read(t, "README.md"), "| Command | Does |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(table, -1) {
		named = append(named, row[1])
	}
	slices.Sort(there)
	slices.Sort(named)
	if !slices.Equal(there, named) {
		t.Errorf("the README's table has\n%q\nand the program\n%q", named, there)
	}
}

func TestTheReadmeNamesEveryExitCode(t *testing.T) {
	readme := read(t, "README.md")
	for _, row := range []string{"| 0 | done", "| 1 | usage", "| 2 | refused", "| 3 | a remote", "| 4 | the audit"} {
		if !strings.Contains(readme, row) {
			t.Errorf("the README lacks %q", row)
		}
	}
}
