package installation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
)

// company is one company of a Vantagepoint tenant as one user. The sellers that are booked into it as that user share
// it within a process: its log-in, its chart, its calendar and what else the tenant is asked once. They share the user's
// active company and period as well, which two clients would change under each other.
type company struct {
	code   string
	ledger *vantageledger.Ledger

	mu       sync.Mutex
	calendar ledgermap.Calendar
	read     time.Time // when the calendar was read
}

// companyKey is a hash of how a company is configured and of the log-in.
type companyKey [sha256.Size]byte

// company returns the seller's company, opened once. The caller holds in.mu.
func (in *Installation) company(s config.Seller, secrets config.VantagepointCredentials) (*company, error) {
	text, err := json.Marshal([]any{s.Vantagepoint, secrets})
	if err != nil {
		return nil, of(s, errors.New("the credentials for Vantagepoint cannot be used"))
	}
	key := companyKey(sha256.Sum256(text))
	if c := in.companies[key]; c != nil {
		return c, nil
	}
	client, err := in.tenantClient(s, secrets, false)
	if err != nil {
		return nil, err
	}
	ledger, err := vantageledger.New(vantageledger.Config{Client: client, Banks: s.Vantagepoint.Banks})
	if err != nil {
		return nil, of(s, err)
	}
	c := &company{code: s.Vantagepoint.Company, ledger: ledger}
	in.companies[key] = c
	return c, nil
}

// periods returns the fiscal calendar as it was read no longer ago than age.
func (c *company) periods(ctx context.Context, age time.Duration) (ledgermap.Calendar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.read.IsZero() && time.Since(c.read) < age {
		return c.calendar, nil
	}
	calendar, err := c.ledger.Calendar(ctx, c.code)
	if err == nil {
		c.calendar, c.read = calendar, time.Now()
	}
	return calendar, err
}
