package pace_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/pace"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv("PACE_CHILD"); dsn != "" {
		child(dsn)
		return
	}
	os.Exit(pgtest.Main(m))
}

var bucket = spapi.Bucket{Account: "app1/A1", Operation: "reports.getReport", Plan: spapi.Plan{Rate: 20, Burst: 5}}

// child calls as often as the limiter lets it for two seconds, and prints how often that was.
func child(dsn string) {
	db, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		panic(err)
	}
	l, err := pace.NewLimiter(context.Background(), db, pace.Options{})
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString(strconv.Itoa(hammer(l, 4, 2*time.Second)) + "\n")
}

// hammer calls from several goroutines until the time is over and returns how many calls passed.
func hammer(l *pace.Limiter, callers int, last time.Duration) int {
	ctx, cancel := context.WithTimeout(context.Background(), last)
	defer cancel()
	var passed atomic.Int64
	var callersDone sync.WaitGroup
	for range callers {
		callersDone.Go(func() {
			for l.Wait(ctx, bucket) == nil {
				passed.Add(1)
			}
		})
	}
	callersDone.Wait()
	return int(passed.Load())
}

func open(t testing.TB, dsn string, options pace.Options) *pace.Limiter {
	t.Helper()
	db, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	l, err := pace.NewLimiter(context.Background(), db, options)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTwoProcessesTogetherPassWhatThePlanAllowsAndNoMore(t *testing.T) {
	dsn := pgtest.DSN(t)
	open(t, dsn, pace.Options{}) // so that neither child makes the table
	started := time.Now()
	var children [2]*exec.Cmd
	var said [2]strings.Builder
	for i := range children {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "PACE_CHILD="+dsn)
		c.Stdout, c.Stderr = &said[i], os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children[i] = c
	}
	total := 0
	for i, c := range children {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(said[i].String()))
		if err != nil || n == 0 {
			t.Fatalf("process %d passed %q", i+1, said[i].String())
		}
		total += n
	}
	// Each process calls for two seconds of its own; from the first start to the last end passes no more than this.
	most := 5 + int(20*time.Since(started).Seconds())
	if total > most || total < 40 {
		t.Errorf("%d calls passed, the plan allows %d", total, most)
	}
}

func TestAWaitThatIsTooLongIsAPaceErrorAtOnceAndCostsNothing(t *testing.T) {
	l := open(t, pgtest.DSN(t), pace.Options{Patience: time.Second})
	slow := spapi.Bucket{Account: "app1/A1", Operation: "reports.getReportDocument", Plan: spapi.Plan{Rate: 1.0 / 60, Burst: 2}}
	for range 2 {
		if err := l.Wait(t.Context(), slow); err != nil {
			t.Fatalf("the burst: %v", err)
		}
	}
	for range 3 {
		err := l.Wait(t.Context(), slow)
		late, ok := errors.AsType[*spapi.PaceError](err)
		if !ok || !errors.Is(err, spapi.ErrThrottled) {
			t.Fatalf("%v", err)
		}
		if late.Wait < 55*time.Second || late.Wait > 61*time.Second || late.Operation != slow.Operation {
			t.Errorf("the wait is %v for %s; the refused calls before it must not count", late.Wait, late.Operation)
		}
	}
}

func TestSellersAndOperationsHaveBucketsOfTheirOwn(t *testing.T) {
	l := open(t, pgtest.DSN(t), pace.Options{Patience: time.Millisecond})
	one := spapi.Plan{Rate: 0.01, Burst: 1}
	for _, b := range []spapi.Bucket{
		{Account: "app1/A1", Operation: "a", Plan: one}, {Account: "app1/A2", Operation: "a", Plan: one}, {Account: "app1/A1", Operation: "b", Plan: one},
	} {
		if err := l.Wait(t.Context(), b); err != nil {
			t.Errorf("%v: %v", b, err)
		}
	}
}

func TestA429EmptiesTheBucketForEveryProcess(t *testing.T) {
	dsn := pgtest.DSN(t)
	one, other := open(t, dsn, pace.Options{Patience: time.Millisecond}), open(t, dsn, pace.Options{Patience: time.Millisecond})
	b := spapi.Bucket{Account: "app1/A1", Operation: "a", Plan: spapi.Plan{Rate: 0.1, Burst: 10}}
	if err := one.Wait(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	one.Answered(b, http.StatusTooManyRequests, 0)
	late, ok := errors.AsType[*spapi.PaceError](other.Wait(t.Context(), b))
	if !ok || late.Wait < 9*time.Second || late.Wait > 11*time.Second {
		t.Errorf("the other process waits %v, want one refill of 10 s", late)
	}
}

func TestTheRateThatAmazonNamesHoldsForEveryProcess(t *testing.T) {
	dsn := pgtest.DSN(t)
	one, other := open(t, dsn, pace.Options{Patience: time.Millisecond}), open(t, dsn, pace.Options{Patience: time.Millisecond})
	b := spapi.Bucket{Account: "app1/A1", Operation: "a", Plan: spapi.Plan{Rate: 0.1, Burst: 1}}
	if err := one.Wait(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	one.Answered(b, http.StatusOK, 0.01)
	one.Answered(b, http.StatusOK, 0) // a missing header changes nothing
	for range 2 {                     // a second look: the first must not have set the pace back
		late, ok := errors.AsType[*spapi.PaceError](other.Wait(t.Context(), b))
		if !ok || late.Wait < 9*time.Second || late.Wait > 101*time.Second {
			t.Fatalf("the other process waits %v", late)
		}
	}
	patient := open(t, dsn, pace.Options{Patience: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // the next turn is ten seconds away, the one after it a hundred more
	defer cancel()
	var waits []time.Duration
	for range 2 {
		ctx, give := context.WithCancel(ctx)
		time.AfterFunc(50*time.Millisecond, give)
		late, ok := errors.AsType[*spapi.PaceError](patient.Wait(ctx, b))
		if !ok {
			t.Fatal("it did not wait")
		}
		waits = append(waits, late.Wait)
	}
	if gap := waits[1] - waits[0]; gap < 90*time.Second {
		t.Errorf("turns are %v apart, want about 100 s", gap)
	}
}

func TestADatabaseThatIsAwayIsSaidSo(t *testing.T) {
	db, err := pgxpool.New(context.Background(), pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := pace.NewLimiter(t.Context(), db, pace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	if err := l.Wait(t.Context(), bucket); err == nil || errors.Is(err, spapi.ErrThrottled) || !strings.Contains(err.Error(), bucket.Operation) {
		t.Errorf("%v", err)
	}
	l.Answered(bucket, http.StatusTooManyRequests, 0) // says so in the log, and goes on
}
