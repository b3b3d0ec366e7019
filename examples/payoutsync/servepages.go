package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/queue"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/service"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// pages is an installation as the pages of serve show it. It asks the database alone, never one of the two systems.
type pages struct {
	in   *installation.Installation
	work *service.Service
}

var _ web.Source = (*pages)(nil)

// Payouts implements [web.Source].
func (p *pages) Payouts(ctx context.Context, f web.Filter) ([]web.Payout, bool, error) {
	rows, err := p.in.Store.Payouts(ctx, store.PayoutFilter{Name: f.Seller, State: f.State, Begins: f.Text, Offset: f.Skip, Limit: f.Most + 1})
	if err != nil {
		return nil, false, err
	}
	more := len(rows) > f.Most
	views := make([]web.Payout, 0, f.Most)
	for _, row := range rows[:min(len(rows), f.Most)] {
		views = append(views, viewOf(row))
	}
	return views, more, nil
}

func viewOf(row store.Payout) web.Payout {
	return web.Payout{
		Seller: row.Name, Settlement: row.Settlement, State: row.State, Start: row.Start, End: row.End, Deposit: row.Deposit, Total: row.Total, Currency: row.Currency,
		Reconciliation: row.Reconciliation, Settled: row.Settled, Findings: row.Findings, Error: row.Error, Documents: documentViews(row.Documents), LookedAt: row.LookedAt,
	}
}

func documentViews(documents []store.Document) []web.Document {
	views := make([]web.Document, len(documents))
	for i, d := range documents {
		views[i] = web.Document{Kind: d.Kind, Batch: d.Batch, Ref: d.Ref, State: d.State, Date: d.Date, Debit: d.Debit}
	}
	return views
}

// row is one payout, or [web.ErrNotFound].
func (p *pages) row(ctx context.Context, seller, settlement string) (store.Payout, error) {
	row, err := p.in.Store.Resolve(ctx, seller+"/"+settlement)
	if errors.Is(err, store.ErrNotFound) {
		err = web.ErrNotFound
	}
	return row, err
}

// Payout implements [web.Source].
func (p *pages) Payout(ctx context.Context, seller, settlement string) (web.Payout, error) {
	row, err := p.row(ctx, seller, settlement)
	return viewOf(row), err
}

