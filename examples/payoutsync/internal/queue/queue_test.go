package queue_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the driver

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// database is an empty one of either kind.
type database struct {
	sqlite *sql.DB
	pool   *pgxpool.Pool
}

func (d database) open(t testing.TB, options queue.Options) *queue.Queue {
	t.Helper()
	options.Poll = 20 * time.Millisecond
	options.RetryFirst = 10 * time.Millisecond
	q, err := queue.Open(t.Context(), d.sqlite, d.pool, options)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (d database) exec(t testing.TB, statement string) {
	t.Helper()
	var err error
	if d.pool != nil {
		_, err = d.pool.Exec(t.Context(), statement)
	} else {
		_, err = d.sqlite.ExecContext(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "queue.db")
		db, err := sql.Open("sqlite", "file:"+name+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = db.Close() })
		test(t, database{sqlite: db})
	})
	t.Run("postgresql", func(t *testing.T) {
		pool, err := pgxpool.New(context.Background(), pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		test(t, database{pool: pool})
	})
}

// run starts the queue and stops it at the test's end.
func run(t testing.TB, q *queue.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func add(t testing.TB, q *queue.Queue, jobs ...queue.Job) int {
	t.Helper()
	n, err := q.Add(t.Context(), jobs...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// until waits for a job in a state and returns it.
func until(t testing.TB, q *queue.Queue, state queue.State) queue.Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := q.List(ctx, 10, state)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			return found[0]
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no job became %s", state)
		}
	}
}

var collect = queue.Job{Task: "collect", Seller: "acme-us"}

func TestAJobIsInTheLineOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q := d.open(t, queue.Options{Work: func(context.Context, queue.Job) error { return nil }})
		settle := queue.Job{Task: "settle", Seller: "acme-us", Subject: "1"}
		if n := add(t, q, collect, settle, collect); n != 2 {
			t.Errorf("%d of 2 different jobs were added", n)
		}
		if n := add(t, q, collect); n != 0 {
			t.Error("a job was added that is in the line already")
		}
		if n, err := q.Waiting(t.Context()); err != nil || n != 2 {
			t.Errorf("%d jobs wait, %v", n, err)
		}
		run(t, q)
		until(t, q, queue.Completed)
		for n := 0; n == 0; { // a job that has ended may come again at once
			n = add(t, q, collect)
		}
	})
}

func TestUrgentJobsGoFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		order := make(chan string, 3)
		q := d.open(t, queue.Options{Workers: 1, Urgent: []string{"settle"}, Work: func(_ context.Context, j queue.Job) error {
			order <- j.Task
			return nil
		}})
		add(t, q, collect, queue.Job{Task: "settle", Seller: "acme-us", Subject: "1"})
		add(t, q, queue.Job{Task: "settle", Seller: "acme-us", Subject: "2"})
		run(t, q)
		if one, two, three := <-order, <-order, <-order; one != "settle" || two != "settle" || three != "collect" {
			t.Errorf("%s, %s, %s", one, two, three)
		}
	})
}

func TestALaidAsideJobComesAgainAndUsesNoAttempt(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var mu sync.Mutex
		left := 3
		q := d.open(t, queue.Options{Attempts: 1, Work: func(context.Context, queue.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if left--; left > 0 {
				return fmt.Errorf("the report is not ready: %w", queue.Later(10*time.Millisecond))
			}
			return nil
		}})
		run(t, q)
		add(t, q, collect)
		if e := until(t, q, queue.Completed); e.Attempt != 1 || e.LastError != "" {
			t.Errorf("attempt %d, error %q", e.Attempt, e.LastError)
		}
	})
}

