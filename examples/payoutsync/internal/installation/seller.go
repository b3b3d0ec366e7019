package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// UserAgent names this program to both systems.
const UserAgent = "payoutsync/0.1"

// clients are those of one seller.
type clients struct {
	secrets config.Credentials // what they log in with
	amazon  *spapi.Client
	*company
}

// Seller returns everything that a round of one configured seller works with. It sends nothing.
func (in *Installation) Seller(ctx context.Context, s config.Seller) (*round.Seller, error) {
	rules, text, err := in.Rules()
	if err != nil {
		return nil, err
	}
	c, err := in.of(ctx, s)
	if err != nil {
		return nil, err
	}
	approval, err := booking.ParseApproval(in.Config.Approval)
	if err != nil {
		return nil, of(s, err)
	}
	ledger := fittingLedger{c.ledger, in, s, rules}
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: in.Log, Tenant: booking.Tenant{Database: s.Vantagepoint.Database, Company: s.Vantagepoint.Company},
		Seller: s.Amazon.SellerID, Actor: in.Actor(), Approval: approval, Post: s.Vantagepoint.Post,
		ClearingAccount: rules.ClearingAccount(), Timeout: in.options.Timeout, Patience: in.options.Patience, Logger: in.options.Logger,
	})
	if err != nil {
		return nil, of(s, err)
	}
	collector, err := collect.New(collect.Config{Client: c.amazon, Archive: in.Archive, Seller: s.Amazon.SellerID, Logger: in.options.Logger, Now: in.Store.Now})
	if err != nil {
		return nil, of(s, err)
	}
	return &round.Seller{
		Name: s.Name, ID: s.Amazon.SellerID, Engine: engine, Rules: rules, RulesText: text, DryRun: in.options.DryRun, Post: s.Vantagepoint.Post,
		Amazon: c.amazon, Archive: in.Archive, Collector: collector, Store: in.Store,
		Calendar: c.periods,
		HasBank:  func(currency string) bool { return s.Vantagepoint.Banks[currency] != "" },
		Fits:     ledger.fits,
	}, nil
}

// Ledger returns a seller's company as a ledger.
func (in *Installation) Ledger(ctx context.Context, s config.Seller) (*vantageledger.Ledger, error) {
	c, err := in.of(ctx, s)
	if err != nil {
		return nil, err
	}
	return c.ledger, nil
}

// of returns the seller's clients, which are made once for the credentials that are stored, so that their tokens and quotas
// are shared by all that a process does for the seller. What is stored is looked at each time: another process may have
// stored a new log-in, and trying the old one may lock the account.
func (in *Installation) of(ctx context.Context, s config.Seller) (*clients, error) {
	secrets, err := in.Credentials(ctx, s)
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	former := in.clients[s.Name]
	if former != nil && former.secrets == secrets {
		return former, nil
	}
	c := &clients{secrets: secrets}
	if c.amazon, err = in.amazonClient(s, secrets.Amazon, true); err != nil {
		return nil, err
	}
	if c.company, err = in.company(s, secrets.Vantagepoint); err != nil {
		return nil, err
	}
	in.clients[s.Name] = c
	if former != nil {
		in.leave(former.company)
	}
	return c, nil
}

// leave lets go of a company that no seller is booked into any more as that user. The caller holds in.mu.
func (in *Installation) leave(left *company) {
	for _, c := range in.clients {
		if c.company == left {
			return
		}
	}
	maps.DeleteFunc(in.companies, func(_ companyKey, c *company) bool { return c == left })
}

// Forget lets go of a seller's clients, after its credentials have changed or were refused, and of those of the sellers
// that share its log-in to Vantagepoint: a client that was refused asks no more, even when somebody has mended it.
func (in *Installation) Forget(name string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	forgotten := in.clients[name]
	if forgotten == nil {
		return
	}
	maps.DeleteFunc(in.clients, func(_ string, c *clients) bool { return c.company == forgotten.company })
	in.leave(forgotten.company)
}

// AmazonClient returns a client of the seller's Amazon account that logs in by itself, to try credentials.
func (in *Installation) AmazonClient(_ context.Context, s config.Seller, secrets config.AmazonCredentials) (*spapi.Client, error) {
	return in.amazonClient(s, secrets, false)
}

