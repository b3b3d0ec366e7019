package store // only here a database can be left at an older version

import (
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
