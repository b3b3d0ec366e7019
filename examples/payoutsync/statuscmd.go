package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

type statusCmd struct {
	Name  string `arg:"" optional:"" help:"One seller of the configuration (default: all of them)."`
	State string `placeholder:"STATE" help:"Only payouts in this state: refused, awaiting_approval, booked …"`
	Open  bool   `help:"Only payouts with something left to do."`
	Limit int    `default:"100" help:"At most so many, the latest first."`
}

// Help is printed below the flags.
func (statusCmd) Help() string {
	return "Example: payoutsync status acme-us --open\n\nShows where each payout stood when it was looked at last, and why. It reads the database alone, asks neither system, and works beside a running serve or sync."
}

// statusObject is one payout of `status`.
type statusObject struct {
	ID             string           `json:"id"`
	Seller         string           `json:"seller"`
	SettlementID   string           `json:"settlement_id"`
	Revision       int              `json:"revision"`
	State          string           `json:"state"`
	Settled        bool             `json:"settled"`
	Currency       string           `json:"currency"`
	Total          string           `json:"total"`
	Start          time.Time        `json:"start,omitzero"`
	End            time.Time        `json:"end,omitzero"`
	Documents      []documentObject `json:"documents"`
	Reconciliation string           `json:"reconciliation"`
	Findings       []string         `json:"findings"`
	Plan           string           `json:"plan,omitempty"`
	Error          *errorObject     `json:"error,omitempty"`
	LookedAt       time.Time        `json:"looked_at,omitzero"`
}

func (c statusCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if c.Name != "" {
		if _, err := in.Config.Seller(c.Name); err != nil {
			return usage(err)
		}
	}
	if c.State != "" && !slices.Contains(web.States, c.State) {
		return usage(fmt.Errorf("no payout is ever %q; a state is one of %s", c.State, strings.Join(web.States, ", ")))
	}
	payouts, err := in.Store.Payouts(ctx, store.PayoutFilter{Name: c.Name, State: c.State, Open: c.Open, Limit: c.Limit})
	if err != nil {
		return err
	}
	if a.json {
		for _, p := range payouts {
			if err := a.emit(statusOf(p)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := a.statusTable(payouts); err != nil {
		return err
	}
	sellers, err := in.Store.Sellers(ctx)
	if err != nil {
		return err
	}
	for _, s := range sellers {
		for _, g := range s.Unfetched {
			if c.Name == "" || c.Name == s.Name {
				fmt.Fprintf(a.out, "\n%s: %s\n", s.Name, round.UnfetchedText(g))
			}
		}
	}
	return nil
}

func statusOf(p store.Payout) statusObject {
	o := statusObject{
		ID: p.ID(), Seller: p.Name, SettlementID: p.Settlement, Revision: p.Revision, State: p.State, Settled: p.Settled, Currency: p.Currency, Total: p.Total,
		Start: p.Start, End: p.End, Documents: []documentObject{}, Reconciliation: p.Reconciliation, Findings: list(p.Findings), Plan: p.Plan, LookedAt: p.LookedAt,
	}
	for _, d := range p.Documents {
		o.Documents = append(o.Documents, documentObject{d.Key, d.Batch, d.State})
	}
	if p.ErrorCode != "" {
		o.Error = &errorObject{Code: p.ErrorCode, Message: p.Error}
	}
	return o
}

func (a *app) statusTable(payouts []store.Payout) error {
	if len(payouts) == 0 {
		_, err := fmt.Fprintln(a.out, "No payout is known that fits. `payoutsync sync` looks for new ones.")
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "PAYOUT\tPERIOD\tTOTAL\tSTATE\tRECONCILED\tLOOKED AT (UTC)\n")
	for _, p := range payouts {
		looked := "-"
		if !p.LookedAt.IsZero() {
			looked = p.LookedAt.Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s to %s\t%s %s\t%s\t%s\t%s\n", p.ID(), day(p.Start), day(p.End), p.Total, p.Currency, p.State, p.Reconciliation, looked)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range payouts {
		if p.ErrorCode != "" {
			fmt.Fprintf(a.out, "\n%s: %s\n", p.ID(), p.Error)
		}
		for _, finding := range p.Findings {
			fmt.Fprintf(a.out, "\n%s: %s\n", p.ID(), finding)
		}
	}
	return nil
}
