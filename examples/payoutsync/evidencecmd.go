package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/evidence"
)

type evidenceCmd struct {
	Verify evidenceVerifyCmd `cmd:"" help:"Check an evidence pack; it needs nothing but the file."`
}

type evidenceVerifyCmd struct {
	File string `arg:"" name:"file.zip" help:"Evidence pack of one payout."`
	Head string `placeholder:"HASH" help:"A head of the seller's log from elsewhere, such as a printed one: the pack's log must go through it."`
}

// Help is printed below the flags.
func (evidenceVerifyCmd) Help() string {
	return "Example: payoutsync evidence verify 50034020328.zip --head 9f86d0…\n\nHashes every member, reads the report and ties it, plans it again with the packed rules, calendar and payout facts, compares the plan " +
		"byte for byte and its documents with what the log says was booked, and walks the log's chain to its head. It reads no configuration and asks nobody. The exit code is 4 when anything does not hold; every fault is named. " +
		"README.txt in the pack says how the same is done by hand."
}

// verifiedObject is the JSON of `evidence verify`.
type verifiedObject struct {
	File string `json:"file"`
	evidence.Verification
}

func (c evidenceVerifyCmd) Run(a *app) error {
	f, err := os.Open(c.File)
	if err != nil {
		return usage(err)
	}
	defer f.Close() // it is only read
	info, err := f.Stat()
	if err != nil {
		return usage(err)
	}
	if !info.Mode().IsRegular() {
		return usage(fmt.Errorf("%s is no file", c.File))
	}
	v, err := evidence.Verify(f, info.Size())
	if err != nil {
		return fmt.Errorf("check %s: %w", c.File, err)
	}
	if c.Head != "" && !v.Holds(strings.TrimSpace(c.Head)) {
		v.Faults = append(v.Faults, evidence.Fault{Message: fmt.Sprintf("the log in it does not go through the head %s: it is another log, or was written anew", c.Head)})
	}
	if err := a.printVerified(c.File, v); err != nil {
		return err
	}
	return said(v.Err())
}

func (a *app) printVerified(name string, v evidence.Verification) error {
	if a.json {
		return a.emit(verifiedObject{name, v})
	}
	var err error
	for _, f := range v.Faults {
		_, printErr := fmt.Fprintf(a.out, "%s: %s\n", name, f)
		err = errors.Join(err, printErr)
	}
	if !v.OK() {
		_, printErr := fmt.Fprintf(a.out, "%s: %d faults; the pack does not hold\n", name, len(v.Faults))
		return errors.Join(err, printErr)
	}
	_, err = fmt.Fprintf(a.out, "%s: holds\n"+
		"  settlement  %s of seller %s: %d rows add up to the payout of %s %s\n"+
		"  plan        %d documents, the same again from the packed rules, calendar and payout facts; %d booked as planned, says the log\n"+
		"  log         records %d to %d in one chain; its head is %s\n"+
		"Compare the head with one from elsewhere: `payoutsync audit verify` prints the installation's, and --head checks an older one.\n",
		name, v.Settlement, v.SellerID, v.Rows, v.Total, v.Currency, v.Documents, v.Booked, v.First, v.Head.Count, v.Head.Hash)
	return err
}
