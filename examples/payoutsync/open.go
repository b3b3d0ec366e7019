package main

import (
	"context"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
)

// open opens the configured installation. The caller closes it.
func (a *app) open(ctx context.Context, o installation.Options) (*installation.Installation, error) {
	cfg, err := config.Load(a.config)
	if err != nil {
		return nil, err
	}
	o.Logger, a.home = a.log, cfg.Home
	return installation.Open(ctx, cfg, o)
}

// openFor opens the installation for work on one seller of the configuration.
func (a *app) openFor(ctx context.Context, name string, o installation.Options) (*installation.Installation, config.Seller, error) {
	cfg, err := config.Load(a.config)
	if err != nil {
		return nil, config.Seller{}, err
	}
	seller, err := cfg.Seller(name)
	if err != nil {
		return nil, config.Seller{}, usage(err)
	}
	o.Logger, a.home = a.log, cfg.Home
	in, err := installation.Open(ctx, cfg, o)
	return in, seller, err
}
