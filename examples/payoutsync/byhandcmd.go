package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// onPayout does something with one payout that a person named, while nobody else works for its seller.
func (a *app) onPayout(ctx context.Context, id string, o installation.Options, f func(context.Context, *installation.Installation, *round.Seller, store.Payout) error) (err error) {
	in, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	row, err := in.Store.Resolve(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	c, err := in.Config.Seller(row.Name)
	if err != nil {
		return usage(err)
	}
	seller, err := in.Seller(ctx, c)
	if err != nil {
		return err
	}
	return in.Hold(ctx, c.Name, 0, func(ctx context.Context) error { return f(ctx, in, seller, row) })
}

// printPayout prints one payout as sync does.
func (a *app) printPayout(p round.Payout) error {
	if p.Err == nil && p.State == booking.StateAwaitingApproval {
		defer a.nextRelease(p.Seller + "/" + p.SettlementID)
	}
	if a.json {
		return errors.Join(a.emit(objectOfPayout(p)), said(p.Err))
	}
	_, err := fmt.Fprintf(a.out, "%s/%s  %s  %s\n", p.Seller, p.SettlementID, p.State, sentence(p))
	for _, finding := range p.Findings {
		fmt.Fprintf(a.out, "  %s\n", finding)
	}
	return errors.Join(err, said(p.Err))
}

type replayCmd struct {
	ID     string `arg:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	DryRun bool   `help:"Plan and print, and book nothing."`
}

// Help is printed below the flags.
func (replayCmd) Help() string {
	return "Example: payoutsync replay acme-us/17461234567\n\nTries one payout again at once: after a refusal was mended, or after a failure. What is booked is found, never booked twice. " +
		"One that was reversed is booked as its next revision."
}

func (c replayCmd) Run(ctx context.Context, a *app) error {
	return a.onPayout(ctx, c.ID, installation.Options{DryRun: c.DryRun}, func(ctx context.Context, in *installation.Installation, s *round.Seller, row store.Payout) error {
		if err := mayBook(in, c.DryRun); err != nil {
			return err
		}
		p, err := s.Replay(ctx, row.Settlement)
		if p.SettlementID == "" {
			return err
		}
		if p.Plan != nil {
			err = errors.Join(err, writePage(ctx, in, p))
		}
		return errors.Join(a.printPayout(p), err)
	})
}

type reverseCmd struct {
	ID     string `arg:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	Reason string `required:"" help:"Why. It stays in the audit log for good."`
	Date   string `placeholder:"YYYY-MM-DD" help:"The day of the reversal (default: the day that it was asked for with before, else today in the ledger's zone). In a closed period it is refused or moves to the next open one, as closed_period in the rules says."`
}

// Help is printed below the flags.
func (reverseCmd) Help() string {
	return "Example: payoutsync reverse acme-us/17461234567 --reason \"wrong project\"\n\nBooks the mirror of every document of the payout: debits and credits exchanged, in an open period, referring to the original. " +
		"Nothing is deleted. It can be run again after a failure, and the rounds go on with what is not finished. With approval: manual or two-person it waits for `payoutsync approve` by a user or two, and who runs this is not counted as one; the round after the release books it, and so does running it again. Afterwards `payoutsync replay` books the payout once more, as its next revision."
}

func (c reverseCmd) Run(ctx context.Context, a *app) error {
	var on ledgermap.Date
	if c.Date != "" {
		var err error
		if on, err = ledgermap.ParseDate(c.Date); err != nil {
			return usage(fmt.Errorf("--date %q is no day; write for example 2026-11-30", c.Date))
		}
	}
	who, err := user.Current()
	if err != nil {
		return usage(fmt.Errorf("who reverses? the audit log needs a name: %w", err))
	}
	// The name of an account of this machine says nothing about which user that is: it is noted, and releases nothing.
	o := installation.Options{Actor: booking.Actor{Name: who.Username, Service: true}}
	return a.onPayout(ctx, c.ID, o, func(ctx context.Context, _ *installation.Installation, s *round.Seller, row store.Payout) error {
		p, err := s.Reverse(ctx, row.Settlement, c.Reason, on)
		if err != nil {
			return err
		}
		return a.printPayout(p)
	})
}

type reconcileCmd struct {
	ID string `arg:"" optional:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	bankFlags
}

// Help is printed below the flags.
func (reconcileCmd) Help() string {
	return "Example: payoutsync reconcile acme-us/17461234567\n\nAsks Amazon's other interfaces about one payout, now: listSummary, listPayouts, event groups and, where the total differs, the transactions order by order. " +
		"The answer is agreed, differs, pending or ambiguous, with reasons. Nothing is booked.\n\n" + bankHelp
}

// reconciliationObject is the JSON of `reconcile ID`.
type reconciliationObject struct {
	SettlementID  string             `json:"settlement_id"`
	Seller        string             `json:"seller"`
	Verdict       string             `json:"verdict"`
	By            string             `json:"by"` // what confirmed the total: summary, payout or group
	Reasons       []string           `json:"reasons"`
	Differences   []differenceObject `json:"differences"`
	Late          []string           `json:"late"`
	Uncategorised []amountObject     `json:"uncategorised"`
	Findings      []string           `json:"findings"`
	PayoutStatus  string             `json:"payout_status"`
	TraceID       string             `json:"trace_id"`
}

type differenceObject struct {
	What     string `json:"what"`
	Key      string `json:"key"`
	Report   string `json:"report"`
	Second   string `json:"second"`
	Currency string `json:"currency"`
	Reason   string `json:"reason"`
}

type amountObject struct {
	Type     string `json:"type"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

func (c reconcileCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Bank != "" && c.ID == "":
		return c.reconcile(ctx, a)
	case c.Bank != "" || c.ID == "":
		return usage(errors.New("name one payout, or a bank's file with --bank"))
	}
	return a.onPayout(ctx, c.ID, installation.Options{}, func(ctx context.Context, _ *installation.Installation, s *round.Seller, row store.Payout) error {
		r, findings, err := s.Compare(ctx, row.Settlement)
		if err != nil {
			return err
		}
		o := reconciliationObject{
			SettlementID: row.Settlement, Seller: row.Name, Verdict: string(r.Verdict), By: r.By, Reasons: list(r.Reasons), Differences: []differenceObject{},
			Late: list(r.Late), Uncategorised: []amountObject{}, Findings: list(findings), PayoutStatus: r.PayoutStatus, TraceID: r.TraceID,
		}
		for _, d := range r.Differences {
			o.Differences = append(o.Differences, differenceObject{d.What, d.Key, d.Report.String(), d.Second.String(), d.Report.Currency().String(), d.Reason})
		}
		for _, u := range r.Uncategorised {
			o.Uncategorised = append(o.Uncategorised, amountObject{u.Type, u.Amount.String(), u.Amount.Currency().String()})
		}
		if a.json {
			err = a.emit(o)
		} else {
			err = a.printReconciliation(o)
		}
		if r.Verdict == settlement.Differs {
			err = errors.Join(err, said(differsError{row.ID()}))
		}
		return err
	})
}

func (a *app) printReconciliation(o reconciliationObject) error {
	_, err := fmt.Fprintf(a.out, "%s/%s: %s", o.Seller, o.SettlementID, o.Verdict)
	if o.By != "" {
		fmt.Fprintf(a.out, ", by %s", o.By)
	}
	fmt.Fprintln(a.out)
	for _, text := range append(o.Reasons, o.Findings...) {
		fmt.Fprintf(a.out, "  %s\n", text)
	}
	for _, d := range o.Differences {
		fmt.Fprintf(a.out, "  %s %s: %s %s in the report, %s in the second source: %s\n", d.What, d.Key, d.Report, d.Currency, d.Second, d.Reason)
	}
	for _, u := range o.Uncategorised {
		fmt.Fprintf(a.out, "  %s %s %s: nothing in the report answers to it by name; no difference\n", u.Type, u.Amount, u.Currency)
	}
	if len(o.Late) > 0 {
		fmt.Fprintf(a.out, "  %d orders are not in the second source yet\n", len(o.Late))
	}
	return err
}

// differsError says that the second source states something else.
type differsError struct{ id string }

func (e differsError) Error() string { return "payout " + e.id + " differs from the second source" }
