package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// tally is what the payouts of one run add up to.
type tally struct {
	summary summaryObject
	table   []round.Payout
	worst   error
	started time.Time
}

func newTally() *tally { return &tally{started: time.Now()} }

// waitsForApproval is the first payout that waits for a person, or "".
func (t *tally) waitsForApproval() string {
	for _, p := range t.table {
		if p.State == booking.StateAwaitingApproval {
			return p.Seller + "/" + p.SettlementID
		}
	}
	return ""
}

// take reports one payout and counts it.
func (a *app) take(ctx context.Context, in *installation.Installation, t *tally, p round.Payout) error {
	t.table = append(t.table, p)
	s := &t.summary
	s.Settlements++
	s.Documents += len(p.Result.Documents)
	s.Duplicates += p.Result.Duplicates
	switch {
	case p.State == booking.StateRefused:
		s.Refused++
	case p.Result.BookedNow() && (p.State == booking.StateBooked || p.State == booking.StatePosted):
		s.Booked++
	case found(p.Result):
		s.Found++
	}
	if p.InTransit() {
		s.InTransit++
	}
	if p.Result.ClearingOpen() {
		s.ClearingOpen++
		p.Findings = append(p.Findings, fmt.Sprintf("clearing_open: the clearing account holds %s although everything is booked", p.Result.Clearing))
	}
	t.worst = worse(t.worst, p.Err)
	if p.Plan != nil && !pageStands(in, p) {
		if err := writePage(ctx, in, p); err != nil {
			return err
		}
	}
	if a.json {
		return a.emit(objectOfPayout(p))
	}
	line := fmt.Sprintf("%s  %-9s %16s  %s", settlementName(p), p.State, total(p), sentence(p))
	if p.Err == nil {
		a.progress("%s", line) // the table at the end says the same
		return nil
	}
	_, err := fmt.Fprintln(a.out, line)
	return err
}

// found reports whether every document that could be booked was in the ledger before.
func found(r booking.Result) bool {
	for _, d := range r.Documents {
		if d.State != booking.DocumentFound && d.State != booking.DocumentPosted && d.State != booking.DocumentWaiting {
			return false
		}
	}
	return len(r.Documents) > 0
}

// complain prints what went wrong, if anything did, where more is to be said after it.
func (a *app) complain(err error) {
	if err == nil || errors.Is(err, context.Canceled) { // that somebody interrupts is told once, at the end
		return
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprint(a.err, "payoutsync: ", strings.TrimSuffix(line, "\n"), "\n")
	}
}

// close prints what the run comes to and returns its outcome.
func (a *app) close(in *installation.Installation, t *tally, trouble error) error {
	t.summary.AmazonCalls, t.summary.VantagepointCalls = in.AmazonCalls.Counts(), in.LedgerCalls.Counts()
	t.summary.Seconds = float64(time.Since(t.started).Milliseconds()) / 1000
	a.complain(trouble)
	outcome := worse(t.worst, trouble)
	if a.json {
		return errors.Join(a.emit(map[string]summaryObject{"summary": t.summary}), said(outcome))
	}
	if err := a.closingTable(t); err != nil {
		return err
	}
	return said(outcome)
}

