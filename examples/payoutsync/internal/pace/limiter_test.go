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
	l, err := pace.NewLimiter(context.Background(), db, nil)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString(strconv.Itoa(hammer(l, 4, 2*time.Second)) + "\n")
}

// hammer calls from several goroutines until the time is over and returns how many calls passed.
func hammer(l spapi.Limiter, callers int, last time.Duration) int {
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

func open(t testing.TB, dsn string, patience time.Duration) spapi.Limiter {
	t.Helper()
	db, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	l, err := pace.NewLimiter(context.Background(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pace.Tuned{Limiter: l, Patience: patience}
}

func TestTwoProcessesTogetherPassWhatThePlanAllowsAndNoMore(t *testing.T) {
	dsn := pgtest.DSN(t)
	open(t, dsn, 0) // so that neither child makes the table
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
	if total > most || total < 20 {
		t.Errorf("%d calls passed, the plan allows %d", total, most)
	}
}

func TestAWaitThatIsTooLongIsAPaceErrorAtOnceAndCostsNothing(t *testing.T) {
	l := open(t, pgtest.DSN(t), time.Second)
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
	l := open(t, pgtest.DSN(t), 100*time.Millisecond)
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
	one, other := open(t, dsn, 100*time.Millisecond), open(t, dsn, 100*time.Millisecond)
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
	one, other := open(t, dsn, 100*time.Millisecond), open(t, dsn, 100*time.Millisecond)
	b := spapi.Bucket{Account: "app1/A1", Operation: "a", Plan: spapi.Plan{Rate: 0.1, Burst: 1}}
	if err := one.Wait(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	one.Answered(b, http.StatusOK, 0.01)
	one.Answered(b, http.StatusOK, 0) // a missing header changes nothing
	for range 2 {                     // a second look: the first must not have set the pace back
		late, ok := errors.AsType[*spapi.PaceError](other.Wait(t.Context(), b))
		if !ok || late.Wait < 95*time.Second || late.Wait > 101*time.Second {
			t.Fatalf("the other process waits %v, want the 100 s that a call takes now", late)
		}
	}
}

func TestAFasterRateShortensWhatIsOwed(t *testing.T) {
	l := open(t, pgtest.DSN(t), 5*time.Second)
	b := spapi.Bucket{Account: "app1/A1", Operation: "a", Plan: spapi.Plan{Rate: 1.0 / 60, Burst: 3}}
	for range 3 {
		if err := l.Wait(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	l.Answered(b, http.StatusOK, 10)
	for range 3 { // three calls are owed, and each is a tenth of a second now
		if err := l.Wait(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFasterAmazonRefillsFaster(t *testing.T) {
	b := spapi.Bucket{Account: "app1/A1", Operation: "a", Plan: spapi.Plan{Rate: 0.1, Burst: 1}}
	l := pace.Tuned{Limiter: open(t, pgtest.DSN(t), 0), Patience: 5 * time.Second, Faster: 100}
	for range 3 { // at the plan's own pace the second call would be ten seconds away
		if err := l.Wait(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADatabaseThatIsAwayIsSaidSo(t *testing.T) {
	db, err := pgxpool.New(context.Background(), pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := pace.NewLimiter(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	if err := l.Wait(t.Context(), bucket); err == nil || errors.Is(err, spapi.ErrThrottled) || !strings.Contains(err.Error(), bucket.Operation) {
		t.Errorf("%v", err)
	}
	l.Answered(bucket, http.StatusTooManyRequests, 0) // says so in the log, and goes on
}
