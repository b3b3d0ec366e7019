// Package installation is one configured payoutsync, opened: its home, database, archive, audit log and vault, and the
// clients of each seller. Every command starts here.
package installation

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/pace"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// Options are what a command decides, and no configuration.
type Options struct {
	// ReadOnly opens beside a process that works: the home is not locked, and nothing may be booked. What people decide,
	// users and releases, can be noted.
	ReadOnly bool
	// Home is a home that is open already, and is left open; nil opens the configured one.
	Home *home.Home
	// DryRun plans and compares, and books nothing.
	DryRun bool
	// RulesText replaces the configured rules file.
	RulesText []byte
	// Pace replaces the pace of Amazon's published plans, which processes on one PostgreSQL share.
	Pace spapi.Limiter
	// Quota is the longest that a call waits for Amazon's quota; 0 means as long as it takes.
	Quota time.Duration
	// Faster is how many times faster than its published plans Amazon refills its buckets; 0 means 1. Only a simulated
	// Amazon is faster.
	Faster float64
	// Timeout and Patience are those of the booking engine; zero means its defaults.
	Timeout, Patience time.Duration
	// Transport replaces how requests to both systems are sent.
	Transport http.RoundTripper
	Actor     booking.Actor // who acts; the zero Actor is this program
	Logger    *slog.Logger  // required
}

// Installation is an opened configuration. It is safe for use by many goroutines.
type Installation struct {
	Config  *config.Config
	Home    *home.Home
	Store   *store.DB
	Vault   *vault.Vault
	Archive *collect.Archive
	Log     booking.Log
	// AmazonCalls and LedgerCalls count the requests to both systems, by operation.
	AmazonCalls, LedgerCalls Calls

	options Options
	pace    spapi.Limiter
	locks   *pace.Locks // of access tokens; nil where this process is alone with the database
	logIns  *pace.Locks // of log-ins to Vantagepoint, likewise
	rules   func() (rulesFile, error)
	// refusals is the key of the hashes by which refused log-ins are known.
	refusals []byte

	mu        sync.Mutex
	turns     map[string]chan struct{} // of log-ins to Vantagepoint in this process
	clients   map[string]*clients      // by the seller's name
	companies map[companyKey]*company
}

// Open opens what a configuration names, and makes what is not there yet. Nothing is sent to either system.
func Open(ctx context.Context, cfg *config.Config, o Options) (in *Installation, err error) {
	in = &Installation{Config: cfg, options: o, clients: map[string]*clients{}, companies: map[companyKey]*company{}, turns: map[string]chan struct{}{}}
	in.rules = sync.OnceValues(in.readRules)
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
			in = nil
		}
	}()
	switch {
	case o.Home != nil:
		in.Home = o.Home
	case o.ReadOnly:
		in.Home, err = home.Look(cfg.Home)
	default:
		in.Home, err = home.Open(cfg.Home)
	}
	if err != nil {
		return in, &ConfigError{err}
	}
	if in.Store, err = store.Open(ctx, cfg.Database, in.Home.Dir); err != nil {
		return in, err
	}
	if err := in.share(ctx); err != nil {
		return in, err
	}
	key, err := in.key(ctx)
	if err != nil {
		return in, err
	}
	in.refusals = derived(key, "refused log-ins")
	if in.Log, err = sqllog.Open(ctx, in.Store.SQL, sqllog.Config{Dialect: in.Store.Dialect, Key: key}); err != nil {
		return in, err
	}
	if in.Archive, err = in.archive(); err != nil {
		return in, err
	}
	if o.ReadOnly {
		return in, nil
	}
	if in.Store.Dialect == sqllog.SQLite { // the home's lock says that whoever worked for a seller is dead
		if err := in.Store.ReleaseAll(ctx); err != nil {
			return in, err
		}
	}
	return in, in.addSellers(ctx)
}

