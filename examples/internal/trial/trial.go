// Package trial lets the short examples run for everybody: against the real systems where the environment holds
// credentials, else against the fakes, in this process and without a socket. A test always gets the fakes.
package trial

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// Day is the fakes' today.
var Day = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// Amazon returns what spapi.NewClient needs: from LWA_CLIENT_ID, LWA_CLIENT_SECRET, LWA_REFRESH_TOKEN and SPAPI_REGION
// (na, eu or fe), else for a fake with one seller and three settlements. Also holds answers, by path, of operations that
// the fake does not have.
func Amazon(also map[string]string) spapi.Config {
	lwa := spapi.LWA{
		ClientID:     os.Getenv("LWA_CLIENT_ID"),
		ClientSecret: spapi.NewSecret(os.Getenv("LWA_CLIENT_SECRET")),
		RefreshToken: spapi.NewSecret(os.Getenv("LWA_REFRESH_TOKEN")),
	}
	if lwa.ClientID != "" && !testing.Testing() {
		return spapi.Config{Region: spapi.Region(os.Getenv("SPAPI_REGION")), Tokens: lwa.TokenSource(), UserAgent: "Examples/1.0"}
	}
	fake := spapitest.New(spapitest.Options{
		Now:     func() time.Time { return Day },
		Sellers: []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 7, Count: 3, Until: Day})},
	})
	who := fake.Accounts()[0]
	lwa = spapi.LWA{
		ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken),
		Transport: fake.Transport(),
	}
	return spapi.Config{Region: spapi.NorthAmerica, Tokens: lwa.TokenSource(), Transport: extended{also, fake.Transport()}}
}

// Vantagepoint returns what vantagepoint.NewClient needs: from VANTAGEPOINT_URL, VANTAGEPOINT_DATABASE,
// VANTAGEPOINT_USER, VANTAGEPOINT_PASSWORD, VANTAGEPOINT_CLIENT_ID and VANTAGEPOINT_CLIENT_SECRET, else for a fake tenant.
func Vantagepoint() vantagepoint.Config {
	if address := os.Getenv("VANTAGEPOINT_URL"); address != "" && !testing.Testing() {
		return vantagepoint.Config{
			BaseURL: address, Database: os.Getenv("VANTAGEPOINT_DATABASE"),
			Username: os.Getenv("VANTAGEPOINT_USER"), Password: vantagepoint.NewSecret(os.Getenv("VANTAGEPOINT_PASSWORD")),
			ClientID: os.Getenv("VANTAGEPOINT_CLIENT_ID"), ClientSecret: vantagepoint.NewSecret(os.Getenv("VANTAGEPOINT_CLIENT_SECRET")),
		}
	}
	tenant, err := vantagepointtest.New(vantagepointtest.Options{Now: func() time.Time { return Day }})
	if err != nil {
		log.Fatal(err)
	}
	return vantagepoint.Config{
		BaseURL: tenant.BaseURL(), Database: "DEMO", Transport: tenant.Transport(),
		Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
	}
}

// extended answers some paths itself.
type extended struct {
	also map[string]string
	fake http.RoundTripper
}

func (e extended) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := e.also[r.URL.Path]
	if !ok {
		return e.fake.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}
