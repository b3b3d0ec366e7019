package ledgermap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// chartOf is a chart that has everything the rules name.
func chartOf(r *ledgermap.Rules) ledgermap.Chart {
	var c ledgermap.Chart
	for _, a := range r.Accounts() {
		c.Accounts = append(c.Accounts, ledgermap.ChartAccount{Code: a.Code, Name: a.Name, Type: a.Type})
	}
	for _, p := range r.Projects() {
		c.Projects = append(c.Projects, ledgermap.ChartProject{WBS1: p.Code, Overhead: p.Overhead})
	}
	return c
}

// What the ledger does not tell, and what the rules do not depend on, is no complaint.
func TestLintTakesAChartThatTellsLess(t *testing.T) {
	r := rules(t, `code: ""`, `code: "A0"`, `"00000100.00": {type: regular,`, `"00000100.00": {type: regular, company: A0,`)
	chart := chartOf(r)
	for i := range chart.Accounts {
		chart.Accounts[i].Type = ""
	}
	chart.Projects[0].Organisation = "W" // matters only where organisations keep balance sheets of their own
	if list := r.Lint(chart); len(list) != 0 {
		t.Errorf("%v", list)
	}
	chart.Projects[0].Company = "A0"
	if list := r.Lint(chart); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

func TestR13_4_LintAgainstTheChart(t *testing.T) {
	r := rules(t, `code: ""`, `code: "A0"`, `"00000100.00": {type: regular,`, `"00000100.00": {type: regular, company: A0,`)
	if list := r.Lint(chartOf(r)); len(list) != 0 {
		t.Fatalf("a fitting chart has complaints: %v", list)
	}
	account := func(c *ledgermap.Chart, code string) *ledgermap.ChartAccount {
		return &c.Accounts[slices.IndexFunc(c.Accounts, func(a ledgermap.ChartAccount) bool { return a.Code == code })]
	}
	for name, c := range map[string]struct {
		spoil func(*ledgermap.Chart)
		want  string
	}{
		"missing account":       {func(c *ledgermap.Chart) { account(c, "401.00").Code = "0401.00" }, "did you mean 0401.00?"},
		"inactive account":      {func(c *ledgermap.Chart) { account(c, "401.00").Inactive = true }, "inactive"},
		"account of other type": {func(c *ledgermap.Chart) { account(c, "401.00").Type = ledgermap.Other }, "of type other"},
		"receivable account":    {func(c *ledgermap.Chart) { account(c, "117.00").Control = "receivable" }, "must not touch"},
		"missing project":       {func(c *ledgermap.Chart) { c.Projects = nil }, "project 00000100.00 is not in the ledger"},
		"inactive project":      {func(c *ledgermap.Chart) { c.Projects[0].Inactive = true }, "inactive"},
		"overhead project":      {func(c *ledgermap.Chart) { c.Projects[0].Overhead = true }, "overhead in the ledger"},
		"project of a company":  {func(c *ledgermap.Chart) { c.Projects[0].Company = "B0" }, "belongs to company B0, and to A0"},
		"project with phases": {func(c *ledgermap.Chart) {
			c.Projects = append(c.Projects, ledgermap.ChartProject{WBS1: "00000100.00", WBS2: "01"})
		}, "lower levels"},
	} {
		chart := chartOf(r)
		c.spoil(&chart)
		if list := r.Lint(chart); len(list) != 1 || !strings.Contains(list[0], c.want) {
			t.Errorf("%s: %q, want one that speaks of %q", name, list, c.want)
		}
	}
}

// Vantagepoint charges the lowest level of a project only.
func TestLintWantsTheLowestLevelOfAProject(t *testing.T) {
	r := rules(t, `storage: {account: "612.00", project: "00000100.00"}`, `storage: {account: "612.00", project: "00000100.00", phase: "01", task: "02"}`,
		"projects:\n", "projects:\n  \"00000101.00\": {type: regular}\n",
		"\nrules:\n", "\nrules:\n  - {when: {category: storage, sku: A}, project: \"00000101.00\", phase: \"01\"}\n"+
			"  - {when: {category: storage, sku: B}, project: \"00000101.00\", phase: \"01\", description: \"the same project again\"}\n")
	level := func(one, two, three string) ledgermap.ChartProject {
		return ledgermap.ChartProject{WBS1: one, WBS2: two, WBS3: three}
	}
	const a, b = "00000100.00", "00000101.00"
	above := "project " + a + " has lower levels; the rules must name one of them"
	for name, c := range map[string]struct {
		levels []ledgermap.ChartProject
		want   []string
	}{
		"all there":           {[]ledgermap.ChartProject{level(a, "01", ""), level(a, "01", "02"), level(b, "01", "")}, []string{above}},
		"another phase":       {[]ledgermap.ChartProject{level(b, "01", ""), level(b, "02", "03"), level(a, "01", "02")}, []string{above}},
		"no task":             {[]ledgermap.ChartProject{level(a, "01", ""), level(b, "01", "")}, []string{"project " + a + " 01 02 is not in the ledger", above}},
		"no phase":            {[]ledgermap.ChartProject{level(a, "01", "02")}, []string{above, "project " + b + " 01 is not in the ledger"}},
		"a task in the phase": {[]ledgermap.ChartProject{level(a, "01", "02"), level(b, "01", ""), level(b, "01", "01")}, []string{above, "project " + b + " 01 has lower levels; the rules must name one of them"}},
	} {
		chart := chartOf(r)
		chart.Projects = append(chart.Projects, c.levels...)
		got := r.Lint(chart)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestExamplesOfTheRulesAreTested(t *testing.T) {
	if n, failed := rules(t).Test(); n != 3 || len(failed) != 0 {
		t.Errorf("the starter has %d examples, of which fail %v", n, failed)
	}
	_, failed := rules(t, `referral_fee: {account: "611.00"`, `referral_fee: {account: "612.00"`).Test()
	if len(failed) != 1 || !strings.Contains(failed[0].String(), "612.00") || failed[0].Line == 0 {
		t.Errorf("failed %v", failed)
	}
}

func TestDiffShowsWhatOtherRulesChangeInTheBooks(t *testing.T) {
	before := plan(t, rules(t), typical().source(t), ledgermap.Input{})
	after := plan(t, rules(t, `referral_fee: {account: "611.00"`, `referral_fee: {account: "612.00"`), typical().source(t), ledgermap.Input{})
	changes, err := ledgermap.Diff([]*ledgermap.Plan{before}, []*ledgermap.Plan{after})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, strings.Join([]string{ledgermap.Period{Number: c.Period}.String(), c.Account, c.WBS1, c.Old.String(), c.New.String()}, " "))
	}
	want := []string{
		"202507 611.00 00000100.00 15.00 0.00", "202507 612.00 00000100.00 0.00 15.00",
		"202508 611.00 00000100.00 -6.00 0.00", "202508 612.00 00000100.00 0.00 -6.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if same, err := ledgermap.Diff([]*ledgermap.Plan{before}, []*ledgermap.Plan{before}); err != nil || len(same) != 0 {
		t.Errorf("the same plans differ: %v, %v", same, err)
	}
}

func TestR14_3_ReversalAndOriginalAreZeroEverywhere(t *testing.T) {
	p := plan(t, rules(t), typical().source(t), ledgermap.Input{Calendar: months(t)})
	for _, d := range p.Documents {
		mirror, err := ledgermap.Reverse(d, months(t), date(t, "2025-09-01"))
		if err != nil {
			t.Fatal(err)
		}
		if left := booked(t, d, mirror).accounts(); len(left) != 0 {
			t.Errorf("document %d and its reversal leave %v", d.Ordinal(), left)
		}
		if mirror.Kind() != d.Kind() || mirror.Reverses() != d.Digest() || mirror.Period() != 202509 || mirror.Ordinal() != d.Ordinal()+ledgermap.ReversalOffset {
			t.Errorf("reversal %+v", mirror.Spec())
		}
		if _, err := ledgermap.Reverse(mirror, months(t), date(t, "2025-09-01")); err == nil {
			t.Error("a reversal was reversed")
		}
		if _, err := ledgermap.Reverse(d, closedJuly(t), date(t, "2025-07-31")); err == nil {
			t.Error("reversed into a closed period")
		}
	}
}
