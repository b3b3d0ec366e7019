package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestADatabaseThatGoesAwayIsSaidAndWorkGoesOnWhenItIsBack(t *testing.T) {
	dsn, err := url.Parse(pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, dsn.Host)
	dsn.Host = p.address
	w := newWorld(t, setup{database: dsn.String(), sellers: 3})
	w.start()
	w.until("the first batch", func() bool { return len(w.tenant.Batches()) > 0 })
	p.cut()
	w.until("a word in the log", func() bool { return w.log.says("the sellers that are due cannot be read; trying on") })
	if body := w.metrics(); !strings.Contains(body, "payoutsync_database_up 0") {
		t.Errorf("the metrics say:\n%s", body)
	}
	p.mend(t)
	w.until("the booking of all payouts", w.booked(9))
	w.until("a word in the log that it is back", func() bool { return w.log.says("can be read again") })
	w.once()
}

func TestAFullDiskIsSaidAndWorkGoesOnWhenThereIsRoom(t *testing.T) {
	w := newWorld(t, setup{})
	var pages, limit int
	w.check(w.in.Store.SQL.QueryRowContext(t.Context(), `pragma page_count`).Scan(&pages))
	set := func(n int) {
		w.check(w.in.Store.SQL.QueryRowContext(t.Context(), fmt.Sprintf(`pragma max_page_count = %d`, n)).Scan(&limit))
	}
	set(pages + 1)
	w.start()
	w.until("a word in the log", func() bool {
		set(pages + 1) // again: a connection that was opened anew has no limit
		return w.log.says("database or disk is full")
	})
	if w.booked(3)() {
		t.Fatal("everything was booked on a full disk")
	}
	set(1 << 30)
	w.until("the booking of all payouts", w.booked(3))
	w.once()
}

func TestWrongCredentialsAreTriedOnceARoundAndTheRightOnesAreTakenUp(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	c := w.in.Config.Sellers[0]
	wrong := w.secrets[0]
	wrong.Amazon.ClientSecret = "wrong"
	w.check(w.in.SetCredentials(t.Context(), c, wrong))
	w.start()
	w.until("a job that was given up", func() bool { return len(w.jobs(queue.Cancelled)) == 1 })
	if e := w.jobs(queue.Cancelled)[0]; e.Attempt != 1 || e.LastError == "" || strings.Contains(e.LastError, "wrong") {
		t.Errorf("%+v", e)
	}
	w.until("the round's end", func() bool { return w.seller("seller-a").RoundError != "" })
	if !w.log.says("a person has to mend it") || !w.log.says("collect seller-a") {
		t.Error("the log does not say it")
	}
	if n := w.amazon.Calls()["token"]; n != 1 {
		t.Errorf("the wrong secret was tried %d times", n)
	}
	// As another process would: the service does not hear of it.
	right, err := json.Marshal(w.secrets[0])
	w.check(err)
	w.check(w.in.Vault.Put(t.Context(), installation.PlaceOf(c), right))
	w.check(w.in.Store.SetDue(t.Context(), c.Name, 0))
	w.until("the booking", w.booked(1))
}

func TestAnEmptyQuotaMakesTheSellerDueWhenItIsFreeAgain(t *testing.T) {
	w := newWorld(t, setup{count: 17, amazon: spapitest.Options{Rate: 1}}) // Amazon gives fifteen documents, then one a minute
	w.start()
	w.until("the end of a round that could not fetch everything", func() bool {
		return !w.seller("seller-a").Round.IsZero() && len(w.jobs(queue.Available, queue.Running, queue.Scheduled)) == 0
	})
	s := w.seller("seller-a")
	if n := w.amazon.Calls()["getReportDocument"]; n != 15 {
		t.Errorf("%d documents were asked for, want what the burst allows and no call that Amazon refuses", n)
	}
	if until := time.Until(s.Due); until > 61*time.Second || s.RoundError != "" {
		t.Errorf("due in %v, error %q: want a minute and no error", until, s.RoundError)
	}
	if failed := w.jobs(queue.Retryable, queue.Cancelled, queue.Discarded); len(failed) > 0 {
		t.Errorf("%+v", failed)
	}
}

func TestAJobWaitsWhileAnotherProcessWorksForTheSeller(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	if ok, err := w.in.Store.Lease(t.Context(), "seller-a", "process 1 elsewhere", 1500*time.Millisecond); err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	w.start()
	w.until("a job that is laid aside", func() bool {
		return strings.Contains(w.metrics(), `payoutsync_job_seconds_count{outcome="later",task="collect"}`)
	})
	if n := w.amazon.Calls()["getReports"]; n != 0 {
		t.Error("it worked for a seller that another process has")
	}
	w.until("the booking after the other process's lease has run out", w.booked(1))
	if e := w.jobs(queue.Completed); e[len(e)-1].Attempt != 1 {
		t.Errorf("waiting used up attempts: %+v", e)
	}
}

func TestASettlementThatKeepsFailingHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, setup{tenant: vantagepointtest.Options{}})
	stop := w.start()
	w.until("the booking of all payouts", w.booked(3))
	stop()
	first, err := w.in.Store.Payouts(t.Context(), storeFilter)
	w.check(err)
	id := first[len(first)-1].Settlement // the oldest
	// Its report is lost from the archive: whoever looks at it fails every time.
	for _, p := range first {
		_, err := w.in.Store.Exec(t.Context(), `update payouts set settled = 0, pending = 1, state = 'fetched' where settlement = ?`, p.Settlement)
		w.check(err)
	}
	_, err = w.in.Store.Exec(t.Context(), `update payouts set sources = '{' where settlement = ?`, id)
	w.check(err)
	if _, err := w.service.Queue.Add(t.Context(), queue.Job{Task: "settle", Seller: "seller-a", Subject: id}); err != nil {
		t.Fatal(err)
	}
	again := newService(t, w)
	again.start()
	w.until("the booking of the others", w.booked(2))
	if e := w.jobs(queue.Discarded); len(e) != 1 || e[0].Subject != id {
		t.Errorf("%+v", e)
	}
}

func TestASellerThatLeftTheConfigurationIsLeftAlone(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	w.check(w.in.Store.AddSeller(t.Context(), "gone", "A0"))
	w.start()
	w.until("the booking", w.booked(1))
	w.until("a job that was given up", func() bool { return len(w.jobs(queue.Cancelled)) == 1 })
	if e := w.jobs(queue.Cancelled)[0]; e.Seller != "gone" || !strings.Contains(e.LastError, "no seller is called") {
		t.Errorf("%+v", e)
	}
}

// periodsEnd is when a fiscal period of atPeriodsEnd ends. Its number is 202610.
var periodsEnd = func() time.Time {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
}()

// atPeriodsEnd is a world whose database and Amazon have the time after a period's end; to its processes the clock is wrong.
func atPeriodsEnd(t *testing.T, after time.Duration, steps ...spapitest.Step) *world {
	t.Helper()
	return newWorld(t, setup{
		ahead: time.Until(periodsEnd.Add(after)), count: 1, amazon: spapitest.Options{Faults: spapitest.Faults{Steps: steps}},
		tenant: vantagepointtest.Options{Periods: []vantagepointtest.Period{
			{Number: 202609, Start: "2025-01-01", End: "2026-09-30"}, {Number: 202610, Start: "2026-10-01", End: "2026-10-31"}, {Number: 202611, Start: "2026-11-01", End: "2026-11-30"},
		}},
	})
}

// kept reports whether the snapshot of the period that has ended is kept, and the next one is planned.
func (w *world) kept() bool {
	kept, err := w.in.Store.Snapshots(w.t.Context(), "seller-a")
	return err == nil && len(kept) == 1 && kept[0].Period == 202610 && kept[0].Complete && kept[0].Hash != "" && w.planned() == 202611
}

func (w *world) planned() int {
	period, _, err := w.in.Store.PlannedSnapshot(w.t.Context(), "seller-a")
	w.check(err)
	return period
}

// The first round after the end is over before anybody looks for snapshots that are due.
func TestWhatIsDeferredIsKeptInTheHourAfterThePeriodsEnd(t *testing.T) {
	w := atPeriodsEnd(t, 3*time.Minute)
	w.start()
	w.until("the snapshot", w.kept)
	if n := w.amazon.Calls()["listTransactions"]; n != 2 {
		t.Errorf("Amazon was asked %d times, want once for each status", n)
	}
	if _, at, err := w.in.Store.PlannedSnapshot(t.Context(), "seller-a"); err != nil || at.Sub(periodsEnd.AddDate(0, 1, 0)) < 2*time.Minute || at.Sub(periodsEnd.AddDate(0, 1, 0)) > 3*time.Minute {
		t.Errorf("the next one is planned at %v, %v", at, err)
	}
	if w.log.says("no snapshot was taken") {
		t.Error("the log says that it was missed")
	}
}

func TestASnapshotThatWasGivenUpIsTriedAgainWhileTheHourLasts(t *testing.T) {
	w := atPeriodsEnd(t, 3*time.Minute, spapitest.Step{Operation: "listTransactions", Fault: spapitest.NoErrorCode, Times: 10})
	w.start()
	w.until("a job that was given up", func() bool { return len(w.jobs(queue.Discarded)) == 1 })
	w.check(w.in.Store.SetDue(t.Context(), "seller-a", 0)) // a round meanwhile
	w.until("the snapshot", w.kept)
}

