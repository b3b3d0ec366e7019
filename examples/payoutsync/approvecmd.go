package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

type approveCmd struct {
	ID     string `arg:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous. An accrual is NAME/ACRYYYYMM."`
	User   string `required:"" placeholder:"NAME" help:"Who releases it: a user of payoutsync user add."`
	Plan   string `placeholder:"HASH" help:"The plan that was looked at, or its beginning (default: the one that waits, printed first)."`
	Reason string `help:"Why; it stays in the audit trail."`
}

// Help is printed below the flags.
func (approveCmd) Help() string {
	return "Example: payoutsync approve acme-us/17461234567 --user ann\n\nReleases what waits, the plan of a payout, its reversal or an accrual, in the name of a user who gives the password on a terminal or in the first line of standard input. " +
		"With approval: two-person two different users have to. The next round of serve books it; where none runs, `payoutsync replay` or `reverse` does. An accrual is booked by the next `payoutsync accrue`. It works beside a running serve."
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
	w, err := in.WaitingFor(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) || is[*installation.NotWaitingError](err) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if !strings.HasPrefix(w.Plan, c.Plan) {
		return usage(fmt.Errorf("%s waits with plan %s now, not %s: look at it again", w.ID(), w.Plan, c.Plan))
	}
	if err := a.showWaiting(w); err != nil {
		return err
	}
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
	if err := release(ctx, in, w, w.Plan, c.User, c.Reason); err != nil {
		return err
	}
	w.By = append(w.By, c.User)
	// A serve beside may be booking it by now, and then it waits no more.
	if now, err := in.WaitingFor(ctx, w.ID()); err == nil {
		w = now
	}
	if a.json {
		return a.emit(approvedObject{w.Settlement, w.Name, w.Plan, w.By})
	}
	next := w.Next()
	if len(w.By) < w.Needed {
		next = "Another person has to release it, too."
	}
	_, err = fmt.Fprintf(a.out, "%s: released by %s. %s\n", w.ID(), strings.Join(w.By, ", "), next)
	return err
}

// showWaiting shows what would be released.
func (a *app) showWaiting(w installation.Waiting) error {
	count := len(w.Payout.Documents)
	if w.Documents != nil {
		count = len(w.Documents)
	}
	a.progress("%s, %d documents, plan %s", w.Title(), count, w.Plan)
	for _, d := range w.Documents {
		var lines strings.Builder
		if err := writeDocument(&lines, d.Document, d.Batch); err != nil {
			return err
		}
		a.progress("%s", strings.TrimSuffix(lines.String(), "\n"))
	}
	return w.Err
}

// nextRelease tells what comes after something that waits for a release.
func (a *app) nextRelease(id string) {
	a.progress("Next: look at it and release it, with `payoutsync approve %s --user NAME` or on the page Approvals of serve (`payoutsync user add NAME` makes a user)", id)
}
