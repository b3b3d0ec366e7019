package vantageledger_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// counted is a tenant as a ledger whose books can be counted.
type counted struct {
	*vantageledger.Ledger
	tenant *vantagepointtest.Tenant
}

func (c counted) Batches() map[string]int {
	n := map[string]int{}
	for _, b := range c.tenant.Batches() {
		n[strings.ToUpper(b.Batch)]++
	}
	return n
}

// crashPlan is the plan of one kind on the tenant's own chart.
func crashPlan(t testing.TB) func(string, ledgermap.Kind) (*ledgermap.Plan, error) {
	return func(_ string, kind ledgermap.Kind) (*ledgermap.Plan, error) {
		total := money(t, 8500, "USD")
		plan := &ledgermap.Plan{Statement: settlement.Statement{ID: sid, Currency: total.Currency(), Total: total}}
		switch kind {
		case ledgermap.Invoice:
			plan.Documents = invoices(t)[:2]
		case ledgermap.Receipt:
			plan.Documents = journals(t)[2:]
		default:
			plan.Documents = journals(t)[:2]
		}
		return plan, nil
	}
}

func fileStore(t testing.TB) logtest.Store {
	dir := t.TempDir()
	var open *booking.FileLog
	t.Cleanup(func() { _ = open.Close() })
	return logtest.Store{
		Open: func(t testing.TB) booking.Log {
			t.Helper()
			if open != nil {
				_ = open.Close()
			}
			var err error
			if open, err = booking.OpenFileLog(dir, []byte("0123456789abcdef")); err != nil {
				t.Fatal(err)
			}
			return open
		},
		// A record that is whole but not counted by the head.
		Tear: func(t testing.TB, log booking.Log, r booking.Record, _ *rand.Rand) {
			head := filepath.Join(dir, "heads", seller+".json")
			before, err := os.ReadFile(head)
			if err != nil {
				return // the first record of all
			}
			if _, err := log.Append(context.Background(), r); err != nil {
				return
			}
			if err := os.WriteFile(head, before, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// The whole way, through the client and HTTP to the tenant's books, in files
// mode and without files, on a tenant that refuses a second batch of one name
// and on one that takes it.
func TestR4_2_CrashMatrixOverTheTenantsBooks(t *testing.T) {
	for _, kind := range []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt} {
		t.Run(string(kind), func(t *testing.T) {
			logtest.Crash(t, logtest.CrashOptions{
				NewStore: fileStore, NewPlan: crashPlan(t), Kind: kind, Runs: logtest.Runs(1000), Seed: 5,
				NewLedger: func(t testing.TB, run int) logtest.Ledger {
					o := vantagepointtest.Options{NoFiles: run%4 == 3, Quirks: vantagepointtest.Quirks{AcceptDuplicates: run%2 == 0}}
					tenant, err := vantagepointtest.New(o)
					if err != nil {
						t.Fatal(err)
					}
					style := vantagepoint.Files
					if o.NoFiles {
						style = vantagepoint.NoFiles
					}
					client, err := vantagepoint.NewClient(vantagepoint.Config{
						BaseURL: tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
						ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret), Style: style, Transport: tenant.Transport(),
					})
					if err != nil {
						t.Fatal(err)
					}
					ledger, err := vantageledger.New(vantageledger.Config{Client: client, Banks: map[string]string{"USD": "OPER"}})
					if err != nil {
						t.Fatal(err)
					}
					return counted{ledger, tenant}
				},
			})
		})
	}
}
