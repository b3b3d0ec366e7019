package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/demo"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

type demoCmd struct {
	Settlements int    `placeholder:"N" help:"How many payouts the seller has had (default: 6, or what the home holds)."`
	Rows        int    `placeholder:"N" help:"Money rows of each settlement (default: 120, or what the home holds)."`
	Seed        uint64 `placeholder:"N" help:"Another seed makes another seller (default: 1, or what the home holds)."`
	Faults      string `enum:"none,documented,storm" default:"none" help:"What goes wrong on the way: none, documented or storm."`
	Home        string `placeholder:"DIR" help:"Folder to keep everything in (default: a folder under the user's cache, printed)."`
}

// Help is printed below the flags.
func (demoCmd) Help() string {
	return "Example: payoutsync demo --home /tmp/demo\n\nStarts an Amazon and a Vantagepoint tenant on loopback and runs the real sync between them through real HTTP. " +
		"Run it a second time on the same home: it books nothing, because everything is found."
}

func (c demoCmd) Run(ctx context.Context, a *app) (err error) {
	if c.Settlements < 0 || c.Rows < 0 {
		return usage(errors.New("--settlements and --rows count things; they cannot be negative"))
	}
	dir := c.Home
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return usage(fmt.Errorf("no folder for the demo: %w; name one with --home", err))
		}
		dir = filepath.Join(cache, "payoutsync", "demo")
	}
	h, err := home.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	a.progress("Home: %s", h.Dir)

	world, err := demo.Start(h.Dir, demo.Size{Settlements: c.Settlements, Rows: c.Rows, Seed: c.Seed}, c.Faults)
	if err != nil {
		return usage(err)
	}
	defer func() { err = errors.Join(err, world.Stop()) }()

	cfg := &config.Config{Home: h.Dir, Database: "sqlite", Rules: "starter rules", Approval: "none", Sellers: []config.Seller{world.Seller}}
	in, err := installation.Open(ctx, cfg, installation.Options{
		Home: h, RulesText: ledgermap.Starter(), Faster: demo.Hurry, Logger: a.log,
		// Nobody else writes to this tenant, and it answers at once or not at all.
		Timeout: 2 * time.Second, Patience: 6 * time.Second,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := in.SetCredentials(ctx, world.Seller, world.Credentials); err != nil {
		return err
	}
	t := newTally()
	trouble := a.syncOne(ctx, in, t, world.Seller)

	var books bytes.Buffer
	if err := errors.Join(world.WriteBooks(&books), home.WriteFile(h.Path("ledger.hledger"), books.Bytes())); err != nil {
		return errors.Join(trouble, err)
	}
	outcome := a.close(in, t, trouble)
	a.progress("\nOne page per payout: %s\nThe tenant's books: %s", h.Path("reports"), h.Path("ledger.hledger"))
	return outcome
}
