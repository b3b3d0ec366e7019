// Sharedlimiter lets two clients of one account count their calls together.
//
// Amazon counts calls per application and seller, whoever makes them. A client keeps to that pace by itself; two clients
// of one account that know nothing of each other use twice what they may, and both run into 429. So clients of one
// process share one Limiter, and name the account to it. Between processes, implement spapi.Limiter over something that
// they share, such as a row in a database: it has two methods.
//
//	go run -C examples ./sharedlimiter
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/trial"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

func main() {
	if err := share(); err != nil {
		log.Fatal(err)
	}
}

func share() error {
	config := trial.Amazon(nil)
	config.Limiter = spapi.NewBuckets() // one for the process
	config.Account = "books-app/A1SELLER"
	nightly, err := spapi.NewClient(config)
	if err != nil {
		return err
	}
	dashboard, err := spapi.NewClient(config)
	if err != nil {
		return err
	}

	// How long is a person willing to wait? A call that cannot be made in time fails at once and is not sent.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for range 15 { // the burst of this operation; afterwards one call a minute
		if _, err := nightly.Sellers.Account(ctx); err != nil {
			return err
		}
	}
	_, err = dashboard.Sellers.Account(ctx)
	pace, ok := errors.AsType[*spapi.PaceError](err)
	if !ok {
		return fmt.Errorf("the second client did not count the calls of the first: %w", err)
	}
	fmt.Println(pace.Operation, "is free again in about", pace.Wait.Round(time.Minute))
	return nil
}
