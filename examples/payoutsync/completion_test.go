package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completed asks a shell what may follow the words; the last of them is the one that is being typed.
func completed(t *testing.T, shell string, words ...string) []string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("%s is not installed", shell)
	}
	file := filepath.Join(t.TempDir(), "payoutsync."+shell)
	if err := os.WriteFile(file, []byte(payoutsync(t, "completion", shell).expect(t, 0).out), 0o600); err != nil {
		t.Fatal(err)
	}
	code := map[string]string{
		"bash": `source "$0"; COMP_WORDS=(payoutsync "$@"); COMP_CWORD=$#; _payoutsync; printf '%s\n' "${COMPREPLY[@]}"`,
		// The functions of zsh's completion system need a terminal: these say what they were asked to offer.
		"zsh": `file=$0; _describe() { local n=$@[-1]; print -rl -- "${(@P)n}" }; _files() { print FILES }; compadd() { shift; print -rl -- "$@" }; compdef() { : };
			source $file; words=(payoutsync "$@"); CURRENT=$#words; PREFIX=$words[-1]; _payoutsync`,
		"fish": `source $argv[1]; complete -C (string join ' ' -- payoutsync $argv[2..-1])`,
	}[shell]
	args := []string{"-c", code, file}
	if shell == "zsh" {
		args = append([]string{"-f"}, args...)
	}
	c := exec.CommandContext(t.Context(), program, append(args, words...)...)
	c.Dir, c.Env = t.TempDir(), append(os.Environ(), "HOME="+t.TempDir())
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, out)
	}
	var offers []string
	for line := range strings.Lines(string(out)) {
		offer, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if shell == "zsh" {
			offer, _, _ = strings.Cut(offer, ":")
		}
		offers = append(offers, offer)
	}
	return offers
}

func TestShellsCompleteCommandsFlagsAndTheirWords(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			for _, test := range []struct {
				typed []string
				want  []string
				not   string
			}{
				{[]string{""}, []string{"demo", "sync", "rules", "audit"}, "lint"},
				{[]string{"rules", ""}, []string{"lint", "test", "diff"}, "sync"},
				{[]string{"--quiet", "key", "r"}, []string{"rotate", "rewrap"}, "sync"},
				{[]string{"plan", "--f"}, []string{"--format"}, "--to"},
				{[]string{"plan", "--format", ""}, []string{"table", "json", "hledger", "vantagepoint-csv"}, "--json"},
				{[]string{"--log-level", "debug", "sync", "--"}, []string{"--dry-run", "--log-format"}, "--format"},
				{[]string{"completion", ""}, []string{"bash", "zsh", "fish"}, "demo"},
			} {
				offers := completed(t, shell, test.typed...)
				for _, want := range test.want {
					if !slices.Contains(offers, want) {
						t.Errorf("%q is not completed with %s but with %q", test.typed, want, offers)
					}
				}
				if slices.Contains(offers, test.not) {
					t.Errorf("%q is completed with %s", test.typed, test.not)
				}
			}
		})
	}
}

// commands lists every command as words.
func commands(t *testing.T) (all []string) {
	t.Helper()
	parser, err := newParser(&cli{}, os.Stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range parser.Model.Leaves(true) {
		all = append(all, strings.TrimPrefix(n.FullPath(), "payoutsync "))
	}
	return all
}

func TestEveryCommandExplainsItselfWithAnExample(t *testing.T) {
	all := commands(t)
	if len(all) < 20 {
		t.Fatalf("only %d commands: %q", len(all), all)
	}
	for _, command := range all {
		if parent, _, ok := strings.Cut(command, " "); ok && !slices.Contains(all, parent) {
			all = append(all, parent)
		}
	}
	for _, command := range all {
		o := payoutsync(t, append(strings.Fields(command), "--help")...).expect(t, 0)
		if text := strings.Join(strings.Fields(o.out), " "); !strings.Contains(text, "Example: ") || !strings.Contains(text, "payoutsync "+command) {
			t.Errorf("%s --help shows no example of it:\n%s", command, o.out)
		}
	}
}

func TestAMistypedCommandOrFlagIsAnsweredWithTheNearestOne(t *testing.T) {
	for typed, want := range map[string]string{
		"snyc": `"sync"`, "rules lnt": `"lint"`, "sync --dry-rn": `"--dry-run"`, "plan --fromat json x": `"--format"`, "key rotat": `"rotate"`,
	} {
		var out, errs strings.Builder
		code := run(context.Background(), strings.Fields(typed), strings.NewReader(""), &out, &errs)
		if code != exitUsage || out.Len() > 0 || !strings.Contains(errs.String(), "did you mean "+want) {
			t.Errorf("%s: exit code %d: %s%s", typed, code, out.String(), errs.String())
		}
	}
}
