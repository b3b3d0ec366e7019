package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
)

type rulesCmd struct {
	Lint rulesLintCmd `cmd:"" help:"Check a rules file, and hold it against a company's chart of accounts."`
	Test rulesTestCmd `cmd:"" help:"Run the examples of a rules file."`
	Diff rulesDiffCmd `cmd:"" help:"Show what other rules would change in the books."`
}

// Help is printed below the flags.
func (rulesCmd) Help() string { return "Example: payoutsync rules lint rules.yaml" }

// rulesError says that rules do not pass.
type rulesError struct{ message string }

func (e rulesError) Error() string { return e.message }

// ruleFault is one thing that is wrong with rules. Line and column are missing where it is about no place of the file.
type ruleFault struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

type rulesLintCmd struct {
	File   string `arg:"" optional:"" help:"Rules file (default: the configuration's)."`
	Seller string `placeholder:"NAME" help:"Hold the rules against the chart of accounts and projects of this seller's company."`
}

// Help is printed below the flags.
func (rulesLintCmd) Help() string {
	return "Example: payoutsync rules lint rules.yaml --seller acme-us\n\nReads the file and lists every mistake with line and column. With --seller it logs in to the " +
		"seller's company and lists what would fail there, or post elsewhere than the rules say: accounts and projects that are missing, inactive or of another type. " +
		"Nothing is written anywhere. The exit code is 2 when something is wrong."
}

// lintObject is the JSON of `rules lint`. Seller is empty where no chart was asked for.
type lintObject struct {
	File     string      `json:"file"`
	Version  string      `json:"version"`
	SHA256   string      `json:"sha256"`
	Demo     bool        `json:"demo"`
	Accounts int         `json:"accounts"`
	Projects int         `json:"projects"`
	Seller   string      `json:"seller"`
	Faults   []ruleFault `json:"faults"`
}

func (c rulesLintCmd) Run(ctx context.Context, a *app) error {
	name, err := c.file(a)
	if err != nil {
		return err
	}
	object := lintObject{File: name, Seller: c.Seller, Faults: []ruleFault{}}
	rules, faults, err := readRules(name)
	if err != nil {
		return err
	}
	object.Faults = append(object.Faults, faults...)
	if rules != nil {
		object.Version, object.SHA256, object.Demo = rules.Version(), rules.Hash(), rules.Demo()
		object.Accounts, object.Projects = len(rules.Accounts()), len(rules.Projects())
		if c.Seller != "" {
			chart, err := a.chart(ctx, c.Seller)
			if err != nil {
				return err
			}
			for _, text := range rules.Lint(chart) {
				object.Faults = append(object.Faults, ruleFault{Message: text})
			}
		}
	}
	if err := a.printLint(object); err != nil {
		return err
	}
	if len(object.Faults) > 0 {
		return said(rulesError{fmt.Sprintf("%s has %d faults", name, len(object.Faults))})
	}
	return nil
}

// file is the file that was named, or the configuration's.
func (c rulesLintCmd) file(a *app) (string, error) {
	if c.File != "" {
		return c.File, nil
	}
	cfg, err := config.Load(a.config)
	if err != nil {
		return "", err
	}
	return cfg.Rules, nil
}

func (a *app) printLint(o lintObject) error {
	if a.json {
		return a.emit(o)
	}
	for _, f := range o.Faults {
		where := o.File
		if f.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", o.File, f.Line, f.Column)
		}
		fmt.Fprintf(a.out, "%s: %s\n", where, f.Message)
	}
	if o.SHA256 == "" {
		_, err := fmt.Fprintf(a.out, "%s: faults: %d. Nothing more was checked.\n", o.File, len(o.Faults))
		return err
	}
	chart := "The chart of accounts was not checked; name a seller with --seller to hold the rules against its company."
	if o.Seller != "" {
		chart = "Checked against the chart of accounts of " + o.Seller + "."
	}
	demo := ""
	if o.Demo {
		demo = " The file is marked `chart: demo`: sync refuses it until its accounts are the firm's own and the mark is removed."
	}
	_, err := fmt.Fprintf(a.out, "%s: accounts: %d, projects: %d, faults: %d. %s%s\n", o.File, o.Accounts, o.Projects, len(o.Faults), chart, demo)
	return err
}

// readRules reads rules for a command that is about their mistakes: those are a result. The error is for a file that
// cannot be read at all.
func readRules(name string) (*ledgermap.Rules, []ruleFault, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("read the rules: %w", err))
	}
	rules, err := ledgermap.LoadRules(name, data)
	return rules, ruleFaults(err), nil
}

// ruleFaults takes the mistakes of a rules file apart.
func ruleFaults(err error) []ruleFault {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []ruleFault
		for _, e := range joined.Unwrap() {
			list = append(list, ruleFaults(e)...)
		}
		return list
	}
	if mistake, ok := errors.AsType[*ledgermap.RuleError](err); ok {
		return []ruleFault{{mistake.Line, mistake.Column, mistake.Message}}
	}
	return []ruleFault{{Message: err.Error()}}
}

