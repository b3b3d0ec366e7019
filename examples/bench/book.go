package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// books are a ledger in memory that answers at once, so that what is measured is the engine and the disk under its log.
type books map[string]booking.Booked

// Find implements [booking.Ledger].
func (b books) Find(_ context.Context, e booking.Entry) (booking.Booked, error) {
	held, ok := b[e.Batch]
	if !ok {
		return held, booking.ErrNotFound
	}
	return held, nil
}

// Book implements [booking.Ledger].
func (b books) Book(_ context.Context, e booking.Entry) (booking.Receipt, error) {
	held := booking.Booked{Batch: e.Batch, Ref: e.Ref, Period: e.Document.Period(), Date: e.Document.Date(), Currency: e.Currency}
	for _, line := range e.Document.Lines() {
		if !line.Auto {
			held.Lines = append(held.Lines, line)
		}
	}
	b[e.Batch] = held
	return booking.Receipt{}, nil
}

// book books settlements with the engine: each intent and each outcome synced to the disk before the next step.
func book(ctx context.Context, dir string) error {
	const settlements = 200
	trail, err := booking.OpenFileLog(filepath.Join(dir, "trail"), []byte("a key that only this run has"))
	if err != nil {
		return err
	}
	ledger := books{}
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: trail, Tenant: booking.Tenant{Database: "BOOKS"}, Seller: "A1SELLER", Actor: booking.Actor{Name: "bench", Service: true},
	})
	if err != nil {
		return errors.Join(err, trail.Close())
	}
	begun, records := time.Now(), int64(0)
	for n := range settlements {
		plan, err := logtest.Plan(fmt.Sprintf("%011d", 17461234567+n), ledgermap.Receipt)
		if err != nil {
			return errors.Join(err, trail.Close())
		}
		result, err := engine.Run(ctx, plan)
		if err != nil {
			return errors.Join(err, trail.Close())
		}
		records = result.Head.Count
	}
	took := time.Since(begun)
	if len(ledger) < settlements {
		return errors.Join(errors.New("not everything was booked"), trail.Close())
	}
	fmt.Printf("| book %d settlements, a ledger in memory | booking.Engine, log in files | %.2f s | %.0f documents/s; %.1f records synced to disk a document | |\n",
		settlements, took.Seconds(), float64(len(ledger))/took.Seconds(), float64(records)/float64(len(ledger)))
	return trail.Close()
}
