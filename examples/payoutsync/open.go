package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// calls counts requests per operation.
type calls struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *calls) add(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[operation]++
}

func (c *calls) snapshot() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// bench is what the rounds of one run share.
type bench struct {
	home    *home.Home
	archive *collect.Archive
	log     *booking.FileLog
	rules   *ledgermap.Rules
	amazon  calls
	ledger  calls
	pace    spapi.Limiter // nil: Amazon's own
	dryRun  bool
	// timeout and patience are those of the booking engine; zero means its defaults.
	timeout, patience time.Duration
}

// openBench opens archive and log in a home.
func openBench(h *home.Home, rules *ledgermap.Rules) (*bench, error) {
	archive, err := collect.OpenArchive(h.Path("archive"))
	if err != nil {
		return nil, err
	}
	key, err := h.Key()
	if err != nil {
		return nil, err
	}
	log, err := booking.OpenFileLog(h.Path("log"), key)
	if err != nil {
		return nil, err
	}
	return &bench{home: h, archive: archive, log: log, rules: rules}, nil
}

// end lets the log go.
func (b *bench) end() error { return b.log.Close() }

// seller builds the clients of one seller and everything that a round needs. It sends nothing.
func (b *bench) seller(s config.Seller, secrets config.Credentials, logger *slog.Logger) (*round.Seller, error) {
	amazon, err := b.amazonClient(s.Amazon, secrets.Amazon, logger)
	if err != nil {
		return nil, usage(fmt.Errorf("seller %s: %w", s.Name, err))
	}
	tenant, err := b.tenantClient(s.Vantagepoint, secrets.Vantagepoint, logger)
	if err != nil {
		return nil, usage(fmt.Errorf("seller %s: %w", s.Name, err))
	}
	ledger, err := vantageledger.New(vantageledger.Config{Client: tenant, Banks: s.Vantagepoint.Banks})
	if err != nil {
		return nil, usage(fmt.Errorf("seller %s: %w", s.Name, err))
	}
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: b.log, Tenant: booking.Tenant{Database: s.Vantagepoint.Database, Company: s.Vantagepoint.Company},
		Seller: s.Amazon.SellerID, Actor: booking.Actor{Name: actor(), Service: true}, Post: s.Vantagepoint.Post,
		ClearingAccount: b.rules.ClearingAccount(), Timeout: b.timeout, Patience: b.patience, Logger: logger,
	})
	if err != nil {
		return nil, usage(fmt.Errorf("seller %s: %w", s.Name, err))
	}
	return &round.Seller{
		Name: s.Name, ID: s.Amazon.SellerID, Engine: engine, Rules: b.rules, DryRun: b.dryRun,
		Collector: collect.New(collect.Config{Client: amazon, Archive: b.archive, Seller: s.Amazon.SellerID, Logger: logger}),
		Calendar: func(ctx context.Context) (ledgermap.Calendar, error) {
			return ledger.Calendar(ctx, s.Vantagepoint.Company)
		},
		HasBank: func(currency string) bool { return s.Vantagepoint.Banks[currency] != "" },
		Facts:   round.NewFacts(b.home.Path("payouts")),
	}, nil
}

func (b *bench) amazonClient(where config.Amazon, secrets config.AmazonCredentials, logger *slog.Logger) (*spapi.Client, error) {
	region, err := spapi.ParseRegion(where.Region)
	if err != nil {
		return nil, err
	}
	observe := func(_ context.Context, attempt spapi.Attempt) { b.amazon.add(attempt.Op) }
	lwa := spapi.LWA{
		ClientID: secrets.ClientID, ClientSecret: spapi.NewSecret(secrets.ClientSecret), RefreshToken: spapi.NewSecret(secrets.RefreshToken),
		Endpoint: where.LWAEndpoint, Observe: observe,
	}
	return spapi.NewClient(spapi.Config{
		Region: region, Endpoint: where.Endpoint, Tokens: lwa.TokenSource(), Account: secrets.ClientID + "/" + where.SellerID,
		UserAgent: "payoutsync/0.1", Limiter: b.pace, Logger: logger, Observe: observe,
	})
}

func (b *bench) tenantClient(where config.Vantagepoint, secrets config.VantagepointCredentials, logger *slog.Logger) (*vantagepoint.Client, error) {
	style := vantagepoint.Files
	if where.Style == "no-files" {
		style = vantagepoint.NoFiles
	}
	return vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: where.BaseURL, Database: where.Database, Company: where.Company, Style: style,
		Username: secrets.Username, Password: vantagepoint.NewSecret(secrets.Password), ClientID: secrets.ClientID, ClientSecret: vantagepoint.NewSecret(secrets.ClientSecret),
		UserAgent: "payoutsync/0.1", Logger: logger,
		Observe: func(_ context.Context, attempt vantagepoint.Attempt) { b.ledger.add(attempt.Op) },
	})
}

// actor names this program and its machine in the audit log.
func actor() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return "payoutsync on " + host
}
