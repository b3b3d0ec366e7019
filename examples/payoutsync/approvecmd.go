package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

type approveCmd struct {
	ID     string `arg:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	User   string `required:"" placeholder:"NAME" help:"Who releases it: a user of payoutsync user add."`
	Plan   string `placeholder:"HASH" help:"The plan that was looked at, or its beginning (default: the one that waits, printed first)."`
	Reason string `help:"Why; it stays in the audit trail."`
}

// Help is printed below the flags.
func (approveCmd) Help() string {
	return "Example: payoutsync approve acme-us/17461234567 --user ann\n\nReleases the plan that waits, in the name of a user who gives the password on a terminal or in the first line of standard input. " +
		"With approval: two-person two different users have to. The next round books it; `payoutsync replay` does so at once. It works beside a running serve."
}

// approvedObject is the JSON of `approve`.
type approvedObject struct {
	SettlementID string   `json:"settlement_id"`
	Seller       string   `json:"seller"`
	Plan         string   `json:"plan"`
	By           []string `json:"by"`
}

func (c approveCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{ReadOnly: true}) // beside a serve that waits for just this
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	row, err := in.Store.Resolve(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if row.State != string(booking.StateAwaitingApproval) {
		return usage(fmt.Errorf("payout %s waits for no release: it is %s", row.ID(), row.State))
	}
	if !strings.HasPrefix(row.Plan, c.Plan) {
		return usage(fmt.Errorf("payout %s waits with plan %s now, not %s: look at it again", row.ID(), row.Plan, c.Plan))
	}
	a.progress("%s: %s %s, %d documents, plan %s", row.ID(), row.Total, row.Currency, len(row.Documents), row.Plan)
	password, err := a.password("Password of " + c.User)
	if err != nil {
		return usage(err)
	}
	err = login.New(store.Users{DB: in.Store}).Check(ctx, c.User, password, "command line")
	if errors.Is(err, login.ErrRefused) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if err := release(ctx, in, row, row.Plan, c.User, c.Reason); err != nil {
		return err
	}
	by, err := releasedBy(ctx, in, row)
	if err != nil {
		return err
	}
	if a.json {
		return a.emit(approvedObject{row.Settlement, row.Name, row.Plan, by})
	}
	_, err = fmt.Fprintf(a.out, "%s: released by %s. The next round looks at it; `payoutsync replay %s` does so now.\n", row.ID(), strings.Join(by, ", "), row.ID())
	return err
}
