package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

type accrueCmd struct {
	Period  string `required:"" placeholder:"YYYYMM" help:"The fiscal period, as Vantagepoint numbers it."`
	Seller  string `placeholder:"NAME" help:"One seller of the configuration (default: all of them)."`
	Opening bool   `help:"The first accrual ever: its opening balance was reviewed."`
	DryRun  bool   `help:"Plan and print, and book nothing."`
}

// Help is printed below the flags.
func (accrueCmd) Help() string {
	return "Example: payoutsync accrue --period 202611 --dry-run\n\nBooks what Amazon held back at the end of a fiscal period, one journal a marketplace, and its reversal on the first day of the next period. " +
		"It books from the snapshot that `serve` took in the hour after the period's end, because Amazon changes the status in place later; without one it says incomplete. " +
		"The rules must name an accrual account. With approval: manual or two-person it waits for `payoutsync approve NAME/ACRYYYYMM`, and is booked when it is run again."
}

// accrualObject is one seller of `accrue`.
type accrualObject struct {
	Seller      string           `json:"seller"`
	Period      int              `json:"period"`
	State       string           `json:"state"`
	RollForward []rollObject     `json:"roll_forward"`
	Documents   []documentObject `json:"documents"`
	Error       *errorObject     `json:"error,omitempty"`
}

// rollObject proves the deferred balance: opening + deferred - released = closing.
type rollObject struct {
	Marketplace string `json:"marketplace"`
	Currency    string `json:"currency"`
	Opening     string `json:"opening"`
	Deferred    string `json:"deferred"`
	Released    string `json:"released"`
	Closing     string `json:"closing"`
}

func (c accrueCmd) Run(ctx context.Context, a *app) (err error) {
	period, err := strconv.Atoi(c.Period)
	if err != nil || period < 190001 || period > 999999 {
		return usage(fmt.Errorf("--period %q is no fiscal period; write for example 202611", c.Period))
	}
	in, err := a.open(ctx, installation.Options{DryRun: c.DryRun})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := mayBook(in, c.DryRun); err != nil {
		return err
	}
	sellers := in.Config.Sellers
	if c.Seller != "" {
		s, err := in.Config.Seller(c.Seller)
		if err != nil {
			return usage(err)
		}
		sellers = []config.Seller{s}
	}
	var worst error
	for _, s := range sellers {
		outcome, err := a.accrue(ctx, in, s, period, c.Opening)
		if err != nil {
			return err
		}
		worst = worse(worst, outcome)
	}
	return said(worst)
}

// accrue accrues one seller's period and prints what came of it. outcome is what the exit code says of it.
func (a *app) accrue(ctx context.Context, in *installation.Installation, s config.Seller, period int, opening bool) (outcome, err error) {
	var accrual ledgermap.Accrual
	var result booking.Result
	seller, outcome := in.Seller(ctx, s)
	if outcome == nil {
		outcome = in.Hold(ctx, s.Name, 0, func(ctx context.Context) (err error) {
			accrual, result, err = seller.Accrue(ctx, period, opening)
			return err
		})
	}
	o := accrualObject{Seller: s.Name, Period: period, State: string(result.State), RollForward: []rollObject{}, Documents: []documentObject{}}
	for _, f := range accrual.RollForward {
		o.RollForward = append(o.RollForward, rollObject{f.Marketplace, f.Currency.String(), f.Opening.String(), f.Deferred.String(), f.Released.String(), f.Closing.String()})
	}
	for _, d := range result.Documents {
		o.Documents = append(o.Documents, documentObject{d.Key.String(), d.Batch, string(d.State)})
	}
	if outcome != nil {
		e := objectOf(outcome)
		o.Error, o.State = &e, string(booking.StateRefused)
	}
	switch {
	case a.json:
		err = a.emit(o)
	case outcome != nil:
		a.complain(fmt.Errorf("seller %s: %w", s.Name, outcome))
	default:
		err = a.printAccrual(o, accrual, result.Documents)
	}
	if outcome == nil && result.State == booking.StateAwaitingApproval {
		a.nextRelease(s.Name + "/" + ledgermap.AccrualID(period))
	}
	return outcome, err
}

// printAccrual prints the roll-forward, and below it the documents that are booked or would be.
func (a *app) printAccrual(o accrualObject, accrual ledgermap.Accrual, documents []booking.DocumentResult) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, period %d: %s\nMARKETPLACE\tOPENING\tDEFERRED\tRELEASED\tCLOSING\n", o.Seller, o.Period, o.State)
	for _, f := range o.RollForward {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s %s\n", f.Marketplace, f.Opening, f.Deferred, f.Released, f.Closing, f.Currency)
	}
	if err := w.Flush(); err != nil || len(accrual.Entries) == 0 {
		return err
	}
	fmt.Fprint(w, "\nJOURNAL\tDATE\tDEBIT\tSTATE\tBATCH\tDESCRIPTION\n")
	for _, d := range accrual.Plan.Documents {
		what, state, batch := "accrual", string(booking.DocumentPlanned), "-"
		if d.Reverses() != "" {
			what = "reversal"
		}
		if i := slices.IndexFunc(documents, func(r booking.DocumentResult) bool { return r.Key.Ordinal == d.Ordinal() }); i >= 0 {
			state, batch = string(documents[i].State), documents[i].Batch
		}
		fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%s\t%s\n", what, d.Date(), d.DebitTotal(), d.Currency(), state, batch, d.Description())
	}
	return w.Flush()
}
