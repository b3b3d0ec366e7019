package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every step of setting up names the next one, so that nobody needs to know the commands before.
func TestEachStepOfSettingUpTellsTheNext(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "fresh")
	if o := payoutsync(t, "init", fresh).expect(t, 0); !strings.Contains(o.errors, "`payoutsync connect NAME`") {
		t.Errorf("init: %s", o.errors)
	}
	if o := payoutsync(t, "--config", filepath.Join(fresh, "payoutsync.yaml"), "connect", "acme-us").expect(t, exitUsage); !strings.Contains(o.errors, "still holds the example's seller") {
		t.Errorf("connect with the example's configuration: %s", o.errors)
	}
	i := newInstall(t)
	for _, step := range []struct {
		command, next string
		code          int
	}{
		{"ping", "`payoutsync connect` makes it", exitUsage},
		{"sync --dry-run", "no credentials are stored yet: run `payoutsync connect acme-us`", exitUsage},
		{"connect acme-us", "Next: `payoutsync sync acme-us --dry-run`", 0},
		{"ping", "Next: `payoutsync sync --dry-run`", 0},
		{"sync --dry-run", "remove its mark `chart: demo`, check it with `payoutsync rules lint", 0},
		{"sync", "marked `chart: demo`", exitUsage},
	} {
		if o := i.run(t, strings.Fields(step.command)...).expect(t, step.code); !strings.Contains(o.errors, step.next) {
			t.Errorf("%s says %q, want it to name %q", step.command, o.errors, step.next)
		}
	}
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "rules", "lint", filepath.Join(i.dir, "rules.yaml"), "--seller", "acme-us").expect(t, 0)
	o := i.run(t, "sync", "--dry-run").expect(t, 0)
	if !strings.Contains(o.errors, "Next: `payoutsync sync`") || !strings.Contains(o.out, "to be booked") {
		t.Errorf("the dry run: %s%s", o.out, o.errors)
	}
	if o := i.run(t, "sync").expect(t, 0); !strings.Contains(o.errors, "`payoutsync serve`") {
		t.Errorf("the first sync: %s", o.errors)
	}
	if o := i.run(t, "sync", "--quiet").expect(t, 0); o.errors != "" {
		t.Errorf("a quiet sync says %s", o.errors)
	}
}
