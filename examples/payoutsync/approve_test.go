package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
)

func TestApproveOnTheCommandLineWantsTheUsersPassword(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 1)
	f.approval = "manual"
	f.run(t, "correct horse battery\n", "user", "add", "ann").expect(t, 0)
	f.run(t, "", "sync").expect(t, 0)
	id := f.run(t, "", "--json", "status").expect(t, 0).lines(t)[0]["id"].(string)
	for _, wrong := range []struct{ in, user string }{{"wrong password\n", "ann"}, {"correct horse battery\n", "bob"}, {"", "ann"}} {
		f.run(t, wrong.in, "approve", id, "--user", wrong.user).expect(t, exitUsage)
	}
	if o := f.run(t, "", "--json", "sync").expect(t, 0); len(f.tenant.Batches()) != 0 {
		t.Fatalf("booked without a release: %s", o.out)
	}
	f.run(t, "correct horse battery\n", "approve", id, "--user", "ann", "--plan", "0000").expect(t, exitUsage)
	working, err := home.Open(filepath.Join(f.dir, "one")) // as a running serve does
	if err != nil {
		t.Fatal(err)
	}
	if o := f.run(t, "correct horse battery\n", "approve", id, "--user", "ann").expect(t, 0); !strings.Contains(o.out, "released by ann") {
		t.Error(o.out)
	}
	if err := working.Close(); err != nil {
		t.Fatal(err)
	}
	if s := f.run(t, "", "--json", "sync").expect(t, 0).summary(t); s.Booked != 1 {
		t.Errorf("after the release: %+v", counts(s))
	}
	f.run(t, "correct horse battery\n", "approve", id, "--user", "ann").expect(t, exitUsage)
}

func TestTheFirstOfTwoPeopleIsToldThatAnotherIsNeeded(t *testing.T) {
	i := guarded(t, newInstall(t), "two-person")
	id := i.first(t)
	i.run(t, "reverse", id, "--reason", "wrong account").expect(t, 0)
	if o := i.as(t, "approve", id, "--user", "ann").expect(t, 0); !strings.Contains(o.out, "Another person has to release it, too.") {
		t.Error(o.out)
	}
	if o := i.as(t, "approve", id, "--user", "ben").expect(t, 0); !strings.Contains(o.out, "where none runs, `payoutsync reverse") {
		t.Error(o.out)
	}
}

func TestUsersAreListedAndRemoved(t *testing.T) {
	f := newFirm(t, "sqlite", 1, 1)
	if err := os.RemoveAll(filepath.Join(f.dir, "one")); err != nil { // nobody has worked here yet
		t.Fatal(err)
	}
	f.run(t, "correct horse battery\n", "user", "add", "ann").expect(t, 0)
	if o := f.run(t, "", "user", "list").expect(t, 0); o.out != "ann\n" {
		t.Errorf("%q", o.out)
	}
	f.run(t, "", "user", "remove", "ann").expect(t, 0)
	f.run(t, "", "user", "remove", "ann").expect(t, exitUsage)
	if o := f.run(t, "", "user", "list").expect(t, 0); o.out != "" {
		t.Errorf("%q", o.out)
	}
}
