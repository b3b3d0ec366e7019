package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

//go:embed starter.yaml
var starterConfig []byte

type initCmd struct {
	Dir   string `arg:"" optional:"" default:"." help:"Folder to write to."`
	Force bool   `help:"Replace files that are there."`
}

// Help is printed below the flags.
func (initCmd) Help() string {
	return "Example: payoutsync init acme && cd acme\n\nWrites payoutsync.yaml (who and where), rules.yaml (which account for what; marked `chart: demo` until a " +
		"controller has put in the firm's own accounts) and rules.schema.json (completion and checks in editors)."
}

func (c initCmd) Run(a *app) error {
	files := []struct {
		name string
		data []byte
	}{{"payoutsync.yaml", starterConfig}, {"rules.yaml", ledgermap.Starter()}, {"rules.schema.json", ledgermap.Schema()}}
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return usage(err)
	}
	if !c.Force {
		for _, f := range files {
			if _, err := os.Stat(filepath.Join(c.Dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
				return usage(fmt.Errorf("%s is already there; nothing was written. Name another folder, or add --force to replace it", filepath.Join(c.Dir, f.name)))
			}
		}
	}
	for _, f := range files {
		name := filepath.Join(c.Dir, f.name)
		if err := os.WriteFile(name, f.data, 0o600); err != nil {
			return usage(err)
		}
		a.progress("wrote %s", name)
	}
	a.progress("Next: put the seller into payoutsync.yaml, enter its credentials with `payoutsync connect NAME`, and see with `payoutsync sync --dry-run` what would be booked. " +
		"Without credentials, `payoutsync plan FILE` shows it for a downloaded settlement file.")
	return nil
}
