package store // only here a database can be left at an older version

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
)

func TestLogInsThatAnOlderVersionKeptAreRemoved(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "sqlite" }, "postgresql": pgtest.DSN} {
		t.Run(name, func(t *testing.T) {
			url, dir, ctx := database(t), t.TempDir(), t.Context()
			old, err := connect(ctx, url, dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := old.migrateBy(ctx, []string{
				"migrations/001_start.sql", "migrations/002_credentials.sql", "migrations/003_serve.sql", "migrations/004_expected.sql",
			}); err != nil {
				t.Fatal(err)
			}
			long := strings.Repeat("hush ", 5000) // on pages of its own
			for n, e := range []Exchange{
				{URL: "/acme/api/token", Request: "Password=hush&client_secret=hush&grant_type=password", Answer: `{"access_token":"hush"}`},
				{URL: "/acme/api/token", Request: "client_secret=hush&grant_type=refresh_token&refresh_token=" + long, Answer: `{"access_token":"hush"}`},
				{URL: "/by/a/proxy", Request: "Password=hush&grant_type=password", Answer: long},
				{URL: "/acme/api/DataEntry/jeControl", Request: `[{"Batch":"B1"}]`, Answer: `[{"Batch":"B1"}]`},
			} {
				e.N, e.At, e.Method = int64(n), time.UnixMilli(int64(n+1)), "POST"
				if err := old.AddExchange(ctx, "A1", "1", e); err != nil {
					t.Fatal(err)
				}
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}

			db, err := Open(ctx, url, dir)
			if err != nil {
				t.Fatal(err)
			}
			kept, err := db.Exchanges(ctx, "A1", "1")
			if err != nil || len(kept) != 1 || !strings.HasSuffix(kept[0].URL, "jeControl") {
				t.Errorf("kept %+v, %v; want what was booked alone", kept, err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			files, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files { // of SQLite
				if text, err := os.ReadFile(filepath.Join(dir, f.Name())); err != nil || strings.Contains(string(text), "hush") {
					t.Errorf("%s still holds a log-in (%v)", f.Name(), err)
				}
			}
		})
	}
}

func TestADatabaseOfEveryEarlierVersionIsBroughtUpToDateAndThenRefusedByItsProgram(t *testing.T) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "sqlite" }, "postgresql": pgtest.DSN} {
		for version := 1; version < len(names); version++ {
			t.Run(fmt.Sprint(name, " ", version), func(t *testing.T) {
				url, dir, ctx := database(t), t.TempDir(), t.Context()
				old, err := connect(ctx, url, dir)
				if err != nil {
					t.Fatal(err)
				}
				err = old.migrateBy(ctx, names[:version])
				for _, row := range []string{
					`insert into sellers (name, seller, due_at, connected_at) values ('acme-us', 'A1', 7, 5)`,
					`insert into payouts (seller, settlement, name, state, total) values ('A1', '50034020328', 'acme-us', 'booked', '12.30')`,
				} {
					_, inserted := old.SQL.ExecContext(ctx, row)
					err = errors.Join(err, inserted)
				}
				if err := errors.Join(err, old.Close()); err != nil {
					t.Fatal(err)
				}

				db, err := Open(ctx, url, dir)
				if err != nil {
					t.Fatal(err)
				}
				if p, err := db.Resolve(ctx, "acme-us/50034020328"); err != nil || p.State != "booked" || p.Total != "12.30" {
					t.Errorf("%+v, %v", p, err)
				}
				if refused := db.migrateBy(ctx, names[:version]); refused == nil || !strings.Contains(refused.Error(), "newer payoutsync") {
					t.Errorf("the program of version %d: %v", version, refused)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