// Report implements [web.Source]. The report is made anew from what the plan was made from.
func (p *pages) Report(ctx context.Context, seller, id string, w io.Writer) (err error) {
	row, err := p.row(ctx, seller, id)
	if err != nil {
		return err
	}
	defer func() {
		if errors.Is(err, booking.ErrBroken) {
			err = &web.RefusedError{Reason: "the audit trail does not hold: `payoutsync audit verify` names what was changed; restore the database from a backup. " + err.Error()}
		}
	}()
	past, err := p.in.Past(ctx, row)
	if _, damaged := errors.AsType[*installation.DamagedPlanError](err); damaged || errors.Is(err, collect.ErrDamaged) || settlement.CodeOf(err) != "" {
		return &web.RefusedError{Reason: err.Error()} // only a person can mend it
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	view, err := pageOf(ctx, p.in, row, past)
	if err != nil {
		return err
	}
	return view.Write(w)
}

// mostFindings is how many payouts the page of findings looks through.
const mostFindings = 1000

// Findings implements [web.Source].
func (p *pages) Findings(ctx context.Context) ([]web.Finding, error) {
	rows, err := p.in.Store.Payouts(ctx, store.PayoutFilter{Open: true, Limit: mostFindings})
	if err != nil {
		return nil, err
	}
	sellers, err := p.Sellers(ctx)
	if err != nil {
		return nil, err
	}
	var all []web.Finding
	for _, s := range sellers {
		for _, text := range s.Missing {
			all = append(all, web.Finding{Seller: s.Name, Code: "report_missing", Text: text})
		}
	}
	for _, row := range rows {
		if row.Error != "" {
			all = append(all, web.Finding{Seller: row.Name, Settlement: row.Settlement, Code: row.ErrorCode, Text: row.Error, Refused: row.State == string(booking.StateRefused)})
		}
		for _, text := range row.Findings {
			code, rest, ok := strings.Cut(text, ": ")
			if !ok || strings.Contains(code, " ") {
				code, rest = "finding", text
			}
			all = append(all, web.Finding{Seller: row.Name, Settlement: row.Settlement, Code: code, Text: rest})
		}
	}
	return all, nil
}

// Approvals implements [web.Source].
func (p *pages) Approvals(ctx context.Context) ([]web.Approval, error) {
	waiting, err := p.in.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	var all []web.Approval
	for _, w := range waiting {
		view := web.Approval{
			Seller: w.Name, Settlement: w.Settlement, Title: w.Title(), Payout: w.Period == 0, Plan: w.Plan, By: w.By, Needed: w.Needed, Next: w.Next(),
		}
		if w.Err != nil {
			view.Error = w.Err.Error()
		}
		if w.Reversal == nil {
			view.Documents = documentViews(w.Payout.Documents)
		}
		for _, d := range w.Documents {
			view.Booked = append(view.Booked, entryView(d))
		}
		all = append(all, view)
	}
	return all, nil
}

func entryView(d installation.Presented) web.Entry {
	e := web.Entry{Document: web.Document{
		Kind: string(d.Kind), Batch: d.Batch, Ref: d.Ref, State: string(booking.DocumentPlanned), Date: d.Document.Date().String(), Debit: d.Document.DebitTotal().String(),
	}, Text: d.Document.Description()}
	for _, l := range d.Document.Lines() {
		e.Lines = append(e.Lines, web.Line{Account: l.Account, Text: describeLine(l), Debit: side(l.Debit), Credit: side(l.Credit)})
	}
	return e
}

// Approve implements [web.Source].
func (p *pages) Approve(ctx context.Context, seller, settlement, plan, user string) error {
	w, err := p.in.WaitingFor(ctx, seller+"/"+settlement)
	if errors.Is(err, store.ErrNotFound) {
		return web.ErrNotFound
	}
	if err == nil {
		err = release(ctx, p.in, w, plan, user, "")
	}
	if refused, ok := errors.AsType[*booking.RefusedError](err); ok {
		return &web.RefusedError{Reason: refused.Message}
	}
	if waits, ok := errors.AsType[*installation.NotWaitingError](err); ok {
		return &web.RefusedError{Reason: waits.Error()}
	}
	return err
}

// release puts a person's release into the audit log, and makes the seller's next round due now.
func release(ctx context.Context, in *installation.Installation, w installation.Waiting, plan, user, reason string) error {
	if w.Err != nil {
		return w.Err
	}
	c, err := in.Config.Seller(w.Name)
	if err != nil {
		return err
	}
	seller, err := in.Seller(ctx, c)
	if err != nil {
		return err
	}
	if err := seller.Engine.Approve(ctx, booking.Release{Settlement: w.Settlement, Plan: plan, By: user, Reason: reason}); err != nil {
		return err
	}
	return in.Store.SetDue(ctx, w.Name, 0)
}

// Sellers implements [web.Source].
func (p *pages) Sellers(ctx context.Context) ([]web.Seller, error) {
	known, err := p.in.Store.Sellers(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{"client_secret": "Amazon's client secret", "authorisation": "Seller's authorisation"}
	var all []web.Seller
	for _, s := range known {
		c, err := p.in.Config.Seller(s.Name)
		if err != nil {
			continue // it was taken out of the configuration
		}
		view := web.Seller{
			Name: s.Name, ID: s.Seller, Schedule: time.Duration(c.Schedule), Next: s.Due, Last: s.Round, LastError: s.RoundError, Holder: s.Holder,
			Expected: s.Expected, Overdue: !s.Expected.IsZero() && time.Now().After(s.Expected),
		}
		for _, g := range s.Unfetched {
			view.Missing = append(view.Missing, round.UnfetchedText(g))
		}
		if s.Connected.IsZero() {
			view.Tokens = []web.Token{{What: "No credentials,", Soon: true, Note: fmt.Sprintf("enter them with payoutsync connect %s", s.Name)}}
		}
		for _, l := range diagnose.Lapses(s.Secret, s.Authorised, time.Now()) {
			token := web.Token{What: names[l.Credential], Ends: l.Ends, Soon: l.Warn}
			if l.Warn {
				token.Note = l.Remedy()
			}
			view.Tokens = append(view.Tokens, token)
		}
		all = append(all, view)
	}
	return all, nil
}

// mostJobs is how many jobs their page shows.
const mostJobs = 200

// Jobs implements [web.Source].
func (p *pages) Jobs(ctx context.Context, state string) ([]web.Job, []web.Count, error) {
	var states []queue.State
	counted, err := p.work.Queue.Counts(ctx)
	if err != nil {
		return nil, nil, err
	}
	var counts []web.Count
	for _, s := range queue.States() {
		counts = append(counts, web.Count{State: string(s), N: counted[s]})
		if string(s) == state {
			states = []queue.State{s}
		}
	}
	entries, err := p.work.Queue.List(ctx, mostJobs, states...)
	if err != nil {
		return nil, nil, err
	}
	var jobs []web.Job
	for _, e := range entries {
		jobs = append(jobs, web.Job{
			ID: e.ID, Task: e.Task, Seller: e.Seller, Subject: e.Subject, State: string(e.State), Attempt: e.Attempt, Attempts: e.Attempts,
			Created: e.Created, Next: e.Next, Begun: e.Begun, Ended: e.Ended, By: e.By, LastError: e.LastError,
		})
	}
	return jobs, counts, nil
}

// Ready implements [web.Source].
func (p *pages) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return p.in.Store.Alive(ctx)
}