// chart reads the chart of accounts and projects of a seller's company.
func (a *app) chart(ctx context.Context, name string) (chart ledgermap.Chart, err error) {
	in, seller, err := a.openFor(ctx, name, installation.Options{ReadOnly: true})
	if err != nil {
		return chart, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	ledger, err := in.Ledger(ctx, seller)
	if err != nil {
		return chart, err
	}
	if chart, err = ledger.Chart(ctx, seller.Vantagepoint.Company); errors.Is(err, vantageledger.ErrNoChart) {
		return chart, rulesError{fmt.Sprintf("seller %s: %v", name, err)}
	}
	return chart, err
}

type rulesTestCmd struct {
	File string `arg:"" optional:"" help:"Rules file (default: the configuration's)."`
}

// Help is printed below the flags.
func (rulesTestCmd) Help() string {
	return "Example: payoutsync rules test rules.yaml\n\nRuns what stands under `examples:` in the file: each names a kind of line and the account and project that its author " +
		"expects for it. The exit code is 2 when one comes out otherwise."
}

// testObject is the JSON of `rules test`.
type testObject struct {
	File     string      `json:"file"`
	Examples int         `json:"examples"`
	Failed   []ruleFault `json:"failed"`
}

func (c rulesTestCmd) Run(a *app) error {
	name, err := rulesLintCmd{File: c.File}.file(a)
	if err != nil {
		return err
	}
	rules, err := loadRules(name)
	if err != nil {
		return err
	}
	examples, failed := rules.Test()
	object := testObject{File: name, Examples: examples, Failed: []ruleFault{}}
	for _, f := range failed {
		object.Failed = append(object.Failed, ruleFault{Line: f.Line, Message: f.Message})
	}
	if a.json {
		err = a.emit(object)
	} else {
		for _, f := range failed {
			fmt.Fprintln(a.out, f)
		}
		_, err = fmt.Fprintf(a.out, "%s: %d examples, %d failed.%s\n", name, examples, len(failed), noExamples(examples))
	}
	if err == nil && len(failed) > 0 {
		err = said(rulesError{fmt.Sprintf("%d of %d examples failed", len(failed), examples)})
	}
	return err
}

func noExamples(n int) string {
	if n > 0 {
		return ""
	}
	return " Write some under `examples:`, so that a later edition of the rules cannot change them unseen."
}

type rulesDiffCmd struct {
	Old        string   `arg:"" help:"Rules file as it is."`
	New        string   `arg:"" help:"Rules file as it would be."`
	Files      []string `arg:"" name:"file" help:"Settlement files as Amazon delivers them, plain or gzipped."`
	Settlement string   `placeholder:"ID" help:"Compare this settlement of files that hold several."`
}

// Help is printed below the flags.
func (rulesDiffCmd) Help() string {
	return "Example: payoutsync rules diff rules.yaml rules-2027.yaml archive/*.txt\n\nPlans every settlement with both rules and shows, by period, account and project, what would stand in the " +
		"books otherwise. Debits are positive. It plans with calendar months and asks nobody. The exit code is 2 when one of the rules refuses a settlement, which is then left out."
}

// changeObject is one line of `rules diff`: signed sums, positive for a debit balance.
type changeObject struct {
	Period   int    `json:"period"`
	Account  string `json:"account"`
	WBS1     string `json:"wbs1"`
	WBS2     string `json:"wbs2"`
	WBS3     string `json:"wbs3"`
	Currency string `json:"currency"`
	Old      string `json:"old"`
	New      string `json:"new"`
	Delta    string `json:"delta"`
}

func (c rulesDiffCmd) Run(ctx context.Context, a *app) error {
	var sets [2]planner
	for i, name := range []string{c.Old, c.New} {
		rules, err := loadRules(name)
		if err != nil {
			return err
		}
		sets[i].rules, sets[i].settlement = rules, c.Settlement
	}
	var plans [2][]*ledgermap.Plan
	var worst error
	for _, name := range c.Files {
		var pair [2]*ledgermap.Plan
		var refused error
		for i := range sets {
			plan, err := sets[i].plan(ctx, name)
			if err != nil {
				refused = worse(refused, fmt.Errorf("with %s: %w", []string{c.Old, c.New}[i], err))
			}
			pair[i] = plan
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if refused != nil {
			worst = worse(worst, refused)
			if err := a.planRefused(name, refused); err != nil {
				return err
			}
			continue
		}
		plans[0], plans[1] = append(plans[0], pair[0]), append(plans[1], pair[1])
	}
	changes, err := ledgermap.Diff(plans[0], plans[1])
	if err != nil {
		return err
	}
	if err := a.printChanges(changes, len(plans[0]), len(c.Files)-len(plans[0])); err != nil {
		return err
	}
	return said(worst)
}

func (a *app) printChanges(changes []ledgermap.Change, compared, refused int) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !a.json && len(changes) > 0 {
		fmt.Fprintln(w, "PERIOD\tACCOUNT\tPROJECT\tOLD\tNEW\tDELTA\t")
	}
	for _, c := range changes {
		delta, err := c.Delta()
		if err != nil {
			return fmt.Errorf("account %s, period %d: %w", c.Account, c.Period, err)
		}
		if a.json {
			object := changeObject{c.Period, c.Account, c.WBS1, c.WBS2, c.WBS3, c.Currency.String(), c.Old.String(), c.New.String(), delta.String()}
			if err := a.emit(object); err != nil {
				return err
			}
			continue
		}
		project := strings.Join(nonEmpty(c.WBS1, c.WBS2, c.WBS3), " / ")
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s %s\t\n", c.Period, c.Account, project, c.Old, c.New, delta, c.Currency)
	}
	if a.json {
		return a.emit(map[string]any{"summary": map[string]int{"settlements": compared, "refused": refused, "changes": len(changes)}})
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "%d settlements compared, %d refused: %d balances would change\n", compared, refused, len(changes))
	return err
}
