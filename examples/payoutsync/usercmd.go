package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a user, or give one a new password."`
	Remove userRemoveCmd `cmd:"" help:"Remove a user; who is logged in is out at once."`
	List   userListCmd   `cmd:"" help:"Print the users' names."`
}

// Help is printed below the flags.
func (userCmd) Help() string { return "Example: payoutsync user add ann" }

// users opens the users beside whatever works now; where nothing ever worked, it makes the home.
func (a *app) users(ctx context.Context, f func(store.Users) error) (err error) {
	in, err := a.open(ctx, installation.Options{ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		in, err = a.open(ctx, installation.Options{})
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return f(store.Users{DB: in.Store})
}

type userAddCmd struct {
	Name string `arg:"" help:"Lower-case letters, digits and . _ @ -, for example ann or ann@example.com."`
}

// Help is printed below the flags.
func (userAddCmd) Help() string {
	return fmt.Sprintf("Example: payoutsync user add ann\n\nAsks for the password on a terminal, else reads it from the first line of standard input: at least %d characters. "+
		"It is kept as an argon2id hash. A running serve knows the user at once, and asks for a log-in from its next start on.", login.MinPassword)
}

func (c userAddCmd) Run(ctx context.Context, a *app) error {
	return a.users(ctx, func(users store.Users) error {
		password, err := a.password("Password of " + c.Name)
		if err == nil && a.onTerminal() {
			var again string
			if again, err = a.password("The same again"); err == nil && again != password {
				err = errors.New("the two passwords differ; nothing was stored")
			}
		}
		if err == nil {
			err = login.CheckNew(c.Name, password)
		}
		if err != nil {
			return usage(err)
		}
		if err := login.New(users).Add(ctx, c.Name, password); err != nil {
			return err
		}
		a.progress("User %s may log in.", c.Name)
		return nil
	})
}

type userRemoveCmd struct {
	Name string `arg:"" help:"The user's name."`
}

// Help is printed below the flags.
func (userRemoveCmd) Help() string {
	return "Example: payoutsync user remove ann\n\nWhat the user has released stays released, and in the audit trail."
}

func (c userRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.users(ctx, func(users store.Users) error {
		there, err := users.RemoveUser(ctx, c.Name)
		if err == nil && !there {
			err = usage(fmt.Errorf("there is no user %q; `payoutsync user list` prints them", c.Name))
		}
		return err
	})
}

type userListCmd struct{}

// Help is printed below the flags.
func (userListCmd) Help() string { return "Example: payoutsync user list" }

func (userListCmd) Run(ctx context.Context, a *app) error {
	return a.users(ctx, func(users store.Users) error {
		names, err := users.Users(ctx)
		for _, name := range names {
			if a.json {
				err = errors.Join(err, a.emit(map[string]string{"user": name}))
			} else {
				fmt.Fprintln(a.out, name)
			}
		}
		return err
	})
}

// onTerminal reports whether a person answers.
func (a *app) onTerminal() bool {
	f, ok := a.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// password asks on a terminal without showing what is typed, else takes the first line of standard input.
func (a *app) password(question string) (string, error) {
	if !a.onTerminal() {
		line, err := bufio.NewReader(io.LimitReader(a.in, 64<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", errors.New("no password was given: type it on a terminal, or give it as the first line of standard input")
		}
		return line, nil
	}
	fmt.Fprint(a.err, question, ": ")
	text, err := term.ReadPassword(int(a.in.(*os.File).Fd()))
	fmt.Fprintln(a.err)
	return string(text), err
}
