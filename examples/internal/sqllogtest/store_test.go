package sqllogtest_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	_ "modernc.org/sqlite"             // the driver

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func TestMain(m *testing.M) {
	logtest.Child(func(dsn string) (booking.Log, error) {
		log, _, err := open(dsn)
		return log, err
	})
	os.Exit(pgtest.Main(m))
}

// open opens a log by its data source name: postgres://… or file:….
func open(dsn string) (*sqllog.Log, *sql.DB, error) {
	driver, dialect := "sqlite", sqllog.SQLite
	if strings.HasPrefix(dsn, "postgres://") {
		driver, dialect = "pgx", sqllog.PostgreSQL
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, nil, err
	}
	log, err := sqllog.Open(context.Background(), db, sqllog.Config{Dialect: dialect, Key: key})
	if err != nil {
		_ = db.Close()
	}
	return log, db, err
}

func mustOpen(t testing.TB, dsn string) *sqllog.Log {
	t.Helper()
	log, db, err := open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return log
}

func sqliteDSN(t testing.TB) string {
	t.Helper()
	return "file:" + filepath.Join(t.TempDir(), "log.db") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate"
}

// databases are the data source names of empty databases, by name of the kind.
func databases(t *testing.T) map[string]func(testing.TB) string {
	all := map[string]func(testing.TB) string{"sqlite": sqliteDSN}
	if pgtest.Available(t) {
		all["postgresql"] = pgtest.DSN
	}
	return all
}

// store is one that many processes share; every log stays open to the end of
// the test.
func store(dsn func(testing.TB) string) func(t testing.TB) logtest.Store {
	return func(t testing.TB) logtest.Store {
		name := dsn(t)
		return logtest.Store{Shared: true, Open: func(t testing.TB) booking.Log { return mustOpen(t, name) }}
	}
}

// single is one that a single process uses at a time.
func single(dsn func(testing.TB) string) func(t testing.TB) logtest.Store {
	return func(t testing.TB) logtest.Store {
		name := dsn(t)
		var db *sql.DB
		shut := func() {
			if db != nil {
				_ = db.Close()
			}
		}
		return logtest.Store{Close: shut, Open: func(t testing.TB) booking.Log {
			t.Helper()
			shut()
			var log *sqllog.Log
			var err error
			if log, db, err = open(name); err != nil {
				t.Fatal(err)
			}
			return log
		}}
	}
}
