// Ownrules embeds the mapper with a firm's own rules: settlement file in, balanced documents out.
//
// The mapper is pure. The same file, rules, calendar and payout facts give the same documents, byte for byte, on any
// machine in any year; nothing here needs a network, a clock or a database. The table of accounts is YAML, so that a
// controller can read, change and sign it; it travels inside the binary here, and could as well come from a database.
//
//	go run -C examples ./ownrules                 # a small file of its own
//	go run -C examples ./ownrules /path/FILE      # yours
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

//go:embed rules.yaml
var table []byte

//go:embed settlement.txt
var sample []byte

func main() {
	var report io.Reader = bytes.NewReader(sample)
	if len(os.Args) > 1 {
		file, err := os.Open(os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		defer file.Close() // it was only read
		report = file
	}
	if err := plan(report); err != nil {
		log.Fatal(err) //nolint:gocritic // the file was only read
	}
}

func plan(report io.Reader) error {
	// Mistakes in the table are answered all at once, each with its line, column and what to write instead.
	rules, err := ledgermap.LoadRules("rules.yaml", table)
	if err != nil {
		return err
	}
	// Calendar months; a firm with other fiscal periods names them with ledgermap.NewCalendar.
	calendar := ledgermap.Months(ledgermap.Date{Year: 2026, Month: time.January, Day: 1}, ledgermap.Date{Year: 2026, Month: time.December, Day: 31})
	plan, err := rules.Plan(settlement.NewReader(report, settlement.Options{}), ledgermap.Input{Calendar: calendar})
	if err != nil {
		return err // it does not tie, or kinds of line are not mapped: then all of them are named
	}
	for _, d := range plan.Documents {
		fmt.Println(d.Kind(), d.Date(), d.Period())
		for _, l := range d.Lines() {
			fmt.Printf("  %-5s %-10s %8s %8s\n", l.Account, l.WBS1, l.Debit, l.Credit)
		}
	}
	return nil
}
