package installation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
)

// CodeUnfit is the code of a settlement that is refused because the rules do not fit the company's chart of accounts.
const CodeUnfit = "unfit_rules"

// fittingLedger is a company that takes nothing before the rules have passed on its chart, as `rules lint --seller` holds
// them against it. The chart is read once for each edition of the rules; what changes in it later is seen by the company's
// own check of each document.
type fittingLedger struct {
	*vantageledger.Ledger
	in     *Installation
	seller config.Seller
	rules  *ledgermap.Rules
}

// passed is the fact that an edition of the rules fits a company.
type passed struct {
	Rules string `json:"rules"` // SHA-256 of the file
}

// Check implements [booking.Checker].
func (l fittingLedger) Check(ctx context.Context, entries []booking.Entry) error {
	if len(entries) > 0 {
		if err := l.fits(ctx, entries[0].Key.Settlement); err != nil {
			return err
		}
	}
	return l.Ledger.Check(ctx, entries)
}

// fits refuses a settlement where the rules do not fit the chart.
func (l fittingLedger) fits(ctx context.Context, settlement string) error {
	var known passed
	v := l.seller.Vantagepoint
	company := v.BaseURL + " " + v.Database + "/" + v.Company
	if _, err := l.in.Store.Fact(ctx, company, "", store.FactFit, &known); err != nil {
		return err
	}
	if l.rules.Demo() || known.Rules == l.rules.Hash() { // demo rules book into the demo's own company only
		return nil
	}
	chart, err := l.Chart(ctx, v.Company)
	if errors.Is(err, vantageledger.ErrNoChart) {
		l.in.options.Logger.WarnContext(ctx, "the rules were not held against the chart of accounts", "seller", l.seller.Name, "why", err)
		return nil
	}
	if err != nil {
		return err
	}
	if faults := l.rules.Lint(chart); len(faults) > 0 {
		return &booking.RefusedError{Code: CodeUnfit, Settlement: settlement, Message: fmt.Sprintf(
			"the rules do not fit the chart of accounts of seller %s, so that nothing is sent: %s. Mend the rules or the chart (`payoutsync rules lint --seller %s` lists the same) and run it again",
			l.seller.Name, strings.Join(faults, "; "), l.seller.Name)}
	}
	return l.in.Store.SetFact(ctx, company, "", store.FactFit, passed{l.rules.Hash()})
}
