package installation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// door is the way to a tenant. While it is closed it refuses every password, as if that were another one by now.
type door struct {
	tenant *vantagepointtest.Tenant
	closed atomic.Bool
	echo   string // what it says of a refusal
	tries  atomic.Int64
}

func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/token") {
		return d.tenant.Transport().RoundTrip(req)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	text, _ := io.ReadAll(body) // bytes in memory
	form, err := url.ParseQuery(string(text))
	if err != nil || form.Get("grant_type") != "password" {
		return d.tenant.Transport().RoundTrip(req)
	}
	d.tries.Add(1)
	if !d.closed.Load() {
		return d.tenant.Transport().RoundTrip(req)
	}
	answer, _ := json.Marshal(map[string]string{"error": "invalid_grant", "error_description": d.echo}) // two texts
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(answer)), Request: req}, nil
}

// firm is three sellers of one Vantagepoint user in two differently configured companies, and installations on one database.
type firm struct {
	door     *door
	database string
	dir      string
	sellers  []config.Seller
	secrets  config.Credentials
}

func newFirm(t *testing.T, database string) *firm {
	t.Helper()
	t.Setenv("KEY_OF_THIS_TEST", strings.Repeat("0a", 32))
	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &firm{door: &door{tenant: tenant, echo: "The user name or password is incorrect."}, database: database, dir: t.TempDir(), secrets: config.Credentials{
		Amazon: config.AmazonCredentials{ClientID: "a", ClientSecret: "b", RefreshToken: "c"},
		Vantagepoint: config.VantagepointCredentials{
			Username: vantagepointtest.DemoUser, Password: vantagepointtest.DemoPassword, ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepointtest.DemoClientSecret,
		},
	}}
	f.door.closed.Store(true)
	for i, bank := range []string{"OPER", "OPER", "OTHER"} {
		name := fmt.Sprint("seller-", i+1)
		f.sellers = append(f.sellers, config.Seller{
			Name: name, Amazon: config.Amazon{Region: "na", SellerID: "A" + name},
			Vantagepoint: config.Vantagepoint{BaseURL: tenant.BaseURL(), Database: "DEMO", Style: "files", Banks: map[string]string{"USD": bank}},
		})
	}
	return f
}

// open opens an installation, as a process of its own would.
func (f *firm) open(t *testing.T) *installation.Installation {
	t.Helper()
	home := f.dir
	if f.database != "sqlite" {
		home = t.TempDir() // of another machine
	}
	in, err := installation.Open(t.Context(), &config.Config{Home: home, Database: f.database, Key: "env:KEY_OF_THIS_TEST", Sellers: f.sellers}, installation.Options{
		Transport: f.door, RulesText: bytes.Replace(ledgermap.Starter(), []byte("\nchart: demo\n"), []byte("\n"), 1), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.sellers {
		if err := in.SetCredentials(t.Context(), s, f.secrets); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// rounds begins a round of every seller at once in each installation, and returns the errors.
func (f *firm) rounds(t *testing.T, all ...*installation.Installation) (failed []error) {
	t.Helper()
	var mu sync.Mutex
	var running sync.WaitGroup
	for _, in := range all {
		for _, s := range f.sellers {
			running.Go(func() {
				seller, err := in.Seller(t.Context(), s)
				if err == nil {
					_, err = seller.Calendar(t.Context(), 0)
				}
				mu.Lock()
				failed = append(failed, err)
				mu.Unlock()
				if err != nil {
					in.Forget(s.Name) // as the service does
				}
			})
		}
	}
	running.Wait()
	return failed
}

func (f *firm) tried(t *testing.T, want int64) {
	t.Helper()
	if n := f.door.tries.Load(); n != want {
		t.Errorf("the password was tried %d times, want %d", n, want)
	}
}

func refused(t *testing.T, all []error, says ...string) {
	t.Helper()
	for _, err := range all {
		if !errors.Is(err, vantagepoint.ErrCredentials) || !strings.Contains(err.Error(), "The user name or password is incorrect") {
			t.Errorf("got %v, want the refusal", err)
			continue
		}
		for _, text := range says {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%q is missing in: %v", text, err)
			}
		}
	}
}

func byHand(t *testing.T, in *installation.Installation, f *firm) error {
	t.Helper()
	client, err := in.TenantClient(f.sellers[0], f.secrets.Vantagepoint)
	if err != nil {
		t.Fatal(err)
	}
	return client.LogIn(t.Context())
}

func TestAWrongPasswordIsTriedOnceByAllSellersRoundsAndProcessesUntilAPersonAsks(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "sqlite" }, "postgresql": pgtest.DSN} {
		t.Run(name, func(t *testing.T) {
			f := newFirm(t, database(t))
			one := f.open(t)
			all := []*installation.Installation{one}
			if name == "sqlite" { // one process at a time
				refused(t, f.rounds(t, one))
				if err := one.Close(); err != nil {
					t.Fatal(err)
				}
				one = f.open(t)
				all = []*installation.Installation{one}
			} else {
				all = append(all, f.open(t))
				refused(t, f.rounds(t, all...))
			}
			for _, in := range all {
				defer in.Close() // nothing is kept
			}
			refused(t, f.rounds(t, all...), "refused on "+time.Now().UTC().Format(time.DateOnly), "payoutsync connect", "payoutsync ping")
			f.tried(t, 1)

			refused(t, []error{byHand(t, one, f)})
			f.tried(t, 2)
			f.door.closed.Store(false) // mended in Vantagepoint, and nobody has said so
			refused(t, f.rounds(t, all...))
			f.tried(t, 2)
			if err := byHand(t, one, f); err != nil {
				t.Fatal(err)
			}
			for _, err := range f.rounds(t, all...) {
				if err != nil {
					t.Errorf("after the log-in was answered well: %v", err)
				}
			}
		})
	}
}

func TestAnotherPasswordIsTriedAlthoughTheOneBeforeWasRefused(t *testing.T) {
	f := newFirm(t, "sqlite")
	right := f.secrets
	f.secrets.Vantagepoint.Password = "the one before"
	in := f.open(t)
	defer in.Close() // nothing is kept
	refused(t, f.rounds(t, in))
	f.door.closed.Store(false)
	if err := in.SetCredentials(t.Context(), f.sellers[0], right); err != nil {
		t.Fatal(err)
	}
	seller, err := in.Seller(t.Context(), f.sellers[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seller.Calendar(t.Context(), 0); err != nil {
		t.Error(err)
	}
	f.tried(t, 2)
}

func TestARefusalThatRepeatsThePasswordIsNotKeptInWords(t *testing.T) {
	f := newFirm(t, "sqlite")
	f.secrets.Vantagepoint.Password = "sesame & lilies"
	f.door.echo = "You sent Password=sesame+%26+lilies"
	in := f.open(t)
	defer in.Close() // nothing is kept
	f.rounds(t, in)
	var id, description string
	if err := in.Store.SQL.QueryRowContext(t.Context(), `select id, description from refused`).Scan(&id, &description); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(description, "sesame") || len(id) != 64 {
		t.Errorf("kept as %s: %s", id, description)
	}
	for _, err := range f.rounds(t, in) {
		if !errors.Is(err, vantagepoint.ErrCredentials) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("got %v", err)
		}
	}
	f.tried(t, 1)
}
