package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// built is the program as a user has it, on one installation.
type built struct {
	install
	program string
}

// run runs the program in the installation's folder, without any flag that says where that is.
func (b built) run(t *testing.T, input string, args ...string) outcome {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), b.program, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = b.dir, strings.NewReader(input), &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	} else if ok {
		return outcome{exit.ExitCode(), out.String(), errs.String()}
	}
	return outcome{0, out.String(), errs.String()}
}

// The whole way of a finance team with the built program: set up, look, have two people release, book, report, prove.
func TestTheBuiltProgramFromInitToEvidenceVerify(t *testing.T) {
	program := filepath.Join(t.TempDir(), "payoutsync")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	onBoth(t, func(t *testing.T, i install) {
		// The program makes the installation; then it gets the seller and the systems of the test.
		made := filepath.Join(t.TempDir(), "firm")
		built{install{dir: filepath.Dir(made)}, program}.run(t, "", "init", made).expect(t, exitDone)
		settings := readFile(t, i.config)
		i.dir, i.config = made, filepath.Join(made, "payoutsync.yaml")
		if err := os.WriteFile(i.config, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		b := built{i, program}
		b.edit(t, "payoutsync.yaml", "approval: none", "approval: two-person")
		b.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
		secrets, err := json.Marshal(b.credentials)
		if err != nil {
			t.Fatal(err)
		}
		b.run(t, string(secrets), "connect", "acme-us").expect(t, exitDone)
		b.run(t, "", "ping").expect(t, exitDone)
		b.run(t, "", "rules", "lint", "--seller", "acme-us").expect(t, exitDone)
		if s := b.run(t, "", "sync", "--dry-run", "--json").expect(t, exitDone).summary(t); s.Settlements != 3 || s.Booked != 0 {
			t.Errorf("dry run: %+v", counts(s))
		}
		if s := b.run(t, "", "sync", "--json").expect(t, exitDone).summary(t); s.Booked != 0 || len(b.tenant.Batches()) != 0 {
			t.Errorf("before anybody released anything: %+v", counts(s))
		}
		waiting := b.run(t, "", "status", "--state", "awaiting_approval", "--json").expect(t, exitDone).lines(t)
		if len(waiting) != 3 {
			t.Fatalf("%d payouts wait for a release", len(waiting))
		}
		for _, who := range []string{"ann", "ben"} {
			b.run(t, "a long pass phrase of "+who+"\n", "user", "add", who).expect(t, exitDone)
			for _, p := range waiting {
				b.run(t, "a long pass phrase of "+who+"\n", "approve", p["id"].(string), "--user", who).expect(t, exitDone)
			}
			if who == "ann" {
				if s := b.run(t, "", "sync", "--json").expect(t, exitDone).summary(t); s.Booked != 0 {
					t.Errorf("one person's release is enough: %+v", counts(s))
				}
			}
		}
		if s := b.run(t, "", "sync", "--json").expect(t, exitDone).summary(t); s.Booked != 3 || s.Duplicates != 0 || s.ClearingOpen != 0 {
			t.Errorf("after two people released everything: %+v", counts(s))
		}
		if s := b.run(t, "", "sync", "--json").expect(t, exitDone).summary(t); s.Booked != 0 || s.Found != 3 {
			t.Errorf("once more: %+v", counts(s))
		}
		id := waiting[2]["id"].(string)
		b.run(t, "", "reconcile", id).expect(t, exitDone)
		b.run(t, "", "explain", id).expect(t, exitDone)
		b.run(t, "", "report", id, "-o", "payout.html").expect(t, exitDone)
		b.run(t, "", "report", id, "-o", "payout.xlsx").expect(t, exitDone)
		b.run(t, "", "audit", "verify").expect(t, exitDone)
		b.run(t, "", "evidence", "pack", id, "-o", "pack.zip").expect(t, exitDone)
		pack, err := os.ReadFile(filepath.Join(b.dir, "pack.zip"))
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := built{install{dir: t.TempDir()}, program} // where there is nothing but the file
		if err := os.WriteFile(filepath.Join(elsewhere.dir, "pack.zip"), pack, 0o600); err != nil {
			t.Fatal(err)
		}
		if o := elsewhere.run(t, "", "evidence", "verify", "pack.zip", "--json").expect(t, exitDone); !strings.Contains(o.out, `"faults":[]`) {
			t.Errorf("verified: %s", o.out)
		}
	})
}