func TestAJobThatIsGivenUpIsSeenWithItsReasonAndMayComeAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var log bytes.Buffer
		var last []bool
		q := d.open(t, queue.Options{Attempts: 2, Logger: slog.New(slog.NewTextHandler(&log, nil)), Work: func(ctx context.Context, j queue.Job) error {
			if j.Seller == "wrong-password" {
				return queue.Never(errors.New("the password is wrong"))
			}
			last = append(last, queue.LastAttempt(ctx))
			return errors.New("the ledger is away")
		}})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, q, collect, queue.Job{Task: "collect", Seller: "wrong-password"})
		if e := until(t, q, queue.Discarded); e.Attempt != 2 || e.Attempts != 2 || !strings.Contains(e.LastError, "the ledger is away") || e.Job != collect {
			t.Errorf("discarded: %+v", e)
		}
		if e := until(t, q, queue.Cancelled); e.Attempt != 1 || !strings.Contains(e.LastError, "the password is wrong") || e.Seller != "wrong-password" {
			t.Errorf("cancelled: %+v", e)
		}
		counts, err := q.Counts(t.Context())
		if err != nil || counts[queue.Discarded] != 1 || counts[queue.Cancelled] != 1 || len(counts) != len(queue.States()) {
			t.Errorf("%v, %v", counts, err)
		}
		if n := add(t, q, collect); n != 1 {
			t.Error("a job that was given up keeps the next one away")
		}
		if err := q.Stop(); err != nil {
			t.Error(err)
		}
		if !slices.Equal(last[:2], []bool{false, true}) {
			t.Errorf("the job knew of its last attempt: %v", last)
		}
		if !strings.Contains(log.String(), "given up") || !strings.Contains(log.String(), "the ledger is away") {
			t.Errorf("the log says %s", log.String())
		}
	})
}

func TestStopHandsBackWhatDoesNotEndInTime(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun := make(chan struct{}, 1)
		q := d.open(t, queue.Options{Attempts: 1, Grace: 50 * time.Millisecond, Work: func(ctx context.Context, _ queue.Job) error {
			begun <- struct{}{}
			<-ctx.Done()
			return errors.New("the connection was cut") // a client that hides the context's error
		}})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, q, collect)
		<-begun
		if err := q.Stop(); err != nil {
			t.Fatal(err)
		}
		next := d.open(t, queue.Options{Attempts: 1, Work: func(context.Context, queue.Job) error { return nil }})
		run(t, next)
		if e := until(t, next, queue.Completed); e.Attempt != 1 {
			t.Errorf("it was attempt %d: being handed back is no failure", e.Attempt)
		}
	})
}

func TestStopLetsARunningJobEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun, end := make(chan struct{}), make(chan struct{})
		var ended error
		q := d.open(t, queue.Options{Work: func(ctx context.Context, _ queue.Job) error {
			close(begun)
			<-end
			ended = ctx.Err()
			return nil
		}})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, q, collect)
		<-begun
		stopped := make(chan error)
		go func() { stopped <- q.Stop() }()
		close(end)
		if err := <-stopped; err != nil || ended != nil {
			t.Errorf("%v; the job's context: %v", err, ended)
		}
		if e := until(t, q, queue.Completed); e.By == "" {
			t.Errorf("%+v", e)
		}
	})
}

func TestAPanicIsAFailureOfOneJob(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q := d.open(t, queue.Options{Attempts: 1, Work: func(_ context.Context, j queue.Job) error {
			if j == collect {
				panic("nil map")
			}
			return nil
		}})
		run(t, q)
		add(t, q, collect)
		if e := until(t, q, queue.Discarded); !strings.Contains(e.LastError, "nil map") {
			t.Errorf("%+v", e)
		}
		add(t, q, queue.Job{Task: "collect", Seller: "other"})
		until(t, q, queue.Completed)
	})
}

func TestAJobMayNotBeRescuedWhileItMayRun(t *testing.T) {
	_, err := queue.Open(t.Context(), nil, nil, queue.Options{Work: func(context.Context, queue.Job) error { return nil }, Timeout: time.Minute, RescueAfter: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("%v", err)
	}
}

// sellers is a table of due sellers.
type sellers struct {
	mu   sync.Mutex
	due  []string
	away error
	took [][]string
}

func (s *sellers) Take(_ context.Context, n int, _ time.Duration) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return nil, s.away
	}
	n = min(n, len(s.due))
	taken := s.due[:n]
	s.due = s.due[n:]
	s.took = append(s.took, taken)
	return taken, nil
}

// wrong are databases whose clocks the machine's is far ahead of and far behind.
func wrong(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	for _, ahead := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		t.Run("the database "+ahead.String(), func(t *testing.T) {
			pool, err := pgxpool.New(context.Background(), pgtest.DSNAhead(t, ahead))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			test(t, database{pool: pool})
		})
	}
}

