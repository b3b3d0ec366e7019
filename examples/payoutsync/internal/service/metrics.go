package service

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
)

// metrics are what Prometheus sees. No label names a seller or a settlement: their number has no limit, and they are
// nobody's business who reads metrics.
type metrics struct {
	service *Service
	jobs    *prometheus.HistogramVec

	queue, payouts, open, due, lag, missing, lapsing, requests, up *prometheus.Desc
}

func newMetrics(s *Service) *metrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("payoutsync_"+name, help, labels, nil)
	}
	return &metrics{
		service: s,
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "payoutsync_job_seconds", Help: "How long jobs took in this process.", Buckets: []float64{.05, .2, 1, 5, 20, 60, 120},
		}, []string{"task", "outcome"}),
		queue:    desc("queue_jobs", "Jobs of all processes by state.", "state"),
		payouts:  desc("payouts", "Payouts by state.", "state"),
		open:     desc("payouts_open", "Payouts with something left to do."),
		due:      desc("sellers_due", "Sellers whose round is due and not begun."),
		lag:      desc("sellers_due_seconds", "For how long the first of them has been due."),
		missing:  desc("reports_missing", "Settlements that Amazon closed three days ago or longer, and whose report has not come."),
		lapsing:  desc("credentials_lapsing", "Credentials for Amazon that end within 30 days, or have ended.", "credential"),
		requests: desc("requests_total", "Requests of this process, by system and operation.", "system", "operation"),
		up:       desc("database_up", "1 if the database answered this scrape and took a write."),
	}
}

// Metrics answers Prometheus.
func (s *Service) Metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.metrics, s.metrics.jobs, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func (m *metrics) ended(task string, took time.Duration, err error) {
	m.jobs.WithLabelValues(task, outcome(err)).Observe(took.Seconds())
}

// outcome is "done", "later" or "failed".
func outcome(err error) string {
	switch {
	case err == nil:
		return "done"
	case queue.IsLater(err):
		return "later"
	case errors.Is(err, context.Canceled):
		return "handed_back"
	}
	return "failed"
}

// Describe implements [prometheus.Collector].
func (m *metrics) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.queue, m.payouts, m.open, m.due, m.lag, m.missing, m.lapsing, m.requests, m.up} {
		all <- d
	}
}

// Collect implements [prometheus.Collector]. What the database does not tell is left out, and payoutsync_database_up says so.
func (m *metrics) Collect(all chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for system, counts := range map[string]map[string]int{"amazon": m.service.in.AmazonCalls.Counts(), "vantagepoint": m.service.in.LedgerCalls.Counts()} {
		for operation, n := range counts {
			all <- prometheus.MustNewConstMetric(m.requests, prometheus.CounterValue, float64(n), system, operation)
		}
	}
	if err := m.fromDatabase(ctx, gauge); err != nil {
		m.service.logger.WarnContext(ctx, "metrics without those of the database", "error", err)
		gauge(m.up, 0)
		return
	}
	gauge(m.up, 1)
}

func (m *metrics) fromDatabase(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) error {
	if err := m.service.in.Store.Alive(ctx); err != nil {
		return err
	}
	counts, err := m.service.Queue.Counts(ctx)
	if err != nil {
		return err
	}
	for state, n := range counts {
		gauge(m.queue, float64(n), string(state))
	}
	payouts, open, err := m.service.in.Store.PayoutCounts(ctx)
	if err != nil {
		return err
	}
	for state, n := range payouts {
		gauge(m.payouts, float64(n), state)
	}
	gauge(m.open, float64(open))
	due, lag, err := m.service.in.Store.Overdue(ctx)
	if err != nil {
		return err
	}
	gauge(m.due, float64(due))
	gauge(m.lag, lag.Seconds())
	sellers, err := m.service.in.Store.Sellers(ctx)
	if err != nil {
		return err
	}
	missing := 0
	for _, seller := range sellers {
		missing += len(seller.Unfetched)
	}
	gauge(m.missing, float64(missing))
	for credential, n := range lapsing(sellers) {
		gauge(m.lapsing, float64(n), credential)
	}
	return nil
}
