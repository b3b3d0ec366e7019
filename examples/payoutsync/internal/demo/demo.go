// Package demo is a world on this machine: an Amazon with a seller and a Vantagepoint tenant, two real HTTP servers on
// loopback, remembered in a folder so that a later run meets the same sellers and the same books.
package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// Size is what the demo's seller looks like. Zero fields mean the default, or what the folder already holds.
type Size struct {
	Settlements int    `json:"settlements"`
	Rows        int    `json:"rows"` // money rows of each settlement
	Seed        uint64 `json:"seed"`
}

// defaults: six payouts, of which one is negative, over three months.
var defaults = Size{Settlements: 6, Rows: 120, Seed: 1}

// memory is what the folder remembers of its first run.
type memory struct {
	FirstDay string `json:"first_day"` // the settlements' dates hang on it
	Size
}

// Hurry is how much faster than the real Amazon the demo's refills its buckets. The real pace is one document a minute
// after the first fifteen.
const Hurry = 1000

// World is the two running systems.
type World struct {
	Seller      config.Seller // how a configuration would describe them
	Credentials config.Credentials

	tenant  *vantagepointtest.Tenant
	stopAll []func()
}

// Start starts both systems. What is asked for must agree with what the folder holds from an earlier run.
func Start(dir string, size Size, faults string) (w *World, err error) {
	remembered, err := remember(filepath.Join(dir, "demo.json"), size)
	if err != nil {
		return nil, err
	}
	day, err := time.Parse(time.DateOnly, remembered.FirstDay)
	if err != nil {
		return nil, fmt.Errorf("the demo's first day: %w", err)
	}
	account := spapitest.Account(settlementtest.Seller{
		Name: "Demo Trading", Seed: remembered.Seed, Count: remembered.Settlements, Rows: remembered.Rows, Until: day,
	})
	options := spapitest.Options{Sellers: []spapitest.SellerAccount{account}, Rate: Hurry, Faults: spapitest.Faults{Set: faults, Seed: remembered.Seed}}
	if err := spapitest.CheckFaults(options.Faults); err != nil {
		return nil, err
	}
	amazon := spapitest.New(options)

	w = &World{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Stop())
		}
	}()
	// What a slow answer may last stays below the client's patience, so that every fault ends in an answer or a look.
	w.tenant, err = vantagepointtest.New(vantagepointtest.Options{
		// It takes a second batch of one name, so that nothing but the engine keeps a document from being there twice; but where
		// a load balancer sends requests twice, no client could.
		Quirks: vantagepointtest.Quirks{AcceptDuplicates: faults != "storm"},
		Dir:    filepath.Join(dir, "tenant"), Faults: vantagepointtest.Faults{Set: faults, Seed: remembered.Seed}, LateBy: 3 * time.Second,
	})
	if err != nil {
		return w, fmt.Errorf("open the demo tenant's books: %w", err)
	}
	amazonURL, stop, err := amazon.Start()
	if err != nil {
		return w, fmt.Errorf("start the demo's Amazon: %w", err)
	}
	w.stopAll = append(w.stopAll, stop)
	tenantURL, stop, err := w.tenant.Start()
	if err != nil {
		return w, fmt.Errorf("start the demo's tenant: %w", err)
	}
	w.stopAll = append(w.stopAll, stop)

	who := amazon.Accounts()[0]
	w.Seller = config.Seller{
		Name:         "demo-us",
		Amazon:       config.Amazon{Region: "na", SellerID: who.ID, Marketplaces: who.MarketplaceIDs, Endpoint: amazonURL, LWAEndpoint: amazonURL},
		Vantagepoint: config.Vantagepoint{BaseURL: tenantURL, Database: "DEMO", Style: "files", Banks: map[string]string{"USD": "OPER"}},
	}
	w.Credentials = config.Credentials{
		Amazon: config.AmazonCredentials{ClientID: who.ClientID, ClientSecret: who.ClientSecret, RefreshToken: who.RefreshToken},
		Vantagepoint: config.VantagepointCredentials{
			Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword,
			ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret,
		},
	}
	return w, nil
}

// Stop stops both systems. The books are on disk before every answer, so that a process that is killed loses none.
func (w *World) Stop() error {
	for _, stop := range w.stopAll {
		stop()
	}
	w.stopAll = nil
	if w.tenant == nil {
		return nil
	}
	return w.tenant.Close()
}

// WriteBooks writes what the tenant's books hold, in hledger's format.
func (w *World) WriteBooks(out io.Writer) error { return w.tenant.WriteHledger(out) }

func remember(name string, asked Size) (memory, error) {
	var kept memory
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		kept = memory{FirstDay: time.Now().UTC().Format(time.DateOnly), Size: asked.or(defaults)}
		text, err := json.MarshalIndent(kept, "", "  ")
		if err != nil {
			return kept, fmt.Errorf("remember the demo's first run: %w", err)
		}
		return kept, home.WriteFile(name, append(text, '\n'))
	}
	if err != nil {
		return kept, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return kept, fmt.Errorf("%s is damaged: %w; give the demo a new --home", name, err)
	}
	if asked = asked.or(kept.Size); asked != kept.Size {
		return kept, fmt.Errorf("%s was made with --settlements %d --rows %d --seed %d: leave these flags out, or give another --home",
			filepath.Dir(name), kept.Settlements, kept.Rows, kept.Seed)
	}
	return kept, nil
}

func (s Size) or(other Size) Size {
	if s.Settlements == 0 {
		s.Settlements = other.Settlements
	}
	if s.Rows == 0 {
		s.Rows = other.Rows
	}
	if s.Seed == 0 {
		s.Seed = other.Seed
	}
	return s
}
