package sqllogtest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

var cluster struct {
	once sync.Once
	dsn  string
	stop func()
	err  error
}

// postgres is the data source name of a PostgreSQL to test on: the one that
// TEST_POSTGRES names, else a cluster started here where PostgreSQL's programs
// are installed, else "" with a word in the test's log.
func postgres(t *testing.T) string {
	t.Helper()
	cluster.once.Do(func() {
		if cluster.dsn = os.Getenv("TEST_POSTGRES"); cluster.dsn == "" {
			cluster.dsn, cluster.stop, cluster.err = startPostgres()
		}
	})
	if cluster.err != nil {
		t.Logf("no PostgreSQL: %v", cluster.err)
	}
	return cluster.dsn
}

func stopPostgres() {
	if cluster.stop != nil {
		cluster.stop()
	}
}

func startPostgres() (dsn string, stop func(), err error) {
	bin, err := exec.LookPath("pg_ctl")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "sqllogtest")
	if err != nil {
		return "", nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	attr, err := unprivileged(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	run := func(name string, args ...string) error {
		cmd := exec.CommandContext(context.Background(), name, args...)
		cmd.SysProcAttr, cmd.Dir = attr, dir
		// The server outlives pg_ctl, so it must not hold a pipe of ours.
		out, err := os.Create(filepath.Join(os.TempDir(), filepath.Base(dir)+".out"))
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
	listener, err := net.Listen("tcp", "127.0.0.1:0") // only to find a free port
	if err != nil {
		remove()
		return "", nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='%s' -c max_connections=300", port, dir)
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

// unprivileged makes dir belong to a user that PostgreSQL agrees to run as: it
// refuses root.
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
