package sizetest_test

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ml-connector/amazon-vantagepoint"

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnSDKUsersBinaryGrowsByLessThanOneAndAHalfMegabytes(t *testing.T) {
	plain, sdk := build(t, "plain"), build(t, "sdk")
	grown := size(t, sdk) - size(t, plain)
	t.Logf("plain %d bytes, with spapi and settlement %d: %d more", size(t, plain), size(t, sdk), grown)
	if grown <= 0 || grown >= 1_500_000 {
		t.Errorf("spapi and settlement add %d bytes to a program, want less than 1,500,000", grown)
	}
}

func TestAnSDKUsersBinaryLinksAtMostEightModules(t *testing.T) {
	info, err := buildinfo.ReadFile(build(t, "sdk"))
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, dep := range info.Deps {
		linked = append(linked, dep.Path)
	}
	t.Logf("linked: %s", strings.Join(linked, " "))
	if len(linked) == 0 || len(linked) > 8 {
		t.Errorf("%d modules are linked, want at most 8: %s", len(linked), strings.Join(linked, " "))
	}
}

// What is in the root's go.mod takes part in the version selection of everybody who imports a package of it.
func TestTheRootRequiresNothingBeyondItsFixedList(t *testing.T) {
	command := exec.Command("go", "mod", "edit", "-json")
	command.Dir = root(t)
	text, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require, Tool, Replace []struct{ Path string } }
	if err := json.Unmarshal(text, &mod); err != nil {
		t.Fatal(err)
	}
	fixed := []string{
		"github.com/google/go-cmp", "github.com/hashicorp/go-cleanhttp", "github.com/hashicorp/go-retryablehttp", "github.com/jarcoal/httpmock",
		"github.com/klauspost/compress", "go.yaml.in/yaml/v4", "golang.org/x/oauth2", "golang.org/x/text", "golang.org/x/time",
	}
	if len(mod.Require) == 0 {
		t.Fatal("the root's go.mod requires nothing: this test reads the wrong file")
	}
	for _, r := range slices.Concat(mod.Require, mod.Tool) {
		if !slices.Contains(fixed, r.Path) {
			t.Errorf("the root's go.mod has %s: engines, drivers, command-line libraries and tools belong to examples/go.mod", r.Path)
		}
	}
	if len(mod.Replace) > 0 {
		t.Error("the root's go.mod has a replace, which no importer sees")
	}
}

// build compiles a program of testdata in a module of its own, as a user of the SDK has it, and returns the binary.
func build(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, filepath.Join("testdata", program, "main.go"), filepath.Join(dir, "main.go"))
	copyFile(t, filepath.Join(root(t), "go.sum"), filepath.Join(dir, "go.sum"))
	mod := fmt.Sprintf("module user\n\ngo 1.26.0\n\nrequire %s v0.0.0\n\nreplace %s => %s\n", module, module, root(t))
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "user")
	command := exec.Command("go", "build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", program, err, text)
	}
	return binary
}

func size(t *testing.T, binary string) int64 {
	t.Helper()
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
