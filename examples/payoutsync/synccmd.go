package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

type syncCmd struct {
	Name   string `arg:"" optional:"" help:"One seller of the configuration (default: all of them)."`
	DryRun bool   `help:"Plan and print, and book nothing."`
}

// Help is printed below the flags.
func (syncCmd) Help() string {
	return "Example: payoutsync sync acme-us --dry-run\n\nOne round: finds new settlements, archives and proves them, plans their documents, and books what is not in the ledger yet. " +
		"It can be run again at any time."
}

func (c syncCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{DryRun: c.DryRun})
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
	if err := mayBook(in, c.DryRun); err != nil {
		return err
	}
	t := newTally()
	var trouble error
	for _, s := range sellers {
		a.progress("Seller %s", s.Name)
		err := a.syncOne(ctx, in, t, s)
		if ctx.Err() != nil { // whatever it cut short
			trouble = ctx.Err()
			break
		}
		if err != nil {
			trouble = errors.Join(trouble, fmt.Errorf("seller %s: %w", s.Name, err))
		}
	}
	if err = a.close(in, t, trouble); err == nil {
		a.nextAfterSync(in, t, c.DryRun)
	}
	return err
}

// nextAfterSync tells a newcomer what comes after a round in which nothing is left to mend.
func (a *app) nextAfterSync(in *installation.Installation, t *tally, dryRun bool) {
	rules, _, err := in.Rules()
	waits := t.waitsForApproval()
	switch s := t.summary; {
	case err != nil || s.Settlements == 0 || s.Refused > 0:
	case dryRun && rules.Demo():
		a.progress("Nothing was booked; %s shows each payout. Next: put the firm's accounts into %s, remove its mark `chart: demo`, check it with `payoutsync rules lint %s --seller %s`, then `payoutsync sync`",
			in.Home.Path("reports"), in.Config.Rules, in.Config.Rules, in.Config.Sellers[0].Name)
	case dryRun:
		a.progress("Nothing was booked; %s shows each payout. Next: `payoutsync sync`", in.Home.Path("reports"))
	case waits != "":
		a.progress("Next: look at the plans in %s, and release them, for example with `payoutsync approve %s --user NAME` (`payoutsync user add NAME` makes a user)", in.Home.Path("reports"), waits)
	case s.Booked > 0:
		a.progress("Next: look at the batches in Vantagepoint, or at %s; `payoutsync serve` does this on schedule from now on", in.Home.Path("reports"))
	}
}

// mayBook refuses rules whose accounts are examples. A dry run may use them.
func mayBook(in *installation.Installation, dryRun bool) error {
	rules, _, err := in.Rules()
	if err != nil {
		return err
	}
	if rules.Demo() && !dryRun {
		return usage(fmt.Errorf("%s is marked `chart: demo`: its accounts are examples. Put in the firm's own accounts and remove the mark; --dry-run works before that", in.Config.Rules))
	}
	return nil
}

type importCmd struct {
	Name  string   `arg:"" help:"The seller's name in the configuration."`
	Files []string `arg:"" name:"file" help:"Settlement files downloaded from Seller Central."`
}

// Help is printed below the flags.
func (importCmd) Help() string {
	return "Example: payoutsync import acme-us 50034020328.txt\n\nTakes downloaded files into the archive as if Amazon had delivered them: the way for history older than 90 days. " +
		"A file of several settlements brings in each of them. The next sync books them."
}

func (c importCmd) Run(ctx context.Context, a *app) (err error) {
	in, seller, err := a.openFor(ctx, c.Name, installation.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	var worst error
	m := a.filesMeter("import", c.Files)
	defer m.end()
	for _, name := range c.Files {
		entries, err := in.Archive.Import(ctx, seller.Amazon.SellerID, name)
		m.add(sizeOf(name))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			worst = worse(worst, err)
			if err := a.fileError(name, err); err != nil {
				return err
			}
			continue
		}
		for _, entry := range entries {
			if a.json {
				err = a.emit(entry)
			} else {
				_, err = fmt.Fprintf(a.out, "%s  settlement %s, %s %s\n", name, entry.SettlementID, entry.Total, entry.Currency)
			}
			if err != nil {
				return err
			}
		}
	}
	return said(worst)
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that the audit log and the archive are what they were."`
}

// Help is printed below the flags.
func (auditCmd) Help() string { return "Example: payoutsync audit verify" }

type auditVerifyCmd struct{}

// Help is printed below the flags.
func (auditVerifyCmd) Help() string {
	return "Example: payoutsync audit verify\n\nWalks every seller's chain from its first record, compares it with its sealed head, and reads every archived document. " +
		"The exit code is 4 when anything was changed, removed, reordered or inserted."
}

// chainObject is the JSON of one seller's chain.
type chainObject struct {
	Seller  string   `json:"seller"`
	Records int64    `json:"records"`
	Head    string   `json:"head"`
	Faults  []string `json:"faults"`
}

func (auditVerifyCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sellers, err := in.Log.Sellers(ctx)
	if err != nil {
		return err
	}
	booked, err := bookedBySeller(ctx, in)
	if err != nil {
		return err
	}
	for seller := range booked { // a log that is gone names nobody
		sellers = append(sellers, seller)
	}
	slices.Sort(sellers)
	sellers = slices.Compact(sellers)
	if len(sellers) == 0 {
		a.progress("The audit log is empty, and no payout is booked yet.")
	}
	var worst error
	for _, seller := range sellers {
		head, err := in.Log.Head(ctx, seller)
		if err != nil {
			return err
		}
		object := chainObject{Seller: seller, Records: head.Count, Head: head.Hash, Faults: []string{}}
		m := a.meter("audit of "+seller, head.Count, unitRecords)
		known := map[string]bool{}
		verification, err := booking.Verify(ctx, followedLog{in.Log, m, known}, seller)
		m.end()
		if err != nil {
			return err
		}
		unknown := slices.DeleteFunc(booked[seller], func(id string) bool { return known[id] })
		if n := len(unknown); n > 0 {
			verification.Faults = append(verification.Faults, booking.Fault{
				Damage: booking.DamageRemoved, Detail: fmt.Sprintf("%s booked of which the log knows nothing: %s", counted(n, "payout"), strings.Join(unknown, ", ")),
			})
		}
		for _, fault := range verification.Faults {
			object.Faults = append(object.Faults, fault.String())
		}
		worst = errors.Join(worst, verification.Err())
		if a.json {
			err = a.emit(object)
		} else {
			_, err = fmt.Fprintf(a.out, "%s: %d records, head %s, %d faults\n", seller, object.Records, object.Head, len(object.Faults))
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(worst, in.Archive.Verify(ctx))
}

// bookedBySeller are the settlements of which documents are in the ledger, as the database has them beside the log.
func bookedBySeller(ctx context.Context, in *installation.Installation) (map[string][]string, error) {
	payouts, err := in.Store.Payouts(ctx, store.PayoutFilter{Limit: 1 << 30})
	booked := map[string][]string{}
	for _, p := range payouts {
		if p.Booked() > 0 {
			booked[p.Seller] = append(booked[p.Seller], p.Settlement)
		}
	}
	return booked, err
}
