package vantageledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// A chart is what the tenant shows of its accounts and of the projects that
// were asked for, by their keys without padding. It is kept, and read again when
// something in it stands against an entry.
type chart struct {
	accounts map[string]vantagepoint.Account
	projects map[string]vantagepoint.Project
	parents  map[string]bool // projects and phases that have levels below them
	asked    map[string]bool // WBS1 of the projects that were asked for; false: the tenant does not tell
	// whole says that an account that is not in accounts does not exist: not so
	// where the tenant shows no chart, or only the accounts that were used.
	whole bool
}

// checkChart finds accounts and projects that are missing or not active.
func (l *Ledger) checkChart(ctx context.Context, entries []booking.Entry, f *faults) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chart.accounts != nil {
		known := faults{}
		if err := l.readProjects(ctx, entries); err != nil {
			return err
		}
		l.chart.check(entries, &known)
		if len(known.texts) == 0 {
			return nil
		}
	}
	// Somebody may have added what was missing, or closed what was there.
	var err error
	if l.chart, err = l.readAccounts(ctx); err != nil {
		return err
	}
	if err = l.readProjects(ctx, entries); err != nil {
		l.chart = chart{}
		return err
	}
	l.chart.check(entries, f)
	return nil
}

func (l *Ledger) readAccounts(ctx context.Context) (chart, error) {
	c := chart{
		accounts: map[string]vantagepoint.Account{}, projects: map[string]vantagepoint.Project{},
		parents: map[string]bool{}, asked: map[string]bool{},
	}
	for a, err := range l.client.Accounts.List(ctx, vantagepoint.Query{}) {
		if untold(err) {
			break // the tenant shows none: it will judge for itself
		}
		if err != nil {
			return chart{}, fmt.Errorf("vantageledger: chart of accounts: %w", err)
		}
		c.accounts[bare(a.Account)] = a
		c.whole = c.whole || a.Type != 0
	}
	return c, nil
}

// readProjects adds to the chart the projects of the entries that are not in it
// yet, with all their levels: each is asked for by its key, because a firm has
// many more.
func (l *Ledger) readProjects(ctx context.Context, entries []booking.Entry) error {
	for _, e := range entries {
		for _, line := range e.Document.Lines() {
			if _, asked := l.chart.asked[bare(line.WBS1)]; asked || line.WBS1 == "" {
				continue
			}
			levels, err := l.client.Projects.Hierarchy(ctx, line.WBS1)
			if err != nil && !untold(err) {
				return fmt.Errorf("vantageledger: project %s: %w", line.WBS1, err)
			}
			l.chart.asked[bare(line.WBS1)] = !errors.Is(err, vantagepoint.ErrDenied)
			for _, p := range levels {
				l.chart.add(p)
			}
		}
	}
	return nil
}

func (c chart) add(p vantagepoint.Project) {
	key := projectKey(p.WBS1, p.WBS2, p.WBS3)
	c.projects[key] = p
	switch {
	case p.WBS3 != "":
		c.parents[projectKey(p.WBS1, p.WBS2, "")] = true
	case p.WBS2 != "":
		c.parents[projectKey(p.WBS1, "", "")] = true
	}
	c.parents[key] = c.parents[key] || bool(p.SubLevel)
}

// untold reports whether the tenant does not show a list to this user.
func untold(err error) bool {
	return errors.Is(err, vantagepoint.ErrNotFound) || errors.Is(err, vantagepoint.ErrDenied)
}

func (c chart) check(entries []booking.Entry, f *faults) {
	for _, e := range entries {
		for _, line := range e.Document.Lines() {
			a, ok := c.accounts[bare(line.Account)]
			switch {
			case !ok && c.whole:
				f.add(booking.CodeAccount, "account %s does not exist: add it to the chart or name another in the rules", line.Account)
			case ok && strings.EqualFold(a.Status, "I"):
				f.add(booking.CodeAccount, "account %s (%s) is inactive: activate it or name another in the rules", line.Account, a.Name)
			}
			if line.WBS1 == "" || !c.asked[bare(line.WBS1)] {
				continue
			}
			key := projectKey(line.WBS1, line.WBS2, line.WBS3)
			p, ok := c.projects[key]
			name := strings.Trim(strings.Join([]string{line.WBS1, line.WBS2, line.WBS3}, " / "), "/ ")
			switch {
			case !ok:
				f.add(booking.CodeAccount, "project %s does not exist: add it or name another in the rules", name)
			case p.Status != "" && !strings.EqualFold(p.Status, "A"):
				f.add(booking.CodeAccount, "project %s (%s) is not active: activate it or name another in the rules", name, p.Name)
			case c.parents[key]:
				f.add(booking.CodeAccount, "project %s (%s) has levels below it, and only the lowest takes entries: name one in the rules", name, p.Name)
			}
		}
	}
}

// bare is a key without the zeros and blanks that the tenant adds.
func bare(key string) string {
	return strings.ToUpper(strings.TrimLeft(strings.TrimSpace(key), "0"))
}

func projectKey(wbs1, wbs2, wbs3 string) string {
	return bare(wbs1) + "|" + bare(wbs2) + "|" + bare(wbs3)
}
