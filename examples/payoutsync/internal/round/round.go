// Package round is one round of sync for one seller: Collect finds and fetches what is new and says what to look at, Settle
// takes one settlement as far as it goes: reconcile, plan, book. It is the code that the demo, the commands and the
// schedule all run.
package round

import (
	"context"
	"fmt"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// Seller is everything that a round works with.
type Seller struct {
	Name      string // in the configuration
	ID        string // Amazon's seller id
	Amazon    *spapi.Client
	Archive   *collect.Archive
	Collector *collect.Collector
	Engine    *booking.Engine
	Rules     *ledgermap.Rules
	RulesText []byte // the file that Rules were read from, kept with every plan
	// Calendar returns the company's fiscal periods as the ledger showed them, no longer ago than age.
	Calendar func(ctx context.Context, age time.Duration) (ledgermap.Calendar, error)
	// HasBank reports whether the ledger has a bank for a currency.
	HasBank func(currency string) bool
	// Fits refuses a settlement whose rules do not fit the company's chart of accounts. A dry run asks it; else the engine's
	// ledger does, before anything is sent.
	Fits  func(ctx context.Context, settlement string) error
	Store *store.DB
	// Tolerance is how far apart one settlement may end and the next begin; zero means a minute.
	Tolerance time.Duration
	// DryRun plans and compares, and books nothing. Where a settlement stands is not noted either.
	DryRun bool
	// Post says that the engine posts what it books, so that nothing is settled before it is posted.
	Post bool
}

// How old the fiscal periods may be.
const (
	// ofPlans is short: the settlements of one round are planned with one reading. Whether a period is still open is asked
	// again before anything is sent.
	ofPlans = 2 * time.Minute
	// ofEnds is for when a period ends, which is known long before and hardly ever moved.
	ofEnds = 24 * time.Hour
)

func (s *Seller) periods(ctx context.Context, age time.Duration) (ledgermap.Calendar, error) {
	calendar, err := s.Calendar(ctx, age)
	if err != nil {
		return calendar, fmt.Errorf("read the fiscal periods from Vantagepoint: %w", err)
	}
	return calendar, nil
}

// StateFetched is where a settlement stands before the engine has seen it.
const StateFetched booking.State = "fetched"

// Payout is one settlement after a round.
type Payout struct {
	Seller         string // its name in the configuration
	SellerID       string
	SettlementID   string // empty where the document could not be read
	WasSettled     bool   // nothing was left to do when it was looked at before
	Revision       int    // 1, and one more after each reversal that is followed by a new booking
	State          booking.State
	Tally          settlement.Tally // what the report holds, by kind
	Plan           *ledgermap.Plan
	Result         booking.Result
	Transfer       ledgermap.Payout
	Reconciliation settlement.Verdict // of the report with Amazon's other interfaces
	Findings       []string           // each with its code first
	// Err is why the settlement was refused, or which system failed; nil when it stands as it should.
	Err error
}

// ReissuedError says that Amazon published the same settlement a second time with other content.
type ReissuedError struct {
	SettlementID  string
	First, Second collect.Entry
	Changes       settlement.Changes
}

func (e *ReissuedError) Error() string {
	return fmt.Sprintf("settlement %s was reissued: report %s says %s %s, report %s says %s %s. Nothing was replaced: compare the two documents "+
		"in the archive (%s and %s), and reverse and book again by hand if the later one is right. What changed:\n%s",
		e.SettlementID, e.First.ReportID, e.First.Total, e.First.Currency, e.Second.ReportID, e.Second.Total, e.Second.Currency, e.First.Object, e.Second.Object, e.Changes)
}

// InTransit reports whether the settlement waits for its money.
func (p Payout) InTransit() bool { return p.Err == nil && p.Result.Waiting > 0 }
