package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
)

const good = `home: ./data
rules: rules.yaml
sellers:
  - name: acme-us
    amazon: {region: na, seller_id: A1, marketplaces: [ATVPDKIKX0DER]}
    vantagepoint: {base_url: "https://acme.deltekfirst.com/acme/api", database: ACME, banks: {USD: "OPER"}}
`

func load(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "payoutsync.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(name)
}

func TestDefaultsAndPathsBesideTheFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "payoutsync.yaml")
	if err := os.WriteFile(name, []byte("key: file:vault.key\n"+good), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	s := cfg.Sellers[0]
	if cfg.Home != filepath.Join(dir, "data") || cfg.Rules != filepath.Join(dir, "rules.yaml") || cfg.Key != "file:"+filepath.Join(dir, "vault.key") {
		t.Errorf("paths %s, %s and %s do not start at the file's folder", cfg.Home, cfg.Rules, cfg.Key)
	}
	if cfg.Database != "sqlite" || cfg.Approval != "none" || time.Duration(s.Schedule) != 6*time.Hour || s.Vantagepoint.Style != "files" || s.Vantagepoint.Post {
		t.Errorf("defaults: %+v", cfg)
	}
}

func TestServeHasDefaultsAndItsFilesLieBesideTheConfiguration(t *testing.T) {
	cfg, err := load(t, good)
	if err != nil || cfg.Serve != (config.Serve{Listen: "127.0.0.1:8470", Workers: 8}) {
		t.Errorf("%+v, %v", cfg.Serve, err)
	}
	cfg, err = load(t, "serve: {workers: 2, tls: {certificate: cert.pem, key: /etc/key.pem}}\n"+good)
	if err != nil || cfg.Serve.Workers != 2 || cfg.Serve.Listen != "127.0.0.1:8470" || !filepath.IsAbs(cfg.Serve.TLS.Certificate) || cfg.Serve.TLS.Key != "/etc/key.pem" {
		t.Errorf("%+v, %v", cfg.Serve, err)
	}
	if _, err := load(t, "serve: {workers: 0}\n"+good); err == nil || !strings.Contains(err.Error(), "serve.workers is 0") {
		t.Errorf("%v", err)
	}
}

func TestEveryMistakeIsNamedWithItsPlaceOrItsSeller(t *testing.T) {
	for _, test := range []struct{ mistake, from, to, says string }{
		{"an unknown key", "home:", "hme:", `payoutsync.yaml:1:1: unknown key "hme"`},
		{"a key of another level", "    amazon:", "    shedule: 6h\n    amazon:", "payoutsync.yaml:5:"},
		{"a duplicate key", "rules: rules.yaml", "rules: rules.yaml\nrules: other.yaml", "payoutsync.yaml:3:"},
		{"no YAML", "sellers:", "sellers: [", "payoutsync.yaml:4:3: while parsing a flow node: did not find"},
		{"a tab", "    amazon:", "\tamazon:", "payoutsync.yaml:5:1: found a tab character that violates indentation"},
		{"a word for a number", "rules: rules.yaml", "rules: rules.yaml\nserve: {workers: many}", `payoutsync.yaml:3:18: "many" stands where a whole number belongs`},
		{"a word for a switch", "database: ACME", "post: maybe, database: ACME", `"maybe" stands where true or false belongs`},
		{"a word for a list", "sellers:", "sellers: none\nfirms:", `"none" stands where a list belongs`},
		{"a list for a text", "home: ./data", "home: [a, b]", "payoutsync.yaml:1:7: something else stands where a text belongs"},
		{"a wrong region", "region: na", "region: us", `payoutsync.yaml:5:22: seller 1 (acme-us): amazon.region is "us"`},
		{"no seller id", "seller_id: A1", `seller_id: ""`, "payoutsync.yaml:5:37: seller 1 (acme-us): amazon.seller_id is missing"},
		{"no database name", "database: ACME, ", "", "payoutsync.yaml:6:19: seller 1 (acme-us): vantagepoint.database is missing"},
		{"a currency that is none", "USD:", "usd:", `payoutsync.yaml:6:100: seller 1 (acme-us): vantagepoint.banks: "usd" is no currency`},
		{"an address in clear", "https://acme", "http://acme", "payoutsync.yaml:6:30: seller 1 (acme-us): vantagepoint.base_url is \"http://acme.deltekfirst.com/acme/api\"; it must begin with https://"},
		{"an address that is none", "https://acme.deltekfirst.com/acme/api", "acme", "is no URL"},
		{"a wrong approval", "rules: rules.yaml", "rules: rules.yaml\napproval: both", `payoutsync.yaml:3:11: approval is "both"`},
		{"a wrong database", "rules: rules.yaml", "rules: rules.yaml\ndatabase: mysql", "database must be sqlite or a postgres:// URL"},
		{"a schedule that is none", "    amazon:", "    schedule: often\n    amazon:", `payoutsync.yaml:5:15: schedule "often" is no positive duration`},
		{"a name that no file can have", "name: acme-us", "name: ../acme", "payoutsync.yaml:4:11: seller 1 (../acme): a name is lower-case letters"},
	} {
		text := strings.Replace(good, test.from, test.to, 1)
		if text == good {
			t.Fatalf("%s: the mistake was not made", test.mistake)
		}
		_, err := load(t, text)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "yaml load") {
			t.Errorf("%s: got %v, want it to say %s", test.mistake, err, test.says)
		}
	}
}

