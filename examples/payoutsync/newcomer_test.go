package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
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
		{"sync --dry-run", "no credentials are stored yet for seller_id A", exitUsage},
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

func TestARoundThatIsInterruptedSaysSoAndNothingElse(t *testing.T) {
	i := synced(t, newInstall(t))
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	errs := interrupting{stop: stop}
	code := run(ctx, []string{"--config", i.config, "sync"}, strings.NewReader(""), &out, &errs)
	if said := errs.String(); code != exitRemote || !strings.HasSuffix(said, "payoutsync: interrupted; what was begun is looked for and finished when it is run again\n") || strings.Contains(said, "No settlement is listed") || strings.Contains(said, "canceled") {
		t.Errorf("exit code %d, and it says %s", code, said)
	}
}

// interrupting is a terminal at which somebody presses Ctrl-C as soon as the round begins.
type interrupting struct {
	bytes.Buffer
	stop func()
}

func (w *interrupting) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "Seller ") {
		w.stop()
	}
	return w.Buffer.Write(p)
}

func TestAStateThatNoPayoutHasIsAMistake(t *testing.T) {
	if o := synced(t, newInstall(t)).run(t, "status", "--state", "boked").expect(t, exitUsage); !strings.Contains(o.errors, `no payout is ever "boked"`) {
		t.Error(o.errors)
	}
}