func TestASnapshotThatWasMissedIsSaid(t *testing.T) {
	w := atPeriodsEnd(t, 61*time.Minute)
	w.check(w.in.Store.SetSnapshot(t.Context(), "seller-a", 202610, periodsEnd)) // by a process that was stopped since
	w.start()
	w.until("the plan for the next one", func() bool { return w.planned() == 202611 })
	if !w.log.says("period 202610: incomplete: no snapshot was taken in the hour after the end") {
		t.Error("the log does not say it")
	}
	if n := w.amazon.Calls()["listTransactions"]; n != 0 {
		t.Errorf("Amazon was asked %d times, too late", n)
	}
}

// Each try may lock the account.
func TestASnapshotForWhichTheLogInWasRefusedIsLeftToTheNextRound(t *testing.T) {
	w := atPeriodsEnd(t, 3*time.Minute)
	wrong := w.secrets[0]
	wrong.Vantagepoint.Password = "wrong"
	w.check(w.in.SetCredentials(t.Context(), w.in.Config.Sellers[0], wrong))
	w.check(w.in.Store.SetDue(t.Context(), "seller-a", time.Hour))
	w.check(w.in.Store.SetSnapshot(t.Context(), "seller-a", 202610, periodsEnd))
	w.start()
	w.until("a job that was given up", func() bool { return len(w.jobs(queue.Cancelled)) == 1 })
	_, at, err := w.in.Store.PlannedSnapshot(t.Context(), "seller-a")
	w.check(err)
	if now, err := w.in.Store.Now(t.Context()); err != nil || at.Sub(now) < 50*time.Minute {
		t.Errorf("it is tried again in %v, %v, and the seller's schedule is an hour", at.Sub(now), err)
	}
}

func TestCredentialsThatEndSoonAreInTheLogAndInTheMetrics(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	_, err := w.in.Store.Exec(t.Context(), `update sellers set secret_at = $now - ?`, (160 * 24 * time.Hour).Milliseconds())
	w.check(err)
	w.start()
	w.until("the booking", w.booked(1))
	if !w.log.says("a credential for Amazon ends soon") || !w.log.says("payoutsync connect") {
		t.Error("nothing is said of the client secret")
	}
	for _, want := range []string{`payoutsync_credentials_lapsing{credential="client_secret"} 1`, `payoutsync_credentials_lapsing{credential="authorisation"} 0`} {
		if body := w.metrics(); !strings.Contains(body, want) {
			t.Errorf("%s is missing in\n%s", want, body)
		}
	}
}

func TestR5_3_MissingReportsAreCountedInTheMetrics(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	w.check(w.in.Store.SetUnfetched(t.Context(), "seller-a", []settlement.GroupFact{{ID: "G1"}, {ID: "G2"}}))
	if body := w.metrics(); !strings.Contains(body, "payoutsync_reports_missing 2\n") {
		t.Error(body)
	}
}

func TestADatabaseThatTakesNoWriteIsDownInTheMetrics(t *testing.T) {
	w := newWorld(t, setup{})
	for pragma, says := range map[string]string{"query_only = 0": "payoutsync_database_up 1", "query_only = 1": "payoutsync_database_up 0"} {
		_, err := w.in.Store.SQL.ExecContext(t.Context(), `pragma `+pragma)
		w.check(err)
		if body := w.metrics(); !strings.Contains(body, says) {
			t.Errorf("%s: the metrics say:\n%s", pragma, body)
		}
	}
	_, err := w.in.Store.SQL.ExecContext(t.Context(), `pragma query_only = 0`)
	w.check(err)
}

func (w *world) metrics() string {
	recorder := httptest.NewRecorder()
	w.service.Metrics().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return recorder.Body.String()
}

// The processes' clocks are hours ahead of the database's, or behind it: what is due, who works for whom, what is laid aside
// and tried again goes by the database's.
func TestAServiceWhoseClockIsHoursOffBooksEachSettlementOnceAndStallsNowhere(t *testing.T) {
	for _, ahead := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		t.Run("the database is ahead by "+ahead.String(), func(t *testing.T) {
			w := newWorld(t, setup{ahead: ahead, sellers: 3, tenant: vantagepointtest.Options{Faults: vantagepointtest.Faults{
				Steps: []vantagepointtest.Step{{Operation: "GET KeyCvt/CFGFormat", Fault: vantagepointtest.Fault500}}, // one job fails, and is tried again
			}}})
			if ok, err := w.in.Store.Lease(t.Context(), "seller-a", "process 1 elsewhere", 3*time.Second); err != nil || !ok {
				t.Fatalf("%v, %v", ok, err)
			}
			w.start()
			other := newService(t, w)
			other.start()
			w.until("the booking of what nobody else works for", func() bool {
				states, _, err := w.in.Store.PayoutCounts(t.Context())
				return err == nil && states["booked"] > 0
			})
			w.until("the booking of all payouts", w.booked(9))
			w.once()
			if e := w.jobs(queue.Retryable, queue.Cancelled, queue.Discarded); len(e) > 0 {
				t.Errorf("%+v", e)
			}
			for _, s := range w.in.Config.Sellers {
				var due int64
				w.check(w.in.Store.SQL.QueryRowContext(t.Context(), `select due_at from sellers where name = $1`, s.Name).Scan(&due))
				if left := time.UnixMilli(due).Sub(time.Now().Add(ahead)); left < 50*time.Minute || left > time.Hour+time.Minute {
					t.Errorf("%s is due in %v, and its schedule is an hour", s.Name, left)
				}
			}
		})
	}
}