func TestAFileThatCannotBeReadSaysWhyAndOnlyAMissingOneIsToBeMade(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "payoutsync.yaml")
	if err := os.WriteFile(empty, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		filepath.Join(t.TempDir(), "none.yaml"): "no such file or directory; `payoutsync init` writes a commented one",
		t.TempDir():                             "is a directory",
		empty:                                   "it is empty; `payoutsync init --force` writes a commented one",
	} {
		if _, err := config.Load(name); err == nil || err.Error() != name+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Two processes would work for the account at once.
func TestAnAccountBelongsToOneSeller(t *testing.T) {
	_, first, _ := strings.Cut(good, "sellers:")
	second := strings.Replace(first, "acme-us", "acme-ca", 1)
	_, err := load(t, good+second)
	if err == nil || !strings.Contains(err.Error(), "seller 2 (acme-ca): amazon.seller_id A1 is the account of acme-us already") || !strings.Contains(err.Error(), "leave one of the two out") {
		t.Errorf("got %v", err)
	}
	if _, err := load(t, good+strings.Replace(second, "seller_id: A1", "seller_id: A2", 1)); err != nil {
		t.Errorf("another account: %v", err)
	}
}

func TestAMistakeInAnAddressShowsNoPassword(t *testing.T) {
	for _, text := range []string{
		"database: mysql://user:hush@127.0.0.1/books\n" + good,
		strings.Replace(good, "https://acme", "http://user:hush@acme", 1),
	} {
		if _, err := load(t, text); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v", err)
		}
	}
}

func TestLoopbackMayBePlainHTTP(t *testing.T) {
	for _, host := range []string{"127.0.0.1:8080", "localhost:8080", "[::1]:8080"} {
		if _, err := load(t, strings.Replace(good, "https://acme.deltekfirst.com", "http://"+host, 1)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestCredentialsShowNothing(t *testing.T) {
	c, err := config.ReadCredentials(strings.NewReader(`{"amazon":{"client_id":"id","client_secret":"hush","refresh_token":"hush"},
		"vantagepoint":{"username":"u","password":"hush","client_id":"id","client_secret":"hush"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{c, &c, c.Amazon, c.Vantagepoint, struct{ C config.Credentials }{c}} {
			if text := fmt.Sprintf(form, value); strings.Contains(text, "hush") {
				t.Errorf("%s of %T shows a secret: %s", form, value, text)
			}
		}
	}
}

func TestIncompleteCredentialsNameWhatIsMissingAndNoValue(t *testing.T) {
	_, err := config.ReadCredentials(strings.NewReader(`{"amazon":{"client_id":"id","client_secret":"hush"}}`))
	if err == nil || !strings.Contains(err.Error(), "amazon.refresh_token") || !strings.Contains(err.Error(), "vantagepoint.password") || strings.Contains(err.Error(), "hush") {
		t.Errorf("got %v", err)
	}
	if _, err := config.ReadCredentials(strings.NewReader(`{"amazon":{"refresh_token":5}}`)); err == nil || !strings.Contains(err.Error(), "amazon.refresh_token is a JSON number; it must be a text") {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"", "{", "client_secret=hush", `{"amazon":{"clientsecret":"hush"}}`} {
		if _, err := config.ReadCredentials(strings.NewReader(text)); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
