//go:build unix

// Package pgtest is a PostgreSQL for tests: the one that TEST_POSTGRES names, else a cluster of its own, started from the
// programs on PATH or of Debian's package as a user that is not root, and gone with the test binary.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

var cluster struct {
	once sync.Once
	dsn  string
	stop func()
	err  error
}

// Main runs the tests and stops the cluster if one was started. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if cluster.stop != nil {
		cluster.stop()
	}
	return code
}

// Available reports whether there is a PostgreSQL to test on, and says in the test's log why not. In CI it fails instead:
// what CI leaves out, nobody tests.
func Available(t testing.TB) bool {
	t.Helper()
	cluster.once.Do(func() {
		if cluster.dsn = os.Getenv("TEST_POSTGRES"); cluster.dsn == "" {
			cluster.dsn, cluster.stop, cluster.err = start()
		}
	})
	switch {
	case cluster.err == nil:
		return true
	case os.Getenv("CI") != "":
		t.Fatalf("no PostgreSQL: %v", cluster.err)
	}
	t.Logf("no PostgreSQL: %v", cluster.err)
	return false
}

var schemas atomic.Int64

// DSN is the data source name of an empty schema for one test. Without a PostgreSQL the test is skipped, see [Available].
func DSN(t testing.TB) string {
	t.Helper()
	name, _ := schema(t)
	return cluster.dsn + "&search_path=" + name
}

// DSNAhead is DSN with a clock that is ahead of this machine's, or behind it if by is negative: now() and
// clock_timestamp() are the schema's own. To the database, all machines' clocks are wrong.
func DSNAhead(t testing.TB, by time.Duration) string {
	t.Helper()
	name, exec := schema(t)
	for function, volatility := range map[string]string{"now": "stable", "clock_timestamp": "volatile"} {
		exec(fmt.Sprintf(`create function %[1]s.%[2]s() returns timestamptz language sql %[3]s as $$select pg_catalog.%[2]s() + interval '%[4]d milliseconds'$$`,
			name, function, volatility, by.Milliseconds()))
	}
	return cluster.dsn + "&search_path=" + name + "%2Cpg_catalog"
}

// schema makes an empty schema.
func schema(t testing.TB) (name string, exec func(statement string)) {
	t.Helper()
	if !Available(t) {
		t.Skip("this test needs PostgreSQL: apt-get install postgresql, or name one in TEST_POSTGRES")
	}
	exec = func(statement string) {
		t.Helper()
		db, err := sql.Open("pgx", cluster.dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close() // nothing is kept
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	name = fmt.Sprintf("t%d_%d", os.Getpid(), schemas.Add(1))
	exec("create schema " + name)
	return name, exec
}

func start() (dsn string, stop func(), err error) {
	bin, err := find("pg_ctl")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return "", nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	attr, err := unprivileged(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	run := func(name string, args ...string) error {
		cmd := exec.CommandContext(context.Background(), name, args...) //nolint:gosec // PostgreSQL's own programs
		cmd.SysProcAttr, cmd.Dir = attr, dir
		// The server outlives pg_ctl, so it must not hold a pipe of ours.
		out, err := os.CreateTemp("", "pgtest.out")
		if err != nil {
			return err
		}
		defer os.Remove(out.Name()) // litter
		defer out.Close()           // litter
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Run(); err != nil {
			said, _ := os.ReadFile(out.Name())
			return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, said)
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	if err := run(bin, "initdb", "-D", data, "-o", "--auth=trust --username=test --no-sync --encoding=UTF8 --locale=C"); err != nil {
		remove()
		return "", nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0") // only to find a free port
	if err != nil {
		remove()
		return "", nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='%s' -c max_connections=300", port, dir)
	if program, err := filepath.EvalSymlinks(bin); err == nil { // tests that count queries
		if _, err := os.Stat(filepath.Join(filepath.Dir(program), "..", "lib", "pg_stat_statements.so")); err == nil {
			options += " -c shared_preload_libraries=pg_stat_statements"
		}
	}
	if err := run(bin, "start", "-w", "-D", data, "-l", filepath.Join(dir, "log"), "-o", options); err != nil {
		remove()
		return "", nil, err
	}
	stop = func() {
		_ = run(bin, "stop", "-m", "immediate", "-D", data)
		remove()
	}
	return fmt.Sprintf("postgres://test@127.0.0.1:%d/postgres?sslmode=disable", port), stop, nil
}

// find looks for one of PostgreSQL's programs on PATH, then where Debian puts them, the newest version first.
func find(name string) (string, error) {
	bin, err := exec.LookPath(name)
	if err == nil {
		return bin, nil
	}
	installed, _ := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name))
	if len(installed) == 0 {
		return "", err
	}
	return slices.MaxFunc(installed, func(a, b string) int { return version(a) - version(b) }), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // /usr/lib/postgresql/15/bin/pg_ctl
	return n
}

// unprivileged makes dir belong to a user that PostgreSQL agrees to run as: it refuses root.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
