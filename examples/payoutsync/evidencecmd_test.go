package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvidenceVerifyNamesWhatIsWrongAndEndsWithFour(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pack.zip")
	if err := os.WriteFile(name, []byte("this is no pack, and was never one"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := payoutsync(t, "evidence", "verify", name).expect(t, exitBroken)
	if !strings.Contains(o.out, "no evidence pack") || !strings.Contains(o.out, "1 faults") || o.errors != "" {
		t.Errorf("stdout %q, stderr %q", o.out, o.errors)
	}
	faults, _ := payoutsync(t, "evidence", "verify", name, "--json").expect(t, exitBroken).lines(t)[0]["faults"].([]any)
	if len(faults) != 1 {
		t.Errorf("faults %v", faults)
	}
	payoutsync(t, "evidence", "verify", filepath.Join(t.TempDir(), "nowhere.zip")).expect(t, exitUsage)
	payoutsync(t, "evidence", "verify", t.TempDir()).expect(t, exitUsage)
	if o := payoutsync(t, "evidence", "verify", "--help").expect(t, 0); !strings.Contains(o.out, "Example: payoutsync evidence verify") {
		t.Errorf("help shows no example: %s", o.out)
	}
}
