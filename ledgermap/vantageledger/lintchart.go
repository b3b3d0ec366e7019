package vantageledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// ErrNoChart says that the tenant shows this user no whole chart of accounts, so that an account that is missing there
// proves nothing.
var ErrNoChart = errors.New("vantageledger: the tenant shows this user no chart of accounts: ask for a role that may read accounts")

// Chart reads the company's accounts and projects to hold rules against, with [ledgermap.Rules.Lint]. Codes are as the
// tenant writes them. It does not tell which accounts are control accounts, because no known call of Vantagepoint does.
// A tenant that shows no chart is an [ErrNoChart].
func (l *Ledger) Chart(ctx context.Context, company string) (ledgermap.Chart, error) {
	if _, err := l.enter(ctx, company, true); err != nil {
		return ledgermap.Chart{}, err
	}
	read, err := l.readAccounts(ctx)
	if err != nil {
		return ledgermap.Chart{}, err
	}
	if err := l.addAllProjects(ctx, read); err != nil {
		return ledgermap.Chart{}, err
	}
	if !read.whole {
		return ledgermap.Chart{}, ErrNoChart
	}
	var c ledgermap.Chart
	for _, a := range read.accounts {
		c.Accounts = append(c.Accounts, ledgermap.ChartAccount{
			Code: a.Account, Name: a.Name, Type: ledgermap.AccountTypeOf(int(a.Type)), Inactive: strings.EqualFold(a.Status, "I"),
		})
	}
	for _, key := range slices.Sorted(maps.Keys(read.projects)) {
		p := read.projects[key]
		c.Projects = append(c.Projects, ledgermap.ChartProject{
			WBS1: p.WBS1, WBS2: p.WBS2, WBS3: p.WBS3, Overhead: strings.EqualFold(p.ChargeType, "H"),
			Inactive: p.Status != "" && !strings.EqualFold(p.Status, "A"), Organisation: p.Org,
		})
		if bool(p.SubLevel) && p.WBS3 == "" { // a level that this user does not see is a level all the same
			c.Projects = append(c.Projects, hiddenLevel(p))
		}
	}
	slices.SortFunc(c.Accounts, func(a, b ledgermap.ChartAccount) int { return cmp.Compare(a.Code, b.Code) })
	return c, nil
}

func (l *Ledger) addAllProjects(ctx context.Context, c chart) error {
	for _, level := range []vantagepoint.Level{vantagepoint.LevelProject, vantagepoint.LevelPhase, vantagepoint.LevelTask} {
		for p, err := range l.client.Projects.List(ctx, level, vantagepoint.Query{}) {
			if untold(err) {
				break
			}
			if err != nil {
				return fmt.Errorf("vantageledger: projects: %w", err)
			}
			c.add(p)
		}
	}
	return nil
}

// hiddenLevel stands for the levels below a project that says that it has some.
func hiddenLevel(p vantagepoint.Project) ledgermap.ChartProject {
	const some = "?"
	if p.WBS2 == "" {
		return ledgermap.ChartProject{WBS1: p.WBS1, WBS2: some}
	}
	return ledgermap.ChartProject{WBS1: p.WBS1, WBS2: p.WBS2, WBS3: some}
}
