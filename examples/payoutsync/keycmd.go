package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

type keyCmd struct {
	Rotate keyRotateCmd `cmd:"" help:"Encrypt every stored credential with a new key, and forget the older ones."`
	Rewrap keyRewrapCmd `cmd:"" help:"Seal the stored credentials by another key: the home's, one from outside, or a KMS's."`
}

// Help is printed below the flags.
func (keyCmd) Help() string { return "Example: payoutsync key rotate" }

type keyRotateCmd struct{}

// Help is printed below the flags.
func (keyRotateCmd) Help() string {
	return "Example: payoutsync key rotate\n\nMakes a new data key, encrypts every stored credential with it, and forgets the older keys. It may be interrupted and run again. " +
		"What was copied before can still be opened by who has its key: after a theft, change the credentials themselves, too."
}

// rotatedObject is the JSON of `key rotate`.
type rotatedObject struct {
	Credentials int `json:"credentials"` // encrypted anew, the key of the audit log's seal among them
}

func (keyRotateCmd) Run(ctx context.Context, a *app) (err error) {
	in, err := a.open(ctx, installation.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	count, err := in.RotateKey(ctx)
	if err != nil {
		return fmt.Errorf("the rotation is not finished, and everything still opens; run `payoutsync key rotate` again: %w", err)
	}
	if a.json {
		return a.emit(rotatedObject{count})
	}
	_, err = fmt.Fprintf(a.out, "%d credentials are encrypted with a new key; the older keys are forgotten\n", count)
	return err
}

type keyRewrapCmd struct {
	To string `required:"" placeholder:"WHERE" help:"home (the home's own key file), env:NAME, file:PATH or aws-kms://ARN."`
}

// Help is printed below the flags.
func (keyRewrapCmd) Help() string {
	return "Example: payoutsync key rewrap --to file:/run/secrets/payoutsync-key\n\nSeals the key of the stored credentials by another one, after that has shown that it opens what it seals; " +
		"`openssl rand -hex 32` makes one for env: and file:. Then write the new place as `key` into the configuration (for home: remove `key`), and restart every `payoutsync serve` that runs on this database. " +
		"Who still has the former key opens nothing that is written from now on, but copies of before; `payoutsync key rotate` makes a new data key, too."
}

// rewrappedObject is the JSON of `key rewrap`.
type rewrappedObject struct {
	Key     string `json:"key"`     // what to write as `key` into the configuration; empty for the home's own
	Already bool   `json:"already"` // it was sealed by that key before
}

func (c keyRewrapCmd) Run(ctx context.Context, a *app) (err error) {
	cfg, err := config.Load(a.config)
	if err != nil {
		return err
	}
	object := rewrappedObject{Key: c.To}
	switch name, file := strings.CutPrefix(c.To, "file:"); {
	case c.To == "home":
		object.Key = ""
	case file: // from where the command runs; the configuration may lie elsewhere
		if name, err = filepath.Abs(name); err != nil {
			return usage(err)
		}
		object.Key = "file:" + name
	}
	o := installation.Options{Logger: a.log}
	in, err := installation.Open(ctx, cfg, o)
	if errors.Is(err, vault.ErrKey) { // perhaps it was rewrapped, and the configuration not changed yet
		changed := *cfg
		changed.Key = object.Key
		if again, err := installation.Open(ctx, &changed, o); err == nil {
			object.Already = true
			return errors.Join(again.Close(), a.rewrapped(object))
		}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if object.Already = sameKey(object.Key, cfg.Key); !object.Already {
		if err := in.Rewrap(ctx, object.Key); err != nil {
			return fmt.Errorf("nothing was changed: %w", err)
		}
	}
	return a.rewrapped(object)
}

// sameKey reports whether two places are one; a path is absolute in the first.
func sameKey(place, configured string) bool {
	if name, file := strings.CutPrefix(configured, "file:"); file {
		if abs, err := filepath.Abs(name); err == nil {
			configured = "file:" + abs
		}
	}
	return place == configured
}

// rewrapped says what the configuration must hold now.
func (a *app) rewrapped(o rewrappedObject) error {
	if a.json {
		return a.emit(o)
	}
	what := "The stored credentials are sealed by the new key."
	if o.Already {
		what = "The stored credentials are sealed by that key already."
	}
	next := fmt.Sprintf("write `key: %s` into %s", o.Key, a.config)
	if o.Key == "" {
		next = "remove `key` from " + a.config
	}
	_, err := fmt.Fprintf(a.out, "%s Next: %s, and restart every `payoutsync serve` that runs; until then no command can open them, and what runs can store none.\n", what, next)
	return err
}
