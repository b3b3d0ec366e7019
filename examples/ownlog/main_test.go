package main

import (
	"context"
	"errors"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// A store outlives the logs that are opened on it: the memory stands for it here, so every Open gets the same one.
func newStore(testing.TB) logtest.Store {
	m := newMemory([]byte("0123456789abcdef"))
	return logtest.Store{Open: func(testing.TB) booking.Log { return m }, Shared: true}
}

func TestTheLogKeepsTheContract(t *testing.T) { logtest.Run(t, newStore) }

// The engine is stopped at every kind of moment; afterwards every document is in the books once.
func TestTheLogCarriesTheEngineThroughCrashes(t *testing.T) {
	logtest.Crash(t, logtest.CrashOptions{NewStore: newStore, Kind: ledgermap.Receipt, Runs: 50, Seed: 1})
}

func TestARecordThatWasChangedStopsTheReader(t *testing.T) {
	ctx := context.Background()
	m := newMemory([]byte("0123456789abcdef"))
	if _, err := m.Append(ctx, booking.Record{Seller: "S", Event: booking.EventPlanned}); err != nil {
		t.Fatal(err)
	}
	m.links["S"][0].Body = []byte(`{"seq":1,"seller":"S","event":"approved"}`)
	for _, err := range m.Records(ctx, "S", "") {
		if !errors.Is(err, booking.ErrBroken) {
			t.Errorf("reading a changed record gave %v", err)
		}
	}
	if check, err := booking.Verify(ctx, m, "S"); err != nil || check.OK() {
		t.Errorf("Verify found nothing: %+v, %v", check, err)
	}
}

func Example() {
	main()
	// Output: 2 records, intact: true
}
