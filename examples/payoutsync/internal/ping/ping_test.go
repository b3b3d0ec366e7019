package ping_test

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/ping"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// hosts sends each request to the system that has its host, so that Amazon's regions are three hosts as they are in earnest.
type hosts struct{ amazon, tenant http.RoundTripper }

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Host, ".amazon.com") {
		return h.amazon.RoundTrip(r)
	}
	return h.tenant.RoundTrip(r)
}

func TestAWrongRegionIsToldFromAMissingRoleByAskingTheOthers(t *testing.T) {
	amazon := spapitest.New(spapitest.Options{Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 5, Count: 1, Rows: 10, Until: time.Now()})}})
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	who := amazon.Accounts()[0]
	seller := config.Seller{
		Name: "acme-us", Amazon: config.Amazon{Region: "eu", SellerID: who.ID, Marketplaces: who.MarketplaceIDs},
		Vantagepoint: config.Vantagepoint{BaseURL: tenant.BaseURL(), Database: "DEMO", Style: "files"},
	}
	cfg := &config.Config{Home: filepath.Join(t.TempDir(), "home"), Database: "sqlite", Rules: "none.yaml", Approval: "none", Sellers: []config.Seller{seller}}
	in, err := installation.Open(t.Context(), cfg, installation.Options{Transport: hosts{amazon.Transport(), tenant.Transport()}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	secrets := config.Credentials{
		Amazon:       config.AmazonCredentials{ClientID: who.ClientID, ClientSecret: who.ClientSecret, RefreshToken: who.RefreshToken},
		Vantagepoint: config.VantagepointCredentials{Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret},
	}
	look := func() map[string]ping.Check {
		t.Helper()
		r, err := ping.Seller(t.Context(), in, seller, secrets, nil)
		if err != nil {
			t.Fatal(err)
		}
		checks := map[string]ping.Check{}
		for _, c := range r.Checks {
			checks[c.Check] = c
		}
		return checks
	}
	if c := look()["amazon.region"]; c.OK || !strings.Contains(c.Message, `answered by "na" and not by "eu"`) || !strings.Contains(c.Remedy, "amazon.region: write region: na") {
		t.Errorf("a wrong region: %+v", c)
	}
	if _, looked := look()["amazon.settlement_reports"]; looked {
		t.Error("the operations of a wrong region are reported, too")
	}
	seller.Amazon.Region = "na"
	if c, wrong := look()["amazon.region"]; wrong || !look()["amazon.settlement_reports"].OK {
		t.Errorf("the right region: %+v", c)
	}
}
