package vantageledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func demoRules(t *testing.T) *ledgermap.Rules {
	t.Helper()
	r, err := ledgermap.LoadRules("starter", ledgermap.Starter())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheStarterRulesFitTheDemoTenantsChart(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	chart, err := w.ledger.Chart(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if list := demoRules(t).Lint(chart); len(list) != 0 {
		t.Errorf("complaints: %v", list)
	}
}

func TestTheChartTellsWhatRulesMustNotPostTo(t *testing.T) {
	accounts := slices.DeleteFunc(vantagepointtest.DemoAccounts(), func(a vantagepointtest.Account) bool { return a.Number == "611.00" })
	for i := range accounts {
		switch accounts[i].Number {
		case "401.00":
			accounts[i].Inactive = true
		case "115.00":
			accounts[i].Type = vantagepointtest.Liability
		}
	}
	w := newWorld(t, vantagepointtest.Options{Accounts: accounts})
	chart, err := w.ledger.Chart(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Join(demoRules(t).Lint(chart), "\n")
	for _, want := range []string{"account 611.00", "is not in the chart", "account 401.00", "is inactive", "account 115.00", "of type liability in the chart"} {
		if !strings.Contains(list, want) {
			t.Errorf("%q lacks %q", list, want)
		}
	}
}

func TestATenantThatShowsNoChartIsNotTakenForAnEmptyOne(t *testing.T) {
	w := newWorld(t, vantagepointtest.Options{})
	client, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: w.tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
		Transport: w.tenant.Transport(), Accounts: vantagepoint.NoAccounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := vantageledger.New(vantageledger.Config{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Chart(t.Context(), ""); !errors.Is(err, vantageledger.ErrNoChart) {
		t.Errorf("error %v, want ErrNoChart", err)
	}
}
