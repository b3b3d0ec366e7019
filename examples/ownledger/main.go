// Ownledger books into a ledger of one's own: a folder with a JSON file per document.
//
// The engine asks two things of a booking.Ledger: to show what it holds under a batch name, and to book a document under
// that name once. Everything else, looking before sending, settling lost answers, the audit trail, is the engine's. The
// better the ledger itself refuses a second document of one name, the stronger the whole: here the file system does it.
//
//	go run -C examples ./ownledger
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
)

// A folder is a booking.Ledger.
type folder string

var _ booking.Ledger = folder("")

func (f folder) path(batch string) string { return filepath.Join(string(f), batch+".json") }

// Find answers from the books as they are, not from a copy that may lag behind: the engine decides by it what to send.
func (f folder) Find(_ context.Context, e booking.Entry) (booking.Booked, error) {
	data, err := os.ReadFile(f.path(e.Batch))
	if errors.Is(err, fs.ErrNotExist) {
		return booking.Booked{}, booking.ErrNotFound // and nothing else may be ErrNotFound: it lets the engine send
	}
	if err != nil {
		return booking.Booked{}, err
	}
	var d ledgermap.Document
	if err := json.Unmarshal(data, &d); err != nil {
		return booking.Booked{}, fmt.Errorf("batch %s: %w", e.Batch, err)
	}
	held := booking.Booked{Batch: e.Batch, Ref: e.Ref, Period: d.Period(), Date: d.Date(), Currency: d.Currency()}
	for _, line := range d.Lines() {
		if !line.Auto { // the lines that were sent, without the one that a ledger makes itself
			held.Lines = append(held.Lines, line)
		}
	}
	return held, nil
}

// Book writes the document aside and then gives it its name in one step, which fails if the name is taken. So there is
// never half a document, and never a second one.
func (f folder) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return booking.Receipt{}, fmt.Errorf("%w: %w", booking.ErrNotSent, err) // not after the deadline
	}
	data, err := json.MarshalIndent(e.Document, "", "\t")
	if err != nil {
		return booking.Receipt{}, fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	aside, err := os.CreateTemp(string(f), "aside")
	if err != nil {
		return booking.Receipt{}, fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	defer os.Remove(aside.Name()) // its content lives on under the name of the batch
	_, err = aside.Write(data)
	if err := errors.Join(err, aside.Sync(), aside.Close()); err != nil {
		return booking.Receipt{}, fmt.Errorf("%w: %w", booking.ErrNotSent, err)
	}
	err = os.Link(aside.Name(), f.path(e.Batch))
	if errors.Is(err, fs.ErrExist) {
		return booking.Receipt{}, fmt.Errorf("batch %s: %w", e.Batch, booking.ErrDuplicate)
	}
	return booking.Receipt{}, err // any other error leaves it open whether it was booked: the engine looks
}

func main() {
	books, err := os.MkdirTemp("", "books")
	if err != nil {
		log.Fatal(err)
	}
	if err := book(folder(books)); err != nil {
		log.Fatal(err)
	}
	if err := os.RemoveAll(books); err != nil {
		log.Fatal(err)
	}
}

// book runs one plan twice; the second run finds what the first booked.
func book(ledger booking.Ledger) error {
	trail, err := os.MkdirTemp("", "trail")
	if err != nil {
		return err
	}
	defer os.RemoveAll(trail) // a firm keeps it
	log, err := booking.OpenFileLog(trail, []byte("a key that is kept somewhere else"))
	if err != nil {
		return err
	}
	defer log.Close() // everything is on disk
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: log, Tenant: booking.Tenant{Database: "BOOKS"}, Seller: "A1SELLER",
		Actor: booking.Actor{Name: "example", Service: true},
	})
	if err != nil {
		return err
	}
	plan, err := logtest.Plan("17461234567", ledgermap.Receipt) // in earnest from ledgermap.Rules.Plan, with the ledger's own periods (ledgermap.NewCalendar)
	if err != nil {
		return err
	}
	for range 2 {
		result, err := engine.Run(context.Background(), plan)
		if err != nil {
			return err
		}
		fmt.Println(result.State, "sent:", result.Sent)
	}
	return nil
}
