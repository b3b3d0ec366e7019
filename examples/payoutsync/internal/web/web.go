// Package web serves the pages that people look at while payoutsync works. They are plain HTML: no script, nothing from
// outside, and everything that changes something is a form of a logged-in user.
//
//	/payouts  /payouts/{seller}/{settlement}  …/report   /findings  /approvals  /sellers  /jobs
//	/healthz  the process answers                /readyz  it can do its work       /metrics  for Prometheus
package web

import (
	"cmp"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
)

// Options describe a [Site].
type Options struct {
	Source Source // required
	// Door asks for a log-in. Nil shows the pages to everybody who reaches them and offers no approvals.
	Door *login.Door
	// Hosts are the names by which the site may be asked for; others are refused, so that a foreign site that lets its name
	// point to this address reads nothing. Empty allows all.
	Hosts []string
	// TLS says that the site is reached by TLS alone: cookies are secure, and browsers are told to stay with it.
	TLS bool
	// Metrics answers /metrics. Nil means that there is none.
	Metrics http.Handler
	// Zone is the time zone that times are shown in. Nil means UTC.
	Zone   *time.Location
	Logger *slog.Logger // nil means silence
}

// Site is the pages as an http.Handler.
type Site struct {
	options Options
	handler http.Handler
	pages   map[string]*template.Template
	style   asset
	icon    asset
}

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static/style.css
var styleSheet []byte

//go:embed static/icon.svg
var icon []byte

// New returns the site.
func New(options Options) (*Site, error) {
	if options.Source == nil {
		return nil, errors.New("web: Options.Source is missing")
	}
	options.Zone = cmp.Or(options.Zone, time.UTC)
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Site{options: options, style: newAsset("style", ".css", "text/css; charset=utf-8", styleSheet), icon: newAsset("icon", ".svg", "image/svg+xml", icon)}
	if err := s.parse(); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Site) routes() http.Handler {
	open := http.NewServeMux() // for everybody who reaches the site
	open.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	open.HandleFunc("GET /readyz", s.ready)
	open.Handle("GET "+s.style.path, s.style)
	open.Handle("GET "+s.icon.path, s.icon)
	if s.options.Metrics != nil {
		open.Handle("GET /metrics", s.forPrograms(s.options.Metrics))
	}
	open.HandleFunc("GET /login", s.askLogin)
	open.HandleFunc("POST /login", s.login)
	open.HandleFunc("POST /logout", s.logout)

	inside := http.NewServeMux() // for those who are logged in
	inside.Handle("GET /{$}", http.RedirectHandler("/payouts", http.StatusSeeOther))
	inside.HandleFunc("GET /payouts", s.payouts)
	inside.HandleFunc("GET /payouts/{seller}/{settlement}", s.payout)
	inside.HandleFunc("GET /payouts/{seller}/{settlement}/report", s.report)
	inside.HandleFunc("GET /findings", s.findings)
	inside.HandleFunc("GET /approvals", s.approvals)
	inside.HandleFunc("POST /approvals", s.approve)
	inside.HandleFunc("GET /sellers", s.sellers)
	inside.HandleFunc("GET /jobs", s.jobs)
	inside.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, ErrNotFound) })
	open.Handle("/", s.forUsers(inside))

	return s.guard(http.NewCrossOriginProtection().Handler(open))
}

func (s *Site) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.options.Source.Ready(r.Context()); err != nil {
		s.options.Logger.WarnContext(r.Context(), "not ready", "error", err)
		say(w, http.StatusServiceUnavailable, "not ready; the log says why")
		return
	}
	say(w, http.StatusOK, "ready")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // nobody is there to be told
}
