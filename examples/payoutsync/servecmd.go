package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/service"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

type serveCmd struct {
	Listen string `placeholder:"HOST:PORT" help:"Where the pages are (default: serve.listen of the configuration, 127.0.0.1:8470)."`

	// The times of the service; tests make them shorter than Amazon's real pace needs.
	Scan        time.Duration `hidden:""`
	Lease       time.Duration `hidden:""`
	JobTimeout  time.Duration `hidden:""`
	RescueAfter time.Duration `hidden:""`
	Hold        time.Duration `hidden:""`
	Retry       time.Duration `hidden:""`
	Grace       time.Duration `hidden:""`
	Timeout     time.Duration `hidden:""` // of the booking engine
	Patience    time.Duration `hidden:""`
}

// Help is printed below the flags.
func (serveCmd) Help() string {
	return "Example: payoutsync serve\n\nLooks for new settlements of every seller on its schedule, books them, and shows pages: payouts, findings, approvals, sellers, jobs, and /healthz, /readyz, /metrics. " +
		"It keeps what Amazon holds back at the end of each fiscal period, within the hour. The pages are on this machine only, unless the configuration names a certificate and `payoutsync user add` has made a user. " +
		"On SQLite one process works; on PostgreSQL any number, on any machines with the same configuration and key. SIGTERM ends what is begun or hands it back, within half a minute. " +
		"Changes of the configuration and the rules are read at the next start."
}

func (c serveCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{Quota: service.Quota, Timeout: c.Timeout, Patience: c.Patience})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := mayBook(in, false); err != nil {
		return err
	}
	rules, _, err := in.Rules()
	if err != nil {
		return err
	}
	users := store.Users{DB: in.Store}
	names, err := users.Users(ctx)
	if err != nil {
		return err
	}
	cfg := in.Config.Serve
	access := web.Access{Address: cfg.Listen, Certificate: cfg.TLS.Certificate, Key: cfg.TLS.Key, Users: len(names), Approvals: in.Config.Approval != "none"}
	if c.Listen != "" {
		access.Address = c.Listen
	}
	mustLogIn, err := access.Check()
	if err != nil {
		return usage(err)
	}
	work, err := service.New(ctx, in, service.Options{
		Workers: cfg.Workers, Scan: c.Scan, Lease: c.Lease, Timeout: c.JobTimeout, RescueAfter: c.RescueAfter, Hold: c.Hold, RetryFirst: c.Retry, Grace: c.Grace,
	}, a.log)
	if err != nil {
		return err
	}
	options := web.Options{
		Source: &pages{in: in, work: work}, Hosts: access.Hosts(), TLS: access.Certificate != "", Metrics: work.Metrics(), Zone: rules.Location(), Logger: a.log,
	}
	if mustLogIn {
		options.Door = login.New(users)
	}
	site, err := web.New(options)
	if err != nil {
		return err
	}
	listener, err := access.Listen(ctx)
	if err != nil {
		return usage(err)
	}
	scheme := "http"
	if options.TLS {
		scheme = "https"
	}
	address := scheme + "://" + listener.Addr().String()
	if a.json {
		if err := a.emit(map[string]string{"serving": address}); err != nil {
			return err
		}
	}
	whom := "seller " + in.Config.Names()[0]
	if n := len(in.Config.Sellers); n > 1 {
		whom = fmt.Sprintf("%d sellers", n)
	}
	a.progress("Working for %s. Pages: %s", whom, address)
	if mustLogIn && len(names) == 0 {
		a.progress("The pages ask for a log-in, and nobody has one yet: payoutsync user add NAME")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var pages sync.WaitGroup
	var trouble error
	pages.Go(func() {
		defer stop() // without its pages the process is not what was asked for
		trouble = web.Serve(ctx, listener, site, a.log)
	})
	err = work.Run(ctx)
	stop()
	pages.Wait()
	if err := errors.Join(err, trouble); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	a.progress("Stopped.")
	return nil
}
