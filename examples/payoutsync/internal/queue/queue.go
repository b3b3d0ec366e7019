// Package queue is the line of short jobs that the processes of one installation work off together. It hides River, which
// keeps the line in the same database as everything else, SQLite or PostgreSQL.
//
// On PostgreSQL every time and pause is by the database's clock, however wrong those of the machines are.
//
// It is a queue and no more. When a seller is due, who works for it, which settlement is booked: all that is in the
// program's own tables and its log, because a queue forgets its finished jobs, runs a job again when it cannot tell
// whether it ran, and hands a killed worker's job on only after a while. A job must therefore be harmless when it runs
// twice, and one that is not in the line is put there again by the next [Scheduler.Scan].
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Job says what to do for whom. In the line there is at most one with these three words at a time.
type Job struct {
	Task    string `json:"task" river:"unique"`    // for example "collect"
	Seller  string `json:"seller" river:"unique"`  // its name in the configuration
	Subject string `json:"subject" river:"unique"` // for example a settlement; may be empty
}

// Kind implements [river.JobArgs]. There is one kind, so that a process of an older version meets no kind it does not know.
func (Job) Kind() string { return "payoutsync" }

// InsertOpts implements [river.JobArgsWithInsertOpts]: a job that ended, well or not, may come again.
func (Job) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}}
}

// String is for logs.
func (j Job) String() string {
	if j.Subject == "" {
		return j.Task + " " + j.Seller
	}
	return j.Task + " " + j.Seller + "/" + j.Subject
}

// Options describe a [Queue]. Zero fields mean the defaults.
type Options struct {
	// Work does one job. It must end soon after its context. Its error is why the job is tried again, unless it is
	// [Later] or [Never]. Required.
	Work func(context.Context, Job) error
	// Urgent are tasks that go before the others: what is begun is ended before something new is begun.
	Urgent []string
	// Workers is how many jobs this process works at a time. 0 means 8.
	Workers int
	// Timeout ends the context of a job. 0 means 2 minutes.
	Timeout time.Duration
	// RescueAfter is when a job that was begun and never ended is given to another worker; its worker was killed. It must
	// exceed Timeout. 0 means 3 minutes. Every process looks every 30 seconds. On SQLite, where one process works, the next
	// one does so when it starts.
	RescueAfter time.Duration
	// Grace is how long Stop lets jobs end by themselves before it ends their contexts. 0 means 20 seconds.
	Grace time.Duration
	// Poll is how often the line is looked at when nobody tells of a new job. 0 means 1 second.
	Poll time.Duration
	// RetryFirst is the pause after the first failure; each further one doubles it, up to RetryMost.
	// 0 means 10 seconds and 10 minutes.
	RetryFirst, RetryMost time.Duration
	// Attempts is how often a job is tried before it is given up, which the list shows as discarded. 0 means 8.
	Attempts int
	// Logger gets failures. Nil means silence.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	duration := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	duration(&o.Timeout, 2*time.Minute)
	duration(&o.RescueAfter, 3*time.Minute)
	duration(&o.Grace, 20*time.Second)
	duration(&o.Poll, time.Second)
	duration(&o.RetryFirst, 10*time.Second)
	duration(&o.RetryMost, 10*time.Minute)
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.Attempts == 0 {
		o.Attempts = 8
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Queue is the line in one database.
type Queue struct {
	engine  engine
	counts  func(context.Context) (map[rivertype.JobState]int, error)
	waiting func(context.Context) (int, error)
	tends   func(context.Context) // rescues jobs until the context ends; nil where River does
	options Options

	tending sync.WaitGroup
	stop    context.CancelFunc // of tends
}

// engine is what a River client of either database can do.
type engine interface {
	Start(context.Context) error
	Stop(context.Context) error
	InsertMany(context.Context, []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	JobList(context.Context, *river.JobListParams) (*river.JobListResult, error)
}

// Open opens the line in the database and brings River's tables up to date: on PostgreSQL if pool is given, else in the
// SQLite database, which wants one connection, WAL, synchronous FULL and a single process.
func Open(ctx context.Context, sqlite *sql.DB, pool *pgxpool.Pool, options Options) (*Queue, error) {
	options = options.withDefaults()
	if options.Work == nil {
		return nil, errors.New("queue: Options.Work is missing")
	}
	if options.RescueAfter <= options.Timeout {
		return nil, fmt.Errorf("queue: jobs are rescued after %v while they may last %v: a job would run twice at a time", options.RescueAfter, options.Timeout)
	}
	if pool != nil {
		return openPostgres(ctx, pool, options)
	}
	return openSQLite(ctx, sqlite, options)
}

// Start begins to work jobs. They go on when ctx ends, until [Queue.Stop].
func (q *Queue) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if err := q.engine.Start(ctx); err != nil {
		return fmt.Errorf("start the workers: %w", err)
	}
	if q.tends != nil {
		ctx, q.stop = context.WithCancel(ctx)
		q.tending.Go(func() { q.tends(ctx) })
	}
	return nil
}

// Stop takes no more jobs, lets those that run end by themselves within Options.Grace, and hands the rest back, so that
// another process or the next start goes on with them at once. It returns within Grace and ten seconds; a job that does
// not even end with its context is said to be left behind.
func (q *Queue) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), q.options.Grace+10*time.Second)
	defer cancel()
	if q.stop != nil {
		q.stop()
		defer q.tending.Wait()
	}
	if err := q.engine.Stop(ctx); err != nil {
		return fmt.Errorf("stop the workers: a job did not end within %v and is left to be rescued: %w", q.options.Grace+10*time.Second, err)
	}
	return nil
}

// Add puts jobs into the line and returns how many of them were not in it already.
func (q *Queue) Add(ctx context.Context, jobs ...Job) (int, error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	var params []river.InsertManyParams
	seen := map[Job]bool{}
	for _, job := range jobs {
		if !seen[job] { // River refuses a batch that holds a job twice
			priority := 2
			if slices.Contains(q.options.Urgent, job.Task) {
				priority = 1
			}
			params = append(params, river.InsertManyParams{Args: job, InsertOpts: &river.InsertOpts{Priority: priority}})
		}
		seen[job] = true
	}
	results, err := q.engine.InsertMany(ctx, params)
	if err != nil {
		return 0, fmt.Errorf("put %d jobs into the queue: %w", len(jobs), err)
	}
	added := 0
	for _, r := range results {
		if !r.UniqueSkippedAsDuplicate {
			added++
		}
	}
	return added, nil
}

// Waiting returns how many jobs could be begun now but have no worker yet.
func (q *Queue) Waiting(ctx context.Context) (int, error) { return q.waiting(ctx) }