// Sellers that are booked into one company as one user have one log-in, and what the company is asked once it is asked once
// for all of them.
func TestSellersOfOneCompanyShareItsLogInItsChartAndItsCalendar(t *testing.T) {
	w := newWorld(t, setup{sellers: 3})
	w.start()
	w.until("the booking of all payouts", w.booked(9))
	calls := w.tenant.Calls()
	for _, op := range []string{"POST token", "GET KeyCvt/CFGFormat", "GET project/hierarchy/{Key}", "GET Settings/Period"} {
		if calls[op] > 2 { // the calendar is believed for a minute
			t.Errorf("%s: %d calls", op, calls[op])
		}
	}
	if n := calls["GET Accounts"]; n > 3*2 { // each seller's first check may hold the rules against the chart, if all come at once
		t.Errorf("the chart was read %d times", n)
	}
}

// Who lets go of a log-in that was refused does so for all who share it: the next round tries again.
func TestALogInThatIsForgottenIsForgottenForAllWhoShareIt(t *testing.T) {
	w := newWorld(t, setup{sellers: 2})
	calendar := func(i int) {
		t.Helper()
		seller, err := w.in.Seller(t.Context(), w.in.Config.Sellers[i])
		w.check(err)
		_, err = seller.Calendar(t.Context(), time.Minute)
		w.check(err)
	}
	for _, want := range []int{1, 2} {
		calendar(0)
		calendar(1)
		if n := w.tenant.Calls()["POST token"]; n != want {
			t.Errorf("%d log-ins, want %d", n, want)
		}
		w.in.Forget("seller-b")
	}
}

// What one process has stored every other one takes up before it logs in again.
func TestALogInThatWasReplacedIsTriedByNoOtherProcess(t *testing.T) {
	w := newWorld(t, setup{database: pgtest.DSN(t), count: 1})
	c, wrong := w.in.Config.Sellers[0], w.secrets[0]
	wrong.Amazon.ClientSecret, wrong.Vantagepoint.Password = "former", "former"
	w.check(w.in.SetCredentials(t.Context(), c, wrong))
	_, rules, err := w.in.Rules()
	w.check(err)
	cfg := *w.in.Config
	cfg.Home, cfg.Key = t.TempDir(), "file:"+w.in.Home.Path("home.key")
	other, err := installation.Open(t.Context(), &cfg, installation.Options{RulesText: rules, Logger: slog.New(slog.DiscardHandler)})
	w.check(err)
	defer other.Close()
	_, err = other.Seller(t.Context(), c) // it has clients with the former log-in, which sent nothing yet
	w.check(err)
	w.check(w.in.Store.SetDue(t.Context(), c.Name, time.Hour))

	w.check(w.in.SetCredentials(t.Context(), c, w.secrets[0]))

	if s := w.seller(c.Name); s.Due.After(time.Now()) {
		t.Errorf("the round is due at %v, want now", s.Due)
	}
	seller, err := other.Seller(t.Context(), c)
	w.check(err)
	if found, err := seller.Collect(t.Context(), round.Unsettled); errors.Join(err, found.Err) != nil {
		t.Errorf("Amazon: %v, %v", err, found.Err)
	}
	if _, err := seller.Calendar(t.Context(), time.Minute); err != nil {
		t.Errorf("Vantagepoint: %v", err)
	}
	if amazon, tenant := w.amazon.Calls()["token"], w.tenant.Calls()["POST token"]; amazon != 1 || tenant != 1 {
		t.Errorf("%d and %d log-ins, want one each", amazon, tenant)
	}
}

// A job that meets it is tried again, and no person is called.
func TestADatabaseThatDoesNotAnswerIsNoMistakeInTheConfiguration(t *testing.T) {
	w := newWorld(t, setup{count: 1})
	w.check(w.in.Store.SQL.Close())
	_, err := w.in.Seller(t.Context(), w.in.Config.Sellers[0])
	if _, config := errors.AsType[*installation.ConfigError](err); err == nil || config {
		t.Errorf("%v; want an error that is not of the configuration", err)
	}
}
