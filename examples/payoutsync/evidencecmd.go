package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/evidence"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

type evidenceCmd struct {
	Pack   evidencePackCmd   `cmd:"" help:"Write the evidence pack of one payout."`
	Verify evidenceVerifyCmd `cmd:"" help:"Check an evidence pack; it needs nothing but the file."`
}

// Help is printed below the flags.
func (evidenceCmd) Help() string { return "Example: payoutsync evidence pack acme-us/17461234567" }

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
	reversed := ""
	if v.Reversed > 0 {
		reversed = fmt.Sprintf(", %d booked and reversed since", v.Reversed)
	}
	_, err = fmt.Fprintf(a.out, "%s: holds\n"+
		"  settlement  %s of seller %s: %d rows add up to the payout of %s %s\n"+
		"  plan        %d documents, the same again from the packed rules, calendar and payout facts; %d booked as planned%s, says the log\n"+
		"  log         records %d to %d in one chain; its head is %s\n"+
		"Compare the head with one from elsewhere: `payoutsync audit verify` prints the installation's, and --head checks an older one.\n",
		name, v.Settlement, v.SellerID, v.Rows, v.Total, v.Currency, v.Documents, v.Booked, reversed, v.First, v.Head.Count, v.Head.Hash)
	return err
}

type evidencePackCmd struct {
	ID     string `arg:"" help:"The payout: NAME/SETTLEMENT, or the settlement alone where that is unambiguous."`
	Output string `short:"o" placeholder:"FILE.zip" help:"Where to write it (default: SETTLEMENT.zip in this folder)."`
}

// Help is printed below the flags.
func (evidencePackCmd) Help() string {
	return "Example: payoutsync evidence pack acme-us/17461234567 -o 17461234567.zip\n\nPacks what was archived, planned, approved, sent and logged of one payout into one file, for an auditor to take away and to check " +
		"with `payoutsync evidence verify` or by hand. It is checked before it is written; it holds no credentials. It reads the archive and the database, and asks neither system."
}

// packedObject is the JSON of `evidence pack`.
type packedObject struct {
	SettlementID string       `json:"settlement_id"`
	Seller       string       `json:"seller"`
	File         string       `json:"file"`
	SHA256       string       `json:"sha256"`
	Head         booking.Head `json:"head"`
}

func (c evidencePackCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	row, err := in.Store.Resolve(ctx, c.ID)
	if err != nil {
		return usage(err)
	}
	name := cmp.Or(c.Output, row.Settlement+".zip")
	f, err := os.CreateTemp(filepath.Dir(name), ".pack-*")
	if err != nil {
		return usage(err)
	}
	defer os.Remove(f.Name()) // gone after the rename
	defer f.Close()
	v, err := pack(ctx, in, row, f)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	object := packedObject{row.Settlement, row.Name, name, hex.EncodeToString(sum.Sum(nil)), v.Head}
	if a.json {
		return a.emit(object)
	}
	_, err = fmt.Fprintf(a.out, "%s  settlement %s, %d documents, log records %d to %d\nSHA-256 %s\n", name, row.Settlement, v.Documents, v.First, v.Head.Count, object.SHA256)
	return err
}

// pack writes the evidence pack of a payout and checks it.
func pack(ctx context.Context, in *installation.Installation, row store.Payout, f *os.File) (v evidence.Verification, err error) {
	past, err := in.Past(ctx, row)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	if past.Plan == nil {
		return v, usage(fmt.Errorf("payout %s was never planned, so that there is nothing to prove: %s", row.ID(), unplanned(row)))
	}
	path, err := in.Archive.Path(ctx, past.Entry)
	if err != nil {
		return v, err
	}
	report, err := os.Open(path)
	if err != nil {
		return v, err
	}
	defer report.Close() // it is only read
	head, err := in.Log.Head(ctx, row.Seller)
	if err != nil {
		return v, err
	}
	kept, err := in.Store.Exchanges(ctx, row.Seller, row.Settlement)
	if err != nil {
		return v, err
	}
	p := evidence.Pack{
		SellerID: row.Seller, Report: report, Statement: past.Tally.Statement, ContentType: past.Entry.ContentType, Rules: past.Made.Rules, Input: past.Input,
		Plan: past.Plan, Links: in.Log.Links(ctx, row.Seller), Head: head,
	}
	for _, e := range kept {
		p.Exchanges = append(p.Exchanges, evidence.Exchange(e))
	}
	if err := evidence.Write(f, p); err != nil {
		return v, err
	}
	info, err := f.Stat()
	if err != nil {
		return v, err
	}
	if v, err = evidence.Verify(f, info.Size()); err == nil {
		err = v.Err()
	}
	return v, err
}