// A mistake in what a person configured is told as one: exit code 1, what it is, and what to do.
func TestAMistakeInTheSetUpIsOneToMend(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, i install)
		says  []string
	}{
		"the home is a file": {
			func(t *testing.T, i install) {
				i.edit(t, "payoutsync.yaml", "home: ./payoutsync-data", "home: ./rules.yaml")
			},
			[]string{"the home folder cannot be made", "name another one as `home`"},
		},
		"the database is none": {
			func(t *testing.T, i install) {
				if err := os.WriteFile(filepath.Join(i.dir, "payoutsync-data", "payoutsync.db"), []byte("hello, this is no database"), 0o600); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"payoutsync.db cannot be opened", "restore it from a backup"},
		},
		"the database is a newer program's": {
			func(t *testing.T, i install) {
				db, err := store.Open(t.Context(), "sqlite", filepath.Join(i.dir, "payoutsync-data"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(t.Context(), `insert into payoutsync_version (version) values (999)`); err != nil || db.Close() != nil {
					t.Fatal(err)
				}
			},
			[]string{"version 999", "a newer payoutsync; run that one"},
		},
		"the database cannot be written beside": {
			func(t *testing.T, i install) {
				log := filepath.Join(i.dir, "payoutsync-data", "payoutsync.db-wal")
				_ = os.Remove(log) // SQLite took it away with the last connection
				if err := os.Mkdir(log, 0o700); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"let this user write in its folder, or copy that to where it can be written to"},
		},
		"the database server does not know the user": {
			func(t *testing.T, i install) { i.onServer(t, "//test@", "//nobody@") },
			[]string{"mend user and password in the database URL"},
		},
		"the database server has no such database": {
			func(t *testing.T, i install) { i.onServer(t, "/postgres?", "/nothing?") },
			[]string{"make it with `create database`"},
		},
		"the database server lets the user make no tables": {
			func(t *testing.T, i install) {
				i.onServer(t, "search_path=", "search_path=pg_catalog&application_name=")
			},
			[]string{"grant create on schema public"},
		},
		"the database server forgets what it acknowledged": {
			func(t *testing.T, i install) { i.onServer(t, "search_path=", "synchronous_commit=off&search_path=") },
			[]string{"synchronous_commit is off", "switch it on there"},
		},
		"the database's address is none": {
			func(t *testing.T, i install) {
				i.edit(t, "payoutsync.yaml", "database: sqlite ", "database: postgres://me:sesame@:bad:/x ")
			},
			[]string{"write postgres://user:password@host"},
		},
		"the key file is lost": {
			func(t *testing.T, i install) {
				if err := os.Remove(filepath.Join(i.dir, "payoutsync-data", "home.key")); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"home.key is missing", "restore it from a backup"},
		},
		"others may read the key file": {
			func(t *testing.T, i install) {
				if runtime.GOOS == "windows" {
					t.Skip("files have no such permissions there")
				}
				if err := os.Chmod(filepath.Join(i.dir, "payoutsync-data", "home.key"), 0o644); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"home.key, which opens the stored credentials: chmod 600"},
		},
		"the key itself stands where its place belongs": {
			func(t *testing.T, i install) {
				i.edit(t, "payoutsync.yaml", "# key: file:/run/secrets/payoutsync-key", "key: sesame")
			},
			[]string{"env:NAME, file:PATH"},
		},
		"the rules have a mistake": {
			func(t *testing.T, i install) { i.edit(t, "rules.yaml", "mode: journal", "mode: cash") },
			[]string{`"cash" is not one of journal, invoice`},
		},
		"the rules are no YAML": {
			func(t *testing.T, i install) { i.edit(t, "rules.yaml", "categories:", "categories: [") },
			[]string{"this is not YAML: while parsing a flow sequence: did not find"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstall(t)
			i.run(t, "connect", "acme-us").expect(t, 0)
			test.spoil(t, i)
			for range 2 { // the first try mends nothing by itself
				o := i.run(t, "sync", "--dry-run").expect(t, exitUsage)
				for _, says := range test.says {
					if !strings.Contains(o.errors, says) {
						t.Errorf("it does not say %q: %s", says, o.errors)
					}
				}
				if strings.Contains(o.errors, "sesame") {
					t.Errorf("it shows a secret: %s", o.errors)
				}
			}
		})
	}
}

// onServer configures a PostgreSQL whose URL has a mistake: to in the place of from.
func (i install) onServer(t *testing.T, from, to string) {
	t.Helper()
	url := pgtest.DSN(t)
	if os.Getenv("TEST_POSTGRES") != "" {
		t.Skip("the mistake is in the URL of the tests' own server")
	}
	i.edit(t, "payoutsync.yaml", "database: sqlite ", "database: "+strings.Replace(url, from, to, 1)+" ")
}

func TestAFileThatCannotBeUsedIsAMistakeOfWhoNamedIt(t *testing.T) {
	i := synced(t, newInstall(t))
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	i.run(t, "import", "acme-us", folder).expect(t, exitRefused) // as inspect: it is no settlement
	for _, args := range [][]string{
		{"reconcile", "--bank", folder},
		{"evidence", "pack", i.first(t), "-o", folder},
	} {
		i.run(t, args...).expect(t, exitUsage)
	}
}

func TestAnUnknownDocumentIsToldFromAKnownOne(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	if o := i.run(t, "explain", "DEMO//X/1/1.1").expect(t, exitUsage); !strings.Contains(o.errors, "no document DEMO//X/1/1.1 is known; `payoutsync status`") {
		t.Errorf("%s", o.errors)
	}
}

func TestASyncThatWaitsForPeopleSaysHowTheyRelease(t *testing.T) {
	i := newInstall(t)
	i.edit(t, "payoutsync.yaml", "approval: none", "approval: manual")
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	if o := i.run(t, "sync").expect(t, 0); !strings.Contains(o.errors, "`payoutsync approve acme-us/") {
		t.Errorf("%s", o.errors)
	}
}

func TestWhatVantagepointRefusesIsSaidOnceAndBeforeTheAdvice(t *testing.T) {
	i := newInstall(t)
	i.edit(t, "payoutsync.yaml", `{USD: "OPER"}`, `{USD: "NONE"}`)
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	o := i.run(t, "sync").expect(t, exitRefused)
	line, _, _ := strings.Cut(o.out, "\n")
	cause, advice := strings.Index(line, "Bank Code NONE does not exist"), strings.Index(line, "Mend the rules, the bank codes or the chart")
	if cause < 0 || advice < cause || strings.Count(line, "booking:") != 1 || strings.Contains(line, "Config.") {
		t.Errorf("it says %s", line)
	}
}

func TestTheProgramSaysWhichItIs(t *testing.T) {
	if o := payoutsync(t, "--version").expect(t, 0); !strings.HasPrefix(o.out, "payoutsync ") || !strings.Contains(o.out, ", go1.") {
		t.Errorf("%s", o.out)
	}
}
