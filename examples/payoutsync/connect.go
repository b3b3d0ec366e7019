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
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/home"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

type connectCmd struct {
	Name string `arg:"" help:"The seller's name in the configuration."`
}

// Help is printed below the flags.
func (connectCmd) Help() string {
	return "Example: payoutsync connect acme-us < credentials.json\n\nReads one seller's credentials as JSON from standard input, or asks for them on a terminal, logs in to both " +
		"systems to check them, and stores them encrypted. Nothing is stored when one of the log-ins fails.\n\n" +
		`{"amazon":{"client_id":"","client_secret":"","refresh_token":""},"vantagepoint":{"username":"","password":"","client_id":"","client_secret":""}}`
}

func (c connectCmd) Run(ctx context.Context, a *app) (err error) {
	cfg, err := config.Load(a.config)
	if err != nil {
		return err
	}
	seller, err := cfg.Seller(c.Name)
	if err != nil {
		return usage(err)
	}
	secrets, err := a.readCredentials()
	if err != nil {
		return usage(err)
	}
	h, err := home.Open(cfg.Home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()

	b := &bench{home: h}
	amazon, err := b.amazonClient(seller.Amazon, secrets.Amazon, a.log)
	if err != nil {
		return usage(err)
	}
	tenant, err := b.tenantClient(seller.Vantagepoint, secrets.Vantagepoint, a.log)
	if err != nil {
		return usage(err)
	}
	participations, err := amazon.Sellers.MarketplaceParticipations(ctx)
	if err != nil {
		return fmt.Errorf("the log-in to Amazon failed, nothing was stored: %w", err)
	}
	a.progress("Amazon: logged in; %d marketplaces", len(participations))
	company, err := tenant.Settings.ActiveCompany(ctx)
	if err != nil {
		return fmt.Errorf("the log-in to Vantagepoint failed, nothing was stored: %w", err)
	}
	a.progress("Vantagepoint: logged in; the active company is %q", company.Company)

	v, err := openVault(ctx, h)
	if err != nil {
		return err
	}
	text, err := json.Marshal(secrets)
	if err != nil {
		return errors.New("the credentials cannot be stored")
	}
	if err := v.Put(ctx, placeOf(seller), text); err != nil {
		return err
	}
	a.progress("Stored, encrypted. Next: `payoutsync sync %s --dry-run`", seller.Name)
	return nil
}

// openVault opens the home's vault with the key of the home.
func openVault(ctx context.Context, h *home.Home) (*vault.Vault, error) {
	key, err := h.Key()
	if err != nil {
		return nil, err
	}
	wrapper, err := vault.LocalKey(key)
	if err != nil {
		return nil, err
	}
	return vault.Open(ctx, vault.NewFile(h.Path("credentials.json")), wrapper)
}

// placeOf binds a seller's credentials to its Amazon account and its tenant, so that they open for no other.
func placeOf(s config.Seller) vault.Place {
	return vault.Place{Tenant: s.Vantagepoint.Database + "/" + s.Vantagepoint.Company, Seller: s.Name + "/" + s.Amazon.SellerID, Kind: "log-in"}
}

// credentials reads a seller's stored credentials.
func credentials(ctx context.Context, h *home.Home, s config.Seller) (config.Credentials, error) {
	v, err := openVault(ctx, h)
	if err != nil {
		return config.Credentials{}, err
	}
	text, err := v.Get(ctx, placeOf(s))
	if errors.Is(err, vault.ErrNotFound) {
		return config.Credentials{}, usage(fmt.Errorf("seller %s has no stored credentials: run `payoutsync connect %s`", s.Name, s.Name))
	}
	if err != nil {
		return config.Credentials{}, usage(err)
	}
	return config.ReadCredentials(strings.NewReader(string(text)))
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