// addSellers notes the configured sellers that are not noted yet.
func (in *Installation) addSellers(ctx context.Context) error {
	all, err := in.Store.Sellers(ctx)
	if err != nil {
		return err
	}
	noted := map[string]string{}
	for _, s := range all {
		noted[s.Name] = s.Seller
	}
	for _, s := range in.Config.Sellers {
		if id, ok := noted[s.Name]; ok && id == s.Amazon.SellerID {
			continue
		}
		if err := in.Store.AddSeller(ctx, s.Name, s.Amazon.SellerID); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of everything.
func (in *Installation) Close() error {
	var err error
	if in.Store != nil {
		err = in.Store.Close()
	}
	if in.Home != nil && in.options.Home == nil {
		err = errors.Join(err, in.Home.Close())
	}
	return err
}

// sealPlace is where the vault keeps the key that seals the heads of the audit log.
var sealPlace = vault.Place{Kind: "seal of the audit log"}

// key opens the vault, and takes from it the key that seals the heads of the audit log: who can write the database but
// has no key of the vault cannot cut the log unseen. Both are made at first use, by one process.
func (in *Installation) key(ctx context.Context) (key []byte, err error) {
	if err := in.hasKey(ctx); err != nil {
		return nil, err
	}
	wrapper, err := vault.KeyFrom(ctx, in.Config.Key, in.Home.Key)
	if err != nil {
		return nil, &ConfigError{err}
	}
	err = in.Store.Exclusively(ctx, "vault", func() error {
		var err error
		if in.Vault, err = vault.Open(ctx, store.Credentials{DB: in.Store}, wrapper); err != nil {
			return err
		}
		key, err = in.Vault.Get(ctx, sealPlace)
		if !errors.Is(err, vault.ErrNotFound) {
			return err
		}
		key = make([]byte, 32)
		rand.Read(key)
		return in.Vault.Put(ctx, sealPlace, key)
	})
	return key, ofVault(err)
}

// derived is a key of its own for another purpose than the key's.
func derived(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// ofVault marks what a person has to mend: a key or a row that does not open, and not a database that does not answer.
func ofVault(err error) error {
	if errors.Is(err, vault.ErrKey) || errors.Is(err, vault.ErrRow) {
		return &ConfigError{err}
	}
	return err
}

// hasKey refuses a home without a key of its own where something was sealed by the former one: a new one would open nothing,
// and hide that the former is lost.
func (in *Installation) hasKey(ctx context.Context) error {
	if in.Config.Key != "" || in.Home.HasKey() {
		return nil
	}
	stored, err := store.Credentials{DB: in.Store}.IDs(ctx)
	if err == nil && len(stored) > 0 {
		err = &ConfigError{fmt.Errorf("%s is missing, and the stored credentials open with it alone: restore it from a backup, or write what seals them now as `key` into the configuration", in.Home.Path("home.key"))}
	}
	return err
}

// archive is a folder of the home, or lies in the database that several machines share.
func (in *Installation) archive() (*collect.Archive, error) {
	dir := in.Home.Path("archive")
	switch {
	case in.Store.Dialect == sqllog.SQLite && in.options.ReadOnly:
		folder, err := collect.OpenFolderReadOnly(dir)
		return collect.NewArchive(folder), err
	case in.Store.Dialect == sqllog.SQLite:
		return collect.OpenArchive(dir)
	}
	shared, err := store.NewArchive(in.Store, dir)
	if err != nil {
		return nil, err
	}
	return collect.NewArchive(shared), nil
}

type rulesFile struct {
	rules *ledgermap.Rules
	text  []byte
}

// Rules returns the rules and the text they were read from. They are read once.
func (in *Installation) Rules() (*ledgermap.Rules, []byte, error) {
	file, err := in.rules()
	return file.rules, file.text, err
}

func (in *Installation) readRules() (file rulesFile, err error) {
	name := in.Config.Rules
	if file.text = in.options.RulesText; file.text == nil {
		if file.text, err = os.ReadFile(name); err != nil {
			return file, config.Unreadable(name, err, "`payoutsync init` writes rules to start from")
		}
	}
	if file.rules, err = ledgermap.LoadRules(name, file.text); err != nil {
		err = &ConfigError{err}
	}
	return file, err
}

// Actor is who acts in the audit log: this program on its machine, unless a person does.
func (in *Installation) Actor() booking.Actor {
	if in.options.Actor != (booking.Actor{}) {
		return in.options.Actor
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return booking.Actor{Name: "payoutsync on " + host, Service: true}
}

// Calls counts requests by operation.
type Calls struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *Calls) add(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[operation]++
}

// Counts returns the counts so far.
func (c *Calls) Counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// ConfigError marks what a person has to mend in the configuration.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *ConfigError) Unwrap() error { return e.Err }

func of(s config.Seller, err error) error {
	return &ConfigError{fmt.Errorf("seller %s: %w", s.Name, err)}
}
