package collect_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// world is an Amazon with one seller and a collector of that seller's settlements.
type world struct {
	*collect.Collector
	archive *collect.Archive
	amazon  *spapitest.Amazon
	dir     string
	seller  string
}

// newWorld must be called inside a synctest bubble: its clock is the bubble's, and so are all waits.
func newWorld(t *testing.T, account spapitest.SellerAccount, faults ...spapitest.Step) *world {
	t.Helper()
	amazon := spapitest.New(spapitest.Options{Sellers: []spapitest.SellerAccount{account}, Faults: spapitest.Faults{Steps: faults}})
	who := amazon.Accounts()[0]
	w := &world{amazon: amazon, dir: t.TempDir(), seller: who.ID}
	w.archive = reopen(t, w.dir)
	w.collectThrough(t, amazon.Transport())
	return w
}

// collectThrough gives the world a collector that reaches Amazon through a transport.
func (w *world) collectThrough(t *testing.T, transport http.RoundTripper) {
	t.Helper()
	who := w.amazon.Accounts()[0]
	client, err := spapi.NewClient(spapi.Config{
		Region: spapi.NorthAmerica, Transport: transport,
		Tokens: spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: w.amazon.Transport()}.TokenSource(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Collector, err = collect.New(collect.Config{Client: client, Archive: w.archive, Seller: w.seller})
	if err != nil {
		t.Fatal(err)
	}
}

// keepIn gives the world an archive in another store.
func (w *world) keepIn(t *testing.T, store collect.Store) {
	t.Helper()
	w.archive = collect.NewArchive(store)
	w.collectThrough(t, w.amazon.Transport())
}

func reopen(t *testing.T, dir string) *collect.Archive {
	t.Helper()
	archive, err := collect.OpenArchive(dir)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// round is one round of Fetch: what came, and what went wrong.
func (w *world) round(t *testing.T) (entries []collect.Entry, errs []error) {
	t.Helper()
	for entry, err := range w.Fetch(t.Context()) {
		if err != nil {
			errs = append(errs, err)
		} else {
			entries = append(entries, entry)
		}
	}
	return entries, errs
}

// seller is a described seller whose last settlement ended on the bubble's today.
func seller(count int) spapitest.SellerAccount {
	return spapitest.Account(settlementtest.Seller{Seed: 7, Count: count, Rows: 40, Until: time.Now()})
}

func settlements(t *testing.T, archive *collect.Archive, seller string) []collect.Settlement {
	t.Helper()
	all, err := archive.Settlements(t.Context(), seller)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func entriesOf(t *testing.T, archive *collect.Archive) []collect.Entry {
	t.Helper()
	entries, err := archive.Entries(t.Context(), "A1")
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func pathOf(t *testing.T, archive *collect.Archive, e collect.Entry) string {
	t.Helper()
	name, err := archive.Path(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// fetched reports whether a report was archived and could be read.
func fetched(t *testing.T, archive *collect.Archive, reportID string) bool {
	t.Helper()
	return slices.ContainsFunc(entriesOf(t, archive), func(e collect.Entry) bool { return e.ReportID == reportID && e.Refused == "" })
}
