package queue

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// migrationsLock is PostgreSQL's advisory lock of those who bring River's tables up to date.
const migrationsLock = 0x7269766572 // "river"

// openPostgres brings the tables up to date under a lock. River migrates in transactions of its own, so the lock has a
// connection to itself, and outside the pool: those who wait for it must not take the connections that its holder needs.
func openPostgres(ctx context.Context, pool *pgxpool.Pool, options Options) (*Queue, error) {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // ends the lock
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, migrationsLock); err != nil {
		return nil, fmt.Errorf("wait for the queue's lock: %w", err)
	}
	c := &clock{}
	if err := c.set(ctx, pool); err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	q, err := open(ctx, riverpgxv5.New(pool), options, river.TestConfig{Time: c}, rescueNever, false)
	if err != nil {
		return nil, err
	}
	q.tends = func(ctx context.Context) { q.tend(ctx, pool, c) }
	return q, nil
}

// openSQLite needs no lock: the home is locked. It only polls, because nobody else puts jobs into the line. For the same
// reason a job that runs in the table has lost its process, and is handed back at once.
func openSQLite(ctx context.Context, db *sql.DB, options Options) (*Queue, error) {
	q, err := open(ctx, riversqlite.New(db), options, river.TestConfig{}, options.RescueAfter, true)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, `update river_job set state = 'available', attempt = max(attempt - 1, 0) where state = 'running'`); err != nil {
		return nil, fmt.Errorf("hand back the jobs of a process that was killed: %w", err)
	}
	return q, nil
}

func open[T any](ctx context.Context, driver riverdriver.Driver[T], options Options, clock river.TestConfig, rescueAfter time.Duration, poll bool) (*Queue, error) {
	now := time.Now
	if clock.Time != nil {
		now = clock.Time.Now
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet(options.Logger)})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	if err := migrate(ctx, driver, migrator); err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{work: options.Work})
	client, err := river.NewClient(driver, &river.Config{
		ID:     process(),
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: options.Workers}}, Workers: workers,
		JobTimeout: options.Timeout, RescueStuckJobsAfter: rescueAfter, SoftStopTimeout: options.Grace, MaxAttempts: options.Attempts,
		FetchPollInterval: options.Poll, FetchCooldown: min(options.Poll, river.FetchCooldownDefault), PollOnly: poll,
		RetryPolicy: retry{options.RetryFirst, options.RetryMost, now}, Test: clock, ErrorHandler: failures{options.Logger}, Logger: quiet(options.Logger),
	})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	executor := driver.GetExecutor()
	return &Queue{
		engine: client, options: options,
		counts: func(ctx context.Context) (map[rivertype.JobState]int, error) {
			return executor.JobCountByAllStates(ctx, &riverdriver.JobCountByAllStatesParams{})
		},
		waiting: func(ctx context.Context) (int, error) {
			return executor.JobCountByState(ctx, &riverdriver.JobCountByStateParams{State: rivertype.JobStateAvailable})
		},
	}, nil
}

// process names this process, on the jobs that it works on and where it leads: machine, process id, and when it began.
func process() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%.60s_%d_%s", host, os.Getpid(), time.Now().UTC().Format("20060102T150405.000000"))
}

// migrate refuses tables that a newer River has made. River migrates in one transaction a version, so a process that was
// killed may have left any version behind.
func migrate[T any](ctx context.Context, driver riverdriver.Driver[T], migrator *rivermigrate.Migrator[T]) error {
	known := migrator.AllVersions()
	newest := known[len(known)-1].Version
	// Without this column, or without the table, the version is an early one.
	lined, err := driver.GetExecutor().ColumnExists(ctx, &riverdriver.ColumnExistsParams{Table: "river_migration", Column: "line"})
	if err != nil {
		return fmt.Errorf("read the queue's version: %w", err)
	}
	if lined {
		applied, err := driver.GetExecutor().MigrationGetByLine(ctx, &riverdriver.MigrationGetByLineParams{Line: riverdriver.MigrationLineMain})
		if err != nil {
			return fmt.Errorf("read the queue's version: %w", err)
		}
		if i := slices.IndexFunc(applied, func(m *riverdriver.Migration) bool { return m.Version > newest }); i >= 0 {
			return fmt.Errorf("the queue's tables have version %d, and this program knows versions up to %d: a newer payoutsync has been here; run that one", applied[i].Version, newest)
		}
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bring the queue's tables up to date: %w", err)
	}
	return nil
}
