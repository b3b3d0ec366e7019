// Sandbox serves an Amazon and a Vantagepoint tenant on this machine, so that every command of payoutsync can be tried
// without anybody's credentials.
//
// Both fakes listen on loopback, on free ports, and live in memory until the program is interrupted. What payoutsync
// keeps in its folder would tell a later run of bookings that no books hold, so every run makes a new folder.
//
//	go run -C examples ./sandbox                      # a new folder among the temporary ones
//	go run -C examples ./sandbox -dir /tmp/sandbox    # or this one, which must not be there
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// configuration holds what has no default; `payoutsync init` writes a whole one, commented.
const configuration = `sellers:
  - name: acme-us
    amazon: {region: na, seller_id: %s, marketplaces: [%s], endpoint: "%s", lwa_endpoint: "%[3]s"}
    vantagepoint: {base_url: "%s", database: DEMO, banks: {USD: OPER}}`

// logIns is what `payoutsync connect` reads.
const logIns = `{"amazon": {"client_id": %q, "client_secret": %q, "refresh_token": %q},
 "vantagepoint": {"username": %q, "password": %q, "client_id": %q, "client_secret": %q}}`

func main() {
	dir := flag.String("dir", "", "new folder for the configuration, the rules and the credentials of both fakes")
	flag.Parse()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	if err := serve(*dir, interrupted); err != nil {
		log.Fatal(err)
	}
}

func serve(dir string, interrupted <-chan os.Signal) error {
	account := spapitest.Account(settlementtest.Seller{Until: time.Now()})
	amazon := spapitest.New(spapitest.Options{Sellers: []spapitest.SellerAccount{account}, Rate: 1000}) // Amazon's own pace is a document a minute
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		return err
	}
	amazonURL, stop, err := amazon.Start()
	if err != nil {
		return err
	}
	defer stop()
	tenantURL, stop, err := tenant.Start()
	if err != nil {
		return err
	}
	defer stop()

	who := amazon.Accounts()[0]
	dir, err = write(dir, map[string][]byte{
		"payoutsync.yaml": fmt.Appendf(nil, configuration, who.ID, who.MarketplaceIDs[0], amazonURL, tenantURL),
		// The starter's accounts are the fake tenant's own: no controller has to put in others and remove the mark.
		"rules.yaml":        bytes.Replace(ledgermap.Starter(), []byte("\nchart: demo\n"), []byte("\n"), 1),
		"rules.schema.json": ledgermap.Schema(),
		"credentials.json": fmt.Appendf(nil, logIns, who.ClientID, who.ClientSecret, who.RefreshToken, vantagepointtest.DemoUser,
			vantagepointtest.DemoPassword, vantagepointtest.DemoClientID, vantagepointtest.DemoClientSecret),
	})
	if err != nil {
		return err
	}
	fmt.Printf(`Until you interrupt this program, Amazon and Vantagepoint are on this machine, in memory; then ledger.hledger holds the books.
In another terminal, with the built payoutsync on the PATH:

  cd %s
  payoutsync connect acme-us < credentials.json
  payoutsync ping
  payoutsync sync --dry-run
  payoutsync sync
  payoutsync serve
`, dir)
	<-interrupted

	books, err := os.Create(filepath.Join(dir, "ledger.hledger"))
	if err != nil {
		return err
	}
	return errors.Join(tenant.WriteHledger(books), books.Close())
}

// write makes the folder, which must not be there, and writes the files into it.
func write(dir string, files map[string][]byte) (_ string, err error) {
	if dir == "" {
		dir, err = os.MkdirTemp("", "payoutsync-sandbox-")
	} else if dir, err = filepath.Abs(dir); err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
	}
	return dir, err
}