func (a *app) closingTable(t *tally) error {
	if len(t.table) == 0 {
		return nil
	}
	s := t.summary
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if t.worst != nil {
		fmt.Fprintln(a.out) // below the refusals
	} else {
		a.progress("")
	}
	fmt.Fprint(w, "SETTLEMENT\tPERIOD\tTOTAL\tDOCUMENTS\tSTATE\n")
	for _, p := range t.table {
		st := p.Tally.Statement
		period := "-"
		if !st.Start.IsZero() {
			period = day(st.Start) + " to " + day(st.End)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", settlementName(p), period, total(p), documents(p), p.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	missed := ""
	if s.NotReached > 0 {
		missed = fmt.Sprintf(", %d not reached", s.NotReached)
	}
	_, err := fmt.Fprintf(a.out, "\n%s: %d booked now, %d found as booked before, %d refused, %d waiting for their money%s; %s in %.1f s\n",
		counted(s.Settlements, "settlement"), s.Booked, s.Found, s.Refused, s.InTransit, missed, counted(s.Documents, "document"), s.Seconds)
	return err
}

// counted is a number of things: "1 settlement", "2 settlements".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func settlementName(p round.Payout) string {
	if p.SettlementID == "" {
		return "(unreadable)"
	}
	return p.SettlementID
}

// total is the payout's, or a dash where the report could not be read.
func total(p round.Payout) string {
	if st := p.Tally.Statement; !st.Currency.IsZero() {
		return st.Total.String() + " " + st.Currency.String()
	}
	return "-"
}

// documents reads "2 created, 1 waiting", or "3 to be booked" where nothing is booked yet.
func documents(p round.Payout) string {
	if p.State == booking.StatePlanned && len(p.Result.Documents) == 0 && p.Plan != nil {
		return fmt.Sprintf("%d to be booked", len(p.Plan.Documents))
	}
	return documentStates(p.Result.Documents)
}

// documentStates reads "2 created, 1 waiting".
func documentStates(documents []booking.DocumentResult) string {
	var parts []string
	counts := map[booking.DocumentState]int{}
	for _, d := range documents {
		counts[d.State]++
	}
	for _, state := range []booking.DocumentState{
		booking.DocumentCreated, booking.DocumentFound, booking.DocumentPosted, booking.DocumentWaiting,
		booking.DocumentPlanned, booking.DocumentConflict, booking.DocumentReversed,
	} {
		if counts[state] > 0 {
			parts = append(parts, strconv.Itoa(counts[state])+" "+string(state))
		}
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ", ")
}

// sentence says in words what happened to one payout.
func sentence(p round.Payout) string {
	switch {
	case p.Err != nil:
		return p.Err.Error()
	case p.InTransit():
		return documentStates(p.Result.Documents) + "; the money is on its way"
	}
	return documents(p)
}

func objectOfPayout(p round.Payout) payoutObject {
	object := payoutObject{
		SettlementID: p.SettlementID, Seller: p.Seller, State: string(p.State), Documents: []documentObject{},
		Reconciliation: string(p.Reconciliation), Findings: list(p.Findings),
	}
	for _, d := range p.Result.Documents {
		object.Documents = append(object.Documents, documentObject{Key: d.Key.String(), Batch: d.Batch, State: string(d.State)})
	}
	if p.Err != nil {
		e := objectOf(p.Err)
		object.Error = &e
	}
	return object
}

// pageStands reports whether the page of an earlier round says all there is to say.
func pageStands(in *installation.Installation, p round.Payout) bool {
	_, err := os.Stat(in.Home.Path("reports", p.SettlementID+".html"))
	return err == nil && p.WasSettled && p.Err == nil && !p.Result.BookedNow()
}

// writePage leaves the page of a payout in the home.
func writePage(ctx context.Context, in *installation.Installation, p round.Payout) error {
	rules, _, err := in.Rules()
	if err != nil {
		return err
	}
	file, err := in.Report(ctx, p.SellerID, p.SettlementID, p.Tally.Statement.Digest)
	if err != nil {
		return err
	}
	past := &installation.Past{File: file, Tally: p.Tally, Plan: p.Plan, Rules: rules, Input: ledgermap.Input{Payout: p.Transfer}}
	var html bytes.Buffer
	view, err := pageOf(ctx, in, p.Row(), past)
	if err == nil {
		err = view.Write(&html)
	}
	if err = errors.Join(err, past.Close()); err != nil {
		return err
	}
	return home.WriteFile(in.Home.Path("reports", p.SettlementID+".html"), html.Bytes())
}

// syncOne runs a round of one seller and prints every payout.
func (a *app) syncOne(ctx context.Context, in *installation.Installation, t *tally, c config.Seller) error {
	seller, err := in.Seller(ctx, c)
	if err != nil {
		return err
	}
	if err := a.warnOfLapses(ctx, in, c); err != nil {
		return err
	}
	m := a.meter(c.Name, -1, unitPayouts)
	defer m.end()
	return in.Hold(ctx, c.Name, 0, func(ctx context.Context) error {
		var printing error
		reached := 0
		collected, err := seller.Run(ctx, round.All, func(p round.Payout) {
			m.add(1)
			reached++
			if err := a.take(ctx, in, t, p); err != nil && printing == nil {
				printing = err
			}
		})
		failure := ""
		if err != nil {
			failure = err.Error()
		}
		t.summary.NotReached += max(0, len(collected.Unreadable)+len(collected.Settlements)-reached)
		t.expect(c.Name, collected)
		a.progress("%s", expectation(collected, err))
		for _, g := range collected.Unfetched {
			a.log.WarnContext(ctx, "a settlement report is missing", "seller", c.Name, "what", round.UnfetchedText(g))
		}
		noted := in.Store.Ended(context.WithoutCancel(ctx), c.Name, collected.Brought > 0, collected.Expected, failure)
		return errors.Join(cmp.Or(err, noted), printing) // a database that is full says so once
	})
}

// warnOfLapses says which of the seller's credentials must be renewed soon. It is a warning of the log, so that --quiet does
// not hide it.
func (a *app) warnOfLapses(ctx context.Context, in *installation.Installation, c config.Seller) error {
	lapses, err := in.Lapses(ctx, c)
	for _, l := range lapses {
		if l.Warn {
			a.log.WarnContext(ctx, l.What, "seller", c.Name, "remedy", l.Remedy())
		}
	}
	return err
}

// expect notes when a seller's next settlement is to come.
func (t *tally) expect(name string, c round.Collected) {
	if t.summary.Expected == nil {
		t.summary.Expected = map[string]expectedObject{}
	}
	o := expectedObject{New: c.Brought, By: c.Expected, Overdue: c.Overdue(time.Now())}
	for _, g := range c.Unfetched {
		o.Unfetched = append(o.Unfetched, groupObject{g.ID, g.Start.UTC(), g.End.UTC(), g.OriginalTotal.String(), g.OriginalTotal.Currency().String()})
	}
	t.summary.Expected[name] = o
}

// expectation says in words what a round brought, and what the next ones should. err is what kept it from seeing everything.
func expectation(c round.Collected, err error) string {
	switch {
	case c.Brought > 0:
		return fmt.Sprintf("%d new settlements; the next settlement is expected by %s", c.Brought, day(c.Expected))
	case err != nil:
		return "Not everything could be seen; the next round looks again"
	case c.Expected.IsZero():
		return "No settlement is listed. Amazon publishes one about every two weeks once the account has sales; history older than 90 days comes with `payoutsync import`"
	case c.Overdue(time.Now()):
		return fmt.Sprintf("ALERT: nothing new, although a settlement was expected by %s: look at Payments, All Statements in Seller Central, and at the account's authorisation", day(c.Expected))
	}
	return fmt.Sprintf("No further settlement has come; the next one is expected by %s", day(c.Expected))
}
