package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/ping"
)

type connectCmd struct {
	Name string `arg:"" help:"The seller's name in the configuration."`
}

// exampleSeller is the seller id that init writes.
const exampleSeller = "A1EXAMPLE"

// Help is printed below the flags.
func (connectCmd) Help() string {
	return "Example: payoutsync connect acme-us < credentials.json\n\nReads one seller's credentials as JSON from standard input, or asks for them on a terminal, logs in to both " +
		"systems to check them, says what it can see as ping does, and stores them encrypted. Nothing is stored when one of the log-ins fails, or when they are another seller's.\n\n" +
		`{"amazon":{"client_id":"","client_secret":"","refresh_token":""},"vantagepoint":{"username":"","password":"","client_id":"","client_secret":""}}`
}

func (c connectCmd) Run(ctx context.Context, a *app) (err error) {
	clock := &ping.Clock{Base: installation.Transport()}
	in, seller, err := a.openFor(ctx, c.Name, installation.Options{Transport: clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if seller.Amazon.SellerID == exampleSeller {
		return usage(fmt.Errorf("%s still holds the example's seller: put in the firm's seller_id, base_url and database first", a.config))
	}
	secrets, err := a.readCredentials()
	if err != nil {
		return usage(err)
	}
	report, err := ping.Seller(ctx, in, seller, secrets, clock)
	if err != nil {
		return err
	}
	if err := a.printReport(report); err != nil {
		return err
	}
	if !report.LoggedIn() || report.Foreign() {
		return fmt.Errorf("nothing was stored: %w", pingOutcome(report, "connect"))
	}
	if err := in.SetCredentials(ctx, seller, secrets); err != nil {
		return err
	}
	if !report.OK() {
		a.progress("Stored, encrypted. Next: mend what is marked MEND, and look again with `payoutsync ping %s`", seller.Name)
		return nil
	}
	a.progress("Stored, encrypted. Next: `payoutsync sync %s --dry-run`", seller.Name)
	return nil
}

// readCredentials reads JSON from standard input, or asks on a terminal. What is secret is not shown while it is typed.
func (a *app) readCredentials() (config.Credentials, error) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return config.ReadCredentials(a.in)
	}
	var c config.Credentials
	lines := bufio.NewReader(f)
	for _, field := range []struct {
		question string
		secret   bool
		value    *string
	}{
		{"Amazon application: client id", false, &c.Amazon.ClientID},
		{"Amazon application: client secret", true, &c.Amazon.ClientSecret},
		{"Amazon seller: refresh token", true, &c.Amazon.RefreshToken},
		{"Vantagepoint: user name", false, &c.Vantagepoint.Username},
		{"Vantagepoint: password", true, &c.Vantagepoint.Password},
		{"Vantagepoint API authorization: client id", false, &c.Vantagepoint.ClientID},
		{"Vantagepoint API authorization: client secret", true, &c.Vantagepoint.ClientSecret},
	} {
		fmt.Fprint(a.err, field.question, ": ")
		text, err := answer(f, lines, field.secret)
		if err != nil {
			return config.Credentials{}, fmt.Errorf("read the answer: %w", err)
		}
		if field.secret {
			fmt.Fprintln(a.err)
		}
		*field.value = text
	}
	text, err := json.Marshal(c)
	if err != nil {
		return config.Credentials{}, errors.New("the credentials cannot be read")
	}
	return config.ReadCredentials(strings.NewReader(string(text)))
}

func answer(f *os.File, lines *bufio.Reader, secret bool) (string, error) {
	if secret {
		text, err := term.ReadPassword(int(f.Fd()))
		return string(text), err
	}
	text, err := lines.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimSpace(text), err
}
