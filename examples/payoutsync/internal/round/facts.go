package round

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// Facts keeps what Amazon said of each payout when its money moved. A plan is a function of these facts, so they must
// be the same in every later round, whatever Amazon answers by then: what was written down first stays, until a payout
// that was paid turns out to have failed.
type Facts struct{ dir string }

// NewFacts keeps the facts in a folder, one file per settlement.
func NewFacts(dir string) *Facts { return &Facts{dir} }

// Settle returns the facts to plan with, given what Amazon says now. What is new and final is on disk when it returns.
func (f *Facts) Settle(seller, settlementID string, now collect.Transfer) (ledgermap.Payout, error) {
	name, err := f.name(seller, settlementID)
	if err != nil {
		return ledgermap.Payout{}, err
	}
	kept, err := read(name)
	if err != nil {
		return ledgermap.Payout{}, err
	}
	said := payout(now)
	final := said.Status == ledgermap.PayoutPaid || said.Status == ledgermap.PayoutFailed
	switch {
	case kept.Status == said.Status || (kept.Status != ledgermap.PayoutUnknown && !final):
		return kept, nil
	case kept.Status == ledgermap.PayoutFailed:
		return kept, nil // the money that came after all is in a later settlement
	case !final:
		return said, nil
	}
	text, err := json.MarshalIndent(said, "", "  ")
	if err != nil {
		return ledgermap.Payout{}, fmt.Errorf("note the payout of settlement %s: %w", settlementID, err)
	}
	if err := home.WriteFile(name, append(text, '\n')); err != nil {
		return ledgermap.Payout{}, fmt.Errorf("note the payout of settlement %s: %w", settlementID, err)
	}
	return said, nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

func (f *Facts) name(seller, settlementID string) (string, error) {
	if !plainName.MatchString(seller) || !plainName.MatchString(settlementID) {
		return "", fmt.Errorf("seller %q and settlement %q cannot name a file", seller, settlementID)
	}
	return filepath.Join(f.dir, seller, settlementID+".json"), nil
}

func read(name string) (ledgermap.Payout, error) {
	var kept ledgermap.Payout
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return kept, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return kept, fmt.Errorf("%s is damaged: %w; restore it from a backup, because what was booked depends on it", name, err)
	}
	return kept, nil
}

func payout(t collect.Transfer) ledgermap.Payout {
	p := ledgermap.Payout{Date: t.Date, TraceID: t.TraceID, Source: t.Source}
	switch t.Status {
	case collect.TransferPaid:
		p.Status = ledgermap.PayoutPaid
	case collect.TransferFailed:
		p.Status = ledgermap.PayoutFailed
	case collect.TransferPending:
		p.Status = ledgermap.PayoutPending
	default:
		return ledgermap.Payout{}
	}
	return p
}
