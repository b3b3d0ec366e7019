package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// start starts the program as a process of its own, with the credentials on standard input.
func (i install) start(t *testing.T, args ...string) (c *exec.Cmd, out *bytes.Buffer) {
	t.Helper()
	text, err := json.Marshal(i.credentials)
	if err != nil {
		t.Fatal(err)
	}
	out = &bytes.Buffer{}
	c = exec.CommandContext(t.Context(), os.Args[0], append([]string{"--config", i.config}, args...)...)
	c.Env = append(os.Environ(), "PAYOUTSYNC_AS_PROGRAM=1", "GOTRACEBACK=all")
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(text), out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, out
}

// tokens are access and refresh tokens of both fakes.
var tokens = regexp.MustCompile(`Atz[ar]\||\b[ar]t-[A-Z2-7]{26}`)

// secretsIn names the secrets that a text holds, in clear or in a form that anybody can undo.
func (i install) secretsIn(text string) (found []string) {
	for system, fields := range i.credentials {
		for field, value := range fields {
			if field == "client_id" || field == "username" {
				continue
			}
			quoted, _ := json.Marshal(value) // a text has no error
			for _, form := range []string{
				value, url.QueryEscape(value), strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(value)),
				base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
			} {
				if strings.Contains(text, form) {
					found = append(found, system+"."+field)
					break
				}
			}
		}
	}
	if tokens.MatchString(text) {
		found = append(found, "a token")
	}
	return found
}

// Everything that the program leaves is searched for secrets: files of the home with the database and its journal, archive, pages,
// evidence packs, logs of every request, what a process prints when it is made to crash, and what other users of the machine see
// of a process. In the middle of a booking the tenant's token dies, so that the log-in runs there too.
func TestNoSecretIsInClearInAnythingThatTheProgramLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
		clean := func(where, text string) {
			t.Helper()
			if found := i.secretsIn(text); len(found) > 0 {
				t.Errorf("%s: holds %s in clear", where, strings.Join(found, ", "))
			}
		}
		for _, args := range [][]string{
			{"connect", "acme-us", "--log-level", "debug", "--log-format", "json"},
			{"ping", "--json", "--log-level", "debug"},
			{"sync", "--log-level", "debug"},
			{"key", "rotate"},
			{"sync", "--json", "--log-level", "debug", "--log-format", "json"},
			{"audit", "verify"},
		} {
			c, out := i.start(t, args...)
			if err := c.Wait(); err != nil {
				t.Fatalf("%s: %v\n%s", args, err, out)
			}
			if strings.Contains(strings.Join(args, " "), "debug") && !strings.Contains(out.String(), "reports.getReports") {
				t.Errorf("%s: the log does not tell of the requests", args)
			}
			clean("output of "+strings.Join(args, " "), out.String())
		}
		i.packEvidence(t)

		i.amazon.Inject(spapitest.Step{Operation: "getReports", Fault: spapitest.SlowAnswer})
		before := i.amazon.Calls()["getReports"]
		c, out := i.start(t, "sync")
		for deadline := time.Now().Add(20 * time.Second); i.amazon.Calls()["getReports"] == before; {
			if time.Now().After(deadline) {
				t.Fatalf("the process asks for no reports:\n%s", out)
			}
		}
		for _, file := range []string{"cmdline", "environ"} {
			if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.Process.Pid, file)); err == nil { // Linux
				clean("process list: "+file, string(text))
			}
		}
		if err := c.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		if c.Wait() == nil || !strings.Contains(out.String(), "goroutine ") {
			t.Fatalf("the process did not crash: %s", out)
		}
		clean("crash output", out.String())

		files := 0
		err := filepath.WalkDir(i.dir, func(name string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files++
				clean(name, readFile(t, name))
			}
			return err
		})
		if err != nil || files < 6 {
			t.Fatalf("%d files, %v", files, err)
		}
		clean("database", i.dump(t))
	}, vantagepointtest.Options{Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{
		{Operation: "POST DataEntry/jeControl", Nth: 2, Fault: vantagepointtest.FaultExpiredToken},
	}}})
}

// packEvidence leaves the evidence packs of all payouts in the home. Their members are not compressed.
func (i install) packEvidence(t *testing.T) {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(i.dir, "payoutsync-data", "reports", "*.html"))
	if err != nil || len(pages) != 3 {
		t.Fatalf("pages of payouts: %v, %v; want three", pages, err)
	}
	for _, page := range pages {
		id := strings.TrimSuffix(filepath.Base(page), ".html")
		pack := filepath.Join(i.dir, id+".zip")
		i.run(t, "evidence", "pack", id, "-o", pack).expect(t, 0)
		if !strings.Contains(readFile(t, pack), "DataEntry/jeControl") {
			t.Errorf("the pack of %s holds no request to the ledger", id)
		}
	}
}

// dump is every row of every table as text. The file of SQLite was searched already.
func (i install) dump(t *testing.T) string {
	t.Helper()
	db := i.open(t)
	defer db.Close()
	if db.Dialect != sqllog.PostgreSQL {
		return ""
	}
	var all strings.Builder
	text := func(query string) (list []string) {
		t.Helper()
		rows, err := db.SQL.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	tables := text(`select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`)
	if len(tables) < 5 {
		t.Fatalf("only the tables %v", tables)
	}
	for _, table := range tables {
		all.WriteString(strings.Join(text(`select x::text from `+table+` x`), "\n"))
	}
	return all.String()
}

// There is no flag and no variable that takes a credential, because both can be seen by others.
func TestNoFlagTakesACredential(t *testing.T) {
	for _, command := range []string{"connect", "ping", "key rotate", "key rewrap", "sync"} {
		help := payoutsync(t, append(strings.Fields(command), "--help")...).expect(t, 0).out
		for _, flag := range []string{"password", "secret=", "token", "client-id"} {
			if strings.Contains(help, "--"+flag) || strings.Contains(help, flag+"=") {
				t.Errorf("%s takes %s on its command line:\n%s", command, flag, help)
			}
		}
	}
}
