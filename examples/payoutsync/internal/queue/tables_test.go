package queue_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
)

func TestAnOlderProgramRefusesANewerQueue(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		work := func(context.Context, queue.Job) error { return nil }
		d.open(t, queue.Options{Work: work})
		d.exec(t, `insert into river_migration (line, version) values ('main', 9999)`)
		_, err := queue.Open(t.Context(), d.sqlite, d.pool, queue.Options{Work: work})
		if err == nil || !strings.Contains(err.Error(), "9999") || !strings.Contains(err.Error(), "newer payoutsync") {
			t.Errorf("%v", err)
		}
	})
}

func TestTablesThatAKilledProcessLeftAtAnyVersionAreBroughtUpToDate(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		if d.pool != nil {
			leaveEachVersion(t, d, riverpgxv5.New(d.pool))
		} else {
			leaveEachVersion(t, d, riversqlite.New(d.sqlite))
		}
	})
}

func leaveEachVersion[T any](t *testing.T, d database, driver riverdriver.Driver[T]) {
	t.Helper()
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		t.Fatal(err)
	}
	migrate := func(direction rivermigrate.Direction, version int) {
		t.Helper()
		if _, err := migrator.Migrate(t.Context(), direction, &rivermigrate.MigrateOpts{TargetVersion: version}); err != nil {
			t.Fatal(err)
		}
	}
	for _, left := range migrator.AllVersions() {
		migrate(rivermigrate.DirectionUp, left.Version)
		q := d.open(t, queue.Options{Work: func(context.Context, queue.Job) error { return nil }})
		add(t, q, collect)
		migrate(rivermigrate.DirectionDown, -1)
		if d.pool != nil {
			d.pool.Reset() // its statements were prepared for tables that are gone
		}
	}
}

func TestTwoProcessesMayOpenAnEmptyDatabaseAtATime(t *testing.T) {
	pool, err := pgxpool.New(context.Background(), pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := queue.Open(t.Context(), nil, pool, queue.Options{Work: func(context.Context, queue.Job) error { return nil }}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
