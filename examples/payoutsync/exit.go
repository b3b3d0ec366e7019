package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// The exit codes. They never change; of several outcomes the highest counts.
const (
	exitDone    = 0
	exitUsage   = 1 // usage or configuration: mend it, then run again
	exitRefused = 2 // a settlement does not tie, is not mapped, meets a closed period or a conflict …
	exitRemote  = 3 // a remote system failed; running again is safe
	exitBroken  = 4 // the audit trail or the archive does not hold
)

// errSaid marks an error that the command has printed already.
var errSaid = errors.New("already printed")

type saidError struct{ err error }

func (e saidError) Error() string   { return e.err.Error() }
func (e saidError) Unwrap() []error { return []error{e.err, errSaid} }

// said keeps an error's exit code and keeps it from being printed again.
func said(err error) error {
	if err == nil {
		return nil
	}
	return saidError{err}
}

type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usage marks an error as one of usage or configuration.
func usage(err error) error { return usageError{err} }

// worse returns the error with the higher exit code.
func worse(a, b error) error {
	if exitCode(b) > exitCode(a) {
		return b
	}
	return a
}

// exitCode says how the program ends. Joined errors count by the highest of them.
func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		code := exitDone
		for _, e := range joined.Unwrap() {
			if e != errSaid {
				code = max(code, exitCode(e))
			}
		}
		return code
	}
	switch {
	case errors.Is(err, booking.ErrBroken), errors.Is(err, collect.ErrDamaged), is[*installation.DamagedPlanError](err):
		return exitBroken
	case is[usageError](err), is[*config.Error](err), is[*home.BusyError](err), is[*installation.ConfigError](err), is[*store.UnusableError](err),
		// Nothing but a person with the right password or role mends these, and further log-ins may lock the account.
		errors.Is(err, spapi.ErrCredentials), errors.Is(err, vantagepoint.ErrCredentials), errors.Is(err, vantagepoint.ErrDenied),
		errors.Is(err, spapi.ErrDenied) && !errors.Is(err, spapi.ErrExpiredToken):
		return exitUsage
	case is[*ledgermap.RefusedError](err), is[*booking.RefusedError](err), is[*booking.ConflictError](err), is[*round.ReissuedError](err), is[*round.NotReconciledError](err), is[*round.IncompleteError](err), is[differsError](err), is[rulesError](err), is[bankError](err), settlement.CodeOf(err) != "":
		return exitRefused
	case is[*spapi.Error](err), is[*vantagepoint.Error](err), errors.Is(err, spapi.ErrThrottled), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, booking.ErrUnanswered), errors.Is(err, booking.ErrClaimed), is[*installation.BusyError](err):
		return exitRemote
	case store.Full(err): // what was begun is finished when there is room
		return exitRemote
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), is[*fs.PathError](err), is[*os.LinkError](err), errors.Is(err, sqllog.ErrNotDurable):
		return exitUsage
	}
	return exitRemote
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