// amazonClient returns a client of the seller's Amazon account. It shares its token with other processes where that is wanted.
func (in *Installation) amazonClient(s config.Seller, secrets config.AmazonCredentials, shared bool) (*spapi.Client, error) {
	region, err := spapi.ParseRegion(s.Amazon.Region)
	if err != nil {
		return nil, of(s, err)
	}
	observe := func(_ context.Context, attempt spapi.Attempt) { in.AmazonCalls.add(attempt.Op) }
	lwa := spapi.LWA{
		ClientID: secrets.ClientID, ClientSecret: spapi.NewSecret(secrets.ClientSecret), RefreshToken: spapi.NewSecret(secrets.RefreshToken),
		Endpoint: s.Amazon.LWAEndpoint, Transport: in.options.Transport, Observe: observe,
	}
	account := secrets.ClientID + "/" + s.Amazon.SellerID
	var tokens oauth2.TokenSource = lwa.TokenSource()
	if shared {
		tokens = in.tokens(account, secrets, lwa.TokenSource())
	}
	client, err := spapi.NewClient(spapi.Config{
		Region: region, Endpoint: s.Amazon.Endpoint, Tokens: tokens, Account: account, Transport: in.options.Transport,
		UserAgent: UserAgent, Limiter: in.pace, Logger: in.options.Logger, Observe: observe,
	})
	if err != nil {
		return nil, of(s, err)
	}
	return client, nil
}

// TenantClient returns a client of the seller's Vantagepoint company that tries to log in even where that was refused before,
// for a person who asks.
func (in *Installation) TenantClient(s config.Seller, secrets config.VantagepointCredentials) (*vantagepoint.Client, error) {
	return in.tenantClient(s, secrets, true)
}

// tenantClient returns a client of the seller's Vantagepoint company. What it books is recorded as evidence.
func (in *Installation) tenantClient(s config.Seller, secrets config.VantagepointCredentials, byHand bool) (*vantagepoint.Client, error) {
	style := vantagepoint.Files
	if s.Vantagepoint.Style == "no-files" {
		style = vantagepoint.NoFiles
	}
	base := in.options.Transport
	if base == nil {
		base = Transport()
	}
	logIn, err := in.once(base, s, secrets, byHand)
	if err != nil {
		return nil, of(s, err)
	}
	client, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: s.Vantagepoint.BaseURL, Database: s.Vantagepoint.Database, Company: s.Vantagepoint.Company, Style: style,
		Username: secrets.Username, Password: vantagepoint.NewSecret(secrets.Password), ClientID: secrets.ClientID, ClientSecret: vantagepoint.NewSecret(secrets.ClientSecret),
		UserAgent: UserAgent, Transport: round.Recorder{Base: logIn}, Logger: in.options.Logger,
		Observe: func(_ context.Context, attempt vantagepoint.Attempt) { in.LedgerCalls.add(attempt.Op) },
	})
	if err != nil {
		return nil, of(s, err)
	}
	return client, nil
}

// Transport is the standard library's, which verifies TLS and uses the environment's proxy, with an end to every wait.
func Transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 5 * time.Minute
	t.MaxIdleConnsPerHost = 16
	return t
}

// PlaceOf binds a seller's credentials to its Amazon account and its tenant, so that they open for no other.
func PlaceOf(s config.Seller) vault.Place {
	return vault.Place{Tenant: s.Vantagepoint.Database + "/" + s.Vantagepoint.Company, Seller: s.Name + "/" + s.Amazon.SellerID, Kind: "log-in"}
}

// NoCredentialsError says that nobody has entered a seller's credentials yet, or that the configuration names another
// account, database or company since.
type NoCredentialsError struct{ Account, Database, Company string }

func (e *NoCredentialsError) Error() string {
	books := "database " + e.Database
	if e.Company != "" {
		books += ", company " + e.Company
	}
	return fmt.Sprintf("no credentials are stored yet for seller_id %s and %s", e.Account, books)
}

// Credentials reads a seller's stored credentials. What a person has to mend is a [*ConfigError]; a database or a key
// management service that does not answer is not.
func (in *Installation) Credentials(ctx context.Context, s config.Seller) (config.Credentials, error) {
	text, err := in.Vault.Get(ctx, PlaceOf(s))
	if errors.Is(err, vault.ErrNotFound) {
		return config.Credentials{}, &ConfigError{fmt.Errorf("%w: run `payoutsync connect %s`", &NoCredentialsError{s.Amazon.SellerID, s.Vantagepoint.Database, s.Vantagepoint.Company}, s.Name)}
	}
	if err != nil {
		return config.Credentials{}, ofVault(err)
	}
	return config.ReadCredentials(strings.NewReader(string(text)))
}

// SetCredentials stores a seller's credentials, encrypted.
func (in *Installation) SetCredentials(ctx context.Context, s config.Seller, secrets config.Credentials) error {
	text, err := json.Marshal(secrets)
	if err != nil {
		return errors.New("the credentials cannot be stored")
	}
	var before config.AmazonCredentials // empty, too, where what is stored does not open
	if stored, err := in.Credentials(ctx, s); err == nil {
		before = stored.Amazon
	}
	if err := in.Store.Exclusively(ctx, "vault", func() error { return in.Vault.Put(ctx, PlaceOf(s), text) }); err != nil {
		return err
	}
	in.Forget(s.Name)
	newSecret := before.ClientID != secrets.Amazon.ClientID || before.ClientSecret != secrets.Amazon.ClientSecret
	return in.Store.Connected(ctx, s.Name, newSecret, before.RefreshToken != secrets.Amazon.RefreshToken)
}