func TestPausesAreByTheDatabasesClock(t *testing.T) {
	wrong(t, func(t *testing.T, d database) {
		var tries atomic.Int64
		q := d.open(t, queue.Options{Work: func(_ context.Context, _ queue.Job) error {
			switch tries.Add(1) {
			case 1:
				return queue.Later(6 * time.Second) // longer than River's own look ahead
			case 2:
				return errors.New("the ledger is away")
			}
			return nil
		}})
		run(t, q)
		began := time.Now()
		add(t, q, collect)
		until(t, q, queue.Completed)
		if took := time.Since(began); took < 5*time.Second || took > 30*time.Second {
			t.Errorf("it was done after %v", took)
		}
	})
}

func TestAKilledWorkersJobIsHandedOnByTheDatabasesClock(t *testing.T) {
	wrong(t, func(t *testing.T, d database) {
		block := make(chan struct{})
		var running atomic.Int64
		q := d.open(t, queue.Options{Timeout: 2 * time.Second, RescueAfter: 3 * time.Second, Attempts: 2, Work: func(_ context.Context, job queue.Job) error {
			if job.Seller == "long" {
				running.Add(1)
				<-block
			}
			return nil
		}})
		lost := queue.Job{Task: "collect", Seller: "lost"}
		spent := queue.Job{Task: "collect", Seller: "spent"}
		add(t, q, lost, spent)
		d.exec(t, `update river_job set state = 'running', attempt = case args->>'seller' when 'lost' then 1 else 2 end, attempted_at = now() - interval '4 seconds'`)
		add(t, q, queue.Job{Task: "collect", Seller: "long"})
		run(t, q)
		t.Cleanup(func() { close(block) })
		if e := until(t, q, queue.Completed); e.Job != lost || e.Attempt != 2 {
			t.Errorf("%+v", e)
		}
		if e := until(t, q, queue.Discarded); e.Job != spent {
			t.Errorf("%+v", e)
		}
		until(t, q, queue.Running)
		if n := running.Load(); n > 1 {
			t.Errorf("a job that runs was begun %d times", n)
		}
	})
}

func TestAScanTakesNoMoreThanThereIsRoomFor(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q := d.open(t, queue.Options{Work: func(context.Context, queue.Job) error { return nil }})
		table := &sellers{due: []string{"a", "b", "c", "d", "e"}}
		s := queue.Scheduler{Queue: q, Due: table, Task: "collect", Backlog: 3}
		for _, want := range []int{3, 0} {
			if n, err := s.Scan(t.Context()); err != nil || n != want {
				t.Fatalf("%d added, %v; want %d", n, err, want)
			}
		}
		if len(table.took) != 1 || !slices.Equal(table.due, []string{"d", "e"}) {
			t.Errorf("taken %v, left %v: what has no room stays due", table.took, table.due)
		}
		run(t, q)
		for n := 0; n < 2; {
			added, err := s.Scan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n += added
		}
	})
}

func TestASchedulerSaysOnceThatTheDatabaseIsAwayAndGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q := d.open(t, queue.Options{Work: func(context.Context, queue.Job) error { return nil }})
		table := &sellers{away: errors.New("connection refused")}
		log := &lines{said: make(chan string, 10)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			queue.Scheduler{Queue: q, Due: table, Task: "collect", Every: time.Millisecond, Logger: slog.New(slog.NewTextHandler(log, nil))}.Run(ctx)
		}()
		if line := <-log.said; !strings.Contains(line, "connection refused") {
			t.Error(line)
		}
		table.mu.Lock()
		table.away, table.due = nil, []string{"acme-us"}
		table.mu.Unlock()
		if line := <-log.said; !strings.Contains(line, "again") {
			t.Error(line)
		}
		if e := until(t, q, queue.Available); e.Job != collect {
			t.Errorf("%+v", e)
		}
		cancel()
		<-done
	})
}

type lines struct{ said chan string }

func (l *lines) Write(p []byte) (int, error) {
	l.said <- string(p)
	return len(p), nil
}
