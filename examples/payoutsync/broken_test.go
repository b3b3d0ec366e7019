package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reports are the archived documents of an installation on SQLite.
func (i install) reports(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(i.dir, "payoutsync-data", "archive", "objects", "*", "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the archive holds %v, %v", names, err)
	}
	return names
}

func TestAReportThatIsNotWhatWasDeliveredEndsEveryCommandThatReadsItWithFour(t *testing.T) {
	for name, damage := range map[string]func(name string) error{
		"missing": os.Remove,
		"changed": func(name string) error {
			text, err := os.ReadFile(name)
			if err == nil {
				text[len(text)/2] ^= 1
				err = os.WriteFile(name, text, 0o600)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := synced(t, newInstall(t))
			id := i.first(t)
			for _, report := range i.reports(t) {
				if err := damage(report); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range [][]string{
				{"report", id}, {"explain", id}, {"evidence", "pack", id, "-o", filepath.Join(i.dir, "pack.zip")}, {"reconcile", id}, {"replay", id}, {"sync"}, {"audit", "verify"},
			} {
				if o := i.run(t, args...).expect(t, exitBroken); !strings.Contains(o.out+o.errors, "restore the object from a backup") {
					t.Errorf("%s: does not say what to do: %s%s", strings.Join(args, " "), o.out, o.errors)
				}
			}
		})
	}
}
