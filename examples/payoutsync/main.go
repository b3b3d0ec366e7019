// Command payoutsync carries each Amazon payout into a Deltek Vantagepoint general ledger exactly once.
//
// `payoutsync demo` shows the whole job against two fake systems on this machine; `payoutsync init` starts a real
// configuration. Every command explains itself with --help.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// cli is the whole command line: one field per global flag, one per command.
type cli struct {
	Config string `default:"payoutsync.yaml" placeholder:"FILE" help:"Configuration file (default: payoutsync.yaml)."`
	JSON   bool   `name:"json" help:"Print JSON Lines on stdout, one object a line, and nothing else there."`
	Quiet  bool   `short:"q" help:"Print results only, no progress."`
	logFlags
	Version kong.VersionFlag `help:"Print the program's version."`

	// Setting up.
	Demo    demoCmd    `cmd:"" help:"Run the whole job against two fake systems on this machine."`
	Init    initCmd    `cmd:"" help:"Write a commented payoutsync.yaml and a starter rules.yaml."`
	Connect connectCmd `cmd:"" help:"Check one seller's credentials and store them encrypted."`
	Key     keyCmd     `cmd:"" help:"The keys that keep stored credentials encrypted."`
	Ping    pingCmd    `cmd:"" help:"Log in to both systems and say what can be seen, and what is missing."`
	User    userCmd    `cmd:"" help:"The people who may log in to the pages and release plans."`

	// Every day.
	Sync   syncCmd   `cmd:"" help:"One round: find, fetch, plan and book, for every seller."`
	Import importCmd `cmd:"" help:"Take downloaded files as if Amazon had delivered them."`
	Status statusCmd `cmd:"" help:"Where each payout stands, and why."`
	Serve  serveCmd  `cmd:"" help:"Work on a schedule, with pages to look at."`

	// By hand.
	Approve   approveCmd   `cmd:"" help:"Release a plan that waits for a person."`
	Reconcile reconcileCmd `cmd:"" help:"Compare one payout with Amazon's other interfaces."`
	Replay    replayCmd    `cmd:"" help:"Try one payout again at once."`
	Accrue    accrueCmd    `cmd:"" help:"Book what Amazon held back at a period's end, with its reversal."`
	Reverse   reverseCmd   `cmd:"" help:"Book the mirror of a payout; nothing is deleted."`

	// Files and rules.
	Inspect inspectCmd `cmd:"" help:"Read settlement files and say whether they tie, and what is in them."`
	Plan    planCmd    `cmd:"" help:"Print the documents that would be booked for settlement files."`
	Rules   rulesCmd   `cmd:"" help:"Check rules, test them, and compare two editions of them."`

	// Proof.
	Report   reportCmd   `cmd:"" help:"One file about a payout, or about a month: .html or .xlsx."`
	Explain  explainCmd  `cmd:"" help:"From a ledger line to the report's rows, and back."`
	Evidence evidenceCmd `cmd:"" help:"Evidence packs: everything about one payout, to be checked by anybody."`
	Audit    auditCmd    `cmd:"" help:"Check that the audit trail holds."`

	Completion completionCmd `cmd:"" help:"Print a script with which a shell completes commands and flags."`
}

// app is what every command is given besides its own flags.
type app struct {
	config   string
	json     bool
	quiet    bool
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	home     string                   // of the configuration that was opened
	terminal bool                     // stderr is one
	bar      *progressbar.ProgressBar // that is on it now; nil for none
}

// progress tells a person what is going on; programs and --quiet hear nothing of it.
func (a *app) progress(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(overBar{a.err, a}, format+"\n", args...)
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that the next signal ends the process, whatever it waits for
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errHelp unwinds the parser after it has printed help.
var errHelp = errors.New("help was printed")

// version is the release that was built, or the commit, and Go's.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "payoutsync of an unknown version"
	}
	return "payoutsync " + cmp.Or(info.Main.Version, "(unknown)") + ", " + info.GoVersion
}

// newParser reads a command line into flags. It panics with errHelp after it has printed help.
func newParser(flags *cli, out, errw io.Writer) (*kong.Kong, error) {
	return kong.New(flags,
		kong.Name("payoutsync"),
		kong.Description("Carries each Amazon payout into a Deltek Vantagepoint ledger exactly once, to the cent, with proof.\n\n"+
			"Exit codes: 0 done, 1 usage or configuration, 2 refused, 3 remote system failed (safe to run again), 4 audit trail broken."),
		kong.Vars{"version": version()},
		kong.Writers(out, errw),
		kong.Exit(func(int) { panic(errHelp) }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// run is the program without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) (code int) {
	var flags cli
	parser, err := newParser(&flags, out, errw)
	if err != nil {
		fmt.Fprintln(errw, "payoutsync:", err)
		return exitUsage
	}
	defer func() {
		if caught := recover(); caught != nil {
			if caught != any(errHelp) {
				panic(caught)
			}
			code = exitDone
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errw, "payoutsync: %v\nTry `payoutsync --help`, or `payoutsync COMMAND --help`.\n", err)
		return exitUsage
	}
	a := &app{config: flags.Config, json: flags.JSON, quiet: flags.Quiet, in: in, out: out, err: errw, log: flags.logger(errw), terminal: isTerminal(errw)}
	if a.terminal {
		a.out, a.log = overBar{out, a}, flags.logger(overBar{errw, a})
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(parser)
	err = command.Run(a)
	code = exitCode(err)
	switch {
	case code == exitRemote && ctx.Err() != nil:
		fmt.Fprintln(errw, "payoutsync: interrupted; what was begun is looked for and finished when it is run again")
	case err == nil || errors.Is(err, errSaid):
	default:
		fmt.Fprintln(errw, "payoutsync:", err)
	}
	if store.Full(err) {
		fmt.Fprintf(errw, "payoutsync: a disk is full, that of the home %s or of the PostgreSQL server: make room, then run again; what was begun is looked for and finished\n", a.home)
	}
	return code
}
