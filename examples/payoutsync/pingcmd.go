package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/ping"
)

type pingCmd struct {
	Name string `arg:"" optional:"" help:"One seller of the configuration (default: all of them)."`
}

// Help is printed below the flags.
func (pingCmd) Help() string {
	return "Example: payoutsync ping acme-us\n\nLogs in to both systems with the stored credentials, says who and what it can see, and what is missing: in words, with the screen " +
		"where it is mended. It writes nothing to either system, and may run beside `payoutsync serve`. What Vantagepoint has refused, rounds do not try again before ping or connect was answered well. The exit code is 1 when something needs mending, 3 when a system does not answer."
}

func (c pingCmd) Run(ctx context.Context, a *app) (err error) {
	clock := &ping.Clock{Base: installation.Transport()}
	in, err := a.open(ctx, installation.Options{ReadOnly: true, Transport: clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sellers := in.Config.Sellers
	if c.Name != "" {
		seller, err := in.Config.Seller(c.Name)
		if err != nil {
			return usage(err)
		}
		sellers = []config.Seller{seller}
	}
	var worst error
	for _, s := range sellers {
		outcome, err := a.ping(ctx, in, s, clock)
		if err != nil {
			return err
		}
		a.complain(outcome)
		worst = worse(worst, outcome)
	}
	if worst == nil {
		a.progress("Next: `payoutsync sync --dry-run`")
	}
	return said(worst)
}

// ping looks at one seller and prints what it finds. outcome is what the exit code says of it.
func (a *app) ping(ctx context.Context, in *installation.Installation, s config.Seller, clock *ping.Clock) (outcome, err error) {
	secrets, err := in.Credentials(ctx, s)
	if err != nil {
		if none, ok := errors.AsType[*installation.NoCredentialsError](err); ok {
			err = none // what to do is the remedy
		}
		check := ping.Check{Check: "credentials", Message: err.Error(), Remedy: "payoutsync connect " + s.Name}
		r := &ping.Report{Seller: s.Name, SellerID: s.Amazon.SellerID, Checks: []ping.Check{check}}
		return pingOutcome(r, "ping"), a.printReport(r)
	}
	r, err := ping.Seller(ctx, in, s, secrets, clock)
	if err != nil {
		return nil, err
	}
	lapses, err := in.Lapses(ctx, s)
	if err != nil {
		return nil, err
	}
	r.Lapses(lapses)
	return pingOutcome(r, "ping"), a.printReport(r)
}

// pingOutcome is what the exit code says of a report: 3 where waiting may help, else 1 where somebody must mend something.
// again is the command to run after that.
func pingOutcome(r *ping.Report, again string) error {
	switch {
	case r.Later():
		return fmt.Errorf("seller %s: a system did not answer as it should; run `payoutsync %s %s` again later", r.Seller, again, r.Seller)
	case r.Mend():
		return usage(fmt.Errorf("seller %s: mend what is marked MEND, then run `payoutsync %s %s` again", r.Seller, again, r.Seller))
	}
	return nil
}

func (a *app) printReport(r *ping.Report) error {
	if a.json {
		return a.emit(r)
	}
	fmt.Fprintf(a.out, "%s\n", r.Seller)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		mark := "ok"
		switch {
		case c.Later:
			mark = "LATER"
		case !c.OK:
			mark = "MEND"
		case c.Remedy != "":
			mark = "note"
		}
		fmt.Fprintf(w, "  %s\t%s\n", mark, c.Message)
		if c.Remedy != "" {
			fmt.Fprintf(w, "  \t→ %s\n", c.Remedy)
		}
	}
	return w.Flush()
}
